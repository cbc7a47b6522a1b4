//! Merging tables: rows by what they are about, cells by their column.

use super::align::{Pairs, pairs};
use super::canon::words_and_marks;
use super::words;

/// Cells that say what a row is about, at most.
const KEYS: usize = 3;
/// Cells taken as moved at most.
const MOST: usize = 20;

/// A Markdown table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    head: Vec<String>,
    rule: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A table merged of three.
pub(super) struct Merged {
    pub(super) text: String,
    /// Cells of rows that the analyst changed, then and now.
    pub(super) moved: Vec<(String, String)>,
    /// Rows that the analyst changed and that are not there any more, as a table.
    pub(super) orphans: Option<String>,
}

impl Table {
    /// The table that a passage is; nothing where it is none.
    pub(super) fn of(passage: &str) -> Option<Self> {
        let mut lines = passage.lines().map(cells);
        let (head, rule) = (lines.next()??, lines.next()??);
        let rules = |cell: &String| {
            let inner = cell.trim_start_matches(':').trim_end_matches(':');
            !inner.is_empty() && inner.chars().all(|c| c == '-')
        };
        if !rule.iter().all(rules) || rule.len() != head.len() {
            return None;
        }
        let rows = lines.collect::<Option<Vec<_>>>()?;
        rows.iter().all(|row| row.len() == head.len()).then_some(Self { head, rule, rows })
    }

    pub(super) fn head(&self) -> &[String] {
        &self.head
    }

    /// The table with one way of writing each mark.
    pub(super) fn canon(&self) -> String {
        let sides = |cell: &String| format!("{}-{}", cell.starts_with(':'), cell.ends_with(':'));
        let row = |row: &Vec<String>| row.iter().map(|c| words_and_marks(c)).collect::<Vec<_>>().join("|");
        let lines = [row(&self.head), self.rule.iter().map(sides).collect::<Vec<_>>().join("|")];
        lines.into_iter().chain(self.rows.iter().map(row)).collect::<Vec<_>>().join("\n")
    }

    fn render(&self) -> String {
        let line = |cells: &Vec<String>| format!("| {} |", cells.join(" | "));
        [&self.head, &self.rule].into_iter().chain(&self.rows).map(line).collect::<Vec<_>>().join("\n")
    }

    /// What each row is about: its first cell, or that above where it is empty, and as many more as tell it apart.
    fn keys(&self) -> Vec<Vec<String>> {
        let mut above = String::new();
        let full = |row: &Vec<String>| -> Vec<String> {
            if let Some(first) = row.first().filter(|cell| !cell.is_empty()) {
                above.clone_from(first);
            }
            [above.clone()]
                .into_iter()
                .chain(row.iter().skip(1).cloned())
                .map(|c| words_and_marks(&c))
                .collect()
        };
        let all: Vec<Vec<String>> = self.rows.iter().map(full).collect();
        let count = |n: usize, key: &[String]| all.iter().filter(|row| row.iter().take(n).eq(key)).count();
        let key = |row: &Vec<String>| {
            let n = (1..=KEYS.min(row.len())).find(|n| count(*n, &row[..*n]) == 1);
            row[..n.unwrap_or(row.len())].to_vec()
        };
        all.iter().map(key).collect()
    }

    /// The row that is about `key`.
    fn find(&self, key: &[String]) -> Option<usize> {
        let mut above = String::new();
        let mut found = None;
        for (at, row) in self.rows.iter().enumerate() {
            if let Some(first) = row.first().filter(|cell| !cell.is_empty()) {
                above.clone_from(first);
            }
            let cells = [&above].into_iter().chain(row.iter().skip(1)).map(|c| words_and_marks(c));
            if cells.take(key.len()).eq(key.iter().cloned()) {
                if found.is_some() {
                    return None;
                }
                found = Some(at);
            }
        }
        found
    }
}

/// The cells of a line between bars.
fn cells(line: &str) -> Option<Vec<String>> {
    let inside = line.trim().strip_prefix('|')?;
    let inside = inside.strip_suffix('|').filter(|rest| !rest.ends_with('\\')).unwrap_or(inside);
    let mut out = vec![String::new()];
    let mut escaped = false;
    for c in inside.chars() {
        if c == '|' && !escaped {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    Some(out.iter().map(|cell| cell.trim().to_owned()).collect())
}

fn same(a: &str, b: &str) -> bool {
    words_and_marks(a) == words_and_marks(b)
}

/// Merges three tables; nothing where both sides changed one cell, or the columns in ways that cannot be told.
pub(super) fn merge(base: &Table, yours: &Table, new: &Table) -> Option<Merged> {
    let columns = Columns::of(base, yours, new)?;
    let rows = pairs(&base.rows, &yours.rows, |a, b| columns.alike(a, b));
    let mut merged = Rows {
        base,
        yours,
        new,
        columns,
        pairs: rows,
        out: Vec::new(),
        moved: Vec::new(),
        orphans: Vec::new(),
    };
    let head = merged.columns.merge(&base.head, &yours.head, &new.head)?;
    let rule = merged.columns.merge(&base.rule, &yours.rule, &new.rule).unwrap_or_else(|| {
        // Alignment is taste: theirs.
        merged.columns.yours.iter().map(|(y, _)| yours.rule[*y].clone()).collect()
    });
    merged.write()?;
    let text = Table { head, rule, rows: merged.out }.render();
    merged.moved.truncate(MOST);
    let orphans = (!merged.orphans.is_empty())
        .then(|| Table { head: yours.head.clone(), rule: yours.rule.clone(), rows: merged.orphans }.render());
    Some(Merged { text, moved: merged.moved, orphans })
}

/// Which column is which.
struct Columns {
    /// Of theirs, in order: the column of `base`, where it is not their own.
    yours: Vec<(usize, Option<usize>)>,
    /// For each of `base`, that of `new`.
    new: Vec<usize>,
}

impl Columns {
    /// Columns of `base` and `new` must be the same; theirs may lack some, and have some of their own.
    fn of(base: &Table, yours: &Table, new: &Table) -> Option<Self> {
        let by_name = |name: &String| new.head.iter().position(|other| same(other, name));
        let there = if base.head.len() == new.head.len() {
            (0..base.head.len()).collect()
        } else {
            return None;
        };
        if base.head.iter().zip(&new.head).any(|(a, b)| !same(a, b) && by_name(a).is_some()) {
            return None;
        }
        let named = pairs(&base.head, &yours.head, |a, b| f64::from(same(a, b)));
        let own = (0..yours.head.len()).map(|y| (y, named.first_of(y))).collect();
        Some(Self { yours: own, new: there })
    }

    /// How much a row of theirs is that of `base`.
    fn alike(&self, base: &[String], yours: &[String]) -> f64 {
        let known: Vec<(usize, usize)> = self.yours.iter().filter_map(|(y, b)| Some((*y, (*b)?))).collect();
        let equal = known.iter().filter(|(y, b)| same(&yours[*y], &base[*b])).count();
        let share = equal as f64 / known.len().max(1) as f64;
        if share >= 0.5 { share } else { 0.0 }
    }

    /// A row of each, cell by cell.
    fn merge(&self, base: &[String], yours: &[String], new: &[String]) -> Option<Vec<String>> {
        let cell = |(y, b): &(usize, Option<usize>)| {
            let own = &yours[*y];
            let Some(b) = *b else { return Some(own.clone()) };
            let (was, now) = (&base[b], &new[self.new[b]]);
            match (same(own, was), same(was, now)) {
                (true, _) => Some(now.clone()),
                (false, true) => Some(own.clone()),
                (false, false) if same(own, now) => Some(now.clone()),
                (false, false) => words::merge(was, own, now),
            }
        };
        self.yours.iter().map(cell).collect()
    }

    /// A row that they have not.
    fn fresh(&self, new: &[String]) -> Vec<String> {
        let cell = |(_, b): &(usize, Option<usize>)| b.map_or_else(String::new, |b| new[self.new[b]].clone());
        self.yours.iter().map(cell).collect()
    }
}

/// The rows on their way.
struct Rows<'a> {
    base: &'a Table,
    yours: &'a Table,
    new: &'a Table,
    columns: Columns,
    /// Base and yours.
    pairs: Pairs,
    out: Vec<Vec<String>>,
    moved: Vec<(String, String)>,
    orphans: Vec<Vec<String>>,
}

impl Rows<'_> {
    fn write(&mut self) -> Option<()> {
        let keys = self.base.keys();
        let places: Vec<Option<usize>> = keys.iter().map(|key| self.new.find(key)).collect();
        self.own(None, &places);
        for j in 0..self.new.rows.len() {
            let was = places.iter().position(|place| *place == Some(j));
            match was.map(|i| (i, self.pairs.second_of(i))) {
                Some((i, Some(y))) => self.row(i, y, j)?,
                // They took the row out.
                Some((_, None)) => {}
                None => self.out.push(self.columns.fresh(&self.new.rows[j])),
            }
            if let Some(i) = was {
                self.own(Some(i), &places);
            }
        }
        for (i, place) in places.iter().enumerate() {
            if let (None, Some(y)) = (place, self.pairs.second_of(i))
                && self.changed(i, y)
            {
                self.orphans.push(self.yours.rows[y].clone());
            }
        }
        Some(())
    }

    /// Whether they changed a cell of the row.
    fn changed(&self, i: usize, y: usize) -> bool {
        let (base, yours) = (&self.base.rows[i], &self.yours.rows[y]);
        self.columns.yours.iter().any(|(own, was)| match was {
            Some(was) => !same(&yours[*own], &base[*was]),
            None => !yours[*own].is_empty(),
        })
    }

    fn row(&mut self, i: usize, y: usize, j: usize) -> Option<()> {
        let (base, yours, new) = (&self.base.rows[i], &self.yours.rows[y], &self.new.rows[j]);
        let merged = self.columns.merge(base, yours, new)?;
        if self.changed(i, y) {
            let about = merged.iter().find(|cell| !cell.is_empty()).cloned().unwrap_or_default();
            for (was, now) in self.columns.new.iter().enumerate().map(|(b, n)| (&base[b], &new[*n])) {
                if !same(was, now) {
                    self.moved.push((format!("{about}: {was}"), now.clone()));
                }
            }
        }
        self.out.push(merged);
        Some(())
    }

    /// Rows of theirs that stand after the row that was `base`, up to the next one that is there still.
    fn own(&mut self, base: Option<usize>, places: &[Option<usize>]) {
        let mut anchor = None;
        for y in 0..self.yours.rows.len() {
            match self.pairs.first_of(y) {
                Some(i) if places[i].is_some() => anchor = Some(i),
                None if anchor == base => self.out.push(self.yours.rows[y].clone()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "| City | Rows | Error |\n| --- | ---: | ---: |\n| Austin | 36 | 10 |\n| Dallas | 36 | 8 |\n| Waco | 36 | 3 |";

    fn merged(yours: &str, new: &str) -> (String, Option<String>) {
        let [base, yours, new] = [BASE, yours, new].map(|text| Table::of(text).unwrap());
        let merged = merge(&base, &yours, &new).unwrap();
        (merged.text, merged.orphans)
    }

    /// Other numbers, in another order.
    const NEW: &str = "| City | Rows | Error |\n| --- | ---: | ---: |\n| Waco | 29 | 9 |\n| Austin | 29 | 7 |\n| Dallas | 29 | 6 |\n| El Paso | 12 | 1 |";

    #[test]
    fn words_stay_in_the_row_they_are_about() {
        let (text, orphans) = merged(&BASE.replace("| Waco |", "| Waco (our office) |"), NEW);
        assert_eq!((text, orphans), (NEW.replace("| Waco |", "| Waco (our office) |"), None));
        let gone = NEW.replace("| Waco | 29 | 9 |\n", "");
        let (text, orphans) = merged(&BASE.replace("| Waco |", "| Waco (our office) |"), &gone);
        assert_eq!(text, gone);
        assert!(orphans.unwrap().contains("| Waco (our office) | 36 | 3 |"));
    }

    #[test]
    fn rows_and_columns_taken_out_or_put_in_stay_so() {
        assert_eq!(
            merged(&BASE.replace("| Dallas | 36 | 8 |\n", ""), NEW).0,
            NEW.replace("| Dallas | 29 | 6 |\n", "")
        );
        let with = BASE.replace("| Waco |", "| Mine | 1 | 2 |\n| Waco |");
        assert_eq!(merged(&with, NEW).0, NEW.replace("| El Paso |", "| Mine | 1 | 2 |\n| El Paso |"));
        let column = "| City | Error |\n| --- | ---: |\n| Austin | 10 |\n| Dallas | 8 |\n| Waco | 3 |";
        let expected =
            "| City | Error |\n| --- | ---: |\n| Waco | 9 |\n| Austin | 7 |\n| Dallas | 6 |\n| El Paso | 1 |";
        assert_eq!(merged(column, NEW).0, expected);
        let own = "| City | Rows | Why | Error |\n| --- | ---: | --- | ---: |\n| Austin | 36 | lake | 10 |\n| Dallas | 36 |  | 8 |\n| Waco | 36 |  | 3 |";
        assert!(
            merged(own, NEW)
                .0
                .contains("| Austin | 29 | lake | 7 |\n| Dallas | 29 |  | 6 |\n| El Paso | 12 |  | 1 |")
        );
    }

    #[test]
    fn a_cell_that_both_changed_is_no_merge() {
        let [base, yours, new] =
            [BASE, &BASE.replace("| 36 | 10 |", "| 36 | ten |"), NEW].map(|t| Table::of(t).unwrap());
        assert!(merge(&base, &yours, &new).is_none());
    }

    #[test]
    fn rows_whose_first_cell_stands_above_are_told_apart() {
        let base = "|  | By | Test |\n| --- | --- | ---: |\n| MAE | model | 1 |\n|  | median | 5 |\n| RMSE | model | 2 |\n|  | median | 6 |";
        let yours = base.replace("|  | median | 6 |", "|  | median (naive) | 6 |");
        let new = base.replace("| 5 |", "| 7 |").replace("| 6 |", "| 8 |");
        let [base, yours, new] = [base, &yours, &new].map(|text| Table::of(text).unwrap());
        let merged = merge(&base, &yours, &new).unwrap();
        assert!(
            merged.text.ends_with("|  | median | 7 |\n| RMSE | model | 2 |\n|  | median (naive) | 8 |"),
            "{}",
            merged.text
        );
        assert_eq!(merged.moved, [("median (naive): 6".to_owned(), "8".to_owned())]);
    }

    #[test]
    fn only_tables_are_tables() {
        assert!(Table::of("| a | b |\n| --- | --- |\n| 1 |").is_none());
        assert!(Table::of("a\nb").is_none() && Table::of("| a |").is_none());
        assert_eq!(cells("| a \\| b | c |").unwrap(), ["a \\| b", "c"]);
    }
}
