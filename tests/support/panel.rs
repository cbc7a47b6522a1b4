//! Made panels: projects of any size, the same bytes for the same seed on any machine.

use std::fmt::Write as _;
use std::path::Path;

use super::write;

/// Pseudo-random numbers: splitmix64 (Steele, Lea, Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True once in `n` times.
    fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// A project: one raw file a month, one row a city and month.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    pub(crate) cities: u64,
    pub(crate) months: u64,
    pub(crate) seed: u64,
}

impl Panel {
    /// 20 cities over 24 months: under 500 rows.
    pub(crate) fn small(seed: u64) -> Self {
        Self { cities: 20, months: 24, seed }
    }

    /// 400 cities over 250 months: 100,000 rows.
    pub(crate) fn large(seed: u64) -> Self {
        Self { cities: 400, months: 250, seed }
    }

    /// Writes the project into `folder`.
    pub(crate) fn write(self, folder: &Path) {
        self.write_in_order(folder, self.files());
    }

    /// Writes the project into `folder`, the last raw file first.
    pub(crate) fn write_backwards(self, folder: &Path) {
        let mut files = self.files();
        files.reverse();
        self.write_in_order(folder, files);
    }

    fn write_in_order(self, folder: &Path, files: Vec<(String, String)>) {
        write(folder.join("pipeline.toml"), self.config());
        write(folder.join("schema.json"), SCHEMA);
        for (name, text) in files {
            write(folder.join("data/raw").join(name), text);
        }
    }

    /// The last third of the months is kept apart: half for calibration, half for the test.
    fn config(self) -> String {
        let (calibration, test) = (date(self.months * 2 / 3), date(self.months * 5 / 6));
        CONFIG.replace("CALIBRATION", &calibration).replace("TEST", &test)
    }

    /// Names and texts of the raw files, with missing cells and repeated rows.
    fn files(self) -> Vec<(String, String)> {
        let mut random = Random(self.seed);
        let mut prices: Vec<u64> = (0..self.cities).map(|_| 5_000 + random.below(5_000)).collect();
        let month = |month| {
            let date = date(month);
            let mut text = String::from("city,date,price,sales,listings\n");
            for (city, price) in prices.iter_mut().enumerate() {
                // In hundredths; 4 up and 3 down on average.
                *price += random.below(800);
                *price -= random.below(600).min(*price - 1);
                let row = row(&mut random, city, &date, *price);
                text.push_str(&row);
                if random.once_in(50) {
                    text.push_str(&row);
                }
            }
            (format!("{date}.csv"), text)
        };
        (0..self.months).map(month).collect()
    }
}

fn row(random: &mut Random, city: usize, date: &str, price: u64) -> String {
    let mut row = format!("city {city:03},{date}");
    for value in [price, 100 * random.below(400), 100 + price / 3 + random.below(2_000)] {
        let missing = random.once_in(25);
        let cell = if missing { String::new() } else { format!("{}.{:02}", value / 100, value % 100) };
        write!(row, ",{cell}").unwrap();
    }
    row + "\n"
}

/// The first day of a month counted from January 1990.
fn date(month: u64) -> String {
    format!("{}-{:02}-01", 1990 + month / 12, 1 + month % 12)
}

const CONFIG: &str = r#"[project]
name = "A made panel"
target = "price"
horizon = 1
entity = "city"
time = "date"

[ingest]
sources = ["data/raw/*.csv"]

[clean]
split = { calibration_from = "CALIBRATION", test_from = "TEST" }

[features]
rolling = [{ columns = ["price", "sales"], windows = [3], statistics = ["mean", "std"], min_rows = 1 }]
lags = [{ columns = ["price"], rows = [1, 2] }]

[features.ratios]
sales_per_listing = ["sales", "listings"]

[train]
min_rows = 20
"#;

const SCHEMA: &str = r#"{
  "missingValues": [""],
  "fields": [
    { "name": "city", "type": "string", "constraints": { "required": true } },
    { "name": "date", "type": "date", "constraints": { "required": true } },
    { "name": "price", "type": "number", "constraints": { "minimum": 0 } },
    { "name": "sales", "type": "number", "constraints": { "minimum": 0 } },
    { "name": "listings", "type": "number", "constraints": { "minimum": 0 } }
  ]
}
"#;
