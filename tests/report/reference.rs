//! References to figures in what an analyst wrote.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;

use super::support::{read, stage, write};
use super::trained::case;
use super::{REPORT, measured, report};

#[test]
fn references_are_filled_when_asked_for_and_never_in_the_report() {
    let folder = measured(&case());
    report(folder.path()).success();
    let path = folder.path().join(REPORT);
    let mine = "\
# Mine

It misses by {{ test.mae }}, {{ improvement.persistence.mae | percent }} less than before,
on {{ test.n }} rows; `{{ test.mae }}` and \\{{ test.mae }} stay.

```
{{ test.mae }}
```

<!-- {{ test.mae }} -->

| a | b |
| --- | --- |
| {{ test.r2 | fixed(2) }} | {{ test.mea }} |

{{ train.confidence }} {{ 7*7 }} {{ target.source }} {{ worst[0].time | text }}
";
    write(&path, mine);
    let filled = "\
# Mine

It misses by 1.000, 80 % less than before,
on 40 rows; `{{ test.mae }}` and \\{{ test.mae }} stay.

```
{{ test.mae }}
```

<!-- {{ test.mae }} -->

| a | b |
| --- | --- |
| 1.00 | **⚠ unknown figure: test.mea** |

not known (the same rows) **⚠ unknown figure: 7\\*7** price 80
";
    let run = stage("report").arg("--print-filled").arg("--project").arg(folder.path()).assert();
    run.success().stdout(filled).stderr(
        contains("report.md:14: `test.mea`: is not in metrics.json (did you mean `test.mae`?)")
            .and(contains("report.md:16: `7*7`: expected a path into metrics.json"))
            .and(contains("filled 7 references")),
    );
    assert_eq!(read(&path), mine);
}

#[test]
fn no_name_from_data_is_a_reference_in_the_draft() {
    let mut case = case();
    case.source = "{{ test.mae }}".to_owned();
    case.feature = "{{test.mae}}".to_owned();
    let folder = measured(&case);
    report(folder.path()).success();
    let draft = read(folder.path().join(REPORT));
    let run = stage("report").arg("--print-filled").arg("--project").arg(folder.path()).assert();
    run.success()
        .stdout(draft.clone())
        .stderr(contains("filled 0 references").and(contains("unknown").not()));
    // A reference to it shows it as text.
    write(folder.path().join(REPORT), "{{ target.source }}\n");
    let run = stage("report").arg("--print-filled").arg("--project").arg(folder.path()).assert();
    run.success().stdout("\\{\\{ test.mae \\}\\}\n");
    assert!(draft.contains("“\\{\\{ test.mae \\}\\}”"), "{draft}");
}

#[test]
fn a_report_that_is_not_there_has_no_references() {
    let folder = measured(&case());
    let run = stage("report").arg("--print-filled").arg("--project").arg(folder.path()).assert();
    run.code(13).stdout("").stderr(contains("report.md: not there; run `report` first"));
}
