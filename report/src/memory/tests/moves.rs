use serde_json::json;

use super::*;

/// `figures` with the value at this pointer changed.
fn with(mut figures: Value, pointer: &str, value: Value) -> Value {
    *figures.pointer_mut(pointer).unwrap() = value;
    figures
}

fn without(mut figures: Value, pointer: &str, key: &str) -> Value {
    figures.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    figures
}

/// The notes under a text written against `old`, when the figures are `new`.
fn notes(text: &str, old: &Value, new: &Value) -> Vec<String> {
    let (old, new) = (Known::of(old), Known::of(new));
    let first = Memory::default().revised(&[seen(text)], None, &old);
    assert_eq!(first.notes(&[seen(text)], &old), [], "{text}");
    let second = first.revised(&[seen(text)], Some(&old), &new);
    second.notes(&[seen(text)], &new).into_iter().map(|n| n.markdown).collect()
}

const END: &str = "Change the paragraph, or delete this note if it still holds.";

#[test]
fn the_note_tells_both_values() {
    let old = housing();
    for (text, pointer, value, told) in [
        (
            "It misses by 8,838 on average.",
            "/test/mae",
            json!(9_120.3),
            "“8,838” was the mean absolute error on the test part; it is 9,120 now.",
        ),
        ("R² is 0.92.", "/test/r2", json!(0.871), "“0.92” was the R² on the test part; it is 0.87 now."),
        (
            "It is 18 % better than persistence.",
            "/improvement/persistence/mae",
            json!(-0.02),
            "“18 %” was the improvement of the mean absolute error over persistence; it was +18 % and is −2 % now.",
        ),
        (
            "Predictions are too low: the bias is 2,549.",
            "/test/bias",
            json!(2_549.0),
            "“2,549” was the bias on the test part; it was −2,549 and is +2,549 now.",
        ),
        (
            "It misses by about $8,800.",
            "/test/mae",
            json!(8_870.0),
            "“\\$8,800” was the mean absolute error on the test part; it is \\$8,870 now.",
        ),
        (
            "The 90 % intervals hold 89.2 %.",
            "/test/intervals/1/coverage",
            json!(0.914),
            "“89.2 %” was the coverage of the 90 % intervals on the test part; it is 91.4 % now.",
        ),
        (
            "In Irving it misses by 19,681.",
            "/segments/0/rows/1/mae",
            json!(12_000.0),
            "“19,681” was the mean absolute error of “Irving”; it is 12,000 now.",
        ),
    ] {
        // The place of a city in the excerpt is looked up, so that its order may change.
        let place = |r: &Value| r["level"] == "Irving";
        let city = old["segments"][0]["rows"].as_array().unwrap().iter().position(place).unwrap();
        let pointer = pointer.replace("rows/1", &format!("rows/{city}"));
        let new = with(housing(), &pointer, value);
        assert_eq!(
            notes(text, &old, &new),
            [format!("> **Written for earlier numbers.** {told} {END}")],
            "{text}"
        );
    }
}

#[test]
fn what_still_rounds_to_the_same_is_no_move() {
    let old = housing();
    for (text, pointer, value) in [
        ("It misses by 8,838 on average.", "/test/mae", json!(8_838.4)),
        ("It misses by about 8,800.", "/test/mae", json!(8_751.0)),
        ("R² is 0.92.", "/test/r2", json!(0.9151)),
        ("It misses by 8,838 on average.", "/test/rmse", json!(1.0)),
        ("It is 18 % better than persistence.", "/improvement/persistence/mae", json!(0.184)),
    ] {
        assert_eq!(notes(text, &old, &with(housing(), pointer, value)), [""; 0], "{text}");
    }
}

#[test]
fn a_figure_that_is_gone_has_moved() {
    let text = "Persistence misses by 10,727.";
    let told =
        "“10,727” was the mean absolute error of persistence on the test part; there is no such figure now.";
    let expected = [format!("> **Written for earlier numbers.** {told} {END}")];
    assert_eq!(notes(text, &housing(), &without(housing(), "/baselines", "persistence")), expected);
    assert_eq!(
        notes(text, &housing(), &with(housing(), "/baselines/persistence/test/mae", Value::Null)),
        expected
    );
}

#[test]
fn a_note_tells_five_numbers_and_counts_the_others() {
    let text =
        "MAE 8,838, RMSE 12,278, bias -2,549, R² 0.9164, 1,649 test rows, median error 6,529, MAPE 6.0 %.";
    let new = json!({ "test": {} });
    let note = notes(text, &housing(), &new).pop().unwrap();
    assert_eq!(note.matches("there is no such figure now").count(), 5, "{note}");
    assert!(
        note.contains(
            "And 2 more numbers moved. Change the paragraph, or delete this note if all still hold."
        )
    );
    assert!(!note.contains('\n'));
}

#[test]
fn names_from_data_are_escaped() {
    let city = |mae: f64| json!({ "segments": [{ "column": "c", "rows": [{ "level": "<b>|A\n`x`", "mae": mae }] }] });
    let note = notes("It is off by 12,345 in the worst city.", &city(12_345.2), &city(9.0)).pop().unwrap();
    assert!(note.contains("“&lt;b&gt;&#124;A\\\\n\\`x\\`”") && note.lines().count() == 1, "{note}");
}

#[test]
fn new_text_was_written_against_the_figures_of_the_last_run() {
    let (old, new) = (Known::of(&housing()), Known::of(&with(housing(), "/test/mae", json!(9_120.3))));
    let text = "It misses by 8,838.";
    let memory = Memory::default().revised(&[seen(text)], Some(&old), &new);
    assert_eq!(memory.notes(&[seen(text)], &new).len(), 1);
    let text = "It misses by 9,120.";
    let memory = Memory::default().revised(&[seen(text)], Some(&old), &new);
    let value = memory.paragraphs[0].numbers[0].figures[0].value;
    assert_eq!(value.to_bits(), 9_120.3_f64.to_bits(), "of now, where it was nothing before");
}

#[test]
fn text_that_was_there_is_never_taken_for_other_figures() {
    // 9,120 was no figure when it was written; that one becomes it later is chance.
    let text = "We hoped for an MAE of 9,120.";
    assert_eq!(notes(text, &housing(), &with(housing(), "/test/mae", json!(9_120.3))), [""; 0]);
    let (old, new) = (Known::of(&housing()), Known::of(&with(housing(), "/test/mae", json!(9_120.3))));
    let first = Memory::default().revised(&[seen(text)], None, &old);
    let second = first.revised(&[seen(text)], Some(&old), &new);
    assert_eq!(second.revised(&[seen(text)], Some(&new), &old).paragraphs[0].numbers, []);
    let edited = "We had hoped for an MAE of 9,120 or so.";
    assert_eq!(second.revised(&[seen(edited)], Some(&new), &old).paragraphs[0].numbers, []);
}

/// A run: the memory after it, and whether a note stands under each paragraph then.
fn run(memory: &Memory, seen: &[Seen], before: &Known, now: &Known) -> (Memory, Vec<bool>) {
    let revised = memory.revised(seen, Some(before), now);
    let notes = revised.notes(seen, now);
    let noted = (0..seen.len()).map(|i| notes.iter().any(|n| n.paragraph == i)).collect();
    (revised.with(seen, &notes), noted)
}

#[test]
fn a_note_comes_stays_and_goes_when_the_figure_is_back() {
    let (a, b) = (Known::of(&housing()), Known::of(&with(housing(), "/test/mae", json!(9_120.3))));
    let text = "It misses by 8,838.";
    let (memory, noted) = run(&Memory::default(), &[seen(text)], &a, &a);
    assert_eq!(noted, [false]);
    let (memory, noted) = run(&memory, &[seen(text)], &a, &b);
    assert_eq!(noted, [true]);
    let under = Seen { text, noted: true };
    let (memory, noted) = run(&memory, &[under], &b, &b);
    assert_eq!(noted, [true]);
    let (memory, noted) = run(&memory, &[under], &b, &a);
    assert_eq!(noted, [false], "it moved back");
    let (_, noted) = run(&memory, &[seen(text)], &a, &b);
    assert_eq!(noted, [true], "and away again");
}

#[test]
fn a_note_that_was_deleted_says_that_the_paragraph_stays() {
    let text = "It misses by 8,838, with an RMSE of 12,278.";
    let a = Known::of(&housing());
    let b = Known::of(&with(housing(), "/test/mae", json!(9_120.3)));
    let c = Known::of(&with(with(housing(), "/test/mae", json!(9_500.0)), "/test/rmse", json!(20_000.0)));
    let (memory, _) = run(&Memory::default(), &[seen(text)], &a, &a);
    let (memory, noted) = run(&memory, &[seen(text)], &a, &b);
    assert_eq!(noted, [true]);
    let (memory, noted) = run(&memory, &[seen(text)], &b, &b);
    assert_eq!(noted, [false], "the analyst looked");
    let watched: Vec<&str> = memory.paragraphs[0].numbers.iter().map(|n| n.written.as_str()).collect();
    assert_eq!(watched, ["12,278"]);
    let (memory, noted) = run(&memory, &[seen(text)], &b, &c);
    assert_eq!(noted, [true]);
    let note = memory.notes(&[seen(text)], &c).pop().unwrap().markdown;
    assert!(note.contains("12,278") && !note.contains("8,838"), "{note}");
}

#[test]
fn a_note_that_was_never_put_was_not_deleted() {
    let (a, b) = (Known::of(&housing()), Known::of(&with(housing(), "/test/mae", json!(9_120.3))));
    let text = [seen("It misses by 8,838.")];
    let memory = Memory::default().revised(&text, None, &a).revised(&text, Some(&a), &b);
    assert_eq!(memory.revised(&text, Some(&b), &b).notes(&text, &b).len(), 1);
}

#[test]
fn an_edited_paragraph_keeps_what_its_numbers_were() {
    let (a, b) = (Known::of(&housing()), Known::of(&with(housing(), "/test/mae", json!(9_120.3))));
    let first = "It misses by 8,838 on average, which is good enough for a first look.";
    let other = "R² is 0.92, but prices follow those of the month before.";
    let (memory, _) = run(&Memory::default(), &[seen(first), seen(other)], &a, &a);
    let edited = "It misses by 8,838 on average, which is good enough for a first look at 1,649 rows.";
    let (stale, noted) = run(&memory, &[seen(edited), seen(other)], &a, &b);
    assert_eq!(noted, [true, false]);
    // A note that is gone with the text above it changed was not looked at.
    let again = "It misses by 8,838 on average: good enough for a first look at 1,649 rows.";
    let (_, noted) = run(&stale, &[seen(again), seen(other)], &b, &b);
    assert_eq!(noted, [true, false]);
    let (memory, noted) = run(&stale, &[seen(&again.replace("8,838", "9,120")), seen(other)], &b, &b);
    assert_eq!(noted, [false, false], "the number was brought up to date");
    let (_, noted) = run(&memory, &[seen(&again.replace("8,838", "9,120")), seen(other)], &b, &a);
    assert_eq!(noted, [true, false], "and is watched");
}

#[test]
fn a_paragraph_cut_in_two_keeps_its_numbers() {
    let (a, b) = (Known::of(&housing()), Known::of(&with(housing(), "/test/mae", json!(9_120.3))));
    let whole =
        "It misses by 8,838 on average, which will do. The RMSE of 12,278 is larger since a few are far off.";
    let (memory, _) = run(&Memory::default(), &[seen(whole)], &a, &a);
    let halves =
        [seen("It misses by 8,838 on average, which will do."), seen("The RMSE of 12,278 is larger.")];
    let (memory, noted) = run(&memory, &halves, &a, &b);
    assert_eq!(noted, [true, false]);
    assert_eq!(memory.paragraphs.iter().map(|p| p.numbers.len()).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn the_same_text_twice_has_one_note_for_both() {
    let (a, b) = (Known::of(&housing()), Known::of(&with(housing(), "/test/mae", json!(9_120.3))));
    let text = seen("It misses by 8,838.");
    let memory = Memory::default().revised(&[text, text], Some(&a), &b);
    let notes = memory.notes(&[text, text], &b);
    assert_eq!((notes.len(), notes[0].paragraph), (1, 0));
    assert_eq!(notes[0].key, key(text.text));
    // Only where no note of it is left did somebody look.
    let memory = memory.with(&[text, text], &notes);
    let under = Seen { noted: true, ..text };
    for (first, second, noted) in [(under, text, 1), (text, under, 1), (under, under, 1), (text, text, 0)] {
        let both = [first, second];
        assert_eq!(memory.revised(&both, Some(&b), &b).notes(&both, &b).len(), noted);
    }
}

#[test]
fn code_is_no_text_and_what_is_indented_below_a_footnote_is() {
    let (a, b) = (housing(), with(housing(), "/test/mae", json!(9_120.3)));
    for text in [
        "    It misses by 8,838.",
        "\tIt misses by 8,838.",
        "<!-- It\n\nmisses by 8,838.",
        "<!--\n\n8,838\n-->",
    ] {
        assert_eq!(notes(text, &a, &b), [""; 0], "{text}");
    }
    for text in
        ["   It misses by 8,838.", "[^x]: See:\n\n    It misses by 8,838.", "- a\n\n    It misses by 8,838."]
    {
        assert_eq!(notes(text, &a, &b).len(), 1, "{text}");
    }
}

#[test]
fn half_widths_are_known_by_their_level_and_worst_rows_by_what_they_are() {
    let run = |quantile: f64, worst: Value| {
        json!({
            "intervals": { "levels": [0.8, 0.9], "quantiles": [quantile, 18_270.7] }, "worst": worst,
        })
    };
    let row = |city: &str, error: f64| json!({ "row": 7, "entity": city, "time": "2013-08", "level": 0.9, "error": error });
    let old = run(12_334.4, json!([row("Irving", -70_843.3), row("Austin", 66_306.4)]));
    let text = "The half width is 12,334.";
    assert_eq!(
        notes(text, &old, &run(13_000.2, json!([]))),
        [format!(
            "> **Written for earlier numbers.** “12,334” was the half width of the 80 % intervals; it is 13,000 now. {END}"
        )]
    );
    // What is left out of the first place moves up, and has not changed.
    let text = "In Austin one error was 66,306 in August 2013.";
    let new = run(12_334.4, json!([row("Austin", 66_306.4)]));
    assert_eq!(notes(text, &old, &new), [""; 0]);
    assert_eq!(
        notes(text, &old, &run(12_334.4, json!([row("Irving", -70_843.3)]))),
        [format!(
            "> **Written for earlier numbers.** “66,306” was the error of “Austin” in “2013-08”, one of the worst rows; it is not among them now. {END}"
        )]
    );
    assert_eq!(
        notes(text, &old, &run(12_334.4, json!([row("Austin", 61_000.4)]))),
        [format!(
            "> **Written for earlier numbers.** “66,306” was the error of “Austin” in “2013-08”, one of the worst rows; it is 61,000 now. {END}"
        )]
    );
}
