//! Objects that install the Refinery chart: its name and version, and values inside a string.
//!
//! Those of Flux, Argo CD, k3s and Fleet, and releases of helmfile. Must not open values.

use super::chart::facts::Chart;
use super::{Outer, at, block, list, word};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::span::{Piece, Window};
use crate::syntax::{Entry, Item, Value};

check!(
    UNFOLLOWED,
    "intake/unfollowed-parameter",
    Error,
    kind: Verdict,
    "a parameter of the Refinery chart sets a key of Refinery",
    "Parameters are merged over the values of the chart, and this program only reads values. The \
     result is not checked. Check the rendered chart instead: `helm template … | \
     refinery-preflight check -`."
);

/// The maximum depth of an object that installs a chart.
const DEEPEST: usize = 16;

/// Keys of the chart's version.
const VERSIONS: [&str; 2] = ["version", "targetRevision"];

/// The chart that the innermost of some objects installs, if it states the version.
pub fn chart(around: &[&Item]) -> Option<Chart> {
    let (source, _) = around.iter().rev().find_map(|item| chart_of(item))?;
    let version = VERSIONS.iter().find_map(|key| word(source.get(key)?))?;
    Some(Chart::versioned(&version))
}

/// Whether an object installs the Refinery chart, from any repository: mirrors have other names.
pub fn names_chart(item: &Item) -> bool {
    chart_of(item).is_some()
}

/// The mapping that names a chart `refinery`, and the name.
fn chart_of(item: &Item) -> Option<(&Item, &str)> {
    let nested = at(item, &["chart", "spec"]);
    [Some(item), nested].into_iter().flatten().find_map(|source| {
        let name = source.get("chart")?.text()?;
        (name == "refinery" || name.ends_with("/refinery")).then_some((source, name))
    })
}

/// Lists of single values that are set without a values file.
const PARAMETERS: [&str; 5] = ["parameters", "fileParameters", "set", "setString", "setTemplate"];

/// Reports parameters of the Refinery chart that set keys of Refinery.
pub fn find_parameters(item: &Item) -> Vec<Finding> {
    let mut found = Vec::new();
    search_parameters(item, 0, &mut found);
    found
}

fn search_parameters(item: &Item, depth: usize, found: &mut Vec<Finding>) {
    if depth >= DEEPEST {
        return;
    }
    if names_chart(item) {
        let places = [Some(item), item.get("helm")].into_iter().flatten();
        let lists = places.flat_map(|place| PARAMETERS.iter().flat_map(|key| list(place, key)));
        found.extend(lists.filter_map(find_parameter));
    }
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()) {
        search_parameters(inner, depth + 1, found);
    }
}

fn find_parameter(parameter: &Item) -> Option<Finding> {
    let written = parameter.get("name")?;
    let name = written.text()?;
    let group = name.split(['.', '[']).next().unwrap_or_default();
    Kind::ALL.iter().any(|kind| kind.word() == group).then(|| {
        Finding::new(&UNFOLLOWED, format!("the parameter `{name}` is not followed"))
            .at_some(written.span, "sets a key of Refinery")
            .help("write the key in the values of the chart")
    })
}

/// A string that holds values for a chart, by its key.
pub struct ValuesText<'i> {
    pub text: &'i str,
    /// The bytes of the text in the file.
    pub pieces: Vec<Piece>,
    /// Whether an object around it installs the Refinery chart.
    pub is_named: bool,
}

/// Parses values; `None` for other strings.
type Parse<'p> = dyn FnMut(ValuesText<'_>) -> Option<Item> + 'p;

/// Replaces each string of values by the values.
pub fn unfold(outer: Outer<'_>, item: &mut Item, parse: &mut Parse<'_>) {
    unfold_below(outer, item, names_chart(item), parse);
}

fn unfold_below(outer: Outer<'_>, item: &mut Item, is_named: bool, parse: &mut Parse<'_>) {
    let is_named = is_named || names_chart(item);
    match &mut item.value {
        Value::List(items) => {
            for item in items {
                unfold_below(outer, item, is_named, parse);
            }
        }
        Value::Map(entries) => {
            for Entry { key, item, .. } in entries {
                match &mut item.value {
                    Value::Text(_) if is_key_of_values(key) => {
                        unfold_text(outer, item, is_named, parse);
                    }
                    Value::List(texts) if is_key_of_values(key) => {
                        for item in texts {
                            unfold_text(outer, item, is_named, parse);
                            unfold_below(outer, item, is_named, parse);
                        }
                    }
                    _ => unfold_below(outer, item, is_named, parse),
                }
            }
        }
        _ => {}
    }
}

fn unfold_text(outer: Outer<'_>, item: &mut Item, is_named: bool, parse: &mut Parse<'_>) {
    let Some((text, span)) = item.text().zip(item.span) else { return };
    let pieces = block::pieces(outer, span, text);
    let window = Window::new(outer.file, pieces.clone());
    if let Some(values) = parse(ValuesText { text, pieces, is_named }) {
        *item = values.relocated(&|span| window.outward(span));
    }
}

/// Such as `values`, `valuesContent` and `values.yaml`.
fn is_key_of_values(key: &str) -> bool {
    key.to_lowercase().contains("values")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    fn read(text: &str) -> Item {
        read_item(FileId(0), text).unwrap()
    }

    /// The text of the file at the span of `rules.a` in the values.
    fn place(text: &str, path: &[&str]) -> String {
        let mut item = read(text);
        unfold(Outer::of("f", FileId(0), text), &mut item, &mut |values| {
            read_item(FileId(0), values.text).ok()
        });
        let value = at(&item, &[path, &["rules", "a"]].concat()).unwrap();
        text[value.span.unwrap().range()].to_owned()
    }

    #[test]
    fn maps_values_in_strings_to_the_file() {
        let block = "|\n        config: {}\n        rules:\n          a: b\n";
        for (start, path) in [
            (
                "spec:\n  source:\n    helm:\n      values: ",
                &["spec", "source", "helm", "values"][..],
            ),
            ("spec:\n  valuesContent: ", &["spec", "valuesContent"]),
            ("data:\n  values.yaml: ", &["data", "values.yaml"]),
        ] {
            assert_eq!(place(&format!("{start}{block}"), path), "b");
            // Only the place of the whole string is known.
            let quoted = "\"rules: {a: b}\"";
            assert_eq!(place(&format!("{start}{quoted}\n"), path), quoted);
        }
    }

    #[test]
    fn keeps_other_strings() {
        let text = "values: x\nother: |\n  rules: {a: b}\n";
        let mut item = read(text);
        let mut seen = Vec::new();
        unfold(Outer::of("f", FileId(0), text), &mut item, &mut |values| {
            seen.push(values.text.to_owned());
            None
        });
        assert_eq!((seen, item), (vec!["x".to_owned()], read(text)));
    }

    #[test]
    fn finds_versions_of_the_chart() {
        let release = |text: &str| {
            let object = read(text);
            chart(&[&object, at(&object, &["spec"]).unwrap_or(&object)])?.named?.release()
        };
        for text in [
            "spec: {chart: {spec: {chart: refinery, version: 2.15.1}}}",
            "spec: {chart: refinery, targetRevision: 2.15.1}",
            "spec: {chart: oci://x/refinery, version: 2.15.1}",
        ] {
            assert!(release(text).is_some(), "{text}");
            assert_eq!(release(&text.replace("refinery", "other")), None, "{text}");
            let range = release(&text.replace("2.15.1", "2.x"));
            assert_eq!(range.map(|release| release.to_string()).as_deref(), Some("v2.9.7"));
        }
    }

    #[test]
    fn knows_the_chart_in_any_repository() {
        for (text, expected) in [
            ("chart: honeycomb/refinery", true),
            ("{chart: refinery, repo: 'https://honeycombio.github.io/helm-charts'}", true),
            ("chart: {spec: {chart: refinery, sourceRef: {name: honeycomb}}}", true),
            ("chart: refinery", true),
            ("{chart: refinery, repo: 'https://example.com'}", true),
            ("chart: honeycomb/collector", false),
        ] {
            assert_eq!(names_chart(&read(text)), expected, "{text}");
        }
    }
}
