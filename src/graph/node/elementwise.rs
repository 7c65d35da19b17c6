//! Element-wise operations on arrays, forward and backward.
//!
//! Short arrays are computed one number at a time. From [`LONG`] elements on, the elementary functions run on vectors
//! ([`Doubles`]), block by block; they agree with the others to a few units in the last place.

use super::gather::{BLOCK, Block};
use super::op::{Binary, Unary};
use crate::graph::density::term::{Sink, Slot};
use crate::graph::shape::Map;
use crate::math::doubles::Doubles;
use pulp::{Arch, Simd, WithSimd};

/// From how many elements on vectors are worth their setting up.
pub(in crate::graph) const LONG: usize = 16;

pub(in crate::graph) fn unary(op: Unary, before: &[f64], x: &Slot, out: &mut [f64]) {
    match op {
        Unary::Exp if out.len() < LONG => each(before, x, out, f64::exp),
        Unary::Powi(2) => each(before, x, out, |x| x * x),
        op if out.len() < LONG => each(before, x, out, |x| op.value(x)),
        op => {
            x.read_all(before, 0, out);
            Arch::new().dispatch(UnaryValues { op, x: out });
        }
    }
}

#[inline(always)]
fn each(before: &[f64], x: &Slot, out: &mut [f64], f: impl Fn(f64) -> f64) {
    match &x.map {
        Map::Same => out.iter_mut().zip(&before[x.offset..]).for_each(|(out, x)| *out = f(*x)),
        _ => out.iter_mut().enumerate().for_each(|(i, out)| *out = f(x.read(before, i))),
    }
}

/// Adds what the adjoint `dout` of `out` means for the operand.
pub(in crate::graph) fn unary_back(
    op: Unary,
    values: &[f64],
    x: &Slot,
    (out, dout): (&[f64], &[f64]),
    sink: &mut Sink<'_>,
) {
    if out.len() >= LONG {
        return unary_back_long(op, values, x, (out, dout), sink);
    }
    (0..out.len()).for_each(|i| sink.add(x, i, dout[i] * op.slope(x.read(values, i), out[i])));
}

/// Not inlined: its blocks would make every call pay for their place on the stack.
#[inline(never)]
fn unary_back_long(op: Unary, values: &[f64], x: &Slot, (out, dout): (&[f64], &[f64]), sink: &mut Sink<'_>) {
    let (mut left, mut y, mut dx) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
    for from in (0..out.len()).step_by(BLOCK) {
        let count = BLOCK.min(out.len() - from);
        x.read_block(values, from, count, &mut left);
        y[..count].copy_from_slice(&out[from..from + count]);
        dx[..count].copy_from_slice(&dout[from..from + count]);
        Arch::new().dispatch(UnarySlopes { op, x: &left, y: &y, count, dx: &mut dx });
        sink.add_all(x, from, &dx[..count]);
    }
}

/// In place.
struct UnaryValues<'a> {
    op: Unary,
    x: &'a mut [f64],
}

impl WithSimd for UnaryValues<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (vectors, rest) = S::as_mut_simd_f64s(self.x);
        for x in vectors {
            *x = self.op.value(Doubles::new(simd, *x)).values();
        }
        let last = Doubles::new(simd, simd.partial_load_f64s(rest));
        simd.partial_store_f64s(rest, self.op.value(last).values());
    }
}

/// `dx` holds the adjoint of the values when it starts.
struct UnarySlopes<'a> {
    op: Unary,
    x: &'a Block,
    y: &'a Block,
    count: usize,
    dx: &'a mut Block,
}

impl WithSimd for UnarySlopes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in 0..self.count.div_ceil(S::F64_LANES) {
            let (x, y) = (Doubles::load(simd, self.x, at), Doubles::load(simd, self.y, at));
            let slope = self.op.slope(x, y);
            (Doubles::load(simd, self.dx, at) * slope).store(self.dx, at);
        }
    }
}

/// One loop per operation, so that the operation is known inside it.
pub(in crate::graph) fn binary(op: Binary, before: &[f64], x: &Slot, y: &Slot, out: &mut [f64]) {
    match op {
        Binary::Add => zip(before, x, y, out, |x, y| x + y),
        Binary::Sub => zip(before, x, y, out, |x, y| x - y),
        Binary::Mul => zip(before, x, y, out, |x, y| x * y),
        Binary::Div => zip(before, x, y, out, |x, y| x / y),
        op if out.len() < LONG => zip(before, x, y, out, |x, y| op.value(x, y)),
        op => binary_long(op, before, x, y, out),
    }
}

#[inline(never)]
fn binary_long(op: Binary, before: &[f64], x: &Slot, y: &Slot, out: &mut [f64]) {
    blocks(before, x, y, out.len(), |from, count, x, y| {
        let mut values = [0.0; BLOCK];
        Arch::new().dispatch(BinaryValues { op, x, y, count, out: &mut values });
        out[from..from + count].copy_from_slice(&values[..count]);
    });
}

#[inline(always)]
fn zip(before: &[f64], x: &Slot, y: &Slot, out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    let (left, right, n) = (&before[x.offset..], &before[y.offset..], out.len());
    match (&x.map, &y.map) {
        (Map::Same, Map::Same) => {
            out.iter_mut().zip(&left[..n]).zip(&right[..n]).for_each(|((out, x), y)| *out = f(*x, *y));
        }
        (Map::Same, Map::One(at)) => {
            let y = right[*at as usize];
            out.iter_mut().zip(&left[..n]).for_each(|(out, x)| *out = f(*x, y));
        }
        (Map::One(at), Map::Same) => {
            let x = left[*at as usize];
            out.iter_mut().zip(&right[..n]).for_each(|(out, y)| *out = f(x, *y));
        }
        (Map::Index(x), Map::Index(y)) => {
            let pairs = x.iter().zip(y.iter());
            out.iter_mut()
                .zip(pairs)
                .for_each(|(out, (x, y))| *out = f(left[*x as usize], right[*y as usize]));
        }
        (x, y) => out.iter_mut().enumerate().for_each(|(i, out)| *out = f(left[x.at(i)], right[y.at(i)])),
    }
}

/// Calls `f` with the place, the length and the gathered operands of every block.
#[inline(always)]
fn blocks(values: &[f64], x: &Slot, y: &Slot, len: usize, mut f: impl FnMut(usize, usize, &Block, &Block)) {
    let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
    for from in (0..len).step_by(BLOCK) {
        let count = BLOCK.min(len - from);
        x.read_block(values, from, count, &mut left);
        y.read_block(values, from, count, &mut right);
        f(from, count, &left, &right);
    }
}

struct BinaryValues<'a> {
    op: Binary,
    x: &'a Block,
    y: &'a Block,
    count: usize,
    out: &'a mut Block,
}

impl WithSimd for BinaryValues<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in 0..self.count.div_ceil(S::F64_LANES) {
            let (x, y) = (Doubles::load(simd, self.x, at), Doubles::load(simd, self.y, at));
            self.op.value(x, y).store(self.out, at);
        }
    }
}

/// Adds what the adjoint `dout` of `out` means for both operands.
pub(in crate::graph) fn binary_back(
    op: Binary,
    values: &[f64],
    slots: (&Slot, &Slot),
    (out, dout): (&[f64], &[f64]),
    sink: &mut Sink<'_>,
) {
    match op {
        op if out.len() >= LONG => binary_back_long(op, values, slots, out, dout, sink),
        Binary::Add => zip_back(values, slots, out, dout, sink, |_, _, _| (1.0, 1.0)),
        Binary::Sub => zip_back(values, slots, out, dout, sink, |_, _, _| (1.0, -1.0)),
        Binary::Mul => zip_back(values, slots, out, dout, sink, |x, y, _| (y, x)),
        op => zip_back(values, slots, out, dout, sink, |x, y, out| op.slopes(x, y, out)),
    }
}

#[inline(never)]
fn binary_back_long(
    op: Binary,
    values: &[f64],
    (x, y): (&Slot, &Slot),
    out: &[f64],
    dout: &[f64],
    sink: &mut Sink<'_>,
) {
    match op {
        Binary::Add => {
            sink.add_all(x, 0, dout);
            sink.add_all(y, 0, dout);
        }
        Binary::Sub => {
            sink.add_all(x, 0, dout);
            let mut negative = [0.0; BLOCK];
            for (k, dout) in dout.chunks(BLOCK).enumerate() {
                negative.iter_mut().zip(dout).for_each(|(negative, d)| *negative = -d);
                sink.add_all(y, k * BLOCK, &negative[..dout.len()]);
            }
        }
        op => blocks(values, x, y, out.len(), |from, count, left, right| {
            let (mut dx, mut dy) = ([0.0; BLOCK], [0.0; BLOCK]);
            dx[..count].copy_from_slice(&out[from..from + count]);
            dy[..count].copy_from_slice(&dout[from..from + count]);
            Arch::new().dispatch(BinarySlopes { op, x: left, y: right, count, dx: &mut dx, dy: &mut dy });
            sink.add_all(x, from, &dx[..count]);
            sink.add_all(y, from, &dy[..count]);
        }),
    }
}

#[inline(always)]
fn zip_back(
    values: &[f64],
    (x, y): (&Slot, &Slot),
    out: &[f64],
    dout: &[f64],
    sink: &mut Sink<'_>,
    slopes: impl Fn(f64, f64, f64) -> (f64, f64),
) {
    for i in 0..out.len() {
        let (left, right) = (values[x.offset + x.map.at(i)], values[y.offset + y.map.at(i)]);
        let (dx, dy) = slopes(left, right, out[i]);
        sink.add(x, i, dout[i] * dx);
        sink.add(y, i, dout[i] * dy);
    }
}

/// `dx` and `dy` hold the values and their adjoint when it starts.
struct BinarySlopes<'a> {
    op: Binary,
    x: &'a Block,
    y: &'a Block,
    count: usize,
    dx: &'a mut Block,
    dy: &'a mut Block,
}

impl WithSimd for BinarySlopes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in 0..self.count.div_ceil(S::F64_LANES) {
            let (x, y) = (Doubles::load(simd, self.x, at), Doubles::load(simd, self.y, at));
            let (out, dout) = (Doubles::load(simd, self.dx, at), Doubles::load(simd, self.dy, at));
            let (by_x, by_y) = self.op.slopes(x, y, out);
            (dout * by_x).store(self.dx, at);
            (dout * by_y).store(self.dy, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN: usize = 83;

    fn close(got: f64, want: f64) -> bool {
        got == want || got.is_nan() && want.is_nan() || (got - want).abs() <= 2e-15 * want.abs()
    }

    #[test]
    fn long_arrays_are_computed_as_single_numbers_are() {
        use Unary::*;
        let special = [0.0, -0.0, 800.0, -800.0, f64::INFINITY, -f64::INFINITY, f64::NAN, 1e-320, -1.0];
        let x: Vec<f64> = (0..LEN).map(|i| special.get(i).copied().unwrap_or(i as f64 / 7.0 - 3.0)).collect();
        let dout: Vec<f64> = (0..LEN).map(|i| (i as f64).cos()).collect();
        for op in
            [Neg, Exp, Ln, Sqrt, Abs, Tanh, Sin, Cos, Ln1p, Logistic, Softplus, Powi(0), Powi(2), Powi(-3)]
        {
            for map in [Map::Same, Map::Index((0..LEN as u32).rev().collect())] {
                let slot = Slot { offset: 0, map };
                let (mut out, mut dx) = (vec![0.0; LEN], vec![0.0; LEN]);
                unary(op, &x, &slot, &mut out);
                let mut sink = Sink { adjoints: &mut dx, constants: 0 };
                unary_back(op, &x, &slot, (&out, &dout), &mut sink);
                for i in 0..LEN {
                    let x = slot.read(&x, i);
                    let slope = dout[i] * op.slope(x, op.value(x));
                    let got = dx[slot.map.at(i)];
                    assert!(close(out[i], op.value(x)), "{op:?} at {x}: {}", out[i]);
                    assert!(close(got, slope), "{op:?} at {x}: slope {got}, not {slope}");
                }
            }
        }
    }

    #[test]
    fn long_pairs_are_computed_as_single_numbers_are() {
        let maps = [Map::Same, Map::One(2), Map::Index((0..LEN as u32).map(|i| i * 7 % 90).collect())];
        let values: Vec<f64> = (0..300).map(|i| 0.1 + f64::from(i * 37 % 100) / 25.0).collect();
        let dout: Vec<f64> = (0..LEN).map(|i| (i as f64).sin()).collect();
        for op in [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Pow, Binary::LogAddExp] {
            for (x, y) in maps.iter().flat_map(|x| maps.iter().map(move |y| (x.clone(), y.clone()))) {
                let (x, y) = (Slot { offset: 10, map: x }, Slot { offset: 110, map: y });
                let mut out = vec![0.0; LEN];
                binary(op, &values, &x, &y, &mut out);
                let (mut long, mut short) = ([0.0; 300], [0.0; 300]);
                let mut sink = Sink { adjoints: &mut long, constants: 0 };
                binary_back(op, &values, (&x, &y), (&out, &dout), &mut sink);
                let mut sink = Sink { adjoints: &mut short, constants: 0 };
                zip_back(&values, (&x, &y), &out, &dout, &mut sink, |x, y, out| op.slopes(x, y, out));
                for i in 0..LEN {
                    let want = op.value(values[10 + x.map.at(i)], values[110 + y.map.at(i)]);
                    assert!(close(out[i], want), "{op:?}: {} is not {want}", out[i]);
                }
                // Sums of up to 83 terms below 1e3 in another order.
                let worst = long.iter().zip(&short).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(worst < 1e-10, "{op:?} {x:?} {y:?}: {worst}");
            }
        }
    }
}
