//! Three sequences, compared.

use diffy::MergeOptions;

/// A part of a merge.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Region {
    /// Only one side changed it, or both alike.
    Settled(Vec<String>),
    /// Both sides changed it.
    Both { base: Vec<String>, yours: Vec<String>, new: Vec<String> },
}

/// Before every item, so that none looks like a mark of the merge.
const ITEM: char = '+';
/// For line ends inside an item.
const LINE_END: char = '\u{1e}';

/// The regions of three sequences, in order (diff3: Khanna, Kunal and Pierce 2007).
pub(super) fn merge<S: AsRef<str>>(base: &[S], yours: &[S], new: &[S]) -> Vec<Region> {
    let [base, yours, new] = [lines(base), lines(yours), lines(new)];
    match MergeOptions::new().merge(&base, &yours, &new) {
        Ok(text) => vec![Region::Settled(items(text.lines()))],
        Err(text) => regions(&text),
    }
}

/// One line an item, as the library compares them.
pub(super) fn lines<S: AsRef<str>>(all: &[S]) -> String {
    let line = |item: &S| format!("{ITEM}{}\n", item.as_ref().replace('\n', &LINE_END.to_string()));
    all.iter().map(line).collect()
}

fn items<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    lines.into_iter().map(item).collect()
}

/// The item that a line stands for.
pub(super) fn item(line: &str) -> String {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_prefix(ITEM).unwrap_or(line).replace(LINE_END, "\n")
}

fn regions(text: &str) -> Vec<Region> {
    let mut out = Vec::new();
    // Settled lines, and the three sides of a conflict.
    let mut parts: [Vec<&str>; 4] = Default::default();
    let mut at = 0;
    for line in text.lines() {
        match line.chars().next() {
            Some('<') => {
                out.push(Region::Settled(items(std::mem::take(&mut parts[0]))));
                at = 1;
            }
            Some('|') => at = 2,
            Some('=') => at = 3,
            Some('>') => {
                let [_, yours, base, new] = &mut parts;
                out.push(Region::Both {
                    base: items(std::mem::take(base)),
                    yours: items(std::mem::take(yours)),
                    new: items(std::mem::take(new)),
                });
                at = 0;
            }
            _ => parts[at].push(line),
        }
    }
    out.push(Region::Settled(items(std::mem::take(&mut parts[0]))));
    out.retain(|region| !matches!(region, Region::Settled(items) if items.is_empty()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_changed_is_told_apart() {
        let found = merge(&["a", "b", "c", "d"], &["a", "x\ny", "c", "d"], &["a", "<<<", "c", "e"]);
        let text = |s: &[&str]| s.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                Region::Settled(text(&["a"])),
                Region::Both { base: text(&["b"]), yours: text(&["x\ny"]), new: text(&["<<<"]) },
                Region::Settled(text(&["c", "e"])),
            ]
        );
        assert_eq!(merge::<&str>(&[], &[], &[]), [Region::Settled(vec![])]);
    }
}
