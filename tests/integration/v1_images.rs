//! Deployments of Refinery 1.x: reported once, in every format, and never checked as 2.x.

use crate::program::{BROKEN, CONFIG, Folder, RULES};

/// A config that every 2.x release rejects.
const OLD: &str = "General:\n  ConfigurationVersion: 2\nInMemCollector:\n  CacheCapacity: 1000\n";

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refinery}\ndata:\n  refinery.yaml: |\n    \
                   General:\n      ConfigurationVersion: 2\n    InMemCollector: {CacheCapacity: 1}\n  \
                   rules.yaml: |\n    RulesVersion: 2\n    Samplers: {}\n";

fn pods(image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: refinery}}\nspec:\n  \
         selector: {{matchLabels: {{a: b}}}}\n  template:\n    spec:\n      containers:\n        \
         - {{name: refinery, image: '{image}', volumeMounts: [{{name: c, mountPath: /etc/refinery}}]}}\n      \
         volumes: [{{name: c, configMap: {{name: refinery}}}}]\n"
    )
}

fn values(image: &str) -> String {
    format!(
        "image: {{{image}}}\nconfig:\n  General: {{ConfigurationVersion: 2}}\n  InMemCollector: {{CacheCapacity: 1}}\n\
             rules:\n  RulesVersion: 2\n  Samplers: {{}}\n"
    )
}

/// The files of every format with a version of Refinery.
fn formats(version: &str) -> Vec<(&'static str, Vec<(String, String)>)> {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let image = format!("honeycombio/refinery:{version}");
    let halves = [file("conf/refinery.yaml", OLD), file("conf/rules.yaml", RULES)];
    let with = |more: Vec<(String, String)>| [halves.to_vec(), more].concat();
    let compose =
        format!("services:\n  refinery: {{image: '{image}', volumes: ['./conf:/etc/refinery']}}\n");
    let built = "services:\n  refinery: {build: .}\n";
    let dockerfile = format!("FROM {image}\nCOPY conf/ /etc/refinery/\n");
    let labelled = MAP.replace(
        "{name: refinery}",
        &format!("{{name: refinery, labels: {{app.kubernetes.io/name: refinery, app.kubernetes.io/version: '{version}'}}}}"),
    );
    let kustomization = format!(
        "resources: [map.yaml, pods.yaml]\nimages: [{{name: honeycombio/refinery, newTag: '{version}'}}]\n"
    );
    let chart = format!("name: all\ndependencies: [{{name: refinery, version: {version}}}]\n");
    let below = format!("refinery:\n  {}", values("").replace('\n', "\n  ").trim_end());
    vec![
        ("compose", with(vec![file("compose.yaml", &compose)])),
        ("Dockerfile", with(vec![file("compose.yaml", built), file("Dockerfile", &dockerfile)])),
        ("pods", vec![file("map.yaml", MAP), file("pods.yaml", &pods(&image))]),
        (
            "mirrored pods",
            vec![
                file("map.yaml", MAP),
                file("pods.yaml", &pods(&format!("r.example.com:5000/{image}"))),
            ],
        ),
        ("labels", vec![file("map.yaml", &labelled)]),
        (
            "kustomization",
            vec![
                file("k/map.yaml", MAP),
                file("k/pods.yaml", &pods("honeycombio/refinery")),
                file("k/kustomization.yaml", &kustomization),
            ],
        ),
        ("values", vec![file("values.yaml", &values(&format!("tag: '{version}'")))]),
        ("chart", vec![file("Chart.yaml", &chart), file("values.yaml", &below)]),
    ]
}

#[test]
fn refinery_1_is_reported_once_in_every_format_and_never_checked() {
    for version in ["1.16.0", "v1.21", "1.4.1"] {
        for (format, files) in formats(version) {
            let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (&**n, &**t)).collect();
            let ran = Folder::new(&files).run(&["check"]);
            let said = (ran.output.clone() + &ran.errors).replace("\n  ", " ");
            if format == "chart" && version.starts_with('v') {
                continue;
            }
            assert_eq!(said.matches("[version/first-generation]").count(), 1, "{format}: {said}");
            assert!(ran.status == 2 && !said.contains("error["), "{format} {version}: {said}");
        }
    }
}

#[test]
fn checks_other_files_and_later_releases() {
    for (format, files) in formats("1.16.0") {
        let mut files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (&**n, &**t)).collect();
        files.extend([("other/config.yaml", CONFIG), ("other/rules.yaml", RULES)]);
        let ran = Folder::new(&files).run(&["check"]);
        assert_eq!(ran.status, 0, "{format}: {}{}", ran.output, ran.errors);
        assert!(ran.output.contains("[version/first-generation]"), "{format}: {}", ran.output);
    }
    for (format, files) in formats("3.1.0") {
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (&**n, &**t)).collect();
        let ran = Folder::new(&files).run(&["check"]);
        let said = ran.output.clone() + &ran.errors;
        assert!(ran.status == 1 && !said.contains("1.x, "), "{format}: {said}");
    }
}

#[test]
fn a_mounted_folder_only_excludes_its_direct_files() {
    let compose = "services:\n  refinery: {image: 'honeycombio/refinery:1.21', volumes: ['./conf:/etc/refinery']}\n";
    let files =
        [("compose.yaml", compose), ("conf/refinery.yaml", OLD), ("conf/new/config.yaml", BROKEN)];
    let ran = Folder::new(&files).run(&["check"]);
    assert!(ran.status == 1 && ran.output.contains("conf/new/config.yaml"), "{}", ran.output);
    assert!(!ran.output.contains("[conf/refinery.yaml"), "{}", ran.output);
}
