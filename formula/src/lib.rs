//! Row-wise expressions over columns of numbers, such as `ln(High / Low)`.
//!
//! - [`Expression`]: one text, checked and compiled by [`Expression::parse`], applied to columns by
//!   [`Expression::evaluate`], written back by `Display`.
//! - [`Expressions`]: several under names, which may use one another.
//! - [`Fault`]: what is wrong with a text, and at which character.
//!
//! # Grammar
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = signed { ("*" | "/") signed }
//! signed  = ("-" | "+") signed | power
//! power   = operand [ "^" signed ]
//! operand = number | column | function "(" sum { "," sum } ")" | "(" sum ")"
//! ```
//!
//! So `^` binds tightest and to the right, `-2 ^ 2` is -4 and `2 ^ -1` a half. A column is a plain name (letters of
//! any script, `_`, and the digits 0 to 9 but not first), or any name between backquotes, where a backquote of the
//! name is doubled. A plain name before `(` is a function. A text has at most [`LONGEST`] characters and
//! [`DEEPEST`] levels.
//!
//! # Missing and undefined
//!
//! NaN marks a missing number. A missing operand makes the result missing, whatever the function (`0 * x`,
//! `min(1, x)`, `x ^ 0`). So does a step whose result is not finite (`1 / 0`, `ln(-1)`, an overflow), even where a
//! later step would give a number again, as `1 / (1 / 0)`: the row is then counted as undefined, provided that all
//! the columns of the expression are present in it. Missing results are thus the rows with a missing column and
//! the undefined rows, and no row is both.
//!
//! # Why libm
//!
//! IEEE 754 gives `+ - * /`, `sqrt` and rounding their last bit, but not `exp`, `ln`, `sin` and their like: the
//! standard library hands these to the C library of the system, whose last bits differ from one to the next. Here they
//! come from the crate `libm`, a port of musl's to Rust, so that a column has the same bits on every machine. Its
//! errors are below one unit in the last place, or barely above (`cbrt` is right to the last bit).
//!
//! `x ^ 2`, `x ^ 3` and `x ^ 4` are products, `x * x`, `x * x * x` and `(x * x) * (x * x)`, whether the exponent is
//! written or comes from a column: exact where the product is. Other exponents go to `libm::pow`. `0 ^ 0` is 1.
//!
//! ```
//! use formula::Expression;
//!
//! let range = Expression::parse("(High - Low) / `Adj Close`").unwrap();
//! assert_eq!(range.columns(), ["High", "Low", "Adj Close"]);
//!
//! let (high, low, close) = ([3.0, 5.0, 7.0], [1.0, f64::NAN, 6.0], [4.0, 4.0, 0.0]);
//! let columns = |name: &str| match name {
//!     "High" => Some(&high[..]),
//!     "Low" => Some(&low[..]),
//!     "Adj Close" => Some(&close[..]),
//!     _ => None,
//! };
//! let done = range.evaluate(3, &columns).unwrap();
//! assert_eq!(done.values[0], 0.5);
//! assert!(done.values[1].is_nan() && done.values[2].is_nan());
//! assert_eq!(done.undefined, 1);
//! ```

#![forbid(unsafe_code)]

mod display;
mod evaluate;
mod expression;
mod fault;
mod function;
mod named;
mod parse;
mod shown;
mod token;

pub use evaluate::Evaluated;
pub use expression::Expression;
pub use fault::Fault;
pub use function::functions;
pub use named::Expressions;
pub use parse::{DEEPEST, LONGEST};
