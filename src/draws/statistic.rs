//! What a sampler knew of its draws: named columns, a number for each draw.

use super::number;
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
    pub(super) fn entries(columns: &[Statistic]) -> Vec<Self> {
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
