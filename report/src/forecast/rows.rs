//! The rows of a forecast, read strictly: the first of them, and counts of all.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::Read;

use common::manifest::Manifest;
use common::schema::Role;
use csv::StringRecord;

/// Rows kept to be shown.
pub(crate) const SHOWN: usize = 20;
/// Rows held before the first of them are picked.
const HELD: usize = 4096;

/// What the report shows of a forecast.
pub(crate) struct Rows {
    /// How many rows there are.
    pub(crate) all: u64,
    /// The newest ones, by time and then entity.
    pub(crate) first: Vec<Row>,
    /// Name of the entity's column.
    pub(crate) entity: Option<String>,
    /// Whether rows have times.
    pub(crate) timed: bool,
    /// First and last time, as the manifest has them.
    pub(crate) times: Option<(String, String)>,
    /// The highest level with an interval.
    pub(crate) level: Option<f64>,
    /// Rows with a flag, by its column.
    pub(crate) flagged: BTreeMap<&'static str, u64>,
    /// Entities whose newest row is older than it should be.
    pub(crate) ended: u64,
}

/// A prediction.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) entity: Option<String>,
    /// Cells of the time columns.
    pub(crate) time: Vec<String>,
    /// Source and line, where rows have no time.
    pub(crate) place: Option<(String, String)>,
    pub(crate) prediction: Option<f64>,
    /// The interval at the level shown.
    pub(crate) bounds: Option<(f64, f64)>,
    /// Flags that are set: column and what it names.
    pub(crate) flags: Vec<(&'static str, Vec<String>)>,
}

/// Columns of flags, in the order they are told of.
const FLAGS: [&str; 5] = ["absent", "outside", "unseen", "filled", "limited"];

/// Where the columns stand.
struct Columns {
    entity: Option<usize>,
    time: Vec<usize>,
    place: Option<(usize, usize)>,
    prediction: usize,
    bounds: Option<(usize, usize)>,
    flags: Vec<(&'static str, usize)>,
}

impl Rows {
    /// Reads a forecast.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub(crate) fn read(file: impl Read, manifest: &Manifest) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(true).flexible(false).from_reader(file);
        let header = reader.headers().map_err(|e| e.to_string())?;
        let named = manifest.fields.iter().map(|field| field.name.as_str());
        if !header.iter().eq(named) {
            return Err("its columns are not those of its manifest".to_owned());
        }
        let level = highest(header);
        let columns = Columns::find(manifest, header, level)?;
        let name = |at: usize| manifest.fields[at].name.clone();
        let time = |key: &str| manifest.found.pointer(key).and_then(|v| v.as_str()).map(str::to_owned);
        let mut out = Self {
            all: 0,
            first: Vec::new(),
            entity: columns.entity.map(name),
            timed: !columns.time.is_empty(),
            times: time("/times/first").zip(time("/times/last")),
            level,
            flagged: BTreeMap::new(),
            ended: super::counted(&manifest.found, "/ended/entities"),
        };
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(|e| e.to_string())? {
            out.all += 1;
            let line = record.position().map_or(0, csv::Position::line);
            let row = columns.row(&record).map_err(|why| format!("line {line}: {why}"))?;
            row.flags.iter().for_each(|(flag, _)| *out.flagged.entry(flag).or_default() += 1);
            out.first.push(row);
            if out.first.len() == HELD {
                out.pick();
            }
        }
        out.pick();
        Ok(out)
    }

    fn pick(&mut self) {
        self.first.sort_by(Row::order);
        self.first.truncate(SHOWN);
    }
}

impl Row {
    /// The newest first, then by entity; rows without either stay in their order.
    fn order(&self, other: &Self) -> Ordering {
        let time = self.time.iter().zip(&other.time).map(|(a, b)| compare(b, a));
        time.fold(Ordering::Equal, Ordering::then).then_with(|| self.entity.cmp(&other.entity))
    }
}

/// Numbers as numbers, else text as text.
fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}

/// The highest level that has both bounds: `lower_90` and `upper_90` give 0.9.
fn highest(header: &StringRecord) -> Option<f64> {
    let levels = header.iter().filter_map(|name| name.strip_prefix("lower_"));
    let both = levels.filter(|level| header.iter().any(|name| name.strip_prefix("upper_") == Some(level)));
    both.filter_map(|level| level.parse::<f64>().ok()).reduce(f64::max).map(|percent| percent / 100.0)
}

impl Columns {
    fn find(manifest: &Manifest, header: &StringRecord, level: Option<f64>) -> Result<Self, String> {
        let at = |name: &str| header.iter().position(|column| column == name);
        let of = |role: Role| {
            manifest.fields.iter().enumerate().filter(move |(_, field)| field.role == role).map(|(i, _)| i)
        };
        let bound = |side: &str| {
            let of = |name: &str| Some(name.strip_prefix(side)?.parse::<f64>().ok()? / 100.0);
            header.iter().position(|name| of(name).zip(level).is_some_and(|(a, b)| a.total_cmp(&b).is_eq()))
        };
        let time: Vec<usize> = of(Role::Time).collect();
        Ok(Self {
            entity: of(Role::Entity).next(),
            place: at("source").zip(at("line")).filter(|_| time.is_empty()),
            time,
            prediction: at("prediction").ok_or("has no column `prediction`")?,
            bounds: bound("lower_").zip(bound("upper_")),
            flags: FLAGS.iter().filter_map(|flag| Some((*flag, at(flag)?))).collect(),
        })
    }

    fn row(&self, record: &StringRecord) -> Result<Row, String> {
        let text = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let number = |at: usize| match record.get(at) {
            None | Some("") => Ok(None),
            Some(cell) => match cell.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(Some(value)),
                _ => Err(format!("{} is no number", common::text::name(cell))),
            },
        };
        let bounds = match self.bounds {
            Some((lower, upper)) => number(lower)?.zip(number(upper)?),
            None => None,
        };
        let set = |(flag, at): &(&'static str, usize)| {
            let names = names(record.get(*at).unwrap_or_default());
            (!names.is_empty()).then_some((*flag, names))
        };
        Ok(Row {
            entity: self.entity.map(text),
            time: self.time.iter().map(|at| text(*at)).collect(),
            place: self.place.map(|(source, line)| (text(source), text(line))),
            prediction: number(self.prediction)?,
            bounds,
            flags: self.flags.iter().filter_map(set).collect(),
        })
    }
}

/// Names parted by `;`, where a `;` of a name has a backslash before it.
fn names(cell: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut name = String::new();
    let mut chars = cell.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&';') => name.extend(chars.next()),
            ';' => out.push(std::mem::take(&mut name)),
            c => name.push(c),
        }
    }
    if !name.is_empty() {
        out.push(name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parted_where_they_were_joined() {
        assert_eq!(names(""), Vec::<String>::new());
        assert_eq!(names("a;b\\;c;d"), ["a", "b;c", "d"]);
        assert_eq!(names("a\\b"), ["a\\b"]);
    }

    #[test]
    fn times_are_compared_as_numbers_where_they_are() {
        assert_eq!(compare("9", "10"), Ordering::Less);
        assert_eq!(compare("2013-02-25", "2013-03-01"), Ordering::Less);
    }

    #[test]
    fn the_highest_level_is_shown() {
        let header = StringRecord::from(vec![
            "prediction",
            "lower_80",
            "upper_80",
            "lower_99.5",
            "upper_99.5",
            "lower_x",
        ]);
        assert_eq!(highest(&header), Some(0.995));
        assert_eq!(highest(&StringRecord::from(vec!["lower_80"])), None);
    }
}
