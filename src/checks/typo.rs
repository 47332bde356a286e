//! Whether two names are so similar that one may be a typo of the other.

use crate::schema::different_letters;
use strsim::damerau_levenshtein;

/// The shortest words that are compared: with one different letter, many shorter words are words too.
const SHORTEST: usize = 6;
/// The same next to a known name, which is more likely to be meant.
const SHORTEST_OF_KNOWN: usize = 5;

/// Whether the name is a typing error of a known one.
pub fn is_typo_of(name: &str, known: &str) -> bool {
    differ_little(name, known, SHORTEST_OF_KNOWN)
}

/// Whether the names differ by one typo, or only in case.
///
/// A difference in digits, in a short part, or at the end of a part is not a typo: `eu-1` and
/// `eu-2`, `cluster-a` and `cluster-b`, `order` and `orders` are different names.
pub fn are_similar(one: &str, other: &str) -> bool {
    differ_little(one, other, SHORTEST)
}

fn differ_little(one: &str, other: &str, shortest: usize) -> bool {
    if one == other || are_apart(one, other) {
        return false;
    }
    if one.to_lowercase() == other.to_lowercase() {
        return true;
    }
    let [ones, others] = [one, other].map(parts);
    if ones.len() != others.len() {
        return false;
    }
    let mut different = ones.iter().zip(&others).filter(|(one, other)| one != other);
    match (different.next(), different.next()) {
        (Some((one, other)), None) => differ_by_a_letter(one, other, shortest),
        _ => false,
    }
}

/// Whether a typing error cannot explain the difference: it changes the length by one, and at most
/// two of the letters that a name has. Rules out most pairs.
fn are_apart(one: &str, other: &str) -> bool {
    one.is_ascii()
        && other.is_ascii()
        && (one.len().abs_diff(other.len()) > 1 || different_letters(one, other) > 2)
}

/// Words and the characters between them.
fn parts(name: &str) -> Vec<&str> {
    name.split(|c: char| !c.is_alphanumeric()).collect()
}

fn differ_by_a_letter(one: &str, other: &str, shortest: usize) -> bool {
    let is_word = |part: &str| part.chars().all(char::is_alphabetic);
    let is_long = one.chars().count().max(other.chars().count()) >= shortest;
    let continues = one.starts_with(other) || other.starts_with(one);
    // People rarely mistype the first letter; words that differ in it are others, such as `weight` and
    // `height`.
    let begin_alike = one.chars().next() == other.chars().next();
    is_long
        && begin_alike
        && is_word(one)
        && is_word(other)
        && !continues
        && damerau_levenshtein(one, other) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_similar() {
        for (one, other) in [
            ("http.staus_code", "http.status_code"),
            ("chekout-service", "checkout-service"),
            ("http.sattus_code", "http.status_code"),
            ("Prod", "prod"),
            ("prodution", "production"),
        ] {
            assert!(is_typo_of(one, other) && is_typo_of(other, one), "{one} {other}");
        }
        assert!(are_similar("chekout-service", "checkout-service"));
        assert!(is_typo_of("http.rotue", "http.route"));
    }

    #[test]
    fn different_names_are_not_similar() {
        for (one, other) in [
            ("a", "a"),
            ("us-east-1", "us-east-2"),
            ("cluster-a", "cluster-b"),
            ("order", "orders"),
            ("/health", "/healthz"),
            ("read", "head"),
            ("http.status_code", "http.status.code"),
            ("inbound-checkout", "outbound-chekout"),
            ("app.weight", "app.height"),
            ("reproduction", "preproduction"),
        ] {
            assert!(!is_typo_of(one, other) && !is_typo_of(other, one), "{one} {other}");
        }
        assert!(!are_similar("batch", "match"));
    }
}
