//! Vectors, slices and recursions recorded as a model.

use super::program::{Factor, Prior, Recursion, Unknown, Vector};
use super::record::Recorder;
use mynah::dist::{
    Dirichlet, Distribution as _, LkjCholesky, LogNormal, MvNormalCholesky, Pareto, StudentT, Uniform,
};
use mynah::graph::{Argument, Var};

impl<'s> Recorder<'s> {
    pub(crate) fn unknown(&self, unknown: &Unknown) -> Var<'s> {
        let site = self.site(&unknown.name);
        match &unknown.prior {
            Prior::Ordered(prior, _) => site.sample(self.density(prior).ordered()),
            Prior::SumToZero(prior) => site.sample(self.density(prior).sum_to_zero()),
            Prior::Between(low, width) => {
                let low = self.var(low);
                site.sample(Uniform(low, low + self.argument(width)))
            }
            Prior::Above(minimum, alpha) => site.sample(Pareto(self.argument(minimum), *alpha)),
            Prior::NonCenteredStudent(loc, scale) => {
                site.sample(StudentT(3.0, self.argument(loc), self.argument(scale)).noncentered())
            }
            Prior::NonCenteredLogNormal(loc, scale) => {
                site.sample(LogNormal(self.argument(loc), self.argument(scale)).noncentered())
            }
            Prior::MvNormal { loc, factor, noncentered } => {
                let prior = MvNormalCholesky(self.vector(loc), self.factor(factor));
                if *noncentered { site.sample(prior.noncentered()) } else { site.sample(prior) }
            }
            Prior::Dirichlet(concentration) => site.sample(Dirichlet(self.vector(concentration))),
            Prior::LkjCholesky(eta) => {
                let rows = unknown.size.isqrt();
                site.sample(LkjCholesky(rows, self.argument(eta)))
            }
        }
    }

    pub(crate) fn vector(&self, vector: &Vector) -> Argument<'s> {
        match vector {
            Vector::Numbers(numbers) => Argument::from(numbers),
            Vector::Same(expr) | Vector::Array(expr, _) => Argument::from(self.var(expr)),
        }
    }

    pub(crate) fn factor(&self, factor: &Factor) -> Argument<'s> {
        match factor {
            Factor::Numbers(numbers) => Argument::from(numbers),
            Factor::Array { matrix, scale: None, .. } => Argument::from(self.var(matrix)),
            Factor::Array { matrix, scale: Some(scale), .. } => {
                Argument::from(self.var(matrix).scale_rows(self.vector(scale)))
            }
        }
    }

    pub(crate) fn recursion(&self, recursion: &Recursion) -> Vec<Var<'s>> {
        match (recursion.starts.len(), recursion.inputs.len()) {
            (1, 0) => self.scan::<1, 0>(recursion),
            (1, 1) => self.scan::<1, 1>(recursion),
            (1, _) => self.scan::<1, 2>(recursion),
            (2, 0) => self.scan::<2, 0>(recursion),
            (2, 1) => self.scan::<2, 1>(recursion),
            _ => self.scan::<2, 2>(recursion),
        }
    }

    fn scan<const S: usize, const I: usize>(&self, recursion: &Recursion) -> Vec<Var<'s>> {
        let starts: [Argument<'s>; S] = std::array::from_fn(|k| self.argument(&recursion.starts[k]));
        let inputs: [Argument<'s>; I] = std::array::from_fn(|k| self.argument(&recursion.inputs[k]));
        let step = |states: [Var<'s>; S], inputs: [Var<'s>; I]| {
            *self.step.borrow_mut() = states.into_iter().chain(inputs).collect();
            self.states.set(S);
            std::array::from_fn(|k| self.argument(&recursion.step[k]))
        };
        self.scope.scan(&recursion.name, starts, inputs, step).to_vec()
    }
}
