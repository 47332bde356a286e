//! The names of the repository at its remotes.

use super::repository::open;

/// The names that the remotes have for this repository, which tell it from others. A fork has another owner,
/// but most often the same name.
pub fn remote_names() -> Vec<String> {
    let Ok(repository) = open() else { return Vec::new() };
    let remotes = repository.remotes().ok();
    let names = remotes.iter().flat_map(|remotes| remotes.iter().flatten().flatten());
    let remotes = names.filter_map(|name| repository.find_remote(name).ok());
    remotes.filter_map(|remote| remote.url().map(repository_name).ok()).collect()
}

/// The last part of a URL or path, without `.git`.
pub fn repository_name(url: &str) -> String {
    let name = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let name = name.strip_suffix(".git").unwrap_or(name);
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_last_parts() {
        for url in [
            "https://github.com/acme/Platform.git",
            "git@github.com:acme/platform",
            "ssh://git@example.com/platform/",
            "git@host:platform.git",
        ] {
            assert_eq!(repository_name(url), "platform", "{url}");
        }
    }
}
