//! Lapses: a distribution whose place another takes now and then.

use super::density::Density;
use super::distribution::Distribution;
use super::kernel::{Kernel, ParameterDomain, Partials};
use super::mixture::mixture;
use crate::graph::{Argument, IntoArgument};
use crate::seed::Stream;
use crate::transform::Support;
use rand::RngExt;

/// p(x) = (1 - rate) p_1(x) + rate p_2(x).
pub(super) fn lapse<'t>(decided: Density<'t>, rate: Argument<'t>, other: Density<'t>) -> Density<'t> {
    let rest = match &rate {
        Argument::Var(rate) => Argument::Var(1.0 - *rate),
        Argument::Number(rate) => Argument::Number(1.0 - rate),
        Argument::Data(rates) => Argument::Data(rates.iter().map(|rate| 1.0 - rate).collect()),
        Argument::DataAlong(rates, plate) => {
            Argument::DataAlong(rates.iter().map(|rate| 1.0 - rate).collect(), plate.clone())
        }
        // Refused as the other one is.
        Argument::Matrix(matrix) => Argument::Matrix(matrix.clone()),
    };
    mixture("lapse", vec![rest, rate], vec![decided, other])
}

/// Responses that say nothing: the time is uniform between two times (in seconds, 0 <= low < high), either choice as probable as the
/// other. log p = -log(high - low) - log 2. What lapses are taken to be ([`Distribution::lapse`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UniformResponse<L = f64, H = f64>(pub L, pub H);

/// What the parameters of [`UniformResponse`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct UniformResponseRow {
    low: f64,
    high: f64,
    /// NaN where the parameters make no sense.
    log_prob: f64,
}

impl Kernel<2, 2> for UniformResponse {
    type Row = UniformResponseRow;

    const NAME: &'static str = "UniformResponse";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("low", ParameterDomain::NonNegative), ("high", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::TimeAndChoice
    }

    fn row([low, high]: [f64; 2]) -> UniformResponseRow {
        let valid = low >= 0.0 && low < high && high.is_finite();
        let log_prob = if valid { -(high - low).ln() - std::f64::consts::LN_2 } else { f64::NAN };
        UniformResponseRow { low, high, log_prob }
    }

    fn log_prob(row: &UniformResponseRow, x: [f64; 2]) -> f64 {
        Self::partials(row, x).log_prob
    }

    fn partials(row: &UniformResponseRow, [time, choice]: [f64; 2]) -> Partials<2> {
        let possible = row.low <= time && time <= row.high && (choice == 0.0 || choice == 1.0);
        if !possible && !row.log_prob.is_nan() {
            return Partials::IMPOSSIBLE;
        }
        let slope = 1.0 / (row.high - row.low);
        Partials { log_prob: row.log_prob, value: 0.0, parameters: [slope, -slope] }
    }

    fn sample(parameters: [f64; 2], stream: &mut Stream) -> [f64; 2] {
        let row = Self::row(parameters);
        let (time, choice) = (stream.random::<f64>(), f64::from(u8::from(stream.random::<bool>())));
        if row.log_prob.is_nan() {
            return [f64::NAN; 2];
        }
        [(row.low + time * (row.high - row.low)).max(f64::MIN_POSITIVE), choice]
    }
}

impl<'t, L: IntoArgument<'t>, H: IntoArgument<'t>> Distribution<'t> for UniformResponse<L, H> {
    fn density(self) -> Density<'t> {
        Density::formula::<UniformResponse, 2, 2>([self.0.into_argument(), self.1.into_argument()])
    }
}
