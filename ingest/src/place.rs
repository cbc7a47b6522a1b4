//! Where a row stood.

/// A line of a source; of two places the one read first is smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Number of the source, from 0.
    pub(crate) source: usize,
    /// Line, from 1.
    pub(crate) line: u64,
}

/// Bits of the line.
const LINE_BITS: u32 = 40;

impl Place {
    /// The place as one number, in the same order.
    pub(crate) fn packed(self) -> u64 {
        let source = self.source as u64;
        source << LINE_BITS | self.line.min((1 << LINE_BITS) - 1)
    }

    /// The place of a number.
    pub(crate) fn of_packed(packed: u64) -> Self {
        let source = usize::try_from(packed >> LINE_BITS).unwrap_or(usize::MAX);
        Self { source, line: packed & ((1 << LINE_BITS) - 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_and_keep_their_order() {
        let places = [(0, 1), (0, 2), (1, 1), (99_999, 7)].map(|(source, line)| Place { source, line });
        assert!(places.map(Place::packed).is_sorted());
        assert_eq!(places.map(|p| Place::of_packed(p.packed())), places);
    }
}
