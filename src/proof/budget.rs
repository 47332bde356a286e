//! The cost of a proof in steps instead of time, so that it ends the same way on every machine.

/// The remaining steps.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    left: usize,
}

impl Budget {
    pub fn new(steps: usize) -> Self {
        Self { left: steps }
    }

    /// Uses steps, if enough remain.
    pub fn spend(&mut self, steps: usize) -> bool {
        let is_enough = steps <= self.left;
        self.left = self.left.saturating_sub(steps);
        is_enough
    }

    pub fn left(self) -> usize {
        self.left
    }

    pub fn is_spent(self) -> bool {
        self.left == 0
    }

    /// A budget of this many steps, or all that remain.
    pub fn share(self, steps: usize) -> Self {
        Self { left: self.left.min(steps) }
    }

    /// The difference to another budget.
    pub fn minus(self, other: Self) -> usize {
        self.left.saturating_sub(other.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_spent_once() {
        let mut budget = Budget::new(10);
        let before = budget;
        assert!(budget.spend(4) && !budget.is_spent());
        assert_eq!((budget.left(), before.minus(budget)), (6, 4));
        assert_eq!((budget.share(5).left(), budget.share(7).left()), (5, 6));
        assert!(!budget.spend(7) && budget.is_spent());
    }
}
