"""Makes intervals.csv: log probabilities of intervals and their derivatives by the parameters.

mpmath with 60 digits; the parameters and ends are exact doubles; derivatives are mpmath's own differences at that precision.
"""

from mpmath import atan, diff, erfc, exp, fac, fsum, gamma, gammainc, inf, log, mp, mpf, pi, sqrt

mp.dps = 60


def normal(z):
    return erfc(-z / sqrt(2)) / 2


def of(cdf, survival):
    """The mass between two points by the tail that is smaller."""

    def mass(p, low, high):
        if low != -inf and survival(p, low) < mpf(1) / 2:
            return survival(p, low) - (survival(p, high) if high != inf else 0)
        return (cdf(p, high) if high != inf else 1) - (cdf(p, low) if low != -inf else 0)

    return mass


def positive(cdf, survival):
    """The same for values above 0."""
    return of(lambda p, x: cdf(p, x) if x > 0 else mpf(0), lambda p, x: survival(p, x) if x > 0 else mpf(1))


def counts(pmf):
    def mass(p, low, high):
        if high == inf:
            if low <= 200:
                return 1 - fsum(pmf(p, k) for k in range(int(low)))
            return fsum(pmf(p, k) for k in range(int(low), int(low) + 4000))
        return fsum(pmf(p, k) for k in range(max(0, int(low)) if low != -inf else 0, int(high) + 1))

    return mass


FAMILIES = {
    "Normal": of(lambda p, x: normal((x - p[0]) / p[1]), lambda p, x: normal((p[0] - x) / p[1])),
    "HalfNormal": positive(lambda p, x: 1 - erfc(x / p[0] / sqrt(2)), lambda p, x: erfc(x / p[0] / sqrt(2))),
    "LogNormal": positive(lambda p, x: normal((log(x) - p[0]) / p[1]), lambda p, x: normal((p[0] - log(x)) / p[1])),
    "Exponential": positive(lambda p, x: 1 - exp(-p[0] * x), lambda p, x: exp(-p[0] * x)),
    "Gamma": positive(
        lambda p, x: gammainc(p[0], 0, p[1] * x) / gamma(p[0]), lambda p, x: gammainc(p[0], p[1] * x, inf) / gamma(p[0])
    ),
    "InverseGamma": positive(
        lambda p, x: gammainc(p[0], p[1] / x, inf) / gamma(p[0]), lambda p, x: gammainc(p[0], 0, p[1] / x) / gamma(p[0])
    ),
    "Cauchy": of(
        lambda p, x: mpf(1) / 2 + atan((x - p[0]) / p[1]) / pi, lambda p, x: mpf(1) / 2 - atan((x - p[0]) / p[1]) / pi
    ),
    "HalfCauchy": positive(lambda p, x: 2 / pi * atan(x / p[0]), lambda p, x: 1 - 2 / pi * atan(x / p[0])),
    "Uniform": of(lambda p, x: (x - p[0]) / (p[1] - p[0]), lambda p, x: (p[1] - x) / (p[1] - p[0])),
    "Weibull": positive(lambda p, x: 1 - exp(-((x / p[1]) ** p[0])), lambda p, x: exp(-((x / p[1]) ** p[0]))),
    "Logistic": of(
        lambda p, x: 1 / (1 + exp(-(x - p[0]) / p[1])), lambda p, x: 1 / (1 + exp((x - p[0]) / p[1]))
    ),
    "Laplace": of(
        lambda p, x: exp((x - p[0]) / p[1]) / 2 if x < p[0] else 1 - exp(-(x - p[0]) / p[1]) / 2,
        lambda p, x: 1 - exp((x - p[0]) / p[1]) / 2 if x < p[0] else exp(-(x - p[0]) / p[1]) / 2,
    ),
    "Gumbel": of(lambda p, x: exp(-exp(-(x - p[0]) / p[1])), lambda p, x: 1 - exp(-exp(-(x - p[0]) / p[1]))),
    "Pareto": of(
        lambda p, x: 1 - (p[0] / x) ** p[1] if x > p[0] else mpf(0), lambda p, x: (p[0] / x) ** p[1] if x > p[0] else mpf(1)
    ),
    "LogUniform": of(lambda p, x: log(x / p[0]) / log(p[1] / p[0]), lambda p, x: log(p[1] / x) / log(p[1] / p[0])),
    "Geometric": counts(lambda p, k: p[0] * (1 - p[0]) ** k),
    "NegativeBinomial": counts(lambda p, k: gamma(k + p[0]) / gamma(p[0]) / fac(k) * p[1] ** p[0] * (1 - p[1]) ** k),
    "Poisson": counts(lambda p, k: exp(k * log(p[0]) - p[0]) / fac(k)),
    "PoissonLog": counts(lambda p, k: exp(k * p[0] - exp(p[0])) / fac(k)),
}

ROWS = [
    ("Normal", [0.0, 1.0], [(-inf, 0.5), (-inf, -30.0), (1.25, inf), (20.0, inf), (-1.0, 2.0), (6.0, 8.0), (-3.0, -2.5), (0.5, 0.5625),
                            (0.5, 0.500000001), (-25.0, -24.99), (3.0, 3.0000001), (-9.0, 9.0)]),
    ("Normal", [0.3, 5.0], [(0.25, 0.35), (-inf, 100.0), (-12.5, 40.0), (150.0, 151.0)]),
    ("HalfNormal", [2.0], [(-inf, 0.001), (0.0, 3.0), (-1.0, 3.0), (1.5, inf), (60.0, inf), (0.25, 0.2500001), (12.0, 12.5)]),
    ("LogNormal", [0.5, 0.75], [(-inf, 0.01), (0.0, 1.0), (2.0, 3.0), (500.0, inf), (1.0, 1.0000001), (40.0, 80.0)]),
    ("Exponential", [1.5], [(-inf, 1e-9), (0.0, 2.0), (300.0, inf), (1.0, 1.5), (1.0, 1.00000001), (-2.0, 0.5)]),
    ("Gamma", [0.05, 1.0], [(-inf, 1e-10), (1e-10, 1e-8), (1.0, inf), (0.5, 30.0)]),
    ("Gamma", [2.5, 0.75], [(-inf, 0.001), (0.0, 2.0), (1.0, 4.0), (3.0, inf), (90.0, inf), (2.0, 2.000001), (50.0, 60.0)]),
    ("Gamma", [400.0, 2.0], [(-inf, 100.0), (195.0, 205.0), (-inf, 201.0), (300.0, inf), (199.0, 199.001), (201.0, inf)]),
    ("InverseGamma", [2.5, 1.5], [(-inf, 0.1), (0.5, 2.0), (20.0, inf), (1.0, 1.000001), (0.0, 0.75)]),
    ("Cauchy", [0.5, 2.0], [(-inf, -1e6), (-inf, 1.0), (1e8, inf), (-1.0, 3.0), (1.0, 1.00000001), (40.0, 50.0)]),
    ("HalfCauchy", [2.0], [(-inf, 1e-6), (1.0, 3.0), (1e7, inf), (1.0, 1.00000001), (0.0, 5.0)]),
    ("Uniform", [-1.0, 3.0], [(-inf, 0.0), (0.5, 1.0), (2.5, inf), (0.5, 0.50000001)]),
    ("Poisson", [4.0], [(-inf, 2.0), (0.0, 0.0), (1.0, inf), (3.0, 5.0), (40.0, inf), (60.0, 70.0), (-inf, 30.0)]),
    ("Poisson", [0.001], [(1.0, inf), (2.0, inf), (-inf, 3.0)]),
    ("Poisson", [900.0], [(-inf, 700.0), (850.0, 950.0), (1100.0, inf), (150.0, inf)]),
    ("Weibull", [1.5, 2.0], [(-inf, 1e-6), (0.0, 2.0), (1.0, 3.0), (30.0, inf), (2.0, 2.0000001), (12.0, 13.0)]),
    ("Weibull", [0.5, 2.0], [(-inf, 1e-6), (1.0, 3.0), (2000.0, inf)]),
    ("Logistic", [0.5, 2.0], [(-inf, -50.0), (-1.0, 3.0), (60.0, inf), (1.0, 1.0000001), (30.0, 34.0)]),
    ("Laplace", [0.5, 2.0], [(-inf, -50.0), (-1.0, 3.0), (60.0, inf), (1.0, 1.0625), (30.0, 34.0), (0.25, 0.75)]),
    ("Gumbel", [0.5, 2.0], [(-inf, -5.0), (-1.0, 3.0), (60.0, inf), (1.0, 1.0000001), (30.0, 34.0), (-inf, 40.0)]),
    ("Pareto", [0.5, 2.0], [(-inf, 0.5000001), (0.25, 3.0), (1e5, inf), (1.0, 1.0000001), (30.0, 34.0)]),
    ("LogUniform", [0.5, 2.0], [(-inf, 0.75), (1.0, 1.5), (1.75, inf), (1.0, 1.0000001)]),
    ("Geometric", [0.3], [(-inf, 2.0), (1.0, inf), (3.0, 5.0), (40.0, inf), (2.0, 2.0)]),
    ("NegativeBinomial", [2.5, 0.3], [(-inf, 2.0), (1.0, inf), (3.0, 5.0), (80.0, inf), (2.0, 2.0)]),
    ("PoissonLog", [1.5], [(-inf, 2.0), (1.0, inf), (3.0, 5.0), (40.0, inf)]),
]


def number(x):
    return "-inf" if x == -inf else "inf" if x == inf else mp.nstr(mpf(x), 20, min_fixed=0, max_fixed=0)


print("# log P(low <= X <= high), and its derivatives by the parameters; made by intervals.py")
print("family,parameters,low,high,log_prob,slopes")
for family, parameters, intervals in ROWS:
    mass = FAMILIES[family]
    for low, high in intervals:
        p = [mpf(x) for x in parameters]
        ends = (low if low in (-inf, inf) else mpf(low), high if high in (-inf, inf) else mpf(high))
        value = log(mass(p, *ends))
        slopes = []
        for i in range(len(p)):
            moved = lambda x: log(mass(p[:i] + [x] + p[i + 1 :], *ends))
            slopes.append(diff(moved, p[i]))
        texts = [family, " ".join(repr(x) for x in parameters), repr(float(low)), repr(float(high)), number(value)]
        print(",".join(texts + [" ".join(number(s) for s in slopes)]))
