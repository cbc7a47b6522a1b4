//! What an analyst writes, or pastes: all of it is shown, and none of it gets more than the short list of tags.

use std::collections::BTreeSet;

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
