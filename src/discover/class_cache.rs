//! Caches file classes by content, because consecutive states share most of their files.

use crate::sniff::classify::FileClass;
use crate::syntax::DataFormat;
use crate::vfs::ContentId;
use std::cell::RefCell;
use std::collections::HashMap;

/// Classes by content id and format.
type Classes = HashMap<(ContentId, Option<DataFormat>), Option<FileClass>>;

/// The classes of files.
#[derive(Default)]
pub struct ClassCache(RefCell<Classes>);

impl ClassCache {
    /// The class of a content, if known.
    pub fn class(&self, id: ContentId, format: Option<DataFormat>) -> Option<FileClass> {
        self.0.borrow().get(&(id, format)).copied().flatten()
    }

    /// Whether a content is known not to be Refinery's.
    pub fn is_plain(&self, id: ContentId, format: Option<DataFormat>) -> bool {
        self.0.borrow().get(&(id, format)) == Some(&None)
    }

    pub fn learn(&self, id: ContentId, format: Option<DataFormat>, class: Option<FileClass>) {
        self.0.borrow_mut().insert((id, format), class);
    }
}
