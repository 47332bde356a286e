//! Reduces recorded traces to the data that the sampler of a target uses.
//!
//! Fields that it does not use are left out. A value that is only compared for equality is hashed,
//! and a value for which only the results of conditions matter is replaced by another with the same
//! results. The result is decided like the original. Must not read files.

mod field_use;
mod fields;
mod hasher;
mod keys;
mod nested;

pub use field_use::Treatment;
pub use hasher::Hasher;
pub use keys::Keys;

use crate::engine::spec::{RulesSpec, SamplerSpec, Target};
use crate::engine::{Deterministic, Fields, Keep, ReadFields, Trace};
use crate::proof::Semantics;
use crate::rehearse::trace_text::trace_json;
use crate::traces::{BadInput, Matched, MissingData, Part, Requirements, Route, Run, write_time};
use fields::UsedFields;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

/// The data of recorded traces that a sampler uses.
pub fn requirements_of(target: &Target, semantics: Semantics) -> Requirements {
    UsedFields::of(target, semantics).requirements()
}

/// What a sampler asks that a thinned recording does not answer.
pub fn missing(thinned: &Requirements, target: &Target, semantics: Semantics) -> Vec<MissingData> {
    thinned.missing(&requirements_of(target, semantics))
}

/// Thins the traces of a target.
pub struct Thinner<'t> {
    run: Run<'t>,
    fields: UsedFields,
    /// The samplers that decide by the trace ID.
    by_id: Vec<Deterministic>,
    hasher: Hasher,
    read: ReadFields,
    route: Route,
    keys: RandomState,
}

/// Thinned traces, one per line, and what was done to their values.
#[derive(Debug, Default)]
pub struct Thinned {
    pub text: String,
    pub traces: usize,
    /// By the names of fields, how many values had which treatment.
    pub values: BTreeMap<String, BTreeMap<Treatment, usize>>,
    /// Traces that are decided differently when they are read again.
    pub different: Vec<String>,
    /// For traces that a dynamic sampler decides, the hashes of their keys before and after.
    pub keys: Vec<[u64; 2]>,
}

impl Thinned {
    pub fn add(&mut self, other: Self) {
        self.text += &other.text;
        self.traces += other.traces;
        self.different.extend(other.different);
        for (name, treatments) in other.values {
            let own = self.values.entry(name).or_default();
            for (treatment, count) in treatments {
                *own.entry(treatment).or_default() += count;
            }
        }
    }

    fn count(&mut self, name: &str, treatment: Treatment) {
        if !self.values.contains_key(name) {
            self.values.insert(name.to_owned(), BTreeMap::new());
        }
        if let Some(treatments) = self.values.get_mut(name) {
            *treatments.entry(treatment).or_default() += 1;
        }
    }
}

impl<'t> Thinner<'t> {
    /// `keeps` names fields whose values stay as they are.
    pub fn new(
        (name, target): (&'t str, &'t Target),
        semantics: Semantics,
        keeps: &[String],
        route: Route,
        hasher: Hasher,
    ) -> Self {
        let mut fields = UsedFields::of(target, semantics);
        fields.keep(keeps);
        let read = ReadFields::of_target(target).and(ReadFields::of_names(keeps));
        let by_id = deterministic(target);
        Self {
            run: Run::new(name, target, 0),
            fields,
            by_id,
            hasher,
            read,
            route,
            keys: RandomState::new(),
        }
    }

    /// The traces of a part.
    pub fn traces(&self, part: &Part) -> Vec<Result<Trace, BadInput>> {
        // Threads must not count references to the same names.
        part.map_traces(self.route, &self.read.clone(), Trace::clone)
    }

    /// What the result answers, if the recording was not thinned before.
    pub fn requirements(&self) -> Requirements {
        self.fields.requirements()
    }

    /// The fields to read.
    pub fn read(&self) -> &ReadFields {
        &self.read
    }

    /// Thins traces, and decides the result again to be sure.
    pub fn thin(&self, traces: &[Trace]) -> Thinned {
        let mut thinned = Thinned::default();
        for trace in traces {
            let line = self.line(trace, &mut thinned);
            thinned.text += &line;
            thinned.text.push('\n');
        }
        thinned.traces = traces.len();
        let part = Part::Lines { first: 1, text: std::mem::take(&mut thinned.text) };
        let again = self.traces(&part);
        let mut again = again.into_iter().map(Result::ok);
        for trace in traces {
            let one = self.run.find_match(trace, false);
            match again.next().flatten().map(|other| self.run.find_match(&other, false)) {
                Some(other) if one.is_decided_like(&other) => {
                    let keys = [one, other].map(|matched| self.key(&matched));
                    if let [Some(before), Some(after)] = keys {
                        thinned.keys.push([before, after]);
                    }
                }
                _ => thinned.different.push(trace.id.clone()),
            }
        }
        if let Part::Lines { text, .. } = part {
            thinned.text = text;
        }
        thinned
    }

    /// The hash of the sampler and key with which a trace is counted.
    fn key(&self, matched: &Matched) -> Option<u64> {
        matched.counted().map(|counted| self.keys.hash_one(counted))
    }

    fn line(&self, trace: &Trace, thinned: &mut Thinned) -> String {
        let mut new = Trace::new(self.id(&trace.id));
        let root = trace.root().map(std::ptr::from_ref);
        for span in trace.spans() {
            let is_root = Some(std::ptr::from_ref(span)) == root;
            let fields = self.span(span, is_root, thinned);
            if is_root { new.push_root(fields) } else { new.push(fields) }
        }
        let mut json = trace_json(&new);
        if let Some(time) = trace.time.and_then(write_time) {
            json["time"] = time.into();
        }
        json.to_string()
    }

    fn span(&self, span: &Fields, is_root: bool, thinned: &mut Thinned) -> Fields {
        let mut count = |name: &str, treatment| thinned.count(name, treatment);
        Fields::new(self.fields.thin(span, is_root, &self.hasher, &mut count))
    }

    /// Another ID that the samplers that decide by it treat the same.
    fn id(&self, id: &str) -> String {
        let decisions = |id: &str| -> Vec<Keep> {
            self.by_id.iter().map(|sampler| sampler.decide(id).1).collect()
        };
        let wanted = decisions(id);
        self.hasher.id(id, |other| decisions(other) == wanted)
    }
}

fn deterministic(target: &Target) -> Vec<Deterministic> {
    let samplers: Vec<&SamplerSpec> = match target {
        Target::Null | Target::Empty => Vec::new(),
        Target::Single(sampler) => vec![sampler],
        Target::Rules(RulesSpec { rules, .. }) => {
            let own = rules.iter().flatten().filter_map(|rule| rule.sampler.as_ref());
            own.filter_map(|sampler| sampler.sampler.as_ref()).collect()
        }
    };
    let of = |sampler: &SamplerSpec| match sampler {
        SamplerSpec::Deterministic { sample_rate } => Deterministic::new(*sample_rate).ok(),
        _ => None,
    };
    samplers.into_iter().filter_map(of).collect()
}
