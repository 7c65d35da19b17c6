"""Makes math.csv (values of special functions by mpmath, 40 digits, written with 17) and prints the polynomial
coefficients of src/math/gamma.rs.  Run: python3 tests/reference/math.py > coefficients.txt   (mpmath 1.3)"""
import csv
import os

from mpmath import mp, mpf, loggamma, digamma, psi, beta, log, erf, erfc, erfinv, ncdf, npdf, exp, sqrt, chebyfit, euler, besseli, quad

mp.dps = 40


def coefficients():
    # lnGamma(2 + z) / z and digamma(2 + z) on -1/2 <= z <= 1/2.
    near = lambda z: (loggamma(2 + z) / z) if abs(z) > mpf(10) ** -15 else 1 - euler + z * psi(1, 2) / 2
    for name, f, terms in [("LN_GAMMA", near, 18), ("DIGAMMA", lambda z: digamma(2 + z), 20)]:
        poly, error = chebyfit(f, [mpf(-1) / 2, mpf(1) / 2], terms, error=True)
        print(f"// {name}: largest error {mp.nstr(error, 3)}")
        for c in reversed(poly):
            print(f"    {float(c)!r},")

    # erf(x) / x in s = x^2 on 0 <= s <= 1.
    poly, error = chebyfit(lambda s: erf(sqrt(s)) / sqrt(s) if s > 0 else 2 / sqrt(mp.pi), [0, 1], 14, error=True)
    print(f"// ERF: largest error {mp.nstr(error, 3)}")
    for c in reversed(poly):
        print(f"    {float(c)!r},")
    # (1 + 2x) exp(x^2) erfc(x) as a Chebyshev series in t = (x - 3.75) / (x + 3.75).
    n = 64
    nodes = [mp.cos(mp.pi * (k + mpf(1) / 2) / n) for k in range(n)]
    values = [(1 + 2 * x) * exp(x * x) * erfc(x) for x in (3.75 * (1 + t) / (1 - t) for t in nodes)]
    print("// ERFCX")
    for j in range(27):
        c = 2 * sum(f * mp.cos(j * mp.pi * (k + mpf(1) / 2) / n) for k, f in enumerate(values)) / n
        print(f"    {float(c / 2 if j == 0 else c)!r},")


def rows():
    positive = [1e-300, 1e-8, 0.001, 0.1, 0.49, 0.5, 0.7, 0.999, 1.0, 1.001, 1.3, 1.4616321449683623, 1.49, 1.51, 1.7,
                1.9999, 2.0, 2.0001, 2.3, 2.51, 3.0, 3.7, 5.5, 7.99, 8.0, 8.01, 10.3, 30.0, 150.2, 1375.0, 1e6, 1e15, 1e100]
    for x in positive:
        yield "ln_gamma", x, 0, loggamma(mpf(x)), digamma(mpf(x))
        yield "digamma", x, 0, digamma(mpf(x)), psi(1, mpf(x))
    for a in [1e-8, 0.001, 0.5, 1.0, 2.0, 5.0, 7.5, 20.0, 300.0, 1e8]:
        for b in [0.001, 0.3, 1.0, 5.0, 12.0, 1e6]:
            # mp's beta loses nothing at 40 digits except by overflow, hence the sum of logarithms.
            mp.dps = 60
            value = loggamma(mpf(a)) + loggamma(mpf(b)) - loggamma(mpf(a) + mpf(b))
            slope = digamma(mpf(a)) - digamma(mpf(a) + mpf(b))
            mp.dps = 40
            yield "ln_beta", a, b, value, slope
    for x in [0.1, 0.5, 3.0, 9.9, 15.0, 20.0, 400.0, 5e5, 1e12]:
        x = mpf(x)
        mp.dps = 80
        value, slope = loggamma(x + 0.5) - loggamma(x) - log(x) / 2, digamma(x + 0.5) - digamma(x) - 1 / (2 * x)
        mp.dps = 40
        yield "ln_gamma_half_step", float(x), 0, value, slope
    for x in [-6.0, -2.0, -0.7, -1e-9, 0.0, 1e-300, 0.3, 1.0, 2.5, 5.0]:
        yield "erf", x, 0, erf(mpf(x)), 2 / sqrt(mp.pi) * exp(-mpf(x) ** 2)
        yield "erfc", x, 0, erfc(mpf(x)), -2 / sqrt(mp.pi) * exp(-mpf(x) ** 2)
    for x in [-1e6, -400.0, -40.0, -20.0, -12.1, -11.9, -8.0, -5.0, -2.0, -0.5, 0.0, 1.0, 4.0, 6.0, 9.0, 30.0]:
        x = mpf(x)
        upper = erfc(-x / sqrt(mpf(2))) / 2 if x < 0 else 1 - erfc(x / sqrt(mpf(2))) / 2
        yield "log_normal_cdf", float(x), 0, log(upper) if x < 6 else mp.log1p(-erfc(x / sqrt(mpf(2))) / 2), npdf(x) / upper
        if -37 < x < 8:
            yield "normal_cdf", float(x), 0, upper, npdf(x)
    for p in [1e-300, 1e-20, 1e-5, 0.02, 0.3, 0.5, 0.6, 0.975, 0.9999]:
        x = mp.findroot(lambda z: log(erfc(-z / sqrt(mpf(2))) / 2) - log(mpf(p)), -sqrt(-2 * log(mpf(p))) + 1 if p < 0.1 else 0)
        yield "normal_quantile", p, 0, x, 1 / npdf(x)
    for x in [0.0, 0.4, 2.0, 5.9, 6.1, 14.9, 15.1, 80.0, 1e5]:
        # The hazard of the normal distribution less its asymptote, and the hazard.
        mp.dps = 80
        hazard = npdf(mpf(x)) / (erfc(mpf(x) / sqrt(mpf(2))) / 2)
        value, slope = hazard - mpf(x), hazard
        mp.dps = 40
        yield "hazard_excess", x, 0, value, slope
    for x in [1e-9, -1e-9, 0.01, -0.3, -0.36, 0.49, 0.51, -0.99, 30.0]:
        yield "ln_1p_minus", x, 0, mp.log1p(mpf(x)) - mpf(x), -mpf(x) / (1 + mpf(x))
    for x in [1e-8, 0.3, 4.0, 29.9, 30.1, 500.0, 1e9]:
        mp.dps = 60
        zero, one = besseli(0, mpf(x)), besseli(1, mpf(x))
        value, slope = log(zero) - mpf(x), 1 - one / zero
        mp.dps = 40
        yield "ln_bessel_i0_scaled", x, 0, value, slope
    for x in [1e-10, 0.2, 3.0, 7.9, 8.1, 50.0, 1e6, 1e12]:
        for n in [1.0, 2.0, 17.0, 4000.0]:
            mp.dps = 80
            value, slope = loggamma(mpf(x) + n) - loggamma(mpf(x)), digamma(mpf(x) + n) - digamma(mpf(x))
            mp.dps = 40
            yield "ln_rising_factorial", x, n, value, slope
    for n, k in [(1.0, 1.0), (9.0, 4.0), (30.0, 29.0), (1000.0, 7.0), (1e6, 5e5), (1e12, 3.0), (1e12, 4e11)]:
        mp.dps = 60
        value = loggamma(mpf(n) + 1) - loggamma(mpf(k) + 1) - loggamma(mpf(n) - mpf(k) + 1)
        mp.dps = 40
        yield "ln_choose", n, k, value, mpf(0)
    for a, b in [(-1.0, 1.25), (-0.01, 0.02), (-3.0, 0.5), (0.0, 1.0), (0.5, 9.0), (6.0, 8.0), (25.0, 30.0), (40.0, 40.001),
                 (-8.0, -7.0), (-2.5, -2.4999), (1000.0, 1001.0)]:
        # ln of the integral of exp(-(t^2 - c^2)/2), c the point nearest to 0; mean of t - c.
        c = mpf(0) if a < 0 < b else (mpf(a) if a >= 0 else mpf(b))
        points = [mpf(a) + (mpf(b) - mpf(a)) * mpf(i) / 40 for i in range(41)]
        height = lambda t: exp(-(t - c) * (t + c) / 2)
        integral = quad(height, points)
        yield "normal_interval", a, b, log(integral), quad(lambda t: (t - c) * height(t), points) / integral
        yield "normal_interval_square", a, b, quad(lambda t: (t - c) * (t + c) * height(t), points) / integral, height(mpf(a)) / integral
    for x in [-800.0, -40.0, -1.0, 0.0, 1e-5, 2.0, 33.0, 710.0]:
        yield "log1p_exp", x, 0, mp.log1p(exp(mpf(x))), 1 / (1 + exp(-mpf(x)))
        yield "logistic", x, 0, 1 / (1 + exp(-mpf(x))), exp(-abs(mpf(x))) / (1 + exp(-abs(mpf(x)))) ** 2


if __name__ == "__main__":
    coefficients()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "math.csv"), "w", newline="") as file:
        file.write("# made by tests/reference/math.py with mpmath at 40 digits\nfunction,x,y,value,slope\n")
        out = csv.writer(file, lineterminator="\n")
        for function, x, y, value, slope in rows():
            out.writerow([function, repr(x), repr(y), mp.nstr(value, 17), mp.nstr(slope, 17)])
