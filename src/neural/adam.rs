//! Adam (Kingma & Ba 2015, arXiv:1412.6980) with decoupled weight decay (Loshchilov & Hutter 2019, arXiv:1711.05101), one pass
//! over each variable in place, and clipping by the global norm.
//!
//! Numbers in a variable that no gradient has ever reached are constants (see [`super::count_basis`]) and do not decay.

use super::lanes::sum_of_squares;
use super::mlp_op::{slice, with_values};
use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var};
use pulp::Arch;
use std::cell::RefCell;

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The optimiser with the moments of its variables.
pub(crate) struct Adam {
    variables: Vec<Var>,
    moments: Vec<RefCell<Moments>>,
    steps: i32,
    largest_norm: f64,
    decay: f64,
    /// What the moving average of the variables keeps of itself per step; 0 for none.
    averaging: f64,
}

struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
    /// The moving average of the variable, from its value before the first step on; empty before that, and where none is wanted.
    average: Vec<f32>,
}

impl Adam {
    /// An optimiser at rest; gradients with a global norm above `largest_norm` are scaled down to it;
    /// each step takes the share `learning_rate * decay` off every number.
    pub(crate) fn new(variables: Vec<Var>, largest_norm: f64, decay: f64) -> Self {
        let at_rest =
            |n: usize| RefCell::new(Moments { first: vec![0.0; n], second: vec![0.0; n], average: vec![] });
        let moments = variables.iter().map(|variable| at_rest(variable.elem_count())).collect();
        Self { variables, moments, steps: 0, largest_norm, decay, averaging: 0.0 }
    }

    /// The same with a moving average of the variables that keeps the share `averaging` of itself per step, less over the first
    /// steps: in step t at most (1 + t) / (10 + t).
    pub(crate) fn averaging(mut self, averaging: f64) -> Self {
        self.averaging = averaging;
        self
    }

    /// The moving averages of the variables; none where they are not wanted, or before the first step.
    pub(crate) fn averages(&self) -> Result<Vec<Tensor>> {
        let places = self
            .variables
            .iter()
            .zip(&self.moments)
            .filter(|(_, moments)| !moments.borrow().average.is_empty());
        let tensor = |(variable, moments): (&Var, &RefCell<Moments>)| {
            Tensor::from_slice(&moments.borrow().average, variable.shape(), variable.device())
        };
        places.map(tensor).collect()
    }

    /// One step. Does nothing and returns false where the gradient is not finite.
    pub(crate) fn step(&mut self, gradients: &GradStore, learning_rate: f64) -> Result<bool> {
        let norm = self.norm(gradients)?;
        if !norm.is_finite() {
            return Ok(false);
        }
        self.steps += 1;
        let clip = if norm > self.largest_norm { self.largest_norm / norm } else { 1.0 };
        let first_bias = 1.0 - BETA_1.powi(self.steps);
        let second_bias = 1.0 - BETA_2.powi(self.steps);
        let step = f64::from(self.steps);
        let fresh = 1.0 - self.averaging.min((1.0 + step) / (10.0 + step));
        for (variable, moments) in self.variables.iter().zip(&self.moments) {
            let Some(gradient) = gradients.get(variable) else { continue };
            let step = Step {
                moments,
                decay: (learning_rate * self.decay) as f32,
                clip: clip as f32,
                rate: (learning_rate / first_bias) as f32,
                second_bias: (1.0 / second_bias.sqrt()) as f32,
                fresh: fresh as f32,
            };
            variable.inplace_op2(&gradient.contiguous()?, &step)?;
        }
        Ok(true)
    }

    /// The Euclidean norm of all gradients together.
    fn norm(&self, gradients: &GradStore) -> Result<f64> {
        let mut squares = 0.0;
        for variable in &self.variables {
            if let Some(gradient) = gradients.get(variable) {
                squares += with_values(gradient, |values| Ok(sum_of_squares(values)))?;
            }
        }
        Ok(squares.sqrt())
    }
}

struct Step<'a> {
    decay: f32,
    moments: &'a RefCell<Moments>,
    clip: f32,
    rate: f32,
    second_bias: f32,
    /// The share of the new value in the moving average.
    fresh: f32,
}

impl InplaceOp2 for Step<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(
        &self,
        variable: &mut CpuStorage,
        layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<()> {
        let gradient = slice(gradient, gradient_layout)?;
        let (CpuStorage::F32(values), Some((from, to))) = (variable, layout.contiguous_offsets()) else {
            candle_core::bail!("adam needs contiguous f32 variables")
        };
        self.update(&mut values[from..to], gradient);
        Ok(())
    }
}

impl Step<'_> {
    fn update(&self, values: &mut [f32], gradient: &[f32]) {
        let Moments { first, second, average } = &mut *self.moments.borrow_mut();
        let &Self { decay, clip, rate, second_bias, fresh, .. } = self;
        if fresh < 1.0 && average.is_empty() {
            average.extend_from_slice(values);
        }
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let state = first.iter_mut().zip(second);
                for ((value, gradient), (first, second)) in values.iter_mut().zip(gradient).zip(state) {
                    let g = gradient * clip;
                    *first += (1.0 - BETA_1 as f32) * (g - *first);
                    *second += (1.0 - BETA_2 as f32) * (g * g - *second);
                    let decay = if *second > 0.0 { decay } else { 0.0 };
                    let change = rate * *first / (second.sqrt() * second_bias + EPSILON as f32);
                    *value -= decay * *value + change;
                }
                average.iter_mut().zip(values).for_each(|(mean, value)| *mean += fresh * (*value - *mean));
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    // The first steps of the paper's algorithm 1 by hand: with a constant gradient every step has the length of the rate.
    #[test]
    fn steps_meet_the_paper_and_clipping_limits_the_norm() {
        let variable = Var::from_slice(&[1.0f32, -2.0], 2, &Device::Cpu).unwrap();
        let slope = Tensor::new(&[3.0f32, -4.0], &Device::Cpu).unwrap();
        let gradients = (variable.as_tensor() * &slope).unwrap().sum_all().unwrap().backward().unwrap();
        let mut adam = Adam::new(vec![variable.clone()], 10.0, 0.0);
        for _ in 0..3 {
            assert!(adam.step(&gradients, 0.1).unwrap());
        }
        let values = variable.to_vec1::<f32>().unwrap();
        assert!((values[0] - 0.7).abs() < 1e-5 && (values[1] + 1.7).abs() < 1e-5, "{values:?}");
        let mut clipped = Adam::new(vec![variable.clone()], 0.5, 0.0);
        assert!(clipped.step(&gradients, 0.1).unwrap());
        let first = clipped.moments[0].borrow().first.clone();
        assert!((first[0] - 0.03).abs() < 1e-6 && (first[1] + 0.04).abs() < 1e-6, "{first:?}"); // 0.1 * (0.3, -0.4)
    }

    // The recursion of the average by hand, over variables that move by the rate in each step.
    #[test]
    fn the_average_follows_the_variable() {
        let variable = Var::from_slice(&[3.0f32, 7.0], 2, &Device::Cpu).unwrap();
        let slope = Tensor::new(&[2.0f32, 0.0], &Device::Cpu).unwrap();
        let mut adam = Adam::new(vec![variable.clone()], 10.0, 0.0).averaging(0.5);
        assert!(adam.averages().unwrap().is_empty());
        let (mut mean, mut value) = (3.0, 3.0);
        for step in 1..=20 {
            let gradients = (variable.as_tensor() * &slope).unwrap().sum_all().unwrap().backward().unwrap();
            assert!(adam.step(&gradients, 0.1).unwrap());
            value -= 0.1;
            let kept = f64::min(0.5, f64::from(1 + step) / f64::from(10 + step));
            mean = kept * mean + (1.0 - kept) * value;
        }
        let averages = adam.averages().unwrap()[0].to_vec1::<f32>().unwrap();
        let average = averages[0];
        assert_eq!(averages[1], 7.0); // no gradient reaches it: a constant
        // Each of 20 steps is 0.1 up to f32 rounding of the moments: some 1e-6.
        assert!((f64::from(average) - mean).abs() < 5e-5, "{average} {mean}");
    }

    #[test]
    fn a_gradient_that_is_not_finite_changes_nothing() {
        let variable = Var::from_slice(&[1.0f32], 1, &Device::Cpu).unwrap();
        let gradients = (variable.as_tensor() * f64::NAN).unwrap().sum_all().unwrap().backward().unwrap();
        assert!(!Adam::new(vec![variable.clone()], 1.0, 0.1).step(&gradients, 0.1).unwrap());
        assert_eq!(variable.to_vec1::<f32>().unwrap(), [1.0]);
    }
}
