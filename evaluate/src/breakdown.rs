//! Where the model fails: errors by period, by segment and by bin of prediction, and the worst rows.

use std::collections::BTreeMap;

use common::error::{Error, Result};
use common::time::Period;
use model::{Level, Model, ResidualPart};
use polars::prelude::DataFrame;

use crate::intervals;
use crate::metrics::{
    BinRow, DriftPeriod, PARTS, PeriodRow, Periods, PsiBrief, Segment, SegmentRow, WorstRow,
};
use crate::pair::Pair;
use crate::scored::Scored;
use crate::shift::Shift;
use crate::slice::{Slice, SliceMeasures};
use crate::survey::{Levels, MOST_PERIODS, Survey, levels};
use crate::worst::Worst;

/// Places in [`PARTS`].
const TRAIN: usize = 0;
const TEST: usize = 2;
/// Name of the levels that are joined.
const OTHER: &str = "(other)";

/// What the rows of calibration and test part teach, told apart.
///
/// Memory: constant for each period, level and bin, and what [`Slice`] keeps of a row.
pub(crate) struct Breakdown {
    survey: Survey,
    /// By period and part.
    periods: BTreeMap<(Period, usize), InPeriod>,
    /// By segment and group.
    segments: Vec<Vec<Slice>>,
    bins: Vec<Slice>,
    worst: Worst,
}

/// The rows of a part in a period.
struct InPeriod {
    slice: Slice,
    shift: Shift,
}

/// What is written.
pub(crate) struct Told {
    pub(crate) periods: Option<Periods>,
    pub(crate) drift: Vec<DriftPeriod>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) bins: Vec<BinRow>,
    pub(crate) worst: Vec<WorstRow>,
}

/// Rows of a batch, with what they are told apart by.
struct Batch<'a> {
    frame: &'a DataFrame,
    rows: &'a Scored,
    /// Rows before the first.
    before: u64,
    times: Option<Vec<(i64, Period)>>,
    groups: Vec<Vec<usize>>,
}

impl Breakdown {
    /// Of no rows.
    pub(crate) fn new(model: &Model, survey: Survey) -> Self {
        let slices = |count: usize| vec![Slice::new(model); count];
        Self {
            segments: survey.segments.iter().map(|s| slices(s.groups())).collect(),
            bins: slices(model.reference.prediction.edges().len() + 1),
            periods: BTreeMap::new(),
            worst: Worst::default(),
            survey,
        }
    }

    /// Adds the rows of a batch, each of the part at a place in [`PARTS`]; `before` rows came before them.
    ///
    /// # Errors
    /// [`common::Class::Usage`] where there are more periods than anyone reads.
    pub(crate) fn add(
        &mut self,
        pair: &Pair,
        frame: &DataFrame,
        rows: &Scored,
        parts: &[usize],
        before: u64,
    ) -> Result<()> {
        let times = self.survey.periods.as_ref().map(|p| p.of(frame)).transpose()?;
        let groups = self.survey.segments.iter().map(|s| s.of(frame)).collect::<Result<_>>()?;
        let batch = Batch { frame, rows, before, times, groups };
        for (row, part) in parts.iter().enumerate().filter(|(_, part)| **part != TRAIN) {
            self.add_to_period(&pair.model, &batch, row, *part)?;
            if *part == TEST {
                self.add_test(pair, &batch, row)?;
            }
        }
        Ok(())
    }

    fn add_to_period(&mut self, model: &Model, batch: &Batch<'_>, row: usize, part: usize) -> Result<()> {
        let Some((_, period)) = batch.times.as_ref().map(|times| times[row]) else { return Ok(()) };
        let new = || InPeriod { slice: Slice::new(model), shift: Shift::new(model) };
        let InPeriod { slice, shift } = self.periods.entry((period, part)).or_insert_with(new);
        slice.add(batch.rows, row);
        shift.add(model, batch.rows, row);
        for (j, column) in batch.rows.features.iter().enumerate() {
            shift.add_feature(model, j, column[row]);
        }
        if self.periods.len() > MOST_PERIODS {
            let what = "[evaluate] period: calibration and test part have more than";
            return Err(Error::usage(format!("{what} {MOST_PERIODS} of them; choose longer ones")));
        }
        Ok(())
    }

    fn add_test(&mut self, pair: &Pair, batch: &Batch<'_>, row: usize) -> Result<()> {
        for (slices, groups) in self.segments.iter_mut().zip(&batch.groups) {
            slices[groups[row]].add(batch.rows, row);
        }
        let predicted = batch.rows.predicted[row];
        if predicted.is_finite() {
            // As in the reference: a bin is open below and closed above.
            let bin = pair.model.reference.prediction.edges().partition_point(|edge| *edge < predicted);
            self.bins[bin].add(batch.rows, row);
        }
        if self.worst.admits(predicted - batch.rows.actual[row]) {
            let row = self.worst_row(pair, batch, row)?;
            self.worst.add(row);
        }
        Ok(())
    }

    fn worst_row(&self, pair: &Pair, batch: &Batch<'_>, row: usize) -> Result<WorstRow> {
        let one = batch.frame.slice(row.cast_signed() as i64, 1);
        let entity = pair.columns.entity.as_ref().map(|name| levels(&one, name)).transpose()?;
        let time = self.survey.periods.as_ref().zip(batch.times.as_ref());
        let (predicted, actual) = (batch.rows.predicted[row], batch.rows.actual[row]);
        let mut levels = batch.rows.levels.iter().rev();
        let bounds = levels.find_map(|Level { level, bounds, .. }| {
            let bounds = bounds.as_ref().ok()?;
            Some((*level, bounds.lower[row], bounds.upper[row]))
        });
        let bounds = bounds.filter(|(_, lower, upper)| lower.is_finite() && upper.is_finite());
        Ok(WorstRow {
            row: batch.before + row as u64 + 1,
            entity: entity.into_iter().flatten().next().flatten(),
            time: time.map(|(of, times)| of.clock.show(times[row].0)),
            predicted,
            actual,
            error: Some(predicted - actual).filter(|error| error.is_finite()),
            level: bounds.map(|(level, ..)| level),
            lower: bounds.map(|(_, lower, _)| lower),
            upper: bounds.map(|(.., upper)| upper),
            source: None,
            line: None,
        })
    }

    /// All measures.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where the line index of the table is damaged.
    pub(crate) fn tell(self, pair: &Pair) -> Result<Told> {
        let Self { survey, mut periods, segments, bins, worst } = self;
        let model = &pair.model;
        let drift = drift(&survey, &periods, model);
        Ok(Told {
            periods: by_period(&survey, &mut periods, model),
            drift,
            segments: survey
                .segments
                .iter()
                .zip(segments)
                .map(|(of, slices)| segment(of, slices, model))
                .collect(),
            bins: by_bin(bins, model),
            worst: worst.traced(pair)?,
        })
    }
}

/// The measures of test rows, which taught nothing.
fn measures(mut slice: Slice, model: &Model) -> SliceMeasures {
    slice.measures(model, true)
}

fn by_period(
    survey: &Survey,
    periods: &mut BTreeMap<(Period, usize), InPeriod>,
    model: &Model,
) -> Option<Periods> {
    let of = survey.periods.as_ref()?;
    let row = |((period, part), in_period): (&(Period, usize), &mut InPeriod)| PeriodRow {
        period: of.clock.show_period(of.length, *period),
        part: PARTS[*part].to_owned(),
        measures: in_period.slice.measures(model, intervals::judges(model.intervals.method, PARTS[*part])),
    };
    Some(Periods { unit: of.length, rows: periods.iter_mut().map(row).collect() })
}

fn drift(survey: &Survey, periods: &BTreeMap<(Period, usize), InPeriod>, model: &Model) -> Vec<DriftPeriod> {
    let Some(of) = &survey.periods else { return Vec::new() };
    // Rows do not drift from themselves.
    let own = match model.reference.residual.of {
        ResidualPart::Calibration => PARTS[1],
        ResidualPart::Train => PARTS[0],
    };
    let row = |((period, part), in_period): (&(Period, usize), &InPeriod)| {
        let shifted = in_period.shift.compare(model);
        DriftPeriod {
            period: of.clock.show_period(of.length, *period),
            part: PARTS[*part].to_owned(),
            n: shifted.prediction.n,
            alarms: shifted.alarms,
            target: PsiBrief::from(&shifted.target),
            prediction: PsiBrief::from(&shifted.prediction),
            residual: (PARTS[*part] != own).then(|| PsiBrief::from(&shifted.residual)),
            features: shifted.features.iter().map(|(name, psi)| (name.clone(), psi.into())).collect(),
        }
    };
    periods.iter().map(row).collect()
}

fn segment(levels: &Levels, slices: Vec<Slice>, model: &Model) -> Segment {
    let named = levels.named.iter().cloned().map(|level| (level, None));
    let rest = (levels.joined() > 0).then(|| (Some(OTHER.to_owned()), Some(levels.joined())));
    let row = |((level, joined), slice)| SegmentRow { level, joined, measures: measures(slice, model) };
    Segment {
        column: levels.segment.name.clone(),
        levels: levels.all,
        rows: named.chain(rest).zip(slices).map(row).collect(),
    }
}

fn by_bin(bins: Vec<Slice>, model: &Model) -> Vec<BinRow> {
    let edges = model.reference.prediction.edges();
    let row = |(bin, slice): (usize, Slice)| BinRow {
        above: bin.checked_sub(1).and_then(|below| edges.get(below).copied()),
        up_to: edges.get(bin).copied(),
        measures: measures(slice, model),
    };
    bins.into_iter().enumerate().map(row).collect()
}
