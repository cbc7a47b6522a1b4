use std::ops::Range;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Text made of what matters to the reader of numbers.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("8,838"),
        Just("MAE of 8,838"),
        Just("12,278"),
        Just("18 %"),
        Just("10–24 %"),
        Just("0.92"),
        Just("−2,549"),
        Just("about 8,800"),
        Just("$"),
        Just("1.2e-5"),
        Just("`"),
        Just("```\n"),
        Just("<!--"),
        Just("-->"),
        Just("]("),
        Just(")"),
        Just("{{"),
        Just("\n"),
        Just("\n\n"),
        Just("- "),
        Just("1. "),
        Just("\u{a0}"),
        Just("ß"),
        Just("²"),
        Just(" Irving "),
        Just(" on the test part. "),
        Just(" and "),
        Just("9"),
        Just("."),
    ];
    prop_oneof![any::<String>(), proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())]
}

fn figures() -> (Known, Known) {
    let mut moved = housing();
    moved["test"]["mae"] = json!(9_120.3);
    moved["test"]["r2"] = json!(0.5);
    (Known::of(&housing()), Known::of(&moved))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_strange(text in text()) {
        let (a, b) = figures();
        let ranges: Vec<Range<usize>> = paragraphs(&text);
        let all: Vec<Seen> = ranges.iter().map(|r| seen(&text[r.clone()])).collect();
        prop_assert!(ranges.windows(2).all(|w| w[0].end <= w[1].start));
        let memory = Memory::default().revised(&all, Some(&a), &b);
        for note in memory.notes(&all, &b) {
            prop_assert!(all[note.paragraph].text.contains(|c: char| c.is_ascii_digit()), "a note without a number");
            prop_assert_eq!(note.markdown.lines().count(), 1);
        }
    }

    #[test]
    fn once_is_as_good_as_twice(texts in proptest::collection::vec((text(), any::<bool>()), 0..6)) {
        let (a, b) = figures();
        let all: Vec<Seen> = texts.iter().map(|(text, noted)| Seen { text, noted: *noted }).collect();
        let once = Memory::default().revised(&all, None, &a);
        prop_assert_eq!(&once.revised(&all, None, &a), &once);
        let noted = once.clone().with(&all, &once.notes(&all, &b));
        let later = noted.revised(&all, Some(&a), &b);
        prop_assert_eq!(&later.revised(&all, Some(&a), &b), &later);
        let text = serde_json::to_string(&later).unwrap();
        prop_assert_eq!(serde_json::from_str::<Memory>(&text).unwrap(), later);
    }

    #[test]
    fn order_does_not_matter(texts in proptest::collection::vec(text(), 0..6), edits in proptest::collection::vec(text(), 0..3)) {
        let (a, b) = figures();
        let forward: Vec<Seen> = texts.iter().map(|text| seen(text)).collect();
        let backward: Vec<Seen> = forward.iter().rev().copied().collect();
        let first = Memory::default().revised(&forward, None, &a);
        prop_assert_eq!(&first, &Memory::default().revised(&backward, None, &a));
        let forward: Vec<Seen> = texts.iter().skip(1).chain(&edits).map(|text| seen(text)).collect();
        let backward: Vec<Seen> = forward.iter().rev().copied().collect();
        prop_assert_eq!(first.revised(&forward, Some(&a), &b), first.revised(&backward, Some(&a), &b));
    }

    #[test]
    fn any_number_that_a_figure_rounds_to_is_of_it(value in -1e9..1e9_f64, decimals in 0..6_usize) {
        let written = format!("{value:.decimals$}");
        let numeral = numeral::Numeral::parse(&written, false).unwrap();
        prop_assert!(numeral.is_of(value));
        prop_assert!(!numeral.is_of(value + 2.0 * numeral.step));
        prop_assert_eq!(numeral.show(value, false).replace(['−', ','], ""), written.trim_start_matches('-'));
    }
}

#[test]
fn megabytes_of_digits_are_read_in_one_pass() {
    let (a, b) = figures();
    for unit in
        ["8,838 ", "8", "8,", "0.92 and ", "<!-- 1", "](1", "1\u{2009}000 ", "`1", "- 1\n", "1-", "x 12\n\n"]
    {
        let text = unit.repeat(5_000_000 / unit.len());
        let all: Vec<Seen> = paragraphs(&text).into_iter().map(|r| seen(&text[r])).collect();
        let memory = Memory::default().revised(&all, Some(&a), &b);
        assert!(memory.paragraphs.len() <= 1, "{unit}");
    }
}

#[test]
fn many_different_paragraphs_are_read_too() {
    let (a, b) = figures();
    let texts: Vec<String> =
        (0..20_000).map(|i| format!("Row {i} has an error of 8,838 and {}.5.", i * 7)).collect();
    let all: Vec<Seen> = texts.iter().map(|text| seen(text)).collect();
    let memory = Memory::default().revised(&all, Some(&a), &a);
    let edited: Vec<String> = texts.iter().map(|text| text.replace("has", "had")).collect();
    let all: Vec<Seen> = edited.iter().map(|text| seen(text)).collect();
    let later = memory.revised(&all, Some(&a), &b);
    assert_eq!(later.notes(&all, &b).len(), later.paragraphs.len());
}
