//! The grammar of values on texts nobody thought of: what inference finds, parsing reads, and what is
//! learned does not depend on the order of the cells.
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

use common::schema::{Form, Inference, Kind, Numerals, Value};
use proptest::prelude::*;

/// Every way to mark numbers.
fn numerals() -> impl Strategy<Value = Numerals> {
    let thousands = prop_oneof![
        Just(None),
        prop::sample::select(vec![',', '.', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}']).prop_map(Some)
    ];
    (prop::sample::select(vec!['.', ',']), thousands)
        .prop_filter_map("one mark for both", |(decimal, thousands)| Numerals::new(decimal, thousands).ok())
}

/// Texts near the borders of the grammar: numbers, dates, and what looks like either.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ \t]?[-+]?[0-9]{1,4}([,.' \u{a0}][0-9]{3}){0,2}([.,][0-9]{0,3})?([eE][-+]?[0-9]{1,4})?[ \t]?",
        1 => "-?[0-9]{17,20}",
        1 => "[0-9]{300,310}(\\.[0-9]{1,3})?(e-?[0-9]{1,3})?",
        2 => "[0-3]?[0-9]([-/.])[0-3]?[0-9]([-/.])(19|20)[0-9]{2}( [0-2]?[0-9]:[0-5][0-9](:[0-6][0-9])?)?",
        2 => "(19|20)?[0-9]{2}[-/][0-1]?[0-9][-/][0-3]?[0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\\.[0-9]{1,9})?)?)?",
        2 => "[-+0-9.,eE'/: \tT\u{a0}\u{202f}１]{0,12}",
        1 => "true|TRUE|True|tRUE|false|FALSE|False|inf|nan",
        1 => any::<String>(),
    ]
}

/// Columns: cells of one way to write them, and now and then another.
fn column() -> impl Strategy<Value = Vec<String>> {
    let day = || (1..32u32, 1..13u32, 1900..2100u32);
    prop_oneof![
        prop::collection::vec(cell(), 0..12),
        prop::collection::vec("-?[1-9][0-9]{0,5}(\\.[0-9]{1,2})?".boxed(), 0..12),
        prop::collection::vec(day().prop_map(|(d, m, y)| format!("{d:02}/{m:02}/{y}")), 1..12),
        prop::collection::vec(day().prop_map(|(d, m, y)| format!("{m}-{d}-{y} 9:30")), 1..12),
        prop::collection::vec(day().prop_map(|(d, m, y)| format!("{d}.{m}.{y} 09:30:59")), 1..12),
        prop::collection::vec(day().prop_map(|(d, m, y)| format!("{y}/{m}/{d}")), 1..12),
        prop::collection::vec(day().prop_map(|(d, m, y)| format!("{y}-{m:02}-{d:02}")), 1..12),
    ]
    .prop_flat_map(|cells| {
        (Just(cells), prop::option::weighted(0.3, cell()), any::<prop::sample::Index>()).prop_map(
            |(mut cells, odd, at)| {
                if let Some(odd) = odd {
                    cells.insert(at.index(cells.len() + 1), odd);
                }
                cells
            },
        )
    })
}

fn learn(cells: &[(u64, &String)], numerals: Numerals) -> Inference {
    let mut learned = Inference::new();
    cells.iter().for_each(|(place, cell)| learned.add(cell, &numerals, *place));
    learned
}

/// A number as a table with these marks would have it.
fn written(value: f64, numerals: Numerals, grouped: bool) -> String {
    let text = value.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let mut out = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        let boundary = i > 0 && (whole.len() - i) % 3 == 0;
        out.extend(numerals.thousands().filter(|_| boundary && grouped));
        out.push(digit);
    }
    out.extend(fraction.map(|f| format!("{}{f}", numerals.decimal())));
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn what_inference_accepts_parsing_accepts(cell in cell(), numerals in numerals()) {
        let kind = Kind::narrowest(&cell, &numerals);
        let form = Form::new(None, numerals);
        prop_assert!(kind.parse(&cell, &form).is_some(), "{cell:?} as {kind}");
        // A whole number is a number too, as the join of the two kinds needs it.
        prop_assert!(kind != Kind::Integer || Kind::Number.parse(&cell, &form).is_some(), "{cell:?}");
    }

    #[test]
    fn a_column_is_read_by_what_was_found(cells in column(), numerals in numerals()) {
        let placed: Vec<(u64, &String)> = (0..).zip(&cells).collect();
        let found = learn(&placed, numerals);
        let form = Form::new(found.format(), numerals);
        for cell in &cells {
            prop_assert!(found.kind().parse(cell, &form).is_some(), "{cell:?} as {} {form:?}", found.kind());
        }
        prop_assert!(found.format().is_none() || found.ambiguous_dates().is_none());
        if let Some((count, first)) = found.misfit() {
            prop_assert_eq!(found.kind(), Kind::String);
            prop_assert!(count > 0 && 2 * count < cells.len() as u64);
            // Without the misfits the column is no text.
            prop_assert!(usize::try_from(first).unwrap() < cells.len());
        }
    }

    #[test]
    fn what_is_learned_has_no_order(
        cells in column(),
        numerals in numerals(),
        shuffled in any::<u64>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut placed: Vec<(u64, &String)> = (0..).zip(&cells).collect();
        let whole = learn(&placed, numerals);
        // Any order that is not the first one.
        placed.sort_by_key(|(place, _)| (place ^ shuffled).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(cells.len() + 1)).collect();
        cuts.extend([0, cells.len()]);
        cuts.sort_unstable();
        let mut merged = Inference::new();
        for piece in cuts.windows(2).rev() {
            let mut piece = learn(&placed[piece[0]..piece[1]], numerals);
            piece.merge(&merged);
            merged = piece;
        }
        prop_assert_eq!(&merged, &whole);
        for kind in [Kind::String, Kind::Integer, Kind::Number, Kind::Boolean, Kind::Date, Kind::Datetime] {
            let of_kind = |(_, cell): &&(u64, &String)| Kind::narrowest(cell, &numerals) == kind;
            prop_assert_eq!(whole.count(kind), placed.iter().filter(of_kind).count() as u64);
            prop_assert_eq!(whole.first(kind), placed.iter().filter(of_kind).map(|(place, _)| *place).min());
        }
    }

    #[test]
    fn every_number_comes_back_to_the_bit(
        value in prop_oneof![any::<f64>(), -1e9..1e9f64, any::<i64>().prop_map(|n| n as f64)],
        numerals in numerals(),
        grouped in any::<bool>(),
    ) {
        prop_assume!(value.is_finite());
        let text = written(value, numerals, grouped);
        let read = Kind::Number.parse(&text, &Form::new(None, numerals));
        let Some(Value::Number(back)) = read else { panic!("{text} {numerals}") };
        prop_assert_eq!(back.to_bits(), value.to_bits(), "{}", text);
    }

    #[test]
    fn plain_numbers_of_any_length_are_those_of_the_standard_library(
        text in "-?[0-9]{0,20}[.]?[0-9]{0,20}",
        numerals in numerals(),
    ) {
        let form = Form::new(None, numerals);
        let cell = text.replace('.', &numerals.decimal().to_string());
        let is_number = text.contains(|c: char| c.is_ascii_digit());
        let number = is_number.then(|| text.parse::<f64>().unwrap().to_bits());
        prop_assert_eq!(form.number(&cell).map(f64::to_bits), number, "{} {}", cell, numerals);
        prop_assert_eq!(form.integer(&cell), text.parse::<i64>().ok(), "{} {}", cell, numerals);
    }
}
