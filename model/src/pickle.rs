//! `model.pkl`: a real Python pickle of plain data that names and calls no code.
//!
//! Encoder: `serde-pickle`. Decoder: our own, since that crate refuses u64 above `i64::MAX`, gives NaN as null, keeps the last of two equal keys and bounds neither nesting nor shared values.

mod check;
mod decode;
mod error;
mod machine;
mod sniff;
mod tree;

use serde_json::Value;

use decode::{Op, Opcodes};
pub use error::{Error, Refusal};

/// The longest file that is read or written, in bytes; also the most text that is built.
pub const MAX_BYTES: usize = 256 << 20;

/// How deep lists and dicts may nest.
pub const MAX_DEPTH: usize = 64;

/// How many values, keys among them, may be built; a value used twice counts twice.
///
/// It bounds the memory of a hostile file: at worst some 800 MiB, as dicts of one key each.
pub const MAX_VALUES: usize = 1 << 21;

/// Encodes a value as a pickle that `pickle.load` of Python 3.4 and later reads.
///
/// Protocol 3, the newest that `serde-pickle` writes and one that every Python 3 reads; protocol 4 would only
/// save bytes. Equal values give equal bytes. Floats keep all bits.
///
/// # Errors
///
/// What [`read`] would refuse is not written: too deep, too many values, too many bytes, a number that is
/// neither `i64`, `u64` nor a finite `f64`. The whole may be any value; that it is a dict is up to the caller.
pub fn write(value: &Value) -> Result<Vec<u8>, Error> {
    check::check(value)?;
    let bytes = serde_pickle::to_vec(value, serde_pickle::SerOptions::new())
        .map_err(|error| Error::Encoder(error.to_string()))?;
    if bytes.len() > MAX_BYTES {
        return Err(Error::TooLarge { bytes: bytes.len() });
    }
    Ok(bytes)
}

/// Decodes a pickle of protocol 2 to 5 that holds plain data; tuples become arrays.
///
/// # Errors
///
/// A [`Refusal`] says what was found and at which byte. All opcodes are checked before the first value is built.
pub fn read(bytes: &[u8]) -> Result<Value, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len() });
    }
    sniff::sniff(bytes)?;
    let opcodes = Opcodes::new(bytes)?;
    scan(opcodes.clone())?;
    let (cells, root) = machine::run(opcodes)?;
    tree::build(&cells, root)
}

/// Goes over all opcodes up to the end of the file and builds nothing.
fn scan(mut opcodes: Opcodes<'_>) -> Result<(), Refusal> {
    loop {
        let step = opcodes.step()?;
        if matches!(step.op, Op::Stop) {
            break;
        }
    }
    match opcodes.left() {
        0 => Ok(()),
        bytes => Err(Refusal::Trailing { bytes, offset: opcodes.offset() }),
    }
}
