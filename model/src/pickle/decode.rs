//! Reads the opcodes of a pickle one by one: exactly those of plain data, any other is refused.

use crate::opcodes::{NEXT, name, refuse};

use super::Refusal;

fn truncated(code: u8, offset: usize) -> Refusal {
    Refusal::Truncated { reading: name(code), offset }
}

/// Which values an opcode takes off the stack.
#[derive(Clone, Copy)]
pub(crate) enum Take {
    Top(usize),
    AboveMark,
}

/// One allowed opcode with its argument; integers fit `i64` or `u64`, floats are finite.
#[derive(Clone, Copy)]
pub(crate) enum Op<'a> {
    Frame,
    Mark,
    Stop,
    EmptyDict,
    SetItems(Take),
    EmptyList,
    Append(Take),
    Tuple(Take),
    Memoize,
    Put(u32),
    Get(u32),
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(&'a str),
}

/// One opcode and where it stands in the file.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub code: u8,
    pub offset: usize,
    pub op: Op<'a>,
}

/// Goes through the opcodes of a file, none but the allowed.
#[derive(Clone)]
pub(crate) struct Opcodes<'a> {
    total: usize,
    rest: &'a [u8],
}

impl<'a> Opcodes<'a> {
    /// The opcodes after the protocol header.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut opcodes = Self { total: bytes.len(), rest: bytes };
        let [_, version] = opcodes.array(0x80)?;
        if (2..=5).contains(&version) { Ok(opcodes) } else { Err(Refusal::Protocol { version }) }
    }

    /// How many bytes are not yet read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Where the next byte stands in the file.
    pub(super) fn offset(&self) -> usize {
        self.total - self.rest.len()
    }

    fn take(&mut self, count: usize, code: u8) -> Result<&'a [u8], Refusal> {
        let offset = self.offset();
        let (head, rest) = self.rest.split_at_checked(count).ok_or_else(|| truncated(code, offset))?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self, code: u8) -> Result<[u8; N], Refusal> {
        let offset = self.offset();
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| truncated(code, offset))?;
        self.rest = rest;
        Ok(*head)
    }

    fn text(&mut self, length: u64, code: u8) -> Result<Op<'a>, Refusal> {
        // A length beyond the address space is beyond the file too.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let bytes = self.take(length, code)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Op::Text(text)),
            Err(error) => Err(Refusal::NotUtf8 { offset: self.offset() - length + error.valid_up_to() }),
        }
    }

    fn frame(&mut self, code: u8) -> Result<Op<'a>, Refusal> {
        let length = u64::from_le_bytes(self.array(code)?);
        if usize::try_from(length).is_ok_and(|length| length <= self.rest.len()) {
            Ok(Op::Frame)
        } else {
            Err(truncated(code, self.offset()))
        }
    }

    fn long(&mut self, code: u8) -> Result<Op<'a>, Refusal> {
        let offset = self.offset() - 1;
        let [length] = self.array(code)?;
        let bytes = self.take(usize::from(length), code)?;
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 16];
        // Python writes no more bytes than needed: a longer one is beyond 64 bits.
        match wide.get_mut(..bytes.len()) {
            Some(low) => low.copy_from_slice(bytes),
            None => return Err(Refusal::IntRange { offset }),
        }
        let value = i128::from_le_bytes(wide);
        if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value) {
            Ok(Op::Int(value))
        } else {
            Err(Refusal::IntRange { offset })
        }
    }

    fn float(&mut self, code: u8) -> Result<Op<'a>, Refusal> {
        let offset = self.offset() - 1;
        let value = f64::from_be_bytes(self.array(code)?);
        if value.is_finite() { Ok(Op::Float(value)) } else { Err(Refusal::NotFinite { value, offset }) }
    }

    /// Reads the next opcode with its argument, or refuses it.
    pub(super) fn step(&mut self) -> Result<Step<'a>, Refusal> {
        let offset = self.offset();
        let [code] = self.array(NEXT)?;
        let op = match code {
            0x95 => self.frame(code)?,
            b'(' => Op::Mark,
            b'.' => Op::Stop,
            b'}' => Op::EmptyDict,
            b's' => Op::SetItems(Take::Top(2)),
            b'u' => Op::SetItems(Take::AboveMark),
            b']' => Op::EmptyList,
            b'a' => Op::Append(Take::Top(1)),
            b'e' => Op::Append(Take::AboveMark),
            b')' => Op::Tuple(Take::Top(0)),
            0x85 => Op::Tuple(Take::Top(1)),
            0x86 => Op::Tuple(Take::Top(2)),
            0x87 => Op::Tuple(Take::Top(3)),
            b't' => Op::Tuple(Take::AboveMark),
            0x94 => Op::Memoize,
            b'q' => Op::Put(u32::from(u8::from_le_bytes(self.array(code)?))),
            b'r' => Op::Put(u32::from_le_bytes(self.array(code)?)),
            b'h' => Op::Get(u32::from(u8::from_le_bytes(self.array(code)?))),
            b'j' => Op::Get(u32::from_le_bytes(self.array(code)?)),
            b'N' => Op::None,
            0x88 => Op::Bool(true),
            0x89 => Op::Bool(false),
            b'K' => Op::Int(u8::from_le_bytes(self.array(code)?).into()),
            b'M' => Op::Int(u16::from_le_bytes(self.array(code)?).into()),
            b'J' => Op::Int(i32::from_le_bytes(self.array(code)?).into()),
            0x8a => self.long(code)?,
            b'G' => self.float(code)?,
            0x8c => {
                let [length] = self.array(code)?;
                self.text(length.into(), code)?
            }
            b'X' => {
                let length = u32::from_le_bytes(self.array(code)?);
                self.text(length.into(), code)?
            }
            0x8d => {
                let length = u64::from_le_bytes(self.array(code)?);
                self.text(length, code)?
            }
            _ => return Err(refuse(code, offset)),
        };
        Ok(Step { code, offset, op })
    }
}
