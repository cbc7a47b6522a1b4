//! HTML read by a parser of the standard, with the errors that it found.
#![allow(clippy::allow_attributes, dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeMap;

use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) tag: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// All text within it.
    pub(crate) text: String,
}

/// A document.
pub(crate) struct Dom {
    pub(crate) errors: Vec<String>,
    pub(crate) elements: Vec<Element>,
    pub(crate) comments: usize,
}

impl Dom {
    /// Reads a document.
    pub(crate) fn parse(html: &str) -> Self {
        let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(html);
        let errors = dom.errors.borrow().iter().map(ToString::to_string).collect();
        let mut read = Self { errors, elements: Vec::new(), comments: 0 };
        read.add(&dom.document);
        read
    }

    /// Adds a node and what is in it; gives its text.
    fn add(&mut self, node: &Handle) -> String {
        let at = self.elements.len();
        match &node.data {
            NodeData::Text { contents } => return contents.borrow().to_string(),
            NodeData::Comment { .. } => self.comments += 1,
            NodeData::Element { name, attrs, .. } => {
                let attributes =
                    attrs.borrow().iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
                self.elements.push(Element { tag: name.local.to_string(), attributes, text: String::new() });
            }
            _ => {}
        }
        let text: String = node.children.borrow().iter().map(|child| self.add(child)).collect();
        if matches!(node.data, NodeData::Element { .. }) {
            self.elements[at].text.clone_from(&text);
        }
        text
    }

    /// The elements of a kind.
    pub(crate) fn all<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |e| e.tag == tag)
    }

    /// The only element of a kind.
    pub(crate) fn one<'a>(&'a self, tag: &'a str) -> &'a Element {
        let found: Vec<&Element> = self.all(tag).collect();
        assert_eq!(found.len(), 1, "{tag}: {found:?}");
        found[0]
    }

    /// How often there is an element of a kind with these attributes, whatever their values.
    pub(crate) fn shape(&self) -> BTreeMap<String, usize> {
        let mut shape = BTreeMap::new();
        for element in &self.elements {
            // How a cell is broken depends on how long its text is.
            let names: Vec<&str> =
                element.attributes.keys().map(String::as_str).filter(|n| *n != "class").collect();
            *shape.entry(format!("{} {}", element.tag, names.join(" "))).or_default() += 1;
        }
        shape
    }
}
