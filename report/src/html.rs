//! The report as one HTML file that needs nothing else: images and style are within it, scripts are not.
//!
//! Whatever the Markdown holds, the page has no other elements than those written here, and its policy
//! (`Content-Security-Policy`) forbids scripts, forms and whatever is not in the file.

mod body;
mod figure;
mod headings;
mod items;
mod notes;
mod raw;
mod table;
mod text;
mod todo;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pulldown_cmark::{Event, Tag};
use sha2::{Digest as _, Sha256};

use figure::Figures;
use text::escaped;

/// The one stylesheet; the policy allows it by its hash.
const STYLE: &str = include_str!("html/style.css");
/// The first thing that the keyboard reaches.
const SKIP: &str = "<a class=\"skip\" href=\"#content\">Skip to the report</a>\n";

/// What a page is made of, beside its Markdown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<'a> {
    /// Title, as text.
    pub(crate) title: &'a str,
    /// Language of the words, by BCP 47: `en`.
    pub(crate) language: &'a str,
    /// State of the report, said in a line at the top; none says nothing.
    pub(crate) state: Option<Banner<'a>>,
    /// Images to embed. Any other one becomes a link or text.
    pub(crate) figures: &'a [Figure<'a>],
}

/// The state of a report and what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Banner<'a> {
    /// One word, as text: Draft, Reviewed or Published; in small letters it is a class for the stylesheet.
    pub(crate) state: &'a str,
    /// What follows it, as text; may be empty.
    pub(crate) words: &'a str,
}

/// An image to embed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure<'a> {
    /// Its path as the Markdown has it; the ending says what it is: `.svg`, `.png`, `.jpg`, `.jpeg`.
    pub(crate) path: &'a str,
    /// The file.
    pub(crate) bytes: &'a [u8],
}

/// The page: the same bytes for the same arguments.
pub(crate) fn page(markdown: &str, page: &Page) -> String {
    let markdown = markdown.replace("\r\n", "\n").replace('\r', "\n");
    let document = items::read(&markdown);
    let headings = headings::collect(document.body.iter());
    let main = body::write(&document, &headings, Figures(page.figures));
    let parts = [
        head(page),
        "<body>\n".to_owned(),
        SKIP.to_owned(),
        page.state.map(banner).unwrap_or_default(),
        headings::contents(&headings),
        format!("<main id=\"content\">\n{main}</main>\n</body>\n</html>\n"),
    ];
    parts.concat()
}

/// Paths of the images in `markdown` that could be embedded: files below the folder of the report, as written.
pub(crate) fn local_images(markdown: &str) -> Vec<String> {
    let inside = |path: &str| {
        figure::media_type(path).is_some()
            && !path.contains([':', '\\', '\0'])
            && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
    };
    let images = items::events(markdown).filter_map(|(event, _)| match event {
        Event::Start(Tag::Image { dest_url, .. }) if inside(&dest_url) => Some(dest_url.into_string()),
        _ => None,
    });
    let mut all: Vec<String> = images.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The lines of `markdown`, from 1, on which a placeholder begins; none where its bracket is escaped, nor in code
/// and comments.
pub(crate) fn placeholders(markdown: &str) -> Vec<usize> {
    items::placeholders(markdown)
}

fn head(page: &Page) -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; img-src data:; style-src 'sha256-{hash}'; form-action 'none'; base-uri 'none'"
    );
    let language = escaped(page.language);
    // On one line, without controls, and not longer than a name may be elsewhere.
    let title = escaped(&common::text::shown(page.title));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n"
    )
}

fn banner(banner: Banner) -> String {
    let class: String =
        banner.state.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    let words = if banner.words.is_empty() { String::new() } else { format!(" {}", escaped(banner.words)) };
    format!(
        "<p class=\"state {class}\" role=\"note\"><strong>{}</strong>{words}</p>\n",
        escaped(banner.state)
    )
}

#[cfg(test)]
mod tests;
