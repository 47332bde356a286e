//! A time so short that its minimum is not held against it.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    BELOW_A_MILLISECOND,
    "config/below-a-millisecond",
    Warning,
    "a time below a millisecond, which the minimum of its key lets pass",
    "minima are compared in whole milliseconds, so a shorter time counts as zero, which is \
     allowed, and is then used as it is: a connection is closed after less than a millisecond of \
     rest",
    "check the unit",
    before: "\
General:
  ConfigurationVersion: 2
Network:
  HTTPIdleTimeout: 500us
",
    change: "HTTPIdleTimeout: 500us" => "HTTPIdleTimeout: 5s",
);

look!(find);

const MILLISECOND: i128 = 1_000_000;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let short = subject.all_held().filter(|held| {
        let time = subject.ground.number(held.group, held.name).abs();
        held.key.keyword("quantityMinimumOrZero").is_some() && (1..MILLISECOND).contains(&time)
    });
    short
        .map(|held| {
            let message = format!("{} is {}, far below its minimum", held.title(), held.shown());
            let finding = Finding::new(&BELOW_A_MILLISECOND, message)
                .help("check the unit: `us` is a millionth of a second, `ms` a thousandth");
            held.place(finding, "taken for 0 by the validator, and used as it is")
        })
        .collect()
}
