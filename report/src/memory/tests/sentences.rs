use super::*;

type Sentence = (&'static str, Expected);
type Expected = &'static [(&'static str, &'static str)];

/// Every number of the list is remembered, for the figure named among at most two, and no other number is.
fn check(figures: &Value, sentences: &[Sentence]) {
    let known = Known::of(figures);
    for (text, expected) in sentences {
        let found = remembered(text, &known);
        let written: BTreeSet<&str> = found.iter().map(|(w, _)| w.as_str()).collect();
        assert_eq!(written, expected.iter().map(|(w, _)| *w).collect(), "{text}\n{found:?}");
        for (number, paths) in &found {
            let right = expected.iter().find(|(w, _)| w == number).map(|(_, path)| *path).unwrap();
            assert!(paths.iter().any(|p| p == right) && paths.len() <= 2, "{text}\n{number}: {paths:?}");
        }
    }
}

#[test]
fn numbers_about_housing() {
    check(&housing(), FIGURES_OF_HOUSING);
}

#[test]
fn numbers_about_stocks() {
    check(&stocks(), FIGURES_OF_STOCKS);
}

#[test]
fn numbers_about_cars() {
    check(&cars(), FIGURES_OF_CARS);
}

#[test]
fn numbers_that_are_no_figures() {
    check(&housing(), NO_FIGURES_OF_HOUSING);
    check(&stocks(), NO_FIGURES_OF_STOCKS);
    check(&cars(), NO_FIGURES_OF_CARS);
}

const FIGURES_OF_HOUSING: &[Sentence] = &[
    (
        "The model misses the next month's median price by $8,838 on average, which is good enough for a first look.",
        &[("$8,838", "test.mae")],
    ),
    (
        "On the test part the mean absolute error is 8,838 (95 % confidence 7,477 to 9,626).",
        &[
            ("8,838", "test.mae"),
            ("7,477", "test.confidence.mae.lower"),
            ("9,626", "test.confidence.mae.upper"),
        ],
    ),
    ("Half of the predictions are within 6,529 dollars.", &[("6,529", "test.median_absolute_error")]),
    ("R² of 0.92 looks impressive, but prices follow last month's prices.", &[("0.92", "test.r2")]),
    ("It explains 92 % of the variance.", &[("92 %", "test.r2")]),
    (
        "The gain over persistence is 18 %, between 10 and 24 %.",
        &[
            ("18 %", "improvement.persistence.mae"),
            ("10 %", "improvement.persistence.mae_lower"),
            ("24 %", "improvement.persistence.mae_upper"),
        ],
    ),
    (
        "Just repeating the last known value misses by 10,727, so we gain about $1,900 a month.",
        &[("10,727", "baselines.persistence.test.mae"), ("$1,900", "improvement.persistence.difference")],
    ),
    ("Predictions are too low by 2,549 on the whole.", &[("2,549", "test.bias")]),
    ("The bias of −2,549 comes from rising prices.", &[("−2,549", "test.bias")]),
    ("We tested on 1,649 rows from July 2012 to June 2015.", &[("1,649", "test.n")]),
    (
        "The model was fitted to 5,427 rows and calibrated on 781.",
        &[("5,427", "train.n"), ("781", "calibration.n")],
    ),
    ("In training the error was only 6,261, so some of the difference is drift.", &[("6,261", "train.mae")]),
    ("The calibration part has an error of 8,260.", &[("8,260", "calibration.mae")]),
    (
        "90 % intervals hold 89.2 % of the outcomes, 80 % intervals 77 %.",
        &[("89.2 %", "test.intervals.0\\.9.coverage"), ("77 %", "test.intervals.0\\.8.coverage")],
    ),
    (
        "The 90 % intervals are 36,541 wide, which is too much for a single house.",
        &[("36,541", "test.intervals.0\\.9.mean_width")],
    ),
    ("10 of 14 features drifted.", &[("10", "drift.alarms.test"), ("14", "model.features")]),
    (
        "South Padre Island is the worst city with an error of 25,369; its intervals hold only 47 %.",
        &[
            ("25,369", "segments.city.rows.South Padre Island.mae"),
            ("47 %", "segments.city.rows.South Padre Island.intervals.0\\.9.coverage"),
        ],
    ),
    ("In Lubbock the model is off by only 2,470.", &[("2,470", "segments.city.rows.Lubbock.mae")]),
    (
        "The worst single miss was 70,843, in South Padre Island in August 2013.",
        &[("70,843", "test.max_absolute_error")],
    ),
    (
        "RMSE is 12,278, well above the MAE of 8,838, so there are a few very large errors.",
        &[("12,278", "test.rmse"), ("8,838", "test.mae")],
    ),
    (
        "The calibration slope of 1.036 says that predictions are too timid.",
        &[("1.036", "test.calibration.slope")],
    ),
    ("The intercept is -2,903 and may be chance.", &[("-2,903", "test.calibration.intercept")]),
    ("PSI of inventory is 1.28, the second largest.", &[("1.28", "drift.features.inventory.test.psi")]),
    ("median_mean_12 drifted most (PSI 1.318).", &[("1.318", "drift.features.median_mean_12.test.psi")]),
    (
        "In Q2 2014 the error rose to 9,878, and in 2014-Q4 to 10,215.",
        &[("9,878", "periods.rows.2014-Q2.test.mae"), ("10,215", "periods.rows.2014-Q4.test.mae")],
    ),
    (
        "The mean outcome of the test part, 155,830, is far above that of the training part, 118,612.",
        &[("155,830", "test.mean_actual"), ("118,612", "train.mean_actual")],
    ),
    (
        "Always predicting the training median of 115,000 would miss by 44,916.",
        &[("115,000", "baselines.train_median.value"), ("44,916", "baselines.train_median.test.mae")],
    ),
    ("It is off by about 8,800 dollars.", &[("8,800", "test.mae")]),
    ("It is off by roughly 9,000 dollars.", &[("9,000", "test.mae")]),
    ("Errors of 8.8k are fine for us.", &[("8.8k", "test.mae")]),
    (
        "An error of 8.8 thousand dollars is 6 % of a typical price.",
        &[("8.8 thousand", "test.mae"), ("6 %", "test.mape")],
    ),
    ("The mean absolute percentage error is 6.0 %.", &[("6.0 %", "test.mape")]),
    ("MASE is 1.16, since test months move more than training months.", &[("1.16", "test.mase")]),
    (
        "607 rows were dropped because the target is missing.",
        &[("607", "ledger.feature_engineer.dropped.without_target")],
    ),
    (
        "Of 8,602 rows that were read, 7,857 are left.",
        &[("8,602", "ledger.ingest.rows_in"), ("7,857", "ledger.feature_engineer.rows_out")],
    ),
    ("The model covers 46 cities.", &[("46", "segments.city.levels")]),
    ("On the calibration rows R² is 0.86.", &[("0.86", "calibration.r2")]),
    ("Persistence has an R² of 0.867.", &[("0.867", "baselines.persistence.test.r2")]),
    (
        "MAE: 8,838 / RMSE: 12,278 / R²: 0.9164",
        &[("8,838", "test.mae"), ("12,278", "test.rmse"), ("0.9164", "test.r2")],
    ),
    ("**8,838** is the number to remember.", &[("8,838", "test.mae")]),
    ("With 8838 dollars off on average the model is usable.", &[("8838", "test.mae")]),
    (
        "Bottom line: expect to be wrong by nearly nine thousand dollars, i.e. $8,838, for any given city and month.",
        &[("$8,838", "test.mae")],
    ),
    (
        "Our forecasts beat the naive rule (10,727) by a clear margin.",
        &[("10,727", "baselines.persistence.test.mae")],
    ),
    (
        "We undershoot: on average the forecast is $2,549 below the price that is later seen.",
        &[("$2,549", "test.bias")],
    ),
    (
        "The uncertainty of the headline figure is large (7,477–9,626) because prices of all cities move together.",
        &[("7,477", "test.confidence.mae.lower"), ("9,626", "test.confidence.mae.upper")],
    ),
    (
        "The typical (median) error, 6,529, is smaller, so a few cities drive the mean.",
        &[("6,529", "test.median_absolute_error")],
    ),
    (
        "Note how the error grew from 6,261 on the training rows to 8,838 on new ones.",
        &[("6,261", "train.mae"), ("8,838", "test.mae")],
    ),
    (
        "Coverage of the wide intervals, 89.2%, is close to what was promised.",
        &[("89.2%", "test.intervals.0\\.9.coverage")],
    ),
    ("Only 77.2% fall inside the narrow ones.", &[("77.2%", "test.intervals.0\\.8.coverage")]),
    (
        "Irving: 52.8 % coverage, bias −6,375.",
        &[
            ("52.8 %", "segments.city.rows.Irving.intervals.0\\.9.coverage"),
            ("−6,375", "segments.city.rows.Irving.bias"),
        ],
    ),
    (
        "The first quarter of 2015 was hard: 9,718 off, and 4,390 too low.",
        &[("9,718", "periods.rows.2015-Q1.test.mae"), ("4,390", "periods.rows.2015-Q1.test.bias")],
    ),
    ("The PSI of the target is 0.968.", &[("0.968", "drift.target.test.psi")]),
    ("Sales hardly drifted (0.013).", &[("0.013", "drift.features.sales.test.psi")]),
    ("The mean price in the test years is 155,830.", &[("155,830", "test.mean_actual")]),
    ("Expect R-squared values near 0.9164 only while the market trends.", &[("0.9164", "test.r2")]),
    (
        "Compared with the constant guess, which misses by 44,916, anything is good: 80 % better.",
        &[("44,916", "baselines.train_median.test.mae"), ("80 %", "improvement.train_median.mae")],
    ),
    (
        "In other words, a reduction of the error by 17.6 percent.",
        &[("17.6 percent", "improvement.persistence.mae")],
    ),
    (
        "- MAE 8,838 ; - RMSE 12,278 ; - bias -2,549",
        &[("8,838", "test.mae"), ("12,278", "test.rmse"), ("-2,549", "test.bias")],
    ),
    ("The split leaves 1,649 city-months for the test.", &[("1,649", "test.n")]),
    ("The calibration test is not clear-cut (p = 0.027).", &[("0.027", "test.calibration.robust.p_value")]),
    (
        "R² of 0.92 (0.90 to 0.94).",
        &[("0.92", "test.r2"), ("0.90", "test.confidence.r2.lower"), ("0.94", "test.confidence.r2.upper")],
    ),
    ("The standard error of the MAE is 210 if rows were independent.", &[("210", "test.mae_se")]),
    ("About 5 of the 46 cities are tourist towns.", &[("46", "segments.city.levels")]),
];

const FIGURES_OF_STOCKS: &[Sentence] = &[
    (
        "On 2,787 unseen rows the model is off by 0.0043 on average.",
        &[("2,787", "test.n"), ("0.0043", "test.mae")],
    ),
    (
        "That is 7 % better than repeating the mean of the last five days, which gives 0.0046.",
        &[("7 %", "improvement.persistence.mae"), ("0.0046", "baselines.persistence.test.mae")],
    ),
    (
        "R² is 0.55, against 0.44 for persistence.",
        &[("0.55", "test.r2"), ("0.44", "baselines.persistence.test.r2")],
    ),
    ("R² fell from 0.70 in training to 0.55.", &[("0.70", "train.r2"), ("0.55", "test.r2")]),
    ("Facebook (FB) is the exception: its error is 0.0096.", &[("0.0096", "segments.Ticker.rows.FB.mae")]),
    (
        "Apple (AAPL) has an error of 0.0051, IBM of 0.0032.",
        &[("0.0051", "segments.Ticker.rows.AAPL.mae"), ("0.0032", "segments.Ticker.rows.IBM.mae")],
    ),
    (
        "The 90 % intervals hold 97.2 % of the outcomes: they are too wide.",
        &[("97.2 %", "test.intervals.0\\.9.coverage")],
    ),
    ("Their mean width is 0.0294.", &[("0.0294", "test.intervals.0\\.9.mean_width")]),
    ("3 of 3 features drifted.", &[("3", "drift.alarms.test")]),
    ("Predictions are too high by 0.0010.", &[("0.0010", "test.bias")]),
    ("Training has 7362 rows, calibration 1940 rows.", &[("7362", "train.n"), ("1940", "calibration.n")]),
    ("In 2011-Q3 the mean range rose to 0.0255.", &[("0.0255", "periods.rows.2011-Q3.test.mean_actual")]),
    (
        "The improvement over persistence may be as little as 1.6 % and as much as 11 %.",
        &[("1.6 %", "improvement.persistence.mae_lower"), ("11 %", "improvement.persistence.mae_upper")],
    ),
    ("MAPE is 24 %.", &[("24 %", "test.mape")]),
    (
        "The slope is 0.956, with limits of 0.869 and 1.042.",
        &[
            ("0.956", "test.calibration.slope"),
            ("0.869", "test.calibration.robust.slope_limits.lower"),
            ("1.042", "test.calibration.robust.slope_limits.upper"),
        ],
    ),
    ("The weight of range_mean_22 is 0.435.", &[("0.435", "coefficients.range_mean_22.coefficient")]),
    (
        "Mean absolute error 0.00429, baseline 0.00461: a gain of 7.0%.",
        &[
            ("0.00429", "test.mae"),
            ("0.00461", "baselines.persistence.test.mae"),
            ("7.0%", "improvement.persistence.mae"),
        ],
    ),
    (
        "The interval of the error is [0.00386, 0.00485].",
        &[("0.00386", "test.confidence.mae.lower"), ("0.00485", "test.confidence.mae.upper")],
    ),
    (
        "The model explains 55% of the variance out of sample, 70% in sample.",
        &[("55%", "test.r2"), ("70%", "train.r2")],
    ),
    ("The rms error is 0.0060.", &[("0.0060", "test.rmse")]),
    ("Relative to the range itself the error is 24 %.", &[("24 %", "test.mape")]),
    ("The 80 % intervals cover 92 % of the days.", &[("92 %", "test.intervals.0\\.8.coverage")]),
    ("MASE below one (0.68) is a good sign.", &[("0.68", "test.mase")]),
];

const FIGURES_OF_CARS: &[Sentence] = &[
    (
        "On the 57 cars of the test part the model misses by 1.7 miles per gallon.",
        &[("57", "test.n"), ("1.7", "test.mae")],
    ),
    (
        "The mean absolute error of 1.714 has wide limits, 1.400 to 2.434.",
        &[
            ("1.714", "test.mae"),
            ("1.400", "test.confidence.mae.lower"),
            ("2.434", "test.confidence.mae.upper"),
        ],
    ),
    ("R² is 0.79 on the test part and 0.94 in training.", &[("0.79", "test.r2"), ("0.94", "train.r2")]),
    (
        "61 % better than the training median, but no less than 41 % with 95 % confidence.",
        &[("61 %", "improvement.train_median.mae"), ("41 %", "improvement.train_median.mae_lower")],
    ),
    ("SUVs get 8.53 miles less than the reference class.", &[("8.53", "coefficients.class=suv.coefficient")]),
    ("Each additional cylinder (cyl) costs 2.87 mpg.", &[("2.87", "coefficients.cyl.coefficient")]),
    ("86 % of the test outcomes lie in the 90 % intervals.", &[("86 %", "test.intervals.0\\.9.coverage")]),
    ("The intervals are 5.4 mpg wide.", &[("5.4", "test.intervals.0\\.9.mean_width")]),
    ("RMSE 2.33 against an MAE of 1.71.", &[("2.33", "test.rmse"), ("1.71", "test.mae")]),
    ("MAE of 1.7, R² 0.8.", &[("1.7", "test.mae"), ("0.8", "test.r2")]),
    (
        "On average the cars of the test part get 22.96 mpg, the predictions say 23.16.",
        &[("22.96", "test.mean_actual"), ("23.16", "test.mean_predicted")],
    ),
    ("We trained on 119 cars and calibrated on 49.", &[("119", "train.n"), ("49", "calibration.n")]),
    (
        "The calibration error is 1.20, more than the 0.52 of chance.",
        &[("1.20", "test.calibration_error"), ("0.52", "test.calibration_error_floor")],
    ),
    ("The relative error is 7.6 %.", &[("7.6 %", "test.mape")]),
    ("The file has 234 rows.", &[("234", "ledger.ingest.rows_in")]),
    (
        "Expect to be 1.7 mpg off; half the cars are within 1.3.",
        &[("1.7", "test.mae"), ("1.3", "test.median_absolute_error")],
    ),
    (
        "With 57 test cars the error could be as high as 2.4.",
        &[("57", "test.n"), ("2.4", "test.confidence.mae.upper")],
    ),
    ("R² in training 0.935, on the test 0.793: overfitting.", &[("0.935", "train.r2"), ("0.793", "test.r2")]),
    (
        "The slope 0.794 (0.679 to 0.909) says the model is too sure.",
        &[
            ("0.794", "test.calibration.slope"),
            ("0.679", "test.calibration.robust.slope_limits.lower"),
            ("0.909", "test.calibration.robust.slope_limits.upper"),
        ],
    ),
    ("The baseline misses by 4.42.", &[("4.42", "baselines.train_median.test.mae")]),
    ("The 80 % intervals hold 73.7 %.", &[("73.7 %", "test.intervals.0\\.8.coverage")]),
    ("The average car does 24.07 mpg in the training part.", &[("24.07", "train.mean_actual")]),
];

const NO_FIGURES_OF_HOUSING: &[Sentence] = &[
    ("On the training part R² was 0.92 under the old settings.", &[]),
    ("Between 2012-07 and 2015-06 prices rose by a third.", &[]),
    ("We looked at 3 models and took the simplest.", &[]),
    ("Prices are in dollars of 2015 and not adjusted for inflation of 2.1 % a year.", &[]),
    ("A 30-year mortgage at 4.5 % makes this small.", &[]),
    ("In Austin alone 950,000 people live.", &[]),
    ("The committee meets on 14 March 2016 at 10:30 in room 217.", &[]),
    ("See Table 3 and section 4.2, and the ticket #8838.", &[]),
    ("Version 0.1.0 of the pipeline was used.", &[]),
    ("An error below 5,000 would be needed for a single house.", &[]),
    ("We recommend a review every 6 months.", &[]),
    ("Texas has 254 counties, of which this covers some.", &[]),
    ("The 2008 crisis is in the training part.", &[]),
    ("About 40 % of all listings come from four cities.", &[]),
    ("Use it for budgets above $100,000 only.", &[]),
    ("The 90 % intervals can be used as they are; the 80 % intervals too.", &[]),
    ("A house for $350,000 is out of its range.", &[]),
    ("I would accept an error of 10 %.", &[]),
    ("The last 12 months are the hardest.", &[]),
    ("Our target for next year is an MAE of 7,500.", &[]),
    ("The old model, from 2014, had an MAE of 9,912 and an R² of 0.89.", &[]),
    ("Call 555-0199 or write to desk-42@example.org.", &[]),
    ("It took 3.5 hours to collect the data.", &[]),
    ("One in 10 houses is sold twice.", &[]),
    ("In the second half of 2013 prices jumped by 25,000 in Irving.", &[]),
    ("We plan for a budget of 12,500 per quarter.", &[]),
    ("The population grew from 20.9 million to 27.5 million between 2000 and 2015.", &[]),
    ("An MAE under 10,000 was the goal that the board set.", &[]),
    ("Median household income is $51,900.", &[]),
    ("Property tax is 1.83 % of the value.", &[]),
    ("Around 60 realtors were asked, and 45 answered.", &[]),
    ("The data were downloaded on 2016-02-11 (file size 525 kB).", &[]),
    ("Ask again when 24 more months are in.", &[]),
    ("ISO 8601 dates, UTF-8, RFC 4180.", &[]),
    ("Rates rose by 25 basis points.", &[]),
    ("Anything above 95 % would be suspicious.", &[]),
    ("A buyer with 20 % down pays 1,250 a month.", &[]),
    ("I checked 15 rows by hand and found 2 errors of entry.", &[]),
    ("On average a house stays 75 days on the market.", &[]),
    ("The previous report had a bias of 1,100.", &[]),
    ("Errors of more than 50,000 should be looked at one by one.", &[]),
    ("With 80 % probability the price lies within 12,000 of the prediction.", &[]),
    ("The model cannot see hurricanes; Ike hit in September 2008 with 110 mph.", &[]),
    ("Fees of $450 and $1,200 are not part of the price.", &[]),
    ("Oil fell from 105 to 45 dollars a barrel.", &[]),
    ("Our users want errors of 5 % or less.", &[]),
];

const NO_FIGURES_OF_STOCKS: &[Sentence] = &[
    ("Facebook went public on May 18, 2012 at $38.", &[]),
    ("The S&P 500 fell by 19 % in the summer of 2011.", &[]),
    ("A trading year has 252 days.", &[]),
    ("Spreads of 1 to 2 basis points are ignored.", &[]),
    ("The mean of the next 5 days is predicted, from 22 days of history.", &[]),
    ("Volatility of 0.02 a day is 32 % a year.", &[]),
    ("The crash of 2008 is in the training data, 9 months of it.", &[]),
    ("We would need an R² of 0.65 to trade on it.", &[]),
    ("A fee of 0.1 % eats any profit.", &[]),
    ("Apple split its stock 7 for 1.", &[]),
    ("The VIX stood at 48 in August 2011.", &[]),
    ("A move of 3 % in a day happens twice a year.", &[]),
    ("5 tickers, 13 years, one model.", &[]),
    ("Trading costs are 0.05 % a side.", &[]),
    ("The Flash Crash of May 6, 2010 wiped out 9 % in minutes.", &[]),
];

const NO_FIGURES_OF_CARS: &[Sentence] = &[
    ("The cars are of 1999 and 2008 and have 4, 5, 6 or 8 cylinders.", &[]),
    ("A tank of 15 gallons lasts 350 miles.", &[]),
    ("One gallon is 3.785 litres.", &[]),
    ("The target of the regulator is 35.5 mpg by 2016.", &[]),
    ("We dropped 2 columns by hand.", &[]),
    ("Diesel gives 20 % more energy per litre.", &[]),
    ("EPA figures are 10 % too high in practice.", &[]),
    ("With 57 % of buyers choosing SUVs, this matters.", &[]),
    ("Engines below 2.0 litres are rare.", &[]),
    ("Nothing can be said about the 5 two-seaters.", &[]),
    ("A Prius does 50 mpg.", &[]),
    ("Fuel costs 3.40 dollars a gallon.", &[]),
    ("Automatic gearboxes with 6 speeds are the norm.", &[]),
    ("Tests were run at 55 mph and 75 °F.", &[]),
    ("4-cylinder engines are best.", &[]),
    ("Hybrids (3 % of sales) are not in the data.", &[]),
];
