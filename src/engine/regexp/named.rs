//! Named ASCII classes: `\d` and similar, `[:alpha:]` and similar.

use super::class::Class;

/// `\d`, `\s`, `\w` and their upper-case complements, by letter.
pub fn perl_class(letter: char) -> Option<(Class, bool)> {
    let name = match letter.to_ascii_lowercase() {
        'd' => "digit",
        's' => return Some((ranges(&[(9, 10), (12, 13), (32, 32)]), letter == 'S')),
        'w' => "word",
        _ => return None,
    };
    posix_ranges(name).map(|class| (class, letter.is_ascii_uppercase()))
}

/// `alpha`, `^alpha` and so on: a class, and whether it is negated.
pub fn posix_class(name: &str) -> Option<(Class, bool)> {
    let (name, is_negated) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
    posix_ranges(name).map(|class| (class, is_negated))
}

fn posix_ranges(name: &str) -> Option<Class> {
    Some(match name {
        "alnum" => chars(&[('0', '9'), ('A', 'Z'), ('a', 'z')]),
        "alpha" => chars(&[('A', 'Z'), ('a', 'z')]),
        "ascii" => ranges(&[(0, 0x7f)]),
        "blank" => chars(&[('\t', '\t'), (' ', ' ')]),
        "cntrl" => ranges(&[(0, 0x1f), (0x7f, 0x7f)]),
        "digit" => chars(&[('0', '9')]),
        "graph" => chars(&[('!', '~')]),
        "lower" => chars(&[('a', 'z')]),
        "print" => chars(&[(' ', '~')]),
        "punct" => chars(&[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
        "space" => chars(&[('\t', '\r'), (' ', ' ')]),
        "upper" => chars(&[('A', 'Z')]),
        "word" => chars(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
        "xdigit" => chars(&[('0', '9'), ('A', 'F'), ('a', 'f')]),
        _ => return None,
    })
}

fn chars(list: &[(char, char)]) -> Class {
    ranges(&list.iter().map(|&(low, high)| (low.into(), high.into())).collect::<Vec<_>>())
}

fn ranges(list: &[(u32, u32)]) -> Class {
    Class::new(list)
}
