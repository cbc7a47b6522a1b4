//! Round trips, the bytes written, and random damage.
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

use std::time::{Duration, Instant};

use model::pickle::{self, Error, MAX_DEPTH, MAX_VALUES, Refusal};
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

/// Equal to the bit: `==` takes 0.0 and -0.0 for equal.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            a.as_f64().map(f64::to_bits) == b.as_f64().map(f64::to_bits)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && same(a, b))
        }
        _ => left == right,
    }
}

fn float(bits: u64) -> Option<Value> {
    Number::from_f64(f64::from_bits(bits)).map(Value::Number)
}

fn leaf() -> impl Strategy<Value = Value> {
    let edges = [
        0.0_f64,
        -0.0,
        f64::MIN_POSITIVE,
        5e-324,
        -2.2e-308,
        f64::MAX,
        f64::MIN,
        f64::EPSILON,
        9_007_199_254_740_993.0,
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-70_000_i64..70_000).prop_map(Value::from),
        any::<u64>().prop_filter_map("finite", float),
        // Subnormals: exponent bits all 0.
        any::<u64>().prop_filter_map("finite", |bits| float(bits & 0x800f_ffff_ffff_ffff)),
        proptest::sample::select(edges.to_vec()).prop_map(Value::from),
        any::<String>().prop_map(Value::String),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(6, 200, 12, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..12)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_to_the_bit(value in value()) {
        let bytes = pickle::write(&value).expect("written");
        prop_assert_eq!(&bytes, &pickle::write(&value.clone()).expect("written"));
        let back = pickle::read(&bytes).expect("read");
        prop_assert!(same(&value, &back), "{value:?} became {back:?}");
    }
}

fn nested(depth: usize) -> Value {
    (1..depth).fold(
        json!([]),
        |inner, level| {
            if level % 2 == 0 { json!([inner]) } else { json!({ "k": inner }) }
        },
    )
}

#[test]
fn long_and_deep_values_read_back_up_to_the_limits() {
    for length in [0, 1, 255, 256, 999, 1000, 1001, 2000, 70_000] {
        let list: Vec<usize> = (0..length).collect();
        let dict: Map<String, Value> = list.iter().map(|i| (format!("key {i}"), json!(i))).collect();
        let value = json!({"list": list, "dict": dict, "text": "é".repeat(length)});
        assert_eq!(pickle::read(&pickle::write(&value).unwrap()), Ok(value));
    }
    let deep = nested(MAX_DEPTH);
    assert_eq!(pickle::read(&pickle::write(&deep).unwrap()), Ok(deep));
    assert_eq!(pickle::write(&nested(MAX_DEPTH + 1)), Err(Error::TooDeep));
    let most = Value::Array(vec![Value::Null; MAX_VALUES - 1]);
    assert_eq!(pickle::read(&pickle::write(&most).unwrap()), Ok(most));
    let more = Value::Array(vec![Value::Null; MAX_VALUES]);
    assert_eq!(pickle::write(&more), Err(Error::TooManyValues));
}

#[test]
fn equal_values_give_equal_bytes_whatever_the_order_of_insertion() {
    let one: Value = serde_json::from_str(r#"{"b": 1, "a": [true, null], "c": -0.0}"#).unwrap();
    let two: Value = serde_json::from_str(r#"{"c": -0.0, "a": [true, null], "b": 1}"#).unwrap();
    let bytes = pickle::write(&one).unwrap();
    assert_eq!(bytes, pickle::write(&two).unwrap());
    let mut expected = b"\x80\x03}(X\x01\0\0\0a](\x88NeX\x01\0\0\0bJ\x01\0\0\0".to_vec();
    expected.extend(b"X\x01\0\0\0cG\x80\0\0\0\0\0\0\0u.");
    assert_eq!(bytes, expected);
}

/// `SplitMix64`: the same damage in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = u64::try_from(bound.max(1)).unwrap();
        usize::try_from((z ^ (z >> 31)) % bound).unwrap()
    }
}

/// As Python writes protocol 4: a frame, short strings, a memo that is used.
fn framed() -> Vec<u8> {
    let mut body = b"}\x94(\x8c\x04coef\x94]\x94(G\x3f\xf0\0\0\0\0\0\0K\x05J\xff\xff\xff\xffe".to_vec();
    body.extend(b"\x8c\x04name\x94h\x01\x8c\x03big\x94\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0");
    body.extend(b"\x8c\x04pair\x94h\x02\x89\x86\x94u.");
    let mut file = b"\x80\x04\x95".to_vec();
    file.extend(u64::try_from(body.len()).unwrap().to_le_bytes());
    file.extend(body);
    file
}

#[test]
fn damaged_files_never_panic_and_never_take_long() {
    let expected = json!({
        "coef": [1.0, 5, -1], "name": "coef", "big": u64::MAX, "pair": [[1.0, 5, -1], false]
    });
    assert_eq!(pickle::read(&framed()), Ok(expected.clone()));
    let written = pickle::write(&json!({"model": expected, "fill": [0.5, null, "Zürich"]})).unwrap();
    let mut random = Random(20_240_229);
    let mut read_anyway = 0;
    for round in 0..10_000 {
        let mut bytes = if round % 2 == 0 { framed() } else { written.clone() };
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, u8::try_from(random.below(256)).unwrap()),
                2 => bytes[at..].iter_mut().take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
                _ => {
                    bytes[at..]
                        .iter_mut()
                        .take(1)
                        .for_each(|byte| *byte = random.below(256).to_le_bytes()[0]);
                }
            }
            if bytes.is_empty() {
                bytes.push(0x80);
            }
        }
        let start = Instant::now();
        match pickle::read(&bytes) {
            Ok(value) => {
                read_anyway += 1;
                assert!(pickle::write(&value).is_ok());
            }
            Err(refusal) => assert!(!refusal.to_string().contains('\n')),
        }
        assert!(start.elapsed() < Duration::from_secs(2), "round {round}");
    }
    eprintln!("{read_anyway} of 10000 damaged files are still valid");
    for end in 0..written.len() {
        let refusal = pickle::read(&written[..end]).unwrap_err();
        assert!(matches!(refusal, Refusal::Truncated { .. } | Refusal::Empty));
    }
}
