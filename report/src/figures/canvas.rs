//! What a figure is drawn on: marks in pixels, written as SVG by `plotters`.

use common::error::{Error, Result};
use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};

use super::ink::{self, Ink};
use super::label;

/// Width of every figure in pixels: narrow, so that its text can be read on a phone, where it is shown smaller.
pub(super) const WIDTH: f64 = 560.0;
/// Height of a plot whose two axes have one range, in pixels.
pub(super) const SIDE: f64 = 400.0;
/// Size of text in pixels.
pub(super) const TEXT: f64 = 15.0;
/// Units of the drawing a pixel: `plotters` draws at whole units.
const FINENESS: f64 = 4.0;
/// What the letters are set in.
const FAMILY: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/// `plotters` divides sizes of text by this.
const OF_TEXT: f64 = 1.24;

/// A place in pixels from the upper left corner.
pub(super) type Spot = (f64, f64);

/// Colour, opacity and width of a line in pixels.
#[derive(Clone, Copy)]
pub(super) struct Pen {
    pub(super) ink: Ink,
    pub(super) alpha: f64,
    pub(super) width: f64,
}

impl Pen {
    /// An opaque line.
    pub(super) fn new(ink: Ink, width: f64) -> Self {
        Self { ink, alpha: 1.0, width }
    }
}

/// Which end of a text stands at its spot.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

enum Mark {
    Path(Vec<Spot>, Pen),
    Area(Vec<Spot>, Ink, f64),
    Disc(Spot, f64, Ink, f64),
    Ring(Spot, f64, Pen),
    Text(Spot, String, Anchor, Ink),
}

/// Marks in the order in which they cover each other.
pub(super) struct Canvas {
    height: f64,
    marks: Vec<Mark>,
}

impl Canvas {
    /// Without marks.
    pub(super) fn new() -> Self {
        Self { height: WIDTH, marks: Vec::new() }
    }

    /// Ends the figure at this height, once it is known.
    pub(super) fn crop(&mut self, height: f64) {
        self.height = height.ceil();
    }

    /// A line through all spots.
    pub(super) fn path(&mut self, spots: Vec<Spot>, pen: Pen) {
        self.marks.push(Mark::Path(spots, pen));
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: Spot, to: Spot, pen: Pen) {
        self.path(vec![from, to], pen);
    }

    /// A straight line of dashes.
    pub(super) fn dashed(&mut self, from: Spot, to: Spot, pen: Pen) {
        const DASH: f64 = 7.0;
        const GAP: f64 = 5.0;
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let at = |way: f64| {
            let share = (way / length).min(1.0);
            (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
        };
        let starts = (0..400).map(|i| f64::from(i) * (DASH + GAP)).take_while(|way| *way < length);
        for way in starts {
            self.line(at(way), at(way + DASH), pen);
        }
    }

    /// A filled polygon.
    pub(super) fn area(&mut self, corners: Vec<Spot>, ink: Ink, alpha: f64) {
        self.marks.push(Mark::Area(corners, ink, alpha));
    }

    /// A filled rectangle.
    pub(super) fn bar(&mut self, (x0, y0): Spot, (x1, y1): Spot, ink: Ink, alpha: f64) {
        self.area(vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1)], ink, alpha);
    }

    /// The outline of a rectangle.
    pub(super) fn frame(&mut self, (x0, y0): Spot, (x1, y1): Spot, pen: Pen) {
        self.path(vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], pen);
    }

    /// A filled circle.
    pub(super) fn disc(&mut self, center: Spot, radius: f64, ink: Ink, alpha: f64) {
        self.marks.push(Mark::Disc(center, radius, ink, alpha));
    }

    /// The outline of a circle.
    pub(super) fn ring(&mut self, center: Spot, radius: f64, pen: Pen) {
        self.marks.push(Mark::Ring(center, radius, pen));
    }

    /// One line of text, its middle at the height of the spot.
    pub(super) fn text(&mut self, at: Spot, text: &str, anchor: Anchor, ink: Ink) {
        self.marks.push(Mark::Text(at, text.to_owned(), anchor, ink));
    }

    /// The figure as an SVG document, with its title and what it shows in words, both plain text.
    ///
    /// # Errors
    /// Where `plotters` fails, which it has no reason to.
    pub(super) fn svg(&self, name: &str, title: &str, words: &str) -> Result<String> {
        let mut drawn = String::new();
        let size = (units(WIDTH).unsigned_abs(), units(self.height).unsigned_abs());
        let failed = |e| Error::unexpected(format!("cannot draw the figure `{name}`: {e}"));
        {
            let mut backend = SVGBackend::with_string(&mut drawn, size);
            for mark in &self.marks {
                mark.draw(&mut backend).map_err(failed)?;
            }
            backend.present().map_err(|e| failed(e.to_string()))?;
        }
        let body = drawn.split_once('\n').and_then(|(_, rest)| rest.rsplit_once("</svg>"));
        let Some((body, _)) = body else { return Err(failed("no SVG".to_owned())) };
        // What goes without saying, or is said once for all texts; no text holds a quotation mark of these.
        let font =
            |size: f64| format!(" font-family=\"{}\" font-size=\"{size}\"", FAMILY.replace('\'', "&apos;"));
        let body = body
            .replace(" stroke=\"none\" stroke-width=\"1\"", "")
            .replace(" opacity=\"1\"", "")
            .replace(&font(TEXT * FINENESS * OF_TEXT / OF_TEXT), "");
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{}\" viewBox=\"0 0 {} {}\"{} role=\"img\" aria-labelledby=\"{name}-title {name}-desc\">\n\
             <title id=\"{name}-title\">{}</title>\n<desc id=\"{name}-desc\">{}</desc>\n<style>{}</style>\n{body}</svg>\n",
            self.height,
            size.0,
            size.1,
            font(TEXT * FINENESS),
            label::xml(title),
            label::xml(words),
            ink::style(),
        ))
    }
}

impl Mark {
    fn draw(&self, backend: &mut SVGBackend) -> std::result::Result<(), String> {
        let drawn = match self {
            Self::Path(spots, pen) => {
                backend.draw_path(distinct(spots), &shape(pen.ink, pen.alpha, pen.width))
            }
            Self::Area(corners, ink, alpha) => {
                backend.fill_polygon(distinct(corners), &shape(*ink, *alpha, 0.0))
            }
            Self::Disc(center, radius, ink, alpha) => backend.draw_circle(
                spot(*center),
                units(*radius).unsigned_abs(),
                &shape(*ink, *alpha, 0.0),
                true,
            ),
            Self::Ring(center, radius, pen) => {
                let style = shape(pen.ink, pen.alpha, pen.width);
                backend.draw_circle(spot(*center), units(*radius).unsigned_abs(), &style, false)
            }
            Self::Text(at, text, anchor, ink) => {
                let across = match anchor {
                    Anchor::Start => HPos::Left,
                    Anchor::Middle => HPos::Center,
                    Anchor::End => HPos::Right,
                };
                let colour = colour(*ink, 1.0);
                let font = (FontFamily::Name(FAMILY), TEXT * FINENESS * OF_TEXT, FontStyle::Normal);
                let style = TextStyle::from(font).color(&colour).pos(Pos::new(across, VPos::Center));
                backend.draw_text(text, &style, spot(*at))
            }
        };
        drawn.map_err(|e| e.to_string())
    }
}

/// The spots in units, without those that fall on the one before.
fn distinct(spots: &[Spot]) -> Vec<(i32, i32)> {
    let mut out: Vec<_> = spots.iter().map(|s| spot(*s)).collect();
    out.dedup();
    out
}

fn shape(ink: Ink, alpha: f64, width: f64) -> ShapeStyle {
    ShapeStyle { color: colour(ink, alpha), filled: true, stroke_width: units(width).unsigned_abs().max(1) }
}

fn colour(ink: Ink, alpha: f64) -> RGBAColor {
    let (red, green, blue) = ink.rgb();
    RGBAColor(red, green, blue, alpha)
}

fn spot((x, y): Spot) -> (i32, i32) {
    (units(x), units(y))
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to a few thousand")]
fn units(pixels: f64) -> i32 {
    (pixels * FINENESS).round().clamp(-10_000.0, 10_000.0) as i32
}
