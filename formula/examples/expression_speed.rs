//! How long a million rows take: `cargo run --workspace --example expression_speed`.

#![allow(
    clippy::allow_attributes,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "prints what it measured"
)]

use std::time::Instant;

use formula::Expression;

fn main() {
    let rows = 1_000_000;
    let low: Vec<f64> = (0..rows).map(|i| 100.0 + f64::from(i % 977) * 0.01).collect();
    let high: Vec<f64> = low.iter().zip(0..).map(|(l, i)| l + f64::from(i % 13) * 0.1).collect();
    let column = |name: &str| match name {
        "High" => Some(&high[..]),
        "Low" => Some(&low[..]),
        _ => None,
    };
    let texts = [
        "High",
        "High - Low",
        "(High - Low) / (High + Low) * 2",
        "ln(High / Low)",
        "High ^ 2",
        "High ^ 1.5",
        "sin(High)",
    ];
    for text in texts {
        let expression = Expression::parse(text).unwrap();
        let best = (0..7)
            .map(|_| {
                let start = Instant::now();
                let done = expression.evaluate(low.len(), &column).unwrap();
                (start.elapsed(), done.undefined)
            })
            .min()
            .unwrap();
        println!("{text:35} {:8.2} ms", best.0.as_secs_f64() * 1e3);
    }
}
