//! The linear function.

use std::collections::{BTreeMap, HashMap, HashSet};

use exact::Dd;
use serde::{Deserialize, Serialize};

use crate::terms::Term;

/// A linear function: `intercept + sum of coefficient times column`, over features and then terms, summed
/// in this order.
///
/// Without terms it is evaluated in f64. With terms, which may cancel, it is evaluated in double-double,
/// and the `_low` parts are what the f64 coefficients leave of the exact ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// Terms made of features, whose coefficients follow those of the features.
    pub terms: Vec<Term>,
    /// What turns the function's value into the prediction.
    pub link: Link,
    /// In units of the target; 0 for a fit without intercept.
    pub intercept: f64,
    /// In units of the target per unit of the column, one for each feature and term.
    pub coefficients: Vec<f64>,
    /// What f64 leaves of the intercept.
    pub intercept_low: f64,
    /// What f64 leaves of the coefficients; empty where it is not known.
    pub coefficients_low: Vec<f64>,
    /// Columns that the ones before them determine: left out, coefficient 0.
    pub aliased: Vec<String>,
}

/// What turns the value of the linear function into the prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Nothing.
    #[default]
    Identity,
    /// The prediction is `exp(value)`.
    Log,
}

impl Linear {
    /// Refuses one that is not sound over `features`.
    pub(crate) fn check(&self, features: &[String]) -> Result<(), String> {
        let (columns, coefficients) = (features.len() + self.terms.len(), self.coefficients.len());
        if columns != coefficients {
            return Err(format!("{columns} features and terms, {coefficients} coefficients"));
        }
        if ![0, coefficients].contains(&self.coefficients_low.len()) {
            return Err("the second halves of the coefficients are of another number".to_owned());
        }
        let known: HashSet<&str> = features.iter().map(String::as_str).collect();
        self.terms.iter().try_for_each(|term| term.check(&known))?;
        let numbers = self.coefficients.iter().chain(&self.coefficients_low);
        if numbers.chain([&self.intercept, &self.intercept_low]).any(|v| !v.is_finite()) {
            return Err("a coefficient is not finite".to_owned());
        }
        let terms: HashSet<String> = self.terms.iter().map(Term::name).collect();
        match self.aliased.iter().find(|a| !known.contains(a.as_str()) && !terms.contains(*a)) {
            Some(name) => Err(format!("left out {}, which is no column", common::text::name(name))),
            None => Ok(()),
        }
    }

    /// As [`crate::Model::predict`]. The sum runs in the order of the coefficients, so that plain code in any
    /// language gives the same bits for a function without terms.
    pub(crate) fn predict(
        &self,
        features: &[String],
        decimals: &BTreeMap<String, u32>,
        columns: &[&[f64]],
    ) -> Vec<f64> {
        let mut values = if self.terms.is_empty() {
            self.in_f64(columns)
        } else {
            self.in_double_double(features, decimals, columns)
        };
        if self.link == Link::Log {
            values.iter_mut().for_each(|v| *v = v.exp());
        }
        values
    }

    /// The value of a function without terms, before the link.
    pub(crate) fn in_f64(&self, columns: &[&[f64]]) -> Vec<f64> {
        let rows = columns.first().map_or(0, |c| c.len());
        let mut out = vec![self.intercept; rows];
        for (column, coefficient) in columns.iter().zip(&self.coefficients) {
            for (sum, x) in out.iter_mut().zip(*column) {
                *sum += coefficient * x;
            }
        }
        out
    }

    /// Terms of a high power cancel: their sum needs the digits that f64 does not have.
    fn in_double_double(
        &self,
        features: &[String],
        decimals: &BTreeMap<String, u32>,
        columns: &[&[f64]],
    ) -> Vec<f64> {
        let low = |j: usize| self.coefficients_low.get(j).copied().unwrap_or(0.0);
        let coefficients: Vec<Dd> =
            self.coefficients.iter().enumerate().map(|(j, hi)| Dd::from_sum(*hi, low(j))).collect();
        let intercept = Dd::from_sum(self.intercept, self.intercept_low);
        let design = self.design(features, decimals, columns);
        let rows = columns.first().map_or(0, |c| c.len());
        let row = |i: usize| {
            design(i).iter().zip(&coefficients).fold(intercept, |sum, (x, b)| sum + *b * *x).to_f64()
        };
        (0..rows).map(row).collect()
    }

    /// The columns of the function in row `i`: features, then terms.
    pub(crate) fn design<'a>(
        &'a self,
        features: &[String],
        decimals: &BTreeMap<String, u32>,
        columns: &'a [&'a [f64]],
    ) -> impl Fn(usize) -> Vec<Dd> + 'a {
        let places: Vec<Option<u32>> = features.iter().map(|f| decimals.get(f).copied()).collect();
        let at: HashMap<&str, usize> = features.iter().enumerate().map(|(j, f)| (f.as_str(), j)).collect();
        let position = |name: &str| at.get(name).copied();
        let operands: Vec<Vec<usize>> =
            self.terms.iter().map(|t| t.columns().into_iter().filter_map(position).collect()).collect();
        move |i| {
            let mut values: Vec<Dd> = columns.iter().zip(&places).map(|(c, k)| exactly(c[i], *k)).collect();
            for (term, of) in self.terms.iter().zip(&operands) {
                let inputs: Vec<Dd> = of.iter().map(|j| values[*j]).collect();
                values.push(term.value(&inputs));
            }
            values
        }
    }
}

/// The decimal that an f64 stands for where so many places are declared, else the f64 itself.
fn exactly(value: f64, places: Option<u32>) -> Dd {
    let Some(places) = places else { return Dd::from(value) };
    let unit = 10_f64.powi(places.cast_signed());
    let count = (value * unit).round();
    // A value that is no such decimal (new data) is taken as it is.
    if (count / unit).to_bits() == (value + 0.0).to_bits() { Dd::from(count) / unit } else { Dd::from(value) }
}
