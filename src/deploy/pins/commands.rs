//! Commands that install the Refinery chart, `helm upgrade … -f values.yaml`, in scripts, Makefiles
//! and workflows, read as plain text.

use super::ChartPin;
use crate::deploy::near::NearFile;

/// Subcommands of `helm` that take values.
const SUBCOMMANDS: [&str; 5] = ["install", "upgrade", "template", "diff", "secrets"];

/// The charts that commands in a file install.
pub fn read(file: &NearFile) -> Vec<ChartPin> {
    let text = file.text.replace("\\\n", " ");
    let commands = text.lines().filter(|line| line.contains("helm") && line.contains("refinery"));
    let pins = commands.filter_map(read_command);
    pins.map(|pin| ChartPin { file: file.name.clone(), ..pin }).collect()
}

fn read_command(line: &str) -> Option<ChartPin> {
    let is_quote = |c: char| c == '"' || c == '\'';
    let words: Vec<&str> =
        line.split_whitespace().map(|word| word.trim_matches(is_quote)).collect();
    let start = words.iter().position(|word| *word == "helm" || word.ends_with("/helm"))?;
    let words = words.get(start + 1..)?;
    words.iter().any(|word| SUBCOMMANDS.contains(word)).then_some(())?;
    // A release of that name may be of any chart.
    let is_chart = |word: &&str| word.ends_with("/refinery") && !word.starts_with('-');
    words.iter().any(is_chart).then_some(())?;
    let mut pin = ChartPin::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ => (*word, None),
        };
        match flag {
            "-f" | "--values" => {
                let paths = value.or_else(|| rest.next().copied()).unwrap_or_default();
                pin.values.extend(paths.split(',').map(|it| it.trim_matches(is_quote).to_owned()));
            }
            "--version" => {
                let version = value.or_else(|| rest.next().copied());
                pin.version = version.filter(|version| !version.contains('$')).map(str::to_owned);
            }
            _ => pin.values.extend(word.strip_prefix("-f").map(str::to_owned)),
        }
    }
    Some(pin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_commands() {
        for (line, expected) in [
            ("helm upgrade -i r honeycomb/refinery -f a.yaml", "a.yaml"),
            (
                "\thelm install r oci://x/refinery --values=a.yaml,b.yaml -fc.yaml",
                "a.yaml b.yaml c.yaml",
            ),
            ("- run: helm template r x/refinery --version 2.18.0 -f \"a.yaml\"", "@2.18.0 a.yaml"),
            ("helm upgrade refinery acme/api -f a.yaml", ""),
            ("helm repo add honeycomb https://x/refinery -f a.yaml", ""),
        ] {
            let file = NearFile::new("run.sh".to_owned(), line.to_owned());
            let words = read(&file).into_iter().flat_map(|pin| {
                pin.version.map(|version| format!("@{version}")).into_iter().chain(pin.values)
            });
            assert_eq!(words.collect::<Vec<_>>().join(" "), expected, "{line}");
        }
    }
}
