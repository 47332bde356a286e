//! Jobs in the form of Nomad's API, as `nomad job run -json` takes them → the same in the shape of HCL.

use crate::deploy::chart::items::{entry, map, text};
use crate::deploy::list;
use crate::syntax::{Entry, Item, Value};

/// The fields of a task and of the blocks in it: their names in the API and in HCL.
const FIELDS: [(&str, &str); 11] = [
    ("Count", "count"),
    ("Driver", "driver"),
    ("Config", "config"),
    ("Env", "env"),
    ("EmbeddedTmpl", "data"),
    ("DestPath", "destination"),
    ("Envvars", "env"),
    ("Cores", "cores"),
    ("MemoryMB", "memory"),
    ("Volume", "volume"),
    ("Destination", "destination"),
];

/// The job in a document; `None` if there is none.
pub fn read(document: &Item) -> Option<Item> {
    let job = document.get("Job").unwrap_or(document);
    let groups = list(job, "TaskGroups");
    let groups: Vec<Entry> = groups.iter().filter_map(|one| labelled(one, group)).collect();
    let name = || job.get("ID").or(job.get("Name"))?.text().map(str::to_owned);
    let job = map(vec![entry("group", map(groups))]);
    let label = entry(&name().unwrap_or_default(), Item::new(Value::List(vec![job]), None));
    let is_job = document.get("Job").unwrap_or(document).get("TaskGroups").is_some();
    is_job.then(|| map(vec![entry("job", map(vec![label]))]))
}

/// A block under its name.
fn labelled(item: &Item, read: fn(&Item) -> Item) -> Option<Entry> {
    let name = item.get("Name")?;
    let blocks = Item::new(Value::List(vec![read(item)]), item.span);
    Some(Entry { key: name.text()?.to_owned(), key_span: name.span, item: blocks })
}

fn group(item: &Item) -> Item {
    let mut entries = fields(item);
    let tasks = list(item, "Tasks").iter().filter_map(|one| labelled(one, task)).collect();
    entries.push(entry("task", map(tasks)));
    map(entries)
}

fn task(item: &Item) -> Item {
    let mut entries = fields(item);
    let blocks = |key: &str| {
        let all =
            list(item, key).iter().map(|block| Item::new(map(fields(block)).value, block.span));
        Item::new(Value::List(all.collect()), None)
    };
    for (key, own) in
        [("Templates", "template"), ("VolumeMounts", "volume_mount"), ("Artifacts", "artifact")]
    {
        if !list(item, key).is_empty() {
            entries.push(entry(own, blocks(key)));
        }
    }
    if let Some(resources) = item.get("Resources") {
        let limit =
            |item: &Item| item.get("MemoryMaxMB").filter(|it| it.value != Value::Int(0)).cloned();
        let mut all = fields(resources);
        all.extend(limit(resources).map(|it| entry("memory_max", it)));
        all.retain(|entry| entry.item.value != Value::Int(0));
        entries.push(entry("resources", map(all)));
    }
    entries.extend(is_set(item, "Vault").then(|| entry("vault", map(Vec::new()))));
    // In nanoseconds.
    if let Some(Value::Int(timeout)) = item.get("KillTimeout").map(|item| &item.value) {
        entries.push(entry("kill_timeout", text(&format!("{timeout}ns"))));
    }
    map(entries)
}

fn is_set(item: &Item, key: &str) -> bool {
    item.get(key).is_some_and(|item| item.value != Value::Null)
}

fn fields(item: &Item) -> Vec<Entry> {
    let fields = FIELDS.iter().filter_map(|(name, own)| {
        let found = item.entry(name).filter(|entry| entry.item.value != Value::Null)?;
        Some(Entry { key: (*own).to_owned(), ..found.clone() })
    });
    fields.collect()
}
