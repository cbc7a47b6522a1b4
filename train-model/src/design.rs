//! The columns of the fit: features, and terms made of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use common::error::{Class, Error, Result};
use common::text;
use exact::gram::{Block, Column, Variable};
use exact::{Dd, Parts, decimal};
use model::Term;
use serde::{Deserialize, Serialize};

/// A column of the features table that takes part in the fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feature {
    pub(crate) name: String,
    /// Places after the point, where it is declared a decimal.
    pub(crate) decimals: Option<u32>,
}

/// Features and terms in the order of the coefficients, and the target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Design {
    pub(crate) features: Vec<Feature>,
    pub(crate) terms: Vec<Term>,
    pub(crate) target: Feature,
}

/// Rows as numbers: one vector a feature, and the target; all of one length, none missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) features: Vec<Vec<f64>>,
    pub(crate) target: Vec<f64>,
}

impl Numbers {
    /// The rows that `wanted` marks.
    pub(crate) fn picked(&self, wanted: &[bool]) -> Self {
        let column = |values: &Vec<f64>| {
            values.iter().zip(wanted).filter(|(_, wanted)| **wanted).map(|(v, _)| *v).collect()
        };
        Self { features: self.features.iter().map(column).collect(), target: column(&self.target) }
    }

    /// The features, column by column.
    pub(crate) fn columns(&self) -> Vec<&[f64]> {
        self.features.iter().map(Vec::as_slice).collect()
    }
}

impl Design {
    /// Names of all coefficients but the intercept.
    pub(crate) fn names(&self) -> Vec<String> {
        self.features.iter().map(|f| f.name.clone()).chain(self.terms.iter().map(Term::name)).collect()
    }

    /// Names of the features.
    pub(crate) fn feature_names(&self) -> Vec<String> {
        self.features.iter().map(|f| f.name.clone()).collect()
    }

    /// Places after the point of the features that are declared decimals.
    pub(crate) fn decimals(&self) -> BTreeMap<String, u32> {
        self.features.iter().filter_map(|f| Some((f.name.clone(), f.decimals?))).collect()
    }

    /// The columns of the Gram matrix: predictors and target.
    pub(crate) fn variables(&self) -> (Vec<Variable>, Variable) {
        let of = |f: &Feature| f.decimals.map_or(Variable::float(&f.name), |k| Variable::decimal(&f.name, k));
        let term = |t: &Term| Variable::decimal(t.name(), self.places(t));
        (self.features.iter().map(of).chain(self.terms.iter().map(term)).collect(), of(&self.target))
    }

    /// Calls `add` with the rows as a block.
    pub(crate) fn with_block<T>(&self, numbers: &Numbers, add: impl FnOnce(&Block<'_>) -> T) -> Result<T> {
        let counted: Vec<Cow<'_, [f64]>> = self
            .features
            .iter()
            .zip(&numbers.features)
            .map(|(f, values)| units(f, values))
            .collect::<Result<_>>()?;
        let target = units(&self.target, &numbers.target)?;
        let terms = self.terms.iter().map(|term| self.term(term, numbers, &counted)).collect::<Vec<_>>();
        let features = counted.iter().map(|values| Column::from(&**values));
        let predictors = features.chain(terms.iter().map(Column::from)).collect();
        Ok(add(&Block::new(predictors, Column::from(&*target))))
    }

    /// A term's column. Powers and products of decimals are made of their integers, so that they are
    /// exact as long as 106 bits hold them; splines are made of the values.
    fn term(&self, term: &Term, numbers: &Numbers, counted: &[Cow<'_, [f64]>]) -> Parts {
        let position = |name: &str| self.features.iter().position(|f| f.name == name);
        let as_is = matches!(term, Term::Spline { .. });
        let column = |j: usize| if as_is { numbers.features[j].as_slice() } else { &counted[j] };
        let columns: Vec<&[f64]> = term.columns().into_iter().filter_map(position).map(column).collect();
        let rows = 0..numbers.target.len();
        Parts::from_dd(rows.map(|i| {
            let values: Vec<Dd> = columns.iter().map(|c| Dd::from(c[i])).collect();
            term.value(&values)
        }))
    }

    /// The power of ten that a term is counted in.
    fn places(&self, term: &Term) -> u32 {
        let of =
            |name: &str| self.features.iter().find(|f| f.name == name).and_then(|f| f.decimals).unwrap_or(0);
        match term {
            Term::Power { column, exponent } => of(column) * u32::from(*exponent),
            Term::Product { left, right } => of(left) + of(right),
            Term::Spline { .. } => 0,
        }
    }
}

/// The values in units of the declared decimal place; as they are where none is declared.
fn units<'a>(feature: &Feature, values: &'a [f64]) -> Result<Cow<'a, [f64]>> {
    let Some(places) = feature.decimals else { return Ok(Cow::Borrowed(values)) };
    decimal::integers(values, places).map(Cow::Owned).map_err(|e| {
        Error::new(
            Class::Schema,
            format!(
                "column {} is declared a decimal of {places} places and holds {:?}",
                text::name(&feature.name),
                e.value
            ),
        )
    })
}
