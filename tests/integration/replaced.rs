//! Files that something else replaces: a link that leads nowhere, or the values of another chart.

use crate::program::{CONFIG, RULES};
use crate::repository::Repository;

fn indented(text: &str, by: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{:by$}{line}\n", "")).collect();
    lines.concat()
}

/// An Argo CD application of a chart with `config` and `rules`.
fn application(chart: &str, config: &str, rules: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: x}}\nspec:\n  source:\n    \
         repoURL: https://charts.example.com\n    chart: {chart}\n    targetRevision: 2.19.2\n    helm:\n      \
         valuesObject:\n        config:\n{}        rules:\n{}",
        indented(config, 10),
        indented(rules, 10)
    )
}

/// The status and output of `check --since HEAD` and of the hook with everything staged.
fn changed(repository: &Repository) -> [(i32, String); 2] {
    repository.git(&["add", "--all"]);
    [&["check", "--since", "HEAD"][..], &["hook", "run"]].map(|arguments| {
        let ran = repository.run(arguments);
        (ran.status, ran.all())
    })
}

#[test]
fn values_of_another_program_replace_those_of_refinery() {
    let collector = "receivers: {otlp: {}}\n";
    for (chart, is_lost) in
        [("opentelemetry-collector", false), ("acme/refinery-proxy", true), ("refinerry", true)]
    {
        let repository = Repository::with(&[
            ("apps/x.yaml", &application("refinery", CONFIG, RULES)),
            ("z/config.yaml", CONFIG),
            ("z/rules.yaml", RULES),
        ]);
        repository.write("apps/x.yaml", &application(chart, collector, "enabled: true\n"));
        for (status, said) in changed(&repository) {
            assert_eq!(status != 0, is_lost, "{chart}: {said}");
            assert_eq!(said.contains("is not recognised now"), is_lost, "{chart}: {said}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_replaces_a_folder() {
    for (folder, target, expected) in
        [("sampling", "../missing", 1), ("sampling", "other", 1), ("assets", "../missing", 0)]
    {
        let repository = Repository::with(&[
            ("sampling/config.yaml", CONFIG),
            ("sampling/rules.yaml", RULES),
            ("assets/a.yaml", "a: 1\n"),
            ("z/config.yaml", CONFIG),
            ("z/rules.yaml", RULES),
        ]);
        let path = repository.path().join(folder);
        std::fs::remove_dir_all(&path).unwrap();
        std::os::unix::fs::symlink(target, &path).unwrap();
        let ran = repository.run(&["check"]);
        assert_eq!(ran.status, expected, "{folder} {target}: {}", ran.all());
        assert_eq!(ran.all().contains("intake/link-outside"), expected == 1, "{}", ran.all());
    }
}
