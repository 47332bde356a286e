//! Kustomize: generated `ConfigMap`s and the pods that mount them → deployments.
//!
//! A kustomization is built as Kustomize does it, as far as texts of Refinery's and the pods that
//! run it are concerned. What of that is not modelled, and what lies on other machines, is said.

mod build;
mod concern;
mod deployment;
mod generator;
mod halves;
mod helm;
mod kustomization;
mod merge;
mod mounts;
mod objects;
mod operation;
mod patch;
mod process;
mod texts;
mod transform;

use super::loader::Loader;
use super::{Opened, Outer};
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use build::Builder;
use concern::concerns;
use deployment::describe;
use kustomization::{Kustomization, is_kustomization};
use objects::Built;

/// Takes out what a kustomization makes.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_kustomization(
    outer: Outer<'_>,
    item: &Item,
    around: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let Outer { name, file, text, .. } = outer;
    if !is_kustomization(name, item) || !concerns(name, text, around) {
        return Ok(());
    }
    let here =
        Kustomization { name: name.to_owned(), file, text: text.to_owned(), item: item.clone() };
    let mut builder = Builder::new(around);
    let mut built = Built::default();
    builder.build(&here, &mut built)?;
    describe(&here, &built, &mut builder, opened)?;
    opened.described.append(&mut builder.charts);
    opened.beneath.extend(builder.beneath);
    opened.notices.append(&mut builder.notices);
    Ok(())
}
