//! Limits how much of a document may be expanded aliases, as go-yaml does.

/// Counts the values read so far, including the document itself.
pub struct Budget {
    reads: usize,
    aliased: usize,
}

impl Budget {
    pub fn new() -> Self {
        Self { reads: 1, aliased: 0 }
    }

    /// Counts one value. Returns false once the share of aliases exceeds the limit.
    pub fn spend(&mut self, within_alias: bool) -> bool {
        self.reads += 1;
        self.aliased += usize::from(within_alias);
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let share = self.aliased as f64 / self.reads as f64;
        self.aliased <= 100 || self.reads <= 1000 || share <= allowed_share(self.reads)
    }
}

/// Small documents may consist of 99 % expanded aliases, large ones of 10 %.
fn allowed_share(reads: usize) -> f64 {
    const LOW: usize = 400_000;
    const HIGH: usize = 4_000_000;
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    match reads {
        n if n <= LOW => 0.99,
        n if n >= HIGH => 0.10,
        n => 0.99 - 0.89 * ((n - LOW) as f64 / (HIGH - LOW) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_documents_may_consist_of_aliases() {
        let mut budget = Budget::new();
        assert!((0..999).all(|_| budget.spend(true)));
        assert!(!budget.spend(true));
        let mut budget = Budget::new();
        assert!((0..20).all(|_| budget.spend(false)));
        assert!((0..1_900).all(|_| budget.spend(true)));
    }

    #[test]
    fn the_share_shrinks_with_size() {
        for (reads, share) in [(1, 0.99), (400_000, 0.99), (2_200_000, 0.545), (9_000_000, 0.10)] {
            assert!((allowed_share(reads) - share).abs() < 1e-9, "{reads}");
        }
    }
}
