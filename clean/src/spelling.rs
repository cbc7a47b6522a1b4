//! How values are written, where one source writes them otherwise than the rest.

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::lines::{self, LineIndex};
use common::schema::{Form, Numerals};
use serde::Deserialize;

/// How values are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spelling {
    /// Cells that stand for a missing value.
    pub(crate) missing: Vec<String>,
    pub(crate) numerals: Numerals,
}

/// What `ingest` records of a source that writes values in its own way.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct FoundSource {
    null_tokens: Option<Vec<String>>,
    numerals: Option<Numerals>,
}

/// The spelling of all sources, and the own ones of some.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spellings {
    /// Without repeats; the first is that of all.
    all: Vec<Spelling>,
    own: Option<Own>,
}

/// Which rows have which spelling.
#[derive(Clone, Debug)]
struct Own {
    lines: LineIndex,
    /// By source, the number of its spelling.
    of_source: Vec<usize>,
}

impl Spellings {
    /// One spelling for all rows.
    pub(crate) fn one(missing: Vec<String>, numerals: Numerals) -> Self {
        Self { all: vec![Spelling { missing, numerals }], own: None }
    }

    /// The spelling `base` of all sources, and those that `sources` have of their own.
    ///
    /// # Errors
    /// [`common::Class::Checkpoint`] where nothing says which rows came from which source.
    pub(crate) fn found(base: Spelling, sources: Vec<FoundSource>, raw: &Checkpoint) -> Result<Self> {
        let (missing, numerals) = (base.missing.clone(), base.numerals);
        let mut all = vec![base];
        let mut of_source = Vec::with_capacity(sources.len());
        for source in sources {
            let one = Spelling {
                missing: source.null_tokens.unwrap_or_else(|| missing.clone()),
                numerals: source.numerals.unwrap_or(numerals),
            };
            let number = all.iter().position(|known| *known == one).unwrap_or(all.len());
            if number == all.len() {
                all.push(one);
            }
            of_source.push(number);
        }
        if all.len() == 1 {
            return Ok(Self { all, own: None });
        }
        let index = raw.companion_listed(lines::ENDING)?.map(|path| LineIndex::read(&path)).transpose()?;
        let lines = index.flatten().ok_or_else(|| {
            Error::checkpoint("its sources write values in different ways, and no line index says which rows are whose; run `ingest` again")
                .at(&raw.path)
        })?;
        Ok(Self { all, own: Some(Own { lines, of_source }) })
    }

    /// The cells that stand for a missing value in all sources.
    pub(crate) fn missing(&self) -> &[String] {
        self.all.first().map_or(&[], |s| &s.missing)
    }

    /// The marks of numbers of all sources.
    pub(crate) fn base(&self) -> Numerals {
        self.all.first().map_or(Numerals::PLAIN, |s| s.numerals)
    }

    /// The cells that stand for a missing value in each spelling.
    pub(crate) fn each_missing(&self) -> impl Iterator<Item = &[String]> {
        self.all.iter().map(|s| s.missing.as_slice())
    }

    /// The number of the spelling of each of `rows` rows from `first` (from 0) on; nothing where there is one for all.
    pub(crate) fn of_rows(&self, first: u64, rows: usize) -> Option<Vec<usize>> {
        let own = self.own.as_ref()?;
        let of_row = |row: u64| own.of_source.get(own.lines.place(row).0).copied().unwrap_or(0);
        Some((first..).take(rows).map(of_row).collect())
    }

    /// The form of a column in each spelling; `form` is that in the first.
    pub(crate) fn forms(&self, form: &Form) -> Vec<Form> {
        let others = self.all.iter().skip(1).map(|s| Form::new(form.pattern(), s.numerals));
        std::iter::once(form.clone()).chain(others).collect()
    }
}
