//! How much a proof may cost: steps, not time, so that it ends alike on every machine.

/// Steps that are left.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    left: usize,
}

impl Budget {
    pub fn new(steps: usize) -> Self {
        Self { left: steps }
    }

    /// Takes steps, if there are so many.
    pub fn spend(&mut self, steps: usize) -> bool {
        let is_enough = steps <= self.left;
        self.left = self.left.saturating_sub(steps);
        is_enough
    }

    pub fn is_spent(self) -> bool {
        self.left == 0
    }

    /// So many of them, or as many as there are.
    pub fn share(self, steps: usize) -> Self {
        Self { left: self.left.min(steps) }
    }

    /// How many more it has than another.
    pub fn minus(self, other: Self) -> usize {
        self.left.saturating_sub(other.left)
    }
}
