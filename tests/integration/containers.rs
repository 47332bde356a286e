//! Helm values and Kubernetes objects: the files in them are checked as Refinery will read them,
//! and findings are on the line that a person edits.

use crate::program::Folder;
use crate::repository::Repository;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::discover::{Request, Sources};
use refinery_preflight::internals::pipeline::{CheckOptions, Schemas, check, check_with};
use refinery_preflight::internals::schema::{Kind, Release};
use refinery_preflight::internals::verdict::{DeploymentReport, Report, Verdict};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn fixture(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join("fixtures/containers").join(name)).unwrap()
}

/// The report on standard input with this name.
fn read(name: &str, text: &str) -> Sources {
    let request = Request { stdin_filename: Some(name.to_owned()), ..Request::default() };
    gather(&request, &mut text.as_bytes()).unwrap()
}

fn newest() -> Release {
    *refinery_preflight::internals::schema::releases().last().unwrap()
}

fn check_text(name: &str, text: &str) -> (Sources, Report) {
    let mut sources = read(name, text);
    let question = CheckOptions { releases: vec![newest()], ..CheckOptions::default() };
    let report = check(&mut sources, &question);
    (sources, report)
}

/// The only verdict on the only deployment.
fn verdict(name: &str, text: &str) -> Verdict {
    let (_, report) = check_text(name, text);
    let [DeploymentReport { verdicts, .. }] = &report.deployments[..] else {
        panic!("{:?}", report.notices)
    };
    verdicts[0].clone()
}

/// The lines of a check's findings, and whether all are in the file itself.
fn lines_of(check: &str, sources: &Sources, report: &Report) -> BTreeSet<usize> {
    let found = report.deployments.iter().flat_map(DeploymentReport::all);
    let spans = found.filter(|r| r.finding.check.id == check).filter_map(|r| r.finding.primary());
    spans
        .map(|span| {
            let file = sources.files.get(span.file);
            assert!(file.window.is_none(), "a place in `{}`", file.name);
            file.text[..span.range().start].matches('\n').count() + 1
        })
        .collect()
}

/// Misspells Refinery's keys one by one and expects a finding on the line of each. Returns their
/// number.
fn plant_faults(name: &str, text: &str, schemas: &[Schemas], question: &CheckOptions) -> usize {
    let groups = Kind::Config.root().children();
    let keys: BTreeSet<&str> =
        groups.into_iter().flat_map(|(_, g)| g.children()).map(|(key, _)| key).collect();
    let mut planted = 0;
    for (index, line) in text.lines().enumerate() {
        let Some((key, _)) = line.trim_start().split_once(':') else { continue };
        let is_nested = line.starts_with("    ");
        if !keys.contains(key) || !is_nested || !key.contains(|c: char| c.is_lowercase()) {
            continue;
        }
        let wrong = line.replacen(key, &format!("{key}Planted"), 1);
        let mut lines: Vec<&str> = text.lines().collect();
        lines[index] = &wrong;
        let mut sources = read(name, &lines.join("\n"));
        let report = check_with(schemas, &mut sources, question);
        let found = lines_of("schema/unknown-key", &sources, &report);
        assert!(found.contains(&(index + 1)), "{name}:{}: {line}: {found:?}", index + 1);
        planted += 1;
    }
    planted
}

fn insist() -> (Vec<Schemas>, CheckOptions) {
    let question =
        CheckOptions { releases: vec![newest()], overrides_pins: true, ..CheckOptions::default() };
    (question.schemas(), question)
}

#[test]
fn finds_planted_errors_on_their_lines() {
    let (schemas, question) = insist();
    for (name, count) in [("values.yaml", 5), ("rendered.yaml", 12), ("east/values.yaml", 1)] {
        let planted = plant_faults(name, &fixture(name), &schemas, &question);
        assert!(planted >= count, "{name}: only {planted}");
    }
}

#[test]
fn finds_planted_syntax_errors_on_their_lines() {
    for (name, line, fault) in [
        ("rendered.yaml", "    Network:", "   Network:"),
        ("rendered.yaml", "          - Name: rest", "         - Name: rest"),
        ("values.yaml", "    Network: {ListenAddr: 0.0.0.0:8080}", "    Network: {ListenAddr: x"),
    ] {
        let text = fixture(name);
        let number = text.lines().position(|l| l == line).expect(line) + 1;
        let (sources, report) = check_text(name, &text.replacen(line, fault, 1));
        let near = number..=number + 2;
        let found = lines_of("syntax/invalid-yaml", &sources, &report);
        assert!(found.iter().any(|line| near.contains(line)), "{name}:{number}: {found:?}");
    }
}

#[test]
fn values_and_their_rendered_form_have_the_same_verdicts() {
    let [values, rendered] = ["values.yaml", "rendered.yaml"].map(|name| {
        let mut verdict = verdict(name, &fixture(name));
        // Helm sorts keys; values keep their order.
        verdict.first_trace.sort_by(|(a, _), (b, _)| a.cmp(b));
        verdict
    });
    assert_eq!(values, rendered);
    assert_eq!((values.release.as_str(), values.first_trace.len()), ("v2.9.7", 3));
    let (_, report) = check_text("values.yaml", &fixture("values.yaml"));
    let found = report.deployments[0].findings.iter().map(|reported| reported.finding.check.id);
    // The key is in a Secret that is not given.
    assert_eq!(found.collect::<Vec<_>>(), ["start/depends-on-variable"], "no key is wrong");
}

#[test]
fn checks_each_deployment_for_its_own_release() {
    let folder = Folder::new(&[
        ("a/values.yaml", &fixture("values.yaml")),
        ("b/values.yaml", &fixture("east/values.yaml")),
        ("other/values.yaml", "config:\n  receivers:\n    otlp:\n"),
        ("c/Chart.yaml", "name: c\ndependencies:\n  - name: refinery\n    version: 3.0.0\n"),
        ("c/values.yaml", "refinery:\n  rules:\n    RulesVersion: 2\n    Samplers: {}\n"),
    ]);
    let ran = folder.run(&["check"]);
    for said in [
        "Refinery v2.9.7",
        "Refinery v3.1.2, pinned by `image.tag`",
        "Refinery v3.0.0, pinned by the chart version in `Chart.yaml`",
        "b/values.yaml:6:5",
    ] {
        assert!(ran.output.replace("\n  ", " ").contains(said), "{said}: {}", ran.output);
    }
    assert!(!ran.output.contains("other/"), "{}", ran.output);
    let ran = folder.run(&["check", "--refinery", "3.2.0", "--output-format", "json"]);
    assert!(ran.output.contains("\"v3.2.0\"") && !ran.output.contains("\"release\": \"v2.9.7\""));
}

#[test]
fn pods_describe_the_launch() {
    let text = fixture("rendered.yaml");
    let wrong = text.replacen("      ListenAddr: 0.0.0.0:8080", "      ListenAdr: 0.0.0.0:8080", 1);
    assert_eq!(verdict("rendered.yaml", &wrong).start_up.word(), "refused");
    let unchecked =
        wrong.replacen("/etc/refinery/rules.yaml]", "/etc/refinery/rules.yaml, --no-validate]", 1);
    assert_eq!(verdict("rendered.yaml", &unchecked).start_up.word(), "ready");
}

/// An Argo CD `Application` with values in a string.
const APPLICATION: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: refinery
spec:
  source:
    chart: refinery
    targetRevision: 2.15.1
    helm:
      values: |
        # ours
        config:
          Network:
            ListenAddr: 0.0.0.0:8080
          BufferSizes:
            UpstreamBufferSize: 10000
        rules:
          RulesVersion: 2
          Samplers:
            production:
              DeterministicSampler:
                SampleRate: 1
";

#[test]
fn checks_values_in_a_string_of_an_application() {
    let folder = Folder::new(&[("a.yaml", APPLICATION)]);
    let ran = folder.run(&["check"]);
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert!(ran.output.contains("Refinery v2.9.1, pinned by the chart version"), "{}", ran.output);
    for (what, wrong, line) in [
        ("SampleRate: 1", "SampleRates: 1", 22),
        ("0.0.0.0:8080", "8080", 14),
        ("        rules:", "       rules:", 17),
        ("2.15.1", "3.1.1", 15),
    ] {
        folder.write("a.yaml", APPLICATION.replacen(what, wrong, 1).as_bytes());
        let ran = folder.run(&["check", "--output-format", "short"]);
        assert_eq!(ran.status, 1, "{what}: {}", ran.output);
        let place = format!("a.yaml:{line}:");
        assert!(
            ran.output.lines().any(|found| found.starts_with(&place)),
            "{what}: {}",
            ran.output
        );
    }
}

#[test]
fn ignores_templates_without_refinerys_files() {
    let head = "{{- if .Values.enabled }}\nmetadata:\n  name: {{ include \"refinery.name\" . }}\n";
    let pods = "kind: Deployment\nspec:\n  image: \"{{ .Values.image }}\"\n{{- end }}\n";
    let files = [
        ("templates/deployment.yaml", &format!("{head}{pods}")),
        ("templates/hpa.yaml", &format!("{head}kind: HorizontalPodAutoscaler\n{{{{- end }}}}\n")),
        ("templates/pdb.yaml", &format!("{head}kind: PodDisruptionBudget\n{{{{- end }}}}\n")),
        ("rules.yaml", &"RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler: {SampleRate: 1}\n".to_owned()),
    ];
    let ran = Folder::new(&files.map(|(name, text)| (name, text.as_str()))).run(&["check"]);
    assert_eq!((ran.status, ran.output.contains("templates/")), (0, false), "{}", ran.output);
}

#[test]
fn reports_templates_of_files_with_any_name() {
    let map = "kind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-refinery\ndata:\n  refinery.yaml: |\n    \
               General:\n      ConfigurationVersion: 2\n{{ toYaml .Values.more | indent 4 }}\n";
    for (chart, status) in [("Chart.yaml", 2), ("c/Chart.yaml", 1)] {
        let folder = Folder::new(&[("templates/map.yaml", map), (chart, "name: c\n")]);
        let ran = folder.run(&["check", "--output-format", "short"]);
        assert_eq!(ran.status, status, "{}{}", ran.output, ran.errors);
        assert_eq!(
            ran.output.contains("templates/map.yaml:3:9: error[intake/template]"),
            status == 1
        );
        assert_eq!(
            ran.errors.contains("templates/map.yaml: not checked, because it is a template"),
            status == 2
        );
    }
}

#[test]
fn unrendered_templates_never_pass() {
    let folder = Folder::new(&[("template.yaml", &fixture("template.yaml"))]);
    for arguments in [&["check", "template.yaml"][..], &["check"]] {
        let ran = folder.run(arguments);
        assert_eq!(ran.status, 1, "{}", ran.output);
        assert!(ran.output.contains("helm template"), "{}", ran.output);
    }
    let inner = "kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: refinery\ndata:\n  config.yaml: |\n    {{- \
                 toYaml .Values.config | nindent 4 }}\n";
    let folder = Folder::new(&[("map.yaml", inner)]);
    let ran = folder.run(&["check", "--output-format", "short"]);
    assert_eq!(ran.status, 1, "{}", ran.output);
    assert!(ran.output.contains("map.yaml:7:5: error[intake/template]"), "{}", ran.output);
    let tail = "  Logger:\n    Type: '{{ if .Values.x }}honeycomb{{ end }}'\n";
    let values = format!("config:\n  General:\n    ConfigurationVersion: 2\n{tail}");
    let folder = Folder::new(&[("values.yaml", &values)]);
    let ran = folder.run(&["check"]);
    assert!(
        ran.output.replace("\n  ", " ").contains("values.yaml#config: not checked"),
        "{}",
        ran.output
    );
}

#[test]
fn null_removes_a_default_of_the_chart() {
    let values =
        "config:\n  General:\n    ConfigurationVersion: 2\n  PeerManagement:\n    Type: null\n";
    let folder = Folder::new(&[("values.yaml", values)]);
    let type_of = |folder: &Folder| {
        let ran = folder.run(&["effective", "values.yaml"]).output;
        let group = ran.split("PeerManagement:").nth(1).expect("the group").to_owned();
        group.lines().find_map(|line| line.trim().strip_prefix("Type: ")).unwrap().to_owned()
    };
    assert!(type_of(&folder).starts_with("file"), "the engine's own default");
    let folder = Folder::new(&[("values.yaml", &values.replace("Type: null", "Peers: []"))]);
    assert!(type_of(&folder).starts_with("redis"), "the chart's");
}

#[test]
fn redaction_and_suppressions_use_the_outer_file() {
    let text = "config:\n  General:\n    ConfigurationVersion: 2\n  OTelMetrics:\n    APIKey: sesame\n    \
                # preflight: ignore[schema/unknown-key] a verdict stands\n    Sesame: 1\n";
    let folder = Folder::new(&[("values.yaml", text)]);
    let ran = folder.run(&["check"]);
    assert!(!ran.output.contains("sesame"), "{}", ran.output);
    assert_eq!(ran.output.matches("suppressions/not-allowed").count(), 1, "{}", ran.output);
}

#[test]
fn opens_staged_files() {
    let good = fixture("east/values.yaml").replace("SendTimeout", "TraceTimeout");
    let repository = Repository::with(&[("deploy/values.yaml", &good)]);
    repository.write("deploy/values.yaml", &fixture("east/values.yaml"));
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 1, "{}", ran.output);
    assert!(ran.output.contains("deploy/values.yaml:6:5"), "{}", ran.output);
}

/// Files of the corpus in a folder; empty, with a message, without a corpus.
fn corpus(folder: &str) -> Vec<PathBuf> {
    let path = Path::new(ROOT).join("../shared/corpus").join(folder);
    let Ok(entries) = fs::read_dir(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn finds_errors_planted_in_the_corpus() {
    let (schemas, question) = insist();
    let mut planted = 0;
    for path in corpus("helm-values").into_iter().chain(corpus("configmap")) {
        let text = fs::read_to_string(&path).unwrap();
        let is_current = text.contains("General:") || text.contains("RulesVersion: 2");
        let is_whole = !["013", "278", "075", "076", "077", "078"]
            .iter()
            .any(|number| path.file_name().unwrap().to_string_lossy().starts_with(number));
        if is_current && is_whole {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let found = plant_faults(&name, &text, &schemas, &question);
            assert!(found > 0 || !text.contains("config:"), "{name}: nothing to plant in");
            planted += found;
        }
    }
    assert!(planted == 0 || planted > 300, "{planted}");
}

#[test]
fn the_charts_defaults_and_their_rendered_form_agree() {
    let find = |folder, start: &str| {
        let path = corpus(folder).into_iter().find(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start))
        })?;
        fs::read_to_string(path).ok()
    };
    for (number, region) in [("072", "us1"), ("073", "custom"), ("074", "eu1")] {
        let (Some(values), Some(rendered)) =
            (find("helm-values", "064"), find("configmap", number))
        else {
            return;
        };
        let values = values.replacen("region: \"\"", &format!("region: {region}"), 1).replacen(
            "customEndpoint: \"\"",
            "customEndpoint: https://api.example.com/",
            1,
        );
        // The rendered form names its release; the values do not.
        let values = verdict("values.yaml", &values);
        let rendered = verdict("rendered.yaml", &rendered);
        assert_eq!(Verdict { release: rendered.release.clone(), ..values }, rendered, "{region}");
    }
}
