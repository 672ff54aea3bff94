"""Bounds for residual modules ending with ReLU against integrals, quadrature and simulation."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

import derive as dv
from derive.finite_width.relu_growth import joint_moment
from derive.finite_width.residual_bounds import outward
from derive.finite_width.residual_modules import half_chi_moment


def _unit_power(entry, s, j, t):
    """E y^j exp(-t y^2) for y = entry + s z_+, j = 0 or 1, by completing the square."""
    a, b = t * s**2 + mpmath.mpf(1) / 2, 2 * t * entry * s
    whole = mpmath.sqrt(mpmath.pi / a) / 2 * mpmath.exp(b**2 / (4 * a)) * mpmath.erfc(b / (2 * mpmath.sqrt(a)))
    active = (entry * whole + s * (1 - b * whole) / (2 * a)) if j else whole
    return mpmath.exp(-t * entry**2) * (active / mpmath.sqrt(2 * mpmath.pi) + entry**j / 2)


def _mean_after_two(n, first, second):
    """E M_2 for equal entries, M_0 = 1: sqrt(M) = int_0^oo (1 - e^(-u^2 M))/u^2 du/sqrt(pi), and independent units."""
    s, entry = first * mpmath.sqrt(mpmath.mpf(2) / n), 1 / mpmath.sqrt(n)
    one = _unit_power(entry, s, 1, 0)

    def inside(u):
        weighted, plain = (_unit_power(entry, s, j, u * u) for j in (1, 0))
        return (n * one - n * weighted * plain ** (n - 1)) / u**2

    with mpmath.workdps(20):
        low, high = mpmath.mpf("1e-4"), 200  # below, the integrand is constant up to O(u^2); above, n E y/u^2
        mixed = mpmath.quad(inside, [low, 0.3, 1, 4, 20, high]) + inside(low) * low + n * one / high
        length = 1 + first**2 + 2 * first / mpmath.sqrt(mpmath.pi)
        return (1 + second**2) * length + 2 * second * mixed / (mpmath.pi * mpmath.sqrt(n))


@pytest.mark.parametrize("n", [2, 5, 9, 20])
@pytest.mark.parametrize("scales,gap", [(("1/2", "1/3"), 0.02), ((1, 1), 0.05), (("1/10", 3), 0.001), ((5, 5), 0.05)])
def test_mean_after_two_modules_lies_between_the_bounds(n, scales, gap):
    """E M_2 as a one-dimensional integral, and how far the bounds are apart."""
    first, second = (mpmath.mpf(int(e.p)) / int(e.q) for e in map(sp.Rational, scales))
    exact = _mean_after_two(n, first, second)
    low, high = (float(b) for b in dv.ResidualReLU(scales, n).bounds())
    assert low < exact < high < (1 + gap) * low


@pytest.mark.parametrize("scales", [["1/100"], [30, "1/3"], ["2", "1/50", "7"], ["1/4"] * 6])
def test_width_one_lies_between_the_bounds(scales):
    """Width 1 from a positive input, where everything is exact: k = 1, 2, 3 and the empirical variance."""
    net = dv.ResidualReLU(scales, 1, input=[3])
    cases = [(net.moment(k), net.bounds(k)) for k in (1, 2, 3)]
    for exact, (low, high) in [*cases, (net.empirical_variance(), net.empirical_variance_bounds())]:
        value = exact.evalf(40, chop=True)  # the variance over one module is 0
        assert low <= value <= high


@pytest.mark.parametrize("i,j", [(1, 0), (0, 1), (1, 1), (0, 2), (2, 1), (1, 2), (3, 1), (4, 0), (1, 3), (0, 3)])
def test_joint_moments_of_sum_and_length(i, j):
    """Two units, x = (1, -2), s = 3/2: the double sum over active and inactive units of integrals in powers of z."""
    x, s = (1, -2), mpmath.mpf(3) / 2
    powers = [mpmath.mpf(1)] + [mpmath.quad(lambda z, r=r: z**r * mpmath.npdf(z), [0, 3, 14]) for r in range(1, 9)]
    z = sp.symbols("z0 z1")
    y = [a + sp.Rational(3, 2) * b for a, b in zip(x, z, strict=True)]
    poly = sp.Poly(sp.expand(sum(y) ** i * sum(u**2 for u in y) ** j), *z)
    expected = mpmath.fsum(mpmath.mpf(int(c.p)) / int(c.q) * powers[a] * powers[b] for (a, b), c in poly.terms())
    values = (2, -1, 5, -7, s, 1 / mpmath.sqrt(2 * mpmath.pi), 0)
    found = mpmath.fsum(
        mpmath.mpf(int(c.numerator)) / int(c.denominator) * mpmath.fprod(v**e for v, e in zip(values, key, strict=True))
        for key, c in joint_moment(i, j).terms()
    )
    assert abs(found / expected - 1) < 1e-12


@pytest.mark.parametrize("n,j", [(1, 1), (2, 1), (2, 3), (3, 4)])
def test_norm_of_positive_parts(n, j):
    """E |z_+|^j: each active set is a chi variable, its density integrated by quadrature."""

    def chi(b):
        """The j-th moment of a chi variable of b degrees of freedom."""
        scale = 2 ** (1 - mpmath.mpf(b) / 2) / mpmath.gamma(mpmath.mpf(b) / 2)
        return scale * mpmath.quad(lambda r: r ** (j + b - 1) * mpmath.exp(-(r**2) / 2), [0, 2, 5, 15])

    total = sum(mpmath.binomial(n, b) * chi(b) for b in range(1, n + 1)) / 2**n
    assert abs(half_chi_moment(n, j).evalf(20) / sp.Float(total, 15) - 1) < 1e-12


NETS = {
    "equal entries": {"scales": ["9/10", "81/100", "729/1000"], "width": 5},
    "mixed signs": {"scales": ["1/2"] * 4, "width": 4, "input": [3, -1, 0, 1]},
    "negative sum": {"scales": ["1/4"] * 4, "width": 6, "input": [3, -1, 0, -2, 1, -2]},
    "negative entries": {"scales": ["1/2", "1/3"], "width": 3, "input": [-1, -2, -1]},
    "hidden layers": {"scales": ["1/4"] * 5, "width": 6, "hidden": [4, 7]},
    "wide": {"scales": ["1/10"] * 6, "width": 30},
    "lecun": {"scales": [1, "1/2"], "width": 3, "weights": "lecun_normal", "input": [1, 2, 0]},
}


@pytest.mark.parametrize("name", NETS)
def test_simulated_moments_and_variances_lie_between_the_bounds(name):
    """k = 1, 2, 3 and the empirical variance over the modules, from 10000 real nets, within 4.5 standard errors."""
    net = dv.ResidualReLU(**NETS[name])
    lengths = dv.simulate(net, realisations=10_000, seed=3, gradients=False).p.samples * net.width
    cases = [(lengths[:, -1] ** k, net.bounds(k)) for k in (1, 2, 3)]
    for values, (low, high) in [*cases, (lengths[:, 1:].var(axis=1), net.empirical_variance_bounds())]:
        error = 4.5 * values.std() / len(values) ** 0.5
        assert 0 <= low <= high and float(low) - error < values.mean() < float(high) + error


def test_bounds_close_up_as_the_scales_fall():
    """Four times as many modules with scales a quarter as large: the relative gaps fall, since they add up as eta^2."""
    gaps = []
    for scale, count in (("1/5", 10), ("1/20", 40)):
        net = dv.ResidualReLU([scale] * count, 10)
        pairs = (net.bounds(1), net.bounds(2), net.empirical_variance_bounds())
        gaps.append([float(high / low - 1) for low, high in pairs])
    assert all(0 < b < 0.3 * a < 0.03 for a, b in zip(*gaps, strict=True))


def test_bounds_are_narrow_for_inputs_of_both_signs():
    """Forty entries +-1 to +-5, 10 modules of scale 1/10: within 1 percent for k = 1, 2, within 3 for the variance."""
    for sign in (1, -1):
        net = dv.ResidualReLU(["1/10"] * 10, 40, input=[sign * (-1) ** i * (1 + i % 5) for i in range(40)])
        cases = ((1.01, net.bounds(1)), (1.01, net.bounds(2)), (1.03, net.empirical_variance_bounds()))
        assert all(low < high < limit * low for limit, (low, high) in cases)


def test_variance_of_equal_modules_by_two_routes_at_width_one():
    """Width 1: the exact empirical variance equals the sum over pairs of modules, and lies between its bounds."""
    net = dv.ResidualReLU(["1/2", "1/3", "1/5"], 1, input=[1])
    firsts, seconds = ([net.moment(k, j) for j in range(4)] for k in (1, 2))
    pairs = [[seconds[min(i, j)] * firsts[max(i, j)] / firsts[min(i, j)] for i in (1, 2, 3)] for j in (1, 2, 3)]
    expected = sum(seconds[1:]) / 3 - sp.Add(*(p for row in pairs for p in row)) / 9
    exact = net.empirical_variance()
    assert abs((exact - expected).evalf(30)) < 1e-25
    low, high = net.empirical_variance_bounds()
    assert low < exact.evalf(30) < high


def test_biases_raise_the_bounds_above_simulated_lengths():
    """With biases Minkowski's bound lies above, and the one without biases below, the lengths of 20000 real nets."""
    net = dv.ResidualReLU(["1/2", "1/4", "1/8"], 4, hidden=[3], bias_variances=["1/4", 1, 2])
    lengths = dv.simulate(net, realisations=20_000, gradients=False).p.samples[:, -1] * 4
    for k in (1, 2, 4):
        low, high = (float(b) for b in net.bounds(k))
        values = lengths**k
        assert low < values.mean() + 4.5 * values.std() / 20_000**0.5 < high


def test_many_modules_and_large_scales_stay_ordered():
    """400 modules of scale 1/20, and scales of a million: finite bounds in the right order."""
    for net in (dv.ResidualReLU(["1/20"] * 400, 8), dv.ResidualReLU([10**6, 10**6], 3)):
        for low, high in (net.bounds(1), net.bounds(2), net.empirical_variance_bounds()):
            assert 0 < low < high < low * 10**4


def test_decimals_are_rounded_away_from_the_interval():
    """Ends of an interval with more than 20 digits move outwards, by less than 1e-18 of themselves."""
    from fractions import Fraction

    low, high = Fraction(1, 3), Fraction(10**40, 7)
    bounds = outward(-low, high)
    assert bounds.lower < -sp.Rational(1, 3) and bounds.upper > sp.Rational(10**40, 7)
    assert bounds.upper / sp.Rational(10**40, 7) - 1 < sp.Rational(1, 10**18)
    assert bounds.lower / sp.Rational(-1, 3) - 1 < sp.Rational(1, 10**18)


def test_a_larger_first_entry_turns_the_sum_without_a_jump():
    """The sum of the entries goes through 0: bounds from the two sides of it overlap, as the moments are continuous."""
    below, at, above = (
        dv.ResidualReLU(["1/5"] * 3, 8, input=[3 + sp.Rational(k, 1000), -3, 1, -1, 2, -2, 0, 0]) for k in (-1, 0, 1)
    )
    for k in (1, 2):
        (a, b), (c, d), (e, f) = (net.bounds(k) for net in (below, at, above))
        assert max(a, c, e) < min(b, d, f)
