//! Polynomials with constant coefficients.
//!
//! Horner's rule is one chain of dependent multiply-adds. Splitting by the power modulo 4 gives four independent
//! chains in z^4, which a processor works on at once (Knuth, The Art of Computer Programming 2, section 4.6.4).

/// The value at `z` of the polynomial with coefficients `c`, lowest power first.
#[inline]
pub(super) fn polynomial<const N: usize>(z: f64, c: &[f64; N]) -> f64 {
    let z2 = z * z;
    let z4 = z2 * z2;
    let mut lanes = [0.0; 4];
    for block in (0..N.div_ceil(4)).rev() {
        for lane in 0..4 {
            let k = 4 * block + lane;
            lanes[lane] = lanes[lane] * z4 + if k < N { c[k] } else { 0.0 };
        }
    }
    (lanes[0] + z * lanes[1]) + z2 * (lanes[2] + z * lanes[3])
}
