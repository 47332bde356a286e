//! Caches file classes by content, because consecutive states share most of their files.

use crate::sniff::classify::FileClass;
use crate::syntax::DataFormat;
use crate::vfs::ContentId;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// Classes by content id and format.
type Classes = HashMap<(ContentId, Option<DataFormat>), Option<FileClass>>;

/// The classes of files.
#[derive(Default)]
pub struct ClassCache {
    classes: RefCell<Classes>,
    /// Contents without a class that may be values for the chart.
    values: RefCell<HashSet<ContentId>>,
    /// Contents that name files in folders which are not searched.
    pointers: RefCell<HashSet<ContentId>>,
    /// Contents of files whose first lines do not say that they are scripts.
    no_scripts: RefCell<HashSet<ContentId>>,
}

impl ClassCache {
    /// The class of a content, if known.
    pub fn class(&self, id: ContentId, format: Option<DataFormat>) -> Option<FileClass> {
        self.classes.borrow().get(&(id, format)).copied().flatten()
    }

    /// Whether a content is known not to be Refinery's.
    pub fn is_plain(&self, id: ContentId, format: Option<DataFormat>) -> bool {
        self.classes.borrow().get(&(id, format)) == Some(&None)
    }

    /// Whether a content may be values for the chart if another file says so.
    pub fn may_be_values(&self, id: ContentId) -> bool {
        self.values.borrow().contains(&id)
    }

    pub fn learn_values(&self, id: ContentId) {
        self.values.borrow_mut().insert(id);
    }

    pub fn is_pointer(&self, id: ContentId) -> bool {
        self.pointers.borrow().contains(&id)
    }

    pub fn learn_pointer(&self, id: ContentId) {
        self.pointers.borrow_mut().insert(id);
    }

    pub fn is_no_script(&self, id: ContentId) -> bool {
        self.no_scripts.borrow().contains(&id)
    }

    pub fn learn_no_script(&self, id: ContentId) {
        self.no_scripts.borrow_mut().insert(id);
    }

    pub fn learn(&self, id: ContentId, format: Option<DataFormat>, class: Option<FileClass>) {
        self.classes.borrow_mut().insert((id, format), class);
    }
}
