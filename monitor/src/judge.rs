//! From what the rows taught to what is written.

use common::error::Result;
use evaluate::metrics::{PARTS, Part, Status};
use model::Model;
use stats::{CoverageVerdict, Psi, Reason};

use crate::figures::{
    ErrorVerdict, Expected, ExpectedFrom, FORMAT, Findings, InPeriod, Kind, ModelFacts, Monitor, Rows,
    Verdict, Warning,
};
use crate::piece::Piece;
use crate::state::State;

/// Figures of `metrics.json` that are not measured here, and why.
const NOT_MEASURED: [(&str, Reason); 3] =
    [("confidence", Reason::NotRead), ("calibration.robust", Reason::NotRead), ("mase", Reason::NoBaseline)];
/// Rows below which nothing is said of an error.
const ENOUGH_ROWS: u64 = 20;
/// Standard errors that a difference must exceed.
const CLEAR: f64 = 2.0;
/// What part of the error to expect is worth a word; the model's own figure is rather too small.
const LARGER: f64 = 1.25;
const SMALLER: f64 = 0.8;
/// Bins of the calibration table.
const DECILES: usize = 10;

/// What all rows say, together and period by period. The state is sorted.
///
/// # Errors
/// Where pieces are of different models.
pub(crate) fn state(state: &State, model: &Model) -> Result<Monitor> {
    let expected = expected(model);
    let part = part_of(state);
    let find = |piece: &Piece| findings(piece, model, part, &expected);
    let all = find(&state.whole(model)?);
    let periods: Vec<InPeriod> = if state.period.is_some() {
        let one = |(label, piece): (&String, &Piece)| {
            let mut findings = find(piece);
            // A table of ten bins for each of many periods is more than anybody reads.
            findings.error.calibration.deciles.clear();
            InPeriod { label: label.clone(), findings }
        };
        state.pieces.iter().map(one).collect()
    } else {
        Vec::new()
    };
    let warnings = warnings(&all, &periods);
    Ok(Monitor {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        status: if warnings.is_empty() { Status::Pass } else { Status::Warn },
        warnings,
        gates: Vec::new(),
        model: ModelFacts {
            sha256: state.model.clone(),
            version: model.version.clone(),
            rows: model.training.rows,
            target: model.target.clone(),
            horizon: model.horizon,
            target_statistic: model.target_statistic,
        },
        expected,
        all,
        cells: state.cells.clone(),
        period: state.period,
        periods,
        inputs: state.inputs.clone(),
    })
}

/// The error on rows that the model was not fitted to, where its file tells one.
fn expected(model: &Model) -> Expected {
    let candidates = [
        (ExpectedFrom::Calibration, model.importance.permutation.mae),
        (ExpectedFrom::CrossValidation, model.choice.as_ref().and_then(|c| c.chosen()?.mae)),
        (ExpectedFrom::Training, model.training.mae),
    ];
    let known = candidates.into_iter().find_map(|(from, mae)| Some((from, mae?)));
    let (from, mae) = known.map_or((ExpectedFrom::Nothing, None), |(from, mae)| (from, Some(mae)));
    Expected { mae, from }
}

/// The part of the split that the rows are like: intervals are not judged by rows that taught them.
fn part_of(state: &State) -> &'static str {
    let [train, calibration, test] = PARTS;
    let has = |part: &str| state.inputs.iter().any(|i| i.part.as_deref() == Some(part));
    match () {
        () if has(train) => train,
        () if has(calibration) => calibration,
        () => test,
    }
}

fn findings(piece: &Piece, model: &Model, part: &str, expected: &Expected) -> Findings {
    let mut error = evaluate::part(model, part, &mut piece.score(model), DECILES);
    // Rows that lack prediction or outcome were counted and not added.
    error.missing = piece.rows - error.n;
    // What rows depend on is not kept, and no baseline is measured.
    error.absent.extend(NOT_MEASURED.map(|(key, reason)| (key.to_owned(), reason)));
    for interval in &mut error.intervals {
        interval.missing = piece.rows - interval.n;
    }
    Findings {
        rows: Rows {
            n: piece.rows,
            without_outcome: piece.without_outcome,
            without_prediction: piece.without_prediction,
        },
        drift: piece.shift.compare(model),
        verdict: verdict(&error, expected),
        error,
    }
}

fn verdict(error: &Part, expected: &Expected) -> Verdict {
    let both = error.mae.zip(expected.mae);
    let ratio = both.map(|(mae, of)| mae / of).filter(|ratio| ratio.is_finite());
    let margin = error.mae_se.map(|se| CLEAR * se);
    let error = match (both, margin) {
        (None, _) if expected.mae.is_none() => ErrorVerdict::NothingToCompare,
        (Some((mae, of)), Some(margin)) if error.n >= ENOUGH_ROWS => {
            if mae > LARGER * of && mae - margin > of {
                ErrorVerdict::Larger
            } else if mae < SMALLER * of && mae + margin < of {
                ErrorVerdict::Smaller
            } else {
                ErrorVerdict::AsExpected
            }
        }
        _ => ErrorVerdict::NotEnoughRows,
    };
    Verdict { error, ratio }
}

fn warnings(all: &Findings, periods: &[InPeriod]) -> Vec<Warning> {
    let since = |shows: &dyn Fn(&Findings) -> Option<bool>| {
        let found: Vec<_> = periods.iter().map(|p| (p.label.as_str(), shows(&p.findings))).collect();
        first_of_run(&found)
    };
    let drift = |kind: Kind, feature: Option<&String>, of: &Psi, pick: &dyn Fn(&Findings) -> Option<bool>| {
        let value = of.psi.filter(|_| of.alarm)?;
        Some(Warning { kind, feature: feature.cloned(), level: None, value, since: since(pick) })
    };
    let mut found: Vec<Warning> = all
        .drift
        .features
        .iter()
        .filter_map(|(name, psi)| {
            drift(Kind::FeatureDrift, Some(name), psi, &|f| alarms(f.drift.features.get(name)?))
        })
        .collect();
    found.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.feature.cmp(&b.feature)));
    found.extend(drift(Kind::TargetDrift, None, &all.drift.target, &|f| alarms(&f.drift.target)));
    found.extend(drift(Kind::ResidualDrift, None, &all.drift.residual, &|f| alarms(&f.drift.residual)));
    found.extend(drift(Kind::PredictionDrift, None, &all.drift.prediction, &|f| alarms(&f.drift.prediction)));
    if let (ErrorVerdict::Larger, Some(value)) = (all.verdict.error, all.verdict.ratio) {
        let since = since(&|f| is_larger(f.verdict.error));
        found.push(Warning { kind: Kind::Error, feature: None, level: None, value, since });
    }
    for (place, interval) in all.error.intervals.iter().enumerate() {
        if let (CoverageVerdict::TooNarrow, Some(value)) = (interval.verdict, interval.coverage) {
            let since = since(&|f| is_narrow(f.error.intervals.get(place)?.verdict));
            let level = Some(interval.level);
            found.push(Warning { kind: Kind::Coverage, feature: None, level, value, since });
        }
    }
    found
}

/// Whether a period shows it; nothing where its rows cannot tell.
fn alarms(psi: &Psi) -> Option<bool> {
    (psi.verdict != stats::Verdict::NotEnoughRows).then_some(psi.alarm)
}

fn is_larger(verdict: ErrorVerdict) -> Option<bool> {
    match verdict {
        ErrorVerdict::NotEnoughRows | ErrorVerdict::NothingToCompare => None,
        verdict => Some(verdict == ErrorVerdict::Larger),
    }
}

fn is_narrow(verdict: CoverageVerdict) -> Option<bool> {
    match verdict {
        CoverageVerdict::TooNarrow => Some(true),
        CoverageVerdict::Holds | CoverageVerdict::TooWide => Some(false),
        CoverageVerdict::TooFewRows | CoverageVerdict::InSample | CoverageVerdict::Missing => None,
    }
}

/// The first of the last periods that all show it.
fn first_of_run(periods: &[(&str, Option<bool>)]) -> Option<String> {
    let telling = periods.iter().rev().filter_map(|(label, shows)| Some((label, (*shows)?)));
    let run = telling.take_while(|(_, shows)| *shows);
    run.last().map(|(label, _)| (*label).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_reaches_the_last_period_that_tells() {
        let of = |shows: &str| {
            let labels = ["1", "2", "3", "4", "5"];
            let shows = shows.chars().map(|c| (c != '?').then_some(c == '!'));
            first_of_run(&labels.into_iter().zip(shows).collect::<Vec<_>>())
        };
        assert_eq!(of("-!!!!").as_deref(), Some("2"));
        assert_eq!(of("!-!?!").as_deref(), Some("3"));
        assert_eq!(of("?!?!?").as_deref(), Some("2"));
        assert_eq!(of("!!!!-"), None);
        assert_eq!(of("?????"), None);
        assert_eq!(of(""), None);
    }
}
