//! Which part of the split each row belongs to: decided by the row alone, never by its position.

mod hash;
mod time;

use common::error::Result;
use common::ledger::Parts;
use common::table::texts;
use common::time::Clock;
use common::{config::Span, text};
use polars::prelude::DataFrame;
use serde::Serialize;

use crate::settings::{Settings, Split};
use crate::timeline::Timeline;
use crate::typed::Digest;
use time::Limits;

/// A part of the split, or the gap between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Train,
    Calibration,
    Test,
    /// Of no part: history for windows, never learned from.
    Gap,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Calibration => "calibration",
            Self::Test => "test",
            Self::Gap => "gap",
        }
    }
}

/// How the split was made, with the limits that hold: kept in the manifest.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(crate) enum Made {
    /// By time: a row at or after a limit belongs to that part.
    Dates {
        calibration_from: Option<String>,
        test_from: String,
        from_shares: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        gap: Option<Span>,
    },
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
        let mut counts = Parts::default();
        for part in &self.parts {
            *match part {
                Part::Train => &mut counts.train,
                Part::Calibration => &mut counts.calibration,
                Part::Test => &mut counts.test,
                Part::Gap => &mut counts.gap,
            } += 1;
        }
        counts
    }

    /// Whether the configuration names a time at which the calibration part begins.
    pub(crate) fn wants_calibration(&self) -> bool {
        matches!(&self.made, Made::Dates { calibration_from: Some(_), from_shares: false, .. })
    }
}

/// Checks limits and gap against the clock, so that a mistyped date is found before any cell is read.
///
/// # Errors
/// [`common::Class::Usage`] with the line.
pub(crate) fn check(settings: &Settings, clock: Option<&Clock>) -> Result<()> {
    let Some(clock) = clock else { return Ok(()) };
    match &settings.split {
        Split::Dates { calibration_from, test_from, gap } => {
            Limits::parse(settings, clock, calibration_from.as_deref(), test_from)?;
            time::check_gap(settings, clock, gap.as_ref())
        }
        Split::TimeShare { gap, .. } => time::check_gap(settings, clock, gap.as_ref()),
        Split::Hash { .. } | Split::Column { .. } => Ok(()),
    }
}

/// Assigns every row of `table`; `timeline` is there where the project has time.
pub(crate) fn assign(
    settings: &Settings,
    table: &DataFrame,
    digests: &[Digest],
    timeline: Option<&Timeline>,
) -> Result<Assigned> {
    let (parts, made) = match (&settings.split, timeline) {
        (Split::Dates { calibration_from, test_from, gap }, Some(timeline)) => {
            let limits = Limits::parse(settings, &timeline.clock, calibration_from.as_deref(), test_from)?;
            let made = Made::Dates {
                calibration_from: calibration_from.clone(),
                test_from: test_from.clone(),
                from_shares: false,
                gap: gap.clone(),
            };
            (limits.with_gap(&timeline.clock, gap.as_ref()).parts(&timeline.times), made)
        }
        (Split::TimeShare { calibration, test, gap }, Some(timeline)) => {
            let limits = Limits::of_shares(&timeline.times, *calibration, *test)?;
            let (calibration_from, test_from) = limits.shown(&timeline.clock);
            let keep = gap.as_ref().map(|gap| format!(", gap = \"{gap}\"")).unwrap_or_default();
            let calibration = calibration_from.as_deref().unwrap_or_default();
            log::warn!(
                "the split was taken from shares of the distinct times, so new rows will move it; to keep it, put into [clean]: split = {{ calibration_from = \"{calibration}\", test_from = \"{test_from}\"{keep} }}"
            );
            let made = Made::Dates { calibration_from, test_from, from_shares: true, gap: gap.clone() };
            (limits.with_gap(&timeline.clock, gap.as_ref()).parts(&timeline.times), made)
        }
        (Split::Hash { key, calibration, test, salt }, _) => {
            let shares = hash::Shares { calibration: *calibration, test: *test, salt };
            let made =
                Made::Hash { key: key.clone(), calibration: *calibration, test: *test, salt: salt.clone() };
            (hash::parts(table, digests, key, &shares)?, made)
        }
        (Split::Column { column }, _) => (by_column(table, column)?, Made::Column { column: column.clone() }),
        (Split::Dates { .. } | Split::TimeShare { .. }, None) => {
            return Err(settings.wrong(&["split"], "[clean] split: needs [project] time"));
        }
    };
    Ok(Assigned { parts, made })
}

fn by_column(table: &DataFrame, column: &str) -> Result<Vec<Part>> {
    let cells = texts(table, column)?;
    // The contract of this column lets nothing else through.
    let part = |cell: Option<&str>| match cell {
        Some("calibration") => Part::Calibration,
        Some("test") => Part::Test,
        Some("gap") => Part::Gap,
        _ => Part::Train,
    };
    Ok(cells.into_iter().map(part).collect())
}

/// What to say where no row is left to train on.
pub(crate) fn nothing_to_train_on(counts: Parts) -> String {
    let gap = match counts.gap {
        0 => String::new(),
        gap => format!(", {gap} of them in the gap before a part"),
    };
    format!("no training rows: {} in all{gap}; check [clean] split", text::count(counts.total(), "row"))
}
