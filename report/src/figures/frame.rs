//! The frame of a figure: where the plot lies, its axes and its legend.

use super::canvas::{Anchor, Canvas, Pen, Spot, TEXT, WIDTH};
use super::ink::Ink;
use super::label;
use super::scale::{Scale, Tick};

/// Free space at the edges, in pixels.
pub(super) const EDGE: f64 = 8.0;
/// Height of a line of text.
pub(super) const LINE: f64 = 21.0;
/// Between the plot and the labels of its ticks.
const GAP: f64 = 7.0;
/// Height of a row of a list, in pixels.
const ROW: f64 = 27.0;
/// Widest label of a list, in pixels.
const LABELS: f64 = 230.0;
/// Space for the labels of ticks below the plot.
pub(super) const BELOW: f64 = LINE + 6.0;

/// A line that another may run over.
pub(super) const WIDE: Pen = Pen { ink: Ink::Quiet, alpha: 0.5, width: 4.5 };

/// The rectangle that data are drawn in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Plot {
    /// Below `top`, `height` pixels high, with space on the left for the labels of `scale`.
    pub(super) fn below(top: f64, height: f64, scale: &Scale) -> Self {
        let widest = scale.ticks().iter().map(|tick| pixels(&tick.label)).fold(0.0, f64::max);
        Self { left: EDGE + widest + GAP, top, right: WIDTH - 3.0 * EDGE, bottom: top + height }
    }

    /// Below `top`, where the title of its vertical axis stands; as [`Plot::below`].
    pub(super) fn titled(canvas: &mut Canvas, top: f64, title: &str, height: f64, scale: &Scale) -> Self {
        canvas.text((EDGE, top + LINE / 2.0), title, Anchor::Start, Ink::Text);
        Self::below(top + LINE + 8.0, height, scale)
    }

    /// The title of the horizontal axis, which ends the figure.
    pub(super) fn end(&self, canvas: &mut Canvas, title: &str) {
        let top = self.bottom + BELOW;
        canvas.text((self.right, top + LINE / 2.0), title, Anchor::End, Ink::Text);
        canvas.crop(top + LINE + EDGE);
    }

    pub(super) fn x(&self, share: f64) -> f64 {
        self.left + share * (self.right - self.left)
    }

    pub(super) fn y(&self, share: f64) -> f64 {
        self.bottom - share * (self.bottom - self.top)
    }

    /// Where a pair of values lies.
    pub(super) fn spot(&self, x: (&Scale, f64), y: (&Scale, f64)) -> Spot {
        (self.x(x.0.place(x.1)), self.y(y.0.place(y.1)))
    }

    /// Ticks of a vertical axis: lines of the grid with their labels on the left.
    pub(super) fn rows(&self, canvas: &mut Canvas, scale: &Scale) {
        for Tick { value, label } in scale.ticks() {
            let y = self.y(scale.place(value));
            canvas.line((self.left, y), (self.right, y), Pen::new(Ink::Grid, 1.0));
            canvas.text((self.left - GAP, y), &label, Anchor::End, Ink::Quiet);
        }
    }

    /// Ticks of a horizontal axis: lines of the grid with their labels below, as many as there is space for.
    pub(super) fn columns(&self, canvas: &mut Canvas, scale: &Scale) {
        let ticks = scale.ticks();
        let widest = ticks.iter().map(|tick| pixels(&tick.label)).fold(0.0, f64::max);
        let apart = match &ticks[..] {
            [first, second, ..] => self.x(scale.place(second.value)) - self.x(scale.place(first.value)),
            _ => f64::INFINITY,
        };
        let every = if apart < widest + 10.0 { 2 } else { 1 };
        for (i, Tick { value, label }) in ticks.iter().enumerate() {
            let x = self.x(scale.place(*value));
            canvas.line((x, self.top), (x, self.bottom), Pen::new(Ink::Grid, 1.0));
            if i % every == 0 {
                self.beneath(canvas, x, label);
            }
        }
    }

    /// A label below the plot, its middle at `x` as far as the edges let it.
    pub(super) fn beneath(&self, canvas: &mut Canvas, x: f64, label: &str) {
        let half = pixels(label) / 2.0;
        let x = x.clamp(half.min(WIDTH / 2.0), (WIDTH - half).max(WIDTH / 2.0));
        canvas.text((x, self.bottom + GAP + LINE / 2.0), label, Anchor::Middle, Ink::Quiet);
    }

    /// The height of the middle of a row of [`listed`].
    pub(super) fn middle(&self, place: usize) -> f64 {
        self.top + ROW * (place as f64 + 0.5)
    }

    /// The line below the plot.
    pub(super) fn floor(&self, canvas: &mut Canvas) {
        canvas.line((self.left, self.bottom), (self.right, self.bottom), Pen::new(Ink::Quiet, 1.0));
    }
}

/// How wide `text` is, in pixels, rather too much.
pub(super) fn pixels(text: &str) -> f64 {
    label::width(text) * TEXT
}

/// How the legend shows what an entry looks like.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    Disc(Ink),
    Ring(Ink),
    Triangle(Ink),
    Line(Ink),
    Wide,
    Dashes(Ink),
    Band(Ink, f64),
    Box(Ink),
    Hollow(Ink),
    Open(Ink),
    Bar(Ink),
    Whisker(Ink),
}

/// Draws entries from left to right below `top`, on as many lines as they need; returns where the last line ends.
pub(super) fn legend(canvas: &mut Canvas, top: f64, entries: &[(Sign, String)]) -> f64 {
    const APART: f64 = 18.0;
    let (mut x, mut y) = (EDGE, top + LINE / 2.0);
    for (sign, words) in entries {
        let label = sign.width() + 6.0;
        let wide = label + pixels(words);
        if x > EDGE && x + wide > WIDTH - 3.0 * EDGE {
            (x, y) = (EDGE, y + LINE);
        }
        sign.draw(canvas, (x, y));
        canvas.text((x + label, y), words, Anchor::Start, Ink::Text);
        x += wide + APART;
    }
    y + LINE / 2.0
}

/// A triangle around `center` that points up, or down.
pub(super) fn triangle(canvas: &mut Canvas, center: Spot, up: bool, ink: Ink, alpha: f64) {
    let (x, y) = center;
    let tip = if up { -4.5 } else { 4.5 };
    canvas.area(vec![(x, y + tip), (x - 4.0, y - tip * 0.6), (x + 4.0, y - tip * 0.6)], ink, alpha);
}

/// The outline of a small square around `center`.
pub(super) fn square(canvas: &mut Canvas, (x, y): Spot, pen: Pen) {
    canvas.frame((x - 4.0, y - 4.0), (x + 4.0, y + 4.0), pen);
}

impl Sign {
    /// In pixels.
    fn width(self) -> f64 {
        match self {
            Self::Disc(_) | Self::Ring(_) | Self::Triangle(_) | Self::Box(_) | Self::Bar(_) => 11.0,
            Self::Line(_) | Self::Wide | Self::Dashes(_) | Self::Band(..) => 31.0,
            Self::Hollow(_) | Self::Open(_) | Self::Whisker(_) => 26.0,
        }
    }

    fn draw(self, canvas: &mut Canvas, (x, y): Spot) {
        let wide = self.width();
        let middle = (x + wide / 2.0, y);
        match self {
            Self::Disc(ink) => canvas.disc(middle, 4.0, ink, 1.0),
            Self::Ring(ink) => canvas.ring(middle, 4.0, Pen::new(ink, 1.75)),
            Self::Triangle(ink) => triangle(canvas, middle, true, ink, 1.0),
            Self::Line(ink) => canvas.line((x, y), (x + wide, y), Pen::new(ink, 2.0)),
            Self::Wide => canvas.line((x, y), (x + wide, y), WIDE),
            Self::Dashes(ink) => canvas.dashed((x, y), (x + wide, y), Pen::new(ink, 1.5)),
            Self::Band(ink, alpha) => canvas.bar((x, y - 6.0), (x + wide, y + 6.0), ink, alpha),
            Self::Hollow(ink) => {
                let (from, to) = ((x, y - 6.0), (x + wide, y + 6.0));
                canvas.bar(from, to, ink, 0.15);
                canvas.frame(from, to, Pen::new(ink, 1.75));
            }
            Self::Open(ink) => canvas.frame((x, y - 6.0), (x + wide, y + 6.0), Pen::new(ink, 1.75)),
            Self::Box(ink) => square(canvas, middle, Pen::new(ink, 1.75)),
            Self::Whisker(ink) => {
                canvas.line((x, y), (x + wide, y), Pen::new(ink, 1.75));
                canvas.disc(middle, 4.0, ink, 1.0);
            }
            Self::Bar(ink) => canvas.line((middle.0, y - 8.0), (middle.0, y + 8.0), Pen::new(ink, 2.5)),
        }
    }
}

/// Rows with a label each, above a horizontal axis: where they lie below `top`.
pub(super) fn listed(canvas: &mut Canvas, top: f64, labels: &[String], scale: &Scale) -> Plot {
    let widest = labels.iter().map(|label| pixels(label)).fold(0.0, f64::max).min(LABELS);
    let bottom = top + ROW * labels.len() as f64;
    let plot = Plot { left: EDGE + widest + GAP + 3.0, top, right: WIDTH - 3.0 * EDGE, bottom };
    plot.columns(canvas, scale);
    for (place, label) in labels.iter().enumerate() {
        canvas.text((plot.left - GAP, plot.middle(place)), label, Anchor::End, Ink::Text);
    }
    plot
}
