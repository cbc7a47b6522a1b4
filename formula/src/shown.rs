//! Pieces of the text as messages show them. `common::text` does the same for the stages, but brings Polars.

/// Longest piece shown, in characters.
const LONGEST: usize = 60;

/// `text` in backquotes on one line, cut to 60 characters, with what could move or hide text escaped.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::from("`");
    for (i, c) in text.chars().enumerate() {
        if i == LONGEST {
            out.push('…');
            break;
        }
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out.push('`');
    out
}

/// The candidate that `wrong` is likely to be meant for: the same but for case, or few letters off.
pub(crate) fn nearest(wrong: &str, candidates: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let lower = wrong.to_lowercase();
    candidates
        .map(|c| (strsim::damerau_levenshtein(&lower, c), c))
        .filter(|(distance, c)| *distance <= 1 + c.len().max(lower.len()) / 4)
        // All letters replaced is no likeness.
        .filter(|(distance, _)| *distance < lower.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}
