//! Environment variables that set how much is tested, and with which seeds.

/// The number in a variable.
pub fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |n| n.parse().expect("a number"))
}

/// A number that is added to each seed.
pub fn first_seed() -> u64 {
    number("RANDOM_SEED", 0)
}
