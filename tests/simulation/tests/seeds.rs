//! Seeds that must hold: always the same ones, always as many.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use simulation::{Plan, Tally, carry_out};

fn hold(seeds: impl Iterator<Item = u64>) {
    let mut tally = Tally::default();
    for seed in seeds {
        if let Some(failure) = tally.run(seed).unwrap() {
            panic!("{failure}");
        }
    }
    println!("{tally}");
    assert_eq!(tally.missing(), Vec::<String>::new(), "so much never occurred: nothing is proven of it");
}

#[test]
fn odd_seeds_hold() {
    hold((1..80).step_by(2));
}

#[test]
fn even_seeds_hold() {
    hold((2..=80).step_by(2));
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in [3, 11, 58, 1_000_003] {
        let plan = Plan::of(seed);
        let (one, other) = (carry_out(&plan).unwrap(), carry_out(&plan).unwrap());
        let differs = one.trace.iter().zip(&other.trace).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one, other, "seed {seed}");
    }
}
