//! The one error type of all stages, and the exit code each class of failure has.
//!
//! | code | class | meaning |
//! | --- | --- | --- |
//! | 1 | `Unexpected` | a defect or an operating-system failure nobody planned for |
//! | 2 | `Usage` | a wrong command line or configuration |
//! | 10 | `Schema` | the data break the contract on columns |
//! | 11 | `Rows` | not enough rows |
//! | 12 | `Gate` | a gate or a check failed |
//! | 13 | `Checkpoint` | a checkpoint is missing, damaged or does not belong |
//! | 20 | `Unavailable` | a source was not available after all retries |
//! | 21 | `Refused` | a source is refused for good |
//! | 22 | `Write` | cannot write |
//! | 141 | `Pipe` | the reader of standard output went away |

use std::fmt;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::text;

/// Result with the [`Error`] of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// The class of a failure; decides the exit code. Its name stands in `[notify] on` and in payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A defect, or a failure of the operating system that nobody planned for.
    Unexpected,
    /// A wrong command line or configuration.
    Usage,
    /// The data break the contract on columns.
    Schema,
    /// Not enough rows.
    Rows,
    /// A gate or a check failed.
    Gate,
    /// A checkpoint is missing, damaged or does not belong.
    Checkpoint,
    /// A source was not available after all retries.
    Unavailable,
    /// A source is refused for good.
    Refused,
    /// Cannot write.
    Write,
    /// The reader of standard output went away; not worth a message.
    #[serde(skip)]
    Pipe,
}

impl Class {
    /// Exit code of a stage that ends with this class.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Schema => 10,
            Self::Rows => 11,
            Self::Gate => 12,
            Self::Checkpoint => 13,
            Self::Unavailable => 20,
            Self::Refused => 21,
            Self::Write => 22,
            Self::Pipe => 141,
        }
    }
}

/// A failure: what was found, what was expected, what to do, and where.
///
/// `Display` is one line, safe for a terminal whatever the data hold.
#[derive(Clone, Debug)]
pub struct Error {
    class: Class,
    place: Option<String>,
    message: String,
    details: Vec<String>,
}

impl Error {
    /// An error of `class` with a one-line message.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, place: None, message: message.into(), details: Vec::new() }
    }

    /// A wrong command line or configuration (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Class::Usage, message)
    }

    /// A failure nobody planned for (exit 1).
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::new(Class::Unexpected, message)
    }

    /// A checkpoint that is missing, damaged or does not belong (exit 13).
    pub fn checkpoint(message: impl Into<String>) -> Self {
        Self::new(Class::Checkpoint, message)
    }

    /// `path` could not be written (exit 22); a reader gone from a pipe is [`Class::Pipe`].
    #[must_use]
    pub fn write(path: &Path, error: &io::Error) -> Self {
        let class = if error.kind() == io::ErrorKind::BrokenPipe { Class::Pipe } else { Class::Write };
        Self::new(class, format!("cannot write: {}", reason(error))).at(path)
    }

    /// `path` could not be read although it exists.
    #[must_use]
    pub fn read(path: &Path, error: &io::Error) -> Self {
        Self::new(Class::Checkpoint, format!("cannot read: {}", reason(error))).at(path)
    }

    /// Adds the file the error is about.
    #[must_use]
    pub fn at(mut self, path: &Path) -> Self {
        self.place = Some(text::path(path));
        self
    }

    /// Adds the file and the line (counted from 1) the error is about.
    #[must_use]
    pub fn at_line(mut self, path: &Path, line: u64) -> Self {
        self.place = Some(format!("{}:{line}", text::path(path)));
        self
    }

    /// Adds further lines, shown below the message in the log and sent with a notification.
    #[must_use]
    pub fn with_details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// The class, which decides the exit code.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// The further lines.
    #[must_use]
    pub fn details(&self) -> &[String] {
        &self.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&text::one_line(&self.message))
    }
}

impl std::error::Error for Error {}

/// A table operation that cannot fail on tables of known columns and types, and did.
impl From<polars::prelude::PolarsError> for Error {
    fn from(error: polars::prelude::PolarsError) -> Self {
        Self::unexpected(format!("cannot build a table: {error}"))
    }
}

/// The operating system's reason, in words a person can act on.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "no space left on the device".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        io::ErrorKind::FileTooLarge => "the file would exceed the size limit".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        _ => error.to_string(),
    }
}
