//! Chart versions in Terraform's `helm_release`, read as plain text.

use crate::deploy::chart_pin::ChartPin;
use crate::deploy::near::{NearFile, with_patterns};
use crate::sniff::comment::is_comment;

/// The installed charts in a file.
pub fn read(file: &NearFile) -> Vec<ChartPin> {
    let text = without_comments(&file.text);
    let mut pins = Vec::new();
    let mut rest = text.as_str();
    let starts = ["\"helm_release\"", "module \""];
    while let Some(at) = starts.iter().filter_map(|start| rest.find(start)).min() {
        rest = &rest[at..];
        let Some(block) = block(rest) else { break };
        rest = &rest[block.len()..];
        let releases = releases(block).into_iter().filter_map(|part| read_block(part, &text));
        pins.extend(releases.map(|pin| ChartPin { file: file.name.clone(), ..pin }));
    }
    pins
}

/// The mappings of a module that installs several charts, each with its own values; otherwise the whole
/// block.
fn releases(whole: &str) -> Vec<&str> {
    let braces = whole.match_indices('{').skip(1);
    let mappings = braces.filter_map(|(at, _)| Some((at, block(&whole[at..])?)));
    let mut found: Vec<(usize, &str)> = Vec::new();
    for (at, mapping) in mappings.filter(|(_, mapping)| assigned(mapping, "chart").is_some()) {
        // Only the innermost mapping is that of the chart.
        found.retain(|(start, around)| start + around.len() < at);
        found.push((at, mapping));
    }
    if found.len() < 2 { vec![whole] } else { found.into_iter().map(|(_, it)| it).collect() }
}

fn read_block(block: &str, all: &str) -> Option<ChartPin> {
    let chart = assigned(block, "chart")?;
    let name = string(chart)?;
    if name.rsplit('/').next() != Some("refinery") {
        return None;
    }
    let value = |expression: &str| {
        let known = string(expression).filter(|text| !text.contains("${"));
        known.map(str::to_owned).or_else(|| default_of(expression, all)).unwrap_or_else(|| {
            // Unknown expressions stay as written.
            expression.trim().to_owned()
        })
    };
    // The version of a module is not that of the chart.
    let keys: &[&str] = if block.starts_with("module") {
        &["chart_version", "helm_chart_version"]
    } else if block.starts_with('{') {
        &["chart_version", "helm_chart_version", "version"]
    } else {
        &["version"]
    };
    let version = keys.iter().find_map(|key| assigned(block, key));
    let words = strings(block).into_iter().map(with_patterns).collect();
    let tag = block.find("\"image.tag\"").and_then(|at| assigned(&block[at..], "value"));
    Some(ChartPin {
        chart: name.to_owned(),
        version: version.map(value),
        tag: tag.map(value),
        values: words,
        has_own: ["yamlencode(", "<<", "set {", "set_sensitive", "set = ", "set="]
            .iter()
            .any(|it| block.contains(it)),
        ..ChartPin::default()
    })
}

/// The default of a variable, or the value of a local.
fn default_of(expression: &str, all: &str) -> Option<String> {
    let expression = expression.trim().trim_matches('"').trim_start_matches("${");
    let expression = expression.trim_end_matches('}').trim();
    if let Some(name) = expression.strip_prefix("var.") {
        let at = all.find(&format!("variable \"{name}\""))?;
        return string(assigned(block(&all[at..])?, "default")?).map(str::to_owned);
    }
    let name = expression.strip_prefix("local.")?;
    let at = all.find("locals")?;
    string(assigned(block(&all[at..])?, name)?).map(str::to_owned)
}

/// A block up to its closing brace.
pub(super) fn block(text: &str) -> Option<&str> {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            '{' if !is_string => depth += 1,
            '}' if !is_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(..=at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The expression after `name =`, up to the end of its line.
pub(super) fn assigned<'t>(block: &'t str, name: &str) -> Option<&'t str> {
    let parts = block.split(['\n', '{', ',', ';']);
    let value = |part: &'t str| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_end_matches('}').trim())
    };
    parts.into_iter().find_map(value)
}

/// A plain string.
pub(super) fn string(expression: &str) -> Option<&str> {
    expression.trim().strip_prefix('"')?.split_once('"').map(|(text, _)| text)
}

/// All strings of a block that may name values files: a file under a key of the values is another
/// part of them.
pub(super) fn strings(block: &str) -> Vec<&str> {
    let mut parts = block.split('"');
    let mut all = Vec::new();
    while let (Some(before), Some(text)) = (parts.next(), parts.next()) {
        all.extend((!is_part_of_values(before)).then_some(text));
    }
    all
}

/// Whether a string with this text before it is in an expression under a key, other than `values`.
fn is_part_of_values(before: &str) -> bool {
    let is_inside = |c: char| c.is_alphanumeric() || "_(), ${".contains(c);
    let expression = before.trim_end_matches(is_inside);
    let is_call = before.trim_end().ends_with('(');
    let is_indented = before[expression.len()..].contains("indent(");
    let key = expression.strip_suffix(['=', ':']).unwrap_or_default().trim_end();
    let key = key.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    is_call && (is_indented || !key.is_empty() && !key.contains("value"))
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !is_comment(line)).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Vec<(Option<String>, Option<String>)> {
        let file = NearFile::new("main.tf".to_owned(), text.to_owned());
        read(&file).into_iter().map(|pin| (pin.version, pin.tag)).collect()
    }

    #[test]
    fn files_under_keys_are_parts_of_values() {
        for (before, expected) in [
            ("values = [file(", false),
            ("  values = [\n    file(", false),
            ("values = [yamlencode(merge(yamldecode(file(", false),
            ("values = [yamlencode({ config = yamldecode(file(", true),
            ("values = [yamlencode({ config = file(", true),
            ("config:\n    ${indent(4, file(", true),
            ("values = [\"${file(", false),
            ("values_file = file(", false),
            ("chart = ", false),
        ] {
            assert_eq!(is_part_of_values(before), expected, "{before}");
        }
    }

    #[test]
    fn reads_helm_releases() {
        let release = |body: &str| {
            format!("resource \"helm_release\" \"r\" {{\n  chart = \"refinery\"\n{body}\n}}\n")
        };
        let one = |version: Option<&str>, tag: Option<&str>| {
            vec![(version.map(str::to_owned), tag.map(str::to_owned))]
        };
        for (text, expected) in [
            (release("  version = \"2.16.2\""), one(Some("2.16.2"), None)),
            (release("  # version = \"1.0.0\"\n  version=\"~> 2.16\""), one(Some("~> 2.16"), None)),
            (
                release("  set {\n    name = \"image.tag\"\n    value = \"2.9.4\"\n  }"),
                one(None, Some("2.9.4")),
            ),
            (
                release("  set = [{ name = \"image.tag\", value = \"2.9.4\" }]"),
                one(None, Some("2.9.4")),
            ),
            (
                release("  version = var.chart")
                    + "variable \"chart\" {\n  default = \"2.16.2\"\n}\n",
                one(Some("2.16.2"), None),
            ),
            (
                release("  version = local.chart") + "locals {\n  chart = \"2.16.2\"\n}\n",
                one(Some("2.16.2"), None),
            ),
            (release("  version = var.chart"), one(Some("var.chart"), None)),
            (release("  # {\n  version = \"2.16.2\""), one(Some("2.16.2"), None)),
            (release("").replace("refinery", "other"), vec![]),
            ("resource \"helm_release\" \"r\" {\n  chart = \"refinery\"\n".to_owned(), vec![]),
        ] {
            assert_eq!(read_text(&text), expected, "{text}");
        }
    }
}
