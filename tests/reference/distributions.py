"""Makes distributions_more.csv: log densities and their derivatives by mpmath, from the textbooks' formulas, for distributions of which
distributions.csv has no rows, and at extremes for others.  Run: python3 tests/reference/distributions.py   (mpmath 1.3)"""
import csv
import os

from mpmath import mp, mpf, mpc, loggamma, log, exp, sqrt, pi, cos, erfc, besseli, diff, inf, nstr

mp.dps = 120


def choose(n, k):
    return loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1)


def tail(x):
    """Of the standard normal distribution, above x."""
    return erfc(x / sqrt(mpf(2))) / 2 if x != inf else mpf(0)


def truncated(x, loc, scale, low, high):
    a, b = (low - loc) / scale, (high - loc) / scale
    mass = tail(a) - tail(b) if a > 0 else tail(-b) - tail(-a)
    return -((x - loc) / scale) ** 2 / 2 - log(scale * sqrt(2 * pi)) - log(mass)


def ex_gaussian(x, mu, sigma, rate):
    k = rate * sigma
    return log(rate) + rate * (mu - x) + k**2 / 2 + log(tail(k - (x - mu) / sigma))


def skew_normal(x, loc, scale, alpha):
    z = (x - loc) / scale
    return log(2 / (scale * sqrt(2 * pi))) - z * z / 2 + log(tail(-alpha * z))


def binomial(x, n, p):
    return choose(n, x) + x * log(p) + (n - x) * log(1 - p)


def negative_binomial_2(x, mu, phi):
    return loggamma(x + phi) - loggamma(phi) - loggamma(x + 1) + phi * log(phi / (mu + phi)) + x * log(mu / (mu + phi))


def logistic(x):
    return 1 / (1 + exp(-x))


def wald(x, drift, boundary, shift):
    t = x - shift
    return log(boundary / sqrt(2 * pi * t**3)) - (boundary - drift * t) ** 2 / (2 * t)


def asymmetric_laplace(x, loc, scale, kappa):
    z = (x - loc) / scale
    return -log(scale * (kappa + 1 / kappa)) - (z * kappa if z >= 0 else -z / kappa)


def half_t(x, df, scale):
    return log(2) + loggamma((df + 1) / 2) - loggamma(df / 2) - log(df * pi * scale**2) / 2 - (df + 1) / 2 * log(1 + (x / scale) ** 2 / df)


def beta_binomial(x, n, a, b):
    beta = lambda a, b: loggamma(a) + loggamma(b) - loggamma(a + b)
    return choose(n, x) + beta(x + a, n - x + b) - beta(a, b)


# Name: log density of the value and the parameters; parameters without derivative (counts, infinite ends are found by themselves);
# rows of parameters and values.
TABLE = {
    "NegativeBinomial2Log": (lambda x, m, phi: negative_binomial_2(x, exp(m), phi), (), [
        ((1.6, 2.0), (0, 1, 8, 300)), ((-4.5, 0.3), (0, 1, 8)), ((5.3, 1e6), (0, 150, 200, 300)), ((-40.0, 7.9), (0, 2)),
        ((40.0, 8.1), (0, 12, 1e6)), ((300.0, 3.0), (0, 5)), ((-150.0, 2.5), (0, 3)), ((720.0, 2.5), (0, 3)), ((2.0, 1e12), (0, 3, 9)), ((2.0, 1e-12), (0, 3))]),
    "ShiftedWald": (wald, (), [
        ((3.0, 1.2, 0.2), (0.201, 0.25, 0.5, 1.0, 9.0)), ((0.5, 2.0, 0.1), (0.1001, 1.0, 4.0, 60.0)), ((8.0, 0.3, 0.0), (1e-3, 0.02, 0.5)),
        ((1e-6, 1.0, 0.5), (0.6, 100.0)), ((1e3, 50.0, 0.3), (0.36, 0.351))]),
    "LogUniform": (lambda x, low, high: -log(x) - log(log(high / low)), (), [
        ((0.01, 100.0), (0.01, 0.5, 3.0, 100.0)), ((1.0, 1.5), (1.0, 1.25)), ((1e-300, 1e300), (1e-250, 2.5)), ((3.0, 3.0000001), (3.00000005,))]),
    "Hypergeometric": (lambda x, total, successes, draws: choose(successes, x) + choose(total - successes, draws - x) - choose(total, draws),
        (0, 1, 2), [((50, 20, 10), (0, 1, 4, 10)), ((300, 250, 200), (150, 160, 167, 200)), ((1000, 30, 40), (0, 1, 30)),
                    ((1e12, 3e11, 1e6), (299000, 300000, 300003)), ((7, 7, 3), (3,)), ((7, 0, 3), (0,))]),
    "Binomial": (binomial, (0,), [
        ((1e9, 0.3), (299980000, 300010000)), ((1e12, 1e-9), (0, 990, 1100)), ((1e15, 0.5), (5e14, 500000001000000)), ((5, 1e-60), (0, 1, 5)), ((3, 0.9999999999), (0, 2, 3))]),
    "BinomialLogit": (lambda x, n, logit: choose(n, x) - x * log(1 + exp(-logit)) - (n - x) * log(1 + exp(logit)), (0,), [
        ((1e9, -0.8), (310000000, 300000000)), ((40, 100.0), (0, 1, 40)), ((40, -800.0), (0, 1, 40)), ((1e6, -14.0), (0, 1, 2))]),
    "BetaBinomial": (beta_binomial, (0,), [((1e6, 2.0, 3.0), (0, 400000, 1e6)), ((20, 1e8, 2e8), (0, 7, 20)), ((20, 1e-8, 2e-8), (0, 7, 20)), ((3, 1e-3, 50.0), (0, 1, 3))]),
    "NegativeBinomial": (lambda x, r, p: loggamma(x + r) - loggamma(r) - loggamma(x + 1) + r * log(p) + x * log(1 - p), (), [
        ((1e6, 0.9999), (0, 90, 150)), ((1e-8, 0.3), (0, 1, 30)), ((7.99, 1e-4), (0, 1e4)), ((8.01, 0.2), (0, 32, 500))]),
    "NegativeBinomial2": (negative_binomial_2, (), [
        ((7.0, 8.0), (0, 7, 40)), ((7.0, 7.99), (0, 7, 40)), ((200.0, 1e12), (150, 190, 300)), ((1e6, 0.01), (0, 5, 1e4)), ((1e-3, 1e3), (0, 1)), ((1e4, 50.0), (8e3, 1e4, 3e4))]),
    "Geometric": (lambda x, p: x * log(1 - p) + log(p), (), [((1e-12,), (0, 3e12, 1e14)), ((0.999999,), (0, 3)), ((0.5,), (0, 1, 900))]),
    "ExGaussian": (ex_gaussian, (), [
        ((0.0, 1.0, 100.0), (-20.0, -1.0, 0.3, 5.0)), ((0.3, 0.02, 1e4), (0.2, 0.301, 0.4)), ((0.0, 1e-6, 2.0), (-1e-5, 1e-6, 3.0)), ((0.0, 1.0, 1e-6), (-30.0, 0.2, 3e6))]),
    "SkewNormal": (skew_normal, (), [((0.0, 1.0, 50.0), (-4.0, -0.01, 0.3, 6.0)), ((0.0, 1.0, -1e4), (-2.0, 0.5)), ((2.0, 3.0, 1e-6), (-40.0, 1.0))]),
    "TruncatedNormal": (truncated, (), [
        ((0.0, 1.0, 0.0, inf), (0.1, 3.0, 40.0)), ((0.0, 1.0, -inf, 0.0), (-0.1, -3.0)), ((1.0, 2.0, 0.5, inf), (0.5, 2.0, 9.0)), ((1.0, 2.0, -inf, -3.0), (-3.0, -9.0)),
        ((1.0, 2.0, -inf, 30.0), (29.0, 1.5)), ((0.0, 1.0, -9.0, inf), (-8.0, 1.5)), ((0.0, 1.0, -inf, inf), (-2.0, 1.5)), ((0.0, 1.0, 100.0, 101.0), (100.0, 100.02, 100.9)),
        ((0.0, 1.0, -1000.0, -999.0), (-999.5, -999.0)), ((0.0, 1.0, 30.0, inf), (30.0, 30.1, 35.0)), ((5.0, 1.0, 4.999, 5.001), (4.9995, 5.001)),
        ((0.0, 1e3, -1.0, 2.0), (-1.0, 0.7, 1.9)), ((0.0, 1.0, -3.0, 0.25), (-2.0, 0.2)), ((0.0, 1.0, 1.75, 2.75), (1.8, 2.5)), ((0.0, 1.0, 1.75, 2.5), (1.8, 2.5))]),
    "HalfStudentT": (half_t, (), [((1e5, 2.0), (0.5, 7.0)), ((0.01, 1.0), (1e-9, 1e9)), ((4.0, 1e-6), (1e-7, 3.0))]),
    "InverseGaussian": (lambda x, mu, lam: log(lam / (2 * pi * x**3)) / 2 - lam * (x - mu) ** 2 / (2 * mu**2 * x), (), [
        ((1e-6, 1e-3), (1e-6, 2e-6)), ((1e6, 1.0), (0.1, 1.0, 1e7)), ((2.0, 1e6), (1.99, 2.01))]),
    "Gumbel": (lambda x, loc, scale: -log(scale) - (x - loc) / scale - exp(-(x - loc) / scale), (), [((0.0, 1.0), (-6.5, 700.0)), ((1e6, 1e-3), (999999.999, 1000000.01))]),
    "Logistic": (lambda x, loc, scale: -log(scale) - (x - loc) / scale - 2 * log(1 + exp(-(x - loc) / scale)), (), [((0.0, 1.0), (-800.0, -1e-9, 800.0))]),
    "Weibull": (lambda x, k, s: log(k / s) + (k - 1) * log(x / s) - (x / s) ** k, (), [((0.01, 1.0), (1e-100, 2.0, 1e100)), ((200.0, 3.0), (2.5, 3.01, 3.1)), ((1.5, 1e-6), (1e-8, 2e-6))]),
    "AsymmetricLaplace": (asymmetric_laplace, (), [((0.0, 1.0, 1e-3), (-0.1, 5000.0)), ((0.0, 1.0, 1e3), (-500.0, 0.1))]),
    "VonMises": (lambda x, loc, kappa: kappa * cos(x - loc) - log(2 * pi * besseli(0, kappa)), (), [
        ((0.5, 29.0), (0.5, 0.6, -2.5)), ((0.5, 31.0), (0.25, 0.6, -2.5)), ((0.5, 1e-9), (0.25, 3.0)), ((1.0, 1e6), (0.999, 1.0005)), ((9.0, 4.0), (-3.0, 2.75)), ((0.5, 0.0), (1.0,))]),
    "Kumaraswamy": (lambda x, a, b: log(a * b) + (a - 1) * log(x) + (b - 1) * log(1 - x**a), (), [
        ((1e-3, 1e-3), (1e-300, 0.3, 0.999999)), ((100.0, 1e6), (0.8, 0.87)), ((3.0, 40.0), (0.999,))]),
    "Pareto": (lambda x, xm, alpha: log(alpha) + alpha * log(xm) - (alpha + 1) * log(x), (), [((1e-100, 0.01), (1e-100, 1.0, 1e100)), ((2.0, 1e3), (2.0001, 2.5))]),
}
DISCRETE = {"NegativeBinomial2Log", "Hypergeometric", "Binomial", "BinomialLogit", "BetaBinomial", "NegativeBinomial", "NegativeBinomial2", "Geometric"}


def slope(f, at):
    """The derivative by a central difference whose error, relative to the scale of the argument, is below 1e-40."""
    step = mpf(10) ** -30 * (abs(at) if at != 0 else 1)
    return (8 * (f(at + step) - f(at - step)) - (f(at + 2 * step) - f(at - 2 * step))) / (12 * step)


def rows():
    for name, (density, counts, settings) in TABLE.items():
        case = 0
        for parameters, values in settings:
            exact = [mpf(p) for p in parameters]
            for value in values:
                x = mpf(value)
                log_prob = density(x, *exact)
                slopes = []
                for i, p in enumerate(parameters):
                    known = i in counts or abs(mpf(p)) == inf
                    slopes.append(mpf(0) if known else slope(lambda t: density(x, *exact[:i], t, *exact[i + 1:]), exact[i]))
                by_value = "" if name in DISCRETE else nstr(slope(lambda t: density(t, *exact), x), 17)
                yield [name, f"m{case}", " ".join(repr(float(p)) for p in parameters), repr(float(value)), nstr(log_prob, 17), by_value,
                       " ".join(nstr(s, 17) for s in slopes)]
                case += 1


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "distributions_more.csv"), "w", newline="") as file:
        file.write("# made by tests/reference/distributions.py with mpmath at 120 digits; columns as in distributions.csv\n")
        file.write("distribution,case,parameters,value,log_prob,dlogprob_dvalue,dlogprob_dparams\n")
        csv.writer(file, lineterminator="\n").writerows(rows())
