//! `train-model`: fits the regression on the training rows and writes the model file.
//!
//! The exact family (least squares, ridge, lasso, elastic net) is learned in one pass over any number of
//! pieces, merged, and fitted from exact sums: the model file has the same bytes whatever the order of
//! rows and pieces. A second pass measures the training error. `--summary` keeps what a piece taught, and
//! `--from-summaries` fits without reading rows again.
#![forbid(unsafe_code)]

mod alias;
mod apply;
mod build;
mod by_linfa;
mod design;
mod folds;
mod intervals;
mod learn;
mod least_squares;
mod piece;
mod profile;
mod rows;
mod settings;
mod summary;
mod terms;

use std::path::PathBuf;

use common::checkpoint::Places;
use common::error::{Class, Error, Result};
use common::manifest::{FileRecord, Manifest};
use common::publish;
use common::{CommonArgs, Task, stage, text};
use model::Model;
use serde_json::json;

use folds::Folds;
use learn::Learned;
use least_squares::Fitted;
use piece::Piece;
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
        let learned = self.learn(&pieces, &shape)?;
        self.enough(&learned, &shape)?;
        let fitted = self.fit(&pieces, &shape, &learned)?;
        let known = profile::learn(&pieces)?;
        let mut model = build::model(self.settings, shape, fitted, &learned, known)?;
        apply::training(&mut model, &pieces)?;
        intervals::learn(&mut model, &self.settings.section.intervals, &pieces, &learned)?;
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
        let learned = self.learn(&pieces, &shape)?;
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
        if section.model == Family::Tweedie || section.solver == Solver::Linfa {
            return Err(Error::usage(
                "training summaries are for the exact solver: linfa needs all rows at once",
            ));
        }
        Ok(())
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
        let shape = of(first, Vec::new());
        for piece in &pieces[1..] {
            shape.same(&of(piece, Vec::new()), &piece.table.path)?;
        }
        Ok(Shape { terms: terms::make(&self.settings.section.terms, pieces)?, ..shape })
    }

    fn learn(&self, pieces: &[Piece], shape: &Shape) -> Result<Learned> {
        let section = &self.settings.section;
        let penalised = matches!(section.model, Family::Ridge | Family::Lasso | Family::ElasticNet);
        let folds = if penalised && section.lambda.is_none() {
            Folds::new(self.settings, &pieces[0].table)?
        } else {
            Folds::none()
        };
        let design = shape.design();
        let mut learned = Learned::new(&design, &folds);
        for piece in pieces {
            learned.add_piece(piece, &design, &folds)?;
        }
        Ok(learned)
    }

    fn enough(&self, learned: &Learned, shape: &Shape) -> Result<()> {
        let rows: u64 = learned.folds.iter().map(exact::gram::Gram::rows).sum();
        let columns = shape.design().names().len() as u64 + u64::from(self.settings.section.intercept);
        let penalised = !matches!(self.settings.section.model, Family::Ols | Family::Tweedie);
        // A penalty determines coefficients that rows alone do not.
        let least = self.settings.section.min_rows.max(if penalised { 2 } else { columns });
        if rows >= least {
            return Ok(());
        }
        Err(Error::new(
            Class::Rows,
            format!(
                "not enough rows: {rows} to train on, {least} needed ([train] min_rows = {}, {columns} coefficients); nothing was written",
                self.settings.section.min_rows
            ),
        ))
    }

    fn fit(&self, pieces: &[Piece], shape: &Shape, learned: &Learned) -> Result<Fitted> {
        let section = &self.settings.section;
        let names = shape.design().names();
        match (section.model, section.solver) {
            (Family::Tweedie, _) => by_linfa::tweedie(&names, &rows::read(pieces)?, section.power),
            (Family::Ols, Solver::Linfa) => by_linfa::ols(&names, &rows::read(pieces)?),
            _ => least_squares::fit(section, &shape.terms, learned),
        }
    }

    fn publish(&self, model: &Model, inputs: Vec<FileRecord>, ledger: common::ledger::Ledger) -> Result<()> {
        build::log(model);
        let mut manifest = Manifest::new(Task::TrainModel, &self.settings.print()?, inputs);
        manifest.ledger = ledger;
        manifest.found = json!({
            "training": model.training,
            "hyperparameters": model.hyperparameters,
            "aliased": model.function.left_out(),
        });
        let written = publish::of_bytes(&self.places.output, &model.to_bytes()?)?;
        self.places.publish(written, Vec::new(), manifest)?;
        log::info!("wrote {}", text::path(self.places.output.shown()));
        Ok(())
    }
}
