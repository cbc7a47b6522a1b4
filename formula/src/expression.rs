//! One expression, as a program for a stack machine.

use crate::Fault;
use crate::function::Function;
use crate::parse;

/// An expression that was checked, ready to be applied to rows.
///
/// Two are equal if they are the same tree: blanks, superfluous parentheses and unary `+` do not matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// Distinct, in order of first appearance.
    pub(crate) columns: Vec<String>,
    /// The tree in postfix order, which is unique, since each step takes a fixed number of operands.
    pub(crate) steps: Vec<Step>,
}

/// One node of the tree: it takes its operands from the stack and leaves its result there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// Finite and without sign.
    Number(f64),
    /// By its place in `columns`.
    Column(usize),
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Call(Function),
}

impl Step {
    /// How many operands it takes.
    pub(crate) fn arity(self) -> usize {
        match self {
            Self::Number(_) | Self::Column(_) => 0,
            Self::Negate => 1,
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Power => 2,
            Self::Call(function) => function.arity(),
        }
    }
}

impl Expression {
    /// The expression that `text` writes.
    ///
    /// # Errors
    /// The first [`Fault`] of the text.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        Ok(parse::parse(text)?.0)
    }

    /// Names of the columns it uses: distinct, in order of first appearance.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    /// Most operands that wait at one time.
    pub(crate) fn stack_size(&self) -> usize {
        let (mut waiting, mut most) = (0, 0);
        for step in &self.steps {
            waiting = waiting + 1 - step.arity();
            most = most.max(waiting);
        }
        most
    }
}
