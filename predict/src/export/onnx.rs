//! A linear model as an ONNX graph: `features` [N, p] times the coefficients, plus the intercept, through the link.
//!
//! Numbers of fields: `onnx.proto` of the ONNX project. Nothing in the file depends on when or where it was written.

use common::error::Result;
use common::json;
use model::{Linear, Link, Model};

use super::protobuf::Message;

/// Version of the file's form: the one that came with [`OPSET`].
const IR_VERSION: u64 = 7;
/// Version of the set of operators; runtimes since 2020 know it.
const OPSET: u64 = 13;
/// `DOUBLE` of the types of elements.
const DOUBLE: u64 = 11;

/// The file's bytes.
///
/// # Errors
/// [`common::Class::Unexpected`] where names cannot be written as JSON.
pub(super) fn graph(model: &Model, linear: &Linear) -> Result<Vec<u8>> {
    let width = linear.coefficients.len() as u64;
    let graph = nodes(linear)
        .text(2, "linear model")
        .message(5, &tensor("coefficients", &[width, 1], &linear.coefficients))
        .message(5, &tensor("intercept", &[1], &[linear.intercept]))
        .message(11, &value("features", width))
        .message(12, &value("prediction", 1));
    let file = Message::default()
        .number(1, IR_VERSION)
        .text(2, "millrace")
        .text(3, &model.version)
        .message(7, &graph)
        .message(8, &Message::default().text(1, "").number(2, OPSET));
    let told = [
        ("features", json::value(&model.features)?.to_string()),
        ("horizon", model.horizon.to_string()),
        ("target", model.target.clone()),
        ("target_column", model.target_column.clone()),
        ("version", model.version.clone()),
    ];
    let add = |file: Message, (key, value): &(&str, String)| {
        file.message(14, &Message::default().text(1, key).text(2, value))
    };
    Ok(told.iter().fold(file, add).into_bytes())
}

/// The operators in their order.
fn nodes(linear: &Linear) -> Message {
    let sum = if linear.link == Link::Log { "sum" } else { "prediction" };
    let graph = Message::default()
        .message(1, &node("MatMul", &["features", "coefficients"], "product"))
        .message(1, &node("Add", &["product", "intercept"], sum));
    match linear.link {
        Link::Identity => graph,
        Link::Log => graph.message(1, &node("Exp", &[sum], "prediction")),
    }
}

fn node(operator: &str, inputs: &[&str], output: &str) -> Message {
    let inputs = inputs.iter().fold(Message::default(), |node, input| node.text(1, input));
    inputs.text(2, output).text(3, operator).text(4, operator)
}

/// Numbers that the graph holds.
fn tensor(name: &str, shape: &[u64], values: &[f64]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let shaped = shape.iter().fold(Message::default(), |tensor, size| tensor.number(1, *size));
    shaped.number(2, DOUBLE).text(8, name).bytes(9, &raw)
}

/// An input or output: any number of rows, so many columns.
fn value(name: &str, columns: u64) -> Message {
    let rows = Message::default().text(2, "N");
    let shape = Message::default().message(1, &rows).message(1, &Message::default().number(1, columns));
    let tensor = Message::default().number(1, DOUBLE).message(2, &shape);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}
