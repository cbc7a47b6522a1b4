//! Section `[clean]`, checked.

use std::collections::BTreeMap;

use common::config::{Config, Scalar, TimeColumns};
use common::error::Result;
use common::project::names;
use common::schema::Contract;
use common::{CommonArgs, config, hash, json, text};
use serde::{Deserialize, Serialize};

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settings {
    /// Column whose value is predicted: never filled.
    pub(crate) target: String,
    /// Column of the group.
    pub(crate) entity: Option<String>,
    /// Columns of the time.
    pub(crate) time: Option<TimeColumns>,
    /// How rows are split.
    pub(crate) split: Split,
    /// What happens to rows that are equal in every cell.
    pub(crate) duplicates: Duplicates,
    /// What missing cells are filled with.
    pub(crate) fill: Fill,
    /// What happens where the data are not what `clean.lock` accepted.
    pub(crate) accepted: OnChange,
    /// How many times more rows, or fewer, are a change.
    pub(crate) accepted_rows_factor: f64,
    /// SHA-256 of `schema.json`, where there is one.
    pub(crate) schema_sha256: Option<String>,
    /// The contract it holds.
    #[serde(skip)]
    pub(crate) contract: Option<Contract>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Section {
    split: Option<SplitKeys>,
    duplicates: Duplicates,
    fill: Fill,
    accepted: OnChange,
    accepted_rows_factor: Option<f64>,
}

/// How many times more rows, or fewer, are a change where nothing else is asked for.
const ROWS_FACTOR: f64 = 2.0;

/// What happens where the data are not what was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnChange {
    /// The stage ends.
    #[default]
    Error,
    /// It is logged and stands in the manifest.
    Warn,
}

/// What happens to rows that are equal in every cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Duplicates {
    /// The first stays.
    #[default]
    Drop,
    /// All stay.
    Keep,
    /// They break the contract.
    Error,
}

/// What missing cells are filled with: values learned from training rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Fill {
    /// Numbers.
    pub(crate) number: Method,
    /// Text and truth values.
    pub(crate) text: Method,
    /// Single columns, by name.
    pub(crate) columns: BTreeMap<String, Method>,
}

impl Default for Fill {
    fn default() -> Self {
        Self { number: Method::Median, text: Method::Mode, columns: BTreeMap::new() }
    }
}

/// How a fill value is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    /// Median of the numbers.
    Median,
    /// Mean of the numbers.
    Mean,
    /// Most frequent value, the first in byte order among equals.
    Mode,
    /// Missing cells stay missing.
    None,
}

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
    },
    /// By a share of the distinct times: for a first look, since new rows move its limits.
    TimeShare {
        /// Share of the calibration part.
        calibration: f64,
        /// Share of the test part.
        test: f64,
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
struct SplitKeys {
    by: Option<By>,
    calibration_from: Option<Scalar>,
    test_from: Option<Scalar>,
    calibration: Option<f64>,
    test: Option<f64>,
    key: Option<Vec<String>>,
    salt: Option<String>,
    column: Option<String>,
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

impl Settings {
    /// Reads and checks the configuration and the contract.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line.
    pub(crate) fn load(args: &CommonArgs) -> Result<Self> {
        let config = config::load(args)?;
        let project = config.project()?;
        let section: Section = config.section("clean")?;
        let keys =
            project.entity.iter().map(String::as_str).chain(project.time.iter().flat_map(TimeColumns::iter));
        if let Some(column) =
            keys.chain([project.target.as_str()]).find(|c| section.fill.columns.contains_key(*c))
        {
            let message = format!("{} is the target or a key, which is never filled", text::name(column));
            return Err(config.invalid("clean", "fill", &message));
        }
        let accepted_rows_factor = section.accepted_rows_factor.unwrap_or(ROWS_FACTOR);
        if !accepted_rows_factor.is_finite() || accepted_rows_factor < 1.0 {
            return Err(config.invalid("clean", "accepted_rows_factor", "a number of at least 1"));
        }
        let schema = args.project().path(names::SCHEMA);
        let contract = Contract::read(&schema)?;
        let timed = project.time.is_some();
        let split = section.split.unwrap_or_default().check(&config, timed, project.entity.as_ref())?;
        let schema_sha256 = std::fs::read(&schema).ok().map(|bytes| hash::hex(&bytes));
        Ok(Self {
            target: project.target,
            entity: project.entity,
            time: project.time,
            split,
            duplicates: section.duplicates,
            fill: section.fill,
            accepted: section.accepted,
            accepted_rows_factor,
            schema_sha256,
            contract,
        })
    }

    /// The effective configuration, as `--print-config` shows it.
    ///
    /// # Errors
    /// If it has no JSON form.
    pub(crate) fn print(&self) -> Result<String> {
        json::pretty(self)
    }
}

impl SplitKeys {
    fn check(self, config: &Config, timed: bool, entity: Option<&String>) -> Result<Split> {
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
                },
                None => return wrong("a split by dates needs test_from"),
            },
            By::TimeShare => Split::TimeShare { calibration, test },
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
