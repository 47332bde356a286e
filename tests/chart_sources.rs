//! Values are the Refinery chart's because another file says so, whatever they contain.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop where it fails")]

mod program;

use program::{CONFIG, Folder, RULES};

const REPOSITORY: &str = "https://honeycombio.github.io/helm-charts";

/// Values that Refinery cannot be started with as written.
const UNUSABLE: [&str; 9] = [
    "config: junk\n",
    "rules: [1]\n",
    "config:\n  general: {configurationversion: 2}\n",
    "config:\n  Generl: {ConfigurationVersion: 2}\n",
    "rules:\n  RuleVersion: 2\n  Sampler: {}\n",
    "config: [\n",
    "config:\n\tGeneral: 1\n",
    "General: {ConfigurationVersion: 2}\n",
    "environment:\n- {name: REFINERY_HTTP_LISTEN_ADDRESS, value: nowhere}\n",
];

fn indented(text: &str, by: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{:by$}{line}\n", "")).collect();
    lines.concat()
}

fn good() -> String {
    format!("config:\n{}rules:\n{}", indented(CONFIG, 2), indented(RULES, 2))
}

/// A chart that depends on the Refinery chart under another name.
fn chart(alias: &str) -> String {
    format!(
        "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n- name: refinery\n  alias: {alias}\n  version: \
         2.18.0\n  repository: {REPOSITORY}\n"
    )
}

/// The head of a release of Flux.
fn release(chart: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: smp}}\nspec:\n{chart}"
    )
}

const FROM_REPOSITORY: &str = "  chart: {spec: {chart: refinery, version: 2.18.0, sourceRef: {kind: HelmRepository, name: h}}}\n";

/// A set-up that passes values to the chart: its name, the file with the values, and all others.
struct Way {
    name: &'static str,
    file: &'static str,
    /// The file with some values.
    write: Box<dyn Fn(&str) -> String>,
    others: Vec<(&'static str, String)>,
}

fn way(
    name: &'static str,
    file: &'static str,
    write: impl Fn(&str) -> String + 'static,
    others: &[(&'static str, String)],
) -> Way {
    Way { name, file, write: Box::new(write), others: others.to_vec() }
}

fn plain(values: &str) -> String {
    values.to_owned()
}

fn below(key: &'static str) -> impl Fn(&str) -> String {
    move |values| format!("{key}:\n{}", indented(values, 2))
}

/// Files that name a values file.
fn naming() -> Vec<Way> {
    let argo = |path: &str| {
        format!(
            "kind: Application\nspec:\n  sources:\n  - repoURL: {REPOSITORY}\n    chart: refinery\n    targetRevision: \
             2.18.0\n    helm:\n      valueFiles:\n      - {path}\n  - {{repoURL: 'https://git.example.com/x.git', ref: v}}\n"
        )
    };
    let helmfile = |path: &str| {
        format!(
            "releases:\n- name: smp\n  chart: honeycomb/refinery\n  version: 2.18.0\n  values:\n  - {path}\n"
        )
    };
    let skaffold = "kind: Config\ndeploy:\n  helm:\n    releases:\n    - name: r\n      remoteChart: \
                    honeycomb/refinery\n      valuesFiles: [v.yaml]\n";
    let ansible = "- hosts: all\n  tasks:\n  - kubernetes.core.helm:\n      chart_ref: honeycomb/refinery\n      \
                   values_files: [v.yaml]\n";
    let fleet =
        format!("helm:\n  chart: refinery\n  repo: {REPOSITORY}\n  valuesFiles: [v.yaml]\n");
    vec![
        way("helmfile", "a/x.yaml", plain, &[("helmfile.yaml", helmfile("a/x.yaml"))]),
        way("helmfile.d", "a/x.yaml", plain, &[("helmfile.d/1.yaml", helmfile("../a/x.yaml"))]),
        way(
            "helmfile for each environment",
            "a/prod.yaml",
            plain,
            &[("helmfile.yaml", helmfile("a/{{ .Environment.Name }}.yaml"))],
        ),
        way("Argo CD", "vals/smp.yaml", plain, &[("g/a.yaml", argo("$v/vals/smp.yaml"))]),
        way("Fleet", "g/v.yaml", plain, &[("g/fleet.yaml", fleet)]),
        way("Skaffold", "v.yaml", plain, &[("skaffold.yaml", skaffold.to_owned())]),
        way("Ansible", "v.yaml", plain, &[("play.yaml", ansible.to_owned())]),
        way(
            "a generated map",
            "f/smp.yaml",
            plain,
            &[
                (
                    "f/kustomization.yaml",
                    "resources: [r.yaml]\nconfigMapGenerator:\n- name: v\n  files: [values.yaml=smp.yaml]\n".to_owned(),
                ),
                (
                    "f/r.yaml",
                    release(FROM_REPOSITORY) + "  valuesFrom: [{kind: ConfigMap, name: v}]\n",
                ),
            ],
        ),
    ]
}

/// Objects of Flux that contain the values, or name a map that does.
fn flux() -> Vec<Way> {
    let in_release = |chart: &'static str| {
        move |values: &str| format!("{}  values:\n{}", release(chart), indented(values, 4))
    };
    let map = |values: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v}}\ndata:\n  a.yaml: |\n{}",
            indented(values, 4)
        )
    };
    let from_map = release(FROM_REPOSITORY)
        + "  valuesFrom: [{kind: ConfigMap, name: v, valuesKey: a.yaml}]\n";
    let base = release(FROM_REPOSITORY) + "  values:\n" + &indented(&good(), 4);
    let image =
        "kind: OCIRepository\nmetadata: {name: refinery}\nspec: {url: oci://ghcr.io/x/refinery}\n";
    vec![
        way("a release", "f/r.yaml", in_release(FROM_REPOSITORY), &[]),
        way(
            "a release that refers to its chart",
            "f/r.yaml",
            in_release("  chartRef: {kind: OCIRepository, name: refinery}\n"),
            &[("f/repo.yaml", image.to_owned())],
        ),
        way("a map", "f/v.yaml", map, &[("f/r.yaml", from_map)]),
        way(
            "a change of a release",
            "prod/p.yaml",
            in_release(""),
            &[
                ("base/r.yaml", base),
                ("base/kustomization.yaml", "resources: [r.yaml]\n".to_owned()),
                (
                    "prod/kustomization.yaml",
                    "resources: [../base]\npatches: [{path: p.yaml}]\n".to_owned(),
                ),
            ],
        ),
    ]
}

/// Charts that depend on the Refinery chart.
fn depending() -> Vec<Way> {
    let base = || ("c/values.yaml", format!("tail:\n{}", indented(&good(), 2)));
    let requirements = chart("tail").replace("apiVersion: v2\nname: shop\nversion: 1.0.0\n", "");
    let plain_chart = |more: &str| format!("apiVersion: v2\nname: all\nversion: 1.0.0\n{more}");
    let umbrella = plain_chart(
        "dependencies: [{name: shop, alias: obs, version: 1.0.0, repository: 'file://../shop'}]\n",
    );
    let nested = |values: &str| format!("obs:\n  tail:\n{}", indented(values, 4));
    let vendored = "apiVersion: v2\nname: refinery\nversion: 2.18.0\n".to_owned();
    vec![
        way("the chart", "c/values.yaml", below("tail"), &[("c/Chart.yaml", chart("tail"))]),
        way(
            "a layer",
            "c/values-eu.yaml",
            below("tail"),
            &[("c/Chart.yaml", chart("tail")), base()],
        ),
        way(
            "a folder for each environment",
            "c/env/eu/smp.yaml",
            below("tail"),
            &[("c/Chart.yaml", chart("tail")), base()],
        ),
        way(
            "environments beside the charts",
            "env/eu.yaml",
            below("tail"),
            &[("charts/c/Chart.yaml", chart("tail"))],
        ),
        way(
            "requirements.yaml",
            "c/values.yaml",
            below("tail"),
            &[("c/Chart.yaml", plain_chart("")), ("c/requirements.yaml", requirements)],
        ),
        way(
            "a chart of the chart",
            "c/values.yaml",
            nested,
            &[("c/Chart.yaml", umbrella), ("shop/Chart.yaml", chart("tail"))],
        ),
        way(
            "a copy of the chart",
            "c/values.yaml",
            below("refinery"),
            &[("c/Chart.yaml", plain_chart("")), ("c/charts/refinery/Chart.yaml", vendored)],
        ),
        way("a path about Refinery", "refinery/values.yaml", plain, &[]),
    ]
}

fn run(way: &Way, values: &str) -> (i32, String) {
    let mut files = way.others.clone();
    files.retain(|(name, _)| *name != way.file);
    files.push((way.file, (way.write)(values)));
    files.extend([("z/config.yaml", CONFIG.to_owned()), ("z/rules.yaml", RULES.to_owned())]);
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let ran = Folder::new(&files).run(&["check"]);
    (ran.status, ran.output + &ran.errors)
}

fn assert_all_block(ways: &[Way]) {
    let mut wrong = Vec::new();
    for way in ways {
        let (status, said) = run(way, &good());
        // A layer is checked besides what it changes.
        let is_checked = ["2", "3"].iter().any(|n| said.contains(&format!("checked {n} deploy")));
        if status != 0 || !is_checked {
            wrong.push(format!("{}, good values: {status} {said}", way.name));
        }
        for values in UNUSABLE {
            let (status, said) = run(way, values);
            // Variables have no place.
            let is_placed = said.contains(&format!("[{}:", way.file))
                || values.starts_with("environment") && said.contains(way.file);
            if status != 1 || !is_placed {
                wrong.push(format!("{}, {values:?}: {status} {said}", way.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_in_named_files_are_checked_whatever_they_contain() {
    assert_all_block(&naming());
}

#[test]
fn values_of_flux_are_checked_whatever_they_contain() {
    assert_all_block(&flux());
}

#[test]
fn values_of_charts_that_depend_on_it_are_checked_whatever_they_contain() {
    assert_all_block(&depending());
}
