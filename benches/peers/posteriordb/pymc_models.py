"""The 17 posteriors as PyMC models: each function takes the data by name and returns the model.

Random variables and deterministics bear the names of the reference.
"""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pymc.distributions.transforms import ordered


def falcons(data):
    year = data["year"]
    with pm.Model() as model:
        alpha = pm.Uniform("alpha", -20, 20)
        beta1 = pm.Uniform("beta1", -10, 10)
        beta2 = pm.Uniform("beta2", -10, 10)
        beta3 = pm.Uniform("beta3", -10, 10)
        sigma = pm.Uniform("sigma", 0, 5)
        z = pm.Normal("z", 0, 1, shape=len(year))
        eps = pm.Deterministic("eps", sigma * z)
        trend = alpha + beta1 * year + beta2 * year**2 + beta3 * year**3
        pm.Poisson("C", pm.math.exp(trend + eps), observed=data["C"])
    return model


def rates(data):
    with pm.Model() as model:
        theta1 = pm.Beta("theta1", 1, 1)
        theta2 = pm.Beta("theta2", 1, 1)
        pm.Binomial("k1", data["n1"], theta1, observed=data["k1"])
        pm.Binomial("k2", data["n2"], theta2, observed=data["k2"])
        pm.Deterministic("delta", theta1 - theta2)
    return model


def autoregression(data):
    y, order = data["y"], int(data["K"])
    lags = np.column_stack([y[order - k : -k] for k in range(1, order + 1)])
    with pm.Model() as model:
        alpha = pm.Normal("alpha", 0, 10)
        beta = pm.Normal("beta", 0, 10, shape=order)
        sigma = pm.HalfCauchy("sigma", 2.5)
        pm.Normal("y", alpha + pt.dot(lags, beta), sigma, observed=y[order:])
    return model


def dogs(data):
    shock = data["y"]
    before = np.hstack([np.zeros((len(shock), 1)), np.cumsum(shock, axis=1)[:, :-1]])
    avoided = np.arange(shock.shape[1]) - before
    with pm.Model() as model:
        beta = pm.Normal("beta", 0, 100, shape=3)
        pm.Bernoulli("shock", logit_p=beta[0] + beta[1] * avoided + beta[2] * before, observed=shock)
    return model


def flat_regression(x, y, sigma=None):
    """A linear regression with flat coefficients; the first column of the design is of ones."""
    x = np.column_stack([np.ones(len(y)), *x]).astype(float)
    with pm.Model() as model:
        beta = pm.Flat("beta", shape=x.shape[1])
        sigma = pm.HalfFlat("sigma") if sigma is None else pm.HalfCauchy("sigma", sigma)
        pm.Normal("y", pt.dot(x, beta), sigma, observed=y)
    return model


def earnings(data):
    height, male = data["height"], data["male"]
    return flat_regression([height, male, height * male], np.log(data["earn"]))


def kidiq(data):
    school, iq = data["mom_hs"], data["mom_iq"]
    return flat_regression([school, iq, school * iq], data["kid_score"], sigma=2.5)


def mesquite(data):
    first, second, canopy = data["diam1"], data["diam2"], data["canopy_height"]
    shapes = [first * second * canopy, first * second, first / second, data["total_height"]]
    return flat_regression([*map(np.log, shapes), data["group"]], np.log(data["weight"]))


def nes(data):
    ages = [data["age_discrete"] == age for age in (2, 3, 4)]
    before, after = ["real_ideo", "race_adj"], ["educ1", "gender", "income"]
    columns = [data[name] for name in before] + ages + [data[name] for name in after]
    return flat_regression(columns, data["partyid7"])


def eight_schools(data):
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        tau = pm.HalfCauchy("tau", 5)
        z = pm.Normal("z", 0, 1, shape=len(data["y"]))
        theta = pm.Deterministic("theta", mu + tau * z)
        pm.Normal("y", theta, data["sigma"], observed=data["y"])
    return model


def garch(data):
    y, first = data["y"], np.square(data["sigma1"], dtype=float)
    with pm.Model() as model:
        mu = pm.Flat("mu")
        alpha0 = pm.HalfFlat("alpha0")
        alpha1 = pm.Uniform("alpha1", 0, 1)
        beta1 = pm.Uniform("beta1", 0, 1 - alpha1)
        # The reference is flat over both: without the 1 / (1 - alpha1) of the last line.
        pm.Potential("flat", pt.log1p(-alpha1))
        shock = alpha0 + alpha1 * (y[:-1] - mu) ** 2
        variance, _ = pytensor.scan(
            lambda shock, last, beta1: shock + beta1 * last,
            sequences=[shock],
            outputs_info=[pt.constant(first, dtype="float64")],
            non_sequences=[beta1],
            strict=True,
        )
        sigma = pt.sqrt(pt.concatenate([first[None], variance]))
        pm.Normal("y", mu, sigma, observed=y)
    return model


def gaussian_process(data):
    x, y = data["x"], data["y"]
    squared = (x[:, None] - x[None, :]) ** 2
    with pm.Model() as model:
        rho = pm.Gamma("rho", 25, 4)
        alpha = pm.HalfNormal("alpha", 2)
        sigma = pm.HalfNormal("sigma", 1)
        covariance = alpha**2 * pt.exp(-0.5 * squared / rho**2) + sigma * np.eye(len(y))
        pm.MvNormal("y", np.zeros(len(y)), chol=pt.linalg.cholesky(covariance), observed=y)
    return model


def hidden_markov(data):
    y = data["y"]
    with pm.Model() as model:
        theta1 = pm.Dirichlet("theta1", np.ones(2))
        theta2 = pm.Dirichlet("theta2", np.ones(2))
        mu = pm.Normal("mu", [3, 10], 1, shape=2, transform=ordered, initval=[3, 10])
        emission = pm.logp(pm.Normal.dist(mu, 1), y[:, None])
        # Row: the state before; column: the state after.
        transition = pt.log(pt.stack([theta1, theta2]))
        forward, _ = pytensor.scan(
            lambda emission, last, transition: emission + pt.logsumexp(last[:, None] + transition, axis=0),
            sequences=[emission[1:]],
            outputs_info=[emission[0]],
            non_sequences=[transition],
            strict=True,
        )
        pm.Potential("forward", pt.logsumexp(forward[-1]))
    return model


def mixture(data):
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 2, shape=2, transform=ordered, initval=[-1, 1])
        sigma = pm.HalfNormal("sigma", 2, shape=2)
        theta = pm.Beta("theta", 5, 5)
        pm.NormalMixture("y", pt.stack([theta, 1 - theta]), mu, sigma=sigma, observed=data["y"])
    return model


def radon(data):
    county = data["county_idx"].astype(int) - 1
    with pm.Model() as model:
        mu_alpha = pm.Normal("mu_alpha", 0, 10)
        sigma_alpha = pm.HalfNormal("sigma_alpha", 1)
        sigma_y = pm.HalfNormal("sigma_y", 1)
        beta = pm.Normal("beta", 0, 10, shape=2)
        z = pm.Normal("z", 0, 1, shape=int(data["J"]))
        alpha = pm.Deterministic("alpha", mu_alpha + sigma_alpha * z)
        mean = alpha[county] + beta[0] * data["log_uppm"] + beta[1] * data["floor_measure"]
        pm.Normal("log_radon", mean, sigma_y, observed=data["log_radon"])
    return model


def blr(data):
    with pm.Model() as model:
        beta = pm.Normal("beta", 0, 10, shape=int(data["D"]))
        sigma = pm.HalfNormal("sigma", 10)
        pm.Normal("y", pt.dot(data["X"], beta), sigma, observed=data["y"])
    return model


def seeds(data):
    x1, x2 = data["x1"], data["x2"]
    with pm.Model() as model:
        alpha0, alpha1, alpha2, alpha12 = (pm.Normal(name, 0, 1) for name in ("alpha0", "alpha1", "alpha2", "alpha12"))
        sigma = pm.HalfCauchy("sigma", 1)
        z = pm.Normal("z", 0, 1, shape=len(x1))
        b = pm.Deterministic("b", sigma * z)
        logit = alpha0 + alpha1 * x1 + alpha2 * x2 + alpha12 * x1 * x2 + b
        pm.Binomial("n", data["N"], logit_p=logit, observed=data["n"])
    return model


def wells(data):
    with pm.Model() as model:
        beta = pm.Flat("beta", shape=2)
        pm.Bernoulli("switched", logit_p=beta[0] + beta[1] * data["dist"], observed=data["switched"])
    return model


MODELS = {
    "GLMM_Poisson_data-GLMM_Poisson_model": falcons,
    "Rate_2_data-Rate_2_model": rates,
    "arK-arK": autoregression,
    "dogs-dogs": dogs,
    "earnings-logearn_interaction": earnings,
    "eight_schools-eight_schools_noncentered": eight_schools,
    "garch-garch11": garch,
    "gp_pois_regr-gp_regr": gaussian_process,
    "hmm_example-hmm_example": hidden_markov,
    "kidiq-kidscore_interaction": kidiq,
    "low_dim_gauss_mix-low_dim_gauss_mix": mixture,
    "mesquite-logmesquite_logvash": mesquite,
    "nes1980-nes": nes,
    "radon_mn-radon_hierarchical_intercept_noncentered": radon,
    "sblri-blr": blr,
    "seeds_data-seeds_stanified_model": seeds,
    "wells_data-wells_dist": wells,
}
