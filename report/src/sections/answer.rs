//! The answer, first: what is predicted, how well, beside what, and what to be wary of.

mod rivals;

use stats::{Psi, Reason, Verdict};

use crate::facts::Facts;
use crate::metrics::Part;
use crate::sections::{gates, intervals, leaks};
use crate::{escape, number, sections, words};

/// Features named in a sentence.
const NAMED: usize = 3;

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let metrics = &facts.metrics;
    let mut out = vec!["## The answer".to_owned()];
    out.extend(gates::warning(facts));
    out.extend(leaks::warning(facts));
    if metrics.test.n == 0 {
        out.push(format!(
            "{} **There are no test rows, so nothing here says how well the model predicts rows it has not seen.**",
            subject(facts)
        ));
    } else if let Some(outcome) = metrics.only_outcome() {
        out.push(format!("{} {}", subject(facts), nothing_to_predict(facts, outcome)));
    } else {
        out.push(format!("{} {}", subject(facts), size(facts, &metrics.test)));
        out.push(rivals::beside(facts, largest(facts)));
        let largest = largest(facts);
        let parts = [level(&metrics.test, largest), intervals::answer(facts, largest).unwrap_or_default()];
        out.extend(paragraph(parts));
    }
    let clear = [leaks::all_clear(facts), gates::all_clear(facts)].map(Option::unwrap_or_default);
    out.extend(paragraph([drift(facts)].into_iter().chain(clear)));
    out
}

/// Sentences as one paragraph; nothing where there are none.
fn paragraph(sentences: impl IntoIterator<Item = String>) -> Option<String> {
    let said: Vec<String> = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

fn subject(facts: &Facts) -> String {
    let (used, all) = (facts.used() as u64, facts.model.features.len() as u64);
    // Drift is watched in all of them, also in those that the fit leaves out.
    let of = if used < all {
        format!("{} of {}", number::count(used), number::counted(all, "feature"))
    } else {
        number::counted(all, "feature")
    };
    format!(
        "A {} model predicts {} from {of}.",
        escape::text(&facts.metrics.model.kind),
        sections::predicted(facts)
    )
}

/// What is to be said where every outcome is the same.
fn nothing_to_predict(facts: &Facts, outcome: f64) -> String {
    format!(
        "**There is nothing to predict: all outcomes of {} are equal, {}, in every part.** So no error, interval or comparison here says how good the model is.",
        escape::quoted(&facts.metrics.target.source),
        number::figure(outcome)
    )
}

/// Where the mean absolute error would lie in other samples.
fn sure(test: &Part, largest: f64) -> String {
    let Some(confidence) = &test.confidence else { return String::new() };
    confidence.mae.map_or_else(String::new, |mae| {
        format!(
            " (with 95 % confidence between {} and {})",
            number::like(mae.lower, largest),
            number::like(mae.upper, largest)
        )
    })
}

/// The largest error and width of the opening, whose form the others take.
fn largest(facts: &Facts) -> f64 {
    let metrics = &facts.metrics;
    let (test, baselines) = (&metrics.test, &metrics.baselines);
    let limits = test.confidence.as_ref().and_then(|found| found.mae).map(|mae| mae.upper);
    let rivals = [baselines.train_median.test.mae, baselines.persistence.as_ref().and_then(|b| b.test.mae)];
    let widths = test.intervals.iter().map(|of| of.mean_width);
    [test.mae, limits].into_iter().chain(rivals).chain(widths).flatten().fold(0.0, f64::max)
}

fn size(facts: &Facts, test: &Part) -> String {
    let made = if facts.metrics.target.horizon > 0 { "made from rows of " } else { "" };
    let period = facts.metrics.period("test").map_or_else(String::new, |(first, last)| {
        format!(", {made}{} to {}", escape::text(first), escape::text(last))
    });
    let rows =
        format!("On {} that it was not fitted to (the test part{period})", number::counted(test.n, "row"));
    let Some(mae) = test.mae else { return format!("{rows}, its error cannot be stated.") };
    let relative = test.mape.map_or_else(String::new, |mape| {
        format!(" That is {} of the outcome, on average over rows.", number::percent(mape))
    });
    let largest = largest(facts);
    format!(
        "{rows} it misses by **{}** on average, {}{}.{relative}{}",
        number::like(mae, largest),
        sections::unit(facts),
        sure(test, largest),
        share(test)
    )
}

/// How much of the variance is accounted for, no surer than its limits are.
fn share(test: &Part) -> String {
    let shown = |r2: f64| number::fixed(Some(r2), 4);
    let Some(r2) = test.r2 else {
        let reason = test.absent.get("r2").copied();
        return match reason {
            Some(Reason::NoVariance) => {
                " R² cannot be stated: all outcomes of the test part are equal.".to_owned()
            }
            Some(reason) => format!(" R² cannot be stated: {}.", words::reason(reason)),
            None => String::new(),
        };
    };
    let Some(limits) = test.confidence.as_ref().and_then(|found| found.r2) else {
        return format!(" Its R² is {} on these rows, too few to say how sure that is.", shown(r2));
    };
    let sure = format!(
        "R² {}, with 95 % confidence between {} and {}",
        shown(r2),
        shown(limits.lower),
        shown(limits.upper)
    );
    if limits.lower > 0.0 {
        format!(" It accounts for {} of the variance of the outcomes ({sure}).", number::percent(r2))
    } else if limits.upper <= 0.0 {
        format!(" It predicts no better than the mean of these outcomes would ({sure}).")
    } else {
        format!(
            " Whether it predicts better than the mean of these outcomes would **cannot be told** ({sure})."
        )
    }
}

/// Whether predictions are too high or too low on the whole.
fn level(test: &Part, largest: f64) -> String {
    let Some(bias) = number::beside(test.bias, test.rmse) else { return String::new() };
    let way = match bias {
        b if b > 0.0 => "high",
        b if b < 0.0 => "low",
        _ => return "On the whole its predictions are neither too high nor too low.".to_owned(),
    };
    let chance = match test.confidence.as_ref().and_then(|c| c.bias) {
        Some(limits) if limits.lower <= 0.0 && limits.upper >= 0.0 => ", which is no more than chance gives",
        None => ", which may be chance: too few rows to tell",
        _ => "",
    };
    format!("On the whole its predictions are too {way} by {}{chance}.", number::like(bias.abs(), largest))
}

fn drift(facts: &Facts) -> String {
    let drift = &facts.metrics.drift;
    let mut drifted: Vec<_> = drift.features.iter().filter(|(_, psi)| psi.test.alarm).collect();
    drifted.sort_by(|(_, a), (_, b)| b.test.psi.unwrap_or(0.0).total_cmp(&a.test.psi.unwrap_or(0.0)));
    let unsure = drift.features.values().filter(|psi| psi.test.verdict == Verdict::NotEnoughRows).count();
    let all = drift.features.len();
    let mut out = match drifted.len() {
        0 if unsure == all => {
            "There are too few test rows to tell whether the features have drifted since training.".to_owned()
        }
        0 if unsure > 0 => format!(
            "No feature is seen to have drifted between training and test, but {unsure} of {all} have too few rows to tell."
        ),
        0 => "No feature has drifted between training and test.".to_owned(),
        n => {
            let most = if n > NAMED { ", most of all" } else { ":" };
            let names = escape::list(drifted.iter().take(NAMED).map(|(name, _)| name));
            format!(
                "**{n} of {} drifted between training and test**{most} {names}.",
                number::counted(all as u64, "feature")
            )
        }
    };
    let residual = drift.residual.as_ref().map(|psi| ("the residuals", &psi.test));
    let others: Vec<(&str, &Psi)> =
        [("the target", &drift.target.test), ("the predictions", &drift.prediction.test)]
            .into_iter()
            .chain(residual)
            .collect();
    let that = |is: &dyn Fn(&Psi) -> bool| -> Vec<String> {
        others.iter().filter(|(_, psi)| is(psi)).map(|(what, _)| (*what).to_owned()).collect()
    };
    let alarmed = that(&|psi| psi.alarm);
    if !alarmed.is_empty() {
        let too = if drifted.is_empty() { ", however, drifted" } else { " drifted too" };
        out = format!("{out} {}{too}.", words::capital(&words::joined(&alarmed)));
    }
    let untold = that(&|psi| psi.verdict == Verdict::NotEnoughRows);
    if !untold.is_empty() {
        let same = drifted.is_empty() && alarmed.is_empty() && unsure > 0;
        let either = if same { " either" } else { "" };
        out = format!(
            "{out} Whether {} drifted **cannot be told**{either}: too few rows.",
            words::joined(&untold)
        );
    }
    out
}
