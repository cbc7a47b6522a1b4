//! `train-model`: fits the regression on the training rows and writes the model file.
//!
//! The exact family (least squares, ridge, lasso, elastic net) is learned in one pass over any number of
//! pieces, merged, and fitted from exact sums: the model file has the same bytes whatever the order of
//! rows and pieces. A second pass measures the training error. `--summary` keeps what a piece taught, and
//! `--from-summaries` fits without reading rows again.
#![forbid(unsafe_code)]

mod alias;
mod apply;
mod boosted;
mod build;
mod by_linfa;
mod choice;
mod design;
mod folds;
mod importance;
mod intervals;
mod kept;
mod learn;
mod learner;
mod least_squares;
mod piece;
mod profile;
mod rows;
mod settings;
mod summary;
mod terms;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::path::PathBuf;

use common::checkpoint::Places;
use common::error::{Class, Error, Result};
use common::manifest::{FileRecord, Manifest};
use common::publish;
use common::{CommonArgs, Task, stage, text};
use model::{Choice, Model};
use serde_json::json;
use stats::OrderStatistics as _;

use apply::Applied;
use folds::Folds;
use learn::Learned;
use learner::{Data, Fitted};
use piece::Piece;
use rows::{Keys, Rows};
use settings::{Family, Settings, Solver};
use summary::{Shape, Summary};

/// Command line of `train-model`.
#[derive(Debug, clap::Parser)]
#[command(name = "train-model", version, about = "Fits the regression on the training rows")]
pub struct Args {
    /// Flags that every stage takes. Several -i are pieces of one table.
    #[command(flatten)]
    pub common: CommonArgs,

    /// Write what the pieces teach, as a training summary, in place of a model.
    #[arg(long, conflicts_with = "from_summaries", requires = "output")]
    pub summary: bool,

    /// The inputs are training summaries: fit to them without reading rows.
    #[arg(long, requires = "input")]
    pub from_summaries: bool,

    /// A training summary to take out again; may be repeated.
    #[arg(long, value_name = "FILE", requires = "from_summaries")]
    pub without: Vec<PathBuf>,
}

/// Runs the stage.
///
/// # Errors
/// [`Class::Rows`] where there are fewer training rows than `min_rows` or than columns; nothing is
/// written then.
pub fn run(args: &Args) -> Result<()> {
    let settings = Settings::load(&args.common)?;
    if args.common.print_config {
        return stage::print(&settings.print()?);
    }
    let places = Places::new(Task::TrainModel, &args.common)?;
    let job = Job { settings: &settings, places: &places };
    match (args.summary, args.from_summaries) {
        (true, _) => job.summarise(),
        (_, true) => job.fit_summaries(&args.without),
        _ => job.fit_pieces(),
    }
}

/// One run.
struct Job<'a> {
    settings: &'a Settings,
    places: &'a Places,
}

impl Job<'_> {
    /// The usual way: learn, merge, fit, apply.
    fn fit_pieces(&self) -> Result<()> {
        let pieces = self.pieces()?;
        let shape = self.shape(&pieces)?;
        let learned = self.learn(&pieces, &shape, kept::MOST_BYTES / pieces.len())?;
        self.enough(&learned, &shape)?;
        let (settings, choice, fitted) = self.fit(&pieces, &shape, &learned)?;
        let known = profile::learn(&pieces)?;
        let mut model = build::model(&settings, shape, fitted, &learned, known)?;
        model.choice = choice;
        let Applied { training, calibrated, sample } = Applied::read(&model, &pieces)?;
        training.complete(&mut model, calibrated.residuals.n() > 0)?;
        intervals::learn(&mut model, &self.settings.section.intervals, &pieces, &learned, calibrated)?;
        model.importance.permutation = importance::permutation(&model, &sample.rows());
        importance::log(&model.importance.permutation);
        let inputs = pieces.iter().map(|p| p.table.record.clone()).collect();
        let ledger = if let [one] = pieces.as_slice() {
            one.table.manifest.as_ref().map(|m| m.ledger.clone())
        } else {
            None
        };
        self.publish(&model, inputs, ledger.unwrap_or_default())
    }

    fn summarise(&self) -> Result<()> {
        self.exact_only()?;
        let pieces = self.pieces()?;
        let shape = self.shape(&pieces)?;
        let learned = self.learn(&pieces, &shape, 0)?;
        let known = if pieces[0].table.manifest.is_some() { Some(profile::learn(&pieces)?) } else { None };
        let summary = Summary::new(shape, known, &learned);
        let manifest = Manifest::new(
            Task::TrainModel,
            &self.settings.print()?,
            pieces.iter().map(|p| p.table.record.clone()).collect(),
        );
        let written = publish::of_bytes(&self.places.output, summary.to_json()?.as_bytes())?;
        self.places.publish(written, Vec::new(), manifest)?;
        log::info!("wrote {}", text::path(self.places.output.shown()));
        Ok(())
    }

    fn fit_summaries(&self, without: &[PathBuf]) -> Result<()> {
        self.exact_only()?;
        let all = (0..self.places.inputs.len())
            .map(|i| Summary::open(self.places, i))
            .collect::<Result<Vec<_>>>()?;
        let first = &all[0];
        let mut learned = first.learned()?;
        for (summary, path) in all.iter().zip(&self.places.inputs).skip(1) {
            first.shape.same(&summary.shape, path)?;
            learned.merge(&summary.learned()?)?;
        }
        let removed = self.places.with_inputs(without.to_vec());
        for (i, path) in without.iter().enumerate() {
            let summary = Summary::open(&removed, i)?;
            first.shape.same(&summary.shape, path)?;
            learned.remove(&summary.learned()?)?;
        }
        let shape = first.shape.clone();
        self.enough(&learned, &shape)?;
        let fitted = least_squares::fit(&self.settings.section, &shape.terms, &learned)?;
        fitted.log();
        let agreed = all.iter().all(|s| s.profile == first.profile);
        let known = first.profile.clone().filter(|_| agreed).unwrap_or_else(|| {
            log::warn!(
                "the pieces do not share one training profile: the model holds none, so drift cannot be told"
            );
            profile::Training::unknown(&shape.features.iter().map(|f| f.name.clone()).collect::<Vec<_>>())
        });
        let mut model = build::model(self.settings, shape, fitted, &learned, known)?;
        intervals::learn_without_rows(&mut model, &self.settings.section.intervals, &learned)?;
        self.publish(&model, Vec::new(), common::ledger::Ledger::default())
    }

    fn exact_only(&self) -> Result<()> {
        let section = &self.settings.section;
        let needs_rows = match section.model {
            Family::Tweedie => "linfa needs all rows at once",
            _ if section.solver == Solver::Linfa => "linfa needs all rows at once",
            Family::Boosted => "model = \"boosted\" needs all rows at once",
            Family::Auto => "model = \"auto\" compares on rows",
            _ => return Ok(()),
        };
        Err(Error::usage(format!("training summaries are for the exact solver: {needs_rows}")))
    }

    fn pieces(&self) -> Result<Vec<Piece>> {
        (0..self.places.inputs.len()).map(|i| Piece::open(self.places, i, self.settings)).collect()
    }

    /// What the pieces have in common; refused where they have not.
    fn shape(&self, pieces: &[Piece]) -> Result<Shape> {
        let of = |piece: &Piece, terms| Shape {
            features: piece.features.clone(),
            terms,
            target: piece.target.clone(),
            fields: piece.fields.clone(),
            preparation: build::preparation(piece),
        };
        let first = &pieces[0];
        if first.features.is_empty() {
            return Err(Error::new(Class::Rows, "the features table has no feature").at(&first.table.path));
        }
        self.settings.check_monotone(first.features.iter().map(|f| f.name.as_str()))?;
        let shape = of(first, Vec::new());
        for piece in &pieces[1..] {
            shape.same(&of(piece, Vec::new()), &piece.table.path)?;
        }
        Ok(Shape { terms: terms::make(&self.settings.section.terms, pieces)?, ..shape })
    }

    fn learn(&self, pieces: &[Piece], shape: &Shape, keep: usize) -> Result<Learned> {
        let section = &self.settings.section;
        let penalised = self.settings.families().iter().any(|family| family.penalised());
        let folds = if penalised && section.lambda.is_none() {
            Folds::new(self.settings, &pieces[0].table)?
        } else {
            Folds::none()
        };
        let design = shape.design();
        let mut learned = Learned::new(&design, &folds);
        for piece in pieces {
            learned.add_piece(piece, &design, &folds, keep)?;
        }
        Ok(learned)
    }

    fn enough(&self, learned: &Learned, shape: &Shape) -> Result<()> {
        let rows: u64 = learned.folds.iter().map(exact::gram::Gram::rows).sum();
        let section = &self.settings.section;
        let columns = shape.design().names().len() as u64 + u64::from(section.intercept);
        let mut why = format!("[train] min_rows = {}", section.min_rows);
        let mut least = section.min_rows;
        // A penalty determines coefficients that rows alone do not, and trees have none.
        if matches!(section.model, Family::Ols | Family::Tweedie) {
            why = format!("{why}, {columns} coefficients");
            least = least.max(columns);
        }
        if rows >= least {
            return Ok(());
        }
        Err(Error::new(
            Class::Rows,
            format!("not enough rows: {rows} to train on, {least} needed ({why}); nothing was written"),
        ))
    }

    /// Fits the family that the settings name, or the one that is chosen, whose settings are returned.
    fn fit(
        &self,
        pieces: &[Piece],
        shape: &Shape,
        learned: &Learned,
    ) -> Result<(Settings, Option<Choice>, Fitted)> {
        let (design, kept) = (shape.design(), OnceCell::new());
        let auto = self.settings.section.model == Family::Auto;
        let keys = if auto { choice::keys(self.settings, &pieces[0])? } else { Keys::default() };
        let read = || -> Result<Cow<'_, Rows>> {
            if let Some(rows) = kept.get() {
                return Ok(Cow::Borrowed(rows));
            }
            let rows = Rows::training(pieces, &keys)?;
            Ok(Cow::Borrowed(kept.get_or_init(|| rows)))
        };
        let (settings, choice) = if auto {
            let (family, choice) = choice::choose(self.settings, &design, pieces, &keys, read()?.as_ref())?;
            choice::log(&choice);
            (self.settings.with_model(family), Some(choice))
        } else {
            (self.settings.clone(), None)
        };
        let fitted = learner::of(&settings).fit(&Data::new(&design, learned, &read))?;
        fitted.log();
        Ok((settings, choice, fitted))
    }

    fn publish(&self, model: &Model, inputs: Vec<FileRecord>, ledger: common::ledger::Ledger) -> Result<()> {
        build::log(model);
        let mut manifest = Manifest::new(Task::TrainModel, &self.settings.print()?, inputs);
        manifest.ledger = ledger;
        manifest.found = json!({
            "training": model.training,
            "hyperparameters": model.hyperparameters,
            "aliased": model.function.left_out(),
            "choice": model.choice,
        });
        let written = publish::of_bytes(&self.places.output, &model.to_bytes()?)?;
        self.places.publish(written, Vec::new(), manifest)?;
        log::info!("wrote {}", text::path(self.places.output.shown()));
        Ok(())
    }
}
