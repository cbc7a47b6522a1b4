//! Columns of values as they grow, each in one piece of memory.

use polars::prelude::{Column, Series};
use polars_arrow::array::{Array, BooleanArray, MutableBinaryViewArray, PrimitiveArray};
use polars_arrow::bitmap::BitmapBuilder;
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};
use polars_arrow::types::NativeType;

use crate::error::Result;
use crate::schema::Kind;

/// A column as it grows.
pub enum Growing {
    /// Texts.
    Texts(GrowingTexts),
    /// Numbers, all of them finite.
    Numbers(GrowingValues<f64>),
    /// Whole numbers.
    Integers(GrowingValues<i64>),
    /// Truth values.
    Truths(GrowingValues<bool>),
    /// Days since 1970.
    Days(GrowingValues<i32>),
    /// Microseconds since 1970.
    Moments(GrowingValues<i64>),
}

/// Texts of which some may be missing.
pub struct GrowingTexts(MutableBinaryViewArray<str>);

/// Values of which some may be missing.
pub struct GrowingValues<T> {
    values: Vec<T>,
    /// Which are there; nothing as long as all are.
    known: Option<BitmapBuilder>,
}

impl Growing {
    /// A column of `kind` with room for so many rows.
    #[must_use]
    pub fn new(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::String => Self::Texts(GrowingTexts(MutableBinaryViewArray::with_capacity(rows))),
            Kind::Number => Self::Numbers(GrowingValues::new(rows)),
            Kind::Integer => Self::Integers(GrowingValues::new(rows)),
            Kind::Boolean => Self::Truths(GrowingValues::new(rows)),
            Kind::Date => Self::Days(GrowingValues::new(rows)),
            Kind::Datetime => Self::Moments(GrowingValues::new(rows)),
        }
    }

    /// Adds the rows of a column of the same kind; one of another kind adds none.
    pub fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Texts(all), Self::Texts(more)) => all.0.extend_from_array(&more.0.freeze()),
            (Self::Numbers(all), Self::Numbers(more)) => all.append(more),
            (Self::Integers(all), Self::Integers(more)) | (Self::Moments(all), Self::Moments(more)) => {
                all.append(more);
            }
            (Self::Truths(all), Self::Truths(more)) => all.append(more),
            (Self::Days(all), Self::Days(more)) => all.append(more),
            _ => {}
        }
    }

    /// The column.
    ///
    /// # Errors
    /// [`crate::Class::Unexpected`] where it is none of polars'.
    pub fn finish(self, name: &str) -> Result<Column> {
        let array: Box<dyn Array> = match self {
            Self::Texts(texts) => texts.0.freeze().boxed(),
            Self::Numbers(numbers) => numbers.array(ArrowDataType::Float64),
            Self::Integers(integers) => integers.array(ArrowDataType::Int64),
            Self::Days(days) => days.array(ArrowDataType::Date32),
            Self::Moments(moments) => moments.array(ArrowDataType::Timestamp(TimeUnit::Microsecond, None)),
            Self::Truths(truths) => {
                let known = truths.known.map(BitmapBuilder::freeze);
                BooleanArray::new(ArrowDataType::Boolean, truths.values.into_iter().collect(), known).boxed()
            }
        };
        Ok(Series::from_arrow(name.into(), array).map(Column::from)?)
    }
}

impl GrowingTexts {
    /// Adds a text; nothing where it is missing.
    #[inline]
    pub fn push(&mut self, text: Option<&str>) {
        self.0.push(text);
    }
}

impl<T: Copy + Default> GrowingValues<T> {
    fn new(rows: usize) -> Self {
        Self { values: Vec::with_capacity(rows), known: None }
    }

    /// Adds a value; nothing where it is missing.
    #[inline]
    pub fn push(&mut self, value: Option<T>) {
        let Some(value) = value else { return self.push_missing() };
        self.values.push(value);
        if let Some(known) = &mut self.known {
            known.push(true);
        }
    }

    fn push_missing(&mut self) {
        self.known().push(false);
        self.values.push(T::default());
    }

    /// Which are there, said one by one from now on.
    fn known(&mut self) -> &mut BitmapBuilder {
        let (rows, room) = (self.values.len(), self.values.capacity());
        self.known.get_or_insert_with(|| {
            let mut all = BitmapBuilder::with_capacity(room.max(rows + 1));
            all.extend_constant(rows, true);
            all
        })
    }

    fn append(&mut self, other: Self) {
        match other.known {
            Some(known) => self.known().extend_from_bitmap(&known.freeze()),
            None => {
                if let Some(known) = &mut self.known {
                    known.extend_constant(other.values.len(), true);
                }
            }
        }
        self.values.extend_from_slice(&other.values);
    }
}

impl<T: NativeType> GrowingValues<T> {
    fn array(self, dtype: ArrowDataType) -> Box<dyn Array> {
        PrimitiveArray::new(dtype, self.values.into(), self.known.map(BitmapBuilder::freeze)).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_column_that_is_made_at_once() {
        let cells = [Some(1.5), Some(2.0), None, Some(-3.0), None, Some(4.0), Some(5.0)];
        for cuts in [vec![], vec![1], vec![2, 5], vec![0, 3, 3, 7]] {
            let mut all = Growing::new(Kind::Number, 3);
            let mut texts = Growing::new(Kind::String, 0);
            let ends = cuts.iter().copied().chain([cells.len()]);
            let starts = std::iter::once(0).chain(cuts.iter().copied());
            for (start, end) in starts.zip(ends) {
                let (mut part, mut text) = (Growing::new(Kind::Number, 0), Growing::new(Kind::String, 0));
                for cell in &cells[start..end] {
                    if let Growing::Numbers(part) = &mut part {
                        part.push(*cell);
                    }
                    if let Growing::Texts(text) = &mut text {
                        text.push(cell.map(|x| format!("a text longer than twelve bytes: {x}")).as_deref());
                    }
                }
                all.append(part);
                texts.append(text);
            }
            let numbers = all.finish("x").unwrap();
            assert_eq!(numbers.f64().unwrap().iter().collect::<Vec<_>>(), cells, "{cuts:?}");
            let texts = texts.finish("t").unwrap();
            let expected = cells.map(|c| c.map(|x| format!("a text longer than twelve bytes: {x}")));
            let found: Vec<_> = texts.str().unwrap().iter().map(|t| t.map(str::to_owned)).collect();
            assert_eq!(found, expected, "{cuts:?}");
        }
    }
}
