//! Every step once more, as docs/configuration.md describes it: slow, short, and without the crate.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::panel::{NUMBERS, Panel};
use super::recipe::{How, Recipe, Step};

const NONE: f64 = f64::NAN;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Kept,
    Pending,
    Dropped,
}

pub(crate) struct Naive<'a> {
    panel: &'a Panel,
    recipe: &'a Recipe,
    groups: Vec<Vec<usize>>,
    /// Of each row its entity and its place in time order.
    places: Vec<(usize, usize)>,
    made: HashMap<String, Vec<f64>>,
    pub(crate) fates: Vec<Fate>,
    pub(crate) target: Vec<f64>,
    pub(crate) persistence: Vec<f64>,
}

impl<'a> Naive<'a> {
    pub(crate) fn new(panel: &'a Panel, recipe: &'a Recipe) -> Self {
        let groups = panel.groups();
        let mut places = vec![(0, 0); panel.rows.len()];
        for (entity, group) in groups.iter().enumerate() {
            for (place, row) in group.iter().enumerate() {
                places[*row] = (entity, place);
            }
        }
        let rows = panel.rows.len();
        let mut naive = Self {
            panel,
            recipe,
            groups,
            places,
            made: HashMap::new(),
            fates: vec![Fate::Dropped; rows],
            target: vec![NONE; rows],
            persistence: vec![NONE; rows],
        };
        naive.targets();
        naive
    }

    fn targets(&mut self) {
        let source = self.values(self.recipe.target);
        let h = self.recipe.horizon;
        let rank = |part: &str| ["calibration", "test"].iter().position(|p| *p == part).map_or(0, |p| p + 1);
        let mean = |rows: &[usize]| rows.iter().map(|r| source[*r]).sum::<f64>() / rows.len() as f64;
        for group in &self.groups {
            for (place, row) in group.iter().enumerate() {
                let known = if h == 0 { &group[..place] } else { &group[..=place] };
                self.persistence[*row] = if self.recipe.mean {
                    if known.len() < h { NONE } else { mean(&known[known.len() - h..]) }
                } else {
                    known.iter().map(|r| source[*r]).rfind(|v| !v.is_nan()).unwrap_or(NONE)
                };
                let part = self.panel.rows[*row].part;
                if part == "gap" {
                    continue;
                }
                if place + h >= group.len() {
                    self.fates[*row] = Fate::Pending;
                    continue;
                }
                let taken = if self.recipe.mean {
                    &group[place + 1..=place + h]
                } else {
                    &group[place + h..=place + h]
                };
                let later = taken.iter().any(|r| rank(self.panel.rows[*r].part) > rank(part));
                self.target[*row] = mean(taken);
                if !later && !self.target[*row].is_nan() {
                    self.fates[*row] = Fate::Kept;
                }
            }
        }
    }

    pub(crate) fn is_train(&self, row: usize) -> bool {
        self.fates[row] == Fate::Kept && self.panel.rows[row].part == "train"
    }

    /// Median or mean of the training rows; nothing where none has a value.
    pub(crate) fn fill(&self, values: &[f64]) -> Option<f64> {
        let known = self.known(values);
        (!known.is_empty()).then(|| statistic(self.recipe.fill, &known))
    }

    fn known(&self, values: &[f64]) -> Vec<f64> {
        (0..values.len()).filter(|r| self.is_train(*r) && !values[*r].is_nan()).map(|r| values[r]).collect()
    }

    /// The values that the program says, where it says any: later steps are checked on these.
    pub(crate) fn take(&mut self, name: &str, values: Vec<f64>) {
        self.made.insert(name.to_owned(), values);
    }

    /// A column or a step by name; NaN where it is missing.
    pub(crate) fn values(&mut self, name: &str) -> Vec<f64> {
        if let Some(values) = self.made.get(name) {
            return values.clone();
        }
        let recipe = self.recipe;
        let values = match recipe.steps.iter().find(|s| s.name == name) {
            Some(step) => self.step(step),
            None => self.column(name),
        };
        self.made.insert(name.to_owned(), values.clone());
        values
    }

    fn column(&self, name: &str) -> Vec<f64> {
        let rows = self.panel.rows.iter();
        match (name, NUMBERS.iter().position(|n| *n == name)) {
            (_, Some(at)) => rows.map(|r| r.numbers[at].unwrap_or(NONE)).collect(),
            ("flag", _) => rows.map(|r| r.flag.map_or(NONE, |f| f64::from(u8::from(f)))).collect(),
            _ => rows.map(|r| r.id as f64).collect(),
        }
    }

    /// Whether the row's own target can be read off the column or step.
    fn gives_away(&self, name: &str) -> bool {
        if self.recipe.horizon > 0 {
            return false;
        }
        match self.recipe.steps.iter().find(|s| s.name == name) {
            None => {
                name == self.recipe.target
                    || (self.recipe.target == "t" && ["x", "z"].contains(&name) && self.is_source(name))
            }
            Some(step) if step.how.is_window() || matches!(step.how, How::Lag { .. }) => false,
            Some(step) => step.how.operands().into_iter().any(|a| self.gives_away(a)),
        }
    }

    fn is_source(&self, name: &str) -> bool {
        self.recipe.steps.iter().any(|s| s.name == "t" && s.how.operands().contains(&name))
    }

    fn step(&mut self, step: &Step) -> Vec<f64> {
        let operands: Vec<Vec<f64>> = step.how.operands().into_iter().map(|a| self.values(a)).collect();
        let of = |row: usize, operand: usize| operands.get(operand).map_or(NONE, |values| values[row]);
        let tiny = match &step.how {
            How::Ratio { .. } => self.tiny(&operands[1]),
            How::PercentChange { rows, .. } => {
                let earlier: Vec<f64> = (0..operands[0].len())
                    .map(|row| self.before(row, *rows).map_or(NONE, |r| operands[0][r]))
                    .collect();
                self.tiny(&earlier)
            }
            _ => 0.0,
        };
        let value = |row: usize| -> f64 {
            let (a, b) = (of(row, 0), of(row, 1));
            let earlier = |rows: usize| self.before(row, rows).map_or(NONE, |r| of(r, 0));
            let value = match &step.how {
                How::Expression { template, .. } => expression(*template, a, b),
                How::Calendar { column, part, wave } => self.calendar(row, *column, part, *wave),
                How::Log { .. } => a.ln(),
                How::Difference { rows, .. } => a - earlier(*rows),
                How::PercentChange { rows, .. } => quotient(a - earlier(*rows), earlier(*rows), tiny),
                How::Lag { rows, .. } => earlier(*rows),
                How::Ratio { .. } => quotient(a, b, tiny),
                How::Rolling { .. } | How::Span { .. } | How::Expanding { .. } => {
                    let known: Vec<f64> =
                        self.window(step, row).iter().map(|r| of(*r, 0)).filter(|v| !v.is_nan()).collect();
                    self.of_window(step, row, &known)
                }
            };
            if value.is_finite() { value } else { NONE }
        };
        (0..self.panel.rows.len()).map(value).collect()
    }

    fn tiny(&self, denominator: &[f64]) -> f64 {
        let sizes: Vec<f64> = self.known(denominator).iter().map(|v| v.abs()).collect();
        if sizes.is_empty() { 0.0 } else { 1e-9 * statistic("median", &sizes) }
    }

    fn before(&self, row: usize, rows: usize) -> Option<usize> {
        let (entity, place) = self.places[row];
        place.checked_sub(rows).map(|p| self.groups[entity][p])
    }

    /// The rows in the window of a row.
    fn window(&self, step: &Step, row: usize) -> Vec<usize> {
        let (entity, place) = self.places[row];
        let group = &self.groups[entity];
        let tick = |r: usize| self.panel.rows[r].tick;
        let own = usize::from(!step.how.operands().into_iter().any(|a| self.gives_away(a)));
        let so_far = &group[..place + own];
        match &step.how {
            How::Rolling { rows, .. } => so_far[so_far.len().saturating_sub(*rows)..].to_vec(),
            How::Span { span, .. } => {
                let inside = |r: &&usize| self.panel.form.within(tick(**r), tick(row), span);
                so_far.iter().filter(inside).copied().collect()
            }
            _ => so_far.to_vec(),
        }
    }

    fn of_window(&self, step: &Step, row: usize, known: &[f64]) -> f64 {
        let (statistic_of, least) = match &step.how {
            How::Rolling { rows, statistic, least, .. } => (statistic, least.unwrap_or(*rows)),
            How::Expanding { statistic, least, .. } => (statistic, least.unwrap_or(1)),
            How::Span { span, statistic, least, .. } => {
                let (entity, _) = self.places[row];
                let first = self.panel.rows[self.groups[entity][0]].tick;
                let reaches = !self.panel.form.within(first, self.panel.rows[row].tick, span);
                (statistic, least.unwrap_or(if reaches { 1 } else { usize::MAX }))
            }
            _ => unreachable!(),
        };
        if known.len() < least || known.is_empty() { NONE } else { statistic(statistic_of, known) }
    }

    fn calendar(&self, row: usize, column: bool, part: &str, wave: Option<&str>) -> f64 {
        use chrono::{Datelike as _, Timelike as _};
        let row = &self.panel.rows[row];
        let time = if column {
            row.day.map(|d| super::panel::Form::Date.moment(d))
        } else {
            Some(self.panel.form.moment(row.tick))
        };
        let Some(time) = time else { return NONE };
        // The first value of each part, and after how many it comes again.
        let (value, first, cycle) = match part {
            "year" => return f64::from(time.year()),
            "quarter" => (time.month().div_ceil(3), 1.0, 4.0),
            "month" => (time.month(), 1.0, 12.0),
            "week" => (time.format("%V").to_string().parse().unwrap(), 1.0, 53.0),
            "day" => (time.day(), 1.0, 31.0),
            "day_of_year" => (time.format("%j").to_string().parse().unwrap(), 1.0, 366.0),
            "weekday" => (time.format("%u").to_string().parse().unwrap(), 1.0, 7.0),
            "hour" => (time.hour(), 0.0, 24.0),
            _ => (time.minute(), 0.0, 60.0),
        };
        let angle = 2.0 * std::f64::consts::PI * (f64::from(value) - first) / cycle;
        match wave {
            None => f64::from(value),
            Some("sin") => angle.sin(),
            _ => angle.cos(),
        }
    }

    /// Indicators of `c`, which has at most three levels in training rows: of all but the first, and of others.
    pub(crate) fn indicators(&self) -> BTreeMap<String, Vec<f64>> {
        let train = (0..self.panel.rows.len()).filter(|row| self.is_train(*row));
        let levels: BTreeSet<&str> = train.filter_map(|row| self.panel.rows[row].level).collect();
        assert!(levels.len() <= 3);
        let of = |is: &dyn Fn(&str) -> bool| -> Vec<f64> {
            self.panel.rows.iter().map(|r| f64::from(u8::from(r.level.is_some_and(is)))).collect()
        };
        let mut out = BTreeMap::from([("c=(other)".to_owned(), of(&|cell| !levels.contains(cell)))]);
        for level in levels.iter().copied().skip(1) {
            out.insert(format!("c={level}"), of(&|cell| cell == level));
        }
        out
    }

    /// The first row, in the time order of its entity, that the value at `place` of a column or step needs.
    pub(crate) fn first_needed(&self, name: &str, entity: usize, place: usize) -> usize {
        let group = &self.groups[entity];
        let Some(step) = self.recipe.steps.iter().find(|s| s.name == name) else { return place };
        let row = group[place];
        let of = |a: &str, place: usize| self.first_needed(a, entity, place);
        let earlier = |a: &str, rows: usize| place.checked_sub(rows).map_or(0, |p| of(a, p));
        match &step.how {
            How::Lag { a, rows } => earlier(a, *rows),
            How::Difference { a, rows } | How::PercentChange { a, rows } => {
                earlier(a, *rows).min(of(a, place))
            }
            How::Expanding { .. } => 0,
            How::Rolling { a, rows, .. } => {
                let window = self.window(step, row);
                let first = window.iter().map(|r| of(a, self.places[*r].1)).min();
                if window.len() < *rows { 0 } else { first.unwrap() }
            }
            How::Span { a, least, span, .. } => {
                let now = self.panel.rows[row].tick;
                let past = group[..=place]
                    .iter()
                    .rposition(|r| !self.panel.form.within(self.panel.rows[*r].tick, now, span));
                // Without `min_rows` a row must be there that shows how far back the history reaches.
                let shown = if least.is_none() { past.unwrap_or(0) } else { place };
                let inside = self.window(step, row).iter().map(|r| of(a, self.places[*r].1)).min();
                inside.unwrap_or(place).min(shown)
            }
            how => how.operands().into_iter().map(|a| of(a, place)).min().unwrap_or(place),
        }
    }
}

fn expression(template: usize, a: f64, b: f64) -> f64 {
    match template {
        0 => a + b,
        1 => a * b - 1.0,
        2 => (a.abs() + 1.0).ln(),
        3 if a.is_nan() || b.is_nan() => NONE,
        3 => a.max(b) / 4.0,
        4 => a * a - b.sqrt(),
        _ => -1.0 / a,
    }
}

fn quotient(a: f64, b: f64, tiny: f64) -> f64 {
    if b.abs() <= tiny { NONE } else { a / b }
}

/// Of values that are all known, at least one.
fn statistic(name: &str, values: &[f64]) -> f64 {
    let n = values.len();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let sum = values.iter().sum::<f64>();
    match name {
        "sum" => sum,
        // From the first value on, so that equal ones have a mean that is exact.
        "mean" => values[0] + values.iter().map(|v| v - values[0]).sum::<f64>() / n as f64,
        "min" => sorted[0],
        "max" => sorted[n - 1],
        "median" => f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
        _ if n < 2 => NONE,
        _ => {
            let shifted: Vec<f64> = values.iter().map(|v| v - values[0]).collect();
            let mean = shifted.iter().sum::<f64>() / n as f64;
            (shifted.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1) as f64).sqrt()
        }
    }
}
