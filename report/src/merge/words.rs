//! Merging the words of one passage.

/// Words taken as moved at most.
const MOST: usize = 20;
/// Pairs of words compared at most.
const LARGEST: usize = 1 << 22;

/// The words of three versions, merged; nothing where both sides changed the same ones.
///
/// Changes beside each other are none of the same words: a word put before a number that moved stays before it.
pub(super) fn merge(base: &str, yours: &str, new: &str) -> Option<String> {
    let [base, yours, new] = [base, yours, new].map(split);
    let (own, now) = (Edits::of(&base, &yours)?, Edits::of(&base, &new)?);
    let mut out = String::new();
    for i in 0..=base.len() {
        let (a, b) = (own.before[i].concat(), now.before[i].concat());
        let pure = |edits: &Edits<'_>| i == base.len() || edits.kept[i];
        if !a.is_empty() && !b.is_empty() && a != b && pure(&own) == pure(&now) {
            return None;
        }
        out.push_str(&a);
        if a != b {
            out.push_str(&b);
        }
        if let Some(word) = base.get(i) {
            match (own.kept[i], now.kept[i]) {
                (true, true) => out.push_str(word),
                // Both took it away: the same only where both put the same in its place.
                (false, false) if own.change(i) != now.change(i) => return None,
                _ => {}
            }
        }
    }
    Some(out)
}

/// The words that were in `base` and are others in `new`.
pub(super) fn moved(base: &str, new: &str) -> Vec<(String, String)> {
    let [base, new] = [base, new].map(split);
    let Some(edits) = Edits::of(&base, &new) else { return Vec::new() };
    let mut out: Vec<(String, String)> = Vec::new();
    let mut run: (String, String) = Default::default();
    for i in 0..=base.len() {
        run.1.push_str(&edits.before[i].concat());
        match base.get(i).filter(|_| !edits.kept[i]) {
            Some(word) => run.0.push_str(word),
            None => out.push(std::mem::take(&mut run)),
        }
    }
    let clean = |text: &str| text.replace(['*', '|'], "").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out: Vec<_> = out.iter().map(|(then, now)| (clean(then), clean(now))).collect();
    out.retain(|(then, now)| then != now && (then.contains(says) || now.contains(says)));
    out.dedup();
    out.truncate(MOST);
    out
}

/// What is more than a mark.
fn says(c: char) -> bool {
    c.is_alphanumeric()
}

/// What makes one version of a sequence of words another.
struct Edits<'a> {
    /// Whether each word of the first stays.
    kept: Vec<bool>,
    /// What is put before each word of the first, and at the end.
    before: Vec<Vec<&'a str>>,
}

impl<'a> Edits<'a> {
    /// By a longest common subsequence; nothing where the versions are too long.
    fn of(base: &[&str], other: &[&'a str]) -> Option<Self> {
        let head = base.iter().zip(other).take_while(|(a, b)| a == b).count();
        let (rest, left) = (&base[head..], &other[head..]);
        let tail = rest.iter().rev().zip(left.iter().rev()).take_while(|(a, b)| a == b).count();
        let (rest, left) = (&rest[..rest.len() - tail], &left[..left.len() - tail]);
        if rest.len().saturating_mul(left.len()) > LARGEST {
            return None;
        }
        let mut edits = Self { kept: vec![true; base.len()], before: vec![Vec::new(); base.len() + 1] };
        let mut common = vec![vec![0_u32; left.len() + 1]; rest.len() + 1];
        for i in (0..rest.len()).rev() {
            for j in (0..left.len()).rev() {
                common[i][j] = if rest[i] == left[j] {
                    common[i + 1][j + 1] + 1
                } else {
                    common[i + 1][j].max(common[i][j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        // What is put in belongs before the first word that is taken away with it.
        let mut start = 0;
        while i < rest.len() || j < left.len() {
            if i < rest.len() && j < left.len() && rest[i] == left[j] {
                (i, j) = (i + 1, j + 1);
                start = i;
            } else if j < left.len() && (i == rest.len() || common[i][j + 1] >= common[i + 1][j]) {
                edits.before[head + start].push(left[j]);
                j += 1;
            } else {
                edits.kept[head + i] = false;
                i += 1;
            }
        }
        Some(edits)
    }

    /// What stands in place of the run of words taken away that word `i` belongs to.
    fn change(&self, i: usize) -> (usize, usize, String) {
        let start = (0..=i).rev().take_while(|k| !self.kept[*k]).last().unwrap_or(i);
        let end = (i..self.kept.len()).take_while(|k| !self.kept[*k]).last().unwrap_or(i);
        (start, end, self.before[start].concat())
    }
}

/// A text in words, blanks, line ends and single marks; a number is one word, with its sign and `%`.
fn split(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let signed =
            "-−".contains(first) && !after_word && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
        let end = if first == '\n' {
            1
        } else if first.is_whitespace() {
            rest.find(|c: char| !c.is_whitespace() || c == '\n').unwrap_or(rest.len())
        } else if signed {
            first.len_utf8() + word(&rest[first.len_utf8()..])
        } else if first.is_alphanumeric() {
            word(rest)
        } else {
            first.len_utf8()
        };
        let percent = rest[..end].ends_with(|c: char| c.is_ascii_digit()) && rest[end..].starts_with(" %");
        let end = if percent { end + 2 } else { end };
        after_word = rest[..end].ends_with(char::is_alphanumeric);
        let (word, after) = rest.split_at(end);
        out.push(word);
        rest = after;
    }
    out
}

/// Length of the word at the beginning of `text`: letters and digits, and points and hyphens between them.
fn word(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !(c.is_alphanumeric() || (".,_-".contains(c) && next)) {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_word() {
        assert_eq!(
            split("by **8,838.5**, -3 or 18 % of 2012-07\nb"),
            [
                "by", " ", "*", "*", "8,838.5", "*", "*", ",", " ", "-3", " ", "or", " ", "18 %", " ", "of",
                " ", "2012-07", "\n", "b"
            ]
        );
        assert_eq!(split("7-8 %"), ["7-8 %"]);
    }

    #[test]
    fn words_apart_and_beside_each_other_are_merged_and_the_same_ones_not() {
        let base = "by **8,838** on average (18 %)";
        for (yours, new, merged) in [
            (
                "by **8,838** on the whole (18 %)",
                "by **9,120** on average (2 %)",
                Some("by **9,120** on the whole (2 %)"),
            ),
            (
                "by 8,838 on average (18 %)",
                "by **9,120** on average (18 %)",
                Some("by 9,120 on average (18 %)"),
            ),
            (
                "by only **8,838** on average (18 %)",
                "by **9,120** on average (18 %)",
                Some("by only **9,120** on average (18 %)"),
            ),
            (
                "by **8,838** dollars on average (18 %)",
                "by **9,120** on average (18 %)",
                Some("by **9,120** dollars on average (18 %)"),
            ),
            ("by **8,800** on average (18 %)", "by **9,120** on average (18 %)", None),
            ("on average (18 %)", "by **9,120** on average (18 %)", None),
            (
                "by **9,120** on average (18 %)!",
                "by **9,120** on average (18 %)",
                Some("by **9,120** on average (18 %)!"),
            ),
            ("so by **8,838** on average (18 %)", "thus by **8,838** on average (18 %)", None),
            ("", "by", None),
        ] {
            assert_eq!(merge(base, yours, new).as_deref(), merged, "{yours}");
        }
    }

    #[test]
    fn what_moved_is_told_with_signs() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            moved("by -3 (18 %) in 2012-07, **too narrow**", "by -4 (2 %) in 2013-01, too few"),
            [pair("-3", "-4"), pair("18 %", "2 %"), pair("2012-07", "2013-01"), pair("narrow", "few")]
        );
        assert!(moved("**a** b", "a b").is_empty());
    }
}
