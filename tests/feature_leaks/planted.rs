//! Planted leaks.

use crate::panel::{Data, ENTITIES, Panel, TIMES, index, noise, part};
use crate::support::panel::Random;

const ROWS: usize = ENTITIES * TIMES;

/// Rows without time: `y` of two numbers and noise.
fn plain(seed: u64) -> Data {
    let mut random = Random(seed);
    let a: Vec<f64> = (0..ROWS).map(|_| noise(&mut random)).collect();
    let b: Vec<f64> = (0..ROWS).map(|_| noise(&mut random)).collect();
    let data = Data::plain(ROWS, |row| a[row] - 2.0 * b[row] + noise(&mut random));
    data.with("a", |row| Some(a[row])).with("b", |row| Some(b[row]))
}

fn cell(data: &Data, name: &str, row: usize) -> f64 {
    data.columns.iter().find(|(n, _)| n == name).unwrap().1[row].parse().unwrap()
}

#[test]
fn training_rows_in_the_test_part() {
    // 60 test rows, and 12 training rows once more: a sixth of the part.
    let data = plain(1).repeated((0..60).step_by(5), "test");
    assert_eq!(data.found(""), ["rows_shared "]);
    // Two in 62 may be chance.
    assert_eq!(plain(1).repeated([0, 5].into_iter(), "test").found(""), [""; 0]);
    // Calibration rows in the test part.
    let data = plain(2).repeated((3..63).step_by(5), "test");
    assert_eq!(data.found(""), ["rows_shared "]);
}

#[test]
fn training_rows_among_rows_that_repeat_by_themselves() {
    // 40 combinations in 180 training rows: most repeat, those of the test part too.
    let mut random = Random(9);
    let codes: Vec<u64> = (0..ROWS).map(|_| random.below(40)).collect();
    let honest = Data::plain(ROWS, |row| (codes[row] % 4) as f64)
        .with("a", |row| Some((codes[row] % 5) as f64))
        .with("b", |row| Some((codes[row] % 8) as f64));
    assert_eq!(honest.found(""), [""; 0]);
    // 2,000 combinations: few repeat; a test part of which a third was trained on.
    let codes: Vec<u64> = (0..ROWS).map(|_| random.below(2_000)).collect();
    let honest = Data::plain(ROWS, |row| (codes[row] % 16) as f64 + (codes[row] % 7) as f64 / 4.0)
        .with("a", |row| Some((codes[row] % 20) as f64))
        .with("b", |row| Some((codes[row] / 20) as f64));
    assert_eq!(honest.found(""), [""; 0]);
    assert_eq!(honest.repeated((0..150).step_by(5), "test").found(""), ["rows_shared "]);
}

#[test]
fn one_time_of_an_entity_in_two_parts() {
    // A second row of each entity at the last training time, in the calibration part.
    let panel = Panel::new(4);
    let last = (0..TIMES).rev().find(|t| part(*t) == "train").unwrap();
    let data = panel.data().repeated((0..ENTITIES).map(|e| e * TIMES + last), "calibration");
    let data = data.replaced("y", |row, old| if row < ROWS { old.to_owned() } else { format!("{row}.5") });
    // At horizon 1 the training row is purged: its target lies in the row of the other part.
    assert_eq!(data.found(""), [""; 0]);
    let mut own = data;
    own.config = own.config.replace("horizon = 1", "horizon = 0");
    assert_eq!(own.found(""), ["keys_shared e t"]);
}

#[test]
fn an_entity_in_two_parts_without_time() {
    let mut data = plain(5).with_text("person", |row| format!("p{}", row / 2));
    data.config.push_str("entity = \"person\"\n");
    assert_eq!(data.found(""), ["keys_shared person"]);
    // Each entity in one part.
    let mut data = plain(5).with_text("person", |row| format!("p{}", row % 20));
    data.config.push_str("entity = \"person\"\n");
    assert_eq!(data.found(""), [""; 0]);
}

#[test]
fn parts_that_lie_beside_one_another_in_time() {
    let mut random = Random(6);
    let data = Panel::new(6).data();
    let mixed =
        data.clone().replaced("split", |_, _| ["train", "train", "test"][index(&mut random, 3)].to_owned());
    assert_eq!(mixed.found(""), ["parts_overlap_in_time e t"]);
    // Whole entities in one part share no history.
    let apart = data.replaced("split", |row, _| if row / TIMES < 3 { "train" } else { "test" }.to_owned());
    assert_eq!(apart.found(""), [""; 0]);
}

#[test]
fn copies_of_the_outcome() {
    let panel = Panel::new(7);
    let next = |row| panel.later(row, 1);
    // One row in 150 is mistyped.
    let mistyped = |row| next(row).map(|y| if row % 150 == 7 { 99.0 } else { y });
    assert_eq!(panel.data().with("c", mistyped).found(""), ["copy_of_target c"]);
    let fahrenheit = |row| next(row).map(|y| 32.0 + 1.8 * y);
    assert_eq!(panel.data().with("c", fahrenheit).found(""), ["copy_of_target c"]);
    // Half of the cells are missing.
    let sparse = |row: usize| next(row).filter(|_| row.is_multiple_of(2));
    assert_eq!(panel.data().with("c", sparse).found(""), ["copy_of_target c"]);
    // Nothing in the training rows, the outcome in the test rows.
    let mut random = Random(70);
    let later = |row: usize| if part(row % TIMES) == "test" { next(row) } else { Some(noise(&mut random)) };
    let folder = panel.data().with("c", later).engineered("");
    let found = crate::findings(&folder);
    assert_eq!(
        (&found[0]["kind"], &found[0]["parts"]),
        (&"copy_of_target".into(), &serde_json::json!(["test"]))
    );
    assert_eq!(found.as_array().unwrap().len(), 1);
    // Without time.
    let data = plain(8);
    let copy = data.clone();
    assert_eq!(data.with("c", |row| Some(-cell(&copy, "y", row))).found(""), ["copy_of_target c"]);
    // Counts, of which four in five are zero.
    let counts = Panel::of(8, |row| if row * 37 % 5 == 0 { (row % 23) as f64 } else { 0.0 });
    assert_eq!(counts.data().with("c", |row| counts.later(row, 1)).found(""), ["copy_of_target c"]);
}

#[test]
fn a_feature_that_alone_predicts_the_outcome() {
    let (panel, mut random) = (Panel::new(10), Random(10));
    let bent = |row| panel.later(row, 1).map(|y| (-0.3 * y).exp() * (1.0 + 0.01 * noise(&mut random)));
    assert_eq!(panel.data().with("c", bent).found(""), ["predicts_alone c"]);
    let data = plain(11);
    let copy = data.clone();
    let near = |row| Some(cell(&copy, "y", row) + 0.1 * noise(&mut random));
    assert_eq!(data.with("c", near).found(""), ["predicts_alone c"]);
    // 97 % is a good feature.
    let good = |row| Some(cell(&copy, "y", row) + 0.42 * noise(&mut random));
    assert_eq!(plain(11).with("c", good).found(""), [""; 0]);
}

#[test]
fn identifiers() {
    assert_eq!(plain(12).with_text("owner", |row| format!("Name {row}")).found(""), ["identifier owner"]);
    // Dense numbers in another order than the rows'.
    let number = |row: usize| Some((row * 7 % ROWS + 1000) as f64);
    assert_eq!(plain(12).with("c", number).found(""), ["identifier c"]);
    // Distinct, sparse, and named as an id.
    let sparse = |row: usize| Some((row * row * 31 + 5) as f64);
    assert_eq!(plain(12).with("customerId", sparse).found(""), ["identifier customerId"]);
    assert_eq!(plain(12).with("inhabitants", sparse).found(""), [""; 0]);
    // Named as an id, but of groups.
    assert_eq!(plain(12).with("shop_id", |row| Some((row % 20) as f64)).found(""), [""; 0]);
    assert_eq!(plain(12).with_text("town", |row| format!("Town {}", row % 90)).found(""), [""; 0]);
}

#[test]
fn windows_that_look_ahead() {
    let panel = Panel::new(13);
    let of = |value: &dyn Fn(usize) -> Option<f64>| panel.data().with("c", value).found("");
    assert_eq!(of(&|row| panel.later(row, 2)), ["looks_ahead c"], "two rows later");
    assert_eq!(of(&|row| panel.later(row, 9)), ["looks_ahead c"], "nine rows later");
    assert_eq!(of(&|row| panel.mean(row, 1, 1)), ["looks_ahead c"], "a centred window");
    assert_eq!(of(&|row| panel.mean(row, 6, 6)), ["looks_ahead c"], "a wide centred window");
    let sum = |row| (row % TIMES + 5 < TIMES).then(|| panel.y[row + 1..=row + 5].iter().sum());
    assert_eq!(of(&sum), ["looks_ahead c"], "a sum of the next five");
    let rounded = |row| panel.mean(row, 2, 2).map(|mean| (mean * 100.0).round() / 100.0);
    assert_eq!(of(&rounded), ["looks_ahead c"], "rounded to two places");
    // Windows that end at the row are honest.
    assert_eq!(of(&|row| panel.mean(row, 2, 0)), [""; 0]);
    assert_eq!(of(&|row| panel.mean(row, 40, 0)), [""; 0]);
}

#[test]
fn a_window_that_holds_the_outcome_at_horizon_zero() {
    let panel = Panel::new(14);
    let mut data = panel.data();
    data.config = data.config.replace("horizon = 1", "horizon = 0");
    assert_eq!(data.clone().with("c", |row| panel.mean(row, 2, 0)).found(""), ["looks_ahead c"]);
    assert_eq!(data.clone().with("c", |row| panel.later(row, 1)).found(""), ["looks_ahead c"]);
    assert_eq!(data.clone().with("c", |row| Some(panel.y[row])).found(""), ["copy_of_target c"]);
    let before = |row: usize| (!row.is_multiple_of(TIMES)).then(|| panel.y[row - 1]);
    assert_eq!(data.with("c", before).found(""), [""; 0]);
}
