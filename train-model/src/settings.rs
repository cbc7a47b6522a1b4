//! Section `[train]`, checked.

mod family;

use std::collections::BTreeMap;
use std::rc::Rc;

use common::config::{Config, TargetStatistic, TimeColumns};
use common::error::Result;
use common::{CommonArgs, config, json, text};
use serde::{Deserialize, Serialize};

use crate::intervals;

pub(crate) use family::{Direction, Family, FoldBy, Solver};

/// Everything of the configuration that affects the bytes of this stage.
#[derive(Clone, Serialize)]
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
    /// For messages about values that only the data show to be wrong.
    #[serde(skip)]
    config: Rc<Config>,
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
    /// Boosted: how much effort goes into the fit.
    pub(crate) budget: f64,
    /// Boosted: features that predictions may only rise or fall with.
    pub(crate) monotone: BTreeMap<String, Direction>,
    /// Boosted: gigabytes that the fit may take.
    pub(crate) memory_limit: f64,
    /// Auto: the families to compare, the simplest first.
    pub(crate) candidates: Vec<Family>,
    /// Prediction intervals.
    pub(crate) intervals: intervals::Keys,
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
            budget: 1.0,
            monotone: BTreeMap::new(),
            memory_limit: 1.0,
            candidates: vec![Family::Ols, Family::Ridge, Family::Boosted],
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
            config: Rc::new(config),
        })
    }

    /// The same settings with another family, as one of the candidates of `auto`.
    pub(crate) fn with_model(&self, model: Family) -> Self {
        Self { section: Section { model, ..self.section.clone() }, ..self.clone() }
    }

    /// The families that may be fitted.
    pub(crate) fn families(&self) -> &[Family] {
        match &self.section.model {
            Family::Auto => &self.section.candidates,
            one => std::slice::from_ref(one),
        }
    }

    /// Refuses a `[train] monotone` that names what is no feature.
    pub(crate) fn check_monotone<'a>(&self, features: impl Iterator<Item = &'a str> + Clone) -> Result<()> {
        match self.section.monotone.keys().find(|name| !features.clone().any(|f| f == *name)) {
            None => Ok(()),
            Some(name) => {
                let near = text::did_you_mean(name, features);
                let message = format!("monotone names {}, which is no feature{near}", text::name(name));
                Err(self.config.invalid_near("train", "monotone", name, &message))
            }
        }
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
            Family::Boosted => &["budget", "monotone", "memory_limit"],
            Family::Auto => &["candidates"],
        });
        if s.model == Family::Boosted {
            names.retain(|name| !["intercept", "terms"].contains(name));
        }
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
        if !(self.budget > 0.0 && self.budget <= 3.0) {
            return wrong("budget", "lies above 0, at most 3");
        }
        if !(self.memory_limit >= 0.1 && self.memory_limit <= 1000.0) {
            return wrong("memory_limit", "is a number of gigabytes from 0.1 to 1000");
        }
        if self.model != Family::Boosted && !self.monotone.is_empty() {
            return wrong("monotone", "needs model = \"boosted\": no other family keeps to it");
        }
        if self.model == Family::Boosted && !self.terms.is_empty() {
            return wrong(
                "terms",
                "are for models of least squares; trees find powers and products themselves",
            );
        }
        self.check_candidates().or_else(|message| wrong("candidates", message))?;
        if self.solver == Solver::Linfa && matches!(self.model, Family::Boosted | Family::Auto) {
            return wrong("solver", "linfa is for ols");
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

impl Section {
    fn check_candidates(&self) -> std::result::Result<(), &'static str> {
        let all = &self.candidates;
        if all.len() < 2 || all.iter().enumerate().any(|(i, family)| all[..i].contains(family)) {
            return Err("needs two families or more, none twice");
        }
        if all.iter().any(|family| matches!(family, Family::Auto | Family::Tweedie)) {
            return Err("are families of least squares or \"boosted\"");
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
