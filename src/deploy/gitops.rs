//! Objects that install the Refinery chart: its name and version, and values inside a string.
//!
//! Those of Flux, Argo CD, k3s and Fleet, and releases of helmfile. Must not open values.

use super::chart::facts::Chart;
use super::chart::set::PARAMETERS;
use super::chart::source::ChartSource;
use super::content::{Content, DataEntry, Group};
use super::helm_command::HelmCommand;
use super::named_map::not_found;
use super::{Outer, at, block, list, word};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::containers::has_template;
use crate::span::{Piece, Span, Window};
use crate::syntax::{Entry, Item, Value};
use strsim::levenshtein;

check!(
    UNFOLLOWED,
    "intake/unfollowed-parameter",
    Error,
    kind: Verdict,
    "a parameter or post-renderer of the Refinery chart may change what Refinery reads",
    "This program does not evaluate parameters whose values come from files or templates, nor \
     post-renderers. The result is not checked. Check the rendered chart instead: `helm template … | \
     refinery-preflight check -`."
);

/// The maximum depth of an object that installs a chart.
const DEEPEST: usize = 16;

/// Keys of the chart's version.
const VERSIONS: [&str; 4] = ["version", "targetRevision", "chart_version", "chartVersion"];

/// The chart that the innermost of some objects installs, if it states the version.
pub fn chart(around: &[&Item]) -> Option<Chart> {
    let (source, _) = around.iter().rev().find_map(|item| chart_of(item))?;
    Some(Chart::versioned(&version_of(source)?))
}

/// The version of a chart, next to its name.
pub fn version_of(source: &Item) -> Option<String> {
    let mut versions = VERSIONS.iter().filter_map(|key| word(source.get(key)?));
    versions.find(|version| !version.is_empty())
}

/// Whether an object installs the Refinery chart, from any repository: mirrors have other names.
pub fn names_chart(item: &Item) -> bool {
    chart_of(item).is_some()
}

/// Keys that name a chart: in objects of Argo CD, helmfiles and Fleet, of Skaffold, of Ansible, and of
/// Azure Pipelines.
const CHARTS: [&str; 4] = ["chart", "remoteChart", "chart_ref", "chartName"];

/// The mapping that names a chart `refinery`, and the name.
pub fn chart_of(item: &Item) -> Option<(&Item, &str)> {
    let nested = at(item, &["chart", "spec"]);
    // Crossplane and helmwave.
    if let Some((chart, name)) =
        item.get("chart").and_then(|it| Some((it, it.get("name")?.text()?)))
        && (name == "refinery" && chart.get("repository").is_some() || name.ends_with("/refinery"))
    {
        return Some((chart, name));
    }
    [Some(item), nested].into_iter().flatten().find_map(|source| {
        let mut names = CHARTS.iter().filter_map(|key| source.get(key)?.text());
        let name = names.find(|name| name.rsplit('/').next() == Some("refinery"))?;
        Some((source, name))
    })
}

/// Whether an object installs Honeycomb's own chart, and not one of that name which depends on it.
pub fn is_of_honeycomb(item: &Item) -> bool {
    const REPOSITORIES: [&str; 4] = ["repoURL", "repository", "repo", "chartRepo"];
    let Some((source, name)) = chart_of(item) else { return false };
    let named = REPOSITORIES.iter().filter_map(|key| source.get(key)?.text());
    let of_flux = at(source, &["sourceRef", "name"]).and_then(Item::text);
    named.chain(of_flux).chain([name]).any(is_source_of_honeycomb)
}

/// Whether the name of a chart or repository is that of Honeycomb's.
pub fn is_source_of_honeycomb(text: &str) -> bool {
    let is_path = text.starts_with(['.', '/']);
    let first = text.split('/').next().unwrap_or_default();
    !is_path && (text.contains("honeycombio") || first == "honeycomb")
}

/// Whether an object installs a chart whose name has nothing to do with Refinery.
pub fn names_other_chart(item: &Item) -> bool {
    const NEAR: usize = 3;
    let nested = at(item, &["chart", "spec"]);
    let sources = [Some(item), nested].into_iter().flatten();
    let mut names =
        sources.flat_map(|source| CHARTS.iter().filter_map(|key| source.get(key)?.text()));
    names.any(|name| {
        let own = name.rsplit('/').next().unwrap_or_default();
        !own.is_empty() && !own.contains("refinery") && levenshtein(own, "refinery") > NEAR
    })
}

/// All mappings that name the Refinery chart, at any depth.
pub fn uses(item: &Item) -> Vec<&Item> {
    items_below(item).into_iter().filter(|item| names_chart(item)).collect()
}

/// An item and all below it that may install a chart.
pub fn items_below(item: &Item) -> Vec<&Item> {
    let mut found = Vec::new();
    add_below(item, 0, &mut found);
    found
}

fn add_below<'i>(item: &'i Item, depth: usize, found: &mut Vec<&'i Item>) {
    if depth >= DEEPEST {
        return;
    }
    found.push(item);
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()) {
        add_below(inner, depth + 1, found);
    }
}

/// The values files that an object which installs a chart names, in order, with their places.
pub fn values_files(item: &Item) -> Vec<(&str, Option<Span>)> {
    let places = [Some(item), item.get("helm")].into_iter().flatten();
    let entries = places.flat_map(Item::entries).filter(|entry| is_key_of_values(&entry.key));
    let words = entries.flat_map(|entry| match &entry.item.value {
        Value::List(items) => items.iter().collect(),
        // A string may be the values themselves.
        Value::Text(_) if names_files(&entry.key) => vec![&entry.item],
        _ => Vec::new(),
    });
    let paths = words.filter_map(|item| {
        // An asset of Pulumi.
        let item = item.get("fn::fileAsset").unwrap_or(item);
        Some((item.text()?, item.span))
    });
    paths.filter(|(path, _)| !path.is_empty() && !path.contains(['\n', ':', '[', ','])).collect()
}

/// Values of the chart that decide with which files and arguments Refinery is started.
const STARTING: [&str; 2] = ["RulesConfigMapName", "extraCommandArgs"];

/// Lists of single values that come from files or templates.
const FROM_ELSEWHERE: [&str; 2] = ["fileParameters", "setTemplate"];

/// All lists of single values that are set without a values file.
fn parameter_lists() -> impl Iterator<Item = &'static str> {
    PARAMETERS.into_iter().chain(FROM_ELSEWHERE)
}

/// Keys that allow values files to be missing, or say that a release is not installed everywhere.
const OPTIONAL: [&str; 4] =
    ["ignoreMissingValueFiles", "missingFileHandler", "installed", "condition"];

/// Looks up what an object that installs a chart names.
#[derive(Clone, Copy)]
pub struct Lookup<'l> {
    /// The file at a path, if there is one.
    pub find_file: &'l dyn Fn(&str) -> Option<String>,
    /// Whether there is a `ConfigMap` or Secret of this name with this key.
    pub has_map: &'l dyn Fn(&str, &str) -> bool,
    /// What a path with variables stands for, as far as that is known.
    pub variants: &'l dyn Fn(&str) -> Vec<String>,
    /// The files that a path with unknown variables may mean.
    pub matching: &'l dyn Fn(&str) -> Vec<String>,
    /// Whether the folder of a path is in the repository.
    pub has_folder: &'l dyn Fn(&str) -> bool,
    /// Whether something in the same file may make the file at a path.
    pub is_made: &'l dyn Fn(&str) -> bool,
}

/// The tag of the image that a parameter sets for the chart that one of some objects installs, and
/// where.
pub fn tag_parameter(around: &[&Item]) -> Option<(String, Option<Span>)> {
    let lists = around.iter().rev().flat_map(|item| {
        let places = [Some(*item), item.get("helm")].into_iter().flatten();
        places.flat_map(|place| parameter_lists().flat_map(|key| list(place, key)))
    });
    let is_tag = |item: &&Item| item.get("name").and_then(Item::text) == Some("image.tag");
    let value = lists.into_iter().find(is_tag)?.get("value")?;
    Some((word(value).filter(|tag| !tag.is_empty())?, value.span))
}

/// Finds the values files that uses of the Refinery chart name, and reports files and maps that were not
/// found.
pub fn find_files(item: &Item, lookup: Lookup<'_>) -> (Vec<String>, Vec<Finding>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for item in uses(item) {
        let may_be_missing = allows_missing_files(item);
        for (path, span) in values_files(item) {
            let is_open = has_template(path);
            let all = if is_open { (lookup.variants)(path) } else { vec![path.to_owned()] };
            if all.is_empty() {
                found.extend((lookup.matching)(path));
            }
            let has_folder = is_open && all.iter().all(|path| (lookup.has_folder)(path));
            let (there, absent): (Vec<_>, Vec<_>) = all
                .into_iter()
                .map(|path| ((lookup.find_file)(&path), path))
                .partition(|(file, _)| file.is_some());
            // The files may be in another repository, unless all their folders are in this one.
            let is_elsewhere = path.starts_with('$') && is_open && there.is_empty() && !has_folder;
            found.extend(there.into_iter().filter_map(|(file, _)| file));
            let is_missing = |path: &str| !(path.contains('*') || (lookup.is_made)(path));
            let absent = absent.into_iter().filter(|(_, path)| is_missing(path));
            let absent = absent.filter(|_| !(is_elsewhere || may_be_missing));
            missing
                .extend(absent.map(|(_, path)| not_found(&format!("values file `{path}`"), span)));
        }
        if !may_be_missing {
            let maps = list(item, "valuesFrom").iter();
            missing.extend(maps.filter_map(|from| find_missing_map(from, lookup)));
        }
    }
    (found, missing)
}

/// Whether a file only fits a path with unknown variables of a use of the Refinery chart.
pub fn fits(item: &Item, file: &str, lookup: Lookup<'_>) -> bool {
    let paths = uses(item).into_iter().flat_map(values_files).map(|(path, _)| path);
    let mut open = paths.filter(|path| has_template(path) && (lookup.variants)(path).is_empty());
    open.any(|path| (lookup.matching)(path).iter().any(|fitting| fitting == file))
}

/// Whether values files of a chart may be missing.
pub fn allows_missing_files(item: &Item) -> bool {
    let places = [Some(item), item.get("helm")].into_iter().flatten();
    let mut keys = places.flat_map(|place| OPTIONAL.iter().filter_map(|key| place.get(key)));
    keys.any(|it| it.value != Value::Bool(false))
}

/// Reports a `ConfigMap` with values that was not found. Secrets are often made elsewhere.
fn find_missing_map(from: &Item, lookup: Lookup<'_>) -> Option<Finding> {
    let text = |key| from.get(key).and_then(Item::text);
    let is_optional = from.get("optional").is_some_and(|it| it.value == Value::Bool(true));
    let is_whole = from.get("targetPath").is_none();
    let name = text("name").filter(|name| !has_template(name))?;
    let key = text("valuesKey").unwrap_or("values.yaml");
    let is_missing = text("kind") == Some("ConfigMap")
        && is_whole
        && !is_optional
        && !(lookup.has_map)(name, key);
    let what = format!("ConfigMap `{name}`, which has values under `{key}`,");
    is_missing.then(|| not_found(&what, from.span))
}

/// Reports parameters of the Refinery chart that set keys of Refinery.
pub fn find_parameters(item: &Item) -> Vec<Finding> {
    let of_use = |item: &Item| {
        let places = [Some(item), item.get("helm")].into_iter().flatten();
        let lists = places.flat_map(|place| {
            parameter_lists().flat_map(|key| list(place, key).iter().map(move |it| (key, it)))
        });
        let mut found: Vec<Finding> =
            lists.filter_map(|(key, parameter)| find_parameter(key, parameter)).collect();
        found.extend(places_of_sets(item).flat_map(find_sets));
        let dynamic = at(item, &["dynamic"]).into_iter();
        let dynamic = dynamic.flat_map(|all| parameter_lists().flat_map(|key| list(all, key)));
        found.extend(dynamic.filter_map(find_dynamic));
        found.extend(list(item, "postRenderers").iter().filter_map(find_renderer));
        found
    };
    uses(item).into_iter().flat_map(of_use).collect()
}

/// Mappings of single values of Skaffold that come from templates and files.
fn places_of_sets(item: &Item) -> impl Iterator<Item = &Item> {
    ["setValueTemplates", "setFiles"].iter().filter_map(|key| item.get(key))
}

fn find_sets(sets: &Item) -> Vec<Finding> {
    sets.entries().iter().filter_map(|entry| find_name(&entry.key, entry.key_span)).collect()
}

/// Reports values that a block of Terraform sets for each entry of an unknown collection, by the first name in
/// its expression.
fn find_dynamic(block: &Item) -> Option<Finding> {
    let each = block.get("for_each")?;
    let mut strings = each.text()?.split('"').skip(1).step_by(2);
    strings.find_map(|name| find_name(name, each.span))
}

/// Reports values that a command sets for the Refinery chart, unless they are checked with the values
/// files that it names.
pub fn find_command(words: &[String], place: Span) -> Vec<Finding> {
    let Some(command) = HelmCommand::read(words) else { return Vec::new() };
    let is_followed = |path: &String| !has_template(path) && !path.contains('$');
    let is_followed = !command.values.is_empty() && command.values.iter().all(is_followed);
    let is_file = |name: &str| command.files.iter().any(|(known, _)| known == name);
    let names = command.sets.iter().map(|setting| setting.name.as_str());
    let names = names.filter(|name| !is_followed || is_file(name));
    names.filter_map(|name| find_name(name, Some(place))).collect()
}

/// Reports a change of the rendered chart that may change what Refinery reads.
fn find_renderer(renderer: &Item) -> Option<Finding> {
    const RELEVANT: [&str; 7] =
        ["ConfigMap", "config", "rules", "args", "command", "env", "volumes"];
    let is_relevant = |text: &str| RELEVANT.iter().any(|word| text.contains(word));
    let place = find_text(renderer, 0, &is_relevant)?;
    let message = "`postRenderers` is not evaluated";
    let finding = Finding::new(&UNFOLLOWED, message).at(place, "may change what Refinery reads");
    Some(finding.help("make this change in the chart's values, or check the rendered chart"))
}

/// The place of the first key or text below an item that meets a condition.
fn find_text(item: &Item, depth: usize, meets: &dyn Fn(&str) -> bool) -> Option<Span> {
    if depth >= DEEPEST {
        return None;
    }
    if item.text().is_some_and(meets) {
        return item.span;
    }
    let entries = item.entries().iter();
    let mut below = entries.map(|entry| &entry.item).chain(item.list().unwrap_or_default());
    below.find_map(|inner| find_text(inner, depth + 1, meets))
}

/// Reports a parameter whose value is not written beside its name.
fn find_parameter(key: &str, parameter: &Item) -> Option<Finding> {
    let is_elsewhere = FROM_ELSEWHERE.contains(&key) || parameter.get("value").is_none();
    is_elsewhere.then(|| find_named(parameter.get("name")?))?
}

fn find_named(name: &Item) -> Option<Finding> {
    find_name(name.text()?, name.span)
}

fn find_name(name: &str, place: Option<Span>) -> Option<Finding> {
    let group = name.split(['.', '[']).next().unwrap_or_default();
    let is_file = Kind::ALL.iter().any(|kind| kind.word() == group);
    (is_file || STARTING.contains(&group)).then(|| {
        Finding::new(&UNFOLLOWED, format!("the parameter `{name}` is not evaluated"))
            .at_some(place, "sets a Refinery key")
            .help("set the key in the chart's values")
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
    if outer.chart.is_some_and(ChartSource::has_entries) {
        unfold_entries(outer, item, parse);
    }
    unfold_below(outer, item, names_chart(item), parse);
}

/// Replaces the entries of a map from which a chart takes values.
fn unfold_entries(outer: Outer<'_>, map: &mut Item, parse: &mut Parse<'_>) {
    let kind = map.get("kind").and_then(Item::text).unwrap_or_default().to_owned();
    for entry in map.entries_mut() {
        let Some(group) = Group::of(&entry.key, &kind) else { continue };
        for entry in entry.item.entries_mut() {
            match group {
                Group::Text => unfold_text(outer, &mut entry.item, true, parse),
                Group::Base64 | Group::Binary => unfold_encoded(outer, group, entry, parse),
            }
        }
    }
}

/// Replaces values in base64. All their places are that of the whole value.
fn unfold_encoded(outer: Outer<'_>, group: Group, entry: &mut Entry, parse: &mut Parse<'_>) {
    let content = DataEntry::of(outer, "", group, entry, &|pieces| pieces).content;
    let Content::Within { text, pieces, .. } = content else { return };
    let place = pieces.first().map(|piece| piece.outer);
    if let Some(values) = parse(ValuesText { text: &text, pieces, is_named: true }) {
        entry.item = values.relocated(&|span| place.unwrap_or(span));
    }
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
                let is_path = |text: &String| names_files(key) && !text.contains('\n');
                match &mut item.value {
                    Value::Text(text) if is_key_of_values(key) && !is_path(text) => {
                        unfold_text(outer, item, is_named, parse);
                    }
                    Value::List(texts) if is_key_of_values(key) && !names_files(key) => {
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

/// Such as `values`, `valueFiles`, `value-files`, `valuesContent` and `values.yaml`.
pub fn is_key_of_values(key: &str) -> bool {
    let key = key.to_lowercase().replace(['-', '_'], "");
    ["values", "valuefile", "valueyamlfile"].iter().any(|word| key.contains(word))
}

/// Whether what is under a key of values are the names of files.
fn names_files(key: &str) -> bool {
    key.to_lowercase().contains("file")
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
