//! What only the roles tell: whether a key is unique, what follows the target or the time, how many rows the
//! parts have. The one pass after the roles are known.

use common::Result;
use stats::Line;

use crate::column::Column;
use crate::distinct::{self, Distinct};
use crate::draft::Draft;
use crate::roles::Roles;
use crate::{moment, rows};

/// Most keys that are told apart exactly: beyond them no key is declared.
const MOST_KEYS: usize = 1 << 23;

/// About so many rows are compared, evenly spaced.
const COMPARED: u64 = 20_000;

/// What was checked.
pub(crate) struct Check {
    /// Columns whose values name each row, where that is certain.
    pub(crate) key: Option<Vec<usize>>,
    /// Rows equal to an earlier one in every cell, where no key tells them apart.
    pub(crate) copies: u64,
    /// Share of the target's variance that a line of each column leaves; only of numbers and dates.
    pub(crate) beside_target: Vec<Option<f64>>,
    /// The same of the column's variance beside time.
    pub(crate) beside_time: Vec<Option<f64>>,
    /// Rows of the training, calibration and test part, where rows are parted by date.
    pub(crate) parts: [u64; 3],
}

/// Looks at all rows once more.
///
/// # Errors
/// A table that cannot be read.
pub(crate) fn check(draft: &Draft, columns: &[Column], roles: &Roles, target: usize) -> Result<Check> {
    let key = key(columns, roles, target);
    let mut keys = Distinct::new(MOST_KEYS);
    let mut repeats = 0u64;
    let parts: Vec<&Column> = roles.time.iter().flat_map(|t| &t.parts).map(|at| &columns[*at]).collect();
    let limits = roles.time.as_ref().map(crate::roles::Time::limits);
    let stride = draft.rows / COMPARED + 1;
    let numeric: Vec<&Column> =
        columns.iter().filter(|c| (c.is_number() || c.is_date()) && !c.is_constant()).collect();
    let mut lines: Vec<(Line, Line)> = vec![(Line::new(), Line::new()); numeric.len()];
    let mut counts = [0u64; 3];
    rows::each(draft, |row, record| {
        let cells: Vec<&str> = match &key {
            Some(key) => key.iter().filter_map(|at| record.get(*at)).collect(),
            None => record.iter().collect(),
        };
        repeats += u64::from(keys.add(distinct::hash(cells), ()));
        let time = if parts.is_empty() { None } else { moment::of_row(record, &parts) };
        let part = match (time, limits) {
            (Some(time), Some((_, test))) if time >= test => 2,
            (Some(time), Some((calibration, _))) if time >= calibration => 1,
            _ => 0,
        };
        counts[part] += 1;
        // What decides on features is not to know the test rows.
        if row % stride == 0 && part < 2 {
            let outcome = columns[target].value(record).unwrap_or(f64::NAN);
            for (column, (beside_target, beside_time)) in numeric.iter().zip(&mut lines) {
                let value = column.value(record).unwrap_or(f64::NAN);
                beside_target.add(value, outcome);
                beside_time.add(time.unwrap_or(f64::NAN), value);
            }
        }
    })?;
    let left = |at: usize, of: fn(&(Line, Line)) -> &Line| {
        let one = numeric.iter().position(|c| c.at == at).map(|i| of(&lines[i]))?;
        one.unexplained().ok().filter(|_| one.n() >= 30)
    };
    Ok(Check {
        copies: if key.is_none() { repeats } else { 0 },
        key: key.filter(|_| repeats == 0 && keys.is_exact()),
        beside_target: (0..columns.len()).map(|at| left(at, |l| &l.0).filter(|_| at != target)).collect(),
        beside_time: (0..columns.len()).map(|at| left(at, |l| &l.1)).collect(),
        parts: counts,
    })
}

/// What should name a row: entity and time of a history, else the first column that is named as an id.
fn key(columns: &[Column], roles: &Roles, target: usize) -> Option<Vec<usize>> {
    if let Some(time) = roles.time.as_ref().filter(|t| t.is_history) {
        return Some(roles.entity.iter().chain(&time.parts).copied().collect());
    }
    let fits = |c: &&Column| {
        c.at != target && c.nulls == 0 && c.repeats == 0 && c.rows > 1 && crate::roles::is_named_id(&c.name)
    };
    columns.iter().find(fits).map(|c| vec![c.at])
}
