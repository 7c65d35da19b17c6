//! What a sampler knew of its draws: named columns, a number for each draw.

use super::look_up::unknown_name;
use super::{Draws, diagnostics, number};
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// A column of a chain's statistics: a name, and a number for each draw. What is true or false is 1 or 0.
///
/// NUTS has those of [`DrawStatistics`]; another sampler has its own.
///
/// # Examples
/// ```
/// use mynah::draws::{ChainDraws, Draws, Parameter, Statistic};
/// let chain = ChainDraws { values: vec![0.3, 0.7], statistics: vec![Statistic::new("width", [1.5, 1.25])] };
/// let draws = Draws::new(vec![Parameter::new("mu", [])], vec![chain])?;
/// assert_eq!(draws.statistic_names(), ["width"]);
/// assert_eq!(draws.statistic("width")?, [[1.5, 1.25]]);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistic {
    /// The name, unique among the columns.
    pub name: String,
    /// One number per draw.
    #[serde(with = "number::list")]
    pub values: Vec<f64>,
}

impl Statistic {
    /// A column of this name.
    pub fn new(name: impl Into<String>, values: impl Into<Vec<f64>>) -> Self {
        Self { name: name.into(), values: values.into() }
    }

    /// Empty columns of these names with room for some draws.
    pub(crate) fn empty<'a>(names: impl IntoIterator<Item = &'a str>, draws: usize) -> Vec<Self> {
        names.into_iter().map(|name| Self::new(name, Vec::with_capacity(draws))).collect()
    }
}

/// What NUTS knew of one draw: its columns, by their names, with their types. Of a sampler without one of these columns it is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DrawStatistics {
    /// Whether the trajectory that led here diverged: its energy error left all bounds.
    pub diverging: bool,
    /// The depth of the trajectory's tree (it has up to `2^depth` leapfrog steps).
    pub depth: u32,
    /// Whether the tree stopped because it was as deep as allowed, not because the trajectory turned.
    pub max_depth_reached: bool,
    /// The energy (minus log density plus kinetic) at the start of the draw; nats, up to a constant.
    pub energy: f64,
    /// The log density of the draw in unconstrained space; nats, up to a constant.
    pub log_density: f64,
    /// The step size of the integrator.
    pub step_size: f64,
    /// The mean acceptance probability along the trajectory, in [0, 1].
    pub acceptance: f64,
    /// How many gradients the draw cost.
    pub gradients: u32,
}

impl DrawStatistics {
    /// The names of the columns, which are those of the fields, in their order.
    pub const NAMES: [&'static str; 8] = [
        "diverging",
        "depth",
        "max_depth_reached",
        "energy",
        "log_density",
        "step_size",
        "acceptance",
        "gradients",
    ];

    /// A number for each column.
    pub fn numbers(&self) -> [f64; 8] {
        [
            f64::from(u8::from(self.diverging)),
            f64::from(self.depth),
            f64::from(u8::from(self.max_depth_reached)),
            self.energy,
            self.log_density,
            self.step_size,
            self.acceptance,
            f64::from(self.gradients),
        ]
    }

    /// The columns of some draws.
    pub fn columns(draws: &[Self]) -> Vec<Statistic> {
        let column = |(k, name): (usize, &&str)| {
            Statistic::new(*name, draws.iter().map(|draw| draw.numbers()[k]).collect::<Vec<f64>>())
        };
        Self::NAMES.iter().enumerate().map(column).collect()
    }

    /// The entries of some columns, those of other names left out.
    fn entries(columns: &[Statistic]) -> Vec<Self> {
        let draws = columns.first().map_or(0, |column| column.values.len());
        let known = Self::NAMES.map(|name| columns.iter().find(|column| column.name == name));
        let entry = |draw: usize| {
            let number = |k: usize| known[k].map(|column| column.values[draw]);
            let truth = |k| number(k).is_some_and(|x| x == 1.0);
            let or_zero = |k| number(k).unwrap_or(0.0);
            Self {
                diverging: truth(0),
                depth: or_zero(1) as u32,
                max_depth_reached: truth(2),
                energy: or_zero(3),
                log_density: or_zero(4),
                step_size: or_zero(5),
                acceptance: or_zero(6),
                gradients: or_zero(7) as u32,
            }
        };
        (0..draws).map(entry).collect()
    }
}

impl Draws {
    /// The names of the sampler's statistics; none for a sampler that has none.
    pub fn statistic_names(&self) -> Vec<&str> {
        self.columns_of(0).iter().map(|column| column.name.as_str()).collect()
    }

    /// A column of the sampler's statistics by its name: one slice per chain.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when there is none of this name; the message lists those there are, the nearest first.
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

/// Whether a chain's columns have a number for each draw, under names of their own.
pub(super) fn check_columns(columns: &[Statistic], draws: usize) -> Result<()> {
    for (k, column) in columns.iter().enumerate() {
        let (name, count) = (&column.name, column.values.len());
        if count != draws {
            let message =
                format!("expected statistics for all {draws} draws or for none, got {count} of `{name}`");
            return Err(Error::new(ErrorKind::Shape, message));
        }
        if name.is_empty() || columns[..k].iter().any(|other| other.name == *name) {
            let message = format!("expected a name of its own for every statistic, got `{name}`");
            return Err(Error::new(ErrorKind::Site, message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::{ChainDraws, Parameter};

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
