//! How pods are launched, from chart values and Kubernetes objects, and the checks that use it.

use crate::program::Folder;
use crate::repository::Repository;
use refinery_preflight::internals::deploy::launch::LaunchSpec;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::discover::{Request, Sources};
use refinery_preflight::internals::machine::{Machine, Restarts};
use refinery_preflight::internals::pipeline::{CheckOptions, RunningConfig, check};
use refinery_preflight::internals::rehearse::Host;
use refinery_preflight::internals::schema::{Release, releases};
use refinery_preflight::internals::value::Duration;
use refinery_preflight::internals::verdict::{DeploymentReport, StartUp};
use std::collections::BTreeSet;

const CONFIG: &str = "config:\n  General: {ConfigurationVersion: 2}\n";

fn read(text: &str) -> Sources {
    let request = Request { stdin_filename: Some("x.yaml".to_owned()), ..Request::default() };
    gather(&request, &mut text.as_bytes()).unwrap()
}

/// The launch of the only deployment.
fn given(text: &str) -> LaunchSpec {
    let sources = read(text);
    let [deployment] = &sources.deployments[..] else { panic!("{:?}", sources.notices) };
    deployment.launch.clone()
}

/// Chart values with more keys.
fn values(more: &str) -> String {
    format!("{CONFIG}{more}")
}

/// A config and pods that use it, with more lines of their spec, of their template and of other
/// objects.
fn objects(spec: &str, pod: &str, beside: &str) -> String {
    format!(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {{name: a}}\ndata:\n  config.yaml: |\n    \
         General: {{ConfigurationVersion: 2}}\n    PeerManagement: {{Type: redis}}\n---\n\
         kind: Deployment\napiVersion: apps/v1\nmetadata: {{name: nodes}}\nspec:\n{spec}  template:\n    \
         metadata:\n      labels: {{app: refinery, tier: one}}\n      \
         annotations: {{checksum/config: x}}\n    spec:\n{pod}      containers: [{{name: a, \
         image: \"refinery:3.2.2\"}}]\n      volumes: [{{name: c, configMap: {{name: a}}}}]\n---\n\
         {beside}"
    )
}

#[test]
fn pods_use_maps_of_their_namespace() {
    for (of_map, of_pods, is_theirs) in [
        ("prod", "prod", true),
        ("staging-prod", "prod", false),
        ("prod", "staging-prod", false),
        // The namespace is chosen when it is applied.
        ("prod", "", true),
    ] {
        let named = |namespace: &str| match namespace {
            "" => String::new(),
            namespace => format!(", namespace: {namespace}"),
        };
        let text = objects("", "", "")
            .replace("{name: a}\ndata", &format!("{{name: a{}}}\ndata", named(of_map)))
            .replace("{name: nodes}", &format!("{{name: nodes{}}}", named(of_pods)));
        assert_eq!(given(&text).release.is_some(), is_theirs, "{of_map} {of_pods}");
    }
}

const fn seconds(number: i64) -> Duration {
    Duration(number * 1_000_000_000)
}

fn newest() -> Vec<Release> {
    releases().split_off(releases().len() - 1)
}

/// The findings on the only deployment: checks and messages.
fn found_in(text: &str, host: &str, running: Option<&str>) -> Vec<String> {
    let mut sources = read(text);
    let question = CheckOptions {
        releases: newest(),
        host: Host::parse(host).unwrap(),
        running: running.map(|text| RunningConfig::One(read(text))),
        ..CheckOptions::default()
    };
    let report = check(&mut sources, &question);
    let found = report.deployments.iter().flat_map(DeploymentReport::all);
    found.map(|r| format!("{}: {}", r.finding.check.id, r.finding.message)).collect()
}

fn found(text: &str) -> Vec<String> {
    found_in(text, "", None)
}

fn has(found: &[String], words: &str) -> bool {
    found.iter().any(|line| line.contains(words))
}

#[test]
fn values_set_the_replicas_and_the_grace_period() {
    for (more, replicas, grace) in [
        ("", Some(3), Some(seconds(35))),
        ("image: {tag: 2.8.0}\n", Some(3), None),
        ("image: {tag: 2.8.1}\n", Some(3), Some(seconds(35))),
        ("replicaCount: 5\nterminationGracePeriodSeconds: 70\n", Some(5), Some(seconds(70))),
        ("autoscaling: {enabled: true}\nreplicaCount: 5\n", Some(3), Some(seconds(35))),
        ("autoscaling: {enabled: true, minReplicas: 1}\n", None, Some(seconds(35))),
        (
            "autoscaling: {enabled: true, minReplicas: 1, maxReplicas: 1}\n",
            Some(1),
            Some(seconds(35)),
        ),
        ("autoscaling: {enabled: false, minReplicas: 7}\n", Some(3), Some(seconds(35))),
    ] {
        let Machine { replicas: has, grace: lasts, .. } = given(&values(more)).machine;
        assert_eq!((has, lasts), (replicas, grace), "{more}");
    }
}

#[test]
fn objects_set_the_same() {
    let scaler = |name: &str, least: u32| {
        format!(
            "kind: HorizontalPodAutoscaler\napiVersion: autoscaling/v2\nspec:\n  scaleTargetRef: \
             {{kind: Deployment, name: {name}}}\n  minReplicas: {least}\n  maxReplicas: 9\n"
        )
    };
    let (three, slow) = ("  replicas: 3\n", "      terminationGracePeriodSeconds: 70\n");
    for (spec, pod, beside, replicas, grace) in [
        ("", "", String::new(), None, None),
        (three, slow, String::new(), Some(3), Some(seconds(70))),
        (three, "", scaler("nodes", 2), Some(2), None),
        (three, "", scaler("nodes", 1), None, None),
        (three, "", scaler("other", 2), Some(3), None),
    ] {
        let text = objects(spec, pod, &beside);
        let Machine { replicas: has, grace: lasts, .. } = given(&text).machine;
        assert_eq!((has, lasts), (replicas, grace), "{text}");
    }
}

#[test]
fn compares_the_shutdown_with_the_grace_period() {
    let config = |timeout: &str| format!("{CONFIG}  Traces: {{BatchTimeout: {timeout}}}\n");
    for (text, is_slow) in [
        (config("17s"), false),
        (config("18s"), true),
        (config("18s") + "terminationGracePeriodSeconds: 60\n", false),
        (config("18s") + "terminationGracePeriodSeconds: 36\n", true),
        (config("14s") + "terminationGracePeriodSeconds: 20\n", true),
        ("General: {ConfigurationVersion: 2}\nTraces: {BatchTimeout: 15s}\n".to_owned(), true),
        ("General: {ConfigurationVersion: 2}\nTraces: {BatchTimeout: 14s}\n".to_owned(), false),
    ] {
        assert_eq!(has(&found(&text), "start/slow-shutdown"), is_slow, "{text}");
    }
    let text = "General: {ConfigurationVersion: 2}\nTraces: {BatchTimeout: 15s}\n";
    let findings = found_in(text, "grace = \"20s\"", None);
    assert!(
        has(&findings, "a shutdown takes at least 30s, but the grace period is 20s"),
        "{findings:?}"
    );
    assert!(!has(&found_in(text, "grace = \"1m\"", None), "start/slow-shutdown"));
}

#[test]
fn reports_needs_of_several_nodes_only_for_several() {
    let apart = format!("{CONFIG}  PeerManagement: {{Type: file}}\n");
    assert!(has(&found(&apart), "each of 3 nodes samples on its own"), "{:?}", found(&apart));
    let one = "replicaCount: 1\n";
    assert_eq!(peers(&found(&(apart + one))), BTreeSet::new());
    let faults = format!(
        "{CONFIG}  Network: {{PeerListenAddr: \"127.0.0.1:8081\"}}\n  \
         PeerManagement: {{Type: redis, IdentifierInterfaceName: null, UseIPV6Identifier: true}}\n  \
         RedisPeerManagement: {{Timeout: 1ms}}\n"
    );
    let several = ["announces-hostname", "ipv6-ignored", "redis-timeout", "unreachable-address"];
    assert_eq!(peers(&found(&faults)), several.map(|name| format!("peers/{name}")).into());
    assert_eq!(peers(&found(&(faults + one))), BTreeSet::new());
    let redis = "General: {ConfigurationVersion: 2}\nPeerManagement: {Type: redis, Identifier: a}\n\
                 RedisPeerManagement: {Host: \"redis:6379\"}\n";
    for (replicas, is_reported) in [(1, false), (2, true)] {
        let host = format!("redis = \"unreachable\"\nreplicas = {replicas}\n");
        assert_eq!(
            has(&found_in(redis, &host, None), "peers/redis-unreachable"),
            is_reported,
            "{replicas}"
        );
    }
}

fn peers(found: &[String]) -> BTreeSet<String> {
    let ids = found.iter().filter_map(|line| line.split_once(':'));
    ids.map(|(id, _)| id.to_owned()).filter(|id| id.starts_with("peers/")).collect()
}

const TRAFFIC: &str = "spans-per-second = 60000\nspan-bytes = 2000\n";

#[test]
fn a_budget_limits_the_nodes_lost_at_once() {
    let budget = |bound: &str| {
        format!(
            "{CONFIG}  Traces: {{SendDelay: 5s}}\nreplicaCount: 4\npodDisruptionBudget: \
             {{enabled: true, {bound}}}\n"
        )
    };
    for (text, expected) in [
        (budget("maxUnavailable: 1"), None),
        (budget("maxUnavailable: 3"), Some("capacity/cascading-failure: with 3 of 4 nodes lost")),
        (budget("maxUnavailable: 51%"), Some("capacity/cascading-failure: with 3 of 4 nodes lost")),
        (budget("maxUnavailable: 4"), Some("capacity/pdb-allows-full-outage: all 4 Refinery pods")),
        (
            budget("maxUnavailable: null, minAvailable: 1"),
            Some("capacity/cascading-failure: with 3 of 4 nodes"),
        ),
        (
            budget("maxUnavailable: null, minAvailable: 4"),
            Some("capacity/pdb-blocks-drain: none of the 4"),
        ),
        (budget("maxUnavailable: 0"), Some("capacity/pdb-blocks-drain: none of the 4")),
        (budget("maxUnavailable: 4").replace("true", "false"), None),
    ] {
        let all = found_in(&text, TRAFFIC, None);
        let of_capacity: Vec<_> = all.iter().filter(|f| f.starts_with("capacity/")).collect();
        match expected {
            Some(expected) => assert!(has(&all, expected), "{text}{all:?}"),
            None => assert!(of_capacity.is_empty(), "{text}{of_capacity:?}"),
        }
    }
    let said = found_in(&budget("maxUnavailable: 3"), &format!("{TRAFFIC}lose = 1\n"), None);
    assert!(!has(&said, "capacity/cascading-failure"), "what is asked counts: {said:?}");
    assert!(
        !has(&found(&budget("maxUnavailable: 3")), "capacity/cascading-failure"),
        "without figures"
    );
}

#[test]
fn a_budget_applies_to_the_pods_that_it_selects() {
    let budget = |selector: &str, metadata: &str| {
        format!(
            "kind: PodDisruptionBudget\napiVersion: policy/v1\nmetadata: {{{metadata}}}\n\
             spec: {{maxUnavailable: 3, selector: {selector}}}\n"
        )
    };
    for (beside, is_theirs) in [
        (budget("{matchLabels: {app: refinery}}", ""), true),
        (budget("{}", ""), true),
        (budget("{matchLabels: {app: refinery, tier: two}}", ""), false),
        (budget("{matchLabels: {app: refinery}}", "namespace: other"), false),
        (budget("{matchExpressions: [{key: app, operator: Exists}]}", ""), false),
    ] {
        let findings = found(&objects("  replicas: 3\n", "", &beside));
        assert_eq!(
            has(&findings, "capacity/pdb-allows-full-outage"),
            is_theirs,
            "{beside}{findings:?}"
        );
    }
    // They may be in another file of the folder.
    let pods = objects("  replicas: 3\n", "", "");
    let own = budget("{matchLabels: {app: refinery}}", "");
    let folder = Folder::new(&[("a/pods.yaml", &pods), ("a/budget.yaml", &own)]);
    let ran = folder.run(&["check", "--output-format", "short"]);
    assert!(
        ran.output.contains("a/budget.yaml:4:24: warning[capacity/pdb-allows-full-outage]"),
        "{ran:?}"
    );
    let folder = Folder::new(&[("a/pods.yaml", &pods), ("b/budget.yaml", &own)]);
    assert!(!folder.run(&["check"]).output.contains("pdb-allows-full-outage"));
}

#[test]
fn a_change_that_restarts_the_pods_takes_effect_at_once() {
    let config = |ticker: &str| format!("General: {{ConfigurationVersion: 2}}\nTraces: {ticker}\n");
    let inner = |ticker: &str| format!("{CONFIG}  Traces: {ticker}\n");
    let (fatal, slow, fast) = ("{SendTicker: -1s}", "{SendTicker: 2s}", "{SendTicker: 1s}");
    let sum = objects("", "", "");
    let unsummed = sum.replace("checksum/config", "checksum/other");
    let with = |text: &str, ticker: &str| {
        let key = "    PeerManagement: {Type: redis}\n";
        text.replace(key, &format!("{key}    Traces: {ticker}\n"))
    };
    for (is_news, fatal, new, old) in [
        (true, config(fatal), config(slow), config(fast)),
        (false, inner(fatal), inner(slow), inner(fast)),
        (false, with(&sum, fatal), with(&sum, slow), with(&sum, fast)),
        (true, with(&unsummed, fatal), with(&unsummed, slow), with(&unsummed, fast)),
    ] {
        let findings = found(&fatal);
        assert!(has(&findings, "start/impossible-interval"), "{fatal}{findings:?}");
        assert_eq!(has(&findings, "reload/fails-at-restart"), is_news, "{fatal}{findings:?}");
        let findings = found_in(&new, "", Some(&old));
        assert_eq!(has(&findings, "`Traces.SendTicker`"), is_news, "{new}{findings:?}");
    }
    let findings = found_in(&config(fatal), "restarts = {config = true}", None);
    assert!(!has(&findings, "reload/fails-at-restart"), "{findings:?}");
    let findings = found_in(&config(fatal), "restarts = {rules = true}", None);
    assert!(has(&findings, "reload/fails-at-restart"), "{findings:?}");
}

#[test]
fn the_chart_version_decides_what_restarts_the_pods() {
    for (more, expected) in [
        ("", "config at a restart, which the change causes; rules at a live reload"),
        ("LiveReload: false\n", "at a restart, which the change causes"),
    ] {
        let repository = Repository::with(&[("values.yaml", &values(more))]);
        let changed = format!("{CONFIG}  Traces: {{SendDelay: 3s, BatchTimeout: 1s}}\n{more}");
        repository.write("values.yaml", &changed);
        let ran = repository.run(&["check", "--since", "HEAD", "--output-format", "markdown"]);
        assert!(ran.output.contains(&format!(" | {expected} |\n")), "{}", ran.all());
    }
}

#[test]
fn live_reload_only_affects_rules() {
    for (more, rules) in [
        ("", false),
        ("LiveReload: false\n", true),
        ("image: {tag: 2.0.0}\n", true),
        ("image: {tag: 2.0.1}\n", false),
        ("LiveReload: false\nRulesConfigMapName: own\n", false),
    ] {
        let text = values(more);
        let restarts = given(&text).machine.restarts;
        assert_eq!(restarts, Restarts { config: true, rules }, "{more}");
        let is_reported = read(&text).notices.iter().any(|line| line.text.contains("LiveReload"));
        assert_eq!(is_reported, rules, "{more}");
    }
}

/// The lines of the effective config, without origins.
fn effective(files: &[(&str, &str)]) -> String {
    let folder = Folder::new(files);
    let ran = folder.run(&["effective", files[0].0]);
    assert_eq!(ran.status, 0, "{}{}", ran.output, ran.errors);
    ran.output
}

#[test]
fn the_chart_turns_the_debug_service_on() {
    let text = values("debug: {enabled: true, port: 7070}\n");
    assert_eq!(given(&text).arguments, ["-d"]);
    assert!(effective(&[("values.yaml", &text)]).contains("DebugServiceAddr: localhost:7070"));
    assert!(!has(&found(&text), "config/debug-service-disabled"), "{:?}", found(&text));
    let own = format!("{CONFIG}  Debugging: {{DebugServiceAddr: \"localhost:1\"}}\n");
    assert!(has(&found(&own), "config/debug-service-disabled"));
    let own = own + "debug: {enabled: true}\n";
    assert!(effective(&[("values.yaml", &own)]).contains("DebugServiceAddr: localhost:1 "));
}

#[test]
fn rules_in_another_config_map_are_not_the_charts() {
    let halves = |text: &str| {
        let sources = read(text);
        let deployment = sources.deployments[0].clone();
        (deployment.config.len(), deployment.rules.len())
    };
    assert_eq!(halves(&values("")), (1, 1));
    assert_eq!(halves(&values("RulesConfigMapName: own\n")), (1, 0));
}

#[test]
fn a_region_can_be_global() {
    let eu = "HoneycombAPI: https://api.eu1.honeycomb.io";
    let api = "  Traces: {SendDelay: 3s}\n";
    let inner = format!("refinery:\n  {}", format!("{CONFIG}{api}").replace('\n', "\n  "));
    let all = "global: {region: eu1}\n";
    for (text, is_eu) in [
        (format!("{CONFIG}{api}region: eu1\n"), true),
        (format!("{CONFIG}{api}{all}"), true),
        (format!("{all}{inner}"), true),
        (format!("{all}{inner}region: us1\n"), false),
        (format!("{inner}\n"), false),
        (format!("{CONFIG}{api}{all}image: {{tag: 2.9.3}}\n"), false),
    ] {
        let said = effective(&[("values.yaml", &text)]);
        assert_eq!(said.contains(eu), is_eu, "{text}{said}");
    }
}

#[test]
fn reads_values_in_objects_of_flux_and_argo_cd() {
    let nested = |indent: &str| {
        let text = values("image: {tag: 3.1.0}\nreplicaCount: 5");
        format!("{indent}{}\n", text.replace('\n', &format!("\n{indent}")))
    };
    let flux = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n{}",
        nested("    ")
    );
    let argo = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      \
         valuesObject:\n{}",
        nested("        ")
    );
    for text in [flux, argo] {
        let given = given(&text);
        let release = given.release.and_then(|pin| pin.named.release()).map(|r| r.to_string());
        assert_eq!((release.as_deref(), given.machine.replicas), (Some("v3.1.0"), Some(5)));
    }
}

#[test]
fn a_dependency_uses_its_alias() {
    let chart = "name: all\ndependencies:\n  - {name: refinery, version: 2.9.3, alias: east}\n  - \
                 {name: refinery, version: 3.0.5, alias: west}\n";
    let config = CONFIG.replace('\n', "\n  ");
    let values = format!("east:\n  {config}\nwest:\n  {config}\n");
    let folder = Folder::new(&[("values.yaml", &values), ("Chart.yaml", chart)]);
    let said = folder.run(&["check"]).output;
    for (part, release) in [("east", "v2.5.2"), ("west", "v3.1.0")] {
        let line =
            format!("values.yaml#{part}.config: Refinery {release}, pinned by the chart version");
        assert!(said.contains(&line), "{line}\n{said}");
    }
}

#[test]
fn a_chart_ignores_keys_of_later_versions() {
    let text = values("podDisruptionBudget: {enabled: true, maxUnavailable: 3}\n");
    for (version, is_found) in [("2.5.1", false), ("2.6.0", true)] {
        let chart = format!("name: refinery\nversion: {version}\n");
        let folder = Folder::new(&[("values.yaml", &text), ("Chart.yaml", &chart)]);
        let said = folder.run(&["check"]).output;
        assert_eq!(said.contains("capacity/pdb-allows-full-outage"), is_found, "{version} {said}");
    }
}

#[test]
fn a_variable_from_another_source_is_unknown() {
    for variable in [
        "valueFrom: {fieldRef: {fieldPath: status.podIP}}",
        "valueFrom: {secretKeyRef: {name: a, key: b, optional: true}}",
        "value: $(OTHER)",
    ] {
        let text = format!(
            "{CONFIG}  Network: {{ListenAddr: \"${{ADDR}}\"}}\nenvironment: [{{name: ADDR, \
             {variable}}}]\n"
        );
        let mut sources = read(&text);
        let question = CheckOptions { releases: newest(), ..CheckOptions::default() };
        let report = check(&mut sources, &question);
        let verdict = report.deployments[0].verdicts.last().unwrap().clone();
        assert_eq!(verdict.start_up, StartUp::Depends, "{text}");
        assert!(verdict.variables.contains_key("ADDR"), "{text}");
        let known = text.replace(variable, "value: \"0.0.0.0:8080\"");
        assert_eq!(given(&known).machine.variables["ADDR"], "0.0.0.0:8080");
    }
}

#[test]
fn reports_unchecked_files_in_extra_arguments() {
    let text = values(
        "extraCommandArgs: [--no-validate, -c, /etc/more.yaml, --config=/x.yaml, '{{ .x }}']\n",
    );
    assert_eq!(given(&text).arguments, ["--no-validate"]);
    let found = read(&text).unchecked;
    let found: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(found, ["`extraCommandArgs` refers to files that are not in this repository"]);
    let text = values("extraCommandArgs: [--no-validate, '{{ .x }}']\n");
    let notices = read(&text).notices;
    let line = "x.yaml#extraCommandArgs: arguments not checked: `{{ .x }}`";
    assert!(notices.iter().any(|notice| notice.text == line), "{notices:?}");
}

#[test]
fn an_argument_with_a_variable_of_the_pod_is_not_an_error() {
    for (arguments, expected, is_said) in [
        ("[--no-validate, -c, /x.yaml]", &["--no-validate"][..], false),
        ("[--no-validate, '--redis-host=$(HOST)']", &["--no-validate"], true),
        ("[--redis-host, $(HOST), -d]", &["-d"], true),
        ("[-c, $(FILE), -d]", &["-d"], false),
    ] {
        let variable = |name: &str| {
            format!("{{name: {name}, valueFrom: {{secretKeyRef: {{name: s, key: k}}}}}}")
        };
        let env = [variable("HOST"), variable("FILE")].join(", ");
        let run = format!("env: [{env}], args: {arguments}, image:");
        let text = objects("", "", "").replace("image:", &run);
        assert_eq!(given(&text).arguments, expected, "{arguments}");
        let notices = read(&text).notices;
        let is_not_known =
            notices.iter().any(|n| n.text.contains("the command of `nodes` are unknown"));
        assert_eq!(is_not_known, is_said, "{arguments}: {notices:?}");
    }
}

#[test]
fn a_shell_that_runs_refinery_is_followed() {
    let text = |command: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: rc}}\ndata:\n  one.yml: |\n    General: {{ConfigurationVersion: 2}}\n  two.yml: \"\"\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: r}}\nspec:\n  containers:\n  - name: r\n    image: honeycombio/refinery:2.9.4\n    {command}\n    volumeMounts: [{{name: c, mountPath: /etc/refinery}}]\n  volumes: [{{name: c, configMap: {{name: rc}}}}]\n"
        )
    };
    for command in [
        "command: [/bin/sh]\n    args: [-c, 'exec refinery -c /etc/refinery/one.yml -r /etc/refinery/two.yml']",
        "command: [sh, -ec, 'sleep 1 && /usr/bin/refinery -c /etc/refinery/one.yml -r /etc/refinery/two.yml']",
        "command: [/bin/bash, -c, \"set -e\\nrefinery -c /etc/refinery/one.yml --rules_config /etc/refinery/two.yml\\n\"]",
    ] {
        let sources = read(&text(command));
        let [deployment] = &sources.deployments[..] else { panic!("{command}") };
        assert_eq!((deployment.config.len(), deployment.rules.len()), (1, 1), "{command}");
    }
}

#[test]
fn a_memory_limit_may_come_from_elsewhere() {
    let with = |variable: &str| {
        objects("", "", "").replace("image:", &format!("env: [{variable}], image:"))
    };
    let from_secret =
        "{name: REFINERY_AVAILABLE_MEMORY, valueFrom: {secretKeyRef: {name: gone, key: memory}}}";
    let unknown = "no memory limit in the configuration files";
    assert!(has(&found(&with("{name: A, value: a}")), unknown));
    assert!(!has(&found(&with(from_secret)), unknown));
}
