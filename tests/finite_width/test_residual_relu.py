"""Moments and bounds of residual ReLU nets against enumeration, direct integrals and simulation."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError, UnsupportedError

SCALES = ["1/2", "1/4", "1/3"]


def test_mean_equals_enumeration_of_all_signs():
    """One and two modules with one hidden layer and signs for weights: E M_L as a fraction, by enumeration."""
    net = dv.ResidualReLU(["1/2", "1/3"], 2, "linear", hidden=[2], weights="rademacher", input=[1, 3])
    states = {(Fraction(1), Fraction(3)): Fraction(1)}
    for eta, modules in ((Fraction(1, 2), 1), (Fraction(1, 3), 2)):
        following: dict = {}
        for x, p in states.items():
            for s in product((1, -1), repeat=8):
                h = [max(Fraction(0), s[0] * x[0] + s[1] * x[1]), max(Fraction(0), s[2] * x[0] + s[3] * x[1])]
                y = (x[0] + eta * (s[4] * h[0] + s[5] * h[1]), x[1] + eta * (s[6] * h[0] + s[7] * h[1]))
                following[y] = following.get(y, 0) + p / 256
        states = following
        expected = sum(p * (x[0] ** 2 + x[1] ** 2) for x, p in states.items())
        assert net.moment(1, modules) == sp.Rational(expected.numerator, expected.denominator)


def test_second_moment_of_a_linear_module_by_hand():
    """One module N(x) = W x in n dimensions with variance v: E (1 + 2 t + t^2 s)^2 expanded by hand."""
    n, eta = 5, sp.Rational(1, 3)
    v = eta**2 * sp.Rational(2, n)  # variance of eta W x at |x| = 1
    expected = 1 + 4 * v + 2 * n * v + n * (n + 2) * v**2
    net = dv.ResidualReLU([eta], n, "linear", input=[1, 0, 0, 0, 0])
    assert net.moment(2) == expected


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_simulated_linear_modules_have_these_moments(depth):
    """Moments 1 and 2 and the empirical variance within 4.5 standard errors of 60000 real nets."""
    net = dv.ResidualReLU(SCALES, 8, "linear", module_depth=depth)
    lengths = dv.simulate(net, realisations=60_000, seed=4, gradients=False).p.samples * 8
    for values, exact in (
        (lengths[:, -1], net.moment(1)),
        (lengths[:, -1] ** 2, net.moment(2)),
        (lengths[:, 1:].var(axis=1), net.empirical_variance()),
    ):
        assert abs(values.mean() - float(exact)) < 4.5 * values.std() / 60_000**0.5


@pytest.mark.parametrize("vector", [None, [1, 0, 0, -1, 0], [2, -1, 0, 0, 0]])
def test_bounds_hold_for_simulated_modules_ending_with_relu(vector):
    """The simulated mean and second moment lie between the bounds; equal entries attain the upper one."""
    net = dv.ResidualReLU(SCALES, 5, input=vector) if vector else dv.ResidualReLU(SCALES, 5)
    lengths = dv.simulate(net, realisations=20_000, gradients=False).p.samples * 5
    for k in (1, 2):
        low, high = (float(b) for b in net.bounds(k))
        values = lengths[:, -1] ** k
        error = values.std() / 20_000**0.5
        assert low - 4 * error < values.mean() < high + 4 * error
    if vector is None:
        low, high = (float(b) for b in net.bounds(1, modules=1))
        assert abs(lengths[:, 1].mean() - high) < 4 * lengths[:, 1].std() / 20_000**0.5


def test_lower_bound_is_exponential_in_the_sum_of_the_scales():
    """eta = 1/l, 150 modules: relu modules exceed 100, linear ones stay below prod (1 + 2/l^2) < 10."""
    scales = [sp.Rational(1, j) for j in range(1, 151)]
    low, _ = dv.ResidualReLU(scales, 4).bounds()
    assert low.evalf() > 100 and dv.ResidualReLU(scales, 4, "linear").moment(1) < 10


def test_wide_modules_follow_the_limit():
    """Width 400: the simulated lengths are those of the limit of infinite width within 2 percent."""
    n = 400
    net = dv.ResidualReLU(SCALES, n, input_norm=20)
    lengths = dv.simulate(net, realisations=100, gradients=False).p.mean
    limit = [float(m) for m, _ in net.wide_limit()]
    assert np.allclose(lengths, limit, rtol=0.02)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_one_relu_module_is_exact(k):
    """Two units, k = 1..3: the two-dimensional integral over both pre-activations by mpmath."""
    import mpmath

    net = dv.ResidualReLU(["2/3"], 2, input=[1, -2])
    size, eta = mpmath.sqrt(5), mpmath.mpf(2) / 3

    def moment(entry, power):
        active = mpmath.quad(lambda z: (entry + eta * size * z) ** (2 * power) * mpmath.npdf(z), [0, 4, 14])
        return active + mpmath.mpf(entry) ** (2 * power) / 2

    expected = sum(mpmath.binomial(k, j) * moment(1, j) * moment(-2, k - j) for j in range(k + 1))
    assert abs(net.moment(k).evalf(20) / sp.Float(expected, 15) - 1) < 1e-13


def test_one_module_of_width_one_from_any_input():
    """Width 1, x = -3 and a bias: E (x + eta s z_+)^2 and its square by their own expansion in half-normal moments."""
    net = dv.ResidualReLU(["1/2"], 1, input=[-3], bias_variances=7)
    step = sp.Rational(5, 2)  # eta sqrt(2 * 9 + 7)
    means = [1, 1 / sp.sqrt(2 * sp.pi), sp.Rational(1, 2), 2 / sp.sqrt(2 * sp.pi), sp.Rational(3, 2)]
    for k in (1, 2):
        expected = sum(sp.binomial(2 * k, j) * (-3) ** (2 * k - j) * step**j * means[j] for j in range(2 * k + 1))
        assert sp.simplify(net.moment(k) - expected) == 0


def test_width_one_modules_multiply():
    """Width 1, two modules, k = 2: E (1 + eta w_+)^4 for each, and simulated nets within 4.5 errors."""
    net = dv.ResidualReLU(["1/2", "1/3"], 1, input=[2])
    lengths = dv.simulate(net, realisations=100_000, gradients=False, seed=9).p.samples[:, -1]
    for k in (1, 2):
        values = lengths**k
        assert abs(values.mean() - float(net.moment(k))) < 4.5 * values.std() / 100_000**0.5
    low, high = net.bounds()
    exact = net.moment(1).evalf(30)
    assert low < exact < high < exact * (1 + sp.Rational(1, 10**15))


def test_what_is_not_known_is_refused():
    """No product formula for relu modules, Gaussian weights for higher moments, what the bounds need."""
    with pytest.raises(UnsupportedError, match=r"bounds\(k\)"):
        dv.ResidualReLU(SCALES, 5).moment(1)
    with pytest.raises(UnsupportedError, match="Gaussian"):
        dv.ResidualReLU(SCALES, 5, "linear", weights="uniform").module_moment(2)
    with pytest.raises(UnsupportedError, match="Gaussian"):
        dv.ResidualReLU(SCALES, 5, weights="uniform").bounds()
    with pytest.raises(DomainError, match="more than the kurtosis"):
        dv.ResidualReLU(SCALES, 5, "linear", weights="5/2").moment(3)
    with pytest.raises(UnsupportedError, match="empirical_variance_bounds"):
        dv.ResidualReLU(SCALES, 2, module_depth=2).empirical_variance()
    with pytest.raises(UnsupportedError, match="without biases"):
        dv.ResidualReLU(SCALES, 2, bias_variances=1).empirical_variance_bounds()
    with pytest.raises(DomainError, match="zero"):
        dv.ResidualReLU(SCALES, 2, input=[0, 0]).bounds()
    with pytest.raises(DomainError, match="not negative"):
        dv.ResidualReLU(SCALES, 2, input=[3, -1], bias_variances=1).bounds()
    with pytest.raises(UnsupportedError, match="odd moments"):
        dv.ResidualReLU(SCALES, 2, module_depth=2, bias_variances=1).moment(1, 1)
    with pytest.raises(InputError, match="one for each module"):
        dv.ResidualReLU(SCALES, 2, bias_variances=[1])
    for given in ({"scales": "12"}, {"scales": SCALES, "input": 3}):
        with pytest.raises(InputError, match="is no list"):
            dv.ResidualReLU(width=2, **given)
    with pytest.raises(InputError, match="module ="):
        dv.ResidualReLU(SCALES, 2, "tanh")
    with pytest.raises(DomainError, match="negative"):
        dv.ResidualReLU([-1], 2)
