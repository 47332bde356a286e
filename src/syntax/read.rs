//! Tree → values: aliases followed, merge keys applied, scalars resolved, duplicates refused.
//!
//! This is how the engine's reader decodes into a generic map. Must not know which keys exist.

use super::scalar::{Scalar, resolve};
use super::tree::{Body, NodeId, Style, Tree};
use super::value::{Entry, Item, Value};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::Span;
use std::collections::{HashMap, HashSet};

check!(
    DUPLICATE_KEY,
    "syntax/duplicate-key",
    Error,
    "a key is written twice in one mapping",
    "the engine's YAML reader refuses a mapping that names a key twice, at any depth"
);
check!(
    ALIAS_LOOP,
    "syntax/alias-loop",
    Error,
    "an alias stands inside its own anchor",
    "the engine's YAML reader refuses a value that contains itself"
);
check!(
    ALIAS_BOMB,
    "syntax/alias-bomb",
    Error,
    "aliases expand to far more than is written",
    "the engine's YAML reader gives up on documents that consist mostly of expanded aliases"
);
check!(
    MERGE_NOT_MAP,
    "syntax/merge-not-a-map",
    Error,
    "`<<` merges something that is no mapping",
    "the engine's YAML reader merges mappings, or a list of mappings, and refuses all else"
);
check!(
    TAG_MISMATCH,
    "syntax/tag-mismatch",
    Error,
    "an explicit tag does not fit its value",
    "the engine's YAML reader stops at a value that cannot be what its tag says"
);
check!(
    KEY_NOT_SCALAR,
    "syntax/key-not-scalar",
    Error,
    "a mapping or list is used as a key",
    "the engine's YAML reader refuses keys that are not single words"
);
check!(
    TOP_LEVEL,
    "syntax/top-level-not-a-map",
    Error,
    "the file is not a mapping of keys to values",
    "both of the engine's files are mappings at top level; a list or a single value is refused"
);

/// Reads a whole document. An absent or null document reads as an empty map.
pub fn read_document(tree: &Tree) -> (Item, Vec<Finding>) {
    let Some(root) = tree.root() else {
        return (Item::new(Value::Map(Vec::new()), None), vec![]);
    };
    let mut reader = Reader::new(tree);
    let item = reader.top(root);
    (item, reader.findings)
}

struct Reader<'t> {
    tree: &'t Tree,
    findings: Vec<Finding>,
    open_aliases: HashSet<NodeId>,
    reads: usize,
    aliased_reads: usize,
    stopped: bool,
}

impl<'t> Reader<'t> {
    fn new(tree: &'t Tree) -> Self {
        Self {
            tree,
            findings: Vec::new(),
            open_aliases: HashSet::new(),
            reads: 0,
            aliased_reads: 0,
            stopped: false,
        }
    }

    fn top(&mut self, root: NodeId) -> Item {
        let node = self.tree.get(root);
        match &self.tree.get(self.tree.resolve(root)).body {
            Body::Mapping(entries) => {
                let span = Some(node.span);
                let entries = self.text_keyed(entries);
                Item::new(Value::Map(entries), span)
            }
            _ => {
                let item = self.item(root);
                if item.value != Value::Null {
                    let what = item.value.noun();
                    self.refuse(
                        Finding::new(&TOP_LEVEL, format!("the file holds {what}, not a mapping"))
                            .at(item.beginning().unwrap_or(node.span), format!("this is {what}"))
                            .help("write `Key: value` pairs at the left margin"),
                    );
                }
                Item::new(Value::Map(Vec::new()), Some(node.span))
            }
        }
    }

    fn refuse(&mut self, finding: Finding) {
        self.findings.push(finding.refuses());
    }

    /// The reader's own budget: small documents may be 99 % expanded aliases, huge ones 10 %.
    fn count(&mut self, span: Span) -> bool {
        self.reads += 1;
        if !self.open_aliases.is_empty() {
            self.aliased_reads += 1;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let share = self.aliased_reads as f64 / self.reads as f64;
        if self.aliased_reads > 100 && self.reads > 1000 && share > allowed_share(self.reads) {
            self.stopped = true;
            self.refuse(
                Finding::new(&ALIAS_BOMB, "aliases expand without end")
                    .at(span, "expanding this went beyond the reader's limit")
                    .help("write the values out instead of nesting aliases"),
            );
        }
        !self.stopped
    }

    fn item(&mut self, id: NodeId) -> Item {
        let node = self.tree.get(id);
        if self.stopped || !self.count(node.span) {
            return Item::new(Value::Null, Some(node.span));
        }
        match &node.body {
            Body::Alias(target) => self.alias(id, *target),
            Body::Scalar { text, style } => self.scalar(id, text, *style),
            Body::Sequence(items) => {
                let items = items.iter().map(|&i| self.item(i)).collect();
                Item::new(Value::List(items), Some(node.span))
            }
            Body::Mapping(entries) => self.mapping(id, entries),
        }
    }

    /// An alias keeps its own place: that is where the value is used.
    fn alias(&mut self, id: NodeId, target: NodeId) -> Item {
        let span = self.tree.get(id).span;
        if !self.open_aliases.insert(id) {
            self.stopped = true;
            self.refuse(
                Finding::new(&ALIAS_LOOP, "this alias contains itself")
                    .at(span, "stands for a value that it is part of")
                    .at(self.tree.get(target).span, "the value"),
            );
            return Item::new(Value::Null, Some(span));
        }
        let mut item = self.item(target);
        self.open_aliases.remove(&id);
        item.span = Some(span);
        item
    }

    fn scalar(&mut self, id: NodeId, text: &str, style: Style) -> Item {
        let node = self.tree.get(id);
        let value = match resolve(node.tag.as_deref(), text, style == Style::Text) {
            Ok(Scalar::Null) => Value::Null,
            Ok(Scalar::Bool(b)) => Value::Bool(b),
            Ok(Scalar::Int(n)) => Value::Int(n),
            Ok(Scalar::Unsigned(n)) => Value::Unsigned(n),
            Ok(Scalar::Float(n)) => Value::Float(n),
            Ok(Scalar::Long(n)) => Value::Long(n),
            Ok(Scalar::Time) => Value::Time,
            Ok(Scalar::Text | Scalar::Merge) => {
                return Item::new(Value::Text(text.to_owned()), Some(node.span));
            }
            Err(mismatch) => {
                let tag = node.tag.clone().unwrap_or_default();
                let reads_as = mismatch.reads_as;
                self.refuse(
                    Finding::new(&TAG_MISMATCH, format!("this value is no `{tag}`"))
                        .at(node.span, format!("reads as `{reads_as}`"))
                        .help("remove the tag or write a value of its type"),
                );
                Value::Null
            }
        };
        Item { raw: text.to_owned(), ..Item::new(value, Some(node.span)) }
    }

    fn mapping(&mut self, id: NodeId, entries: &'t [(NodeId, NodeId)]) -> Item {
        let span = Some(self.tree.get(id).span);
        if entries.iter().all(|&(key, _)| self.is_merge(key) || self.is_text(key)) {
            return Item::new(Value::Map(self.text_keyed(entries)), span);
        }
        self.find_duplicates(entries);
        let pairs = entries.iter().map(|&(k, v)| (self.key_item(k), self.item(v))).collect();
        Item::new(Value::Mixed(pairs), span)
    }

    fn key_item(&mut self, key: NodeId) -> Item {
        let node = self.tree.get(key);
        match self.tree.get(self.tree.resolve(key)).body {
            Body::Sequence(_) | Body::Mapping(_) => {
                self.refuse_key(key);
                Item::new(Value::Null, Some(node.span))
            }
            _ => self.item(key),
        }
    }

    fn refuse_key(&mut self, key: NodeId) {
        let span = self.tree.get(key).span;
        self.refuse(
            Finding::new(&KEY_NOT_SCALAR, "a key must be a single word")
                .at(span, "this is a mapping or a list")
                .help("if this is a template such as `{{ … }}`, render it first or quote it"),
        );
    }

    /// A map with text keys; at top level every scalar key counts as text.
    fn text_keyed(&mut self, entries: &'t [(NodeId, NodeId)]) -> Vec<Entry> {
        self.find_duplicates(entries);
        let mut result = Vec::with_capacity(entries.len());
        let mut merge = None;
        for &(key, value) in entries {
            if self.is_merge(key) {
                merge = Some(value);
            } else if let Some(name) = self.key_text(key) {
                let item = self.item(value);
                result.push(Entry { key: name, key_span: Some(self.tree.get(key).span), item });
            }
        }
        if let Some(merge) = merge {
            self.merge(merge, &mut result);
        }
        result
    }

    /// A null key is passed over in silence, as the reader does.
    fn key_text(&mut self, key: NodeId) -> Option<String> {
        let Some(text) = self.tree.text(key) else {
            self.refuse_key(key);
            return None;
        };
        let node = self.tree.get(self.tree.resolve(key));
        let quoted = matches!(node.body, Body::Scalar { style: Style::Text, .. });
        match resolve(node.tag.as_deref(), text, quoted) {
            Ok(Scalar::Null) => None,
            _ => Some(text.to_owned()),
        }
    }

    /// What stands in the mapping wins over what is merged; the first of a list over the next.
    fn merge(&mut self, value: NodeId, into: &mut Vec<Entry>) {
        let sources = match &self.tree.get(value).body {
            Body::Sequence(items) => items.clone(),
            _ => vec![value],
        };
        for source in sources {
            if !matches!(self.tree.get(self.tree.resolve(source)).body, Body::Mapping(_)) {
                let span = self.tree.get(source).span;
                self.stopped = true;
                self.refuse(
                    Finding::new(&MERGE_NOT_MAP, "`<<` needs a mapping")
                        .at(span, "this is none")
                        .help("merge an alias of a mapping, or put quotes around the key"),
                );
                return;
            }
            for entry in self.item(source).value.into_entries() {
                if !into.iter().any(|e| e.key == entry.key) {
                    into.push(entry);
                }
            }
        }
    }

    fn is_merge(&self, key: NodeId) -> bool {
        let node = self.tree.get(key);
        match &node.body {
            Body::Scalar { text, style } => {
                text == "<<"
                    && match node.tag.as_deref() {
                        None => *style == Style::Plain,
                        Some(tag) => tag == "!!merge",
                    }
            }
            _ => false,
        }
    }

    fn is_text(&self, key: NodeId) -> bool {
        let node = self.tree.get(self.tree.resolve(key));
        match &node.body {
            Body::Scalar { text, style } => match node.tag.as_deref() {
                Some(tag) => tag == "!!str",
                None => matches!(resolve(None, text, *style == Style::Text), Ok(Scalar::Text)),
            },
            _ => false,
        }
    }

    fn find_duplicates(&mut self, entries: &[(NodeId, NodeId)]) {
        // To the reader an alias and the word it stands for are different keys.
        let mut seen: HashMap<(Option<NodeId>, &str), NodeId> = HashMap::new();
        for &(key, _) in entries {
            let node = self.tree.get(key);
            let name = match &node.body {
                Body::Scalar { text, .. } => (None, text.as_str()),
                Body::Alias(target) => (Some(*target), ""),
                _ => continue,
            };
            match seen.get(&name) {
                Some(&first) => {
                    let name = self.tree.text(key).unwrap_or_default().to_owned();
                    let first = self.tree.get(first).span;
                    self.refuse(
                        Finding::new(&DUPLICATE_KEY, format!("`{name}` is written twice"))
                            .at(node.span, "a second time")
                            .at(first, "first written here")
                            .help("keep one of the two"),
                    );
                }
                None => {
                    seen.insert(name, key);
                }
            }
        }
    }
}

impl Value {
    fn into_entries(self) -> Vec<Entry> {
        match self {
            Self::Map(entries) => entries,
            Self::Mixed(pairs) => pairs
                .into_iter()
                .filter_map(|(key, item)| {
                    let name = match key.value {
                        Self::Text(text) => text,
                        _ => key.raw,
                    };
                    (!name.is_empty()).then_some(Entry { key: name, key_span: key.span, item })
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// The share of reads that may come from aliases, as the engine's reader scales it.
fn allowed_share(reads: usize) -> f64 {
    const LOW: usize = 400_000;
    const HIGH: usize = 4_000_000;
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    match reads {
        n if n <= LOW => 0.99,
        n if n >= HIGH => 0.10,
        n => 0.99 - 0.89 * ((n - LOW) as f64 / (HIGH - LOW) as f64),
    }
}
