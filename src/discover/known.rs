//! What has been learned of files by their content: many states have most of their files in common.

use crate::sniff::classify::FileClass;
use crate::syntax::DataFormat;
use crate::vfs::ContentId;
use std::cell::RefCell;
use std::collections::HashMap;

/// Contents by their ids, and what they have been recognised as in a format.
type Classes = HashMap<(ContentId, Option<DataFormat>), Option<FileClass>>;

/// What files have been recognised as.
#[derive(Default)]
pub struct Known(RefCell<Classes>);

impl Known {
    /// What a content is known to be, if that is Refinery's.
    pub fn class(&self, id: ContentId, format: Option<DataFormat>) -> Option<FileClass> {
        self.0.borrow().get(&(id, format)).copied().flatten()
    }

    /// Is a content known to be nothing of Refinery's?
    pub fn is_plain(&self, id: ContentId, format: Option<DataFormat>) -> bool {
        self.0.borrow().get(&(id, format)) == Some(&None)
    }

    pub fn learn(&self, id: ContentId, format: Option<DataFormat>, class: Option<FileClass>) {
        self.0.borrow_mut().insert((id, format), class);
    }
}
