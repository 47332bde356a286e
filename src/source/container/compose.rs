//! Docker compose: services that run Refinery → deployments of the files that they mount.

use super::{Opened, Outer};
use crate::source::input_error::InputError;
use crate::source::surroundings::Surroundings;
use crate::syntax::Item;

/// Takes out every service that runs Refinery.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_services(
    _outer: Outer<'_>,
    _item: &Item,
    _around: &mut Surroundings<'_>,
    _opened: &mut Opened,
) -> Result<(), InputError> {
    Ok(())
}
