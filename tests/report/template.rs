//! A template of the project in place of the one built in.

use std::path::Path;

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use tempfile::TempDir;

use super::support::{json, read, stage, write};
use super::trained::{self, Case, case};
use super::{MANIFEST, REPORT, measured, report, without_hashes};

const TEMPLATE: &str = "report.template.md";

/// A measured project with this template.
fn with(case: &Case, template: impl AsRef<[u8]>) -> TempDir {
    let folder = measured(case);
    named(folder.path(), TEMPLATE);
    write(folder.path().join(TEMPLATE), template);
    folder
}

/// Names a template on line 6 of the configuration.
fn named(folder: &Path, template: &str) {
    let path = folder.join("pipeline.toml");
    let config = read(&path) + &format!("[report]\ntemplate = {template:?}\n");
    write(path, config);
}

/// The draft that a template makes.
fn made(case: &Case, template: &str) -> String {
    let folder = with(case, template);
    report(folder.path()).success();
    without_hashes(&read(folder.path().join(REPORT)))
}

fn built_in() -> String {
    let printed = stage("report").arg("--print-template").assert().success().stderr("");
    String::from_utf8(printed.get_output().stdout.clone()).unwrap()
}

#[test]
fn the_printed_template_makes_the_same_draft() {
    let folder = measured(&case());
    report(folder.path()).success();
    let plain = without_hashes(&read(folder.path().join(REPORT)));
    let template = built_in();
    let asks: Vec<&str> = template.lines().filter(|l| l.starts_with("[TO") && l.ends_with(']')).collect();
    assert!(asks.len() == 1 && plain.contains(asks[0]), "{asks:?}");
    let blocks = |draft: &str| -> String {
        // The template is one of the files that the reproduction names, and part of the configuration.
        draft.lines().filter(|l| !l.contains(TEMPLATE) && !l.starts_with("| report | ")).collect()
    };
    assert_eq!(blocks(&made(&case(), &template)), blocks(&plain));
    // As an editor of another system saves it.
    let other = format!("\u{feff}{}", template.replace('\n', "\r\n"));
    assert_eq!(blocks(&made(&case(), &other)), blocks(&plain));
}

#[test]
fn order_titles_and_words_are_the_templates() {
    let template = "\
# {{ title }} by {{ author | default(\"nobody\") }}

<!-- millrace:begin errors -->
## How far off

{{ sections.errors.body }}
<!-- millrace:end errors -->

<!-- millrace:begin my-own_2 -->
{% if improvement.persistence.verdict == \"better\" %}
It beats {{ target.source }} as it was: {{ improvement.persistence.mae | percent }}, {{ test.mae }} over {{ test.n }} rows.
{% else %}
It does not.
{% endif %}
{% for row in worst[:2] %}
- {{ row.time }}: {{ row.predicted | fixed(1) }}
{% endfor %}
<!-- millrace:end my-own_2 -->

<!-- millrace:begin answer -->
{{ sections.answer }}
<!-- millrace:end answer -->

<!-- millrace:begin segments -->
{{ sections.segments }}
<!-- millrace:end segments -->

{% raw %}{{ test.mae }}{% endraw %} is a reference. {{ sections.drift.title }} is no heading here.
";
    let draft = made(&case(), template);
    assert!(
        draft.starts_with(
            "# House prices by nobody\n\n<!-- millrace:begin errors -->\n\n## How far off\n\nErrors are"
        ),
        "{draft}"
    );
    // Test rows all miss by 1: the first two are the worst.
    let own = "<!-- millrace:begin my-own_2 -->\n\nIt beats price as it was: 80 %, 1.000 over 40 rows.\n- 80: 10.0\n- 81: 12.0\n\n<!-- millrace:end my-own_2 -->\n";
    assert!(draft.contains(own), "{draft}");
    assert!(draft.find("## How far off") < draft.find("## The answer"), "{draft}");
    assert!(draft.ends_with("\n{{ test.mae }} is a reference. Drift is no heading here.\n"), "{draft}");
    assert!(
        !draft.contains("segments") && !draft.contains("## Errors") && !draft.contains("# Drift"),
        "{draft}"
    );
    // Words follow the numbers.
    let mut worse = case();
    worse.rows.iter_mut().for_each(|row| row.last = Some(row.y));
    assert!(made(&worse, template).contains("-->\n\nIt does not.\n"));
}

#[test]
fn data_are_never_template_nor_markup() {
    for name in [
        "{{ 7*7 }}",
        "{% for a in [1] %}x{% endfor %}",
        "{# gone #}",
        "<!-- millrace:end answer -->",
        "<b>|*x*",
        "two\nlines",
    ] {
        let mut case = case();
        case.source = name.to_owned();
        case.feature = name.to_owned();
        case.config = format!("[project]\nname = {name:?}\ntarget = \"y\"\nhorizon = 1\n");
        let template = "\
<!-- millrace:begin answer -->
{{ sections.answer }}
<!-- millrace:end answer -->
{{ title }}; {{ target.source }}; {{ target.source | text }}; {% set x = target.source %}{{ x }}; {{ x ~ \"\" }}
{% for name, drift in drift.features | items %}{{ name }}: {{ drift.test.n }}; {% endfor %}
{% set kept %}{{ target.source }}{% endset %}{{ kept }}
";
        let draft = made(&case, template);
        let plain = made(&trained::case(), template);
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&draft), lines(&plain), "{draft}");
        // A reference, a tag or a mark is nowhere but in the two lines of the template.
        let bare = draft.replace("\\{", "").replace("\\}", "");
        assert!(!bare.contains(['{', '}']), "{draft}");
        assert!(!draft.contains("49") && draft.matches('<').count() == 2, "{draft}");
        // Shown as the sections show it, and escaped once.
        let shown = draft.lines().find_map(|l| l.split("predicts “").nth(1)).unwrap();
        let shown = shown.split("” one row").next().unwrap();
        assert!(draft.contains(&format!("\n{shown}; {shown}; {shown}; {shown}; {shown}\n")), "{draft}");
        // A line with a tag alone is none, so the last two are one.
        let listed = format!("{shown}: 40; ");
        assert!(draft.contains(&listed) && draft.ends_with(&format!("; {shown}\n")), "{draft}");
    }
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let folder = with(&case(), "x");
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000));
    let loops = |body: &str| {
        (0..8).fold(body.to_owned(), |body, _| {
            format!("{{% for a in [1,2,3,4,5,6,7,8] %}}{body}{{% endfor %}}")
        })
    };
    for (template, line, said) in [
        (
            "\n\n{{ test.mea | figure }}\n",
            3,
            "`test.mea` is not in metrics.json, nor a name that templates have (did you mean `test.mae`?)",
        ),
        ("{{ sections.anser }}\n", 1, "(did you mean `sections.answer`?)"),
        ("\n{{ mae }}\n", 2, "(did you mean `test.mae`?)"),
        ("{% for r in worst %}\n{{ r.predicte }}\n{% endfor %}\n", 2, "`r.predicte` is not"),
        ("{% if improvement.persistance %}x{% endif %}\n", 1, "(did you mean `improvement.persistence`?)"),
        ("\n{% if test.mae %}\n\nx\n", 2, "`{% if test.mae %}` is not closed: no `{% endif %}`"),
        (
            "{% for r in worst %}\n{% if r %}\n\n{% endfor %}\n",
            2,
            "`{% if r %}` is not closed before `{% endfor %}` of line 4: no `{% endif %}`",
        ),
        ("x\n{% raw %}{{ test.mae }}\n", 2, "`{% raw %}` is not closed: no `{% endraw %}`"),
        ("\n\n{% endfor %}\n", 3, "unknown statement endfor"),
        ("{{ test.mae | figur }}\n", 1, "`figur` is no filter (did you mean `figure`?)"),
        ("\n{{ title | figure }}\n", 2, "expected a number, this is text"),
        ("{{ title | safe }}\n", 1, "`safe` is no filter"),
        ("{{ test }}\n", 1, "this is a group of figures"),
        ("{% include \"/etc/passwd\" %}\n", 1, "unknown statement include"),
        ("{{ range(9) }}\n", 1, "range is unknown"),
        (&format!("x\n{}\n", loops("y")), 2, "takes too long: more than 500,000 steps"),
        ("{% set x = \"x\" * 1000000000 %}\n", 1, "takes too long"),
        (&deep, 1, "report.template.md:1: "),
        (
            "x\n<!-- millrace:begin answer -->\n",
            2,
            "block `answer` is not closed: no `<!-- millrace:end answer -->`",
        ),
        ("<!-- millrace:end answer -->\n", 1, "the end of `answer`, which nothing opened"),
        (
            "<!-- millrace:begin a -->\n\n<!-- millrace:begin b -->\n",
            3,
            "block `b` begins inside `a`, which line 1 opened",
        ),
        (
            "<!-- millrace:begin a -->\n<!-- millrace:end a -->\n<!-- millrace:begin a -->\n<!-- millrace:end a -->\n",
            3,
            "a second block `a`; the first begins on line 1",
        ),
        ("<!-- millrace:begin A b -->\n", 1, "this is no mark of a block; expected"),
        ("\n  <!-- millrace:begin a -->\n", 2, "this is no mark of a block"),
    ] {
        write(folder.path().join(TEMPLATE), template);
        let at = format!("report.template.md:{line}: ");
        report(folder.path()).code(2).stderr(contains(at).and(contains(said)));
    }
    // Only the draft shows this.
    let twice =
        "{% for a in [1, 2] %}\n<!-- millrace:begin a -->\n{{ a }}\n<!-- millrace:end a -->\n{% endfor %}\n";
    write(folder.path().join(TEMPLATE), twice);
    report(folder.path()).code(2).stderr(contains(
        "report.template.md:2: the draft it makes is not one: line 4 of it: a second block `a`",
    ));
    let glued = "{% if test.mae %}x{% endif %}\n<!-- millrace:begin a -->\ny\n<!-- millrace:end a -->\n";
    write(folder.path().join(TEMPLATE), glued);
    report(folder.path()).code(2).stderr(
        contains(
            "report.template.md:2: the draft it makes is not one: line 1 of it: this is no mark of a block",
        )
        .and(contains("the tag that ends the line before takes the line end with it: write `+%}` there")),
    );
    assert!(!folder.path().join(REPORT).exists());
    // Before any stage runs, as `make` asks.
    write(folder.path().join(TEMPLATE), "{% if %}");
    let asked = stage("report").arg("--print-config").arg("--project").arg(folder.path()).assert();
    asked.code(2).stdout("").stderr(contains("report.template.md:1: "));
}

#[test]
fn a_reference_in_a_template_keeps_the_end_of_its_line() {
    let block =
        |name: &str| format!("<!-- millrace:begin {name} -->\n\n{name}\n\n<!-- millrace:end {name} -->\n");
    let reference = "MAE: {% raw %}{{ test.mae }}{% endraw %}\n";
    let template = format!("{}{reference}{}## Mine\n{reference}{reference}Last.\n", block("a"), block("b"));
    let plain = "MAE: {{ test.mae }}\n";
    let draft = format!("{}{plain}{}## Mine\n{plain}{plain}Last.\n", block("a"), block("b"));
    assert_eq!(made(&case(), &template), draft);
    // As it is written in an editor of another system.
    assert_eq!(made(&case(), &template.replace('\n', "\r\n")), draft);
    // A tag alone on its line leaves none.
    assert_eq!(made(&case(), "a\n{% raw %}\n{{ b }}\n{% endraw %}\nc\n"), "a\n{{ b }}\nc\n");
}

#[test]
fn a_file_that_is_no_template_is_refused() {
    let folder = with(&case(), "x");
    let path = folder.path().join(TEMPLATE);
    for (bytes, said) in [
        (Vec::new(), "is empty"),
        (b" \n\n".to_vec(), "is empty"),
        (b"ab\0cd".to_vec(), "is no text in UTF-8: byte 3"),
        (b"abc\xff".to_vec(), "is no text in UTF-8: byte 4"),
        (vec![b'x'; (1 << 20) + 1], "a regular file of at most 1 MiB"),
    ] {
        write(&path, bytes);
        report(folder.path())
            .code(2)
            .stderr(contains("pipeline.toml:6: [report] template: ").and(contains(said)));
    }
    std::fs::remove_file(&path).unwrap();
    report(folder.path()).code(2).stderr(contains("is not there; `report --print-template` prints"));
    std::fs::create_dir(&path).unwrap();
    report(folder.path()).code(2).stderr(contains("a template is a regular file"));
    std::fs::remove_dir(&path).unwrap();
    let outside = TempDir::new().unwrap();
    write(outside.path().join("secret"), "secret");
    std::os::unix::fs::symlink(outside.path().join("secret"), &path).unwrap();
    report(folder.path()).code(2).stderr(contains("is a link out of the project folder"));
    for name in ["", "../x.md", "/etc/passwd", "a/../../x"] {
        let folder = measured(&case());
        named(folder.path(), name);
        report(folder.path()).code(2).stderr(contains("expected a path below the project folder"));
    }
}

#[test]
fn what_the_template_holds_is_part_of_the_configuration() {
    let folder = with(&case(), "one {{ test.mae }}\n");
    let config = || {
        let run =
            stage("report").arg("--print-config").arg("--project").arg(folder.path()).assert().success();
        serde_json::from_slice::<serde_json::Value>(&run.get_output().stdout).unwrap()
    };
    let first = config();
    assert_eq!(first["template"]["path"], TEMPLATE);
    assert_eq!(first["template"]["sha256"], common::hash::hex(b"one {{ test.mae }}\n"));
    report(folder.path()).success();
    let input = &json(folder.path().join(MANIFEST))["inputs"][2];
    assert_eq!(
        (&input["name"], &input["sha256"]),
        (&first["template"]["path"], &first["template"]["sha256"])
    );
    write(folder.path().join(TEMPLATE), "two {{ test.mae }}\n");
    assert_ne!(config(), first);
    report(folder.path()).success();
    assert_eq!(read(folder.path().join(REPORT)), "two 1.000\n");
}
