//! Contracts nobody thought of: a table made to fit one passes, and one changed cell is the only breach.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

mod support;

use proptest::prelude::*;
use support::contract::{clean, contracted, schema, violations};
use support::{column, read};

/// A constraint, cells that keep it (any number of them, all different), and one that does not.
#[derive(Clone, Debug)]
struct Case {
    field: String,
    good: fn(i64) -> String,
    bad: String,
}

/// Days since 2000-01-01 as a date, by a calendar of months of 28 days: valid, and in order.
fn day(n: i64) -> String {
    format!("{:04}-{:02}-{:02}", 2000 + n / 336, n / 28 % 12 + 1, n % 28 + 1)
}

fn case() -> impl Strategy<Value = Case> {
    let field = |kind: &str, constraints: String| {
        format!("{{\"name\": \"x\", \"type\": \"{kind}\", \"constraints\": {{{constraints}}}}}")
    };
    let case = move |kind: &str, constraints: String, good: fn(i64) -> String, bad: String| Case {
        field: field(kind, constraints),
        good,
        bad,
    };
    // Good cells are made of numbers from 1000 to 2000.
    prop_oneof![
        (0..=1000i64, 2000..4000i64, 1..99i64).prop_map(move |(least, most, off)| {
            case(
                "integer",
                format!("\"minimum\": {least}, \"maximum\": {most}"),
                |n| n.to_string(),
                (most + off).to_string(),
            )
        }),
        (0..1000i64, 0..99i64).prop_map(move |(least, off)| {
            case(
                "number",
                format!("\"exclusiveMinimum\": {least}"),
                |n| format!("{n}.25"),
                format!("{}.0", least - off),
            )
        }),
        (0..=1000i64, 1..999i64)
            .prop_map(move |(least, off)| {
                case("date", format!("\"minimum\": \"{}\"", day(least)), day, day((least - off).max(0)))
            })
            .prop_filter("the bad day is before the first", |case| !case.field.contains(&case.bad)),
        (1..=5usize, 6..20usize).prop_map(move |(shortest, longest)| {
            let constraints = format!("\"minLength\": {shortest}, \"maxLength\": {longest}");
            case("string", constraints, |n| format!("é{n}"), "é".repeat(longest + 1))
        }),
        "[a-z]{1,8}".prop_map(move |bad| case(
            "string",
            "\"pattern\": \"[0-9]{4}|x\"".to_owned(),
            |n| n.to_string(),
            bad + "q"
        )),
        "[a-z ]{1,8}".prop_map(move |bad| case(
            "number",
            "\"required\": true".to_owned(),
            |n| format!("{n}e-2"),
            bad
        )),
        (2001..9999i64).prop_map(move |bad| {
            let all: Vec<String> = (1000..=2000).map(|n| format!("{n}.0")).collect();
            case("number", format!("\"enum\": [{}]", all.join(",")), |n| n.to_string(), bad.to_string())
        }),
        Just(case("integer", "\"required\": true".to_owned(), |n| n.to_string(), "NA".to_owned())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_fits_passes_and_one_changed_cell_is_the_only_breach(
        case in case(),
        numbers in prop::collection::btree_set(1000..=2000i64, 1..40),
        unique in any::<bool>(),
        at in any::<prop::sample::Index>(),
        twice in any::<prop::sample::Index>(),
    ) {
        let mut cells: Vec<String> = numbers.iter().map(|n| (case.good)(*n)).collect();
        let field = if unique { case.field.replace("constraints\": {", "constraints\": {\"unique\": true, ") } else { case.field.clone() };
        let table = |cells: &[String]| {
            let rows: String = cells.iter().zip(0..).map(|(cell, i)| format!("{cell},{i},train\n")).collect();
            contracted(&schema(&field), &format!("x,y,part\n{rows}"))
        };
        let fits = table(&cells);
        clean(&fits).success();
        let kept = read(fits.path().join("data/processed/clean.csv"));
        prop_assert_eq!(column(&kept, "x").len(), cells.len());
        let at = at.index(cells.len());
        let good = std::mem::replace(&mut cells[at], case.bad.clone());
        let breaks = table(&cells);
        clean(&breaks).code(10);
        prop_assert_eq!(column(&violations(&breaks), "line"), [(at + 2).to_string()], "{:?}", case);
        // A cell repeated is a breach exactly where values are unique.
        cells[at] = good;
        let source = twice.index(cells.len());
        if source != at {
            cells[at] = cells[source].clone();
            let repeats = table(&cells);
            clean(&repeats).code(if unique { 10 } else { 0 });
            if unique {
                prop_assert_eq!(column(&violations(&repeats), "line"), [(at.max(source) + 2).to_string()]);
            }
        }
    }
}
