//! Documents that are Secrets of Kubernetes, in a text that may be invalid.

/// Which documents of a stream are Kubernetes Secrets.
pub struct SecretDocuments<'t> {
    text: &'t str,
    end: usize,
    is_secret: bool,
}

impl<'t> SecretDocuments<'t> {
    pub fn of(text: &'t str) -> Self {
        Self { text, end: 0, is_secret: false }
    }

    /// Whether the document that contains a byte is one. Bytes come in order.
    pub fn at(&mut self, at: usize) -> bool {
        if at >= self.end {
            let start = self.text[..at].rfind("\n---").unwrap_or(0);
            self.end = self.text[at..].find("\n---").map_or(self.text.len() + 1, |n| at + n);
            let document = &self.text[start..self.end.min(self.text.len())];
            self.is_secret = document.match_indices("Secret").any(|(found, _)| {
                let before = document[..found].trim_end_matches(['"', '\'', ' ']);
                before.trim_end_matches(':').trim_end_matches(['"', '\'', ' ']).ends_with("kind")
            });
        }
        self.is_secret
    }
}
