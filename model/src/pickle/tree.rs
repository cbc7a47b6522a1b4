//! The cells of a read pickle, and the tree that is copied out of them.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::{MAX_BYTES, MAX_DEPTH, MAX_VALUES, Refusal};

/// A value whose parts are numbers of other cells, so that sharing costs nothing here.
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'a str),
    List(Vec<usize>),
    Tuple(Vec<usize>),
    Dict(BTreeMap<&'a str, usize>),
}

impl Node<'_> {
    /// What Python calls it, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Node::Null => "None",
            Node::Bool(_) => "a bool",
            Node::Number(_) => "a number",
            Node::Text(_) => "a string",
            Node::List(_) => "a list",
            Node::Tuple(_) => "a tuple",
            Node::Dict(_) => "a dict",
        }
    }
}

/// A node and the offset of the opcode that made it.
pub(super) struct Cell<'a> {
    pub node: Node<'a>,
    pub offset: usize,
}

/// Copies the shared cells out into a tree, within the limits.
pub(super) fn build(cells: &[Cell<'_>], root: usize) -> Result<Value, Refusal> {
    let mut tree = Tree { cells, open: vec![false; cells.len()], depth: 0, values: 0, text: 0 };
    tree.value(root)
}

struct Tree<'m, 'a> {
    cells: &'m [Cell<'a>],
    /// The lists and dicts on the way from the root to here.
    open: Vec<bool>,
    depth: usize,
    values: usize,
    text: usize,
}

impl Tree<'_, '_> {
    fn value(&mut self, id: usize) -> Result<Value, Refusal> {
        let Some(Cell { node, offset }) = self.cells.get(id) else {
            // The machine numbers the cells, so this is never reached.
            return Err(Refusal::Stack { opcode: "STOP", found: "a value that was never made", offset: 0 });
        };
        let offset = *offset;
        self.count(offset)?;
        match node {
            Node::Null => Ok(Value::Null),
            Node::Bool(value) => Ok(Value::Bool(*value)),
            Node::Number(number) => Ok(Value::Number(number.clone())),
            Node::Text(text) => self.string(text, offset).map(Value::String),
            Node::List(items) | Node::Tuple(items) => {
                self.enter(id, offset)?;
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.push(self.value(*item)?);
                }
                self.leave(id);
                Ok(Value::Array(list))
            }
            Node::Dict(items) => {
                self.enter(id, offset)?;
                let mut map = Map::new();
                for (key, item) in items {
                    self.count(offset)?;
                    map.insert(self.string(key, offset)?, self.value(*item)?);
                }
                self.leave(id);
                Ok(Value::Object(map))
            }
        }
    }

    fn count(&mut self, offset: usize) -> Result<(), Refusal> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Refusal::TooManyValues { offset });
        }
        Ok(())
    }

    fn string(&mut self, text: &str, offset: usize) -> Result<String, Refusal> {
        self.text += text.len();
        if self.text > MAX_BYTES {
            return Err(Refusal::TooMuchText { offset });
        }
        Ok(text.to_owned())
    }

    fn enter(&mut self, id: usize, offset: usize) -> Result<(), Refusal> {
        if let Some(open) = self.open.get_mut(id) {
            if *open {
                return Err(Refusal::Cycle { offset });
            }
            *open = true;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::TooDeep { offset });
        }
        Ok(())
    }

    fn leave(&mut self, id: usize) {
        if let Some(open) = self.open.get_mut(id) {
            *open = false;
        }
        self.depth -= 1;
    }
}
