//! Kubernetes pods: a container gets its files, arguments and variables by the kubelet's rules,
//! whether its objects are applied directly or through a kustomization.
//!
//! Each group names the part of the Kubernetes documentation that it tests.

use crate::program::{CONFIG, Folder, RULES};
use refinery_preflight::internals::deploy::{Deployment, Source};
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::discover::{Request, Sources};

/// A container that mounts the volume `v` in Refinery's default folder.
const AT_HOME: &str = "volumeMounts: [{name: v, mountPath: /etc/refinery}]";
/// The volume `v`, of the map `m`.
const OF_MAP: &str = "volumes: [{name: v, configMap: {name: m}}]";
/// The map `m`, with Refinery's default files.
const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n\
                   data: {refinery.yaml: A, rules.yaml: B, other.yaml: C}\n";

fn pod(container: &str, pod: &str) -> String {
    image("honeycombio/refinery:3.2.2", container, pod)
}

fn image(image: &str, container: &str, pod: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  {pod}\n  containers:\n  - \
         {{name: refinery, image: '{image}', {container}}}\n"
    )
}

fn object(kind: &str, name: &str, rest: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}\n")
}

fn stream(documents: &[&str]) -> String {
    documents.join("---\n")
}

/// Each deployment in one line: its configs, rules, arguments, variables and errors.
fn outcomes(sources: &Sources) -> Vec<String> {
    let describe = |deployment: &Deployment| {
        let half = |half: &[Source]| {
            let texts = half.iter().map(|source| sources.files.get(source.file).text.trim());
            texts.collect::<Vec<_>>().join("+")
        };
        let mut line = format!("{}|{}", half(&deployment.config), half(&deployment.rules));
        let machine = &deployment.launch.machine;
        let known = machine.variables.iter().map(|(name, value)| format!("{name}={value}"));
        let unknown = machine.unknown_variables.iter().map(|name| format!("{name}=?"));
        let arguments = deployment.launch.arguments.iter().cloned();
        let found = deployment.findings.iter().map(|finding| format!("!{}", finding.check.id));
        for word in arguments.chain(known).chain(unknown).chain(found) {
            line.push_str(&format!(" {word}"));
        }
        line
    };
    let mut outcomes: Vec<String> = sources.deployments.iter().map(describe).collect();
    outcomes.sort();
    outcomes
}

/// The objects directly and through a kustomization that changes nothing; both must be equal.
fn run(text: &str) -> Vec<String> {
    let folder = Folder::new(&[
        ("k/kustomization.yaml", "resources: [objects.yaml] # refinery\n"),
        ("k/objects.yaml", text),
        ("other/config.yaml", CONFIG),
        ("other/rules.yaml", RULES),
    ]);
    let read = |name: &str| {
        let paths = ["other", name].map(|path| folder.path().join(path)).into();
        let sources = gather(&Request { paths, ..Request::default() }, &mut std::io::empty());
        let mut outcomes = outcomes(&sources.unwrap());
        outcomes.retain(|line| !line.starts_with(CONFIG.trim()));
        outcomes
    };
    let plain = read("k/objects.yaml");
    assert_eq!(read("k/kustomization.yaml"), plain, "plain and through a kustomization: {text}");
    plain
}

/// Each case: the reason, the objects and the expected lines.
fn check(cases: &[(&str, String, &[&str])]) {
    let wrong = cases.iter().filter_map(|(why, text, expected)| {
        let outcomes = run(text);
        (outcomes != *expected).then(|| format!("{why}: {outcomes:?}, not {expected:?}\n{text}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Concepts, "`ConfigMaps`", part "Using `ConfigMaps` as files from a Pod"; API reference, `Volume`,
/// `ConfigMapVolumeSource`, and `KeyToPath`.
#[test]
#[rustfmt::skip]
fn mounts_maps_as_files() {
    let of = |source: &str| stream(&[MAP, &pod(AT_HOME, &format!("volumes: [{{name: v, configMap: {source}}}]"))]);
    let with = |data: &str| stream(&[&object("ConfigMap", "m", data), &pod(AT_HOME, OF_MAP)]);
    check(&[
        ("each key is a file", of("{name: m}"), &["A|B"]),
        ("modes change no bytes", of("{name: m, defaultMode: 0444}"), &["A|B"]),
        ("`items` choose and rename", of("{name: m, items: [{key: other.yaml, path: refinery.yaml}, {key: rules.yaml, path: rules.yaml}]}"), &["C|B"]),
        ("without `items` that are any, all keys", of("{name: m, items: []}"), &["A|B"]),
        ("what `items` leave out is not there", of("{name: m, items: [{key: refinery.yaml, path: refinery.yaml}]}"), &["A| !start/missing-file"]),
        ("a key that is not there stops the container", of("{name: m, items: [{key: refinery.yaml, path: refinery.yaml}, {key: rulez.yaml, path: rules.yaml}]}"), &["A| !start/missing-map-key"]),
        ("unless the volume is optional", of("{name: m, optional: true, items: [{key: refinery.yaml, path: refinery.yaml}, {key: rulez.yaml, path: rules.yaml}]}"), &["A| !start/missing-file"]),
        ("a map out of sight", of("{name: other}"), &[]),
        ("an optional map out of sight", of("{name: other, optional: true}"), &[]),
        ("`binaryData` is in base64", with("binaryData: {refinery.yaml: QQ==}\ndata: {rules.yaml: B}"), &["A|B"]),
        ("a key without a value is empty", with("data: {refinery.yaml: , rules.yaml: ''}"), &["|"]),
        ("whatever is in it", with("data: {refinery.yaml: '# none', rules.yaml: '[x]'}"), &["# none|[x]"]),
        ("a mapping is refused", with("data: {refinery.yaml: {General: {}}, rules.yaml: B}"), &["|B !start/invalid-map-data"]),
        ("of two documents in a stream the later is applied last", stream(&[&object("ConfigMap", "m", "data: {refinery.yaml: Z}"), MAP, &pod(AT_HOME, OF_MAP)]), &["A|B"]),
        ("what is under other keys is not read", with("data: {config.yaml: A, rules.yaml: B}"), &["|B !start/missing-file"]),
        ("a folder is not a file", stream(&[MAP, &pod(&format!("{AT_HOME}, args: [-c, /etc/refinery]"), OF_MAP)]), &["|B !start/missing-file"]),
    ]);
}

/// Concepts, "Volumes", part "Using subPath" and "Using subPath with expanded environment variables".
#[test]
#[rustfmt::skip]
fn mounts_parts_of_volumes() {
    let of = |mounts: &str, source: &str| {
        let volumes = format!("volumes: [{{name: v, configMap: {source}}}]");
        stream(&[MAP, &pod(&format!("volumeMounts: [{mounts}]"), &volumes)])
    };
    let file = |at: &str, part: &str| format!("{{name: v, mountPath: /etc/refinery/{at}, subPath: {part}}}");
    let both = |config: &str| format!("{}, {}", file("refinery.yaml", config), file("rules.yaml", "rules.yaml"));
    let items = "{name: m, items: [{key: other.yaml, path: d/refinery.yaml}, {key: rules.yaml, path: d/rules.yaml}]}";
    let expr = "{name: v, mountPath: /etc/refinery/refinery.yaml, subPathExpr: $(WHICH).yaml}";
    let named = |env: &str| {
        let mounts = format!("{expr}, {}", file("rules.yaml", "rules.yaml"));
        stream(&[MAP, &pod(&format!("env: [{env}], volumeMounts: [{mounts}]"), OF_MAP)])
    };
    check(&[
        ("one file each", of(&both("other.yaml"), "{name: m}"), &["C|B"]),
        ("a part that is not there is an empty folder", of(&both("x.yaml"), "{name: m}"), &["|B !start/missing-file"]),
        ("a folder of the volume", of("{name: v, mountPath: /etc/refinery, subPath: d}", items), &["C|B"]),
        ("a file in a folder", of(&format!("{}, {}", file("refinery.yaml", "d/refinery.yaml"), file("rules.yaml", "d/rules.yaml")), items), &["C|B"]),
        ("a part of a map out of sight", of(&both("a.yaml"), "{name: gone}"), &[]),
        ("an expression is replaced", named("{name: WHICH, value: other}"), &["C|B WHICH=other"]),
        ("by what nobody knows", named("{name: WHICH, valueFrom: {fieldRef: {fieldPath: metadata.name}}}"), &["|B WHICH=?"]),
    ]);
}

/// Concepts, "Secrets", parts "Using Secrets as files from a Pod" and "Constraints on Secret names and
/// data"; API reference, `Secret` (`data`, `stringData`) and `SecretVolumeSource`.
#[test]
#[rustfmt::skip]
fn mounts_secrets_as_files() {
    let of = |data: &str, source: &str| {
        let volumes = format!("volumes: [{{name: v, secret: {source}}}]");
        stream(&[&object("Secret", "s", data), &pod(AT_HOME, &volumes)])
    };
    let plain = "{secretName: s}";
    check(&[
        ("`data` is in base64", of("data: {refinery.yaml: QQ==, rules.yaml: Qg==}", plain), &["A|B"]),
        ("lines may be parted", of("data: {refinery.yaml: \"Q\\nQ==\", rules.yaml: Qg==}", plain), &["A|B"]),
        ("`stringData` is not", of("stringData: {refinery.yaml: A, rules.yaml: B}", plain), &["A|B"]),
        ("and counts where both are", of("stringData: {refinery.yaml: A}\ndata: {refinery.yaml: Qg==, rules.yaml: Qg==}", plain), &["A|B"]),
        ("`items`", of("data: {a: QQ==, b: Qg==}", "{secretName: s, items: [{key: a, path: refinery.yaml}, {key: b, path: rules.yaml}]}"), &["A|B"]),
        ("what is not base64 is refused", of("data: {refinery.yaml: 'General:', rules.yaml: Qg==}", plain), &["|B !start/invalid-map-data"]),
        ("nor is base64 without its end", of("data: {refinery.yaml: QQ, rules.yaml: Qg==}", plain), &["|B !start/invalid-map-data"]),
        ("bytes that are not text", of("data: {refinery.yaml: /w==, rules.yaml: Qg==}", plain), &["\u{fffd}|B !syntax/not-utf-8"]),
        ("one that somebody else fills", of("type: Opaque", plain), &[]),
        ("a ConfigMap of the name is another object", stream(&[&object("ConfigMap", "s", "data: {refinery.yaml: A}"), &pod(AT_HOME, "volumes: [{name: v, secret: {secretName: s}}]")]), &[]),
    ]);
}

/// Concepts, "Projected Volumes"; API reference, `ProjectedVolumeSource`.
#[test]
#[rustfmt::skip]
fn projects_several_sources_into_one_folder() {
    let secret = object("Secret", "s", "data: {rules.yaml: Uw==}");
    let of = |sources: &str| {
        let volumes = format!("volumes: [{{name: v, projected: {{sources: [{sources}]}}}}]");
        stream(&[MAP, &secret, &pod(AT_HOME, &volumes)])
    };
    let config = "{configMap: {name: m, items: [{key: refinery.yaml, path: refinery.yaml}]}}";
    check(&[
        ("from several maps", of(&format!("{config}, {{secret: {{name: s}}}}")), &["A|S"]),
        ("of one path the later source counts", of("{configMap: {name: m}}, {secret: {name: s}}"), &["A|S"]),
        ("in their order", of("{secret: {name: s}}, {configMap: {name: m}}"), &["A|B"]),
        ("`items` of each", of("{secret: {name: s}}, {configMap: {name: m, items: [{key: other.yaml, path: refinery.yaml}]}}"), &["C|S"]),
        ("one out of sight may bring the rest", of(&format!("{config}, {{secret: {{name: gone}}}}")), &["A|"]),
        ("unless its items say that it does not", of(&format!("{config}, {{secret: {{name: gone, items: [{{key: a, path: key}}]}}}}")), &["A| !start/missing-file"]),
        ("what the cluster writes lies elsewhere", of(&format!("{config}, {{serviceAccountToken: {{path: token}}}}, {{downwardAPI: {{items: [{{path: labels, fieldRef: {{fieldPath: metadata.labels}}}}]}}}}")), &["A| !start/missing-file"]),
        ("or where Refinery looks", of(&format!("{config}, {{downwardAPI: {{items: [{{path: rules.yaml, fieldRef: {{fieldPath: 'metadata.annotations[x]'}}}}]}}}}")), &["A|"]),
    ]);
}

/// Concepts, "Volumes" (`emptyDir`, `hostPath`, `persistentVolumeClaim`), and API reference,
/// `VolumeMount`: a mount hides files of the image, and a deeper mount wins.
#[test]
#[rustfmt::skip]
fn mounts_hide_the_image_and_each_other() {
    let of = |container: &str, volumes: &str, more: &str| {
        let volumes = format!("volumes: [{{name: v, configMap: {{name: m}}}}, {volumes}]\n  {more}");
        stream(&[MAP, &object("ConfigMap", "deep", "data: {a: D}"), &pod(container, &volumes)])
    };
    let two = |second: &str| format!("volumeMounts: [{{name: v, mountPath: /etc/refinery}}, {second}]");
    let over = two("{name: w, mountPath: /etc/refinery/rules.yaml, subPath: a}");
    let hidden = two("{name: w, mountPath: /etc/refinery/rules.yaml}");
    let init = "initContainers: [{name: i, image: busybox, volumeMounts: [{name: w, mountPath: /x}]}]";
    let own = "ecr.example.com/refinery:1";
    let args = "args: [-c, /etc/refinery/refinery.yaml, -r, /etc/refinery/rulez.yaml]";
    check(&[
        ("a deeper mount", of(&over, "{name: w, configMap: {name: deep}}", ""), &["A|D"]),
        ("in whatever order", of(&over.replace("[{name: v, mountPath: /etc/refinery}, ", "[").replace("subPath: a}]", "subPath: a}, {name: v, mountPath: /etc/refinery/}]"), "{name: w, configMap: {name: deep}}", ""), &["A|D"]),
        ("an empty folder stays empty", of(&hidden, "{name: w, emptyDir: {}}", ""), &["A| !start/missing-file"]),
        ("unless another container fills it", of(&hidden, "{name: w, emptyDir: {}}", init), &["A|"]),
        ("or the container itself does", of(&format!("{hidden}, lifecycle: {{postStart: {{exec: {{command: [x]}}}}}}"), "{name: w, emptyDir: {}}", ""), &["A|"]),
        ("a claim", of(&hidden, "{name: w, persistentVolumeClaim: {claimName: c}}", ""), &["A|"]),
        ("a folder of the machine", of(&hidden, "{name: w, hostPath: {path: /x}}", ""), &["A|"]),
        ("a volume that the pod does not define", of(&hidden, "{name: x, emptyDir: {}}", ""), &["A| !start/invalid-volume-mount"]),
        ("an image that holds no files", stream(&[MAP, &pod("args: [-d]", OF_MAP)]), &["| -d !start/missing-file !start/missing-file"]),
        ("a Deployment without a selector is a part of another", stream(&[MAP, &object("Deployment", "p", "spec: {template: {spec: {containers: [{name: refinery, image: 'honeycombio/refinery:3.2.2'}]}}}")]), &[]),
        ("a whole one is not", stream(&[MAP, &object("Deployment", "p", "spec: {selector: {}, template: {spec: {containers: [{name: refinery, image: 'honeycombio/refinery:3.2.2'}]}}}")]), &["| !start/missing-file !start/missing-file"]),
        ("an image of one's own may hold them", stream(&[MAP, &image(own, "args: [-c, /a.yaml, -r, /b.yaml]", OF_MAP)]), &[]),
        ("but not where a mount hides them", stream(&[MAP, &image(own, &format!("{args}, {AT_HOME}"), OF_MAP)]), &["A| !start/missing-file"]),
        ("and where it looks by itself is known of Honeycomb's alone", stream(&[&object("ConfigMap", "m", "data: {refinery.yaml: A}"), &image(own, AT_HOME, OF_MAP)]), &["A|"]),
    ]);
}

/// Tasks, "Define a Command and Arguments for a Container"; API reference, `Container` (`command`,
/// `args`, `workingDir`); Tasks, "Define Dependent Environment Variables" for `$(NAME)`.
#[test]
#[rustfmt::skip]
fn arguments_are_those_of_the_container() {
    let of = |more: &str| stream(&[MAP, &pod(&format!("{AT_HOME}, {more}"), OF_MAP)]);
    let named = |value: &str, word: &str| {
        of(&format!("env: [{{name: W, {value}}}], args: [-r, '/etc/refinery/{word}.yaml']"))
    };
    let secret = "valueFrom: {secretKeyRef: {name: gone, key: k}}";
    check(&[
        ("flags", of("args: [-c, /etc/refinery/other.yaml, --debug]"), &["C|B --debug"]),
        ("of several files", of("args: [-c, /etc/refinery/refinery.yaml, -c, /etc/refinery/other.yaml]"), &["A+C|B"]),
        ("arguments follow the command", of("command: [/ko-app/refinery, -c/etc/refinery/other.yaml], args: [-r=/etc/refinery/rules.yaml]"), &["C|B"]),
        ("after what starts it", of("command: [tini, --, refinery], args: [-c, /etc/refinery/other.yaml]"), &["C|B"]),
        ("a shell hides them", of("command: [sh, -c, 'refinery -c $X']"), &["A|B"]),
        ("paths lead on from `workingDir`", of("workingDir: /etc/refinery, args: [-c, other.yaml]"), &["C|B"]),
        ("numbers are no strings", of("args: [--interface-name, 5]"), &["A|B --interface-name 5 !start/not-a-string"]),
        ("a file that is not there", of("args: [-c, /etc/refinery/refinery.yaml, -r, /etc/refinery/rulez.yaml]"), &["A| !start/missing-file"]),
        ("a reference is replaced", named("value: other", "$(W)"), &["A|C W=other"]),
        ("in its place alone", named("value: th", "o$(W)er"), &["A|C W=th"]),
        ("an escaped one is not", named("value: other", "$$(W)"), &["A| W=other !start/missing-file"]),
        ("nor one to what is not defined", named("value: other", "$(X)"), &["A| W=other !start/missing-file"]),
        ("nor one without an end", named("value: other", "$(W"), &["A| W=other !start/missing-file"]),
        ("one to what nobody knows", named(secret, "$(W)"), &["A|B W=?"]),
        ("services define variables", named("value: x", "$(REDIS_SERVICE_HOST)"), &["A|B W=x"]),
        ("unless they do not", named("value: x", "$(REDIS_SERVICE_HOST)").replace("spec:\n", "spec:\n  enableServiceLinks: false\n"), &["A| W=x !start/missing-file"]),
        ("of what nobody knows only the value is unknown", of("env: [{name: W, valueFrom: {fieldRef: {fieldPath: status.podIP}}}], args: ['--redis-host=$(W)', -d]"), &["A|B -d W=?"]),
    ]);
}

/// Tasks, "Define Environment Variables for a Container" and "Define Dependent Environment Variables";
/// API reference, `Container` (`env`, `envFrom`), `EnvVar`, `EnvVarSource`, `EnvFromSource`.
#[test]
#[rustfmt::skip]
fn variables_are_those_of_the_container() {
    let maps = stream(&[
        &object("ConfigMap", "one", "data: {A: '1', B: '1', R: /etc/refinery/other.yaml, D: $(A)}\nbinaryData: {Z: QQ==}"),
        &object("ConfigMap", "two", "data: {B: '2'}"),
        &object("Secret", "s", "data: {S: UA==}\nstringData: {T: t}"),
    ]);
    let of = |more: &str| stream(&[MAP, &maps, &pod(&format!("{AT_HOME}, {more}"), OF_MAP)]);
    let env = |list: &str| of(&format!("env: [{list}]"));
    let both = |from: &str, list: &str| of(&format!("envFrom: [{from}], env: [{list}]"));
    let key = |kind: &str, name: &str, key: &str| {
        format!("{{name: X, valueFrom: {{{kind}KeyRef: {{name: {name}, key: {key}}}}}}}")
    };
    let field = |field: &str| format!("{{name: X, valueFrom: {{resourceFieldRef: {{{field}}}}}}}");
    let limits = |list: &str| of(&format!("resources: {{limits: {{memory: 2Gi, cpu: 1500m}}}}, env: [{list}]"));
    check(&[
        ("a value", env("{name: X, value: a}"), &["A|B X=a"]),
        ("an empty one", env("{name: X, value: ''}, {name: W}"), &["A|B W= X="]),
        ("the last of a name counts", env("{name: X, value: a}, {name: X, value: b}"), &["A|B X=b"]),
        ("what is set above is replaced", env("{name: X, value: a}, {name: W, value: '$(X)$(X)'}"), &["A|B W=aa X=a"]),
        ("what is set below is not", env("{name: W, value: $(X)}, {name: X, value: a}"), &["A|B W=$(X) X=a"]),
        ("nor what is escaped", env("{name: X, value: a}, {name: W, value: $$(X)}"), &["A|B W=$(X) X=a"]),
        ("a key of a map", env(&key("configMap", "two", "B")), &["A|B X=2"]),
        ("as it is written", env(&format!("{{name: A, value: a}}, {}", key("configMap", "one", "D"))), &["A|B A=a X=$(A)"]),
        ("a key of a Secret", env(&key("secret", "s", "S")), &["A|B X=P"]),
        ("also of `stringData`", env(&key("secret", "s", "T")), &["A|B X=t"]),
        ("no binary key", env(&key("configMap", "one", "Z")), &["A|B X=? !start/missing-map-key"]),
        ("a key that is not there", env(&key("configMap", "one", "Q")), &["A|B X=? !start/missing-map-key"]),
        ("an optional one is not set", env(&key("configMap", "one", "Q").replace("key: Q", "key: Q, optional: true")), &["A|B"]),
        ("and leaves what is set above", env(&format!("{{name: X, value: a}}, {}", key("configMap", "one", "Q").replace("key: Q", "key: Q, optional: true"))), &["A|B X=a"]),
        ("of a map out of sight", env(&key("configMap", "gone", "Q")), &["A|B X=?"]),
        ("of a Secret out of sight", env(&key("secret", "gone", "Q").replace("key: Q", "key: Q, optional: true")), &["A|B X=?"]),
        ("a reference to what nobody knows", env(&format!("{}, {{name: W, value: a$(X)}}", key("secret", "gone", "Q"))), &["A|B W=? X=?"]),
        ("a field of the pod", env("{name: X, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}"), &["A|B X=?"]),
        ("a limit", limits(&field("resource: limits.memory")), &["A|B X=2147483648"]),
        ("processors are rounded up", limits(&field("resource: limits.cpu, divisor: '1'")), &["A|B X=2"]),
        ("in another unit", limits(&field("resource: limits.memory, divisor: 1Mi")), &["A|B X=2048"]),
        ("which is rounded up", limits(&field("resource: limits.memory, divisor: 3Gi")), &["A|B X=1"]),
        ("an unknown unit", limits(&field("resource: limits.memory, divisor: x")), &["A|B X=?"]),
        ("parts of a processor", limits(&field("resource: limits.cpu, divisor: 1m")), &["A|B X=?"]),
        ("no limit is what the machine has", env(&field("resource: limits.memory")), &["A|B X=?"]),
        ("all keys of a map", both("{configMapRef: {name: two}}", ""), &["A|B B=2"]),
        ("all keys of a Secret", both("{secretRef: {name: s}}", ""), &["A|B S=P T=t"]),
        ("with a prefix", both("{prefix: P_, configMapRef: {name: two}}", ""), &["A|B P_B=2"]),
        ("a later source counts", both("{configMapRef: {name: one}}, {configMapRef: {name: two}}", ""), &["A|B A=1 B=2 D=$(A) R=/etc/refinery/other.yaml"]),
        ("`env` overrides all sources", both("{configMapRef: {name: two}}", "{name: B, value: b}"), &["A|B B=b"]),
        ("and is replaced by them", both("{configMapRef: {name: two}}", "{name: X, value: x$(B)}"), &["A|B B=2 X=x2"]),
        ("after a source out of sight a name may be set", both("{secretRef: {name: gone}}", "{name: X, value: $(Q)}"), &["A|B X=?"]),
        ("a location", env("{name: REFINERY_RULES_CONFIG, value: /etc/refinery/other.yaml}"), &["A|C REFINERY_RULES_CONFIG=/etc/refinery/other.yaml"]),
        ("several", env("{name: REFINERY_CONFIG, value: '/etc/refinery/refinery.yaml,/etc/refinery/other.yaml'}"), &["A+C|B REFINERY_CONFIG=/etc/refinery/refinery.yaml,/etc/refinery/other.yaml"]),
        ("of a map", env(&key("configMap", "one", "R").replace("name: X", "name: REFINERY_RULES_CONFIG")), &["A|C REFINERY_RULES_CONFIG=/etc/refinery/other.yaml"]),
        ("flags count over variables", of("env: [{name: REFINERY_CONFIG, value: /x.yaml}], args: [-c, /etc/refinery/other.yaml]"), &["C|B REFINERY_CONFIG=/x.yaml"]),
        ("one that is not there", env("{name: REFINERY_CONFIG, value: /etc/refinery/x.yaml}"), &["|B REFINERY_CONFIG=/etc/refinery/x.yaml !start/missing-file"]),
    ]);
}

/// Concepts, "Pods", "Workloads" (each kind's page), "Sidecar Containers", "Namespaces"; API reference,
/// `List`.
#[test]
#[rustfmt::skip]
fn reads_every_kind_of_pods() {
    let template = |at: &str, kind: &str| {
        let container = format!("{{name: refinery, image: 'honeycombio/refinery:3.2.2', {AT_HOME}}}");
        let spec = format!("{{containers: [{container}], {OF_MAP}}}");
        object(kind, "p", &format!("spec: {}", at.replace('%', &spec)))
    };
    let plain = "{template: {spec: %}}";
    let all = |kind: &str, at: &str| stream(&[MAP, &template(at, kind)]);
    let list = "apiVersion: v1\nkind: List\nitems:\n";
    let item = |text: &str| {
        let mut lines = text.lines().fold(String::new(), |all, line| all + "  " + line + "\n");
        lines.replace_range(0..1, "-");
        lines
    };
    let sidecar = |image: &str, more: &str| {
        pod(AT_HOME, OF_MAP) + &format!("  - {{name: side, image: '{image}', {AT_HOME}{more}}}\n")
    };
    let in_namespace = |text: &str, namespace: &str| text.replace("metadata: {name:", &format!("metadata: {{namespace: {namespace}, name:"));
    let (east, west) = (MAP.replace("yaml: A", "yaml: E"), MAP.replace("yaml: A", "yaml: W"));
    let pods = template(plain, "Deployment");
    let init = |more: &str| {
        let other = format!("initContainers: [{{name: i, image: 'honeycombio/refinery:3.2.2', args: [-r, /etc/refinery/other.yaml], {AT_HOME}{more}}}]");
        pod(AT_HOME, &format!("{OF_MAP}\n  {other}"))
    };
    check(&[
        ("Deployment", all("Deployment", plain), &["A|B"]),
        ("StatefulSet", all("StatefulSet", plain), &["A|B"]),
        ("DaemonSet", all("DaemonSet", plain), &["A|B"]),
        ("ReplicaSet", all("ReplicaSet", plain), &["A|B"]),
        ("ReplicationController", all("ReplicationController", plain), &["A|B"]),
        ("Job", all("Job", plain), &["A|B"]),
        ("CronJob", all("CronJob", "{jobTemplate: {spec: {template: {spec: %}}}}"), &["A|B"]),
        ("Pod", all("Pod", "%"), &["A|B"]),
        ("a List", format!("{list}{}{}", item(MAP), item(&pods)), &["A|B"]),
        ("a List of maps", stream(&[&format!("apiVersion: v1\nkind: ConfigMapList\nitems:\n{}", item(MAP)), &pods]), &["A|B"]),
        ("another container is not Refinery's", stream(&[MAP, &sidecar("reloader:1", "")]), &["A|B"]),
        ("two containers in one pod", stream(&[MAP, &sidecar("honeycombio/refinery:3.2.2", ", args: [-r, /etc/refinery/other.yaml]")]), &["A|B", "A|C"]),
        ("a sidecar among the init containers", stream(&[MAP, &init(", restartPolicy: Always")]), &["A|B", "A|C"]),
        ("an init container that runs Refinery", stream(&[MAP, &init("")]), &["A|B", "A|C"]),
        ("an init container with another program", stream(&[MAP, &init(", command: [sh, -c, date]")]), &["A|B"]),
        ("two workloads on one map", stream(&[MAP, &pods, &pods.replace("name: p}", "name: q}").replace("image:", "args: [-r, /etc/refinery/other.yaml], image:")]), &["A|B", "A|C"]),
        ("the same in the same way is reported once", stream(&[MAP, &pods, &pods.replace("name: p}", "name: q}")]), &["A|B"]),
        ("each namespace has its own", stream(&[&in_namespace(&east, "e"), &in_namespace(&west, "w"), &in_namespace(&pods, "e"), &in_namespace(&pods, "w")]), &["E|B", "W|B"]),
        ("and does not see another's", stream(&[&in_namespace(MAP, "e"), &in_namespace(&pods, "w")]), &[]),
        ("whoever applies it says where", stream(&[&in_namespace(MAP, "e"), &pods]), &["A|B"]),
        ("an image of another name, by its program", stream(&[MAP, &pods.replace("honeycombio/refinery:3.2.2'", "acme/sampling:1', command: [refinery]")]), &["A|B"]),
        ("by a variable", stream(&[MAP, &pods.replace("honeycombio/refinery:3.2.2'", "acme/sampling:1', env: [{name: REFINERY_CONFIG, value: /etc/refinery/other.yaml}]")]), &["C|B REFINERY_CONFIG=/etc/refinery/other.yaml"]),
        ("by its volume", stream(&[MAP, &pods.replace("honeycombio/refinery:3.2.2", "acme/sampling:1")]), &["A|B"]),
    ]);
}

#[test]
fn objects_of_adjacent_folders_belong_together() {
    let pods = pod(AT_HOME, OF_MAP);
    let empty = object("ConfigMap", "m", "data: {refinery.yaml: '', rules.yaml: '# none'}");
    for (files, expected) in [
        // Nothing in the file of the map shows that it is Refinery's.
        (vec![("a/pods.yaml", &pods), ("a/map.yaml", &empty)], vec!["|# none"]),
        (vec![("a/pods.yaml", &pods), ("b/map.yaml", &empty)], vec!["|# none"]),
        (vec![("a/pods.yaml", &pods), ("a/c/map.yaml", &empty)], vec!["|# none"]),
        (vec![("a/b/pods.yaml", &pods), ("a/map.yaml", &empty)], vec!["|# none"]),
        (vec![("a/pods.yaml", &pods), ("b/c/map.yaml", &empty)], vec![]),
    ] {
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let folder = Folder::new(&[&files[..], &[("o/config.yaml", CONFIG)]].concat());
        let request = Request { paths: vec![folder.path().to_owned()], ..Request::default() };
        let mut outcomes = outcomes(&gather(&request, &mut std::io::empty()).unwrap());
        outcomes.retain(|line| !line.starts_with(CONFIG.trim()));
        assert_eq!(outcomes, expected, "{files:?}");
    }
}

#[test]
fn reads_every_candidate_of_maps_with_the_same_name() {
    let map = |letter: &str| MAP.replace("yaml: A", &format!("yaml: {letter}"));
    let folder = Folder::new(&[
        ("pods.yaml", &pod(AT_HOME, OF_MAP)),
        ("map-dev.yaml", &map("D")),
        ("map-prod.yaml", &map("P")),
    ]);
    let request = Request { paths: vec![folder.path().to_owned()], ..Request::default() };
    assert_eq!(outcomes(&gather(&request, &mut std::io::empty()).unwrap()), ["D|B", "P|B"]);
}

#[test]
fn does_not_check_objects_before_a_kustomization_changes_them() {
    let map = object("ConfigMap", "m", "data: {refinery.yaml: A}");
    let files = [
        (
            "k/kustomization.yaml",
            "resources: [objects.yaml]\nconfigMapGenerator:\n- {name: m, behavior: merge, files: [rules.yaml]}\n",
        ),
        ("k/objects.yaml", &stream(&[&map, &pod(AT_HOME, OF_MAP)])),
        ("k/rules.yaml", RULES),
    ];
    assert_eq!(unchecked(&files), (vec![], vec![format!("A|{}", RULES.trim())]));
}

#[test]
#[rustfmt::skip]
fn reports_pods_on_the_line_that_a_person_edits() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  rules.yaml: |\n    RulesVersion: 2\n    Samplers: {__default__: {DeterministicSampler: {SampleRate: 1}}}\n";
    let folder = |data: &str, more: &str| {
        let text = stream(&[&format!("{map}{data}"), &pod(&format!("{AT_HOME}{more}"), OF_MAP)]);
        Folder::new(&[("x.yaml", &text)])
    };
    let good = "  refinery.yaml: |\n    General:\n      ConfigurationVersion: 2\n";
    for (data, more, status, said) in [
        (good, "", 0, ""),
        ("  refinery.yaml: ''\n", "", 1, "x.yaml:8:18: error[intake/empty-file]"),
        ("  refinery.yaml: '# none'\n", "", 1, "x.yaml:8:18: error["),
        ("  refinery.yaml: |\n    General: [1\n", "", 1, "x.yaml:9:"),
        (good, ", args: [-r, /etc/refinery/rulez.yaml]", 1, "error[start/missing-file]: no file `/etc/refinery/rulez.yaml`"),
        (good, ", env: [{name: REFINERY_HTTP_LISTEN_ADDRESS, value: nowhere}]", 1, "REFINERY_HTTP_LISTEN_ADDRESS"),
        (good, ", env: [{name: REFINERY_HTTP_LISTEN_ADDRESS, valueFrom: {secretKeyRef: {name: s, key: k}}}]", 0, "REFINERY_HTTP_LISTEN_ADDRESS"),
    ] {
        let ran = folder(data, more).run(&["check", "--output-format", "short"]);
        assert_eq!(ran.status, status, "{data}{more}: {}{}", ran.output, ran.errors);
        assert!(ran.output.contains(said), "{data}{more}: {}", ran.output);
    }

}

/// The findings outside of deployments, by place, and the deployments.
fn unchecked(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let other = [("other/config.yaml", CONFIG), ("other/rules.yaml", RULES)];
    let folder = Folder::new(&[files, &other].concat());
    let request = Request { paths: vec![folder.path().to_owned()], ..Request::default() };
    let sources = gather(&request, &mut std::io::empty()).unwrap();
    let found = sources.unchecked.iter().map(|finding| {
        let span = finding.primary().unwrap();
        let file = sources.files.get(span.file);
        let line = file.text[..span.range().start].matches('\n').count() + 1;
        let name =
            file.name.as_str().strip_prefix(&format!("{}/", folder.path().display())).unwrap();
        format!("{name}:{line} {}", finding.check.id)
    });
    let found = found.collect();
    let mut outcomes = outcomes(&sources);
    let own = format!("{}|{}", CONFIG.trim(), RULES.trim());
    let at = outcomes.iter().position(|line| *line == own).expect("the other deployment");
    outcomes.remove(at);
    (found, outcomes)
}

#[test]
#[rustfmt::skip]
fn maps_in_base64_are_checked_without_pods_too() {
    use base64::Engine;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let (config, rules) = (encode("General: {ConfigurationVersion: 2}"), encode("RulesVersion: 2"));
    let both = "General: {ConfigurationVersion: 2}|RulesVersion: 2";
    for (kind, group, found, outcomes) in [
        ("Secret", format!("data: {{a.yaml: {config}, b.yaml: {rules}}}"), vec![], vec![both]),
        (
            "ConfigMap",
            format!("binaryData: {{a.yaml: {config}, b.yaml: {rules}}}"),
            vec![],
            vec![both],
        ),
        ("Secret", format!("data:\n  config.yaml: {config}\n  rules.yaml: '{{}}'"), vec!["s.yaml:6 start/invalid-map-data"], vec!["General: {ConfigurationVersion: 2}|"]),
        ("Secret", "data: {password: '{}', config.json: x}".to_owned(), vec![], vec![]),
    ] {
        let text = object(kind, "x", &group);
        assert_eq!(
            unchecked(&[("s.yaml", &text)]),
            (
                found.into_iter().map(str::to_owned).collect(),
                outcomes.into_iter().map(str::to_owned).collect()
            ),
            "{text}"
        );
    }
}

#[test]
#[rustfmt::skip]
fn recognises_a_broken_file_by_its_name() {
    let config = "General: {ConfigurationVersion: 2}";
    for rules in ["", "# none", "Samplers: [", "RulesVersion 2", "[]", "null"] {
        let files = |generator: &'static str| {
            [
                ("k/kustomization.yaml", generator),
                ("k/config.yaml", config),
                ("k/rules.yaml", rules),
                ("k/other.yaml", "a: 1"),
                ("x/stuff.yaml", rules),
            ]
        };
        let (_, both) = unchecked(&files(
            "configMapGenerator:\n- {name: m, files: [config.yaml, rules.yaml, other.yaml]}\n",
        ));
        assert_eq!(both, [format!("{config}|{rules}")], "in one map");
        let two = "configMapGenerator:\n- {name: a, files: [config.yaml]}\n- {name: sampling, files: [rules.yaml]}\n";
        assert_eq!(unchecked(&files(two)).1, [format!("{config}|{rules}")], "in two maps");
        let other =
            "configMapGenerator:\n- {name: m, files: [config.yaml, thing.yaml=../x/stuff.yaml]}\n";
        let lone = files(other).into_iter().filter(|(name, _)| *name != "k/rules.yaml");
        let lone: Vec<_> = lone.collect();
        assert_eq!(unchecked(&lone).1, [format!("{config}|")], "under another name");
        let map = object(
            "ConfigMap",
            "m",
            &format!("data:\n  config.yaml: |\n    {config}\n  rules.yaml: \"{rules}\""),
        );
        assert_eq!(
            unchecked(&[("map.yaml", &map)]).1,
            [format!("{config}|{rules}")],
            "in an object"
        );
    }
}

#[test]
#[rustfmt::skip]
fn reports_an_unfollowed_kustomization_if_it_matters() {
    let good = [("b/config.yaml", CONFIG), ("b/rules.yaml", RULES), ("b/kustomization.yaml", "configMapGenerator:\n- {name: m, files: [config.yaml, rules.yaml]}\n")];
    let (unreadable, unfollowed) = ("intake/unreadable-kustomization", "intake/unfollowed-kustomization");
    for (why, text, found) in [
        ("open", "resources: [../b # refinery", vec![("o", 1, unreadable)]),
        ("open, and Refinery's by what it leads to", "resources: [../b\n", vec![("o", 1, unreadable)]),
        ("a file of a generator", "configMapGenerator:\n- name: m\n files: [../b/config.yaml]\n", vec![("o", 3, unreadable)]),
        ("open, and nothing of ours", "resources: [../other\n", vec![]),
        ("gone", "resources: [../b, ../gone]\n", vec![("o", 1, unreadable)]),
        ("no kustomization", "resources:\n- ../b\n- ../other\n", vec![("o", 3, unreadable)]),
        ("a circle", "resources: [../b, ../o]\n", vec![("o", 1, unreadable)]),
        ("on the network, and all there is of ours is known", "resources: [../b, 'https://example.com/x?ref=1']\n", vec![]),
        ("on the network alone", "# refinery\nresources: ['https://example.com/x?ref=1']\n", vec![("o", 2, unfollowed)]),
        ("a patch that is gone", "resources: [../b]\npatches: [{path: gone.yaml}]\n", vec![("o", 2, unreadable)]),
        ("a patch that is open", "resources: [../b]\npatches:\n- patch: '[{op: remove'\n  target: {kind: ConfigMap}\n", vec![("o", 3, unreadable)]),
        ("a patch that is not modelled", "resources: [../b]\npatches:\n- target: {kind: ConfigMap, name: m}\n  patch: '[{\"op\": \"move\", \"from\": \"/data/a\", \"path\": \"/data/b\"}]'\n", vec![("o", 4, unfollowed)]),
        ("of another object", "resources: [../b]\nconfigMapGenerator: [{name: z, literals: [a=b]}]\npatches:\n- target: {kind: ConfigMap, name: z}\n  patch: '[{\"op\": \"move\", \"from\": \"/data/a\", \"path\": \"/data/b\"}]'\n", vec![]),
        ("a patch that is not JSON", "resources: [../b]\npatches:\n- target: {kind: ConfigMap, name: m}\n  patch: '[{op: remove, path: /data/a}]'\n", vec![("o", 4, unreadable)]),
        ("nothing makes what is changed", "resources: [../b]\nconfigMapGenerator: [{name: z, behavior: merge}]\n", vec![("o", 2, unreadable)]),
    ] {
        let files = [&good[..], &[("o/kustomization.yaml", text)]].concat();
        let found: Vec<String> = found.iter().map(|(folder, line, id)| format!("{folder}/kustomization.yaml:{line} {id}")).collect();
        assert_eq!(unchecked(&files).0, found, "{why}");
    }
    let broken = [&good[..2], &[("b/kustomization.yaml", "configMapGenerator: ["), ("o/kustomization.yaml", "# refinery\nresources: [../b, x.yaml]\n"), ("o/x.yaml", "kind: Pod\nimage: refinery\na: [\n")]].concat();
    let (found, _) = unchecked(&broken);
    assert_eq!(found, ["b/kustomization.yaml:1 intake/unreadable-kustomization", "o/x.yaml:4 intake/unreadable-kustomization"]);
}

#[test]
#[rustfmt::skip]
fn reports_a_template_outside_a_chart() {
    let whole = "kind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-refinery\ndata:\n  config.yaml: |\n    General: {}\n";
    let inner = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refinery}\ndata:\n  config.yaml: |\n    {{ toYaml .Values.config }}\n";
    for (text, line) in [(whole, 3), (inner, 6)] {
        let found = |name: &str| unchecked(&[(name, text), ("c/Chart.yaml", "name: c\n")]).0;
        assert_eq!(found("x.yaml"), [format!("x.yaml:{line} intake/template")]);
        assert_eq!(found("c/x.yaml"), [format!("c/x.yaml:{line} intake/template")]);
        assert_eq!(found("templates/x.yaml"), [format!("templates/x.yaml:{line} intake/template")]);
        assert_eq!(found("c/templates/a/x.yaml"), [""; 0]);
    }
}

/// Whatever its keys are, the entries of a map are files, and no values of a chart.
#[test]
fn a_map_with_keys_like_those_of_the_chart_is_one_deployment() {
    let data = format!(
        "data:\n  config: |\n    {}\n  rules: |\n    {}",
        CONFIG.trim_end().replace('\n', "\n    "),
        RULES.trim_end().replace('\n', "\n    ")
    );
    let map = object("ConfigMap", "refinery", &data);
    let ran = Folder::new(&[("map.yaml", &map)]).run(&["check"]);
    assert!(ran.output.contains("checked 1 deployment "), "{}", ran.output);
}
