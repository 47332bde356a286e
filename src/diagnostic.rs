//! The words for what was found: severity, check, label, finding.
//!
//! Every room may use them. Must not hold the wording of any one finding (its room has that) nor
//! any layout (`report` has that).

use crate::span::{Files, Span};
use serde::Deserialize;

/// How much a finding matters; the greater blocks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It very likely does not do what was meant.
    Warning,
    /// A verdict is no, or data is certainly lost or bent against what is written.
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

/// What a check speaks for, and so who may overrule it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// Refinery refuses, or it cannot be said whether it does: no file lowers this.
    Verdict,
    /// This program failed: no file lowers this either.
    Internal,
    /// Refinery does something else than what is written: a team may decide to live with it.
    Intent,
}

impl CheckKind {
    /// Groups whose errors are verdicts, for checks that do not declare a kind.
    const VERDICT_GROUPS: [&str; 8] =
        ["syntax", "schema", "start", "reload", "first-trace", "version", "intake", "settings"];

    /// The kind of a check that does not declare one.
    pub const fn of_group(id: &str, severity: Severity) -> Self {
        if !matches!(severity, Severity::Error) {
            return Self::Intent;
        }
        if is_in_group(id, "internal") {
            return Self::Internal;
        }
        let mut index = 0;
        while index < Self::VERDICT_GROUPS.len() {
            if is_in_group(id, Self::VERDICT_GROUPS[index]) {
                return Self::Verdict;
            }
            index += 1;
        }
        Self::Intent
    }
}

/// `id` is `group/name`. A loop, because iterators are not available in constants.
const fn is_in_group(id: &str, group: &str) -> bool {
    let (id, group) = (id.as_bytes(), group.as_bytes());
    if id.len() <= group.len() || id[group.len()] != b'/' {
        return false;
    }
    let mut index = 0;
    while index < group.len() {
        if id[index] != group[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// One thing we look for. Its id is for ever.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// `group/name`.
    pub id: &'static str,
    pub kind: CheckKind,
    pub severity: Severity,
    /// One line, for lists.
    pub summary: &'static str,
    /// Why it matters: what the engine does.
    pub why: &'static str,
    pub page: Option<Page>,
}

impl Check {
    /// Nothing but the command line lowers what this check finds.
    pub fn is_verdict(&self) -> bool {
        self.kind != CheckKind::Intent
    }
}

/// How to mend what a check finds. A test holds each example to the check.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub repair: &'static str,
    /// A file on which the check makes a finding.
    pub before: &'static str,
    /// What of it is mended, which stands there once, and what stands there instead.
    pub change: (&'static str, &'static str),
}

impl Page {
    /// The file, mended.
    pub fn after(&self) -> String {
        self.before.replacen(self.change.0, self.change.1, 1)
    }
}

/// A check's entry in the register; `check!` makes it.
pub struct Registered(pub &'static Check);

inventory::collect!(Registered);

/// Every check of the program, by id: a check is registered by existing.
pub fn checks() -> Vec<&'static Check> {
    let mut checks: Vec<_> = inventory::iter::<Registered>().map(|r| r.0).collect();
    checks.sort_unstable_by_key(|check| check.id);
    checks
}

/// Declares a check and registers it: its id, severity, summary and reason, and, where there is an
/// example, the repair, the example and its change. `kind: Verdict` or `kind: Intent` after the
/// severity says what it speaks for; without it, its group and severity do.
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
        $repair:literal, before: $before:literal, change: $old:literal => $new:literal $(,)?
    ) => {
        $crate::check!(@declare $name, $id, $severity, $kind, $summary, $why, Some($crate::diagnostic::Page {
            repair: $repair,
            before: $before,
            change: ($old, $new),
        }));
    };
    ($name:ident, $id:literal, $severity:ident, kind: $kind:ident, $($rest:tt)*) => {
        $crate::check!(@page $name, $id, $severity, $crate::diagnostic::CheckKind::$kind, $($rest)*);
    };
    ($name:ident, $id:literal, $severity:ident, $($rest:tt)*) => {
        $crate::check!(
            @page $name, $id, $severity,
            $crate::diagnostic::CheckKind::of_group($id, $crate::diagnostic::Severity::$severity),
            $($rest)*
        );
    };
}

/// What a finding does to the loading of the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The engine refuses the files, at start-up and at a live reload.
    Refuses,
    /// It refuses to start and reloads without a word.
    RefusesStart,
    /// It starts and then rejects every live reload.
    RefusesReload,
    /// The engine starts if these variables, by name, become what is said of each.
    DependsOn(Vec<(String, String)>),
    /// It starts all the same.
    Nothing,
}

/// A place with what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    pub span: Span,
    pub text: String,
    /// The place at fault; exactly one label of a finding that has any.
    pub primary: bool,
}

/// How a file's text changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The bytes there become this.
    Replace(Span, String),
    /// The lines go away, if nothing else stands on them.
    RemoveLines(Span),
    /// The lines move to the right by as many blanks.
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
    /// The same in the file that a person edits, where it can be made there.
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

/// A repair that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub edit: Edit,
    /// Nothing else can have been meant.
    pub certain: bool,
    /// It is certain if with it, and with no alternative, the file is valid.
    pub needs_proof: bool,
    /// Other explanations of the same, each with its fix.
    pub alternatives: Vec<Finding>,
}

impl Fix {
    pub fn new(edit: Edit, certain: bool) -> Self {
        Self { edit, certain, needs_proof: false, alternatives: Vec::new() }
    }
}

/// One result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub check: &'static Check,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    pub labels: Vec<Label>,
    pub effect: Effect,
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding of `check` that leaves start-up alone.
    pub fn new(check: &'static Check, message: impl Into<String>) -> Self {
        Self {
            check,
            message: message.into(),
            help: None,
            labels: Vec::new(),
            effect: Effect::Nothing,
            fix: None,
        }
    }

    /// Can be mended by this edit, and nothing else can have been meant.
    #[must_use]
    pub fn fixed_by(self, edit: Edit) -> Self {
        Self { fix: Some(Fix::new(edit, true)), ..self }
    }

    /// This edit mends it, if it is what was meant.
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

    /// Labels the place, where there is one.
    #[must_use]
    pub fn at_some(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.at(span, text),
            None => self,
        }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The engine refuses to start on this.
    #[must_use]
    pub fn refuses(mut self) -> Self {
        self.effect = Effect::Refuses;
        self
    }

    #[must_use]
    pub fn with(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// A new process does not accept the files.
    pub fn stops_start(&self) -> bool {
        matches!(self.effect, Effect::Refuses | Effect::RefusesStart)
    }

    /// A running process does not accept the files.
    pub fn stops_reload(&self) -> bool {
        matches!(self.effect, Effect::Refuses | Effect::RefusesReload)
    }

    /// The variables that decide whether it stops a start, by name, with what each must be.
    pub fn variables(&self) -> &[(String, String)] {
        match &self.effect {
            Effect::DependsOn(variables) => variables,
            _ => &[],
        }
    }

    /// The same, with every place in the file that a person edits.
    #[must_use]
    pub fn outward(mut self, files: &Files) -> Self {
        for label in &mut self.labels {
            label.span = files.outward(label.span);
        }
        self.fix = self.fix.and_then(|Fix { edit, certain, .. }| {
            edit.outward(files).map(|edit| Fix::new(edit, certain))
        });
        self
    }

    pub fn primary(&self) -> Option<Span> {
        self.labels.iter().find(|l| l.primary).map(|l| l.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_and_a_severity_give_a_kind() {
        for (id, severity, kind) in [
            ("start/x", Severity::Error, CheckKind::Verdict),
            ("start/x", Severity::Warning, CheckKind::Intent),
            ("starts/x", Severity::Error, CheckKind::Intent),
            ("first-trace/x", Severity::Error, CheckKind::Verdict),
            ("intake/x", Severity::Error, CheckKind::Verdict),
            ("internal/x", Severity::Error, CheckKind::Internal),
            ("internal/x", Severity::Note, CheckKind::Intent),
            ("rules/start/x", Severity::Error, CheckKind::Intent),
            ("start", Severity::Error, CheckKind::Intent),
        ] {
            assert_eq!(CheckKind::of_group(id, severity), kind, "{id} {severity:?}");
        }
    }

    #[test]
    fn no_group_but_these_has_verdicts() {
        for check in checks() {
            let group = check.id.split('/').next().unwrap();
            let is_listed = CheckKind::VERDICT_GROUPS.contains(&group) || group == "internal";
            assert!(is_listed || !check.is_verdict(), "{}", check.id);
        }
    }
}
