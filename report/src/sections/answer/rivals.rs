//! The model beside the baselines.

use stats::{Dependence, ErrorIntervals, Paired};

use crate::facts::Facts;
use crate::metrics::{Baseline, Improvement, Part};
use crate::{number, words};

/// The model beside the baselines, figures in the form of the `largest` of the opening.
pub(super) fn beside(facts: &Facts, largest: f64) -> String {
    let (baselines, improvement) = (&facts.metrics.baselines, &facts.metrics.improvement);
    let test = &facts.metrics.test;
    let persistence = baselines.persistence.as_ref().zip(improvement.persistence.as_ref());
    let first = persistence.map(|(baseline, found)| {
        compared((test, largest), ("persistence", &words::repeated(&facts.metrics.target)), baseline, found)
    });
    let second = compared(
        (test, largest),
        ("the training median", "always predicting it"),
        &baselines.train_median,
        &improvement.train_median,
    );
    first.into_iter().chain([second]).collect::<Vec<_>>().join(" ")
}

fn compared(
    (test, largest): (&Part, f64),
    (rival, doing): (&str, &str),
    baseline: &Baseline,
    found: &Improvement,
) -> String {
    let (n, confidence) = (test.n, test.confidence.as_ref());
    let its = baseline
        .test
        .mae
        .map_or_else(String::new, |mae| format!(" ({doing} misses by {})", number::like(mae, largest)));
    let by = found.mae.map_or_else(String::new, |share| format!(" by {}", number::percent(share)));
    let limits = found.mae_lower.zip(found.mae_upper).map_or_else(String::new, |(lower, upper)| {
        // The verdict says which side they are on.
        let (least, most) = if lower < 0.0 { (-upper, -lower) } else { (lower, upper) };
        format!(", with 95 % confidence by {} to {}", number::percent(least), number::percent(most))
    });
    match found.verdict {
        Paired::Better => format!("It is **better than {rival}{by}**{limits}{its}."),
        Paired::Worse => format!("It is **worse than {rival}{by}**{limits}{its}."),
        Paired::CannotTell => format!(
            "Whether it is better or worse than {rival} **cannot be told**: {}{its}.",
            uncertain(found, largest)
        ),
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

/// Size, direction and limits of a difference that chance could explain.
fn uncertain(found: &Improvement, largest: f64) -> String {
    // Where two ways of comparing disagree, the limits of the one that was sure are widened to just 0: the other's say more.
    let told = |limits: &(f64, f64)| limits.0 < 0.0 && limits.1 > 0.0;
    let shares = found.mae.zip(found.mae_lower.zip(found.mae_upper));
    let differences = found.difference.zip(found.difference_lower.zip(found.difference_upper));
    let by_share = |share: f64| match number::percent(share) {
        none if is_zero(&none) => "no difference".to_owned(),
        shown => format!("{shown} {}", if share > 0.0 { "better" } else { "worse" }),
    };
    let by_size = |size: f64| match number::like(size.abs(), largest) {
        none if is_zero(&none) => "as much".to_owned(),
        shown => format!("{shown} {}", if size > 0.0 { "less" } else { "more" }),
    };
    let in_shares = |(share, (lower, upper)): (f64, (f64, f64))| {
        let is = if is_zero(&number::percent(share)) { "there is" } else { "it is" };
        format!(
            "on these rows {is} {}, with 95 % confidence between {} and {}",
            by_share(share),
            by_share(lower),
            by_share(upper)
        )
    };
    match (shares, differences) {
        (Some(of), _) if told(&of.1) => in_shares(of),
        (_, Some((difference, (lower, upper)))) if told(&(lower, upper)) => format!(
            "on these rows it misses by {} on average, with 95 % confidence between {} and {}",
            by_size(difference),
            by_size(lower),
            by_size(upper)
        ),
        (Some(of), _) => in_shares(of),
        _ => "chance could explain the difference".to_owned(),
    }
}

fn is_zero(shown: &str) -> bool {
    !shown.contains(|c: char| ('1'..='9').contains(&c))
}
