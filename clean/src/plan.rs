//! What is to be done, checked against the columns before any cell is read.

use common::error::Result;
use common::schema::Field;
use common::time::Clock;

use crate::fill::{self, Planned};
use crate::settings::Settings;
use crate::{split, winsorise};

/// What is to be done with the columns of the table.
pub(crate) struct Plan {
    /// The clock, where the project has time.
    pub(crate) clock: Option<Clock>,
    /// How columns are filled.
    pub(crate) fills: Vec<Planned>,
}

impl Plan {
    /// The plan for columns of these types.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with the line: a date that is none, a method that a column's type has not, a
    /// name that is taken. [`common::Class::Schema`] where time is no time.
    pub(crate) fn new(settings: &Settings, fields: &[Field]) -> Result<Self> {
        let clock = settings.time.as_ref().map(|time| Clock::new(time, fields)).transpose()?;
        split::check(settings, clock.as_ref())?;
        winsorise::check(settings, fields)?;
        Ok(Self { clock, fills: fill::plan(settings, fields)? })
    }
}
