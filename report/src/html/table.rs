//! Tables, each in a container of its own that scrolls.

use std::fmt::Write as _;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use super::items::Item;
use super::text::escaped;

/// Rows from which on a table scrolls upwards too, under its titles.
const LONG: usize = 25;

/// Where in a table the writer is; tables do not nest.
#[derive(Default)]
pub(super) struct Table {
    classes: Vec<&'static str>,
    rows: usize,
    column: usize,
    in_head: bool,
    /// Where the opening tag of the title that is open begins and ends.
    title: (usize, usize),
}

impl Table {
    /// Counts the rows of the table whose items follow.
    pub(super) fn measure(&mut self, items: &[Item]) {
        let until = items.iter().take_while(|i| !matches!(i, Item::Event(Event::End(TagEnd::Table))));
        self.rows = until.filter(|i| matches!(i, Item::Event(Event::Start(Tag::TableRow)))).count();
    }

    pub(super) fn start(&mut self, out: &mut String, alignments: &[Alignment], under: &str) {
        let class = |alignment: &Alignment| match alignment {
            Alignment::Right => " class=\"n\"",
            Alignment::Center => " class=\"c\"",
            Alignment::Left | Alignment::None => "",
        };
        self.classes = alignments.iter().map(class).collect();
        let long = if self.rows >= LONG { " long" } else { "" };
        let label = if under.trim().is_empty() { "Table".to_owned() } else { format!("Table: {under}") };
        // Who has no mouse scrolls it with the keyboard.
        let _ = writeln!(
            out,
            "<div class=\"table{long}\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n<table>",
            escaped(&label)
        );
    }

    pub(super) fn head(&mut self, out: &mut String) {
        self.in_head = true;
        self.column = 0;
        out.push_str("<thead>\n<tr>");
    }

    pub(super) fn head_end(&mut self, out: &mut String) {
        self.in_head = false;
        out.push_str("</tr>\n</thead>\n<tbody>\n");
    }

    pub(super) fn row(&mut self, out: &mut String) {
        self.column = 0;
        out.push_str("<tr>");
    }

    pub(super) fn cell(&mut self, out: &mut String) {
        let class = self.classes.get(self.column).copied().unwrap_or_default();
        let start = out.len();
        let _ = if self.in_head {
            write!(out, "<th scope=\"col\"{class}>")
        } else {
            write!(out, "<td{class}>")
        };
        self.title = (start, out.len());
        self.column += 1;
    }

    pub(super) fn cell_end(&mut self, out: &mut String) {
        let (start, end) = self.title;
        if self.in_head && out.len() == end {
            // A title without words is none.
            out.truncate(start);
            out.push_str("<td></td>");
        } else {
            out.push_str(if self.in_head { "</th>" } else { "</td>" });
        }
    }

    pub(super) fn end(&mut self, out: &mut String) {
        out.push_str("</tbody>\n</table>\n</div>\n");
    }
}
