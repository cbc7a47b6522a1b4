//! What an analyst writes, or pastes: all of it is shown, and none of it gets more than the short list of tags.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::support::panel::Random;
use super::support::{run, write};
use super::{hostile, in_browser, is_self_contained, page, reported};

/// Tags that Markdown and the page may make, head included.
const TAGS: &str = "html head meta title link style body main nav details summary ul ol li a section div p h1 h2 h3 h4 h5 h6 \
                    table thead tbody tr th td strong em del code pre blockquote hr br sup sub kbd mark ins small input \
                    img figure figcaption";

/// Pieces that random documents are made of, beside the hostile ones.
const PIECES: &[&str] = &[
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    " ",
    "    ",
    "\t",
    "> ",
    "- ",
    "1. ",
    "# ",
    "## ",
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```\n",
    "| a | b |\n| - | -: |\n| ",
    " | ",
    "[",
    "](#x)",
    "](http://x.invalid)",
    "](javascript:x)",
    "![",
    "](a.svg)",
    "[^1]",
    "\n[^1]: ",
    "<",
    ">",
    "&",
    "\\",
    "<br>",
    "<sub>",
    "</sub>",
    "<sup>",
    "</sup>",
    "<kbd>",
    "</kbd>",
    "<mark>",
    "</mark>",
    "<ins>",
    "</ins>",
    "<del>",
    "</del>",
    "<small>",
    "</small>",
    "\n<details>\n",
    "\n</details>\n",
    "<summary>",
    "</summary>\n",
    "<details>",
    "\n<!-- millrace:begin a -->\n",
    "\n<!-- millrace:end a -->\n",
    "\n<!-- millrace:begin conflict -->\n",
    "\n<!-- millrace:end conflict -->\n",
    "\n<!-- millrace:begin stale:x -->\n",
    "\n<!-- millrace:end stale:x -->\n",
    "<!--",
    "-->",
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<table>",
    "<b onclick=x>",
    "words",
    "- [x] ",
    "---\n",
    "===\n",
    "\r\n",
    "\u{0}",
    "\u{1b}",
    "\u{fffe}",
];

fn only_known_tags(html: &str) {
    let known: BTreeSet<&str> = TAGS.split_whitespace().collect();
    let dom = is_self_contained(html);
    for element in &dom.elements {
        assert!(known.contains(element.tag.as_str()), "{}", element.tag);
    }
}

#[test]
fn hostile_prose_gets_no_more_than_the_short_list_of_tags() {
    let folder = reported();
    let file = folder.path().join("reports/report.md");
    let mut report = String::from("# All of it\n");
    for (text, _) in hostile::all().into_iter().chain([hostile::NUL]) {
        report += &format!(
            "\n## {text}\n\n{text}\n\n- {text}\n\n> {text}\n\n| a | b |\n| - | -: |\n| {text} | x |\n\nx {text} y\n"
        );
    }
    write(&file, &report);
    run("report", folder.path(), &["-q"]).success();
    only_known_tags(&page(folder.path()));
    if let Some(dom) = in_browser(folder.path()) {
        assert!(dom.one("main").text.contains("x <script>document.documentElement.dataset.hit=1</script> y"));
    }
}

#[test]
fn random_prose_gives_well_formed_pages() {
    let folder = reported();
    let file = folder.path().join("reports/report.md");
    let mut random = Random(42);
    let mut draw = |n: usize| usize::try_from(random.below(n as u64)).unwrap();
    for _ in 0..300 {
        let mut report = String::new();
        for _ in 0..draw(120) {
            report += if draw(8) == 0 {
                hostile::AS_TYPED[draw(hostile::AS_TYPED.len())]
            } else {
                PIECES[draw(PIECES.len())]
            };
        }
        write(&file, &report);
        run("report", folder.path(), &["-q"]).success();
        only_known_tags(&page(folder.path()));
    }
}

/// A picture with a style and a script of its own.
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><style>rect{fill:#0072b2}\
                   @media (prefers-color-scheme:dark){rect{fill:#56b4e9}}</style><rect width=\"9\" height=\"9\"/>\
                   <script>document.documentElement.dataset.hit=1</script></svg>";

#[test]
fn pictures_beside_the_report_are_within_the_page() {
    let folder = reported();
    write(folder.path().join("reports/report.figures/a.svg"), SVG);
    write(folder.path().join("outside.svg"), SVG);
    let text = "![A \"square\"](report.figures/a.svg)\n\n*One <script> **square**.*\n\n![gone](report.figures/b.svg)\n\n\
                ![out](../outside.svg)\n\n![far](http://x.invalid/x.png)\n";
    write(folder.path().join("reports/report.md"), text);
    run("report", folder.path(), &["-q"]).success();
    let html = page(folder.path());
    for dom in [Some(is_self_contained(&html)), in_browser(folder.path())].into_iter().flatten() {
        let image = dom.one("img");
        assert_eq!(image.attributes["alt"], "A \"square\"");
        let data = image.attributes["src"].strip_prefix("data:image/svg+xml;base64,").unwrap();
        assert_eq!(STANDARD.decode(data).unwrap(), SVG.as_bytes());
        assert_eq!(dom.one("figcaption").text, "One <script> square.");
        let main = &dom.one("main").text;
        for expected in ["gone (report.figures/b.svg)", "out (../outside.svg)", "far"] {
            assert!(main.contains(expected), "{main}");
        }
        assert!(dom.all("a").any(|a| a.attributes["href"] == "http://x.invalid/x.png" && a.text == "far"));
    }
}
