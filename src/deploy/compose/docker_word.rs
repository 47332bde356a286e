//! Splits the words of `ENV` and `ARG` in a Dockerfile, removes their quotes and replaces
//! variables, like Docker.
//!
//! Docker documentation, "Dockerfile reference", `ENV` and "Environment replacement". Unlike in a
//! shell there are no comments, redirections or command separators.

use super::variables::{Variables, closing, name_at};

/// Splits a string into words with their quotes. `None` if a quote is not closed.
pub fn words(text: &str, escape: char) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match (sign, quote) {
            (sign, None) if sign.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            (sign, None | Some('"')) if sign == escape => {
                word.push(sign);
                word.extend(signs.next());
                continue;
            }
            (sign, Some(open)) if sign == open => quote = None,
            ('"' | '\'', None) => quote = Some(sign),
            _ => {}
        }
        word.push(sign);
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    quote.is_none().then_some(words)
}

/// A word without quotes and with variables replaced. `None` if a variable is unknown or a quote is
/// not closed.
pub fn value(word: &str, escape: char, variables: &mut Variables) -> Option<String> {
    let mut value = String::new();
    let mut quote = None;
    let mut rest = word;
    while let Some(sign) = rest.chars().next() {
        let tail = &rest[sign.len_utf8()..];
        rest = match (sign, quote) {
            (sign, Some(open)) if sign == open => {
                quote = None;
                tail
            }
            (sign, Some('\'')) => {
                value.push(sign);
                tail
            }
            ('"' | '\'', None) => {
                quote = Some(sign);
                tail
            }
            (sign, _) if sign == escape => match tail.chars().next() {
                // In double quotes the escape character only escapes `"`, `$` and itself.
                Some(next)
                    if quote.is_some() && !(next == '"' || next == '$' || next == escape) =>
                {
                    value.push(sign);
                    tail
                }
                Some(next) => {
                    value.push(next);
                    &tail[next.len_utf8()..]
                }
                None => tail,
            },
            ('$', _) => {
                let length = variable(tail)?;
                if length == 0 {
                    value.push('$');
                } else {
                    let written = &rest[..=length];
                    value.push_str(&variables.filled(written)?.ok()?);
                }
                &tail[length..]
            }
            (sign, _) => {
                value.push(sign);
                tail
            }
        };
    }
    quote.is_none().then_some(value)
}

/// The length of a variable name after `$`, with its braces. `None` if a brace is not closed.
fn variable(text: &str) -> Option<usize> {
    if text.starts_with('{') { closing(text).map(|end| end + 1) } else { Some(name_at(text).len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of all words; `?` for an unknown one.
    fn values(text: &str, escape: char) -> Vec<String> {
        let known = [("A", "a b"), ("B", "/etc")];
        let known = known.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut variables = Variables::new(known.into());
        let words = words(text, escape).unwrap_or(vec!["$OPEN".to_owned()]);
        let value = |word: &String| value(word, escape, &mut variables).unwrap_or("?".to_owned());
        words.iter().map(value).collect()
    }

    #[test]
    fn splits_words_like_docker() {
        for (text, expected) in [
            ("X=1 Y=2", &["X=1", "Y=2"][..]),
            ("X=\"a <<EOF b\" Y='c  d'", &["X=a <<EOF b", "Y=c  d"]),
            ("X=a;b&c|d(e) #f", &["X=a;b&c|d(e)", "#f"]),
            ("X=$A/x Y=${B}/y", &["X=a b/x", "Y=/etc/y"]),
            ("X='$A' Y=\"$A\"", &["X=$A", "Y=a b"]),
            ("X=\\$A Y=\"\\$A\" Z=a\\ b", &["X=$A", "Y=$A", "Z=a b"]),
            ("X=\"a\\\"b\\c\"", &["X=a\"b\\c"]),
            ("X=${C:-d} Y=$C Z=${C", &["X=d", "?", "?"]),
            ("X=$ Y=a$$", &["X=$", "Y=a$$"]),
            ("X=\"a", &["?"]),
            ("X=it's", &["?"]),
            ("", &[]),
        ] {
            assert_eq!(values(text, '\\'), expected, "{text}");
        }
        assert_eq!(values("X=C:\\a Y=a` b", '`'), ["X=C:\\a", "Y=a b"]);
    }
}
