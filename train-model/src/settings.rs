//! Section `[train]`, checked.

use std::collections::BTreeMap;

use common::config::{Config, TargetStatistic, TimeColumns};
use common::error::Result;
use common::{CommonArgs, config, json};
use serde::{Deserialize, Serialize};

use crate::intervals;

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) target: String,
    pub(crate) horizon: u32,
    pub(crate) target_statistic: TargetStatistic,
    /// The column of the features table that holds what is predicted.
    #[serde(skip)]
    pub(crate) target_column: String,
    pub(crate) entity: Option<String>,
    pub(crate) time: Option<TimeColumns>,
    #[serde(flatten)]
    pub(crate) section: Section,
}

/// Section `[train]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Section {
    /// The family.
    pub(crate) model: Family,
    /// What computes least squares.
    pub(crate) solver: Solver,
    /// Whether there is a constant term.
    pub(crate) intercept: bool,
    /// Least number of training rows.
    pub(crate) min_rows: u64,
    /// Terms made of features within the fit.
    pub(crate) terms: Vec<TermKeys>,
    /// Confidence of the coefficients' limits.
    pub(crate) confidence: f64,
    /// Weight of the penalty; chosen by cross-validation where it is not given.
    pub(crate) lambda: Option<f64>,
    /// Share of the absolute penalty in an elastic net.
    pub(crate) l1_ratio: f64,
    /// Penalties tried by cross-validation.
    pub(crate) lambdas: usize,
    /// Parts of the cross-validation.
    pub(crate) folds: u64,
    /// What keeps rows in one fold; time where there is time, else the row.
    pub(crate) fold_by: Option<FoldBy>,
    /// Tweedie: 1 is Poisson, 2 gamma, 3 inverse Gaussian.
    pub(crate) power: f64,
    /// Prediction intervals.
    pub(crate) intervals: intervals::Keys,
}

/// A family of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Family {
    /// Ordinary least squares.
    Ols,
    /// Least squares with squared coefficients penalised.
    Ridge,
    /// Least squares with absolute coefficients penalised.
    Lasso,
    /// Both.
    ElasticNet,
    /// A generalised linear model with a log link.
    Tweedie,
}

/// What computes least squares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Solver {
    /// The exact Gram matrix: every coefficient right to the last bit.
    Exact,
    /// linfa-linear, Householder QR in f64: a second opinion.
    Linfa,
}

/// What keeps rows in one fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FoldBy {
    /// Spans of time of equal length.
    Time,
    /// The entity.
    Entity,
    /// Nothing: each row by a hash of itself.
    Key,
}

/// A term as it is written: a power series, a product or a spline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub(crate) struct TermKeys {
    /// The feature of a polynomial or a spline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<String>,
    /// Highest power; all from 2 on are made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) degree: Option<u16>,
    /// Number of knots of a natural cubic spline, at quantiles of the training rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) knots: Option<u32>,
    /// Two features whose product is a term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) product: Option<Vec<String>>,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            model: Family::Ols,
            solver: Solver::Exact,
            intercept: true,
            min_rows: 30,
            terms: Vec::new(),
            confidence: 0.95,
            lambda: None,
            l1_ratio: 0.5,
            lambdas: 50,
            folds: 5,
            fold_by: None,
            power: 1.0,
            intervals: intervals::Keys::default(),
        }
    }
}

impl Settings {
    /// Reads and checks the configuration.
    pub(crate) fn load(args: &CommonArgs) -> Result<Self> {
        let config = config::load(args)?;
        let project = config.project()?;
        let section: Section = config.section("train")?;
        section.check(&config, project.time.is_some(), project.entity.is_some())?;
        Ok(Self {
            target_column: project.target_column(),
            target: project.target,
            horizon: project.horizon,
            target_statistic: project.target_statistic,
            entity: project.entity,
            time: project.time,
            section,
        })
    }

    /// What keeps rows in one fold.
    pub(crate) fn fold_by(&self) -> FoldBy {
        self.section.fold_by.unwrap_or(if self.time.is_some() { FoldBy::Time } else { FoldBy::Key })
    }

    /// The effective configuration, as `--print-config` shows it.
    pub(crate) fn print(&self) -> Result<String> {
        json::pretty(self)
    }

    /// Settings of the fit by name, for log and model file: those that the family has.
    pub(crate) fn hyperparameters(&self) -> Result<BTreeMap<String, serde_json::Value>> {
        let s = &self.section;
        let mut names = vec!["model", "intercept", "min_rows", "terms"];
        names.extend(match s.model {
            Family::Ols => &["solver", "confidence"][..],
            Family::Ridge | Family::Lasso => &["lambda", "lambdas", "folds"],
            Family::ElasticNet => &["lambda", "lambdas", "folds", "l1_ratio"],
            Family::Tweedie => &["power"],
        });
        let mut all = BTreeMap::new();
        if let serde_json::Value::Object(section) = json::value(s)? {
            all.extend(section.into_iter().filter(|(name, _)| names.contains(&name.as_str())));
        }
        Ok(all)
    }
}

impl Section {
    fn check(&self, config: &Config, timed: bool, grouped: bool) -> Result<()> {
        let wrong = |key: &str, message: &str| Err(config.invalid("train", key, message));
        if self.min_rows < 2 {
            return wrong("min_rows", "is at least 2");
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return wrong("confidence", "lies between 0 and 1");
        }
        if self.lambda.is_some_and(|l| !(l.is_finite() && l >= 0.0)) {
            return wrong("lambda", "is a number of at least 0");
        }
        if !(0.0..=1.0).contains(&self.l1_ratio) {
            return wrong("l1_ratio", "lies between 0 and 1");
        }
        if !(2..=1000).contains(&self.lambdas) {
            return wrong("lambdas", "is between 2 and 1000");
        }
        if !(2..=100).contains(&self.folds) {
            return wrong("folds", "is between 2 and 100");
        }
        match self.fold_by {
            Some(FoldBy::Time) if !timed => return wrong("fold_by", "time needs [project] time"),
            Some(FoldBy::Entity) if !grouped => return wrong("fold_by", "entity needs [project] entity"),
            _ => {}
        }
        if ![1.0, 2.0, 3.0].iter().any(|p| (self.power - p).abs() < f64::EPSILON) {
            return wrong("power", "is 1 (Poisson), 2 (gamma) or 3 (inverse Gaussian)");
        }
        let in_memory = self.model == Family::Tweedie || self.solver == Solver::Linfa;
        if in_memory && !self.terms.is_empty() {
            return wrong("terms", "need the exact solver and a model of least squares");
        }
        if in_memory && !self.intercept {
            return wrong("intercept", "cannot be left out with linfa");
        }
        let exact_ols = self.model == Family::Ols && self.solver == Solver::Exact;
        self.intervals.check(exact_ols).or_else(|message| wrong("intervals", &message))?;
        for term in &self.terms {
            term.check().or_else(|message| wrong("terms", &message))?;
        }
        Ok(())
    }
}

impl TermKeys {
    fn check(&self) -> std::result::Result<(), String> {
        match (&self.column, self.degree, self.knots, &self.product) {
            (Some(_), Some(degree), None, None) if (2..=64).contains(&degree) => Ok(()),
            (Some(_), None, Some(knots), None) if (3..=50).contains(&knots) => Ok(()),
            (None, None, None, Some(both)) if both.len() == 2 => Ok(()),
            _ => Err("a term is { column, degree } with a degree of 2 to 64, { column, knots } with 3 to 50 knots, or { product = [a, b] }".to_owned()),
        }
    }
}
