//! A field name that is nearly one of OpenTelemetry's.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::attributes::{defined_names, is_defined, plain_name};
use crate::checks::typo::is_typo_of;
use crate::checks::words::letters;
use crate::diagnostic::Finding;

check!(
    MISSPELT_FIELD,
    "rules/misspelt-field",
    Warning,
    "field name looks like a typo of a well-known one",
    "Refinery compares field names character by character, including case. A span without the \
     field does not match, and nothing is logged.",
    "Correct the name.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: http.staus_code
              Operator: \">=\"
              Value: 500
              Datatype: int
",
    change: "staus" => "status",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let found = context.names().into_iter().filter_map(|(name, span)| {
        let plain = plain_name(&name);
        let known = misspelt(plain)?;
        let finding =
            Finding::new(&MISSPELT_FIELD, format!("`{plain}` looks like a typo of `{known}`"));
        Some(finding.help(format!("write `{known}`")).at_some(span, "a missing field"))
    });
    found.collect()
}

/// The field that is probably meant.
fn misspelt(name: &str) -> Option<&'static str> {
    if is_defined(name) {
        return None;
    }
    if ERRORS.contains(&name) {
        return Some("error");
    }
    let bare = letters(name);
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let has_other_separators = |known: &str| {
        let are_dotted = name.contains('.') && known.contains('.');
        let is_comparable = is_plain && (are_dotted || bare == "durationms");
        is_comparable && letters(known) == bare
    };
    // Words such as `Error` are names of many libraries.
    let is_own = !name.contains(['.', '_']);
    defined_names().find(|known| {
        has_other_separators(known)
            || !is_own && (is_typo_of(name, known) || lacks_a_letter(name, known))
    })
}

/// Common typing errors of `error`; other short words are too often words of their own.
const ERRORS: [&str; 5] = ["eror", "erorr", "errror", "errro", "erro"];

/// Whether one letter of one part is missing, as in `htp.route`, and the rest is not part of a
/// name.
fn lacks_a_letter(name: &str, known: &str) -> bool {
    let parts = |name: &'_ str| name.split(['.', '_']).map(str::to_owned).collect::<Vec<_>>();
    if name.len() + 1 != known.len() {
        return false;
    }
    let (ones, others) = (parts(name), parts(known));
    if ones.len() != others.len() || ones.len() < 2 {
        return false;
    }
    let mut different = ones.iter().zip(&others).filter(|(one, other)| one != other);
    let (Some((one, other)), None) = (different.next(), different.next()) else { return false };
    let is_shorter = (0..other.len()).any(|at| {
        let (before, after) = (other.get(..at), other.get(at + 1..));
        before.zip(after).is_some_and(|(before, after)| *one == format!("{before}{after}"))
    });
    let is_word = |known: &str| known.split(['.', '_']).any(|part| part == one);
    is_shorter && one.len() >= 3 && !defined_names().any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_recognised() {
        for (name, known) in [
            ("http.status-code", "http.status_code"),
            ("http.statusCode", "http.status_code"),
            ("http.response.status.code", "http.response.status_code"),
            ("duration.ms", "duration_ms"),
            ("duration-ms", "duration_ms"),
            ("erorr", "error"),
            ("http.rout", "http.route"),
            ("htp.route", "http.route"),
            ("service.nam", "service.name"),
            ("span.kid", "span.kind"),
            ("url.pth", "url.path"),
        ] {
            assert_eq!(misspelt(name), Some(known), "{name}");
        }
    }

    #[test]
    fn names_of_others_are_not() {
        for name in [
            "error",
            "errors",
            "service_name",
            "statusCode",
            "status.code",
            "http_method",
            "host.ip",
            "process.id",
            "k8s.pod.id",
            "http.urls",
            "db.names",
            "http.uri",
            "app.route",
            "user.id",
        ] {
            assert_eq!(misspelt(name), None, "{name}");
        }
    }
}
