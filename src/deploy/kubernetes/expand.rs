//! `$(NAME)` in commands, arguments and variables, replaced as the kubelet does it.
//!
//! Kubernetes documentation, "Define Dependent Environment Variables": `$(NAME)` of a variable that
//! is not defined stays as it is written, and `$$` stands for one `$`.

/// What a reference leads to.
pub enum Reference {
    Known(String),
    /// It is set, nobody knows to what; or nobody knows whether it is set.
    Unknown,
    Absent,
}

/// Replaces all references of a text; none where one leads to what nobody knows.
pub fn expand(text: &str, look_up: impl Fn(&str) -> Reference) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let closed = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        rest = match (closed, after.strip_prefix('$')) {
            (Some((name, after)), _) => {
                match look_up(name) {
                    Reference::Known(value) => expanded.push_str(&value),
                    Reference::Unknown => return None,
                    Reference::Absent => expanded.extend(["$(", name, ")"]),
                }
                after
            }
            (None, Some(after)) => {
                expanded.push('$');
                after
            }
            (None, None) => {
                expanded.push('$');
                after
            }
        };
    }
    expanded.push_str(rest);
    Some(expanded)
}

/// May a variable of this name come of a service in the pod's namespace?
pub fn may_be_of_service(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let has = |mark: &str| name.split_once(mark).is_some_and(|(of, _)| !of.is_empty());
    name.chars().all(is_part) && (has("_SERVICE_HOST") || has("_SERVICE_PORT") || has("_PORT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_as_the_kubelet_does() {
        let look_up = |name: &str| match name {
            "A" => Reference::Known("a".to_owned()),
            "REF" => Reference::Known("$(A)".to_owned()),
            "EMPTY" => Reference::Known(String::new()),
            "U" => Reference::Unknown,
            _ => Reference::Absent,
        };
        for (text, expected) in [
            ("$(A)-$(A).", Some("a-a.")),
            ("$(EMPTY)x", Some("x")),
            // What comes of a reference is not looked at again.
            ("$(REF)", Some("$(A)")),
            ("$(X) $()", Some("$(X) $()")),
            ("$$(A) $$$(A) $$", Some("$(A) $a $")),
            ("$A ${A} $", Some("$A ${A} $")),
            ("$(A", Some("$(A")),
            ("$($(A))", Some("$($(A))")),
            ("$(A)$(U)", None),
            ("$$(U)", Some("$(U)")),
        ] {
            assert_eq!(expand(text, look_up).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn services_have_variables_of_their_own() {
        for name in ["REDIS_SERVICE_HOST", "REDIS_PORT", "REDIS_PORT_6379_TCP_ADDR"] {
            assert!(may_be_of_service(name), "{name}");
        }
        for name in ["REDIS_HOST", "_PORT", "redis_SERVICE_HOST", "PORT"] {
            assert!(!may_be_of_service(name), "{name}");
        }
    }
}
