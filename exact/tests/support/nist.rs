//! The reference data sets of NIST (StRD, doi:10.18434/T43G6C), where they are at hand: in the folder that
//! MILLRACE_NIST names, or beside the project in `shared/corpora/nist`.

use std::fs;
use std::path::PathBuf;

use exact::decimal;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::{nearest, rational};

/// The folder, or `None` with a loud word about it.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("MILLRACE_NIST").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora/nist")),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("MILLRACE_NIST").is_none(),
        "MILLRACE_NIST is not a folder: {}",
        folder.display()
    );
    eprintln!(
        "\n*** SKIPPED: no NIST reference data at {}; set MILLRACE_NIST to their folder ***\n",
        folder.display()
    );
    None
}

/// A CSV file: the columns named, as f64.
pub struct Table {
    pub columns: Vec<(String, Vec<f64>)>,
}

impl Table {
    pub fn read(path: &std::path::Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut lines = text.lines();
        let names = lines.next().unwrap().split(',');
        let mut columns: Vec<(String, Vec<f64>)> = names.map(|name| (name.to_owned(), Vec::new())).collect();
        for line in lines.filter(|line| !line.is_empty()) {
            for ((_, column), cell) in columns.iter_mut().zip(line.split(',')) {
                column.push(cell.parse().unwrap());
            }
        }
        Self { columns }
    }

    pub fn column(&self, name: &str) -> &[f64] {
        &self.columns.iter().find(|(own, _)| own == name).unwrap().1
    }

    /// The column as integers and their places.
    pub fn decimals(&self, name: &str) -> (Vec<f64>, u32) {
        let decimals = decimal::recover(self.column(name)).expect("a column of decimals");
        (decimals.integers.iter().map(|integer| *integer as f64).collect(), decimals.places)
    }
}

pub fn certified(path: &std::path::Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A decimal number's exact value.
pub fn parse(text: &str) -> BigRational {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().unwrap();
    let exponent = exponent.parse::<i32>().unwrap() - fraction.len() as i32;
    BigRational::from_integer(digits) * BigRational::from_integer(BigInt::from(10)).pow(exponent)
}

/// Digits that are right, between 0 and 15: the log relative error (McCullough 1998).
pub fn lre(value: f64, truth: &str) -> f64 {
    let truth = parse(truth);
    let error = (rational(value) - &truth).abs();
    let error = if truth.is_zero() { error } else { error / truth.abs() };
    if error < BigRational::one() * parse("1e-15") {
        15.0
    } else {
        (-nearest(&error).log10()).clamp(0.0, 15.0)
    }
}
