//! Text that may be printed: no character of it moves a cursor, hides another or breaks a line.
//!
//! Names and values come from files, and files may be hostile. Must not know any format.

/// What is drawn for a character: control characters get a picture, those that turn the writing
/// direction or show nothing get a replacement.
pub fn drawn(c: char) -> char {
    match c {
        '\u{7f}' => '␡',
        '\0'..='\x1f' => {
            char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        '\u{80}'..='\u{9f}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}'
        // Bytes of names that are no text.
        | '\u{10ff80}'..='\u{10ffff}' => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// All of it on one line.
pub fn one_line(text: &str) -> String {
    text.chars().map(drawn).collect()
}

/// Its line breaks stay.
pub fn lines(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { drawn(c) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(one_line("a\x1b[2J\r\n\tb\u{202e}ä"), "a␛[2J␍␊␉b\u{fffd}ä");
        assert_eq!(lines("a\nb\x07"), "a\nb␇");
    }
}
