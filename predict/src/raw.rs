//! Scoring raw rows.

use common::checkpoint::Places;
use common::error::{Error, Result};
use model::Model;

use crate::Args;
use crate::writer::Writer;

/// Raw rows to be scored.
pub(crate) struct Raw;

impl Raw {
    /// Whether the model holds how raw rows become features.
    pub(crate) fn is_known(model: &Model) -> bool {
        model.preparation.contains_key("clean")
    }

    pub(crate) fn new(_args: &Args, _places: &Places, _model: &Model) -> Result<Self> {
        Err(Error::usage("raw rows are not scored yet"))
    }

    pub(crate) fn score(self, _writer: &mut Writer) -> Result<()> {
        Ok(())
    }
}
