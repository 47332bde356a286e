//! Intervals at which the engine does something over and over.

use super::stage::{Ground, Stage};
use crate::check;
use crate::diagnostic::Finding;

check!(
    IMPOSSIBLE_INTERVAL,
    "start/impossible-interval",
    Error,
    "an interval for which no ticker can be made",
    "the validator lets the value pass, but Go panics on a ticker that is not positive, and the \
     process exits with status 2; a hot reload accepts it, so it lies dormant until the next restart"
);

/// A key whose value, divided, becomes a ticker's interval.
pub struct Interval {
    pub group: &'static str,
    pub key: &'static str,
    /// What is left of the value when the ticker is made.
    pub divided_by: i128,
}

impl Interval {
    /// Fails the stage if the ticker cannot be made.
    pub fn judge(&self, ground: Ground<'_>, stage: &mut Stage) {
        let written = ground.number(self.group, self.key);
        let ticks = written / self.divided_by;
        if ticks > 0 {
            return;
        }
        let name = format!("{}.{}", self.group, self.key);
        let finding =
            Finding::new(&IMPOSSIBLE_INTERVAL, format!("`{name}` makes the process panic"))
                .help("write a duration above zero, or delete the key for its default");
        stage.fail(ground.place(finding, self.group, self.key, "no ticker can be made of this"));
    }
}
