//! Labels of times below a plot, few enough not to overlap.

use super::canvas::{Canvas, Pen};
use super::frame::{Plot, pixels};
use super::ink::Ink;
use super::label;

/// Free space between two labels, in pixels.
const APART: f64 = 14.0;
/// Widest label, in em.
const WIDEST: f64 = 12.0;

/// Labels places that share the width of the plot, in order: where a year, a month or a day begins if that is
/// how times are written, else every so many.
pub(super) fn label(canvas: &mut Canvas, plot: &Plot, times: &[&str]) {
    let x = |place: usize| plot.x((place as f64 + 0.5) / times.len() as f64);
    let mut free = f64::NEG_INFINITY;
    for (place, label) in chosen(times, plot.right - plot.left) {
        let half = pixels(&label) / 2.0;
        // Years that begin close together, as after a gap, would overlap.
        if x(place) - half > free {
            canvas.line((x(place), plot.bottom), (x(place), plot.bottom + 5.0), Pen::new(Ink::Quiet, 1.0));
            plot.beneath(canvas, x(place), &label);
            free = x(place) + half + APART / 2.0;
        }
    }
}

fn chosen(times: &[&str], wide: f64) -> Vec<(usize, String)> {
    for letters in [10, 7, 4] {
        let Some(starts) = starts(times, letters) else { continue };
        let needed: f64 = starts.iter().map(|(_, label)| pixels(label) + APART).sum();
        if starts.len() > 1 && needed <= wide {
            return starts;
        }
    }
    let labels: Vec<String> = times.iter().map(|time| label::cut(time, WIDEST)).collect();
    let widest = labels.iter().map(|label| pixels(label)).fold(0.0, f64::max) + APART;
    let fit = (1..=32).take_while(|n| f64::from(*n) * widest <= wide).count().max(1);
    let every = times.len().div_ceil(fit).max(1);
    labels.into_iter().enumerate().step_by(every).collect()
}

/// Where the first `letters` of ISO times change; the first time only if it is written in so many.
fn starts(times: &[&str], letters: usize) -> Option<Vec<(usize, String)>> {
    let mut out = Vec::new();
    let mut before = None;
    for (place, time) in times.iter().enumerate() {
        let digits = time.get(..4)?.bytes().all(|b| b.is_ascii_digit());
        if !digits || !matches!(time.as_bytes().get(4), None | Some(b'-')) {
            return None;
        }
        let start = time.get(..letters)?;
        if before.is_some_and(|before| before != start) || (before.is_none() && time.len() == letters) {
            out.push((place, label::cut(start, WIDEST)));
        }
        before = Some(start);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(times: &[&str], wide: f64) -> Vec<(usize, String)> {
        chosen(times, wide)
    }

    #[test]
    fn years_are_labelled_where_they_begin() {
        let months: Vec<String> =
            (0..30).map(|m| format!("{}-{:02}", 2012 + (m + 6) / 12, (m + 6) % 12 + 1)).collect();
        let months: Vec<&str> = months.iter().map(String::as_str).collect();
        assert_eq!((months[0], months[29]), ("2012-07", "2014-12"));
        assert_eq!(labels(&months, 480.0), [(6, "2013".to_owned()), (18, "2014".to_owned())]);
    }

    #[test]
    fn few_times_are_all_labelled_and_many_every_so_many() {
        assert_eq!(labels(&["1", "2", "3"], 480.0).len(), 3);
        let many: Vec<String> = (0..1000).map(|i| i.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let chosen = labels(&many, 480.0);
        assert!((5..=20).contains(&chosen.len()), "{chosen:?}");
    }

    #[test]
    fn hostile_times_are_cut() {
        let long = "x".repeat(10_000);
        for (_, label) in labels(&[&long, "\u{0}", "é-é-é"], 480.0) {
            assert!(label.chars().count() < 40 && !label.contains('\u{0}'), "{label}");
        }
    }
}
