//! Expressions that use one another: order, circles, sources.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking, compares bits and says what it skips"
)]

use std::collections::BTreeMap;

use formula::{Expressions, Fault};

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn parsed(pairs: &[(&str, &str)]) -> Expressions {
    Expressions::parse(&texts(pairs)).unwrap()
}

fn refused(pairs: &[(&str, &str)]) -> (String, Fault) {
    Expressions::parse(&texts(pairs)).unwrap_err()
}

#[test]
fn each_name_comes_after_those_it_uses() {
    let all = parsed(&[("a", "b + c"), ("b", "c * 2"), ("c", "x"), ("z", "x"), ("d", "a / z"), ("e", "1")]);
    assert_eq!(all.order(), ["c", "b", "a", "e", "z", "d"]);
    assert!(parsed(&[]).order().is_empty());
    // Names that are not plain are used between backquotes.
    assert_eq!(parsed(&[("a", "`b c`"), ("b c", "x")]).order(), ["b c", "a"]);
    assert_eq!(all.get("b").unwrap().to_string(), "c * 2");
    assert!(all.get("x").is_none());
}

#[test]
fn sources_are_the_plain_columns_below() {
    let all = parsed(&[
        ("range", "ln(High / Low)"),
        ("twice", "range * 2 + Volume"),
        ("both", "Low + twice - range"),
    ]);
    assert_eq!(all.sources("range"), ["High", "Low"]);
    assert_eq!(all.sources("twice"), ["High", "Low", "Volume"]);
    assert_eq!(all.sources("both"), ["Low", "High", "Volume"]);
    assert_eq!(all.sources("Close"), ["Close"]);
    assert!(parsed(&[("one", "1")]).sources("one").is_empty());
}

#[test]
fn a_circle_is_refused_with_its_members() {
    let (name, fault) = refused(&[("b", "1 + c"), ("c", "x * a"), ("a", "x + b"), ("user", "a"), ("0", "c")]);
    assert_eq!((name.as_str(), fault.at), ("a", 5));
    assert!(fault.message.contains("`b` in a circle (`a` uses `b`, `b` uses `c`, `c` uses `a`)"), "{fault}");
    assert!(!fault.message.contains("user") && !fault.message.contains("`0`"), "{fault}");

    let (name, fault) = refused(&[("x", "y + ln(x)"), ("y", "1")]);
    assert_eq!((name.as_str(), fault.at), ("x", 8));
    assert!(fault.message.contains("found `x`, the name of the expression itself"), "{fault}");
}

#[test]
fn a_fault_comes_with_the_name_of_its_expression() {
    let (name, fault) = refused(&[("a", "x"), ("b", "x +")]);
    assert_eq!((name.as_str(), fault.at), ("b", 4));
}

/// Deep chains and large circles need no deep stack and make no long message.
#[test]
fn a_chain_of_many_expressions_is_no_harder_than_a_short_one() {
    let count = 20_000;
    let name = |i: usize| format!("e{i:05}");
    let mut chain: BTreeMap<String, String> =
        (0..count).map(|i| (name(i), format!("{} + x", name(i + 1)))).collect();
    let all = Expressions::parse(&chain).unwrap();
    assert_eq!(all.order().first(), Some(&name(count - 1)));
    assert_eq!(all.order().last(), Some(&name(0)));
    assert_eq!(all.sources(&name(0)), [name(count), "x".to_owned()]);

    chain.insert(name(count), name(0));
    let (first, fault) = Expressions::parse(&chain).unwrap_err();
    assert_eq!(first, name(0));
    assert!(fault.message.contains("through 20001 expressions") && fault.message.len() < 1000, "{fault}");
}
