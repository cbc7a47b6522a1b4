//! The canonical bytes of a Gram matrix.

use serde::{Deserialize, Serialize};

use super::{Gram, GramError, MOST_PLACES, Variable};
use crate::limbs::Canonical;
use crate::sum::Sum;

/// The first bytes, with the version of the form.
const MAGIC: &[u8; 8] = b"XGRAM\0\0\x01";

/// What is written of a Gram matrix, by serde.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    variables: Vec<Variable>,
    rows: u64,
    entries: Vec<Sum>,
    log_weights: Sum,
}

impl From<Gram> for Stored {
    fn from(gram: Gram) -> Self {
        Self {
            variables: gram.variables,
            rows: gram.rows,
            entries: gram.entries,
            log_weights: gram.log_weights,
        }
    }
}

impl TryFrom<Stored> for Gram {
    type Error = GramError;

    fn try_from(stored: Stored) -> Result<Self, GramError> {
        let size = stored.variables.len() + 1;
        if size < 2 || stored.entries.len() != size * (size + 1) / 2 {
            return Err(GramError::Damaged("the number of sums does not fit the number of columns"));
        }
        if stored.variables.iter().any(|variable| variable.places > MOST_PLACES) {
            return Err(GramError::Damaged("a column has too many places"));
        }
        Ok(Self {
            variables: stored.variables,
            rows: stored.rows,
            entries: stored.entries,
            log_weights: stored.log_weights,
        })
    }
}

impl Gram {
    /// The canonical bytes: the same matrix has the same bytes, whatever its history. Integers are little-endian; after
    /// the magic come the rows (u64), the number of columns without the ones (u32), for each its places (u32) and
    /// name (u32 length, UTF-8), then the sum of the weights' logarithms and the upper triangle, each sum as its sign
    /// (u8), exponent (i32, in units of 32 bits), number of digits (u32) and digits (u32 each, least first).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.rows.to_le_bytes());
        bytes.extend(length(self.variables.len()));
        for variable in &self.variables {
            bytes.extend(variable.places.to_le_bytes());
            bytes.extend(length(variable.name.len()));
            bytes.extend(variable.name.as_bytes());
        }
        for sum in [&self.log_weights].into_iter().chain(&self.entries) {
            let number = sum.limbs().canonical();
            bytes.push(u8::from(number.negative));
            bytes.extend(number.low.to_le_bytes());
            bytes.extend(length(number.digits.len()));
            number.digits.iter().for_each(|digit| bytes.extend(digit.to_le_bytes()));
        }
        bytes
    }

    /// Reads [`Gram::to_bytes`].
    ///
    /// # Errors
    /// [`GramError::Damaged`] for anything that `to_bytes` would not have written.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GramError> {
        let mut reader = Reader { bytes };
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(GramError::Damaged("the first bytes are not those of a Gram matrix of this version"));
        }
        let rows = u64::from_le_bytes(reader.array()?);
        let mut variables = Vec::new();
        for _ in 0..reader.length()? {
            let places = u32::from_le_bytes(reader.array()?);
            let count = reader.length()?;
            let name = std::str::from_utf8(reader.take(count)?)
                .map_err(|_| GramError::Damaged("a column name is not UTF-8"))?;
            variables.push(Variable { name: name.to_owned(), places });
        }
        let log_weights = reader.sum()?;
        let mut entries = Vec::new();
        while !reader.bytes.is_empty() {
            entries.push(reader.sum()?);
        }
        Self::try_from(Stored { variables, rows, entries, log_weights })
    }
}

/// A count as four bytes.
#[expect(clippy::cast_possible_truncation, reason = "none comes near 2^32")]
fn length(count: usize) -> [u8; 4] {
    (count as u32).to_le_bytes()
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], GramError> {
        let (head, rest) =
            self.bytes.split_at_checked(count).ok_or(GramError::Damaged("the end is missing"))?;
        self.bytes = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], GramError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn length(&mut self) -> Result<usize, GramError> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    fn sum(&mut self) -> Result<Sum, GramError> {
        let [sign] = self.array()?;
        let low = i32::from_le_bytes(self.array()?);
        let count = self.length()?;
        let digits = self.take(count.saturating_mul(4))?;
        let digits = digits.as_chunks().0.iter().map(|digit| u32::from_le_bytes(*digit)).collect();
        let number = Canonical { negative: sign == 1, low, digits };
        if sign > 1 {
            return Err(GramError::Damaged("a sign is neither 0 nor 1"));
        }
        Sum::from_canonical(&number).ok_or(GramError::Damaged("a sum is not in canonical form"))
    }
}
