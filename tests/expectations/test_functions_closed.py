"""Closed forms: against the literature where a form is known, against digits of another origin everywhere."""

import mpmath
import pytest
import sympy as sp

from derive.activations import activation
from derive.expectations import E, V, W
from derive.expectations.closed import closed_form

q, lam, q2 = sp.symbols("q lam q2", positive=True)


def same(left, right, **at):
    values = {q: sp.Rational(7, 3), lam: sp.Rational(4, 5), q2: sp.Rational(3, 2)}
    return abs((left - right).subs(values).evalf(30)) < sp.Float(10) ** -26


def test_known_kernels_are_found():
    """Williams 1997 (erf), Cho and Saul 2009 (step, relu), characteristic functions (sin, cos, exp)."""
    assert W("erf", q, lam).doit() == 2 * sp.asin(2 * lam / (2 * q + 1)) / sp.pi
    assert V("erf", q).doit() == 2 * sp.asin(2 * q / (2 * q + 1)) / sp.pi
    assert same(W("sign(x)", q, lam).doit(), 2 / sp.pi * sp.asin(lam / q))
    angle = sp.acos(lam / q)
    assert same(W("relu", q, lam).doit(), q / (2 * sp.pi) * (sp.sin(angle) + (sp.pi - angle) * sp.cos(angle)))
    assert same(W("sin", q, lam).doit(), sp.exp(-q) * sp.sinh(lam))
    assert same(W("cos(x)", q, lam).doit(), sp.exp(-q) * sp.cosh(lam))
    assert E("exp(x)", q).doit() == sp.exp(q / 2)
    assert V("x", q).doit() == q and same(W("x**3", q, lam).doit(), 9 * q**2 * lam + 6 * lam**3)


SINGLE = ["erf", "sin", "gelu", "relu", "leaky_relu", "elu", "hard_tanh", "exp(-x**2)", "x*exp(-x**2)", "x*erf(x)"]


@pytest.mark.parametrize("name", [*SINGLE, "alpha_relu(alpha=79/100)", "x**3 - x", "Heaviside(x)"])
def test_second_moments_agree_with_quadrature(name):
    """mpmath.quad of phi(x)^2 against the density, cut at the kinks."""
    phi = activation(name)
    found = V(phi, q).doit()
    assert not found.has(V)
    g = phi.mp()
    with mpmath.workdps(30):
        v = mpmath.mpf(7) / 3
        density = lambda u: mpmath.exp(-u * u / (2 * v)) / mpmath.sqrt(2 * mpmath.pi * v)  # noqa: E731
        expected = mpmath.quad(lambda u: mpmath.re(g(u)) ** 2 * density(u), [-18, -8, -3, -1, 0, 1, 3, 8, 18])
        value = mpmath.mpf(str(found.subs(q, sp.Rational(7, 3)).evalf(30)))
        assert abs(value - expected) < mpmath.mpf(10) ** -24 * abs(expected)


@pytest.mark.parametrize(
    "name", ["erf", "gelu", "x*erf(x)", "sin", "x*cos(x)", "exp(-x**2)", "x*exp(-x**2)", "exp(x/3)"]
)
def test_covariances_agree_with_the_mehler_sum(name):
    """W = sum_k lam^k/k! (E phi^(k))^2 with E phi^(k) = E phi(sqrt(q) z) He_k(z) q^(-k/2), by Gauss-Hermite in mpmath.

    At lam/q = 1/5 fifteen terms leave less than 5^-15 E phi^2.
    """
    phi = activation(name)
    found = W(phi, q, lam).doit()
    assert not found.has(W, V, E)
    v, covariance = mpmath.mpf(3) / 2, mpmath.mpf(3) / 10  # the terms fall off like 5^-k
    g = phi.mp()
    with mpmath.workdps(18):
        total, s = mpmath.mpf(0), mpmath.sqrt(v)
        weight = lambda z: mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)  # noqa: E731
        for k in range(15):
            coefficient = mpmath.quad(
                lambda z, k=k: g(s * z) * weight(z) * mpmath.hermite(k, z / mpmath.sqrt(2)) / mpmath.sqrt(2) ** k,
                [-14, -6, -2, 0, 2, 6, 14],
            )
            total += (covariance / v) ** k / mpmath.factorial(k) * coefficient**2
        value = mpmath.mpf(str(found.subs({q: sp.Rational(3, 2), lam: sp.Rational(3, 10)}).evalf(30)))
        assert abs(value - total) < mpmath.mpf(10) ** -10 * max(1, abs(total))


def test_two_functions():
    """E sin(u1) e^{u2} = e^{(q2 - q1)/2} sin(lam), from E e^{i u1 + u2}."""
    assert same(E("sin", "exp(x)", q, q2, lam).doit(), sp.exp((q2 - q) / 2) * sp.sin(lam))


def test_rewriting_and_unknown_forms():
    assert V("erf", q).rewrite("closed") == V("erf", q).doit()
    assert V("tanh", q).doit() == V("tanh", q) and W("tanh", q, lam).doit() == W("tanh", q, lam)
    assert closed_form(V("tanh", q)) is None
    assert V("tanh", q).rewrite(E) == E("tanh(x)**2", q)


def test_the_heat_equation_holds_for_closed_forms():
    """d/dlam of the closed W is the closed W of the derivative (Price 1958)."""
    for name in ("erf", "sin", "gelu", "relu"):
        left = sp.diff(W(name, q, lam).doit(), lam)
        assert same(left, W(activation(name).diff(), q, lam).doit())
