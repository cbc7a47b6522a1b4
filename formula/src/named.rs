//! Expressions under names, which may use one another.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::parse::parse;
use crate::shown::shown;
use crate::{Expression, Fault};

/// Most members of a circle that a message names.
const SHOWN_MEMBERS: usize = 10;

/// Expressions under names. A name that stands in one of them means the expression of that name where there is
/// one, else a plain column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expressions {
    named: BTreeMap<String, Expression>,
    order: Vec<String>,
}

impl Expressions {
    /// The expressions that `texts` writes, by their names.
    ///
    /// # Errors
    /// The name of the first that has a [`Fault`]; or, where some use one another in a circle, the first
    /// name of that circle, with the place where the circle begins.
    pub fn parse(texts: &BTreeMap<String, String>) -> Result<Self, (String, Fault)> {
        let (mut named, mut places) = (BTreeMap::new(), BTreeMap::new());
        for (name, text) in texts {
            let (expression, at) = parse(text).map_err(|fault| (name.clone(), fault))?;
            places.insert(name.as_str(), at);
            named.insert(name.clone(), expression);
        }
        let order = ordered(&named).map_err(|circle| in_circle(&circle, &named, &places))?;
        Ok(Self { named, order })
    }

    /// The names, each after those it uses; of those that could be next, the first by name.
    #[must_use]
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// The expression of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Expression> {
        self.named.get(name)
    }

    /// The plain columns that `name` is made of, through all the expressions it uses: distinct, in order of first
    /// appearance. A name that is no expression is its own source.
    #[must_use]
    pub fn sources(&self, name: &str) -> Vec<String> {
        let mut sources = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting = vec![name];
        while let Some(name) = waiting.pop() {
            if !seen.insert(name) {
                continue;
            }
            match self.named.get(name) {
                Some(expression) => waiting.extend(expression.columns.iter().rev().map(String::as_str)),
                None => sources.push(name.to_owned()),
            }
        }
        sources
    }
}

/// The names in an order in which each can be computed, or the members of a circle.
fn ordered(named: &BTreeMap<String, Expression>) -> Result<Vec<String>, Vec<&str>> {
    let used = |name: &str| named[name].columns.iter().filter(|c| named.contains_key(*c)).map(String::as_str);
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut waits_for: BTreeMap<&str, usize> = BTreeMap::new();
    for name in named.keys().map(String::as_str) {
        waits_for.insert(name, used(name).count());
        used(name).for_each(|other| users.entry(other).or_default().push(name));
    }

    let mut ready: BTreeSet<&str> =
        waits_for.iter().filter(|(_, n)| **n == 0).map(|(name, _)| *name).collect();
    let mut order = Vec::new();
    while let Some(name) = ready.pop_first() {
        waits_for.remove(name);
        order.push(name.to_owned());
        for user in users.remove(name).unwrap_or_default() {
            if let Some(n) = waits_for.get_mut(user) {
                *n -= 1;
                if *n == 0 {
                    ready.insert(user);
                }
            }
        }
    }
    // Each name left uses another one that is left, so this path comes back to itself.
    let Some(mut name) = waits_for.keys().next().copied() else { return Ok(order) };
    let mut path = Vec::new();
    let mut seen = HashSet::new();
    while seen.insert(name) {
        path.push(name);
        name = used(name).find(|other| waits_for.contains_key(other)).unwrap_or(name);
    }
    path.drain(..path.iter().position(|p| *p == name).unwrap_or_default());
    let first = path.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(i, _)| i);
    path.rotate_left(first);
    Err(path)
}

fn in_circle(
    circle: &[&str],
    named: &BTreeMap<String, Expression>,
    places: &BTreeMap<&str, Vec<usize>>,
) -> (String, Fault) {
    let first = circle[0];
    let next = circle.get(1).copied().unwrap_or(first);
    let column = named[first].columns.iter().position(|c| c == next);
    let at = column.map_or(1, |c| places[first][c]);
    if circle.len() == 1 {
        let found = format!("{}, the name of the expression itself", shown(first));
        return (first.to_owned(), Fault::new(at, &found, "other columns: give the expression a new name"));
    }
    let after = |i: usize| shown(circle[(i + 1) % circle.len()]);
    let mut uses: Vec<String> =
        circle.iter().enumerate().map(|(i, name)| format!("{} uses {}", shown(name), after(i))).collect();
    if uses.len() > SHOWN_MEMBERS {
        uses.truncate(SHOWN_MEMBERS);
        uses.push(format!("and so on through {} expressions", circle.len()));
    }
    let found = format!("{} in a circle ({})", shown(next), uses.join(", "));
    (first.to_owned(), Fault::new(at, &found, "no expression that is made of itself"))
}
