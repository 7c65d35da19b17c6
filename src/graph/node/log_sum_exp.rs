//! Logarithms of sums of exponentials, without overflow.

use crate::graph::density::term::{Sink, Slot};
use crate::graph::shape::Map;
use crate::math::log_add_exp;

/// The logarithms of the sums of the exponentials of numbers; number i goes to the sum `to.at(i)` of so many.
pub(in crate::graph) fn log_sum_exp_of_numbers(numbers: &[f64], to: &Map, sums: usize) -> Vec<f64> {
    let mut out = vec![0.0; sums];
    let source = Slot { offset: 0, map: Map::Same };
    log_sum_exp(numbers, &source, numbers.len(), to, &mut out);
    out
}

/// One sum is taken at its largest number; several grow number by number, since they may be interleaved.
pub(in crate::graph) fn log_sum_exp(before: &[f64], source: &Slot, len: usize, to: &Map, out: &mut [f64]) {
    out.fill(f64::NEG_INFINITY);
    let numbers = (0..len).map(|i| source.read(before, i));
    if let [out] = out {
        let top = numbers.clone().fold(f64::NEG_INFINITY, f64::max);
        let center = if top.is_finite() { top } else { 0.0 };
        *out = center + numbers.map(|x| (x - center).exp()).sum::<f64>().ln();
        return;
    }
    numbers.enumerate().for_each(|(i, x)| out[to.at(i)] = log_add_exp(out[to.at(i)], x));
}

/// Adds what the adjoints of such sums mean for the numbers: each has its share exp(x - sum). Where a sum is infinite, so that there
/// is no such difference, the numbers that make it so share alike as if there were no others.
pub(in crate::graph) fn log_sum_exp_back(
    values: &[f64],
    (source, len, to): (&Slot, usize, &Map),
    (out, dout): (&[f64], &[f64]),
    sink: &mut Sink<'_>,
) {
    let members = (len / out.len()) as f64;
    for i in 0..len {
        let (x, sum, adjoint) = (source.read(values, i), out[to.at(i)], dout[to.at(i)]);
        let share = if x == sum && sum.is_infinite() { 1.0 / members } else { (x - sum).exp() };
        sink.add(source, i, adjoint * share);
    }
}
