//! What is decided: which columns become features, which not and why, the steps, the parts, the model.

use std::path::Path;

use common::schema::Kind;
use common::{Error, Project, Result, text};

use crate::check::Check;
use crate::column::Column;
use crate::draft::Draft;
use crate::roles::{self, Roles};
use crate::steps::Steps;
use crate::{contract, words};

/// The name of the column that `clean` adds.
pub(crate) const SPLIT: &str = "split";

/// Most levels of a text that becomes indicators.
const MOST_CATEGORIES: u64 = 50;

/// A column with more missing cells than this share, in percent, is nearly empty.
const NEARLY_EMPTY: u64 = 95;

/// From this share of missing cells on, in percent, that they are missing may tell something.
const OFTEN_MISSING: u64 = 5;

/// Share of variance below which a column repeats another in other words.
const COPY: f64 = 0.001;
const COPY_OF_TIME: f64 = 0.0001;

/// Rows for training that a coefficient should have at least.
const ROWS_OF_COEFFICIENT: u64 = 5;

/// What is decided.
pub(crate) struct Plan<'a> {
    pub(crate) target: usize,
    pub(crate) roles: &'a Roles,
    pub(crate) horizon: u32,
    pub(crate) used: Vec<usize>,
    /// Columns that are no features, and why.
    pub(crate) excluded: Vec<(usize, String)>,
    /// Columns of dates from which parts are taken.
    pub(crate) dates: Vec<usize>,
    pub(crate) steps: Steps,
    /// Whether there are so many features that a penalty is needed.
    pub(crate) ridge: bool,
    /// About how many features, and rows to train on.
    pub(crate) features: u64,
    pub(crate) training: u64,
    pub(crate) name: String,
    pub(crate) command: String,
}

impl<'a> Plan<'a> {
    /// Decides.
    pub(crate) fn new(
        project: &Path,
        columns: &[Column],
        target: usize,
        roles: &'a Roles,
        check: &Check,
    ) -> Self {
        let history = roles.time.as_ref().filter(|t| t.is_history);
        let horizon = u32::from(history.is_some());
        let own: Vec<usize> =
            roles.time.iter().flat_map(|t| t.parts.iter().copied()).chain(roles.entity).collect();
        let (mut used, mut excluded, mut dates) = (Vec::new(), Vec::new(), Vec::new());
        for column in columns.iter().filter(|c| !own.contains(&c.at) && c.name != SPLIT) {
            if column.at == target {
                // Its value now is known when the next one is predicted.
                used.extend((horizon > 0).then_some(target));
            } else if let Some(why) = why_not(column, horizon, check) {
                excluded.push((column.at, why));
            } else if column.is_date() {
                dates.push(column.at);
            } else {
                used.push(column.at);
            }
        }
        let steps = Steps::new(columns, &used, target, roles, check);
        let levels: u64 = used
            .iter()
            .map(|at| &columns[*at])
            .map(|c| if c.kind == Kind::String { c.distinct } else { 1 })
            .sum();
        let features = levels + steps.count() + 2 * dates.len() as u64;
        let known = columns[target].known();
        let training = match &roles.time {
            Some(_) => check.parts[0].min(known),
            None => known * 65 / 100,
        };
        let noun = history.map(|t| format!(", one {} ahead", t.unit.noun())).unwrap_or_default();
        Self {
            target,
            roles,
            horizon,
            used,
            excluded,
            dates,
            steps,
            ridge: features * ROWS_OF_COEFFICIENT > training,
            features,
            training,
            name: format!("{}{noun}", text::shown(&columns[target].name)),
            command: format!("make report PROJECT={}", shell(&text::lossless(project.as_os_str()))),
        }
    }

    /// Refuses what no model can be made of.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with the reason for each column.
    pub(crate) fn refuse_without_features(&self, columns: &[Column]) -> Result<()> {
        if columns.iter().any(|c| c.name == SPLIT) && !has_split(columns) {
            return Err(Error::usage(
                "a column is named `split`, as the one that `make cleaned` adds, and does not hold train, calibration and test; rename it in the file, or give all names: INGEST='names = [...]'",
            ));
        }
        if self.features > 0 {
            return Ok(());
        }
        let name = text::name(&columns[self.target].name);
        let why = self.excluded.iter().map(|(at, why)| format!("{}: {why}", text::name(&columns[*at].name)));
        let message =
            format!("no column is left from which {name} could be predicted; no project was written");
        Err(Error::usage(message).with_details(why.chain(self.roles.rejected.clone()).collect()))
    }

    /// Whether any feature misses enough cells that this may tell something.
    pub(crate) fn has_gaps(&self, columns: &[Column]) -> bool {
        let taken = |c: &Column| columns.iter().any(|other| other.name == format!("{}_missing", c.name));
        if columns.iter().any(taken) {
            return false;
        }
        let often = |c: &Column| c.nulls * 100 >= c.rows * OFTEN_MISSING;
        self.used.iter().any(|at| *at != self.target && columns[*at].is_number() && often(&columns[*at]))
    }

    /// Text columns that become indicators and miss cells.
    pub(crate) fn misses_text(&self, columns: &[Column]) -> bool {
        let mut texts =
            self.used.iter().map(|at| &columns[*at]).filter(|c| c.kind == Kind::String && c.nulls > 0);
        let clash = columns.iter().any(|c| c.levels.as_ref().is_some_and(|l| l.contains_key("(missing)")));
        texts.next().is_some() && !clash
    }

    /// Says what was decided, and what comes next.
    pub(crate) fn log(&self, columns: &[Column], draft: &Draft, project: &Project) {
        let name = |at: usize| text::name(&columns[at].name);
        let (rows, sources) = (words::counted(draft.rows, "row"), words::counted(draft.sources, "file"));
        log::info!("{rows} of {sources}, {} columns", columns.len());
        let target = &columns[self.target];
        log::info!("target {}: {}", name(self.target), crate::outcome::facts(target));
        match (&self.roles.time, self.roles.entity) {
            (Some(time), entity) => {
                let entity = entity.map(|at| format!(", entity {}", name(at))).unwrap_or_default();
                let kind = if time.is_history { "" } else { " (parts the rows only, no history)" };
                log::info!(
                    "time {}{kind}{entity}, horizon {}",
                    roles::names(&time.parts, columns),
                    self.horizon
                );
            }
            (None, Some(entity)) => log::info!("entity {}, no time", name(entity)),
            (None, None) => {
                log::info!("neither time nor entity: a plain table, parted by a hash of each row");
            }
        }
        self.roles.rejected.iter().for_each(|why| log::info!("{why}"));
        log::info!(
            "about {} features from {}",
            self.features,
            words::counted(self.used.len() as u64, "column")
        );
        for (at, why) in self.excluded.iter().take(10) {
            log::info!("left out {}: {why}", name(*at));
        }
        if self.excluded.len() > 10 {
            log::info!("left out {} more, each with its reason in pipeline.toml", self.excluded.len() - 10);
        }
        for column in columns.iter().filter(|c| c.note.is_some()) {
            log::warn!("column {}: {}", text::name(&column.name), column.note.as_deref().unwrap_or_default());
        }
        if self.training < 30 {
            log::warn!(
                "about {} to train on, fewer than the 30 that [train] min_rows asks for",
                words::counted(self.training, "row")
            );
        }
        let (config, schema) = (project.path("pipeline.toml"), project.path("schema.json"));
        log::info!("wrote {} and {}; next: {}", text::path(&config), text::path(&schema), self.command);
    }

    /// The contract in a line.
    pub(crate) fn contract(columns: &[Column], check: &Check) -> String {
        contract::summary(columns, check)
    }
}

/// Why a column is no feature.
fn why_not(column: &Column, horizon: u32, check: &Check) -> Option<String> {
    let percent = |p: u64| column.nulls * 100 >= column.rows * p;
    if let Some(note) = column.note.as_ref().filter(|_| column.kind == Kind::String) {
        return Some(note.clone());
    }
    if column.known() == 0 {
        return Some("no value at all".to_owned());
    }
    if percent(NEARLY_EMPTY) {
        return Some(format!(
            "nearly empty: {} of its cells are missing",
            words::share(column.nulls, column.rows)
        ));
    }
    if column.is_constant() {
        return Some("one value in all rows".to_owned());
    }
    let of =
        format!("{} in {}", words::counted(column.distinct, "value"), words::counted(column.known(), "row"));
    if column.kind == Kind::String {
        if column.distinct > 20 && column.is_nearly_unique() {
            return Some(format!("names the rows: {of}"));
        }
        if column.distinct > MOST_CATEGORIES {
            return Some(format!("too many categories: {of}"));
        }
    }
    if is_id(column) {
        return Some(format!("an id, not a quantity: {of}"));
    }
    if let Some(left) = check.beside_time[column.at].filter(|left| *left < COPY_OF_TIME) {
        return Some(format!("the time once more: it leaves {} of a straight line", percent_of(left)));
    }
    if let Some(left) = check.beside_target[column.at].filter(|left| horizon == 0 && *left < COPY) {
        return Some(format!(
            "the target once more: a line of it leaves {} of the target's variance",
            percent_of(left)
        ));
    }
    None
}

fn percent_of(share: f64) -> String {
    if share == 0.0 { "nothing".to_owned() } else { format!("{share:.1e}") }
}

fn is_id(column: &Column) -> bool {
    let whole = column.kind == Kind::Integer;
    let dense = column.range.is_some_and(|(low, high)| (high - low) < 1.25 * column.rows as f64);
    let unique = column.repeats == 0 && column.rows >= 30;
    whole && (roles::is_named_id(&column.name) || unique && dense && column.nulls == 0)
}

/// Whether a column tells the part of each row.
pub(crate) fn has_split(columns: &[Column]) -> bool {
    const PARTS: [&str; 4] = ["train", "calibration", "test", "gap"];
    let levels = columns.iter().find(|c| c.name == SPLIT && c.nulls == 0).and_then(|c| c.levels.as_ref());
    levels.is_some_and(|l| {
        l.contains_key("train") && l.contains_key("test") && l.keys().all(|k| PARTS.contains(&k.as_str()))
    })
}

/// A word of a shell.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
