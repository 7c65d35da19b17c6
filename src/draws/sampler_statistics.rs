//! What a sampler knew of its draws, asked by name.

use super::look_up::unknown_name;
use super::{DrawStatistics, Draws, diagnostics};
use crate::Result;

impl Draws {
    /// The names of the sampler's statistics; none for a sampler that has none.
    pub fn statistic_names(&self) -> Vec<&str> {
        self.columns_of(0).iter().map(|column| column.name.as_str()).collect()
    }

    /// A column of the sampler's statistics by its name: one slice per chain.
    ///
    /// # Errors
    /// [`ErrorKind::Site`](crate::ErrorKind::Site) when there is none of this name; the message lists those there are, the nearest first.
    pub fn statistic(&self, name: &str) -> Result<Vec<&[f64]>> {
        let names = self.statistic_names();
        match names.iter().position(|other| *other == name) {
            Some(k) => Ok((0..self.chains()).map(|c| self.columns_of(c)[k].values.as_slice()).collect()),
            None => Err(unknown_name("statistic", name, names.into_iter())),
        }
    }

    /// The statistics of one chain as NUTS has them: one entry per draw, or none when the sampler has no statistics.
    ///
    /// # Panics
    /// When there is no such chain.
    pub fn statistics(&self, chain: usize) -> Vec<DrawStatistics> {
        DrawStatistics::entries(self.columns_of(chain))
    }

    /// How many draws came from a trajectory that diverged.
    pub fn divergences(&self) -> usize {
        self.count("diverging")
    }

    /// How many draws came from a tree that was stopped at its greatest depth.
    pub fn max_depth_hits(&self) -> usize {
        self.count("max_depth_reached")
    }

    /// E-BFMI of every chain ([`diagnostics::e_bfmi`]); NaN for a chain without energies.
    pub fn e_bfmi(&self) -> Vec<f64> {
        match self.statistic("energy") {
            Ok(chains) => chains.into_iter().map(diagnostics::e_bfmi).collect(),
            Err(_) => vec![f64::NAN; self.chains()],
        }
    }

    fn count(&self, name: &str) -> usize {
        let chains = self.statistic(name).unwrap_or_default();
        chains.into_iter().flatten().filter(|x| **x == 1.0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::draws::{ChainDraws, Parameter, Statistic};

    fn chain(statistics: Vec<Statistic>) -> ChainDraws {
        ChainDraws { values: vec![1.0, 2.0], statistics }
    }

    #[test]
    fn entries_are_the_columns_by_their_names() {
        let entry =
            DrawStatistics { diverging: true, depth: 3, energy: -2.5, gradients: 7, ..Default::default() };
        let entries = [entry, DrawStatistics { max_depth_reached: true, acceptance: 0.5, ..entry }];
        let mut columns = DrawStatistics::columns(&entries);
        columns.reverse();
        columns.insert(2, Statistic::new("width", [1.0, 1.0]));
        let draws = Draws::new(vec![Parameter::new("x", [])], vec![chain(columns)]).unwrap();
        assert_eq!(draws.statistics(0), entries);
        assert_eq!((draws.divergences(), draws.max_depth_hits()), (2, 1));
        let error = draws.statistic("widht").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Site);
        assert!(error.to_string().contains("a statistic, got `widht`; use one of `width`"), "{error}");
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        let one = |name: &str, values: &[f64]| Statistic::new(name, values);
        let both =
            |first, second| Draws::new(vec![Parameter::new("x", [])], vec![chain(first), chain(second)]);
        let good = || vec![one("width", &[1.0, 2.0])];
        assert!(both(good(), good()).is_ok());
        let cases = [
            (both(good(), vec![]), ErrorKind::Shape, "same statistics of every chain"),
            (
                both(good(), vec![one("depth", &[1.0, 2.0])]),
                ErrorKind::Shape,
                "same statistics of every chain",
            ),
            (
                both(good(), vec![one("width", &[1.0])]),
                ErrorKind::Shape,
                "chain 1: expected statistics for all 2",
            ),
            (both(vec![one("", &[1.0, 2.0])], vec![]), ErrorKind::Site, "a name of its own"),
            (both([good(), good()].concat(), vec![]), ErrorKind::Site, "a name of its own"),
        ];
        for (draws, kind, text) in cases {
            let error = draws.unwrap_err();
            assert!(error.kind() == kind && error.to_string().contains(text), "{error}");
        }
    }
}
