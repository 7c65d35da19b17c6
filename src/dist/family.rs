//! From one distribution's mathematics to one fused node of the graph.

use super::interval::{Interval, IntervalFunction};
use super::kernel::{Kernel, ParameterDomain};
use super::normal::Normal;
use super::standardised::Standardised;
use super::vector_kernel::{Elements, Evaluator, VectorKernel, evaluate};
use crate::graph::{BLOCK, Block, Call, ElementFunction, Formula, Map, Sink, Value, fill_up, sum};
use crate::seed::Stream;
use crate::transform::Support;
use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::Arc;

/// A distribution as models see it: the formula with its name, its parameters and its support.
pub(crate) trait Family: Formula {
    fn name(&self) -> &'static str;

    /// The parameters' names and domains.
    fn parameters(&self) -> Vec<(String, ParameterDomain)>;

    /// Where the value may lie; parameters that are not known yet are NaN.
    fn support(&self, parameters: &[f64]) -> Support;

    /// Which parameters are the ends of the support.
    fn ends(&self) -> [Option<usize>; 2] {
        [None, None]
    }

    /// Which parameters are location and scale.
    fn location_scale(&self) -> Option<[usize; 2]> {
        None
    }

    /// The density of z in x = location + scale x z, with the same parameters, where it is known apart from that of x.
    fn standardised(&self) -> Option<Arc<dyn Family>> {
        None
    }

    /// Whether values are random walks, with parameters scale, initial location and initial scale.
    fn walks(&self) -> bool {
        false
    }

    /// Whether values are vectors whose second parameter is a factor of their precision, not of their covariance.
    fn by_precision(&self) -> bool {
        false
    }

    /// The log probability of an interval, a function of the parameters and of its ends, if it is known.
    fn interval(&self) -> Option<Arc<dyn ElementFunction>> {
        None
    }

    /// The family as its formula.
    fn as_formula(self: Arc<Self>) -> Arc<dyn Formula>;
}

/// From how many elements on vectors are worth their setting up.
const LONG: usize = 16;

/// A [`Kernel`] applied to every element of a statement.
pub(crate) struct Elementwise<K, const P: usize, const W: usize> {
    /// Evaluates blocks of elements at once, if the kernel has a formula over vectors.
    vectors: Option<Evaluator<P>>,
    interval: Option<IntervalFunction<P>>,
    kernel: PhantomData<fn() -> K>,
}

impl<K: Kernel<P, W>, const P: usize, const W: usize> Elementwise<K, P, W> {
    /// One number at a time.
    pub(crate) fn new() -> Self {
        Self { vectors: None, interval: None, kernel: PhantomData }
    }

    /// One number at a time, with the probability of intervals.
    pub(crate) fn of_counts(interval: IntervalFunction<P>) -> Self {
        Self { interval: Some(interval), ..Self::new() }
    }

    /// The evaluator to use: for many elements with a row each, or all with the same.
    fn vectors(&self, call: &Call<'_>) -> Option<Evaluator<P>> {
        let plan = call.plan;
        self.vectors.filter(|_| plan.elements >= LONG && (plan.rows == 1 || plan.rows == plan.elements))
    }
}

impl<K: VectorKernel<P>, const P: usize> Elementwise<K, P, 1> {
    /// Long arrays as vectors.
    pub(crate) fn with_vectors() -> Self {
        Self { vectors: Some(evaluate::<K, P>), ..Self::new() }
    }

    /// The same with the probability of intervals.
    pub(crate) fn with_intervals(interval: IntervalFunction<P>) -> Self {
        Self { interval: Some(interval), ..Self::with_vectors() }
    }
}

impl<K: Kernel<P, W>, const P: usize, const W: usize> Family for Elementwise<K, P, W> {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        K::PARAMETERS.iter().map(|&(name, domain)| (name.to_string(), domain)).collect()
    }

    fn support(&self, parameters: &[f64]) -> Support {
        K::support(std::array::from_fn(|p| parameters[p]))
    }

    fn ends(&self) -> [Option<usize>; 2] {
        K::ENDS
    }

    fn location_scale(&self) -> Option<[usize; 2]> {
        K::LOCATION_SCALE
    }

    fn standardised(&self) -> Option<Arc<dyn Family>> {
        let standardised = || Arc::new(Elementwise::<Standardised, 2, 1>::with_vectors()) as Arc<dyn Family>;
        (TypeId::of::<K>() == TypeId::of::<Normal>()).then(standardised)
    }

    fn interval(&self) -> Option<Arc<dyn ElementFunction>> {
        self.interval.map(Interval::shared)
    }

    fn as_formula(self: Arc<Self>) -> Arc<dyn Formula> {
        self
    }
}

/// The `e`-th datum.
#[inline(always)]
fn datum<const W: usize>(data: &[f64], e: usize) -> [f64; W] {
    std::array::from_fn(|w| data[e * W + w])
}

/// A log density with its carrier, which has no meaning outside the support.
#[inline(always)]
fn with_carrier(log_prob: f64, carrier: impl FnOnce() -> f64) -> f64 {
    if log_prob == f64::NEG_INFINITY { log_prob } else { log_prob + carrier() }
}

/// A live value is a single number; what a wider density would make of it never arises, since wider values are observed.
#[inline(always)]
fn lone<const W: usize>(x: f64) -> [f64; W] {
    [x; W]
}

impl<K: Kernel<P, W>, const P: usize, const W: usize> Formula for Elementwise<K, P, W> {
    fn log_prob(&self, call: &Call<'_>) -> f64 {
        if let Some(evaluator) = self.vectors(call) {
            return blocks::<K, P, W>(call, evaluator, |_, _, _| ());
        }
        let mut total = 0.0;
        for r in 0..call.plan.rows {
            let row = K::row(call.row(r));
            total += match call.value {
                Value::Observed(data) => {
                    call.plan.segment(r).map(|e| K::log_prob(&row, datum(data, e))).sum::<f64>()
                }
                Value::Live(slot) => {
                    let at = |e| lone(call.live(slot, e));
                    call.plan.segment(r).map(|e| K::log_prob(&row, at(e)) + K::carrier(at(e))).sum::<f64>()
                }
            };
        }
        total
    }

    fn accumulate(&self, call: &Call<'_>, sink: &mut Sink<'_>) -> f64 {
        if let Some(evaluator) = self.vectors(call) {
            return blocks::<K, P, W>(call, evaluator, |from, count, elements| {
                add_block::<K, P, W>(call, sink, from, count, elements);
            });
        }
        let mut total = 0.0;
        for r in 0..call.plan.rows {
            let row = K::row(call.row(r));
            let mut slopes = [0.0; P];
            let mut add = |partials: super::kernel::Partials<P>| {
                total += partials.log_prob;
                for p in 0..P {
                    slopes[p] += partials.parameters[p];
                }
                partials.value
            };
            match call.value {
                Value::Observed(data) => {
                    for e in call.plan.segment(r) {
                        add(K::partials(&row, datum(data, e)));
                    }
                }
                Value::Live(slot) => {
                    let mut carriers = 0.0;
                    for e in call.plan.segment(r) {
                        let x = lone(call.live(slot, e));
                        carriers += K::carrier(x);
                        sink.add(slot, e, add(K::partials(&row, x)));
                    }
                    total += carriers;
                }
            }
            for p in 0..P {
                sink.add(&call.parameters[p], r, slopes[p]);
            }
        }
        total
    }

    fn each(&self, call: &Call<'_>, out: &mut [f64]) {
        if let Some(evaluator) = self.vectors(call) {
            // Of a row for all, or a row for each, the order is the original one.
            blocks::<K, P, W>(call, evaluator, |from, count, elements| {
                out[from..from + count].copy_from_slice(&elements.log_prob[..count]);
            });
            if let Value::Live(slot) = call.value {
                let carrier = |e| K::carrier(lone(call.live(slot, e)));
                out.iter_mut().enumerate().for_each(|(e, out)| *out = with_carrier(*out, || carrier(e)));
            }
            return;
        }
        for r in 0..call.plan.rows {
            let row = K::row(call.row(r));
            for e in call.plan.segment(r) {
                out[call.plan.original(e)] = match call.value {
                    Value::Observed(data) => K::log_prob(&row, datum(data, e)),
                    Value::Live(slot) => {
                        let x = lone(call.live(slot, e));
                        with_carrier(K::log_prob(&row, x), || K::carrier(x))
                    }
                };
            }
        }
    }

    fn accumulate_weighted(&self, call: &Call<'_>, weights: &[f64], sink: &mut Sink<'_>) {
        if let Some(evaluator) = self.vectors(call) {
            blocks::<K, P, W>(call, evaluator, |from, count, elements| {
                elements.weigh(&weights[from..from + count]);
                add_block::<K, P, W>(call, sink, from, count, elements);
            });
            return;
        }
        for r in 0..call.plan.rows {
            let row = K::row(call.row(r));
            let mut slopes = [0.0; P];
            for e in call.plan.segment(r) {
                let weight = weights[call.plan.original(e)];
                if weight == 0.0 {
                    continue;
                }
                let partials = match call.value {
                    Value::Observed(data) => K::partials(&row, datum(data, e)),
                    Value::Live(slot) => {
                        let partials = K::partials(&row, lone(call.live(slot, e)));
                        sink.add(slot, e, weight * partials.value);
                        partials
                    }
                };
                for p in 0..P {
                    slopes[p] += weight * partials.parameters[p];
                }
            }
            for p in 0..P {
                sink.add(&call.parameters[p], r, slopes[p]);
            }
        }
    }

    fn sample(&self, call: &Call<'_>, stream: &mut Stream, out: &mut [f64]) {
        for r in 0..call.plan.rows {
            let parameters = call.row(r);
            for e in call.plan.segment(r) {
                let at = call.plan.original(e) * W;
                out[at..at + W].copy_from_slice(&K::sample(parameters, stream));
            }
        }
    }

    fn carrier(&self, data: &[f64]) -> f64 {
        (0..data.len() / W).map(|e| K::carrier(datum(data, e))).sum()
    }

    fn width(&self) -> usize {
        W
    }

    fn parameter_names(&self) -> Vec<String> {
        K::PARAMETERS.iter().map(|(name, _)| name.to_string()).collect()
    }

    fn expected(&self, parameter: usize, value: f64) -> Option<String> {
        let domain = K::PARAMETERS[parameter].1;
        (!domain.contains(value)).then(|| domain.to_string())
    }
}

/// Evaluates all elements block by block, with `each(from, count, elements)` called after each; the sum of the log densities
/// as [`Formula::log_prob`] gives it. Not inlined: short arrays would pay for the blocks' place on the stack.
#[inline(never)]
fn blocks<K: Kernel<P, W>, const P: usize, const W: usize>(
    call: &Call<'_>,
    evaluator: Evaluator<P>,
    mut each: impl FnMut(usize, usize, &mut Elements<P>),
) -> f64 {
    let plan = call.plan;
    let rows = Rows::of::<K, P, W>(call);
    let mut elements = Elements::new();
    let mut locations: Block = [0.0; BLOCK];
    let mut total = 0.0;
    for from in (0..plan.elements).step_by(BLOCK) {
        let count = BLOCK.min(plan.elements - from);
        for (p, (block, slot)) in elements.parameters.iter_mut().zip(call.parameters).enumerate() {
            match rows {
                Rows::Each => slot.read_block(call.values, from, count, block),
                Rows::ButLocation(location) if p == location => {
                    slot.read_block(call.values, from, count, &mut locations);
                    block[0] = 0.0;
                }
                _ => slot.read_all(call.values, 0, &mut block[..1]),
            }
        }
        match call.value {
            Value::Observed(data) => {
                elements.value[..count].copy_from_slice(&data[from..from + count]);
                fill_up(&mut elements.value, count);
            }
            Value::Live(slot) => {
                slot.read_block(call.values, from, count, &mut elements.value);
                total += elements.value[..count].iter().map(|x| K::carrier(lone(*x))).sum::<f64>();
            }
        }
        if let Rows::ButLocation(_) = rows {
            // A location that is not finite leaves NaN, as it does in a row.
            let centred = |(x, location): (&mut f64, &f64)| *x = *x - location + 0.0 * location;
            elements.value.iter_mut().zip(&locations).for_each(centred);
        }
        evaluator(&mut elements, count, rows != Rows::Each);
        total += sum(&elements.log_prob[..count]);
        each(from, count, &mut elements);
    }
    total
}

/// Which parameters the elements of a call have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// All.
    One,
    /// None need be the same.
    Each,
    /// All but the location, of which x is taken off: a regression. Its slope is minus that of x, which the kernel gives for a location of 0.
    ButLocation(usize),
}

impl Rows {
    fn of<K: Kernel<P, W>, const P: usize, const W: usize>(call: &Call<'_>) -> Self {
        if call.plan.rows == 1 {
            return Rows::One;
        }
        let common = |p: usize| matches!(call.parameters[p].map, Map::One(_));
        match K::LOCATION_SCALE {
            Some([location, _])
                if K::support([f64::NAN; P]) == Support::Real
                    && (0..P).all(|p| p == location || common(p)) =>
            {
                Rows::ButLocation(location)
            }
            _ => Rows::Each,
        }
    }
}

/// Sends the derivatives of one block to where they belong.
fn add_block<K: Kernel<P, W>, const P: usize, const W: usize>(
    call: &Call<'_>,
    sink: &mut Sink<'_>,
    from: usize,
    count: usize,
    elements: &Elements<P>,
) {
    if let Value::Live(slot) = call.value {
        sink.add_all(slot, from, &elements.value[..count]);
    }
    let rows = Rows::of::<K, P, W>(call);
    for (p, (slot, derivatives)) in call.parameters.iter().zip(&elements.parameters).enumerate() {
        let summed = match rows {
            Rows::One => true,
            Rows::Each => false,
            Rows::ButLocation(location) => p != location,
        };
        match summed {
            true => sink.add(slot, 0, sum(&derivatives[..count])),
            false => sink.add_all(slot, from, &derivatives[..count]),
        }
    }
}
