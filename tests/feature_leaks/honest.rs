//! Honest data, in which nothing may be found.

use crate::panel::{Data, Panel, TIMES, noise};
use crate::support::panel::Random;

/// Lags and windows of the target, as a forecast has them.
const FEATURES: &str = "[features]\nlags = [{ columns = [\"y\"], rows = [1, 2, 11, 12] }]\n\
    rolling = [{ columns = [\"y\"], windows = [2, 3, 4, 12, 40], statistics = [\"mean\", \"std\", \"min\", \"max\", \"sum\"], min_rows = 1 }]\n";

#[track_caller]
fn nothing(data: &Data) {
    assert_eq!(data.found(FEATURES), [""; 0]);
    let mut own = data.clone();
    own.config = own.config.replace("horizon = 1", "horizon = 0");
    assert_eq!(own.found(FEATURES), [""; 0], "horizon 0");
}

#[test]
fn random_panels() {
    for seed in 0..20 {
        let mut random = Random(seed + 1000);
        let data = Panel::new(seed)
            .data()
            .with_text("level", |row| format!("level {}", row * 31 % 7))
            .with("flag", |_| Some(random.below(2) as f64))
            .with("gaps", |row| (row % 3 > 0).then(|| (row * 13 % 101) as f64));
        assert_eq!(data.found(FEATURES), [""; 0], "seed {seed}");
    }
}

#[test]
fn trends() {
    nothing(&Panel::of(1, |row| 100.0 + 2.5 * (row % TIMES) as f64).data());
    nothing(
        &Panel::of(1, |row| 3.0 * (row / TIMES) as f64 + (row % TIMES) as f64 * (1.0 + (row / TIMES) as f64))
            .data(),
    );
    let mut random = Random(1);
    nothing(&Panel::of(1, |row| 10.0 * (row % TIMES) as f64 + noise(&mut random)).data());
    let mut level = 0.0;
    nothing(
        &Panel::of(1, |_| {
            level += 1.0 + 0.01 * noise(&mut random);
            level
        })
        .data(),
    );
    // A counter beside one series.
    let mut one =
        Panel::of(1, |row| 3.0 * row as f64 + noise(&mut random)).data().with("step", |row| Some(row as f64));
    one = one.replaced("e", |_, _| "a".to_owned()).replaced("t", |row, _| row.to_string());
    let part = |row: usize| if row < 200 { "train" } else { "test" }.to_owned();
    nothing(&one.replaced("split", |row, _| part(row)));
}

#[test]
fn seasons() {
    let season =
        |row: usize| [3.0, 9.0, 1.0, 7.0, 8.0, 2.0, 5.0, 6.0, 0.0, 4.0, 11.0, 10.0][row % TIMES % 12];
    nothing(&Panel::of(2, season).data().with("month", |row| Some((row % TIMES % 12) as f64)));
    let mut random = Random(2);
    nothing(&Panel::of(2, |row| season(row) + 0.02 * noise(&mut random)).data());
    nothing(&Panel::of(2, |row| 50.0 * season(row) + (row % TIMES) as f64 + noise(&mut random)).data());
}

#[test]
fn values_that_seldom_change_or_mostly_are_zero() {
    nothing(&Panel::of(3, |row| (row / 47) as f64).data());
    nothing(
        &Panel::of(3, |row| if row % 40 == 7 { (1 + row % 3) as f64 } else { 0.0 })
            .data()
            .with("zero", |row| Some(f64::from(u8::from(row == 9)))),
    );
    let mut random = Random(3);
    nothing(&Panel::of(3, |_| random.below(2) as f64).data().with("flag", |row| Some((row * 5 % 2) as f64)));
    nothing(&Panel::of(3, |_| 5.0).data());
    // Each entity stands still from the end of its training rows on.
    let still = Panel::of(3, |row| if row % TIMES < 30 { noise(&mut random) } else { (row / TIMES) as f64 });
    nothing(&still.data());
}

#[test]
fn columns_that_say_nothing() {
    let data = Panel::new(4).data();
    nothing(
        &data
            .with("none", |_| None)
            .with("one", |_| Some(1.0))
            .with("seldom", |row| (row == 5).then_some(2.0)),
    );
}

#[test]
fn hardly_any_rows_and_absent_parts() {
    let cut = |rows: usize| {
        let mut data = Panel::new(5).data().with("c", |row| Some(row as f64));
        data.columns.iter_mut().for_each(|(_, cells)| cells.truncate(rows));
        data
    };
    for rows in [2, 3, 5, 29] {
        assert_eq!(cut(rows).found(""), [""; 0], "{rows} rows");
    }
    let all = |part: &'static str| Panel::new(5).data().replaced("split", move |_, _| part.to_owned());
    assert_eq!(all("train").found(FEATURES), [""; 0]);
    for rows in [2, 7] {
        let mut random = Random(5);
        assert_eq!(
            Data::plain(rows, |row| row as f64).with("x", |_| Some(noise(&mut random))).found(""),
            [""; 0]
        );
    }
}

#[test]
fn an_entity_that_differs_from_others_more_than_over_time() {
    let mut random = Random(6);
    let panel = Panel::of(6, |row| 1000.0 * (row / TIMES) as f64 + noise(&mut random));
    nothing(&panel.data().with("size", |row| Some((row / TIMES) as f64)));
}
