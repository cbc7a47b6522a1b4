use exact::Sum;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::grid::PLACES;
use crate::{Reason, Value};

/// Rows counted in the bins and in the grid of one [`Reference`](crate::Reference).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub(crate) bins: Vec<u64>,
    pub(crate) missing: u64,
    pub(crate) below: u64,
    pub(crate) above: u64,
    /// At the points of the grid and between them, in turn; one text, since a line for each would be long.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub(crate) cells: Vec<u64>,
    /// Of the rows between points, gap by gap: the sum of their places in it, whole numbers.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    pub(crate) places: Vec<u64>,
    /// By how much the rows below lie below the least value, all together.
    pub(crate) excess_below: Sum,
    /// The same of those above.
    pub(crate) excess_above: Sum,
}

impl Counts {
    /// Of no row.
    pub(crate) fn new(bins: usize, cells: usize, gaps: usize) -> Self {
        Self {
            bins: vec![0; bins],
            missing: 0,
            below: 0,
            above: 0,
            cells: vec![0; cells],
            places: vec![0; gaps],
            excess_below: Sum::new(),
            excess_above: Sum::new(),
        }
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// [`Reason::BinsDiffer`], with nothing added, if `other` has another number of bins or cells.
    pub fn merge(&mut self, other: &Self) -> Value<()> {
        let lengths = |of: &Self| [of.bins.len(), of.cells.len(), of.places.len()];
        if lengths(self) != lengths(other) {
            return Err(Reason::BinsDiffer);
        }
        let own = self.bins.iter_mut().chain(&mut self.cells).chain(&mut self.places);
        for (count, more) in own.zip(other.bins.iter().chain(&other.cells).chain(&other.places)) {
            *count += more;
        }
        self.missing += other.missing;
        self.below += other.below;
        self.above += other.above;
        self.excess_below.merge(&other.excess_below);
        self.excess_above.merge(&other.excess_above);
        Ok(())
    }

    /// Whether these can be `rows` rows counted as `empty`, of no row, would count them: read from a file they may be
    /// anything.
    #[must_use]
    pub fn are_of(&self, empty: &Self, rows: u64) -> bool {
        let lengths = |of: &Self| [of.bins.len(), of.cells.len(), of.places.len()];
        let total = |counts: &[u64]| counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count));
        let outside = self.below.checked_add(self.above);
        let within = total(&self.cells).zip(outside).and_then(|(cells, outside)| cells.checked_add(outside));
        let gaps = self.cells.iter().skip(1).step_by(2);
        let excess = [(self.below, &self.excess_below), (self.above, &self.excess_above)];
        let Some(present) = rows.checked_sub(self.missing) else { return false };
        lengths(self) == lengths(empty)
            && total(&self.bins) == Some(present)
            && (self.cells.is_empty() && outside == Some(0) || within == Some(present))
            && self.places.iter().zip(gaps).all(|(&sum, &rows)| sum <= rows.saturating_mul(PLACES.into()))
            && excess.iter().all(|(rows, sum)| if *rows == 0 { sum.is_zero() } else { sum.to_f64() > 0.0 })
    }

    /// Rows in each bin.
    #[must_use]
    pub fn bins(&self) -> &[u64] {
        &self.bins
    }

    /// Rows without a value.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }
}

fn as_text<S: Serializer>(cells: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
    let cells: Vec<String> = cells.iter().map(u64::to_string).collect();
    serializer.serialize_str(&cells.join(" "))
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let cell =
        |cell: &str| cell.parse().map_err(|_| D::Error::custom("a count of rows in the grid is no number"));
    text.split(' ').filter(|cell| !cell.is_empty()).map(cell).collect()
}
