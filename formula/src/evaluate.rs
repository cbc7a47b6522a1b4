//! Applying an expression to columns: each step over a block of rows at a time, so that the choice of the step is
//! made once a block and the blocks stay in the processor's cache.

use crate::expression::{Expression, Step};
use crate::function::Function;

/// Rows of a block.
const BLOCK: usize = 1024;

/// The values of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// One a row, finite, or NaN where it is missing.
    pub values: Vec<f64>,
    /// Rows whose value is missing though none of the columns is: a division by zero, a logarithm of what is not
    /// positive, an overflow, or an operand that was infinite.
    pub undefined: u64,
}

impl Expression {
    /// Its value in each of `rows` rows. `column` gives a column by its name, `rows` numbers long, where NaN marks
    /// a missing one; it is asked for each of [`Expression::columns`] once.
    ///
    /// # Errors
    /// The name of a column that is not given, or has another length.
    pub fn evaluate<'a>(
        &self,
        rows: usize,
        column: &dyn Fn(&str) -> Option<&'a [f64]>,
    ) -> Result<Evaluated, String> {
        let of_length = |name: &String| column(name).filter(|c| c.len() == rows).ok_or_else(|| name.clone());
        let columns: Vec<&[f64]> = self.columns.iter().map(of_length).collect::<Result<_, _>>()?;

        let mut stack = vec![[0.0; BLOCK]; self.stack_size()];
        let mut done = Evaluated { values: Vec::with_capacity(rows), undefined: 0 };
        for start in (0..rows).step_by(BLOCK) {
            let length = BLOCK.min(rows - start);
            let block: Vec<&[f64]> = columns.iter().map(|c| &c[start..start + length]).collect();
            self.run(&block, length, &mut stack);
            let values = &stack[0][..length];
            done.undefined += undefined(values, &block);
            done.values.extend_from_slice(values);
        }
        Ok(done)
    }

    /// Leaves the values of a block in the first place of the stack.
    fn run(&self, columns: &[&[f64]], length: usize, stack: &mut [[f64; BLOCK]]) {
        let mut top = 0;
        for step in &self.steps {
            top -= step.arity();
            let (operands, rest) = stack.split_at_mut(top + 1);
            let a = &mut operands[top][..length];
            match *step {
                Step::Number(value) => a.fill(value),
                Step::Column(place) => {
                    a.iter_mut().zip(columns[place]).for_each(|(a, value)| *a = finite(*value));
                }
                Step::Negate => each(a, |a| -a),
                Step::Call(function) if function.arity() == 1 => one(function, a),
                _ => two(*step, a, &rest[0][..length]),
            }
            top += 1;
        }
    }
}

/// Rows whose value is missing while no column is.
fn undefined(values: &[f64], columns: &[&[f64]]) -> u64 {
    let missing = values.iter().enumerate().filter(|(_, value)| value.is_nan());
    missing.map(|(row, _)| u64::from(columns.iter().all(|c| !c[row].is_nan()))).sum()
}

/// The number itself, or NaN where it is infinite.
fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}

fn each(a: &mut [f64], f: impl Fn(f64) -> f64) {
    a.iter_mut().for_each(|a| *a = finite(f(*a)));
}

fn pairs(a: &mut [f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a = finite(f(*a, *b)));
}

/// As [`pairs`], for a function that may give a number for NaN.
fn present_pairs(a: &mut [f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    pairs(a, b, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { f(a, b) });
}

/// A function of one number, in place.
fn one(function: Function, a: &mut [f64]) {
    match function {
        Function::Abs => each(a, f64::abs),
        Function::Sqrt => each(a, f64::sqrt),
        Function::Cbrt => each(a, libm::cbrt),
        Function::Exp => each(a, libm::exp),
        Function::Expm1 => each(a, libm::expm1),
        Function::Ln => each(a, libm::log),
        Function::Log1p => each(a, libm::log1p),
        Function::Log2 => each(a, libm::log2),
        Function::Log10 => each(a, libm::log10),
        Function::Floor => each(a, f64::floor),
        Function::Ceil => each(a, f64::ceil),
        Function::Round => each(a, f64::round_ties_even),
        // Zero, of either sign, and NaN stay what they are.
        Function::Sign => each(a, |a| if a.abs() > 0.0 { a.signum() } else { a }),
        Function::Sin => each(a, libm::sin),
        Function::Cos => each(a, libm::cos),
        Function::Tanh => each(a, libm::tanh),
        Function::Min | Function::Max | Function::Pow => {}
    }
}

/// An operator or a function of two numbers, in the place of the first.
fn two(step: Step, a: &mut [f64], b: &[f64]) {
    match step {
        Step::Add => pairs(a, b, |a, b| a + b),
        Step::Subtract => pairs(a, b, |a, b| a - b),
        Step::Multiply => pairs(a, b, |a, b| a * b),
        Step::Divide => pairs(a, b, |a, b| a / b),
        Step::Power | Step::Call(Function::Pow) => present_pairs(a, b, power),
        // By the total order, where -0 is below 0, so that the order of the arguments does not matter.
        Step::Call(Function::Min) => present_pairs(a, b, |a, b| if a.total_cmp(&b).is_le() { a } else { b }),
        Step::Call(Function::Max) => present_pairs(a, b, |a, b| if a.total_cmp(&b).is_ge() { a } else { b }),
        _ => {}
    }
}

/// `x` to the power `y`: products where `y` is 2, 3 or 4, which are exact more often than `libm::pow`.
fn power(x: f64, y: f64) -> f64 {
    match y {
        2.0 => x * x,
        3.0 => x * x * x,
        4.0 => (x * x) * (x * x),
        _ => libm::pow(x, y),
    }
}
