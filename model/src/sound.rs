//! Whether what a model holds fits together, so that it can be applied without a further look.

use std::collections::{HashMap, HashSet};

use common::schema::Role;
use common::text;
use stats::Reference;

use crate::choice::Choice;
use crate::form::{Model, Profile, ResidualPart};
use crate::function::{Function, Linear, Trees};
use crate::terms::Term;

/// Most places after the point that a decimal is declared with: 10^22 is the largest exact power in f64.
const MOST_PLACES: u32 = 22;

/// Room above the bound of a sum for what double-double forms on the way to it.
const ROOM: f64 = 1024.0;

type Sound = Result<(), String>;

/// Says what is wrong with `model`, if anything.
pub(crate) fn check(model: &Model) -> Sound {
    if model.features.is_empty() {
        return Err("it has no feature".to_owned());
    }
    if let Some((i, name)) = repeated(model.features.iter()) {
        return Err(format!("feature {} stands twice (position {})", text::name(name), i + 1));
    }
    decimals(model)?;
    model.function.check(&model.features)?;
    model.intervals.check(&model.features, &model.function)?;
    model.choice.as_ref().map_or(Ok(()), Choice::check)?;
    model.importance.check(&model.features, &model.columns())?;
    match &model.function {
        Function::Linear(linear) => left_out(linear, &model.features)?,
        Function::Trees(_) => {}
    }
    columns(model)?;
    rows(model)?;
    profile(&model.features, &model.reference)?;
    if ![Some(0), Some(model.training.rows)].contains(&counted(&model.reference.prediction)) {
        return Err("the reference profile of the predictions is not of the training rows".to_owned());
    }
    residuals(model)?;
    if (ROOM * largest(model)).is_finite() {
        Ok(())
    } else {
        Err("its predictions within the training range are not finite".to_owned())
    }
}

/// The first that was there before, with its place from 0.
fn repeated<'a>(mut names: impl Iterator<Item = &'a String>) -> Option<(usize, &'a String)> {
    let mut seen = HashSet::new();
    names.by_ref().enumerate().find(|(_, name)| !seen.insert(*name))
}

fn decimals(model: &Model) -> Sound {
    let known: HashSet<&String> = model.features.iter().collect();
    match model.decimals.iter().find(|(name, places)| !known.contains(name) || **places > MOST_PLACES) {
        Some((name, _)) => Err(format!("decimal places of {} are out of range", text::name(name))),
        None => Ok(()),
    }
}

/// Coefficients beside what is left of them, and those of columns that were left out.
fn left_out(linear: &Linear, features: &[String]) -> Sound {
    let halves = linear.coefficients.iter().zip(&linear.coefficients_low);
    if halves.chain([(&linear.intercept, &linear.intercept_low)]).any(|(high, low)| !is_rest(*high, *low)) {
        return Err("the second half of a coefficient is no rounding of the first".to_owned());
    }
    if let Some((_, name)) = repeated(linear.aliased.iter()) {
        return Err(format!("left out {} twice", text::name(name)));
    }
    let names = features.iter().cloned().chain(linear.terms.iter().map(Term::name));
    let zero = names.zip(&linear.coefficients).filter(|(_, b)| b.abs() == 0.0);
    let zero: HashSet<String> = zero.map(|(name, _)| name).collect();
    match linear.aliased.iter().find(|name| !zero.contains(*name)) {
        Some(name) => Err(format!("left out {}, whose coefficient is not 0", text::name(name))),
        None => Ok(()),
    }
}

/// Whether `low` is what f64 leaves of a number that rounds to `high`.
fn is_rest(high: f64, low: f64) -> bool {
    (high + low).to_bits() == (high + 0.0).to_bits()
}

/// The columns of the table it was trained on.
fn columns(model: &Model) -> Sound {
    if let Some((_, name)) = repeated(model.fields.iter().map(|f| &f.name)) {
        return Err(format!("column {} stands twice in `fields`", text::name(name)));
    }
    if model.features.contains(&model.target_column) {
        return Err(format!("the target {} is among the features", text::name(&model.target_column)));
    }
    // A table made by hand has no roles.
    let by_hand = model.preparation.is_empty();
    let roles: HashMap<&str, Role> = model.fields.iter().map(|f| (f.name.as_str(), f.role)).collect();
    let needed = model.features.iter().map(|name| ("feature", name, Role::Feature));
    for (what, name, expected) in needed.chain([("target", &model.target_column, Role::Target)]) {
        match roles.get(name.as_str()) {
            None => return Err(format!("{what} {} is no column of `fields`", text::name(name))),
            Some(found) if !by_hand && *found != expected => {
                return Err(format!("{what} {} is a column of another role in `fields`", text::name(name)));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// What is told of the rows it was trained on.
fn rows(model: &Model) -> Sound {
    let (training, on) = (&model.training, &model.trained_on);
    if on.hash.len() != 64 || !on.hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err("the hash of `trained_on` is not of 64 hexadecimal digits".to_owned());
    }
    if training.rows > on.rows {
        return Err(format!("fitted to {} of {} rows", training.rows, on.rows));
    }
    if training.target_median.is_some_and(|v| !v.is_finite()) {
        return Err("the median of the target is not finite".to_owned());
    }
    let least = |error: Option<f64>| error.is_none_or(|e| e.is_finite() && e >= 0.0);
    if !least(training.mae) || !least(training.rmse) || training.r2.is_some_and(|v| !v.is_finite()) {
        return Err("a training error is no size of an error".to_owned());
    }
    Ok(())
}

/// The training profile: edges and counts of one reference are checked as it is read.
fn profile(features: &[String], profile: &Profile) -> Sound {
    if let Some(name) = features.iter().find(|f| !profile.features.contains_key(*f)) {
        return Err(format!("no reference profile of feature {}", text::name(name)));
    }
    let named = profile.features.iter().map(|(name, reference)| (text::name(name), reference));
    let others = [("the target", &profile.target), ("the predictions", &profile.prediction)];
    for (name, reference) in named.chain(others.map(|(name, r)| (name.to_owned(), r))) {
        if counted(reference).is_none() {
            return Err(format!("the reference profile of {name} does not hold together"));
        }
    }
    let rows = |name: &String| profile.features.get(name).and_then(counted);
    match features.iter().find(|name| rows(name) != counted(&profile.target)) {
        Some(name) => {
            Err(format!("the reference profile of {} is of other rows than the target's", text::name(name)))
        }
        None => Ok(()),
    }
}

/// Rows that a reference counted; nothing where its parts do not belong together.
fn counted(reference: &Reference) -> Option<u64> {
    let sum = |all: &[u64]| all.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n));
    let present = sum(reference.bin_counts())?;
    let in_grid = reference.grid_counts().try_fold(0_u64, u64::checked_add)?;
    let inside = match reference.range() {
        // The edge below a constant is just below it.
        Some((min, max)) => reference.edges().iter().all(|e| (min.next_down()..=max).contains(e)),
        None => reference.edges().is_empty(),
    };
    let sound = inside && (present > 0) == reference.range().is_some() && in_grid == present;
    present.checked_add(reference.missing()).filter(|_| sound)
}

/// The residuals are of rows that the table has.
fn residuals(model: &Model) -> Sound {
    let residual = &model.reference.residual;
    let rows = counted(&residual.reference)
        .ok_or("the reference profile of the residuals does not hold together")?;
    let sound = match residual.of {
        ResidualPart::Train => rows == 0 || rows == model.training.rows,
        ResidualPart::Calibration => (1..=model.trained_on.rows - model.training.rows).contains(&rows),
    };
    if sound {
        Ok(())
    } else {
        Err("the reference profile of the residuals is of other rows than it says".to_owned())
    }
}

/// A bound of what the function gives, before its link, where every feature is within its training range.
fn largest(model: &Model) -> f64 {
    match &model.function {
        Function::Linear(linear) => largest_linear(linear, model),
        Function::Trees(trees) => largest_trees(trees),
    }
}

fn largest_trees(trees: &Trees) -> f64 {
    let leaf = |values: &[f64]| values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    trees.trees.iter().fold(trees.base.abs(), |sum, tree| sum + leaf(&tree.value))
}

fn largest_linear(linear: &Linear, model: &Model) -> f64 {
    let size = |name: &str| {
        let range = model.reference.features.get(name).and_then(Reference::range);
        range.map_or(0.0, |(min, max)| min.abs().max(max.abs()))
    };
    let features = model.features.iter().map(|name| size(name));
    let columns = features.chain(linear.terms.iter().map(|term| largest_term(term, size)));
    let times = |b: f64, x: f64| if b.abs() > 0.0 { b.abs() * x } else { 0.0 };
    columns.zip(&linear.coefficients).fold(linear.intercept.abs(), |sum, (x, b)| sum + times(*b, x))
}

fn largest_term(term: &Term, size: impl Fn(&str) -> f64) -> f64 {
    match term {
        Term::Power { column, exponent } => size(column).powi(i32::from(*exponent)),
        Term::Product { left, right } => size(left) * size(right),
        Term::Spline { column, knots, .. } => {
            let most = knots.iter().fold(size(column), |most, k| most.max(k.abs()));
            let gap = knots.windows(2).fold(f64::INFINITY, |least, k| least.min(k[1] - k[0]));
            // Four cubes of at most twice the largest number, each over a distance of knots.
            32.0 * most.powi(3) / gap
        }
    }
}
