//! What an unknown is: a bijection from coordinates in R^n to an array, with its log-Jacobian and all slopes.

use super::Transform;
use std::fmt;

/// A bijection from unconstrained coordinates z onto the support of an array x, which other numbers (its *operands*: ends of an
/// interval, say) may shift. z and x need not be of the same length.
///
/// Operands are laid end to end, each with as many numbers as x has; [`Bijection::operands`] says how many there are. The lengths of all
/// slices are those that [`Bijection::coordinates`] and the array promise: none is checked again.
pub trait Bijection: fmt::Debug + Send + Sync {
    /// The coordinates of an array of `len` numbers.
    fn coordinates(&self, len: usize) -> usize {
        len
    }

    /// How many operands each number of x has.
    fn operands(&self) -> usize {
        0
    }

    /// Writes x = T(z); returns the log of the absolute value of the determinant of its derivative.
    fn constrain(&self, z: &[f64], operands: &[f64], x: &mut [f64]) -> f64;

    /// From the gradient `dx` with respect to x = T(z) to those with respect to z and to the operands, the log-Jacobian's own included in
    /// both. Both are *written*.
    fn pull_back(
        &self,
        z: &[f64],
        operands: &[f64],
        x: &[f64],
        dx: &[f64],
        dz: &mut [f64],
        d_operands: &mut [f64],
    );

    /// Writes the z with T(z) = x. Infinite at the boundary, NaN where there is none.
    fn unconstrain(&self, x: &[f64], operands: &[f64], z: &mut [f64]);

    /// Makes a value of the whole of a draw that was made number by number: of ordered numbers one in order, say. False asks for another draw;
    /// `tries` says how many there were before.
    fn settle(&self, _x: &mut [f64], _tries: usize) -> bool {
        true
    }
}

impl Bijection for Transform {
    fn constrain(&self, z: &[f64], _: &[f64], x: &mut [f64]) -> f64 {
        self.constrain_all(z, x)
    }

    fn pull_back(&self, z: &[f64], _: &[f64], x: &[f64], dx: &[f64], dz: &mut [f64], _: &mut [f64]) {
        Transform::pull_back(*self, z, x, dx, dz);
    }

    fn unconstrain(&self, x: &[f64], _: &[f64], z: &mut [f64]) {
        z.iter_mut().zip(x).for_each(|(z, x)| *z = Transform::unconstrain(*self, *x));
    }
}
