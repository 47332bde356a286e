//! Numbers with nouns in messages.

use std::fmt::Display;

/// `1 error`, `2 errors`.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let plural = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        let numbers = [0_usize, 1, 2].map(|number| counted(number, "other file"));
        assert_eq!(numbers, ["0 other files", "1 other file", "2 other files"]);
    }
}
