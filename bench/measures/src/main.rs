//! Measures on made data with known answers: `bench-measures errors|line|mcb|coverage [SEEDS]`.

mod design;
mod intervals;
mod line;
mod random;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seeds = arguments.get(1).map_or(1000, |text| text.parse().unwrap());
    match arguments.first().map(String::as_str) {
        Some("errors") => intervals::run(seeds),
        Some("line") => line::run(seeds),
        _ => {
            eprintln!("usage: bench-measures errors|line|mcb|coverage [SEEDS]");
            std::process::exit(2);
        }
    }
}
