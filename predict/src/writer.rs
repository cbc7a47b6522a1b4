//! The table of predictions: keys, what the model says, flags.

use std::collections::BTreeMap;
use std::path::Path;

use common::checkpoint::{Checkpoint, Places};
use common::error::{Class, Error, Result};
use common::ledger::{Ledger, Step};
use common::manifest::{FileRecord, Manifest};
use common::publish;
use common::schema::{Field, Kind, Role};
use common::table::TableWriter;
use common::{Task, stage};
use model::Model;
use polars::prelude::{Column, DataFrame};
use serde_json::{Value, json};

use crate::Args;
use crate::counts::Counts;
use crate::rows::{Rows, Sink, marked};
use crate::score::{self, Scored};

/// The column that says how many rows of the entity ahead of the row the prediction is for.
const AHEAD: &str = "rows_ahead";

/// The predictions being written.
pub(crate) struct Writer {
    places: Places,
    file: Checkpoint,
    model: Model,
    config: String,
    table: Option<Table>,
    counts: Counts,
    /// Files that were read, beside the model.
    inputs: Vec<FileRecord>,
    /// Rows that were read and are not scored, by reason.
    dropped: Vec<(&'static str, u64)>,
    apart: Vec<(&'static str, u64)>,
    /// What else the manifest says was found.
    found: BTreeMap<&'static str, Value>,
}

struct Table {
    writer: TableWriter,
    fields: Vec<Field>,
    has_notes: bool,
}

impl Writer {
    /// Where nothing is written yet; the output is none of the files read.
    pub(crate) fn new(args: &Args, places: Places, file: Checkpoint, model: Model) -> Result<Self> {
        for path in args.asked.history.iter().chain([&file.path]) {
            publish::refuse_same_file(&places.output, path)?;
        }
        Ok(Self {
            places,
            file,
            model,
            config: args.effective()?,
            table: None,
            counts: Counts::default(),
            inputs: Vec::new(),
            dropped: Vec::new(),
            apart: Vec::new(),
            found: BTreeMap::new(),
        })
    }

    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    /// The model file.
    pub(crate) fn file(&self) -> &Checkpoint {
        &self.file
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// Publishes the table and its manifest.
    ///
    /// # Errors
    /// [`Class::Rows`] where there was no row; [`Class::Write`].
    pub(crate) fn finish(self) -> Result<()> {
        if self.counts.scored == 0 {
            let nothing = Error::new(Class::Rows, "no row to score");
            return Err(match self.inputs.first() {
                Some(one) => nothing.at(Path::new(&one.name)),
                None => nothing,
            });
        }
        let Some(Table { writer, fields, .. }) = self.table else {
            return Err(Error::unexpected("no table was begun"));
        };
        let mut inputs = vec![self.file.record.clone()];
        inputs.extend(self.inputs);
        let mut manifest = Manifest::new(Task::Predict, &self.config, inputs);
        let owned = |rows: Vec<(&'static str, u64)>| {
            rows.into_iter().map(|(reason, n)| (reason.to_owned(), n)).collect::<BTreeMap<_, _>>()
        };
        let (dropped, apart) = (owned(self.dropped), owned(self.apart));
        let gone: u64 = dropped.values().chain(apart.values()).sum();
        manifest.ledger = Ledger::default().with(Step {
            stage: Task::Predict.name().to_owned(),
            rows_in: gone + self.counts.scored,
            dropped,
            apart,
            rows_out: self.counts.scored,
            ..Step::default()
        })?;
        manifest.fields = fields;
        manifest.found = json!({
            "target": self.model.target,
            "horizon": self.model.horizon,
            "target_statistic": self.model.target_statistic,
            "counts": self.counts,
            "intervals": self.model.intervals.without_quantile(),
        });
        for (key, value) in self.found {
            manifest.found[key] = value;
        }
        for (level, reason) in self.model.intervals.without_quantile() {
            log::warn!("no interval at {level}: {reason}");
        }
        self.counts.log();
        self.places.publish(writer.finish()?, Vec::new(), manifest)?;
        stage::log_written(self.places.output.shown(), self.counts.scored);
        Ok(())
    }
}

impl Sink for Writer {
    fn begin(&mut self, keys: &[Field], has_notes: bool) -> Result<()> {
        let mut fields = keys.to_vec();
        fields.push(Field::new(AHEAD, Kind::Integer, Role::Flag));
        fields.extend(score::fields(&self.model));
        let notes: &[&str] = if has_notes { &["unseen", "filled", "limited"] } else { &[] };
        let flags = ["absent", "outside"].iter().chain(notes);
        fields.extend(flags.map(|name| Field::new(*name, Kind::String, Role::Flag)));
        refuse_twice(&fields)?;
        let writer = TableWriter::create(&self.places.output, &fields)?;
        self.table = Some(Table { writer, fields, has_notes });
        Ok(())
    }

    fn read(&mut self, record: FileRecord, _earlier: bool) {
        self.inputs.push(record);
    }

    fn drop_rows(&mut self, reason: &'static str, rows: u64) {
        self.dropped.push((reason, rows));
    }

    fn keep_apart(&mut self, reason: &'static str, rows: u64) {
        self.apart.push((reason, rows));
    }

    fn found(&mut self, found: BTreeMap<&'static str, Value>) {
        self.found.extend(found);
    }

    fn write(&mut self, rows: Rows) -> Result<()> {
        let table = self.table.as_mut().ok_or_else(|| Error::unexpected("no table was begun"))?;
        let Scored { columns, absent, outside } = score::score(&self.model, &rows);
        let height = absent.len();
        let mut notes = rows.notes.unwrap_or_default();
        notes.filled.append(&mut notes.made);
        let mut all = rows.keys;
        all.push(Column::new(AHEAD.into(), vec![i64::from(self.model.horizon); height]));
        all.extend(columns);
        all.push(Column::new("absent".into(), &absent));
        all.push(Column::new("outside".into(), marked(height, &outside)));
        let mut flags = vec![("outside", outside.as_slice())];
        if table.has_notes {
            let noted = [("unseen", &notes.unseen), ("filled", &notes.filled), ("limited", &notes.limited)];
            for (name, marks) in noted {
                all.push(Column::new(name.into(), marked(height, marks)));
                flags.push((name, marks));
            }
        }
        self.counts.add(height, &absent, &flags);
        table.writer.write(&DataFrame::new(height, all)?)
    }
}

/// Every column has one name: keys may be called as ours are.
fn refuse_twice(fields: &[Field]) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    match fields.iter().find(|f| !seen.insert(&f.name)) {
        None => Ok(()),
        Some(twice) => Err(Error::new(
            Class::Schema,
            format!(
                "the key {} has the name of a column that predictions have: rename it in the data",
                common::text::name(&twice.name)
            ),
        )),
    }
}
