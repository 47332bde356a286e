//! What a check receives: a deployment as one release loads it, and its rules with their positions.

use super::config_key::{self, ConfigKey};
use crate::config::defaults::complete;
use crate::config::effective_value::{EffectiveValue, Record, Typed};
use crate::engine::ingest::{IdFields, IntakeSettings};
use crate::engine::key_fields::{COMPUTED_PREFIX, ROOT_PREFIX};
use crate::engine::spec::{ConditionSpec, RuleSpec, RulesSpec, SamplerSpec, Target};
use crate::proof::{Analysis, Semantics};
use crate::rehearse::specs::{intake_settings, target};
use crate::rehearse::stage::StageContext;
use crate::schema::{Quirk, Schema};
use crate::span::Span;
use crate::syntax::{Document, Item};
use foldhash::HashMap;
use std::cell::OnceCell;

/// A deployment that starts, for one release.
pub struct CheckContext<'a> {
    /// The effective config, and the machine.
    pub stage: StageContext<'a>,
    /// The configuration keys of the release.
    pub schema: &'a Schema,
    /// The files as written, first to last.
    pub written: Written<'a>,
    /// Refinery's command line, without its configuration files.
    pub arguments: &'a [String],
    ids: IdFields,
    targets: Vec<TargetAt<'a>>,
    /// One per target, computed when first needed.
    analyses: OnceCell<Vec<Analysis>>,
    /// The lists of the rules; found when first needed.
    lists: OnceCell<Lists>,
    pub(super) config_keys: Vec<ConfigKey<'a>>,
}

/// The texts in lists and where they are, by the places of the lists.
type Lists = HashMap<Span, Vec<(String, Option<Span>)>>;

/// The parsed files of a deployment, before merging.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    pub config: &'a [Document],
    pub rules: &'a [Document],
}

/// A target and its position.
pub struct TargetAt<'a> {
    pub name: &'a str,
    pub setting: &'a EffectiveValue,
    pub spec: Target,
}

/// A rule and its position.
#[derive(Clone, Copy)]
pub struct RuleAt<'a> {
    pub target: &'a TargetAt<'a>,
    /// All rules of its target.
    pub rules: &'a RulesSpec,
    /// Counts from 0.
    pub number: usize,
    pub setting: &'a EffectiveValue,
    pub spec: &'a RuleSpec,
}

/// A condition and its position.
#[derive(Clone, Copy)]
pub struct ConditionAt<'a> {
    pub rule: RuleAt<'a>,
    pub setting: &'a EffectiveValue,
    pub spec: &'a ConditionSpec,
}

/// An effective sampler of a target or rule, and its position.
#[derive(Clone, Copy)]
pub struct SamplerAt<'a> {
    pub target: &'a TargetAt<'a>,
    pub rule: Option<RuleAt<'a>>,
    pub setting: &'a EffectiveValue,
    pub spec: &'a SamplerSpec,
}

impl<'a> CheckContext<'a> {
    pub fn new(
        stage: StageContext<'a>,
        rules: &'a Record,
        schema: &'a Schema,
        written: Written<'a>,
        arguments: &'a [String],
    ) -> Self {
        let targets = TargetAt::all(rules);
        let ids = find_intake(stage.config, schema).ids;
        // Without a config, no key is checked.
        let has_config = !written.config.is_empty();
        let config_keys =
            if has_config { config_key::collect(schema, stage.config) } else { Vec::new() };
        let (analyses, lists) = (OnceCell::new(), OnceCell::new());
        Self { stage, schema, written, arguments, ids, targets, analyses, lists, config_keys }
    }

    /// Whether there is certainly no other node.
    pub fn is_alone(&self) -> bool {
        self.stage.host.machine.is_alone()
    }

    /// In file order.
    pub fn targets(&self) -> &[TargetAt<'a>] {
        &self.targets
    }

    /// The analysis of the rules of each target.
    pub fn analyses(&self) -> impl Iterator<Item = (&TargetAt<'a>, &Analysis)> {
        let semantics = semantics_of(self.schema);
        let analyses = self.analyses.get_or_init(|| {
            let specs = self.targets.iter().map(|target| match &target.spec {
                Target::Rules(rules) => Some(rules),
                _ => None,
            });
            Analysis::of_all(specs, semantics)
        });
        self.targets.iter().zip(analyses)
    }

    /// The rules of all targets with a `RulesBasedSampler`, except null rules, which crash
    /// Refinery.
    pub fn rules(&self) -> impl Iterator<Item = RuleAt<'_>> {
        self.targets.iter().flat_map(TargetAt::rules)
    }

    pub fn conditions(&self) -> impl Iterator<Item = ConditionAt<'_>> {
        self.rules().flat_map(RuleAt::conditions)
    }

    /// Every field that a condition or sampler uses, and where.
    pub fn names(&self) -> Vec<(String, Option<Span>)> {
        let asked = self.conditions().flat_map(|condition| {
            condition.fields().map(move |(key, name)| {
                let place = self.element(condition.value(key), &name);
                (name, place)
            })
        });
        let counted = self.samplers().flat_map(|sampler| {
            let names = sampler.spec.sampling_fields().iter();
            names.map(move |name| (name.clone(), self.element(sampler.value("FieldList"), name)))
        });
        asked.chain(counted).collect()
    }

    /// The place of an element of a list in the rules, given that of the list or of a single value.
    pub fn element(&self, list: Option<Span>, text: &str) -> Option<Span> {
        let lists = self.lists.get_or_init(|| {
            let mut lists = Lists::default();
            let documents = self.written.rules.iter();
            documents.filter_map(|document| document.item.as_ref()).for_each(|item| {
                add_lists(item, &mut lists);
            });
            lists
        });
        let mut elements = lists.get(&list?).into_iter().flatten();
        elements.find(|(element, _)| element == text).and_then(|(_, place)| *place).or(list)
    }

    /// Whether Refinery treats the field as a trace or parent ID.
    pub fn is_id(&self, field: &String) -> bool {
        self.ids.trace.contains(field) || self.ids.parent.contains(field)
    }

    /// Every effective sampler, including those of rules.
    pub fn samplers(&self) -> impl Iterator<Item = SamplerAt<'_>> {
        self.targets.iter().flat_map(|target| {
            target.sampler().into_iter().chain(target.rules().filter_map(RuleAt::sampler))
        })
    }
}

impl<'a> TargetAt<'a> {
    /// All targets of the rules, in file order.
    pub fn all(rules: &'a Record) -> Vec<Self> {
        let samplers = rules.get("Samplers").and_then(EffectiveValue::record);
        let targets = samplers.into_iter().flat_map(Record::iter);
        targets.map(|(name, setting)| Self { name, setting, spec: target(setting) }).collect()
    }

    /// Position of its name.
    pub fn span(&self) -> Option<Span> {
        self.setting.key_span.or_else(|| self.setting.span())
    }

    pub fn rules(&self) -> impl Iterator<Item = RuleAt<'_>> {
        let settings = self.rule_settings();
        (0..settings.len()).filter_map(move |number| self.rule_among(settings, number))
    }

    /// The rule of that number, counted from 0.
    pub fn rule(&self, number: usize) -> Option<RuleAt<'_>> {
        self.rule_among(self.rule_settings(), number)
    }

    fn rule_settings(&self) -> &'a [EffectiveValue] {
        let sampler = child(self.setting, "RulesBasedSampler");
        sampler.and_then(|sampler| child(sampler, "Rules")).map_or(&[], list)
    }

    fn rule_among<'s>(
        &'s self,
        settings: &'s [EffectiveValue],
        number: usize,
    ) -> Option<RuleAt<'s>> {
        let Target::Rules(rules) = &self.spec else { return None };
        let (spec, setting) = (rules.rules.get(number)?.as_ref()?, settings.get(number)?);
        Some(RuleAt { target: self, rules, number, setting, spec })
    }

    /// The sampler of a target without rules.
    pub fn sampler(&self) -> Option<SamplerAt<'_>> {
        let Target::Single(spec) = &self.spec else { return None };
        let setting = child(self.setting, spec.name())?;
        Some(SamplerAt { target: self, rule: None, setting, spec })
    }
}

impl<'a> RuleAt<'a> {
    /// Whether each condition may match another span of the trace.
    pub fn has_trace_scope(self) -> bool {
        ["", "trace"].contains(&self.spec.scope.as_str())
    }

    /// Whether all conditions must match the same span.
    pub fn has_span_scope(self) -> bool {
        self.spec.scope == "span"
    }

    /// Whether the scope is known; Refinery ignores the conditions otherwise.
    pub fn has_known_scope(self) -> bool {
        self.has_trace_scope() || self.has_span_scope()
    }

    /// Whether both treat matching traces the same.
    pub fn has_same_outcome_as(self, other: Self) -> bool {
        let outcome = |rule: Self| {
            let rate = if rule.spec.drop { 0 } else { rule.spec.sample_rate.max(0) };
            rule.spec.sampler.as_ref().ok_or(rate)
        };
        outcome(self) == outcome(other)
    }

    /// Its name, or its number if it has none.
    pub fn name(self) -> String {
        match self.spec.name.as_str() {
            "" => format!("rule {}", self.number + 1),
            name => format!("`{name}`"),
        }
    }

    /// Position of its name, or of its first key.
    pub fn span(self) -> Option<Span> {
        self.value("Name").or_else(|| begin(self.setting))
    }

    /// Position of the value of a key.
    pub fn value(self, key: &str) -> Option<Span> {
        child(self.setting, key)?.span()
    }

    /// Position of a key.
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

    /// The condition of that number, counted from 0.
    pub fn condition(self, number: usize) -> Option<ConditionAt<'a>> {
        self.conditions().nth(number)
    }

    /// The rule's own sampler.
    pub fn sampler(self) -> Option<SamplerAt<'a>> {
        let spec = self.spec.sampler.as_ref()?.sampler.as_ref()?;
        let setting = child(child(self.setting, "Sampler")?, spec.name())?;
        Some(SamplerAt { target: self.target, rule: Some(self), setting, spec })
    }
}

impl ConditionAt<'_> {
    /// Whether its operator is one of these.
    pub fn has_operator(self, operators: &[&str]) -> bool {
        operators.contains(&self.spec.operator.as_str())
    }

    /// Whether it has the same result for every span of a trace: it only tests root fields or
    /// computed fields.
    pub fn tests_root(self) -> bool {
        let tests_root =
            |name: &str| name.starts_with(ROOT_PREFIX) || name.starts_with(COMPUTED_PREFIX);
        let mut names = self.fields().peekable();
        names.peek().is_some() && names.all(|(_, name)| tests_root(&name))
    }

    /// The tested fields for use in a message.
    pub fn field_names(self) -> String {
        let names: Vec<_> = self.fields().map(|(_, name)| format!("`{name}`")).collect();
        if names.is_empty() { "no field".to_owned() } else { names.join(" or ") }
    }

    /// Position of its first key.
    pub fn span(self) -> Option<Span> {
        begin(self.setting)
    }

    /// Position of the value of a key.
    pub fn value(self, key: &str) -> Option<Span> {
        child(self.setting, key)?.span()
    }

    /// The tested fields: `Fields`, or else `Field`.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, String)> {
        let one = (!self.spec.field.is_empty()).then(|| ("Field", self.spec.field.clone()));
        let many: Vec<_> = self.spec.fields.iter().map(|name| ("Fields", name.clone())).collect();
        one.into_iter().chain(many)
    }
}

impl SamplerAt<'_> {
    /// Position of its type.
    pub fn span(self) -> Option<Span> {
        self.setting.key_span
    }

    /// Position of the value of a key.
    pub fn value(self, key: &str) -> Option<Span> {
        child(self.setting, key)?.span()
    }
}

/// How conditions are evaluated in a release.
pub fn semantics_of(schema: &Schema) -> Semantics {
    let is_exact = schema.quirks().has(Quirk::AnswersAsNow);
    if is_exact { Semantics::Engine } else { Semantics::Unknown }
}

/// Without a config, the defaults apply.
pub fn find_intake(config: &Record, schema: &Schema) -> IntakeSettings {
    if config.is_empty() {
        return intake_settings(&complete(schema.root(), Record::default()));
    }
    intake_settings(config)
}

/// The value of a key of a mapping.
pub fn child<'a>(setting: &'a EffectiveValue, key: &str) -> Option<&'a EffectiveValue> {
    setting.record()?.get(key)
}

fn add_lists(item: &Item, lists: &mut Lists) {
    if let (Some(span), Some(elements)) = (item.span, item.list()) {
        let texts = elements.iter().filter_map(|it| Some((it.text()?.to_owned(), it.span)));
        lists.insert(span, texts.collect());
    }
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()) {
        add_lists(inner, lists);
    }
}

fn list(setting: &EffectiveValue) -> &[EffectiveValue] {
    match &setting.typed {
        Typed::Records(items) => items,
        _ => &[],
    }
}

/// The first key of a mapping; labelling all of it would take too many lines.
fn begin(setting: &EffectiveValue) -> Option<Span> {
    let first = setting.record()?.iter().filter_map(|(_, value)| value.key_span).min();
    first.or_else(|| setting.span())
}
