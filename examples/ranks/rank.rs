//! The rank of a true value among draws of its posterior, and whether many such ranks are uniform.
//!
//! A value drawn from the prior and draws of the posterior given data of that value are exchangeable, so that the rank of the one among
//! `DRAWS` of the others is uniform on 0, ..., `DRAWS` if simulator, model and sampler agree. Ranks are counted in bins of one
//! width and compared with equal shares by Pearson's chi-square; p-values are multiplied by the number of quantities (Bonferroni).
//! Source: Talts et al. 2018, arXiv:1804.06788. The log likelihood of the data is ranked beside the parameters where it can be: the
//! ranks of parameters alone cannot see a posterior that is the prior (Modrák et al. 2023, doi:10.1214/23-BA1404).

use mynah::prelude::*;
use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Draws that a value is ranked among: 100 ranks, which any number of bins that divides 100 shares out evenly.
pub(crate) const DRAWS: usize = 99;

/// How much data a replication has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Size {
    Quick,
    Usual,
    Large,
}

impl Size {
    pub(crate) fn of(self, quick: usize, usual: usize, large: usize) -> usize {
        match self {
            Size::Quick => quick,
            Size::Usual => usual,
            Size::Large => large,
        }
    }
}

/// A model conditioned on simulated data, and the values that they were simulated with, by the labels of the draws.
pub(crate) struct Replication {
    pub(crate) model: Model,
    pub(crate) truth: Vec<(String, f64)>,
}

impl Replication {
    pub(crate) fn of(model: Model) -> Self {
        Self { model, truth: vec![] }
    }

    pub(crate) fn scalar(mut self, label: &str, value: f64) -> Self {
        self.truth.push((label.to_string(), value));
        self
    }

    pub(crate) fn array(mut self, site: &str, values: &[f64]) -> Self {
        self.truth.extend(values.iter().enumerate().map(|(k, value)| (format!("{site}[{k}]"), *value)));
        self
    }
}

/// What one fit has to say: the rank of each quantity, its effective number of draws before thinning, and divergences.
pub(crate) struct Ranks {
    pub(crate) labels: Vec<String>,
    pub(crate) ranks: Vec<usize>,
    pub(crate) effective: Vec<f64>,
    pub(crate) divergences: usize,
}

/// Fits a replication with one chain of which every `thin`-th draw is used.
pub(crate) fn rank(replication: &Replication, nuts: &Nuts, thin: usize) -> mynah::Result<Ranks> {
    let posterior = replication.model.sample(&nuts.clone().chains(1).threads(1).draws(DRAWS * thin))?;
    if posterior.draws() < DRAWS * thin {
        let message = format!("expected {} draws, got {}", DRAWS * thin, posterior.draws());
        return Err(Error::new(ErrorKind::Sampling, message));
    }
    let summary = posterior.summary();
    let (mut ranks, mut effective) = (vec![], vec![]);
    for (label, truth) in &replication.truth {
        let draws = posterior.column(label)?[0].iter().skip(thin - 1).step_by(thin);
        ranks.push(draws.filter(|draw| *draw < truth).count());
        effective.push(summary.row(label).map_or(f64::NAN, |row| row.ess_bulk));
    }
    let labels = replication.truth.iter().map(|(label, _)| label.clone()).collect();
    Ok(Ranks { labels, ranks, effective, divergences: posterior.divergences() })
}

/// The ranks of one quantity over all replications.
#[derive(Debug, Serialize)]
pub(crate) struct Histogram {
    pub(crate) quantity: String,
    pub(crate) counts: Vec<usize>,
    /// Not adjusted for the number of quantities.
    pub(crate) p: f64,
    /// Mean over replications of the effective number of draws, before thinning.
    pub(crate) effective: f64,
}

/// The most bins, of those that divide the ranks, in which 10 replications or more are expected; at least 2.
fn bins(replications: usize) -> usize {
    [20, 10, 5, 4].into_iter().find(|bins| replications >= 10 * bins).unwrap_or(2)
}

/// One histogram for each quantity.
pub(crate) fn histograms(fits: &[Ranks]) -> Vec<Histogram> {
    let bins = bins(fits.len());
    let one = |(k, quantity): (usize, &String)| {
        let mut counts = vec![0; bins];
        fits.iter().for_each(|fit| counts[fit.ranks[k] * bins / (DRAWS + 1)] += 1);
        let effective = fits.iter().map(|fit| fit.effective[k]).sum::<f64>() / fits.len() as f64;
        Histogram { quantity: quantity.clone(), p: p_value(&counts), counts, effective }
    };
    fits[0].labels.iter().enumerate().map(one).collect()
}

/// The probability of a chi-square as large as this if all bins have equal shares.
fn p_value(counts: &[usize]) -> f64 {
    let expected = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    let chi_square = counts.iter().map(|n| (*n as f64 - expected).powi(2) / expected).sum();
    ChiSquared::new(counts.len() as f64 - 1.0).expect("two bins or more").sf(chi_square)
}
