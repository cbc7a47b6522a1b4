//! Columns of typed values as they grow, each in one piece of memory.

use common::error::Result;
use common::schema::Kind;
use polars::prelude::{
    BooleanChunkedBuilder, ChunkedBuilder as _, Column, DataFrame, Float64Type, Int32Type, Int64Type,
    IntoColumn as _, PrimitiveChunkedBuilder, StringChunkedBuilder, TimeUnit,
};

use crate::columns::Rules;

/// A column as it grows.
pub(crate) enum Building {
    Texts(StringChunkedBuilder),
    Numbers(PrimitiveChunkedBuilder<Float64Type>),
    Integers(PrimitiveChunkedBuilder<Int64Type>),
    Truths(BooleanChunkedBuilder),
    /// Since 1970.
    Days(PrimitiveChunkedBuilder<Int32Type>),
    /// Microseconds since 1970.
    Moments(PrimitiveChunkedBuilder<Int64Type>),
}

impl Building {
    /// A column for each of the rules, with room for so many rows.
    pub(crate) fn all(rules: &Rules, rows: usize) -> Vec<Self> {
        let one = |name: &str, kind: Kind| match kind {
            Kind::String => Self::Texts(StringChunkedBuilder::new(name.into(), rows)),
            Kind::Number => Self::Numbers(PrimitiveChunkedBuilder::new(name.into(), rows)),
            Kind::Integer => Self::Integers(PrimitiveChunkedBuilder::new(name.into(), rows)),
            Kind::Boolean => Self::Truths(BooleanChunkedBuilder::new(name.into(), rows)),
            Kind::Date => Self::Days(PrimitiveChunkedBuilder::new(name.into(), rows)),
            Kind::Datetime => Self::Moments(PrimitiveChunkedBuilder::new(name.into(), rows)),
        };
        rules.columns.iter().map(|rule| one(&rule.field.name, rule.field.kind)).collect()
    }

    /// The table of all columns, which have so many rows.
    ///
    /// # Errors
    /// [`common::Class::Unexpected`] where they have not.
    pub(crate) fn table(columns: Vec<Self>, rows: usize) -> Result<DataFrame> {
        Ok(DataFrame::new(rows, columns.into_iter().map(Self::finish).collect())?)
    }

    fn finish(self) -> Column {
        match self {
            Self::Texts(column) => column.finish().into_column(),
            Self::Numbers(column) => column.finish().into_column(),
            Self::Integers(column) => column.finish().into_column(),
            Self::Truths(column) => column.finish().into_column(),
            Self::Days(column) => column.finish().into_date().into_column(),
            Self::Moments(column) => {
                column.finish().into_datetime(TimeUnit::Microseconds, None).into_column()
            }
        }
    }
}
