//! How truth values are written in a column.

use std::collections::BTreeSet;

/// The texts of `true` and `false`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Truths {
    yes: BTreeSet<String>,
    no: BTreeSet<String>,
}

impl Truths {
    /// Those of Table Schema where a column declares none.
    const YES: [&str; 4] = ["true", "True", "TRUE", "1"];
    const NO: [&str; 4] = ["false", "False", "FALSE", "0"];

    /// The texts declared, the standard's where they are not.
    ///
    /// # Errors
    /// What is wrong with them: an empty list, or one text for both.
    pub(super) fn new(yes: Option<Vec<String>>, no: Option<Vec<String>>) -> Result<Self, String> {
        let set = |given: Option<Vec<String>>, standard: [&str; 4]| -> BTreeSet<String> {
            let standard = || standard.iter().map(|s| (*s).to_owned()).collect();
            given.map_or_else(standard, |given| given.into_iter().collect())
        };
        let truths = Self { yes: set(yes, Self::YES), no: set(no, Self::NO) };
        if truths.yes.is_empty() || truths.no.is_empty() {
            return Err("an empty list leaves no way to write the value".to_owned());
        }
        match truths.yes.intersection(&truths.no).next() {
            Some(both) => Err(format!("{} would be both true and false", crate::text::name(both))),
            None => Ok(truths),
        }
    }

    /// The truth value that `text` stands for.
    pub(super) fn read(&self, text: &str) -> Option<bool> {
        let is_true = self.yes.contains(text);
        (is_true || self.no.contains(text)).then_some(is_true)
    }
}
