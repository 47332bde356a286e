//! Why a deployment is checked for its releases.

use super::Pin;
use jiff::civil::Date;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// Without a pin: the newest known release.
    #[default]
    Newest,
    /// Without a pin: the newest release on a day.
    NewestOn(Date),
    /// A file pins the release.
    Pinned(Pin),
    /// The command line names the releases; these are unknown.
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

    /// Where the release is pinned.
    pub fn place(&self) -> Option<&str> {
        match self {
            Self::Pinned(pin) => Some(&pin.place),
            _ => None,
        }
    }

    /// All pins.
    pub fn pins(&self) -> &[Pin] {
        match self {
            Self::Newest | Self::NewestOn(_) => &[],
            Self::Pinned(pin) => std::slice::from_ref(pin),
            Self::Asked(pins) => pins,
        }
    }

    /// The reason, as it follows the name of the release.
    pub fn reason(&self) -> String {
        match self {
            Self::Newest => "the newest known (no pin)".to_owned(),
            Self::NewestOn(day) => {
                format!("the newest on {day} (no pin)")
            }
            Self::Pinned(pin) => format!("pinned by {}", pin.place),
            Self::Asked(_) => "as requested".to_owned(),
        }
    }
}
