//! Measures sampling decisions: traces of ten spans with twenty fields each, five rules and a dynamic
//! sampler.
//!
//! `cargo bench --bench decide` prints nanoseconds per trace. With a file name after `--` it writes
//! the traces to that file, to compare with another sampler.

#![expect(clippy::unwrap_used, reason = "a failed set-up must stop the benchmark")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

#[path = "../tests/support/rules.rs"]
mod rules;

use refinery_preflight::internals::engine::{Fields, Process, Trace, Value};
use refinery_preflight::internals::rehearse::trace_text;
use refinery_preflight::internals::syntax::DataFormat;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

const TRACES: i64 = 60;
const SPANS: i64 = 10;
const ROUNDS: u32 = 9;
const ROUND: Duration = Duration::from_millis(300);

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn pick(of: [&str; 3], number: i64) -> Value {
    text(of[usize::try_from(number % 3).unwrap()])
}

fn span(trace: i64, number: i64) -> Fields {
    let n = trace * SPANS + number;
    let mut fields = vec![
        ("service.name", pick(["checkout", "cart", "web"], n)),
        ("http.route", pick(["/api/v1/cart", "/checkout", "/search"], trace)),
        ("http.method", text("POST")),
        ("http.status_code", Value::Int(if n % 97 == 0 { 503 } else { 200 })),
        ("duration_ms", Value::Float(f64::from(i32::try_from(n * 37 % 1100).unwrap()) + 0.5)),
    ];
    if n % 89 == 0 {
        fields.push(("error", Value::Bool(true)));
    }
    let mut fields: Vec<_> = fields.into_iter().map(|(name, v)| (name.to_owned(), v)).collect();
    fields.extend((0..15).map(|n| (format!("app.attribute.{n}"), Value::Int(n))));
    Fields::new(fields)
}

fn trace(number: i64) -> Trace {
    let mut trace = Trace::new(format!("{number:032x}"));
    (1..SPANS).for_each(|span_number| trace.push(span(number, span_number)));
    trace.push_root(span(number, 0));
    trace
}

fn main() {
    let traces: Vec<Trace> = (0..TRACES).map(trace).collect();
    if let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        let lines = traces.iter().fold(String::new(), |mut lines, trace| {
            writeln!(lines, "{}", trace_text::write(trace)).unwrap();
            lines
        });
        std::fs::write(path, lines).unwrap();
        return;
    }
    let target = rules::load(DataFormat::Yaml, include_str!("rules.yaml"), "prod");
    let mut process = Process::new();
    let sampler = process.build("prod", &target, 0).unwrap();
    let mut round = || {
        let (begin, mut decided) = (Instant::now(), 0);
        while begin.elapsed() < ROUND {
            for trace in &traces {
                black_box(process.decide(&sampler, black_box(trace), 0).unwrap());
                decided += 1;
            }
        }
        begin.elapsed().as_nanos() / decided
    };
    let mut times: Vec<u128> = (0..ROUNDS).map(|_| round()).collect();
    times.sort_unstable();
    println!("{} ns per trace (median of {ROUNDS})", times[times.len() / 2]);
}
