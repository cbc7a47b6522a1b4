//! The marks of blocks: each on a line of its own, each name once, each block closed.

use std::collections::HashMap;

use common::text;

/// A block that is open: its name and the line that opened it.
type Open<'a> = Option<(&'a str, u64)>;

/// Names that are kept for what is put into a report later.
const KEPT: [&str; 1] = ["conflict"];

enum Mark<'a> {
    Begin(&'a str),
    End(&'a str),
}

/// The mark that a line is; an error where it only looks like one. No text from data can, since it has no `<`.
fn mark(line: &str) -> Result<Option<Mark<'_>>, String> {
    if !line.split("<!--").skip(1).any(|comment| comment.trim_start().starts_with("millrace:")) {
        return Ok(None);
    }
    let inner = line.trim_end().strip_prefix("<!-- millrace:").and_then(|rest| rest.strip_suffix(" -->"));
    let found = match inner.and_then(|inner| inner.split_once(' ')) {
        Some(("begin", name)) if is_name(name) => Mark::Begin(name),
        Some(("end", name)) if is_name(name) => Mark::End(name),
        _ => {
            return Err(
                "this is no mark of a block; expected `<!-- millrace:begin NAME -->` or `<!-- millrace:end NAME -->` \
                 on a line of its own, NAME of a-z, 0-9, `-` and `_`, beginning with a letter"
                    .to_owned(),
            );
        }
    };
    Ok(Some(found))
}

fn is_name(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(rest)
}

/// Whether all blocks of a text are closed and named once.
///
/// # Errors
/// The line, and what is wrong with it.
pub(super) fn check(text: &str) -> Result<(), (u64, String)> {
    let mut open: Open<'_> = None;
    let mut seen: HashMap<&str, u64> = HashMap::new();
    for (line, number) in text.lines().zip(1u64..) {
        let Some(mark) = mark(line).map_err(|why| (number, why))? else { continue };
        open = follow(open, &mark, number, &mut seen).map_err(|why| (number, why))?;
    }
    match open {
        Some((name, line)) => Err((
            line,
            format!("block {} is not closed: no `<!-- millrace:end {name} -->`", text::name(name)),
        )),
        None => Ok(()),
    }
}

fn follow<'a>(
    open: Open<'a>,
    mark: &Mark<'a>,
    line: u64,
    seen: &mut HashMap<&'a str, u64>,
) -> Result<Open<'a>, String> {
    match (open, mark) {
        (None, Mark::Begin(name)) if KEPT.contains(name) => {
            Err(format!("{} is no name for a block: the report has its own use of it", text::name(name)))
        }
        (None, Mark::Begin(name)) => match seen.insert(name, line) {
            Some(first) => {
                Err(format!("a second block {}; the first begins on line {first}", text::name(name)))
            }
            None => Ok(Some((name, line))),
        },
        (Some((open, at)), Mark::Begin(name)) => Err(format!(
            "block {} begins inside {}, which line {at} opened and nothing closed",
            text::name(name),
            text::name(open)
        )),
        (Some((open, _)), Mark::End(name)) if open == *name => Ok(None),
        (Some((open, at)), Mark::End(name)) => {
            Err(format!("the end of {}, but line {at} opened {}", text::name(name), text::name(open)))
        }
        (None, Mark::End(name)) => Err(format!("the end of {}, which nothing opened", text::name(name))),
    }
}

/// The text without blocks that hold nothing, and with one line end last.
pub(super) fn without_empty_blocks(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut opened: Option<usize> = None;
    for line in text.lines() {
        match mark(line) {
            Ok(Some(Mark::Begin(_))) => {
                opened = Some(kept.len());
                kept.push(line);
            }
            Ok(Some(Mark::End(_))) => {
                let from = opened.take().unwrap_or(kept.len());
                if kept[from..].iter().skip(1).all(|line| line.trim().is_empty()) {
                    kept.truncate(from);
                    // The line between it and what stood before.
                    if kept.last().is_some_and(|line| line.trim().is_empty()) {
                        kept.pop();
                    }
                } else {
                    kept.push(line);
                }
            }
            _ => kept.push(line),
        }
    }
    let first = kept.iter().position(|line| !line.trim().is_empty()).unwrap_or(kept.len());
    kept[first..].join("\n").trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_line() {
        let block = |name: &str| format!("<!-- millrace:begin {name} -->\nx\n<!-- millrace:end {name} -->\n");
        assert_eq!(
            check(&(block("a") + "of `millrace:begin` and <!-- others -->\n" + &block("my-own_2"))),
            Ok(())
        );
        for (text, line, why) in [
            ("\n<!-- millrace:begin a -->\n".to_owned(), 2, "is not closed"),
            ("<!-- millrace:end a -->\n".to_owned(), 1, "which nothing opened"),
            (block("a") + &block("a"), 4, "a second block"),
            ("<!-- millrace:begin a -->\n".to_owned() + &block("b"), 2, "begins inside"),
            ("<!-- millrace:begin a -->\n<!-- millrace:end b -->\n".to_owned(), 2, "opened `a`"),
            ("<!-- millrace:begin A -->\n".to_owned(), 1, "no mark"),
            ("x <!-- millrace:begin a -->\n".to_owned(), 1, "no mark"),
            ("<!--millrace:end a-->\n".to_owned(), 1, "no mark"),
            ("<!-- millrace:begn a -->\n".to_owned(), 1, "no mark"),
            ("<!-- millrace:end a 0123abcd -->\n".to_owned(), 1, "no mark"),
            (block("conflict"), 1, "own use"),
        ] {
            let (found, said) = check(&text).unwrap_err();
            assert!(found == line && said.contains(why), "{text}: {found} {said}");
        }
    }

    #[test]
    fn empty_blocks_are_left_out() {
        let text = "\n# T\n\n<!-- millrace:begin a -->\n\n\n<!-- millrace:end a -->\n\n\
                    <!-- millrace:begin b -->\n\nx\n\n<!-- millrace:end b -->\n\n\n";
        let left = "# T\n\n<!-- millrace:begin b -->\n\nx\n\n<!-- millrace:end b -->\n";
        assert_eq!(without_empty_blocks(text), left);
    }
}
