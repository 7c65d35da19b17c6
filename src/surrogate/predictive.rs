//! Whether a learned density, at draws of a posterior, makes data like those observed: a posterior predictive check (Gelman, Meng & Stern
//! 1996, Statistica Sinica 6, 733) with the statistics that speak of the outcome, and where posterior draws left the training region.
//!
//! For each of some posterior draws a whole set of data is drawn, one for each datum at its own parameters, and its statistics computed. The
//! observed statistic is suspicious when it lies outside of all those drawn *and* more than 4 of their standard deviations from their
//! mean: for a sound fit that has a probability below 1e-4 per statistic, because the posterior has seen the data.

use super::coverage::Gap;
use super::frozen::Parts;
use super::sampling::sample_mixture;
use crate::graph::PosteriorCheck;
use crate::seed::Stream;
use crate::simulate::Outcome;
use std::collections::BTreeMap;

/// How many standard deviations a statistic may lie off.
const FARTHEST: f64 = 4.0;
/// The fewest data whose quantiles are compared, and the fewest whose median is.
const FEWEST: usize = 20;
const FEWEST_FOR_MEDIAN: usize = 5;
/// The probabilities of the quantiles.
const PROBABILITIES: [f64; 3] = [0.1, 0.5, 0.9];
/// The most columns that are spoken of.
const MOST_COLUMNS: usize = 10;
/// The share of draws outside the training region below which nothing is said.
const OUTSIDE: f64 = 0.01;

/// Data with the rows of parameters they belong to.
pub(super) struct Observed<'a> {
    pub(super) members: &'a [&'a Parts],
    /// Row by row.
    pub(super) data: &'a [f64],
    pub(super) row_of_datum: &'a [u32],
    pub(super) rows: usize,
}

/// A statistic of data: its name and value, `None` where there are too few data for it.
type Statistic = (String, Option<f64>);

impl Observed<'_> {
    fn parts(&self) -> &Parts {
        self.members[0]
    }

    /// Sentences about posterior draws, each the parameters of all rows, column by column.
    pub(super) fn check(&self, draws: &[Vec<f64>], stream: &mut Stream) -> PosteriorCheck {
        let fits = |draw: &Vec<f64>| {
            draw.len() == self.parts().names.len() * self.rows && draw.iter().all(|x| x.is_finite())
        };
        if draws.is_empty() || !draws.iter().all(fits) {
            return PosteriorCheck::default();
        }
        let mut said: Vec<String> = self.outside(draws).into_iter().collect();
        said.extend(self.decision_times(draws));
        let predictions = (!self.row_of_datum.is_empty() && draws.len() > 1)
            .then(|| self.predictions(draws, stream))
            .flatten();
        let unlike = predictions.as_ref().is_some_and(|(_, unlike)| *unlike);
        said.extend(predictions.map(|(sentence, _)| sentence));
        PosteriorCheck { sentences: said, unlike }
    }

    /// Where draws lie outside the training region: which parameter, on which side, how often.
    fn outside(&self, draws: &[Vec<f64>]) -> Option<String> {
        let Parts { names, region, .. } = self.parts();
        let mut places: BTreeMap<(usize, String), usize> = BTreeMap::new();
        let mut outside = 0;
        for draw in draws {
            let theta = |p: usize, row: usize| draw[p * self.rows + row];
            let mut found: Vec<(usize, String)> = vec![];
            for row in 0..self.rows {
                for p in 0..names.len() {
                    let [low, high] = [region.low[p], region.high[p]];
                    let side = match region.project(p, theta(p, row)).1 {
                        d if d < 0.0 => format!("`{}` below {low:.4}", names[p]),
                        d if d > 0.0 => format!("`{}` above {high:.4}", names[p]),
                        _ => continue,
                    };
                    found.push((0, side));
                }
                match region.gap(|p| theta(p, row)) {
                    Some(Gap::Pair(p, q)) => found.push((
                        1,
                        format!("`{}` and `{}` together where no simulation had them", names[p], names[q]),
                    )),
                    Some(Gap::Given(p)) => found.push((
                        1,
                        format!("`{}` far from what simulations had beside such other parameters", names[p]),
                    )),
                    None => {}
                }
            }
            found.sort();
            found.dedup();
            outside += usize::from(!found.is_empty());
            found.into_iter().for_each(|place| *places.entry(place).or_default() += 1);
        }
        if (outside as f64) < OUTSIDE * draws.len() as f64 || outside == 0 {
            return None;
        }
        let mut places: Vec<(String, usize)> =
            places.into_iter().map(|((_, place), count)| (place, count)).collect();
        places.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let percent = |count: usize| format!("{:.0}%", 100.0 * count as f64 / draws.len() as f64);
        let list: Vec<String> =
            places.iter().take(3).map(|(place, count)| format!("{place} ({})", percent(*count))).collect();
        Some(format!(
            "{} of the posterior draws lie outside the training region: {}. There the likelihood is that of the nearest point inside, less a \
             loss; simulate where the posterior is, or narrow the prior",
            percent(outside),
            list.join(", ")
        ))
    }

    /// Times less their shift, at the posterior's mean, beside those learned.
    fn decision_times(&self, draws: &[Vec<f64>]) -> Option<String> {
        let p = self.parts().shift?;
        let [low, high] = self.parts().seen.ranges[0];
        let mean =
            |row: usize| draws.iter().map(|draw| draw[p * self.rows + row]).sum::<f64>() / draws.len() as f64;
        let shifts: Vec<f64> = (0..self.rows).map(mean).collect();
        let decision = |(x, row): (&[f64], &u32)| x[0] - shifts[*row as usize];
        let outside: Vec<f64> = self
            .data
            .chunks_exact(2)
            .zip(self.row_of_datum)
            .map(decision)
            .filter(|t| !(*t >= low && *t <= high))
            .collect();
        let farthest = outside
            .iter()
            .copied()
            .max_by(|a, b| (a / high).max(low / a).total_cmp(&(b / high).max(low / b)))?;
        Some(format!(
            "{} of {} times less `{}` (at its posterior mean) lie outside {low:.4} to {high:.4}, the range of the simulations (the \
             farthest: {farthest:.4}); their density is a guess: check these data, or simulate under a wider prior",
            outside.len(),
            self.row_of_datum.len(),
            self.parts().names[p]
        ))
    }

    /// Observed statistics beside those of data drawn, and whether some are off; nothing where there are too few data for any.
    fn predictions(&self, draws: &[Vec<f64>], stream: &mut Stream) -> Option<(String, bool)> {
        let outcome = self.parts().outcome;
        let observed = statistics(self.data, outcome);
        let mut predicted: Vec<Vec<f64>> = vec![vec![]; observed.len()];
        for draw in draws {
            let data = sample_mixture(self.members, draw, self.row_of_datum, self.rows, stream);
            for (all, (_, value)) in predicted.iter_mut().zip(statistics(&data, outcome)) {
                all.extend(value);
            }
        }
        let compared: Vec<(String, bool)> = observed
            .iter()
            .zip(&mut predicted)
            .filter_map(|((name, value), predicted)| compare(name, (*value)?, predicted))
            .collect();
        let list = |wanted: bool| -> Vec<&str> {
            compared.iter().filter(|(_, off)| *off == wanted).map(|(text, _)| text.as_str()).collect()
        };
        let off = list(true);
        if compared.is_empty() {
            return None;
        }
        let sentence = match off.is_empty() {
            true => {
                format!("data drawn from the posterior are like those observed: {}", list(false).join(", "))
            }
            false => format!(
                "data drawn from the posterior are unlike those observed: {}. Either the model does not fit these data, or the learned density \
                 is wrong where the posterior is: compare `NeuralLikelihood::sample` with the simulator at the posterior mean; if they agree, \
                 mend the model, else simulate and train more",
                off.join(", ")
            ),
        };
        Some((sentence, !off.is_empty()))
    }
}

/// What is said of a statistic, and whether it is off; `None` where few draws have it.
fn compare(name: &str, observed: f64, predicted: &mut [f64]) -> Option<(String, bool)> {
    if predicted.len() < 2 {
        return None;
    }
    predicted.sort_unstable_by(f64::total_cmp);
    let n = predicted.len() as f64;
    let mean = predicted.iter().sum::<f64>() / n;
    let sd = (predicted.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let (least, greatest) = (predicted[0], predicted[predicted.len() - 1]);
    let beyond = observed < least || observed > greatest;
    let off = beyond && !((observed - mean).abs() <= FARTHEST * sd);
    let [low, high] = [0.05, 0.95].map(|p| quantile(predicted, p));
    Some((format!("{name} {} ({} to {})", short(observed), short(low), short(high)), off))
}

/// Three or four digits.
fn short(x: f64) -> String {
    match x.abs() {
        size if size == 0.0 || (1e-3..1e5).contains(&size) => {
            let digits = (3 - size.max(1e-3).log10().floor() as i32).clamp(0, 5) as usize;
            format!("{x:.digits$}")
        }
        _ => format!("{x:.3e}"),
    }
}

/// The quantile of sorted numbers.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    sorted[(p * (sorted.len() - 1) as f64).round() as usize]
}

/// The statistics of data; their names and order depend on the outcome alone.
fn statistics(data: &[f64], outcome: Outcome) -> Vec<Statistic> {
    let width = outcome.width();
    let column = |c: usize| data.iter().skip(c).step_by(width).copied();
    match outcome {
        Outcome::Count => {
            let n = data.len() as f64;
            let mean = data.iter().sum::<f64>() / n;
            let sd = (data.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
            let zeros = data.iter().filter(|x| **x == 0.0).count() as f64 / n;
            let enough = |x: f64| (data.len() >= FEWEST).then_some(x);
            vec![
                ("mean".to_owned(), Some(mean)),
                ("standard deviation".to_owned(), enough(sd)),
                ("share of zeros".to_owned(), enough(zeros)),
            ]
        }
        Outcome::TimeAndChoice => {
            let upper = column(1).filter(|choice| *choice == 1.0).count() as f64;
            let mut statistics =
                vec![("share of choice 1".to_owned(), Some(upper / column(1).count() as f64))];
            for choice in [0.0, 1.0] {
                let times = column(0).zip(column(1)).filter(|(_, made)| *made == choice).map(|(rt, _)| rt);
                statistics.extend(quantiles(times.collect(), &format!("time of choice {choice}")));
            }
            statistics
        }
        Outcome::Real { width } => (0..width.min(MOST_COLUMNS))
            .flat_map(|c| {
                let name = if width == 1 { "data".to_owned() } else { format!("column {c}") };
                quantiles(column(c).collect(), &name)
            })
            .collect(),
    }
}

/// Three quantiles, where there are data enough.
fn quantiles(mut values: Vec<f64>, name: &str) -> Vec<Statistic> {
    values.sort_unstable_by(f64::total_cmp);
    let fewest = |p: f64| if p == 0.5 { FEWEST_FOR_MEDIAN } else { FEWEST };
    let at = |p: f64| (values.len() >= fewest(p)).then(|| quantile(&values, p));
    PROBABILITIES.iter().map(|p| (format!("{:.0}% quantile of {name}", 100.0 * p), at(*p))).collect()
}
