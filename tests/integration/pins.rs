//! Which release a deployment is checked for: pins in every format, as exact versions, ranges,
//! digests, unknown releases and 1.x.

use refinery_preflight::internals::discover::Request;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::pipeline::{CheckOptions, check};
use refinery_preflight::internals::release::{Named, known, newest};
use refinery_preflight::internals::report::{Format, Style, render};
use refinery_preflight::internals::verdict::Report;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\n";
const RULES: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: 1\n";
const VALUES: &str = "config:\n  General:\n    ConfigurationVersion: 2\nrules:\n  RulesVersion: 2\n  \
                      Samplers:\n    __default__:\n      DeterministicSampler:\n        SampleRate: 1\n";
const DIGEST: &str = "sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// Files by path.
type Files<'f> = Vec<(&'f str, String)>;

/// The root of a repository with these files.
fn write(files: &Files<'_>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).expect("a folder");
        fs::write(path, text).expect("writable");
    }
    folder
}

fn report(
    folder: &Path,
) -> (Report, refinery_preflight::internals::span::Files, Vec<Option<Named>>) {
    let request = Request { paths: vec![folder.to_owned()], ..Request::default() };
    let mut sources = gather(&request, &mut std::io::empty()).expect("files");
    let question = CheckOptions { releases: vec![newest()], ..CheckOptions::default() };
    let report = check(&mut sources, &question);
    let pins = sources.deployments.iter().map(|d| Some(d.launch.release.clone()?.named)).collect();
    (report, sources.files, pins)
}

/// The newest release is named so, because it changes.
fn named(release: &str) -> &str {
    if release == newest().to_string() { "newest" } else { release }
}

/// `=v2.9.4`: known; `?newest`: unknown, checked as that; `~newest`: moving; `!newest`: not
/// understood; `1.x`; `-`: no pin.
fn shown(files: &Files<'_>) -> String {
    let folder = write(files);
    let (report, _, pins) = report(folder.path());
    if pins.is_empty() {
        let findings = report.deployments.iter().flat_map(|d| &d.findings);
        let ids: Vec<&str> = findings.map(|reported| reported.finding.check.id).collect();
        assert_eq!(ids, ["version/first-generation"], "{files:?}");
        return "1.x".to_owned();
    }
    let shown = pins.iter().zip(&report.deployments).map(|(pin, deployment)| {
        let checked: Vec<&str> = deployment.verdicts.iter().map(|v| named(&v.release)).collect();
        let warned: BTreeSet<&str> = deployment
            .findings
            .iter()
            .map(|reported| reported.finding.check.id)
            .filter(|id| id.starts_with("version/"))
            .collect();
        let (sign, warning) = match pin {
            None => ("-", None),
            Some(Named::Known(_)) => ("=", None),
            Some(Named::Version(_)) => ("?", Some("version/unknown-release")),
            Some(Named::Moving(..)) => ("~", Some("version/unknown-release")),
            Some(Named::Unclear(_)) => ("!", Some("version/unknown-release")),
            Some(Named::First(_)) => ("1.x", Some("version/first-generation")),
        };
        assert_eq!(warned, warning.into_iter().collect(), "{files:?}");
        format!("{sign}{}", checked.join("+"))
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn compose(image: &str) -> Files<'static> {
    let text = format!(
        "services:\n  refinery:\n    image: {image}\n    volumes:\n      \
         - ./config.yaml:/etc/refinery/refinery.yaml\n      - ./rules.yaml:/etc/refinery/rules.yaml\n"
    );
    loose("compose.yaml", text)
}

/// A pair of plain files, and one more.
fn loose(name: &'static str, text: String) -> Files<'static> {
    vec![("config.yaml", CONFIG.to_owned()), ("rules.yaml", RULES.to_owned()), (name, text)]
}

fn dockerfile(from: &str) -> Files<'static> {
    let text = format!(
        "{from}\nCOPY config.yaml /etc/refinery/refinery.yaml\nCOPY rules.yaml /etc/refinery/\n"
    );
    loose("Dockerfile", text)
}

fn pods(image: &str) -> Files<'static> {
    let indented = |text: &str| text.replace('\n', "\n    ");
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  refinery.yaml: |\n    {}\n  \
         rules.yaml: |\n    {}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: r}}\nspec:\n  \
         selector: {{}}\n  template:\n    spec:\n      containers:\n        - name: r\n          \
         image: {image}\n          volumeMounts: [{{name: c, mountPath: /etc/refinery}}]\n      \
         volumes: [{{name: c, configMap: {{name: c}}}}]\n",
        indented(CONFIG),
        indented(RULES)
    );
    vec![("refinery.yaml", text)]
}

/// Values in the folder of a chart that depends on Refinery's chart.
fn umbrella(version: &str, lock: Option<&str>) -> Files<'static> {
    let chart = format!(
        "apiVersion: v2\nname: all\nversion: 1.0.0\ndependencies:\n  - name: refinery\n    version: \
         \"{version}\"\n"
    );
    let values = format!("refinery:\n  {}\n", VALUES.trim_end().replace('\n', "\n  "));
    let mut files = vec![("chart/Chart.yaml", chart), ("chart/values.yaml", values)];
    files.extend(lock.map(|version| {
        let lock = format!("dependencies:\n- name: refinery\n  version: {version}\n");
        ("chart/Chart.lock", lock)
    }));
    files
}

fn own_chart(lines: &str) -> Files<'static> {
    vec![
        ("Chart.yaml", format!("apiVersion: v2\nname: refinery\n{lines}")),
        ("values.yaml", VALUES.to_owned()),
    ]
}

fn tag(tag: &str) -> Files<'static> {
    vec![("values.yaml", format!("image:\n  tag: {tag}\n{VALUES}"))]
}

fn beside_values(name: &'static str, text: String) -> Files<'static> {
    vec![("deploy/values.yaml", VALUES.to_owned()), (name, text)]
}

fn helmfile(line: &str) -> Files<'static> {
    let text = format!(
        "releases:\n  - name: refinery\n    chart: honeycomb/refinery\n    values: \
         [deploy/values.yaml]\n    {line}\n"
    );
    beside_values("helmfile.yaml", text)
}

fn argo(revision: &str) -> Files<'static> {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: r}}\nspec:\n  sources:\n    \
         - repoURL: https://honeycombio.github.io/helm-charts\n      chart: refinery\n      \
         targetRevision: {revision}\n      helm:\n        valueFiles: [$values/deploy/values.yaml]\n    \
         - repoURL: https://git.example/x\n      ref: values\n"
    );
    beside_values("apps/refinery.yaml", text)
}

fn argo_inline(revision: &str) -> Files<'static> {
    let values = VALUES.trim_end().replace('\n', "\n        ");
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: r}}\nspec:\n  source:\n    \
         chart: refinery\n    targetRevision: {revision}\n    helm:\n      valuesObject:\n        {values}\n"
    );
    vec![("app.yaml", text)]
}

fn application_set(revision: &str, file: &str) -> Files<'static> {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: r}}\nspec:\n  template:\n    \
         spec:\n      sources:\n        - chart: refinery\n          targetRevision: {revision}\n          \
         helm:\n            valueFiles: [\"{file}\"]\n        - ref: values\n"
    );
    beside_values("apps/set.yaml", text)
}

fn flux_inline(version: &str) -> Files<'static> {
    let values = VALUES.trim_end().replace('\n', "\n    ");
    let text = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  chart:\n    \
         spec: {{chart: refinery, version: \"{version}\"}}\n  values:\n    {values}\n"
    );
    vec![("release.yaml", text)]
}

fn flux_generated(version: &str) -> Files<'static> {
    let release = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  chart:\n    \
         spec: {{chart: refinery, version: \"{version}\"}}\n  valuesFrom: [{{kind: ConfigMap, name: \
         refinery-values}}]\n"
    );
    let generator = "resources: [release.yaml]\nconfigMapGenerator:\n  - name: refinery-values\n    \
                     files: [values.yaml=values.yaml]\n";
    vec![
        ("deploy/values.yaml", VALUES.to_owned()),
        ("deploy/release.yaml", release),
        ("deploy/kustomization.yaml", generator.to_owned()),
    ]
}

fn flux_reference(reference: &str) -> Files<'static> {
    let values = VALUES.trim_end().replace('\n', "\n    ");
    let text = format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: chart}}\nspec:\n  \
         url: oci://ghcr.io/x/refinery\n  ref: {{{reference}}}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\n\
         kind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  chartRef: {{kind: OCIRepository, name: chart}}\n  \
         values:\n    {values}\n"
    );
    vec![("release.yaml", text)]
}

fn terraform(lines: &str) -> Files<'static> {
    let text = format!(
        "resource \"helm_release\" \"refinery\" {{\n  chart  = \"refinery\"\n  values = \
         [file(\"${{path.module}}/../deploy/values.yaml\")]\n  {lines}\n}}\n"
    );
    beside_values("infra/main.tf", text)
}

fn fly(image: &str) -> Files<'static> {
    loose("fly.toml", format!("app = \"refinery\"\n[build]\n  image = \"{image}\"\n"))
}

fn script(image: &str) -> Files<'static> {
    let text = format!(
        "#!/bin/sh\nVERSION=2.9.4\ndocker run -v $PWD/config.yaml:/etc/refinery/refinery.yaml {image}\n"
    );
    loose("run.sh", text)
}

fn unit(image: &str) -> Files<'static> {
    let text = format!(
        "[Service]\nExecStart=/usr/bin/docker run -v /opt/refinery/config.yaml:/etc/refinery/refinery.yaml \
         {image}\n"
    );
    loose("refinery.service", text)
}

fn workflow(image: &str) -> Files<'static> {
    let text = format!(
        "on: push\njobs:\n  run:\n    steps:\n      - run: docker run -v ./config.yaml:/c.yaml {image} -c \
         /c.yaml\n"
    );
    loose(".github/workflows/run.yml", text)
}

fn nomad(image: &str) -> Files<'static> {
    let text = format!(
        "job \"r\" {{\n  config {{\n    image = \"{image}\"\n    volumes = [\"config.yaml:/etc/refinery/\
         refinery.yaml\"]\n  }}\n}}\n"
    );
    loose("refinery.nomad", text)
}

fn image(tag: &str) -> String {
    format!("honeycombio/refinery{tag}")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_format_pins_its_release() {
    let digest = format!("@{DIGEST}");
    let [i294, i391, i1, il, idg, none] =
        [":2.9.4", ":9.9.1", ":1.16.0", ":latest", &digest, ""].map(image);
    let kustomized = |tag: &str| {
        let mut files = pods("honeycombio/refinery:3.0.0");
        let text = format!(
            "resources: [refinery.yaml]\nimages:\n  - {{name: honeycombio/refinery, newTag: {tag}}}\n"
        );
        files.push(("kustomization.yaml", text));
        files
    };
    let inflated = |version: &str| {
        let text = format!(
            "helmCharts:\n  - name: refinery\n    version: \"{version}\"\n    valuesFile: values.yaml\n"
        );
        vec![("values.yaml", VALUES.to_owned()), ("kustomization.yaml", text)]
    };
    let from = |image: &str| format!("FROM {image}");
    let commented = format!("{idg} # 2.9.4");
    let rows: Vec<(&str, Files<'_>, &str)> = vec![
        ("compose exact", compose(&i294), "=v2.9.4"),
        ("compose line", compose("honeycombio/refinery:2.9"), "=v2.9.7"),
        ("compose variable with default", compose("honeycombio/refinery:${T:-2.9.4}"), "=v2.9.4"),
        ("compose variable", compose("honeycombio/refinery:${T}"), "!newest"),
        ("compose digest", compose(&idg), "~newest"),
        ("compose digest with comment", compose(&commented), "=v2.9.4"),
        ("compose missing", compose(&none), "-newest"),
        ("compose unknown", compose(&i391), "?newest"),
        ("compose latest", compose(&il), "~newest"),
        ("compose 1.x", compose(&i1), "1.x"),
        ("own image that counts otherwise", compose("acme.example/refinery:1.7.0"), "~newest"),
        ("pods exact", pods(&i294), "=v2.9.4"),
        ("pods digest", pods(&idg), "~newest"),
        ("pods digest with comment", pods(&commented), "=v2.9.4"),
        ("pods missing", pods(&none), "-newest"),
        ("pods unknown", pods(&i391), "?newest"),
        ("pods branch", pods("honeycombio/refinery:main"), "~newest"),
        ("pods 1.x", pods(&i1), "1.x"),
        ("kustomize exact", kustomized("2.9.4"), "=v2.9.4"),
        ("kustomize unknown", kustomized("9.9.1"), "?newest"),
        ("kustomize 1.x", kustomized("1.16.0"), "1.x"),
        ("kustomize chart exact", inflated("2.16.2"), "=v2.9.4"),
        ("kustomize chart unknown", inflated("9.9.0"), "~newest"),
        ("dependency exact", umbrella("2.16.2", None), "=v2.9.4"),
        ("dependency x range", umbrella("2.16.x", None), "=v2.9.5"),
        ("dependency caret", umbrella("^2.16.0", None), "=v2.9.7"),
        ("dependency tilde", umbrella("~2.16.0", None), "=v2.9.5"),
        ("dependency bounds", umbrella(">=2.16.0 <2.18.0", None), "=v2.9.5"),
        ("dependency locked", umbrella("^2.16.0", Some("2.16.2")), "=v2.9.4"),
        ("dependency open range", umbrella("^3.0.0", None), "=newest"),
        ("dependency unknown", umbrella("9.9.0", None), "~newest"),
        ("dependency 1.x", umbrella("1.3.1", None), "1.x"),
        ("dependency not understood", umbrella("{{ version }}", None), "!newest"),
        ("own chart", own_chart("version: 2.16.2\n"), "=v2.9.4"),
        ("copied chart", own_chart("version: 9.9.9\nappVersion: 2.9.4\n"), "=v2.9.4"),
        ("own chart of 1.x", own_chart("version: 1.1.1\nappVersion: 1.4.1\n"), "1.x"),
        ("values exact", tag("2.9.4"), "=v2.9.4"),
        ("values missing", vec![("values.yaml", VALUES.to_owned())], "-newest"),
        ("values unknown", tag("9.9.1"), "?newest"),
        ("values 1.x", tag("1.16.0"), "1.x"),
        ("helmfile exact", helmfile("version: 2.16.2"), "=v2.9.4"),
        ("helmfile range", helmfile("version: ~2.16.0"), "=v2.9.5"),
        ("helmfile tag", helmfile("set: [{name: image.tag, value: 2.9.4}]"), "=v2.9.4"),
        ("helmfile missing", helmfile(""), "-newest"),
        ("helmfile unknown", helmfile("version: 9.9.0"), "~newest"),
        ("helmfile template", helmfile("version: '{{ .Values.v }}'"), "!newest"),
        ("helmfile 1.x", helmfile("version: 1.3.1"), "1.x"),
        ("Argo CD multi-source", argo("2.16.2"), "=v2.9.4"),
        ("Argo CD multi-source range", argo("2.16.*"), "=v2.9.5"),
        ("Argo CD multi-source unknown", argo("9.9.0"), "~newest"),
        ("Argo CD inline", argo_inline("2.16.2"), "=v2.9.4"),
        ("Argo CD inline range", argo_inline("^2.16.0"), "=v2.9.7"),
        ("application set", application_set("2.16.2", "$values/deploy/values.yaml"), "=v2.9.4"),
        (
            "application set with a template",
            application_set("'{{v}}'", "$values/deploy/values.yaml"),
            "!newest",
        ),
        ("Flux inline", flux_inline("2.16.2"), "=v2.9.4"),
        ("Flux inline range", flux_inline("2.16.x"), "=v2.9.5"),
        ("Flux inline not understood", flux_inline("${V}"), "!newest"),
        ("Flux generated", flux_generated("2.16.2"), "=v2.9.4"),
        ("Flux generated range", flux_generated(">=2.16.0 <2.17.0"), "=v2.9.5"),
        ("Flux reference", flux_reference("tag: 2.16.2"), "=v2.9.4"),
        ("Flux reference range", flux_reference("semver: \"2.16.x\""), "=v2.9.5"),
        ("Terraform exact", terraform("version = \"2.16.2\""), "=v2.9.4"),
        ("Terraform range", terraform("version = \"~> 2.16.0\""), "=v2.9.5"),
        (
            "Terraform tag",
            terraform("set {\n    name  = \"image.tag\"\n    value = \"2.9.4\"\n  }"),
            "=v2.9.4",
        ),
        ("Terraform variable", terraform("version = var.version"), "!newest"),
        ("Terraform missing", terraform(""), "-newest"),
        ("Dockerfile exact", dockerfile(&from(&i294)), "=v2.9.4"),
        (
            "Dockerfile argument",
            dockerfile("ARG V=2.9.4\nFROM honeycombio/refinery:${V}"),
            "=v2.9.4",
        ),
        ("Dockerfile open argument", dockerfile("ARG V\nFROM honeycombio/refinery:$V"), "!newest"),
        ("Dockerfile missing", dockerfile(&from(&none)), "-newest"),
        ("Dockerfile unknown", dockerfile(&from(&i391)), "?newest"),
        ("Dockerfile 1.x", dockerfile(&from(&i1)), "1.x"),
        ("fly exact", fly(&i294), "=v2.9.4"),
        ("fly digest", fly(&idg), "~newest"),
        ("fly 1.x", fly(&i1), "1.x"),
        ("script exact", script(&i294), "=v2.9.4"),
        ("script variable", script("honeycombio/refinery:$VERSION"), "=v2.9.4"),
        ("script open variable", script("honeycombio/refinery:$1"), "!newest"),
        ("unit exact", unit(&i294), "=v2.9.4"),
        ("unit unknown", unit(&i391), "?newest"),
        ("workflow exact", workflow(&i294), "=v2.9.4"),
        ("workflow latest", workflow(&il), "~newest"),
        ("Nomad exact", nomad(&i294), "=v2.9.4"),
        ("Nomad 1.x", nomad(&i1), "1.x"),
    ];
    assert!(rows.len() >= 60, "only {} set-ups", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .map(|(what, files, expected)| (what, shown(files), expected))
        .filter(|(_, shown, expected)| shown != *expected)
        .map(|(what, shown, expected)| format!("{what}: {shown}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_that_name_other_files_pin_nothing() {
    for (what, files) in [
        (
            "a script for other files",
            loose(
                "run.sh",
                "docker run -v x:/etc/refinery honeycombio/refinery:2.9.4\n".to_owned(),
            ),
        ),
        ("a workflow of another folder", {
            let mut files = workflow("honeycombio/refinery:2.9.4");
            for (_, text) in &mut files {
                *text = text.replace("./config", "./other/config");
            }
            files
        }),
        ("a helmfile of other values", {
            let mut files = helmfile("version: 2.16.2");
            for (_, text) in &mut files {
                *text = text.replace("deploy/", "other/");
            }
            files
        }),
        ("Terraform of another chart", {
            let mut files = terraform("version = \"2.16.2\"");
            for (_, text) in &mut files {
                *text = text.replace("\"refinery\"\n", "\"redis\"\n");
            }
            files
        }),
        ("a comment", dockerfile("# FROM honeycombio/refinery:2.9.4\nFROM acme/base")),
    ] {
        assert_eq!(shown(&files), "-newest", "{what}");
    }
}

#[test]
fn conflicting_pins_are_not_understood() {
    let mut files = script("honeycombio/refinery:2.9.4");
    files.extend(unit("honeycombio/refinery:3.1.0").pop());
    assert_eq!(shown(&files), "!newest");
    let mut files = helmfile("version: 2.16.2");
    files.extend(argo("3.0.0").pop());
    assert_eq!(shown(&files), "!newest");
}

/// A key that 2.9.4 accepts and later releases reject.
#[test]
fn a_pinned_release_decides_what_is_an_error() {
    let capacity = format!("{CONFIG}Collection:\n  CacheCapacity: 10000\n");
    let errors = |image: &str| {
        let mut files = script(image);
        files[0].1.clone_from(&capacity);
        let folder = write(&files);
        let (report, _, _) = report(folder.path());
        report.deployments[0].findings.iter().filter(|f| f.finding.stops_start()).count()
    };
    assert_eq!(errors("honeycombio/refinery:2.9.4"), 0);
    assert!(errors("honeycombio/refinery:3.2.2") > 0);
}

/// The release, the reason, and how well it is known.
#[test]
fn every_output_format_names_the_checked_release() {
    const STYLE: Style = Style { colour: false, links: false, width: 200 };
    const FORMATS: [Format; 7] = [
        Format::Human,
        Format::Short,
        Format::Json,
        Format::Sarif,
        Format::Github,
        Format::Junit,
        Format::Markdown,
    ];
    let known = known(newest()).unwrap();
    let name = known.release.to_string();
    let dated = format!("{name} of {}", known.date.unwrap());
    for (files, words) in [
        (
            compose("honeycombio/refinery:2.9.4"),
            &["v2.9.4", "by its image", "proved by recordings"][..],
        ),
        (
            compose("honeycombio/refinery:9.9.1"),
            &[&name, "v9.9.1", "version/unknown-release", known.evidence.basis()],
        ),
        (loose("other.txt", String::new()), &[&dated, "the newest known"]),
    ] {
        let folder = write(&files);
        let (report, files, _) = report(folder.path());
        for format in FORMATS {
            let text = render(format, &report, &files, &STYLE);
            for word in words {
                // Markdown and XML escape some characters.
                let text = text.replace("&#45;", "-");
                assert!(text.contains(word), "{format:?} has no {word}:\n{text}");
            }
        }
    }
}

#[test]
fn marks_errors_that_a_newer_release_may_not_have() {
    let mut files = compose("honeycombio/refinery:9.9.1");
    files[0].1.push_str("Sharding:\n  Enabled: true\n");
    let doubts = |files: &Files<'_>| {
        let folder = write(files);
        let (report, _, _) = report(folder.path());
        let errors = report.deployments[0].findings.iter().filter(|f| f.finding.stops_start());
        errors.map(|error| error.doubt.clone()).collect::<Vec<_>>()
    };
    assert_eq!(doubts(&files), [Some("v9.9.1 may accept this".to_owned())]);
    files[0].1 = "General: {\n".to_owned();
    assert!(doubts(&files).iter().all(Option::is_none), "no release reads broken YAML");
    let mut files = compose("honeycombio/refinery:3.2.2");
    files[0].1.push_str("Sharding:\n  Enabled: true\n");
    assert_eq!(doubts(&files), [None]);
}
