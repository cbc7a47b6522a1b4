//! Taking a report apart.

use super::marker::{self, Marker};
use super::{Block, Damage, Document, Piece, note};

/// The texts that were generated for a block, by its name: with them a lost marker can be put back.
pub(crate) type Bases<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// Takes `text`, with `\n` line ends, apart.
///
/// Nothing is lost: what is no block is text. A block that lost one marker is a block still where all of its
/// generated text stands unchanged beside the other one.
pub(crate) fn parse(text: &str, bases: Bases<'_>) -> Document {
    let mut reader = Reader { lines: text.split_inclusive('\n').collect(), document: Document::default() };
    let mut i = 0;
    while i < reader.lines.len() {
        i = reader.piece(i, bases);
    }
    reader.document
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    document: Document,
}

impl Reader<'_> {
    /// Reads what begins at line `i`, and says where the next begins.
    fn piece(&mut self, i: usize, bases: Bases<'_>) -> usize {
        let line = self.lines[i];
        match marker::read(line) {
            Some(Marker::Begin { name }) if !note::is_one(name) => {
                if let Some((end, hash)) = self.end_of(name, i) {
                    self.block(name, hash.map(str::to_owned), &self.lines[i + 1..end].concat());
                    return end + 1;
                }
                for base in bases(name) {
                    if let Some(taken) = after(&self.lines[i + 1..].concat(), &base) {
                        self.block(name, Some(super::hash_of(&base)), &base);
                        return i + 1 + taken;
                    }
                }
                self.damaged(i, Some(name), format!("block `{name}` begins here and has no end"));
            }
            Some(Marker::End { name, .. }) if !note::is_one(name) => {
                if self.closes(name, bases) {
                    return i + 1;
                }
                self.damaged(i, Some(name), format!("block `{name}` ends here and has no beginning"));
            }
            Some(Marker::Broken) => {
                self.damaged(i, None, "no marker, though it looks like one".to_owned());
            }
            Some(_) | None => {}
        }
        self.text(line);
        i + 1
    }

    /// The line of the end marker that belongs to the beginning at line `i`, and its hash.
    fn end_of(&self, name: &str, i: usize) -> Option<(usize, Option<&str>)> {
        for (at, line) in self.lines.iter().enumerate().skip(i + 1) {
            match marker::read(line) {
                Some(Marker::End { name: other, hash }) if other == name => return Some((at, hash)),
                Some(Marker::Begin { name: other } | Marker::End { name: other, .. })
                    if !note::is_one(other) =>
                {
                    return None;
                }
                _ => {}
            }
        }
        None
    }

    /// Whether the text read so far ends with the generated text of a block that lost its beginning.
    fn closes(&mut self, name: &str, bases: Bases<'_>) -> bool {
        let Some(Piece::Text(text)) = self.document.pieces.last_mut() else { return false };
        let trimmed = text.trim_end_matches('\n');
        let found = bases(name).into_iter().find(|base| !base.is_empty() && trimmed.ends_with(base.as_str()));
        let Some(base) = found else { return false };
        let keep = trimmed.len() - base.len();
        if !trimmed[..keep].is_empty() && !trimmed[..keep].ends_with('\n') {
            return false;
        }
        text.truncate(keep);
        if text.is_empty() {
            self.document.pieces.pop();
        }
        self.block(name, Some(super::hash_of(&base)), &base);
        true
    }

    fn block(&mut self, name: &str, hash: Option<String>, text: &str) {
        let text = text.trim_matches('\n').to_owned();
        self.document.pieces.push(Piece::Block(Block { name: name.to_owned(), hash, text }));
    }

    fn text(&mut self, line: &str) {
        match self.document.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push_str(line),
            _ => self.document.pieces.push(Piece::Text(line.to_owned())),
        }
    }

    fn damaged(&mut self, i: usize, name: Option<&str>, what: String) {
        self.document.damages.push(Damage { line: i + 1, name: name.map(str::to_owned), what });
    }
}

/// How many lines `base` takes at the beginning of `rest`, where it stands there whole.
fn after(rest: &str, base: &str) -> Option<usize> {
    let start = rest.trim_start_matches('\n');
    let beyond = start.strip_prefix(base).filter(|_| !base.is_empty())?;
    if !beyond.is_empty() && !beyond.starts_with('\n') {
        return None;
    }
    let blank = rest.len() - start.len();
    // The line end of the last line belongs to the block.
    Some(blank + base.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Vec<String> {
        Vec::new()
    }

    fn names(document: &Document) -> Vec<String> {
        document
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => format!("text {}", text.trim()),
                Piece::Block(block) => format!("{} {}", block.name, block.text),
            })
            .collect()
    }

    #[test]
    fn what_is_read_is_written_again() {
        let text =
            "mine\n\n<!-- millrace:begin a -->\n\nA.\n\n- b\n\n<!-- millrace:end a 12ab34cd -->\n\nmine too";
        let document = parse(text, &none);
        assert_eq!(document.render(), text);
        assert_eq!(names(&document), ["text mine", "a A.\n\n- b", "text mine too"]);
        assert_eq!(document.blocks().next().unwrap().hash.as_deref(), Some("12ab34cd"));
        assert_eq!((parse("", &none), parse("x", &none).render()), (Document::default(), "x".to_owned()));
    }

    #[test]
    fn a_lost_marker_is_put_back_where_the_text_is_whole() {
        let bases = |name: &str| if name == "a" { vec!["A.\n\nB.".to_owned()] } else { vec![] };
        let whole = "<!-- millrace:begin a -->\n\nA.\n\nB.\n\n";
        let hash = super::super::hash_of("A.\n\nB.");
        // Without its end, even where the next block follows.
        for after in ["mine\n", "<!-- millrace:begin c -->\n<!-- millrace:end c -->\n", ""] {
            let document = parse(&format!("{whole}{after}"), &bases);
            let block = document.blocks().next().unwrap();
            assert_eq!((block.name.as_str(), block.text.as_str()), ("a", "A.\n\nB."));
            assert_eq!((block.hash.as_deref(), document.damages.len()), (Some(hash.as_str()), 0));
            assert!(document.render().contains(after));
        }
        let document = parse("mine\n\nA.\n\nB.\n\n<!-- millrace:end a 0 -->\nmore\n", &bases);
        assert_eq!(names(&document), ["text mine", "a A.\n\nB.", "text more"]);
        // Changed as well: nobody can say where it ends.
        for text in ["<!-- millrace:begin a -->\n\nA!\n\nB.\n", "x A.\n\nB.\n<!-- millrace:end a 0 -->\n"] {
            let document = parse(text, &bases);
            assert_eq!((document.damages.len(), document.render()), (1, text.to_owned()));
            assert!(document.has("a"));
        }
    }

    #[test]
    fn markers_that_do_not_fit_are_named_by_line_and_kept() {
        let text = "<!-- millrace:begin a -->\n1\n<!-- millrace:begin b -->\n2\n<!-- millrace:end b -->\n\
                    <!-- millrace:end c -->\n<!-- millrace:begin d\n";
        let document = parse(text, &none);
        let found: Vec<_> = document.damages.iter().map(|d| (d.line, d.name.as_deref())).collect();
        assert_eq!(found, [(1, Some("a")), (6, Some("c")), (7, None)]);
        assert_eq!(document.blocks().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(document.render().replace("\n\n", "\n"), text);
    }

    #[test]
    fn notes_stand_inside_blocks() {
        let text = "<!-- millrace:begin a -->\n\nx\n\n<!-- millrace:begin stale:0 -->\n> n\n<!-- millrace:end stale:0 -->\n\n<!-- millrace:end a 1 -->\n";
        assert_eq!(parse(text, &none).blocks().count(), 1);
    }
}
