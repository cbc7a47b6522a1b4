use super::*;

/// What the page shows of some Markdown.
fn main(markdown: &str) -> String {
    shown(markdown, &[])
}

fn shown(markdown: &str, figures: &[Figure]) -> String {
    let html = page(markdown, &Page { title: "t", language: "en", state: None, figures });
    let (_, rest) = html.split_once("<main id=\"content\">\n").unwrap();
    rest.split_once("</main>").unwrap().0.trim_end().replace('\n', "")
}

#[test]
fn a_policy_allows_the_one_stylesheet_and_images_in_the_page() {
    let html = page("x", &Page { title: "a<b>&\"\u{1b}", language: "en", state: None, figures: &[] });
    // The charset must be said in the first 1024 bytes.
    assert!(html.find("<meta charset=\"utf-8\">").unwrap() < 100);
    let (_, rest) =
        html.split_once("content=\"default-src 'none'; img-src data:; style-src 'sha256-").unwrap();
    assert!(rest.split_once('\'').unwrap().1.starts_with("; form-action 'none'; base-uri 'none'\">"));
    assert!(html.contains("<title>a&lt;b&gt;&amp;&quot;\\u{1b}</title>"), "{html}");
    assert!(!STYLE.contains("</") && !STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn blocks_become_sections_only_where_they_are_whole() {
    let begin = |name: &str| format!("<!-- millrace:begin {name} -->\n");
    let end = |name: &str| format!("<!-- millrace:end {name} -->\n");
    let a = "<section data-block=\"a\">";
    for (markdown, expected) in [
        (begin("a") + "x\n" + &end("a"), format!("{a}<p>x</p></section>")),
        (begin("a") + "x\n<!-- millrace:end a 0123abcd -->", format!("{a}<p>x</p></section>")),
        (begin("a") + "| x |\n| - |\n| y |\n" + &end("a") + "z", {
            let table = "<div class=\"table few\" role=\"region\" tabindex=\"0\" aria-label=\"Table\"><table><thead><tr>\
                         <th scope=\"col\" class=\"s\">x</th></tr></thead><tbody><tr><td class=\"s\">y</td></tr></tbody></table></div>";
            format!("{a}{table}</section><p>z</p>")
        }),
        (begin("a") + "- x\n" + &end("a") + "z", format!("{a}<ul><li>x</li></ul></section><p>z</p>")),
        // Missing, doubled, crossed, nested in something else, in code, not alone on their line.
        (begin("a") + "x", "<p>x</p>".to_owned()),
        ("x\n".to_owned() + &end("a"), "<p>x</p>".to_owned()),
        (begin("a") + &begin("a") + "x\n" + &end("a"), format!("{a}<p>x</p></section>")),
        (begin("a") + "x\n" + &end("a") + &end("a"), format!("{a}<p>x</p></section>")),
        (
            begin("a") + "x\n" + &begin("b") + "y\n" + &end("a") + &end("b"),
            format!("{a}<p>x</p><p>y</p></section>"),
        ),
        (
            "> ".to_owned() + &begin("a") + "> x\n\n" + &end("a"),
            "<blockquote><p>x</p></blockquote>".to_owned(),
        ),
        (
            "    ".to_owned() + &begin("a"),
            "<pre tabindex=\"0\"><code>&lt;!-- millrace:begin a --&gt;</code></pre>".to_owned(),
        ),
        ("<!-- millrace:begin a --> x\n".to_owned() + &end("a"), "<p class=\"raw\"> x</p>".to_owned()),
        ("<!-- millrace:begin a b -->\n".to_owned() + &end("a"), String::new()),
        (begin("a\"onclick=x"), String::new()),
    ] {
        assert_eq!(main(&markdown), expected, "{markdown}");
    }
}

#[test]
fn notes_to_the_analyst_stand_in_boxes_with_words() {
    let text = "<!-- millrace:begin stale:1f -->\n> Written for 5.\n<!-- millrace:end stale:1f -->";
    let expected = "<div class=\"note stale\" role=\"note\" data-block=\"stale:1f\">\
                    <p class=\"label\">To check: written for earlier numbers</p>\
                    <blockquote><p>Written for 5.</p></blockquote></div>";
    assert_eq!(main(text), expected);
    let text = "<!-- millrace:begin a -->\n<!-- millrace:begin conflict -->\n# Mine\n<!-- millrace:end conflict -->\n<!-- millrace:end a -->";
    let expected = "<section data-block=\"a\"><div class=\"note conflict\" role=\"note\" data-block=\"conflict\">\
                    <p class=\"label\">To resolve: two versions</p><h1 id=\"mine\">Mine</h1></div></section>";
    assert_eq!(main(text), expected);
}

#[test]
fn raw_html_is_a_short_list_of_balanced_tags() {
    for (markdown, expected) in [
        ("H<sub>2</sub>O<br>x", "<p>H<sub>2</sub>O<br>x</p>"),
        ("<kbd>a <ins>b</kbd> c</ins>", "<p><kbd>a &lt;ins&gt;b</kbd> c&lt;/ins&gt;</p>"),
        ("*a <sub>b* c</sub>", "<p><em>a &lt;sub&gt;b</em> c&lt;/sub&gt;</p>"),
        ("a <sub>b\n\nc</sub>", "<p>a &lt;sub&gt;b</p><p>c&lt;/sub&gt;</p>"),
        ("a <!-- gone --> b", "<p>a  b</p>"),
        ("a <b onclick=\"x\">b</b>", "<p>a &lt;b onclick=&quot;x&quot;&gt;b&lt;/b&gt;</p>"),
        ("<script>alert(1)</script>", "<p class=\"raw\">&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        (
            "<details>\n<summary>More <em></summary>\n\n*x*\n\n</details>",
            "<details><summary>More &lt;em&gt;</summary><p><em>x</em></p></details>",
        ),
        ("<details>\n\nx", "&lt;details&gt;<p>x</p>"),
        ("a <details> b", "<p>a &lt;details&gt; b</p>"),
        ("<!-- never closed\n\n# x", "<p class=\"raw\">&lt;!-- never closed# x</p>"),
        ("<sub>\nx\n</sub>", "<p class=\"raw\"><sub>x</sub></p>"),
    ] {
        assert_eq!(main(markdown), expected, "{markdown}");
    }
}

#[test]
fn links_lead_out_only_where_they_may() {
    for (markdown, expected) in [
        (
            "[a](https://x.org/?a&b \"t\")",
            "<p><a href=\"https://x.org/?a&amp;b\" title=\"t\" rel=\"noopener noreferrer\">a</a></p>",
        ),
        ("[a](#b)", "<p><a href=\"#b\">a</a></p>"),
        ("<a@b.org>", "<p><a href=\"mailto:a@b.org\" rel=\"noopener noreferrer\">a@b.org</a></p>"),
        ("[*a*](javascript:alert(1))", "<p><em>a</em> (javascript:alert(1))</p>"),
        ("[a](java&#x0a;script:alert(1))", "<p>a (javascript:alert(1))</p>"),
        ("<javascript:alert(1)>", "<p>javascript:alert(1)</p>"),
        ("[a](metrics.json)", "<p>a (metrics.json)</p>"),
        (
            "![a *b*](https://x.org/y.png)",
            "<p><a href=\"https://x.org/y.png\" rel=\"noopener noreferrer\">a b</a></p>",
        ),
        ("[![a](http://x/y.png)](http://z)", "<p><a href=\"http://z\" rel=\"noopener noreferrer\">a</a></p>"),
        (
            "[a <b@c.org> d](http://z)",
            "<p><a href=\"http://z\" rel=\"noopener noreferrer\">a b@c.org d</a></p>",
        ),
        ("![](y.png) ![b](y.png)", "<p>y.png b (y.png)</p>"),
    ] {
        assert_eq!(main(markdown), expected, "{markdown}");
    }
}

#[test]
fn figures_are_embedded_with_their_captions() {
    let figures = [Figure { path: "r.figures/a.svg", bytes: b"<svg/>" }];
    let image = "<img alt=\"A &quot;b&quot;\" src=\"data:image/svg+xml;base64,PHN2Zy8+\">";
    for (markdown, expected) in [
        (
            "![A \"b\"](r.figures/a.svg)\n\n*One **two**.*\n\nx",
            format!("<figure>{image}<figcaption>One <strong>two</strong>.</figcaption></figure><p>x</p>"),
        ),
        (
            "![A \"b\"](r.figures/a.svg)\n\n*One* two",
            format!("<figure>{image}</figure><p><em>One</em> two</p>"),
        ),
        ("![A \"b\"](r.figures/a.svg)", format!("<figure>{image}</figure>")),
        ("x ![A \"b\"](r.figures/a.svg)", format!("<p>x {image}</p>")),
    ] {
        assert_eq!(shown(markdown, &figures), expected, "{markdown}");
    }
    let all =
        "![a](a.svg) ![b](d/b.PNG) ![c](../c.png) ![d](/d.png) ![e](http://e/e.png) ![f](f.gif) ![a](a.svg)";
    assert_eq!(local_images(all), ["a.svg", "d/b.PNG"]);
}

#[test]
fn footnotes_are_numbered_as_they_are_met() {
    let text = "a[^z] b[^y] c[^z]\n\n[^y]: Y\n[^z]: Z\n[^u]: U";
    let back =
        |n: u8| format!("<p><a href=\"#noteref:{n}\" aria-label=\"Back to where note {n} is\">↩</a></p>");
    let expected = format!(
        "<p>a<sup id=\"noteref:1\"><a href=\"#note:1\">1</a></sup> b<sup id=\"noteref:2\"><a href=\"#note:2\">2</a></sup> \
         c<sup><a href=\"#note:1\">1</a></sup></p><section class=\"notes\" aria-labelledby=\"footnotes\">\
         <h2 id=\"footnotes\">Notes</h2><ol><li id=\"note:1\"><p>Z</p>{}</li><li id=\"note:2\"><p>Y</p>{}</li>\
         <li id=\"note:3\"><p>U</p></li></ol></section>",
        back(1),
        back(2)
    );
    assert_eq!(main(text), expected);
    // What holds a note is no link, so that links do not nest.
    let html = main("[a[^y]](http://x)\n\n[^y]: Y");
    assert!(
        html.starts_with("<p>[a<sup id=\"noteref:1\"><a href=\"#note:1\">1</a></sup>](http://x)</p>"),
        "{html}"
    );
    assert_eq!(main("a[^none]"), "<p>a[^none]</p>");
}

#[test]
fn lists_tasks_code_and_rules() {
    for (markdown, expected) in [
        ("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>"),
        (
            "- [x] a\n- [ ] b",
            "<ul><li><input type=\"checkbox\" disabled checked aria-label=\"done\"> a</li>\
          <li><input type=\"checkbox\" disabled aria-label=\"to do\"> b</li></ul>",
        ),
        ("```x\n<b>\n```\n~~a~~", "<pre tabindex=\"0\"><code>&lt;b&gt;</code></pre><p><del>a</del></p>"),
        ("a\r\nb\rc", "<p>abc</p>"),
        ("a\0b \u{1b}[1m", "<p>a\\u{0}b \\u{1b}[1m</p>"),
        ("# a {#b .c onclick=x}", "<h1 id=\"a-b-c-onclick-x\">a {#b .c onclick=x}</h1>"),
        (
            "@: a *b*] \\@: c] \\\\@] &#91;@",
            "<p><mark class=\"open\">@</mark>: a <em>b</em>] @: c] \\<mark class=\"open\">@]</mark> [<mark class=\"open\">@</mark></p>",
        ),
        ("", ""),
    ] {
        let open = concat!("[TO", "DO");
        let (markdown, expected) = (markdown.replace('@', open), expected.replace('@', open));
        assert_eq!(main(&markdown), expected, "{markdown:?}");
    }
}

#[test]
fn contents_list_the_parts_of_the_document() {
    let html = page(
        "# T\n## A\n### B <b>\n> ## Quoted\n\n## A\n## \n",
        &Page {
            title: "t",
            language: "en",
            state: Some(Banner { state: "Draft", words: "a<b" }),
            figures: &[],
        },
    );
    let (_, rest) = html.split_once("<summary>Contents</summary>").unwrap();
    let list = rest.split_once("</details>").unwrap().0.replace('\n', "");
    assert_eq!(
        list,
        "<ul><li><a href=\"#a\">A</a></li><li class=\"sub\"><a href=\"#b-b\">B &lt;b&gt;</a></li>\
         <li><a href=\"#a-2\">A</a></li></ul>"
    );
    assert!(html.contains("<p class=\"state draft\" role=\"note\"><strong>Draft</strong> a&lt;b</p>"));
    assert!(
        !page("## A\n## B", &Page { title: "t", language: "en", state: None, figures: &[] }).contains("<nav")
    );
}

#[test]
fn placeholders_are_those_that_a_reader_would_see() {
    let todo = concat!("[TO", "DO: x]");
    for (markdown, lines) in [
        ("a\n\n@ and @", vec![3]),
        ("- @\n- b\n- @", vec![1, 3]),
        ("| a | @ |\n| --- | --- |\n| @ | b |", vec![1, 3]),
        ("*a @ b*", vec![1]),
        ("a <b>@</b>\n\n<details>\n@\n</details>", vec![1, 4]),
        ("a [@](http://x.org)", vec![1]),
        ("@(http://x.org)", vec![1]),
        ("\\@ and \\\\\\@", vec![]),
        ("`@` and\n\n```\n@\n```\n\n    @", vec![]),
        ("<!-- @ -->\n\na <!-- @ --> b", vec![]),
        ("[x] and [ TO", vec![]),
    ] {
        assert_eq!(super::placeholders(&markdown.replace('@', todo)), lines, "{markdown}");
        assert_eq!(super::placeholders(&markdown.replace('@', &todo.to_lowercase())), lines, "{markdown}");
    }
    let page = main(&"`@` and @ and \\@".replace('@', todo));
    assert_eq!(page.matches("<mark class=\"open\">").count(), 1, "{page}");
}
