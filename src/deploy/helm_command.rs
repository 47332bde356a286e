//! A command that installs the Refinery chart: `helm upgrade … honeycomb/refinery -f values.yaml`.

use super::chart::set::Setting;
use super::plain_lines::plain_lines;

/// Subcommands of `helm` that take values.
const SUBCOMMANDS: [&str; 5] = ["install", "upgrade", "template", "diff", "secrets"];

/// What a command says about the chart.
#[derive(Debug, Default, PartialEq)]
pub struct HelmCommand {
    /// The chart, as written.
    pub chart: String,
    pub version: Option<String>,
    /// The values files that it names.
    pub values: Vec<String>,
    /// The single values that it sets.
    pub sets: Vec<Setting>,
    /// The files whose content it sets as single values: name and path.
    pub files: Vec<(String, String)>,
}

impl HelmCommand {
    /// `None` if the words are another command or install another chart.
    pub fn read(words: &[String]) -> Option<Self> {
        // A release of that name may be of any chart.
        Self::of_chart(words, &|word| word.ends_with("/refinery"))
    }

    /// All commands in a file that install a chart, read as plain words, with the variables that have a
    /// single value in it.
    pub fn all(file: &str, text: &str, is_chart: &dyn Fn(&str) -> bool) -> Vec<Self> {
        let lines = plain_lines(file, text, "helm");
        lines.iter().flat_map(|words| Self::in_words(words, is_chart)).collect()
    }

    /// The command that words are, and those in strings among them, such as `sh -c "helm …"`.
    pub fn in_words(words: &[String], is_chart: &dyn Fn(&str) -> bool) -> Vec<Self> {
        let inner = words.iter().filter(|word| word.contains("helm "));
        let inner = inner.filter_map(|word| shlex::split(word));
        let all = std::iter::once(words.to_vec()).chain(inner);
        all.filter_map(|words| Self::of_chart(&words, is_chart)).collect()
    }

    /// `None` if the words are another command or install another chart.
    fn of_chart(words: &[String], is_chart: &dyn Fn(&str) -> bool) -> Option<Self> {
        // Recipes of Makefiles may have signs before the program.
        let is_helm = |word: &String| {
            word.trim_start_matches(['@', '-', '+']).rsplit('/').next() == Some("helm")
        };
        let start = words.iter().position(is_helm)?;
        let words = words.get(start + 1..)?;
        words.iter().any(|word| SUBCOMMANDS.contains(&word.as_str())).then_some(())?;
        let repository = repository(words);
        let mut charts = words.iter().filter(|word| !word.starts_with('-'));
        let (chart, version) = charts.find_map(|word| {
            let (chart, version) = in_archive(word).unwrap_or((word, None));
            let full = repository.filter(|_| !chart.contains('/'));
            let full =
                full.map(|repository| format!("{}/{chart}", repository.trim_end_matches('/')));
            let mut names = [Some(chart.to_owned()), full].into_iter().flatten();
            Some((names.find(|name| is_chart(name))?, version))
        })?;
        let version = version.map(str::to_owned);
        let mut command = Self { chart, version, ..Self::default() };
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let (flag, value) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
                _ => (word.as_str(), None),
            };
            let mut value =
                || value.or_else(|| rest.next().map(String::as_str)).unwrap_or_default();
            match flag {
                "-f" | "--values" => command.values.extend(parts(value())),
                "--version" => {
                    command.version = Some(value().to_owned()).filter(|it| !it.is_empty());
                }
                "--set-file" => {
                    let pairs: Vec<String> = parts(value()).collect();
                    let pairs = pairs.iter().filter_map(|pair| pair.split_once('='));
                    for (name, path) in pairs {
                        command.sets.push(Setting::of_file(name, path));
                        command.files.push((name.to_owned(), path.to_owned()));
                    }
                }
                _ if flag.starts_with("--set") => {
                    let is_text = flag != "--set";
                    let pairs = parts(value());
                    command.sets.extend(pairs.filter_map(|it| Setting::written(&it, is_text)));
                }
                _ => command.values.extend(word.strip_prefix("-f").map(str::to_owned)),
            }
        }
        Some(command)
    }
}

/// The repository of Honeycomb's that a command names for its chart.
fn repository(words: &[String]) -> Option<&str> {
    let at = words.iter().position(|word| word.starts_with("--repo"))?;
    let value = words.get(at)?.strip_prefix("--repo=").or(words.get(at + 1).map(String::as_str));
    value.filter(|value| value.contains("honeycombio"))
}

/// The name and version of Refinery's chart in the path or address of its archive, such as
/// `charts/refinery-2.15.0.tgz`.
fn in_archive(word: &str) -> Option<(&str, Option<&str>)> {
    let (name, version) = word.strip_suffix(".tgz")?.rsplit_once("refinery-")?;
    let is_whole = name.is_empty() || name.ends_with('/');
    let chart = word.get(..name.len() + "refinery".len())?;
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    is_whole.then_some((chart, Some(version).filter(|_| is_version)))
}

/// The parts of a list, which commas separate, except in braces and after a backslash.
fn parts(list: &str) -> impl Iterator<Item = String> {
    let (mut depth, mut is_escaped) = (0_usize, false);
    let is_end = move |c: char| {
        match c {
            _ if is_escaped => {
                is_escaped = false;
                return false;
            }
            '\\' => is_escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    };
    list.split(is_end).map(|part| part.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_commands() {
        for (line, expected) in [
            ("helm upgrade -i r honeycomb/refinery -f a.yaml", Some("a.yaml")),
            (
                "/usr/bin/helm install r oci://x/refinery --values=a.yaml,b.yaml -fc.yaml",
                Some("a.yaml b.yaml c.yaml"),
            ),
            ("run: helm template r x/refinery --version 2.18.0 -f a.yaml", Some("@2.18.0 a.yaml")),
            ("helm upgrade r x/refinery --version $V", Some("@$V")),
            ("@helm upgrade r x/refinery -f a.yaml", Some("a.yaml")),
            (
                "helm upgrade r x/refinery --set config.a=1,b=2 --set-file=rules=r.yaml",
                Some("config.a= b= rules=r.yaml"),
            ),
            (r"helm upgrade r x/refinery --set a={b,c},d=e\,f,g=h", Some("a= d= g=")),
            (
                "helm upgrade refinery refinery --repo https://honeycombio.github.io/helm-charts",
                Some(""),
            ),
            ("helm upgrade refinery redis --repo https://charts.bitnami.com/bitnami", None),
            ("helm upgrade r https://x/refinery-2.15.0.tgz -f a.yaml", Some("@2.15.0 a.yaml")),
            ("helm upgrade r charts/other-refinery-2.15.0.tgz -f a.yaml", None),
            ("helm upgrade refinery acme/api -f a.yaml", None),
            ("helm repo add honeycomb https://x/refinery -f a.yaml", None),
            ("kubectl apply -f x/refinery", None),
        ] {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let shown = HelmCommand::read(&words).map(|command| {
                let HelmCommand { version, values, sets, files, .. } = command;
                let version = version.map(|version| format!("@{version}"));
                let path = |name: &String| files.iter().find(|(known, _)| known == name);
                let sets = sets.into_iter().map(|Setting { name, .. }| {
                    let path = path(&name).map_or("", |(_, path)| path).to_owned();
                    format!("{name}={path}")
                });
                version.into_iter().chain(values).chain(sets).collect::<Vec<_>>().join(" ")
            });
            assert_eq!(shown.as_deref(), expected, "{line}");
        }
    }
}
