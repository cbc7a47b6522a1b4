//! Periods: years, weeks or stretches of steps that moments on a clock fall into.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Clock, Form, from_ordered_bits};
use crate::config::PeriodLength;

/// Periods below which a shorter length tells more.
const ENOUGH: usize = 6;

/// A period of a given [`PeriodLength`], in the order of time: the day it begins, counted from 0001-01-01; of
/// steps, its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period(i64);

/// How moments spread over time, to find the length that tells enough periods apart.
///
/// Memory: bounded by the number of different days. Spreads of pieces merge to that of the whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spread {
    /// By length, in the order of [`PeriodLength::CALENDAR`].
    periods: [BTreeSet<Period>; 5],
    range: Option<(i64, i64)>,
}

impl Spread {
    /// Adds a moment on `clock`.
    pub fn add(&mut self, clock: &Clock, ordinal: i64) {
        let (first, last) = self.range.unwrap_or((ordinal, ordinal));
        self.range = Some((first.min(ordinal), last.max(ordinal)));
        if clock.is_calendar() {
            for (length, periods) in PeriodLength::CALENDAR.into_iter().zip(&mut self.periods) {
                periods.insert(clock.period(length, ordinal));
            }
        }
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        for (periods, more) in self.periods.iter_mut().zip(&other.periods) {
            periods.extend(more);
        }
        let both = self.range.into_iter().chain(other.range);
        self.range = both.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    }

    /// The longest length with at least six periods that hold a moment; where none has, the longest that tells as
    /// many apart as the shortest does. Of numbers: 1, 2 or 5 times a power of ten.
    #[must_use]
    pub fn length(&self, clock: &Clock) -> PeriodLength {
        if !clock.is_calendar() {
            return self.steps(clock);
        }
        let [.., days] = &self.periods;
        let wanted = ENOUGH.min(days.len());
        // Weeks and months cut time differently: fewer weeks than months can hold a moment.
        let mut lengths = PeriodLength::CALENDAR.into_iter().zip(&self.periods);
        lengths.find(|(_, periods)| periods.len() >= wanted).map_or(PeriodLength::Day, |(length, _)| length)
    }

    /// `length`, or the first longer one with at most `most` periods that hold a moment.
    #[must_use]
    pub fn at_most(&self, clock: &Clock, length: PeriodLength, most: usize) -> PeriodLength {
        if let PeriodLength::Steps(mut steps) = length {
            while self.apart(clock, steps) > most as f64 {
                steps *= 10.0;
            }
            return PeriodLength::Steps(steps);
        }
        let all = PeriodLength::CALENDAR.into_iter().zip(&self.periods).rev();
        let mut longer = all.skip_while(|(of, _)| *of != length);
        longer.find(|(_, periods)| periods.len() <= most).map_or(PeriodLength::Year, |(length, _)| length)
    }

    /// Stretches of so many steps from the first moment to the last.
    fn apart(&self, clock: &Clock, steps: f64) -> f64 {
        let (first, last) = self.range.unwrap_or_default();
        (clock.number(last) / steps).floor() - (clock.number(first) / steps).floor() + 1.0
    }

    fn steps(&self, clock: &Clock) -> PeriodLength {
        let (first, last) = self.range.unwrap_or_default();
        let power = (clock.number(last) - clock.number(first)).log10().ceil();
        if !power.is_finite() {
            return PeriodLength::Steps(1.0);
        }
        #[expect(clippy::cast_possible_truncation, reason = "within the range of powers of an f64")]
        let power = power as i32;
        let lengths = (power - 2..=power).rev().flat_map(|power| {
            // Read as text, which rounds correctly.
            [5, 2, 1].into_iter().filter_map(move |digit| format!("{digit}e{power}").parse::<f64>().ok())
        });
        let least = if clock.form == Form::Step { 1.0 } else { f64::MIN_POSITIVE };
        let mut lengths = lengths.filter(|length| *length >= least);
        let enough = lengths.find(|length| self.apart(clock, *length) >= ENOUGH as f64);
        PeriodLength::Steps(enough.unwrap_or(1.0))
    }
}

impl Clock {
    /// Says why periods of this length do not fit this clock, if they do not.
    ///
    /// # Errors
    /// A message without place.
    pub fn check_period(&self, length: PeriodLength) -> Result<(), String> {
        match (self.form, length) {
            (Form::Step, PeriodLength::Steps(steps)) if steps.fract() == 0.0 && steps < 9e15 => Ok(()),
            (Form::Step, PeriodLength::Steps(steps)) => {
                Err(format!("{steps} is no whole number of steps, as the time column holds"))
            }
            (Form::Real, PeriodLength::Steps(_)) => Ok(()),
            (Form::Step | Form::Real, named) => {
                Err(format!("\"{named}\" is for dates, and the time is a number: expected a number of steps"))
            }
            (Form::Parts | Form::Quarters | Form::Calendar, PeriodLength::Steps(steps)) => Err(format!(
                "{steps} is for times that are numbers, and the time is a date: expected \"year\", \"quarter\", \"month\", \"week\" or \"day\""
            )),
            _ => Ok(()),
        }
    }

    /// The period that a moment falls into. A length that does not fit the clock gives one period for all.
    #[must_use]
    pub fn period(&self, length: PeriodLength, ordinal: i64) -> Period {
        if let PeriodLength::Steps(steps) = length {
            return Period(if self.is_calendar() { 0 } else { self.step(steps, ordinal) });
        }
        let day = DateTime::from_timestamp_micros(ordinal).map(|time| time.date_naive());
        let begins = day.filter(|_| self.is_calendar()).and_then(|day| match length {
            PeriodLength::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
            PeriodLength::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
            PeriodLength::Month => day.with_day(1),
            PeriodLength::Week => {
                day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))
            }
            _ => Some(day),
        });
        Period(begins.map_or(0, |day| i64::from(day.num_days_from_ce())))
    }

    /// A period as text: `2014`, `2014-Q1`, `2014-03`, `2014-W05` (ISO 8601), `2014-03-07`; of steps the values
    /// from, inclusive, and to, exclusive: `[10, 20)`.
    #[must_use]
    pub fn show_period(&self, length: PeriodLength, period: Period) -> String {
        let day =
            i32::try_from(period.0).ok().and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or_default();
        match length {
            PeriodLength::Steps(steps) if self.form == Form::Step => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "checked to be a whole number below 9e15"
                )]
                let steps = steps as i64;
                format!("[{}, {})", period.0.saturating_mul(steps), (period.0 + 1).saturating_mul(steps))
            }
            PeriodLength::Steps(steps) => {
                let at = |number: i64| number as f64 * steps;
                format!("[{}, {})", at(period.0), at(period.0.saturating_add(1)))
            }
            PeriodLength::Year => day.format("%Y").to_string(),
            PeriodLength::Quarter => format!("{}-Q{}", day.format("%Y"), day.month0() / 3 + 1),
            PeriodLength::Month => day.format("%Y-%m").to_string(),
            PeriodLength::Week => day.format("%G-W%V").to_string(),
            PeriodLength::Day => day.format("%Y-%m-%d").to_string(),
        }
    }

    /// Whether times are dates, which calendar periods cut.
    #[must_use]
    pub fn is_calendar(&self) -> bool {
        !matches!(self.form, Form::Step | Form::Real)
    }

    /// Which stretch of so many units a moment lies in.
    fn step(&self, steps: f64, ordinal: i64) -> i64 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a number of steps; beyond i64 it is the outermost"
        )]
        match self.form {
            Form::Step => ordinal.div_euclid((steps as i64).max(1)),
            _ => (from_ordered_bits(ordinal) / steps).floor() as i64,
        }
    }

    /// A moment as a number of units.
    fn number(&self, ordinal: i64) -> f64 {
        if self.form == Form::Real { from_ordered_bits(ordinal) } else { ordinal as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(form: Form) -> Clock {
        Clock { columns: vec!["t".to_owned()], form }
    }

    #[test]
    fn labels_of_a_calendar() {
        let clock = clock(Form::Calendar);
        let label = |length, moment: &str| {
            clock.show_period(length, clock.period(length, clock.parse(moment).unwrap()))
        };
        assert_eq!(label(PeriodLength::Year, "2014-03-07T23:59"), "2014");
        assert_eq!(label(PeriodLength::Quarter, "2014-03-31"), "2014-Q1");
        assert_eq!(label(PeriodLength::Quarter, "2014-04-01"), "2014-Q2");
        assert_eq!(label(PeriodLength::Month, "2014-12-31"), "2014-12");
        assert_eq!(label(PeriodLength::Day, "1969-12-31T23:00"), "1969-12-31");
        // `date -d DAY +%G-W%V`.
        for (day, week) in [
            ("2014-12-28", "2014-W52"),
            ("2014-12-29", "2015-W01"),
            ("2015-01-04", "2015-W01"),
            ("2015-12-31", "2015-W53"),
            ("2016-01-03", "2015-W53"),
            ("2016-01-04", "2016-W01"),
            ("2014-01-27", "2014-W05"),
        ] {
            assert_eq!(label(PeriodLength::Week, day), week, "{day}");
        }
    }

    #[test]
    fn steps_are_half_open() {
        let whole = clock(Form::Step);
        let label = |at: i64| {
            whole.show_period(PeriodLength::Steps(10.0), whole.period(PeriodLength::Steps(10.0), at))
        };
        assert_eq!(
            [label(-1), label(0), label(9), label(10)],
            ["[-10, 0)", "[0, 10)", "[0, 10)", "[10, 20)"]
        );
        let real = clock(Form::Real);
        let half = PeriodLength::Steps(0.5);
        let label = |at: &str| real.show_period(half, real.period(half, real.parse(at).unwrap()));
        assert_eq!([label("2000.49"), label("2000.5")], ["[2000, 2000.5)", "[2000.5, 2001)"]);
    }

    #[test]
    fn a_length_fits_its_clock() {
        let fits = |form, text: &str| clock(form).check_period(PeriodLength::parse(text).unwrap()).is_ok();
        assert!(fits(Form::Calendar, "week") && fits(Form::Step, "3") && fits(Form::Real, "0.25"));
        assert!(!fits(Form::Calendar, "3") && !fits(Form::Step, "0.5") && !fits(Form::Real, "day"));
        for wrong in ["fortnight", "0", "-1", "NaN", "inf", ""] {
            assert!(PeriodLength::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_longest_length_with_six_periods() {
        let dates = clock(Form::Calendar);
        let of = |days: &[&str]| {
            let mut spread = Spread::default();
            days.iter().for_each(|day| spread.add(&dates, dates.parse(day).unwrap()));
            spread.length(&dates)
        };
        let years = ["2010", "2011", "2012", "2013", "2014", "2015"];
        assert_eq!(of(&years), PeriodLength::Year);
        // Five Januaries: neither quarters, months nor days tell more apart.
        assert_eq!(of(&years[1..]), PeriodLength::Year);
        assert_eq!(of(&["2014-01", "2014-02", "2014-03", "2014-04"]), PeriodLength::Month);
        let days: Vec<String> = (1..=31).map(|day| format!("2014-03-{day:02}")).collect();
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        // March 2014 has days in six ISO weeks.
        assert_eq!((of(&days), of(&days[..7])), (PeriodLength::Week, PeriodLength::Day));
        assert_eq!(of(&[]), PeriodLength::Year);
        let mut spread = Spread::default();
        days.iter().for_each(|day| spread.add(&dates, dates.parse(day).unwrap()));
        let most = |most| spread.at_most(&dates, PeriodLength::Day, most);
        assert_eq!([most(31), most(30), most(5), most(0)], {
            use PeriodLength::{Day, Month, Week, Year};
            [Day, Week, Month, Year]
        });
    }

    #[test]
    fn steps_are_round_numbers() {
        let of = |form, first: &str, last: &str| {
            let clock = clock(form);
            let (mut spread, mut rest) = (Spread::default(), Spread::default());
            spread.add(&clock, clock.parse(first).unwrap());
            rest.add(&clock, clock.parse(last).unwrap());
            spread.merge(&rest);
            spread.length(&clock)
        };
        assert_eq!(of(Form::Step, "80", "119"), PeriodLength::Steps(5.0));
        assert_eq!(of(Form::Step, "0", "59"), PeriodLength::Steps(10.0));
        assert_eq!(of(Form::Step, "2012", "2014"), PeriodLength::Steps(1.0));
        assert_eq!(of(Form::Step, "7", "7"), PeriodLength::Steps(1.0));
        assert_eq!(of(Form::Real, "2012", "2014.9"), PeriodLength::Steps(0.5));
    }
}
