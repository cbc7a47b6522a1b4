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

use exact::decimal::{integers, places, places_with_fill, recover};
use proptest::prelude::*;

proptest! {
    #[test]
    fn decimals_come_back(
        numbers in prop::collection::vec(-999_999_999_999_999i64..=999_999_999_999_999, 1..20),
        count in 0usize..=15,
    ) {
        let values: Vec<f64> = numbers.iter().map(|m| format!("{m}e-{count}").parse().unwrap()).collect();
        let found = recover(&values).unwrap();
        prop_assert!(found.places as usize <= count);
        let finer = 10i64.pow(count as u32 - found.places);
        let again: Vec<i64> = found.integers.iter().map(|m| m * finer).collect();
        prop_assert_eq!(&again, &numbers);
        let declared = integers(&values, count as u32).unwrap();
        prop_assert_eq!(declared.iter().map(|m| *m as i64).collect::<Vec<_>>(), numbers);
    }
}

#[test]
fn what_is_no_decimal() {
    assert_eq!(places(&[0.5, 0.25, 3.0]), Some(2));
    assert_eq!(places(&[]), Some(0));
    assert_eq!(places(&[1.0 / 3.0]), None);
    assert_eq!(places(&[f64::NAN]), None);
    assert_eq!(places(&[f64::INFINITY]), None);
    assert_eq!(places(&[1e300]), None);
    // Alone each has few places; together they need more digits than there are.
    assert_eq!(places(&[1e14, 0.001]), None);
    assert_eq!(places(&[1e-15]), Some(15));
    assert_eq!(integers(&[0.1, 0.25], 1).unwrap_err().row, 1);
    assert!(integers(&[1.0], 23).is_err());
    assert!(integers(&[-0.0], 0).unwrap()[0].is_sign_positive());
}

#[test]
fn a_fill_gives_its_places_only_where_every_value_has_them() {
    assert_eq!(places_with_fill(Some(1), 4.85, &[4.4, f64::NAN, 5.3]), Some(2));
    assert_eq!(places_with_fill(Some(3), 4.85, &[4.4, f64::NAN]), Some(3));
    assert_eq!(places_with_fill(None, 4.85, &[4.4]), None);
    assert_eq!(places_with_fill(Some(1), 1.0 / 3.0, &[4.4]), None, "a fill that is no decimal");
    // 15 places, with which 4.4 is 4.4e15 units: no integer whose quotient is this f64.
    assert_eq!(places(&[6.921_896_361_631_753]), Some(15));
    assert_eq!(places_with_fill(Some(1), 6.921_896_361_631_753, &[4.4, f64::NAN]), None);
}
