//! The canonical text of an expression: fewest parentheses, blanks around operators.

use std::fmt;

use crate::expression::{Expression, Step};
use crate::token::is_plain;

/// How tightly a piece of text holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    Sum,
    Product,
    Signed,
    Power,
    Operand,
}

struct Piece {
    text: String,
    tie: Tie,
}

impl Piece {
    fn operand(text: String) -> Self {
        Self { text, tie: Tie::Operand }
    }

    /// Its text, in parentheses where it is looser than its place asks for.
    fn at_least(self, tie: Tie) -> String {
        if self.tie < tie { format!("({})", self.text) } else { self.text }
    }

    fn join(self, sign: &str, right: Self, left_tie: Tie, right_tie: Tie, tie: Tie) -> Self {
        let mut text = self.at_least(left_tie);
        text.push_str(sign);
        text.push_str(&right.at_least(right_tie));
        Self { text, tie }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut stack: Vec<Piece> = Vec::new();
        for step in &self.steps {
            // Each step finds as many pieces as it takes: the parser wrote them.
            let mut operands = stack.split_off(stack.len().saturating_sub(step.arity())).into_iter();
            let piece = match (*step, operands.next(), operands.next()) {
                (Step::Number(value), ..) => Piece::operand(number(value)),
                (Step::Column(place), ..) => Piece::operand(column(&self.columns[place])),
                (Step::Negate, Some(a), _) => {
                    Piece { text: format!("-{}", a.at_least(Tie::Signed)), tie: Tie::Signed }
                }
                (Step::Add, Some(a), Some(b)) => a.join(" + ", b, Tie::Sum, Tie::Product, Tie::Sum),
                (Step::Subtract, Some(a), Some(b)) => a.join(" - ", b, Tie::Sum, Tie::Product, Tie::Sum),
                (Step::Multiply, Some(a), Some(b)) => {
                    a.join(" * ", b, Tie::Product, Tie::Signed, Tie::Product)
                }
                (Step::Divide, Some(a), Some(b)) => a.join(" / ", b, Tie::Product, Tie::Signed, Tie::Product),
                (Step::Power, Some(a), Some(b)) => a.join(" ^ ", b, Tie::Operand, Tie::Signed, Tie::Power),
                (Step::Call(function), Some(a), None) => {
                    Piece::operand(format!("{}({})", function.name(), a.text))
                }
                (Step::Call(function), Some(a), Some(b)) => {
                    Piece::operand(format!("{}({}, {})", function.name(), a.text, b.text))
                }
                _ => return Err(fmt::Error),
            };
            stack.push(piece);
        }
        stack.pop().map_or(Err(fmt::Error), |piece| f.write_str(&piece.text))
    }
}

/// The shorter of the two shortest texts that give the same f64 back, with and without exponent.
fn number(value: f64) -> String {
    let (plain, scientific) = (format!("{value}"), format!("{value:e}"));
    if plain.len() <= scientific.len() + 2 { plain } else { scientific }
}

fn column(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}
