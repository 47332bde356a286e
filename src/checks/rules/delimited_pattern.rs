//! A pattern between slashes, as other languages write it.

use crate::check;
use crate::checks::attributes::{plain_name, texts};
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;

check!(
    DELIMITED_PATTERN,
    "rules/delimited-pattern",
    Warning,
    "a pattern is written between slashes, which are part of it",
    "Refinery uses the whole value as a regular expression of Go. Slashes around it are characters \
     that the field must contain, and flags after the last slash are characters too.",
    "Remove the slashes. For a flag write `(?i)` at the beginning.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample checkouts
          SampleRate: 100
          Conditions:
            - Field: service.name
              Operator: matches
              Value: /checkout/i
",
    change: "/checkout/i" => "(?i)checkout",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    if !condition.has_operator(&["matches"]) {
        return None;
    }
    let is_name = condition.fields().all(|(_, name)| never_has_slashes(plain_name(&name)));
    let (text, bare) = texts(&condition.spec.value).find_map(|text| {
        let bare = without_delimiters(text, is_name)?;
        Some((text, bare))
    })?;
    Some(
        Finding::new(&DELIMITED_PATTERN, format!("the slashes around `{text}` are part of it"))
            .help(format!("write `{bare}`"))
            .at_some(condition.value("Value"), "slashes do not delimit a pattern"),
    )
}

/// Fields whose values contain no slash.
fn never_has_slashes(field: &str) -> bool {
    let is_name = ["service.name", "http.method", "http.request.method", "span.kind", "error"];
    is_name.contains(&field) || field.ends_with("status_code") || field.starts_with("deployment.")
}

/// The pattern between slashes, if they are certainly delimiters.
fn without_delimiters(text: &str, is_name: bool) -> Option<String> {
    let (bare, flags) = text.strip_prefix('/')?.rsplit_once('/')?;
    let are_flags = flags.len() <= 2 && flags.chars().all(|flag| "imsgu".contains(flag));
    let is_delimited = is_name || bare.starts_with('^') || bare.ends_with('$');
    let has_flags = flags == "i" || flags == "gi" || flags == "ig";
    let is_certain = !bare.is_empty() && are_flags && (has_flags || is_delimited);
    let flag = if flags.contains('i') { "(?i)" } else { "" };
    is_certain.then(|| format!("{flag}{}", bare.replace("\\/", "/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguishes_delimiters_from_paths() {
        assert_eq!(without_delimiters("/^\\/health$/", false).as_deref(), Some("^/health$"));
        assert_eq!(without_delimiters("/health/i", false).as_deref(), Some("(?i)health"));
        assert_eq!(without_delimiters("/checkout/", true).as_deref(), Some("checkout"));
        for path in ["/health/", "/api/v1", "/api/users", "//", "health/i"] {
            assert_eq!(without_delimiters(path, false), None, "{path}");
        }
    }
}
