//! From a text to the steps, by recursive descent: one method for each rule of the grammar.

use crate::Fault;
use crate::expression::{Expression, Step};
use crate::function::{Function, elsewhere, functions};
use crate::shown::{nearest, shown};
use crate::token::{Kind, Token, Tokens};

/// Longest text, in characters, as given and as `Display` writes it.
pub const LONGEST: usize = 4096;

/// Most levels of parentheses, calls, signs and exponents within one another.
pub const DEEPEST: usize = 100;

const OPERAND: &str = "a number, a column, a function or `(`";

/// The expression, and for each of its columns the character of its first appearance.
pub(crate) fn parse(text: &str) -> Result<(Expression, Vec<usize>), Fault> {
    let length = text.chars().count();
    if length > LONGEST {
        return Err(too_long(LONGEST + 1, length, ""));
    }
    let mut tokens = Tokens::new(text);
    let current = tokens.next();
    let steps = Vec::new();
    let mut parser = Parser { tokens, current, depth: 0, columns: Vec::new(), places: Vec::new(), steps };
    parser.sum()?;
    if parser.current.kind != Kind::End {
        return Err(parser.unexpected("an operator or the end"));
    }
    let expression = Expression { columns: parser.columns, steps: parser.steps };
    // So that what is written back can be read again.
    let written = expression.to_string().chars().count();
    if written > LONGEST {
        return Err(too_long(1, written, " once it is written with blanks"));
    }
    Ok((expression, parser.places))
}

fn too_long(at: usize, length: usize, how: &str) -> Fault {
    let expected = format!("at most {LONGEST}: give a part of it a name of its own");
    Fault::new(at, &format!("{length} characters{how}"), &expected)
}

struct Parser {
    tokens: Tokens,
    current: Token,
    depth: usize,
    columns: Vec<String>,
    places: Vec<usize>,
    steps: Vec<Step>,
}

impl Parser {
    fn advance(&mut self) -> Token {
        let next = self.tokens.next();
        std::mem::replace(&mut self.current, next)
    }

    fn at_sign(&self, sign: char) -> bool {
        self.current.kind == Kind::Sign(sign)
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let hint = match self.current.kind {
            Kind::Bad(hint) => format!(" ({hint})"),
            _ => String::new(),
        };
        Fault::new(self.current.at, &self.current.found, &format!("{expected}{hint}"))
    }

    /// Takes the current token, and what `rest` reads, as one level deeper.
    fn deeper(&mut self, rest: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.depth == DEEPEST {
            let found = format!("more than {DEEPEST} levels within one another");
            return Err(Fault::new(self.current.at, &found, "fewer: give a part of it a name of its own"));
        }
        self.depth += 1;
        self.advance();
        rest(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn sum(&mut self) -> Result<(), Fault> {
        self.product()?;
        loop {
            let step = match self.current.kind {
                Kind::Sign('+') => Step::Add,
                Kind::Sign('-') => Step::Subtract,
                _ => return Ok(()),
            };
            self.advance();
            self.product()?;
            self.steps.push(step);
        }
    }

    fn product(&mut self) -> Result<(), Fault> {
        self.signed()?;
        loop {
            let step = match self.current.kind {
                Kind::Sign('*') => Step::Multiply,
                Kind::Sign('/') => Step::Divide,
                _ => return Ok(()),
            };
            let at = self.advance().at;
            if step == Step::Multiply && self.at_sign('*') && self.current.at == at + 1 {
                return Err(Fault::new(at, "`**`", "an operator (a power is written `^`)"));
            }
            self.signed()?;
            self.steps.push(step);
        }
    }

    fn signed(&mut self) -> Result<(), Fault> {
        match self.current.kind {
            Kind::Sign('-') => {
                self.deeper(Self::signed)?;
                self.steps.push(Step::Negate);
                Ok(())
            }
            Kind::Sign('+') => self.deeper(Self::signed),
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Result<(), Fault> {
        self.operand()?;
        if self.at_sign('^') {
            self.deeper(Self::signed)?;
            self.steps.push(Step::Power);
        }
        Ok(())
    }

    fn operand(&mut self) -> Result<(), Fault> {
        match self.current.kind {
            Kind::Number(value) => {
                self.advance();
                self.steps.push(Step::Number(value));
                Ok(())
            }
            Kind::Plain(_) | Kind::Quoted(_) => self.named(),
            Kind::Sign('(') => self.deeper(|parser| {
                parser.sum()?;
                parser.close("an operator or `)`")
            }),
            _ => Err(self.unexpected(OPERAND)),
        }
    }

    fn close(&mut self, expected: &str) -> Result<(), Fault> {
        if !self.at_sign(')') {
            return Err(self.unexpected(expected));
        }
        self.advance();
        Ok(())
    }

    /// A column, or a function with its arguments.
    fn named(&mut self) -> Result<(), Fault> {
        let token = self.advance();
        match token.kind {
            Kind::Plain(name) if self.at_sign('(') => self.call(&name, token.at),
            Kind::Plain(name) | Kind::Quoted(name) => {
                let known = self.columns.iter().position(|c| *c == name);
                let place = known.unwrap_or_else(|| {
                    self.columns.push(name);
                    self.places.push(token.at);
                    self.columns.len() - 1
                });
                self.steps.push(Step::Column(place));
                Ok(())
            }
            _ => Err(Fault::new(token.at, &token.found, OPERAND)),
        }
    }

    fn call(&mut self, name: &str, at: usize) -> Result<(), Fault> {
        let function = Function::named(name).ok_or_else(|| no_function(name, at))?;
        let mut arguments = 0;
        self.deeper(|parser| {
            if !parser.at_sign(')') {
                parser.sum()?;
                arguments = 1;
            }
            while arguments > 0 && parser.at_sign(',') {
                parser.advance();
                parser.sum()?;
                arguments += 1;
            }
            parser.close("an operator, `,` or `)`")
        })?;
        if arguments != function.arity() {
            return Err(wrong_arity(function, arguments, at));
        }
        self.steps.push(Step::Call(function));
        Ok(())
    }
}

fn wrong_arity(function: Function, arguments: usize, at: usize) -> Fault {
    let noun = if arguments == 1 { "argument" } else { "arguments" };
    let over_rows = match function {
        Function::Min | Function::Max if arguments == 1 => {
            " (over other rows, `rolling` and `expanding` of [features] do that)"
        }
        _ => "",
    };
    let found = format!("{arguments} {noun} of `{}`", function.name());
    Fault::new(at, &found, &format!("{}{over_rows}", function.arity()))
}

fn no_function(name: &str, at: usize) -> Fault {
    if let Some(place) = elsewhere(name) {
        let found = format!("{}, which looks at other rows", shown(name));
        return Fault::new(at, &found, &format!("a function of the row alone ({place})"));
    }
    let names = || functions().map(|(name, _)| name);
    let meant = match name.to_lowercase().as_str() {
        "log" => " (`ln` is the natural logarithm, `log10` the decimal one)".to_owned(),
        _ => nearest(name, names()).map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default(),
    };
    let all = names().collect::<Vec<_>>().join(", ");
    let found = format!("{} before `(`, which is no function{meant}", shown(name));
    Fault::new(at, &found, &format!("one of {all}; or an operator between a column and `(`"))
}
