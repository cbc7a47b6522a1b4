//! The passages of a Markdown text.

/// What blank lines part, fenced code as one; blanks at the ends of lines stay.
pub(crate) fn passages(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut open = false;
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let inside = fence.is_some();
        if let Some(mark) = &fence {
            if line.trim_start().starts_with(mark.as_str()) {
                fence = None;
            }
        } else {
            fence = begins(line);
        }
        if line.trim().is_empty() && !inside {
            open = false;
        } else if let (true, Some(last)) = (open, all.last_mut()) {
            last.push('\n');
            last.push_str(line);
        } else {
            all.push(line.to_owned());
            open = true;
        }
    }
    all
}

/// The marks of the fence that a line opens.
fn begins(line: &str) -> Option<String> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    (length >= 3).then(|| mark.to_string().repeat(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_what_blank_lines_part() {
        assert_eq!(passages("a  \nb\n\n\n c\n"), ["a  \nb", " c"]);
        assert_eq!(passages("a\n```\nx\n\ny\n```\n\nb"), ["a\n```\nx\n\ny\n```", "b"]);
        assert_eq!(passages("```\nx\n\ny"), ["```\nx\n\ny"]);
        assert!(passages(" \n\n").is_empty());
    }
}
