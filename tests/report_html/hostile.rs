//! Names, cells, file names and titles that try to be more than text.

/// What a script that runs leaves behind: an attribute of the document's element.
macro_rules! hit {
    () => {
        "document.documentElement.dataset.hit=1"
    };
}

/// Texts that must be shown as they were typed.
pub(crate) const AS_TYPED: &[&str] = &[
    // Elements, attributes and the ends of what might be around them.
    concat!("<script>", hit!(), "</script>"),
    concat!("<img src=x onerror=\"", hit!(), "\">"),
    concat!("<svg onload=", hit!(), ">"),
    concat!("<svg><script>", hit!(), "</script></svg>"),
    concat!("</script><script>", hit!(), "//"),
    concat!("</style><script>", hit!(), "</script>"),
    concat!("</title><script>", hit!(), "</script>"),
    concat!("</td></table></main><script>", hit!(), "</script>"),
    concat!("--><script>", hit!(), "</script><!--"),
    concat!("]]><script>", hit!(), "</script>"),
    concat!("\"><script>", hit!(), "</script>"),
    concat!("' onmouseover='", hit!()),
    concat!("\" autofocus onfocus=\"", hit!()),
    concat!("<iframe srcdoc=\"<script>parent.", hit!(), "</script>\">"),
    concat!("<details open ontoggle=", hit!(), ">"),
    concat!("<body onload=", hit!(), ">"),
    "<base href=//x.invalid/>",
    "<meta http-equiv=refresh content=\"0;url=data:text/html,x\">",
    "<link rel=stylesheet href=//x.invalid/x.css>",
    "<style>*{display:none}</style>",
    "<math><mtext></p><table>",
    "<textarea>",
    "<plaintext>",
    "<!DOCTYPE html>",
    "<?php echo 1 ?>",
    "<![CDATA[x]]>",
    "<form action=//x.invalid><button>go</button>",
    // Tags that an analyst may write.
    "<br>",
    "<sub>low</sub>",
    "<details><summary>x</summary>",
    "</kbd>",
    // Entities.
    "&lt;b&gt;",
    "&amp;amp;",
    "&#60;script&#62;",
    "&#x3c;b&#x3e;",
    "&notit; & &",
    "&NoBreak;",
    // Links and images.
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "[x](http://x.invalid/)",
    "![x](http://x.invalid/x.png)",
    "![x](report.figures/x.svg)",
    "<http://x.invalid/>",
    "<javascript:alert(1)>",
    "[x]: http://x.invalid/",
    "[x][y]",
    "[^1]",
    "[^1]: note",
    "http://x.invalid/",
    "www.x.invalid",
    "<a@b.invalid>",
    // Marks of Markdown.
    "a|b\\|c",
    "| --- | ---: |",
    "|",
    "# heading",
    "`code`",
    "```",
    "``` `` `",
    "**b** _i_ ~~s~~ __u__",
    "* item",
    "+ item",
    "- [ ] task",
    "1. one",
    "> quote",
    "---",
    "===",
    "\\",
    "\\\\[x\\\\]",
    "ends in \\",
    "{{ test.mae }}",
    "{% include 'x' %}{# x #}",
    "<!-- millrace:begin answer -->",
    "<!-- millrace:end answer -->",
    "<!-- millrace:end answer 01234567 --",
    "millrace:end answer",
    "<!--",
    concat!("[TO", "DO: not of the analyst]"),
    // For shells, spreadsheets, formats, paths.
    "$(touch pwned)",
    "`id`;rm -rf x",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "%s%n {0}",
    "__proto__",
    "../../x",
    "C:\\x",
    "CON",
    "x\"); DROP TABLE t;--",
    // Scripts of the world.
    "漢字 かな",
    "مرحبا",
    "é e\u{301} ß 👩",
];

/// Texts with controls, which are shown by their escapes.
pub(crate) const ESCAPED: &[(&str, &str)] = &[
    ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
    ("a\u{7}b\u{8}", "a\\u{7}b\\u{8}"),
    ("two\nlines", "two\\nlines"),
    ("para\n\n# heading\n\n| a |\n| - |\n", "para\\n\\n# heading\\n\\n| a |\\n| - |\\n"),
    ("a\rb", "a\\rb"),
    ("a\tb", "a\\tb"),
    ("\u{202e}evil\u{202c}", "\\u{202e}evil\\u{202c}"),
    ("a\u{200b}b\u{feff}c", "a\\u{200b}b\\u{feff}c"),
    ("a\u{2028}b\u{2029}c", "a\\u{2028}b\\u{2029}c"),
    ("👩\u{200d}👧", "👩\\u{200d}👧"),
    ("\u{85}\u{9b}31m", "\\u{85}\\u{9b}31m"),
];

/// A text that no source may hold, but a title.
pub(crate) const NUL: (&str, &str) = ("a\u{0}b", "a\\u{0}b");

/// All of them with what is shown.
pub(crate) fn all() -> Vec<(&'static str, &'static str)> {
    AS_TYPED.iter().map(|text| (*text, *text)).chain(ESCAPED.iter().copied()).collect()
}
