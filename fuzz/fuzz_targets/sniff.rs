//! Any head: the dialect found does not depend on chance, is in the text, and is the one that fits.

#![no_main]

use fuzz::{Kind, slow};
use libfuzzer_sys::fuzz_target;
use strict_csv::sniff::{Told, Unclear, find};
use strict_csv::{Dialect, Encoding, Limits, LineEnd};

const CANDIDATES: [u8; 4] = *b",;\t|";

fuzz_target!(|data: &[u8]| {
    let Some(([told, cut], head)) = data.split_first_chunk::<2>() else { return };
    let whole = told & 1 == 0;
    let choose = |bit: u8| told & bit != 0;
    let told = Told {
        encoding: None,
        delimiter: (told & 0xe0 == 0xe0).then_some(b':'),
        quote: [None, None, Some(Some(b'\'')), Some(None)][usize::from(told >> 5 & 3)],
        escape: choose(2).then_some(b'\\'),
        comment: choose(4).then(|| "#".to_owned()),
        skip_lines: choose(8).then_some(1),
        footer_lines: choose(16).then_some(1),
        header: None,
    };
    let found = find(head, whole, Encoding::Utf8, &told);
    assert_eq!(found, find(head, whole, Encoding::Utf8, &told));
    let is_separator_line =
        told.skip_lines.is_none() && found.as_ref().is_ok_and(|d: &Dialect| d.skip_lines == 1);
    match &found {
        Ok(dialect) => {
            assert!(
                head.contains(&dialect.delimiter) || dialect.delimiter == b',' || told.delimiter.is_some()
            );
            assert!(told.delimiter.is_none_or(|d| d == dialect.delimiter));
            let delimiter = Some(dialect.delimiter);
            assert!(delimiter != dialect.quote && delimiter != dialect.escape);
            assert!(!b"\r\n\0".contains(&dialect.delimiter));
            if told.skip_lines.is_none() && !dialect.quote.is_some_and(|q| head.contains(&q)) {
                let is_cr = head.contains(&b'\r') && !head.contains(&b'\n');
                assert_eq!(dialect.line_end == LineEnd::Cr, is_cr);
            }
        }
        Err(Unclear::Delimiters(several)) => {
            assert!(several.len() > 1 && several.iter().all(|d| head.contains(d)));
        }
        Err(Unclear::OneColumn(one)) => assert!(head.contains(one)),
        Err(Unclear::NotText(_)) => {}
    }
    if told.delimiter.is_some() || is_separator_line || matches!(found, Err(Unclear::NotText(_))) || !whole {
        return;
    }
    // Which delimiters fit a whole text, by a reader of another hand.
    let limits = Limits::default();
    let fitting = |line_end: LineEnd| -> Vec<(u8, Vec<usize>)> {
        let mut fits = Vec::new();
        for delimiter in CANDIDATES {
            let dialect = Dialect {
                delimiter,
                quote: told.quote.unwrap_or(Some(b'"')),
                escape: told.escape,
                comment: told.comment.clone(),
                skip_lines: told.skip_lines.unwrap_or(0),
                footer_lines: told.footer_lines.unwrap_or(0),
                line_end,
                ..Dialect::default()
            };
            let Some(pieces) = slow(head, &dialect, &limits) else { continue };
            let records = || pieces.iter().filter(|p| matches!(p.kind, Kind::Record(_)));
            let columns =
                records().next().map_or(0, |p| if let Kind::Record(c) = &p.kind { c.len() } else { 0 });
            if columns > 1 && records().count() > 1 {
                fits.push((delimiter, records().map(|p| p.byte).skip(2).collect()));
            }
        }
        fits
    };
    let line_end = found.as_ref().map_or_else(
        |_| if head.contains(&b'\n') { LineEnd::Lf } else { LineEnd::Cr },
        |dialect| dialect.line_end,
    );
    let fits = fitting(line_end);
    match (&fits[..], &found) {
        ([], _) => {}
        ([(one, ends)], Ok(dialect)) => {
            assert_eq!(*one, dialect.delimiter, "the one that fits");
            // Cut at the end of a record, the beginning fits as well.
            if told.footer_lines.is_none() && ends.len() > 1 {
                let end = ends[usize::from(*cut) % ends.len()];
                let anywhere = ends[1] + usize::from(*cut) % (head.len() - ends[1]);
                for (head, whole) in [(&head[..end], true), (&head[..anywhere], false)] {
                    // Which line is skipped hangs on the line end, and that on the quotes.
                    if told.skip_lines.is_some() && head.contains(&b'\r') {
                        continue;
                    }
                    match find(head, whole, Encoding::Utf8, &told) {
                        Ok(dialect) => assert_eq!(dialect.delimiter, *one, "cut, {whole} {}", head.len()),
                        Err(Unclear::Delimiters(several)) => assert!(several.contains(one)),
                        Err(other) => panic!("cut: {other}"),
                    }
                }
            }
        }
        (several, Err(Unclear::Delimiters(found))) => {
            assert!(several.iter().all(|(d, _)| found.contains(d)));
        }
        (several, found) => {
            // The line end was not told where nothing was found.
            assert!(found.is_err() && head.contains(&b'\r'), "{several:?} fit: {found:?}");
        }
    }
});
