//! Measures on made data with known answers: `bench-measures errors|line|mcb|coverage|speed [SEEDS]
//! [NAME]`, of designs whose name holds NAME; `dump FOLDER` writes
//! data and findings for `check.py`.

mod design;
mod dump;
mod intervals;
mod known;
mod line;
mod random;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seeds = || arguments.get(1).map_or(1000, |text| text.parse().unwrap());
    let name = arguments.get(2).map_or("", String::as_str);
    match arguments.first().map(String::as_str) {
        Some("errors") => intervals::run(seeds(), name),
        Some("line") => line::run(seeds(), name),
        Some("mcb") => known::miscalibration(seeds()),
        Some("coverage") => known::coverage(seeds()),
        Some("speed") => intervals::speed(),
        Some("dump") if arguments.len() == 2 => dump::run(arguments[1].as_ref()),
        _ => {
            eprintln!("usage: bench-measures errors|line|mcb|coverage|speed [SEEDS [NAME]] | dump FOLDER");
            std::process::exit(2);
        }
    }
}
