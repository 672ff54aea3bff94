"""Means of positively homogeneous activations against quadrature over the angle and the radius."""

import mpmath
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError
from derive.expectations.homogeneous import homogeneous
from derive.expectations.values import gap_value

R = sp.Rational


def plane_mean(phi, a, q, c):
    """E phi(u1) phi(u2) for phi of degree a: Gamma for the radius, quadrature over the angle, split at the zeros."""
    t = mpmath.acos(c)
    f = lambda u: phi(mpmath.cos(u)) * phi(mpmath.cos(u - t))  # noqa: E731
    half = mpmath.pi / 2
    cuts = sorted({-half, half, t - half, t + half, 3 * half})
    total = mpmath.quad(f, [x for x in cuts if -half <= x <= 3 * half])
    return q**a * 2**a * mpmath.gamma(a + 1) * total / (2 * mpmath.pi)


CASES = [
    ("relu", lambda x: max(x, 0), 1),
    ("leaky_relu(slope=1/10)", lambda x: max(x, 0) + min(x, 0) / 10, 1),
    ("alpha_relu(alpha=79/100)", lambda x: x ** mpmath.mpf("0.79") if x > 0 else mpmath.mpf(0), mpmath.mpf("0.79")),
    ("alpha_relu(alpha=2)", lambda x: x**2 if x > 0 else mpmath.mpf(0), 2),
    ("sqrt(Abs(x))", lambda x: mpmath.sqrt(abs(x)), mpmath.mpf(1) / 2),
    ("sign(x)*x**2", lambda x: x * abs(x), 2),
    ("3*Max(0, x)**3 - 2*Max(0, -x)**3", lambda x: 3 * x**3 if x > 0 else 2 * x**3, 3),
]


@pytest.mark.parametrize(("text", "phi", "a"), CASES, ids=[c[0] for c in CASES])
@pytest.mark.parametrize("c", [R(-4, 5), R(1, 3), R(19, 20)], ids=str)
def test_covariances_agree_with_the_plane_in_polar_coordinates(text, phi, a, c):
    q = R(7, 5)
    value = dv.W(text, q, c * q)
    with mpmath.workdps(20):
        reference = plane_mean(phi, a, mpmath.mpf(7) / 5, mpmath.mpf(c.p) / c.q)
        assert abs(mpmath.mpf(str(value.evalf(20))) - reference) < abs(reference) * mpmath.mpf(10) ** -8
    assert abs(value.doit().evalf(25) - value.evalf(25)) < R(1, 10**22) * abs(value.evalf(25))
    if isinstance(value, dv.W):
        assert value.ball(20).contains(sp.Rational(str(value.evalf(90))))


@pytest.mark.parametrize(
    "text", ["relu", "alpha_relu(alpha=79/100)", "alpha_relu(alpha=5/2)", "alpha_relu(alpha=1/3)", "sqrt(Abs(x))"]
)
def test_derivatives_of_closed_forms_agree_with_those_of_the_mean(text):
    q, lam = sp.symbols("q lam", positive=True)
    mean = dv.W(text, q, lam)
    at = {q: R(7, 5), lam: R(2, 3)}
    for variable in (q, lam):
        assert abs(mean.diff(variable).subs(at).evalf(20) - mean.doit().diff(variable).subs(at).evalf(20)) < R(
            1, 10**17
        )


@pytest.mark.parametrize("alpha", [R(79, 100), R(2, 3), R(3, 2)], ids=str)
def test_slopes_have_the_gamma_function_mean(alpha):
    slope = dv.activation("alpha_relu", alpha=alpha).diff(1)
    value = dv.V(slope, R(3, 2)).evalf(25)
    with mpmath.workdps(30):
        a = mpmath.mpf(alpha.p) / alpha.q
        f = lambda t: a**2 * mpmath.exp((2 * a - 1) * t - mpmath.exp(2 * t) / 3)  # noqa: E731
        cuts = [-70 * k / (2 * a - 1) / 64 for k in range(64, 0, -1)] + [0, 0.5, 1, 1.5, 2, 3, 4]
        reference = mpmath.quad(f, cuts) / mpmath.sqrt(3 * mpmath.pi)
        assert abs(mpmath.mpf(str(value)) - reference) < mpmath.mpf(10) ** -20


def test_gaps_keep_their_digits_next_to_perfect_correlation():
    # V - W ~ E(phi'^2) (q - lam) for alpha > 1/2, up to the power 1.29 of the distance
    phi, tiny = dv.activation("alpha_relu", alpha=R(79, 100)), R(1, 10**40)
    slope = dv.V(phi.diff(1), 2).evalf(30) * 2 * tiny
    assert abs(sp.Float(gap_value(phi, 2, tiny, 25), 25) / slope - 1) < R(1, 10**10)


def test_infinite_means_are_refused():
    with pytest.raises(DomainError, match="not integrable"):
        dv.V(dv.activation("alpha_relu", alpha=R(1, 2)).diff(1), 1).evalf(10)


def test_what_is_not_homogeneous_is_not_taken_for_it():
    for text in ("hard_tanh", "tanh", "Max(0, x) + 1", "Max(0, x - 1)", "Max(0, x)**2 + x", "elu"):
        assert homogeneous(dv.activation(text)) is None
