//! Patches of kustomizations with `$patch`, and those that select objects by labels.

use crate::program::{CONFIG, Folder, RULES};

/// Pods that read both files of the map `smp`.
const PODS: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: smp, labels: {tier: one}}\nspec:\n  \
                    selector: {matchLabels: {a: b}}\n  template:\n    spec:\n      containers:\n      - name: refinery\n        \
                    image: honeycombio/refinery:3.2.2\n        args: [-c, /etc/refinery/config.yaml, -r, \
                    /etc/refinery/rules.yaml]\n        volumeMounts: [{name: v, mountPath: /etc/refinery}]\n      \
                    volumes: [{name: v, configMap: {name: smp}}]\n";

fn map() -> String {
    let indented =
        |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let (config, rules) = (indented(CONFIG), indented(RULES));
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: smp}}\ndata:\n  config.yaml: |\n{config}  rules.yaml: |\n{rules}"
    )
}

/// Checks an overlay with this patch, and perhaps a target.
fn check(target: &str, patch: &str, more: &str) -> (i32, String) {
    let indented: String = patch.lines().map(|line| format!("    {line}\n")).collect();
    let overlay = format!("resources: [../base]\npatches:\n- {target}patch: |\n{indented}");
    let base = format!("resources: [pods.yaml, map.yaml]\n{more}");
    let map = map();
    let files = [
        ("base/kustomization.yaml", base.as_str()),
        ("base/pods.yaml", PODS),
        ("base/map.yaml", &map),
        ("over/kustomization.yaml", &overlay),
    ];
    let ran = Folder::new(&files).run(&["check", "over"]);
    (ran.status, ran.output + &ran.errors)
}

#[test]
fn directives_replace_and_remove() {
    const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: smp}\n";
    for (rest, expected) in [
        // Kustomize writes the booleans of YAML 1.1 as strings, and others as they are.
        ("data: {x: y, z: no}\n", 0),
        ("data: {x: true}\n", 1),
        ("data: {$patch: merge, x: y}\n", 0),
        ("data: {$patch: replace, x: y}\n", 1),
        ("$patch: replace\ndata: {x: y}\n", 1),
        ("data: {config.yaml: }\n", 1),
        ("$patch: delete\n", 1),
    ] {
        let (status, said) = check("", &format!("{HEAD}{rest}"), "");
        assert_eq!(status, expected, "{rest}: {said}");
    }
    // What is not modelled is reported.
    let (status, said) = check("", &format!("{HEAD}data: {{$retainKeys: [x]}}\n"), "");
    assert_eq!((status, said.contains("is not supported")), (1, true), "{said}");
}

#[test]
fn selectors_choose_by_labels_as_they_are_then() {
    let patch =
        "- op: replace\n  path: /spec/template/spec/containers/0/args\n  value: [-c, /no.yaml]\n";
    for (selector, more, expected) in [
        ("tier=one", "", 1),
        ("tier=two", "", 0),
        ("tier=two", "commonLabels: {tier: two}\n", 1),
        ("tier=two", "labels: [{pairs: {tier: two}}]\n", 1),
        ("tier=one", "labels: [{pairs: {tier: two}}]\n", 0),
        ("'!tier'", "", 0),
        ("tier in (two)", "", 1),
    ] {
        let target = format!("target: {{kind: Deployment, labelSelector: {selector}}}\n  ");
        let (status, said) = check(&target, patch, more);
        assert_eq!(status, expected, "{selector} {more}: {said}");
    }
    let target = "target: {kind: Deployment, annotationSelector: x=one}\n  ";
    for (more, expected) in [("commonAnnotations: {x: one}\n", 1), ("", 0)] {
        let (status, said) = check(target, patch, more);
        assert_eq!(status, expected, "{more}: {said}");
    }
}
