//! The trait of whatever turns parameters into data, and what satisfies it: closures, and simulators whose parameters are given names.
//!
//! The wrappers state the closure's signature on the struct, since that is where the compiler looks for the types of an untyped one.

use super::{BuiltIn, Outcome};
use crate::dist::Response;
use crate::seed::Stream;
use std::sync::Arc;

/// Turns parameters into one simulated datum.
///
/// Closures `|theta: &[f64], stream: &mut Stream| -> Vec<f64>` are simulators of real vectors; [`Counts`] and
/// [`ChoiceTimes`] wrap closures that return a count or a response. **A closure reads its parameters in the order of the
/// prior's names**, whatever it takes them for: with two or more parameters, say with [`names`](Simulator::names) which they are.
/// A struct implements the three methods:
///
/// 1. [`parameter_names`](Simulator::parameter_names): the names of its parameters in the order in which `simulate` reads
///    them. The runner then checks them against the prior's and brings the prior's draws into that order.
/// 2. [`outcome`](Simulator::outcome): what one row of data is.
/// 3. [`simulate`](Simulator::simulate): append one row to `data`, taking every random number from `stream`, so that the
///    same seed gives the same row on any number of threads. When a simulation fails, append NaN (or panic): the
///    row is counted and reported as failed and not kept.
///
/// # Examples
/// ```
/// use mynah::simulate::{BoxPrior, Outcome, Simulations, Simulator};
/// use mynah::{Seed, Stream};
/// use rand_distr::{Distribution, Normal};
///
/// /// The mean and the largest of 20 normal numbers.
/// struct Extremes;
///
/// impl Simulator for Extremes {
///     fn parameter_names(&self) -> Option<Vec<String>> {
///         Some(vec!["mu".into(), "sigma".into()])
///     }
///     fn outcome(&self) -> Option<Outcome> {
///         Some(Outcome::Real { width: 2 })
///     }
///     fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
///         let normal = Normal::new(theta[0], theta[1]).unwrap();
///         let values: Vec<f64> = (0..20).map(|_| normal.sample(stream)).collect();
///         data.push(values.iter().sum::<f64>() / 20.0);
///         data.push(values.iter().copied().fold(f64::MIN, f64::max));
///     }
/// }
///
/// let prior = BoxPrior::new([("mu", -1.0, 1.0), ("sigma", 0.1, 2.0)])?;
/// let pairs = Simulations::draw(&prior, &Extremes, 1000, Seed(1))?;
/// assert_eq!((pairs.len(), pairs.data.len()), (1000, 2000));
/// # Ok::<(), mynah::Error>(())
/// ```
pub trait Simulator: Sync {
    /// The names of the parameters in the order in which [`Simulator::simulate`] reads them; `None` takes whatever the prior
    /// draws, in its order.
    fn parameter_names(&self) -> Option<Vec<String>>;

    /// What a row of data is; `None` means a real vector as wide as the first valid row.
    fn outcome(&self) -> Option<Outcome>;

    /// Appends one row of data, simulated at `theta`, to `data` (which it may assume to be empty).
    ///
    /// A row that is not finite, not a value of its outcome or of another length than other rows, and a panic count as a failed
    /// simulation.
    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>);

    /// Which of this library's own simulators it is, if it is one of them as it stands: what is learned from its simulations then knows
    /// its simulator by itself, after loading too. Leave it as it is for simulators of your own, and hand those over with
    /// `NeuralLikelihood::simulator`.
    fn built_in(&self) -> Option<BuiltIn> {
        None
    }

    /// The same simulator with the names of its parameters, in the order in which it reads them. A run compares them with
    /// the prior's, refuses a prior of other names and brings its draws into this order.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    /// use mynah::simulate::Simulator;
    /// // `t0` comes first in the prior, last in the closure.
    /// let prior = BoxPrior::new([("t0", 0.1, 0.4), ("v", 1.0, 3.0), ("a", 0.8, 1.6)])?;
    /// let wald = ChoiceTimes(|theta: &[f64], stream: &mut Stream| {
    ///     let [v, a, t0] = theta[..] else { unreachable!("three names") };
    ///     let Response { rt, choice } = Wiener(v, a, 0.5, 0.0).sample(stream);
    ///     Response { rt: t0 + rt, choice }
    /// });
    /// let pairs = Simulations::draw(&prior, &wald.names(["v", "a", "t0"]), 100, 1)?;
    /// assert_eq!((pairs.failed, &pairs.names[0][..]), (0, "t0"));
    /// # Ok::<(), mynah::Error>(())
    /// ```
    fn names<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Named<Self>
    where
        Self: Sized,
    {
        Named { simulator: self, names: names.into_iter().map(Into::into).collect() }
    }
}

/// A simulator that reads its parameters in the order of these names: what [`Simulator::names`] returns.
#[derive(Clone, Debug)]
pub struct Named<S> {
    simulator: S,
    names: Vec<String>,
}

impl<S: Simulator> Simulator for Named<S> {
    fn parameter_names(&self) -> Option<Vec<String>> {
        Some(self.names.clone())
    }

    fn outcome(&self) -> Option<Outcome> {
        self.simulator.outcome()
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
        self.simulator.simulate(theta, stream, data);
    }
}

impl<F> Simulator for F
where
    F: Fn(&[f64], &mut Stream) -> Vec<f64> + Sync,
{
    fn parameter_names(&self) -> Option<Vec<String>> {
        None
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
        data.append(&mut self(theta, stream));
    }
}

impl<S: Simulator + Send + ?Sized> Simulator for Arc<S> {
    fn parameter_names(&self) -> Option<Vec<String>> {
        (**self).parameter_names()
    }

    fn outcome(&self) -> Option<Outcome> {
        (**self).outcome()
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
        (**self).simulate(theta, stream, data);
    }

    fn built_in(&self) -> Option<BuiltIn> {
        (**self).built_in()
    }
}

/// A simulator of real vectors made of a closure whose types need not be written: `Reals(|theta, stream| vec![...])`. (A bare
/// closure is one too, but only with its types: `|theta: &[f64], stream: &mut Stream| vec![...]`.)
///
/// # Examples
/// ```
/// use mynah::prelude::*;
/// let prior = BoxPrior::new([("mu", -1.0, 1.0)])?;
/// let noisy = Reals(|theta, stream| vec![Normal(theta[0], 0.1).sample(stream)]);
/// assert_eq!(Simulations::draw(&prior, &noisy, 100, 1)?.len(), 100);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reals<F: Fn(&[f64], &mut Stream) -> Vec<f64> + Sync>(pub F);

impl<F> Simulator for Reals<F>
where
    F: Fn(&[f64], &mut Stream) -> Vec<f64> + Sync,
{
    fn parameter_names(&self) -> Option<Vec<String>> {
        self.0.parameter_names()
    }

    fn outcome(&self) -> Option<Outcome> {
        self.0.outcome()
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
        self.0.simulate(theta, stream, data);
    }
}

/// A simulator of counts made of a closure `|theta: &[f64], stream: &mut Stream| -> u64`, whose types need not be written.
///
/// Counts above 2^53 are rounded to the nearest `f64`.
#[derive(Clone, Copy, Debug)]
pub struct Counts<F: Fn(&[f64], &mut Stream) -> u64 + Sync>(pub F);

impl<F> Simulator for Counts<F>
where
    F: Fn(&[f64], &mut Stream) -> u64 + Sync,
{
    fn parameter_names(&self) -> Option<Vec<String>> {
        None
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(Outcome::Count)
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
        data.push((self.0)(theta, stream) as f64);
    }
}

/// A simulator of choices with response times made of a closure `|theta: &[f64], stream: &mut Stream| -> Response`, whose types
/// need not be written.
#[derive(Clone, Copy, Debug)]
pub struct ChoiceTimes<F: Fn(&[f64], &mut Stream) -> Response + Sync>(pub F);

impl<F> Simulator for ChoiceTimes<F>
where
    F: Fn(&[f64], &mut Stream) -> Response + Sync,
{
    fn parameter_names(&self) -> Option<Vec<String>> {
        None
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(Outcome::TimeAndChoice)
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, data: &mut Vec<f64>) {
        data.extend((self.0)(theta, stream).row());
    }
}
