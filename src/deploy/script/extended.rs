//! Jobs of GitLab that take what they run from others with `extends`.

use crate::syntax::{Entry, Item, Value};

/// Keys that a job takes from those that it extends. Variables are merged, the others replaced.
const VARIABLES: &str = "variables";
const SCRIPTS: [&str; 3] = ["before_script", "script", "after_script"];

/// The maximum number of jobs that one extends, directly or through others.
const MOST: usize = 11;

/// Adds to each job what it takes from those that it extends.
pub fn extend_jobs(document: &mut Item) {
    let jobs: Vec<Entry> = document.entries().to_vec();
    let find = |name: &str| jobs.iter().find(|job| job.key == name).map(|job| &job.item);
    for Entry { item, .. } in document.entries_mut() {
        let mut waiting = bases(item);
        for _ in 0..MOST {
            let Some(base) = waiting.pop() else { break };
            let Some(base) = find(&base) else { continue };
            waiting.extend(bases(base));
            add(item, base);
        }
    }
}

/// The names of the jobs that a job extends. The last one counts most.
fn bases(job: &Item) -> Vec<String> {
    let Some(extends) = job.get("extends") else { return Vec::new() };
    let names = extends.list().unwrap_or(std::slice::from_ref(extends)).iter();
    names.filter_map(Item::text).map(str::to_owned).collect()
}

fn add(job: &mut Item, base: &Item) {
    let Value::Map(own) = &mut job.value else { return };
    for entry in base.entries() {
        let known = own.iter_mut().find(|known| known.key == entry.key);
        match (known, entry.key.as_str()) {
            (Some(Entry { item: Item { value: Value::Map(own), .. }, .. }), VARIABLES) => {
                let is_new = |entry: &&Entry| own.iter().all(|known| known.key != entry.key);
                let new: Vec<Entry> = entry.item.entries().iter().filter(is_new).cloned().collect();
                own.extend(new);
            }
            (None, key) if key == VARIABLES || SCRIPTS.contains(&key) => own.push(entry.clone()),
            _ => {}
        }
    }
}
