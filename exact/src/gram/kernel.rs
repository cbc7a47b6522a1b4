//! From rows to sums of products: the fast way by slices, the slow way number by number. Both are exact, so that which
//! one a column takes is never seen in the result.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Axis, Slice as Range};

use super::column::Block;
use super::slices::{ROWS, Slice, Slices};
use super::triangle;
use crate::dd::two_product;
use crate::limbs::Limbs;
use crate::sum::Sum;

/// Slices multiplied at a time. The product of a matrix with itself is symmetric: panels skip the lower half.
const PANEL: usize = 32;

/// What is needed for [`ROWS`] rows, kept from one to the next.
pub(super) struct Kernel {
    /// The columns `1, x1..xp, y`.
    columns: usize,
    plain: Slices,
    weighted: Slices,
    /// Columns of these rows that cannot be cut.
    hard: Vec<bool>,
    products: Vec<f64>,
    negative: bool,
}

/// The columns of at most [`ROWS`] rows, the column of ones first, each in parts.
struct Rows<'a> {
    columns: Vec<Vec<&'a [f64]>>,
    weights: Option<&'a [f64]>,
}

impl Kernel {
    /// With `negative`, rows are taken out rather than added.
    pub(super) fn new(columns: usize, negative: bool) -> Self {
        Self {
            columns,
            plain: Slices::default(),
            weighted: Slices::default(),
            hard: vec![false; columns],
            products: vec![0.0; PANEL * PANEL],
            negative,
        }
    }

    /// Adds the products of all pairs of columns to `entries`, the upper triangle. The block has been checked.
    pub(super) fn add(&mut self, block: &Block<'_>, entries: &mut [Sum]) {
        let ones = [1.0; ROWS];
        let rows = block.rows();
        for start in (0..rows).step_by(ROWS) {
            let range = start..rows.min(start + ROWS);
            let mut columns = vec![vec![&ones[..range.len()]]];
            columns.extend(
                block.columns().map(|column| column.parts.iter().map(|part| &part[range.clone()]).collect()),
            );
            let weights = block.weights.map(|weights| &weights[range.clone()]);
            self.add_rows(&Rows { columns, weights }, entries);
        }
    }

    fn add_rows(&mut self, rows: &Rows<'_>, entries: &mut [Sum]) {
        self.plain.clear();
        self.weighted.clear();
        for (column, parts) in rows.columns.iter().enumerate() {
            let (plain, weighted) = (self.plain.len(), self.weighted.len());
            let cut = parts.iter().all(|part| {
                self.plain.cut(part, column)
                    && rows
                        .weights
                        .is_none_or(|weights| cut_weighted(&mut self.weighted, part, weights, column))
            });
            self.hard[column] = !cut;
            if !cut {
                self.plain.truncate(plain);
                self.weighted.truncate(weighted);
            }
        }
        let count = rows.columns[0][0].len();
        if rows.weights.is_some() {
            self.multiply_weighted(count, entries);
        } else {
            self.multiply_symmetric(count, entries);
        }
        self.add_hard(rows, entries);
    }

    /// All products of slices with slices of the same or later columns.
    fn multiply_symmetric(&mut self, rows: usize, entries: &mut [Sum]) {
        let total = self.plain.len();
        for left in (0..total).step_by(PANEL) {
            let a = Panel::at(&self.plain, left);
            for right in (left..total).step_by(PANEL) {
                let b = Panel::at(&self.plain, right);
                panel_product(&a, &b, rows, &mut self.products);
                for i in 0..a.count {
                    let first = if left == right { i } else { 0 };
                    for j in first..b.count {
                        let (x, y) = (a.slice(i), b.slice(j));
                        // Two slices of one column meet twice in its square, but were multiplied once.
                        let twice = i32::from(x.column == y.column && left + i != right + j);
                        let entry = &mut entries[triangle(self.columns, x.column, y.column)];
                        let whole = self.products[i * PANEL + j];
                        add_whole(entry, self.negative, whole, x.exponent + y.exponent + twice);
                    }
                }
            }
        }
    }

    /// All products of weighted slices with plain slices of the same or later columns.
    fn multiply_weighted(&mut self, rows: usize, entries: &mut [Sum]) {
        for left in (0..self.weighted.len()).step_by(PANEL) {
            let a = Panel::at(&self.weighted, left);
            for right in (0..self.plain.len()).step_by(PANEL) {
                let b = Panel::at(&self.plain, right);
                if b.slice(b.count - 1).column < a.slice(0).column {
                    continue;
                }
                panel_product(&a, &b, rows, &mut self.products);
                for i in 0..a.count {
                    for j in 0..b.count {
                        let (x, y) = (a.slice(i), b.slice(j));
                        if x.column <= y.column {
                            let entry = &mut entries[triangle(self.columns, x.column, y.column)];
                            let whole = self.products[i * PANEL + j];
                            add_whole(entry, self.negative, whole, x.exponent + y.exponent);
                        }
                    }
                }
            }
        }
    }

    /// The pairs with a hard column in them, product by product.
    fn add_hard(&self, rows: &Rows<'_>, entries: &mut [Sum]) {
        for i in 0..self.columns {
            for j in i..self.columns {
                if !self.hard[i] && !self.hard[j] {
                    continue;
                }
                let entry = entries[triangle(self.columns, i, j)].limbs_mut();
                for a in &rows.columns[i] {
                    for b in &rows.columns[j] {
                        match rows.weights {
                            None => add_products(entry, self.negative, a, b),
                            Some(weights) => add_weighted_products(entry, self.negative, weights, a, b),
                        }
                    }
                }
            }
        }
    }
}

/// Cuts `weights * part`, as the exact sum of a rounded product and its error.
fn cut_weighted(slices: &mut Slices, part: &[f64], weights: &[f64], column: usize) -> bool {
    let (mut high, mut low) = ([0.0; ROWS], [0.0; ROWS]);
    let mut exact = true;
    for (k, (value, weight)) in part.iter().zip(weights).enumerate() {
        (high[k], low[k]) = two_product(*value, *weight);
        // Below this the error term itself may underflow; above f64 there is no product.
        let size = high[k].abs();
        exact &= size.is_finite() && (size > 1e-280 || *value == 0.0 || *weight == 0.0);
    }
    exact && slices.cut(&high[..part.len()], column) && slices.cut(&low[..part.len()], column)
}

/// `products[i * PANEL + j] = sum over the rows of a[left + i] * b[right + j]`, integers all of them.
fn panel_product(a: &Panel<'_>, b: &Panel<'_>, rows: usize, products: &mut [f64]) {
    let Ok(mut products) = ArrayViewMut2::from_shape((PANEL, PANEL), products) else {
        unreachable!("the products were made PANEL by PANEL");
    };
    products.slice_axis_inplace(Axis(0), Range::from(..a.count));
    products.slice_axis_inplace(Axis(1), Range::from(..b.count));
    general_mat_mul(1.0, &a.view(rows), &b.view(rows).t(), 0.0, &mut products);
}

/// Some slices that follow each other.
struct Panel<'a> {
    slices: &'a Slices,
    first: usize,
    count: usize,
}

impl<'a> Panel<'a> {
    fn at(slices: &'a Slices, first: usize) -> Self {
        Self { slices, first, count: PANEL.min(slices.len() - first) }
    }

    fn slice(&self, i: usize) -> Slice {
        self.slices.slices[self.first + i]
    }

    fn view(&self, rows: usize) -> ArrayView2<'a, f64> {
        let values = &self.slices.values[self.first * ROWS..(self.first + self.count) * ROWS];
        let Ok(mut view) = ArrayView2::from_shape((self.count, ROWS), values) else {
            unreachable!("each slice has ROWS places");
        };
        view.slice_axis_inplace(Axis(1), Range::from(..rows));
        view
    }
}

/// Adds `whole * 2^exponent`, or takes it out; `whole` is an integer.
#[expect(clippy::cast_possible_truncation, reason = "an integer of at most 2^53")]
fn add_whole(entry: &mut Sum, negative: bool, whole: f64, exponent: i32) {
    let whole = whole as i64;
    entry.limbs_mut().add_bits((whole < 0) != negative, whole.unsigned_abs(), exponent);
}

fn add_products(entry: &mut Limbs, negative: bool, a: &[f64], b: &[f64]) {
    for (a, b) in a.iter().zip(b) {
        entry.add_product(if negative { -a } else { *a }, *b);
    }
}

fn add_weighted_products(entry: &mut Limbs, negative: bool, weights: &[f64], a: &[f64], b: &[f64]) {
    for ((a, b), weight) in a.iter().zip(b).zip(weights) {
        let mut product = Limbs::new();
        product.add_product(if negative { -a } else { *a }, *b);
        entry.add_scaled(&product.canonical(), *weight);
    }
}
