//! Trees drawn at random, written with every parenthesis and evaluated row by row: the slow second opinion.

#![allow(clippy::allow_attributes, dead_code, reason = "each test uses its part")]

use proptest::prelude::*;

/// An expression as its author thinks of it.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Number(f64),
    Column(String),
    Negate(Box<Tree>),
    Operator(char, Box<Tree>, Box<Tree>),
    Call(&'static str, Vec<Tree>),
}

impl Tree {
    /// Its text, with parentheses around everything.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Number(value) => format!("{value:?}"),
            Self::Column(name) => format!("`{}`", name.replace('`', "``")),
            Self::Negate(a) => format!("(-{})", a.text()),
            Self::Operator(sign, a, b) => format!("({}{sign}{})", a.text(), b.text()),
            Self::Call(name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(Self::text).collect();
                format!("{name}({})", arguments.join(","))
            }
        }
    }

    /// Its value in one row; NaN where it is missing or undefined.
    pub(crate) fn value(&self, row: &dyn Fn(&str) -> f64) -> f64 {
        let operands: Vec<f64> = match self {
            Self::Number(_) | Self::Column(_) => vec![],
            Self::Negate(a) => vec![a.value(row)],
            Self::Operator(_, a, b) => vec![a.value(row), b.value(row)],
            Self::Call(_, arguments) => arguments.iter().map(|a| a.value(row)).collect(),
        };
        if operands.iter().any(|o| o.is_nan()) {
            return f64::NAN;
        }
        let result = match (self, operands.as_slice()) {
            (Self::Number(value), _) => *value,
            (Self::Column(name), _) => row(name),
            (Self::Negate(_), [a]) => -a,
            (Self::Operator('+', ..), [a, b]) => a + b,
            (Self::Operator('-', ..), [a, b]) => a - b,
            (Self::Operator('*', ..), [a, b]) => a * b,
            (Self::Operator('/', ..), [a, b]) => a / b,
            (Self::Operator('^', ..) | Self::Call("pow", _), [a, b]) => match *b {
                2.0 => a * a,
                3.0 => a * a * a,
                4.0 => (a * a) * (a * a),
                _ => libm::pow(*a, *b),
            },
            (Self::Call("abs", _), [a]) => a.abs(),
            (Self::Call("sqrt", _), [a]) => a.sqrt(),
            (Self::Call("floor", _), [a]) => a.floor(),
            (Self::Call("round", _), [a]) => libm::rint(*a),
            (Self::Call("ln", _), [a]) => libm::log(*a),
            (Self::Call("exp", _), [a]) => libm::exp(*a),
            (Self::Call("sign", _), [a]) if *a > 0.0 => 1.0,
            (Self::Call("sign", _), [a]) if *a < 0.0 => -1.0,
            (Self::Call("sign", _), [a]) => *a,
            (Self::Call("min", _), [a, b]) => libm::fmin(*a, *b),
            (Self::Call("max", _), [a, b]) => libm::fmax(*a, *b),
            other => panic!("{other:?}"),
        };
        if result.is_finite() { result } else { f64::NAN }
    }
}

/// Numbers as people write them, and some at the ends of the range.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (0u32..10).prop_map(f64::from),
        2 => (0u32..100_000).prop_map(|n| f64::from(n) / 1000.0),
        1 => any::<f64>().prop_map(f64::abs).prop_filter("finite", |x| x.is_finite()),
    ]
}

/// Trees over the columns that `names` draws, of the functions given.
pub(crate) fn tree(
    names: impl Strategy<Value = String> + 'static,
    one: &'static [&'static str],
    two: &'static [&'static str],
    signs: &'static [char],
) -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![number().prop_map(Tree::Number), names.prop_map(Tree::Column)];
    leaf.prop_recursive(7, 48, 2, move |inner| {
        let (a, b) = (inner.clone(), inner);
        let both = (a.clone(), b);
        prop_oneof![
            2 => a.clone().prop_map(|a| Tree::Negate(Box::new(a))),
            6 => (prop::sample::select(signs), both.clone())
                .prop_map(|(sign, (a, b))| Tree::Operator(sign, Box::new(a), Box::new(b))),
            2 => (prop::sample::select(one), a).prop_map(|(name, a)| Tree::Call(name, vec![a])),
            1 => (prop::sample::select(two), both).prop_map(|(name, (a, b))| Tree::Call(name, vec![a, b])),
        ]
    })
}
