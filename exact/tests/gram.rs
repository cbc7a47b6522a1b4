//! The Gram matrix is exact, whatever the way that the rows came.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::excessive_precision,
    clippy::missing_panics_doc,
    clippy::precedence,
    clippy::doc_markdown,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "tests compare bits, and each uses its part of the support"
)]

mod support;

use exact::gram::{Block, Column, Gram, GramError, Variable};
use exact::{Parts, Sum};
use proptest::prelude::*;

/// Numbers of one kind for a column: each kind takes another way through the slices.
fn numbers() -> impl Strategy<Value = fn(u64) -> f64> {
    fn full(bits: u64) -> f64 {
        (bits as f64 / u64::MAX as f64 - 0.5) * 2e3
    }
    fn small(bits: u64) -> f64 {
        (bits % 2001) as f64 - 1000.0
    }
    fn large(bits: u64) -> f64 {
        (bits >> 11) as f64 * if bits.is_multiple_of(2) { 1.0 } else { -1.0 }
    }
    /// Spans some hundred bits: more slices than one.
    fn wide(bits: u64) -> f64 {
        full(bits) * 2f64.powi((bits % 90) as i32)
    }
    /// Spans all of f64, subnormals with it: too much for slices.
    fn any(bits: u64) -> f64 {
        let value = f64::from_bits(bits);
        if value.is_finite() { value } else { 0.0 }
    }
    fn tiny(bits: u64) -> f64 {
        f64::from_bits(bits % (1 << 54))
    }
    fn huge(bits: u64) -> f64 {
        full(bits) * 1e303
    }
    fn zero(_: u64) -> f64 {
        0.0
    }
    prop::sample::select(vec![full, small, large, wide, any, tiny, huge, zero])
}

fn columns(count: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop_oneof![4 => 0usize..40, 1 => 505usize..530, 1 => 1000usize..1100].prop_flat_map(move |rows| {
        let column = (numbers(), prop::collection::vec(any::<u64>(), rows))
            .prop_map(|(number, bits)| bits.into_iter().map(number).collect::<Vec<_>>());
        prop::collection::vec(column, count)
    })
}

fn empty(predictors: usize) -> Gram {
    Gram::new((0..predictors).map(|i| Variable::float(format!("x{i}"))).collect(), Variable::float("y"))
}

/// Rows `range` of the data, the last column being the target.
fn block<'a>(data: &'a [Vec<f64>], weights: Option<&'a [f64]>, range: std::ops::Range<usize>) -> Block<'a> {
    let (target, predictors) = data.split_last().unwrap();
    Block {
        predictors: predictors.iter().map(|column| Column::from(&column[range.clone()])).collect(),
        target: Column::from(&target[range.clone()]),
        weights: weights.map(|weights| &weights[range]),
    }
}

fn gram(data: &[Vec<f64>], weights: Option<&[f64]>) -> Gram {
    let mut gram = empty(data.len() - 1);
    gram.add(&block(data, weights, 0..data[0].len())).unwrap();
    gram
}

/// The sum of `w a b` with nothing but sums of products.
fn plain_product(weights: Option<&[f64]>, a: &[f64], b: &[f64]) -> Sum {
    let mut sum = Sum::new();
    for (row, (a, b)) in a.iter().zip(b).enumerate() {
        match weights {
            None => sum.add_product(*a, *b),
            Some(weights) => {
                let mut product = Sum::new();
                product.add_product(*a, *b);
                sum.merge(&product.times(weights[row]));
            }
        }
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_is_the_sum_of_products(data in columns(4), weighted in any::<bool>(), seed in numbers()) {
        let rows = data[0].len();
        let ones = vec![1.0; rows];
        let weights: Vec<f64> =
            (0..rows as u64).map(|row| seed(row.wrapping_mul(0x9e37_79b9_7f4a_7c15)).abs()).collect();
        let weights = weighted.then_some(weights.as_slice());
        let gram = gram(&data, weights);
        prop_assert_eq!(gram.weight(), &plain_product(weights, &ones, &ones));
        for (i, a) in data.iter().enumerate() {
            prop_assert_eq!(gram.sum(i), &plain_product(weights, a, &ones));
            for (j, b) in data.iter().enumerate() {
                prop_assert_eq!(gram.product(i, j), &plain_product(weights, a, b));
            }
        }
    }

    #[test]
    fn pieces_and_order_do_not_matter(data in columns(3), weighted in any::<bool>(), cuts in prop::array::uniform2(any::<prop::sample::Index>())) {
        let rows = data[0].len();
        let weights: Vec<f64> = (0..rows).map(|row| (row % 7) as f64 / 3.0).collect();
        let weights = weighted.then_some(weights.as_slice());
        let whole = gram(&data, weights);
        let [a, b] = cuts.map(|cut| cut.index(rows + 1));
        let mut merged = empty(2);
        for range in [a.max(b)..rows, 0..a.min(b), a.min(b)..a.max(b)] {
            let mut piece = empty(2);
            piece.add(&block(&data, weights, range)).unwrap();
            merged.merge(&piece).unwrap();
        }
        // The sum of the logarithms is that of rounded ones, but is itself exact.
        prop_assert_eq!(merged.to_bytes(), whole.to_bytes());
        prop_assert_eq!(&merged, &whole);

        let reversed: Vec<Vec<f64>> = data.iter().map(|column| column.iter().rev().copied().collect()).collect();
        let backwards: Option<Vec<f64>> = weights.map(|weights| weights.iter().rev().copied().collect());
        prop_assert_eq!(gram(&reversed, backwards.as_deref()).to_bytes(), whole.to_bytes());
    }

    #[test]
    fn what_is_removed_was_never_there(data in columns(3), weighted in any::<bool>(), cut in any::<prop::sample::Index>()) {
        let rows = data[0].len();
        let weights: Vec<f64> = (0..rows).map(|row| 0.3 + row as f64).collect();
        let weights = weighted.then_some(weights.as_slice());
        let cut = cut.index(rows + 1);
        let mut part = empty(2);
        part.add(&block(&data, weights, 0..cut)).unwrap();
        let mut rest = empty(2);
        rest.add(&block(&data, weights, cut..rows)).unwrap();

        let mut gram = gram(&data, weights);
        gram.subtract(&rest).unwrap();
        prop_assert_eq!(gram.to_bytes(), part.to_bytes());
        gram.remove(&block(&data, weights, 0..cut)).unwrap();
        prop_assert_eq!(gram.to_bytes(), empty(2).to_bytes());
    }

    #[test]
    fn what_is_written_is_read(data in columns(2)) {
        let gram = gram(&data, None);
        let bytes = gram.to_bytes();
        prop_assert_eq!(&Gram::from_bytes(&bytes).unwrap(), &gram);
        let json = serde_json::to_string(&gram).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Gram>(&json).unwrap(), &gram);
        for end in [0, 7, bytes.len() / 2, bytes.len() - 1] {
            prop_assert!(Gram::from_bytes(&bytes[..end]).is_err());
        }
    }

    #[test]
    fn parts_are_their_sum(a in prop::collection::vec(any::<i64>(), 1..30)) {
        let parts = Parts::from_integers(&a);
        let mut gram = empty(0);
        gram.add(&Block::new(vec![], (&parts).into())).unwrap();
        let square: i128 = a.iter().map(|a| i128::from(*a)).sum();
        prop_assert_eq!(support::rational_sum(gram.sum(0)).to_integer(), square.into());
    }
}

/// As many columns as make the slices fill several panels.
#[test]
fn many_columns() {
    let data: Vec<Vec<f64>> =
        (0..50_u64).map(|j| (0..700_u64).map(|i| ((i * i + j * 31) % 1009) as f64 / 7.0).collect()).collect();
    let weights: Vec<f64> = (0..700).map(|i| f64::from(i % 5) / 3.0).collect();
    for weights in [None, Some(weights.as_slice())] {
        let gram = gram(&data, weights);
        for i in 0..50 {
            for j in 0..50 {
                assert_eq!(gram.product(i, j), &plain_product(weights, &data[i], &data[j]), "{i} {j}");
            }
        }
    }
}

/// Threads that take blocks as they come, so that no two runs split the rows alike.
#[test]
fn threads_do_not_matter() {
    let data: Vec<Vec<f64>> =
        (0..4_u64).map(|j| (0..20_000_u64).map(|i| ((i * i + j) % 10_007) as f64 / 3.0).collect()).collect();
    let whole = gram(&data, None).to_bytes();
    for threads in 1..5 {
        let next = std::sync::atomic::AtomicUsize::new(0);
        let total = std::sync::Mutex::new(empty(3));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut own = empty(3);
                    loop {
                        let start = next.fetch_add(777, std::sync::atomic::Ordering::Relaxed);
                        if start >= 20_000 {
                            break;
                        }
                        own.add(&block(&data, None, start..20_000.min(start + 777))).unwrap();
                    }
                    total.lock().unwrap().merge(&own).unwrap();
                });
            }
        });
        assert_eq!(total.into_inner().unwrap().to_bytes(), whole);
    }
}

#[test]
fn rows_of_no_weight_do_not_count() {
    let data = vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]];
    let some = gram(&data, Some(&[1.0, 0.0, 1.0]));
    let fewer = gram(&[vec![1.0, 3.0], vec![4.0, 6.0]], None);
    assert_eq!(some.to_bytes(), fewer.to_bytes());
    assert_eq!(some.rows(), 2);
}

#[test]
fn finer_places_are_taken_over() {
    let at = |places: u32, values: &[f64]| {
        let mut gram = Gram::new(vec![Variable::decimal("x", places)], Variable::float("y"));
        let y = vec![1.0; values.len()];
        gram.add(&Block::new(vec![Column::from(values)], Column::from(&y[..]))).unwrap();
        gram
    };
    let whole = at(3, &[1500.0, 2500.0, 125.0]);
    let mut merged = at(1, &[15.0, 25.0]);
    merged.merge(&at(3, &[125.0])).unwrap();
    assert_eq!(merged.to_bytes(), whole.to_bytes());
    let mut other_way = at(3, &[125.0]);
    other_way.merge(&at(1, &[15.0, 25.0])).unwrap();
    assert_eq!(other_way.to_bytes(), whole.to_bytes());
    assert_eq!(whole.mean(0).unwrap().to_f64(), 1.375);
}

#[test]
fn means_and_covariances() {
    let gram = gram(&[vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 4.0, 6.0, 9.0]], None);
    assert_eq!(gram.mean(0).unwrap().to_f64(), 2.5);
    assert_eq!(gram.covariance(0, 0).unwrap().to_f64(), 5.0 / 3.0);
    assert_eq!(gram.covariance(0, 1).unwrap().to_f64(), 11.5 / 3.0);
    assert_eq!(gram.correlation(0, 1).unwrap().to_f64(), 11.5 / 133.75f64.sqrt());
    assert_eq!(gram.correlation(0, 0).unwrap().to_f64(), 1.0);
    let flat = self::gram(&[vec![1.0, 1.0], vec![1.0, 2.0]], None);
    assert!(flat.correlation(0, 1).is_none());
    assert!(empty(1).mean(0).is_none() && empty(1).covariance(0, 0).is_none());
}

#[test]
fn what_does_not_fit_is_refused_without_a_trace() {
    let mut gram = gram(&[vec![1.0, 2.0], vec![3.0, 4.0]], None);
    let before = gram.to_bytes();
    let x = [1.0, 2.0];
    let column = |values: &'static [f64]| Column::from(values);
    let refused = [
        Block::new(vec![], column(&[1.0, 2.0])),
        Block::new(vec![column(&[1.0])], column(&[1.0, 2.0])),
        Block::new(vec![Column::of_parts(vec![])], column(&[1.0, 2.0])),
        Block::new(vec![Column::from(&x[..])], column(&[1.0, f64::NAN])),
        Block::new(vec![column(&[f64::INFINITY, 1.0])], column(&[1.0, 2.0])),
        Block::weighted(vec![Column::from(&x[..])], column(&[1.0, 2.0]), &[1.0]),
        Block::weighted(vec![Column::from(&x[..])], column(&[1.0, 2.0]), &[1.0, -1.0]),
        Block::weighted(vec![Column::from(&x[..])], column(&[1.0, 2.0]), &[1.0, f64::NAN]),
    ];
    for block in &refused {
        let error = gram.add(block).unwrap_err();
        assert_eq!(gram.remove(block).unwrap_err(), error);
        println!("{error}");
    }
    assert_eq!(gram.add(&refused[3]).unwrap_err(), GramError::NotFinite { column: "y".to_owned(), row: 1 },);
    assert!(matches!(gram.merge(&empty(2)), Err(GramError::Variables { .. })));
    let mut more = gram.clone();
    more.merge(&gram.clone()).unwrap();
    assert!(matches!(gram.subtract(&more), Err(GramError::NotAPart { rows: 2, removed: 4 })));
    assert_eq!(gram.to_bytes(), before);
}
