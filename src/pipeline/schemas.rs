//! The schemas of a run, each once.

use super::options::CheckOptions;
use crate::discover::Sources;
use crate::schema::{Kind, Release, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// Both schemas of one release.
pub struct Schemas {
    pub config: Schema,
    pub rules: Schema,
}

impl Schemas {
    pub fn of(release: Release) -> Self {
        Self {
            config: Schema::new(Kind::Config, release),
            rules: Schema::new(Kind::Rules, release),
        }
    }

    pub(super) fn both(&self) -> (&Schema, &Schema) {
        (&self.config, &self.rules)
    }
}

impl CheckOptions {
    /// The schemas of all requested releases.
    pub fn schemas(&self) -> Vec<Schemas> {
        self.releases.iter().map(|&release| Schemas::of(release)).collect()
    }
}

/// The schemas of all releases that deployments of the run are checked for.
pub(super) struct SchemaCache<'s> {
    /// The releases of the options, with schemas owned by the caller.
    known: Vec<(Release, &'s Schemas)>,
    /// Further releases that deployments pin.
    more: BTreeMap<Release, Schemas>,
}

impl<'s> SchemaCache<'s> {
    pub fn of(schemas: &'s [Schemas], sources: &Sources, options: &CheckOptions) -> Self {
        let known: Vec<_> = options.releases.iter().copied().zip(schemas).collect();
        let launches = sources.launches.iter().map(|launch| &launch.deployment);
        let all = sources.deployments.iter().chain(launches);
        let asked = all.flat_map(|d| options.releases_of(d));
        let missing: BTreeSet<Release> =
            asked.filter(|release| known.iter().all(|(has, _)| has != release)).collect();
        let of = |release| (release, Schemas::of(release));
        Self { known, more: missing.into_iter().map(of).collect() }
    }

    pub fn get(&self, release: Release) -> Option<&Schemas> {
        let known = self.known.iter().find(|(known, _)| *known == release);
        known.map(|(_, schemas)| *schemas).or_else(|| self.more.get(&release))
    }
}
