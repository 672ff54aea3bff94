"""Exact moments of ReLU nets against enumeration of all signs, closed forms and simulation."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise, product
from math import isqrt, prod

import numpy as np
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError, UnknownNameError
from derive.finite_width.laws import limit_of_empirical_variance

# (widths, weight scale, bias variances, input): the weight variance 2 scale/n_in and the biases are squares, so that
# every activation is rational.
NETS = [
    ((1, 1), "1/2", 0, (1,)),
    ((1, 3), "1/2", 0, (2,)),
    ((2, 2), 1, 0, (1, 3)),
    ((2, 4), 1, 0, (1, 0)),
    ((2, 2, 2), 1, 0, (1, 1)),
    ((2, 2, 2), 1, 0, (1, -2)),
    ((2, 2, 2, 2), 1, 0, (1, 2)),
    ((8, 2), 1, 0, (1, 1, 1, 1, 2, 0, 0, 3)),
    ((2, 8), 1, 0, (1, 3)),
    ((2, 3), 1, 0, (1, 2)),
    ((2, 2, 3), 1, 0, (3, 1)),
    ((2, 2, 2, 2, 2), 1, 0, (1, 1)),
    ((2, 2, 2, 2), 4, 0, (2, 1)),
    ((1, 1), "1/2", "1/4", (1,)),
    ((1, 2), "1/2", 1, (1,)),
    ((2, 2), 1, "1/4", (1, 3)),
    ((2, 3), 1, 4, (1, 0)),
    ((2, 2, 2), 1, ("1/4", "9/16"), (1, 1)),
    ((2, 2, 2), 1, (0, 1), (1, -2)),
    ((2, 2, 2), "1/4", ("1/9", "1/4"), (2, 1)),
    ((2, 2, 2, 2), 1, ("1/4", 0, 1), (1, 2)),
    ((8, 2), 1, "1/4", (1, 1, 1, 1, 2, 0, 0, 3)),
    ((2, 2, 2, 2), 1, (1, 1, 1), (1, 1)),
    ((2, 2, 4), 1, ("1/4", 1), (1, 3)),
]


def _root(x: Fraction) -> Fraction:
    root = Fraction(isqrt(x.numerator), isqrt(x.denominator))
    assert root**2 == x, f"{x} is no rational square"
    return root


def _enumerate(widths, scales, biases, vector):
    """{path of squared lengths: probability} by going through all signs of all weights and biases of all nets."""
    states = Counter({(tuple(sorted(map(Fraction, vector))), ()): Fraction(1)})
    for n_in, n_out, scale, bias in zip(widths, widths[1:], scales, biases, strict=False):
        w, b, following = _root(2 * scale / n_in), _root(bias), Counter()
        for (vector, path), probability in states.items():
            unit = Counter()
            for signs in product((1, -1), repeat=n_in + 1):
                h = w * sum(s * x for s, x in zip(signs, vector, strict=False)) + b * signs[-1]
                unit[max(h, Fraction(0))] += Fraction(1, 2 ** (n_in + 1))
            for outputs in product(unit, repeat=n_out):
                weight = probability * prod((unit[y] for y in outputs), start=Fraction(1))
                length = sum(y * y for y in outputs) / n_out
                following[tuple(sorted(outputs)), (*path, length)] += weight
        states = following
    paths = Counter()
    for (_, path), probability in states.items():
        paths[path] += probability
    return paths


@pytest.mark.parametrize("case", NETS, ids=[str(i) for i in range(len(NETS))])
def test_moments_equal_enumeration_of_all_signs(case):
    """E M^1..4 at the last layer and the mean empirical variance equal enumeration, as fractions."""
    widths, scale, given, vector = case
    depth = len(widths) - 1
    biases = [Fraction(b) for b in (given if isinstance(given, tuple) else [given] * depth)]
    net = dv.ReLUNet(widths, "rademacher", list(map(str, biases)), bias_law="rademacher", input=vector, scale=scale)
    paths = _enumerate(widths, [Fraction(scale)] * depth, biases, vector)
    assert sum(paths.values()) == 1
    for k in (1, 2, 3, 4):
        expected = sum(p * path[-1] ** k for path, p in paths.items())
        assert net.moment(k) == sp.Rational(expected.numerator, expected.denominator), k
    spread = [(p, sum(m * m for m in path) / depth - (sum(path) / depth) ** 2) for path, p in paths.items()]
    expected = sum(p * s for p, s in spread)
    assert net.empirical_variance() == sp.Rational(expected.numerator, expected.denominator)
    assert isinstance(net.moment(2), sp.Rational)


def test_gaussian_moments_are_chi_square_mixtures():
    """One Gaussian layer: n M is (2/n_in)|x|^2 times a chi-square with Binomial(n, 1/2) degrees; k = 1..7."""
    n, net = 6, dv.ReLUNet([3, 6], input_norm=3)
    for k in range(1, 8):
        mixture = sum(
            Fraction(sp.binomial(n, b).p, 2**n) * prod(b + 2 * i for i in range(k)) for b in range(n + 1)
        )  # fmt: skip
        expected = Fraction(6) ** k * mixture / n**k
        assert net.moment(k) == sp.Rational(expected.numerator, expected.denominator)


def test_second_moment_of_critical_gaussian_nets_is_a_product():
    """E M_d^2 = M_0^2 prod (1 + 5/n_j), at depth 300 as an exact fraction."""
    widths = [5, *(3 + j % 7 for j in range(300))]
    expected = prod((Fraction(n + 5, n) for n in widths[1:]), start=Fraction(1))
    assert dv.ReLUNet(widths, input=[1, 2, 0, 0, 0]).moment(2) == sp.Rational(expected.numerator, expected.denominator)


def test_symmetric_linear_net_has_its_known_second_moment():
    """slope 1 with Gaussian weights of variance 1/n: E M^2 = prod (1 + 2/n)."""
    net = dv.ReLUNet([4, 4, 4, 4], scale="1/2", slope=1, input_norm=2)
    assert net.moment(1) == 1 and net.moment(2) == sp.Rational(3, 2) ** 3


def test_digits_and_exact_values_agree_where_the_variance_is_irrational():
    """The truncated initialiser: exact expression and digits; the mean is the product of scipy's variances."""
    from scipy.stats import truncnorm

    net = dv.ReLUNet([5, 5, 5, 5], weights="he_normal_truncated", input_norm="sqrt(5)")
    assert np.isclose(float(net.moment(1)), truncnorm(-2, 2).var() ** 3, rtol=1e-12)
    assert abs(net.moment(2).evalf(30) - net.moment(2, digits=25)) < 1e-24


def test_irrational_moments_of_deep_nets_stay_short():
    """15 truncated layers with biases of variance sqrt(2)/10: the exact expression and the digits agree."""
    net = dv.ReLUNet([20] * 16, weights="he_normal_truncated", bias_variances="sqrt(2)/10", input_norm="sqrt(20)")
    assert abs(net.moment(2).evalf(30) / net.moment(2, digits=25) - 1) < 1e-24
    assert net.moment(2).has(sp.erf)


@pytest.mark.parametrize("law", ["gaussian", "uniform", "rademacher", "truncated_normal"])
@pytest.mark.parametrize("bias", [0, "1/5"])
def test_simulated_nets_have_these_moments(law, bias):
    """First two moments and empirical variance within 4.5 standard errors of 40000 real nets of unequal widths."""
    net = dv.ReLUNet([4, 9, 14, 8], weights=law, bias_variances=bias, input_norm=2)
    run = dv.simulate(net, realisations=40_000, seed=2, gradients=False)
    lengths = run.p.samples
    for values, exact in (
        (lengths[:, -1], net.moment(1)),
        (lengths[:, -1] ** 2, net.moment(2)),
        (lengths[:, 1:].var(axis=1), net.empirical_variance()),
    ):
        assert abs(values.mean() - float(exact)) < 4.5 * values.std() / 200


def test_empirical_variance_tends_to_its_limit():
    """Widths and depth times two halve the distance to the limit, for two laws; the limit is beta^2-analytic at 0."""
    limit = dv.ReLUNet([32] * 17, input_norm="sqrt(32)").empirical_variance_limit()
    for law in ("gaussian", "rademacher"):
        nets = [dv.ReLUNet([n] * (n // 2 + 1), law, input_norm=f"sqrt({n})") for n in (64, 128, 256)]
        gaps = [float(net.empirical_variance(digits=20) - limit) for net in nets]
        assert all(1.7 < abs(a / b) < 2.3 for a, b in pairwise(gaps))
    formula, beta = limit_of_empirical_variance()
    assert formula.series(beta, 0, 2).removeO() == 5 * beta / 6


def test_a_kurtosis_is_enough_for_two_moments_and_no_more():
    """kurtosis 9/5 is the uniform law up to the second moment; the third is refused."""
    a, b = dv.ReLUNet([3, 4, 4], weights="9/5"), dv.ReLUNet([3, 4, 4], weights="uniform")
    assert a.moment(2) == b.moment(2) and a.empirical_variance() == b.empirical_variance()
    with pytest.raises(DomainError, match="kurtosis of the weights"):
        a.moment(3)


def test_initialisers_have_their_variances():
    """LeCun halves the length per layer, Glorot with equal widths does, He keeps it; 2x He doubles it."""
    for name, factor in (("lecun_normal", 2), ("lecun_uniform", 2), ("glorot_uniform", 2), ("he_uniform", 1)):
        assert dv.ReLUNet([7] * 4, weights=name, input_norm="sqrt(7)").moment(1) == sp.Rational(1, factor**3)
    assert dv.ReLUNet([7] * 4, weights="he_normal", scale=2, input_norm="sqrt(7)").moment(1) == 8


def test_input_is_read_with_care():
    """Widths, biases, inputs, layers and hostile text."""
    with pytest.raises(InputError, match="at least one layer"):
        dv.ReLUNet([3])
    with pytest.raises(DomainError, match="positive integer"):
        dv.ReLUNet([3, 0])
    with pytest.raises(InputError, match="no list"):
        dv.ReLUNet("33")
    with pytest.raises(DomainError, match="negative"):
        dv.ReLUNet([3, 3], bias_variances=-1)
    with pytest.raises(InputError, match="has 1 entries"):
        dv.ReLUNet([3, 3, 3], bias_variances=[1])
    with pytest.raises(InputError, match="widths begin with 3"):
        dv.ReLUNet([3, 3], input=[1])
    with pytest.raises(DomainError, match="none of 0"):
        dv.ReLUNet([3, 3]).moment(1, layer=2)
    with pytest.raises((InputError, UnknownNameError)):
        dv.ReLUNet([3, 3], weights="__import__('os').system('true')")
    with pytest.raises(DomainError, match="equal widths"):
        dv.ReLUNet([3, 3, 4]).empirical_variance_limit()
