//! How rows are split, as it is configured.

use common::config::{Config, Scalar, Span};
use common::error::Result;
use serde::{Deserialize, Serialize};

use crate::typed::Form;

/// How rows are split into train, calibration and test.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(crate) enum Split {
    /// By the row's time.
    Dates {
        /// First time of the calibration part; without it there is none.
        calibration_from: Option<String>,
        /// First time of the test part.
        test_from: String,
        /// How long before each limit rows belong to no part.
        gap: Option<Span>,
    },
    /// By a share of the distinct times: for a first look, since new rows move its limits.
    TimeShare {
        /// Share of the calibration part.
        calibration: f64,
        /// Share of the test part.
        test: f64,
        /// How long before each limit rows belong to no part.
        gap: Option<Span>,
    },
    /// By a hash of the key: new rows never move old ones.
    Hash {
        /// Columns of the key; the whole row where there is none.
        key: Vec<String>,
        /// Share of the calibration part.
        calibration: f64,
        /// Share of the test part.
        test: f64,
        /// Picks another of the possible splits.
        salt: String,
    },
    /// By a column that holds `train`, `calibration` or `test`.
    Column {
        /// Its name.
        column: String,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SplitKeys {
    by: Option<By>,
    calibration_from: Option<Scalar>,
    test_from: Option<Scalar>,
    calibration: Option<f64>,
    test: Option<f64>,
    key: Option<Vec<String>>,
    salt: Option<String>,
    column: Option<String>,
    gap: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Dates,
    TimeShare,
    Hash,
    Column,
}

/// Shares of the calibration and test parts where nothing else is asked for.
const SHARE: f64 = 0.2;

impl Split {
    /// The identities of rows that it takes.
    pub(crate) fn identity(&self) -> Form {
        match self {
            Self::Hash { key, .. } if key.is_empty() => Form::Lasting,
            _ => Form::Short,
        }
    }
}

impl SplitKeys {
    /// The way to split that the keys describe.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with the line.
    pub(super) fn check(self, config: &Config, timed: bool, entity: Option<&String>) -> Result<Split> {
        let wrong = |message: &str| Err(config.invalid("clean", "split", message));
        let by = self.by.unwrap_or(match (&self.test_from, &self.column, timed) {
            (Some(_), _, _) => By::Dates,
            (None, Some(_), _) => By::Column,
            (None, None, true) => By::TimeShare,
            (None, None, false) => By::Hash,
        });
        let given = |name: &str| match name {
            "dates" => self.calibration_from.is_some() || self.test_from.is_some(),
            "shares" => self.calibration.is_some() || self.test.is_some(),
            "key" => self.key.is_some() || self.salt.is_some(),
            _ => self.column.is_some(),
        };
        let allowed: &[&str] = match by {
            By::Dates => &["dates"],
            By::TimeShare => &["shares"],
            By::Hash => &["shares", "key"],
            By::Column => &["column"],
        };
        if ["dates", "shares", "key", "column"].iter().any(|k| given(k) && !allowed.contains(k)) {
            return wrong(
                "give the keys of one way only: calibration_from and test_from; or calibration and test (shares); or key, salt and shares; or column",
            );
        }
        if self.gap.is_some() && !matches!(by, By::Dates | By::TimeShare) {
            return wrong(
                "a gap lies between parts that follow one another: it needs a split by dates or by shares of time",
            );
        }
        if matches!(by, By::Dates | By::TimeShare) && !timed {
            return wrong("a split by time needs [project] time");
        }
        let (calibration, test) = (self.calibration.unwrap_or(SHARE), self.test.unwrap_or(SHARE));
        let sound = |share: f64| (0.0..1.0).contains(&share);
        if !sound(calibration) || !sound(test) || test <= 0.0 || calibration + test >= 1.0 {
            return wrong("shares are at least 0, the test part's above 0, and leave something to train on");
        }
        Ok(match by {
            By::Dates => match self.test_from {
                Some(test_from) => Split::Dates {
                    calibration_from: self.calibration_from.map(|m| m.0),
                    test_from: test_from.0,
                    gap: self.gap,
                },
                None => return wrong("a split by dates needs test_from"),
            },
            By::TimeShare => Split::TimeShare { calibration, test, gap: self.gap },
            By::Hash => Split::Hash {
                key: self.key.unwrap_or_else(|| entity.cloned().into_iter().collect()),
                calibration,
                test,
                salt: self.salt.unwrap_or_default(),
            },
            By::Column => match self.column {
                Some(column) => Split::Column { column },
                None => return wrong("a split by column needs column"),
            },
        })
    }
}
