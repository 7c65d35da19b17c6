//! Random distributions of data, and their log densities as expressions.

use super::generate::{Generator, NUMBERS};
use super::program::{Distribution, Expr, Function};

impl Generator<'_> {
    pub(crate) fn likelihood(&mut self) -> Distribution {
        match self.below(12) {
            0 | 1 => Distribution::Normal(self.expr(3), self.positive()),
            2 => Distribution::BernoulliLogit(self.expr(2)),
            3 => Distribution::PoissonLog(self.expr(2)),
            4 => Distribution::CategoricalLogits((0..3).map(|_| self.expr(1)).collect()),
            5 => self.learned(),
            6 => Distribution::Cauchy(self.expr(2), self.positive()),
            7 => Distribution::StudentT(4.0, self.expr(2), self.positive()),
            8 => {
                let count = self.below(2) + 2;
                let components = (0..count).map(|_| self.component(1)).collect();
                Distribution::Mixture((0..count).map(|_| self.positive()).collect(), components)
            }
            9 => {
                let logit = Expr::Apply(Function::Tanh, Box::new(self.expr(1)));
                let log_rate = Expr::Apply(Function::Tanh, Box::new(self.expr(1)));
                Distribution::Zeros(logit, Box::new(Distribution::PoissonLog(log_rate)), self.below(2) == 0)
            }
            10 => Distribution::TruncatedExponential(self.positive()),
            _ => Distribution::CensoredExponential(self.positive()),
        }
    }

    fn learned(&mut self) -> Distribution {
        Distribution::Learned([self.expr(2), self.expr(1), self.expr(1)])
    }

    /// A density on the whole line, or a mixture of such.
    fn component(&mut self, depth: usize) -> Distribution {
        match self.below(5) {
            0 | 1 => Distribution::Normal(self.expr(1), self.positive()),
            2 => Distribution::StudentT(3.0, self.expr(1), self.positive()),
            3 => Distribution::Learned([self.expr(1), self.expr(1), self.expr(1)]),
            _ if depth == 0 => Distribution::Cauchy(self.expr(1), self.positive()),
            _ => {
                let components = (0..2).map(|_| self.component(depth - 1)).collect();
                Distribution::Mixture(vec![self.positive(), self.positive()], components)
            }
        }
    }

    pub(crate) fn datum(&mut self, distribution: &Distribution) -> f64 {
        match distribution {
            Distribution::BernoulliLogit(_) => self.below(2) as f64,
            Distribution::PoissonLog(_) | Distribution::CategoricalLogits(_) | Distribution::Zeros(..) => {
                self.below(3) as f64
            }
            Distribution::TruncatedExponential(_) => self.pick(&[0.25, 0.7, 1.9]),
            Distribution::CensoredExponential(_) => self.pick(&[0.3, 0.7, 1.0, 1.4]),
            _ => self.pick(&NUMBERS),
        }
    }

    /// The log density of an expression, or of data where it must be data.
    pub(crate) fn density(&mut self, depth: usize) -> Expr {
        if self.below(3) > 0 {
            let distribution = match self.below(3) {
                0 => Distribution::Normal(self.expr(depth), self.positive()),
                1 => Distribution::StudentT(3.0, self.expr(depth), self.positive()),
                _ => Distribution::Cauchy(self.expr(depth), self.positive()),
            };
            return Expr::Density(Box::new(distribution), Box::new(self.expr(depth)));
        }
        let distribution = self.likelihood();
        let data = match self.open.is_empty() {
            true => Expr::Number(self.datum(&distribution)),
            false => {
                let (plate, along) = self.along(true);
                Expr::Data((0..plate.len).map(|_| self.datum(&distribution)).collect(), along)
            }
        };
        Expr::Density(Box::new(distribution), Box::new(data))
    }

    pub(crate) fn collect_parameters(&self, distribution: &Distribution, ids: &mut Vec<usize>) {
        let parameters: Vec<&Expr> = match distribution {
            Distribution::Normal(a, b) | Distribution::NonCentered(a, b) | Distribution::LogNormal(a, b) => {
                vec![a, b]
            }
            Distribution::Cauchy(a, b) | Distribution::StudentT(_, a, b) => vec![a, b],
            Distribution::HalfNormal(a) | Distribution::HalfCauchy(a) | Distribution::Exponential(a) => {
                vec![a]
            }
            Distribution::Gamma(_, a) | Distribution::BernoulliLogit(a) | Distribution::PoissonLog(a) => {
                vec![a]
            }
            Distribution::TruncatedExponential(a) | Distribution::CensoredExponential(a) => vec![a],
            Distribution::Bernoulli(a) | Distribution::Binomial(_, a) => vec![a],
            Distribution::Beta(..) | Distribution::Uniform(..) | Distribution::Categorical(_) => vec![],
            Distribution::CategoricalLogits(logits) => logits.iter().collect(),
            Distribution::Learned(parameters) => parameters.iter().collect(),
            Distribution::Mixture(weights, components) => {
                components.iter().for_each(|part| self.collect_parameters(part, ids));
                weights.iter().collect()
            }
            Distribution::Zeros(logit, count, _) => {
                self.collect_parameters(count, ids);
                vec![logit]
            }
        };
        parameters.into_iter().for_each(|parameter| self.collect(parameter, ids));
    }
}
