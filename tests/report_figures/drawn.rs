//! A figure as another reader of XML finds it.

use std::path::Path;

use roxmltree::{Document, Node};

use super::support::read;

/// A figure: its texts and marks.
pub(crate) struct Drawing {
    pub(crate) name: String,
    pub(crate) svg: String,
}

/// A circle, or a polygon, in units of the drawing.
pub(crate) type Spots = Vec<(f64, f64)>;

impl Drawing {
    pub(crate) fn read(path: &Path) -> Self {
        Self { name: path.file_stem().unwrap().to_string_lossy().into_owned(), svg: read(path) }
    }

    fn document(&self) -> Document<'_> {
        Document::parse(&self.svg).unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    /// Elements of one kind and colour.
    fn found<T>(&self, tag: &str, colour: &str, of: impl Fn(Node<'_, '_>) -> T) -> Vec<T> {
        let document = self.document();
        let painted =
            |node: &Node<'_, '_>| [node.attribute("fill"), node.attribute("stroke")].contains(&Some(colour));
        document
            .descendants()
            .filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", tag)))
            .filter(painted)
            .map(of)
            .collect()
    }

    /// Centers of circles.
    pub(crate) fn circles(&self, colour: &str) -> Spots {
        self.found("circle", colour, |node| (number(node, "cx"), number(node, "cy")))
    }

    /// Corners of polygons.
    pub(crate) fn polygons(&self, colour: &str) -> Vec<Spots> {
        self.found("polygon", colour, |node| spots(node.attribute("points").unwrap()))
    }

    /// Spots of lines.
    pub(crate) fn lines(&self, colour: &str) -> Vec<Spots> {
        self.found("polyline", colour, |node| spots(node.attribute("points").unwrap()))
    }

    /// What the texts say.
    pub(crate) fn texts(&self) -> Vec<String> {
        let document = self.document();
        let texts = document.descendants().filter(|n| n.tag_name().name() == "text");
        texts.map(|n| n.text().unwrap_or_default().trim().to_owned()).collect()
    }

    pub(crate) fn title(&self) -> String {
        self.child("title")
    }

    pub(crate) fn words(&self) -> String {
        self.child("desc")
    }

    fn child(&self, tag: &str) -> String {
        let document = self.document();
        let node = document.root_element().children().find(|n| n.tag_name().name() == tag);
        node.and_then(|n| n.text()).unwrap_or_default().to_owned()
    }

    /// What holds for every figure.
    pub(crate) fn check(&self) {
        let (document, name) = (self.document(), &self.name);
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        let labels: Vec<&str> = root.attribute("aria-labelledby").unwrap().split(' ').collect();
        for label in &labels {
            assert!(document.descendants().any(|n| n.attribute("id") == Some(label)), "{name}: {label}");
        }
        assert!(self.title().len() > 5 && self.words().len() > 60, "{name}: {}", self.words());
        assert!(self.svg.len() < 150_000, "{name}: {} bytes", self.svg.len());
        self.check_colours(&document);
        self.check_elements(&document);
    }

    /// Every colour has its counterpart on a dark page.
    fn check_colours(&self, document: &Document<'_>) {
        let style = self.child("style");
        assert!(style.contains("@media (prefers-color-scheme:dark){"), "{style}");
        for node in document.descendants() {
            for key in ["fill", "stroke"] {
                let Some(colour) = node.attribute(key).filter(|colour| *colour != "none") else { continue };
                assert!(
                    style.contains(&format!("[{key}=\"{colour}\"]{{{key}:#")),
                    "{}: {key} {colour}",
                    self.name
                );
            }
        }
    }

    /// Nothing but marks, and all of them within the picture.
    fn check_elements(&self, document: &Document<'_>) {
        let view = document.root_element().attribute("viewBox").unwrap();
        let view: Vec<f64> = view.split(' ').map(|n| n.parse().unwrap()).collect();
        let within = |(x, y): (f64, f64)| (0.0..=view[2]).contains(&x) && (0.0..=view[3]).contains(&y);
        for node in document.root_element().descendants().filter(Node::is_element) {
            let places = match node.tag_name().name() {
                "polyline" | "polygon" => spots(node.attribute("points").unwrap()),
                "circle" => vec![(number(node, "cx"), number(node, "cy"))],
                "text" => ends(node),
                "svg" | "title" | "desc" | "style" => Vec::new(),
                other => panic!("{}: an element <{other}>", self.name),
            };
            for place in places {
                assert!(within(place), "{}: {place:?} lies outside {view:?}: {node:?}", self.name);
            }
        }
    }
}

fn number(node: Node<'_, '_>, key: &str) -> f64 {
    node.attribute(key).unwrap().parse().unwrap()
}

fn spots(points: &str) -> Spots {
    let one =
        |spot: &str| spot.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())).unwrap();
    points.split_whitespace().map(one).collect()
}

/// Where a text begins and ends: letters are taken as 0.58 em wide, thin ones as 0.3, as those of common fonts are.
fn ends(node: Node<'_, '_>) -> Spots {
    let letter = |c: char| if "ijlI.,:;'|!()[]{} ".contains(c) { 0.3 } else { 0.58 };
    let size = number(node.document().root_element(), "font-size");
    let wide = node.text().unwrap_or_default().trim().chars().map(letter).sum::<f64>() * size;
    let (x, y) = (number(node, "x"), number(node, "y"));
    let from = match node.attribute("text-anchor").unwrap() {
        "start" => x,
        "middle" => x - wide / 2.0,
        _ => x - wide,
    };
    vec![(from, y), (from + wide, y)]
}
