//! Every cut of a few rows into pieces, merged in every order, gives the bytes of the whole.
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

use serde::{Deserialize, Serialize};
use stats::{
    Calibration, Categories, CategoryReference, Column, Errors, Isotonic, Line, Moments, Nulls,
    OrderStatistics, Pairs, Quantiles, Reference,
};

/// How something is learned from rows, merged, and asked.
struct Learning<'a, T, L> {
    rows: &'a [T],
    learn: &'a dyn Fn(&[T]) -> L,
    merge: &'a dyn Fn(&mut L, &L),
    /// All that follows from it.
    answers: &'a dyn Fn(&mut L) -> String,
}

/// What was learned from every set of the rows, a set being the bits of a number, with bytes and answers.
struct Sets<'a, T, L> {
    of: Learning<'a, T, L>,
    learned: Vec<L>,
    bytes: Vec<String>,
    answers: Vec<String>,
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// Rows that cuts of every kind are made of.
const ROWS: usize = 8;
/// The first of them, for all cuts in all orders of their pieces: 47,293.
const ORDERED: usize = 7;
/// The first of them, for all cuts in all orders of merging two of what is left, either way round: 4,651.
const PAIRED: usize = 5;

impl<'a, T: Clone, L: Clone + Serialize + PartialEq> Sets<'a, T, L> {
    fn new(of: Learning<'a, T, L>) -> Self {
        assert_eq!(of.rows.len(), ROWS);
        let chosen = |set: usize| -> Vec<T> {
            (0..ROWS).filter(|row| set >> row & 1 == 1).map(|row| of.rows[row].clone()).collect()
        };
        let learned: Vec<L> = (0..1 << ROWS).map(|set| (of.learn)(&chosen(set))).collect();
        let bytes = learned.iter().map(json).collect();
        let answers = learned.iter().map(|one| (of.answers)(&mut one.clone())).collect();
        Self { of, learned, bytes, answers }
    }

    fn same(&self, found: &L, set: usize) {
        assert_eq!(json(found), self.bytes[set], "set {set:08b}");
    }

    /// The same, and so is what follows from it, before and after it was asked.
    fn same_answers(&self, mut found: L, set: usize) {
        self.same(&found, set);
        assert!(found == self.learned[set], "set {set:08b}");
        assert_eq!((self.of.answers)(&mut found), self.answers[set], "set {set:08b}");
        self.same(&found, set);
    }

    fn merged(&self, into: &L, from: &L) -> L {
        let mut into = into.clone();
        (self.of.merge)(&mut into, from);
        into
    }

    /// Any two sets without a row in common, empty ones too.
    fn any_two(&self) {
        for a in 0..1 << ROWS {
            for b in (0..1 << ROWS).filter(|b| a & b == 0) {
                self.same_answers(self.merged(&self.learned[a], &self.learned[b]), a | b);
            }
        }
    }

    /// Every cut, its pieces merged in order and in the reverse. Returns their number.
    fn every_cut(&self, rest: usize, pieces: &mut Vec<usize>) -> usize {
        if rest == 0 {
            let fold = |order: &mut dyn Iterator<Item = &usize>| {
                order.fold(self.learned[0].clone(), |all, piece| self.merged(&all, &self.learned[*piece]))
            };
            self.same_answers(fold(&mut pieces.iter()), (1 << ROWS) - 1);
            self.same_answers(fold(&mut pieces.iter().rev()), (1 << ROWS) - 1);
            return 1;
        }
        // The piece with the first row that is left.
        let first = rest & rest.wrapping_neg();
        let mut cuts = 0;
        for piece in (1..=rest).filter(|piece| piece & !rest == 0 && piece & first != 0) {
            pieces.push(piece);
            cuts += self.every_cut(rest & !piece, pieces);
            pieces.pop();
        }
        cuts
    }

    /// Every cut of the first rows, its pieces merged in every order into one.
    fn every_order(&self, so_far: &L, rest: usize) -> usize {
        if rest == 0 {
            self.same(so_far, (1 << ORDERED) - 1);
            return 1;
        }
        let mut orders = 0;
        for piece in (1..=rest).filter(|piece| piece & !rest == 0) {
            orders += self.every_order(&self.merged(so_far, &self.learned[piece]), rest & !piece);
        }
        orders
    }

    /// Every way of merging any piece into any other until one is left.
    fn every_tree(&self, pieces: &[L]) -> usize {
        if let [one] = pieces {
            self.same_answers(one.clone(), (1 << PAIRED) - 1);
            return 1;
        }
        let mut trees = 0;
        for from in 0..pieces.len() {
            let mut others = pieces.to_vec();
            let one = others.remove(from);
            for into in 0..others.len() {
                let mut next = others.clone();
                next[into] = self.merged(&others[into], &one);
                trees += self.every_tree(&next);
            }
        }
        trees
    }

    fn every_cut_paired(&self, rest: usize, pieces: &mut Vec<L>) -> usize {
        if rest == 0 {
            return self.every_tree(pieces);
        }
        let first = rest & rest.wrapping_neg();
        let mut trees = 0;
        for piece in (1..=rest).filter(|piece| piece & !rest == 0 && piece & first != 0) {
            pieces.push(self.learned[piece].clone());
            trees += self.every_cut_paired(rest & !piece, pieces);
            pieces.pop();
        }
        trees
    }
}

fn check<T: Clone, L: Clone + Serialize + PartialEq>(
    rows: &[T],
    learn: impl Fn(&[T]) -> L,
    merge: impl Fn(&mut L, &L),
    answers: impl Fn(&mut L) -> String,
) {
    let sets = Sets::new(Learning { rows, learn: &learn, merge: &merge, answers: &answers });
    sets.any_two();
    // Bell's number of 8, Fubini's of 7; 1 + 15 * 2 + 25 * 12 + 10 * 144 + 2880 orders of merging pieces of 5.
    assert_eq!(sets.every_cut((1 << ROWS) - 1, &mut Vec::new()), 4140);
    assert_eq!(sets.every_order(&sets.learned[0], (1 << ORDERED) - 1), 47_293);
    assert_eq!(sets.every_cut_paired((1 << PAIRED) - 1, &mut Vec::new()), 4651);
}

/// Numbers that a sum of f64 loses, ties, both zeros, and rows without a value.
const NUMBERS: [f64; ROWS] = [1e16, 1.0, 0.1, f64::NAN, -1e16, -0.0, 0.1, 5e-324];

/// Predictions and outcomes alike.
const ROWS_OF_TWO: [(f64, f64); ROWS] = [
    (1e8, 1.0),
    (0.1, 0.3),
    (-1e8, 2.5),
    (0.1, -7.0),
    (0.3, f64::NAN),
    (f64::INFINITY, 0.0),
    (0.0, -0.0),
    (0.2, 1e-9),
];

const NAMES: [Option<&str>; ROWS] =
    [Some("a"), None, Some("b"), Some("a"), Some(""), Some("ä"), None, Some("c")];

#[test]
fn moments() {
    let learn = |rows: &[f64]| {
        let mut m = Moments::new();
        m.extend(rows);
        m
    };
    let answers = |m: &mut Moments| {
        format!("{:?}", (m.n(), m.missing(), m.sum(), m.mean(), m.variance(), m.sd(), m.min(), m.max()))
    };
    check(&NUMBERS, learn, Moments::merge, answers);
}

#[test]
fn quantiles_sorted_and_not() {
    let learn = |rows: &[f64]| {
        let mut q = Quantiles::new();
        q.extend(rows);
        q
    };
    let answers = |q: &mut Quantiles| {
        let levels: Vec<_> = (0..=8).map(|part| q.quantile_of(part, 8)).collect();
        format!("{:?}", (levels, q.count_at_most(0.1), q.largest_below(0.1), q.n(), q.missing()))
    };
    check(&NUMBERS, learn, Quantiles::merge, answers);
    // Some pieces sorted before they are merged: those of an even number of rows.
    let learn = |rows: &[f64]| {
        let mut quantiles = learn(rows);
        if rows.len().is_multiple_of(2) {
            quantiles.sort();
        }
        quantiles
    };
    check(&NUMBERS, learn, Quantiles::merge, answers);
}

#[test]
fn columns() {
    let learn = |rows: &[f64]| {
        let mut c = Column::new();
        c.extend(rows);
        c
    };
    check(&NUMBERS, learn, Column::merge, |column| json(&column.summary()));
}

#[test]
fn references() {
    let learn = |rows: &[f64]| {
        let mut q = Quantiles::new();
        q.extend(rows);
        q
    };
    check(&NUMBERS, learn, Quantiles::merge, |quantiles| {
        let reference = Reference::from_order(quantiles);
        json(&(&reference, reference.compare(&reference.count(&[0.1, 3.0, f64::NAN]))))
    });
}

#[test]
fn counts_in_bins() {
    let reference = Reference::learn(&[0.0, 0.05, 0.1, 0.5, 0.7, 3.0, f64::NAN]);
    let learn = |rows: &[f64]| reference.count(rows);
    check(&NUMBERS, learn, |a, b| a.merge(b).unwrap(), |counts| json(&reference.compare(counts)));
}

#[test]
fn categories_and_their_references() {
    let learn = |rows: &[Option<&str>]| {
        let mut c = Categories::new();
        c.extend(rows.iter().copied());
        c
    };
    check(&NAMES, learn, Categories::merge, |categories| {
        let reference = CategoryReference::learn(categories);
        json(&(&reference, reference.compare(&reference.count([Some("a"), Some("new"), None]))))
    });
}

#[test]
fn nulls() {
    let learn = |rows: &[Option<&str>]| {
        let mut nulls = Nulls::default();
        rows.iter().for_each(|row| nulls.add(row.is_none()));
        nulls
    };
    let reference = Nulls { rows: 10, nulls: 1 };
    check(&NAMES, learn, Nulls::merge, |nulls| json(&(*nulls, reference.compare(nulls))));
}

#[test]
fn counts_of_categories() {
    let mut training = Categories::new();
    training.extend([Some("a"), Some("b"), Some("a"), None]);
    let reference = CategoryReference::learn(&training);
    let learn = |rows: &[Option<&str>]| reference.count(rows.iter().copied());
    check(&NAMES, learn, |a, b| a.merge(b).unwrap(), |counts| json(&reference.compare(counts)));
}

#[test]
fn errors() {
    let learn = |rows: &[(f64, f64)]| {
        let mut e = Errors::new();
        rows.iter().for_each(|r| e.add(r.0, r.1));
        e
    };
    check(&ROWS_OF_TWO, learn, Errors::merge, |errors| json(&errors.measures()));
}

#[test]
fn lines() {
    let learn = |rows: &[(f64, f64)]| {
        let mut l = Line::new();
        rows.iter().for_each(|r| l.add(r.0, r.1));
        l
    };
    let answers = |line: &mut Line| {
        format!(
            "{} {:?}",
            json(&line.fit()),
            (line.mean_predicted(), line.mean_actual(), line.bias(), line.sd_actual())
        )
    };
    check(&ROWS_OF_TWO, learn, Line::merge, answers);
}

#[test]
fn pairs_and_isotonic_fits() {
    let learn = |rows: &[(f64, f64)]| {
        let mut p = Pairs::new();
        rows.iter().for_each(|r| p.add(r.0, r.1));
        p
    };
    let answers =
        |pairs: &mut Pairs| format!("{:?} {}", pairs.sorted().to_vec(), json(&Isotonic::fit(pairs)));
    check(&ROWS_OF_TWO, learn, Pairs::merge, answers);
}

#[test]
fn calibrations() {
    let learn = |rows: &[(f64, f64)]| {
        let mut c = Calibration::new();
        rows.iter().for_each(|r| c.add(r.0, r.1));
        c
    };
    check(&ROWS_OF_TWO, learn, Calibration::merge, |calibration| json(&calibration.measures_in(2)));
}

/// What the checks must find: a sum that rounds at every step.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Rounded(f64);

#[test]
#[should_panic(expected = "set")]
fn a_sum_that_rounds_is_found_out() {
    let learn = |rows: &[f64]| Rounded(rows.iter().filter(|x| x.is_finite()).sum());
    check(&NUMBERS, learn, |a, b| a.0 += b.0, |sum| json(sum));
}

/// And a list that keeps the order in which values came.
#[test]
#[should_panic(expected = "set")]
fn an_order_that_is_kept_is_found_out() {
    check(&NAMES, <[Option<&str>]>::to_vec, |a: &mut Vec<_>, b| a.extend(b), |list| json(list));
}
