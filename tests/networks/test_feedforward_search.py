"""The bounds behind the proved search for fixed lengths, against numerical derivatives and integrals."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.activations import activation
from derive.errors import PrecisionError
from derive.networks import FeedForward
from derive.networks.feedforward.ends import concave_near_zero, far_end, settled_near_zero
from derive.networks.feedforward.isolate import curvature_constant, slope_constant
from derive.networks.feedforward.lengths import LengthMap, all_lengths
from derive.networks.feedforward.values import read_layer


def second_moment(f, q):
    z = np.linspace(-12, 12, 24001)
    weight = np.exp(-z * z / 2)
    return float((f(np.sqrt(q) * z) ** 2) @ weight / weight.sum())


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 20), st.floats(0.2, 3), st.floats(-2, 2))
def test_derivatives_by_the_logarithm_of_q_are_bounded_by_the_value_at_twice_the_variance(q, scale, shift):
    """A bump at any place: nothing is assumed of phi."""
    f = lambda x: np.exp(-((x / scale - shift) ** 2))  # noqa: E731
    h = 1e-3
    left, here, right = (second_moment(f, q * np.exp(k * h)) for k in (-1, 0, 1))
    double = second_moment(f, 2 * q)
    assert abs(right - left) / (2 * h) <= float(slope_constant()) * double * 1.001
    assert abs(right - 2 * here + left) / h**2 <= float(curvature_constant()) * double * 1.001


def test_the_constants_are_the_maxima_of_their_functions():
    y = np.linspace(0, 60, 600001)
    weight = np.sqrt(2) * np.exp(-y / 4)
    assert abs(np.max(np.abs(y * y - 4 * y + 1) / 4 * weight) - float(curvature_constant())) < 1e-8
    assert abs(np.max(np.abs(y - 1) / 2 * weight) - float(slope_constant())) < 1e-8


@pytest.mark.parametrize("phi", ["tanh", "gelu", "sin"])
def test_the_length_map_bends_one_way_where_that_is_claimed(phi):
    sign, reach = concave_near_zero(activation(phi))
    f = activation(phi)
    x = sp.Symbol("x")
    function = sp.lambdify(x, f.expr.xreplace({f.variable: x}), ["scipy", "numpy"])
    grid = np.linspace(0, float(reach), 9)[1:]
    values = [0.0, *(second_moment(function, q) for q in grid)]
    bends = np.diff(values, 2)
    assert np.all(np.sign(bends) == sign)


@pytest.mark.parametrize("phi", ["tanh", "softsign", "arctan", "gelu", "softplus", "elu"])
def test_lengths_fall_beyond_the_far_end(phi):
    f = activation(phi)
    x = sp.Symbol("x")
    function = sp.lambdify(x, f.expr.xreplace({f.variable: x}), ["scipy", "numpy"])
    far = far_end(f, sp.Rational(3, 2), sp.Rational(1, 10))
    assert far.proved
    assert far.sign == -1
    start = float(far.q.mid())
    for factor in (1, 3, 50):
        assert 1.5 * second_moment(function, start * factor) + 0.1 < start * factor


def test_no_length_is_fixed_below_the_near_end():
    from flint import arb, ctx

    from derive.expectations.balls import variance_ball

    phi = activation("softsign")
    with ctx.workprec(80):
        near = settled_near_zero(phi, arb(3), lambda q: variance_ball(phi, q, 64))
    for k in range(1, 12):
        q = float(near.mid()) / 2**k
        with mpmath.workdps(20):
            mean = 2 * mpmath.quad(
                lambda z, q=q: (mpmath.sqrt(q) * z / (1 + mpmath.sqrt(q) * z)) ** 2 * mpmath.npdf(z), [0, 1, 3, 12]
            )
        assert 3 * mean > q


def test_merging_fixed_points_raise_an_error():
    """x^2 at sigma_w2 = 1: q = 3 q^2 + b has a double root at b = 1/12."""
    with pytest.raises(PrecisionError, match="merge"):
        FeedForward("x**2").fixed_points(sigma_w2=1, sigma_b2=sp.Rational(1, 12))
    points = FeedForward("x**2").fixed_points(
        sigma_w2=1, sigma_b2=sp.Rational(1, 12) - sp.Rational(1, 10**9), digits=12
    )
    with mpmath.workdps(30):
        b = mpmath.mpf(1) / 12 - mpmath.mpf(10) ** -9
        exact = (1 - mpmath.sqrt(1 - 12 * b)) / 6
    assert abs(points[0].q - exact) < 1e-12


@pytest.mark.parametrize("text", ["__import__('os').getcwd()", "x.__class__", "lambda x: x", "exec('1')"])
def test_hostile_text_is_refused(text):
    from derive.errors import InputError

    with pytest.raises(InputError):
        FeedForward(text)
    with pytest.raises(InputError):
        FeedForward("tanh").fixed_points(sigma_w2=text, sigma_b2=0)
    with pytest.raises(InputError):
        FeedForward("tanh", text)


@pytest.mark.parametrize("gain", [1, 2, "1/2", 4])
def test_roots_at_round_numbers_are_found(gain):
    """sign: V = 1, so q* = gain; the roots lie where a regular grid would have its points."""
    from flint import arb

    from derive.networks.feedforward.lengths import LengthMap, all_lengths
    from derive.networks.feedforward.values import read_layer

    length = LengthMap(activation("sign(x)"), read_layer(sp.Integer(1), {"sigma_w2": gain, "sigma_b2": 0}))
    (bracket,) = all_lengths(length).brackets
    assert bracket.low < arb(float(sp.Rational(gain))) < bracket.high
    assert abs(length.root(bracket, 20) - float(sp.Rational(gain))) < 1e-18


def _second_moment(f, q):
    """E f(sqrt(q) z)^2 by mpmath.quad in the logarithm of z, both signs."""
    r = mpmath.sqrt(q)
    inner = lambda t: (f(r * mpmath.exp(t)) ** 2 + f(-r * mpmath.exp(t)) ** 2) * mpmath.npdf(mpmath.exp(t))  # noqa: E731
    return mpmath.quad(lambda t: inner(t) * mpmath.exp(t), [-60, -20, -10, -6, -4, -2, -1, 0, 1, 2, 3])


@pytest.mark.parametrize(
    ("phi", "f", "sigma_w2", "sigma_b2"),
    [
        ("x/(1+x**2)", lambda x: x / (1 + x**2), 20, 0),
        ("log(1+x**2)", lambda x: mpmath.log1p(x**2), "3/2", "1/10"),
        ("x/(1+abs(x))**2", lambda x: x / (1 + abs(x)) ** 2, 1000, "1/1000"),
        ("x**2/(1+x**2)", lambda x: x**2 / (1 + x**2), 2, 10**8),
        ("log(cosh(x))", lambda x: abs(x) - mpmath.log(2) + mpmath.log1p(mpmath.exp(-2 * abs(x))), "1/2", 10**8),
    ],
    ids=["rational, odd", "logarithm", "rational with a kink", "saturating", "log cosh far out"],
)
def test_slow_tails_have_a_proved_end(phi, f, sigma_w2, sigma_b2):
    """The list of lengths is complete, and each is reproduced by one layer, V by quadrature."""
    found = FeedForward(phi).fixed_points(digits=12, sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    assert found.complete and found.reason == ""
    q = mpmath.mpf(found[-1].q)
    image = mpmath.mpf(sp.Rational(sigma_w2)) * _second_moment(f, q) + mpmath.mpf(sp.Rational(sigma_b2))
    assert abs(image / q - 1) < 1e-10


def test_a_bounded_activation_has_a_fixed_point_at_any_gain():
    """x^2/(1 + x^2) at A = 10^4: lengths grow from 10^-6 by 10^4 and more in a layer, but stay below A."""
    length = LengthMap(activation("x**2/(1+x**2)"), read_layer(sp.Integer(1), {"sigma_w2": 10**4, "sigma_b2": "1e-3"}))
    roots = all_lengths(length)
    assert roots.proved and not roots.grows
    q = length.root(roots.brackets[-1], 12)
    assert abs(10**4 * _second_moment(lambda x: x**2 / (1 + x**2), q) + mpmath.mpf("0.001") - q) < 1e-7
