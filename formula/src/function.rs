//! The functions, and the names of those that there cannot be.

/// A function of one or two numbers of the same row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Sqrt,
    Cbrt,
    Exp,
    Expm1,
    Ln,
    Log1p,
    Log2,
    Log10,
    Floor,
    Ceil,
    /// To the nearest whole number, halves to the even one, as IEEE 754, pandas, Polars and R round.
    Round,
    /// -1, 0 or 1.
    Sign,
    Sin,
    Cos,
    Tanh,
    Min,
    Max,
    Pow,
}

impl Function {
    const ALL: [Self; 19] = [
        Self::Abs,
        Self::Sqrt,
        Self::Cbrt,
        Self::Exp,
        Self::Expm1,
        Self::Ln,
        Self::Log1p,
        Self::Log2,
        Self::Log10,
        Self::Floor,
        Self::Ceil,
        Self::Round,
        Self::Sign,
        Self::Sin,
        Self::Cos,
        Self::Tanh,
        Self::Min,
        Self::Max,
        Self::Pow,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Sqrt => "sqrt",
            Self::Cbrt => "cbrt",
            Self::Exp => "exp",
            Self::Expm1 => "expm1",
            Self::Ln => "ln",
            Self::Log1p => "log1p",
            Self::Log2 => "log2",
            Self::Log10 => "log10",
            Self::Floor => "floor",
            Self::Ceil => "ceil",
            Self::Round => "round",
            Self::Sign => "sign",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tanh => "tanh",
            Self::Min => "min",
            Self::Max => "max",
            Self::Pow => "pow",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    /// How many arguments it takes.
    pub(crate) fn arity(self) -> usize {
        if matches!(self, Self::Min | Self::Max | Self::Pow) { 2 } else { 1 }
    }
}

/// The names of all functions, each with the number of its arguments.
pub fn functions() -> impl Iterator<Item = (&'static str, usize)> {
    Function::ALL.into_iter().map(|f| (f.name(), f.arity()))
}

/// What makes a column that looks at other rows, where `name` is what such a function is called elsewhere.
pub(crate) fn elsewhere(name: &str) -> Option<&'static str> {
    const WINDOWS: &str = "`rolling` and `expanding` of [features] do";
    let name = name.to_lowercase();
    let known = match name.as_str() {
        "mean" | "avg" | "average" | "sum" | "std" | "stdev" | "stddev" | "sd" | "var" | "variance"
        | "median" | "mode" | "quantile" | "percentile" | "count" | "rank" | "zscore" => WINDOWS,
        "rolling" | "sma" | "window" => "`rolling` of [features] does",
        "lag" | "lags" | "shift" | "prev" | "previous" => "`lags` of [features] does",
        "lead" | "next" => "no feature may look ahead; the target does, by `horizon` of [project]",
        "diff" | "difference" | "differences" | "delta" | "pct_change" | "percent_change" | "returns" => {
            "`differences` of [features] does"
        }
        "expanding" | "running" => "`expanding` of [features] does",
        _ if ["rolling_", "moving_"].iter().any(|p| name.starts_with(p)) => "`rolling` of [features] does",
        _ if ["cum", "expanding_", "running_"].iter().any(|p| name.starts_with(p)) => {
            "`expanding` of [features] does"
        }
        _ => return None,
    };
    Some(known)
}
