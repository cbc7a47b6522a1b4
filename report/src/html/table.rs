//! Tables, each in a container of its own that scrolls.

use std::fmt::Write as _;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use super::items::Item;
use super::text::escaped;

/// Rows from which on a table scrolls upwards too, under its titles.
const LONG: usize = 25;

/// Rows up to which a table is kept on one sheet of paper.
const FEW: usize = 15;
/// Columns from which on the first one stays in sight while the others scroll.
const WIDE: usize = 4;
/// Longest text of a cell that is never broken, in characters.
const SHORT: usize = 16;

/// Where in a table the writer is; tables do not nest.
#[derive(Default)]
pub(super) struct Table {
    classes: Vec<&'static str>,
    rows: usize,
    column: usize,
    in_head: bool,
    /// Where the text of the cell that is open begins.
    cell: usize,
}

impl Table {
    /// Counts the rows of the table whose items follow.
    pub(super) fn measure(&mut self, items: &[Item]) {
        let until = items.iter().take_while(|i| !matches!(i, Item::Event(Event::End(TagEnd::Table))));
        self.rows = until.filter(|i| matches!(i, Item::Event(Event::Start(Tag::TableRow)))).count();
    }

    pub(super) fn start(&mut self, out: &mut String, alignments: &[Alignment], under: &str) {
        let class = |alignment: &Alignment| match alignment {
            Alignment::Right => "n",
            Alignment::Center => "c",
            Alignment::Left | Alignment::None => "",
        };
        self.classes = alignments.iter().map(class).collect();
        let size = match self.rows {
            ..=FEW => " few",
            LONG.. => " long",
            _ => "",
        };
        let wide = if alignments.len() >= WIDE { " wide" } else { "" };
        let label = if under.trim().is_empty() { "Table".to_owned() } else { format!("Table: {under}") };
        // Who has no mouse scrolls it with the keyboard.
        let _ = writeln!(
            out,
            "<div class=\"table{size}{wide}\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n<table>",
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

    pub(super) fn cell(&mut self, out: &str) {
        self.cell = out.len();
    }

    pub(super) fn cell_end(&mut self, out: &mut String) {
        let text = out.split_off(self.cell);
        let class = match self.classes.get(self.column) {
            Some(class) if !class.is_empty() => format!(" class=\"{class}\""),
            // A date or a verdict is not to be broken.
            _ if width(&text) <= SHORT => " class=\"s\"".to_owned(),
            _ => String::new(),
        };
        let _ = match (self.in_head, text.is_empty()) {
            // A title without words is none.
            (_, true) => write!(out, "<td></td>"),
            (true, false) => write!(out, "<th scope=\"col\"{class}>{text}</th>"),
            (false, false) => write!(out, "<td{class}>{text}</td>"),
        };
        self.column += 1;
    }
}

/// The end of a table.
pub(super) fn end(out: &mut String) {
    out.push_str("</tbody>\n</table>\n</div>\n");
}

/// Characters of a piece of HTML that are seen, an entity as one.
fn width(html: &str) -> usize {
    let (mut inside, mut width) = (false, 0);
    for c in html.chars() {
        match c {
            '<' | '&' => inside = true,
            '>' => inside = false,
            ';' if inside => {
                inside = false;
                width += 1;
            }
            _ if !inside => width += 1,
            _ => {}
        }
    }
    width
}
