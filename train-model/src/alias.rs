//! Columns that the ones before them determine: linfa-linear fits them with coefficients of 1e12 and
//! reports nothing, so they are found and left out before.

/// Squared share of a column that the ones before it leave unexplained, below which it is aliased.
/// Copies and exact sums leave 1e-30 and less; the most collinear real columns 1e-15 and more.
const ALIASED: f64 = 1e-24;

/// For each column, whether intercept and columns before it determine it.
///
/// Modified Gram-Schmidt on centred columns of unit length, twice (Giraud, Langou, Rozloznik 2005:
/// twice is enough), so that what is left is rounding and not cancellation.
pub(crate) fn find(columns: &[Vec<f64>]) -> Vec<bool> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    columns
        .iter()
        .map(|column| {
            let Some(mut rest) = centred(column) else { return true };
            for _ in 0..2 {
                for direction in &basis {
                    let along = dot(&rest, direction);
                    rest.iter_mut().zip(direction).for_each(|(r, d)| *r -= along * d);
                }
            }
            let left = dot(&rest, &rest);
            if left < ALIASED {
                return true;
            }
            let norm = left.sqrt();
            rest.iter_mut().for_each(|r| *r /= norm);
            basis.push(rest);
            false
        })
        .collect()
}

/// The column less its mean, of unit length; nothing for a constant column.
fn centred(column: &[f64]) -> Option<Vec<f64>> {
    let mut scaled = unit(column)?;
    let mean = scaled.iter().sum::<f64>() / scaled.len() as f64;
    scaled.iter_mut().for_each(|v| *v -= mean);
    // The squared share of the whole that varies: rounding of the mean alone leaves this much.
    if dot(&scaled, &scaled) < ALIASED { None } else { unit(&scaled) }
}

/// Scaled by the largest entry first, so that no square overflows.
fn unit(column: &[f64]) -> Option<Vec<f64>> {
    let largest = column.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if largest == 0.0 {
        return None;
    }
    let mut scaled: Vec<f64> = column.iter().map(|v| v / largest).collect();
    let norm = dot(&scaled, &scaled).sqrt();
    scaled.iter_mut().for_each(|v| *v /= norm);
    Some(scaled)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_sums_and_constants_are_found_and_near_copies_are_not() {
        let a = vec![1.0, 2.0, 4.0, 7.0, 11.0, 16.5];
        let b = vec![3.0, 1.0, 4.0, 1.0, 5.0, 9.0];
        let sum: Vec<f64> = a.iter().zip(&b).map(|(x, y)| x + y).collect();
        let feet: Vec<f64> = a.iter().map(|x| x / 0.3048).collect();
        let mut near = a.clone();
        near[2] += 1e-7;
        let columns = vec![a.clone(), vec![5.0; 6], b, sum, feet, near, vec![0.0; 6]];
        assert_eq!(find(&columns), [false, true, false, true, true, false, true]);
    }
}
