//! Kustomize: generated `ConfigMap`s and the pods that mount them → deployments.

use super::{Opened, Outer};
use crate::source::input_error::InputError;
use crate::source::surroundings::Surroundings;
use crate::syntax::Item;

/// Takes out what the generators of a kustomization make.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_kustomization(
    _outer: Outer<'_>,
    _item: &Item,
    _around: &mut Surroundings<'_>,
    _opened: &mut Opened,
) -> Result<(), InputError> {
    Ok(())
}
