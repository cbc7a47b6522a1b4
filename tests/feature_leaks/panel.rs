//! Clean tables made for the leak guard, and what it finds in them.

use serde_json::Value;
use tempfile::TempDir;

use crate::support::panel::Random;
use crate::support::{json, project, run};

/// Times of each entity; the last fifth is for the test, the fifth before for calibration.
pub(crate) const TIMES: usize = 60;
pub(crate) const ENTITIES: usize = 5;

/// Which part a time belongs to.
pub(crate) fn part(time: usize) -> &'static str {
    match time * 5 / TIMES {
        0..=2 => "train",
        3 => "calibration",
        _ => "test",
    }
}

/// A value about normal, with deviation 1.
pub(crate) fn noise(random: &mut Random) -> f64 {
    (0..12).map(|_| random.below(1 << 20) as f64 / f64::from(1 << 20)).sum::<f64>() - 6.0
}

/// A place below `end`.
pub(crate) fn index(random: &mut Random, end: usize) -> usize {
    usize::try_from(random.below(end as u64)).unwrap()
}

/// The column `y` of entities over time, row by row; rows of an entity follow one another in time order.
pub(crate) struct Panel {
    pub(crate) y: Vec<f64>,
    seed: u64,
}

impl Panel {
    /// Series that return slowly to the level of their entity.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut last = 0.0;
        Self::of(seed, |row| {
            last = if row % TIMES == 0 { noise(&mut random) } else { 0.8 * last + noise(&mut random) };
            (row / TIMES) as f64 + last
        })
    }

    /// Values by row.
    pub(crate) fn of(seed: u64, y: impl FnMut(usize) -> f64) -> Self {
        Self { y: (0..ENTITIES * TIMES).map(y).collect(), seed }
    }

    /// The value `ahead` rows later in the entity.
    pub(crate) fn later(&self, row: usize, ahead: usize) -> Option<f64> {
        (row % TIMES + ahead < TIMES).then(|| self.y[row + ahead])
    }

    /// The mean of rows `back` before to `ahead` after.
    pub(crate) fn mean(&self, row: usize, back: usize, ahead: usize) -> Option<f64> {
        let time = row % TIMES;
        (time >= back && time + ahead < TIMES)
            .then(|| self.y[row - back..=row + ahead].iter().sum::<f64>() / (back + ahead + 1) as f64)
    }

    /// A table with entity, time, `y`, a related number `x`, an integer `n`, and the split.
    pub(crate) fn data(&self) -> Data {
        let mut random = Random(self.seed ^ 0xabcd);
        let rows = self.y.len();
        let column = |cell: &dyn Fn(usize) -> String| (0..rows).map(cell).collect::<Vec<_>>();
        Data {
            config: "[project]\ntarget = \"y\"\nentity = \"e\"\ntime = \"t\"\nhorizon = 1\n[ingest]\nsources = [\"raw.csv\"]\n"
                .to_owned(),
            columns: vec![
                ("e".to_owned(), column(&|row| format!("e{}", row / TIMES))),
                ("t".to_owned(), column(&|row| (row % TIMES).to_string())),
                ("y".to_owned(), column(&|row| self.y[row].to_string())),
                ("split".to_owned(), column(&|row| part(row % TIMES).to_owned())),
            ],
        }
        .with("x", |row| Some(0.7 * self.y[row] + noise(&mut random)))
        .with("n", |row| Some((row * 7 % 11) as f64))
    }
}

/// A clean table as text, and its configuration.
#[derive(Clone)]
pub(crate) struct Data {
    pub(crate) config: String,
    pub(crate) columns: Vec<(String, Vec<String>)>,
}

impl Data {
    /// Rows without entity and time: outcome `y`, split by their number.
    pub(crate) fn plain(rows: usize, mut y: impl FnMut(usize) -> f64) -> Self {
        let part = |row: usize| ["train", "train", "train", "calibration", "test"][row % 5].to_owned();
        Self {
            config: "[project]\ntarget = \"y\"\n".to_owned(),
            columns: vec![
                ("y".to_owned(), (0..rows).map(|row| y(row).to_string()).collect()),
                ("split".to_owned(), (0..rows).map(part).collect()),
            ],
        }
    }

    /// With a column of numbers before the split; `None` is a missing cell.
    pub(crate) fn with(self, name: &str, mut value: impl FnMut(usize) -> Option<f64>) -> Self {
        self.with_text(name, |row| value(row).map_or_else(String::new, |v| v.to_string()))
    }

    /// With a column of text before the split.
    pub(crate) fn with_text(mut self, name: &str, cell: impl FnMut(usize) -> String) -> Self {
        let cells = (0..self.columns[0].1.len()).map(cell).collect();
        self.columns.insert(self.columns.len() - 1, (name.to_owned(), cells));
        self
    }

    /// With other cells in a column.
    pub(crate) fn replaced(mut self, name: &str, mut cell: impl FnMut(usize, &str) -> String) -> Self {
        let column = self.columns.iter_mut().find(|(n, _)| n == name).unwrap();
        column.1.iter_mut().enumerate().for_each(|(row, old)| *old = cell(row, old));
        self
    }

    /// Rows in another order.
    pub(crate) fn shuffled(&self, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut order: Vec<usize> = (0..self.columns[0].1.len()).collect();
        (1..order.len()).rev().for_each(|i| order.swap(i, index(&mut random, i + 1)));
        let mut other = self.clone();
        for (_, cells) in &mut other.columns {
            *cells = order.iter().map(|row| cells[*row].clone()).collect();
        }
        other
    }

    /// With the rows `copies` once more at the end, in another part.
    pub(crate) fn repeated(mut self, copies: impl Iterator<Item = usize>, part: &str) -> Self {
        let rows: Vec<usize> = copies.collect();
        for (name, cells) in &mut self.columns {
            let cell = |row: &usize| if name == "split" { part.to_owned() } else { cells[*row].clone() };
            let new: Vec<String> = rows.iter().map(cell).collect();
            cells.extend(new);
        }
        self
    }

    /// A project folder with the table; `settings` are further sections.
    pub(crate) fn project(&self, settings: &str) -> TempDir {
        let quoted = |name: &String| {
            if name.contains(['"', ',']) {
                format!("\"{}\"", name.replace('"', "\"\""))
            } else {
                name.clone()
            }
        };
        let header: Vec<String> = self.columns.iter().map(|(name, _)| quoted(name)).collect();
        let row = |row: usize| -> String {
            let cells: Vec<&str> = self.columns.iter().map(|(_, cells)| cells[row].as_str()).collect();
            cells.join(",") + "\n"
        };
        let rows: String = (0..self.columns[0].1.len()).map(row).collect();
        let config = format!("{}{settings}", self.config);
        project(&[("pipeline.toml", &config), ("clean.csv", &(header.join(",") + "\n" + &rows))])
    }

    /// The project after the stage.
    pub(crate) fn engineered(&self, settings: &str) -> TempDir {
        let folder = self.project(settings);
        run("feature-engineer", folder.path(), &["-i", "clean.csv"]).success();
        folder
    }

    /// Check and columns of each finding: `copy_of_target next`.
    pub(crate) fn found(&self, settings: &str) -> Vec<String> {
        let found = findings(&self.engineered(settings));
        let shown = |finding: &Value| {
            let columns: Vec<&str> =
                finding["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
            let figures = finding["figures"].as_object().unwrap();
            assert!(figures.values().all(|f| f.as_f64().unwrap().is_finite()), "{finding}");
            format!("{} {}", finding["kind"].as_str().unwrap(), columns.join(" "))
        };
        found.as_array().unwrap().iter().map(shown).collect()
    }
}

/// What the manifest says was found.
pub(crate) fn findings(folder: &TempDir) -> Value {
    json(folder.path().join("data/processed/features.csv.meta.json"))["found"]["leaks"].clone()
}
