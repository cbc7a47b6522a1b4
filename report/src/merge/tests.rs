use super::*;

const BASE: &str = "## Answer\n\nIt misses by **8,838** on average.\n\nIt is better by 18 %.\n\n| A | B |\n| --- | --- |\n| x | 1 |\n| y | 2 |";

fn text(base: &str, yours: &str, new: &str) -> String {
    merge(base, yours, new).text
}

/// With the numbers of the next run.
fn next() -> String {
    BASE.replace("8,838", "9,120").replace("18 %", "2 %").replace("| 2 |", "| 3 |")
}

#[test]
fn one_side_alone_is_taken_as_it_is() {
    let new = next();
    assert_eq!(text(BASE, BASE, &new), new);
    assert_eq!(text(BASE, &new, BASE), new);
    assert_eq!(text(BASE, &new, &new), new);
}

#[test]
fn changes_of_other_passages_stand_together() {
    let yours = BASE.replace("better by 18 %", "better by 18 %, which pays for the work");
    let merged = merge(BASE, &yours, &BASE.replace("8,838", "9,120"));
    assert_eq!(merged.text, yours.replace("8,838", "9,120"));
    assert_eq!((merged.conflicts, merged.joined.len()), (0, 0));
}

#[test]
fn words_of_one_passage_are_merged_and_said() {
    let yours = BASE.replace("on average", "on average, in dollars");
    let merged = merge(BASE, &yours, &next());
    assert_eq!(merged.text, next().replace("on average", "on average, in dollars"));
    let joined = Joined {
        was: "It misses by **8,838** on average, in dollars.".to_owned(),
        text: "It misses by **9,120** on average, in dollars.".to_owned(),
        moved: vec![("8,838".to_owned(), "9,120".to_owned())],
    };
    assert_eq!((merged.conflicts, merged.joined), (0, vec![joined]));
}

#[test]
fn the_same_words_changed_twice_are_a_conflict_of_that_passage_alone() {
    let yours = BASE.replace("**8,838**", "about 8,800");
    let merged = merge(BASE, &yours, &next());
    assert_eq!(merged.conflicts, 1);
    let conflict =
        note::conflict("It misses by about 8,800 on average.", "It misses by **9,120** on average.");
    assert_eq!(merged.text, next().replace("It misses by **9,120** on average.", &conflict));
    // Kept, its figures are of then.
    assert_eq!(merged.joined[0].text, "It misses by about 8,800 on average.");
    assert_eq!(merged.joined[0].moved, [("8,838".to_owned(), "9,120".to_owned())]);
}

#[test]
fn what_was_taken_out_stays_out_while_its_numbers_move() {
    let yours = BASE.replace("\n\nIt is better by 18 %.", "");
    let expected = next().replace("\n\nIt is better by 2 %.", "");
    let merged = merge(BASE, &yours, &next());
    assert_eq!((merged.text, merged.conflicts), (expected.clone(), 0));
    // And again, a month later.
    assert_eq!(text(&next(), &expected, &next().replace("2 %", "5 %")), expected);
    // Something else in its place is new.
    let other = next().replace("It is better by 2 %.", "**Whether that holds cannot be told.**");
    assert!(text(BASE, &yours, &other).contains("cannot be told"));
}

#[test]
fn what_was_put_in_or_moved_stays_where_it_is() {
    let put = BASE.replace("\n\n| A", "\n\nMine.\n\nMine too.\n\n| A");
    assert_eq!(text(BASE, &put, &next()), next().replace("\n\n| A", "\n\nMine.\n\nMine too.\n\n| A"));
    let first = format!("First.\n\n{BASE}\n\nLast.");
    assert_eq!(text(BASE, &first, &next()), format!("First.\n\n{}\n\nLast.", next()));
    let turned = BASE.replace(
        "It misses by **8,838** on average.\n\nIt is better by 18 %.",
        "It is better by 18 %.\n\nIt misses by **8,838** on average.",
    );
    let expected = next().replace(
        "It misses by **9,120** on average.\n\nIt is better by 2 %.",
        "It is better by 2 %.\n\nIt misses by **9,120** on average.",
    );
    let merged = merge(BASE, &turned, &next());
    assert_eq!((merged.text, merged.conflicts), (expected, 0));
}

#[test]
fn marks_of_an_editor_are_no_change() {
    let yours = BASE
        .replace("**8,838**", "__8,838__")
        .replace("| x | 1 |", "| x   |  1  |")
        .replace("average.", "average.  ");
    let merged = merge(BASE, &yours, &next());
    assert_eq!((merged.text, merged.conflicts), (next(), 0));
}

#[test]
fn a_passage_changed_and_no_longer_generated_is_kept_as_a_conflict() {
    let yours = BASE.replace("It is better by 18 %.", "It is better by 18 %, as in spring.");
    let merged = merge(BASE, &yours, &next().replace("\n\nIt is better by 2 %.", ""));
    assert!(merged.conflicts == 1 && merged.text.contains("as in spring"), "{}", merged.text);
}

#[test]
fn a_rewritten_passage_is_a_conflict_when_its_numbers_move() {
    let yours = BASE.replace("It is better by 18 %.", "Quite good, then!");
    assert_eq!(text(BASE, &yours, BASE), yours);
    let merged = merge(BASE, &yours, &next());
    assert_eq!(merged.conflicts, 1);
    assert!(merged.text.contains("Quite good, then!") && merged.text.contains("by 2 %"), "{}", merged.text);
}
