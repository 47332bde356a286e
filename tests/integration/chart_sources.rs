//! Values are the Refinery chart's because another file says so, whatever they contain.

use crate::program::{CONFIG, Folder, RULES};

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
                    "resources: [r.yaml]\nconfigMapGenerator:\n- name: v\n  files: [values.yaml=smp.yaml]\n  options: {disableNameSuffixHash: true}\n".to_owned(),
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

/// Checks files next to a good deployment: the status and the report.
fn check(files: &[(&str, &str)]) -> (i32, String) {
    let mut all = vec![("z/config.yaml", CONFIG), ("z/rules.yaml", RULES)];
    all.extend(files);
    let ran = Folder::new(&all).run(&["check"]);
    (ran.status, ran.output + &ran.errors)
}

/// An application of Argo CD with these lines for Helm.
fn application(helm: &str) -> String {
    format!(
        "kind: Application\nspec:\n  source:\n    repoURL: {REPOSITORY}\n    chart: refinery\n    targetRevision: \
         2.18.0\n    helm: {{{helm}}}\n"
    )
}

#[test]
fn only_values_that_must_be_in_sight_block() {
    let from = |what: &str| release(FROM_REPOSITORY) + &format!("  valuesFrom: [{{{what}}}]\n");
    let renderer = |what: &str| {
        release(FROM_REPOSITORY) + &format!("  postRenderers: [{{kustomize: {{{what}}}}}]\n")
    };
    for (text, status) in [
        (from("kind: ConfigMap, name: gone"), 1),
        (from("kind: ConfigMap, name: gone, optional: true"), 0),
        (from("kind: ConfigMap, name: gone, valuesKey: n, targetPath: replicaCount"), 0),
        (from("kind: ConfigMap, name: '{{ env }}-values'"), 0),
        (from("kind: Secret, name: gone"), 0),
        (application("valueFiles: [gone.yaml]"), 1),
        (application("valueFiles: ['v/*.yaml']"), 0),
        (application("valueFiles: ['{{ env }}/v.yaml']"), 0),
        (application("valueFiles: [gone.yaml], ignoreMissingValueFiles: true"), 0),
        (application("valueFiles: [gone.yaml], ignoreMissingValueFiles: false"), 1),
        (renderer("images: [{name: x, newTag: y}]"), 0),
        (renderer("patches: [{target: {kind: ConfigMap}, patch: x}]"), 1),
    ] {
        let (found, said) = check(&[("f/a.yaml", &text)]);
        assert_eq!(found, status, "{text}: {said}");
    }
}

#[test]
fn a_map_with_rules_is_in_sight_in_and_around_the_folder() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\ndata:\n  rules.yaml: |\n    \
               RulesVersion: 2\n    Samplers: {__default__: {DeterministicSampler: {SampleRate: 1}}}\n";
    let generator = |name: &str| format!("configMapGenerator:\n- name: {name}\n  files: [a.txt]\n");
    let (mine, other) = (generator("mine"), generator("other"));
    for (name, text, status) in [
        ("c/map.yaml", map, 0),
        // The chart mounts this key.
        ("c/map.yaml", &map.replace("rules.yaml", "rules.yml"), 1),
        ("c/extra/map.yaml", map, 0),
        ("map.yaml", map, 0),
        ("d/map.yaml", map, 0),
        ("d/kustomization.yaml", &mine, 0),
        ("d/kustomization.yaml", &other, 1),
        ("d/e/map.yaml", map, 1),
        ("c/.git/map.yaml", map, 1),
    ] {
        let values = "tail: {RulesConfigMapName: mine}\n";
        let (found, said) =
            check(&[("c/Chart.yaml", &chart("tail")), ("c/values.yaml", values), (name, text)]);
        assert_eq!(found, status, "{name} {text}: {said}");
    }
}

#[test]
fn keys_like_those_of_the_chart_are_compared_by_their_spelling() {
    for (values, status) in [
        ("Config: {General: {ConfigurationVersion: 2}}", 1),
        ("ruls: {a: 1}", 1),
        // Other words, and a value that is neither config nor rules.
        ("roles: {a: 1}", 0),
        ("files: {a: 1}", 0),
        ("ruler: true", 0),
    ] {
        let text = format!("tail: {{{values}}}\n");
        let (found, said) = check(&[("c/Chart.yaml", &chart("tail")), ("c/values.yaml", &text)]);
        assert_eq!(found, status, "{values}: {said}");
    }
}

#[test]
fn values_of_another_chart_or_release_do_not_block() {
    let change = |name: &str, chart: &str| {
        release(chart).replace("name: smp", &format!("name: {name}"))
            + "  values:\n    config: junk\n"
    };
    let own = release("  values: {replicaCount: 2}\n");
    let from = |rest: &str| {
        release(FROM_REPOSITORY)
            + &format!("  valuesFrom: [{{kind: ConfigMap, name: v, valuesKey: a.yaml{rest}}}]\n")
    };
    let map = |kind: &str| {
        format!(
            "apiVersion: v1\nkind: {kind}\nmetadata: {{name: v}}\ndata:\n  a.yaml: |\n    config: junk\n"
        )
    };
    let base = release(FROM_REPOSITORY) + "  values:\n" + &indented(&good(), 4);
    let changed = "resources: [../base]\npatches: [{path: p.yaml}]\n";
    for (name, text) in [
        ("prod/p.yaml", format!("{own}---\n{}", change("other", ""))),
        ("prod/p.yaml", format!("{own}---\n{}", change("smp", "  chart: {spec: {chart: oil}}\n"))),
    ] {
        let (status, said) = check(&[
            ("base/r.yaml", &format!("{base}---\n{}", change("other", ""))),
            ("base/kustomization.yaml", "resources: [r.yaml]\n"),
            ("prod/kustomization.yaml", changed),
            (name, &text),
        ]);
        assert_eq!(status, 0, "{text}: {said}");
    }
    let target = from(", targetPath: global.x");
    let secret = from("").replace("ConfigMap", "Secret");
    let service = "services:\n  refinery:\n    image: x/oil\n    config: junk\n".to_owned();
    for (one, other) in [
        (("f/r.yaml", target), ("f/v.yaml", map("ConfigMap"))),
        (("f/r.yaml", secret), ("f/v.yaml", map("Other"))),
        (("c/Chart.yaml", chart("refinery")), ("d/compose.yaml", service)),
    ] {
        let (status, said) = check(&[(one.0, &one.1), (other.0, &other.1)]);
        assert_eq!(status, 0, "{} {}: {said}", one.1, other.1);
    }
}

#[test]
fn files_of_charts_are_values_only_under_the_keys_of_the_chart() {
    let own = "apiVersion: v2\nname: refinery\nversion: 2.18.0\n";
    let bad = CONFIG.to_owned() + "Traces: {SendDelay: soon}\n";
    // A packed chart takes its values under its alias.
    let around = "apiVersion: v2\nname: all\nversion: 1.0.0\ndependencies: [{name: shop, alias: obs, version: 1.0.0}]\n";
    let (status, said) = check(&[
        ("c/Chart.yaml", around),
        ("c/charts/shop/Chart.yaml", &chart("tail")),
        ("c/values.yaml", "obs: {tail: {config: junk}}\n"),
    ]);
    assert_eq!(status, 1, "{said}");
    // Files with Refinery's keys stay files of Refinery's.
    let (status, said) = check(&[("c/Chart.yaml", &chart("tail")), ("c/smp.yaml", &bad)]);
    assert_eq!(status, 1, "{said}");
    let (status, said) =
        check(&[("c/Chart.yaml", own), ("c/config.yaml", CONFIG), ("c/rules.yaml", RULES)]);
    assert_eq!(status, 0, "{said}");
}

#[test]
fn secrets_that_a_kustomization_generates_hold_values() {
    let generator =
        "resources: [r.yaml]\nsecretGenerator:\n- {name: v, files: [values.yaml=smp.yaml]}\n";
    let text = release(FROM_REPOSITORY) + "  valuesFrom: [{kind: Secret, name: v}]\n";
    let (status, said) = check(&[
        ("f/kustomization.yaml", generator),
        ("f/r.yaml", &text),
        ("f/smp.yaml", "config: junk\n"),
    ]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("[f/smp.yaml:"), "{said}");
}

#[test]
fn commands_that_install_the_chart_name_its_values() {
    for (command, status) in [
        ("helm upgrade -i r honeycomb/refinery -f v/smp.yaml", 1),
        ("helm upgrade -i r honeycomb/refinery \\\n  -f v/smp.yaml", 1),
        ("/usr/bin/helm upgrade -i r honeycomb/refinery -f v/smp.yaml", 1),
        ("cd x; helm upgrade -i r honeycomb/refinery -f ../v/smp.yaml", 1),
        ("helm pull honeycomb/refinery -f v/smp.yaml", 0),
        ("helm upgrade r x/api --post-renderer -x/refinery -f v/smp.yaml", 0),
    ] {
        let script = format!("helm repo add honeycomb {REPOSITORY}\n{command}\n");
        let (found, said) = check(&[("run.sh", &script), ("v/smp.yaml", "config: junk\n")]);
        assert_eq!(found, status, "{command}: {said}");
        assert_eq!(said.contains("[v/smp.yaml:"), status == 1, "{command}: {said}");
    }
}
