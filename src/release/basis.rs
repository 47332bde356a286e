//! Why a deployment is checked as the releases that it is checked as.

use super::Pin;
use jiff::civil::Date;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// Nobody says which release runs: the newest known one.
    #[default]
    Newest,
    /// The same, as it was on a day.
    NewestOn(Date),
    /// A file names it.
    Pinned(Pin),
    /// The command line names them; these of them are not known.
    Asked(Vec<Pin>),
}

impl Basis {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Newest | Self::NewestOn(_) => "newest-known",
            Self::Pinned(_) => "pinned",
            Self::Asked(_) => "asked",
        }
    }

    /// Where the release is named.
    pub fn place(&self) -> Option<&str> {
        match self {
            Self::Pinned(pin) => Some(&pin.place),
            _ => None,
        }
    }

    /// What names a release.
    pub fn pins(&self) -> &[Pin] {
        match self {
            Self::Newest | Self::NewestOn(_) => &[],
            Self::Pinned(pin) => std::slice::from_ref(pin),
            Self::Asked(pins) => pins,
        }
    }

    /// After the name of the release, in a sentence.
    pub fn reason(&self) -> String {
        match self {
            Self::Newest => "the newest known (no pin)".to_owned(),
            Self::NewestOn(day) => {
                format!("the newest on {day} (no pin)")
            }
            Self::Pinned(pin) => format!("by {}", pin.place),
            Self::Asked(_) => "as asked".to_owned(),
        }
    }
}
