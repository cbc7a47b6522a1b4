use std::collections::VecDeque;

/// The largest value of a window, or the least, in constant time on average: of the values, only those are kept that
/// no later one outdoes, each with the number of its row (Lemire 2006, "Streaming maximum-minimum filter").
#[derive(Clone, Debug)]
pub(crate) struct Extreme {
    /// 1 for the largest; -1 for the least, which is the largest of the negatives.
    sign: f64,
    kept: VecDeque<(u64, f64)>,
}

impl Extreme {
    pub(crate) fn largest() -> Self {
        Self { sign: 1.0, kept: VecDeque::new() }
    }

    pub(crate) fn least() -> Self {
        Self { sign: -1.0, kept: VecDeque::new() }
    }

    pub(crate) fn push(&mut self, row: u64, value: f64) {
        let value = value * self.sign;
        while self.kept.pop_back_if(|last| last.1 <= value).is_some() {}
        self.kept.push_back((row, value));
    }

    /// Rows before this one have left.
    pub(crate) fn drop_before(&mut self, row: u64) {
        while self.kept.pop_front_if(|first| first.0 < row).is_some() {}
    }

    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }

    pub(crate) fn value(&self) -> Option<f64> {
        // Zero comes back without a sign.
        self.kept.front().map(|first| first.1 * self.sign + 0.0)
    }
}
