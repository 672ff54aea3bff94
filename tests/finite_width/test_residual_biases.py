"""Residual modules with biases, and moments of every order, against enumeration and expansion in Gaussian entries."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import mpmath
import pytest
import sympy as sp

import derive as dv


def _gaussian_mean(f, entries, variance):
    """The mean of a polynomial over independent centred Gaussian entries of a variance, monomial by monomial."""
    poly, total = sp.Poly(sp.expand(f), *entries), sp.Integer(0)
    for powers, c in poly.terms():
        if all(e % 2 == 0 for e in powers):
            total += c * sp.prod([variance ** (e // 2) * sp.factorial2(e - 1) for e in powers])
    return sp.expand(total)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_linear_modules_with_biases_entry_by_entry(k):
    """Width 2, two one-layer modules: both outputs kept as Gaussian entries given the stream, then integrated out."""
    x, g = sp.symbols("x0 x1"), sp.symbols("g0 g1")
    etas, biases = (sp.Rational(1, 2), sp.Rational(2, 3)), (sp.Rational(1, 5), sp.Rational(3, 4))
    f = (x[0] ** 2 + x[1] ** 2) ** k
    for eta, bias in zip(reversed(etas), reversed(biases), strict=True):
        shifted = f.subs({a: a + eta * b for a, b in zip(x, g, strict=True)}, simultaneous=True)
        f = _gaussian_mean(shifted, g, x[0] ** 2 + x[1] ** 2 + bias)  # variance 2/2 |x|^2 + bias
    expected = f.subs({x[0]: 1, x[1]: -3})
    assert dv.ResidualReLU(etas, 2, "linear", bias_variances=biases, input=[1, -3]).moment(k) == expected


def test_mean_with_biases_equals_enumeration():
    """One hidden layer of two units, signs for weights and biases of +-1/2: E M_L after one and two modules."""
    net = dv.ResidualReLU(
        ["1/2", "1/3"], 1, "linear", hidden=[2], weights="rademacher", bias_variances="1/4", input=[2]
    )
    half, root = Fraction(1, 2), Fraction(1)
    states = {Fraction(2): Fraction(1)}
    exact = []
    for eta in (Fraction(1, 2), Fraction(1, 3)):
        following: dict = {}
        for x, p in states.items():
            for s in product((1, -1), repeat=7):
                # weights of variance 2/1 into the hidden layer: squares of h carry the 2 outside
                a, b = (max(Fraction(0), w * root * x + v * half) for w, v in ((s[0], s[1]), (s[2], s[3])))
                y = x + eta * (s[4] * a + s[5] * b + s[6] * half)
                following[y] = following.get(y, 0) + p / 128
        states = following
        exact.append(sum(p * x**2 for x, p in states.items()))
    plain = _mean_by_hand(2, Fraction(1, 4), (Fraction(1, 2), Fraction(1, 3)), 1)
    assert exact == plain  # the recursion is right for hidden weights of variance 1 ...
    assert [net.moment(1, j) for j in (1, 2)] == [
        sp.Rational(m.numerator, m.denominator)
        for m in _mean_by_hand(2, Fraction(1, 4), (Fraction(1, 2), Fraction(1, 3)), 2)
    ]  # ... and the net has 2/fan-in = 2


def _mean_by_hand(x, bias, etas, hidden_variance):
    """E M_L for width 1 and two hidden units, second-layer weights of variance 1, by the linear recursion."""
    m, found = Fraction(x) ** 2, []
    for eta in etas:
        hidden = 2 * (hidden_variance * m + bias) / 2
        m += eta**2 * (hidden + bias)
        found.append(m)
    return found


@pytest.mark.parametrize("k", [1, 2, 3, 5, 9])
def test_one_linear_layer_is_a_laguerre_polynomial(k):
    """Noncentral chi-square moments: (4 eta^2/n)^k k! L_k^(n/2 - 1)(-n/(4 eta^2)), by mpmath."""
    n, eta = 6, mpmath.mpf(3) / 4
    with mpmath.workdps(30):
        u = 4 * eta**2 / n
        expected = u**k * mpmath.factorial(k) * mpmath.laguerre(k, mpmath.mpf(n) / 2 - 1, -1 / u)
        exact = dv.ResidualReLU(["3/4"], n, "linear", input=[1] + [0] * 5).moment(k)
        assert abs(mpmath.mpf(int(exact.p)) / int(exact.q) / expected - 1) < 1e-25


def test_simulated_nets_with_biases_have_these_moments():
    """Linear and ReLU ends with biases in every layer: moments and the empirical variance of 40000 nets, 4.5 errors."""
    linear = dv.ResidualReLU(["1/2", "1/4", "1/3"], 5, "linear", hidden=[4], bias_variances=["1/10", 1, "1/2"])
    lengths = dv.simulate(linear, realisations=40_000, seed=8, gradients=False).p.samples * 5
    cases = [(lengths[:, -1] ** k, linear.moment(k)) for k in (1, 2, 3)]
    cases.append((lengths[:, 1:].var(axis=1), linear.empirical_variance()))
    relu = dv.ResidualReLU(["1/2"], 3, bias_variances="1/3", input=[1, -1, 2])
    lengths = dv.simulate(relu, realisations=40_000, seed=8, gradients=False).p.samples[:, -1] * 3
    cases += [(lengths**k, relu.moment(k)) for k in (1, 2)]
    deep = dv.ResidualReLU(["1/2"], 3, hidden=[2, 4], input=[1, -1, 2])
    lengths = dv.simulate(deep, realisations=40_000, seed=8, gradients=False).p.samples[:, -1] * 3
    cases += [(lengths**k, deep.moment(k)) for k in (1, 2)]
    for values, exact in cases:
        assert abs(values.mean() - float(exact)) < 4.5 * values.std() / len(values) ** 0.5


def test_bias_enters_like_a_longer_input():
    """One-layer modules: M + n beta/2 is multiplied by 1 + 2 eta^2, so E M_L + n beta/2 is that product."""
    scales, beta, n = [sp.Rational(1, j) for j in range(1, 8)], sp.Rational(3, 7), 4
    net = dv.ResidualReLU(scales, n, "linear", bias_variances=beta)
    expected = (1 + n * beta / 2) * sp.prod([1 + 2 * e**2 for e in scales]) - n * beta / 2
    assert net.moment(1) == expected


def test_wide_limit_with_biases():
    """Width 400 with biases: simulated lengths are those of the limit of infinite width within 3 percent."""
    net = dv.ResidualReLU(["1/2", "1/4", "1/3"], 400, input_norm=20, bias_variances="1/2")
    lengths = dv.simulate(net, realisations=100, gradients=False).p.mean
    assert all(abs(float(m) / x - 1) < 0.03 for (m, _), x in zip(net.wide_limit(), lengths, strict=True))
