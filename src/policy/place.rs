//! Where a finding is, in words that outlive edits elsewhere in its file.
//!
//! Read from the lines of the text, so that it holds within embedded files, too. Must not depend on
//! line numbers.

/// The keys and items that a byte is in, outermost first: `Samplers / __default__ / SampleRate`.
pub fn place_of(text: &str, byte: usize) -> String {
    let byte = byte.min(text.len());
    let end = text[byte..].find('\n').map_or(text.len(), |at| byte + at);
    let mut names = Vec::new();
    let mut column = usize::MAX;
    let mut is_within_item = false;
    for line in text[..end].lines().rev() {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        let entry = words.trim_start_matches("- ");
        // An item belongs to the key in its own column, and not to the item above it.
        let is_beside = is_within_item && words != entry && indent + 1 == column;
        if words.is_empty() || words.starts_with('#') || indent >= column || is_beside {
            continue;
        }
        // Where an item has a key, that is in the item.
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

/// What a line says: FNV-1a with 64 bits, which no release of a compiler changes.
pub fn print_of(text: &str, byte: usize) -> String {
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
    fn a_place_is_made_of_keys_and_items() {
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
            assert_eq!(place_of(TEXT, TEXT.find(part).unwrap()), place, "{part}");
        }
    }

    #[test]
    fn lines_above_do_not_matter() {
        let at = |text: &str| text.find("SampleRate").unwrap();
        let more = TEXT.replace("Samplers:", "RulesVersion: 2\nSamplers:");
        assert_eq!(place_of(&more, at(&more)), place_of(TEXT, at(TEXT)));
        assert_eq!(print_of(&more, at(&more)), print_of(TEXT, at(TEXT)));
        assert_ne!(print_of(TEXT, 0), print_of(TEXT, at(TEXT)));
    }

    #[test]
    fn any_byte_of_any_text_has_a_place() {
        for byte in 0..=TEXT.len() + 1 {
            assert!(!print_of(TEXT, byte).is_empty());
            place_of(TEXT, byte);
        }
        assert_eq!(place_of("", 0), "");
    }
}
