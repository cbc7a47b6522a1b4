/// Pseudo-random numbers, the same on every machine: `SplitMix64` (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below `end`, 0 where `end` is 0. The upper half of a product takes the place of a remainder
    /// (Lemire 2019): no number is likelier by more than `end / 2^64`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let high = (u128::from(self.bits()) * end as u128) >> 64;
        usize::try_from(high).unwrap_or(0)
    }

    /// Puts items into an order drawn from all orders (Durstenfeld 1964).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_stream() {
        // The first outputs for the seed 1234567, as the reference C code gives them.
        let mut random = Random::new(1_234_567);
        let found = [random.bits(), random.bits(), random.bits()];
        assert_eq!(found, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn every_number_below_the_end_and_no_other() {
        let mut random = Random::new(1);
        let mut counts = [0_u32; 6];
        for _ in 0..6000 {
            counts[random.below(6)] += 1;
        }
        assert!(counts.iter().all(|&count| (880..1120).contains(&count)), "{counts:?}");
        assert_eq!((random.below(1), random.below(0)), (0, 0));
    }

    #[test]
    fn every_order_as_often_as_any_other() {
        let mut random = Random::new(2);
        let mut counts = std::collections::BTreeMap::<[u8; 4], u32>::new();
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            random.shuffle(&mut items);
            *counts.entry(items).or_default() += 1;
        }
        // Six standard deviations of a binomial count of mean 1000.
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|&count| (815..1185).contains(&count)), "{counts:?}");
        random.shuffle::<u8>(&mut []);
    }
}
