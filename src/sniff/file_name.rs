//! What file names suggest.

use crate::schema::Kind;
use crate::syntax::DataFormat;
use crate::vfs::path::{format_of, join, split, split_extension};

/// Words in the names of config files and of rules files.
const CONFIG: [&str; 6] = ["config", "configs", "configuration", "conf", "cfg", "refinery"];
const RULES: [&str; 7] = ["rules", "rule", "sampling", "samplers", "sampler", "samples", "sample"];

/// Words before those in names of files of other programs, such as `app-config` and `alert-rules`.
const OTHERS: [&str; 36] = [
    "alert",
    "alerting",
    "alertmanager",
    "app",
    "application",
    "babel",
    "build",
    "collector",
    "commitlint",
    "envoy",
    "eslint",
    "firewall",
    "fluent",
    "grafana",
    "jest",
    "kube",
    "lint",
    "log",
    "log4j",
    "logback",
    "logging",
    "loki",
    "nginx",
    "otel",
    "otelcol",
    "postcss",
    "prettier",
    "prometheus",
    "recording",
    "ssh",
    "stylelint",
    "tailwind",
    "tslint",
    "vector",
    "vite",
    "webpack",
];

/// Extensions of templates.
const TEMPLATES: [&str; 13] = [
    "tpl", "tmpl", "tftpl", "gotmpl", "j2", "jinja", "jinja2", "erb", "epp", "ejs", "mustache",
    "hbs", "template",
];

/// Extensions of source code and documents, which may quote a config or rules file.
const UNRELATED: [&str; 44] = [
    "adoc", "bash", "bat", "c", "cc", "cpp", "cs", "css", "csv", "go", "h", "hpp", "htm", "html",
    "ipynb", "java", "js", "jsx", "kt", "log", "lua", "md", "mdx", "mjs", "php", "pl", "ps1", "py",
    "pyi", "rb", "rs", "rst", "scala", "scss", "service", "sh", "sql", "svg", "swift", "ts", "tsx",
    "vue", "xsd", "zsh",
];

/// Words for samples and old copies, as extensions or in names.
const SAMPLES: [&str; 7] = ["backup", "bak", "dist", "example", "old", "orig", "sample"];

/// Further extensions of copies that nothing uses.
const COPIES: [&str; 7] = ["default", "disabled", "off", "rej", "save", "swp", "tmp"];

/// Languages from which configuration is generated, with their extensions.
const LANGUAGES: [(&str, &[&str]); 8] = [
    ("CUE", &["cue"]),
    ("Jsonnet", &["jsonnet", "libsonnet"]),
    ("JSON with comments", &["jsonc", "json5", "hjson"]),
    ("Dhall", &["dhall"]),
    ("Pkl", &["pkl"]),
    ("Nix", &["nix"]),
    ("KCL", &["k", "kcl"]),
    ("Nickel", &["ncl"]),
];

/// The words of a name without its extension, in lower case.
fn words(stem: &str) -> Vec<String> {
    let stem = stem.to_ascii_lowercase();
    let words = stem.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn is_rules(word: &str) -> bool {
    RULES.contains(&word)
}

/// The kind of file that a name suggests, if any.
pub fn kind_of_name(name: &str) -> Option<Kind> {
    let words = words(stem(name));
    if words.iter().any(|word| word == "schema") {
        return None;
    }
    if words.iter().any(|word| is_rules(word)) {
        Some(Kind::Rules)
    } else {
        words.iter().any(|word| CONFIG.contains(&&**word)).then_some(Kind::Config)
    }
}

/// A name without the words that only indicate the kind of file, such as `prod` for `prod-config`.
pub fn theme(stem: &str) -> String {
    let mut words = words(stem);
    let is_format = |word: &str| DataFormat::of_extension(word).is_some();
    words.retain(|word| !is_rules(word) && !CONFIG.contains(&&**word) && !is_format(word));
    words.join("-")
}

/// Whether a file may have the values of a chart, by its name.
pub fn is_values(name: &str) -> bool {
    split_extension(name).0.contains("values")
}

/// Whether a path suggests values for the Refinery chart, such as `refinery/values.yaml`.
pub fn suggests_values(path: &str) -> bool {
    is_about_refinery(path) && path.contains("values")
}

/// Whether it is named like a file of another program, such as `eslint-rules.json`.
pub fn is_of_other_program(name: &str) -> bool {
    words(stem(split(name).1)).first().is_some_and(|word| OTHERS.contains(&&**word))
}

/// Whether the path has the word `refinery`.
pub fn is_about_refinery(path: &str) -> bool {
    let is_it = |part: &str| words(part).iter().any(|word| word == "refinery");
    split(path).0.split('/').any(is_it) || is_it(stem(path))
}

/// Whether the path has a folder or name that stands for Refinery, and not for another program with
/// the word in its name, such as `data_refinery`.
pub fn is_of_refinery(path: &str) -> bool {
    const BESIDE: [&str; 12] = [
        "honeycomb",
        "hny",
        "prod",
        "production",
        "staging",
        "dev",
        "config",
        "configs",
        "rules",
        "sampling",
        "tracing",
        "observability",
    ];
    let is_it = |part: &str| {
        let words = words(part);
        let is_known =
            |word: &String| *word == "refinery" || BESIDE.contains(&&**word) || is_rules(word);
        words.iter().any(|word| word == "refinery") && words.iter().all(is_known)
    };
    split(path).0.split('/').any(is_it) || is_it(stem(path))
}

/// The name without its extension and without a template extension.
fn stem(name: &str) -> &str {
    split_extension(without_template(name).unwrap_or(name)).0
}

/// The name without a template extension; `None` if it has none.
pub fn without_template(name: &str) -> Option<&str> {
    let (_, extension) = split_extension(name);
    let is_template = !extension.is_empty() && TEMPLATES.contains(&extension);
    is_template.then(|| &name[..name.len() - extension.len() - 1])
}

/// Whether a file of this name is read to find out whether it is Refinery's.
pub fn is_candidate(name: &str) -> bool {
    let template = without_template(name);
    format_of(template.unwrap_or(name)).is_some()
        || is_yaml_without_extension(template.unwrap_or(name))
        || is_described(name)
        || template.is_none() && looks_like_a_pair(name)
}

/// Whether its name says what else it is: a file of another tool that may name or hold Refinery's files.
pub fn is_described(name: &str) -> bool {
    is_hcl(name) || is_script(name) || builds_image(name) || manages_machine(name)
}

/// Whether it is named like a config or rules file, in whatever format.
fn looks_like_a_pair(name: &str) -> bool {
    !is_unrelated(name) && kind_of_name(name).is_some()
}

/// The file names that Kustomize looks for in a folder.
pub const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether Kustomize finds a file of this name in its folder.
pub fn is_kustomization(file: &str) -> bool {
    KUSTOMIZATIONS.contains(&split(file).1)
}

/// Whether it is YAML although its name does not say so: a kustomization, or a file that sets up a
/// machine.
pub fn is_yaml_without_extension(name: &str) -> bool {
    split(name).1 == "Kustomization" || sets_up_machine(name)
}

/// Whether it sets up a machine: user data for cloud-init, a file of Butane or Ignition, or an extension of
/// Elastic Beanstalk. All are YAML.
pub fn sets_up_machine(name: &str) -> bool {
    const NAMES: [&str; 5] = ["user-data", "userdata", "user_data", "cloud-init", "cloud-config"];
    let (stem, extension) = split_extension(name);
    ["bu", "ign"].contains(&extension)
        || extension == "config" && split(split(name).0).1 == ".ebextensions"
        || ["", "cfg", "txt"].contains(&extension) && NAMES.contains(&stem)
}

/// Whether it puts files on a machine: states or pillars of Salt, manifests of Puppet, recipes of Chef.
pub fn manages_machine(name: &str) -> bool {
    let is_recipe = || ["recipes", "resources"].contains(&split(split(name).0).1);
    match split_extension(name).1 {
        "sls" | "pp" => true,
        "rb" => is_recipe(),
        _ => false,
    }
}

/// Whether it has states or pillars of Salt.
pub fn is_of_salt(name: &str) -> bool {
    split_extension(name).1 == "sls"
}

/// Whether it is named like a file with tests of rules, which Refinery does not read.
pub fn is_rule_test(name: &str) -> bool {
    [".preflight.yaml", ".preflight.yml"].iter().any(|end| name.ends_with(end))
}

/// Whether it is named like a config or rules file, but with an extension that Refinery does not
/// read, such as `config`, `rules.yaml.gz` or `refinery.conf`.
pub fn is_renamed(name: &str) -> bool {
    format_of(name).is_none()
        && without_template(name).is_none()
        && !is_described(name)
        && !sets_up_machine(name)
        && looks_like_a_pair(name)
}

/// Whether the extension says that the file is a copy that nothing uses.
pub fn is_copy(name: &str) -> bool {
    let extension = split_extension(name).1.to_ascii_lowercase();
    SAMPLES.iter().chain(&COPIES).any(|copy| *copy == extension) || name.ends_with('~')
}

/// The file that this one is a sample or an old copy of, by the first or last word of its name:
/// `config.yaml` for `config.example.yaml` or `sample-config.yaml`.
pub fn original_of(name: &str) -> Option<String> {
    let (folder, own) = split(name);
    let (stem, extension) = split_extension(own);
    let parts = stem.rsplit_once(['.', '-', '_']).map(|(rest, word)| (word, rest));
    let pairs = [parts, stem.split_once(['.', '-', '_'])];
    let is_word = |word: &str| SAMPLES.contains(&&*word.to_ascii_lowercase());
    let rest = pairs.into_iter().flatten().find(|(word, _)| is_word(word)).map(|(_, rest)| rest)?;
    Some(join(folder, &format!("{rest}.{extension}")))
}

/// The tool that encrypted a file, by its extension.
pub fn encryption_of_name(name: &str) -> Option<&'static str> {
    match split_extension(name).1 {
        "gpg" | "pgp" | "asc" => Some("PGP"),
        "age" => Some("age"),
        "vault" => Some("Ansible Vault"),
        "sops" => Some("SOPS"),
        _ => None,
    }
}

/// The language of a file from which configuration is generated, by its extension.
pub fn source_language(name: &str) -> Option<&'static str> {
    let extension = split_extension(name).1;
    LANGUAGES.iter().find(|(_, all)| all.contains(&extension)).map(|(language, _)| *language)
}

/// Whether a change of a file of this name may change a deployment; `None` if its content decides.
pub fn may_matter(name: &str) -> Option<bool> {
    if is_candidate(name) || holds_variables(name) || excludes_from_build(name) {
        return Some(true);
    }
    // Recipes of Chef are known by their folder.
    (is_unrelated(name) && split_extension(name).1 != "rb").then_some(false)
}

/// Whether it is source code or a document.
fn is_unrelated(name: &str) -> bool {
    let extension = split_extension(name).1;
    UNRELATED.iter().any(|unrelated| unrelated.eq_ignore_ascii_case(extension))
}

/// Whether it is a file of variables, such as `.env`.
fn holds_variables(name: &str) -> bool {
    let (stem, extension) = split_extension(name);
    extension == "env" || stem == ".env" || stem.starts_with(".env.")
}

/// Whether it says which files are not copied into an image or chart, such as `.dockerignore`.
fn excludes_from_build(name: &str) -> bool {
    matches!(split_extension(name).1, "dockerignore" | "containerignore" | "helmignore")
}

/// Whether it is written in HCL: a file of Terraform, `OpenTofu` or Nomad.
pub fn is_hcl(name: &str) -> bool {
    is_terraform(name) || ["hcl", "nomad"].contains(&split_extension(name).1)
}

/// Whether it is a file of Terraform or `OpenTofu`, also in the JSON syntax.
pub fn is_terraform(name: &str) -> bool {
    ["tf", "tofu"].contains(&split_extension(name.strip_suffix(".json").unwrap_or(name)).1)
}

/// Whether it has commands: a shell script, a Makefile, a Procfile, a systemd unit or a program of
/// Supervisor.
pub fn is_script(name: &str) -> bool {
    const EXTENSIONS: [&str; 10] =
        ["sh", "bash", "zsh", "ksh", "ps1", "bat", "cmd", "mk", "mak", "just"];
    let (_, extension) = split_extension(name);
    EXTENSIONS.contains(&extension)
        || is_makefile(name)
        || is_variant(name, "justfile")
        || is_variant(name, "jenkinsfile")
        || is_unit(name)
        || is_procfile(name)
        || extension == "conf" && is_drop_in(name)
        || is_of_supervisor(name)
}

/// Whether it is a Procfile: `Procfile`, or `Procfile.dev` of one environment.
pub fn is_procfile(name: &str) -> bool {
    let own = split(name).1;
    own == "Procfile" || own.starts_with("Procfile.")
}

/// Whether it is named like a configuration of Supervisor, such as `supervisord.conf` or
/// `supervisor/refinery.ini`.
pub fn is_of_supervisor(name: &str) -> bool {
    ["conf", "ini"].contains(&split_extension(name).1)
        && name.split('/').any(|part| part.starts_with("supervisor"))
}

/// Whether it is a unit of systemd, or a template of one.
pub fn is_unit(name: &str) -> bool {
    let name = without_template(name).unwrap_or(name);
    ["service", "container"].contains(&split_extension(name).1)
}

/// Whether it changes a unit of systemd: a file in a folder such as `refinery.service.d`.
fn is_drop_in(name: &str) -> bool {
    let folder = split(split(name).0).1;
    [".service.d", ".container.d"].iter().any(|end| folder.ends_with(end))
}

/// Whether it is named like a blueprint of Render.
pub fn is_render_blueprint(name: &str) -> bool {
    matches!(split(name).1, "render.yaml" | "render.yml")
}

/// Whether it is named like the configuration of Kamal: `config/deploy.yml`, or
/// `config/deploy.prod.yml` of one destination.
pub fn is_kamal_deploy(name: &str) -> bool {
    let (folder, own) = split(name);
    split(folder).1 == "config"
        && own.split('.').next() == Some("deploy")
        && matches!(split_extension(own).1, "yml" | "yaml")
}

/// Whether it is named like the configuration of an app of Fly.io: `fly.toml`, or `fly.prod.toml` of
/// one environment.
pub fn is_fly_app(name: &str) -> bool {
    let own = split(name).1;
    format_of(own) == Some(DataFormat::Toml) && own.split('.').next() == Some("fly")
}

/// The folders of pipelines of CI systems, whose commands start at the root of the repository.
pub const PIPELINES: [&str; 4] = [".github/workflows", ".circleci", ".buildkite", ".gitlab"];

/// Whether a folder has pipelines, by its own name.
pub fn holds_pipelines(folder: &str) -> bool {
    let own = split(folder).1;
    PIPELINES.iter().any(|known| known.ends_with(own) && split(known).1 == own)
}

/// The folder where the commands of pipelines in a folder start; `None` if it has none.
pub fn start_of_pipelines(folder: &str) -> Option<&str> {
    let mut around = PIPELINES.iter().filter_map(|known| folder.strip_suffix(known));
    around
        .find(|around| around.is_empty() || around.ends_with('/'))
        .map(|it| it.trim_end_matches('/'))
}

/// Whether it is a pipeline of a CI system.
pub fn is_pipeline(path: &str) -> bool {
    const NAMES: [&str; 4] =
        [".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml"];
    let (folder, own) = split(path);
    NAMES.contains(&own) || holds_pipelines(folder) && format_of(own) == Some(DataFormat::Yaml)
}

/// Whether it is named like a helmfile, or in a folder of helmfiles.
pub fn is_helmfile(path: &str) -> bool {
    let (folder, own) = split(path);
    own.starts_with("helmfile") || split(folder).1 == "helmfile.d"
}

/// Whether helmfile renders it before it passes it to a chart.
pub fn renders_values(name: &str) -> bool {
    split_extension(name).1 == "gotmpl"
}

/// Whether it is a Makefile.
pub fn is_makefile(name: &str) -> bool {
    is_variant(name, "makefile")
        || is_variant(name, "gnumakefile")
        || ["mk", "mak"].contains(&split_extension(name).1)
}

/// Whether a name without extension is that of a file, in any case, or of a variant of it: `Makefile`,
/// `.justfile` or `makefile.refinery`.
fn is_variant(name: &str, file: &str) -> bool {
    let own = split(name).1;
    let own = own.strip_prefix('.').unwrap_or(own);
    let parts = own.split_at_checked(file.len());
    let rest = parts.filter(|(start, _)| start.eq_ignore_ascii_case(file)).map(|(_, rest)| rest);
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with(['.', '-', '_']);
    rest.is_some_and(is_end) && format_of(name).is_none() && !is_unrelated(name)
}

/// Whether it builds an image, such as `Dockerfile`.
pub fn builds_image(name: &str) -> bool {
    let (stem, extension) = split_extension(name);
    is_earthfile(name)
        || ["Dockerfile", "Containerfile"].iter().any(|file| {
            let is_in_capitals =
                || stem.strip_prefix(file).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
            extension.eq_ignore_ascii_case(file)
                || stem == *file
                || is_in_capitals()
                || is_variant(name, file)
        })
}

/// Whether it is a file of Earthly, whose targets are stages of a Dockerfile.
pub fn is_earthfile(name: &str) -> bool {
    split(name).1 == "Earthfile"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_name_their_originals() {
        for (name, original) in [
            ("a/config.example.yaml", Some("a/config.yaml")),
            ("sample-rules.yml", Some("rules.yml")),
            ("config_old.yaml", Some("config.yaml")),
            ("refinery-config.bak.yaml", Some("refinery-config.yaml")),
            ("config.yaml", None),
            ("config.prod.yaml", None),
            ("example.yaml", None),
        ] {
            assert_eq!(original_of(name).as_deref(), original, "{name}");
        }
    }

    #[test]
    fn recognises_kinds_by_name() {
        for (name, kind) in [
            ("config.yaml", Some(Kind::Config)),
            ("a/refinery.toml", Some(Kind::Config)),
            ("refinery-config.prod.yaml", Some(Kind::Config)),
            ("refinery_rules.yml", Some(Kind::Rules)),
            ("Sampling.yaml", Some(Kind::Rules)),
            ("rules.yaml.j2", Some(Kind::Rules)),
            ("conflict.yaml", None),
            ("rules/x.yaml", None),
            ("values.yaml", None),
        ] {
            assert_eq!(kind_of_name(name), kind, "{name}");
        }
    }

    #[test]
    fn themes_are_the_remaining_words() {
        for (stem, theme) in
            [("prod-config", "prod"), ("refinery.rules", ""), ("rules-EU.west", "eu-west")]
        {
            assert_eq!(super::theme(stem), theme, "{stem}");
        }
    }

    #[test]
    fn recognises_paths_about_refinery() {
        for (path, expected) in [
            ("refinery/x.yaml", true),
            ("a/my-refinery/b/x.yaml", true),
            ("refinery.yaml", true),
            ("refineryx/a.yaml", false),
        ] {
            assert_eq!(is_about_refinery(path), expected, "{path}");
        }
    }

    #[test]
    fn recognises_names_with_other_extensions() {
        for (name, expected) in [
            ("config", true),
            ("a/rules.conf", true),
            ("config.yaml.gz", true),
            ("sampling.txt", true),
            ("config.yaml ", true),
            ("config.yaml", false),
            ("config.yaml.tmpl", false),
            ("rules.md", false),
            ("config.GO", false),
            ("nginx.conf", false),
            (".config", false),
        ] {
            assert_eq!(is_renamed(name), expected, "{name}");
        }
        assert!(is_script("a/refinery.service.d/x.conf") && !is_script("a/x.conf"));
        assert!(is_copy("rules.yaml.bak") && is_copy("config.yaml~") && !is_copy("config.conf"));
        assert_eq!(source_language("a/config.cue"), Some("CUE"));
        assert_eq!(source_language("config.cfg"), None);
    }

    #[test]
    fn recognises_dockerfiles() {
        for name in
            ["dockerFile", "a/Dockerfile.prod", "a.b/refinery.Dockerfile", "Containerfile.eu"]
        {
            assert!(builds_image(name), "{name}");
        }
        for name in ["Dockerfiles", "Dockerfile/a", "a.dockerfiles", "compose.yaml"] {
            assert!(!builds_image(name), "{name}");
        }
    }
}
