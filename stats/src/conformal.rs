use crate::{OrderStatistics, Reason, Value};

/// The rank, from 1, of the score that bounds a share `level` of new scores: `ceil((m + 1) level)`, where `m`
/// scores are known (Vovk, Gammerman, Shafer 2005; Lei et al. 2018). It may be `m + 1`, which no score has.
///
/// A level stands for the decimal that a person wrote: 100 times 0.07 is 7, though in `f64` it is a little more.
#[must_use]
pub fn conformal_rank(m: u64, level: f64) -> u64 {
    let product = (m as f64 + 1.0) * level;
    let whole = product.round();
    let near = (product - whole).abs() <= 2.0 * f64::EPSILON * product;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of rows"
    )]
    let rank = if near { whole } else { product.ceil() } as u64;
    rank
}

/// The fewest known scores that have one of this rank: `level / (1 - level)`, rounded up.
#[must_use]
pub fn conformal_rows(level: f64) -> u64 {
    let ratio = level / (1.0 - level);
    let whole = ratio.round();
    let near = (ratio - whole).abs() <= 1e-9 * ratio;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0; saturates")]
    let rows = if near { whole } else { ratio.ceil() } as u64;
    rows.max(1)
}

/// The score of that rank: of a new score, exchangeable with the known ones, it is the bound with a probability
/// of at least `level`, and at most `level + 1 / (m + 1)` where no two are equal. In the unit of the scores.
///
/// # Errors
/// [`Reason::NoRows`] without scores, [`Reason::TooFewRows`] where the rank exceeds their number,
/// [`Reason::OutOfRange`] for a level outside 0 to 1.
pub fn conformal_quantile<O: OrderStatistics>(scores: &mut O, level: f64) -> Value {
    if !(level > 0.0 && level < 1.0) {
        return Err(Reason::OutOfRange);
    }
    let m = scores.n();
    match (m, conformal_rank(m, level)) {
        (0, _) => Err(Reason::NoRows),
        (m, rank) if rank > m => Err(Reason::TooFewRows),
        (_, rank) => scores.order_statistic(rank.max(1) - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Quantiles;

    #[test]
    fn a_rank_is_that_of_the_decimal_level() {
        for (m, level, rank) in [
            (9, 0.9, 9),
            (19, 0.9, 18),
            (19, 0.95, 19),
            (4, 0.8, 4),
            (3, 0.8, 4),
            // In f64 these products are 7.000000000000001 and 28.999999999999996.
            (99, 0.07, 7),
            (99, 0.29, 29),
            (99, 0.291, 30),
            (999_999, 0.9, 900_000),
            (0, 0.5, 1),
        ] {
            assert_eq!(conformal_rank(m, level), rank, "{m} {level}");
        }
    }

    #[test]
    fn the_fewest_rows_are_those_that_have_the_rank() {
        for level in [0.05, 0.5, 0.8, 0.9, 0.91, 0.95, 0.99, 0.995, 0.999] {
            let rows = conformal_rows(level);
            assert!(conformal_rank(rows, level) <= rows, "{level}");
            assert!(rows == 1 || conformal_rank(rows - 1, level) > rows - 1, "{level}");
        }
    }

    #[test]
    fn the_quantile_is_an_order_statistic_or_missing() {
        let mut scores = Quantiles::new();
        assert_eq!(conformal_quantile(&mut scores, 0.5), Err(Reason::NoRows));
        scores.extend(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!(conformal_quantile(&mut scores, 0.8), Ok(4.0));
        assert_eq!(conformal_quantile(&mut scores, 0.6), Ok(3.0));
        assert_eq!(conformal_quantile(&mut scores, 0.61), Ok(4.0));
        assert_eq!(conformal_quantile(&mut scores, 0.81), Err(Reason::TooFewRows));
        assert_eq!(conformal_quantile(&mut scores, 1.0), Err(Reason::OutOfRange));
    }
}
