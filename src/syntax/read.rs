//! Reads a tree into values: follows aliases, applies merge keys, resolves scalars and rejects
//! duplicate keys, like go-yaml when it decodes into a generic map.
//!
//! Must not know which keys exist.

use super::binary;
use super::budget::Budget;
use super::duplicates::find_duplicates;
use super::faults::{
    ALIAS_BOMB, ALIAS_LOOP, KEY_NOT_SCALAR, MERGE_NOT_MAP, REPEATED_TEXT, TAG_MISMATCH, TOP_LEVEL,
    advise_on_top,
};
use super::key::Key;
use super::mapping::Mapping;
use super::scalar::{Dialect, Scalar, TagMismatch, resolve_as};
use super::shape::{Everything, Shape};
use super::toml::INVALID_TOML;
use super::toml::REPEATED;
use super::tree::{Body, EMPTY_HEADER, INLINE_TABLE, MALFORMED, NodeId, Style, Tree, WIDE_INT};
use super::value::{Item, Value};
use super::yaml::{MAX_DEPTH, TOO_DEEP};
use crate::diagnostic::Finding;
use crate::span::Span;
use std::collections::HashSet;

/// Reads a whole document. An absent or null document reads as an empty mapping.
pub fn read_document(tree: &Tree) -> (Item, Vec<Finding>) {
    read_document_as(Dialect::Engine, tree)
}

/// Reads a document with the rules of the given dialect.
pub fn read_document_as(dialect: Dialect, tree: &Tree) -> (Item, Vec<Finding>) {
    read(Reader { dialect, ..Reader::new(tree) }, Everything)
}

/// Reads what fits into a shape. Faults in skipped values are not found.
pub fn read_into<S: Shape>(shape: S, tree: &Tree) -> (Item, Vec<Finding>) {
    read(Reader::new(tree), shape)
}

fn read<S: Shape>(mut reader: Reader<'_>, shape: S) -> (Item, Vec<Finding>) {
    let Some(root) = reader.tree.root() else {
        let nothing = Span::new(reader.tree.file, 0, 0);
        return (Item::new(Value::Map(Vec::new()), Some(nothing)), vec![]);
    };
    let item = reader.top(root, shape);
    (item, reader.findings)
}

struct Reader<'t> {
    tree: &'t Tree,
    dialect: Dialect,
    findings: Vec<Finding>,
    seen: HashSet<(&'static str, Option<Span>)>,
    open_aliases: HashSet<NodeId>,
    budget: Budget,
    depth: usize,
    /// The first key of the list item that is about to be read.
    first_key_of_item: Option<NodeId>,
    /// The bytes of text that aliases have repeated.
    repeated: usize,
    stopped: bool,
}

/// The most faults that are reported of one document; each of them prevents start-up.
const MAX_FAULTS: usize = 2000;

/// The most text that aliases may repeat, in bytes: Refinery shares it, and values here do not.
const MAX_REPEATED: usize = 8 << 20;

type Entries<'t> = &'t [(NodeId, NodeId)];

impl<'t> Reader<'t> {
    fn new(tree: &'t Tree) -> Self {
        Self {
            tree,
            dialect: Dialect::Engine,
            findings: Vec::new(),
            seen: HashSet::new(),
            open_aliases: HashSet::new(),
            budget: Budget::new(),
            depth: 0,
            first_key_of_item: None,
            repeated: 0,
            stopped: false,
        }
    }

    /// Reads the root. At the top level every key is read as a string.
    fn top<S: Shape>(&mut self, root: NodeId, shape: S) -> Item {
        let node = self.tree.get(root);
        if let Body::Mapping(entries) = &node.body {
            self.count(node.span);
            return Item::new(self.mapping(entries, true, shape), Some(node.span));
        }
        let item = self.item(root, shape);
        // Other programs accept lists.
        if self.dialect != Dialect::Engine && matches!(item.value, Value::List(_)) {
            return item;
        }
        if item.value != Value::Null {
            let what = item.value.noun();
            self.refuse(
                Finding::new(&TOP_LEVEL, format!("the file must be a mapping, not {what}"))
                    .at(item.beginning().unwrap_or(node.span), format!("this is {what}"))
                    .help(advise_on_top(&item.value)),
            );
        }
        Item::new(Value::Map(Vec::new()), Some(node.span))
    }

    /// Adds a finding, but only once if several aliases lead to it.
    fn refuse(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FAULTS
            && self.seen.insert((finding.check.id, finding.primary()))
        {
            self.findings.push(finding.refuses());
        }
    }

    /// Adds a finding after which nothing more is read.
    fn stop(&mut self, finding: Finding) {
        self.stopped = true;
        self.findings.push(finding.refuses());
    }

    /// Counts a value; returns false if reading must stop.
    fn count(&mut self, span: Span) -> bool {
        if !self.stopped && !self.budget.spend(!self.open_aliases.is_empty()) {
            self.stop(
                Finding::new(&ALIAS_BOMB, "too many aliases expanded")
                    .at(span, "limit exceeded here")
                    .help("write out the values instead of nesting aliases"),
            );
        }
        !self.stopped
    }

    fn count_repeated(&mut self, text: &str, span: Span) {
        self.repeated += text.len();
        if self.repeated > MAX_REPEATED && !self.stopped {
            let most = MAX_REPEATED >> 20;
            let message = format!("aliases repeat more than {most} MiB of text");
            self.stop(
                Finding::new(&REPEATED_TEXT, message)
                    .at(span, "repeated too often")
                    .help("shorten this text, or use fewer aliases for it"),
            );
        }
    }

    /// Checks the nesting depth, which aliases can increase beyond that of the text.
    fn descend(&mut self, span: Span) -> bool {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("aliases nest values deeper than {MAX_DEPTH} levels");
            self.stop(Finding::new(&TOO_DEEP, message).at(span, "too deep"));
        }
        !self.stopped
    }

    fn item<S: Shape>(&mut self, id: NodeId, shape: S) -> Item {
        let node = self.tree.get(id);
        let absent = Item::new(Value::Null, Some(node.span));
        if !self.count(node.span) || !self.descend(node.span) {
            return absent;
        }
        let item = match &node.body {
            Body::Alias { target, .. } => {
                self.alias(id, *target, |reader| reader.item(*target, shape)).unwrap_or(absent)
            }
            Body::Scalar { text, style } => self.scalar(id, text, *style, shape),
            Body::Sequence(items) => {
                let items = items.iter().map(|&id| self.element(id, shape.element())).collect();
                Item::new(Value::List(items), Some(node.span))
            }
            Body::Mapping(entries) => {
                for &key in self.tree.repeated(id) {
                    self.refuse(Finding::new(&INVALID_TOML, REPEATED).at(key, "here"));
                }
                let text_keys =
                    shape.has_text_keys() || entries.iter().all(|&(key, _)| self.is_text(key));
                let item = Item::new(self.mapping(entries, text_keys, shape), Some(node.span));
                let raw = match node.tag.as_deref() {
                    Some(EMPTY_HEADER) => "[",
                    Some(INLINE_TABLE) => "{",
                    _ => "",
                };
                Item { raw: raw.to_owned(), ..item }
            }
        };
        self.depth -= 1;
        // The value gets the place of the alias, where it is used.
        Item { span: Some(node.span), ..item }
    }

    fn element<S: Shape>(&mut self, id: NodeId, shape: S) -> Item {
        let node = self.tree.get(id);
        let first = match &node.body {
            Body::Mapping(entries) => entries.first().map(|(key, _)| *key),
            _ => None,
        };
        // A mapping in braces starts before its first key.
        let is_block = |key: &NodeId| self.tree.get(*key).span.start == node.span.start;
        self.first_key_of_item = first.filter(is_block);
        self.item(id, shape)
    }

    /// Reads the target of an alias, unless the target contains the alias.
    fn alias<T>(
        &mut self,
        id: NodeId,
        target: NodeId,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let span = self.tree.get(id).span;
        if !self.open_aliases.insert(id) {
            self.stop(
                Finding::new(&ALIAS_LOOP, "this alias contains itself")
                    .at(span, "inside of its own target")
                    .at(beginning(self.tree.get(target).span), "the target starts here"),
            );
            return None;
        }
        let result = read(self);
        self.open_aliases.remove(&id);
        Some(result)
    }

    fn scalar<S: Shape>(&mut self, id: NodeId, text: &str, style: Style, shape: S) -> Item {
        let node = self.tree.get(id);
        let span = Some(node.span);
        if !self.open_aliases.is_empty() {
            self.count_repeated(text, node.span);
        }
        let written = self.tree.written(id).unwrap_or(text);
        if shape.parses_text() && node.tag.is_some() {
            return Item::new(Value::Text(written.to_owned()), span);
        }
        if node.tag.as_deref() == Some(MALFORMED) {
            self.refuse(Finding::new(&INVALID_TOML, text).at(node.span, "here"));
            return Item::new(Value::Null, span);
        }
        let is_wide = node.tag.as_deref() == Some(WIDE_INT);
        let value = match self.resolve(node.tag.as_deref(), text, style) {
            Ok(Scalar::Null) => Value::Null,
            Ok(Scalar::Bool(b)) => Value::Bool(b),
            Ok(Scalar::Int(n)) => Value::Int(n),
            Ok(Scalar::Unsigned(n)) => Value::Unsigned(n),
            Ok(Scalar::Float(n)) => {
                if is_wide && !shape.is_float() {
                    self.refuse(
                        Finding::new(&INVALID_TOML, "the integer does not fit in 64 bits")
                            .at(node.span, "too large"),
                    );
                }
                Value::Float(n)
            }
            Ok(Scalar::Long(n)) => Value::Long(n),
            Ok(Scalar::Time) => Value::Time,
            Ok(Scalar::Binary) => match binary::decode(text) {
                Some(text) => return Item::new(Value::Text(text), span),
                None => self.mismatch(id, "not valid Base64"),
            },
            Ok(Scalar::Text | Scalar::Merge) => {
                let raw =
                    if text.is_empty() { indicator_of(node.tag.as_deref(), style) } else { "" };
                let item = Item::new(Value::Text(text.to_owned()), span);
                return Item { raw: raw.to_owned(), ..item };
            }
            Err(mismatch) => self.mismatch(id, &format!("this is `{}`", mismatch.reads_as)),
        };
        Item { raw: written.to_owned(), ..Item::new(value, span) }
    }

    fn resolve(&self, tag: Option<&str>, text: &str, style: Style) -> Result<Scalar, TagMismatch> {
        resolve_as(self.dialect, tag, text, style != Style::Plain)
    }

    fn mismatch(&mut self, id: NodeId, label: &str) -> Value {
        let node = self.tree.get(id);
        let tag = node.tag.as_deref().unwrap_or_default();
        self.refuse(
            Finding::new(&TAG_MISMATCH, format!("the value does not match its tag `{tag}`"))
                .at(node.span, label)
                .help("remove the tag, or write a value of that type"),
        );
        Value::Null
    }

    fn mapping<S: Shape>(&mut self, entries: Entries<'t>, text_keys: bool, shape: S) -> Value {
        let mut mapping = Mapping::new(text_keys);
        self.fill(entries, &mut mapping, None, shape);
        mapping.into_value()
    }

    /// Adds entries, then the mappings that they merge, except keys in `taken`.
    fn fill<S: Shape>(
        &mut self,
        entries: Entries<'t>,
        into: &mut Mapping,
        mut taken: Option<&mut HashSet<Key>>,
        shape: S,
    ) {
        if !self.tree.allows_duplicates {
            self.find_duplicates(entries);
        }
        let mut merged = None;
        for &(key, value) in entries {
            if self.is_merge(key) {
                merged = Some(value);
                continue;
            }
            let Some(key) = self.key(key, into.text_keys) else {
                continue;
            };
            let is_taken = taken
                .as_mut()
                .is_some_and(|taken| Key::of(&key).is_some_and(|key| !taken.insert(key)));
            let field = match &key.value {
                Value::Text(name) if !is_taken => shape.field(name),
                _ => (!is_taken).then(|| shape.element()),
            };
            if let Some(field) = field {
                let value = self.item(value, field);
                if shape.keeps_duplicates() {
                    into.push(key, value);
                } else {
                    into.set(key, value);
                }
            }
        }
        if let Some(merged) = merged {
            if let Some(taken) = taken {
                self.merge(merged, into, taken, shape);
            } else {
                let mut taken = self.keys(entries);
                self.merge(merged, into, &mut taken, shape);
            }
        }
    }

    /// The keys of a mapping, read on their own.
    fn keys(&mut self, entries: Entries<'t>) -> HashSet<Key> {
        entries.iter().filter_map(|&(key, _)| Key::of(&self.item(key, Everything))).collect()
    }

    /// Merges mappings. The mapping's own keys override merged ones, and earlier mappings of a list
    /// override later ones.
    fn merge<S: Shape>(
        &mut self,
        value: NodeId,
        into: &mut Mapping,
        taken: &mut HashSet<Key>,
        shape: S,
    ) {
        match &self.tree.get(value).body {
            Body::Sequence(items) => {
                for &item in items {
                    self.merge_one(item, into, taken, shape);
                }
            }
            _ => self.merge_one(value, into, taken, shape),
        }
    }

    fn merge_one<S: Shape>(
        &mut self,
        source: NodeId,
        into: &mut Mapping,
        taken: &mut HashSet<Key>,
        shape: S,
    ) {
        let node = self.tree.get(source);
        if !self.count(node.span) || !self.descend(node.span) {
            return;
        }
        match &node.body {
            Body::Mapping(entries) => self.fill(entries, into, Some(taken), shape),
            Body::Alias { target, .. } => {
                self.alias(source, *target, |reader| {
                    reader.merge_one(*target, into, taken, shape);
                });
            }
            _ => self.stop(
                Finding::new(&MERGE_NOT_MAP, "`<<` must be a mapping")
                    .at(node.span, "not a mapping")
                    .help("use a mapping, an alias of one, or a list of these"),
            ),
        }
        self.depth -= 1;
    }

    /// Reads a key. A null key among string keys is silently ignored, as go-yaml does.
    fn key(&mut self, id: NodeId, as_text: bool) -> Option<Item> {
        let known = self.findings.len();
        let item = self.item(id, Everything);
        let is_null = item.value == Value::Null;
        match item.value {
            _ if self.findings.len() > known => None,
            Value::List(_) | Value::Map(_) | Value::Mixed(_) => {
                self.refuse_key(id);
                None
            }
            Value::Text(_) => Some(item),
            _ if as_text && is_null => None,
            _ if as_text => Some(Item::new(Value::Text(item.raw), item.span)),
            _ => Some(item),
        }
    }

    fn refuse_key(&mut self, key: NodeId) {
        let span = self.tree.get(key).span;
        self.refuse(
            Finding::new(&KEY_NOT_SCALAR, "a key cannot be a mapping or a list")
                .at(span, "a mapping or a list")
                .help("render a template such as `{{ … }}` first; put a string in quotes"),
        );
    }

    fn is_merge(&self, key: NodeId) -> bool {
        let node = self.tree.get(key);
        match &node.body {
            Body::Scalar { text, style } if text == "<<" => match node.tag.as_deref() {
                None => *style == Style::Plain,
                Some(tag) => tag == "!!merge",
            },
            _ => false,
        }
    }

    /// Whether go-yaml reads this key as a string or as a merge key.
    fn is_text(&self, key: NodeId) -> bool {
        let node = self.tree.get(self.tree.resolve(key));
        match (&node.body, node.tag.as_deref()) {
            (_, Some(tag)) => tag == "!!str" || tag == "!!merge",
            (Body::Scalar { text, style }, None) => {
                let scalar = self.resolve(None, text, *style);
                matches!(scalar, Ok(Scalar::Text | Scalar::Merge))
            }
            _ => false,
        }
    }

    fn find_duplicates(&mut self, entries: Entries<'t>) {
        let starts_item =
            entries.first().is_some_and(|(key, _)| self.first_key_of_item == Some(*key));
        let most = MAX_FAULTS.saturating_sub(self.findings.len());
        for finding in find_duplicates(self.tree, entries, starts_item).take(most) {
            self.refuse(finding);
        }
    }
}

/// The indicator that YAML took instead of a value: a tag such as `!=`, or `>`.
fn indicator_of(tag: Option<&str>, style: Style) -> &str {
    match style {
        Style::Literal => "|",
        Style::Folded => ">",
        Style::Plain => tag.unwrap_or_default(),
        Style::Text => "",
    }
}

/// The first character of a collection, which labels point at.
fn beginning(span: Span) -> Span {
    Span { end: span.end.min(span.start + 1), ..span }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::DUPLICATE_KEY;
    use crate::syntax::yaml;

    fn read(text: &str) -> (Item, Vec<Finding>) {
        read_document(&yaml::parse(FileId(0), text).tree.expect(text))
    }

    /// The value of `key`, in a short notation.
    fn value(text: &str, key: &str) -> String {
        let (item, findings) = read(text);
        assert_eq!(findings, [], "{text:?}");
        item.get(key).map(show).unwrap_or_default()
    }

    fn show(item: &Item) -> String {
        let join = |parts: Vec<String>| parts.join(" ");
        match &item.value {
            Value::Text(text) => text.clone(),
            Value::List(items) => format!("[{}]", join(items.iter().map(show).collect())),
            Value::Map(entries) => {
                let entry = |e: &crate::syntax::Entry| format!("{}:{}", e.key, show(&e.item));
                format!("{{{}}}", join(entries.iter().map(entry).collect()))
            }
            Value::Mixed(pairs) => {
                let pair = |(k, v): &(Item, Item)| format!("{}:{}", show(k), show(v));
                format!("<{}>", join(pairs.iter().map(pair).collect()))
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn own_keys_override_merged_ones_and_earlier_override_later() {
        let defs = "a: &a {k: 1, l: 2}\nb: &b {k: 3, m: 4, <<: *a}\n";
        for (merge, merged) in [
            ("{<<: *a, k: 0}", "{k:Int(0) l:Int(2)}"),
            ("{<<: [*a, *b]}", "{k:Int(1) l:Int(2) m:Int(4)}"),
            ("{<<: *b}", "{k:Int(3) m:Int(4) l:Int(2)}"),
            ("{<<: {n: 5}}", "{n:Int(5)}"),
            ("{1: x, <<: {1: y, 2: z}}", "<Int(1):x Int(2):z>"),
            ("{\"<<\": x}", "{<<:x}"),
        ] {
            assert_eq!(value(&format!("{defs}c: {merge}"), "c"), merged, "{merge}");
        }
    }

    #[test]
    fn keys_are_strings_if_all_of_them_are() {
        assert_eq!(value("a: {b: 1, \"2\": c}", "a"), "{b:Int(1) 2:c}");
        assert_eq!(value("a: {b: 1, 2: c}", "a"), "<b:Int(1) Int(2):c>");
        assert_eq!(value("a: {1: b, 0x1: c}", "a"), "<Int(1):c>");
        assert_eq!(value("2: b\n~: c", "2"), "b");
        assert_eq!(value("&a b: c\n*a : d", "b"), "d");
        assert_eq!(value("a: !!binary aGk=", "a"), "hi");
    }

    /// A text of a megabyte with this number of aliases.
    fn repeated(aliases: usize) -> String {
        let text = "x".repeat(1 << 20);
        format!("a: &a {text}\nb: [{}]\n", "*a, ".repeat(aliases))
    }

    #[test]
    fn text_may_be_repeated_up_to_the_limit() {
        assert_eq!(read(&repeated(8)).1.len(), 0);
    }

    #[test]
    fn faults_are_limited() {
        let text = "a: 1\n".repeat(3 * MAX_FAULTS);
        assert_eq!(read(&text).1.len(), MAX_FAULTS);
        // Reading stops nevertheless.
        let text = format!("{text}b: &b [*b]\n");
        assert_eq!(read(&text).1.last().map(|f| f.check.id), Some(ALIAS_LOOP.id));
    }

    #[test]
    fn each_fault_has_its_check() {
        let bomb = (1..8).fold("a0: &a0 [x, x, x, x]\n".to_owned(), |text, i| {
            let alias = format!("*a{}, ", i - 1).repeat(9);
            format!("{text}a{i}: &a{i} [{alias}]\n")
        });
        for (text, check) in [
            ("a: 1\na: 2", &DUPLICATE_KEY),
            ("&a b: 1\nc: {*a : 1, *a : 2}", &DUPLICATE_KEY),
            ("a: &a [*a]", &ALIAS_LOOP),
            ("a: &a {<<: *a}", &ALIAS_LOOP),
            (bomb.as_str(), &ALIAS_BOMB),
            (repeated(9).as_str(), &REPEATED_TEXT),
            ("a: {<<: 5}", &MERGE_NOT_MAP),
            ("a: &a [b]\nc: {<<: *a}", &MERGE_NOT_MAP),
            ("a: !!int b", &TAG_MISMATCH),
            ("!!int a: b", &TAG_MISMATCH),
            ("a: !!binary b", &TAG_MISMATCH),
            ("[a]: b", &KEY_NOT_SCALAR),
            ("a: {{b: c}: d}", &KEY_NOT_SCALAR),
            ("- a", &TOP_LEVEL),
            ("a: &a {b: 1, b: 2}\nc: *a\nd: {<<: *a}", &DUPLICATE_KEY),
            ("a: {!!int b: c, <<: {d: e}}", &TAG_MISMATCH),
        ] {
            let found: Vec<_> = read(text).1.iter().map(|f| f.check.id).collect();
            assert_eq!(found, [check.id], "{text:?}");
        }
    }

    #[test]
    fn aliases_cannot_nest_beyond_the_limit() {
        let nested = |inner: &str| "[".repeat(MAX_DEPTH / 3) + inner + &"]".repeat(MAX_DEPTH / 3);
        let text = format!("a: &a {}\nb: &b {}\nc: *b\n", nested("x"), nested("*a"));
        let found: Vec<_> = read(&text).1.iter().map(|f| f.check.id).collect();
        assert_eq!(found, [] as [&str; 0]);
        let chain = (1..MAX_DEPTH).fold("a0: &a0 {k: v}\n".to_owned(), |text, i| {
            format!("{text}a{i}: &a{i} {{<<: *a{}}}\n", i - 1)
        });
        let stops = read(&chain).1;
        assert!(stops.iter().all(|f| f.check.id == TOO_DEEP.id || f.check.id == ALIAS_BOMB.id));
        let text = format!("{text}d: {}\n", nested("*b"));
        let found: Vec<_> = read(&text).1.iter().map(|f| f.check.id).collect();
        assert_eq!(found, [TOO_DEEP.id]);
    }
}
