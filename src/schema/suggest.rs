//! Suggestions for unknown names: the nearest known name, and where a misplaced key belongs.

use super::key::Key;

/// The known name nearest to a misspelled one, if any is near enough.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(name, known).map(|(candidate, _)| candidate)
}

/// The same, and whether no other name is about as near.
pub fn nearest_of<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<(&'a str, bool)> {
    let lower = name.to_lowercase();
    let known: Vec<(&str, String)> = known.map(|k| (k, k.to_lowercase())).collect();
    if let Some((candidate, _)) = known.iter().find(|(_, other)| is_rearranged(&lower, other)) {
        return Some((candidate, true));
    }
    let length = lower.chars().count();
    let by_letters = known.iter().filter_map(|(candidate, other)| {
        let most = 1 + name.len().min(candidate.len()) / 4;
        // The distance takes the product of the lengths to compute, and is at least their difference.
        // Each step from one to the other adds a letter, removes one, or both.
        if length.abs_diff(other.chars().count()) > most
            || different_letters(&lower, other) > 2 * most
        {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&lower, other);
        let near = distance <= most;
        near.then_some((distance, !lower.starts_with(other.as_str()), *candidate))
    });
    let mut near: Vec<_> = by_letters.collect();
    near.sort_unstable();
    match near.as_slice() {
        [(distance, _, candidate), rest @ ..] => {
            let is_clear = rest.first().is_none_or(|(next, ..)| *next > 2 * distance);
            Some((candidate, is_clear))
        }
        [] => only_containing(&lower, &known).map(|candidate| (candidate, true)),
    }
}

/// Whether a name has the letters of another in a different order, such as `DynamicSamplerEMA`.
fn is_rearranged(one: &str, other: &str) -> bool {
    /// Shorter names may have the same letters by chance.
    const LONG: usize = 10;
    let letters = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    one.len() >= LONG && one.len() == other.len() && letters(one) == letters(other)
}

/// The only known name that has the same first two thirds, such as `ListenAddr` for `ListenAdress`.
pub fn beginning_alike<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let is_alike = |other: &&str| {
        let same = name.chars().zip(other.chars()).take_while(|(a, b)| a.eq_ignore_ascii_case(b));
        3 * same.count() >= 2 * name.len().max(other.len())
    };
    let mut alike = known.filter(is_alike);
    alike.next().filter(|_| alike.next().is_none())
}

/// How many letters, in any case, only one of two names has, at least.
pub fn different_letters(one: &str, other: &str) -> usize {
    let letters = |name: &str| name.chars().fold(0_u32, |all, c| all | 1 << (u32::from(c) & 31));
    (letters(one) ^ letters(other)).count_ones() as usize
}

/// The known names that contain a name, in any case, in their order.
pub fn containing<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = name.to_lowercase();
    known.filter(|k| lower.len() >= WORD && k.to_lowercase().contains(&lower)).collect()
}

/// Shorter names are in too many others.
const WORD: usize = 3;

/// The only known name that contains the name or is contained in it.
fn only_containing<'a>(lower: &str, known: &[(&'a str, String)]) -> Option<&'a str> {
    let is_part = |part: &str, whole: &str| part.len() >= WORD && whole.contains(part);
    let mut fitting = known.iter().filter(|(_, k)| is_part(k, lower) || is_part(lower, k));
    fitting.next().filter(|_| fitting.next().is_none()).map(|&(candidate, _)| candidate)
}

/// The current groups with a current key of exactly that name.
pub fn homes<'s>(root: Key<'s>, name: &str) -> Vec<&'s str> {
    let is_taken = |key: Key<'s>| key.fact("last-version").is_none();
    let is_home = |group: Key<'s>| {
        let key = group.children().find(|&(child, _)| child == name);
        is_taken(group) && key.is_some_and(|(_, key)| is_taken(key))
    };
    root.children().filter(|&(_, group)| is_home(group)).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::{beginning_alike, containing, nearest, nearest_of};

    #[test]
    fn names_are_in_longer_ones() {
        let known = ["SendDelay", "BatchTimeout", "TraceTimeout"];
        assert_eq!(containing("timeout", known.into_iter()), ["BatchTimeout", "TraceTimeout"]);
        assert!(containing("me", known.into_iter()).is_empty());
    }

    #[test]
    fn names_may_begin_alike() {
        let known = || ["ListenAddr", "PeerListenAddr", "HTTPIdleTimeout"].into_iter();
        assert_eq!(beginning_alike("ListenAdress", known()), Some("ListenAddr"));
        assert_eq!(beginning_alike("ListenInterface", known()), None);
        assert_eq!(beginning_alike("MaxBatchBytes", ["MaxBatchSize"].into_iter()), None);
    }

    #[test]
    fn a_name_may_be_near_to_several() {
        let samplers =
            || ["DynamicSampler", "EMADynamicSampler", "EMAThroughputSampler"].into_iter();
        for (name, near) in [
            ("DynamicSamplerEMA", Some(("EMADynamicSampler", true))),
            ("EMADynamcSampler", Some(("EMADynamicSampler", true))),
            ("ADynamicSampler", Some(("DynamicSampler", false))),
        ] {
            assert_eq!(nearest_of(name, samplers()), near, "{name}");
        }
    }

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["SendDelay", "SendTicker", "TraceTimeout"];
        assert_eq!(nearest("SendDelayy", known.into_iter()), Some("SendDelay"));
        assert_eq!(nearest("senddelay", known.into_iter()), Some("SendDelay"));
        assert_eq!(nearest("Sednticker", known.into_iter()), Some("SendTicker"));
        assert_eq!(nearest("Zebra", known.into_iter()), None);
        assert_eq!(
            nearest("SampleRate", ["GoalSampleRate", "Weight"].into_iter()),
            Some("GoalSampleRate")
        );
        assert_eq!(nearest("integer", ["string", "int"].into_iter()), Some("int"));
        assert_eq!(nearest("==", ["!=", "=", ">="].into_iter()), Some("="));
    }
}
