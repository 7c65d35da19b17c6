//! Dual numbers: a value with its gradient.

use super::program::Function;
use std::cell::Cell;

/// A number with its gradient by z; no gradient stands for zeros.
#[derive(Clone, Debug)]
pub(crate) struct Dual {
    pub(crate) value: f64,
    pub(crate) slopes: Vec<f64>,
}

thread_local! {
    /// The greatest magnitude of a value or slope met on the way.
    pub(crate) static GREATEST: Cell<f64> = const { Cell::new(0.0) };
}

impl Dual {
    pub(crate) fn number(value: f64) -> Self {
        Dual { value, slopes: vec![] }
    }

    fn noted(self) -> Self {
        let size = self.slopes.iter().fold(self.value.abs(), |size, slope| size.max(slope.abs()));
        GREATEST.with(|greatest| greatest.set(greatest.get().max(size)));
        self
    }

    pub(crate) fn gradient(&self, dim: usize) -> Vec<f64> {
        (0..dim).map(|i| self.slopes.get(i).copied().unwrap_or(0.0)).collect()
    }

    fn map(&self, value: f64, slope: f64) -> Self {
        Dual { value, slopes: self.slopes.iter().map(|s| s * slope).collect() }.noted()
    }

    fn zip(&self, other: &Dual, value: f64, left: f64, right: f64) -> Self {
        let at = |slopes: &[f64], i: usize| slopes.get(i).copied().unwrap_or(0.0);
        let len = self.slopes.len().max(other.slopes.len());
        let slopes = (0..len).map(|i| left * at(&self.slopes, i) + right * at(&other.slopes, i)).collect();
        Dual { value, slopes }.noted()
    }

    pub(crate) fn add(&self, other: &Dual) -> Self {
        self.zip(other, self.value + other.value, 1.0, 1.0)
    }

    pub(crate) fn sub(&self, other: &Dual) -> Self {
        self.zip(other, self.value - other.value, 1.0, -1.0)
    }

    pub(crate) fn mul(&self, other: &Dual) -> Self {
        self.zip(other, self.value * other.value, other.value, self.value)
    }

    pub(crate) fn div(&self, other: &Dual) -> Self {
        let value = self.value / other.value;
        self.zip(other, value, 1.0 / other.value, -value / other.value)
    }

    pub(crate) fn plus(&self, number: f64) -> Self {
        self.map(self.value + number, 1.0)
    }

    pub(crate) fn times(&self, number: f64) -> Self {
        self.map(self.value * number, number)
    }

    pub(crate) fn exp(&self) -> Self {
        self.map(self.value.exp(), self.value.exp())
    }

    pub(crate) fn ln(&self) -> Self {
        self.map(self.value.ln(), 1.0 / self.value)
    }

    pub(crate) fn sigmoid(&self) -> Self {
        let y = 1.0 / (1.0 + (-self.value).exp());
        self.map(y, y * (1.0 - y))
    }

    /// log(1 + exp(x)); sums of sums may be large.
    pub(crate) fn softplus(&self) -> Self {
        let x = self.value;
        let y = if x > 30.0 { x + (-x).exp() } else { x.exp().ln_1p() };
        self.map(y, 1.0 / (1.0 + (-x).exp()))
    }

    /// log(exp(x) + exp(y)), of slopes 1 / (1 + exp(y - x)) and 1 / (1 + exp(x - y)).
    pub(crate) fn log_add_exp(&self, other: &Dual) -> Self {
        let (x, y) = (self.value, other.value);
        let value = x.max(y) + (-(x - y).abs()).exp().ln_1p();
        self.zip(other, value, 1.0 / (1.0 + (y - x).exp()), 1.0 / (1.0 + (x - y).exp()))
    }

    pub(crate) fn apply(&self, function: Function) -> Self {
        let x = self.value;
        match function {
            Function::Neg => self.times(-1.0),
            Function::Exp => self.exp(),
            Function::Ln => self.ln(),
            Function::Sqrt => self.map(x.sqrt(), 0.5 / x.sqrt()),
            // At 0 the middle of its slopes.
            Function::Abs => self.map(x.abs(), if x == 0.0 { 0.0 } else { x.signum() }),
            Function::Tanh => self.map(x.tanh(), 1.0 - x.tanh().powi(2)),
            Function::Sin => self.map(x.sin(), x.cos()),
            Function::Cos => self.map(x.cos(), -x.sin()),
            Function::Ln1p => self.map((1.0 + x).ln(), 1.0 / (1.0 + x)),
            Function::Logistic => self.sigmoid(),
            Function::Softplus => self.softplus(),
            Function::Powi(0) => self.map(1.0, 0.0),
            Function::Powi(n) => self.map(x.powi(n), f64::from(n) * x.powi(n - 1)),
        }
    }
}
