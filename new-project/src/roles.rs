//! Which column is time and which the entity, and why.
//!
//! Time is a column of dates or datetimes, whole numbers `year`, `month`, ... as far as they are there, or one
//! number named as time, without a missing cell. It is believed where it is unique by itself (one series) or
//! together with one column of text, or of numbers named as an id, of moderately many levels (the entity), and
//! where its steps are mostly alike. Dates that several rows share, or of irregular events, only part the rows
//! (the split) and make no history. Names decide only between columns that the data allow.

use common::schema::Kind;
use common::{Result, text};

use crate::column::Column;
use crate::distinct::{self, Distinct};
use crate::draft::Draft;
use crate::moment::{self, DAY};
use crate::{rows, words};

/// Fewest distinct times of a history, and of dates that only part the rows.
const FEWEST_TIMES: u64 = 8;
const FEWEST_DATES: u64 = 30;

/// Fewest rows of an entity on average.
const FEWEST_ROWS: u64 = 5;

/// Most columns tried as time, and as entity.
const MOST_TRIED: usize = 8;

/// Most distinct times, and keys of a pair, that are followed.
const MOST_TIMES: usize = 1 << 20;
const MOST_KEYS: usize = 1 << 18;

/// Words in the names of entities.
const ENTITIES: [&str; 24] = [
    "id", "entity", "city", "station", "ticker", "symbol", "store", "shop", "site", "sensor", "device",
    "country", "state", "region", "county", "customer", "user", "patient", "subject", "company", "product",
    "item", "series", "key",
];

/// Parts of a time, from the largest down, by their names.
const PARTS: [&[&str]; 5] = [
    &["year", "yr", "yyyy"],
    &["month", "mon", "mm"],
    &["day", "dd"],
    &["hour", "hr", "hh"],
    &["minute", "min"],
];

/// The steps of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
    /// Days without weekends.
    Workday,
    Week,
    Month,
    Quarter,
    Year,
    /// Anything else.
    Step,
}

/// The time of rows.
#[derive(Clone, Debug)]
pub(crate) struct Time {
    /// Its columns.
    pub(crate) parts: Vec<usize>,
    /// Whether it is of dates and not of plain numbers.
    pub(crate) is_calendar: bool,
    /// Distinct times, ascending: all, or as many as are followed.
    pub(crate) times: Vec<f64>,
    pub(crate) distinct: u64,
    pub(crate) unit: Unit,
    /// Whether rows are a history: one row a time, by itself or within the entity.
    pub(crate) is_history: bool,
}

/// The roles, and what was weighed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles {
    pub(crate) time: Option<Time>,
    pub(crate) entity: Option<usize>,
    /// Rows at a time that the same entity has already.
    pub(crate) repeats: u64,
    /// What else was looked at, and why it was not taken.
    pub(crate) rejected: Vec<String>,
}

/// One column, or several, that could be time.
struct Candidate {
    parts: Vec<usize>,
    is_calendar: bool,
    times: Distinct<f64>,
    alone: Keys,
    within: Vec<Keys>,
    invalid: u64,
}

/// Whether a key is unique, as far as it is followed.
struct Keys {
    followed: Option<Distinct<()>>,
    rows: u64,
    repeats: u64,
}

impl Keys {
    fn new() -> Self {
        Self { followed: Some(Distinct::new(MOST_KEYS)), rows: 0, repeats: 0 }
    }

    /// A few repeats are a fault of the data; more say that this is no key.
    fn add(&mut self, hash: u64) {
        let Some(distinct) = &mut self.followed else { return };
        self.rows += 1;
        self.repeats += u64::from(distinct.add(hash, ()));
        if self.repeats > 5 && self.repeats * 1000 > self.rows {
            self.followed = None;
        }
    }

    fn is_unique(&self) -> bool {
        self.followed.is_some() && self.repeats * 100 <= self.rows
    }
}

/// Finds time and entity.
///
/// # Errors
/// A table that cannot be read.
pub(crate) fn find(draft: &Draft, columns: &[Column], target: usize) -> Result<Roles> {
    let mut roles = Roles::default();
    let mut candidates = times(columns, target, &mut roles.rejected);
    let entities = entities(columns, target);
    candidates.iter_mut().for_each(|c| c.within = entities.iter().map(|_| Keys::new()).collect());
    if !candidates.is_empty() {
        rows::each(draft, |_, record| candidates.iter_mut().for_each(|c| c.add(record, columns, &entities)))?;
    }
    let mut dates = None;
    for candidate in candidates {
        let name = names(&candidate.parts, columns);
        let time = candidate.time();
        let fitting = candidate
            .within
            .iter()
            .zip(&entities)
            .find(|(keys, at)| keys.is_unique() && columns[**at].distinct * FEWEST_ROWS <= draft.rows);
        let count = words::counted(time.distinct, "distinct value");
        let why = if candidate.invalid > 0 {
            format!("{} are no time", words::counted(candidate.invalid, "row"))
        } else if time.distinct < FEWEST_TIMES {
            format!("{count} only, too few for a history")
        } else if candidate.alone.is_unique() && time.is_regular() {
            roles.repeats = candidate.alone.repeats;
            roles.time = Some(Time { is_history: true, ..time });
            break;
        } else if let (Some((keys, at)), false) = (fitting, candidate.alone.is_unique()) {
            roles.entity = Some(*at);
            roles.repeats = keys.repeats;
            roles.time = Some(Time { is_history: true, ..time });
            break;
        } else if candidate.is_calendar && candidate.parts.len() == 1 && time.distinct >= FEWEST_DATES {
            dates = dates.or(Some(time));
            continue;
        } else {
            format!(
                "{count} in {}, and no column with which it names a row",
                words::counted(draft.rows, "row")
            )
        };
        roles.rejected.push(format!("{name}: no time, {why}"));
    }
    if roles.time.is_none() {
        roles.time = dates;
        roles.entity = group(columns, target, &mut roles);
    }
    Ok(roles)
}

/// Without a history: a column named as an id whose values come again, so that rows of one id stay in one part.
fn group(columns: &[Column], target: usize, roles: &mut Roles) -> Option<usize> {
    if roles.time.is_some() {
        return None;
    }
    let fits =
        |c: &&Column| c.at != target && c.nulls == 0 && is_named_id(&c.name) && c.distinct * 2 <= c.rows;
    columns
        .iter()
        .filter(fits)
        .find(|c| c.distinct >= 10 && c.kind != Kind::Boolean && !c.is_date())
        .map(|c| c.at)
}

/// Whether a name says that the column names things: `id`, `store_id`, `uuid`.
pub(crate) fn is_named_id(name: &str) -> bool {
    const IDS: [&str; 7] = ["id", "ids", "uuid", "guid", "key", "index", "rownames"];
    let words = words::of_name(name);
    words.last().is_some_and(|w| IDS.contains(&w.as_str())) || name == "Unnamed: 0"
}

fn rank(name: &str) -> usize {
    let words = words::of_name(name);
    usize::from(!words.iter().any(|w| ENTITIES.contains(&w.as_str())))
}

fn entities(columns: &[Column], target: usize) -> Vec<usize> {
    let fits = |c: &&Column| {
        let kind = c.kind == Kind::String || c.kind == Kind::Integer && rank(&c.name) == 0;
        kind && c.at != target && c.nulls == 0 && c.distinct >= 2 && c.distinct * 3 <= c.rows
    };
    let mut all: Vec<&Column> = columns.iter().filter(fits).collect();
    all.sort_by_key(|c| (rank(&c.name), c.distinct));
    all.into_iter().take(MOST_TRIED).map(|c| c.at).collect()
}

/// What could be time, the likeliest first.
fn times(columns: &[Column], target: usize, rejected: &mut Vec<String>) -> Vec<Candidate> {
    let mut found: Vec<(usize, Candidate)> = Vec::new();
    let candidate = |parts: Vec<usize>, is_calendar| Candidate {
        parts,
        is_calendar,
        times: Distinct::new(MOST_TIMES),
        alone: Keys::new(),
        within: Vec::new(),
        invalid: 0,
    };
    let part = |names: &[&str]| {
        let named = |c: &&Column| matches!(words::of_name(&c.name).as_slice(), [one] if names.contains(&one.as_str()));
        let fits = |c: &&Column| c.is_number() && c.nulls == 0 && c.at != target;
        columns.iter().filter(named).find(fits).map(|c| c.at)
    };
    let mut parts: Vec<usize> = PARTS.iter().map_while(|names| part(names)).collect();
    if parts.len() == 1 {
        parts.extend(columns.iter().find(|c| moment::is_quarter(c) && c.at != target).map(|c| c.at));
    }
    if parts.len() > 1 {
        found.push((1, candidate(parts.clone(), true)));
    }
    for column in columns.iter().filter(|c| c.at != target) {
        let named = crate::alternates::is_named_date(&column.name);
        let rank = usize::from(!named) * 2;
        if column.is_date() && column.nulls > 0 {
            let missing = words::counted(column.nulls, "cell");
            rejected.push(format!("{}: no time, {missing} missing", text::name(&column.name)));
        } else if column.is_date() {
            found.push((rank, candidate(vec![column.at], true)));
        } else if column.is_number() && column.nulls == 0 && is_named_time(&column.name) {
            found.push((3, candidate(vec![column.at], false)));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().take(MOST_TRIED).map(|(_, candidate)| candidate).collect()
}

/// Names of numbers that are times by themselves.
fn is_named_time(name: &str) -> bool {
    const NAMES: [&str; 9] = ["year", "yr", "date", "time", "timestamp", "period", "ds", "t", "week"];
    matches!(words::of_name(name).as_slice(), [one] if NAMES.contains(&one.as_str()))
}

/// Names of columns for a comment.
pub(crate) fn names(parts: &[usize], columns: &[Column]) -> String {
    text::names(parts.iter().map(|at| columns[*at].name.as_str()))
}

impl Candidate {
    fn add(&mut self, record: &csv::StringRecord, columns: &[Column], entities: &[usize]) {
        let parts: Vec<&Column> = self.parts.iter().map(|at| &columns[*at]).collect();
        let Some(time) = moment::of_row(record, &parts) else {
            self.invalid += 1;
            return;
        };
        let bits = (time + 0.0).to_bits();
        self.times.add(distinct::hash(bits), time);
        self.alone.add(distinct::hash(bits));
        for (keys, at) in self.within.iter_mut().zip(entities) {
            keys.add(distinct::hash((bits, record.get(*at))));
        }
    }

    fn time(&self) -> Time {
        let mut times: Vec<f64> = self.times.values().copied().collect();
        times.sort_unstable_by(f64::total_cmp);
        let mut time = Time {
            parts: self.parts.clone(),
            is_calendar: self.is_calendar,
            distinct: self.times.count(),
            unit: Unit::Step,
            is_history: false,
            times,
        };
        if self.times.is_exact() {
            time.unit = time.find_unit();
        }
        time
    }
}

impl Time {
    fn steps(&self) -> Vec<f64> {
        let mut steps: Vec<f64> = self.times.windows(2).map(|w| w[1] - w[0]).collect();
        steps.sort_unstable_by(f64::total_cmp);
        steps
    }

    /// Whether most steps are alike: half of them within half of the middle one.
    fn is_regular(&self) -> bool {
        let steps = self.steps();
        let Some(middle) = steps.get(steps.len() / 2) else { return false };
        let alike = steps.iter().filter(|s| (0.5 * middle..=1.5 * middle).contains(*s)).count();
        alike * 2 >= steps.len()
    }

    fn find_unit(&self) -> Unit {
        let steps = self.steps();
        let Some(middle) = steps.get(steps.len() / 2).copied() else { return Unit::Step };
        if !self.is_calendar {
            let year = self.times.iter().all(|t| (1500.0..2300.0).contains(t));
            // Exactly one apart, as years are.
            return if year && (middle - 1.0).abs() < 1e-9 { Unit::Year } else { Unit::Step };
        }
        let near = |days: f64, slack: f64| (middle / DAY - days).abs() <= slack;
        let span = self.times.last().zip(self.times.first()).map_or(0.0, |(b, a)| b - a);
        if near(1.0 / 1440.0, 0.000_1) {
            Unit::Minute
        } else if near(1.0 / 24.0, 0.001) {
            Unit::Hour
        } else if near(1.0, 0.05) {
            let gaps = self.times.len() as f64 * DAY < 0.8 * span;
            if gaps { Unit::Workday } else { Unit::Day }
        } else if near(7.0, 0.5) {
            Unit::Week
        } else if near(30.0, 3.0) {
            Unit::Month
        } else if near(91.0, 3.0) {
            Unit::Quarter
        } else if near(365.0, 3.0) {
            Unit::Year
        } else {
            Unit::Step
        }
    }

    /// Where calibration and test begin: the last 15 % before the last 20 % of the distinct times.
    pub(crate) fn limits(&self) -> (f64, f64) {
        let at = |percent: usize| self.times[(self.times.len() * percent / 100).min(self.times.len() - 1)];
        (at(65), at(80))
    }
}

impl Unit {
    /// One step in words.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Workday => "working day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Step => "step of time",
        }
    }

    /// Windows in rows, a short and a long one.
    pub(crate) fn windows(self) -> [u64; 2] {
        match self {
            Self::Minute => [15, 60],
            Self::Hour => [24, 168],
            Self::Day => [7, 30],
            Self::Workday => [5, 21],
            Self::Week => [4, 13],
            Self::Month => [3, 12],
            Self::Quarter => [4, 8],
            Self::Year => [3, 5],
            Self::Step => [5, 20],
        }
    }

    /// Rows of a season, where there is one.
    pub(crate) fn season(self) -> Option<(u64, &'static str)> {
        match self {
            Self::Hour => Some((24, "a day")),
            Self::Day => Some((7, "a week")),
            Self::Week => Some((52, "a year")),
            Self::Month => Some((12, "a year")),
            Self::Quarter => Some((4, "a year")),
            _ => None,
        }
    }
}
