//! Cutting a text into numbers, names and signs.

use crate::shown::shown;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Number(f64),
    /// A name as it stands: a column, or a function where `(` follows.
    Plain(String),
    /// A name between backquotes, with these removed: a column.
    Quoted(String),
    /// One of `+ - * / ^ ( ) ,`.
    Sign(char),
    /// What no expression holds, with what to do about it where that is known.
    Bad(&'static str),
    End,
}

/// A token with its place.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// First character, from 1.
    pub(crate) at: usize,
    /// As a message calls it.
    pub(crate) found: String,
}

/// Tokens of a text, one after the other.
pub(crate) struct Tokens {
    text: Vec<char>,
    /// The next character, from 0.
    next: usize,
}

impl Tokens {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), next: 0 }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.next + ahead).copied()
    }

    /// Passes over characters as long as they are of a kind.
    fn pass(&mut self, of_kind: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&of_kind) {
            self.next += 1;
        }
    }

    fn since(&self, start: usize) -> String {
        self.text[start..self.next].iter().collect()
    }

    /// The next token; [`Kind::End`] again and again after the last.
    pub(crate) fn next(&mut self) -> Token {
        self.pass(char::is_whitespace);
        let start = self.next;
        let (kind, found) = match self.peek(0) {
            None => (Kind::End, "the end".to_owned()),
            Some('`') => self.quoted(),
            Some(c) if starts_name(c) => {
                self.pass(|c| starts_name(c) || c.is_ascii_digit());
                let name = self.since(start);
                let found = format!("the name {}", shown(&name));
                (Kind::Plain(name), found)
            }
            Some(c) if is_digit(c) || c == '.' && self.peek(1).is_some_and(is_digit) => self.number(),
            Some(c) => {
                self.next += 1;
                let sign = if "+-*/^(),".contains(c) { Kind::Sign(c) } else { Kind::Bad(hint(c)) };
                (sign, shown(&c.to_string()))
            }
        };
        Token { kind, at: start + 1, found }
    }

    fn number(&mut self) -> (Kind, String) {
        let start = self.next;
        self.pass(is_digit);
        if self.peek(0) == Some('.') {
            self.next += 1;
            self.pass(is_digit);
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            let signed = usize::from(matches!(self.peek(1), Some('+' | '-')));
            if self.peek(1 + signed).is_some_and(is_digit) {
                self.next += 1 + signed;
                self.pass(is_digit);
            }
        }
        let text = self.since(start);
        let found = format!("the number {}", shown(&text));
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => (Kind::Number(value), found),
            _ => (Kind::Bad("numbers end at 1.8e308"), found),
        }
    }

    fn quoted(&mut self) -> (Kind, String) {
        let mut name = String::new();
        self.next += 1;
        loop {
            let Some(c) = self.peek(0) else {
                let unclosed = "a backquote that is never closed".to_owned();
                return (Kind::Bad("one of a name's own is doubled"), unclosed);
            };
            self.next += 1;
            if c == '`' {
                if self.peek(0) != Some('`') {
                    break;
                }
                self.next += 1;
            }
            name.push(c);
        }
        if name.is_empty() {
            return (Kind::Bad("a name stands between the backquotes"), "an empty name".to_owned());
        }
        let found = format!("the name {}", shown(&name));
        (Kind::Quoted(name), found)
    }
}

/// True for what a plain name may begin with.
pub(crate) fn starts_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// True where a column's name needs no backquotes.
pub(crate) fn is_plain(name: &str) -> bool {
    name.chars().next().is_some_and(starts_name) && name.chars().all(|c| starts_name(c) || c.is_ascii_digit())
}

/// What to do about a character that no expression holds.
fn hint(c: char) -> &'static str {
    match c {
        '=' | '<' | '>' | '!' | '≤' | '≥' | '≠' | ':' => "there are no comparisons and no assignments",
        '&' | '|' | '~' | '?' => "there is no logic",
        '%' => "there is neither a remainder nor a percentage",
        '"' | '\'' | '´' | '‘' | '’' | '“' | '”' => {
            "a name that is not plain stands between backquotes: ` `"
        }
        '[' | ']' | '{' | '}' => "only ( ) group",
        '−' | '–' | '—' => "a minus is written `-`",
        '×' | '·' | '⋅' | '∙' => "a product is written `*`",
        '÷' | '∕' => "a quotient is written `/`",
        '²' | '³' => "a power is written `^`",
        '.' => "a decimal point stands beside a digit",
        _ => "a name that holds it stands between backquotes",
    }
}
