//! An integer with a leading zero.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::syntax::{Item, Value};

check!(
    OCTAL_NUMBER,
    "syntax/octal-number",
    Warning,
    "an integer with a leading zero is octal",
    "Refinery's YAML parser supports the octal numbers of YAML 1.1, so `0500` is 320. Nothing is \
     logged.",
    "Remove the leading zero.",
    before: "\
General:
  ConfigurationVersion: 2
Traces:
  MaxBatchSize: 0500
",
    change: "MaxBatchSize: 0500" => "MaxBatchSize: 500",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Memory sizes are parsed as strings, in base 10.
    let key = context.config_keys().filter(|key| key.schema.go_type() != "MemorySize");
    for item in key.filter_map(|key| context.item(key.group, key.name)) {
        visit(item, &mut findings);
    }
    for item in context.written.rules.iter().filter_map(|document| document.item.as_ref()) {
        visit(item, &mut findings);
    }
    findings
}

fn visit(item: &Item, findings: &mut Vec<Finding>) {
    match &item.value {
        Value::Int(n) => findings.extend(report(item, *n)),
        Value::List(items) => items.iter().for_each(|item| visit(item, findings)),
        Value::Map(entries) => entries.iter().for_each(|entry| visit(&entry.item, findings)),
        Value::Mixed(pairs) => pairs.iter().for_each(|(_, item)| visit(item, findings)),
        _ => {}
    }
}

fn report(item: &Item, read: i64) -> Option<Finding> {
    let decimal: i64 = item.raw.replace('_', "").parse().ok()?;
    let digits = item.raw.trim_start_matches(['-', '+']);
    (digits.starts_with('0') && decimal != read).then(|| {
        let message = format!("`{}` is read as {read}", item.raw);
        let help = format!("write `{decimal}`, or `{read}` if you mean the octal number");
        Finding::new(&OCTAL_NUMBER, message)
            .help(help)
            .at_some(item.span, "the leading zero makes it octal")
    })
}
