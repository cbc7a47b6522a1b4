//! Mean, standard deviation and lag-1 autocorrelation of the nine univariate data sets, to 15 digits.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::excessive_precision,
    clippy::missing_panics_doc,
    clippy::precedence,
    clippy::doc_markdown,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "tests compare bits, and each uses its part of the support"
)]

mod support;

use exact::Sum;
use support::nist::{Table, certified, folder, lre};

#[test]
fn every_certified_number_of_the_univariate_sets() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(folder.join("univariate"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "csv"))
        .collect();
    files.sort();
    for path in files {
        let (y, places) = Table::read(&path).decimals("y");
        let truth = certified(&path.with_extension("certified.json"));
        let exact = &truth["recomputed_40_digits"];
        let n = y.len() as f64;
        let sum: Sum = y.iter().copied().collect();
        let (mut squares, mut lagged) = (Sum::new(), Sum::new());
        for v in &y {
            squares.add_product(*v, *v);
        }
        y.windows(2).for_each(|pair| lagged.add_product(pair[0], pair[1]));
        let unit = exact::Dd::power_of_ten(places as i32);

        // n^2 times the sum of squares about the mean, and the same for the products of neighbours.
        let mut about = squares.times(n).times(n);
        about.subtract(&sum.product(&sum).times(n));
        let ends: Sum = [y[0], y[y.len() - 1]].into_iter().collect();
        let mut neighbours = lagged.times(n).times(n);
        neighbours.subtract(&sum.product(&sum).times(n + 1.0));
        neighbours.merge(&sum.product(&ends).times(n));

        let mean = sum.ratio(&Sum::from(n)) / unit;
        let sd = (about.ratio(&Sum::from(n).times(n).times(n - 1.0))).sqrt() / unit;
        let correlation = neighbours.ratio(&about);
        for (what, value, truth) in [
            ("mean", mean, &exact["mean"]),
            ("sd", sd, &exact["sd"]),
            ("autocorrelation", correlation, &exact["lag1_autocorrelation"]),
        ] {
            let digits = lre(value.to_f64(), truth.as_str().unwrap());
            println!("{:<24} {what:<16} LRE {digits:.1}", path.file_stem().unwrap().display());
            assert!(digits >= 15.0, "{}: {what}", path.display());
            count += 1;
        }
    }
    assert_eq!(count, 27);
}
