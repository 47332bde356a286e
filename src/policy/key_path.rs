//! The key path of a finding, which identifies it across edits elsewhere in its file.
//!
//! Derived from the lines of the text and not from a parsed tree, so that it also works in embedded
//! files. Must not depend on line numbers.

/// The keys and list items that contain a byte, outermost first: `Samplers / __default__ / SampleRate`.
pub fn key_path_of(text: &str, byte: usize) -> String {
    let byte = byte.min(text.len());
    let end = text[byte..].find('\n').map_or(text.len(), |at| byte + at);
    let mut names = Vec::new();
    let mut column = usize::MAX;
    let mut is_within_item = false;
    for line in text[..end].lines().rev() {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        let entry = words.trim_start_matches("- ");
        // A list item belongs to the key in its own column, not to the item above it.
        let is_beside = is_within_item && words != entry && indent + 1 == column;
        if words.is_empty() || words.starts_with('#') || indent >= column || is_beside {
            continue;
        }
        // The first key of an item is inside that item.
        if words != entry && column > indent + words.len() - entry.len() {
            names.push(name(entry));
        }
        names.push(if words == entry { name(entry) } else { words.trim_end() });
        is_within_item = words != entry;
        column = if is_within_item { indent + 1 } else { indent };
        if indent == 0 && words == entry {
            break;
        }
    }
    names.reverse();
    names.join(" / ")
}

fn name(entry: &str) -> &str {
    entry.split_once(':').map_or(entry, |(name, _)| name).trim_end()
}

/// A hash of the line that contains a byte. FNV-1a (64 bits), because std's hash may change between
/// compiler releases.
pub fn fingerprint_of(text: &str, byte: usize) -> String {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let byte = byte.min(text.len());
    let start = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or_default().trim();
    let hash = line.bytes().fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
Samplers:
  # all others
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: a
          SampleRate: 1

        - Name: b
          Conditions:
          - Field: error
";

    #[test]
    fn a_key_path_consists_of_keys_and_items() {
        for (part, place) in [
            ("Samplers", "Samplers"),
            (
                "SampleRate",
                "Samplers / __default__ / RulesBasedSampler / Rules / - Name: a / SampleRate",
            ),
            (
                "error",
                "Samplers / __default__ / RulesBasedSampler / Rules / - Name: b / Conditions / \
                 - Field: error / Field",
            ),
        ] {
            assert_eq!(key_path_of(TEXT, TEXT.find(part).unwrap()), place, "{part}");
        }
    }

    #[test]
    fn lines_above_do_not_change_the_path() {
        let at = |text: &str| text.find("SampleRate").unwrap();
        let more = TEXT.replace("Samplers:", "RulesVersion: 2\nSamplers:");
        assert_eq!(key_path_of(&more, at(&more)), key_path_of(TEXT, at(TEXT)));
        assert_eq!(fingerprint_of(&more, at(&more)), fingerprint_of(TEXT, at(TEXT)));
        assert_ne!(fingerprint_of(TEXT, 0), fingerprint_of(TEXT, at(TEXT)));
    }

    #[test]
    fn any_byte_of_any_text_has_a_path() {
        for byte in 0..=TEXT.len() + 1 {
            assert!(!fingerprint_of(TEXT, byte).is_empty());
            key_path_of(TEXT, byte);
        }
        assert_eq!(key_path_of("", 0), "");
    }
}
