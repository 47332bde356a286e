//! Memory limits, as Go's runtime reads them from `GOMEMLIMIT`.

/// Whether Go accepts the limit: a decimal number, alone or with `B`, `KiB`, `MiB`, `GiB` or `TiB`, up
/// to 2⁶³-1 bytes; `off`; or the empty string.
pub fn is_memory_limit(text: &str) -> bool {
    if matches!(text, "" | "off") {
        return true;
    }
    let units =
        [("KiB", 1_i64 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("B", 1)];
    let in_unit = units.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)));
    let (digits, bytes) = in_unit.unwrap_or((text, 1));
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number && digits.parse::<i64>().is_ok_and(|n| n.checked_mul(bytes).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded with v2.4.1, v2.9.4 and v3.2.2.
    #[test]
    fn reads_limits_as_go_does() {
        for text in [
            "4GiB",
            "4096",
            "4096B",
            "4KiB",
            "4MiB",
            "4TiB",
            "off",
            "",
            "9223372036854775807",
            "0",
            "+4GiB",
        ] {
            assert!(is_memory_limit(text), "{text}");
        }
        for text in [
            "4Gi",
            "4GB",
            "4G",
            "x",
            "-1",
            "1.5GiB",
            "4 GiB",
            "99999999999999999999",
            "8EiB",
            "9000000TiB",
            "4gib",
            "OFF",
            "0x10",
            "4_000",
            "B",
            "GiB",
            "+",
        ] {
            assert!(!is_memory_limit(text), "{text}");
        }
    }
}
