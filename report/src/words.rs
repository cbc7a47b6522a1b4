//! Words for codes.

use common::config::TargetStatistic;
use stats::{CoverageVerdict, Dependence, Reason, Verdict};

use crate::metrics::Target;

/// Why a figure is missing.
pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoRows => "no rows",
        Reason::TooFewRows => "too few rows",
        Reason::NoVariance => "all values equal",
        Reason::PerfectFit => "no error at all",
        Reason::OneBin => "one bin only",
        Reason::BinsDiffer => "bins differ",
        Reason::OutOfRange => "out of range",
        Reason::Overflow => "too large a number",
        Reason::NotRead => "rows not read",
        Reason::InSample => "the same rows",
        Reason::NearZero => "outcomes near zero",
        Reason::NoBaseline => "no persistence",
    }
}

/// What a PSI says.
pub(crate) fn drift(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Stable => "stable",
        Verdict::Moderate => "**moderate drift**",
        Verdict::Large => "**large drift**",
        Verdict::NotEnoughRows => "too few rows to tell",
    }
}

/// What the coverage of intervals says.
pub(crate) fn coverage(verdict: CoverageVerdict) -> &'static str {
    match verdict {
        CoverageVerdict::Holds => "holds",
        CoverageVerdict::TooNarrow => "**too narrow**",
        CoverageVerdict::TooWide => "**too wide**",
        CoverageVerdict::TooFewRows => "too few rows to tell",
        CoverageVerdict::InSample => "not judged: learned from these rows",
        CoverageVerdict::Missing => "–",
    }
}

/// What limits allow for.
pub(crate) fn allowing(dependence: Dependence) -> &'static str {
    match dependence {
        Dependence::Time => ", since rows of one time and the times around it move together",
        Dependence::Entity => ", since rows of one entity resemble each other",
        Dependence::Rows => "",
    }
}

/// What rows are drawn by.
pub(crate) fn units(dependence: Dependence) -> &'static str {
    match dependence {
        Dependence::Time => "times",
        Dependence::Entity => "entities",
        Dependence::Rows => "rows",
    }
}

/// How far ahead the target lies.
pub(crate) fn ahead(horizon: u32, statistic: TargetStatistic) -> String {
    match (horizon, statistic) {
        (0, _) => String::new(),
        (1, _) => "one row ahead".to_owned(),
        (h, TargetStatistic::Value) => format!("{h} rows ahead"),
        (h, TargetStatistic::Mean) => format!("on average over the next {h} rows"),
    }
}

/// What persistence does.
pub(crate) fn repeated(target: &Target) -> String {
    match target.statistic {
        TargetStatistic::Value => "repeating the last known value".to_owned(),
        TargetStatistic::Mean => format!("repeating the mean of the last {} rows", target.horizon),
    }
}

/// The first letter as a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A sentence of parts: `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
