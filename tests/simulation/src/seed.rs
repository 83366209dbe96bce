//! Seeded randomness: one number decides everything. Every part of a run draws from a stream of its own, so that
//! leaving a step out of a plan does not change what happens to the others.

/// A stream of random numbers, from which further streams fork.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    key: u64,
    rng: fastrand::Rng,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let key = mixed(seed);
        Self { key, rng: fastrand::Rng::with_seed(key) }
    }

    /// The stream of a part. What was drawn from this one makes no difference to it.
    pub(crate) fn fork(&self, part: u64) -> Self {
        Self::new(self.key ^ mixed(part.wrapping_add(1)))
    }

    /// The stream of the next part, whatever it is.
    pub(crate) fn branch(&mut self) -> Self {
        let part = self.rng.u64(..);
        self.fork(part)
    }

    /// A number below a limit; zero if the limit is.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.rng.u64(0..limit) }
    }

    /// A number of a range, both ends included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.rng.u64(least..=most.max(least))
    }

    /// True so many times in a thousand.
    pub(crate) fn chance(&mut self, in_thousand: u64) -> bool {
        self.below(1000) < in_thousand
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        among.get(self.rng.usize(0..among.len().max(1)))
    }

    /// Puts things into any order.
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        self.rng.shuffle(things);
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.rng.fill(bytes);
    }

    /// An id as vendors make them.
    pub(crate) fn uuid(&mut self) -> String {
        let text = format!("{:032x}", self.rng.u128(..));
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }
}

/// Spreads a number over all bits (the finaliser of `SplitMix64`).
const fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_does_not_depend_on_what_was_drawn() {
        let (fresh, mut used) = (Dice::new(7), Dice::new(7));
        used.below(100);
        assert_eq!(fresh.fork(3).below(1_000_000), used.fork(3).below(1_000_000));
        assert_ne!(fresh.fork(3).uuid(), fresh.fork(4).uuid());
    }

    #[test]
    fn ids_look_like_uuids() {
        let id = Dice::new(1).uuid();
        assert_eq!((id.len(), id.matches('-').count()), (36, 4), "{id}");
    }
}
