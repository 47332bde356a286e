//! Expands `$(NAME)` in commands, arguments and variables, like the kubelet.
//!
//! Kubernetes documentation, "Define Dependent Environment Variables": a reference to an undefined
//! variable stays as written, and `$$` stands for `$`.

/// The value of a reference.
pub enum Reference {
    Known(String),
    /// Its value is unknown, or whether it is set at all.
    Unknown,
    Absent,
}

/// Expands all references; `None` if one is unknown.
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

/// Whether Kubernetes may set a variable of this name for a service in the namespace.
pub fn may_be_of_service(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let has = |mark: &str| name.split_once(mark).is_some_and(|(of, _)| !of.is_empty());
    name.chars().all(is_part) && (has("_SERVICE_HOST") || has("_SERVICE_PORT") || has("_PORT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expands_references_like_the_kubelet() {
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
            // The result of a reference is not expanded again.
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
    fn recognises_variables_of_services() {
        for name in ["REDIS_SERVICE_HOST", "REDIS_PORT", "REDIS_PORT_6379_TCP_ADDR"] {
            assert!(may_be_of_service(name), "{name}");
        }
        for name in ["REDIS_HOST", "_PORT", "redis_SERVICE_HOST", "PORT"] {
            assert!(!may_be_of_service(name), "{name}");
        }
    }
}
