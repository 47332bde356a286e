//! Kustomize: generated `ConfigMap`s and the pods that mount them → deployments.
//!
//! Builds kustomizations like Kustomize, as far as Refinery's files and pods are concerned. Parts
//! that are not modelled, and remote ones, are reported.

mod build;
mod build_state;
mod concern;
mod generator;
mod helm;
mod kustomization;
mod merge;
mod operation;
mod patch;
mod replacement;
mod transform;
mod unfollowed;

use crate::notice::Notice;
pub use concern::is_about_refinery;
pub use helm::renders_charts;
pub use unfollowed::find_unreadable;

use super::deployment_spec::DeploymentSpec;
use super::kubernetes::describe::{Described, describe};
use super::kubernetes::objects::{Map, Objects, Pods};
use super::kubernetes::unmounted::{Unmounted, group_unmounted};
use super::loader::Loader;
use super::{Opened, Outer};
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use build::Builder;
use concern::concerns;
use kustomization::{Kustomization, is_kustomization};
use std::collections::HashSet;
use unfollowed::Doubt;

/// Describes the deployments of a kustomization.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_kustomization(
    outer: Outer<'_>,
    item: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let Outer { name, file, text, .. } = outer;
    if !is_kustomization(name, item) || !concerns(name, text, loader) {
        return Ok(());
    }
    let here =
        Kustomization { name: name.to_owned(), file, text: text.to_owned(), item: item.clone() };
    let mut builder = Builder::new(loader);
    let mut built = Objects::default();
    builder.build(&here, &mut built)?;
    let mut state = builder.state;
    let of_here = |_: &Pods| here.name.clone();
    let mut described = describe(&built, |_| true, of_here, state.loader)?;
    let rest = Unmounted::of(&built, &described.used, state.loader);
    let concerned = concerned(&built, &described, &rest);
    group_unmounted(&here.name, here.file, rest, (&built, &mut described), state.loader)?;
    for doubt in std::mem::take(&mut state.doubts) {
        settle(doubt, &here.name, &concerned, &described, opened);
    }
    opened.described.extend(described.specs.into_iter().map(|(_, spec)| spec));
    opened.described.append(&mut state.charts);
    opened.unchecked.append(&mut state.unchecked);
    opened.unchecked.append(&mut described.unchecked);
    opened.unknown.append(&mut described.unknown);
    opened.v1.append(&mut described.v1);
    opened.bases.extend(state.bases);
    opened.collected.extend(state.collected);
    opened.notices.append(&mut state.notices);
    opened.notices.append(&mut described.notices);
    Ok(())
}

/// The current and former names of all objects that belong to Refinery.
fn concerned(built: &Objects, described: &Described, rest: &Unmounted<'_>) -> HashSet<String> {
    let is_used = |map: &&Map| {
        map.data.iter().any(|datum| described.used.iter().any(|name| datum.has_name(name)))
    };
    let maps = built.maps.iter().filter(is_used).chain(rest.files.iter().map(|file| file.map));
    let maps = maps.map(|map| &map.identity);
    let pods = built.pods.iter().map(|pods| &pods.identity);
    let pods = pods.filter(|identity| described.runs(identity));
    maps.chain(pods).flat_map(|identity| identity.names.clone()).collect()
}

/// A part that is not followed is a finding if it leaves something unchecked: if it changes an
/// object of Refinery's, or may provide a missing file. Otherwise it is a notice.
fn settle(
    doubt: Doubt,
    here: &str,
    concerned: &HashSet<String>,
    described: &Described,
    opened: &mut Opened,
) {
    let is_complete = |spec: &DeploymentSpec| !(spec.config.is_empty() || spec.rules.is_empty());
    let matters = match &doubt.about {
        Some(about) => concerned.contains(about),
        None => {
            !described.partial.is_empty()
                || !described.specs.iter().any(|(_, spec)| is_complete(spec))
        }
    };
    if matters {
        opened.unchecked.push(doubt.finding);
    } else {
        opened.notices.push(Notice::of(here, doubt.finding));
    }
}
