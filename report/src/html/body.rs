//! The pieces of a document written as HTML.

use std::fmt::Write as _;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::figure::Figures;
use super::headings::{Heading, push_plain};
use super::items::{Document, Item, Kind, Mark};
use super::notes::Notes;
use super::table::Table;
use super::text::{escaped, link, may_lead_to};
use super::todo;

/// Writes items, one after the other.
pub(super) struct Writer<'a> {
    pub(super) out: String,
    figures: Figures<'a>,
    notes: Notes<'a>,
    headings: std::slice::Iter<'a, Heading>,
    /// Text of the last heading, which names tables for those who do not see them.
    under: &'a str,
    table: Table,
    /// The links that are open: an address may stand in the text of a link.
    links: Vec<Link>,
}

/// A link in Markdown.
#[derive(PartialEq)]
enum Link {
    /// Within another one, where HTML has none.
    No,
    Yes,
    /// One that may not lead there: its address follows its text.
    Text(String),
}

/// The document as HTML, footnotes last.
pub(super) fn write(document: &Document, headings: &[Heading], figures: Figures) -> String {
    let mut writer = Writer {
        out: String::new(),
        figures,
        notes: Notes::new(&document.notes),
        headings: headings.iter(),
        under: "",
        table: Table::default(),
        links: Vec::new(),
    };
    writer.items(&document.body);
    writer.footnotes();
    writer.out
}

impl Writer<'_> {
    fn items(&mut self, items: &[Item]) {
        let mut at = 0;
        while let Some(item) = items.get(at) {
            at += 1;
            match item {
                Item::Event(Event::Start(Tag::Paragraph)) => {
                    if let Some(length) = self.figure(&items[at..]) {
                        at += length;
                    } else {
                        self.out.push_str("<p>");
                    }
                }
                Item::Event(Event::Start(Tag::Image { dest_url, title, .. })) => {
                    let (alt, length) = alternative(&items[at..]);
                    self.image(dest_url, title, &alt);
                    at += length;
                }
                Item::Event(Event::Start(tag)) => {
                    if matches!(tag, Tag::Table(_)) {
                        self.table.measure(&items[at..]);
                    }
                    self.start(tag);
                }
                Item::Event(Event::End(tag)) => self.end(*tag),
                Item::Event(event) => self.event(event),
                Item::Text(text) => todo::write(&mut self.out, text),
                Item::Mark(mark) if mark.paired => self.mark(mark),
                Item::Mark(mark) => self.out.push_str(&escaped(&mark.text)),
                Item::RawStart(paragraph) => {
                    self.out.push_str(if *paragraph { "<p class=\"raw\">" } else { "" });
                }
                Item::RawEnd(paragraph) => self.out.push_str(if *paragraph { "</p>\n" } else { "" }),
            }
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            // Text that holds no placeholder: other text and tags are no events any more.
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.out.push_str(&escaped(text));
            }
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                let _ = write!(self.out, "<code>{}</code>", escaped(text));
            }
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>\n"),
            Event::Rule => self.out.push_str("<hr>\n"),
            Event::FootnoteReference(name) => {
                let html = self.notes.reference(name);
                self.out.push_str(&html);
            }
            Event::TaskListMarker(done) => {
                let (checked, label) = if *done { (" checked", "done") } else { ("", "to do") };
                let _ =
                    write!(self.out, "<input type=\"checkbox\" disabled{checked} aria-label=\"{label}\"> ");
            }
            Event::Start(_) | Event::End(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag) {
        match tag {
            Tag::Heading { level, .. } => match self.headings.next() {
                Some(heading) => {
                    self.under = &heading.text;
                    let _ = write!(self.out, "<{level} id=\"{}\">", escaped(&heading.id));
                }
                None => {
                    let _ = write!(self.out, "<{level}>");
                }
            },
            Tag::BlockQuote(_) => self.out.push_str("<blockquote>\n"),
            // A reader without a mouse must be able to scroll it.
            Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
                self.out.push_str("<pre tabindex=\"0\"><code>");
            }
            Tag::List(Some(1)) => self.out.push_str("<ol>\n"),
            Tag::List(Some(first)) => {
                let _ = writeln!(self.out, "<ol start=\"{first}\">");
            }
            Tag::List(None) => self.out.push_str("<ul>\n"),
            Tag::Item => self.out.push_str("<li>"),
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Strikethrough => self.out.push_str("<del>"),
            Tag::Link { link_type, dest_url, title, .. } => self.link_start(*link_type, dest_url, title),
            Tag::Table(alignments) => self.table.start(&mut self.out, alignments, self.under),
            Tag::TableHead => self.table.head(&mut self.out),
            Tag::TableRow => self.table.row(&mut self.out),
            Tag::TableCell => self.table.cell(&self.out),
            // Paragraphs and images are written above, footnotes last; other extensions are not switched on.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.out.push_str("</p>\n"),
            TagEnd::Heading(level) => {
                let _ = writeln!(self.out, "</{level}>");
            }
            TagEnd::BlockQuote(_) => self.out.push_str("</blockquote>\n"),
            TagEnd::CodeBlock => self.out.push_str("</code></pre>\n"),
            TagEnd::List(true) => self.out.push_str("</ol>\n"),
            TagEnd::List(false) => self.out.push_str("</ul>\n"),
            TagEnd::Item => self.out.push_str("</li>\n"),
            TagEnd::Emphasis => self.out.push_str("</em>"),
            TagEnd::Strong => self.out.push_str("</strong>"),
            TagEnd::Strikethrough => self.out.push_str("</del>"),
            TagEnd::Link => match self.links.pop() {
                None | Some(Link::No) => {}
                Some(Link::Yes) => self.out.push_str("</a>"),
                Some(Link::Text(address)) => self.out.push_str(&escaped(&address)),
            },
            TagEnd::Table => super::table::end(&mut self.out),
            TagEnd::TableHead => self.table.head_end(&mut self.out),
            TagEnd::TableRow => self.out.push_str("</tr>\n"),
            TagEnd::TableCell => self.table.cell_end(&mut self.out),
            _ => {}
        }
    }

    fn link_start(&mut self, kind: LinkType, address: &str, title: &str) {
        let address = if kind == LinkType::Email { format!("mailto:{address}") } else { address.to_owned() };
        let link = if may_lead_to(&address) {
            if self.in_link() {
                Link::No
            } else {
                self.out.push_str(&link(&address, title));
                Link::Yes
            }
        } else if kind == LinkType::Autolink {
            Link::Text(String::new())
        } else {
            Link::Text(format!(" ({address})"))
        };
        self.links.push(link);
    }

    fn in_link(&self) -> bool {
        self.links.contains(&Link::Yes)
    }

    /// An image that the caller gave is embedded; any other one becomes a link to it, or text.
    fn image(&mut self, address: &str, title: &str, alt: &str) {
        if let Some(html) = self.figures.image(address, alt) {
            self.out.push_str(&html);
            return;
        }
        let words = if alt.trim().is_empty() { address } else { alt };
        if may_lead_to(address) && !self.in_link() {
            let _ = write!(self.out, "{}{}</a>", link(address, title), escaped(words));
        } else if alt.trim().is_empty() || may_lead_to(address) {
            self.out.push_str(&escaped(words));
        } else {
            let _ = write!(self.out, "{} ({})", escaped(alt), escaped(address));
        }
    }

    /// A figure from a paragraph that holds nothing but an image that the caller gave, with the paragraph
    /// after it as its caption if that is wholly emphasised. Gives how many items it took.
    fn figure(&mut self, items: &[Item]) -> Option<usize> {
        let Some(Item::Event(Event::Start(Tag::Image { dest_url, .. }))) = items.first() else { return None };
        let (alt, length) = alternative(&items[1..]);
        let after = 1 + length;
        if !matches!(items.get(after), Some(Item::Event(Event::End(TagEnd::Paragraph)))) {
            return None;
        }
        let image = self.figures.image(dest_url, &alt)?;
        let _ = write!(self.out, "<figure>\n{image}\n");
        let mut taken = after + 1;
        if let Some(caption) = caption(&items[taken..]) {
            self.out.push_str("<figcaption>");
            self.items(&items[taken + 2..taken + 2 + caption]);
            self.out.push_str("</figcaption>\n");
            taken += caption + 4;
        }
        self.out.push_str("</figure>\n");
        Some(taken)
    }

    fn mark(&mut self, mark: &Mark) {
        let html = match (&mark.kind, mark.opens) {
            (Kind::Tag(tag), true) => format!("<{tag}>"),
            (Kind::Tag(tag), false) => format!("</{tag}>"),
            (Kind::Block(name), opens) => block(name, opens),
        };
        self.out.push_str(&html);
    }

    fn footnotes(&mut self) {
        if self.notes.is_empty() {
            return;
        }
        self.out.push_str("<section class=\"notes\" aria-labelledby=\"footnotes\">\n<h2 id=\"footnotes\">Notes</h2>\n<ol>\n");
        self.headings = [].iter();
        while let Some((number, items, back)) = self.notes.next() {
            let _ = writeln!(self.out, "<li id=\"note:{number}\">");
            self.items(items);
            if back {
                let _ = writeln!(
                    self.out,
                    "<p><a href=\"#noteref:{number}\" aria-label=\"Back to where note {number} is\">↩</a></p>"
                );
            }
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ol>\n</section>\n");
    }
}

/// The start or end of a block between markers: notes to the analyst stand out, by words too.
fn block(name: &str, opens: bool) -> String {
    let (class, label) = match name {
        "conflict" => ("conflict", "To resolve: two versions"),
        _ if name.starts_with("stale:") => ("stale", "To check: written for earlier numbers"),
        _ if opens => return format!("<section data-block=\"{}\">\n", escaped(name)),
        _ => return "</section>\n".to_owned(),
    };
    if !opens {
        return "</div>\n".to_owned();
    }
    let name = escaped(name);
    format!(
        "<div class=\"note {class}\" role=\"note\" data-block=\"{name}\">\n<p class=\"label\">{label}</p>\n"
    )
}

/// The words of an image up to its end, and how many items they are with it.
fn alternative(items: &[Item]) -> (String, usize) {
    let mut alt = String::new();
    let mut nested = 0_usize;
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::Event(Event::End(TagEnd::Image)) if nested == 0 => return (alt, at + 1),
            Item::Event(Event::End(TagEnd::Image)) => nested -= 1,
            Item::Event(Event::Start(Tag::Image { .. })) => nested += 1,
            Item::Event(event) => push_plain(&mut alt, event),
            Item::Text(text) => alt.push_str(text),
            Item::Mark(mark) if !mark.paired => alt.push_str(&mark.text),
            _ => {}
        }
    }
    (alt, items.len())
}

/// How many items there are within an emphasised paragraph that the items begin with.
fn caption(items: &[Item]) -> Option<usize> {
    let [Item::Event(Event::Start(Tag::Paragraph)), Item::Event(Event::Start(Tag::Emphasis)), rest @ ..] =
        items
    else {
        return None;
    };
    let mut depth = 0_usize;
    let end = rest.iter().position(|item| match item {
        Item::Event(Event::Start(_)) => {
            depth += 1;
            false
        }
        Item::Event(Event::End(_)) if depth == 0 => true,
        Item::Event(Event::End(_)) => {
            depth -= 1;
            false
        }
        _ => false,
    })?;
    matches!(rest.get(end + 1), Some(Item::Event(Event::End(TagEnd::Paragraph)))).then_some(end)
}
