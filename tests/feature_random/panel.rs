//! Panels and recipes drawn at random: entities with long and short histories, ties, gaps, missing cells.

use std::fmt::Write as _;

use chrono::{Duration, NaiveDate, NaiveDateTime};

use crate::support::panel::Random;

/// What the project's time is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Date,
    Hour,
    Month,
    Step,
    Real,
}

pub(crate) const FORMS: [Form; 5] = [Form::Date, Form::Hour, Form::Month, Form::Step, Form::Real];

impl Form {
    /// The columns of the time.
    pub(crate) fn columns(self) -> &'static [&'static str] {
        if self == Self::Month { &["year", "month"] } else { &["time"] }
    }

    pub(crate) fn is_calendar(self) -> bool {
        !matches!(self, Self::Step | Self::Real)
    }

    /// The moment of a tick; of no meaning where time is a number.
    pub(crate) fn moment(self, tick: i64) -> NaiveDateTime {
        let first = NaiveDate::from_ymd_opt(2024, 1, 20).unwrap().and_hms_opt(0, 0, 0).unwrap();
        match self {
            Self::Hour => first + Duration::hours(7 * tick),
            Self::Month => {
                let month = u32::try_from(tick % 12).unwrap() + 1;
                let year = 2020 + i32::try_from(tick / 12).unwrap();
                NaiveDate::from_ymd_opt(year, month, 1).unwrap().and_hms_opt(0, 0, 0).unwrap()
            }
            _ => first + Duration::days(tick),
        }
    }

    fn cell(self, tick: i64) -> String {
        match self {
            Self::Date => self.moment(tick).format("%Y-%m-%d").to_string(),
            Self::Hour => self.moment(tick).format("%Y-%m-%dT%H:%M:%S").to_string(),
            Self::Month => self.moment(tick).format("%Y,%-m").to_string(),
            Self::Step => tick.to_string(),
            Self::Real => format!("{:.2}", 0.25 * tick as f64),
        }
    }

    /// Spans with what they take from a moment: hours, months, or units of a number.
    pub(crate) fn spans(self) -> &'static [&'static str] {
        match self {
            Self::Date => &["3d", "1w", "1mo", "72h"],
            Self::Hour => &["12h", "2d", "600min"],
            Self::Month => &["2mo", "60d", "1y"],
            Self::Step => &["3", "5"],
            Self::Real => &["0.5", "1.25"],
        }
    }

    /// Whether `earlier` is later than `now` less the span.
    pub(crate) fn within(self, earlier: i64, now: i64, span: &str) -> bool {
        let digits = span.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let number: f64 = digits.parse().unwrap();
        let (n, now, then) = (number as i64, self.moment(now), self.moment(earlier));
        match &span[digits.len()..] {
            "min" => then > now - Duration::minutes(n),
            "h" => then > now - Duration::hours(n),
            "d" => then > now - Duration::days(n),
            "w" => then > now - Duration::weeks(n),
            "mo" => then > now - chrono::Months::new(number as u32),
            "y" => then > now - chrono::Months::new(12 * number as u32),
            _ if self == Self::Real => 0.25 * (earlier as f64) > 0.25 * (self.tick(now) as f64) - number,
            _ => earlier > self.tick(now) - n,
        }
    }

    fn tick(self, moment: NaiveDateTime) -> i64 {
        (moment - self.moment(0)).num_days()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: u64,
    /// 0 is the entity that what is learned is learned from.
    pub(crate) entity: u64,
    pub(crate) tick: i64,
    /// x, z, w and y, in eighths.
    pub(crate) numbers: [Option<f64>; 4],
    pub(crate) flag: Option<bool>,
    pub(crate) level: Option<&'static str>,
    pub(crate) day: Option<i64>,
    pub(crate) part: &'static str,
}

pub(crate) const NUMBERS: [&str; 4] = ["x", "z", "w", "y"];

/// A table with its form of time.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) form: Form,
    pub(crate) rows: Vec<Row>,
}

/// Which parts the rows beside those of entity 0 belong to.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Parts {
    /// By time: training, a gap, calibration, test.
    ByTime,
    /// As `ByTime`, but nothing that is learned is learned from them.
    NoneLearned,
}

pub(crate) const SPLIT_AT: i64 = 9;

impl Panel {
    pub(crate) fn draw(random: &mut Random, form: Form, parts: Parts, ties: bool) -> Self {
        let mut panel = Self { form, rows: Vec::new() };
        for tick in 0..30 {
            panel.add(random, 0, tick, "train");
        }
        for entity in 1..=2 + random.below(4) {
            let rows = [1, 2, 2 + random.below(14), 6 + random.below(12)][random.below(4) as usize];
            let mut tick = random.below(6) as i64;
            for _ in 0..rows {
                panel.add(random, entity, tick, part_at(tick, parts));
                let least = u64::from(!ties);
                tick += [least, 1, 1, 1, 1 + random.below(6)][random.below(5) as usize] as i64;
            }
        }
        panel.shuffle(random);
        panel
    }

    pub(crate) fn add(&mut self, random: &mut Random, entity: u64, tick: i64, part: &'static str) {
        let id = self.rows.iter().map(|r| r.id + 1).max().unwrap_or(1);
        let mut row = Row { id, entity, tick, numbers: [None; 4], flag: None, level: None, day: None, part };
        redraw(random, &mut row);
        self.rows.push(row);
    }

    /// Any order of rows, those at one time too.
    pub(crate) fn shuffle(&mut self, random: &mut Random) {
        for i in (1..self.rows.len()).rev() {
            self.rows.swap(i, random.below(i as u64 + 1) as usize);
        }
    }

    /// Row numbers of each entity in time order, ties in the order of the table.
    pub(crate) fn groups(&self) -> Vec<Vec<usize>> {
        let last = self.rows.iter().map(|r| r.entity).max().unwrap();
        let of = |entity| -> Vec<usize> {
            let mut rows: Vec<usize> =
                (0..self.rows.len()).filter(|r| self.rows[*r].entity == entity).collect();
            rows.sort_by_key(|r| self.rows[*r].tick);
            rows
        };
        (0..=last).map(of).collect()
    }

    pub(crate) fn csv(&self) -> String {
        let mut out = format!("e,{},id,x,z,w,y,flag,c,day,split\n", self.form.columns().join(","));
        for row in &self.rows {
            let numbers = row.numbers.map(|n| n.map_or_else(String::new, |n| format!("{n:?}"))).join(",");
            let flag = row.flag.map_or_else(String::new, |f| f.to_string());
            let day = row.day.map_or_else(String::new, |d| Form::Date.cell(d));
            let (level, time) = (row.level.unwrap_or_default(), self.form.cell(row.tick));
            writeln!(out, "e{},{time},{},{numbers},{flag},{level},{day},{}", row.entity, row.id, row.part)
                .unwrap();
        }
        out
    }
}

pub(crate) fn part_at(tick: i64, parts: Parts) -> &'static str {
    match tick {
        ..SPLIT_AT if parts == Parts::ByTime => "train",
        SPLIT_AT..=11 if parts == Parts::ByTime => "gap",
        ..14 => "calibration",
        14..=15 if parts == Parts::NoneLearned => "gap",
        _ => "test",
    }
}

/// New values in all cells but the keys.
pub(crate) fn redraw(random: &mut Random, row: &mut Row) {
    let anchor = row.entity == 0;
    let known = |random: &mut Random| random.below(if anchor { 12 } else { 5 }) > 0;
    for number in &mut row.numbers {
        let value = (random.below(160) as f64 - 50.0) / 8.0;
        *number = known(random).then_some(value);
    }
    row.flag = known(random).then(|| random.below(2) == 0);
    let levels: &[&str] = if row.part == "train" { &["u", "v", "w"] } else { &["u", "v", "w", "new"] };
    row.level = known(random).then(|| levels[random.below(levels.len() as u64) as usize]);
    row.day = known(random).then(|| random.below(800) as i64);
}
