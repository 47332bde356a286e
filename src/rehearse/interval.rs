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
    /// The ticker's interval is up to a tenth shorter or longer, by chance.
    pub varies: bool,
}

impl Interval {
    /// Fails the stage if the ticker cannot be made.
    pub fn judge(&self, ground: Ground<'_>, stage: &mut Stage) {
        let written = ground.number(self.group, self.key);
        let ticks = written / self.divided_by;
        let name = format!("{}.{}", self.group, self.key);
        let (message, text) = if ticks <= 0 {
            (format!("`{name}` makes the process panic"), "no ticker can be made of this")
        } else if self.varies && !is_safe(ticks) {
            let message = format!("`{name}` makes the process panic in some starts");
            (message, "varied by up to a tenth, it is no interval")
        } else {
            return;
        };
        let finding = Finding::new(&IMPOSSIBLE_INTERVAL, message)
            .help("write a duration above zero, or delete the key for its default");
        stage.fail(ground.place(finding, self.group, self.key, text));
    }
}

/// An interval of nanoseconds that a tenth less does not make zero, and a tenth more does not take
/// beyond what Go can hold.
fn is_safe(ticks: i128) -> bool {
    ticks * 9 / 10 > 0 && ticks * 11 / 10 <= i128::from(i64::MAX)
}
