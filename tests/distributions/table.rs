//! The table: a new distribution is one line.

use mynah::dist::*;
use mynah::graph::Argument;
use mynah::transform::Support;
use mynah::{Domain, Seed, Stream};

/// A log density with its derivatives, without the number of parameters in its type.
#[derive(Clone, Debug)]
pub(crate) struct Evaluated {
    /// Carrier excluded.
    pub(crate) log_prob: f64,
    pub(crate) value: f64,
    pub(crate) parameters: Vec<f64>,
}

/// One distribution: its kernel, erased, and parameter vectors to try.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) domains: Vec<ParameterDomain>,
    pub(crate) evaluate: fn(&[f64], f64) -> Evaluated,
    pub(crate) carrier: fn(f64) -> f64,
    pub(crate) support: fn(&[f64]) -> Support,
    pub(crate) draw: fn(&[f64], &mut Stream) -> f64,
    pub(crate) univariate: fn(&[f64]) -> Box<dyn Univariate>,
    pub(crate) in_model: for<'t> fn(&[Argument<'t>]) -> Density<'t>,
    pub(crate) settings: Vec<Vec<f64>>,
}

macro_rules! entry {
    ($name:ident $count:literal [$($i:literal)*] $($setting:expr),*) => {{
        type K = $name;
        Entry {
            name: <K as Kernel<$count>>::NAME,
            domains: <K as Kernel<$count>>::PARAMETERS.iter().map(|p| p.1).collect(),
            evaluate: |p, x| {
                let row = <K as Kernel<$count>>::row([$(p[$i]),*]);
                let partials = <K as Kernel<$count>>::partials(&row, [x]);
                let alone = <K as Kernel<$count>>::log_prob(&row, [x]);
                assert!(alone == partials.log_prob || alone.is_nan() && partials.log_prob.is_nan(), "{} {p:?} {x}", stringify!($name));
                Evaluated { log_prob: partials.log_prob, value: partials.value, parameters: partials.parameters.to_vec() }
            },
            carrier: |x| <K as Kernel<$count>>::carrier([x]),
            support: |p| <K as Kernel<$count>>::support([$(p[$i]),*]),
            draw: |p, stream| <K as Kernel<$count>>::sample([$(p[$i]),*], stream)[0],
            univariate: |p| Box::new($name($(p[$i]),*)),
            in_model: |p| $name($(p[$i].clone()),*).density(),
            settings: vec![$($setting.to_vec()),*],
        }
    }};
}

pub(crate) fn table() -> Vec<Entry> {
    let open = f64::INFINITY;
    vec![
        entry!(Normal 2 [0 1] [0.0, 1.0], [-2.5, 0.3]),
        entry!(HalfNormal 1 [0] [1.0], [0.2]),
        entry!(LogNormal 2 [0 1] [0.0, 1.0], [2.0, 0.1]),
        entry!(Exponential 1 [0] [1.0], [30.0]),
        entry!(Gamma 2 [0 1] [2.0, 0.2], [0.3, 1.5], [40.0, 3.0]),
        entry!(Beta 2 [0 1] [2.0, 2.0], [0.5, 2.0], [30.0, 4.0]),
        entry!(Uniform 2 [0 1] [0.0, 1.0], [-3.0, 3.5]),
        entry!(Bernoulli 1 [0] [0.5], [0.97]),
        entry!(BernoulliLogit 1 [0] [0.0], [-1.7]),
        entry!(Poisson 1 [0] [0.3], [9.3], [150.0]),
        entry!(PoissonLog 1 [0] [-1.0], [2.2], [5.0]),
        entry!(Cauchy 2 [0 1] [0.0, 1.0], [3.0, 0.5]),
        entry!(HalfCauchy 1 [0] [1.0], [5.0]),
        entry!(StudentT 3 [0 1 2] [3.0, 0.0, 1.0], [0.7, -1.0, 2.0], [30.0, 5.0, 0.5]),
        entry!(InverseGamma 2 [0 1] [2.0, 1.0], [12.0, 30.0]),
        entry!(Binomial 2 [0 1] [10.0, 0.3], [1.0, 0.7], [300.0, 0.04]),
        entry!(BinomialLogit 2 [0 1] [10.0, -0.8], [250.0, 1.5], [40.0, -4.0]),
        entry!(NegativeBinomial 2 [0 1] [3.0, 0.4], [0.5, 0.1], [20.0, 0.3]),
        entry!(NegativeBinomial2 2 [0 1] [5.0, 2.0], [0.3, 0.3], [60.0, 30.0], [9.0, 1e6]),
        entry!(NegativeBinomial2Log 2 [0 1] [1.6, 2.0], [-1.0, 0.3], [4.0, 30.0]),
        entry!(HalfStudentT 2 [0 1] [3.0, 1.0], [30.0, 0.5], [0.7, 2.0]),
        entry!(Laplace 2 [0 1] [0.0, 1.0], [-2.0, 0.3]),
        entry!(Logistic 2 [0 1] [0.0, 1.0], [3.0, 0.2]),
        entry!(Gumbel 2 [0 1] [0.0, 1.0], [-2.0, 0.4]),
        entry!(Weibull 2 [0 1] [1.5, 0.3], [0.5, 2.0], [9.0, 1.0]),
        entry!(InverseGaussian 2 [0 1] [1.0, 2.0], [0.5, 0.05], [3.0, 100.0]),
        entry!(ShiftedWald 3 [0 1 2] [3.0, 1.2, 0.2], [0.5, 2.0, 0.1], [2.0, 1.0, 0.0]),
        entry!(ChiSquared 1 [0] [1.0], [7.5], [60.0]),
        entry!(SkewNormal 3 [0 1 2] [0.0, 1.0, 4.0], [1.0, 0.5, -10.0], [2.0, 2.0, 0.3]),
        entry!(ExGaussian 3 [0 1 2] [0.4, 0.05, 5.0], [0.3, 0.1, 40.0], [-1.0, 2.0, 0.5]),
        entry!(TruncatedNormal 4 [0 1 2 3] [0.3, 1.0, -1.0, 2.0], [0.3, 1.0, 6.0, 8.0], [0.3, 5.0, 0.25, 0.35],
            [-50.0, 2.0, 0.0, 10.0], [1.0, 2.0, 0.0, open], [1.0, 2.0, -open, 1.5], [1.0, 2.0, 0.5, open],
            [1.0, 2.0, -open, open], [9.0, 1.0, -4.0, 3.0]),
        entry!(Pareto 2 [0 1] [1.0, 1.5], [0.1, 3.0]),
        entry!(LogUniform 2 [0 1] [0.01, 100.0], [1.0, 1.5]),
        entry!(AsymmetricLaplace 3 [0 1 2] [0.3, 1.0, 2.0], [1.0, 0.3, 0.5], [0.0, 2.0, 1.0]),
        entry!(VonMises 2 [0 1] [0.3, 1.0], [2.0, 50.0], [-1.0, 0.1], [10.0, 4.0]),
        entry!(Kumaraswamy 2 [0 1] [2.0, 3.0], [0.5, 2.0], [20.0, 1.0]),
        entry!(BetaBinomial 3 [0 1 2] [10.0, 2.0, 3.0], [200.0, 0.3, 0.4], [30.0, 500.0, 20.0]),
        entry!(Geometric 1 [0] [0.3], [0.15], [0.97]),
        entry!(Hypergeometric 3 [0 1 2] [50.0, 20.0, 10.0], [300.0, 250.0, 200.0], [1000.0, 30.0, 40.0]),
    ]
}

impl Entry {
    pub(crate) fn normalised(&self, parameters: &[f64], x: f64) -> f64 {
        (self.univariate)(parameters).log_prob(x)
    }

    pub(crate) fn draws(&self, parameters: &[f64], count: usize) -> Vec<f64> {
        let mut stream = Seed(5).stream(Domain::User, parameters[0].to_bits());
        (0..count).map(|_| (self.draw)(parameters, &mut stream)).collect()
    }
}

/// Whether an unknown can stand for a parameter: neither for a count nor for an open end.
pub(crate) fn may_be_unknown(domain: ParameterDomain, value: f64) -> bool {
    domain != ParameterDomain::Count && value.is_finite()
}

/// Values of a domain's outside.
pub(crate) fn bad_values(domain: ParameterDomain) -> Vec<f64> {
    let more: &[f64] = match domain {
        ParameterDomain::Real | ParameterDomain::Known => &[],
        ParameterDomain::Positive => &[0.0, -1.0],
        ParameterDomain::Probability => &[-0.1, 1.1],
        ParameterDomain::Unit => &[0.0, 1.0],
        ParameterDomain::NonNegative => &[-0.1],
        ParameterDomain::Count => &[-1.0, 0.5],
        ParameterDomain::Extended => return vec![f64::NAN],
    };
    let bad: Vec<f64> = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].iter().chain(more).copied().collect();
    assert!(bad.iter().all(|&value| !domain.contains(value)));
    bad
}
