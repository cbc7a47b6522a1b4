//! What an analyst would write about three real runs (excerpts of their metrics stand beside), with what should be
//! remembered worked out by hand; then figures that move, edits, and notes that are taken away.

mod moves;
mod properties;
mod sentences;

use serde_json::Value;

use super::*;

fn housing() -> Value {
    serde_json::from_str(include_str!("tests/housing.json")).unwrap()
}

fn stocks() -> Value {
    serde_json::from_str(include_str!("tests/stocks.json")).unwrap()
}

fn cars() -> Value {
    serde_json::from_str(include_str!("tests/cars.json")).unwrap()
}

fn seen(text: &str) -> Seen<'_> {
    Seen { text, noted: false }
}

/// The numbers that are remembered of one paragraph, each with the paths of its figures.
fn remembered(text: &str, figures: &Known) -> Vec<(String, Vec<String>)> {
    let memory = Memory::default().revised(&[seen(text)], None, figures);
    let numbers = memory.paragraphs.into_iter().flat_map(|p| p.numbers);
    numbers.map(|n| (n.written, n.figures.into_iter().map(|f| f.path).collect())).collect()
}
