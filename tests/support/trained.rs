//! A features table and a model whose figures can be worked out by hand, with their manifests.
//!
//! The model is `10 + 2 x`. Every part has 40 rows with x = 0..39. Train and test miss by
//! 1, -1, -1, 1, ..., which is uncorrelated with x and zero on average over four rows; calibration
//! misses by 3 throughout, and its x is 100 higher.

use std::collections::BTreeMap;
use std::path::Path;

use common::Task;
use common::checkpoint::Checkpoint;
use common::identity::{Identity, RowSet};
use common::ledger::{Ledger, Parts, Step};
use common::manifest::{FileRecord, Manifest};
use common::schema::{Field, Kind, Role};
use common::table::TableReader;
use model::{Function, Linear, Model, Profile, Residual, ResidualPart, Training};
use serde_json::json;
use stats::{Reference, Summary};
use tempfile::TempDir;

/// Rows of a part.
pub(crate) const ROWS: usize = 40;
/// The parts, in their order.
pub(crate) const PARTS: [&str; 3] = ["train", "calibration", "test"];

/// A row of the features table.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) month: usize,
    pub(crate) part: &'static str,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) last: Option<f64>,
}

/// What varies between tests.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) rows: Vec<Row>,
    pub(crate) feature: String,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) entity: String,
    pub(crate) persistence: bool,
    pub(crate) config: String,
}

/// The case described above.
pub(crate) fn case() -> Case {
    let row = |part: usize, i: usize| {
        let x = i as f64 + if part == 1 { 100.0 } else { 0.0 };
        let miss = if part == 1 {
            3.0
        } else if i.is_multiple_of(4) || i % 4 == 3 {
            1.0
        } else {
            -1.0
        };
        let y = 10.0 + 2.0 * x + miss;
        // Persistence knows a value five too low, but nothing in the first two training months.
        let last = (part > 0 || i > 1).then_some(y - 5.0);
        Row { month: part * ROWS + i, part: PARTS[part], x, y, last }
    };
    Case {
        rows: (0..3).flat_map(|part| (0..ROWS).map(move |i| row(part, i))).collect(),
        feature: "x".to_owned(),
        source: "price".to_owned(),
        target: "price_ahead_1".to_owned(),
        entity: "city".to_owned(),
        persistence: true,
        config: "[project]\nname = \"House prices\"\ntarget = \"price\"\nhorizon = 1\n".to_owned(),
    }
}

impl Case {
    /// Without the rows of one part.
    pub(crate) fn without(mut self, part: &str) -> Self {
        self.rows.retain(|row| row.part != part);
        self
    }

    /// The columns of the features table.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new(&self.entity, Kind::String, Role::Entity),
            Field::new("month", Kind::Integer, Role::Time),
            Field::new("split", Kind::String, Role::Split),
            Field::new(&self.feature, Kind::Number, Role::Feature),
            Field::new("unused", Kind::Number, Role::Feature),
        ];
        if self.persistence {
            fields.push(Field::new("price_last", Kind::Number, Role::Persistence));
        }
        fields.push(Field::new(&self.target, Kind::Number, Role::Target));
        fields
    }

    /// The features table as text.
    pub(crate) fn csv(&self) -> String {
        let names: Vec<String> = self.fields().iter().map(|f| quoted(&f.name)).collect();
        let mut out = names.join(",") + "\n";
        for row in &self.rows {
            let last = row.last.map_or_else(String::new, |v| v.to_string());
            let last = if self.persistence { format!("{last},") } else { String::new() };
            out += &format!("Austin,{},{},{},0.5,{last}{}\n", row.month, row.part, row.x, row.y);
        }
        out
    }

    /// The values of one part.
    fn of(&self, part: &str, value: impl Fn(&Row) -> f64) -> Vec<f64> {
        self.rows.iter().filter(|row| row.part == part).map(value).collect()
    }

    /// The model, fitted to the table with these rows.
    pub(crate) fn model(&self, trained_on: Identity) -> Model {
        let learn = |value: fn(&Row) -> f64| Reference::learn(&self.of("train", value));
        Model {
            kind: model::KIND.to_owned(),
            format: model::FORMAT,
            version: "0.1.0".to_owned(),
            target: self.source.clone(),
            target_column: self.target.clone(),
            horizon: 1,
            target_statistic: common::config::TargetStatistic::Value,
            features: vec![self.feature.clone(), "unused".to_owned()],
            function: Function::Linear(Linear {
                intercept: 10.0,
                coefficients: vec![2.0, 0.0],
                aliased: vec!["unused".to_owned()],
                ..Linear::default()
            }),
            intervals: model::Intervals::default(),
            decimals: BTreeMap::new(),
            statistics: serde_json::Value::Null,
            hyperparameters: BTreeMap::from([("solver".to_owned(), json!("qr"))]),
            choice: None,
            importance: model::Importance::default(),
            training: Training {
                rows: self.of("train", |row| row.x).len() as u64,
                target_median: Some(49.0),
                mae: Some(1.0),
                rmse: Some(1.0),
                r2: Some(0.998),
            },
            fields: self.fields(),
            preparation: json!({ "clean": { "fills": {} } }).as_object().cloned().unwrap(),
            reference: Profile {
                features: BTreeMap::from([
                    (self.feature.clone(), learn(|row| row.x)),
                    ("unused".to_owned(), learn(|_| 0.5)),
                ]),
                target: learn(|row| row.y),
                prediction: learn(|row| 10.0 + 2.0 * row.x),
                residual: self.residual(),
            },
            trained_on,
        }
    }

    /// Of the calibration rows, or of the training rows where there are none.
    fn residual(&self) -> Residual {
        let of = |part: &str| Reference::learn(&self.of(part, |row| 10.0 + 2.0 * row.x - row.y));
        if self.rows.iter().any(|row| row.part == "calibration") {
            return Residual { of: ResidualPart::Calibration, reference: of("calibration") };
        }
        Residual { of: ResidualPart::Train, reference: of("train") }
    }

    /// What `feature_engineer` would have found.
    fn found(&self) -> serde_json::Value {
        let of = |part: &str| Summary::of(&self.of(part, |row| row.x));
        let times = |last: bool| {
            let time = |part: &&str| {
                let all = self.of(part, |row| row.month as f64);
                let one = if last { all.last() } else { all.first() };
                ((*part).to_owned(), one.map(|m| format!("month {m}")))
            };
            PARTS.iter().map(time).collect::<BTreeMap<_, _>>()
        };
        json!({
            "features": { (self.feature.clone()): { "train": of("train"), "calibration": of("calibration"), "test": of("test") } },
            "split": { "by": "dates", "calibration_from": "40", "test_from": "80" },
            "clock": { "first": times(false), "last": times(true) },
            "leaks": [],
        })
    }

    fn ledger(&self) -> Ledger {
        let rows = self.rows.len() as u64;
        let count = |part: &str| self.of(part, |row| row.x).len() as u64;
        let [train, calibration, test] = PARTS.map(count);
        // A row of no part is between them, so that the ledger adds up whatever a test puts there.
        let parts = Parts { train, calibration, test, gap: rows - train - calibration - test };
        let step = |stage: Task, rows_in, reason: &str, rows_out| Step {
            stage: stage.name().to_owned(),
            rows_in,
            dropped: BTreeMap::from([(reason.to_owned(), rows_in - rows_out)]),
            rows_out,
            ..Step::default()
        };
        let last =
            Step { parts: Some(parts), ..step(Task::FeatureEngineer, rows + 5, "without_target", rows) };
        Ledger(vec![
            step(Task::Ingest, rows + 12, "refused", rows + 8),
            step(Task::Clean, rows + 8, "duplicate", rows + 5),
            last,
        ])
    }

    /// A project with this table, its model, and their manifests.
    pub(crate) fn project(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        folder
    }

    /// Writes the table, the model, and their manifests.
    pub(crate) fn write(&self, folder: &Path) {
        let csv = self.csv();
        let mut manifest = Manifest::new(Task::FeatureEngineer, "", Vec::new());
        manifest.fields = self.fields();
        manifest.found = self.found();
        manifest.found["identity"] = json!(identity(&csv));
        manifest.ledger = self.ledger();
        super::support::write(folder.join("pipeline.toml"), &self.config);
        publish(folder, "data/processed/features.csv", csv.as_bytes(), manifest);
        let model = self.model(identity(&csv));
        let manifest = Manifest::new(Task::TrainModel, "", Vec::new());
        publish(folder, "models/model.pkl", &model.to_bytes().unwrap(), manifest);
    }
}

/// Which rows a features table holds.
pub(crate) fn identity(csv: &str) -> Identity {
    let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(file.path(), csv).unwrap();
    let table = Checkpoint {
        path: file.path().to_path_buf(),
        file: file.reopen().unwrap(),
        record: FileRecord { name: String::new(), sha256: String::new(), bytes: 0 },
        manifest: None,
        manifest_path: file.path().to_path_buf(),
    };
    let mut rows = RowSet::default();
    let mut reader = TableReader::open(&table, None).unwrap();
    while let Some(batch) = reader.next_batch().unwrap() {
        rows.add(&batch).unwrap();
    }
    rows.identity()
}

/// Writes a checkpoint with the manifest that vouches for it.
pub(crate) fn publish(folder: &Path, name: &str, bytes: &[u8], mut manifest: Manifest) {
    manifest.output =
        FileRecord { name: name.to_owned(), sha256: common::hash::hex(bytes), bytes: bytes.len() as u64 };
    super::support::write(folder.join(name), bytes);
    super::support::write(folder.join(format!("{name}.meta.json")), manifest.to_json().unwrap());
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}
