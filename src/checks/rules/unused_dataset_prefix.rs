//! A dataset prefix that no target starts with.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    UNUSED_DATASET_PREFIX,
    "rules/unused-dataset-prefix",
    Warning,
    "no target of the rules starts with `DatasetPrefix`",
    "For traffic with a classic key Refinery looks up `prefix.dataset`. A target without the \
     prefix only applies to environments, and classic datasets use `__default__`."
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let prefix = context.known("General", "DatasetPrefix")?;
    let start = format!("{}.", prefix.text());
    let others: Vec<_> = context.targets().iter().filter(|t| t.name != "__default__").collect();
    let fits = others.iter().any(|target| target.name.starts_with(&start));
    (!prefix.text().is_empty() && !others.is_empty() && !fits).then(|| {
        let message = format!("no target starts with `{start}`");
        let finding = Finding::new(&UNUSED_DATASET_PREFIX, message).help(format!(
            "name targets for classic datasets `{start}<dataset>`, or remove `DatasetPrefix`"
        ));
        let finding = prefix.place(finding, "prepended to the names of classic datasets");
        finding.at_some(
            others.first().and_then(|target| target.span()),
            "only used for an environment",
        )
    })
}
