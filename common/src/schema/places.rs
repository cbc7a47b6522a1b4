//! Where a word or a value stands in a JSON text that is known to be JSON.

/// One step down from the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The value of a key.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
}

/// The line, from 1, of what `path` leads to: of its key, or of the first byte of an item. Where the path
/// leads nowhere, of the last step that leads somewhere.
pub(super) fn line_of(text: &str, path: &[Step]) -> u64 {
    let mut scan = Scan { text, at: 0 };
    let mut found = scan.blanks();
    for step in path {
        let Some(place) = scan.enter(step) else { break };
        found = place;
    }
    1 + text.get(..found).map_or(0, |before| before.matches('\n').count()) as u64
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes over blanks, to the place it gives.
    fn blanks(&mut self) -> usize {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.at
    }

    /// Goes to the value that `step` leads to; gives the place of its key, or its own.
    fn enter(&mut self, step: &Step) -> Option<usize> {
        self.blanks();
        match (step, self.peek()?) {
            (Step::Item(index), b'[') => {
                self.at += 1;
                for _ in 0..*index {
                    self.value();
                    self.blanks();
                    (self.peek()? == b',').then_some(())?;
                    self.at += 1;
                }
                Some(self.blanks())
            }
            (Step::Key(wanted), b'{') => loop {
                self.at += 1;
                let begin = self.blanks();
                (self.peek()? == b'"').then_some(())?;
                self.string();
                let key = self.text.get(begin..self.at)?;
                self.blanks();
                self.at += 1;
                // A key may be written with escapes.
                if serde_json::from_str::<String>(key).is_ok_and(|key| key == *wanted) {
                    return Some(begin);
                }
                self.value();
                self.blanks();
                (self.peek()? == b',').then_some(())?;
            },
            _ => None,
        }
    }

    /// Goes over a text, from quote to quote.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek().filter(|b| *b != b'"') {
            self.at += if byte == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    /// Goes over a value, however deep.
    fn value(&mut self) {
        self.blanks();
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.string(),
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' | b',' if depth == 0 => return,
                b']' | b'}' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_key_or_item() {
        let text =
            "\n{\"a\": [1, {\"b\": \"]}\\\",\"},\n [2,\n 3]],\n \"\\u0062\" :\n {\"c\":\n null, \"d\": {}}}";
        let key = |k: &str| Step::Key(k.to_owned());
        for (path, line) in [
            (vec![], 2),
            (vec![key("a")], 2),
            (vec![key("a"), Step::Item(1), key("b")], 2),
            (vec![key("a"), Step::Item(2)], 3),
            (vec![key("a"), Step::Item(2), Step::Item(1)], 4),
            (vec![key("b")], 5),
            (vec![key("b"), key("c")], 6),
            (vec![key("b"), key("d")], 7),
            (vec![key("b"), key("nothing")], 5),
            (vec![key("a"), Step::Item(9)], 2),
        ] {
            assert_eq!(line_of(text, &path), line, "{path:?}");
        }
        for broken in ["", "{", "[1,", "{\"a\"", "\"\\"] {
            line_of(broken, &[key("a"), Step::Item(1)]);
            line_of(broken, &[Step::Item(1)]);
        }
    }
}
