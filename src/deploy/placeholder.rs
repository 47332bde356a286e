//! Placeholders for values that a tool fills in later.

/// The starts of references that a tool for secrets resolves.
const REFERENCES: [&str; 12] = [
    "ENC[",
    "ref+",
    "<path:",
    "#{",
    "op://",
    "vault:",
    "ssm://",
    "ssm:/",
    "awssm://",
    "sm://",
    "secretsmanager://",
    "arn:aws:",
];

/// Whether a value is replaced before Refinery reads it: a template, an encrypted value of SOPS, or a
/// reference that a tool for secrets resolves.
pub fn is_placeholder(text: &str) -> bool {
    text.contains("{{") || is_reference(text)
}

/// Whether a value is encrypted, or stands for one that a tool for secrets looks up.
pub fn is_reference(text: &str) -> bool {
    REFERENCES.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_references_to_secrets() {
        for text in ["op://vault/item", "vault:secret/a#b", "ssm:///a/b", "{{ .x }}", "ENC[AES]"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["", "hcaik_0123", "redis://x:6379", "https://api.honeycomb.io"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
