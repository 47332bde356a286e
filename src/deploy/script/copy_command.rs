//! A command that copies or moves files: `cp`, `install`, `scp`, `rsync`, `mv` and `ln`.

const PROGRAMS: [&str; 6] = ["cp", "install", "scp", "rsync", "mv", "ln"];

/// Flags that are followed by a value.
const VALUED: [&str; 17] = [
    "-m",
    "-o",
    "-g",
    "-i",
    "-P",
    "-e",
    "--mode",
    "--owner",
    "--group",
    "--rsh",
    "--rsync-path",
    "--exclude",
    "--include",
    "--filter",
    "--exclude-from",
    "--include-from",
    "--files-from",
];

/// Words before a command that another machine or a container runs.
const ELSEWHERE: [&str; 5] = ["ssh", "exec", "run", "chroot", "nsenter"];

/// What a command copies, and where.
pub struct CopyCommand {
    /// The path on the machine that gets the files.
    pub target: String,
    pub sources: Vec<String>,
    /// Whether another machine gets them.
    pub is_sent: bool,
    /// Whether the sources are relative to the current folder of the script.
    pub is_from_here: bool,
    /// Whether a source without a slash at its end may be a folder, as for `cp -r`.
    pub is_recursive: bool,
}

impl CopyCommand {
    /// `None` for other commands.
    pub fn read(words: &[String]) -> Option<Self> {
        let name = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
        let at = words.iter().position(|word| PROGRAMS.contains(&name(word).as_str()))?;
        let mut paths: Vec<String> = Vec::new();
        let (before, command) = words.split_at(at);
        let (program, rest) = command.split_first()?;
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            if VALUED.contains(&word.as_str()) {
                rest.next();
            } else if !word.starts_with('-') {
                paths.push(word.clone());
            }
        }
        let target = paths.pop()?;
        let is_switch = |word: &&String| {
            word.starts_with('-') && !word.starts_with("--") && word.contains(['r', 'R'])
        };
        let is_recursive = name(program) != "rsync" && command.iter().any(|it| is_switch(&it));
        let remote = target.split_once(':').map(|(_, path)| path.to_owned());
        // A link is relative to its own folder.
        let is_link = name(program) == "ln";
        Some(Self {
            is_sent: remote.is_some(),
            is_from_here: !is_link && !before.iter().any(|it| ELSEWHERE.contains(&&*name(it))),
            target: remote.unwrap_or(target),
            sources: paths,
            is_recursive,
        })
    }

    /// Whether a source is not a known path in the repository.
    pub fn has_unknown_source(&self) -> bool {
        let is_unknown = |source: &String| {
            source.starts_with(['/', '~']) || source.contains(['$', '`', '*', '?', '{', '[', ':'])
        };
        self.sources.iter().any(is_unknown)
    }
}
