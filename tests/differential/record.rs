//! A program recorded as a model, by the builder that the macros expand to.

use super::learned::Bent;
use super::program::{
    Along, Distribution, Expr, Fold, Function, Index, Operator, Plate, PlateKind, Program, Statement,
};
use mynah::dist::{
    Bernoulli, BernoulliLogit, Beta, Binomial, Categorical, CategoricalLogits, Cauchy, Density,
    Distribution as _, Exponential, Gamma, HalfCauchy, HalfNormal, Hurdle, LogNormal, Mixture,
    MvNormalCholesky, Normal, PoissonLog, StudentT, Uniform, ZeroInflated,
};
use mynah::graph::{Along as Said, AlongPlate, Argument, CustomNode, Var};
use mynah::model::{Scope, Statement as Site};
use mynah::{Model, Result};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

/// y_i = sin(x_0) + i x_1.
struct Wave;

impl CustomNode for Wave {
    fn forward(&self, x: &[f64], y: &mut [f64]) {
        y.iter_mut().enumerate().for_each(|(i, y)| *y = x[0].sin() + i as f64 * x[1]);
    }

    fn backward(&self, x: &[f64], _: &[f64], dy: &[f64], dx: &mut [f64]) {
        dx[0] = dy.iter().sum::<f64>() * x[0].cos();
        dx[1] = dy.iter().enumerate().map(|(i, dy)| i as f64 * dy).sum();
    }
}

pub(crate) fn record(program: &Program) -> Result<Model> {
    Model::record(|scope| {
        let (step, states) = (RefCell::default(), Cell::default());
        let mut recorder = Recorder { scope, program, values: HashMap::new(), open: vec![], step, states };
        recorder.walk(&program.statements);
        Ok(())
    })
}

pub(crate) struct Recorder<'s> {
    pub(crate) scope: &'s Scope,
    program: &'s Program,
    values: HashMap<usize, Var<'s>>,
    open: Vec<Plate>,
    /// In a recursion's step: its states, so many, and its inputs.
    pub(crate) step: RefCell<Vec<Var<'s>>>,
    pub(crate) states: Cell<usize>,
}

impl<'s> Recorder<'s> {
    fn walk(&mut self, statements: &'s [Statement]) {
        for statement in statements {
            match statement {
                Statement::Plate(plate, again, body) => {
                    self.enter(plate, *again);
                    self.open.push(plate.clone());
                    self.walk(body);
                    self.open.pop();
                    self.scope.exit();
                }
                Statement::Latent { binding, name, distribution, .. } => {
                    let site = self.site(name);
                    let value = self.with(distribution, None, site).expect("an unknown has a value");
                    self.values.insert(*binding, value);
                }
                Statement::Unknown(unknown) => {
                    let value = self.unknown(unknown);
                    self.values.insert(unknown.binding, value);
                }
                Statement::Scan(recursion) => {
                    let states = self.recursion(recursion);
                    self.values.extend(recursion.bindings.iter().copied().zip(states));
                }
                Statement::Seen { name, distribution, data } => {
                    let site = self.site(name);
                    site.observe_seen(self.density(distribution), data);
                }
                Statement::Imputed { binding, name, distribution, data, .. } => {
                    let site = self.site(name);
                    let value = site.impute(self.density(distribution), data);
                    self.values.insert(*binding, value);
                }
                Statement::Expression { name, distribution, value } => {
                    let site = self.site(name);
                    site.observe(self.density(distribution), self.var(value));
                }
                Statement::Part(name, body) => {
                    let recorded = self.scope.submodel(own(name), |_| {
                        self.walk(body);
                        Ok(())
                    });
                    recorded.expect("a part that ends in the plates in which it began");
                }
                Statement::Discrete { binding, name, distribution, .. } => {
                    let site = self.site(name);
                    let value = site.sample(self.density(distribution));
                    self.values.insert(*binding, value);
                }
                Statement::ObservedVectors { name, loc, factor, data, .. } => {
                    let site = self.site(name);
                    site.observe(MvNormalCholesky(self.vector(loc), self.factor(factor)), data);
                }
                Statement::Observed { name, distribution, data } => {
                    let site = self.site(name);
                    self.with(distribution, Some(data), site);
                }
                Statement::Factor { name, value } => {
                    let site = self.site(name);
                    site.factor(self.argument(value));
                }
                Statement::Deterministic { binding, name, value } => {
                    let site = self.site(name);
                    let value = site.deterministic(self.argument(value));
                    self.values.insert(*binding, value);
                }
                Statement::Let { binding, value } => {
                    let value = self.var(value);
                    self.values.insert(*binding, value);
                }
            }
        }
    }

    /// A statement by the whole name of its site.
    pub(crate) fn site(&self, name: &str) -> Site<'s> {
        self.scope.site(own(name))
    }

    fn with(&self, distribution: &Distribution, data: Option<&Vec<f64>>, site: Site<'s>) -> Option<Var<'s>> {
        let density = self.density(distribution);
        match data {
            Some(data) => {
                site.observe(density, data);
                None
            }
            None => Some(site.sample(density)),
        }
    }

    pub(crate) fn density(&self, distribution: &Distribution) -> Density<'s> {
        let at = |expr: &Expr| self.argument(expr);
        match distribution {
            Distribution::Normal(loc, scale) => Normal(at(loc), at(scale)).density(),
            Distribution::NonCentered(loc, scale) => Normal(at(loc), at(scale)).noncentered().density(),
            Distribution::LogNormal(loc, scale) => LogNormal(at(loc), at(scale)).density(),
            Distribution::StudentT(df, loc, scale) => StudentT(*df, at(loc), at(scale)).density(),
            Distribution::Cauchy(loc, scale) => Cauchy(at(loc), at(scale)).density(),
            Distribution::HalfNormal(scale) => HalfNormal(at(scale)).density(),
            Distribution::HalfCauchy(scale) => HalfCauchy(at(scale)).density(),
            Distribution::Exponential(rate) => Exponential(at(rate)).density(),
            Distribution::Gamma(shape, rate) => Gamma(*shape, at(rate)).density(),
            Distribution::Beta(a, b) => Beta(*a, *b).density(),
            Distribution::Uniform(low, high) => Uniform(*low, *high).density(),
            Distribution::BernoulliLogit(logit) => BernoulliLogit(at(logit)).density(),
            Distribution::PoissonLog(log_rate) => PoissonLog(at(log_rate)).density(),
            Distribution::CategoricalLogits(logits) => {
                CategoricalLogits(logits.iter().map(at).collect::<Vec<Argument<'s>>>()).density()
            }
            Distribution::Bernoulli(logit) => Bernoulli(self.var(logit).logistic()).density(),
            Distribution::Binomial(trials, logit) => {
                Binomial(*trials as f64, self.var(logit).logistic()).density()
            }
            Distribution::Categorical(weights) => Categorical(weights.clone()).density(),
            Distribution::Learned(parameters) => {
                Density::learned(Bent::shared(), parameters.iter().map(at).collect())
            }
            Distribution::Mixture(weights, components) => {
                let weights: Vec<Argument<'s>> = weights.iter().map(at).collect();
                let components: Vec<Density<'s>> = components.iter().map(|part| self.density(part)).collect();
                Mixture(weights, components).density()
            }
            Distribution::Zeros(logit, count, false) => {
                ZeroInflated(self.var(logit).logistic(), self.density(count)).density()
            }
            Distribution::Zeros(logit, count, true) => {
                Hurdle(self.var(logit).logistic(), self.density(count)).density()
            }
            Distribution::TruncatedExponential(rate) => Exponential(at(rate)).truncated(0.25, 2),
            Distribution::CensoredExponential(rate) => Exponential(at(rate)).censored(f64::NEG_INFINITY, 1),
        }
    }

    fn enter(&self, plate: &Plate, again: bool) {
        let labels = || (0..plate.len).map(|k| format!("{k}th")).collect::<Vec<_>>();
        match &plate.kind {
            _ if again => self.scope.enter_again(&plate.name),
            PlateKind::Labels => self.scope.enter(&plate.name, labels()),
            PlateKind::Of(parent, index) => self.scope.enter_of(&plate.name, plate.len, &parent.name, index),
            _ => self.scope.enter(&plate.name, plate.len),
        }
    }

    fn plate_name(&self, id: usize) -> &str {
        &self.open.iter().find(|plate| plate.id == id).expect("numbers run along open plates").name
    }

    /// The expression, numbers and data left plain where they stand alone.
    pub(crate) fn argument(&self, expr: &Expr) -> Argument<'s> {
        match expr {
            Expr::Number(number) => Argument::from(*number),
            Expr::Data(data, Along::Innermost(_)) | Expr::Table(data, _) => Argument::from(data),
            Expr::Data(data, Along::Said(plate)) => {
                let said: Said<'_, f64> = data.along(self.plate_name(*plate));
                Argument::from(said)
            }
            expr => Argument::from(self.var(expr)),
        }
    }

    pub(crate) fn var(&self, expr: &Expr) -> Var<'s> {
        match expr {
            Expr::Number(_) | Expr::Data(..) | Expr::Table(..) => self.scope.data(self.argument(expr)),
            Expr::Read(binding) => self.values[binding],
            Expr::Apply(function, x) => apply(*function, self.var(x)),
            Expr::Combine(operator, x, y) => {
                let (x, y) = (self.var(x), self.argument(y));
                match operator {
                    Operator::Add => x + y,
                    Operator::Sub => x - y,
                    Operator::Mul => x * y,
                    Operator::Div => x / y,
                    Operator::LogAddExp => x.log_add_exp(y),
                }
            }
            Expr::At(binding, _, index) => self.values[binding].at(self.index(index)),
            Expr::AtStates(binding, _, states) => self.values[binding].at(self.var(states)),
            Expr::Local(inner, _) => self.var(inner),
            Expr::Gaps { binding, data, .. } => {
                let data: Vec<f64> = data.iter().map(|number| number.unwrap_or(f64::NAN)).collect();
                self.values[binding].in_gaps(&data)
            }
            Expr::State(k) => self.step.borrow()[*k],
            Expr::Input(k) => self.step.borrow()[self.states.get() + k],
            Expr::At2(binding, outer, inner) => {
                self.values[binding].at2(self.index(outer), self.index(inner))
            }
            Expr::Density(distribution, x) => self.density(distribution).log_prob_of(self.var(x)),
            Expr::LogMix(parts) => {
                let [p, a, b] = &**parts;
                self.var(p).logistic().log_mix(self.argument(a), self.argument(b))
            }
            Expr::Sum { binding, over, named, fold } => {
                let x = self.values[binding];
                let plates = &self.program.bindings[*binding];
                let name =
                    || plates.iter().find(|plate| over.contains(&plate.id)).expect("its plate").name.as_str();
                match (named, fold) {
                    (false, Fold::Sum) => x.sum(),
                    (false, Fold::Mean) => x.mean(),
                    (false, Fold::LogSumExp) => x.log_sum_exp(),
                    (true, Fold::Sum) => x.sum_over(name()),
                    (true, Fold::Mean) => x.mean_over(name()),
                    (true, Fold::LogSumExp) => x.log_sum_exp_over(name()),
                }
            }
            Expr::Stack(members, _) => {
                let members: Vec<Var<'s>> = members.iter().map(|member| self.var(member)).collect();
                Var::stack(&members)
            }
            Expr::Dot { matrix, binding, .. } => self.values[binding].dot(matrix),
            Expr::Wave(x, y, _) => self.var(x).custom(&[self.var(y)], Arc::new(Wave)),
        }
    }

    fn index<'i>(&'i self, index: &'i Index) -> mynah::graph::Index<'i> {
        match index {
            Index::One(position) => (*position).into(),
            Index::Many(positions, Along::Innermost(_)) => positions.into(),
            Index::Many(positions, Along::Said(plate)) => positions.along(self.plate_name(*plate)).into(),
        }
    }
}

/// The name without those of the parts around it.
fn own(name: &str) -> &str {
    name.rsplit('.').next().expect("a name")
}

fn apply(function: Function, x: Var<'_>) -> Var<'_> {
    match function {
        Function::Neg => -x,
        Function::Exp => x.exp(),
        Function::Ln => x.ln(),
        Function::Sqrt => x.sqrt(),
        Function::Abs => x.abs(),
        Function::Tanh => x.tanh(),
        Function::Sin => x.sin(),
        Function::Cos => x.cos(),
        Function::Ln1p => x.ln_1p(),
        Function::Logistic => x.logistic(),
        Function::Softplus => x.softplus(),
        Function::Powi(n) => x.powi(n),
    }
}
