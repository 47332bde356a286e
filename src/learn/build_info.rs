//! What the Go linker writes into a program: the version of Go, the module and the flags.
//!
//! The form is that of Go 1.18 and later: a marker aligned to 16 bytes, a header of 32 bytes, then
//! two strings, each preceded by its length.

use aho_corasick::AhoCorasick;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

const MARK: &[u8] = b"\xff Go buildinf:";
const HEADER: usize = 32;

/// The flag of the header that says that the strings follow.
const IS_INLINE: u8 = 2;

/// What Refinery's module is called, in forks too.
const MODULE: &str = "/refinery";

#[derive(Debug)]
pub struct BuildInfo {
    /// Such as `go1.25.3`.
    pub go: String,
    /// Lines of words with tabs between them.
    text: String,
}

impl BuildInfo {
    pub fn find(bytes: &[u8]) -> Option<Self> {
        let finder = AhoCorasick::new([MARK]).ok()?;
        finder.find_iter(bytes).find_map(|found| Self::read(&bytes[found.start()..]))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.get(15)? & IS_INLINE == 0 {
            return None;
        }
        let (go, rest) = string(bytes.get(HEADER..)?)?;
        let (text, _) = string(rest)?;
        let is_go = go.starts_with(b"go1") || go.starts_with(b"devel");
        // Sixteen bytes on either side mark where the text is.
        let text = text.get(16..text.len().checked_sub(16)?)?;
        let text = String::from_utf8(text.to_vec()).ok()?;
        is_go.then(|| Self { go: String::from_utf8_lossy(go).into_owned(), text })
    }

    /// The words after such a beginning of a line.
    fn line(&self, beginning: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix(beginning)).map(str::trim)
    }

    /// The program's module, if it is not Refinery's.
    pub fn other_program(&self) -> Option<&str> {
        let module = self.line("mod\t")?.split('\t').next()?;
        // From its second version on a module may name it, as in `/v3`.
        let is_number = |c: char| c.is_ascii_digit();
        let name = module.trim_end_matches(is_number);
        let name = name.strip_suffix("/v").unwrap_or(module);
        (!name.ends_with(MODULE)).then_some(module)
    }

    /// The version that the linker was given, or else that of the module.
    pub fn version(&self) -> Option<&str> {
        const VARIABLE: &str = "main.BuildID=";
        let flags = self.line("build\t-ldflags=").unwrap_or_default();
        let given = flags.split(VARIABLE).nth(1).map(|rest| {
            let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\');
            rest.split(is_end).next().unwrap_or_default()
        });
        let module = || {
            let version = self.line("mod\t")?.split('\t').nth(1)?;
            (version != "(devel)").then_some(version)
        };
        given.filter(|given| !given.is_empty()).or_else(module)
    }

    /// The day of the commit.
    pub fn date(&self) -> Option<Date> {
        let time: Timestamp = self.line("build\tvcs.time=")?.parse().ok()?;
        Some(Offset::UTC.to_datetime(time).date())
    }
}

/// A string after its length, and what follows it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let rest = &bytes[index + 1..];
            return rest.split_at_checked(length);
        }
    }
    None
}
