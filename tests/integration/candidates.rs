//! Files and maps that may be Refinery's: what their names, keys and neighbours decide.

use crate::program::{CONFIG, Folder, RULES};

/// Files of another program, by their keys.
const COLLECTOR: &str = "receivers: {otlp: {}}\nservice: {pipelines: {}}\n";
const ENCRYPTED: &str = "api: ENC[AES256_GCM,data:x,iv:a,tag:b,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:x,iv:a,tag:b,type:str]\n  version: 3.7.1\n";

/// Runs a check of some files beside a good deployment: the status and the report.
fn check_with(arguments: &[&str], files: &[(&str, String)]) -> (i32, String) {
    let mut all = vec![("z/config.yaml", CONFIG), ("z/rules.yaml", RULES)];
    all.extend(files.iter().map(|(name, text)| (*name, text.as_str())));
    let ran = Folder::new(&all).run(&[&["check"], arguments].concat());
    (ran.status, ran.output + &ran.errors)
}

fn check(files: &[(&str, String)]) -> (i32, String) {
    check_with(&[], files)
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}\n")).collect();
    lines.concat()
}

/// Pods that run Refinery with the files of a volume.
fn pods(kind: &str, volume: &str, more: &str) -> String {
    let selector = if kind == "Job" { "" } else { "  selector: {matchLabels: {a: b}}\n" };
    format!(
        "apiVersion: x/v1\nkind: {kind}\nmetadata: {{name: refinery}}\nspec:\n{selector}  template:\n    spec:\n      \
         containers:\n      - name: refinery\n        image: honeycombio/refinery:3.2.2\n        args: [-c, \
         /etc/refinery/config.yaml, -r, /etc/refinery/rules.yaml{more}\n        volumeMounts: [{{name: v, mountPath: \
         /etc/refinery}}]\n      volumes: [{{name: v, {volume}}}]\n"
    )
}

const CLAIM: &str = "persistentVolumeClaim: {claimName: c}";
const MAP: &str = "configMap: {name: conf}";

/// A map with some entries.
fn map(name: &str, namespace: &str, entries: &[(&str, &str)]) -> String {
    let entries: Vec<String> =
        entries.iter().map(|(key, text)| format!("  {key}: |\n{}", indented(text))).collect();
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\ndata:\n{}---\n",
        entries.concat()
    )
}

#[test]
fn names_and_keys_decide_about_files_that_have_no_keys_of_refinery() {
    for (files, status) in [
        ([("refinery/config.yaml", COLLECTOR), ("refinery/rules.yaml", "b: 1\n")], 0),
        ([("refinery/eu-config.yaml", "a: 1\n"), ("refinery/alert-rules.yaml", "b: 1\n")], 0),
        ([("refinery/config.yaml", "a: 1\n"), ("refinery/rules.yaml", "b: 1\n")], 0),
        ([("refinery/config.yaml", "a: 1\n"), ("refinery/rules.yaml", "samplers: 1\n")], 1),
        ([("q/rules.yaml", RULES), ("q/eu-config.yaml", "a: 1\n")], 0),
        ([("q/rules.yaml", RULES), ("q/config.yaml", COLLECTOR)], 0),
        ([("q/rules.yaml", RULES), ("q/config.yaml", "a: 1\n")], 1),
        ([("refinery/config.secret.yaml", ENCRYPTED), ("q/x.txt", "x")], 0),
        ([("refinery/config.yaml", ENCRYPTED), ("q/x.txt", "x")], 1),
    ] {
        let files = files.map(|(name, text)| (name, text.to_owned()));
        let (found, said) = check(&files);
        assert_eq!(found, status, "{files:?}: {said}");
    }
}

#[test]
fn a_named_file_of_another_program_counts_if_it_completes_a_pair() {
    let files = [("q/config.yaml", COLLECTOR.to_owned()), ("q/rules.yaml", RULES.to_owned())];
    let (status, said) = check_with(&["q/config.yaml", "q/rules.yaml"], &files);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("[q/config.yaml:"), "{said}");
    let (status, said) =
        check_with(&["q/config.yaml", "z/config.yaml", "z/rules.yaml"], &files[..1]);
    assert_eq!(status, 0, "{said}");
}

#[test]
fn a_plain_file_next_to_pods_may_be_one_that_is_not_in_sight() {
    let own = |more: &str| ("a/pods.yaml", pods("Deployment", CLAIM, more));
    let (config, rules) =
        (("a/config.yaml", CONFIG.to_owned()), ("a/rules.yaml", RULES.to_owned()));
    let service = "services:\n  r:\n    image: honeycombio/refinery:3.2.2\n    volumes:\n    - \
                   ./config.yaml:/etc/refinery/refinery.yaml\n    - ./rules.yaml:/etc/refinery/rules.yaml\n";
    let other = map("other", "x", &[("config.yaml", CONFIG), ("rules.yaml", RULES)]);
    let remote = own("]").1.replace("/etc/refinery/config.yaml", "https://example.com/c.yaml");
    for (files, status) in [
        (vec![own("]"), config.clone(), rules.clone()], 0),
        // Not one of the other kind, of a map, of a service, of another folder or of another place.
        (vec![own("]"), rules.clone()], 1),
        (vec![own("]"), ("a/map.yaml", other)], 1),
        (vec![own("]"), config.clone(), rules.clone(), ("a/compose.yaml", service.to_owned())], 1),
        (
            vec![
                own("]"),
                ("b/config.yaml", CONFIG.to_owned()),
                ("b/rules.yaml", RULES.to_owned()),
            ],
            1,
        ),
        (vec![("a/pods.yaml", remote), config, rules], 1),
    ] {
        let (found, said) = check(&files);
        assert_eq!(found, status, "{files:?}: {said}");
        assert_eq!(said.contains("intake/unknown-file"), status == 1, "{files:?}: {said}");
    }
}

#[test]
fn an_unreadable_entry_is_refinerys_only_by_its_map_and_neighbours() {
    let config = |name, namespace, text| map(name, namespace, &[("config.yaml", text)]);
    let rules = |name, namespace, text| map(name, namespace, &[("rules.yaml", text)]);
    for (maps, status) in [
        (config("refinery-config", "a", "x") + &rules("refinery-rules", "a", RULES), 1),
        (config("refinery-config", "b", "x") + &rules("refinery-rules", "a", RULES), 0),
        (config("refinery-config", "a", "x") + &rules("refinery-rules", "a", "y"), 1),
        (config("refinery-config", "a", "x") + &rules("alerts", "a", "y"), 0),
        // Its place is taken.
        (
            config("refinery-config", "a", CONFIG)
                + &rules("refinery-rules", "a", RULES)
                + &config("refinery-agent", "a", "x"),
            0,
        ),
        (
            map(
                "other",
                "a",
                &[("config.yaml", "x"), ("refinery.yaml", CONFIG), ("rules.yaml", RULES)],
            ),
            0,
        ),
    ] {
        let (found, said) = check(&[("a/maps.yaml", maps.clone())]);
        assert_eq!(found, status, "{maps}: {said}");
    }
}

#[test]
fn a_placeholder_value_is_unknown() {
    let own = map("conf", "", &[("config.yaml", CONFIG), ("rules.yaml", RULES)]);
    for (value, status) in [
        ("nowhere", 1),
        ("{{ addr }}", 0),
        ("ENC[AES256_GCM,data:x]", 0),
        ("ref+vault://x", 0),
        ("<path:a#b>", 0),
        ("#{addr}#", 0),
        ("op://v/i", 0),
        ("vault:a#b", 0),
    ] {
        let env =
            format!("]\n        env: [{{name: REFINERY_HTTP_LISTEN_ADDRESS, value: '{value}'}}]");
        let (found, said) =
            check(&[("a/pods.yaml", pods("Deployment", MAP, &env)), ("a/map.yaml", own.clone())]);
        assert_eq!(found, status, "{value}: {said}");
    }
}

#[test]
fn only_a_job_may_end_after_the_validation() {
    let own = map("conf", "", &[("config.yaml", CONFIG), ("rules.yaml", RULES)]);
    for (kind, status) in [("Job", 0), ("Deployment", 1)] {
        let (found, said) = check(&[
            ("a/pods.yaml", pods(kind, MAP, ", --validate]")),
            ("a/map.yaml", own.clone()),
        ]);
        assert_eq!(found, status, "{kind}: {said}");
    }
}

#[test]
fn a_kustomization_may_label_and_must_not_fill_in() {
    let vars = "vars: [{name: X, objref: {kind: ConfigMap, name: conf, apiVersion: v1}}]";
    for (line, other, status) in
        [("transformers: [t.yaml]", "", 0), (vars, "$(Y)", 0), (vars, "$(X)", 1)]
    {
        let entries = [("config.yaml", CONFIG), ("rules.yaml", RULES), ("other", other)];
        let (found, said) = check(&[
            ("a/kustomization.yaml", format!("resources: [pods.yaml, map.yaml]\n{line}\n")),
            ("a/t.yaml", "kind: LabelTransformer\nmetadata: {name: l}\n".to_owned()),
            ("a/pods.yaml", pods("Deployment", MAP, "]")),
            ("a/map.yaml", map("conf", "", &entries)),
        ]);
        assert_eq!(found, status, "{line} {other}: {said}");
    }
}
