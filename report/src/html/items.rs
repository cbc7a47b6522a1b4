//! Markdown read into a flat list: its events, the blocks between markers, and raw HTML, all of it balanced.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use super::raw::{self, Raw};
use super::todo;

/// What a mark opens and closes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A block between `millrace` markers, by its name.
    Block(String),
    /// A tag of raw HTML.
    Tag(&'static str),
}

/// The start or the end of something that Markdown knows nothing of.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    pub(super) opens: bool,
    /// Whether its other end is there, at a place where both are balanced.
    pub(super) paired: bool,
    /// As it was written, to be shown where it is not paired.
    pub(super) text: String,
}

/// One piece of the document, in its order.
#[derive(Clone, Debug)]
pub(super) enum Item<'a> {
    Event(Event<'a>),
    /// Text, in which placeholders count.
    Text(String),
    Mark(Mark),
    /// Text between tags of a block of raw HTML begins; the flag says whether it makes a paragraph.
    RawStart(bool),
    RawEnd(bool),
}

/// A document: its body, and its footnotes in the order they were defined.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    pub(super) body: Vec<Item<'a>>,
    pub(super) notes: Vec<(String, Vec<Item<'a>>)>,
}

/// The events of Markdown with tables, strikethrough, footnotes and task lists.
pub(super) fn events(markdown: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS;
    Parser::new_ext(markdown, options).into_offset_iter()
}

/// Reads Markdown.
pub(super) fn read(markdown: &str) -> Document<'_> {
    let mut document = Document::default();
    // Footnotes that are open, the innermost last, with what they hold so far.
    let mut open: Vec<(String, Vec<Item>)> = Vec::new();
    let mut depth = 0_usize;
    let mut block: Option<String> = None;
    let mut code = false;
    for (event, place) in events(markdown) {
        code = is_code(&event, code);
        let top = depth == 0 && open.is_empty();
        let items = open.last_mut().map_or(&mut document.body, |(_, items)| items);
        match event {
            Event::Start(Tag::FootnoteDefinition(name)) => open.push((name.into_string(), Vec::new())),
            Event::End(TagEnd::FootnoteDefinition) => document.notes.extend(open.pop()),
            Event::Start(Tag::HtmlBlock) => block = Some(String::new()),
            Event::End(TagEnd::HtmlBlock) => push_block(items, &block.take().unwrap_or_default(), top),
            Event::Html(html) => match &mut block {
                Some(text) => text.push_str(&html),
                None => push_block(items, &html, top),
            },
            // Some lines of a block of HTML come as text.
            Event::Text(text) if block.is_some() => block.iter_mut().for_each(|b| b.push_str(&text)),
            Event::InlineHtml(html) => push_inline(items, &html),
            // Code is shown as it is: nothing in it is to be filled.
            Event::Text(text) if code => items.push(Item::Event(Event::Html(text))),
            Event::Text(text) => push_text(items, text, markdown, place.start),
            event => {
                match &event {
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth = depth.saturating_sub(1),
                    _ => {}
                }
                items.push(Item::Event(event));
            }
        }
    }
    pair(&mut document.body);
    document.notes.iter_mut().for_each(|(_, items)| pair(items));
    document
}

/// Whether what follows `event` is a block of code.
fn is_code(event: &Event, before: bool) -> bool {
    match event {
        Event::Start(Tag::CodeBlock(_)) => true,
        Event::End(TagEnd::CodeBlock) => false,
        _ => before,
    }
}

/// The lines of `markdown`, from 1, on which a placeholder begins: those that [`read`] leaves to be marked.
pub(super) fn placeholders(markdown: &str) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut code = false;
    // Text, and where each of its pieces stands in the source.
    let (mut text, mut places) = (String::new(), Vec::new());
    let mut flush = |text: &mut String, places: &mut Vec<(usize, usize)>| {
        let mut from = 0;
        while let Some(at) = todo::find(&text[from..]).map(|at| from + at) {
            let before = places.iter().rev().find(|(start, _)| *start <= at);
            found.extend(before.map(|(start, source)| source + (at - start)));
            from = at + 1;
        }
        text.clear();
        places.clear();
    };
    for (event, place) in events(markdown) {
        code = is_code(&event, code);
        match event {
            Event::Text(piece) if !code && (!piece.starts_with('[') || is_bracket(markdown, place.start)) => {
                places.push((text.len(), place.start));
                text.push_str(&piece);
                continue;
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                flush(&mut text, &mut places);
                for piece in raw::pieces(&html) {
                    if let Raw::Text(piece) = piece {
                        places.push((text.len(), place.start));
                        text.push_str(piece);
                        flush(&mut text, &mut places);
                    }
                }
            }
            // Its brackets are no text.
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                flush(&mut text, &mut places);
                let source = markdown[place.clone()].trim_start_matches('!');
                places.push((0, place.start));
                text.push_str(if todo::find(source) == Some(0) { source } else { "" });
            }
            _ => {}
        }
        flush(&mut text, &mut places);
    }
    flush(&mut text, &mut places);
    let source = markdown.as_bytes();
    let mut lines: Vec<usize> =
        found.iter().map(|at| source[..source.len().min(*at)].split(|b| *b == b'\n').count()).collect();
    lines.dedup();
    lines
}

/// Text, joined with the text before it. One that begins with a bracket that was escaped stays apart: it begins no
/// placeholder.
fn push_text<'a>(items: &mut Vec<Item<'a>>, text: CowStr<'a>, markdown: &str, at: usize) {
    if text.starts_with('[') && !is_bracket(markdown, at) {
        items.push(Item::Event(Event::Html(text)));
        return;
    }
    if let Some(Item::Text(before)) = items.last_mut() {
        before.push_str(&text);
    } else {
        items.push(Item::Text(text.into_string()));
    }
}

/// Whether a bracket stands there, which no backslash takes out of force.
fn is_bracket(markdown: &str, at: usize) -> bool {
    let before = markdown.as_bytes().get(..at).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|b| **b == b'\\').count();
    markdown.as_bytes().get(at) == Some(&b'[') && slashes.is_multiple_of(2)
}

/// Raw HTML among words.
fn push_inline(items: &mut Vec<Item>, html: &str) {
    for piece in raw::pieces(html) {
        match piece {
            Raw::Comment(_) => {}
            Raw::Open("br", _) => items.push(Item::Event(Event::HardBreak)),
            Raw::Open(tag, text) if !raw::is_block(tag) => items.push(tag_mark(tag, true, text)),
            Raw::Close(tag, text) if !raw::is_block(tag) => items.push(tag_mark(tag, false, text)),
            Raw::Open(_, text) | Raw::Close(_, text) | Raw::Text(text) => items.push(plain(text)),
        }
    }
}

/// A block of raw HTML; markers count where `top` says that nothing is around it.
fn push_block(items: &mut Vec<Item>, html: &str, top: bool) {
    let mut run: Vec<Item> = Vec::new();
    let mut summary = false;
    for piece in raw::pieces(html) {
        match piece {
            Raw::Comment(text) => {
                if let Some(mark) = marker(text).filter(|_| top && html.trim() == format!("<!--{text}-->")) {
                    items.push(Item::Mark(mark));
                }
            }
            Raw::Open(tag, text) | Raw::Close(tag, text) if raw::is_block(tag) => {
                let opens = matches!(piece, Raw::Open(..));
                end_run(items, &mut run, !summary);
                summary = tag == "summary" && opens;
                items.push(tag_mark(tag, opens, text));
            }
            Raw::Open("br", _) => run.push(Item::Event(Event::HardBreak)),
            Raw::Open(tag, text) => run.push(tag_mark(tag, true, text)),
            Raw::Close(tag, text) => run.push(tag_mark(tag, false, text)),
            Raw::Text(text) => run.push(plain(text)),
        }
    }
    end_run(items, &mut run, !summary);
}

fn end_run<'a>(items: &mut Vec<Item<'a>>, run: &mut Vec<Item<'a>>, paragraph: bool) {
    let blank = |item: &Item| matches!(item, Item::Text(text) if text.trim().is_empty());
    if !run.iter().all(blank) {
        items.push(Item::RawStart(paragraph));
        items.append(run);
        items.push(Item::RawEnd(paragraph));
    }
    run.clear();
}

fn plain<'a>(text: &str) -> Item<'a> {
    Item::Text(text.to_owned())
}

fn tag_mark<'a>(tag: &'static str, opens: bool, text: &str) -> Item<'a> {
    Item::Mark(Mark { kind: Kind::Tag(tag), opens, paired: false, text: text.to_owned() })
}

/// The marker in a comment, if it is one.
fn marker(comment: &str) -> Option<Mark> {
    let mut words = comment.split_whitespace();
    let opens = match words.next()? {
        "millrace:begin" => true,
        "millrace:end" => false,
        _ => return None,
    };
    let name = words.next()?.to_owned();
    let rest = words.count();
    // The end of a block may carry a hash.
    if rest > usize::from(!opens) {
        return None;
    }
    Some(Mark { kind: Kind::Block(name), opens, paired: false, text: String::new() })
}

/// Pairs marks: both ends must have the same parent, and what is between them must be balanced. A mark whose
/// other end is missing, doubled or elsewhere stays alone.
fn pair(items: &mut [Item]) {
    let mut frames: Vec<Vec<usize>> = vec![Vec::new()];
    for at in 0..items.len() {
        match &items[at] {
            Item::Event(Event::Start(_)) | Item::RawStart(_) => frames.push(Vec::new()),
            Item::Event(Event::End(_)) | Item::RawEnd(_) => frames.truncate(frames.len().max(2) - 1),
            Item::Mark(mark) => {
                let Some(frame) = frames.last_mut() else { continue };
                if mark.opens {
                    frame.push(at);
                    continue;
                }
                let same = |&open: &usize| matches!(&items[open], Item::Mark(m) if m.kind == mark.kind);
                let Some(place) = frame.iter().rposition(same) else { continue };
                let open = frame[place];
                frame.truncate(place);
                for end in [open, at] {
                    if let Item::Mark(mark) = &mut items[end] {
                        mark.paired = true;
                    }
                }
            }
            Item::Event(_) | Item::Text(_) => {}
        }
    }
}
