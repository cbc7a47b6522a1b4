//! Markdown tables.

/// A table whose cells are Markdown already: text from data must have been escaped.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these titles; a title that begins with `>` is of a column of numbers.
    pub(crate) fn new(titles: &[&str]) -> Self {
        Self { head: titles.iter().map(|t| (*t).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row, one cell a column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as Markdown, without a final line end.
    pub(crate) fn render(&self) -> String {
        let title = |t: &String| t.trim_start_matches('>').to_owned();
        let rule = |t: &String| if t.starts_with('>') { "---:" } else { "---" }.to_owned();
        let head = [self.head.iter().map(title).collect(), self.head.iter().map(rule).collect()];
        let line = |cells: &Vec<String>| format!("| {} |", cells.join(" | "));
        head.iter().chain(&self.rows).map(line).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right() {
        let mut table = Table::new(&["Name", ">Rows"]);
        table.row(["a".to_owned(), "1,000".to_owned()]);
        assert_eq!(table.render(), "| Name | Rows |\n| --- | ---: |\n| a | 1,000 |");
    }
}
