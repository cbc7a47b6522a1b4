//! Where the model fails: errors by period, by segment and by bin of prediction, and the worst rows.

use std::collections::BTreeMap;

use common::error::{Error, Result};
use common::time::Period;
use model::{Level, Model, ResidualPart};

use crate::batch::Batch;
use crate::intervals;
use crate::learn::{TRAIN, unlike};
use crate::metrics::{
    BinRow, DriftPeriod, PARTS, PeriodRow, Periods, PsiBrief, Segment, SegmentRow, WorstRow,
};
use crate::pair::Pair;
use crate::picked::{Picked, column, grouped};
use crate::shift::Shift;
use crate::slice::{Slice, SliceMeasures};
use crate::survey::{Cells, Levels, MOST_PERIODS, Survey};
use crate::worst::Worst;

/// Its place in [`PARTS`].
const TEST: usize = 2;
/// Name of the levels that are joined.
const OTHER: &str = "(other)";

/// What the rows of calibration and test part teach, told apart.
///
/// Memory: constant for each period, level and bin.
#[derive(Clone)]
pub(crate) struct Breakdown<'a> {
    survey: &'a Survey,
    /// By period and part.
    periods: BTreeMap<(Period, usize), InPeriod>,
    /// By segment and group.
    segments: Vec<Vec<Slice>>,
    bins: Vec<Slice>,
    worst: Worst,
}

/// The rows of a part in a period.
#[derive(Clone)]
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

impl<'a> Breakdown<'a> {
    /// Of no rows.
    pub(crate) fn new(model: &Model, survey: &'a Survey) -> Self {
        let slices = |count: usize| vec![Slice::new(model); count];
        Self {
            segments: survey.segments.iter().map(|s| slices(s.groups())).collect(),
            bins: slices(model.reference.prediction.edges().len() + 1),
            periods: BTreeMap::new(),
            worst: Worst::default(),
            survey,
        }
    }

    /// Whether rows are told apart by period.
    pub(crate) fn has_periods(&self) -> bool {
        self.survey.periods.is_some()
    }

    /// How the rows of each part in each period compare with those of the training part.
    pub(crate) fn shifts(&self) -> impl Iterator<Item = (usize, &Shift)> {
        self.periods.iter().map(|((_, part), of)| (*part, &of.shift))
    }

    /// Adds rows.
    ///
    /// # Errors
    /// [`common::Class::Usage`] where there are more periods than anyone reads.
    pub(crate) fn add(&mut self, batch: &Batch<'_>) -> Result<()> {
        let times = self.survey.periods.as_ref().map(|p| p.clock.ordinals(&batch.frame)).transpose()?;
        let times =
            times.transpose().map_err(|_| Error::unexpected("a row without the time that it had before"))?;
        if let Some((of, times)) = self.survey.periods.as_ref().zip(times.as_ref()) {
            let later = batch.parts.iter().enumerate().filter(|(_, part)| **part != TRAIN);
            let key = |(row, part): (usize, &usize)| ((of.clock.period(of.length, times[row]), *part), row);
            self.add_to_periods(batch, grouped(later.map(key)))?;
        }
        self.add_test(batch, times.as_deref())
    }

    fn add_to_periods(
        &mut self,
        batch: &Batch<'_>,
        groups: Vec<((Period, usize), Vec<usize>)>,
    ) -> Result<()> {
        let model = &batch.pair.model;
        for (key, rows) in groups {
            let new = || InPeriod { slice: Slice::new(model), shift: Shift::new(model) };
            let InPeriod { slice, shift } = self.periods.entry(key).or_insert_with(new);
            let picked = Picked::of(&batch.scored, &rows);
            slice.extend(&picked);
            shift.extend(model, &picked);
            for (j, values) in batch.scored.features.iter().enumerate() {
                shift.extend_feature(model, j, &column(values, &rows));
            }
        }
        self.check_periods()
    }

    fn check_periods(&self) -> Result<()> {
        if self.periods.len() > MOST_PERIODS {
            let what = "[evaluate] period: calibration and test part have more than";
            return Err(Error::usage(format!("{what} {MOST_PERIODS} of them; choose longer ones")));
        }
        Ok(())
    }

    fn add_test(&mut self, batch: &Batch<'_>, times: Option<&[i64]>) -> Result<()> {
        let rows = batch.rows_of(TEST);
        for (slices, levels) in self.segments.iter_mut().zip(&self.survey.segments) {
            let groups = levels.of(&batch.frame, &rows)?;
            for (group, rows) in grouped(groups.into_iter().zip(rows.iter().copied())) {
                slices[group].extend(&Picked::of(&batch.scored, &rows));
            }
        }
        let edges = batch.pair.model.reference.prediction.edges();
        let predicted = rows.iter().map(|row| (*row, batch.scored.predicted[*row]));
        // As in the reference: a bin is open below and closed above.
        let bin = |(row, value): (usize, f64)| (edges.partition_point(|edge| *edge < value), row);
        for (bin, rows) in grouped(predicted.filter(|(_, value)| value.is_finite()).map(bin)) {
            self.bins[bin].extend(&Picked::of(&batch.scored, &rows));
        }
        for row in rows {
            let error = batch.scored.predicted[row] - batch.scored.actual[row];
            if self.worst.admits(error, batch.before + row as u64 + 1) {
                let row = self.worst_row(batch, row, times)?;
                self.worst.add(row);
            }
        }
        Ok(())
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// As [`Breakdown::add`].
    pub(crate) fn merge(&mut self, other: &Self) -> Result<()> {
        for (key, more) in &other.periods {
            if let Some(of) = self.periods.get_mut(key) {
                of.slice.merge(&more.slice);
                of.shift.merge(&more.shift).map_err(unlike)?;
            } else {
                self.periods.insert(*key, more.clone());
            }
        }
        let own = self.segments.iter_mut().flatten().chain(&mut self.bins);
        own.zip(other.segments.iter().flatten().chain(&other.bins)).for_each(|(of, more)| of.merge(more));
        self.worst.merge(&other.worst);
        self.check_periods()
    }

    fn worst_row(&self, batch: &Batch<'_>, row: usize, times: Option<&[i64]>) -> Result<WorstRow> {
        let entity =
            batch.pair.columns.entity.as_ref().map(|name| Cells::of(&batch.frame, name)).transpose()?;
        let time = self.survey.periods.as_ref().zip(times);
        let (predicted, actual) = (batch.scored.predicted[row], batch.scored.actual[row]);
        let mut levels = batch.scored.levels.iter().rev();
        let bounds = levels.find_map(|Level { level, bounds, .. }| {
            let bounds = bounds.as_ref().ok()?;
            Some((*level, bounds.lower[row], bounds.upper[row]))
        });
        let bounds = bounds.filter(|(_, lower, upper)| lower.is_finite() && upper.is_finite());
        Ok(WorstRow {
            row: batch.before + row as u64 + 1,
            entity: entity.and_then(|cells| Some(cells.get(row)?.into_owned())),
            time: time.map(|(of, times)| of.clock.show(times[row])),
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
        let drift = drift(survey, &periods, model);
        Ok(Told {
            periods: by_period(survey, &mut periods, model),
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
fn measures(slice: &Slice, model: &Model) -> SliceMeasures {
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
    let row = |((level, joined), slice)| SegmentRow { level, joined, measures: measures(&slice, model) };
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
        measures: measures(&slice, model),
    };
    bins.into_iter().enumerate().map(row).collect()
}
