//! Whether one column says the same as another in all but a few rows.

use stats::Moments;

/// One row in so many may differ.
const ONE_IN: usize = 100;
/// Fewest rows in which both are known.
pub(super) const MIN_ROWS: usize = 30;
/// Fewest of them in which not both stand at the most frequent value.
const MIN_TELLING: usize = 20;
/// How far apart equal values may be: beside the value or the standard deviation, whichever is less, so
/// that neither a large level nor a few large values make all others equal.
const NEAR: f64 = 1e-9;
/// What rounding may change, beside the value, and beside the standard deviation where sums cancel.
const ROUNDING: f64 = 1e-14;
const CANCELLING: f64 = 1e-15;

/// How far values of a column may differ and count as equal, and which value says nothing.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    sd: f64,
    /// Half a unit of a column that was rounded, else 0.
    half: f64,
    /// The most frequent value, the least among equals: rows in which both columns have it are not
    /// counted, or a column of zeros would be a copy of every other.
    mode: f64,
}

/// Rows in which two columns agree.
#[derive(Clone, Copy)]
pub(super) struct Agreement {
    /// Rows with both values, of which not both are the most frequent one.
    pub(super) rows: usize,
    pub(super) agreed: usize,
}

impl Scale {
    /// Of the column that is compared with; `None` where it does not vary.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let mut moments = Moments::new();
        moments.extend(values);
        let sd = moments.sd().ok().filter(|sd| *sd > 0.0)?;
        Some(Self { sd, half: 0.0, mode: mode(values) })
    }

    /// With the tolerance widened to that of a column rounded to `half` a unit either way.
    pub(super) fn rounded(self, half: f64) -> Self {
        Self { half, ..self }
    }

    /// Of the sums of `rows` values.
    pub(super) fn times(self, rows: f64) -> Self {
        Self { mode: self.mode * rows, ..self }
    }

    fn near(&self, a: f64, b: f64) -> bool {
        (a - b).abs() <= self.half + NEAR * self.sd.min(b.abs()) + ROUNDING * b.abs() + CANCELLING * self.sd
    }

    /// Compares rows `(value, wanted)`, NaN where missing; `None` unless nearly all agree. Stops as
    /// soon as that is out of reach.
    pub(super) fn agree(&self, rows: impl ExactSizeIterator<Item = (f64, f64)>) -> Option<Agreement> {
        let bearable = rows.len() / ONE_IN;
        let (mut known, mut counted, mut agreed) = (0, 0, 0);
        for (value, wanted) in rows.filter(|(a, b)| !a.is_nan() && !b.is_nan()) {
            known += 1;
            if self.near(value, wanted) {
                let says_nothing = self.near(self.mode, wanted);
                counted += usize::from(!says_nothing);
                agreed += usize::from(!says_nothing);
            } else {
                counted += 1;
                if counted - agreed > bearable {
                    return None;
                }
            }
        }
        let found = Agreement { rows: counted, agreed };
        let nearly_all = (counted - agreed) * ONE_IN <= counted;
        (known >= MIN_ROWS && counted >= MIN_TELLING && nearly_all).then_some(found)
    }
}

impl Agreement {
    pub(super) fn share(&self) -> f64 {
        self.agreed as f64 / self.rows as f64
    }
}

/// The value that occurs most often, the least among equals; NaN where none is known.
fn mode(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let runs = sorted.chunk_by(|a, b| a >= b);
    let longest = runs.fold(&[][..], |best: &[f64], run| if run.len() > best.len() { run } else { best });
    longest.first().copied().unwrap_or(f64::NAN)
}
