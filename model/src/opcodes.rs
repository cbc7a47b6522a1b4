//! The names of the opcodes of Python's pickle, and which of them name or call code.

use crate::pickle::Refusal;

/// Every opcode of protocols 0 to 5: byte, name, and whether it names or calls code.
const NAMES: [(u8, &str, bool); 68] = [
    (b'(', "MARK", false),
    (b'.', "STOP", false),
    (b'0', "POP", false),
    (b'1', "POP_MARK", false),
    (b'2', "DUP", false),
    (b'F', "FLOAT", false),
    (b'I', "INT", false),
    (b'J', "BININT", false),
    (b'K', "BININT1", false),
    (b'L', "LONG", false),
    (b'M', "BININT2", false),
    (b'N', "NONE", false),
    (b'P', "PERSID", true),
    (b'Q', "BINPERSID", true),
    (b'R', "REDUCE", true),
    (b'S', "STRING", false),
    (b'T', "BINSTRING", false),
    (b'U', "SHORT_BINSTRING", false),
    (b'V', "UNICODE", false),
    (b'X', "BINUNICODE", false),
    (b'a', "APPEND", false),
    (b'b', "BUILD", true),
    (b'c', "GLOBAL", true),
    (b'd', "DICT", false),
    (b'}', "EMPTY_DICT", false),
    (b'e', "APPENDS", false),
    (b'g', "GET", false),
    (b'h', "BINGET", false),
    (b'i', "INST", true),
    (b'j', "LONG_BINGET", false),
    (b'l', "LIST", false),
    (b']', "EMPTY_LIST", false),
    (b'o', "OBJ", true),
    (b'p', "PUT", false),
    (b'q', "BINPUT", false),
    (b'r', "LONG_BINPUT", false),
    (b's', "SETITEM", false),
    (b't', "TUPLE", false),
    (b')', "EMPTY_TUPLE", false),
    (b'u', "SETITEMS", false),
    (b'G', "BINFLOAT", false),
    (b'B', "BINBYTES", false),
    (b'C', "SHORT_BINBYTES", false),
    (0x80, "PROTO", false),
    (0x81, "NEWOBJ", true),
    (0x82, "EXT1", true),
    (0x83, "EXT2", true),
    (0x84, "EXT4", true),
    (0x85, "TUPLE1", false),
    (0x86, "TUPLE2", false),
    (0x87, "TUPLE3", false),
    (0x88, "NEWTRUE", false),
    (0x89, "NEWFALSE", false),
    (0x8a, "LONG1", false),
    (0x8b, "LONG4", false),
    (0x8c, "SHORT_BINUNICODE", false),
    (0x8d, "BINUNICODE8", false),
    (0x8e, "BINBYTES8", false),
    (0x8f, "EMPTY_SET", false),
    (0x90, "ADDITEMS", false),
    (0x91, "FROZENSET", false),
    (0x92, "NEWOBJ_EX", true),
    (0x93, "STACK_GLOBAL", true),
    (0x94, "MEMOIZE", false),
    (0x95, "FRAME", false),
    (0x96, "BYTEARRAY8", false),
    (0x97, "NEXT_BUFFER", false),
    (0x98, "READONLY_BUFFER", false),
];

/// Stands for "the next opcode, whichever": no opcode has this code.
pub(crate) const NEXT: u8 = 0;

/// The name Python's `pickletools` gives to an opcode.
pub(crate) fn name(code: u8) -> &'static str {
    NAMES.iter().find(|row| row.0 == code).map_or("an opcode", |row| row.1)
}

/// Why an opcode outside the white list is refused.
pub(crate) fn refuse(code: u8, offset: usize) -> Refusal {
    match NAMES.iter().find(|row| row.0 == code) {
        Some(&(_, opcode, true)) => Refusal::CodeOpcode { opcode, offset },
        Some(&(_, opcode, false)) => Refusal::OtherOpcode { opcode, offset },
        None => Refusal::UnknownOpcode { byte: code, offset },
    }
}
