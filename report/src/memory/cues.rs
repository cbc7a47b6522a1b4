//! Words that tell which figure a number is: the measure, the part of the data, the baseline.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A kind of figure that people have words for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Any error in the unit of the target.
    Error,
    Mae,
    Rmse,
    R2,
    Bias,
    MedianError,
    MaxError,
    Mape,
    Mase,
    Improvement,
    Limits,
    StandardError,
    Coverage,
    Width,
    IntervalScore,
    Slope,
    Intercept,
    CalibrationError,
    Chance,
    Rows,
    Drifted,
    Features,
    Psi,
    Ks,
    Moved,
    OutsideRange,
    Coefficient,
    Effect,
    Importance,
    MeanOutcome,
    MeanPrediction,
    Missing,
    Mean,
    Median,
    Spread,
    Least,
    Largest,
    Levels,
    Gate,
    Dropped,
    Purged,
    Duplicate,
    NotYetKnown,
}

/// A part of the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Train,
    Calibration,
    Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Baseline {
    Persistence,
    TrainMedian,
    Any,
}

/// What a word or a few say about a number near them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    Of(Measure),
    In(Part),
    By(Baseline),
}

/// Phrases, parted by `|`; a word that ends in `*` stands for all that begin so.
const PHRASES: &[(Cue, &str)] = &[
    (
        Cue::Of(Measure::Error),
        "error*|absolute error*|miss|misses|missed|off|wrong|inaccur*|accura*|mistake*",
    ),
    (
        Cue::Of(Measure::Mae),
        "mae|mean absolute error*|average error*|average absolute error*|mean error*|miss* by|off by|wrong by|\
         average miss*|typical error*|on average|typically",
    ),
    (Cue::Of(Measure::Rmse), "rmse|root mean square* error*|root mean squared|rms error*|rms|quadratic mean"),
    (
        Cue::Of(Measure::R2),
        "r²|r2|r 2|r squared|variance|variation|variability|coefficient of determination|explain*|account* for",
    ),
    (
        Cue::Of(Measure::Bias),
        "bias*|too low|too high|too optimistic|too pessimistic|underpredict*|overpredict*|under predict*|\
         over predict*|underestimat*|overestimat*|underforecast*|overforecast*|low by|high by|overshoot*|undershoot*|\
         under shoot*|over shoot*|systematic*",
    ),
    (
        Cue::Of(Measure::MedianError),
        "median absolute error*|median error*|half of|half the|half are|median miss*|one in two|every second",
    ),
    (
        Cue::Of(Measure::MaxError),
        "max* error*|max* absolute error*|largest error*|biggest error*|largest miss*|\
         biggest miss*|worst miss*|worst error*|worst prediction*|worst single|worst case|at worst",
    ),
    (Cue::Of(Measure::Mape), "mape|percentage error*|percent error*|relative error*|relative terms"),
    (Cue::Of(Measure::Mase), "mase|scaled error*"),
    (
        Cue::Of(Measure::Improvement),
        "better|improve*|beat*|outperform*|reduc*|gain*|cut|cuts|advantage|ahead of|lead over|less than|smaller than|\
         lower than|worse than|saves|saving*",
    ),
    (
        Cue::Of(Measure::Limits),
        "between|confidence|limit*|ci|from|range*|uncertain*|as much as|as little as|as high as|as low as|up to|lower end|upper end|\
         interval from|at least|at most",
    ),
    (Cue::Of(Measure::StandardError), "standard error*|s e|se|plus or minus"),
    (
        Cue::Of(Measure::Coverage),
        "cover*|hold|holds|held|contain*|capture*|fall* inside|fall* within|fell inside|fell within|inside|in the interval*|\
         within the interval*|of the time|nominal",
    ),
    (Cue::Of(Measure::Width), "wide|width*|narrow*|breadth|half width*|plus and minus"),
    (Cue::Of(Measure::IntervalScore), "interval score*|winkler*"),
    (Cue::Of(Measure::Slope), "slope*|calibration slope*|slope of the calibration*"),
    (Cue::Of(Measure::Intercept), "intercept*|calibration intercept*|intercept of the calibration*"),
    (
        Cue::Of(Measure::CalibrationError),
        "calibration error*|calibration line*|calibration curve*|calibration gap*|miscalibrat*|ece|in groups",
    ),
    (Cue::Of(Measure::Chance), "by chance|chance alone|chance|luck|floor|probability|p|p value|noise"),
    (
        Cue::Of(Measure::Rows),
        "row|rows|observation*|record*|sample*|case|cases|data point*|example*|instance*|line|lines|entries|forecasts",
    ),
    (Cue::Of(Measure::Drifted), "drift*|alarm*"),
    (Cue::Of(Measure::Features), "feature*|input*|predictor*|regressor*|column*|variable*"),
    (Cue::Of(Measure::Psi), "psi|stability index"),
    (Cue::Of(Measure::Ks), "ks|kolmogorov*"),
    (Cue::Of(Measure::Moved), "wasserstein*|moved|shifted|moved by"),
    (
        Cue::Of(Measure::OutsideRange),
        "outside the training range|never seen|training range|beyond the range|outside the range",
    ),
    (
        Cue::Of(Measure::Coefficient),
        "coefficient*|weight*|each additional|every additional|each extra|per unit|loading*",
    ),
    (Cue::Of(Measure::Effect), "effect*|adds|add|one standard deviation|takes away|worth"),
    (Cue::Of(Measure::Importance), "importan*|permut*|shuffl*|rise*|scrambl*|matters"),
    (
        Cue::Of(Measure::MeanOutcome),
        "mean outcome*|average outcome*|mean actual|average price|mean price|average value|\
         average level|average of the target|outcomes average*|averaged",
    ),
    (
        Cue::Of(Measure::MeanPrediction),
        "mean prediction*|average prediction*|mean predicted|predictions average*|mean forecast*|average forecast*",
    ),
    (Cue::Of(Measure::Missing), "missing|null*|empty|blank*|absent|filled|imputed|gaps"),
    (Cue::Of(Measure::Mean), "mean|average|averages"),
    (Cue::Of(Measure::Median), "median"),
    (Cue::Of(Measure::Spread), "spread*|standard deviation*|sd|dispersion"),
    (Cue::Of(Measure::Least), "minimum|min|smallest|lowest"),
    (Cue::Of(Measure::Largest), "maximum|max|largest|highest|biggest"),
    (Cue::Of(Measure::Levels), "cities|groups|segments|levels|entities|tickers|different"),
    (Cue::Of(Measure::Gate), "gate*|threshold*|target of|limit of|ceiling"),
    (Cue::Of(Measure::Dropped), "dropped|lost|left out|removed|without target|no target|without a target"),
    (Cue::Of(Measure::Purged), "purged|later part"),
    (Cue::Of(Measure::Duplicate), "duplicate*"),
    (Cue::Of(Measure::NotYetKnown), "not yet known|not known yet|kept apart|newest"),
    (
        Cue::In(Part::Train),
        "train|training|trained on|trained with|in sample|training part|training set|training data|training rows|fitted to|fitted on|fit on",
    ),
    (
        Cue::In(Part::Calibration),
        "calibration|calibrated on|calibrated with|calibration part|calibration set|calibration rows|calibration data|validation",
    ),
    (
        Cue::In(Part::Test),
        "test|tests|tested|test part|test set|held out|holdout|hold out|unseen|new data|out of sample|never seen before",
    ),
    (
        Cue::By(Baseline::Persistence),
        "persistence|last known value|last value|naive|naïve|repeating|repeat* the|no change|random walk|previous value|\
         carry* forward|last month*|same as last",
    ),
    (
        Cue::By(Baseline::TrainMedian),
        "training median|train median|median of the training*|constant|always predict*|always guess*|median guess",
    ),
    (Cue::By(Baseline::Any), "baseline*|benchmark*"),
];

/// Words in their order, and what they say.
type Phrase = (Vec<&'static str>, Cue);

/// Phrases by the first letter of their first word.
static BY_LETTER: LazyLock<BTreeMap<char, Vec<Phrase>>> = LazyLock::new(|| {
    let mut all: BTreeMap<char, Vec<Phrase>> = BTreeMap::new();
    for (cue, phrases) in PHRASES {
        for phrase in phrases.split('|') {
            if let Some(first) = phrase.chars().next() {
                all.entry(first).or_default().push((phrase.split(' ').collect(), *cue));
            }
        }
    }
    // The longest phrase takes its words: `calibration error` is not the calibration part.
    all.values_mut().for_each(|phrases| phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len())));
    all
});

/// A word and where it stands in the text.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) at: usize,
}

/// The words of a text in small letters; digits and underscores belong to words.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut all = Vec::new();
    let mut open: Option<Word> = None;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() || c == '_' {
            let word = open.get_or_insert_with(|| Word { text: String::new(), at });
            // A cell of a megabyte without a blank is one word, of which the beginning is enough.
            if word.text.len() < 200 {
                word.text.extend(c.to_lowercase());
            }
        } else if c != '\\' {
            all.extend(open.take());
        }
    }
    all.extend(open);
    // `_8,838_` is emphasis.
    for word in &mut all {
        let trimmed = word.text.trim_matches('_').to_owned();
        word.text = trimmed;
    }
    all.retain(|word| !word.text.is_empty());
    all
}

/// A cue and the words it takes: from and to, without the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) cue: Cue,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// All cues among these words, in order.
pub(super) fn find(words: &[Word]) -> Vec<Found> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let first = words[at].text.chars().next().unwrap_or(' ');
        let phrases = BY_LETTER.get(&first).map_or(&[][..], Vec::as_slice);
        let fits = |phrase: &&Phrase| begins(&words[at..], &phrase.0);
        match phrases.iter().find(fits) {
            Some((phrase, cue)) => {
                all.push(Found { cue: *cue, from: at, to: at + phrase.len() });
                at += phrase.len();
            }
            None => at += 1,
        }
    }
    all
}

fn begins(words: &[Word], phrase: &[&str]) -> bool {
    words.len() >= phrase.len()
        && words.iter().zip(phrase).all(|(word, pattern)| match pattern.strip_suffix('*') {
            Some(stem) => word.text.starts_with(stem),
            None => word.text == *pattern,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cues(text: &str) -> Vec<Cue> {
        find(&words(text)).into_iter().map(|f| f.cue).collect()
    }

    #[test]
    fn the_longest_phrase_wins() {
        assert_eq!(cues("the calibration error"), [Cue::Of(Measure::CalibrationError)]);
        assert_eq!(cues("on the calibration part"), [Cue::In(Part::Calibration)]);
        assert_eq!(cues("Root-mean-squared error"), [Cue::Of(Measure::Rmse)]);
        assert_eq!(
            cues("R² = 0.9 beats the training median"),
            [Cue::Of(Measure::R2), Cue::Of(Measure::Improvement), Cue::By(Baseline::TrainMedian)]
        );
    }

    #[test]
    fn names_of_columns_are_words() {
        let texts: Vec<String> =
            words("`median\\_mean_12`, Irving's _8,838_").into_iter().map(|w| w.text).collect();
        assert_eq!(texts, ["median_mean_12", "irving", "s", "8", "838"]);
    }
}
