//! Whether prediction intervals keep their promise, and how wide they are.

use model::Method;
use stats::{CoverageMeasures, CoverageVerdict, Reason};

use crate::facts::Facts;
use crate::metrics::Intervals;
use crate::table::Table;
use crate::{number, sections, words};

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let mut out = vec!["## Prediction intervals".to_owned()];
    let intervals = facts.metrics.intervals.as_ref().filter(|of| of.method != Method::None);
    let Some(intervals) = intervals else {
        out.push("The model has no prediction intervals: none were asked for.".to_owned());
        return out;
    };
    let mut known = intervals.levels.iter().zip(&intervals.quantiles).filter(|(_, q)| q.is_some());
    out.extend(known.next_back().map(|(level, _)| how(facts, intervals, *level)));
    out.extend(missing(intervals));
    if facts.metrics.only_outcome().is_some() {
        out.push("All outcomes are equal, so there is nothing for intervals to hold or to miss.".to_owned());
        return out;
    }
    let test = &facts.metrics.test.intervals;
    let judged = test.iter().filter(|of| of.coverage.is_some());
    out.extend(judged.map(verdict).chain(cause(facts, intervals)).reduce(|all, one| format!("{all} {one}")));
    if intervals.quantiles.iter().any(Option::is_some) {
        out.push(table(facts));
        out.push(format!(
            "Widths and the interval score are {}; the score is the width plus a penalty for outcomes outside, so less is better. “In sd” is the width over the standard deviation of the outcomes. {}",
            sections::unit(facts),
            caution(facts)
        ));
    }
    out
}

/// One sentence for the answer: the widest interval on the test part; its width in the form of the `largest` figure there.
pub(crate) fn answer(facts: &Facts, largest: f64) -> Option<String> {
    let intervals = facts.metrics.intervals.as_ref().filter(|of| of.method != Method::None)?;
    let Some(of) = facts.metrics.test.intervals.iter().rfind(|of| of.coverage.is_some()) else {
        let reason = intervals.absent.iter().flatten().next()?;
        return Some(format!(
            "How far off a single prediction may be cannot be stated: {}.",
            why(intervals, *reason)
        ));
    };
    let says = match of.verdict {
        CoverageVerdict::Holds => "as promised, as far as chance lets one tell",
        CoverageVerdict::TooNarrow => "**fewer than promised: they are too narrow**",
        CoverageVerdict::TooWide => "**more than promised: they are too wide**",
        _ => "**too few rows to tell** whether they keep their promise",
    };
    Some(format!(
        "Its {} intervals, {} wide on average, hold {} of the test outcomes: {says}.",
        number::level(of.level),
        of.mean_width.map_or_else(|| number::or_dash(None), |width| number::like(width, largest)),
        share(of.coverage)
    ))
}

/// How they are made, with the promise of one level.
fn how(facts: &Facts, intervals: &Intervals, level: f64) -> String {
    let promise = format!(
        "A prediction interval says how far off a single prediction may be: {} intervals promise to hold {} of 100 outcomes.",
        number::level(level),
        number::level(level).trim_end_matches(" %")
    );
    let rows = number::counted(intervals.rows, "calibration row");
    let made = match intervals.method {
        Method::Normalised => format!(
            "Here they are the prediction plus and minus a multiple of the error to expect of such a row, a linear function of the features; the multiple is taken from the errors on {rows} (normalised split conformal)."
        ),
        Method::T => format!(
            "Here they are the classical ones of least squares, by Student's t with {} degrees of freedom, which take the errors as normal, independent and equally spread.",
            number::count(intervals.rows)
        ),
        _ => format!(
            "Here they are the prediction plus and minus a width that is the same for all rows, taken from the errors on {rows} (split conformal)."
        ),
    };
    let assumed = if intervals.method == Method::T {
        ""
    } else if facts.metrics.target.time.is_empty() {
        " The promise holds for rows that are like those of the calibration part."
    } else {
        " The promise holds for rows that are like those of the calibration part; times that differ from it break it."
    };
    format!("{promise} {made}{assumed}")
}

/// Levels without intervals, and why.
fn missing(intervals: &Intervals) -> Option<String> {
    let one = |(level, reason): (&f64, &Option<Reason>)| {
        let reason = (*reason)?;
        let least = match reason {
            Reason::TooFewRows | Reason::NoRows if intervals.method != Method::T => {
                let rows = stats::conformal_rows(*level);
                format!(" (at least {} calibration rows are needed)", number::count(rows))
            }
            _ => String::new(),
        };
        Some(format!(
            "**There are no {} intervals**: {}{least}.",
            number::level(*level),
            why(intervals, reason)
        ))
    };
    let all: Vec<String> = intervals.levels.iter().zip(&intervals.absent).filter_map(one).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

fn why(intervals: &Intervals, reason: Reason) -> String {
    match reason {
        Reason::NoRows => "there are no calibration rows".to_owned(),
        Reason::NotRead => {
            "the model was fitted to summaries, so that the calibration rows were not read".to_owned()
        }
        Reason::PerfectFit => "the model fits its training rows without error".to_owned(),
        Reason::TooFewRows if intervals.method == Method::T => {
            "as many coefficients as training rows leave no error to measure".to_owned()
        }
        Reason::TooFewRows => "too few rows".to_owned(),
        other => words::reason(other).to_owned(),
    }
}

/// How the intervals of one level held on the test part.
fn verdict(of: &CoverageMeasures) -> String {
    let rows = number::counted(of.n, "test row");
    let band = of.band_lower.zip(of.band_upper).map_or_else(String::new, |(low, high)| {
        format!(
            " Intervals that keep their promise would, 95 times in 100, hold between {} and {} of so many rows",
            share(Some(low)),
            share(Some(high))
        )
    });
    let says = match of.verdict {
        CoverageVerdict::Holds => ": these **hold**, as far as chance lets one tell.",
        CoverageVerdict::TooNarrow => ": these are **too narrow**, and miss more outcomes than promised.",
        CoverageVerdict::TooWide => ": these are **too wide**, and could be narrower.",
        _ if band.is_empty() => " **Too few rows** to tell whether that is what they promise.",
        _ => {
            ", so that twice the promised misses would pass as chance: whether these hold **cannot be told**, with so few rows."
        }
    };
    format!("The {} intervals hold {} of {rows}.{band}{says}", number::level(of.level), share(of.coverage))
}

/// What it means for conformal intervals to be off, where all levels that are off say the same.
fn cause(facts: &Facts, intervals: &Intervals) -> Option<String> {
    let verdicts = || facts.metrics.test.intervals.iter().map(|of| of.verdict);
    let narrow = verdicts().any(|v| v == CoverageVerdict::TooNarrow);
    let wide = verdicts().any(|v| v == CoverageVerdict::TooWide);
    let than = match (narrow, wide) {
        (true, false) => "More errors on the test part are beyond the widths than",
        (false, true) => "Fewer errors on the test part are beyond the widths than",
        _ => return None,
    };
    (intervals.method != Method::T)
        .then(|| format!("{than} on the calibration part, which the widths were taken from."))
}

fn table(facts: &Facts) -> String {
    let mut table = Table::new(&[
        "Part",
        ">Level",
        ">Rows",
        ">Covered",
        ">By chance",
        ">Mean width",
        ">In sd",
        ">Interval score",
        "Verdict",
    ]);
    let parts = facts.metrics.parts();
    let known = |of: &CoverageMeasures| of.coverage.is_some();
    let judged = |of: &CoverageMeasures| known(of) && of.verdict != CoverageVerdict::InSample;
    // Beside rows that are judged, those that the widths were learned from tell nothing.
    let any = parts.iter().flat_map(|(_, part)| &part.intervals).any(judged);
    for (name, part) in parts {
        for of in part.intervals.iter().filter(|of| if any { judged(of) } else { known(of) }) {
            let band = of.band_lower.zip(of.band_upper);
            let band = band.map_or_else(
                || "–".to_owned(),
                |(low, high)| format!("{} to {}", share(Some(low)), share(Some(high))),
            );
            let cell = |value: Option<f64>, key: &str| {
                let reason = of.absent.reason(key).map_or("–", words::reason);
                value.map_or_else(|| reason.to_owned(), number::figure)
            };
            table.row([
                words::capital(name),
                number::level(of.level),
                number::count(of.n),
                share(of.coverage),
                band,
                cell(of.mean_width, "mean_width"),
                cell(of.mean_width_sd, "mean_width_sd"),
                cell(of.winkler, "winkler"),
                words::coverage(of.verdict).to_owned(),
            ]);
        }
    }
    table.render()
}

fn caution(facts: &Facts) -> &'static str {
    if facts.metrics.target.time.is_empty() {
        "“By chance” takes rows as independent."
    } else {
        "“By chance” takes rows as independent; rows close in time are not, so that chance explains more than it says."
    }
}

/// A share in percent with one decimal, so that 99.5 % is not 100 %.
fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{:.1} %", 100.0 * v))
}
