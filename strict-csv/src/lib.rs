//! Raw CSV files, read right or refused.
//!
//! A source's bytes go through [`inflate`] (gzip, Zstandard), [`decode`] (to UTF-8) and [`Blocks`],
//! which cuts them at the ends of records. Each [`Block`] can then be read on a thread of its own: its
//! records come out as cells, and what breaks the form comes out as [`Bad`], by line and byte, never
//! repaired and never guessed. [`sniff`] finds the parts of the [`Dialect`] that nobody gave.
//!
//! The form is that of RFC 4180 (<https://www.rfc-editor.org/rfc/rfc4180>), made strict: a quote opens
//! a cell only at its beginning, after its closing quote comes a delimiter or the end of the line, and
//! all records have the same number of cells. Blank lines are no records.

mod bad;
mod block;
mod blocks;
pub mod decode;
mod dialect;
mod encoding;
mod footer;
mod header;
mod held;
pub mod inflate;
mod limits;
mod record;
pub mod sniff;
mod walk;

pub use bad::{Bad, Damage, Problem};
pub use block::{Block, Cells, Record};
pub use blocks::Blocks;
pub use dialect::{Dialect, LineEnd};
pub use encoding::Encoding;
pub use header::Header;
pub use held::{Extent, Held};
pub use limits::Limits;
