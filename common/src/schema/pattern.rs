//! Ways to write dates that are found in data beside ISO 8601.
//!
//! Days and months of one or two digits, years of four only: `01/02/03` could be six days.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::date::number;

/// The mark between the parts, and where year, month and day stand.
struct Order {
    mark: u8,
    year: usize,
    month: usize,
    day: usize,
}

/// In the order of [`NAMES`].
const ORDERS: [Order; 6] = [
    Order { mark: b'/', year: 2, month: 1, day: 0 },
    Order { mark: b'/', year: 2, month: 0, day: 1 },
    Order { mark: b'/', year: 0, month: 1, day: 2 },
    Order { mark: b'.', year: 2, month: 1, day: 0 },
    Order { mark: b'-', year: 2, month: 1, day: 0 },
    Order { mark: b'-', year: 2, month: 0, day: 1 },
];

/// Ways to write the time of day after a date: none, hours and minutes, with seconds.
const CLOCKS: usize = 3;

/// strptime patterns: for each order of the parts its ways to write the time of day.
const NAMES: [&str; ORDERS.len() * CLOCKS] = [
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y",
    "%m-%d-%Y %H:%M",
    "%m-%d-%Y %H:%M:%S",
];

/// One of the patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pattern(usize);

impl Pattern {
    /// All of them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..NAMES.len()).map(Self)
    }

    /// The pattern written as `name` in strptime's words, where it is one of these.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().position(|n| *n == name).map(Self)
    }

    /// In strptime's words.
    pub(super) fn name(self) -> &'static str {
        NAMES[self.0]
    }

    /// Whether it has a time of day.
    pub(super) fn is_timed(self) -> bool {
        !self.0.is_multiple_of(CLOCKS)
    }

    /// `text` read by this pattern; midnight where it has no time of day.
    pub(super) fn read(self, text: &str) -> Option<NaiveDateTime> {
        let written = Written::scan(text.as_bytes())?;
        let day = written.day(&ORDERS[self.0 / CLOCKS])?;
        (written.clock == self.0 % CLOCKS).then(|| day.and_time(written.time))
    }
}

/// A set of patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Patterns(u32);

impl Patterns {
    /// The patterns that read `text`; nothing where none does.
    pub(super) fn of(text: &str) -> Option<Self> {
        let written = Written::scan(text.as_bytes())?;
        let fitting = ORDERS.iter().enumerate().filter(|(_, order)| written.day(order).is_some());
        let bits = fitting.fold(0, |bits, (i, _)| bits | 1 << (i * CLOCKS + written.clock));
        (bits != 0).then_some(Self(bits))
    }

    /// Those in both.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `pattern` is one of them.
    pub(super) fn has(self, pattern: Pattern) -> bool {
        self.0 >> pattern.0 & 1 == 1
    }

    /// One by one.
    pub(super) fn iter(self) -> impl Iterator<Item = Pattern> {
        Pattern::all().filter(move |p| self.has(*p))
    }
}

/// A date as it stands, before anybody says which part is the day.
struct Written {
    mark: u8,
    parts: [u32; 3],
    year: usize,
    clock: usize,
    time: NaiveTime,
}

impl Written {
    fn scan(text: &[u8]) -> Option<Self> {
        let (first, rest) = part(text)?;
        let (mark, rest) = rest.split_first().filter(|(m, _)| matches!(m, b'/' | b'.' | b'-'))?;
        let (second, rest) = part(rest)?;
        let (third, rest) = rest.strip_prefix(&[*mark]).and_then(part)?;
        let year = match [first.len(), second.len(), third.len()] {
            [4, 1 | 2, 1 | 2] => 0,
            [1 | 2, 1 | 2, 4] => 2,
            _ => return None,
        };
        let (clock, time) = time(rest)?;
        Some(Self {
            mark: *mark,
            parts: [number(first)?, number(second)?, number(third)?],
            year,
            clock,
            time,
        })
    }

    fn day(&self, order: &Order) -> Option<NaiveDate> {
        if self.mark != order.mark || self.year != order.year {
            return None;
        }
        let year = self.parts[order.year].cast_signed();
        NaiveDate::from_ymd_opt(year, self.parts[order.month], self.parts[order.day])
    }
}

/// One to four digits, and what follows.
#[inline]
fn part(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = text.iter().take(5).take_while(|b| b.is_ascii_digit()).count();
    (1..=4).contains(&length).then(|| text.split_at(length))
}

/// The rest of a text after its date: nothing, ` H:MM` or ` H:MM:SS`, the hour of one or two digits.
/// Which of the three, and the time.
fn time(rest: &[u8]) -> Option<(usize, NaiveTime)> {
    let [b' ', clock @ ..] = rest else {
        return rest.is_empty().then_some((0, NaiveTime::MIN));
    };
    let (hour, rest) = part(clock).filter(|(h, _)| h.len() <= 2)?;
    let (clock, minute, second) = match rest {
        [b':', m1, m2] => (1, [*m1, *m2], [b'0'; 2]),
        [b':', m1, m2, b':', s1, s2] => (2, [*m1, *m2], [*s1, *s2]),
        _ => return None,
    };
    let time = NaiveTime::from_hms_opt(number(hour)?, number(&minute)?, number(&second)?)?;
    Some((clock, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        Patterns::of(text).map(|p| p.iter().map(Pattern::name).collect()).unwrap_or_default()
    }

    #[test]
    fn each_text_fits_the_patterns_it_can_be() {
        for (text, expected) in [
            ("31/12/1999", vec!["%d/%m/%Y"]),
            ("12/31/1999", vec!["%m/%d/%Y"]),
            ("1/2/1999", vec!["%d/%m/%Y", "%m/%d/%Y"]),
            ("1999/2/28", vec!["%Y/%m/%d"]),
            ("28.2.1999", vec!["%d.%m.%Y"]),
            ("2.28.1999", vec![]),
            ("28-02-1999 9:05", vec!["%d-%m-%Y %H:%M"]),
            ("2-3-1999 23:59:58", vec!["%d-%m-%Y %H:%M:%S", "%m-%d-%Y %H:%M:%S"]),
            ("29/02/1999", vec![]),
            ("1/2/99", vec![]),
            ("1/2/12000", vec![]),
            ("1999-2-28", vec![]),
            ("1/2-1999", vec![]),
            ("1/2/1999 24:00", vec![]),
            ("1/2/1999 1:2", vec![]),
            ("1/2/1999 1:02 PM", vec![]),
            ("1/2/1999 ", vec![]),
            ("31/13/1999", vec![]),
            ("12/1999", vec![]),
            ("1999", vec![]),
            ("//", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(names(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_pattern_reads_what_strptime_writes_by_it() {
        let moment = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap().and_hms_opt(21, 7, 9).unwrap();
        for pattern in Pattern::all() {
            let text = moment.format(pattern.name()).to_string();
            let back = pattern.read(&text).unwrap();
            assert_eq!(back.format(pattern.name()).to_string(), text);
            assert_eq!(back.date(), moment.date());
            assert_eq!(Pattern::named(pattern.name()), Some(pattern));
            assert_eq!(pattern.is_timed(), pattern.name().contains("%H"));
            assert!(Patterns::of(&text).unwrap().has(pattern));
        }
        assert_eq!(Pattern::named("%Y-%m-%d"), None);
    }
}
