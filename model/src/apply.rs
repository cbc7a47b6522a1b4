//! Applying a model to rows.

use exact::Dd;

use crate::form::{Link, Model};

impl Model {
    /// Predictions for rows given by column, matched by position to `features`.
    ///
    /// `columns` holds one slice a feature, all of one length n, without missing values; the result
    /// has length n, in units of the target. The sum runs in the order of the coefficients, so that
    /// plain code in any language gives the same bits for a model without terms.
    #[must_use]
    pub fn predict(&self, columns: &[&[f64]]) -> Vec<f64> {
        let mut values =
            if self.terms.is_empty() { self.in_f64(columns) } else { self.in_double_double(columns) };
        if self.link == Link::Log {
            values.iter_mut().for_each(|v| *v = v.exp());
        }
        values
    }

    fn in_f64(&self, columns: &[&[f64]]) -> Vec<f64> {
        let rows = columns.first().map_or(0, |c| c.len());
        let mut out = vec![self.linear.intercept; rows];
        for (column, coefficient) in columns.iter().zip(&self.linear.coefficients) {
            for (sum, x) in out.iter_mut().zip(*column) {
                *sum += coefficient * x;
            }
        }
        out
    }

    /// Terms of a high power cancel: their sum needs the digits that f64 does not have.
    fn in_double_double(&self, columns: &[&[f64]]) -> Vec<f64> {
        let linear = &self.linear;
        let low = |j: usize| linear.coefficients_low.get(j).copied().unwrap_or(0.0);
        let coefficients: Vec<Dd> =
            linear.coefficients.iter().enumerate().map(|(j, hi)| Dd::from_sum(*hi, low(j))).collect();
        let intercept = Dd::from_sum(linear.intercept, linear.intercept_low);
        let places: Vec<Option<u32>> = self.features.iter().map(|f| self.decimals.get(f).copied()).collect();
        let position = |name: &str| self.features.iter().position(|f| f == name);
        let operands: Vec<Vec<usize>> =
            self.terms.iter().map(|t| t.columns().into_iter().filter_map(position).collect()).collect();
        let rows = columns.first().map_or(0, |c| c.len());
        let row = |i: usize| {
            let mut values: Vec<Dd> = columns.iter().zip(&places).map(|(c, k)| exactly(c[i], *k)).collect();
            for (term, of) in self.terms.iter().zip(&operands) {
                let inputs: Vec<Dd> = of.iter().map(|j| values[*j]).collect();
                values.push(term.value(&inputs));
            }
            values.iter().zip(&coefficients).fold(intercept, |sum, (x, b)| sum + *b * *x).to_f64()
        };
        (0..rows).map(row).collect()
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
