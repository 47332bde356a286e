//! Checks and findings: severity, check, label, effect, fix.
//!
//! Every module may use them. Must not contain the text of any particular finding (its own module
//! does), nor any layout (`report` does).

use crate::span::{Files, Span};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The severity of a finding, least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It very likely does something unintended.
    Warning,
    /// Refinery rejects it, or certainly loses or changes data contrary to the configuration.
    Error,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What kind of statement a check makes, and so who may suppress it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// Refinery rejects the files, or that cannot be determined. No file can suppress this.
    Verdict,
    /// This program failed. No file can suppress this either.
    Internal,
    /// Refinery accepts the files, but does something unintended. A team may suppress this.
    Intent,
}

/// A check. Its id is stable, because settings and baselines refer to it.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// `group/name`.
    pub id: &'static str,
    pub kind: CheckKind,
    pub severity: Severity,
    /// One line for lists.
    pub summary: &'static str,
    /// Why it matters: what Refinery does.
    pub why: &'static str,
    pub page: Option<Page>,
}

impl Check {
    /// Its documentation, as of this release.
    pub fn url(&self) -> String {
        // GitHub leaves the slash out of the anchors of headings.
        let anchor = self.id.replace('/', "");
        let (repository, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
        format!("{repository}/blob/v{version}/docs/checks.md#{anchor}")
    }

    /// Whether only the command line can suppress its findings.
    pub fn is_verdict(&self) -> bool {
        self.kind != CheckKind::Intent
    }
}

/// How to fix what a check finds, with an example that a test runs the check on.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub fix: &'static str,
    /// A file in which the check finds something.
    pub before: &'static str,
    /// The text to fix, which occurs exactly once in `before`, and its replacement.
    pub change: (&'static str, &'static str),
}

impl Page {
    /// The fixed file.
    pub fn after(&self) -> String {
        self.before.replacen(self.change.0, self.change.1, 1)
    }
}

/// A registered check; created by `check!`.
pub struct Registered(pub &'static Check);

inventory::collect!(Registered);

/// All checks, sorted by id. A check is registered by being declared.
pub fn checks() -> Vec<&'static Check> {
    let mut checks: Vec<_> = inventory::iter::<Registered>().map(|r| r.0).collect();
    checks.sort_unstable_by_key(|check| check.id);
    checks
}

/// Declares and registers a check: its id, severity, summary and reason, and optionally how to fix
/// it, with an example and its change. `kind: Verdict` or `kind: Internal` after the severity
/// sets its kind, which is otherwise `Intent`.
#[macro_export]
macro_rules! check {
    (@declare $name:ident, $id:literal, $severity:ident, $kind:expr, $summary:literal, $why:literal, $page:expr) => {
        pub static $name: $crate::diagnostic::Check = $crate::diagnostic::Check {
            id: $id,
            kind: $kind,
            severity: $crate::diagnostic::Severity::$severity,
            summary: $summary,
            why: $why,
            page: $page,
        };
        inventory::submit! { $crate::diagnostic::Registered(&$name) }
    };
    (@page $name:ident, $id:literal, $severity:ident, $kind:expr, $summary:literal, $why:literal $(,)?) => {
        $crate::check!(@declare $name, $id, $severity, $kind, $summary, $why, None);
    };
    (
        @page $name:ident, $id:literal, $severity:ident, $kind:expr, $summary:literal, $why:literal,
        $fix:literal, before: $before:literal, change: $old:literal => $new:literal $(,)?
    ) => {
        $crate::check!(@declare $name, $id, $severity, $kind, $summary, $why, Some($crate::diagnostic::Page {
            fix: $fix,
            before: $before,
            change: ($old, $new),
        }));
    };
    ($name:ident, $id:literal, $severity:ident, kind: $kind:ident, $($rest:tt)*) => {
        $crate::check!(@page $name, $id, $severity, $crate::diagnostic::CheckKind::$kind, $($rest)*);
    };
    ($name:ident, $id:literal, $severity:ident, $($rest:tt)*) => {
        $crate::check!(@page $name, $id, $severity, $crate::diagnostic::CheckKind::Intent, $($rest)*);
    };
}

/// How a finding affects the loading of the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Refinery rejects the files, at start-up and at a live reload.
    Refuses,
    /// Refinery panics on the files, at start-up and at a live reload.
    Crashes,
    /// Refinery does not start, but a live reload succeeds silently.
    RefusesStart,
    /// Refinery starts, but rejects every live reload.
    RefusesReload,
    /// Refinery starts if each of these variables, by name, has a value as described.
    DependsOn(Vec<(String, String)>),
    /// Refinery starts anyway.
    Nothing,
}

/// A place and its role in the finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    pub span: Span,
    pub text: String,
    /// The location of the fault. Exactly one label of a finding with labels is primary.
    pub primary: bool,
}

/// A change of a file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Replaces the bytes.
    Replace(Span, String),
    /// Removes the lines, if they contain nothing else.
    RemoveLines(Span),
    /// Indents the lines by a number of spaces.
    Indent(Span, usize),
}

impl Edit {
    pub fn span(&self) -> Span {
        match self {
            Self::Replace(span, _) | Self::RemoveLines(span) | Self::Indent(span, _) => *span,
        }
    }
}

impl Edit {
    fn moved(self, by: usize) -> Self {
        match self {
            Self::Replace(span, text) => Self::Replace(span.moved(by), text),
            Self::RemoveLines(span) => Self::RemoveLines(span.moved(by)),
            Self::Indent(span, width) => Self::Indent(span.moved(by), width),
        }
    }

    /// The same edit in the file that the user edits, if it can be made there.
    fn outward(self, files: &Files) -> Option<Self> {
        let span = self.span();
        let outer = files.outward(span);
        Some(match self {
            same if outer == span => same,
            _ if !files.is_verbatim(span) => return None,
            Self::Replace(_, text) => Self::Replace(outer, text),
            Self::RemoveLines(_) => Self::RemoveLines(outer),
            Self::Indent(_, by) => Self::Indent(outer, by),
        })
    }
}

/// A fix that can be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub edit: Edit,
    /// It is safe: nothing else can have been intended.
    pub is_safe: bool,
    /// It is safe if with it, and with no alternative, the file is valid.
    pub needs_proof: bool,
    /// Other explanations of the same, each with its fix.
    pub alternatives: Vec<Finding>,
}

impl Fix {
    pub fn new(edit: Edit, is_safe: bool) -> Self {
        Self { edit, is_safe, needs_proof: false, alternatives: Vec::new() }
    }
}

/// A part of how Refinery is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Its command line.
    Command,
    /// An environment variable.
    Variable(String),
}

/// One result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: &'static Check,
    /// The fault.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    pub labels: Vec<Label>,
    /// The command line or variable that it is about, if it is not about a config or rules file.
    pub subject: Option<Subject>,
    pub effect: Effect,
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding of `check` that does not affect start-up.
    pub fn new(check: &'static Check, message: impl Into<String>) -> Self {
        Self {
            check,
            message: message.into(),
            help: None,
            labels: Vec::new(),
            subject: None,
            effect: Effect::Nothing,
            fix: None,
        }
    }

    /// Adds a safe fix.
    #[must_use]
    pub fn fixed_by(self, edit: Edit) -> Self {
        Self { fix: Some(Fix::new(edit, true)), ..self }
    }

    /// Adds an unsafe fix: something else may have been intended.
    #[must_use]
    pub fn perhaps_fixed_by(self, edit: Edit) -> Self {
        Self { fix: Some(Fix::new(edit, false)), ..self }
    }

    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        let primary = self.labels.is_empty();
        self.labels.push(Label { span, text: text.into(), primary });
        self
    }

    /// Adds a label if there is a span.
    #[must_use]
    pub fn at_some(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.at(span, text),
            None => self,
        }
    }

    #[must_use]
    pub fn about(self, subject: Subject) -> Self {
        Self { subject: Some(subject), ..self }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Refinery rejects the files.
    #[must_use]
    pub fn refuses(mut self) -> Self {
        self.effect = Effect::Refuses;
        self
    }

    #[must_use]
    pub fn with(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// Whether a new process rejects the files.
    pub fn stops_start(&self) -> bool {
        matches!(self.effect, Effect::Refuses | Effect::Crashes | Effect::RefusesStart)
    }

    /// Whether a running process rejects the files.
    pub fn stops_reload(&self) -> bool {
        matches!(self.effect, Effect::Refuses | Effect::Crashes | Effect::RefusesReload)
    }

    /// The variables that decide whether Refinery starts, by name, each with a description of the
    /// value it needs.
    pub fn variables(&self) -> &[(String, String)] {
        match &self.effect {
            Effect::DependsOn(variables) => variables,
            _ => &[],
        }
    }

    /// The same finding, with all places in the file that the user edits, and those of the variables
    /// that it is about.
    #[must_use]
    pub fn outward(mut self, files: &Files) -> Self {
        let set: BTreeSet<Span> =
            self.labels.iter().filter_map(|label| files.set_at(label.span)).collect();
        for label in &mut self.labels {
            label.span = files.outward(label.span);
        }
        self.fix = self.fix.and_then(|Fix { edit, is_safe, .. }| {
            edit.outward(files).map(|edit| Fix::new(edit, is_safe))
        });
        let label =
            |span| Label { span, text: "variables are set here".to_owned(), primary: false };
        self.labels.extend(set.into_iter().map(label));
        self
    }

    /// The same finding about a part of a text that starts at this byte.
    #[must_use]
    pub fn moved(mut self, by: usize) -> Self {
        for label in &mut self.labels {
            label.span = label.span.moved(by);
        }
        let moved = |fix: Fix| Fix {
            edit: fix.edit.moved(by),
            alternatives: fix.alternatives.into_iter().map(|one| one.moved(by)).collect(),
            ..fix
        };
        self.fix = self.fix.map(moved);
        self
    }

    pub fn primary(&self) -> Option<Span> {
        self.labels.iter().find(|l| l.primary).map(|l| l.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A check that is forgotten here could be suppressed by a file.
    #[test]
    fn errors_of_these_groups_are_verdicts_and_no_others() {
        const GROUPS: [&str; 8] =
            ["syntax", "schema", "start", "reload", "first-trace", "version", "intake", "settings"];
        for check in checks() {
            let group = check.id.split('/').next().unwrap();
            let kind = match check.severity {
                Severity::Error if GROUPS.contains(&group) => CheckKind::Verdict,
                Severity::Error if group == "internal" => CheckKind::Internal,
                _ => check.kind,
            };
            assert_eq!(check.kind, kind, "{}", check.id);
            let is_listed = GROUPS.contains(&group) || group == "internal";
            assert!(is_listed || !check.is_verdict(), "{}", check.id);
        }
    }
}
