//! Since when, and for how long, start-up of a deployment has failed: its state along a sequence of
//! commits.
//!
//! Must not read commits (`git`), nor check their files (`pipeline`).

pub use crate::git::commits::Commit;
pub use crate::git::time::GitTime;

use crate::git::time::span;

/// The state of a deployment after a commit.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Names and texts of its files.
    pub files: Vec<(String, String)>,
    /// The Refinery release that it was checked with, such as `v3.2.2`.
    pub release: String,
    /// Whether a file names that release.
    pub is_pinned: bool,
    /// Why start-up fails, in one line; `None` if it does not.
    pub fault: Option<String>,
}

/// Anything that may change whether a deployment starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Commit(Commit),
    /// A published release, which is used if no file names one.
    Release {
        name: String,
        time: GitTime,
    },
}

impl Event {
    pub fn time(&self) -> GitTime {
        match self {
            Self::Commit(commit) => commit.time,
            Self::Release { time, .. } => *time,
        }
    }
}

/// A period in which every start-up failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What began it.
    pub since: Event,
    pub fault: String,
    /// The number of later commits while it lasted.
    pub commits: usize,
    /// `None` while it lasts.
    pub end: Option<End>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Fixed(Event),
    /// The deployment was removed.
    Removed(Event),
}

impl End {
    pub fn event(&self) -> &Event {
        match self {
            Self::Fixed(event) | Self::Removed(event) => event,
        }
    }
}

impl Outage {
    /// Its length up to its end or to `now`, such as `4 days`.
    pub fn length(&self, now: GitTime) -> String {
        let end = self.end.as_ref().map_or(now, |end| end.event().time());
        span(self.since.time(), end)
    }
}

/// One deployment through all commits, even if its files were renamed.
#[derive(Clone, Debug, Default)]
pub struct Track {
    state: State,
    pub is_gone: bool,
    /// In order.
    pub outages: Vec<Outage>,
}

impl Track {
    /// The latest names of its files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.state.files.iter().map(|(name, _)| name.as_str())
    }

    /// The release that it was last checked with.
    pub fn release(&self) -> &str {
        &self.state.release
    }

    /// Whether a file names the release.
    pub fn is_pinned(&self) -> bool {
        self.state.is_pinned
    }

    /// The outage that still lasts.
    pub fn outage(&self) -> Option<&Outage> {
        self.outages.last().filter(|outage| outage.end.is_none())
    }

    fn end(&mut self, end: End) {
        if let Some(outage) = self.outages.last_mut().filter(|outage| outage.end.is_none()) {
            outage.end = Some(end);
        }
    }

    fn enter(&mut self, state: State, event: &Event) {
        match &state.fault {
            None => self.end(End::Fixed(event.clone())),
            Some(fault) if self.outage().is_none() => self.outages.push(Outage {
                since: event.clone(),
                fault: fault.clone(),
                commits: 0,
                end: None,
            }),
            Some(_) => {}
        }
        self.state = state;
    }
}

/// All deployments of a sequence of commits.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub tracks: Vec<Track>,
}

impl History {
    /// Adds the next commit: the file names of the deployments that it changed, as they were before
    /// it, and the states after it.
    pub fn add(&mut self, commit: &Commit, before: &[Vec<String>], now: Vec<State>) {
        let mut leaving = self.find_all(before);
        let lasting: Vec<usize> = self.lasting();
        let is_known = |state: &State| leaving.iter().any(|&index| self.is_named(index, state));
        // Deployments that keep their names are matched first.
        let (known, other): (Vec<_>, Vec<_>) = now.into_iter().partition(is_known);
        for state in known.into_iter().chain(other) {
            let at = self.predecessor(&leaving, &state);
            let index = at.map_or_else(|| self.begin(), |at| leaving.swap_remove(at));
            if let Some(track) = self.tracks.get_mut(index) {
                track.enter(state, &Event::Commit(commit.clone()));
            }
        }
        for index in leaving {
            if let Some(track) = self.tracks.get_mut(index) {
                track.is_gone = true;
                track.end(End::Removed(Event::Commit(commit.clone())));
            }
        }
        self.count(&lasting);
    }

    /// Takes in what a release that was published makes of deployments that are as they were.
    pub fn publish(&mut self, name: &str, time: GitTime, now: Vec<State>) {
        let event = Event::Release { name: name.to_owned(), time };
        for state in now {
            let index = (0..self.tracks.len()).find(|&index| {
                self.is_named(index, &state) && self.tracks.get(index).is_some_and(|t| !t.is_gone)
            });
            if let Some(track) = index.and_then(|index| self.tracks.get_mut(index)) {
                track.enter(state, &event);
            }
        }
    }

    fn begin(&mut self) -> usize {
        self.tracks.push(Track::default());
        self.tracks.len() - 1
    }

    fn is_named(&self, index: usize, state: &State) -> bool {
        let names = state.files.iter().map(|(name, _)| name.as_str());
        self.tracks.get(index).is_some_and(|track| track.names().eq(names))
    }

    /// The tracks with these file names.
    fn find_all(&self, names: &[Vec<String>]) -> Vec<usize> {
        let is_named = |track: &Track| {
            !track.is_gone && names.iter().any(|names| track.names().eq(names.iter()))
        };
        (0..self.tracks.len())
            .filter(|&index| self.tracks.get(index).is_some_and(is_named))
            .collect()
    }

    fn lasting(&self) -> Vec<usize> {
        let lasts = |&index: &usize| self.tracks.get(index).is_some_and(|t| t.outage().is_some());
        (0..self.tracks.len()).filter(lasts).collect()
    }

    /// Counts the commit for each outage that started before and still lasts.
    fn count(&mut self, lasting: &[usize]) {
        for &index in lasting {
            let outage = self.tracks.get_mut(index).and_then(|track| track.outages.last_mut());
            if let Some(outage) = outage.filter(|outage| outage.end.is_none()) {
                outage.commits += 1;
            }
        }
    }

    /// The track that a state continues: one with the same file names, or else with one of them, or
    /// else with the same text in a moved file.
    fn predecessor(&self, leaving: &[usize], state: &State) -> Option<usize> {
        let find = |fits: &dyn Fn(&State) -> bool| {
            leaving.iter().position(|&index| self.tracks.get(index).is_some_and(|t| fits(&t.state)))
        };
        let names = |state: &State| state.files.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>();
        let wanted = names(state);
        let has_name = |old: &State| names(old).iter().any(|name| wanted.contains(name));
        let has_text = |old: &State| {
            old.files.iter().any(|(_, text)| state.files.iter().any(|(_, now)| now == text))
        };
        find(&|old| names(old) == wanted).or_else(|| find(&has_name)).or_else(|| find(&has_text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(day: i64) -> Commit {
        let time = GitTime { seconds: day * 86_400, offset: 0 };
        Commit { id: format!("c{day}"), time, ..Commit::default() }
    }

    /// Files as `name=text`; a text that starts with `!` is a fault.
    fn state(files: &[&str]) -> State {
        let split = |file: &&str| {
            let (name, text) = file.split_once('=').unwrap();
            (name.to_owned(), text.to_owned())
        };
        let files: Vec<(String, String)> = files.iter().map(split).collect();
        let fault = files.iter().find(|(_, text)| text.starts_with('!')).map(|(n, _)| n.clone());
        State { files, fault, ..State::default() }
    }

    /// One deployment through these states, one per day; an empty state means that it does not
    /// exist.
    fn follow(states: &[&[&str]]) -> Vec<String> {
        let mut history = History::default();
        let mut before: Vec<Vec<String>> = Vec::new();
        for (day, files) in (0..).zip(states) {
            let now: Vec<State> = if files.is_empty() { vec![] } else { vec![state(files)] };
            let names: Vec<Vec<String>> = now
                .iter()
                .map(|state| state.files.iter().map(|(name, _)| name.clone()).collect())
                .collect();
            history.add(&commit(day), &before, now);
            before = names;
        }
        outages(&history)
    }

    fn outages(history: &History) -> Vec<String> {
        let name = |event: &Event| match event {
            Event::Commit(commit) => commit.id.clone(),
            Event::Release { name, .. } => name.clone(),
        };
        let tell = |outage: &Outage| {
            let end = match &outage.end {
                Some(End::Fixed(event)) => format!("fixed {}", name(event)),
                Some(End::Removed(event)) => format!("removed {}", name(event)),
                None => "lasts".to_owned(),
            };
            let length = outage.length(commit(9).time);
            format!("{} {length} {} {end}", name(&outage.since), outage.commits)
        };
        history.tracks.iter().flat_map(|track| track.outages.iter().map(tell)).collect()
    }

    #[test]
    fn a_release_begins_and_ends_outages() {
        let mut history = History::default();
        history.add(&commit(0), &[], vec![state(&["a=1"])]);
        let broken = State { fault: Some("a".to_owned()), ..state(&["a=1"]) };
        history.publish("v2", commit(2).time, vec![broken]);
        assert_eq!(outages(&history), ["v2 7 days 0 lasts"]);
        history.publish("v3", commit(3).time, vec![state(&["a=1"])]);
        assert_eq!(outages(&history), ["v2 1 day 0 fixed v3"]);
        // What is not there is not touched.
        history.publish("v4", commit(4).time, vec![state(&["b=!"])]);
        assert_eq!(outages(&history).len(), 1);
        history.add(&commit(5), &[vec!["a".to_owned()]], Vec::new());
        history.publish("v5", commit(6).time, vec![state(&["a=!"])]);
        assert_eq!(outages(&history).len(), 1, "it was removed");
    }

    #[test]
    fn outages_begin_and_end() {
        for (states, expected) in [
            (&[&["a=1"][..]][..], &[][..]),
            (&[&["a=!"]], &["c0 9 days 0 lasts"]),
            (&[&["a=1"], &["a=!"], &["a=!!"]], &["c1 8 days 1 lasts"]),
            (&[&["a=1"], &["a=!"], &["a=!!"], &["a=1"]], &["c1 2 days 1 fixed c3"]),
            (&[&["a=!"], &["a=1"], &["a=!"]], &["c0 1 day 0 fixed c1", "c2 7 days 0 lasts"]),
            (&[&["a=!"], &[]], &["c0 1 day 0 removed c1"]),
        ] {
            assert_eq!(follow(states), expected, "{states:?}");
        }
    }

    #[test]
    fn a_new_deployment_does_not_take_over_a_track() {
        let mut history = History::default();
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        history.add(&commit(0), &[], vec![state(&["b=!", "rules=1"])]);
        let now = vec![state(&["a=1", "rules=2"]), state(&["b=!", "rules=2"])];
        history.add(&commit(1), &[names(&["b", "rules"])], now);
        let episodes: Vec<_> =
            history.tracks.iter().map(|t| (t.names().next(), t.outages.len())).collect();
        assert_eq!(episodes, [(Some("b"), 1), (Some("a"), 0)]);
    }

    #[test]
    fn a_renamed_deployment_keeps_its_track() {
        for states in [
            &[&["a=!", "b=1"][..], &["a=!"][..]][..],
            &[&["a=!"], &["a=!", "b=1"]],
            &[&["a=!", "b=1"], &["x/a=!", "x/b=2"]],
        ] {
            assert_eq!(follow(states), ["c0 9 days 1 lasts"], "{states:?}");
        }
    }
}
