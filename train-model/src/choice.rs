//! The choice among candidates, by cross-validation on the training rows.

mod plan;

use std::borrow::Cow;

use common::config::Span;
use common::error::{Class, Error, Result};
use common::time::Clock;
use model::{Candidate, Choice, ChoiceReason};
use serde::Deserialize as _;
use stats::Grouped;

use crate::design::Design;
use crate::learn::Learned;
use crate::learner::{self, Data};
use crate::piece::Piece;
use crate::rows::{Keys, Rows};
use crate::settings::{Family, FoldBy, Settings};
use plan::{Fold, Plan, Respect};

/// A simpler candidate wins where its error is larger by at most this share of the least error, and by at most
/// one standard error of the difference. `bench/choice` has the measurements behind it.
const TOLERANCE: f64 = 0.005;

/// What rows are grouped by, as far as the folds ask for it.
pub(crate) fn keys(settings: &Settings, piece: &Piece) -> Result<Keys> {
    let by_time = settings.fold_by() == FoldBy::Time;
    let clock = match &settings.time {
        Some(time) if by_time => Some(Clock::new(time, &piece.fields)?),
        _ => None,
    };
    let grouped = by_time || settings.fold_by() == FoldBy::Entity;
    Ok(Keys { clock, entity: settings.entity.clone().filter(|_| grouped) })
}

/// Compares the candidates over `rows` and says which is chosen.
///
/// # Errors
/// [`Class::Rows`] where none can be fitted.
pub(crate) fn choose(
    settings: &Settings,
    design: &Design,
    pieces: &[Piece],
    keys: &Keys,
    rows: &Rows,
) -> Result<(Family, Choice)> {
    let gap = gap(&pieces[0])?;
    let plan = Plan::new(
        rows,
        &Respect {
            by: settings.fold_by(),
            count: usize::try_from(settings.section.folds).unwrap_or(usize::MAX),
            horizon: settings.horizon as usize,
            clock: keys.clock.as_ref(),
            gap,
        },
    );
    let families = &settings.section.candidates;
    let mut errors: Vec<Errors> = families.iter().map(|_| Errors::new(rows.len())).collect();
    for fold in &plan.folds {
        let training = rows.pick(&fold.train);
        let learned = Learned::of_rows(design, &training.numbers, &fold.parts)?;
        let read = || Ok(Cow::Borrowed(&training));
        let data = Data::new(design, &learned, &read);
        for (family, errors) in families.iter().zip(&mut errors) {
            errors.add(measure(&settings.with_model(*family), &data, rows, fold)?, fold);
        }
    }
    let compared = compare(families, &errors, &plan);
    let choice = decide(settings, &plan, compared)?;
    let chosen = families.iter().find(|f| f.name() == choice.chosen).copied();
    Ok((chosen.ok_or_else(|| Error::unexpected("no candidate was chosen"))?, choice))
}

/// The gap that `clean` left before each part of the split.
fn gap(piece: &Piece) -> Result<Option<Span>> {
    let found = piece.table.manifest.as_ref().and_then(|m| m.found.get("split")?.get("gap"));
    let damaged = |e: serde_json::Error| {
        Error::checkpoint(format!("its manifest does not say the gap: {e}")).at(&piece.table.path)
    };
    found.map_or(Ok(None), |gap| Option::<Span>::deserialize(gap).map_err(damaged))
}

/// Absolute errors of one candidate.
struct Errors {
    /// Sum over the times that a row was measured, and that number.
    sums: Vec<(f64, u32)>,
    /// Mean by fold.
    folds: Vec<f64>,
    failed: Option<String>,
}

impl Errors {
    fn new(rows: usize) -> Self {
        Self { sums: vec![(0.0, 0); rows], folds: Vec::new(), failed: None }
    }

    fn add(&mut self, measured: std::result::Result<Vec<f64>, String>, fold: &Fold) {
        match measured {
            Err(why) => self.failed = self.failed.take().or(Some(why)),
            Ok(errors) => {
                self.folds.push(errors.iter().sum::<f64>() / errors.len() as f64);
                for (i, error) in fold.validate.iter().zip(errors) {
                    self.sums[*i].0 += error;
                    self.sums[*i].1 += 1;
                }
            }
        }
    }

    /// The mean error of each row that was measured.
    fn by_row(&self) -> impl Iterator<Item = (usize, f64)> {
        let mean = |(i, (sum, n)): (usize, &(f64, u32))| (*n > 0).then(|| (i, sum / f64::from(*n)));
        self.sums.iter().enumerate().filter_map(mean)
    }
}

/// Absolute errors on the rows of the fold, of a fit to the others; or why it cannot be fitted to them.
fn measure(
    settings: &Settings,
    data: &Data<'_>,
    rows: &Rows,
    fold: &Fold,
) -> Result<std::result::Result<Vec<f64>, String>> {
    let fitted = match learner::of(settings).fit(data) {
        Err(e) if e.class() == Class::Rows => return Ok(Err(e.to_string())),
        other => other?,
    };
    let validation = rows.pick(&fold.validate).numbers;
    let columns: Vec<&[f64]> = validation.features.iter().map(Vec::as_slice).collect();
    let predicted = fitted.function.predict(&data.design.feature_names(), &data.design.decimals(), &columns);
    let errors: Vec<f64> = predicted.iter().zip(&validation.target).map(|(f, y)| (f - y).abs()).collect();
    let finite = errors.iter().all(|e| e.is_finite());
    Ok(if finite { Ok(errors) } else { Err("its predictions are not finite".to_owned()) })
}

/// The candidates with their errors and differences to the best.
fn compare(families: &[Family], errors: &[Errors], plan: &Plan) -> (Vec<Candidate>, u64) {
    let mae = |errors: &Errors| {
        let mut all = Grouped::new();
        errors.by_row().for_each(|(i, e)| all.add(plan.groups[i], e));
        if errors.failed.is_some() { None } else { all.mean().ok() }
    };
    let maes: Vec<Option<f64>> = errors.iter().map(mae).collect();
    let fitted = maes.iter().enumerate().filter_map(|(i, mae)| Some((i, (*mae)?)));
    let best = fitted.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i);
    let mut groups = 0;
    let mut candidate = |i: usize| {
        let mut found = Candidate {
            model: families[i].name().to_owned(),
            mae: maes[i],
            folds: if maes[i].is_some() { errors[i].folds.clone() } else { Vec::new() },
            difference: None,
            standard_error: None,
            failed: errors[i].failed.clone(),
        };
        if let (Some(_), Some(best)) = (maes[i], best) {
            let mut differences = Grouped::new();
            let pairs = errors[i].by_row().zip(errors[best].by_row());
            pairs.for_each(|((row, a), (_, b))| differences.add(plan.groups[row], a - b));
            found.difference = differences.mean().ok();
            let error = differences.standard_error().ok();
            groups = error.map_or(groups, |(count, _)| count);
            found.standard_error = error.map(|(_, error)| error).filter(|_| i != best);
        }
        found
    };
    let candidates = (0..families.len()).map(&mut candidate).collect();
    (candidates, groups)
}

/// The simplest candidate that is near enough to the best.
fn decide(settings: &Settings, plan: &Plan, (candidates, groups): (Vec<Candidate>, u64)) -> Result<Choice> {
    let fitted: Vec<&Candidate> = candidates.iter().filter(|c| c.mae.is_some()).collect();
    let least = fitted.iter().filter_map(|c| c.mae).fold(f64::INFINITY, f64::min);
    let near = |c: &&&Candidate| {
        let (difference, error) = (c.difference.unwrap_or(f64::INFINITY), c.standard_error.unwrap_or(0.0));
        difference <= error.min(TOLERANCE * least)
    };
    let first = candidates.iter().find(|c| c.failed.is_none());
    let (chosen, reason) = match (fitted.iter().find(near), first) {
        // Without a fold to compare on no candidate failed and none has an error.
        (None, Some(first)) => (first.model.clone(), ChoiceReason::TooFewRows),
        (None, None) => {
            let why = candidates.iter().filter_map(|c| Some(format!("{}: {}", c.model, c.failed.as_ref()?)));
            return Err(Error::new(
                Class::Rows,
                format!("no candidate can be fitted: {}", why.collect::<Vec<_>>().join("; ")),
            ));
        }
        (Some(one), _) if fitted.len() == 1 => (one.model.clone(), ChoiceReason::Only),
        (Some(c), _) if c.difference.is_some_and(|d| d > 0.0) => (c.model.clone(), ChoiceReason::Simplest),
        (Some(c), _) => (c.model.clone(), ChoiceReason::Best),
    };
    let fold_by = match settings.fold_by() {
        FoldBy::Time => "time",
        FoldBy::Entity => "entity",
        FoldBy::Key => "key",
    };
    Ok(Choice {
        fold_by: fold_by.to_owned(),
        repeats: u32::from(plan.repeats),
        rows: plan.folds.iter().map(|f| f.validate.len() as u64).collect(),
        groups,
        tolerance: TOLERANCE,
        candidates,
        chosen,
        reason,
    })
}

/// The table of candidates in the log, line by line.
pub(crate) fn log(choice: &Choice) {
    for c in &choice.candidates {
        let figures = match (c.mae, c.difference, c.standard_error) {
            (Some(mae), Some(difference), Some(error)) => {
                format!("MAE {mae:.6}, {difference:.6} above the best (standard error {error:.6})")
            }
            (Some(mae), ..) => format!("MAE {mae:.6}"),
            _ => c.failed.clone().unwrap_or_else(|| "not measured".to_owned()),
        };
        log::info!("candidate {}: {figures}", c.model);
    }
    let folds = choice.rows.len();
    log::info!("chosen: {} ({folds} folds by {})", choice.chosen, choice.fold_by);
}
