//! Vectors, slices and recursions evaluated as they read.

use super::distributions::{normal, student};
use super::dual::Dual;
use super::evaluate::{Evaluator, Place, places};
use super::program::{Expr, Factor, Plate, Prior, Recursion, Unknown, Vector};
use std::f64::consts::PI;

/// The numbers of a slice, and what the change of its coordinates adds to its log density.
struct Slice {
    x: Vec<Dual>,
    log_jacobian: Dual,
}

fn sum(parts: impl IntoIterator<Item = Dual>) -> Dual {
    parts.into_iter().fold(Dual::number(0.0), |sum, part| sum.add(&part))
}

/// A place and one more.
fn with(place: &Place, plate: usize, at: usize) -> Place {
    place.iter().map(|(k, v)| (*k, *v)).chain([(plate, at)]).collect()
}

fn position(plates: &[Plate], place: &Place) -> usize {
    plates.iter().fold(0, |flat, plate| flat * plate.len + place[&plate.id])
}

/// ln G(x): shifted up by the recurrence to where Stirling's series is exact to 1e-15.
fn ln_gamma(x: &Dual) -> Dual {
    let mut shifted = x.clone();
    let mut below = Dual::number(0.0);
    while shifted.value < 15.0 {
        below = below.add(&shifted.ln());
        shifted = shifted.plus(1.0);
    }
    let (one, square) = (Dual::number(1.0), shifted.mul(&shifted));
    let mut series = Dual::number(0.0);
    let mut power = one.div(&shifted);
    for coefficient in [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0] {
        series = series.add(&power.times(coefficient));
        power = power.div(&square);
    }
    let main = shifted.plus(-0.5).mul(&shifted.ln()).sub(&shifted).plus(0.5 * (2.0 * PI).ln());
    main.add(&series).sub(&below)
}

impl Evaluator<'_> {
    /// Coordinate k of a slice.
    fn z_of(&self, unknown: &Unknown, place: &Place, k: usize) -> Dual {
        let at = unknown.first + position(&unknown.repeated, place) * unknown.coordinates + k;
        if self.rewriting.known(&unknown.name).is_some() {
            return Dual::number(self.z[at]);
        }
        let mut slopes = vec![0.0; self.z.len()];
        slopes[at] = 1.0;
        Dual { value: self.z[at], slopes }
    }

    pub(crate) fn element_of_slice(&self, unknown: &Unknown, place: &Place) -> Dual {
        self.slice(unknown, place).x.swap_remove(position(&unknown.along, place))
    }

    pub(crate) fn vector(&self, vector: &Vector, k: usize, place: &Place) -> Dual {
        match vector {
            Vector::Same(expr) => self.value(expr, place),
            Vector::Numbers(numbers) => Dual::number(numbers[k]),
            Vector::Array(expr, plate) => self.value(expr, &with(place, *plate, k)),
        }
    }

    fn entry(&self, factor: &Factor, size: usize, (i, j): (usize, usize), place: &Place) -> Dual {
        match factor {
            Factor::Numbers(numbers) => Dual::number(numbers[i * size + j]),
            Factor::Array { matrix, axes: [rows, columns], scale } => {
                let entry = self.value(matrix, &with(&with(place, *rows, i), *columns, j));
                scale.as_ref().map_or(entry.clone(), |scale| entry.mul(&self.vector(scale, i, place)))
            }
        }
    }

    /// -(K log(2 pi) + y'y) / 2 - sum of log L_kk, L y = x - loc.
    pub(crate) fn normal_vector(&self, x: &[Dual], loc: &Vector, factor: &Factor, place: &Place) -> Dual {
        let size = x.len();
        let mut y: Vec<Dual> = vec![];
        let mut log_prob = Dual::number(-0.5 * size as f64 * (2.0 * PI).ln());
        for i in 0..size {
            let known = sum((0..i).map(|j| self.entry(factor, size, (i, j), place).mul(&y[j])));
            let diagonal = self.entry(factor, size, (i, i), place);
            y.push(x[i].sub(&self.vector(loc, i, place)).sub(&known).div(&diagonal));
            log_prob = log_prob.sub(&y[i].mul(&y[i]).times(0.5)).sub(&diagonal.ln());
        }
        log_prob
    }

    fn slice(&self, unknown: &Unknown, place: &Place) -> Slice {
        if let Some(known) = self.rewriting.known(&unknown.name) {
            let at = position(&unknown.repeated, place) * unknown.size;
            let x = known.numbers[at..][..unknown.size].iter().map(|x| Dual::number(*x)).collect();
            return Slice { x, log_jacobian: Dual::number(0.0) };
        }
        let noncentered = self.rewriting.form(&unknown.name);
        let z: Vec<Dual> = (0..unknown.coordinates).map(|k| self.z_of(unknown, place, k)).collect();
        let at = |expr: &Expr| self.value(expr, place);
        let nothing = Dual::number(0.0);
        let size = unknown.size;
        match &unknown.prior {
            Prior::Ordered(_, positive) => {
                let first = if *positive { z[0].exp() } else { z[0].clone() };
                let mut x = vec![first];
                z[1..].iter().for_each(|z| x.push(x[x.len() - 1].add(&z.exp())));
                Slice { x, log_jacobian: sum(z[usize::from(!positive)..].iter().cloned()) }
            }
            Prior::SumToZero(_) => Slice { x: plane(&z, size), log_jacobian: nothing },
            Prior::Between(low, width) => {
                let (share, rest) = (z[0].sigmoid(), z[0].times(-1.0).sigmoid());
                let x = at(low).add(&at(width).mul(&share));
                Slice { x: vec![x], log_jacobian: at(width).ln().add(&share.ln()).add(&rest.ln()) }
            }
            Prior::Above(minimum, _) => {
                Slice { x: vec![at(minimum).add(&z[0].exp())], log_jacobian: z[0].clone() }
            }
            Prior::NonCenteredStudent(..) if noncentered == Some(false) => {
                Slice { x: z, log_jacobian: nothing }
            }
            Prior::NonCenteredLogNormal(..) if noncentered == Some(false) => {
                Slice { x: vec![z[0].exp()], log_jacobian: z[0].clone() }
            }
            Prior::NonCenteredStudent(loc, scale) => {
                Slice { x: vec![at(loc).add(&at(scale).mul(&z[0]))], log_jacobian: at(scale).ln() }
            }
            Prior::NonCenteredLogNormal(loc, scale) => {
                let log = at(loc).add(&at(scale).mul(&z[0]));
                Slice { x: vec![log.exp()], log_jacobian: at(scale).ln().add(&log) }
            }
            Prior::MvNormal { noncentered: written, .. } if !noncentered.unwrap_or(*written) => {
                Slice { x: z, log_jacobian: nothing }
            }
            Prior::MvNormal { loc, factor, .. } => {
                let entry = |i, j| self.entry(factor, size, (i, j), place);
                let moved = |i| sum((0..=i).map(|j| entry(i, j).mul(&z[j])));
                let x = (0..size).map(|i| self.vector(loc, i, place).add(&moved(i))).collect();
                Slice { x, log_jacobian: sum((0..size).map(|i| entry(i, i).ln())) }
            }
            Prior::Dirichlet(_) => {
                let shares: Vec<Dual> = plane(&z, size).iter().map(Dual::exp).collect();
                let total = sum(shares.iter().cloned());
                let x: Vec<Dual> = shares.iter().map(|share| share.div(&total)).collect();
                let log_jacobian = sum(x.iter().map(Dual::ln)).plus(0.5 * (size as f64).ln());
                Slice { x, log_jacobian }
            }
            Prior::LkjCholesky(_) => correlations(&z, size.isqrt()),
        }
    }

    /// All slices of an unknown.
    pub(crate) fn priors_of_slices(&mut self, unknown: &Unknown) {
        let (centered, noncentered) = match &unknown.prior {
            Prior::Ordered(..) | Prior::SumToZero(_) => (false, false),
            Prior::NonCenteredStudent(..) | Prior::NonCenteredLogNormal(..) | Prior::MvNormal { .. } => {
                (true, true)
            }
            _ => (true, false),
        };
        let all = places(&unknown.repeated);
        self.note_unknown(
            &unknown.name,
            (centered, noncentered),
            unknown.first..unknown.first + all.len() * unknown.coordinates,
        );
        let known = self.rewriting.known(&unknown.name);
        if known.is_none_or(|known| known.counts) {
            let each = all.iter().map(|place| self.prior_of_slice(unknown, place)).collect::<Vec<_>>();
            each.into_iter().for_each(|log_density| self.add(log_density));
        }
        if known.is_none_or(|known| known.kept) {
            self.keep(&unknown.name, unknown.binding);
        }
    }

    /// The log density of a slice's numbers and of the change of its coordinates.
    pub(crate) fn prior_of_slice(&self, unknown: &Unknown, place: &Place) -> Dual {
        let Slice { x, log_jacobian } = self.slice(unknown, place);
        let is_known = self.rewriting.known(&unknown.name).is_some();
        if !is_known {
            check_volume(unknown, place, &x, &log_jacobian);
        }
        let at = |expr: &Expr| self.value(expr, place);
        let log_prob = match &unknown.prior {
            Prior::Ordered(prior, _) | Prior::SumToZero(prior) => {
                let plate = unknown.along[0].id;
                sum(x.iter().enumerate().map(|(k, x)| self.log_prob(prior, x, &with(place, plate, k))))
            }
            // Known values need not lie between ends that have moved.
            Prior::Between(low, width)
                if is_known
                    && !(at(low).value..at(low).plus(at(width).value).value).contains(&x[0].value) =>
            {
                Dual::number(f64::NAN)
            }
            Prior::Above(minimum, _) if is_known && x[0].value < at(minimum).value => Dual::number(f64::NAN),
            Prior::Between(_, width) => at(width).ln().times(-1.0),
            Prior::Above(minimum, alpha) => {
                at(minimum).ln().times(*alpha).sub(&x[0].ln().times(alpha + 1.0)).plus(alpha.ln())
            }
            Prior::NonCenteredStudent(loc, scale) => student(&x[0], 3.0, &at(loc), &at(scale)),
            Prior::NonCenteredLogNormal(loc, scale) => {
                normal(&x[0].ln(), &at(loc), &at(scale)).sub(&x[0].ln())
            }
            Prior::MvNormal { loc, factor, .. } => self.normal_vector(&x, loc, factor, place),
            Prior::Dirichlet(concentration) => {
                let a: Vec<Dual> = (0..x.len()).map(|k| self.vector(concentration, k, place)).collect();
                let each = a.iter().zip(&x).map(|(a, x)| a.plus(-1.0).mul(&x.ln()).sub(&ln_gamma(a)));
                sum(each).add(&ln_gamma(&sum(a.iter().cloned())))
            }
            // Of the partial correlations, which are independent: that already is a density of them.
            Prior::LkjCholesky(eta) => {
                let z: Vec<Dual> = (0..unknown.coordinates).map(|k| self.z_of(unknown, place, k)).collect();
                let rows = unknown.size.isqrt();
                let log_prob = partial_correlations(&z, rows, &at(eta));
                return if is_known { log_prob.sub(&correlations(&z, rows).log_jacobian) } else { log_prob };
            }
        };
        log_prob.add(&log_jacobian)
    }

    /// A state of a recursion: from its start on, step by step.
    pub(crate) fn state(&self, recursion: &Recursion, k: usize, place: &Place) -> Dual {
        let along = recursion.along.id;
        let mut states: Vec<Dual> = recursion.starts.iter().map(|start| self.value(start, place)).collect();
        for t in 0..=place[&along] {
            let here = with(place, along, t);
            let inputs = recursion.inputs.iter().map(|input| self.value(input, &here)).collect();
            self.frames.borrow_mut().push((states, inputs));
            states = recursion.step.iter().map(|next| self.value(next, &here)).collect();
            self.frames.borrow_mut().pop();
        }
        states.swap_remove(k)
    }
}

/// Numbers of sum 0 by Helmert's orthonormal vectors (1, ..., 1, -n, 0, ..., 0) / sqrt(n (n + 1)).
fn plane(z: &[Dual], size: usize) -> Vec<Dual> {
    let entry = |n: usize, i: usize| match i.cmp(&n) {
        std::cmp::Ordering::Less => 1.0,
        std::cmp::Ordering::Equal => -(n as f64),
        std::cmp::Ordering::Greater => 0.0,
    };
    let part = |n: usize, i: usize| z[n - 1].times(entry(n, i) / ((n * (n + 1)) as f64).sqrt());
    (0..size).map(|i| sum((1..size).map(|n| part(n, i)))).collect()
}

/// The Cholesky factor of the correlations whose partial ones are tanh z; the log-Jacobian of the entries below the diagonal.
fn correlations(z: &[Dual], rows: usize) -> Slice {
    let mut x = vec![];
    let mut log_jacobian = Dual::number(0.0);
    let mut coordinates = z.iter();
    for i in 0..rows {
        // The square root of what is left of the row's length.
        let mut rest = Dual::number(1.0);
        for _ in 0..i {
            let w = coordinates.next().expect("one per entry below the diagonal");
            let w = w.times(2.0).sigmoid().times(2.0).plus(-1.0);
            let left = w.mul(&w).times(-1.0).plus(1.0);
            log_jacobian = log_jacobian.add(&left.ln()).add(&rest.ln());
            x.push(rest.mul(&w));
            rest = rest.mul(&left.ln().times(0.5).exp());
        }
        x.push(rest);
        x.extend((i + 1..rows).map(|_| Dual::number(0.0)));
    }
    Slice { x, log_jacobian }
}

/// The log density of z where tanh z are the partial correlations of a matrix of the distribution of Lewandowski, Kurowicka & Joe: the one of column
/// j is 2 Beta(b, b) - 1, b = eta + (K - 2 - j) / 2 (their section 3.1).
fn partial_correlations(z: &[Dual], rows: usize, eta: &Dual) -> Dual {
    let columns = (0..rows).flat_map(|i| 0..i);
    sum(z.iter().zip(columns).map(|(z, j)| {
        let b = eta.plus((rows - 2 - j) as f64 / 2.0);
        // 1 - tanh(z)^2 is 4 logistic(2 z) logistic(-2 z), of which one belongs to the Jacobian.
        let left = z.times(2.0).sigmoid().mul(&z.times(-2.0).sigmoid()).times(4.0).ln();
        let ln_beta = ln_gamma(&b).times(2.0).sub(&ln_gamma(&b.times(2.0)));
        b.mul(&left).sub(&ln_beta).sub(&b.times(2.0).plus(-1.0).times(2.0_f64.ln()))
    }))
}

/// The log-Jacobian is half the log determinant of J'J, J by the slopes of the slice's numbers.
fn check_volume(unknown: &Unknown, place: &Place, x: &[Dual], log_jacobian: &Dual) {
    let first = unknown.first + position(&unknown.repeated, place) * unknown.coordinates;
    let n = unknown.coordinates;
    let rows: Vec<&Dual> = match &unknown.prior {
        // As densities of all numbers but the last, and of those below the diagonal.
        Prior::Dirichlet(_) => x[..n].iter().collect(),
        Prior::LkjCholesky(_) => {
            let rows = unknown.size.isqrt();
            (0..rows).flat_map(|i| &x[i * rows..i * rows + i]).collect()
        }
        _ => x.iter().collect(),
    };
    let slope = |x: &Dual, k: usize| x.slopes.get(first + k).copied().unwrap_or(0.0);
    let product = |i, j| rows.iter().map(|x| slope(x, i) * slope(x, j)).sum::<f64>();
    let mut gram: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| product(i, j)).collect()).collect();
    let mut log_volume = 0.0;
    for k in 0..n {
        log_volume += 0.5 * gram[k][k].ln();
        for i in k + 1..n {
            let share = gram[i][k] / gram[k][k];
            (k..n).for_each(|j| gram[i][j] -= share * gram[k][j]);
        }
    }
    // The square of the Jacobian loses half of the digits.
    let close = (log_volume - log_jacobian.value).abs() <= 1e-5 * (1.0 + log_volume.abs());
    assert!(close || !log_volume.is_finite(), "log-Jacobian {}, by numbers {log_volume}", log_jacobian.value);
}
