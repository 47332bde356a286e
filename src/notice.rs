//! A line of a report about how files were read. It never affects the exit status.

use crate::diagnostic::Finding;
use crate::source_name::SourceName;
use std::fmt::{self, Display, Formatter};

/// Such as `config.yaml (no rules file given or found; checked on its own)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Notice {
    /// The texts that it is about, all files of a deployment in order. Empty for the whole run.
    pub about: Vec<SourceName>,
    pub text: String,
}

impl Notice {
    /// What there is to say about one text, after its name.
    pub fn on(about: impl Into<SourceName>, what: impl Display) -> Self {
        let about = about.into();
        Self { text: format!("{about}: {what}"), about: vec![about] }
    }

    /// Whether it is about a deployment with these texts, in order, or about its first text.
    pub fn is_about(&self, texts: &[SourceName]) -> bool {
        !self.about.is_empty()
            && (self.about == texts || self.about[..] == texts[..1.min(texts.len())])
    }

    /// A finding that stops nothing.
    pub fn of(about: impl Into<SourceName>, finding: Finding) -> Self {
        Self { about: vec![about.into()], text: finding.message }
    }
}

/// The texts of notices.
pub fn texts_of(notices: &[Notice]) -> impl Iterator<Item = &String> {
    notices.iter().map(|notice| &notice.text)
}

impl Display for Notice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_about_a_deployment_or_its_first_text() {
        let [config, rules] = ["config.yaml", "rules.yaml"].map(SourceName::from);
        let deployment = [config.clone(), rules.clone()];
        let about = |about: &[&SourceName]| {
            let about = about.iter().map(|&name| name.clone()).collect();
            Notice { about, text: String::new() }.is_about(&deployment)
        };
        assert!(about(&[&config, &rules]));
        assert!(about(&[&config]));
        assert!(!about(&[&rules]));
        assert!(!about(&[&rules, &config]));
        assert!(!about(&[]));
        assert!(!Notice::on("config.yaml", "unreadable").is_about(&[]));
    }
}
