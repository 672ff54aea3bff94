"""Residual modules ending linearly with weights and biases of any symmetric law, against enumeration and simulation."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

import pytest
import sympy as sp

import derive as dv
from derive.finite_width.exact_numbers import ExactNumbers
from derive.finite_width.residual_any_law import AnyLawModule
from derive.finite_width.weights import weight_law


def _after(x, eta, hidden, bias):
    """{x'} with chances: one module of width 2 with ``hidden`` units (or none), weights and biases +-1, +-bias."""
    found: Counter = Counter()
    layers = [(2, hidden), (hidden, 2)] if hidden else [(2, 2)]
    count = sum((n_in + (1 if bias else 0)) * n_out for n_in, n_out in layers)
    for signs in product((1, -1), repeat=count):
        left, h = list(signs), x
        for number, (n_in, n_out) in enumerate(layers, 1):
            rows = []
            for _ in range(n_out):
                total = sum((left.pop() * a for a in h[:n_in]), Fraction(0))
                rows.append(total + (left.pop() * bias if bias else 0))
            h = rows if number == len(layers) else [max(a, Fraction(0)) for a in rows]
        found[tuple(a + eta * b for a, b in zip(x, h, strict=True))] += Fraction(1, 2**count)
    return found


CASES = {
    "one layer": {"hidden": 0, "bias": 0, "scales": (Fraction(1, 2), Fraction(1, 3)), "most": 4},
    "one layer with biases": {
        "hidden": 0,
        "bias": Fraction(1, 2),
        "scales": (Fraction(2, 3), Fraction(1, 2)),
        "most": 3,
    },
    "hidden layer": {"hidden": 2, "bias": 0, "scales": (Fraction(1, 2), Fraction(2)), "most": 3},
    "hidden layer with biases": {"hidden": 1, "bias": Fraction(1, 3), "scales": (Fraction(1, 2),), "most": 4},
}


@pytest.mark.parametrize("name", CASES)
def test_moments_equal_enumeration_of_all_signs(name):
    """E M_L^k as fractions, and the mean empirical variance, for weights +-1 and biases +-b."""
    case = CASES[name]
    law, scales, bias = weight_law("rademacher"), case["scales"], case["bias"]
    paths: dict = {((Fraction(1), Fraction(-3)), ()): Fraction(1)}
    for eta in scales:
        following: dict = {}
        for (x, path), p in paths.items():
            for y, chance in _after(list(x), eta, case["hidden"], bias).items():
                key = (y, (*path, sum(a * a for a in y)))
                following[key] = following.get(key, 0) + p * chance
        paths = following
    sizes = (2, case["hidden"], 2) if case["hidden"] else (2, 2)
    numbers = ExactNumbers([])
    for k in range(1, case["most"] + 1):
        module = AnyLawModule(sizes, [sp.Integer(1)] * (len(sizes) - 1), (law, law), k, numbers)
        f = {(k,): Fraction(1)}
        for eta in reversed(scales):
            f = module.mean(f, eta, bias**2)
        sums = [1 + 9**r for r in range(1, k + 1)]
        found = sum(c * sp.prod([s**e for s, e in zip(sums, key, strict=False)]) for key, c in f.items())
        assert found == sp.Rational(sum(p * path[-1] ** k for (_, path), p in paths.items()))


def test_the_second_moment_by_hand():
    """One layer, kurtosis K: E (|x|^2 + 2 eta x.N + eta^2 |N|^2)^2 by hand, N with variance v |x|^2."""
    n, K, eta, x = 3, sp.Rational(9, 5), sp.Rational(1, 2), [1, -2, 4]
    M, Q, v = sum(a**2 for a in x), sum(a**4 for a in x), sp.Rational(2, 3)
    fourth = 3 * v**2 * M**2 + (K - 3) * v**2 * Q
    noise = n * fourth + n * (n - 1) * (v * M) ** 2
    expected = M**2 + 4 * eta**2 * M * v * M + 2 * eta**2 * M * n * v * M + eta**4 * noise
    net = dv.ResidualReLU([eta], n, "linear", weights=K, input=x)
    assert net.moment(2) == expected
    assert dv.ResidualReLU([eta], n, "linear", weights="uniform", input=x).moment(2) == expected


@pytest.mark.parametrize("k", [2, 3, 5])
def test_gaussian_laws_give_the_same_by_both_routes(k):
    """Polynomials in power sums against polynomials in the length alone, with biases and a hidden layer."""
    net = dv.ResidualReLU(["1/2", "2/3"], 3, "linear", hidden=[4], bias_variances=["1/5", 2], input=[1, 2, -1])
    numbers = ExactNumbers([])
    law = weight_law("gaussian")
    module = AnyLawModule(net.sizes(), net.variances(), (law, law), k, numbers)
    f = {(k,): Fraction(1)}
    for eta, bias in ((Fraction(2, 3), Fraction(2)), (Fraction(1, 2), Fraction(1, 5))):
        f = module.mean(f, eta, bias)
    sums = [2 + 2 ** (2 * r) for r in range(1, k + 1)]
    total = sum(c * sp.prod([s**e for s, e in zip(sums, key, strict=False)]) for key, c in f.items())
    assert net.moment(k) == total


@pytest.mark.parametrize("law", ["uniform", "rademacher", "truncated_normal"])
def test_simulated_nets_have_these_moments(law):
    """Moments 1, 2, 3 and the empirical variance of 40000 real nets of width 4, within 4.5 standard errors."""
    net = dv.ResidualReLU(["1/2", "1/4", "1/3"], 4, "linear", hidden=[3], weights=law, input=[1, 2, -1, 0])
    lengths = dv.simulate(net, realisations=40_000, seed=6, gradients=False).p.samples * 4
    cases = [(lengths[:, -1] ** k, net.moment(k)) for k in (1, 2, 3)]
    for values, exact in [*cases, (lengths[:, 1:].var(axis=1), net.empirical_variance())]:
        assert abs(values.mean() - float(exact)) < 4.5 * values.std() / 40_000**0.5


def test_simulated_biases_have_their_law():
    """Rare large biases (kurtosis 20), 60000 nets: second moments within 4.5 errors, and not those of Gaussian ones."""
    residual, forward = (["1/2", "2/3"], 2, "linear"), ([2, 3, 2],)
    for kind, given, size in ((dv.ResidualReLU, residual, 2), (dv.ReLUNet, forward, 1)):
        net, gaussian = (kind(*given, bias_variances=1, bias_law=law, input=[1, -1]) for law in (20, "gaussian"))
        values = (dv.simulate(net, realisations=60_000, seed=1, gradients=False).p.samples[:, -1] * size) ** 2
        error = values.std() / 60_000**0.5
        assert abs(values.mean() - float(net.moment(2))) < 4.5 * error
        assert abs(values.mean() - float(gaussian.moment(2))) > 6 * error
