//! The distributions of Wishart and inverse Wishart matrices W = L L', of their Cholesky factors L, with the factor S of the scale matrix S S'.
//!
//! With c = K log 2 - nu K log(2) / 2 - K (K - 1) log(pi) / 4 - sum over i = 1, ..., K of ln G((nu + 1 - i) / 2), as densities of the entries on and below the
//! diagonal,
//! Wishart: log p(L) = c - nu sum of log S_ii + sum of (nu - i) log L_ii - |S^-1 L|^2 / 2;
//! inverse: log p(L) = c + nu sum of log S_ii - sum of (nu + i) log L_ii - |L^-1 S|^2 / 2, |.|^2 the sum of squares of all entries. These are the densities of
//! W times the Jacobian 2^K L_11^K L_22^(K-1) ... L_KK.
//!
//! Source: Muirhead, Aspects of Multivariate Statistical Theory (1982), sections 2.1.2 and 3.2. Draws: Bartlett 1934, doi:10.1017/S0370164600016552.

use super::ChiSquared;
use super::distribution::{Density, Distribution};
use super::family::Family;
use super::joint::{Joint, JointArgument, JointFamily, JointKernel, Rank, Slopes, lower_names};
use super::kernel::{Kernel, ParameterDomain};
use super::triangular::Triangle;
use crate::error::Result;
use crate::graph::IntoArgument;
use crate::math::ln_gamma_and_digamma;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution as _, StandardNormal};
use std::f64::consts::{LN_2, PI};
use std::sync::Arc;

/// Cholesky factors L of matrices L L' with a Wishart distribution: degrees of freedom `nu` (above K - 1) and the lower triangular Cholesky factor of the
/// scale matrix (K x K, positive diagonal), whose product with `nu` is the mean of L L'.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn covariance(y: &[[f64; 2]]) {
///     // The prior mean of the covariance is the identity.
///     sample!(factor ~ WishartCholesky(4, [0.5, 0.0, 0.0, 0.5]));
///     plate!(rows = y.len(), {
///         sample!(y ~ MvNormalCholesky(0, factor), observed = y);
///     });
/// }
/// let model = covariance(&[[0.3, 0.5], [-1.0, -0.4]])?;
/// assert_eq!(model.dim(), 3);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WishartCholesky<N, F>(pub N, pub F);

/// Cholesky factors L of matrices L L' with an inverse Wishart distribution: degrees of freedom `nu` (above K - 1) and the lower triangular Cholesky
/// factor of the scale matrix (K x K, positive diagonal), whose quotient by nu - K - 1 is the mean of L L'. With normal data of known mean the posterior is of
/// this kind again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseWishartCholesky<N, F>(pub N, pub F);

impl<'t, N: IntoArgument<'t>, F: IntoArgument<'t>> Distribution<'t> for WishartCholesky<N, F> {
    fn density(self) -> Density<'t> {
        let arguments = vec![self.0.into_argument(), self.1.into_argument()];
        Density::joint(Arc::new(WishartFamily { inverse: false }), arguments)
    }
}

impl<'t, N: IntoArgument<'t>, F: IntoArgument<'t>> Distribution<'t> for InverseWishartCholesky<N, F> {
    fn density(self) -> Density<'t> {
        let arguments = vec![self.0.into_argument(), self.1.into_argument()];
        Density::joint(Arc::new(WishartFamily { inverse: true }), arguments)
    }
}

struct WishartFamily {
    inverse: bool,
}

fn name(inverse: bool) -> &'static str {
    if inverse { "InverseWishartCholesky" } else { "WishartCholesky" }
}

impl JointFamily for WishartFamily {
    fn name(&self) -> &'static str {
        name(self.inverse)
    }

    fn arguments(&self) -> &'static [JointArgument] {
        const ARGUMENTS: [JointArgument; 2] = [
            JointArgument { name: "nu", rank: Rank::Number, domain: ParameterDomain::Positive },
            JointArgument { name: "scale_factor", rank: Rank::Lower, domain: ParameterDomain::Real },
        ];
        &ARGUMENTS
    }

    fn build(&self, size: usize) -> Result<Arc<dyn Family>> {
        Ok(Arc::new(Joint(Wishart { size, inverse: self.inverse })))
    }
}

struct Wishart {
    size: usize,
    inverse: bool,
}

impl Wishart {
    /// Numbers of a triangle.
    fn entries(&self) -> usize {
        Triangle::place(self.size, 0)
    }

    /// c, and its derivative by nu.
    fn constant(&self, nu: f64) -> (f64, f64) {
        let k = self.size as f64;
        let mut log = k * LN_2 - 0.5 * nu * k * LN_2 - 0.25 * k * (k - 1.0) * PI.ln();
        let mut slope = -0.5 * k * LN_2;
        for i in 0..self.size {
            let (ln_gamma, digamma) = ln_gamma_and_digamma(0.5 * (nu - i as f64));
            log -= ln_gamma;
            slope -= 0.5 * digamma;
        }
        (log, slope)
    }

    /// The power of diagonal entry i of L, and its derivative by nu.
    fn power(&self, nu: f64, i: usize) -> (f64, f64) {
        let i = (i + 1) as f64;
        if self.inverse { (-nu - i, -1.0) } else { (nu - i, 1.0) }
    }

    /// Minus the power of the diagonal entries of S by nu.
    fn sign(&self) -> f64 {
        if self.inverse { -1.0 } else { 1.0 }
    }

    /// Whether nu and S lie in their domains.
    fn valid(&self, nu: f64, scale: Triangle<'_>) -> bool {
        nu > self.size as f64 - 1.0
            && nu.is_finite()
            && scale.numbers.iter().all(|x| x.is_finite())
            && (0..self.size).all(|i| scale.at(i, i) > 0.0)
    }

    /// The lower triangle of a matrix.
    fn lower(&self, x: &[f64], l: &mut [f64]) {
        for (i, row) in x.chunks_exact(self.size).enumerate() {
            l[Triangle::place(i, 0)..=Triangle::place(i, i)].copy_from_slice(&row[..=i]);
        }
    }

    /// All but the sum of squares of one matrix's log density; its derivative by nu is added.
    fn diagonals(&self, nu: f64, (scale, l): (Triangle<'_>, Triangle<'_>), d_nu: &mut f64) -> f64 {
        let (mut total, of_nu) = self.constant(nu);
        *d_nu += of_nu;
        for i in 0..self.size {
            let ((power, slope), of_scale) = (self.power(nu, i), self.sign() * scale.at(i, i).ln());
            total += power * l.at(i, i).ln() - nu * of_scale;
            *d_nu += slope * l.at(i, i).ln() - of_scale;
        }
        total
    }

    /// -|A^-1 B|^2 / 2 of triangles A and B; its derivatives are added where there is a place for them.
    fn squares(
        &self,
        a: Triangle<'_>,
        b: Triangle<'_>,
        (y, g): (&mut [f64], &mut [f64]),
        mut slopes: Option<(&mut [f64], &mut [f64])>,
    ) -> f64 {
        let mut total = 0.0;
        for j in 0..self.size {
            y.iter_mut().enumerate().for_each(|(i, y)| *y = if i < j { 0.0 } else { b.at(i, j) });
            a.solve(y);
            total -= 0.5 * y.iter().map(|y| y * y).sum::<f64>();
            if let Some((da, db)) = &mut slopes {
                g.copy_from_slice(y);
                a.solve_transposed(g);
                Triangle::add_outer(da, g, y);
                (j..self.size).for_each(|i| db[Triangle::place(i, j)] -= g[i]);
            }
        }
        total
    }
}

impl JointKernel for Wishart {
    fn name(&self) -> &'static str {
        name(self.inverse)
    }

    fn parameters(&self) -> Vec<(String, ParameterDomain)> {
        let nu = std::iter::once(("nu".to_string(), ParameterDomain::Positive));
        nu.chain(lower_names("scale_factor", self.size, ParameterDomain::Positive)).collect()
    }

    fn support(&self) -> Support {
        Support::CholeskyCovariance { size: self.size }
    }

    fn scratch(&self) -> usize {
        2 * (self.entries() + self.size)
    }

    fn log_prob(&self, parameters: &[f64], x: &[f64], scratch: &mut [f64]) -> f64 {
        let (nu, size) = (parameters[0], self.size);
        let scale = Triangle { size, numbers: &parameters[1..] };
        if !self.valid(nu, scale) {
            return f64::NAN;
        }
        let (l, rest) = scratch.split_at_mut(self.entries());
        let (y, g) = rest[..2 * size].split_at_mut(size);
        let mut of = |x: &[f64]| {
            if (0..size).any(|i| !(x[i * size + i] > 0.0)) {
                return f64::NEG_INFINITY;
            }
            self.lower(x, l);
            let l = Triangle { size, numbers: l };
            let (a, b) = if self.inverse { (l, scale) } else { (scale, l) };
            self.diagonals(nu, (scale, l), &mut 0.0) + self.squares(a, b, (y, g), None)
        };
        x.chunks_exact(size * size).map(&mut of).sum()
    }

    fn slopes(&self, parameters: &[f64], x: &[f64], slopes: Slopes<'_>, scratch: &mut [f64]) -> f64 {
        let (nu, size) = (parameters[0], self.size);
        let scale = Triangle { size, numbers: &parameters[1..] };
        let (d_nu, d_scale) = slopes.parameters.split_at_mut(1);
        let (l, rest) = scratch.split_at_mut(self.entries());
        let (dl, rest) = rest.split_at_mut(self.entries());
        let (y, g) = rest.split_at_mut(size);
        let entries = size * size;
        for (x, dx) in x.chunks_exact(entries).zip(slopes.x.chunks_exact_mut(entries)) {
            self.lower(x, l);
            dl.fill(0.0);
            let l = Triangle { size, numbers: l };
            self.diagonals(nu, (scale, l), &mut d_nu[0]);
            match self.inverse {
                true => self.squares(l, scale, (y, g), Some((dl, d_scale))),
                false => self.squares(scale, l, (y, g), Some((d_scale, dl))),
            };
            for i in 0..size {
                let at = Triangle::place(i, i);
                dl[at] += self.power(nu, i).0 / l.at(i, i);
                d_scale[at] -= self.sign() * nu / scale.at(i, i);
                let row = &dl[Triangle::place(i, 0)..=at];
                dx[i * size..=i * size + i].iter_mut().zip(row).for_each(|(dx, dl)| *dx += dl);
            }
        }
        self.log_prob(parameters, x, scratch)
    }

    /// Wishart: S A with normal numbers below the diagonal of A and the roots of chi-squared ones on it. Inverse: S A^-1, the degrees of freedom along the
    /// diagonal in the other order, so that A' A is a Wishart matrix.
    fn sample(&self, parameters: &[f64], stream: &mut Stream, out: &mut [f64]) {
        let (nu, size) = (parameters[0], self.size);
        let scale = Triangle { size, numbers: &parameters[1..] };
        if !self.valid(nu, scale) {
            return out.fill(f64::NAN);
        }
        let mut a = vec![0.0; self.entries()];
        for i in 0..size {
            for j in 0..i {
                a[Triangle::place(i, j)] = StandardNormal.sample(stream);
            }
            let less = if self.inverse { size - 1 - i } else { i };
            let [square] = <ChiSquared as Kernel<1>>::sample([nu - less as f64], stream);
            a[Triangle::place(i, i)] = square.sqrt().max(f64::MIN_POSITIVE);
        }
        let a = Triangle { size, numbers: &a };
        out.fill(0.0);
        let mut column = vec![0.0; size];
        for j in 0..size {
            match self.inverse {
                true => {
                    column.iter_mut().enumerate().for_each(|(i, x)| *x = f64::from(u8::from(i == j)));
                    a.solve(&mut column);
                }
                false => {
                    column.iter_mut().enumerate().for_each(|(i, x)| *x = if i < j { 0.0 } else { a.at(i, j) })
                }
            }
            scale.multiply(&mut column);
            (j..size).for_each(|i| out[i * size + j] = column[i]);
        }
    }
}
