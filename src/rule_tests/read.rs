//! Reads a test file. Every fault is a finding at its place, and the test that has it does not run.

use super::decision::Fate;
use super::expectation::{Expectation, Placed, Share};
use super::pattern::{Pattern, read_condition};
use super::shape::{EXPECT, FILE, Key, PATTERN, ROUTES, SUBJECTS, TEST};
use super::{INVALID, invalid, tag};
use crate::diagnostic::{Effect, Finding};
use crate::engine::ingest::ROOT;
use crate::engine::spec::ConditionSpec;
use crate::engine::{Fields, Trace, Value};
use crate::schema::nearest;
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Document, Item, TOP_LEVEL, Value as Written};
use crate::traces::Route;
use crate::value::Duration;

/// A test file, as far as it can be read.
pub struct Reading {
    /// `None` if none of its tests can run.
    pub file: Option<TestFile>,
    /// How many tests it has, including those that cannot be read.
    pub count: usize,
    pub findings: Vec<Finding>,
    /// The beginning of the file.
    pub top: Span,
    /// The rules file that it names.
    pub rules: Option<Placed<String>>,
}

pub struct TestFile {
    pub target: Placed<String>,
    pub route: Route,
    pub tests: Vec<Test>,
}

#[derive(PartialEq)]
pub struct Test {
    pub name: String,
    pub subject: Subject,
    pub expected: Expectation,
}

/// When recorded traces arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// The time between two traces, in nanoseconds.
    pub every: i64,
    /// How many arrive, if the recording is repeated or cut.
    pub count: Option<usize>,
}

/// More traces take too long for a test.
const MOST_REPEATED: usize = 5_000_000;

/// What a test is about.
#[derive(PartialEq)]
pub enum Subject {
    Trace(Trace),
    Traces {
        path: Placed<String>,
        pace: Pace,
    },
    /// All traces that meet these conditions.
    ForAll {
        patterns: Vec<Pattern>,
        at: Span,
    },
}

pub fn read(id: FileId, text: &str) -> Reading {
    let document = Document::read(id, DataFormat::Yaml, text);
    let top = Span::new(id, 0, text.lines().next().map_or(0, str::len));
    // Refinery does not read this file, so nothing that is wrong with it stops a process.
    let findings = document.findings.into_iter().map(|finding| Finding {
        help: finding.help.filter(|_| finding.check != &TOP_LEVEL),
        check: &INVALID,
        effect: Effect::Nothing,
        fix: None,
        ..finding
    });
    let mut reader = Reader { text, findings: findings.collect(), top };
    let is_whole = reader.findings.is_empty();
    let item = document.item.filter(|_| is_whole);
    let file = item.as_ref().and_then(|item| reader.file(item));
    let tests = item.as_ref().and_then(|item| item.get("tests")?.list());
    let rules = item.as_ref().and_then(|item| item.get("rules"));
    let rules = rules.and_then(|item| Some(reader.placed(item, item.text()?.to_owned())));
    let count = tests.map_or(0, <[Item]>::len);
    Reading { file, count, findings: reader.findings, top, rules }
}

struct Reader<'t> {
    text: &'t str,
    findings: Vec<Finding>,
    top: Span,
}

impl Reader<'_> {
    fn at(&self, item: &Item) -> Span {
        item.beginning().unwrap_or(self.top)
    }

    fn placed<T>(&self, item: &Item, value: T) -> Placed<T> {
        Placed { value, span: self.at(item) }
    }

    /// Reports a fault; the value cannot be used.
    fn fault<T>(&mut self, at: Span, message: String, label: &str, help: &str) -> Option<T> {
        let finding = invalid(at, message, label);
        self.findings.push(if help.is_empty() { finding } else { finding.help(help) });
        None
    }

    /// Checks that a value is a mapping with known keys, and with those that are required.
    fn mapping(&mut self, item: &Item, keys: &[Key], what: &str) -> Option<()> {
        let known = || keys.iter().map(|key| key.name);
        let expected = format!("expected {}", list(known()));
        if !matches!(item.value, Written::Map(_)) {
            let message = format!("{what} must be a mapping, not {}", noun(item));
            return self.fault(self.at(item), message, "not a mapping", &expected);
        }
        let mut is_valid = true;
        for entry in item.entries() {
            if known().any(|name| name == entry.key) {
                continue;
            }
            let label = match nearest(&entry.key, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "unknown key".to_owned(),
            };
            let at = entry.key_span.unwrap_or(self.top);
            let message = format!("unknown key `{}` in {what}", entry.key);
            let _: Option<()> = self.fault(at, message, &label, &expected);
            is_valid = false;
        }
        for key in keys.iter().filter(|key| key.is_required && item.get(key.name).is_none()) {
            let message = format!("missing required key `{}` in {what}", key.name);
            let _: Option<()> = self.fault(self.at(item), message, "add it here", key.about);
            is_valid = false;
        }
        is_valid.then_some(())
    }

    fn text<'i>(&mut self, item: &'i Item, key: &str, help: &str) -> Option<&'i str> {
        match item.text() {
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => self.fault(self.at(item), format!("`{key}` is empty"), "empty", help),
            None => {
                let message = format!("`{key}` must be a string, not {}", noun(item));
                self.fault(self.at(item), message, "not a string", help)
            }
        }
    }

    fn items<'i>(&mut self, item: &'i Item, key: &str) -> Option<&'i [Item]> {
        let found = item.list();
        if found.is_none() {
            let message = format!("`{key}` must be a list, not {}", noun(item));
            return self.fault(self.at(item), message, "not a list", "");
        }
        found
    }

    fn file(&mut self, item: &Item) -> Option<TestFile> {
        let is_valid = self.mapping(item, FILE, "a test file").is_some();
        let target = item.get("target").and_then(|item| {
            let text = self.text(item, "target", "the name of a target in the rules")?.to_owned();
            Some(self.placed(item, text))
        });
        let route = item.get("route").map_or(Some(Route::default()), |item| self.route(item));
        // Its value is used before.
        let rules = item.get("rules");
        let has_rules = rules.is_none_or(|item| self.text(item, "rules", "a path").is_some());
        let written = self.items(item.get("tests")?, "tests")?;
        if written.is_empty() {
            let at = self.at(item.get("tests")?);
            return self.fault(at, "`tests` is empty".to_owned(), "no tests", "add a test");
        }
        let tests: Vec<Test> = written.iter().filter_map(|item| self.test(item)).collect();
        let (target, route) = (target?, route?);
        (is_valid && has_rules).then_some(TestFile { target, route, tests })
    }

    fn route(&mut self, item: &Item) -> Option<Route> {
        let expected = format!("expected {}", list(ROUTES.iter().copied()));
        let text = self.text(item, "route", &expected)?;
        match text {
            "otlp" => Some(Route::Otlp),
            "json" => Some(Route::Json),
            "msgpack" => Some(Route::Msgpack),
            _ => {
                let message = format!("unknown route `{text}`");
                self.fault(self.at(item), message, &expected, "")
            }
        }
    }

    fn test(&mut self, item: &Item) -> Option<Test> {
        let is_valid = self.mapping(item, TEST, "a test").is_some();
        let name = item
            .get("name")
            .and_then(|name| self.text(name, "name", "say what the test shows").map(str::to_owned));
        let subject = self.subject(item);
        let has_traces = item.get("traces").is_some();
        let expected = item.get("expect").and_then(|item| self.expectation(item, has_traces));
        let test = Test { name: name?, subject: subject?, expected: expected? };
        is_valid.then_some(test)
    }

    fn subject(&mut self, item: &Item) -> Option<Subject> {
        if !matches!(item.value, Written::Map(_)) {
            return None;
        }
        let given: Vec<&str> =
            SUBJECTS.into_iter().filter(|name| item.get(name).is_some()).collect();
        let [only] = given[..] else {
            let message = match &given[..] {
                [] => format!("a test needs {}", list(SUBJECTS.into_iter())),
                _ => format!("a test must have exactly one of {}", list(given.iter().copied())),
            };
            return self.fault(self.at(item), message, "in this test", "write one test for each");
        };
        let pace = self.pace(item, only);
        let value = item.get(only)?;
        let subject = match only {
            "trace" => self.trace(value).map(Subject::Trace),
            "traces" => {
                let path = self.text(value, "traces", "a path, relative to this file")?.to_owned();
                let path = self.placed(value, path);
                pace.map(|pace| Subject::Traces { path, pace })
            }
            _ => {
                let patterns = self.items(value, only)?.iter();
                let patterns: Vec<_> = patterns.map(|item| self.pattern(item)).collect();
                let patterns: Option<Vec<_>> = patterns.into_iter().collect();
                let patterns = patterns?.into_iter().flatten().collect();
                Some(Subject::ForAll { patterns, at: self.at(value) })
            }
        };
        subject.filter(|_| pace.is_some())
    }

    /// The keys `every` and `during` of a test.
    fn pace(&mut self, test: &Item, subject: &str) -> Option<Pace> {
        let mut duration = |key| match test.get(key) {
            Some(item) => self.duration(item, key, subject).map(Some),
            None => Some(None),
        };
        let (every, during) = (duration("every")?, duration("during")?);
        let every = every.unwrap_or_default();
        let Some((during, item)) = during.zip(test.get("during")) else {
            return Some(Pace { every, count: None });
        };
        let at = self.at(item);
        if every == 0 {
            let message = "`during` needs `every`".to_owned();
            let help = "add the time between two traces, such as `every: 20ms`";
            return self.fault(at, message, "number of traces unknown", help);
        }
        if during == 0 {
            return self.fault(at, "no trace arrives during 0s".to_owned(), "too short", "");
        }
        let count = usize::try_from((during - 1) / every + 1).unwrap_or(usize::MAX);
        if count > MOST_REPEATED {
            let message = format!("{count} traces arrive, more than {MOST_REPEATED}");
            return self.fault(at, message, "too long", "shorten `during`, or lengthen `every`");
        }
        Some(Pace { every, count: Some(count) })
    }

    fn duration(&mut self, item: &Item, key: &str, subject: &str) -> Option<i64> {
        if subject != "traces" {
            let message = format!("`{key}` does not apply to `{subject}`");
            return self.fault(self.at(item), message, "only for `traces`", "remove it");
        }
        match Duration::parse(self.text(item, key, "a duration such as `20ms`")?) {
            Ok(duration) if duration.0 >= 0 => Some(duration.0),
            _ => {
                let message = format!("`{key}` must be a duration");
                self.fault(self.at(item), message, "such as `20ms`", "")
            }
        }
    }

    fn trace(&mut self, item: &Item) -> Option<Trace> {
        let spans = self.items(item, "trace")?;
        if spans.is_empty() {
            let help = "write `- {}` for a span without fields";
            return self.fault(self.at(item), "a trace needs a span".to_owned(), "empty", help);
        }
        // A mark of any span replaces the default, that the first one is the root span.
        let is_marked = spans.iter().any(|span| span.get("root").is_some());
        let mut trace = Trace::new("test");
        let mut is_valid = true;
        for (number, span) in spans.iter().enumerate() {
            if !matches!(span.value, Written::Map(_)) {
                let message = format!("a span must be a mapping of fields, not {}", noun(span));
                return self.fault(self.at(span), message, "not a mapping", "");
            }
            let root = match span.get("root").map(|item| (item, &item.value)) {
                None => !is_marked && number == 0,
                Some((_, Written::Bool(root))) => *root,
                Some((item, _)) => {
                    let message = format!("`root` must be a boolean, not {}", noun(item));
                    let help = "`root: true` marks the root span";
                    let _: Option<()> = self.fault(self.at(item), message, "not a boolean", help);
                    is_valid = false;
                    continue;
                }
            };
            let fields = span.entries().iter().filter(|entry| entry.key != "root");
            let fields =
                Fields::new(fields.map(|e| (e.key.clone(), field_value(&e.item, self.text))));
            let set = span.get(ROOT).filter(|item| item.value == Written::Bool(!root));
            if let Some(item) = set {
                let message = format!("`{ROOT}` must be `{root}` for this span");
                let help = "Refinery sets this field; use `root: true` or `root: false` to say which span is the root span";
                let _: Option<()> = self.fault(self.at(item), message, "remove this", help);
                is_valid = false;
            }
            if root { trace.push_root(fields) } else { trace.push(fields) }
        }
        is_valid.then_some(trace)
    }

    /// One element of `for-all`, a pattern for each of its keys.
    fn pattern(&mut self, item: &Item) -> Option<Vec<Pattern>> {
        self.mapping(item, PATTERN, "a condition of `for-all`")?;
        if item.entries().is_empty() {
            let message = "no condition on traces".to_owned();
            return self.fault(self.at(item), message, "empty", PATTERN[0].about);
        }
        let patterns: Vec<_> = item
            .entries()
            .iter()
            .map(|entry| Some(Pattern::new(&entry.key, self.conditions(&entry.item, &entry.key)?)))
            .collect();
        patterns.into_iter().collect()
    }

    fn conditions(&mut self, item: &Item, key: &str) -> Option<Vec<(String, Vec<ConditionSpec>)>> {
        const HELP: &str = "such as `http.status_code: \">= 500\"` or `error: exists`";
        if item.entries().is_empty() {
            let message = format!("`{key}` must be a mapping of fields with conditions");
            return self.fault(self.at(item), message, "no conditions", HELP);
        }
        let mut all = Some(Vec::new());
        for entry in item.entries() {
            match read_condition(&entry.item) {
                Ok(conditions) => {
                    if let Some(all) = &mut all {
                        all.push((entry.key.clone(), conditions));
                    }
                }
                Err(message) => all = self.fault(self.at(&entry.item), message, "invalid", HELP),
            }
        }
        all
    }

    fn expectation(&mut self, item: &Item, has_traces: bool) -> Option<Expectation> {
        self.mapping(item, EXPECT, "`expect`")?;
        if item.entries().is_empty() {
            let expected = list(EXPECT.iter().map(|key| key.name));
            let message = format!("`expect` needs {expected}");
            return self.fault(self.at(item), message, "no expectation", "");
        }
        let mut is_valid = true;
        let mut expected = Expectation::default();
        if let Some(item) = item.get("keep") {
            let fate = self.parsed(item, &EXPECT[0], Fate::parse);
            is_valid &= fate.is_some();
            expected.keep = fate;
        }
        if let Some(item) = item.get("rule") {
            let name = self.text(item, "rule", EXPECT[1].about).map(str::to_owned);
            is_valid &= name.is_some();
            expected.rule = name.map(|name| self.placed(item, name));
        }
        if let Some(item) = item.get("kept") {
            let share = self.parsed(item, &EXPECT[2], Share::parse);
            is_valid &= share.is_some();
            expected.kept = share;
            if !has_traces {
                let message = "`kept` is a share of recorded traces".to_owned();
                let help = "use `keep`, or name recorded traces in `traces`";
                return self.fault(self.at(item), message, "only for `traces`", help);
            }
        }
        is_valid.then_some(expected)
    }

    fn parsed<T>(
        &mut self,
        item: &Item,
        key: &Key,
        parse: fn(&str) -> Option<T>,
    ) -> Option<Placed<T>> {
        let text = self.text(item, key.name, key.about)?;
        let Some(value) = parse(text) else {
            let message = format!("invalid value `{text}` for `{}`", key.name);
            return self.fault(self.at(item), message, "invalid", key.about);
        };
        Some(self.placed(item, value))
    }
}

/// The value of a field. Telemetry has no dates, so one is a string as it is written.
fn field_value(item: &Item, file: &str) -> Value {
    if let Some(value) = tag::value(item, file) {
        return value;
    }
    match &item.value {
        Written::Null => Value::Null,
        Written::Bool(b) => Value::Bool(*b),
        Written::Int(n) | Written::Long(n) => Value::Int(*n),
        Written::Unsigned(n) => Value::Uint(*n),
        Written::Float(n) => Value::Float(*n),
        Written::Time => Value::Text(item.raw.clone()),
        Written::Text(text) => Value::Text(text.clone()),
        Written::List(items) => {
            Value::List(items.iter().map(|item| field_value(item, file)).collect())
        }
        Written::Map(entries) => {
            let fields = entries.iter().map(|e| (e.key.clone(), field_value(&e.item, file)));
            Value::Map(Fields::new(fields))
        }
        Written::Mixed(pairs) => {
            let named = |(key, item): &(Item, Item)| {
                (field_value(key, file).text().into_owned(), field_value(item, file))
            };
            Value::Map(Fields::new(pairs.iter().map(named)))
        }
    }
}

fn noun(item: &Item) -> &'static str {
    item.value.noun()
}

/// `a`, `b` or `c`.
fn list<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match &words[..] {
        [some @ .., last] if !some.is_empty() => format!("{} or {last}", some.join(", ")),
        _ => words.concat(),
    }
}
