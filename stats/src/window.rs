use std::collections::VecDeque;

use exact::Sums;

use crate::absent::finite;
use crate::extreme::Extreme;
use crate::halves::Halves;
use crate::{OrderStatistics, Quantiles, Reason, Value, present};

/// A statistic of the values in a [`Window`], in their unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WindowStatistic {
    /// Arithmetic mean.
    Mean,
    /// Sum.
    Sum,
    /// Sample standard deviation (n - 1).
    Sd,
    /// Least value.
    Min,
    /// Largest value.
    Max,
    /// Median: the mean of the middle two where their number is even (type 7).
    Median,
}

/// The newest rows of a column, for statistics over windows that slide (push, drop the oldest) or grow (push only).
///
/// Every answer is a function of the values that are in: to the bit the same whatever was in before, and in whatever
/// order they came. Mean, sum and deviation are those of the exact values, rounded once, also right after a value of
/// 1e300 has left; equal values have a deviation of exactly 0. NaN and infinities count as rows without a value.
///
/// What was asked for at the start takes constant time a row on average, the median the logarithm of the rows; what
/// was not is computed from all the values at each question, with the same answer. Memory: 8 bytes a row, and at most 16
/// more for each extreme, some 40 for the median.
///
/// ```
/// use stats::{Window, WindowStatistic::{Mean, Sd}};
/// let mut window = Window::new(&[Mean, Sd]);
/// for value in [1e300, 2.0, 4.0] {
///     window.push(value);
/// }
/// window.drop_oldest();
/// assert_eq!((window.mean(), window.sd()), (Ok(3.0), Ok(2.0_f64.sqrt())));
/// ```
#[derive(Clone, Debug)]
pub struct Window {
    /// A row each, oldest first; NaN where there is no value.
    rows: VecDeque<f64>,
    /// The number of the oldest row, from the first that was ever pushed.
    oldest: u64,
    known: u64,
    sums: Option<Sums>,
    /// Values added since the sums were last refilled.
    since: u64,
    least: Option<Extreme>,
    largest: Option<Extreme>,
    halves: Option<Halves>,
}

impl Window {
    /// An empty window that keeps these statistics up to date.
    #[must_use]
    pub fn new(wanted: &[WindowStatistic]) -> Self {
        use WindowStatistic::{Max, Mean, Median, Min, Sd, Sum};
        let any = |these: &[WindowStatistic]| wanted.iter().any(|one| these.contains(one));
        Self {
            rows: VecDeque::new(),
            oldest: 0,
            known: 0,
            sums: any(&[Mean, Sum, Sd]).then(Sums::new),
            since: 0,
            least: any(&[Min]).then(Extreme::least),
            largest: any(&[Max]).then(Extreme::largest),
            halves: any(&[Median]).then(Halves::default),
        }
    }

    /// Adds the newest row.
    pub fn push(&mut self, value: f64) {
        let row = self.oldest + self.rows.len() as u64;
        let Some(value) = present(value) else {
            self.rows.push_back(f64::NAN);
            return;
        };
        self.rows.push_back(value);
        self.known += 1;
        if let Some(least) = &mut self.least {
            least.push(row, value);
        }
        if let Some(largest) = &mut self.largest {
            largest.push(row, value);
        }
        if let Some(halves) = &mut self.halves {
            halves.add(value);
        }
        if let Some(sums) = &mut self.sums {
            sums.add(value);
            self.since += 1;
            // A refill passes over all values, so it waits until as many have come.
            if sums.far() > 0 && self.since >= self.known {
                sums.refill(self.rows.iter().copied().filter(|value| !value.is_nan()));
                self.since = 0;
            }
        }
    }

    /// Drops the oldest row, if there is one.
    pub fn drop_oldest(&mut self) {
        let Some(value) = self.rows.pop_front() else { return };
        self.oldest += 1;
        if value.is_nan() {
            return;
        }
        self.known -= 1;
        let oldest = self.oldest;
        if let Some(least) = &mut self.least {
            least.drop_before(oldest);
        }
        if let Some(largest) = &mut self.largest {
            largest.drop_before(oldest);
        }
        if let Some(halves) = &mut self.halves {
            halves.remove(value);
        }
        if let Some(sums) = &mut self.sums {
            sums.remove(value);
        }
    }

    /// Drops all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        (self.oldest, self.known, self.since) = (0, 0, 0);
        self.extremes().for_each(Extreme::clear);
        if let Some(halves) = &mut self.halves {
            halves.clear();
        }
        if let Some(sums) = &mut self.sums {
            *sums = Sums::new();
        }
    }

    /// Rows, missing ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows with a value.
    #[must_use]
    pub fn known(&self) -> usize {
        usize::try_from(self.known).unwrap_or(usize::MAX)
    }

    /// Any of the statistics.
    ///
    /// # Errors
    /// Those of the method of that name.
    pub fn value(&self, statistic: WindowStatistic) -> Value {
        match statistic {
            WindowStatistic::Mean => self.mean(),
            WindowStatistic::Sum => self.sum(),
            WindowStatistic::Sd => self.sd(),
            WindowStatistic::Min => self.min(),
            WindowStatistic::Max => self.max(),
            WindowStatistic::Median => self.median(),
        }
    }

    /// The arithmetic mean.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values.
    pub fn mean(&self) -> Value {
        self.at_least(1)?;
        finite(self.of_sums(Sums::mean))
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values, [`Reason::Overflow`] beyond the range of `f64`.
    pub fn sum(&self) -> Value {
        self.at_least(1)?;
        finite(self.of_sums(Sums::total))
    }

    /// The sample standard deviation (n - 1).
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values, [`Reason::TooFewRows`] for one, [`Reason::Overflow`].
    pub fn sd(&self) -> Value {
        self.at_least(2)?;
        finite(self.of_sums(Sums::sd))
    }

    /// The least value.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values.
    pub fn min(&self) -> Value {
        let least = match &self.least {
            Some(least) => least.value(),
            None => self.values().reduce(f64::min),
        };
        least.ok_or(Reason::NoRows)
    }

    /// The largest value.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values.
    pub fn max(&self) -> Value {
        let largest = match &self.largest {
            Some(largest) => largest.value(),
            None => self.values().reduce(f64::max),
        };
        largest.ok_or(Reason::NoRows)
    }

    /// The median: the mean of the middle two where the number of values is even (type 7).
    ///
    /// # Errors
    /// [`Reason::NoRows`] without values.
    pub fn median(&self) -> Value {
        if let Some(halves) = &self.halves {
            return halves.median().ok_or(Reason::NoRows);
        }
        let mut quantiles = Quantiles::new();
        self.values().for_each(|value| quantiles.add(value));
        quantiles.median()
    }

    fn at_least(&self, values: u64) -> Value<()> {
        match self.known {
            0 => Err(Reason::NoRows),
            known if known < values => Err(Reason::TooFewRows),
            _ => Ok(()),
        }
    }

    fn of_sums(&self, derive: impl Fn(&Sums) -> f64) -> f64 {
        if let Some(sums) = &self.sums {
            return derive(sums);
        }
        let mut sums = Sums::new();
        sums.refill(self.values());
        derive(&sums)
    }

    /// The values present, oldest first.
    fn values(&self) -> impl Iterator<Item = f64> + Clone {
        self.rows.iter().copied().filter(|value| !value.is_nan())
    }

    fn extremes(&mut self) -> impl Iterator<Item = &mut Extreme> {
        self.least.iter_mut().chain(&mut self.largest)
    }
}
