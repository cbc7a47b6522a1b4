//! Which part of the split each row belongs to: decided by the row alone, never by its position.

use common::error::{Class, Error, Result};
use common::ledger::Parts;
use common::table::texts;
use common::time::Clock;
use common::{hash, text};
use polars::prelude::{DataFrame, DataType};
use serde::Serialize;

use crate::settings::{Settings, Split};
use crate::typed::Digest;

/// A part of the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Train,
    Calibration,
    Test,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Calibration => "calibration",
            Self::Test => "test",
        }
    }
}

/// How the split was made, with the limits that hold: kept in the manifest.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(crate) enum Made {
    /// By time: a row at or after a limit belongs to that part.
    Dates { calibration_from: Option<String>, test_from: String, from_shares: bool },
    /// By a hash of the key.
    Hash { key: Vec<String>, calibration: f64, test: f64, salt: String },
    /// By a column.
    Column { column: String },
}

/// The part of every row, and how that was decided.
pub(crate) struct Assigned {
    pub(crate) parts: Vec<Part>,
    pub(crate) made: Made,
}

impl Assigned {
    /// Rows of each part.
    pub(crate) fn counts(&self) -> Parts {
        let of = |part| self.parts.iter().filter(|p| **p == part).count() as u64;
        Parts { train: of(Part::Train), calibration: of(Part::Calibration), test: of(Part::Test), gap: 0 }
    }
}

/// Assigns every row of `table`; `times` are the rows' times, where the project has time.
pub(crate) fn assign(
    settings: &Settings,
    table: &DataFrame,
    digests: &[Digest],
    clock: Option<(&Clock, &[i64])>,
) -> Result<Assigned> {
    let wrong = |message: String| Error::usage(format!("[clean] split: {message}"));
    match (&settings.split, clock) {
        (Split::Dates { calibration_from, test_from }, Some((clock, times))) => {
            let test = clock.parse(test_from).map_err(wrong)?;
            let calibration = calibration_from.as_ref().map(|c| clock.parse(c)).transpose().map_err(wrong)?;
            if calibration.is_some_and(|c| c > test) {
                return Err(wrong("calibration_from is after test_from".to_owned()));
            }
            let made = Made::Dates {
                calibration_from: calibration_from.clone(),
                test_from: test_from.clone(),
                from_shares: false,
            };
            Ok(Assigned { parts: by_time(times, calibration, test), made })
        }
        (Split::TimeShare { calibration, test }, Some((clock, times))) => {
            let (from_calibration, from_test) = limits(times, *calibration, *test)?;
            let shown = |limit: i64| clock.show(limit);
            log::warn!(
                "the split was taken from shares of the distinct times, so new rows will move it; to keep it, put into [clean]: split = {{ calibration_from = \"{}\", test_from = \"{}\" }}",
                shown(from_calibration),
                shown(from_test)
            );
            let made = Made::Dates {
                calibration_from: Some(shown(from_calibration)),
                test_from: shown(from_test),
                from_shares: true,
            };
            Ok(Assigned { parts: by_time(times, Some(from_calibration), from_test), made })
        }
        (Split::Hash { key, calibration, test, salt }, _) => {
            let parts = by_hash(table, digests, key, salt, *calibration, *test)?;
            let made =
                Made::Hash { key: key.clone(), calibration: *calibration, test: *test, salt: salt.clone() };
            Ok(Assigned { parts, made })
        }
        (Split::Column { column }, _) => {
            Ok(Assigned { parts: by_column(table, column)?, made: Made::Column { column: column.clone() } })
        }
        (_, None) => Err(wrong("needs [project] time".to_owned())),
    }
}

fn by_time(times: &[i64], calibration: Option<i64>, test: i64) -> Vec<Part> {
    let part = |time: &i64| {
        if *time >= test {
            Part::Test
        } else if calibration.is_some_and(|c| *time >= c) {
            Part::Calibration
        } else {
            Part::Train
        }
    };
    times.iter().map(part).collect()
}

/// First times of the calibration and the test part, as shares of the distinct times.
fn limits(times: &[i64], calibration: f64, test: f64) -> Result<(i64, i64)> {
    let mut distinct = times.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let n = distinct.len() as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank between 0 and n")]
    let at = |share: f64| distinct.get((n * (1.0 - share)).ceil() as usize).copied();
    match (at(calibration + test), at(test)) {
        (Some(c), Some(t)) if c > distinct[0] => Ok((c, t)),
        _ => Err(Error::new(
            Class::Rows,
            format!(
                "{} is too few to split by shares of time; give dates",
                text::count(distinct.len() as u64, "distinct time")
            ),
        )),
    }
}

/// By the upper 53 bits of a SHA-256 of salt and key as a number in [0, 1): test lowest, then
/// calibration, so that a change of the calibration share never moves a test row.
fn by_hash(
    table: &DataFrame,
    digests: &[Digest],
    key: &[String],
    salt: &str,
    calibration: f64,
    test: f64,
) -> Result<Vec<Part>> {
    let part = |bytes: &[u8]| {
        let digest = hash::digest128(bytes);
        let mut head = [0; 8];
        head.copy_from_slice(&digest[..8]);
        let share = (u64::from_be_bytes(head) >> 11) as f64 / (1u64 << 53) as f64;
        if share < test {
            Part::Test
        } else if share < test + calibration {
            Part::Calibration
        } else {
            Part::Train
        }
    };
    if key.is_empty() {
        return Ok(digests.iter().map(|d| part(&[salt.as_bytes(), b"\0", d].concat())).collect());
    }
    let failed = |e| Error::unexpected(format!("cannot read the key of the split: {e}"));
    let columns = key.iter().map(|name| table.column(name).and_then(|c| c.cast(&DataType::String)));
    let columns = columns.collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?;
    let texts =
        columns.iter().map(|c| c.str()).collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?;
    let row = |i: usize| {
        let mut bytes = [salt.as_bytes(), b"\0"].concat();
        for text in &texts {
            let cell = text.get(i).unwrap_or_default();
            bytes.extend((cell.len() as u64).to_le_bytes());
            bytes.extend(cell.as_bytes());
        }
        part(&bytes)
    };
    Ok((0..table.height()).map(row).collect())
}

fn by_column(table: &DataFrame, column: &str) -> Result<Vec<Part>> {
    let cells = texts(table, column)?;
    // The contract of this column lets nothing else through.
    let part = |cell: Option<&str>| match cell {
        Some("calibration") => Part::Calibration,
        Some("test") => Part::Test,
        _ => Part::Train,
    };
    Ok(cells.into_iter().map(part).collect())
}
