//! The probability of an interval, with its slopes: what truncation and censoring need.
//!
//! With F the distribution function and p the density, log P(low <= X <= high) has the slopes p(high) / P by high, -p(low) / P by low
//! and (F'(high) - F'(low)) / P by a parameter, F' being the derivative by that parameter. Between tails P is the difference of the
//! smaller tails' logarithms; where that would lose digits the density is integrated (ten points, Gauss & Legendre), and its slopes by the
//! parameters with it: the mean of d log p over the interval. Of counts the probabilities are added up, ends included.

use super::kernel::Kernel;
use crate::graph::{Block, ElementFunction};
use crate::math::log_diff_exp;
use std::f64::consts::LN_2;
use std::sync::Arc;

/// log P(low <= X <= high) and its slopes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IntervalPartials<const P: usize> {
    pub(crate) log_prob: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) parameters: [f64; P],
}

impl<const P: usize> IntervalPartials<P> {
    const IMPOSSIBLE: Self = Self { log_prob: f64::NEG_INFINITY, low: 0.0, high: 0.0, parameters: [0.0; P] };
    /// Of parameters or ends that make no sense.
    const UNKNOWN: Self = Self { log_prob: f64::NAN, ..Self::IMPOSSIBLE };
}

/// The probability of an interval, given parameters and its ends.
pub(crate) type IntervalFunction<const P: usize> = fn([f64; P], f64, f64) -> IntervalPartials<P>;

/// The distribution function of a continuous kernel.
pub(crate) trait Cumulative<const P: usize>: Kernel<P> {
    /// Whether the density has no kink inside of its support, so that it may be integrated over a short interval.
    const SMOOTH: bool = true;

    /// ln F(x) and ln (1 - F(x)), x finite.
    fn tails(parameters: [f64; P], x: f64) -> (f64, f64);

    /// The derivatives of F(x) by the parameters, each over p(x).
    fn slope_ratios(parameters: [f64; P], x: f64) -> [f64; P];
}

/// The log density of a single value, carrier included.
fn log_prob<K: Kernel<P>, const P: usize>(row: &K::Row, x: f64) -> f64 {
    let log_prob = K::log_prob(row, [x]);
    if log_prob == f64::NEG_INFINITY { log_prob } else { log_prob + K::carrier([x]) }
}

/// Of a continuous kernel. Where both ends are the same it is the density there.
pub(crate) fn continuous_interval<K: Cumulative<P>, const P: usize>(
    parameters: [f64; P],
    low: f64,
    high: f64,
) -> IntervalPartials<P> {
    let row = K::row(parameters);
    if low == high {
        let partials = K::partials(&row, [low]);
        let log_prob = log_prob::<K, P>(&row, low);
        return IntervalPartials {
            log_prob,
            low: partials.value,
            high: 0.0,
            parameters: partials.parameters,
        };
    }
    let in_domains = K::PARAMETERS.iter().zip(parameters).all(|((_, domain), x)| domain.contains(x));
    if !(low < high) || !in_domains {
        return IntervalPartials::UNKNOWN;
    }
    let at = |x: f64, infinite: (f64, f64)| match x.is_finite() {
        true => (K::tails(parameters, x), log_prob::<K, P>(&row, x)),
        false => (infinite, f64::NEG_INFINITY),
    };
    let (of_low, by_low) = at(low, (f64::NEG_INFINITY, 0.0));
    let (of_high, by_high) = at(high, (0.0, f64::NEG_INFINITY));
    let densities = [by_low, by_high];
    let (log_mass, loss) = between([of_low, of_high]);
    if K::SMOOTH && loss > FEW_DIGITS_LOST && (densities[0] - densities[1]).abs() < 1.0 {
        return integrated::<K, P>(&row, low, high, densities);
    }
    if densities.iter().any(|density| density.is_nan()) {
        return IntervalPartials::UNKNOWN;
    }
    if log_mass == f64::NEG_INFINITY {
        return IntervalPartials::IMPOSSIBLE;
    }
    let [by_low, by_high] = densities.map(|log_prob| (log_prob - log_mass).exp());
    let mut slopes = [0.0; P];
    for (end, weight) in [(low, -by_low), (high, by_high)] {
        if weight != 0.0 {
            let ratios = K::slope_ratios(parameters, end);
            (0..P).for_each(|p| slopes[p] += weight * ratios[p]);
        }
    }
    IntervalPartials { log_prob: log_mass, low: -by_low, high: by_high, parameters: slopes }
}

/// By how much rounding errors may grow before the density is integrated instead.
const FEW_DIGITS_LOST: f64 = 30.0;

/// The log of the probability between two points of which both tails are known, and by how much it magnifies their errors.
fn between([(below_low, above_low), (below_high, above_high)]: [(f64, f64); 2]) -> (f64, f64) {
    let difference = |large: f64, small: f64| {
        let gap = large - small;
        (log_diff_exp(large, small), (1.0 + large.abs()) / gap.clamp(0.0, 1.0))
    };
    if below_high <= -LN_2 {
        difference(below_high, below_low)
    } else if above_low <= -LN_2 {
        difference(above_low, above_high)
    } else {
        let outside = below_low.exp() + above_high.exp();
        ((-outside).ln_1p(), 1.0 / (1.0 - outside))
    }
}

/// Points and weights on (-1, 1), by their positive half (Abramowitz & Stegun 1964, table 25.4).
const GAUSS_LEGENDRE: [(f64, f64); 5] = [
    (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// The density integrated over an interval on which it changes little.
fn integrated<K: Kernel<P>, const P: usize>(
    row: &K::Row,
    low: f64,
    high: f64,
    densities: [f64; 2],
) -> IntervalPartials<P> {
    let (center, half) = (0.5 * low + 0.5 * high, 0.5 * high - 0.5 * low);
    let top = log_prob::<K, P>(row, center);
    let (mut sum, mut slopes) = (0.0, [0.0; P]);
    for (point, weight) in GAUSS_LEGENDRE {
        for x in [center - half * point, center + half * point] {
            let partials = K::partials(row, [x]);
            let share = weight * (log_prob::<K, P>(row, x) - top).exp();
            sum += share;
            (0..P).for_each(|p| slopes[p] += share * partials.parameters[p]);
        }
    }
    let log_mass = top + (half * sum).ln();
    let [by_low, by_high] = densities.map(|log_prob| (log_prob - log_mass).exp());
    IntervalPartials { log_prob: log_mass, low: -by_low, high: by_high, parameters: slopes.map(|s| s / sum) }
}

/// Up to this many counts below an interval without end are added up instead of those in it.
const FEW_COUNTS: f64 = 1000.0;
/// No sum of probabilities goes on for more terms.
const MOST_COUNTS: usize = 10_000_000;

/// Of a kernel of counts 0, 1, ...; both ends belong to the interval.
pub(crate) fn count_interval<K: Kernel<P>, const P: usize>(
    parameters: [f64; P],
    low: f64,
    high: f64,
) -> IntervalPartials<P> {
    let row = K::row(parameters);
    let (first, last) = (low.ceil().max(0.0), high.floor());
    if low.is_nan() || high.is_nan() {
        return IntervalPartials::UNKNOWN;
    }
    if !(first <= last && first.is_finite()) {
        return IntervalPartials::IMPOSSIBLE;
    }
    if last == f64::INFINITY && first <= FEW_COUNTS {
        // Both sums are short where the counts below are few; the smaller one has the digits.
        let below = match first == 0.0 {
            true => Sum::new(),
            false => Sum::over::<K>(&row, 0.0, first - 1.0),
        };
        if below.log() <= -LN_2 {
            let outside = below.log().exp();
            let slopes = below.slopes().map(|slope| -outside / (1.0 - outside) * slope);
            return IntervalPartials {
                log_prob: (-outside).ln_1p(),
                low: 0.0,
                high: 0.0,
                parameters: slopes,
            };
        }
    }
    let sum = Sum::over::<K>(&row, first, last);
    IntervalPartials { log_prob: sum.log(), low: 0.0, high: 0.0, parameters: sum.slopes() }
}

/// Up to this many impossible counts may stand before the first possible one.
const MOST_IMPOSSIBLE: f64 = 100_000.0;

/// A sum of probabilities and of these times their slopes, all relative to exp(top).
struct Sum<const P: usize> {
    top: f64,
    sum: f64,
    slopes: [f64; P],
}

impl<const P: usize> Sum<P> {
    fn new() -> Self {
        Sum { top: f64::NEG_INFINITY, sum: 0.0, slopes: [0.0; P] }
    }

    /// From the end where the probabilities are rising towards the inside, until the rest is too small to matter.
    fn over<K: Kernel<P>>(row: &K::Row, first: f64, last: f64) -> Self {
        let mut sum = Sum::new();
        let at = |k: f64| log_prob::<K, P>(row, k);
        let down = last.is_finite() && last > first && at(last) > at(last - 1.0);
        let (mut k, step, end) = if down { (last, -1.0, first) } else { (first, 1.0, last) };
        let mut before = f64::NEG_INFINITY;
        for _ in 0..MOST_COUNTS {
            let term = at(k);
            sum.add(term, K::partials(row, [k]).parameters);
            let ratio = (term - before).exp();
            let rest = (term - sum.top).exp() / (1.0 - ratio);
            let beyond = term == f64::NEG_INFINITY && (sum.sum > 0.0 || (k - first).abs() > MOST_IMPOSSIBLE);
            if k == end || term.is_nan() || beyond || (ratio < 1.0 && rest < 1e-17 * sum.sum) {
                break;
            }
            (k, before) = (k + step, term);
        }
        sum
    }

    fn add(&mut self, log: f64, slopes: [f64; P]) {
        if log > self.top {
            let factor = (self.top - log).exp();
            self.sum *= factor;
            self.slopes.iter_mut().for_each(|slope| *slope *= factor);
            self.top = log;
        }
        let share = if log == f64::NEG_INFINITY { 0.0 } else { (log - self.top).exp() };
        self.sum += share;
        (0..P).for_each(|p| self.slopes[p] += share * slopes[p]);
    }

    fn log(&self) -> f64 {
        if self.sum == 0.0 { f64::NEG_INFINITY } else { self.top + self.sum.ln() }
    }

    /// The slopes of the logarithm.
    fn slopes(&self) -> [f64; P] {
        self.slopes.map(|slope| if self.sum == 0.0 { 0.0 } else { slope / self.sum })
    }
}

/// The function of parameters, low and high, element by element.
pub(crate) struct Interval<const P: usize> {
    function: IntervalFunction<P>,
}

impl<const P: usize> Interval<P> {
    /// The node's function.
    pub(crate) fn shared(function: IntervalFunction<P>) -> Arc<dyn ElementFunction> {
        Arc::new(Self { function })
    }

    fn at(&self, x: &[Block], i: usize) -> IntervalPartials<P> {
        (self.function)(std::array::from_fn(|p| x[p][i]), x[P][i], x[P + 1][i])
    }
}

impl<const P: usize> ElementFunction for Interval<P> {
    fn values(&self, x: &[Block], count: usize, y: &mut Block) {
        (0..count).for_each(|i| y[i] = self.at(x, i).log_prob);
    }

    fn slopes(&self, x: &mut [Block], count: usize, _: &Block, dy: &Block) {
        for i in 0..count {
            let IntervalPartials { low, high, parameters, .. } = self.at(x, i);
            let weigh = |slope: f64| if dy[i] == 0.0 { 0.0 } else { dy[i] * slope };
            (0..P).for_each(|p| x[p][i] = weigh(parameters[p]));
            (x[P][i], x[P + 1][i]) = (weigh(low), weigh(high));
        }
    }
}
