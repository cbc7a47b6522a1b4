//! The stack machine of pickle, for plain data: builds cells that may be shared, bounded in number.

use std::collections::BTreeMap;

use serde_json::Number;

use crate::opcodes::name;

use super::decode::{Op, Opcodes, Step, Take};
use super::tree::{Cell, Node};
use super::{MAX_DEPTH, MAX_VALUES, Refusal};

/// A cell on the stack and the offset of the opcode that put it there.
#[derive(Clone, Copy)]
struct Slot {
    cell: usize,
    offset: usize,
}

#[derive(Default)]
struct Machine<'a> {
    cells: Vec<Cell<'a>>,
    stack: Vec<Slot>,
    marks: Vec<usize>,
    memo: BTreeMap<u32, usize>,
    pushes: usize,
}

/// Runs all opcodes; gives the cells and the number of the one that holds the whole.
pub(super) fn run(mut opcodes: Opcodes<'_>) -> Result<(Vec<Cell<'_>>, usize), Refusal> {
    let mut machine = Machine::default();
    loop {
        let step = opcodes.step()?;
        if matches!(step.op, Op::Stop) {
            return match (machine.stack.as_slice(), machine.marks.as_slice()) {
                (&[Slot { cell, .. }], []) => Ok((machine.cells, cell)),
                _ => Err(misfit(step, "the stack does not hold exactly one value")),
            };
        }
        machine.step(step)?;
    }
}

fn misfit(step: Step<'_>, found: &'static str) -> Refusal {
    Refusal::Stack { opcode: name(step.code), found, offset: step.offset }
}

impl<'a> Machine<'a> {
    fn step(&mut self, step: Step<'a>) -> Result<(), Refusal> {
        match step.op {
            Op::Frame | Op::Stop => Ok(()),
            Op::Mark => self.mark(step),
            Op::EmptyDict => self.new_cell(step, Node::Dict(BTreeMap::new())),
            Op::EmptyList => self.new_cell(step, Node::List(Vec::new())),
            Op::None => self.new_cell(step, Node::Null),
            Op::Bool(value) => self.new_cell(step, Node::Bool(value)),
            Op::Text(text) => self.new_cell(step, Node::Text(text)),
            Op::Int(value) => self.number(step, Number::from_i128(value)),
            Op::Float(value) => self.number(step, Number::from_f64(value)),
            Op::Tuple(take) => {
                let items = self.take(step, take)?;
                let items = items.iter().map(|slot| slot.cell).collect();
                self.new_cell(step, Node::Tuple(items))
            }
            Op::Append(take) => {
                let items = self.take(step, take)?;
                self.append(step, &items)
            }
            Op::SetItems(take) => {
                let items = self.take(step, take)?;
                self.set_items(step, &items)
            }
            Op::Memoize => {
                let index = u32::try_from(self.memo.len()).unwrap_or(u32::MAX);
                self.put(step, index)
            }
            Op::Put(index) => self.put(step, index),
            Op::Get(index) => {
                let offset = step.offset;
                let found = self.memo.get(&index).copied();
                self.push(step, found.ok_or(Refusal::NoMemo { index, offset })?)
            }
        }
    }

    /// Nothing takes a value away unused, so the pushes of a good file are the values of the result at most.
    fn push(&mut self, step: Step<'_>, cell: usize) -> Result<(), Refusal> {
        let offset = step.offset;
        self.pushes += 1;
        if self.pushes > MAX_VALUES {
            return Err(Refusal::TooManyValues { offset });
        }
        self.stack.push(Slot { cell, offset });
        Ok(())
    }

    fn new_cell(&mut self, step: Step<'_>, node: Node<'a>) -> Result<(), Refusal> {
        self.push(step, self.cells.len())?;
        self.cells.push(Cell { node, offset: step.offset });
        Ok(())
    }

    fn number(&mut self, step: Step<'_>, number: Option<Number>) -> Result<(), Refusal> {
        // The decoder lets only 64-bit integers and finite floats through.
        let number = number.ok_or_else(|| misfit(step, "a number out of range"))?;
        self.new_cell(step, Node::Number(number))
    }

    /// Each open mark belongs to a list or dict being filled, so marks nest no deeper than those.
    fn mark(&mut self, step: Step<'_>) -> Result<(), Refusal> {
        if self.marks.len() >= MAX_DEPTH {
            return Err(Refusal::TooDeep { offset: step.offset });
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    /// The slots above the last mark; those below are out of reach.
    fn reach(&self) -> usize {
        let mark = self.marks.last().copied().unwrap_or(0);
        self.stack.len().saturating_sub(mark)
    }

    fn take(&mut self, step: Step<'_>, take: Take) -> Result<Vec<Slot>, Refusal> {
        let start = match take {
            Take::Top(count) if count <= self.reach() => self.stack.len() - count,
            Take::Top(_) => return Err(misfit(step, "too few values on the stack")),
            Take::AboveMark => match self.marks.pop() {
                Some(mark) => mark,
                None => return Err(misfit(step, "no mark on the stack")),
            },
        };
        Ok(self.stack.split_off(start))
    }

    fn top(&self, step: Step<'_>) -> Result<usize, Refusal> {
        match self.stack.last() {
            Some(slot) if self.reach() > 0 => Ok(slot.cell),
            _ => Err(misfit(step, "too few values on the stack")),
        }
    }

    fn append(&mut self, step: Step<'_>, items: &[Slot]) -> Result<(), Refusal> {
        let list = self.top(step)?;
        match self.cells.get_mut(list).map(|cell| &mut cell.node) {
            Some(Node::List(list)) => list.extend(items.iter().map(|slot| slot.cell)),
            _ => return Err(misfit(step, "there is no list to append to")),
        }
        Ok(())
    }

    fn set_items(&mut self, step: Step<'_>, items: &[Slot]) -> Result<(), Refusal> {
        let dict = self.top(step)?;
        let (pairs, []) = items.as_chunks::<2>() else {
            return Err(misfit(step, "a key without a value"));
        };
        for [key, value] in pairs {
            let offset = key.offset;
            let text = match self.cells.get(key.cell).map(|cell| &cell.node) {
                Some(&Node::Text(text)) => text,
                other => {
                    let found = other.map_or("nothing", Node::kind);
                    return Err(Refusal::KeyType { found, offset });
                }
            };
            let Some(Node::Dict(dict)) = self.cells.get_mut(dict).map(|cell| &mut cell.node) else {
                return Err(misfit(step, "there is no dict to set items of"));
            };
            if dict.insert(text, value.cell).is_some() {
                let key = text.to_owned();
                return Err(Refusal::DuplicateKey { key, offset });
            }
        }
        Ok(())
    }

    fn put(&mut self, step: Step<'_>, index: u32) -> Result<(), Refusal> {
        let cell = self.top(step)?;
        self.memo.insert(index, cell);
        // A value can be stored again and again without a push: bounded by itself.
        if self.memo.len() > MAX_VALUES {
            return Err(Refusal::TooManyValues { offset: step.offset });
        }
        Ok(())
    }
}
