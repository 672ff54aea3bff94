"""The smallest critical weight variance of an activation, against closed forms, dense scans and mpmath quadrature."""

import mpmath
import pytest
import sympy as sp
from flint import arb

import derive as dv
from derive.activations import activation
from derive.errors import CertificationError, DomainError, InputError
from derive.networks.critical.means import Moments
from derive.networks.critical.minimum import minimal_critical_weight_variance
from derive.networks.critical.unique import prove_unique_variance


def sigmoid_means(q):
    """V, D of the sigmoid by mpmath's quadrature, no code of the package."""
    r = mpmath.sqrt(q)
    s = lambda z: 1 / (1 + mpmath.exp(-r * z))  # noqa: E731
    grid = [-12, -6, -2, -0.5, 0, 0.5, 2, 6, 12]
    V = mpmath.quad(lambda z: s(z) ** 2 * mpmath.npdf(z), grid)
    D = mpmath.quad(lambda z: (s(z) * s(-z)) ** 2 * mpmath.npdf(z), grid)
    return V, D


def test_sharp_constant_of_the_sigmoid_against_quadrature():
    """mpmath finds the root of q D = V by quadrature; the two constants agree to 25 digits."""
    found = minimal_critical_weight_variance("sigmoid", digits=30)
    with mpmath.workdps(32):
        q = mpmath.findroot(lambda q: q * sigmoid_means(q)[1] - sigmoid_means(q)[0], (45, 46), solver="anderson")
        assert abs(q - mpmath.mpf(found.q)) < mpmath.mpf(10) ** -25
        assert abs(1 / sigmoid_means(q)[1] - mpmath.mpf(found.sigma_w2)) < mpmath.mpf(10) ** -24
    assert found.place == "boundary" and found.sigma_b2 == 0 and found.attained


def test_sigmoid_bound_as_a_ball():
    found = minimal_critical_weight_variance("sigmoid", digits=40, certified=True)
    assert found.sigma_w2 > 100
    assert found.sigma_w2 < "103.0076" and found.sigma_w2.digits >= 40
    assert all(c.evidence for c in found.conditions) and len(found.conditions) == 4


def test_sigmoid_is_tanh_with_rescaled_variances():
    """sigmoid(x) = (1 + tanh(x/2))/2, so sigma_w2 is 16 times, q 4 times that of 1 + tanh."""
    ours, tanh = (minimal_critical_weight_variance(p, digits=25) for p in ("sigmoid", "1 + tanh(x)"))
    assert abs(ours.sigma_w2 - 16 * tanh.sigma_w2) < 1e-21 and abs(ours.q - 4 * tanh.q) < 1e-21


def test_gaussian_bump_in_closed_form():
    """V = (1+4q)^(-1/2), D = 4q (1+4q)^(-3/2) by hand: 4q^2 = 1 + 4q, sigma_w2 = (3 + 2 sqrt 2)/2."""
    found = minimal_critical_weight_variance("exp(-x**2)", digits=30)
    assert abs(found.sigma_w2 - (3 + 2 * sp.sqrt(2)).evalf(40) / 2) < 1e-28
    assert abs(found.q - (1 + sp.sqrt(2)).evalf(40) / 2) < 1e-28 and found.place == "boundary"


@pytest.mark.parametrize(
    ("phi", "slope_at_zero"),
    [("tanh", 1), ("erf", 2 / sp.sqrt(sp.pi)), ("softsign", 1), ("sin", 1), ("elu", 1), ("x + tanh(x)", 2)],
)
def test_activations_steepest_at_zero_have_the_corner(phi, slope_at_zero):
    """phi(0) = 0 and |phi'| largest at 0: sigma_w2 = 1/phi'(0)^2 at q = 0 (the pointwise argument)."""
    found = minimal_critical_weight_variance(phi)
    assert found.place == "corner" and found.q == 0 and sp.simplify(found.sigma_w2 - 1 / slope_at_zero**2) == 0


@pytest.mark.parametrize(("phi", "value"), [("relu", 2), ("x", 1), ("leaky_relu", sp.Rational(20000, 10001))])
def test_homogeneous_activations_are_critical_at_one_weight_variance(phi, value):
    found = minimal_critical_weight_variance(phi)
    assert found.place == "everywhere" and found.q is None and found.sigma_w2 == value


def test_hard_tanh_corner_by_comparing_steps():
    assert minimal_critical_weight_variance("hard_tanh").place == "corner"


def test_infimum_at_infinity_is_not_attained():
    """D of x - tanh(x)/2 rises to 1 from below, F > 0 far out."""
    found = minimal_critical_weight_variance("x - tanh(x)/2")
    assert found.place == "infinity" and found.sigma_w2 == 1 and not found.attained and found.sigma_b2 is None


@pytest.mark.parametrize("phi", ["swish", "tanh(x)**3", "tanh(x) + 1/2"])
def test_minimum_against_a_dense_scan(phi):
    """No critical point of a fine grid of q (float64 trapezoid) is lower, and one comes close."""
    import numpy as np

    f = activation(phi)
    found = minimal_critical_weight_variance(phi, digits=15)
    x = f.variable
    value, slope = (sp.lambdify(x, e, "numpy") for e in (f.expr, f.diff(1).expr))
    z = np.linspace(-10, 10, 8001)
    weight = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    best = np.inf
    for q in np.exp(np.linspace(-8, 6, 1500)):
        u = np.sqrt(q) * z
        V, D = (weight * value(u) ** 2).sum(), (weight * slope(u) ** 2).sum()
        if q - V / D >= 0:
            best = min(best, 1 / D)
    assert float(found.sigma_w2) * (1 - 1e-9) <= best <= float(found.sigma_w2) * 1.01


def test_critical_set_can_be_empty():
    with pytest.raises(DomainError, match="no critical network"):
        minimal_critical_weight_variance("x + 1")


@pytest.mark.parametrize(
    ("phi", "error"),
    [
        ("3", DomainError),
        ("Heaviside(x)", DomainError),
        ("x**3", CertificationError),
        ("alpha_relu(alpha=3/4)", DomainError),
        ("__import__('os')", InputError),
    ],
)
def test_what_cannot_be_done_is_refused(phi, error):
    with pytest.raises(error):
        minimal_critical_weight_variance(phi)


@pytest.mark.parametrize("digits", [0, -3, 2.5, float("nan"), True])
def test_bad_digits_are_refused(digits):
    with pytest.raises(InputError):
        minimal_critical_weight_variance("sigmoid", digits=digits)


@pytest.mark.parametrize("phi", ["sigmoid", "softsign", "exp(-x**2)"])
@pytest.mark.parametrize("which", ["D", "V"])
def test_moments_over_an_interval_contain_those_inside(phi, which):
    """expectation_ball at 7 inner points against the bounds from the two ends."""
    moments = Moments(activation(phi))
    a, b = arb(3), arb(5)
    for k in range(3):
        ball = moments.over(which, k, (a, b), 64)
        for i in range(1, 8):
            assert ball.contains(moments.at(which, k, (3 + arb(i) / 4).mid(), 64))


@pytest.mark.parametrize("name", ["D", "R", "F"])
@pytest.mark.parametrize("order", [0, 1])
def test_derivatives_in_log_q_against_differences(name, order):
    """Central differences with step 2^-20 in log q."""
    moments, q, h = Moments(activation("sigmoid")), arb(3), arb(2) ** -20
    up, down = ((q * x.exp()).mid() for x in (h, -h))
    difference = (moments.value(name, order, up, 160) - moments.value(name, order, down, 160)) / (2 * h)
    assert abs(difference - moments.value(name, order + 1, q, 160)) < 1e-11


def test_enclosures_over_boxes_are_narrow_and_contain_values():
    moments = Moments(activation("sigmoid"))
    box = (arb(40), arb("40.5").mid())
    for name in "DF":
        ball = moments.enclose(name, 0, box, 64)
        assert ball.contains(moments.value(name, 0, arb("40.25").mid(), 64)) and ball.rad() < 3e-4


@pytest.mark.parametrize("phi", ["sigmoid", "exp(-x**2)", "tanh(x) + 1/2", "tanh", "erf"])
def test_variance_is_unique(phi):
    proof = prove_unique_variance(phi)
    assert len(proof.conditions) == 3 and "boxes" in proof.report()


def test_unique_variance_refuses_a_case_with_two_solutions():
    """1 + x^2: V = 1 + 2q + 3q^2, V/q has a minimum, and q = sw2 V has two solutions for small sw2."""
    with pytest.raises(CertificationError):
        prove_unique_variance("1 + x**2")


@pytest.mark.parametrize(("phi", "word"), [("gelu", "increases"), ("x**2", "increases"), ("softsign", "could not")])
def test_unique_variance_judges_what_vanishes_at_zero(phi, word):
    """V = q/4 + 3 q^2/(2 pi) + ... for GELU, from its Taylor coefficients: V/q rises; softsign has a kink at 0."""
    with pytest.raises(CertificationError, match=word):
        prove_unique_variance(phi)


def test_names_are_public():
    assert dv.minimal_critical_weight_variance is minimal_critical_weight_variance
    assert dv.prove_unique_variance is prove_unique_variance
    assert "min" in dv.minimal_critical_weight_variance("relu")._repr_latex_()
