//! What one can ask of a model without a sampler: draws from its prior, values at a point, data it would produce.

use super::Model;
use super::site::SiteKind;
use super::states::States;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Replay;
use crate::seed::{Domain, Seed, Stream};

/// One value of every kept site, and, for draws, of every observed one.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    entries: Vec<(String, Vec<f64>)>,
}

impl Values {
    /// The numbers of a site, flat in the order of its plates.
    ///
    /// # Errors
    /// When the model has no such site; the message lists those it has.
    pub fn get(&self, site: &str) -> Result<&[f64]> {
        match self.entries.iter().find(|(name, _)| name == site) {
            Some((_, numbers)) => Ok(numbers),
            None => {
                let known: Vec<&str> = self.entries.iter().map(|(name, _)| name.as_str()).collect();
                let message =
                    format!("expected the name of a site, got `{site}`; there are `{}`", known.join("`, `"));
                Err(Error::new(ErrorKind::Site, message))
            }
        }
    }

    /// All sites with their numbers, in the order of the model.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.entries.iter().map(|(name, numbers)| (name.as_str(), numbers.as_slice()))
    }
}

impl Model {
    /// The values of all kept sites at an unconstrained point (length [`Model::dim`]).
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] when the point is not of that length.
    pub fn values_at(&self, z: &[f64]) -> Result<Values> {
        self.check_point(z)?;
        let mut replay = self.density();
        replay.run_forward(z);
        Ok(Values { entries: self.kept_values(&replay).collect() })
    }

    /// Draws from the prior, and from the likelihood given the prior draw: one [`Values`] per draw. Observed sites whose
    /// density cannot be sampled are left out; factors play no part.
    ///
    /// # Errors
    /// [`ErrorKind::Options`] when so many draws do not fit into memory.
    pub fn sample_prior(&self, draws: usize, seed: impl Into<Seed>) -> Result<Vec<Values>> {
        let width: usize = self.sites().iter().map(|site| site.len() * site.width).sum();
        let bytes = draws.checked_mul(width * size_of::<f64>() + size_of::<Values>());
        if bytes.is_none_or(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_err()) {
            let message = format!(
                "expected draws that fit into memory, got {draws} of {width} numbers each; draw fewer at a time"
            );
            return Err(Error::new(ErrorKind::Options, message));
        }
        let seed = seed.into();
        let mut replay = self.density();
        let draw = |index: usize| {
            let stream = &mut seed.stream(Domain::Prediction, index as u64);
            replay.draw_prior(stream);
            let mut entries: Vec<_> = self.kept_values(&replay).collect();
            let states = self.draw_states(&replay, false, stream);
            entries.extend(self.drawn_data(&mut replay, &states, stream));
            Values { entries }
        };
        Ok((0..draws).map(draw).collect())
    }

    /// The log density of each datum of an observed site at an unconstrained point; by the name of a discrete unknown, of all data that depend on each of its
    /// elements.
    ///
    /// # Errors
    /// When the model has no observed site of that name, or the point is not of length [`Model::dim`].
    pub fn pointwise_log_density(&self, z: &[f64], site: &str) -> Result<Vec<f64>> {
        self.check_point(z)?;
        let observed = self.sites_of_data().find(|s| s.name == site);
        match observed.and_then(|site| site.term) {
            Some(term) => Ok(self.density().pointwise(z, term)),
            None => {
                let tied = self.sites().iter().any(|s| s.name == site && self.is_tied(s));
                let hint = if tied {
                    ", whose data count together under the name of the discrete unknown that they depend on"
                } else {
                    ""
                };
                let message = format!("expected the name of an observed site, got `{site}`{hint}");
                Err(Error::new(ErrorKind::Site, message))
            }
        }
    }

    fn check_point(&self, z: &[f64]) -> Result<()> {
        match z.len() == self.dim() {
            true => Ok(()),
            false => {
                let (dim, len) = (self.dim(), z.len());
                let message =
                    format!("expected an unconstrained point of {dim} numbers (`Model::dim`), got {len}");
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    }

    fn kept_values<'a>(&'a self, replay: &'a Replay) -> impl Iterator<Item = (String, Vec<f64>)> + 'a {
        self.kept_sites().enumerate().map(|(k, site)| {
            let mut values = Vec::with_capacity(site.len());
            replay.append_kept(k, &mut values);
            (site.name.clone(), values)
        })
    }

    fn drawn_data(
        &self,
        replay: &mut Replay,
        states: &States,
        stream: &mut Stream,
    ) -> Vec<(String, Vec<f64>)> {
        let mut drawn = vec![];
        for site in self.sites() {
            let numbers = match site.kind {
                SiteKind::Discrete => self.states_of(site, states),
                SiteKind::Observed => self.draw_observed(site, replay, states, stream),
                _ => None,
            };
            drawn.extend(numbers.map(|numbers| (site.name.clone(), numbers)));
        }
        drawn
    }
}
