//! What every family of models has in common: it learns a function of rows.

use std::borrow::Cow;

use common::error::Result;
use log::Level;
use model::Function;
use serde_json::Value;

use crate::boosted::Boosted;
use crate::by_linfa;
use crate::design::Design;
use crate::learn::Learned;
use crate::least_squares;
use crate::rows::Rows;
use crate::settings::{Family, Settings, Solver};

/// A fitted function with what is known of it. Predicting and saving are those of the function.
pub(crate) struct Fitted {
    pub(crate) function: Function,
    /// Every statistic of the fit, for the model file.
    pub(crate) statistics: Value,
    /// What is worth a line in the log, if this is the fit that is kept.
    pub(crate) notes: Vec<(Level, String)>,
}

impl Fitted {
    /// Writes the notes.
    pub(crate) fn log(&self) {
        for (level, note) in &self.notes {
            log::log!(*level, "{note}");
        }
    }
}

/// What a learner may learn from: the same rows as exact sums and, for those that ask, one by one.
pub(crate) struct Data<'a> {
    pub(crate) design: &'a Design,
    /// Exact sums, by fold where a penalty is to be chosen.
    pub(crate) learned: &'a Learned,
    read: &'a dyn Fn() -> Result<Cow<'a, Rows>>,
}

impl<'a> Data<'a> {
    /// `read` gives the rows, in an order that does not depend on that of the table.
    pub(crate) fn new(
        design: &'a Design,
        learned: &'a Learned,
        read: &'a dyn Fn() -> Result<Cow<'a, Rows>>,
    ) -> Self {
        Self { design, learned, read }
    }

    /// The rows, none missing a number.
    pub(crate) fn rows(&self) -> Result<Cow<'a, Rows>> {
        (self.read)()
    }
}

/// A family of models with its settings.
pub(crate) trait Learner {
    /// Fits a function to all rows.
    ///
    /// # Errors
    /// [`common::Class::Rows`] where there are too few rows for this family, else as the class says.
    fn fit(&self, data: &Data<'_>) -> Result<Fitted>;
}

/// The learner of `[train] model`, which is not `auto`.
pub(crate) fn of(settings: &Settings) -> Box<dyn Learner + '_> {
    match (settings.section.model, settings.section.solver) {
        (Family::Boosted, _) => Box::new(Boosted::new(settings)),
        (Family::Tweedie, _) | (Family::Ols, Solver::Linfa) => Box::new(ByLinfa(settings)),
        _ => Box::new(LeastSquares(settings)),
    }
}

/// The exact family.
struct LeastSquares<'a>(&'a Settings);

impl Learner for LeastSquares<'_> {
    fn fit(&self, data: &Data<'_>) -> Result<Fitted> {
        least_squares::fit(&self.0.section, &data.design.terms, data.learned)
    }
}

/// The fits by linfa.
struct ByLinfa<'a>(&'a Settings);

impl Learner for ByLinfa<'_> {
    fn fit(&self, data: &Data<'_>) -> Result<Fitted> {
        let (names, rows) = (data.design.names(), data.rows()?);
        match self.0.section.model {
            Family::Tweedie => by_linfa::tweedie(&names, &rows.numbers, self.0.section.power),
            _ => by_linfa::ols(&names, &rows.numbers),
        }
    }
}
