//! From a record of the right form to its cells.

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};
use memchr::{memchr, memchr_iter};

use crate::bad::Problem;
use crate::walk::Form;

/// Splits records, one at a time; keeps its buffers.
pub(crate) struct Splitter {
    form: Form,
    /// Made for the first record with quotes: making it takes longer than reading many records.
    reader: Option<Box<csv_core::Reader>>,
    text: Vec<u8>,
    ends: Vec<usize>,
    bounds: Vec<(usize, usize)>,
}

/// Where the cells of a record are.
pub(crate) struct Split<'s> {
    /// The text that holds them: the record's own, or a copy without quotes.
    pub(crate) text: &'s [u8],
    /// Beginning and end of each cell in it, as far as columns go.
    pub(crate) bounds: &'s [(usize, usize)],
    /// Number of cells.
    pub(crate) cells: usize,
    /// Whether `text` is the record's own.
    pub(crate) own: bool,
}

/// A problem in a cell, counted from 1.
pub(crate) type InCell = (Option<usize>, Problem);

impl Splitter {
    pub(crate) fn new(form: &Form) -> Self {
        Self { form: form.clone(), reader: None, text: Vec::new(), ends: Vec::new(), bounds: Vec::new() }
    }

    /// The cells of a record without its line end, which has the right form.
    pub(crate) fn split<'s>(&'s mut self, record: &'s [u8], quoted: bool) -> Result<Split<'s>, InCell> {
        self.check(record, quoted)?;
        self.bounds.clear();
        let cells = if quoted {
            self.unquote(record)
        } else {
            let most = self.form.columns;
            let mut start = 0;
            let mut ends = memchr_iter(self.form.delimiter, record);
            for end in ends.by_ref().take(most) {
                self.bounds.push((start, end));
                start = end + 1;
            }
            let more = if self.bounds.len() < most { 0 } else { ends.count() };
            self.bounds.push((start, record.len()));
            self.bounds.len() + more
        };
        let most = self.form.field_bytes;
        if record.len() > most
            && cells <= self.form.columns
            && let Some(i) = self.bounds.iter().position(|(start, end)| end - start > most)
        {
            return Err((Some(i + 1), Problem::LongField(most)));
        }
        let text = if quoted { self.text.as_slice() } else { record };
        Ok(Split { text, bounds: &self.bounds, cells, own: !quoted })
    }

    fn check(&self, record: &[u8], quoted: bool) -> Result<(), InCell> {
        let column =
            |at: usize| (!quoted).then(|| memchr_iter(self.form.delimiter, &record[..at]).count() + 1);
        if let Some(at) = memchr(0, record) {
            return Err((column(at), Problem::Nul));
        }
        let stray = self.form.line_end.stray();
        if let Some(at) = memchr(stray, record)
            && (!quoted || self.form.outside_quotes(record, stray))
        {
            return Err((column(at), Problem::StrayLineEnd));
        }
        if let Some(escape) = self.form.escape
            && let Some(at) = memchr(escape, record)
            && (!quoted || self.form.outside_quotes(record, escape))
        {
            return Err((column(at), Problem::EscapeOutsideQuotes));
        }
        Ok(())
    }

    fn unquote(&mut self, record: &[u8]) -> usize {
        let reader = self.reader.get_or_insert_with(|| Box::new(machine(&self.form)));
        self.text.resize(record.len() + 1, 0);
        self.ends.resize(self.ends.len().max(64), 0);
        let (mut written, mut cells, mut more) = (0, 0, 0);
        let line_end = [self.form.line_end.byte()];
        for mut input in [record, &line_end] {
            loop {
                let (result, read, wrote, ended) =
                    reader.read_record(input, &mut self.text[written..], &mut self.ends[cells..]);
                input = &input[read..];
                written += wrote;
                cells += ended;
                match result {
                    ReadRecordResult::OutputEndsFull if cells <= self.form.columns => {
                        self.ends.resize(2 * self.ends.len(), 0);
                    }
                    ReadRecordResult::OutputEndsFull => (cells, more) = (cells - 1, more + 1),
                    ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                    _ => break,
                }
            }
        }
        self.text.truncate(written);
        let mut start = 0;
        for end in &self.ends[..cells] {
            self.bounds.push((start, *end));
            start = *end;
        }
        cells + more
    }
}

/// The machine of the `csv` crate for this form.
fn machine(form: &Form) -> csv_core::Reader {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(form.delimiter).terminator(Terminator::Any(form.line_end.byte())).escape(form.escape);
    if let Some(quote) = form.quote {
        builder.quote(quote);
    }
    let mut reader = builder.build();
    // Of the first bytes it reads it drops a byte order mark; in a record it is text.
    let _ = reader.read_record(&[b'x', form.line_end.byte()], &mut [0; 4], &mut [0; 4]);
    reader
}
