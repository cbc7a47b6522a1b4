//! The answer, first: what is predicted, how well, beside what, and what to be wary of.

use stats::{Dependence, ErrorIntervals, Paired, Verdict};

use crate::facts::Facts;
use crate::metrics::{Baseline, Improvement, Part};
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
    } else {
        out.push(format!("{} {}", subject(facts), size(facts, &metrics.test)));
        out.push(beside(facts));
        let parts = [level(&metrics.test), intervals::answer(facts).unwrap_or_default()];
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
    format!(
        "A {} model predicts {} from {}.",
        escape::text(&facts.metrics.model.kind),
        sections::predicted(facts),
        number::counted(facts.used() as u64, "feature")
    )
}

/// Where the mean absolute error would lie in other samples.
fn sure(test: &Part) -> String {
    let Some(confidence) = &test.confidence else { return String::new() };
    confidence.mae.map_or_else(String::new, |mae| {
        format!(
            " (with 95 % confidence between {} and {})",
            number::figure(mae.lower),
            number::figure(mae.upper)
        )
    })
}

fn size(facts: &Facts, test: &Part) -> String {
    let period = facts.metrics.period("test").map_or_else(String::new, |(first, last)| {
        format!(", {} to {}", escape::text(first), escape::text(last))
    });
    let rows =
        format!("On {} that it was not fitted to (the test part{period})", number::counted(test.n, "row"));
    let Some(mae) = test.mae else { return format!("{rows}, its error cannot be stated.") };
    let relative = test.mape.map_or_else(String::new, |mape| {
        format!(" That is {} of the outcome, on average over rows.", number::percent(mape))
    });
    let share = match test.r2 {
        Some(r2) if r2 > 0.0 => format!(
            " It accounts for {} of the variance of the outcomes (R² {}).",
            number::percent(r2),
            number::fixed(Some(r2), 4)
        ),
        Some(r2) => format!(
            " It predicts no better than the mean of these outcomes would (R² {}).",
            number::fixed(Some(r2), 4)
        ),
        None => String::new(),
    };
    format!(
        "{rows} it misses by **{}** on average, {}{}.{relative}{share}",
        number::figure(mae),
        sections::unit(facts),
        sure(test)
    )
}

/// The model beside the baselines.
fn beside(facts: &Facts) -> String {
    let (baselines, improvement) = (&facts.metrics.baselines, &facts.metrics.improvement);
    let n = &facts.metrics.test;
    let persistence = baselines.persistence.as_ref().zip(improvement.persistence.as_ref());
    let first = persistence.map(|(baseline, found)| {
        compared("persistence", &words::repeated(&facts.metrics.target), baseline, found, n)
    });
    let second = compared(
        "the training median",
        "always predicting it",
        &baselines.train_median,
        &improvement.train_median,
        n,
    );
    first.into_iter().chain([second]).collect::<Vec<_>>().join(" ")
}

fn compared(rival: &str, doing: &str, baseline: &Baseline, found: &Improvement, test: &Part) -> String {
    let (n, confidence) = (test.n, test.confidence.as_ref());
    let its = baseline
        .test
        .mae
        .map_or_else(String::new, |mae| format!(" ({doing} misses by {})", number::figure(mae)));
    let by = found.mae.map_or_else(String::new, |share| format!(" by {}", number::percent(share)));
    let limits = found.mae_lower.zip(found.mae_upper).map_or_else(String::new, |(lower, upper)| {
        // The verdict says which side they are on.
        let (least, most) = if lower < 0.0 { (-upper, -lower) } else { (lower, upper) };
        format!(", with 95 % confidence by {} to {}", number::percent(least), number::percent(most))
    });
    match found.verdict {
        Paired::Better => format!("It is **better than {rival}{by}**{limits}{its}."),
        Paired::Worse => format!("It is **worse than {rival}{by}**{limits}{its}."),
        Paired::CannotTell => {
            format!(
                "Whether it is better or worse than {rival}{its} **cannot be told**: chance could explain the difference."
            )
        }
        Paired::TooFewRows => {
            let of = |c: &ErrorIntervals| match c.dependence {
                Dependence::Rows => number::counted(n, "test row"),
                other => {
                    let rows = number::counted(n, "test row");
                    format!("{rows} of {} {}", number::count(c.units), words::units(other))
                }
            };
            let rows = confidence.map_or_else(|| number::counted(n, "test row"), of);
            format!(
                "It **cannot be compared** with {rival}{its}: {rows} {} too few.",
                if n == 1 { "is" } else { "are" }
            )
        }
    }
}

/// Whether predictions are too high or too low on the whole.
fn level(test: &Part) -> String {
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
    format!("On the whole its predictions are too {way} by {}{chance}.", number::figure(bias.abs()))
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
    let others: Vec<String> =
        [("the target", &drift.target.test), ("the predictions", &drift.prediction.test)]
            .into_iter()
            .chain(residual)
            .filter(|(_, psi)| psi.alarm)
            .map(|(what, _)| what.to_owned())
            .collect();
    if !others.is_empty() {
        let too = if drifted.is_empty() { ", however, drifted" } else { " drifted too" };
        out = format!("{out} {}{too}.", words::capital(&words::joined(&others)));
    }
    out
}
