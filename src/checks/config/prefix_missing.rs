//! A prefix that no target begins with.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    PREFIX_MISSING,
    "rules/prefix-missing",
    Warning,
    "a `DatasetPrefix` that no target of the rules begins with",
    "traffic with a classic key is looked up as `prefix.dataset`; a target without the prefix \
     fits environments alone, and classic datasets fall to `__default__`"
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let prefix = subject.known("General", "DatasetPrefix")?;
    let start = format!("{}.", prefix.text());
    let others: Vec<_> = subject.targets().iter().filter(|t| t.name != "__default__").collect();
    let fits = others.iter().any(|target| target.name.starts_with(&start));
    (!prefix.text().is_empty() && !others.is_empty() && !fits).then(|| {
        let message = format!("no target begins with `{start}`");
        let finding = Finding::new(&PREFIX_MISSING, message)
            .help(format!("name classic datasets `{start}<dataset>`, or delete the prefix"));
        let finding = prefix.place(finding, "classic datasets are looked up with this in front");
        finding
            .at_some(others.first().and_then(|target| target.span()), "fits an environment alone")
    })
}
