//! Unknowns of one number per element, and what is known of unknowns.

use super::distributions::normal;
use super::dual::Dual;
use super::evaluate::{Evaluator, Place, UnknownSite, places};
use super::program::{Distribution, Plate};
use std::collections::HashMap;
use std::ops::Range;

/// What becomes of unknowns in a model that is written anew.
#[derive(Debug, Default)]
pub(crate) struct Rewriting {
    pub(crate) known: HashMap<String, Known>,
    /// Whether those that are sampled otherwise than written are location + scale z.
    pub(crate) noncentered: HashMap<String, bool>,
}

/// An unknown that has values.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) numbers: Vec<f64>,
    /// Whether its density counts, and whether it stays among what draws hold.
    pub(crate) counts: bool,
    pub(crate) kept: bool,
}

impl Rewriting {
    pub(crate) fn known(&self, name: &str) -> Option<&Known> {
        self.known.get(name)
    }

    pub(crate) fn form(&self, name: &str) -> Option<bool> {
        self.noncentered.get(name).copied()
    }
}

/// An unknown of one number per element.
#[derive(Clone, Copy)]
pub(crate) struct Latent<'p> {
    binding: usize,
    distribution: &'p Distribution,
    first: usize,
    /// The data of which it fills the gaps.
    data: Option<&'p [f64]>,
    known: Option<&'p Known>,
    noncentered: bool,
}

impl<'p> Evaluator<'p> {
    pub(crate) fn note_unknown(&mut self, name: &str, forms: (bool, bool), coordinates: Range<usize>) {
        let (centered, noncentered) = forms;
        let is_known = self.rewriting.known(name).is_some();
        coordinates.for_each(|k| self.outcome.fixed[k] = is_known);
        self.outcome.unknowns.push(UnknownSite { name: name.to_string(), centered, noncentered });
    }

    pub(crate) fn new_latent(
        &self,
        name: &str,
        binding: usize,
        distribution: &'p Distribution,
        first: usize,
        data: Option<&'p [f64]>,
    ) -> Latent<'p> {
        let written = matches!(distribution, Distribution::NonCentered(..));
        let noncentered = self.rewriting.form(name).unwrap_or(written);
        Latent { binding, distribution, first, data, known: self.rewriting.known(name), noncentered }
    }

    /// Its elements among those of its plates: none that were seen.
    fn unknown_places(&self, latent: &Latent<'_>, open: &[Plate]) -> Vec<Place> {
        let all = places(open).into_iter().enumerate();
        let missing = |flat: usize| latent.data.is_none_or(|data| data[flat].is_nan());
        all.filter(|(flat, _)| missing(*flat)).map(|(_, place)| place).collect()
    }

    /// The log densities of an unknown and the log-Jacobians of its support.
    pub(crate) fn priors(&mut self, name: &str, latent: &Latent<'p>, open: &[Plate]) {
        let all = self.unknown_places(latent, open);
        if all.is_empty() {
            return;
        }
        let forms = match latent.distribution {
            Distribution::Mixture(..) => (false, false),
            Distribution::Normal(..) | Distribution::NonCentered(..) | Distribution::LogNormal(..) => {
                (true, true)
            }
            Distribution::StudentT(..) | Distribution::Cauchy(..) => (true, true),
            _ => (true, false),
        };
        self.note_unknown(name, forms, latent.first..latent.first + all.len());
        let each: Vec<(Dual, Dual)> = all.iter().map(|place| self.prior(latent, place)).collect();
        match latent.known {
            Some(known) if known.counts => {
                let each = each.into_iter().map(|(log_density, _)| log_density).collect();
                if known.kept {
                    self.add_all(each);
                } else {
                    self.observed(name, each);
                }
            }
            Some(_) => {}
            None => self.add_all(each.into_iter().flat_map(|(a, b)| [a, b]).collect()),
        }
        if latent.known.is_none_or(|known| known.kept) {
            let values = all.iter().map(|place| self.latent(latent, place).value).collect();
            self.outcome.kept.push((name.to_string(), values));
        }
    }

    fn add_all(&mut self, terms: Vec<Dual>) {
        terms.into_iter().for_each(|term| self.add(term));
    }

    /// Which of its coordinates a place has, unless it was seen there.
    fn rank(&self, latent: &Latent<'_>, place: &Place) -> Result<usize, f64> {
        let plates = &self.program.bindings[latent.binding];
        let flat = plates.iter().fold(0, |flat, plate| flat * plate.len + place[&plate.id]);
        match latent.data {
            None => Ok(flat),
            Some(data) if data[flat].is_nan() => {
                Ok(data[..flat].iter().filter(|number| number.is_nan()).count())
            }
            Some(data) => Err(data[flat]),
        }
    }

    fn coordinate(&self, latent: &Latent<'_>, rank: usize) -> Dual {
        let at = latent.first + rank;
        let mut slopes = vec![0.0; self.z.len()];
        slopes[at] = 1.0;
        Dual { value: self.z[at], slopes }
    }

    pub(crate) fn latent(&self, latent: &Latent<'_>, place: &Place) -> Dual {
        let rank = match (self.rank(latent, place), latent.known) {
            (Err(number), _) => return Dual::number(number),
            (Ok(rank), Some(known)) => return Dual::number(known.numbers[rank]),
            (Ok(rank), None) => rank,
        };
        let z = self.coordinate(latent, rank);
        let moved = |loc, scale| self.value(loc, place).add(&self.value(scale, place).mul(&z));
        match latent.distribution {
            Distribution::Normal(loc, scale)
            | Distribution::NonCentered(loc, scale)
            | Distribution::StudentT(_, loc, scale)
            | Distribution::Cauchy(loc, scale)
                if latent.noncentered =>
            {
                moved(loc, scale)
            }
            Distribution::LogNormal(loc, scale) if latent.noncentered => moved(loc, scale).exp(),
            Distribution::Normal(..) | Distribution::NonCentered(..) | Distribution::Mixture(..) => z,
            Distribution::StudentT(..) | Distribution::Cauchy(..) => z,
            Distribution::Beta(..) => z.sigmoid(),
            Distribution::Uniform(low, high) => z.sigmoid().times(high - low).plus(*low),
            _ => z.exp(),
        }
    }

    /// The log density at a place and the log-Jacobian of the support.
    fn prior(&self, latent: &Latent<'_>, place: &Place) -> (Dual, Dual) {
        let rank = self.rank(latent, place).expect("it was not seen here");
        let (z, x, nothing) = (self.coordinate(latent, rank), self.latent(latent, place), Dual::number(0.0));
        if latent.known.is_some() {
            return (self.log_prob(latent.distribution, &x, place), nothing);
        }
        let log_jacobian = match latent.distribution {
            Distribution::Normal(..) | Distribution::NonCentered(..) if latent.noncentered => {
                return (normal(&z, &nothing, &Dual::number(1.0)), nothing);
            }
            Distribution::StudentT(_, _, scale) | Distribution::Cauchy(_, scale) if latent.noncentered => {
                self.value(scale, place).ln()
            }
            Distribution::LogNormal(_, scale) if latent.noncentered => {
                self.value(scale, place).ln().add(&x.ln())
            }
            Distribution::Normal(..) | Distribution::NonCentered(..) | Distribution::Mixture(..) => nothing,
            Distribution::StudentT(..) | Distribution::Cauchy(..) => nothing,
            Distribution::Beta(..) | Distribution::Uniform(..) => {
                let width = match latent.distribution {
                    Distribution::Uniform(low, high) => high - low,
                    _ => 1.0,
                };
                let inside = z.softplus().add(&z.times(-1.0).softplus());
                inside.times(-1.0).plus(width.ln())
            }
            _ => z.clone(),
        };
        (self.log_prob(latent.distribution, &x, place), log_jacobian)
    }
}
