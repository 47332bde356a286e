//! Recognises the four timestamp layouts that go-yaml reads as a time instead of a string.

/// Whether a plain scalar is a timestamp: `2006-1-2`, optionally followed by `T`, `t` or a space and a
/// time of day; a zone is only allowed after `T` or `t`.
pub fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else {
        return false;
    };
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let Some((month, rest)) = short_number(rest) else {
        return false;
    };
    let Some((day, rest)) = rest.strip_prefix('-').and_then(short_number) else {
        return false;
    };
    let year: u32 = year.parse().unwrap_or(0);
    if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
        return false;
    }
    match rest.bytes().next() {
        None => true,
        Some(b'T' | b't') => clock(&rest[1..]).is_some_and(is_zone),
        Some(b' ') => clock(rest.trim_start_matches(' ')).is_some_and(str::is_empty),
        _ => false,
    }
}

/// One or two digits.
fn short_number(text: &str) -> Option<(u32, &str)> {
    let len = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(len);
    digits.parse().ok().map(|n| (n, rest))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Parses `15:4:5.999` and returns the rest.
fn clock(text: &str) -> Option<&str> {
    let (hour, rest) = short_number(text)?;
    let (minute, rest) = short_number(rest.strip_prefix(':')?)?;
    let (second, rest) = short_number(rest.strip_prefix(':')?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let Some(fraction) = rest.strip_prefix(['.', ',']) else {
        return Some(rest);
    };
    let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
    (len > 0).then(|| &fraction[len..])
}

/// `Z` or `+07:00`; Go accepts 24 as the hour and 60 as the minute.
fn is_zone(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let b = text.as_bytes();
    let two = |i: usize| -> Option<u32> { text.get(i..i + 2)?.parse().ok() };
    b.len() == 6
        && matches!(b[0], b'+' | b'-')
        && b[3] == b':'
        && [1, 2, 4, 5].iter().all(|&i| b[i].is_ascii_digit())
        && two(1).is_some_and(|h| h <= 24)
        && two(4).is_some_and(|m| m <= 60)
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn recognises_the_four_layouts() {
        for text in [
            "2001-12-14",
            "2001-1-4",
            "2001-12-14T21:59:43.10Z",
            "2001-12-14t21:59:43+05:30",
            "2001-12-14 21:59:43.1",
            "2024-02-29",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
    }

    #[test]
    fn rejects_other_layouts() {
        for text in [
            "2001-13-14",
            "2001-12",
            "201-12-14",
            "2001-12-14 21:59:43 -5",
            "2001-12-14T21:59:43",
            "2023-02-29",
            "2001-12-14x",
            "2001-12-14T24:00:00Z",
            "",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
