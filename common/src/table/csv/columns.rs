//! Columns of a batch while its cells are read.

use std::ops::Range;

use memchr::{memchr, memchr2};
use polars::prelude::{Column, PolarsResult, Series};
use polars_arrow::array::{Array, BooleanArray, MutableBinaryViewArray, PrimitiveArray};
use polars_arrow::bitmap::BitmapBuilder;
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};
use polars_arrow::types::NativeType;

use crate::schema::{Field, Form, Kind, Value};
use crate::text;

/// Digits of a whole number that fit 64 bits whatever they are.
const SURE_DIGITS: usize = 18;

/// A column being read.
pub(super) struct Builder<'a> {
    field: &'a Field,
    values: Values,
    /// Where the last cell of a date stood, and its value: neighbours often share one.
    last: (Range<usize>, Option<i64>),
}

enum Values {
    Texts(MutableBinaryViewArray<str>),
    Numbers(Known<f64>),
    Integers(Known<i64>),
    /// Truth values, days since 1970, microseconds since 1970.
    Ordinals(Known<i64>),
}

/// Values of which some may be missing.
struct Known<T> {
    values: Vec<T>,
    /// Which are there; nothing as long as all are.
    known: Option<BitmapBuilder>,
}

impl<T: NativeType> Known<T> {
    fn new(rows: usize) -> Self {
        Self { values: Vec::with_capacity(rows), known: None }
    }

    #[inline]
    fn push(&mut self, value: T) {
        self.values.push(value);
        if let Some(known) = &mut self.known {
            known.push(true);
        }
    }

    fn push_missing(&mut self) {
        let before = self.values.len();
        let known = self.known.get_or_insert_with(|| {
            let mut all = BitmapBuilder::with_capacity(before + 1);
            all.extend_constant(before, true);
            all
        });
        known.push(false);
        self.values.push(T::default());
    }

    fn array<U: NativeType>(self, dtype: ArrowDataType, of: fn(Vec<T>) -> Vec<U>) -> Box<dyn Array> {
        let known = self.known.map(BitmapBuilder::freeze);
        PrimitiveArray::new(dtype, of(self.values).into(), known).boxed()
    }
}

impl<'a> Builder<'a> {
    /// A column with room for `rows`.
    pub(super) fn new(field: &'a Field, rows: usize) -> Self {
        let values = match field.kind {
            Kind::String => Values::Texts(MutableBinaryViewArray::with_capacity(rows)),
            Kind::Number => Values::Numbers(Known::new(rows)),
            Kind::Integer => Values::Integers(Known::new(rows)),
            Kind::Boolean | Kind::Date | Kind::Datetime => Values::Ordinals(Known::new(rows)),
        };
        Self { field, values, last: (0..0, None) }
    }

    /// Reads the cell of `text` that begins at `at`; returns where it ends.
    ///
    /// # Errors
    /// What is wrong with it.
    #[inline]
    pub(super) fn read(&mut self, text: &str, at: usize) -> Result<usize, String> {
        let bytes = text.as_bytes();
        if is_end(bytes.get(at)) {
            self.push_missing();
            return Ok(at);
        }
        match &mut self.values {
            Values::Numbers(numbers) => {
                if let Some((value, end)) = number(bytes, at) {
                    numbers.push(value);
                    return Ok(end);
                }
            }
            Values::Integers(integers) => {
                if let Some((value, end)) = integer(bytes, at) {
                    integers.push(value);
                    return Ok(end);
                }
            }
            Values::Texts(texts) if bytes[at] != b'"' => {
                let end = end_of_plain(bytes, at);
                texts.push_value(&text[at..end]);
                return Ok(end);
            }
            Values::Ordinals(ordinals) => {
                let end = at + self.last.0.len();
                if let (Some(value), Some(cell)) = (self.last.1, bytes.get(at..end))
                    && is_end(bytes.get(end))
                    && *cell == bytes[self.last.0.clone()]
                {
                    ordinals.push(value);
                    return Ok(end);
                }
            }
            Values::Texts(_) => {}
        }
        self.read_slowly(text, at)
    }

    /// Reads a quoted cell, or one that takes our whole grammar to tell.
    fn read_slowly(&mut self, text: &str, at: usize) -> Result<usize, String> {
        let (inner, end) = if text.as_bytes()[at] == b'"' {
            let end = end_of_quoted(text.as_bytes(), at).ok_or("a quote is not closed")?;
            (text[at + 1..end - 1].replace("\"\"", "\""), end)
        } else {
            let end = end_of_plain(text.as_bytes(), at);
            (text[at..end].to_owned(), end)
        };
        if !is_end(text.as_bytes().get(end)) {
            return Err(format!("text after a closing quote in column {}", text::name(&self.field.name)));
        }
        // Of all kinds only text has a word for the empty cell.
        if inner.is_empty() && self.field.kind != Kind::String {
            self.push_missing();
            return Ok(end);
        }
        let value = self.field.kind.parse(&inner, &Form::PLAIN).ok_or_else(|| {
            let name = text::name(&self.field.name);
            format!("`{}` in column {name} is no {}", text::shown(&inner), self.field.kind)
        })?;
        match (&mut self.values, value) {
            (Values::Texts(texts), Value::String(value)) => texts.push_value(value),
            (Values::Numbers(numbers), Value::Number(value)) => numbers.push(value),
            (Values::Integers(integers), Value::Integer(value)) => integers.push(value),
            (Values::Ordinals(ordinals), value) => {
                let value = value.identity().unwrap_or_default();
                ordinals.push(value);
                self.last = (at..end, Some(value));
            }
            _ => return Err(format!("column {} has another type", text::name(&self.field.name))),
        }
        Ok(end)
    }

    fn push_missing(&mut self) {
        match &mut self.values {
            Values::Texts(texts) => texts.push_null(),
            Values::Numbers(numbers) => numbers.push_missing(),
            Values::Integers(integers) | Values::Ordinals(integers) => integers.push_missing(),
        }
    }

    /// The column.
    pub(super) fn finish(self) -> PolarsResult<Column> {
        let array: Box<dyn Array> = match (self.values, self.field.kind) {
            (Values::Texts(texts), _) => texts.freeze().boxed(),
            (Values::Numbers(numbers), _) => numbers.array(ArrowDataType::Float64, |values| values),
            (Values::Integers(integers), _) => integers.array(ArrowDataType::Int64, |values| values),
            (Values::Ordinals(days), Kind::Date) => days.array(ArrowDataType::Date32, |days| {
                days.into_iter().map(|day| i32::try_from(day).unwrap_or_default()).collect()
            }),
            (Values::Ordinals(moments), Kind::Datetime) => {
                moments.array(ArrowDataType::Timestamp(TimeUnit::Microsecond, None), |values| values)
            }
            (Values::Ordinals(truths), _) => {
                let known = truths.known.map(BitmapBuilder::freeze);
                let values = truths.values.into_iter().map(|truth| truth != 0).collect();
                BooleanArray::new(ArrowDataType::Boolean, values, known).boxed()
            }
        };
        Series::from_arrow(self.field.name.as_str().into(), array).map(Column::from)
    }
}

/// Where the cell that begins at `at` ends, whatever it holds.
#[inline]
pub(super) fn end_of_cell(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) == Some(&b'"') { end_of_quoted(text, at) } else { Some(end_of_plain(text, at)) }
}

#[inline]
fn end_of_plain(text: &[u8], at: usize) -> usize {
    memchr2(b',', b'\n', &text[at..]).map_or(text.len(), |length| at + length)
}

/// After the closing quote of a cell whose opening one stands at `at`.
fn end_of_quoted(text: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let close = from + memchr(b'"', &text[from..])?;
        if text.get(close + 1) != Some(&b'"') {
            return Some(close + 1);
        }
        from = close + 2;
    }
}

#[inline]
fn is_end(byte: Option<&u8>) -> bool {
    matches!(byte, None | Some(b',' | b'\n'))
}

/// A number as our own writer writes them, and where it ends.
#[inline]
fn number(text: &[u8], at: usize) -> Option<(f64, usize)> {
    // What indicators hold.
    match text.get(at..at + 4) {
        Some(b"0.0,") => return Some((0.0, at + 3)),
        Some(b"1.0,") => return Some((1.0, at + 3)),
        _ => {}
    }
    // No sign but minus and no word: what else is a number, the grammar tells.
    if !matches!(text[at], b'0'..=b'9' | b'-') {
        return None;
    }
    let (value, length) = fast_float2::parse_partial::<f64, _>(&text[at..]).ok()?;
    (value.is_finite() && is_end(text.get(at + length))).then_some((value, at + length))
}

/// A whole number of few digits, and where it ends.
#[inline]
fn integer(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let negative = text[at] == b'-';
    let first = at + usize::from(negative);
    let (mut end, mut value) = (first, 0_i64);
    while let Some(digit @ b'0'..=b'9') = text.get(end).filter(|_| end - first < SURE_DIGITS) {
        value = value * 10 + i64::from(digit - b'0');
        end += 1;
    }
    (end > first && is_end(text.get(end))).then_some((if negative { -value } else { value }, end))
}
