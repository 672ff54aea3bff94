"""Means, variances and covariances of all sorts of activations against closed forms and mpmath.quad."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp

from derive.activations import activation, registered_activations
from derive.errors import DomainError, InputError, PrecisionError, UnsupportedError
from derive.expectations.values import covariance_value, expectation_value, gap_value, variance_value
from derive.numerics import compile_mp

x = sp.Symbol("x", real=True)
TEXTS = [
    "x*tanh(log(1+exp(x)))",
    "x/sqrt(1+x**2)",
    "log(1+x**2)",
    "sinh(x)/cosh(2*x)",
    "exp(-x**2)*x",
    "tanh(3*x+1)",
    "x/tanh(x)",
    "1/(2+cosh(x))",
    "log(cosh(x))",
    "erf(x)**3",
    "sin(3*x)*tanh(x)",
    "Max(x,0)**2*exp(-x)",
    "Abs(x)*tanh(x)",
    "Piecewise((x, x < 1), (2 - x**2, x < 2), (-2, True))",
]
SMOOTH = ["sigmoid", "swish", "gelu", "softplus", "arctan", "erf", "x/sqrt(1+x**2)", "tanh(x - 1/2)"]


def quad_mean(phi, q, power):
    """E phi(sqrt(q) z)^power by mpmath.quad, cut at the kinks and at powers of 2."""
    f, s = compile_mp(phi.expr, phi.variable), mpmath.sqrt(q)
    if phi.expr.has(1 / sp.tanh(phi.variable)):
        f = lambda t: t / mpmath.tanh(t) if t else mpmath.mpf(1)  # noqa: E731 - the removable singularity
    kinks = [mpmath.mpf(str(sp.N(k, 40))) / s for k in phi.kinks]
    cuts = sorted({*(mpmath.mpf(2) ** k for k in range(-3, 5)), *(-(mpmath.mpf(2) ** k) for k in range(-3, 5)), *kinks})
    value = mpmath.quad(lambda z: f(s * z) ** power * mpmath.exp(-z * z / 2), cuts)
    return value / mpmath.sqrt(2 * mpmath.pi)


@pytest.mark.parametrize("text", [*(n for n in registered_activations() if n != "alpha_relu"), *TEXTS])
@pytest.mark.parametrize("q", [sp.Rational(1, 50), sp.Integer(1), sp.Integer(20)])
def test_mean_and_variance_agree_with_quadrature(text, q):
    phi = activation(text)
    with mp.workdps(30):
        number = mpmath.mpf(q.p) / q.q
        assert abs(variance_value(phi, q, 25) / quad_mean(phi, number, 2) - 1) < mpmath.mpf(10) ** -22
        mean = quad_mean(phi, number, 1)
        if text == "selu" and q == 1:
            with pytest.raises(PrecisionError, match="exactly zero"):
                expectation_value(phi, q, 25)
        else:
            assert abs(expectation_value(phi, q, 25) - mean) < mpmath.mpf(10) ** -22 * (1 + abs(mean))


@pytest.mark.parametrize("q", ["1e-12", "0.2", "5", "1e4", "1e8"])
@pytest.mark.parametrize("c", ["1/3", "-9/10", "0.999999"])
def test_erf_obeys_the_arcsine_laws(q, c):
    """V erf = (2/pi) asin(2q/(1+2q)), W erf = (2/pi) asin(2 lam/(1+2q))."""
    phi, q, c = activation("erf"), sp.Rational(q), sp.Rational(c)
    if q == 10**8 and c > sp.Rational(99, 100):
        q = sp.Integer(10) ** 5
    with mp.workdps(50):
        number, rho = mpmath.mpf(q.p) / q.q, mpmath.mpf(c.p) / c.q
        v = 2 / mpmath.pi * mpmath.asin(2 * number / (1 + 2 * number))
        w = 2 / mpmath.pi * mpmath.asin(2 * number * rho / (1 + 2 * number))
        assert abs(variance_value(phi, q, 40) / v - 1) < mpmath.mpf(10) ** -40
        assert abs(covariance_value(phi, q, lam=q * c, digits=40) / w - 1) < mpmath.mpf(10) ** -40


@pytest.mark.parametrize(("q", "c"), [("0.01", "0.3"), ("2", "-0.8"), ("9", "0.99999")])
def test_sine_and_polynomials_have_their_closed_forms(q, c):
    """W sin = e^-q sinh(lam), W (x^3 - x) from Isserlis: 6 lam^3 + 9 q^2 lam - 6 q lam + lam."""
    q, c = sp.Rational(q), sp.Rational(c)
    lam = q * c
    with mp.workdps(50):
        m = mpmath.mpf(lam.p) / lam.q
        expected = mpmath.exp(-mpmath.mpf(q.p) / q.q) * mpmath.sinh(m)
        assert abs(covariance_value(sp.sin(x), q, lam=lam, digits=35) / expected - 1) < mpmath.mpf(10) ** -35
        exact = 6 * lam**3 + 9 * q**2 * lam - 6 * q * lam + lam
        expected = mpmath.mpf(exact.p) / exact.q
        assert abs(covariance_value(x**3 - x, q, lam=lam, digits=35) / expected - 1) < mpmath.mpf(10) ** -35


@pytest.mark.parametrize("one_minus_c", ["0.5", "1.4", "1e-4", "1e-9"])
@pytest.mark.parametrize("q", ["1e-6", "1", "1e4"])
def test_relu_obeys_the_arccosine_kernel(q, one_minus_c):
    r"""W relu = q (sqrt(1-c^2) + (pi - acos c) c)/(2 pi); the gap to V = q/2 has all its digits."""
    phi, q, d = activation("relu"), sp.Rational(q), sp.Rational(one_minus_c)
    with mp.workdps(70):
        number, c = mpmath.mpf(q.p) / q.q, 1 - mpmath.mpf(d.p) / d.q
        w = number * (mpmath.sqrt(1 - c * c) + (mpmath.pi - mpmath.acos(c)) * c) / (2 * mpmath.pi)
        assert abs(covariance_value(phi, q, one_minus_c=d, digits=30) / w - 1) < mpmath.mpf(10) ** -30
        assert abs(gap_value(phi, q, d, 25) / (number / 2 - w) - 1) < mpmath.mpf(10) ** -25


@pytest.mark.parametrize("alpha", ["1/3", "79/100", "3/2"])
@pytest.mark.parametrize("q", ["1e-8", "2", "1e8"])
def test_alpha_relu_has_its_gamma_function(alpha, q):
    r"""V = 2^(alpha-1) Gamma(alpha + 1/2)/sqrt(pi) q^alpha (paper 000, section C.7)."""
    a, q = sp.Rational(alpha), sp.Rational(q)
    expected = sp.N(2 ** (a - 1) * sp.gamma(a + sp.Rational(1, 2)) / sp.sqrt(sp.pi) * q**a, 50)
    value = variance_value(activation("alpha_relu", alpha=a), q, 40)
    with mp.workdps(50):
        assert abs(value / mpmath.mpf(str(expected)) - 1) < mpmath.mpf(10) ** -40


@pytest.mark.parametrize("text", SMOOTH)
def test_covariance_agrees_with_mehlers_sum(text):
    """Hermite coefficients by a trapezoidal sum in mpmath: no code of ours but the compiled function."""
    phi = activation(text)
    with mp.workdps(25):
        c = mpmath.mpf(2) / 5
        f, h = compile_mp(phi.expr, phi.variable), mpmath.mpf(1) / 16
        coefficients = [mpmath.mpf(0)] * 60
        for i in range(-16 * 15, 16 * 15 + 1):
            z = i * h
            weight, before, now = h * mpmath.npdf(z) * f(z), mpmath.mpf(0), mpmath.mpf(1)
            for k in range(60):
                coefficients[k] += weight * now
                before, now = now, (z * now - mpmath.sqrt(k) * before) / mpmath.sqrt(k + 1)
        for sign in (1, -1):
            total = sum(a * a * (sign * c) ** k for k, a in enumerate(coefficients))
            value = covariance_value(phi, 1, lam=sign * sp.Rational(2, 5), digits=20)
            assert abs(value / total - 1) < mpmath.mpf(10) ** -16


def test_kinked_functions_without_closed_form_are_covered_too():
    """softsign: W by a nested mpmath sum over a fine grid away from the kink is too poor; Mehler to 8 digits is not."""
    phi = activation("softsign")
    value = covariance_value(phi, 1, lam=sp.Rational(1, 2), digits=18)
    with mp.workdps(20):
        total, odd = mpmath.mpf(0), range(1, 26, 2)
        for k in odd:
            he = mpmath.taylor(lambda t, k=k: mpmath.hermite(k, t / mpmath.sqrt(2)) / mpmath.sqrt(2) ** k, 0, k)
            a = 2 * mpmath.quad(
                lambda z, he=he: z / (1 + z) * mpmath.polyval(he[::-1], z) * mpmath.npdf(z), [0, 1, 2, 4, 8, 14]
            )
            total += a * a / mpmath.factorial(k) / 2**k
        assert abs(value - total) < mpmath.mpf(10) ** -9


def test_growth_that_beats_the_gaussian_is_an_infinite_expectation():
    for f in (sp.exp(x**2), sp.cosh(x) * sp.exp(x**2), x**2 * sp.exp(x**2 / 2)):
        assert expectation_value(f, sp.Rational(1, 3), 15) > 0
        with pytest.raises(DomainError, match="infinite"):
            expectation_value(f, 2, 15)


def test_dirac_masses_count_with_the_density():
    """E delta(X - 1) is the density at 1; relu'' is one mass at 0."""
    with mp.workdps(30):
        density = mpmath.npdf(1, 0, mpmath.sqrt(3))
        assert abs(expectation_value(x**2 * sp.DiracDelta(x - 1), 3, 25) / density - 1) < mpmath.mpf(10) ** -25
        value = expectation_value(sp.diff(x * sp.Heaviside(x), x, 2).doit(), 2, 25)
        assert abs(value - 1 / mpmath.sqrt(4 * mpmath.pi)) < mpmath.mpf(10) ** -25
        slope = mpmath.diff(lambda t: t * mpmath.exp(-t * t / 4) / mpmath.sqrt(4 * mpmath.pi), 1, 2)
        value = expectation_value(x * sp.DiracDelta(2 * x - 2, 2), 2, 25)
        assert abs(value - slope / 8) < mpmath.mpf(10) ** -20


@pytest.mark.parametrize("bad", ["-1", float("nan"), "1/0", sp.I, True, "__import__('os')", sp.Symbol("q")])
def test_a_bad_variance_is_refused(bad):
    with pytest.raises(InputError):
        variance_value(sp.tanh(x), bad, 10)


def test_bad_covariances_are_refused_by_name():
    with pytest.raises(DomainError, match="lam = 2"):
        covariance_value(sp.tanh(x), 1, lam=2)
    with pytest.raises(DomainError, match="one_minus_c = -1/10"):
        covariance_value(sp.tanh(x), 1, one_minus_c="-0.1")
    with pytest.raises(InputError, match="either"):
        covariance_value(sp.tanh(x), 1)


@pytest.mark.parametrize(
    "hostile", ["tanh(x)", "__import__('os').system('true')", b"x", "(" * 10**5, 3.5, None, object()]
)
def test_text_and_junk_in_the_place_of_a_function_are_refused(hostile):
    for call in (expectation_value, variance_value):
        with pytest.raises(InputError):
            call(hostile, 1, 10)


def test_functions_of_two_symbols_are_refused():
    with pytest.raises(InputError, match="symbols"):
        expectation_value(x * sp.Symbol("y"), 1, 10)


def test_what_no_rule_covers_says_so():
    with pytest.raises(UnsupportedError):
        variance_value(sp.zeta(2 + x**2, 3), 1, 10)


def test_no_precision_is_left_changed():
    import flint

    before = flint.ctx.prec, flint.ctx.cap, mp.prec
    variance_value(sp.tanh(x), 1, 60)
    covariance_value(sp.atan(x), 1, one_minus_c="1e-5", digits=40)
    assert (flint.ctx.prec, flint.ctx.cap, mp.prec) == before


@pytest.mark.parametrize("q", [100, 10**4, 10**8])
def test_a_function_with_logarithmic_tails_has_a_variance(q):
    """mpmath's quadrature in a variable that follows the logarithm is the independent value."""
    with mpmath.workdps(30):
        density = lambda x: mpmath.exp(-x * x / (2 * q)) / mpmath.sqrt(2 * mpmath.pi * q)  # noqa: E731
        root = mpmath.sqrt(q)
        cuts = [0, 1, *[root * mpmath.mpf(2) ** k for k in range(-12, 5) if root * 2.0**k > 1]]
        expected = 2 * mpmath.quad(lambda x: mpmath.asinh(x) ** 2 * density(x), cuts)
        assert abs(variance_value(sp.asinh(sp.Symbol("x", real=True)), q, digits=20) / expected - 1) < 1e-18


def _panels(ends, count=24):
    """Points and weights of composite Gauss-Legendre quadrature in float64."""
    u, w = np.polynomial.legendre.leggauss(count)
    ends = np.asarray(ends, dtype=float)
    middle, half = (ends[1:] + ends[:-1]) / 2, np.diff(ends) / 2
    return (middle[:, None] + half[:, None] * u).ravel(), (half[:, None] * w).ravel()


def _arctan_gap(q, gap):
    """V - W of arctan from arctan(u) = integral of sin(a u) e^-a/a: a double integral of sinh, in polar coordinates."""
    theta, wt = _panels(np.pi / 4 * (1 - np.append(np.geomspace(1, 1e-7, 30), 0)))
    total = 0.0
    for angle, weight in zip(theta, wt, strict=True):
        half, sides = np.sin(2 * angle) / 2, np.sin(angle) + np.cos(angle)
        r, wr = _panels(np.append(0, np.geomspace(1e-3, 12 * np.sqrt(q) + 40, 60)))
        # sinh(a) - sinh(c a) = 2 cosh((1 + c) a/2) sinh((1 - c) a/2), the exponentials taken together
        grown = np.exp(r * r * (half - 0.5) - r * sides / np.sqrt(q))
        both = (1 + np.exp(-(2 - gap) * r * r * half)) * -np.expm1(-gap * r * r * half) / 2
        total += weight * np.sum(wr * grown * both / (r * half))
    return 2 * total


@pytest.mark.parametrize(("q", "one_minus_c"), [(10**4, "0.7"), (10**8, "0.7"), (10**8, "0.01"), (10**6, "1e-6")])
def test_gap_of_arctan_under_wide_gaussians(q, one_minus_c):
    found = gap_value(sp.atan(x), q, one_minus_c, digits=20)
    assert float(found) == pytest.approx(_arctan_gap(q, float(one_minus_c)), rel=1e-9)


def _softsign_gap(q, v):
    """(f(s + d) - f(s - d))^2/2 with s and d independent, split where an argument meets the kink."""
    wide, narrow = np.sqrt(q - v / 2), np.sqrt(v / 2)
    d, wd = _panels(narrow * np.append(0, np.geomspace(1e-6, 12, 30)))
    total = 0.0
    for step, weight in zip(d, wd, strict=True):
        away = np.geomspace(step * 1e-3, 12 * wide + step, 40)
        s, ws = _panels([0, *(step - away[away < step])[::-1], step, *(step + away)])
        f = lambda u: u / (1 + np.abs(u))  # noqa: E731
        density = np.exp(-s * s / (2 * wide**2) - step**2 / (2 * narrow**2)) / (2 * np.pi * wide * narrow)
        total += weight * np.sum(ws * density * (f(s + step) - f(s - step)) ** 2)
    return 2 * total


@pytest.mark.parametrize(
    ("q", "one_minus_c"), [(1, "0.001"), (1, "1e-9"), (100, "1e-6"), ("1e-6", "1e-4"), (10**8, "0.1")]
)
def test_gap_of_a_function_with_a_kink_of_any_kind(q, one_minus_c):
    expected = _softsign_gap(float(q), float(one_minus_c) * float(q))
    found = gap_value(x / (1 + sp.Abs(x)), q, one_minus_c, digits=20)
    assert float(found) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("text", "correlations"),
    [
        ("sqrt(abs(x)) + tanh(x)", ["0.3"]),
        ("Max(x, x**2/2)", ["0.3", "-0.6", "0.999"]),
        pytest.param("sign(x)*log(1+sqrt(abs(x)))", ["0.3", "-0.6", "0.999"], marks=pytest.mark.slow),
    ],
)
def test_covariances_from_panels_agree_with_the_gap_from_panels(text, correlations):
    """W + (V - W) = V, with V from rigorous integration in one variable."""
    f = activation(text)
    whole = variance_value(f, 2, digits=20)
    for c in map(sp.Rational, correlations):
        parts = covariance_value(f, 2, lam=2 * c, digits=20) + gap_value(f, 2, 1 - c, digits=20)
        assert abs(parts / whole - 1) < 1e-18


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("Max(-1, Min(x, 1))", lambda: mpmath.erf(1 / mpmath.sqrt(2))),
        ("Max(x - sqrt(2), 0)", lambda: mpmath.erfc(1) / 2),
    ],
    ids=["hard tanh", "shifted ReLU"],
)
def test_gap_at_correlations_that_no_float_tells_from_one(text, slope):
    """(V - W)/(q - lam) tends to E phi'^2, with corrections of order sqrt(q - lam)."""
    gap = sp.Rational(1, 10**30)
    found = gap_value(activation(text), 1, gap, digits=20) / mpmath.mpf("1e-30")
    assert abs(found / slope() - 1) < 1e-14
