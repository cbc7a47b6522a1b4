//! Figure data: what charts are drawn from, as CSV beside `metrics.json`. Columns and units: `docs/formats.md`.
//!
//! All five are written whatever the data, so that none of an earlier run is left; without rows they are a header.

mod rows;
mod sheet;

use common::checkpoint::Places;
use common::error::Result;
use common::publish::{self, Target, Written};
use stats::{Bin, Isotonic, Step, Value};

use crate::learn::Learned;
use crate::metrics::{Metrics, PARTS};
use sheet::{Sheet, number};

pub(crate) use rows::TestRows;

/// What charts are drawn from, but for what `metrics.json` holds itself.
pub(crate) struct Figures {
    /// The isotonic fit of each part, in the order of [`PARTS`].
    reliability: [Vec<Step>; 3],
    /// Prediction minus outcome on the test part.
    residuals: Vec<Bin>,
}

impl Figures {
    /// Of what was learned; `fits` are the isotonic fits of the parts.
    pub(crate) fn of(learned: &mut Learned, fits: [Value<Isotonic>; 3]) -> Self {
        let [.., test] = &mut learned.parts;
        let errors: Vec<f64> = test.score.calibration.rows().iter().map(|(f, y)| f - y).collect();
        // What has no finite form has no chart.
        let residuals = stats::histogram(&errors).unwrap_or_default();
        Self { reliability: fits.map(|fit| fit.map(|fit| fit.steps).unwrap_or_default()), residuals }
    }

    /// Writes them beside the output; nothing for an output to a pipe without a place for its manifest.
    ///
    /// # Errors
    /// [`common::Class::Write`].
    pub(crate) fn write(
        &self,
        places: &Places,
        metrics: &Metrics,
        rows: TestRows<'_>,
    ) -> Result<Vec<Written>> {
        let (predicted, by_time) = rows.sheets()?;
        let sheets = [
            ("reliability.csv", self.reliability()?),
            ("deciles.csv", deciles(metrics)?),
            ("residuals.csv", self.residuals()?),
            ("predicted.csv", predicted),
            ("by_time.csv", by_time),
        ];
        let write = |(ending, sheet): (&str, Sheet)| {
            let path = places.companion(ending)?;
            Some(sheet.bytes().and_then(|bytes| publish::of_bytes(&Target::file(&path), &bytes)))
        };
        sheets.into_iter().filter_map(write).collect()
    }

    fn reliability(&self) -> Result<Sheet> {
        let mut sheet = Sheet::new(&["part", "min_predicted", "max_predicted", "fitted", "n"])?;
        for (part, steps) in PARTS.iter().zip(&self.reliability) {
            for step in steps {
                let numbers = [step.min_predicted, step.max_predicted, step.fitted].map(number);
                sheet.row([(*part).to_owned()].into_iter().chain(numbers).chain([step.n.to_string()]))?;
            }
        }
        Ok(sheet)
    }

    fn residuals(&self) -> Result<Sheet> {
        let mut sheet = Sheet::new(&["lower", "upper", "n"])?;
        for bin in &self.residuals {
            sheet.row([number(bin.lower), number(bin.upper), bin.n.to_string()])?;
        }
        Ok(sheet)
    }
}

fn deciles(metrics: &Metrics) -> Result<Sheet> {
    let titles = [
        "part",
        "bin",
        "min_predicted",
        "max_predicted",
        "mean_predicted",
        "mean_actual",
        "sd_residual",
        "n",
    ];
    let mut sheet = Sheet::new(&titles)?;
    for (name, part) in PARTS.iter().zip([&metrics.train, &metrics.calibration, &metrics.test]) {
        for (bin, place) in part.calibration.deciles.iter().zip(1..) {
            let place: u64 = place;
            let numbers =
                [bin.min_predicted, bin.max_predicted, bin.mean_predicted, bin.mean_actual, bin.sd_residual];
            let known = [(*name).to_owned(), place.to_string()].into_iter().chain(numbers.map(number));
            sheet.row(known.chain([bin.n.to_string()]))?;
        }
    }
    Ok(sheet)
}
