//! Densities of vectors: from the mathematics of one to a fused node of the graph.

use super::family::Family;
use super::kernel::ParameterDomain;
use crate::error::Result;
use crate::graph::{Axis, Call, Formula, Sink, Value};
use crate::math::with_space;
use crate::seed::Stream;
use crate::transform::Support;
use std::sync::Arc;

/// What an argument of such a density is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// One number.
    Number,
    /// As many numbers as the density's size, or one for all.
    Vector,
    /// A square matrix, of which the lower triangle is read.
    Lower,
    /// A positive definite matrix, of which the Cholesky factor is taken.
    Covariance,
}

/// An argument as users write it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JointArgument {
    pub(crate) name: &'static str,
    pub(crate) rank: Rank,
    pub(crate) domain: ParameterDomain,
}

/// A family of such densities, of any size.
pub(crate) trait JointFamily: Send + Sync {
    fn name(&self) -> &'static str;

    fn arguments(&self) -> &'static [JointArgument];

    /// The density of vectors of `size` numbers, as the arguments that are vectors or matrices have them; 1 where none is.
    ///
    /// # Errors
    /// When there is none of this size.
    fn build(&self, size: usize) -> Result<Arc<dyn Family>>;

    /// The family along a plate, of one whose vectors run along the innermost open one and that is not told which yet.
    fn along(&self, _: Axis) -> Option<Arc<dyn JointFamily>> {
        None
    }

    /// The plate that it was told.
    fn axis(&self) -> Option<Axis> {
        None
    }
}

/// The mathematics: the density of vectors given parameters (all arguments' numbers, one after the other).
pub(crate) trait JointKernel: Send + Sync + 'static {
    fn name(&self) -> &'static str;

    /// The parameters' names and domains.
    fn parameters(&self) -> Vec<(String, ParameterDomain)>;

    fn support(&self) -> Support;

    /// Whether vectors are random walks, with parameters scale, initial location and initial scale.
    fn walks(&self) -> bool {
        false
    }

    /// Whether the matrix among the parameters is that of the precision.
    fn by_precision(&self) -> bool {
        false
    }

    /// Numbers of working space.
    fn scratch(&self) -> usize {
        0
    }

    /// The sum of the log densities of vectors laid end to end. NaN for parameters outside of their domains, minus infinity outside the support.
    fn log_prob(&self, parameters: &[f64], x: &[f64], scratch: &mut [f64]) -> f64;

    /// The same, with its derivatives by the parameters and by the vectors added to `slopes`.
    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, scratch: &mut [f64]) -> f64;

    /// One draw. Parameters outside their domains give NaN.
    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]);
}

/// Where derivatives are added.
pub(crate) struct Slopes<'a> {
    pub(crate) parameters: &'a mut [f64],
    pub(crate) x: &'a mut [f64],
}

/// A [`JointKernel`] applied to every element of a statement.
pub(crate) struct Joint<K>(pub(crate) K);

impl<K: JointKernel> Joint<K> {
    /// The parameters of row r.
    fn gather(&self, call: &Call<'_>, r: usize, out: &mut [f64]) {
        out.iter_mut().enumerate().for_each(|(p, out)| *out = call.parameter(p, r));
    }

    /// The vectors of the elements from `from` on.
    fn vectors<'a>(&self, call: &Call<'a>, from: usize, space: &'a mut [f64]) -> &'a [f64] {
        let width = self.width();
        match call.value {
            Value::Observed(data) => &data[from * width..from * width + space.len()],
            Value::Live(slot) => {
                for (e, vector) in space.chunks_exact_mut(width).enumerate() {
                    let at = slot.offset + slot.map.at(from + e) * width;
                    vector.copy_from_slice(&call.values[at..at + width]);
                }
                space
            }
        }
    }

    /// The most elements of a row.
    fn longest(call: &Call<'_>) -> usize {
        (0..call.plan.rows).map(|r| call.plan.segment(r).len()).max().unwrap_or(0)
    }
}

impl<K: JointKernel> Formula for Joint<K> {
    fn log_prob(&self, call: &Call<'_>) -> f64 {
        let (own, width, scratch) = (call.parameters.len(), self.width(), self.0.scratch());
        with_space(own + Self::longest(call) * width + scratch, |space| {
            let (parameters, space) = space.split_at_mut(own);
            let (scratch, space) = space.split_at_mut(scratch);
            let mut total = 0.0;
            for r in 0..call.plan.rows {
                self.gather(call, r, parameters);
                let segment = call.plan.segment(r);
                let x = self.vectors(call, segment.start, &mut space[..segment.len() * width]);
                total += self.0.log_prob(parameters, x, scratch);
            }
            total
        })
    }

    fn accumulate(&self, call: &Call<'_>, sink: &mut Sink<'_>) -> f64 {
        let (own, width, scratch) = (call.parameters.len(), self.width(), self.0.scratch());
        let longest = Self::longest(call) * width;
        with_space(2 * own + 2 * longest + scratch, |space| {
            let (parameters, space) = space.split_at_mut(own);
            let (d_parameters, space) = space.split_at_mut(own);
            let (scratch, space) = space.split_at_mut(scratch);
            let (vectors, d_vectors) = space.split_at_mut(longest);
            let mut total = 0.0;
            for r in 0..call.plan.rows {
                self.gather(call, r, parameters);
                let segment = call.plan.segment(r);
                let len = segment.len() * width;
                let x = self.vectors(call, segment.start, &mut vectors[..len]);
                d_parameters.fill(0.0);
                d_vectors[..len].fill(0.0);
                let slopes = Slopes { parameters: d_parameters, x: &mut d_vectors[..len] };
                total += self.0.slopes(parameters, x, slopes, scratch);
                for (slot, slope) in call.parameters.iter().zip(&*d_parameters) {
                    sink.add(slot, r, *slope);
                }
                if let Value::Live(slot) = call.value {
                    for (e, slopes) in segment.zip(d_vectors[..len].chunks_exact(width)) {
                        let at = slot.offset + slot.map.at(e) * width;
                        slopes.iter().enumerate().for_each(|(k, slope)| sink.add_at(at + k, *slope));
                    }
                }
            }
            total
        })
    }

    fn accumulate_weighted(&self, call: &Call<'_>, weights: &[f64], sink: &mut Sink<'_>) {
        let (own, width, scratch) = (call.parameters.len(), self.width(), self.0.scratch());
        with_space(2 * own + 2 * width + scratch, |space| {
            let (parameters, space) = space.split_at_mut(own);
            let (d_parameters, space) = space.split_at_mut(own);
            let (scratch, space) = space.split_at_mut(scratch);
            let (vector, d_vector) = space.split_at_mut(width);
            for r in 0..call.plan.rows {
                self.gather(call, r, parameters);
                for e in call.plan.segment(r) {
                    let weight = weights[call.plan.original(e)];
                    if weight == 0.0 {
                        continue;
                    }
                    let x = self.vectors(call, e, vector);
                    d_parameters.fill(0.0);
                    d_vector.fill(0.0);
                    self.0.slopes(parameters, x, Slopes { parameters: d_parameters, x: d_vector }, scratch);
                    for (slot, slope) in call.parameters.iter().zip(&*d_parameters) {
                        sink.add(slot, r, weight * slope);
                    }
                    if let Value::Live(slot) = call.value {
                        let at = slot.offset + slot.map.at(e) * width;
                        let slopes = d_vector.iter().enumerate();
                        slopes.for_each(|(k, slope)| sink.add_at(at + k, weight * slope));
                    }
                }
            }
        });
    }

    fn each(&self, call: &Call<'_>, out: &mut [f64]) {
        let (own, width, scratch) = (call.parameters.len(), self.width(), self.0.scratch());
        with_space(own + width + scratch, |space| {
            let (parameters, space) = space.split_at_mut(own);
            let (scratch, space) = space.split_at_mut(scratch);
            for r in 0..call.plan.rows {
                self.gather(call, r, parameters);
                for e in call.plan.segment(r) {
                    let x = self.vectors(call, e, space);
                    out[call.plan.original(e)] = self.0.log_prob(parameters, x, scratch);
                }
            }
        });
    }

    fn sample(&self, call: &Call<'_>, stream: &mut Stream, out: &mut [f64]) {
        let width = self.width();
        let mut parameters = vec![0.0; call.parameters.len()];
        for r in 0..call.plan.rows {
            self.gather(call, r, &mut parameters);
            for e in call.plan.segment(r) {
                let at = call.plan.original(e) * width;
                self.0.sample(&parameters, stream, &mut out[at..at + width]);
            }
        }
    }

    fn carrier(&self, _: &[f64]) -> f64 {
        0.0
    }

    fn width(&self) -> usize {
        self.0.support().width()
    }

    fn parameter_names(&self) -> Vec<String> {
        self.0.parameters().into_iter().map(|(name, _)| name).collect()
    }

    fn expected(&self, parameter: usize, value: f64) -> Option<String> {
        let (_, domain) = self.0.parameters()[parameter];
        (!domain.contains(value)).then(|| domain.to_string())
    }
}

impl<K: JointKernel> Family for Joint<K> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        self.0.parameters()
    }

    fn support(&self, _: &[f64]) -> Support {
        self.0.support()
    }

    fn walks(&self) -> bool {
        self.0.walks()
    }

    fn by_precision(&self) -> bool {
        self.0.by_precision()
    }

    fn as_formula(self: Arc<Self>) -> Arc<dyn Formula> {
        self
    }
}

/// `mu[0]`, `mu[1]`, ...
pub(super) fn vector_names(
    name: &str,
    size: usize,
    domain: ParameterDomain,
) -> impl Iterator<Item = (String, ParameterDomain)> {
    (0..size).map(move |k| (format!("{name}[{k}]"), domain))
}

/// `l[0,0]`, `l[1,0]`, `l[1,1]`, ...: a lower triangle, row by row, the diagonal in a domain of its own.
pub(super) fn lower_names(
    name: &str,
    size: usize,
    diagonal: ParameterDomain,
) -> impl Iterator<Item = (String, ParameterDomain)> {
    (0..size).flat_map(move |i| {
        (0..=i)
            .map(move |j| (format!("{name}[{i},{j}]"), if i == j { diagonal } else { ParameterDomain::Real }))
    })
}

/// Whether all parameters lie in their domains.
pub(super) fn valid(parameters: &[f64], domain: ParameterDomain) -> bool {
    parameters.iter().all(|parameter| domain.contains(*parameter))
}
