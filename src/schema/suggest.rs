//! Did you mean? The nearest known name, and where a name that exists elsewhere belongs.

use super::key::Key;

/// The known name that is nearest to a misspelt one, if any is near enough.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&lower, &other);
            let near = distance <= 1 + name.len().min(candidate.len()) / 4;
            (if near { distance } else { usize::MAX }, candidate)
        })
        .min()
        .filter(|&(distance, _)| distance != usize::MAX)
        .map(|(_, candidate)| candidate)
}

/// The groups that have a key of exactly that name.
pub fn homes<'s>(root: Key<'s>, name: &str) -> Vec<&'s str> {
    root.children().filter(|(_, group)| group.child(name).is_some()).map(|(g, _)| g).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["SendDelay", "SendTicker", "TraceTimeout"];
        assert_eq!(nearest("SendDelayy", known.into_iter()), Some("SendDelay"));
        assert_eq!(nearest("senddelay", known.into_iter()), Some("SendDelay"));
        assert_eq!(nearest("Sednticker", known.into_iter()), Some("SendTicker"));
        assert_eq!(nearest("Zebra", known.into_iter()), None);
    }
}
