//! The HTML of the report: what a parser of the standard and a browser make of it, whatever names and cells hold.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

#[path = "report_html/chain.rs"]
mod chain;
#[path = "support/chromium.rs"]
mod chromium;
#[path = "support/dom.rs"]
mod dom;
#[path = "report_html/hostile.rs"]
mod hostile;
#[path = "report_html/prose.rs"]
mod prose;
mod support;
#[path = "support/trained.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod trained;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chain::{Names, file_name, page, toml};
use chromium::{chromium, open};
use dom::Dom;
use sha2::{Digest as _, Sha256};
use support::{run, write};
use tempfile::TempDir;

/// Texts that are tried at once, each in every place.
const GROUP: usize = 6;

/// A project of a few rows, measured and reported.
fn reported() -> TempDir {
    let folder = trained::case().project();
    run("evaluate", folder.path(), &["-q"]).success();
    run("report", folder.path(), &["-q"]).success();
    folder
}

/// A page of ours has no errors of form, no scripts, and nothing that is fetched.
fn is_self_contained(html: &str) -> Dom {
    let dom = Dom::parse(html);
    assert_eq!(dom.errors, [""; 0], "{html}");
    for element in &dom.elements {
        assert!(!["script", "iframe", "object", "embed", "form", "base"].contains(&element.tag.as_str()));
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on") && name != "style" && name != "srcset", "{element:?}");
            let scheme = value.split(':').next().unwrap().to_ascii_lowercase();
            match name.as_str() {
                "src" => assert!(value.starts_with("data:image/"), "{element:?}"),
                "href" if element.tag == "link" => assert_eq!(value, "data:,"),
                "href" if value.starts_with('#') => {}
                "href" => assert!(["http", "https", "mailto"].contains(&scheme.as_str()), "{element:?}"),
                _ => {}
            }
        }
    }
    dom
}

/// The page of a project as a browser shows it, where there is a browser: nothing ran, nothing was refused.
fn in_browser(folder: &Path) -> Option<Dom> {
    let opened = open(chromium()?, &folder.join("reports/report.html"));
    assert_eq!(opened.console, [""; 0]);
    let dom = Dom::parse(&opened.dom);
    assert!(!dom.one("html").attributes.contains_key("data-hit"), "a script ran");
    Some(dom)
}

#[test]
fn the_page_is_well_formed_and_self_contained() {
    let folder = reported();
    let html = page(folder.path());
    let dom = is_self_contained(&html);
    assert_eq!(dom.comments, 0);
    assert_eq!(dom.one("title").text, "House prices");
    assert_eq!(dom.one("h1").text, "House prices");
    assert_eq!(dom.one("html").attributes["lang"], "en");
    let policy = dom.all("meta").find(|m| m.attributes.contains_key("http-equiv")).unwrap();
    let style = STANDARD.encode(Sha256::digest(dom.one("style").text.as_bytes()));
    assert_eq!(
        policy.attributes["content"],
        format!(
            "default-src 'none'; img-src data:; style-src 'sha256-{style}'; form-action 'none'; base-uri 'none'"
        )
    );
    // Every id once, and every link into the page has one to lead to.
    let mut ids: Vec<&String> = dom.elements.iter().filter_map(|e| e.attributes.get("id")).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
    let links = dom.all("a").filter_map(|a| a.attributes["href"].strip_prefix('#'));
    let links: Vec<&str> = links.collect();
    assert!(links.len() > 5 && links.iter().all(|to| ids.iter().any(|id| id == to)), "{links:?} {ids:?}");
    // Blocks are sections, by the names that the Markdown has.
    let blocks: Vec<&str> = dom.all("section").map(|s| s.attributes["data-block"].as_str()).collect();
    assert!(blocks.starts_with(&["title", "answer"]) && blocks.ends_with(&["reproduce"]), "{blocks:?}");
}

/// Contrast of two colours written `#rrggbb` (WCAG 2.2, relative luminance).
fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |colour: &str| {
        let part = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5))
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_stands_out_from_what_is_behind_it() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.005);
    let html = page(reported().path());
    let style = Dom::parse(&html).one("style").text.clone();
    let palettes: Vec<&str> = style.split(":root {").skip(1).filter(|p| p.contains("--page")).collect();
    assert_eq!(palettes.len(), 2, "light and dark");
    for palette in palettes {
        let colour = |name: &str| palette.split(&format!("--{name}: ")).nth(1).unwrap()[..7].to_owned();
        for (text, behind) in [
            ("text", "page"),
            ("text", "head"),
            ("text", "stale"),
            ("text", "conflict"),
            ("text", "good"),
            ("quiet", "page"),
            ("link", "page"),
            ("link", "stale"),
            ("link", "conflict"),
            ("stale-line", "stale"),
            ("conflict-line", "conflict"),
            ("open-text", "open"),
        ] {
            let found = contrast(&colour(text), &colour(behind));
            assert!(found >= 4.5, "{text} on {behind}: {found:.2}");
        }
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let (one, two) = (reported(), reported());
    assert_eq!(page(one.path()), page(two.path()));
    let before = std::fs::metadata(one.path().join("reports/report.html")).unwrap().modified().unwrap();
    run("report", one.path(), &["-q"]).success();
    let after = std::fs::metadata(one.path().join("reports/report.html")).unwrap().modified().unwrap();
    assert_eq!(before, after, "no change, no new bytes");
}

#[test]
fn a_browser_shows_the_page_without_complaint() {
    let folder = reported();
    let Some(dom) = in_browser(folder.path()) else { return };
    assert_eq!(dom.shape(), Dom::parse(&page(folder.path())).shape());
    assert_eq!(dom.one("h1").text, "House prices");
}

/// What the other tests look for is seen where it is: else they could not fail.
#[test]
fn a_script_that_runs_and_one_that_is_refused_are_seen() {
    let Some(program) = chromium() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.html");
    let script = hostile::AS_TYPED[0];
    write(&file, format!("<!DOCTYPE html><title>x</title>{script}"));
    let opened = open(program, &file);
    assert!(Dom::parse(&opened.dom).one("html").attributes.contains_key("data-hit"), "{}", opened.dom);
    // The policy of our pages keeps even a script that got in from running, an image from being fetched, and
    // an attribute from styling.
    let html = page(reported().path());
    for (inside, says) in [
        (script, "script"),
        ("<img src=x onerror=\"document.documentElement.dataset.hit=1\">", "x"),
        ("<img src=\"http://127.0.0.1:9/x.png\">", "127.0.0.1"),
        ("<p style=\"color:red\">x</p>", "style"),
        ("<style>p{color:red}</style>", "style"),
        ("<base href=\"http://127.0.0.1:9/\">", "base"),
    ] {
        write(&file, html.replace("</main>", &format!("{inside}</main>")));
        let opened = open(program, &file);
        assert!(opened.console.iter().any(|l| l.contains(says)), "{inside}: {:?}", opened.console);
        assert!(!Dom::parse(&opened.dom).one("html").attributes.contains_key("data-hit"));
    }
}

#[test]
fn hostile_names_and_cells_are_shown_as_they_are() {
    for group in hostile::all().chunks(GROUP) {
        let texts: Vec<&str> = group.iter().map(|(text, _)| *text).collect();
        let names = Names::of(&texts);
        let (folder, harmless) = (names.run(), names.harmless().run());
        let parsed = is_self_contained(&page(folder.path()));
        assert_eq!(parsed.shape(), is_self_contained(&page(harmless.path())).shape(), "{texts:?}");
        shows(&parsed, group);
        if let Some(dom) = in_browser(folder.path()) {
            assert_eq!(dom.shape(), parsed.shape(), "{texts:?}");
            shows(&dom, group);
        }
    }
}

/// Every text of the group stands in the cells and sentences where the report has it.
fn shows(dom: &Dom, group: &[(&str, &str)]) {
    let shown = |i: usize| group[i % group.len()].1;
    assert_eq!((dom.one("title").text.as_str(), dom.one("h1").text.as_str()), (shown(0), shown(0)));
    let paragraphs: Vec<&str> = dom.all("p").map(|p| p.text.as_str()).collect();
    assert!(paragraphs.contains(&format!("Author: {}", shown(1)).as_str()), "{paragraphs:?}");
    assert!(paragraphs.iter().any(|p| p.contains(&format!("in the unit of “y{}”", shown(2)))));
    let cells: Vec<&str> = dom.all("td").map(|td| td.text.as_str()).collect();
    let text = &dom.one("main").text;
    // A level has an indicator, but for the one that the others are compared with. A long name is cut.
    let level = |expected: &str| format!("kind{}={expected}", shown(2)).chars().take(200).collect::<String>();
    let missing = group.iter().filter(|(_, expected)| !text.contains(&level(expected))).count();
    assert_eq!(missing, 1, "{text}");
    for ((_, expected), i) in group.iter().zip(0..) {
        // Twice in tables of features, and in those of entities.
        let as_cell = cells.iter().filter(|cell| *cell == expected).count();
        assert!(as_cell >= 3, "{expected:?} in {as_cell} cells");
        let source = format!("data/raw/{i}{}.csv", file_name(expected));
        assert!(cells.contains(&source.as_str()), "{source}\n{cells:?}");
    }
}

#[test]
fn hostile_titles_are_shown_as_they_are() {
    let folder = reported();
    let harmless = Dom::parse(&page(folder.path())).shape();
    for (text, shown) in hostile::all().into_iter().chain([hostile::NUL]) {
        let config = trained::case().config + &format!("[report]\ntitle = {}\n", toml(text));
        write(folder.path().join("pipeline.toml"), config);
        run("report", folder.path(), &["-q"]).success();
        let dom = is_self_contained(&page(folder.path()));
        assert_eq!((dom.one("title").text.as_str(), dom.one("h1").text.as_str()), (shown, shown));
        assert_eq!(dom.shape(), harmless, "{shown}");
    }
}

#[test]
fn a_text_of_a_megabyte_is_cut() {
    let long = format!("<b>{}", "A".repeat(1_000_000));
    let mut case = trained::case();
    case.feature.clone_from(&long);
    case.config = format!("[project]\nname = \"{long}\"\ntarget = \"price\"\nhorizon = 1\n");
    let folder = case.project();
    run("evaluate", folder.path(), &["-q"]).success();
    run("report", folder.path(), &["-q"]).success();
    let html = page(folder.path());
    let cut = format!("<b>{}…", "A".repeat(197));
    for dom in [Some(is_self_contained(&html)), in_browser(folder.path())].into_iter().flatten() {
        assert_eq!(dom.one("h1").text, cut);
        assert!(dom.all("td").any(|td| td.text == cut));
    }
    assert!(html.len() < 200_000, "{}", html.len());
}
