//! What the parameters of each distribution alone determine ([`Kernel::Row`](super::Kernel::Row)); only kernels need them.

pub use super::bernoulli::BernoulliRow;
pub use super::bernoulli_logit::BernoulliLogitRow;
pub use super::beta::BetaRow;
pub use super::cauchy::CauchyRow;
pub use super::exponential::ExponentialRow;
pub use super::gamma::GammaRow;
pub use super::half_cauchy::HalfCauchyRow;
pub use super::half_normal::HalfNormalRow;
pub use super::inverse_gamma::InverseGammaRow;
pub use super::log_normal::LogNormalRow;
pub use super::normal::NormalRow;
pub use super::poisson::PoissonRow;
pub use super::poisson_log::PoissonLogRow;
pub use super::student_t::StudentTRow;
pub use super::uniform::UniformRow;
pub use super::wiener::WienerRow;
