use exact::moments::centred;
use exact::{Dd, Sum};
use serde::{Deserialize, Serialize};

use crate::absent::{finite, ratio};
use crate::{Absent, Line, Pairs, Reason, Value};

/// Predictions that isotonic regression gives one and the same outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Rows.
    pub n: u64,
    /// Least prediction.
    pub min_predicted: f64,
    /// Largest prediction.
    pub max_predicted: f64,
    /// Mean outcome: what the predictions of this step should have been.
    pub fitted: f64,
}

/// The isotonic regression of outcomes on predictions: the nondecreasing function of the prediction
/// with the least squared error, by pooling adjacent violators (Ayer et al. 1955; de Leeuw, Hornik and
/// Mair 2009). Rows with equal predictions are pooled first. Fitted outcomes ascend from step to step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// The steps, ascending by prediction; with the predictions they are the reliability diagram.
    pub steps: Vec<Step>,
    /// What the mean squared error is made of.
    pub decomposition: Decomposition,
}

/// Mean squared error as miscalibration less discrimination plus uncertainty (Gneiting and Resin 2023):
/// `mse = mcb - dsc + unc`; all four in the unit of the target squared, and none below 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decomposition {
    /// Rows.
    pub n: u64,
    /// Mean squared error of the predictions.
    pub mse: Option<f64>,
    /// What recalibrating by isotonic regression would save; 0 is ideal.
    pub mcb: Option<f64>,
    /// What the recalibrated predictions save against the mean outcome; more is better.
    pub dsc: Option<f64>,
    /// Mean squared error of the mean outcome.
    pub unc: Option<f64>,
    /// Reasons of the measures that are `null`.
    #[serde(default, skip_serializing_if = "Absent::is_empty")]
    pub absent: Absent,
}

impl Isotonic {
    /// Fits the rows.
    ///
    /// # Errors
    /// [`Reason::NoRows`]; [`Reason::Overflow`] where sums of outcomes pass the range of `f64`.
    pub fn fit(pairs: &mut Pairs) -> Value<Self> {
        let (predicted, actual): (Vec<f64>, Vec<f64>) = pairs.sorted().iter().copied().unzip();
        let mut whole = Line::new();
        whole.extend(&predicted, &actual);
        Self::fit_with(&whole, pairs)
    }

    /// The same where `whole` has the sums over these rows.
    pub(crate) fn fit_with(whole: &Line, pairs: &mut Pairs) -> Value<Self> {
        let rows = pairs.sorted();
        if rows.is_empty() {
            return Err(Reason::NoRows);
        }
        let blocks = pool(rows)?;
        let mut outcomes = Vec::new();
        // n times the mean squared error of the fitted outcomes.
        let mut within = Sum::new();
        let mut steps = Vec::with_capacity(blocks.len());
        let mut start = 0;
        for block in &blocks {
            let rows = &rows[start..start + block.n];
            start += block.n;
            let mut fitted = rows[0].1 + 0.0;
            if rows.len() > 1 {
                outcomes.clear();
                outcomes.extend(rows.iter().map(|row| row.1));
                let (n, mut sum, mut squares) = (Sum::from(rows.len() as f64), Sum::new(), Sum::new());
                sum.add_all(&outcomes);
                squares.add_squares(&outcomes);
                let around = centred(&n, &squares, &sum, &sum).ratio(&n);
                finite(around.to_f64())?;
                within.add_dd(around);
                fitted = ratio(&sum, &n)?;
            }
            steps.push(Step {
                n: rows.len() as u64,
                min_predicted: rows[0].0,
                max_predicted: rows[rows.len() - 1].0,
                fitted,
            });
        }
        Ok(Self { steps, decomposition: decompose(whole, &within)? })
    }
}

impl Decomposition {
    /// What stands where there is no fit.
    pub(crate) fn absent(n: u64, reason: Reason) -> Self {
        let mut absent = Absent::default();
        let mut none = |key| absent.keep(key, Err(reason));
        let (mse, mcb, dsc, unc) = (none("mse"), none("mcb"), none("dsc"), none("unc"));
        Self { n, mse, mcb, dsc, unc, absent }
    }
}

/// Differences are taken of wide sums, so that a small part keeps its digits beside a large one.
fn decompose(whole: &Line, within: &Sum) -> Value<Decomposition> {
    let n = whole.rows()?;
    let error = whole.squared_error();
    let total = whole.total(&n).ratio(&n);
    finite(total.to_f64())?;
    let mut around = Sum::new();
    around.add_dd(total);
    let less = |sum: &Sum| {
        let mut difference = sum.clone();
        difference.subtract(within);
        // The fit minimises the error, so a difference below 0 is the rounding of `within`.
        ratio(&difference, &n).map(|value| value.max(0.0))
    };
    let mut absent = Absent::default();
    Ok(Decomposition {
        n: whole.n(),
        mse: absent.keep("mse", ratio(&error, &n)),
        mcb: absent.keep("mcb", less(&error)),
        dsc: absent.keep("dsc", less(&around)),
        unc: absent.keep("unc", ratio(&around, &n)),
        absent,
    })
}

struct Block {
    n: usize,
    sum: Dd,
}

impl Block {
    /// Means compared by cross products, without a division; finite sums times counts stay ordered.
    fn at_least(&self, next: &Self) -> bool {
        self.sum * (next.n as f64) >= next.sum * (self.n as f64)
    }
}

/// Pools rows, sorted by prediction, until block means ascend. Linear in the rows.
fn pool(rows: &[(f64, f64)]) -> Value<Vec<Block>> {
    let mut blocks: Vec<Block> = Vec::new();
    for tied in rows.chunk_by(|a, b| a.0 >= b.0) {
        let mut block = Block { n: tied.len(), sum: tied.iter().map(|row| Dd::from(row.1)).sum() };
        while let Some(last) = blocks.pop_if(|last| last.at_least(&block)) {
            block = Block { n: last.n + block.n, sum: last.sum + block.sum };
        }
        if !(block.sum * (rows.len() as f64)).is_finite() {
            return Err(Reason::Overflow);
        }
        blocks.push(block);
    }
    Ok(blocks)
}
