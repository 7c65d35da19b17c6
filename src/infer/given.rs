//! Starts that a user gives, by the names of sites and in the parameters' own space.

use super::ascent::Point;
use super::coordinates::Coordinates;
use crate::error::{Error, ErrorKind, Result};

/// What is given: for all chains, and for single ones, which comes second and so wins.
#[derive(Clone, Debug, Default)]
pub(super) struct GivenStart {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// `None` for all chains.
    chain: Option<usize>,
    site: String,
    values: Vec<f64>,
}

impl GivenStart {
    pub(super) fn add(&mut self, chain: Option<usize>, values: &[(&str, &[f64])]) {
        let entry = |(site, values): &(&str, &[f64])| Entry {
            chain,
            site: site.to_string(),
            values: values.to_vec(),
        };
        self.entries.extend(values.iter().map(entry));
    }

    /// The greatest chain that something is given for.
    pub(super) fn last_chain(&self) -> Option<usize> {
        self.entries.iter().filter_map(|entry| entry.chain).max()
    }

    /// What is given, by name, for what is written of a run.
    pub(super) fn options(&self) -> impl Iterator<Item = (String, String)> {
        self.entries.iter().map(|Entry { chain, site, values }| match chain {
            None => (format!("start of {site}"), format!("{values:?}")),
            Some(chain) => (format!("start of {site} in chain {chain}"), format!("{values:?}")),
        })
    }

    /// Whether names and lengths are right, before anything is computed.
    pub(super) fn check(&self, target: &dyn Coordinates) -> Result<()> {
        self.entries.iter().try_for_each(|entry| target.check(&entry.site, &entry.values))
    }

    /// The point with what is given for this chain put in its place.
    ///
    /// # Errors
    /// When a value lies outside its support or the log density is not finite there.
    pub(super) fn applied(&self, chain: usize, point: &Point, target: &mut dyn Coordinates) -> Result<Point> {
        let mut z = point.z.clone();
        let mut any = false;
        // In the order of the model: where a site stands may depend on those in front of it.
        for site in target.sites() {
            let mut of_site = self.entries.iter().filter(|entry| entry.site == site);
            let for_all = of_site.clone().rfind(|entry| entry.chain.is_none());
            if let Some(entry) = of_site.rfind(|entry| entry.chain == Some(chain)).or(for_all) {
                target.place(&site, &entry.values, &mut z)?;
                any = true;
            }
        }
        if !any {
            return Ok(point.clone());
        }
        Point::at(target.density(), z).map_err(|error| {
            let message = format!(
                "expected a finite log density at the start given for chain {chain}, got none: {error}; start elsewhere"
            );
            Error::new(ErrorKind::Sampling, message)
        })
    }
}
