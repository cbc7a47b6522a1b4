use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Column, OrderStatistics as _, Value};

/// One number for the middle of a column: what missing cells of it are filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Centre {
    /// The quantile at level one half (type 7).
    Median,
    /// The arithmetic mean.
    Mean,
}

impl Centre {
    /// The centre of the values present, in their unit.
    ///
    /// # Errors
    /// [`crate::Reason::NoRows`] without values, [`crate::Reason::Overflow`].
    pub fn of(self, column: &mut Column) -> Value {
        match self {
            Self::Median => column.quantiles.median(),
            Self::Mean => column.moments.mean(),
        }
    }
}

impl fmt::Display for Centre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Median => "median",
            Self::Mean => "mean",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    #[test]
    fn the_middle_of_a_column() {
        let mut column = Column::new();
        assert_eq!(Centre::Median.of(&mut column), Err(Reason::NoRows));
        assert_eq!(Centre::Mean.of(&mut column), Err(Reason::NoRows));
        column.extend(&[1.0, f64::NAN, 9.0, 2.0, 4.0]);
        assert_eq!(Centre::Median.of(&mut column), Ok(3.0));
        assert_eq!(Centre::Mean.of(&mut column), Ok(4.0));
    }
}
