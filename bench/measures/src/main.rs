//! Measures on made data with known answers: `bench-measures errors|line|mcb|coverage|speed [SEEDS]`; `dump FOLDER` writes
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
    match arguments.first().map(String::as_str) {
        Some("errors") => intervals::run(seeds()),
        Some("line") => line::run(seeds()),
        Some("mcb") => known::miscalibration(seeds()),
        Some("coverage") => known::coverage(seeds()),
        Some("speed") => intervals::speed(),
        Some("dump") if arguments.len() == 2 => dump::run(arguments[1].as_ref()),
        _ => {
            eprintln!("usage: bench-measures errors|line|mcb|coverage|speed [SEEDS] | dump FOLDER");
            std::process::exit(2);
        }
    }
}
