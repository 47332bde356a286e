//! Kustomizations: their output is paired like the pods read it and checked once; unsupported parts
//! are reported.

use crate::kustomization::{GENERATOR, OVERLAY, PODS, outcomes, read, with_base};
use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::Repository;
use refinery_preflight::internals::discover::Request;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::pipeline::{CheckOptions, check};
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_repeated_key_is_named_where_it_is() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {b: c}\ndata: {d: e}\n";
    let folder = Folder::new(&[
        (
            "kustomization.yaml",
            "resources: [map.yaml]\nconfigMapGenerator:\n- {name: refinery, files: [config.yaml, rules.yaml]}\n",
        ),
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
        ("map.yaml", map),
    ]);
    let ran = folder.run(&["check"]);
    assert_eq!(ran.status, 1, "{}", ran.output);
    let message = "map.yaml: duplicate key `data`, which Kustomize rejects";
    assert!(ran.output.contains(message), "{}", ran.output);
    assert!(ran.output.contains("map.yaml:5:1"), "{}", ran.output);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn pairs_files_like_the_pods_read_them() {
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: files}}\ndata:\n  rules.yaml: |\n{}",
        indented(RULES, 4)
    );
    let inline = format!("resources: [../base]\npatches:\n- patch: |\n{}", indented(&map, 4));
    let literals = format!(
        "resources: [../base]\nconfigMapGenerator:\n- name: files\n  behavior: merge\n  literals:\n  - |\n    \
         rules.yaml={}",
        indented(RULES, 4).trim_start()
    );
    let operation = "resources: [../base]\npatches:\n- target: {kind: Deployment, name: ref.*}\n  patch: |-\n    \
         - {op: replace, path: /spec/template/spec/containers/0/image, value: 'refinery:3.0.0'}\n";
    let arguments = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: refinery}\nspec: {template: {spec: \
         {containers: [{name: refinery, args: [-r, /etc/refinery/other.yaml]}]}}}\n";
    for (why, others, expected) in [
        (
            "an overlay counts, and its base does as well if that is complete",
            vec![
                (
                    "prod/kustomization.yaml",
                    "resources: [../base]\nimages: [{name: honeycombio/refinery, newTag: 3.1.0}]\nconfigMapGenerator:\n- {name: files, behavior: merge, files: [rules.yaml]}\n",
                ),
                ("prod/rules.yaml", RULES),
            ],
            vec![
                "base/config.yaml + base/rules.yaml @ v2.9.7",
                "base/config.yaml + prod/rules.yaml @ v3.1.0",
            ],
        ),
        (
            "what is the same is reported once",
            vec![("a/kustomization.yaml", OVERLAY), ("b/kustomization.yaml", "bases:\n- ../a\n")],
            vec!["base/config.yaml + base/rules.yaml @ v2.9.7"],
        ),
        (
            "a component changes what is there",
            vec![
                ("prod/kustomization.yaml", "resources: [../base]\ncomponents: [../part]\n"),
                (
                    "part/kustomization.yaml",
                    "kind: Component\nconfigMapGenerator:\n- {name: files, behavior: replace, files: [refinery.yaml=other.yaml]}\n",
                ),
                ("part/other.yaml", CONFIG),
            ],
            vec!["base/config.yaml + base/rules.yaml @ v2.9.7", "part/other.yaml @ v2.9.7"],
        ),
        (
            "a literal may hold a file",
            vec![("prod/kustomization.yaml", &literals)],
            vec![
                "base/config.yaml + base/rules.yaml @ v2.9.7",
                "base/config.yaml + prod/kustomization.yaml#files:rules.yaml @ v2.9.7",
            ],
        ),
        (
            "a patch may hold a file",
            vec![("prod/kustomization.yaml", &inline)],
            vec![
                "base/config.yaml + base/rules.yaml @ v2.9.7",
                "base/config.yaml + prod/kustomization.yaml#files:rules.yaml @ v2.9.7",
            ],
        ),
        (
            "so may a patch in a file, which is then not checked on its own",
            vec![
                (
                    "prod/kustomization.yaml",
                    "resources: [../base]\npatchesStrategicMerge: [map.yaml]\n",
                ),
                ("prod/map.yaml", &map),
            ],
            vec![
                "base/config.yaml + base/rules.yaml @ v2.9.7",
                "base/config.yaml + prod/map.yaml#files:rules.yaml @ v2.9.7",
            ],
        ),
        (
            "operations are carried out",
            vec![("prod/kustomization.yaml", operation)],
            vec![
                "base/config.yaml + base/rules.yaml @ v2.9.7",
                "base/config.yaml + base/rules.yaml @ v3.0.0",
            ],
        ),
        (
            "so are those on a text",
            vec![(
                "prod/kustomization.yaml",
                "resources: [../base]\npatches:\n- target: {kind: ConfigMap}\n  patch: |-\n    ---\n    - op: replace\n      path: /data/rules.yaml\n      value: |\n        RulesVersion: 2\n        Samplers: {}\n",
            )],
            vec![
                "base/config.yaml + base/rules.yaml @ v2.9.7",
                "base/config.yaml + prod/kustomization.yaml#files:rules.yaml @ v2.9.7",
            ],
        ),
        (
            "arguments say which of several files is read",
            vec![
                (
                    "prod/kustomization.yaml",
                    "resources: [../base]\npatches: [{path: pods.yaml}]\nconfigMapGenerator:\n- {name: files, behavior: merge, files: [other.yaml]}\n",
                ),
                ("prod/pods.yaml", arguments),
                ("prod/other.yaml", RULES),
            ],
            vec![
                "base/config.yaml + base/rules.yaml @ v2.9.7",
                "base/config.yaml + prod/other.yaml @ v2.9.7",
            ],
        ),
        (
            "two of one base under two names keep their own maps",
            vec![
                (
                    "east/kustomization.yaml",
                    "namePrefix: east-\nresources: [../base]\nconfigMapGenerator:\n- {name: files, behavior: merge, files: [rules.yaml]}\n",
                ),
                ("east/rules.yaml", RULES),
                (
                    "west/kustomization.yaml",
                    "namePrefix: west-\nresources: [../base]\nconfigMapGenerator:\n- {name: files, behavior: merge, files: [rules.yaml]}\n",
                ),
                ("west/rules.yaml", RULES),
                ("all/kustomization.yaml", "resources: [../east, ../west]\n"),
            ],
            vec![
                "base/config.yaml + base/rules.yaml @ v2.9.7",
                "base/config.yaml + east/rules.yaml @ v2.9.7",
                "base/config.yaml + west/rules.yaml @ v2.9.7",
            ],
        ),
    ] {
        let mut found = outcomes(&with_base(&others));
        found.sort();
        assert_eq!(found, expected, "{why}");
    }
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

#[test]
fn checks_maps_without_pods() {
    for (why, generator, expected) in [
        (
            "of two maps",
            "- {name: a, files: [config.yaml]}\n- {name: b, files: [rules.yaml]}\n",
            &["config.yaml + rules.yaml"][..],
        ),
        (
            "under other names",
            "- {name: a, files: [a.yml=config.yaml, b.yml=rules.yaml, c.png=other.yaml]}\n",
            &["config.yaml + rules.yaml"],
        ),
        (
            "map by map",
            "- {name: a, files: [config.yaml, rules.yaml]}\n- {name: b, files: [rules.yaml, x=config.yaml]}\n",
            &["config.yaml + rules.yaml"],
        ),
        ("one half", "- {name: a, files: [rules.yaml]}\n", &["config.yaml + rules.yaml"]),
    ] {
        let text = format!("configMapGenerator:\n{generator}");
        let found = outcomes(&[
            ("kustomization.yaml", &text),
            ("config.yaml", CONFIG),
            ("rules.yaml", RULES),
            ("other.yaml", "a: 1\n"),
        ]);
        assert_eq!(found, expected, "{why}");
    }
}

#[test]
fn an_overlay_and_its_built_form_have_the_same_verdict() {
    let verdicts = |path: &str| {
        let paths = vec![Path::new(ROOT).join("fixtures/kustomize").join(path)];
        let mut sources =
            gather(&Request { paths, ..Request::default() }, &mut std::io::empty()).unwrap();
        let report = check(&mut sources, &CheckOptions::default());
        assert_eq!(report.deployments.len(), 1, "{:?}", report.notices);
        report.deployments[0].verdicts.clone()
    };
    let overlay = verdicts("overlays/prod/kustomization.yaml");
    assert_eq!(overlay, verdicts("rendered-prod.yaml"));
    assert_eq!((overlay[0].release.as_str(), overlay[0].start_up.word()), ("v2.9.7", "refused"));
}

#[test]
fn reports_findings_where_a_person_edits() {
    let rules = RULES.replace("SampleRate", "SampelRate");
    let patch = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: files\ndata:\n  rules.yaml: |\n{}",
        indented(&rules, 4)
    );
    let inline = format!("resources: [../base]\npatches:\n- patch: |\n{}", indented(&patch, 4));
    let literal = format!(
        "resources: [../base]\nconfigMapGenerator:\n- name: files\n  behavior: merge\n  literals:\n  - |\n    \
         rules.yaml={}",
        indented(&rules, 4).trim_start()
    );
    for text in [inline, literal] {
        let line = text.lines().position(|line| line.contains("SampelRate")).unwrap() + 1;
        let column = text.lines().nth(line - 1).unwrap().find("SampelRate").unwrap() + 1;
        let folder = Folder::new(&with_base(&[("prod/kustomization.yaml", &text)]));
        let ran = folder.run(&["check", "prod", "--output-format", "short"]);
        let place = format!("prod/kustomization.yaml:{line}:{column}: error[schema/unknown-key]");
        assert!(ran.output.contains(&place), "{place}: {}{}", ran.output, ran.errors);
    }
}

#[test]
fn reports_unsupported_parts() {
    for (overlay, said) in [
        ("resources: [../base, ../gone]\n", "`../gone` does not exist"),
        ("resources: [../base, 'https://example.com/x?ref=1']\n", "is on the network"),
        ("resources: [../base, ../prod]\n", "is part of a cycle"),
        ("resources: [../base, ../empty]\n", "no kustomization in `../empty`"),
        (
            "resources: [../base]\nconfigMapGenerator:\n- {name: other, behavior: merge}\n",
            "is merged or replaced, but does not exist",
        ),
        (
            "resources: [../base]\npatches: [{path: gone.yaml}]\n",
            "the patch file `gone.yaml` does not exist",
        ),
        (
            "resources: [../base]\npatches:\n- target: {kind: ConfigMap, name: files}\n  patch: '[{op: move, from: /data/a, path: /data/b}]'\n",
            "a patch of `files` is not supported",
        ),
    ] {
        let folder =
            Folder::new(&with_base(&[("prod/kustomization.yaml", overlay), ("empty/x.txt", "")]));
        let sources = read(&folder);
        let unchecked = sources.unchecked.iter().map(|finding| &finding.message);
        let output: Vec<&String> =
            unchecked.chain(sources.notices.iter().map(|notice| &notice.text)).collect();
        assert!(output.iter().any(|line| line.contains(said)), "{said}: {output:?}");
    }
}

#[test]
fn reports_a_missing_file_and_checks_the_rest() {
    let folder = Folder::new(&with_base(&[]));
    fs::remove_file(folder.path().join("base/rules.yaml")).unwrap();
    let ran = folder.run(&["check", "base", "--output-format", "short"]);
    assert!(
        ran.output.contains("base/kustomization.yaml:4:38: error[start/generator-file-missing]"),
        "{}",
        ran.output
    );
    folder.write("base/config.yaml", BROKEN.as_bytes());
    let ran = folder.run(&["check", "base", "--output-format", "short"]);
    assert_eq!(ran.status, 1, "{}", ran.output);
}

#[test]
fn a_chart_that_kustomize_renders_has_its_version() {
    let chart = "helmCharts:\n- name: refinery\n  version: 2.9.3\n  valuesFile: values.yaml\n  valuesInline:\n    \
         rules:\n      RulesVersion: 2\n      Samplers: {}\n";
    let outcomes = outcomes(&[
        ("kustomization.yaml", chart),
        ("values.yaml", "config:\n  General:\n    ConfigurationVersion: 2\n"),
    ]);
    assert_eq!(outcomes, ["values.yaml#config + values.yaml#rules @ v2.5.2"]);
}

#[test]
fn no_kustomization_stops_the_program() {
    let wrong = [
        "7",
        "x",
        "[7, [x], {a: b}]",
        "{a: [b]}",
        "null",
        "['']",
        "['=', '/', '..', '.']",
        "[{name: files}]",
    ];
    let keys = [
        "resources",
        "bases",
        "components",
        "configMapGenerator",
        "secretGenerator",
        "patches",
        "patchesStrategicMerge",
        "patchesJson6902",
        "images",
        "replicas",
        "namePrefix",
        "helmCharts",
    ];
    for key in keys {
        for value in wrong {
            let rest = if key == "resources" { "" } else { "resources: [../base]\n" };
            let text = format!("{rest}{key}: {value}\n");
            let folder = Folder::new(&with_base(&[("prod/kustomization.yaml", &text)]));
            let ran = folder.run(&["check"]);
            assert!(ran.status < 2, "{text}{}{}", ran.output, ran.errors);
        }
    }
}

#[test]
fn limits_the_number_of_bases() {
    let names: Vec<String> = (0..40).map(|index| format!("d{index}/kustomization.yaml")).collect();
    let texts: Vec<String> = (1..41)
        .map(|next| format!("# refinery\nresources: [../d{next}, ../d{next}/., ../d{next}/]\n"))
        .collect();
    let files: Vec<(&str, &str)> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let ran = Folder::new(&with_base(&files)).run(&["check", "d0", "base"]);
    assert_eq!(ran.status, 1, "{}{}", ran.output, ran.errors);
    assert!(ran.output.contains("is not read: too many"), "{}", ran.output);
}

#[test]
fn the_hook_sees_what_changes_in_any_file_of_the_tree() {
    let overlay =
        "resources: [../../base]\nimages: [{name: honeycombio/refinery, newTag: 3.1.0}]\n";
    let repository = Repository::with(&with_base(&[("overlays/prod/kustomization.yaml", overlay)]));
    let tagged = overlay.replace("3.1.0", "2.1.0");
    let missing = GENERATOR.replace("rules.yaml]", "rulez.yaml]");
    for (file, text, said) in [
        ("base/rules.yaml", "RulesVersion: 2\nSamplers: {\n", "syntax/invalid-yaml"),
        ("base/config.yaml", BROKEN, "syntax/invalid-yaml"),
        ("overlays/prod/kustomization.yaml", tagged.as_str(), "v2.1.0"),
        ("base/kustomization.yaml", &missing, "start/generator-file-missing"),
    ] {
        let before = fs::read_to_string(repository.path().join(file)).unwrap();
        repository.write(file, text);
        repository.git(&["add", "."]);
        let ran = repository.run(&["hook", "run"]);
        let all = ran.all();
        assert!(all.contains(said), "{file}: {said}: {all}");
        let ran = repository.run(&["check", "--staged"]);
        assert!(ran.all().contains(said), "{file}: {}", ran.all());
        repository.write(file, &before);
        repository.git(&["add", "."]);
    }
    assert_eq!(repository.run(&["hook", "run"]).all(), "");
}

#[test]
fn an_unreadable_kustomization_does_not_affect_others() {
    for (text, is_said) in
        [("resources:\n- x\n y: [", false), ("resources:\n- refinery\n y: [", true)]
    {
        let folder = Folder::new(&with_base(&[("other/kustomization.yaml", text)]));
        let ran = folder.run(&["check"]);
        assert_eq!(ran.status, i32::from(is_said), "{}", ran.output);
        assert_eq!(ran.output.contains("cannot read `"), is_said, "{}", ran.output);
    }
}

#[test]
fn reports_unreadable_files_and_checks_the_rest() {
    let chart = "resources: [../base]\nhelmCharts:\n- name: refinery\n  valuesFile: ";
    let outside = "files: [rules.yaml=../../outside/rules.yaml]";
    for (overlay, said) in [
        ("resources: [../base, bad.yaml]\n".to_owned(), "cannot read `prod/bad.yaml`"),
        (format!("{chart}bad.yaml\n"), "prod/bad.yaml: not checked"),
        (format!("{chart}../../outside/x.yaml\n"), "is outside"),
        (
            format!("{OVERLAY}configMapGenerator:\n- {{name: x, envs: [x.env]}}\n"),
            "`x.env` does not exist",
        ),
        (
            format!(
                "{OVERLAY}configMapGenerator:\n- {{name: files, behavior: merge, {outside}}}\n"
            ),
            "is outside",
        ),
    ] {
        let files = [
            ("prod/kustomization.yaml", overlay.as_str()),
            ("prod/bad.yaml", "a: refinery\n b: [\n"),
        ];
        let repository = Repository::with(&with_base(&files));
        let ran = repository.run(&["check", "--rev", "HEAD", "prod"]);
        let output = ran.output.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.status < 2 && output.contains(said), "{said}: {}", ran.all());
    }
}

#[test]
fn merges_values_of_a_rendered_chart() {
    let chart = "helmCharts:\n- name: refinery\n  version: 2.9.3\n  valuesFile: values.yaml\n  \
                 additionalValuesFiles: [more.yaml]\n  valuesInline:\n    config:\n      Network:\n        \
                 ListenAddr: nowhere\n";
    let folder = Folder::new(&[
        ("kustomization.yaml", chart),
        (
            "values.yaml",
            "config:\n  General:\n    ConfigurationVersion: 2\nrules: {RulesVersion: 2, Samplers: {}}\n",
        ),
        ("more.yaml", "config:\n  Debugging:\n    DebugServiceAddr: wrong\n"),
    ]);
    let ran = folder.run(&["check", "kustomization.yaml", "--output-format", "short"]);
    for place in ["kustomization.yaml:9:21: error", "more.yaml:3:23: error"] {
        assert!(ran.output.contains(place), "{place}: {}{}", ran.output, ran.errors);
    }
}

#[test]
fn the_hook_reports_unsupported_parts_of_a_changed_deployment() {
    let patch = "patches:\n- target: {kind: ConfigMap, name: files}\n  patch: '[{op: move, from: /data/a, path: /data/b}]'\n";
    let overlay = format!("{OVERLAY}{patch}");
    let idle = format!("resources: [../other]\n{patch}");
    let mut files =
        with_base(&[("prod/kustomization.yaml", &overlay), ("idle/kustomization.yaml", &idle)]);
    files.extend([
        ("other/kustomization.yaml", GENERATOR),
        ("other/pods.yaml", PODS),
        ("other/config.yaml", CONFIG),
        ("other/rules.yaml", RULES),
    ]);
    let repository = Repository::with(&files);
    repository.write("base/config.yaml", &CONFIG.replace("3Gb", "2Gb"));
    repository.git(&["add", "."]);
    let all = repository.run(&["check", "--staged", "--since", "HEAD"]).all();
    let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(all.contains("prod/kustomization.yaml: a patch of `files` is not supported"), "{all}");
    assert!(!all.contains("idle/kustomization.yaml: a patch"), "{all}");
}

#[test]
fn long_lists_cost_no_more_than_their_length() {
    let names = |from: usize| (from..from + 30_000).map(|n| format!("{{name: N{n}, value: v}}, "));
    let list = |from| names(from).collect::<String>();
    let pods = PODS.replace("volumeMounts", &format!("env: [{}]\n          volumeMounts", list(0)));
    let patch = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: refinery}}\nspec: {{template: {{spec: \
         {{containers: [{{name: refinery, env: [{}]}}]}}}}}}\n",
        list(20_000)
    );
    let literals: String = (0..60_000).map(|n| format!("  - k{n}=v\n")).collect();
    let text = format!("{GENERATOR}  literals:\n{literals}patches: [{{path: patch.yaml}}]\n");
    let folder = Folder::new(&[
        ("kustomization.yaml", &text),
        ("pods.yaml", &pods),
        ("patch.yaml", &patch),
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
    ]);
    let began = std::time::Instant::now();
    assert_eq!(folder.run(&["check"]).status, 0);
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}
