//! Figures in comments: counts with commas, shares, numbers of few digits.

/// A count with commas between thousands.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A count with its noun: `1 row`, `3,270 rows`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A share as a percentage of one place; a share above nothing is never shown as nothing.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let percent = 100.0 * part as f64 / whole as f64;
    if percent < 0.05 { "< 0.1 %".to_owned() } else { format!("{percent:.1} %") }
}

/// The shortest text of a number that gives it back, as people write it.
pub(crate) fn number(x: f64) -> String {
    if x != 0.0 && !(1e-5..1e15).contains(&x.abs()) { format!("{x:e}") } else { x.to_string() }
}

/// The words of a name: `AdjClose_2`, `adj close 2` and `adj.close-2` have the same.
pub(crate) fn of_name(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let new = !c.is_alphanumeric() || c.is_uppercase() && before.is_lowercase();
        if new && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        if let Some(last) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            last.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_write_them() {
        assert_eq!(
            (count(1_234_567), counted(1, "row"), count(999)),
            ("1,234,567".into(), "1 row".into(), "999".into())
        );
        assert_eq!(
            (share(1, 8), share(1, 100_000), share(0, 5)),
            ("12.5 %".into(), "< 0.1 %".into(), "0 %".into())
        );
        assert_eq!(of_name("AdjClose_id"), ["adj", "close", "id"]);
    }
}
