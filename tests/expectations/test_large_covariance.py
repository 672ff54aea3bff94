"""Expansions of W at large variance and fixed correlation: exact cases, remainder bounds, refusals.

Reference values: the two-dimensional trapezoidal rule on a grid of step 0.08 in float64, spectrally accurate for
functions analytic in a strip (relative error near 1e-13), and closed kernels from the literature.
"""

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.activations import activation
from derive.errors import InputError, UnsupportedError
from derive.expectations.asymptotic.covariance_large import covariance_remainder, covariance_terms
from derive.expectations.asymptotic.elementary import Elementary

x, c = sp.symbols("x c", real=True)
GRID = 0.08


def trapezoid(f, q, correlation):
    """E f(u1) f(u2) on a square grid of half-width 8.6 sqrt(q)."""
    n = int(8.6 * np.sqrt(q) / GRID)
    u = np.arange(-n, n + 1) * GRID
    values = f(u)
    r2 = 1 - correlation**2
    total = 0.0
    for i in range(0, len(u), 400):
        a = u[i : i + 400, None]
        density = np.exp(-(a * a - 2 * correlation * a * u[None, :] + u[None, :] ** 2) / (2 * q * r2))
        total += values[i : i + 400] @ (density @ values)
    return total * GRID**2 / (2 * np.pi * q * np.sqrt(r2))


def partial_sum(terms, q, correlation):
    return float(sp.Add(*(v * sp.Integer(q) ** e for e, v in terms.items())).subs(c, correlation).evalf(20))


FUNCTIONS = {
    "tanh(x)": np.tanh,
    "1/(1+exp(-x))": lambda u: 1 / (1 + np.exp(-u)),
    "tanh(x - 1/2)": lambda u: np.tanh(u - 0.5),
    "1 - tanh(x)**2": lambda u: 1 / np.cosh(u) ** 2,
    "tanh(x)*(1 - 2*sech(x)**2)": lambda u: np.tanh(u) * (1 - 2 / np.cosh(u) ** 2),
    "x*tanh(x)": lambda u: u * np.tanh(u),
    "x/(1+exp(-x))": lambda u: u / (1 + np.exp(-u)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_left_is_below_the_bound(name):
    phi = activation(name)
    for q in (6, 30):
        for correlation in (sp.Rational(-3, 5), sp.Rational(9, 10)):
            expected = trapezoid(FUNCTIONS[name], q, float(correlation))
            for order in (1, 2, 3):
                bound, exponent, q_min = covariance_remainder(phi, order, correlation)
                allowed = float(bound) * q ** float(exponent)
                left = abs(partial_sum(covariance_terms(phi, order, c), q, correlation) - expected)
                assert q >= q_min and exponent <= -order
                assert left <= allowed * (1 + 1e-9) + 1e-11 * max(1, abs(expected)), (q, correlation, order)


def test_tanh_remainder_is_the_first_omitted_term():
    """phi' > 0, so the series in 1/q envelops W: the bound equals the next term."""
    phi = activation("tanh")
    for order in (1, 2, 4):
        bound, exponent, _ = covariance_remainder(phi, order, c)
        following = covariance_terms(phi, order + 1, c)[exponent]
        assert sp.simplify(bound - sp.Abs(following)).subs(c, sp.Rational(2, 7)) == 0


def test_leading_terms_of_tanh():
    """(2/pi) asin c - (pi/6) c/sqrt(1-c^2) q^-1 (from int x^2 sech^2 = pi^2/6, int sech^2 = 2 by hand)."""
    terms = covariance_terms(activation("tanh"), 2, c)
    assert terms[0] == 2 * sp.asin(c) / sp.pi
    assert sp.simplify(terms[-1] + sp.pi * c / (6 * sp.sqrt(1 - c**2))) == 0
    assert set(covariance_terms(activation("tanh"), 5, c)) == {0, -1, -2, -3, -4}


def test_derivative_in_c_is_the_covariance_of_the_derivative():
    """d/dc W(phi, q, cq) = q W(phi', q, cq), term by term (Price 1958)."""
    for name in ("tanh", "erf", "x*tanh(x)"):
        phi = activation(name)
        left = covariance_terms(phi, 4, c)
        right = covariance_terms(phi.diff(), 5, c)
        for exponent, value in left.items():
            difference = sp.diff(value, c) - right.get(exponent - 1, 0)
            assert abs(difference.subs(c, sp.Rational(3, 7)).evalf(30)) < 1e-25, (name, exponent)


def test_erf_agrees_with_williams_kernel():
    """W erf = (2/pi) asin(2 c q/(1+2q)) (Williams 1997), expanded by SymPy in 1/q."""
    terms = covariance_terms(activation("erf"), 4, c)
    w = sp.Symbol("w", positive=True)
    kernel = sp.series(2 / sp.pi * sp.asin(2 * c / (w + 2)), w, 0, 4).removeO()
    for n in range(4):
        difference = (terms[-n] - kernel.coeff(w, n)).subs(c, sp.Rational(3, 5))
        assert sp.simplify(difference) == 0, n


def test_relu_gives_the_arccosine_kernel_exactly():
    """W relu = q (sqrt(1-c^2) + c (pi - acos c))/2 pi (Cho and Saul 2009); the remainder bound is 0."""
    terms = covariance_terms(activation("relu"), 6, c)
    assert list(terms) == [1]
    kernel = (sp.sqrt(1 - c**2) + c * (sp.pi - sp.acos(c))) / (2 * sp.pi)
    assert abs((terms[1] - kernel).subs(c, sp.Rational(-2, 9)).evalf(30)) < 1e-28
    assert covariance_remainder(activation("relu"), 6, c)[0] == 0


def test_step_functions_have_point_masses():
    """W sign = (2/pi) asin c exactly; hard tanh: int x^2 over (-1,1) gives the 1/q term -(2/3 pi) c/sqrt(1-c^2)."""
    assert covariance_terms(sp.sign(x), 5, c) == {0: 2 * sp.asin(c) / sp.pi}
    terms = covariance_terms(activation("hard_tanh"), 2, c)
    assert sp.simplify(terms[-1] + 2 * c / (3 * sp.pi * sp.sqrt(1 - c**2))) == 0


def test_elementary_functions_integrate_as_mpmath_says():
    """Integrals from 0 to c of c^n r^k asin^e against mpmath.quad."""
    for key in [(0, -1, 0), (0, -7, 0), (3, -5, 0), (4, -9, 0), (1, -3, 0), (0, 3, 0), (2, 1, 0), (0, 0, 1), (3, 0, 1)]:
        n, k, e = key
        found = Elementary({key: sp.Integer(1)}).integrated(sp.Rational).symbolic(c).subs(c, sp.Rational(-7, 10))
        with mpmath.workdps(25):
            end = mpmath.mpf(-7) / 10
            expected = mpmath.quad(lambda t: t**n * mpmath.sqrt(1 - t * t) ** k * mpmath.asin(t) ** e, [0, end])  # noqa: B023
            assert abs(mpmath.mpf(str(found.evalf(25))) - expected) < 1e-20, key


@pytest.mark.parametrize("name", ["arctan", "softsign", "exp(x)", "x*Heaviside(x - 1)", "softplus*0 + log(1+x**2)"])
def test_functions_outside_the_class_are_refused(name):
    """Algebraic or exponential tails, and a jump that would have to be differentiated twice."""
    phi = activation(name.replace("softplus*0 + ", ""))
    with pytest.raises(UnsupportedError):
        covariance_terms(phi, 2, c)


@pytest.mark.parametrize("bad", [1, -1, 2, sp.I, "c", "__import__('os')", 0.5, None])
def test_correlation_must_be_a_symbol_or_lie_inside(bad):
    with pytest.raises(InputError):
        covariance_terms(activation("tanh"), 2, bad)
