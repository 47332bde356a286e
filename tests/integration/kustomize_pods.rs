//! Pods in kustomizations: which files they read, and how they are launched.

use crate::kustomization::{GENERATOR, PODS, deployments, outcomes, read};
use crate::program::{CONFIG, Folder, RULES};

/// A generator of a config and two rules.
const CHOICE: &str = "resources: [pods.yaml]\nconfigMapGenerator:\n- name: files\n  files: \
     [refinery.yaml=config.yaml, rules.yaml, other.yaml]\n- name: vars\n  literals: \
     [REFINERY_RULES_CONFIG=/etc/refinery/other.yaml]\n";

#[test]
fn pods_provide_variables_and_file_locations() {
    let pods = PODS.replace(
        "          volumeMounts",
        "          envFrom: [{configMapRef: {name: vars}}]\n          volumeMounts",
    );
    let generator = "resources: [pods.yaml]\nconfigMapGenerator:\n- name: files\n  files: [refinery.yaml=config.yaml, \
         b.yaml=rules.yaml, c.yaml=rules2.yaml]\n- name: vars\n  envs: [x.env]\n";
    let outcomes = outcomes(&[
        ("kustomization.yaml", generator),
        ("pods.yaml", &pods),
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
        ("rules2.yaml", RULES),
        ("x.env", "# where\nREFINERY_RULES_CONFIG=/etc/refinery/b.yaml\n"),
    ]);
    assert!(outcomes.contains(&"config.yaml + rules.yaml @ v2.9.7".to_owned()), "{outcomes:?}");
}

#[test]
fn pods_with_a_missing_file_still_describe_the_launch() {
    // A container without an image: the pods may be a part of others.
    let pods = PODS.replace(
        "          volumeMounts: [{name: files, mountPath: /etc/refinery}]\n",
        "          args: [-c, /srv/config.yaml, -r, /srv/rules.yaml]\n        - name: other\n",
    );
    let files = [
        ("kustomization.yaml", GENERATOR),
        ("pods.yaml", &pods),
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
    ];
    assert_eq!(outcomes(&files), ["config.yaml + rules.yaml @ v2.9.7"]);
}

#[test]
fn the_path_in_the_container_decides_the_format() {
    for (key, status) in [("rules.yaml", 0), ("rules", 1)] {
        let pods = PODS.replace(
            "          volumeMounts",
            &format!("          args: [-r, /etc/refinery/{key}]\n          volumeMounts"),
        );
        let generator = GENERATOR.replace("rules.yaml", &format!("{key}=sampling.txt"));
        let folder = Folder::new(&[
            ("kustomization.yaml", &generator),
            ("pods.yaml", &pods),
            ("config.yaml", CONFIG),
            ("sampling.txt", RULES),
        ]);
        let ran = folder.run(&["check"]);
        assert_eq!(ran.status, status, "{key}: {}", ran.output);
        assert_eq!(ran.output.contains("start/unknown-format"), status == 1, "{}", ran.output);
    }
}

#[test]
fn pods_name_files_in_all_forms_of_flags() {
    let own = "config.yaml + rules.yaml @ v2.9.7";
    let other = "config.yaml + other.yaml @ v2.9.7";
    for (lines, expected, said) in [
        ("args: [-r, /etc/refinery/other.yaml]", other, ""),
        ("args: [-d, --rules_config=/etc/refinery/other.yaml]", other, ""),
        ("args: [-dr, /etc/refinery/./other.yaml]", other, ""),
        ("workingDir: /etc/refinery\n          args: [-r, other.yaml]", other, ""),
        (
            "command: [tini, --, /bin/refinery]\n          args: [-r/etc/refinery/other.yaml]",
            other,
            "",
        ),
        ("env: [{name: REFINERY_RULES_CONFIG, value: /etc/refinery/other.yaml}]", other, ""),
        (
            "env: [{name: REFINERY_RULES_CONFIG, valueFrom: {secretKeyRef: {name: a, key: b}}}]",
            own,
            "the location of the rules file is unknown; using `/etc/refinery/rules.yaml`",
        ),
        ("command: [sh, -c, 'exec refinery -r /etc/refinery/other.yaml']", other, ""),
        ("envFrom: [{configMapRef: {name: vars}}]", other, ""),
        (
            "env: [{name: REFINERY_RULES_CONFIG, valueFrom: {fieldRef: {fieldPath: x}}}]\n          envFrom: \
             [{configMapRef: {name: vars}}]",
            own,
            "the location of the rules file is unknown; using `/etc/refinery/rules.yaml`",
        ),
        (
            "env: [{name: WHERE, valueFrom: {secretKeyRef: {name: a, key: b}}}]\n          args: [-r, $(WHERE)]",
            own,
            "the location of the rules file is unknown; using `/etc/refinery/rules.yaml`",
        ),
        (
            "command: [sh, -c, 'make x; exec refinery -r /etc/refinery/other.yaml']",
            "config.yaml + other.yaml @ v2.9.7",
            "parts of the command of `refinery` are unknown",
        ),
    ] {
        let pods = PODS.replace("volumeMounts", &format!("{lines}\n          volumeMounts"));
        let folder = Folder::new(&[
            ("kustomization.yaml", CHOICE),
            ("pods.yaml", &pods),
            ("config.yaml", CONFIG),
            ("rules.yaml", RULES),
            ("other.yaml", RULES),
        ]);
        let sources = read(&folder);
        let found = deployments(&folder, &sources);
        assert!(found.contains(&expected.to_owned()), "{lines}: {found:?} {:?}", sources.notices);
        let is_said = sources.notices.iter().any(|notice| notice.text.contains(said));
        let is_silent = !sources.notices.iter().any(|notice| notice.text.contains("not known"));
        assert!(is_said && (is_silent || !said.is_empty()), "{lines}: {:?}", sources.notices);
    }
}

#[test]
fn deeper_mounts_win() {
    let generator = "resources: [pods.yaml]\nconfigMapGenerator:\n- name: files\n  files: \
                     [refinery.yaml=config.yaml, rules.yaml]\n- {name: one, files: [rules.yaml=other.yaml]}\n";
    let one = "{name: one, mountPath: /etc/refinery/rules.yaml, subPath: rules.yaml}";
    let folder = "{name: one, mountPath: /etc/refinery/sub/}";
    let hidden = "{name: empty, mountPath: /etc/refinery/rules.yaml}";
    for (mounts, arguments, expected) in [
        (format!("{one}, "), "", "config.yaml + other.yaml @ v2.9.7"),
        (
            format!("{folder}, "),
            "args: [-r, /etc/refinery/sub/rules.yaml]\n          ",
            "config.yaml + other.yaml @ v2.9.7",
        ),
        (format!("{hidden}, "), "", "config.yaml @ v2.9.7"),
    ] {
        let pods = PODS
            .replace("volumeMounts: [", &format!("{arguments}volumeMounts: [{mounts}"))
            .replace(
                "volumes: [",
                "volumes: [{name: one, configMap: {name: one}}, {name: empty, emptyDir: {}}, ",
            );
        let outcomes = outcomes(&[
            ("kustomization.yaml", generator),
            ("pods.yaml", &pods),
            ("config.yaml", CONFIG),
            ("rules.yaml", RULES),
            ("other.yaml", RULES),
        ]);
        assert!(outcomes.contains(&expected.to_owned()), "{mounts}: {outcomes:?}");
    }
}
