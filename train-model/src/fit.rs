//! Ordinary least squares by linfa-linear.

use common::error::{Error, Result};
use common::text;
use linfa::Dataset;
use linfa::traits::Fit as _;
use linfa_linear::LinearRegression;
use model::Linear;
use ndarray::{Array1, Array2};

use crate::alias;
use crate::rows::Rows;

/// Fits the target on all features that the ones before them do not determine.
pub(crate) fn ols(rows: &Rows) -> Result<Linear> {
    let aliased = alias::find(&rows.features);
    let kept: Vec<usize> = (0..rows.names.len()).filter(|j| !aliased[*j]).collect();
    let left_out: Vec<String> = rows.names.iter().zip(&aliased).filter(|(_, a)| **a).map(|(n, _)| n.clone()).collect();
    if !left_out.is_empty() {
        log::warn!("left out, since constant or determined by the features before: {}", text::names(&left_out));
    }
    let n = rows.target.len();
    if kept.is_empty() {
        let intercept = rows.target.iter().sum::<f64>() / n as f64;
        return Ok(Linear { intercept, coefficients: vec![0.0; rows.names.len()], aliased: left_out });
    }
    let matrix = Array2::from_shape_fn((n, kept.len()), |(i, j)| rows.features[kept[j]][i]);
    let target = Array1::from_vec(rows.target.clone());
    let fitted = LinearRegression::new()
        .fit(&Dataset::new(matrix, target))
        .map_err(|e| Error::unexpected(format!("the fit failed: {e}")))?;
    let mut coefficients = vec![0.0; rows.names.len()];
    for (j, coefficient) in kept.iter().zip(fitted.params()) {
        coefficients[*j] = *coefficient;
    }
    Ok(Linear { intercept: fitted.intercept(), coefficients, aliased: left_out })
}
