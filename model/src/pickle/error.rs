//! Why a pickle is not read or not written.

#![expect(missing_docs, reason = "the fields are what the message of each variant shows")]

use std::fmt;

use super::{MAX_BYTES, MAX_DEPTH, MAX_VALUES};

/// Why a file is not read as a model; offsets count bytes from 0.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The file has no bytes.
    Empty,
    /// The file is of another kind, known by its first bytes.
    OtherFile { kind: &'static str },
    /// The file begins with no protocol header.
    NoHeader { byte: u8 },
    /// The protocol is none of 2 to 5.
    Protocol { version: u8 },
    /// An opcode that names or calls code.
    CodeOpcode { opcode: &'static str, offset: usize },
    /// An opcode that plain data does not need.
    OtherOpcode { opcode: &'static str, offset: usize },
    /// A byte that is no opcode.
    UnknownOpcode { byte: u8, offset: usize },
    /// The file ends within an opcode, or without STOP.
    Truncated { reading: &'static str, offset: usize },
    /// Bytes follow STOP.
    Trailing { bytes: usize, offset: usize },
    /// The file is longer than [`MAX_BYTES`].
    TooLarge { bytes: usize },
    /// Lists and dicts nest deeper than [`MAX_DEPTH`].
    TooDeep { offset: usize },
    /// More than [`MAX_VALUES`] values would be built.
    TooManyValues { offset: usize },
    /// More than [`MAX_BYTES`] bytes of text would be built.
    TooMuchText { offset: usize },
    /// A list or dict holds itself.
    Cycle { offset: usize },
    /// A string is not UTF-8.
    NotUtf8 { offset: usize },
    /// A float is NaN or infinite.
    NotFinite { value: f64, offset: usize },
    /// An integer is outside 64 bits.
    IntRange { offset: usize },
    /// A dict has the same key twice.
    DuplicateKey { key: String, offset: usize },
    /// A dict key is not a string.
    KeyType { found: &'static str, offset: usize },
    /// A memo entry is used that was never stored.
    NoMemo { index: u32, offset: usize },
    /// An opcode does not fit what is on the stack.
    Stack { opcode: &'static str, found: &'static str, offset: usize },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the file is empty"),
            Self::OtherFile { kind } => write!(f, "not a pickle: the file looks like {kind}"),
            Self::NoHeader { byte } => {
                write!(f, "not a pickle of protocol 2 to 5: the first byte is 0x{byte:02x}, not 0x80")
            }
            Self::Protocol { version } => {
                write!(f, "pickle protocol {version} at byte 1: only 2 to 5 are read")
            }
            Self::CodeOpcode { opcode, offset } => {
                write!(f, "opcode {opcode} at byte {offset} names or calls code")
            }
            Self::OtherOpcode { opcode, offset } => {
                write!(f, "opcode {opcode} at byte {offset} has no place in plain data")
            }
            Self::UnknownOpcode { byte, offset } => {
                write!(f, "byte 0x{byte:02x} at byte {offset} is no pickle opcode")
            }
            Self::Truncated { reading, offset } => {
                write!(f, "the file is cut off: {reading} at byte {offset} is not complete")
            }
            Self::Trailing { bytes, offset } => {
                write!(f, "{bytes} bytes follow STOP, from byte {offset}")
            }
            Self::TooLarge { bytes } => {
                write!(f, "the file has {bytes} bytes, the limit is {MAX_BYTES}")
            }
            Self::TooDeep { offset } => {
                write!(f, "lists and dicts nest deeper than {MAX_DEPTH} at byte {offset}")
            }
            Self::TooManyValues { offset } => {
                write!(f, "more than {MAX_VALUES} values would be built, reached at byte {offset}")
            }
            Self::TooMuchText { offset } => {
                write!(f, "more than {MAX_BYTES} bytes of text would be built, reached at byte {offset}")
            }
            Self::Cycle { offset } => write!(f, "a list or dict at byte {offset} holds itself"),
            Self::NotUtf8 { offset } => write!(f, "text that is not UTF-8 at byte {offset}"),
            Self::NotFinite { value, offset } => {
                write!(f, "number {value} at byte {offset} is not finite")
            }
            Self::IntRange { offset } => {
                write!(f, "integer at byte {offset} does not fit 64 bits")
            }
            Self::DuplicateKey { key, offset } => {
                write!(f, "key {} at byte {offset} is there twice", common::text::name(key))
            }
            Self::KeyType { found, offset } => {
                write!(f, "a dict key at byte {offset} is {found}, not a string")
            }
            Self::NoMemo { index, offset } => {
                write!(f, "memo entry {index}, used at byte {offset}, was never stored")
            }
            Self::Stack { opcode, found, offset } => write!(f, "opcode {opcode} at byte {offset}: {found}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Why a value is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Lists and dicts nest deeper than [`MAX_DEPTH`].
    TooDeep,
    /// There are more than [`MAX_VALUES`] values.
    TooManyValues,
    /// The file would be longer than [`MAX_BYTES`].
    TooLarge { bytes: usize },
    /// A number is neither `i64`, `u64` nor a finite `f64`.
    Number { text: String },
    /// The encoder failed.
    Encoder(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => write!(f, "lists and dicts nest deeper than {MAX_DEPTH}"),
            Self::TooManyValues => write!(f, "more than {MAX_VALUES} values"),
            Self::TooLarge { bytes } => {
                write!(f, "the pickle has {bytes} bytes, the limit is {MAX_BYTES}")
            }
            Self::Number { text } => {
                write!(f, "number {text} is neither a 64-bit integer nor a finite float")
            }
            Self::Encoder(text) => write!(f, "the pickle encoder failed: {text}"),
        }
    }
}

impl std::error::Error for Error {}
