//! What checks look at: a deployment as one release has loaded it, and its rules with their places.
//!
//! Must not judge.

use super::held::{self, Held};
use crate::config::defaults::complete;
use crate::config::setting::{Record, Setting, Typed};
use crate::engine::ingest::IdFields;
use crate::engine::key_fields::{COMPUTED_PREFIX, ROOT_PREFIX};
use crate::engine::spec::{ConditionSpec, RuleSpec, RulesSpec, SamplerSpec, Target};
use crate::proof::{Analysis, Semantics};
use crate::rehearse::specs::{id_fields, target};
use crate::rehearse::stage::Ground;
use crate::schema::{Quirk, Schema};
use crate::span::Span;
use crate::syntax::Document;
use std::cell::OnceCell;

/// A deployment that starts.
pub struct Subject<'a> {
    /// The config in force, and the machine.
    pub ground: Ground<'a>,
    pub rules: &'a Record,
    /// What the release knows of config keys.
    pub schema: &'a Schema,
    /// The files as they are written, first to last.
    pub written: Written<'a>,
    /// The engine's command line, apart from its files.
    pub arguments: &'a [String],
    ids: IdFields,
    targets: Vec<TargetAt<'a>>,
    /// One for each target, made when first asked for.
    analyses: OnceCell<Vec<Analysis>>,
    pub(super) held: Vec<Held<'a>>,
}

/// The values of the files of a deployment, each whole.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    pub config: &'a [Document],
    pub rules: &'a [Document],
}

/// A target and where it stands.
pub struct TargetAt<'a> {
    pub name: &'a str,
    pub setting: &'a Setting,
    pub spec: Target,
}

/// A rule and where it stands.
#[derive(Clone, Copy)]
pub struct RuleAt<'a> {
    pub target: &'a TargetAt<'a>,
    /// The rules that it is one of.
    pub rules: &'a RulesSpec,
    /// From 0.
    pub number: usize,
    pub setting: &'a Setting,
    pub spec: &'a RuleSpec,
}

/// A condition and where it stands.
#[derive(Clone, Copy)]
pub struct ConditionAt<'a> {
    pub rule: RuleAt<'a>,
    pub setting: &'a Setting,
    pub spec: &'a ConditionSpec,
}

/// A sampler in force, of a target or of a rule, and where it stands.
#[derive(Clone, Copy)]
pub struct SamplerAt<'a> {
    pub target: &'a TargetAt<'a>,
    pub rule: Option<RuleAt<'a>>,
    pub setting: &'a Setting,
    pub spec: &'a SamplerSpec,
}

impl<'a> Subject<'a> {
    pub fn new(
        ground: Ground<'a>,
        rules: &'a Record,
        schema: &'a Schema,
        written: Written<'a>,
        arguments: &'a [String],
    ) -> Self {
        let samplers = rules.get("Samplers").and_then(Setting::record);
        let fields = samplers.map(|record| record.0.as_slice()).unwrap_or_default();
        let targets = fields
            .iter()
            .map(|f| TargetAt { name: &f.name, setting: &f.setting, spec: target(&f.setting) })
            .collect();
        let ids = find_ids(ground.config, schema);
        // Where no config is given, nothing of it is judged.
        let has_config = !written.config.is_empty();
        let held = if has_config { held::collect(schema, ground.config) } else { Vec::new() };
        let analyses = OnceCell::new();
        Self { ground, rules, schema, written, arguments, ids, targets, analyses, held }
    }

    /// There is certainly no other node.
    pub fn is_alone(&self) -> bool {
        self.ground.world.machine.is_alone()
    }

    /// In the order in which the rules name them.
    pub fn targets(&self) -> &[TargetAt<'a>] {
        &self.targets
    }

    /// What is proved of the rules of each target.
    pub fn analyses(&self) -> impl Iterator<Item = (&TargetAt<'a>, &Analysis)> {
        let is_exact = self.ground.quirks.has(Quirk::AnswersAsNow);
        let semantics = if is_exact { Semantics::Engine } else { Semantics::Unknown };
        let analyses = self.analyses.get_or_init(|| {
            let specs = self.targets.iter().map(|target| match &target.spec {
                Target::Rules(rules) => Analysis::of(rules, semantics),
                _ => Analysis::default(),
            });
            specs.collect()
        });
        self.targets.iter().zip(analyses)
    }

    /// The rules of all targets that go by rules; null ones, which stop the engine, left out.
    pub fn rules(&self) -> impl Iterator<Item = RuleAt<'_>> {
        self.targets.iter().flat_map(TargetAt::rules)
    }

    pub fn conditions(&self) -> impl Iterator<Item = ConditionAt<'_>> {
        self.rules().flat_map(RuleAt::conditions)
    }

    /// Every field that a condition or a sampler names, and where.
    pub fn names(&self) -> Vec<(String, Option<Span>)> {
        let asked = self.conditions().flat_map(|condition| {
            condition.fields().map(move |(key, name)| (name, condition.value(key)))
        });
        let counted = self.samplers().flat_map(|sampler| {
            let names = sampler.spec.sampling_fields().iter();
            names.map(move |name| (name.clone(), sampler.value("FieldList")))
        });
        asked.chain(counted).collect()
    }

    /// The engine takes the field for a trace's or a parent's id.
    pub fn is_id(&self, field: &String) -> bool {
        self.ids.trace.contains(field) || self.ids.parent.contains(field)
    }

    /// Every sampler in force, those of rules included.
    pub fn samplers(&self) -> impl Iterator<Item = SamplerAt<'_>> {
        self.targets.iter().flat_map(|target| {
            target.sampler().into_iter().chain(target.rules().filter_map(RuleAt::sampler))
        })
    }
}

impl TargetAt<'_> {
    /// Where its name is written.
    pub fn span(&self) -> Option<Span> {
        self.setting.key_span.or_else(|| self.setting.span())
    }

    pub fn rules(&self) -> impl Iterator<Item = RuleAt<'_>> {
        let (rules, written) = match &self.spec {
            Target::Rules(rules) => (Some(rules), child(self.setting, "RulesBasedSampler")),
            _ => (None, None),
        };
        let settings = written.and_then(|sampler| child(sampler, "Rules")).map_or(&[][..], list);
        rules.into_iter().flat_map(move |rules| {
            let pairs = rules.rules.iter().zip(settings).enumerate();
            pairs.filter_map(move |(number, (spec, setting))| {
                let spec = spec.as_ref()?;
                Some(RuleAt { target: self, rules, number, setting, spec })
            })
        })
    }

    /// The rule of that number, from 0.
    pub fn rule(&self, number: usize) -> Option<RuleAt<'_>> {
        self.rules().find(|rule| rule.number == number)
    }

    /// The one sampler of a target that does not go by rules.
    pub fn sampler(&self) -> Option<SamplerAt<'_>> {
        let Target::Single(spec) = &self.spec else { return None };
        let setting = child(self.setting, spec.name())?;
        Some(SamplerAt { target: self, rule: None, setting, spec })
    }
}

impl<'a> RuleAt<'a> {
    /// Each condition may hold for another span of a trace.
    pub fn is_of_traces(self) -> bool {
        ["", "trace"].contains(&self.spec.scope.as_str())
    }

    /// All conditions must hold for one span.
    pub fn is_of_spans(self) -> bool {
        self.spec.scope == "span"
    }

    /// A scope that the engine does not know makes it forget the conditions.
    pub fn has_known_scope(self) -> bool {
        self.is_of_traces() || self.is_of_spans()
    }

    /// What becomes of the traces is the same in both.
    pub fn decides_as(self, other: Self) -> bool {
        let outcome = |rule: Self| {
            let rate = if rule.spec.drop { 0 } else { rule.spec.sample_rate.max(0) };
            rule.spec.sampler.as_ref().ok_or(rate)
        };
        outcome(self) == outcome(other)
    }

    /// Its name, or what it is called for want of one.
    pub fn name(self) -> String {
        match self.spec.name.as_str() {
            "" => format!("rule {}", self.number + 1),
            name => format!("`{name}`"),
        }
    }

    /// Where its name stands, or else where it begins.
    pub fn span(self) -> Option<Span> {
        self.value("Name").or_else(|| begin(self.setting))
    }

    /// Where the value of one of its keys stands.
    pub fn value(self, key: &str) -> Option<Span> {
        child(self.setting, key)?.span()
    }

    /// Where one of its keys stands.
    pub fn key(self, key: &str) -> Option<Span> {
        child(self.setting, key)?.key_span
    }

    pub fn conditions(self) -> impl Iterator<Item = ConditionAt<'a>> {
        let settings = child(self.setting, "Conditions").map_or(&[][..], list);
        let specs = self.spec.conditions.iter().flatten();
        specs.zip(settings).filter_map(move |(spec, setting)| {
            Some(ConditionAt { rule: self, setting, spec: spec.as_ref()? })
        })
    }

    /// The condition of that number, from 0.
    pub fn condition(self, number: usize) -> Option<ConditionAt<'a>> {
        self.conditions().nth(number)
    }

    /// The sampler that decides in it.
    pub fn sampler(self) -> Option<SamplerAt<'a>> {
        let spec = self.spec.sampler.as_ref()?.sampler.as_ref()?;
        let setting = child(child(self.setting, "Sampler")?, spec.name())?;
        Some(SamplerAt { target: self.target, rule: Some(self), setting, spec })
    }
}

impl ConditionAt<'_> {
    /// Its operator is one of these.
    pub fn has_operator(self, operators: &[&str]) -> bool {
        operators.contains(&self.spec.operator.as_str())
    }

    /// Every span of a trace shows it the same: the root's fields, or how many spans there are.
    pub fn is_of_root(self) -> bool {
        let is_of_root =
            |name: &str| name.starts_with(ROOT_PREFIX) || name.starts_with(COMPUTED_PREFIX);
        let mut names = self.fields().peekable();
        names.peek().is_some() && names.all(|(_, name)| is_of_root(&name))
    }

    /// The fields that it looks at, in words.
    pub fn about(self) -> String {
        let names: Vec<_> = self.fields().map(|(_, name)| format!("`{name}`")).collect();
        if names.is_empty() { "no field".to_owned() } else { names.join(" or ") }
    }

    /// Where it begins.
    pub fn span(self) -> Option<Span> {
        begin(self.setting)
    }

    /// Where the value of one of its keys stands.
    pub fn value(self, key: &str) -> Option<Span> {
        child(self.setting, key)?.span()
    }

    /// The fields that it looks at: `Fields`, or else `Field`.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, String)> {
        let one = (!self.spec.field.is_empty()).then(|| ("Field", self.spec.field.clone()));
        let many: Vec<_> = self.spec.fields.iter().map(|name| ("Fields", name.clone())).collect();
        one.into_iter().chain(many)
    }
}

impl SamplerAt<'_> {
    /// Where its type is written.
    pub fn span(self) -> Option<Span> {
        self.setting.key_span
    }

    /// Where the value of one of its keys stands.
    pub fn value(self, key: &str) -> Option<Span> {
        child(self.setting, key)?.span()
    }
}

/// Where there are rules alone nobody has said what an id is: it is as ever.
fn find_ids(config: &Record, schema: &Schema) -> IdFields {
    if config.0.is_empty() {
        return id_fields(&complete(schema.root(), Record::default()));
    }
    id_fields(config)
}

/// A key of a mapping.
pub fn child<'a>(setting: &'a Setting, key: &str) -> Option<&'a Setting> {
    setting.record()?.get(key)
}

fn list(setting: &Setting) -> &[Setting] {
    match &setting.typed {
        Typed::Records(items) => items,
        _ => &[],
    }
}

/// The first key of a mapping: the whole of it is too long to point at.
fn begin(setting: &Setting) -> Option<Span> {
    let first = setting.record()?.0.iter().filter_map(|field| field.setting.key_span).min();
    first.or_else(|| setting.span())
}
