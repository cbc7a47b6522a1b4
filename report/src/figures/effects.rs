//! What the features add to a prediction: coefficients in comparable units, or what shuffling costs.

use common::error::Result;
use model::{Function, Model};

use super::canvas::{Canvas, Pen, Spot};
use super::frame::{EDGE, Sign, legend, listed};
use super::ink::Ink;
use super::label::{self, Quote};
use super::scale::Scale;
use super::{Figure, Words};
use crate::metrics::Metrics;
use crate::number;

/// Features drawn at most, the largest first.
const MOST: usize = 15;
/// Widest name, in em.
const NAME: f64 = 14.5;

/// Radius of a mark in pixels.
const MARK: f64 = 4.0;

/// One feature.
struct Effect<'a> {
    feature: &'a str,
    value: f64,
    /// Where the error lies, from and to.
    range: Option<(f64, f64)>,
}

impl Effect<'_> {
    /// Whether its sign is known.
    fn clear(&self) -> bool {
        self.range.is_some_and(|(low, high)| low > 0.0 || high < 0.0)
    }
}

/// What one kind of effect is called.
struct Kind {
    name: &'static str,
    title: &'static str,
    axis: &'static str,
    range: String,
}

/// The figure of a linear model's coefficients, or of what features are worth to trees.
pub(super) fn draw(metrics: &Metrics, model: &Model) -> Result<Option<Figure>> {
    let (kind, mut effects) = match &model.function {
        Function::Linear(linear) => {
            let confidence = model.statistics.get("confidence").and_then(serde_json::Value::as_f64);
            let kind = Kind {
                name: "coefficients",
                title: "Effects of the features",
                axis: "Effect of one standard deviation",
                range: format!("{} interval", number::level(confidence.unwrap_or(0.95))),
            };
            let fitted = metrics.coefficients.iter().filter(|c| !linear.aliased.contains(&c.feature));
            let effect = |c: &'_ crate::metrics::Coefficient| {
                let (sd, value) = (c.sd?, c.effect?);
                let range = c.lower.zip(c.upper).map(|(low, high)| (low * sd, high * sd));
                Some((value, range))
            };
            let effects = fitted
                .filter_map(|c| effect(c).map(|(value, range)| Effect { feature: &c.feature, value, range }));
            (kind, effects.collect::<Vec<_>>())
        }
        Function::Trees(_) => {
            let kind = Kind {
                name: "importance",
                title: "What the features are worth",
                axis: "Rise of the mean absolute error",
                range: "two standard errors".to_owned(),
            };
            let effects = model.importance.permutation.features.iter().map(|f| {
                let wide = 2.0 * f.standard_error;
                Effect {
                    feature: &f.feature,
                    value: f.increase,
                    range: Some((f.increase - wide, f.increase + wide)),
                }
            });
            (kind, effects.collect())
        }
    };
    effects.retain(|effect| effect.value.is_finite());
    let all = effects.len();
    let by_size = |e: &Effect<'_>| if kind.name == "coefficients" { e.value.abs() } else { e.value };
    effects.sort_by(|a, b| by_size(b).total_cmp(&by_size(a)).then(a.feature.cmp(b.feature)));
    effects.truncate(MOST);
    let ends = effects.iter().flat_map(|e| {
        let (low, high) = e.range.unwrap_or((e.value, e.value));
        [low, high, e.value]
    });
    let Some(scale) = Scale::with_zero(ends, 6) else { return Ok(None) };
    let canvas = canvas(metrics, &kind, &effects, &scale);
    let words = |quote| words(metrics, model, &kind, (&effects, all), quote);
    Figure::new(kind.name, kind.title, words, &canvas).map(Some)
}

fn canvas(metrics: &Metrics, kind: &Kind, effects: &[Effect<'_>], scale: &Scale) -> Canvas {
    let mut canvas = Canvas::new();
    let mut entries = Vec::new();
    if effects.iter().any(Effect::clear) {
        entries.push((Sign::Whisker(Ink::Main), format!("with {}", kind.range)));
    }
    if effects.iter().any(|effect| !effect.clear()) {
        let unknown =
            if effects.iter().all(|e| e.range.is_none()) { "no errors known" } else { "may be nothing" };
        entries.push((Sign::Ring(Ink::Alarm), unknown.to_owned()));
    }
    let top = legend(&mut canvas, EDGE, &entries) + 6.0;
    let labels: Vec<String> = effects.iter().map(|effect| label::cut(effect.feature, NAME)).collect();
    let plot = listed(&mut canvas, top, &labels, scale);
    let x = |value: f64| plot.x(scale.place(value));
    canvas.line((x(0.0), plot.top), (x(0.0), plot.bottom), Pen::new(Ink::Text, 1.5));
    for (place, effect) in effects.iter().enumerate() {
        let y = plot.middle(place);
        let ink = if effect.clear() { Ink::Main } else { Ink::Alarm };
        if let Some((low, high)) = effect.range {
            whiskers(&mut canvas, (x(effect.value), y), [x(low), x(high)], ink);
        }
        if effect.clear() {
            canvas.disc((x(effect.value), y), MARK, ink, 1.0);
        } else {
            canvas.ring((x(effect.value), y), MARK, Pen::new(ink, 1.75));
        }
    }
    let name = label::cut(&metrics.target.source, 14.0);
    plot.end(&mut canvas, &format!("{}, “{name}”", kind.axis));
    canvas
}

/// Lines from the edge of the mark at `center` to both ends; none where the mark covers them.
fn whiskers(canvas: &mut Canvas, (x, y): Spot, ends: [f64; 2], ink: Ink) {
    for end in ends.into_iter().filter(|end| (end - x).abs() > MARK) {
        let pen = Pen::new(ink, 1.75);
        canvas.line((x + MARK.copysign(end - x), y), (end, y), pen);
        canvas.line((end, y - MARK), (end, y + MARK), pen);
    }
}

fn words(
    metrics: &Metrics,
    model: &Model,
    kind: &Kind,
    (effects, all): (&[Effect<'_>], usize),
    quote: Quote,
) -> Words {
    let name = quote(&metrics.target.source);
    let clear = effects.iter().filter(|effect| effect.clear()).count();
    let first = effects.first().map_or_else(String::new, |first| {
        format!("; the largest is that of {}, {}", quote(first.feature), number::figure(first.value))
    });
    let shown = effects.len();
    let of = if shown < all {
        format!("{shown} of {all} features (the largest effects)")
    } else {
        number::counted(all as u64, "feature")
    };
    let known = if effects.iter().any(|effect| effect.range.is_some()) {
        format!(
            "; for {} of them the {} lies clear of zero",
            clear,
            kind.range.replace("two standard errors", "range of two standard errors")
        )
    } else {
        String::new()
    };
    if kind.name == "coefficients" {
        let alt = format!("Effects of {of} on the prediction of {name}{first}{known}.");
        let caption = format!(
            "What one standard deviation of a feature in the training part adds to the prediction of {name}, for {of}, with its {}. Features that move together share an effect between them.",
            kind.range
        );
        Words { alt, caption }
    } else {
        let permutation = &model.importance.permutation;
        let alt = format!(
            "Rise of the mean absolute error of {name} when a feature is shuffled, for {of}{first}{known}."
        );
        let caption = format!(
            "How much the mean absolute error on {}, {} in the unit of {name}, rises when the values of one feature are shuffled among them, for {of}, with two standard errors either way.",
            number::counted(permutation.rows, "calibration row"),
            number::or_dash(permutation.mae)
        );
        Words { alt, caption }
    }
}
