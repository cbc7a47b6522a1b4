//! The few kinds of fields that an ONNX file needs of Protocol Buffers: numbers, bytes, messages.

/// Fields of a message, in the order in which they were added: the same calls give the same bytes.
#[derive(Default)]
pub(super) struct Message(Vec<u8>);

/// How a field's value is laid out: a varint, or a length and so many bytes.
const VARINT: u64 = 0;
const BYTES: u64 = 2;

impl Message {
    /// Adds a whole number.
    pub(super) fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3 | VARINT);
        self.varint(value);
        self
    }

    /// Adds bytes.
    pub(super) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | BYTES);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// Adds text.
    pub(super) fn text(self, field: u64, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    /// Adds a message.
    pub(super) fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    /// The message as it stands in a file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_laid_out_as_the_guide_of_protocol_buffers_shows() {
        // Its own examples: field 1 with 150, field 2 with `testing`, field 3 with the first message.
        let first = Message::default().number(1, 150);
        assert_eq!(first.0, [0x08, 0x96, 0x01]);
        assert_eq!(Message::default().text(2, "testing").into_bytes(), b"\x12\x07testing");
        assert_eq!(Message::default().message(3, &first).into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        assert_eq!(Message::default().number(1, u64::MAX).0.len(), 11);
    }
}
