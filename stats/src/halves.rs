use std::collections::BTreeMap;

use crate::order::{key, value};
use crate::quantiles::blend;

/// The median of values that come and go, in logarithmic time: the lower and the upper half as sorted counts.
/// The lower half has as many values as the upper one, or one more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Halves {
    lower: Half,
    upper: Half,
}

/// How often each value is there, by bits in the order of the values.
#[derive(Clone, Debug, Default)]
struct Half {
    counts: BTreeMap<u64, u64>,
    n: u64,
}

impl Halves {
    pub(crate) fn add(&mut self, value: f64) {
        let key = key(value);
        if self.lower.last().is_some_and(|last| key > last) {
            self.upper.add(key);
        } else {
            self.lower.add(key);
        }
        self.balance();
    }

    /// Takes a value out that was added before.
    pub(crate) fn remove(&mut self, value: f64) {
        let key = key(value);
        if !self.lower.remove(key) {
            self.upper.remove(key);
        }
        self.balance();
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn median(&self) -> Option<f64> {
        let low = value(self.lower.last()?);
        if self.lower.n > self.upper.n {
            return Some(low);
        }
        let high = value(self.upper.first()?);
        Some(blend(low, high, 0.5))
    }

    fn balance(&mut self) {
        if self.lower.n > self.upper.n + 1 {
            move_one(self.lower.last(), &mut self.lower, &mut self.upper);
        } else if self.lower.n < self.upper.n {
            move_one(self.upper.first(), &mut self.upper, &mut self.lower);
        }
    }
}

fn move_one(key: Option<u64>, from: &mut Half, to: &mut Half) {
    if let Some(key) = key {
        from.remove(key);
        to.add(key);
    }
}

impl Half {
    fn first(&self) -> Option<u64> {
        self.counts.first_key_value().map(|(key, _)| *key)
    }

    fn last(&self) -> Option<u64> {
        self.counts.last_key_value().map(|(key, _)| *key)
    }

    fn add(&mut self, key: u64) {
        *self.counts.entry(key).or_insert(0) += 1;
        self.n += 1;
    }

    /// Whether it was there.
    fn remove(&mut self, key: u64) -> bool {
        let Some(count) = self.counts.get_mut(&key) else { return false };
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&key);
        }
        self.n -= 1;
        true
    }
}
