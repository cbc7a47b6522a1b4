/// The length of blocks that makes the circular block bootstrap's estimate of the variance of a mean best in mean
/// square: Politis and White 2004, with the constants as corrected by Patton, Politis and White 2009. From 1 to
/// `min(3 sqrt(n), n / 3)`, not rounded.
///
/// The bandwidth is twice the first lag from which five autocorrelations in a row are within
/// `2 sqrt(log10(n) / n)`, as in the Python package `arch`; the flat-top kernel is that of Politis and Romano 1995.
pub(crate) fn block_length(series: &[f64]) -> f64 {
    let n = series.len();
    if n < 4 {
        return 1.0;
    }
    let count = n as f64;
    let mean = series.iter().sum::<f64>() / count;
    let centred: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let covariances = covariances(&centred, most_lags(n));
    let bandwidth = bandwidth(&centred, &covariances);
    let (mut slope, mut long_run) = (0.0, covariances.first().copied().unwrap_or(0.0));
    for (lag, covariance) in covariances.iter().enumerate().take(bandwidth + 1).skip(1) {
        let share = lag as f64 / bandwidth as f64;
        let weight = if share <= 0.5 { 1.0 } else { 2.0 * (1.0 - share) };
        slope += 2.0 * weight * lag as f64 * covariance;
        long_run += 2.0 * weight * covariance;
    }
    let ratio = slope / long_run;
    let best = (1.5 * ratio * ratio * count).cbrt();
    let longest = (3.0 * count.sqrt()).min(count / 3.0).ceil();
    if best.is_finite() { best.clamp(1.0, longest) } else { 1.0 }
}

/// Autocorrelations in a row that must be small.
const QUIET: usize = 5;

fn most_lags(n: usize) -> usize {
    let root = n.isqrt();
    let up = if root * root == n { root } else { root + 1 };
    (up + QUIET).min(n - 2)
}

fn covariances(centred: &[f64], lags: usize) -> Vec<f64> {
    let n = centred.len();
    let product = |lag: usize| centred[lag..].iter().zip(centred).map(|(a, b)| a * b).sum::<f64>();
    (0..=lags).map(|lag| product(lag) / n as f64).collect()
}

fn bandwidth(centred: &[f64], covariances: &[f64]) -> usize {
    let n = centred.len();
    let limit = 2.0 * ((n as f64).log10() / n as f64).sqrt();
    let squares = |part: &[f64]| part.iter().map(|value| value * value).sum::<f64>();
    let small = |lag: usize| {
        let norm = (squares(&centred[lag + 1..]) * squares(&centred[..n - lag - 1])).sqrt();
        (covariances[lag] * n as f64).abs() < limit * norm
    };
    let small: Vec<bool> = (0..covariances.len()).map(small).collect();
    let most = covariances.len() - 1;
    let quiet = |&lag: &usize| small[lag..lag + QUIET].iter().all(|s| *s);
    let first = (1..=most.saturating_sub(QUIET)).find(quiet);
    first.map_or(most, |lag| (2 * lag).min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `optimal_block_length(series)["circular"]` of arch 8.0.0.
    #[test]
    fn as_arch() {
        let trend: Vec<f64> = (0..120)
            .map(|k| f64::from(k * k * 13 % 29) / 4.0 + f64::from(k % 20) / 2.0 + f64::from(k / 10))
            .collect();
        let cubes: Vec<f64> = (0..200_i64).map(|k| ((k * k * k * 13 + 7 * k) % 31) as f64).collect();
        let walk: Vec<f64> = (0..50).map(|k| f64::from(k * 37 % 101)).collect();
        for (series, expected) in [(trend, 14.710_185), (cubes, 8.509_758), (walk, 17.0)] {
            let found = block_length(&series);
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }

    #[test]
    fn short_or_constant_series_have_blocks_of_one() {
        assert!(
            [&[][..], &[1.0, 2.0, 3.0], &[5.0; 40]]
                .iter()
                .all(|series| (block_length(series) - 1.0).abs() < 1e-15)
        );
        assert!(block_length(&[f64::MAX, 0.0, f64::MAX, -1.0, f64::NAN, 3.0]).is_finite());
    }
}
