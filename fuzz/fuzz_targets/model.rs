//! Any bytes as a model file: refused with a reason, or a model that predicts and can be written again.
//!
//! A first byte of 0 leaves the rest as it is. Another one says how to read it as JSON, which is then written as
//! a pickle, so that mutations reach what a model may hold and not only how a pickle is made.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use model::{Function, Model, pickle};
use serde_json::Value;

/// Rows that are predicted: by feature its least and largest training value, the middle, and numbers out of all range.
fn table(model: &Model) -> Vec<Vec<f64>> {
    let column = |name: &String| {
        let (min, max) = model.reference.features.get(name).and_then(|r| r.range()).unwrap_or((-1.0, 1.0));
        vec![min, max, min / 2.0 + max / 2.0, 0.0, -0.0, 1e300, -1e300, f64::MIN_POSITIVE]
    };
    model.features.iter().map(column).collect()
}

/// The rows of the table that lie within the training range.
const WITHIN: usize = 3;

fuzz_target!(|data: &[u8]| {
    let Some((how, rest)) = data.split_first() else { return };
    let bytes = if *how == 0 {
        rest.to_vec()
    } else {
        let Ok(value) = serde_json::from_slice::<Value>(rest) else { return };
        let Ok(bytes) = pickle::write(&value) else { return };
        // What is written is read again, and is the same.
        assert_eq!(pickle::read(&bytes).expect("read again"), value);
        bytes
    };
    let model = match Model::from_bytes(&bytes, Path::new("model.pkl")) {
        Ok(model) => model,
        Err(error) => {
            assert!(error.0 && error.1.starts_with("refused as a model: "), "{}", error.1);
            assert!(error.1.len() < 4096, "a reason is short: {} bytes", error.1.len());
            return;
        }
    };
    let columns = table(&model);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let predicted = model.predict(&slices);
    assert_eq!(predicted.len(), columns[0].len());
    let log = matches!(&model.function, Function::Linear(l) if l.link == model::Link::Log);
    for value in &predicted[..WITHIN] {
        assert!(value.is_finite() || (log && *value == f64::INFINITY), "{value}");
    }
    assert_eq!(
        model.predict(&slices).iter().map(|v| v.to_bits()).collect::<Vec<_>>(),
        predicted.iter().map(|v| v.to_bits()).collect::<Vec<_>>()
    );
    let again = model.to_bytes().expect("a model that was read can be written");
    let model = Model::from_bytes(&again, Path::new("model.pkl")).expect("and read");
    assert_eq!(again, model.to_bytes().expect("written"), "in one form");
});
