//! What a column of a Gram matrix is called and counted in.

use serde::{Deserialize, Serialize};

/// More places than this are not in any data: a power `x^20` of a column of 15 places has 300.
pub const MOST_PLACES: u32 = 1000;

/// The name of a column, and the power of ten that its numbers are counted in.
///
/// A decimal column of `places = 2` holds hundredths: for 12.34 the rows give 1234. The fit turns its results back. What
/// a column is comes from the schema, not from the rows: were 0.1 read as one tenth in one piece and as the f64
/// next to it in another, the result would depend on the pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// The column's name, which merging compares.
    pub name: String,
    /// The real value is the number in the rows times `10^-places`. At most [`MOST_PLACES`].
    pub places: u32,
}

impl Variable {
    /// A column whose rows hold its values as they are.
    pub fn float(name: impl Into<String>) -> Self {
        Self { name: name.into(), places: 0 }
    }

    /// A column whose rows hold its values times `10^places`.
    pub fn decimal(name: impl Into<String>, places: u32) -> Self {
        Self { name: name.into(), places }
    }

    /// The places as an exponent. Numbers beyond [`MOST_PLACES`] end as results out of range, not as an overflow here.
    pub(crate) fn exponent(&self) -> i32 {
        i32::try_from(self.places).map_or(100_000, |places| places.min(100_000))
    }
}
