//! From what was learned to what is written.

use common::text;
use model::{Model, ResidualPart};
use serde_json::Value as Json;
use stats::{Absent, CalibrationMeasures, Isotonic, Moments, Psi, Reason, Value};

use crate::breakdown::Told;
use crate::doubt;
use crate::intervals;
use crate::learn::{self, Learned};
use crate::metrics::{
    Calibration, Coefficient, Drift, DriftAlarms, DriftParts, FORMAT, Metrics, ModelFacts, PARTS, Part,
    Reasons, ResidualDrift, Status, Target,
};
use crate::pair::Pair;
use crate::rivals;
use crate::score::Score;
use crate::settings::Settings;

/// The metrics of a pair.
pub(crate) fn metrics(
    pair: &Pair,
    learned: &mut Learned,
    fits: &[Value<Isotonic>; 3],
    told: Told,
    settings: &Settings,
) -> Metrics {
    let drift = Drift { periods: told.drift, ..drift(pair, learned) };
    let baselines = rivals::baselines(learned, pair.model.training.target_median);
    let scale =
        learned.parts[0].persistence.as_ref().map_or(Err(Reason::NoBaseline), |naive| naive.errors.mae());
    let dependence = pair.columns.units.dependence();
    let deciles = usize::from(settings.deciles);
    let measured = |((name, of), fit): ((&str, &mut learn::Part), &Value<Isotonic>)| {
        let mut part = measure(&pair.model, name, &mut of.score, fit, deciles);
        doubt::scaled(&mut part, of, scale);
        if name == PARTS[0] {
            doubt::of_training(&mut part);
            return (part, Vec::new());
        }
        let beside = doubt::add(&mut part, &mut of.sample, dependence, scale);
        (part, beside)
    };
    let [first, second, third] = &mut learned.parts;
    let [one, two, three] = fits;
    let (train, (calibration, test)) = rayon::join(
        || measured(((PARTS[0], first), one)),
        || rayon::join(|| measured(((PARTS[1], second), two)), || measured(((PARTS[2], third), three))),
    );
    let ((train, _), (calibration, _), (test, beside)) = (train, calibration, test);
    // Those of the last part, the test.
    let improvement = rivals::improvements(learned, &beside);
    Metrics {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        status: Status::Pass,
        gates: Vec::new(),
        target: target(pair),
        model: facts(pair),
        train,
        calibration,
        test,
        baselines,
        improvement,
        intervals: intervals::facts(&pair.model),
        drift,
        periods: told.periods,
        segments: told.segments,
        bins: told.bins,
        worst: told.worst,
        coefficients: coefficients(pair),
        choice: pair.model.choice.clone(),
        importance: pair.model.importance.clone(),
        features: pair.found("features"),
        split: pair.found("split"),
        clock: pair.found("clock"),
        sources: pair.sources(),
        ledger: pair.ledger(),
        leaks: pair.found("leaks"),
        nulls: pair.found("nulls"),
        inputs: vec![pair.table.record.clone(), pair.file.record.clone()],
    }
}

fn target(pair: &Pair) -> Target {
    let model = &pair.model;
    Target {
        column: model.target_column.clone(),
        source: model.target.clone(),
        horizon: model.horizon,
        statistic: model.target_statistic,
        expression: expression(model),
        entity: pair.columns.entity.clone(),
        time: pair.columns.time.clone(),
        unit_note: format!("the unit of {}, as the raw data have it", text::name(&model.target)),
    }
}

/// The formula of the target, where the recipe in the model makes it by one.
fn expression(model: &Model) -> Option<String> {
    let specs = model.preparation.get("feature_engineer")?.get("recipe")?.get("specs")?.as_array()?;
    let of = |spec: &Json, key: &str| Some(spec.get(key)?.as_str()?.to_owned());
    let is_target = |s: &&Json| {
        of(s, "kind").as_deref() == Some("expression") && of(s, "name").as_ref() == Some(&model.target)
    };
    of(specs.iter().find(is_target)?, "expression")
}

fn facts(pair: &Pair) -> ModelFacts {
    let model = &pair.model;
    ModelFacts {
        kind: kind(model),
        solver: model.hyperparameters.get("solver").and_then(Json::as_str).map(str::to_owned),
        features: model.features.len(),
        left_out: model.function.left_out().to_vec(),
        rows: model.training.rows,
        version: model.version.clone(),
        sha256: pair.file.record.sha256.clone(),
    }
}

/// What sort of function it is, in words.
fn kind(model: &model::Model) -> String {
    let family = model.hyperparameters.get("model").and_then(Json::as_str).unwrap_or("ols");
    match family {
        "ols" => "linear",
        "ridge" => "linear (ridge)",
        "lasso" => "linear (lasso)",
        "elastic_net" => "linear (elastic net)",
        "boosted" => "boosted tree",
        other => other,
    }
    .to_owned()
}

/// The measures of rows of the part `name`, with a table of `deciles` bins; rows that the model has not seen are like those
/// of the test part.
pub fn part(model: &Model, name: &str, learned: &mut Score, deciles: usize) -> Part {
    let fit = learned.calibration.isotonic();
    measure(model, name, learned, &fit, deciles)
}

/// The same with the isotonic fit at hand.
fn measure(model: &Model, name: &str, learned: &mut Score, fit: &Value<Isotonic>, deciles: usize) -> Part {
    let errors = learned.errors.measures();
    let found = learned.calibration.measures_beside(fit, deciles);
    let mut spread = Absent::default();
    let bias_se = spread.keep("bias_se", standard_error(&learned.residuals));
    let mut absent = reasons(&errors.absent, |key| Some(key.to_owned()));
    absent.extend(reasons(&spread, |key| Some(key.to_owned())));
    absent.extend(calibration_reasons(&found));
    Part {
        n: errors.n,
        missing: errors.missing,
        mae: errors.mae,
        mae_se: errors.mae_se,
        rmse: errors.rmse,
        r2: errors.r2,
        bias: errors.bias,
        bias_se,
        median_absolute_error: errors.median_absolute_error,
        max_absolute_error: errors.max_absolute_error,
        mape: errors.mape,
        mase: None,
        confidence: None,
        mean_actual: found.mean_actual,
        mean_predicted: found.mean_predicted,
        calibration_error: found.calibration_error,
        calibration_error_sd: found.calibration_error_relative,
        calibration_error_floor: found.noise_floor,
        calibration: Calibration {
            in_the_large: found.in_the_large,
            slope: found.line.slope,
            slope_se: found.line.slope_se,
            intercept: found.line.intercept,
            intercept_se: found.line.intercept_se,
            joint_f: found.line.f_statistic,
            joint_df: found.line.df,
            joint_p: found.line.p_value,
            mse: found.decomposition.mse,
            mcb: found.decomposition.mcb,
            dsc: found.decomposition.dsc,
            unc: found.decomposition.unc,
            robust: None,
            deciles: found.deciles.unwrap_or_default(),
        },
        intervals: intervals::measures(model, name, &learned.intervals),
        absent,
    }
}

/// Standard error of a mean, rows taken as independent.
pub(crate) fn standard_error(values: &Moments) -> Value {
    values.sd().map(|sd| sd / (values.n() as f64).sqrt())
}

/// Reasons under the keys that they have in the file; what is not in the file has no key.
pub(crate) fn reasons(absent: &Absent, key: impl Fn(&str) -> Option<String>) -> Reasons {
    absent.iter().filter_map(|(k, reason)| Some((key(k)?, reason))).collect()
}

fn calibration_reasons(found: &CalibrationMeasures) -> Reasons {
    let inner = |key: &str| Some(format!("calibration.{key}"));
    let mut all = reasons(&found.absent, |key| match key {
        "mean_actual" | "mean_predicted" | "calibration_error" => Some(key.to_owned()),
        "calibration_error_relative" => Some("calibration_error_sd".to_owned()),
        "noise_floor" => Some("calibration_error_floor".to_owned()),
        "noise_floor_relative" => None,
        _ => inner(key),
    });
    all.extend(reasons(&found.line.absent, |key| match key {
        "f_statistic" => inner("joint_f"),
        "p_value" => inner("joint_p"),
        _ => inner(key),
    }));
    all.extend(reasons(&found.decomposition.absent, inner));
    all
}

fn drift(pair: &Pair, learned: &Learned) -> Drift {
    let [_, calibration, test] = &learned.parts;
    let [mut calibration, mut test] = [calibration, test].map(|part| part.shift.compare(&pair.model));
    let both = |name: &String| {
        let parts = calibration.features.remove(name).zip(test.features.remove(name))?;
        Some((name.clone(), DriftParts { calibration: parts.0, test: parts.1 }))
    };
    Drift {
        features: pair.model.features.iter().filter_map(both).collect(),
        alarms: DriftAlarms { calibration: calibration.alarms, test: test.alarms },
        target: DriftParts { calibration: calibration.target, test: test.target },
        prediction: DriftParts { calibration: calibration.prediction, test: test.prediction },
        residual: residual(&pair.model, calibration.residual, test.residual),
        periods: Vec::new(),
    }
}

/// Drift of the residuals; rows do not drift from themselves.
fn residual(model: &Model, calibration: Psi, test: Psi) -> ResidualDrift {
    let known = &model.reference.residual;
    let own = known.of == ResidualPart::Calibration;
    let in_sample = Some(("calibration".to_owned(), Reason::InSample));
    ResidualDrift {
        of: known.of,
        calibration: (!own).then_some(calibration),
        test,
        absent: in_sample.filter(|_| own).into_iter().collect(),
    }
}

/// The coefficients, the largest effect first; those without a known effect last, by size.
fn coefficients(pair: &Pair) -> Vec<Coefficient> {
    let found = pair.found("features");
    let sd = |name: &str| found.get(name)?.get("train")?.get("sd")?.as_f64();
    let model = &pair.model;
    let statistic = |name: &str, key: &str| {
        let all = model.statistics.get("coefficients")?.as_array()?;
        all.iter()
            .find(|c| c.get("name").and_then(Json::as_str) == Some(name))?
            .get(key)?
            .get("value")?
            .as_f64()
    };
    let one = |(feature, coefficient): (&String, &f64)| {
        let sd = sd(feature);
        let effect = sd.map(|sd| coefficient * sd).filter(|effect| effect.is_finite());
        Coefficient {
            feature: feature.clone(),
            coefficient: *coefficient,
            standard_error: statistic(feature, "standard_error"),
            lower: statistic(feature, "lower"),
            upper: statistic(feature, "upper"),
            p: statistic(feature, "p"),
            sd,
            effect,
        }
    };
    let coefficients: &[f64] = model.function.linear().map_or(&[], |l| &l.coefficients);
    let mut all: Vec<_> = model.columns().iter().zip(coefficients).map(one).collect();
    let size = |c: &Coefficient| (c.effect.map_or(-1.0, f64::abs), c.coefficient.abs());
    all.sort_by(|a, b| {
        let ((a_effect, a_size), (b_effect, b_size)) = (size(a), size(b));
        b_effect.total_cmp(&a_effect).then(b_size.total_cmp(&a_size)).then(a.feature.cmp(&b.feature))
    });
    all
}
