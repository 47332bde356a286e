//! Intervals of Refinery's tickers.

use super::stage::{Stage, StageContext};
use crate::check;
use crate::diagnostic::Finding;

check!(
    IMPOSSIBLE_INTERVAL,
    "start/impossible-interval",
    Error,
    kind: Verdict,
    "impossible interval",
    "Refinery's validator accepts the value, but Go panics on a ticker that is not positive, and \
     Refinery exits with status 2. A live reload accepts it, so nobody notices until the next \
     restart."
);

/// A key whose value, divided, is the interval of a ticker.
pub struct Interval {
    pub group: &'static str,
    pub key: &'static str,
    /// The divisor.
    pub divided_by: i128,
    /// Refinery randomly varies the interval by up to 10 %.
    pub varies: bool,
}

impl Interval {
    /// Fails the stage if Go panics on the ticker.
    pub fn check(&self, context: StageContext<'_>, stage: &mut Stage) {
        let written = context.number(self.group, self.key);
        let ticks = written / self.divided_by;
        let name = format!("{}.{}", self.group, self.key);
        let (message, text) = if ticks <= 0 {
            (format!("Refinery panics on `{name}`"), "must be positive")
        } else if self.varies && !is_safe(ticks) {
            let message = format!("Refinery panics on `{name}` on some starts");
            (message, "invalid after varying it by 10 %")
        } else {
            return;
        };
        let finding = Finding::new(&IMPOSSIBLE_INTERVAL, message)
            .help("use a duration above zero, or remove the key to use the default");
        stage.fail(context.place(finding, self.group, self.key, text));
    }
}

/// Whether an interval in nanoseconds stays positive 10 % lower, and fits in 64 bits 10 % higher.
fn is_safe(ticks: i128) -> bool {
    ticks * 9 / 10 > 0 && ticks * 11 / 10 <= i128::from(i64::MAX)
}
