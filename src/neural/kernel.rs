//! The three inner loops in which a small network spends its time, compiled for the machine they run on.
//!
//! - the product of two small matrices, `out = lhs rhs` (`rows x inner` times `inner x cols`), without packing and
//!   without allocation, by tiles whose sums stay in registers;
//! - bias and activation of a layer, with the activation's derivative;
//! - the product of two arrays.
//!
//! Each loop is written once, in safe Rust, and compiled three times: for the baseline of the target, for AVX2 with fused
//! multiply-add, and for AVX-512. This is the one module of the library with `unsafe`: calling a function compiled
//! for an instruction set is safe exactly when the processor has been asked for it. The order of the additions depends on
//! the shapes alone, so that results do not depend on threads.
#![allow(unsafe_code)]

use super::activation::Activation;

/// A matrix whose entry (row, column) stands at `row * row_stride + column * column_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Strided<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) row_stride: usize,
    pub(crate) column_stride: usize,
}

impl<'a> Strided<'a> {
    /// A matrix stored row by row.
    pub(crate) fn rows(values: &'a [f32], columns: usize) -> Self {
        Self { values, row_stride: columns, column_stride: 1 }
    }

    /// The transpose of a matrix stored row by row.
    pub(crate) fn transposed(values: &'a [f32], columns: usize) -> Self {
        Self { values, row_stride: 1, column_stride: columns }
    }
}

/// Compiles a loop for each instruction set and calls the best that the processor has.
macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident = $body:ident($($argument:ident: $type:ty),*)) => {
        $(#[$doc])*
        pub(crate) fn $name($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx2,fma")]
                fn avx512($($argument: $type),*) {
                    $body::<32, true>($($argument),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($argument: $type),*) {
                    $body::<16, true>($($argument),*)
                }
                let fused = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
                if fused && is_x86_feature_detected!("avx512f") {
                    // SAFETY: the processor has just said that it has these instructions.
                    return unsafe { avx512($($argument),*) };
                }
                if fused {
                    // SAFETY: as above.
                    return unsafe { avx2($($argument),*) };
                }
            }
            $body::<8, { cfg!(target_arch = "aarch64") }>($($argument),*)
        }
    };
}

dispatch! {
    /// `out = lhs rhs`, or `out += lhs rhs` where `accumulate` says so; `out` is `rows x cols`, `rhs` is `inner x cols`,
    /// both stored row by row.
    multiply = multiply_body(out: &mut [f32], cols: usize, inner: usize, lhs: Strided<'_>, rhs: &[f32], accumulate: bool)
}

dispatch! {
    /// Adds the bias to each row of `values` and applies the activation; writes its derivative to `derivative`, which has
    /// the same length, or none where it is empty.
    activate = activate_body(values: &mut [f32], bias: &[f32], activation: Activation, derivative: &mut [f32])
}

dispatch! {
    /// `values *= factors`.
    scale = scale_body(values: &mut [f32], factors: &[f32])
}

/// Four rows at a time, `C` columns at a time.
#[inline(always)]
fn multiply_body<const C: usize, const FUSED: bool>(
    out: &mut [f32],
    cols: usize,
    inner: usize,
    lhs: Strided<'_>,
    rhs: &[f32],
    accumulate: bool,
) {
    let rows = out.len() / cols.max(1);
    assert!(out.len() == rows * cols && rhs.len() == inner * cols, "shapes of a matrix product");
    let mut row = 0;
    while row + 4 <= rows {
        strip::<4, C, FUSED>(&mut out[row * cols..(row + 4) * cols], row, cols, inner, lhs, rhs, accumulate);
        row += 4;
    }
    while row < rows {
        strip::<1, C, FUSED>(&mut out[row * cols..(row + 1) * cols], row, cols, inner, lhs, rhs, accumulate);
        row += 1;
    }
}

/// `R` rows of the product.
#[inline(always)]
fn strip<const R: usize, const C: usize, const FUSED: bool>(
    out: &mut [f32],
    row: usize,
    cols: usize,
    inner: usize,
    lhs: Strided<'_>,
    rhs: &[f32],
    accumulate: bool,
) {
    let mut column = 0;
    macro_rules! tiles {
        ($width:expr) => {
            while cols - column >= $width {
                tile::<R, { $width }, FUSED>(out, row, column, cols, inner, lhs, rhs, accumulate);
                column += $width;
            }
        };
    }
    tiles!(C);
    tiles!(16);
    tiles!(8);
    tiles!(4);
    tiles!(2);
    tiles!(1);
}

/// One tile: `R x C` sums in registers.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn tile<const R: usize, const C: usize, const FUSED: bool>(
    out: &mut [f32],
    row: usize,
    column: usize,
    cols: usize,
    inner: usize,
    lhs: Strided<'_>,
    rhs: &[f32],
    accumulate: bool,
) {
    let mut sums = [[0.0f32; C]; R];
    for i in 0..inner {
        let right: &[f32; C] = rhs[i * cols + column..][..C].try_into().expect("a slice of C numbers");
        for (r, sums) in sums.iter_mut().enumerate() {
            let left = lhs.values[(row + r) * lhs.row_stride + i * lhs.column_stride];
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = multiply_add::<FUSED>(left, *right, *sum);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (out, sum) in out[r * cols + column..][..C].iter_mut().zip(sums) {
            *out = if accumulate { *out + sum } else { *sum };
        }
    }
}

/// `a b + c`; without the instruction a fused one would be a call.
#[inline(always)]
fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn activate_body<const C: usize, const FUSED: bool>(
    values: &mut [f32],
    bias: &[f32],
    activation: Activation,
    derivative: &mut [f32],
) {
    for row in values.chunks_exact_mut(bias.len()) {
        for (value, bias) in row.iter_mut().zip(bias) {
            *value += bias;
        }
    }
    match (activation, derivative.is_empty()) {
        (Activation::Identity, true) => {}
        (Activation::Identity, false) => derivative.fill(1.0),
        (_, true) => values.iter_mut().for_each(|value| *value = activation.value_and_derivative(*value).0),
        (Activation::Silu, false) => each(values, derivative, |z| Activation::Silu.value_and_derivative(z)),
        (Activation::Tanh, false) => each(values, derivative, |z| Activation::Tanh.value_and_derivative(z)),
    }
}

/// Applies a function that returns a value and its derivative.
#[inline(always)]
fn each(values: &mut [f32], derivative: &mut [f32], function: impl Fn(f32) -> (f32, f32)) {
    for (value, derivative) in values.iter_mut().zip(derivative) {
        (*value, *derivative) = function(*value);
    }
}

#[inline(always)]
fn scale_body<const C: usize, const FUSED: bool>(values: &mut [f32], factors: &[f32]) {
    for (value, factor) in values.iter_mut().zip(factors) {
        *value *= factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0).collect()
    }

    // Every combination of full and partial tiles; 1e-5: f32 sums of 70 products of size one.
    #[test]
    fn products_equal_the_definition_for_every_tiling() {
        for (rows, cols, inner) in [(1, 1, 1), (3, 5, 2), (4, 32, 7), (9, 49, 64), (6, 23, 70), (5, 8, 1)] {
            let (lhs, rhs) = (numbers(rows * inner), numbers(inner * cols));
            let transposed: Vec<f32> =
                (0..inner * rows).map(|i| lhs[(i % rows) * inner + i / rows]).collect();
            let views = [Strided::rows(&lhs, inner), Strided::transposed(&transposed, rows)];
            for (view, accumulate) in
                [(views[0], false), (views[1], false), (views[0], true), (views[1], true)]
            {
                let mut out = vec![0.5; rows * cols];
                multiply(&mut out, cols, inner, view, &rhs, accumulate);
                for (i, out) in out.iter().enumerate() {
                    let (r, c) = (i / cols, i % cols);
                    let sum: f32 = (0..inner).map(|k| lhs[r * inner + k] * rhs[k * cols + c]).sum();
                    let expected = if accumulate { sum + 0.5 } else { sum };
                    assert!((out - expected).abs() < 1e-5, "{rows}x{cols}x{inner} at {i}: {out} {expected}");
                }
            }
        }
    }

    // A machine with wide instructions must agree with the baseline up to rounding of the sums.
    #[test]
    fn the_baseline_agrees_with_the_dispatched_loops() {
        let (lhs, rhs) = (numbers(8 * 33), numbers(33 * 40));
        let (mut fast, mut plain) = (vec![0.0; 320], vec![0.0; 320]);
        multiply(&mut fast, 40, 33, Strided::rows(&lhs, 33), &rhs, false);
        multiply_body::<8, false>(&mut plain, 40, 33, Strided::rows(&lhs, 33), &rhs, false);
        for activation in [Activation::Identity, Activation::Silu, Activation::Tanh] {
            let (mut a, mut b) = (fast.clone(), plain.clone());
            let (mut da, mut db) = (vec![0.0; 320], vec![0.0; 320]);
            activate(&mut a, &numbers(40), activation, &mut da);
            activate_body::<8, false>(&mut b, &numbers(40), activation, &mut db);
            let close = |x: &[f32], y: &[f32]| x.iter().zip(y).all(|(x, y)| (x - y).abs() < 1e-5);
            assert!(close(&a, &b) && close(&da, &db), "{activation:?}");
        }
    }
}
