//! A file with tests of rules, as `test` reads it.

/// The name and text of a test file.
pub struct TestSource {
    pub name: String,
    pub text: String,
    /// The rules file that it is for, or why there is none.
    pub rules: Result<String, String>,
}
