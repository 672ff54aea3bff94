"""Finite depth where branches reach the skip (lower edge 0), digits and log moments at finite depth."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.errors import DomainError, UnsupportedError
from derive.spectrum import JacobianSpectrum, finite_depth

CASES = [("1/8", 10), ("9/10", 1), (1, 1), (3, 1), (2, 2), (5, 2), (7, 3), (40, 8)]


def grid_masses(law, count):
    """Points y and masses of a midpoint rule in the variable in which the density is smooth."""
    edges = law.places(2 * count + 1)
    y, width = edges[1::2], np.diff(edges[::2])
    return y, law.density(y) * width


@pytest.mark.parametrize(("c", "depth"), CASES)
def test_masses_add_to_one_and_to_the_exact_moments(c, depth):
    S = JacobianSpectrum(c=c, depth=depth)
    y, mass = grid_masses(S._arrays, 20_000)
    for k in (0, 1, 2):
        assert np.sum(mass * np.exp(k * y)) == pytest.approx(float(S.moment(k)), rel=2e-6)
    assert np.max(np.abs(np.cumsum(mass) - mass / 2 - S._arrays.cdf(y))) < 2e-6


@pytest.mark.parametrize("c", ["1/2", 1, 3])
def test_one_layer_has_the_density_of_the_root_of_a_cubic(c):
    """G (a^2 - z (1 - c G)^2) = c G - 1 at real z = lambda: a polynomial of degree 3 in G, solved by NumPy."""
    S, alpha = JacobianSpectrum(c=c, depth=1), float(sp.Rational(c))
    low, high = (float(e) for e in S.edges(12))
    for s in np.linspace(low, high, 7)[1:-1]:
        z = s * s
        roots = np.roots([-z * alpha**2, 2 * z * alpha, 1 - z - alpha, 1])
        assert S.density(s) == pytest.approx(2 * s * np.max(roots.imag) / np.pi, rel=1e-9)


def test_singular_values_of_matrices_fill_down_to_zero():
    """Products of two matrices 1 + X of size 300 with c/L = 2: Kolmogorov distance to the law."""
    rng, size = np.random.default_rng(5), 300
    J = np.eye(size)
    for _ in range(2):
        J = (np.eye(size) + rng.normal(size=(size, size)) * math.sqrt(2 / size)) @ J
    s = np.sort(np.linalg.svd(J, compute_uv=False))
    u = JacobianSpectrum(c=4, depth=2).cdf(s)
    rank = np.arange(size) / size
    assert np.max(np.maximum(np.abs(u - rank), np.abs(u - rank - 1 / size))) < 0.015


@pytest.mark.parametrize(("c", "depth", "power"), [(3, 1, 1), (6, 2, 2 / 3), (2, 2, 1), (3, 3, 4 / 5), (1, 1, 4 / 3)])
def test_the_hard_edge_has_its_exponent(c, depth, power):
    S = JacobianSpectrum(c=c, depth=depth)
    one, two = S.cdf(np.array([1e-9, 1e-7]))
    assert math.log(two / one, 100) == pytest.approx(power, rel=1e-3)
    limit = S.density(0.0)
    assert limit == (math.inf if power < 1 else 0 if power > 1 else pytest.approx(S.density(1e-9), rel=1e-4))


@pytest.mark.parametrize(("c", "depth"), CASES)
def test_digits_at_a_point_agree_with_the_arrays(c, depth):
    S = JacobianSpectrum(c=c, depth=depth, skip="1/2" if depth == 10 else 1)
    for u in (0.1, 0.9):
        s = sp.Rational(float(S.quantile(u)))
        assert float(S.density(s, digits=20)) == pytest.approx(float(S.density(float(s))), rel=1e-11)
        assert float(S.cdf(s, digits=20)) == pytest.approx(u, rel=1e-10)


def test_digits_of_one_layer_against_the_cubic_in_mpmath():
    with mpmath.workdps(50):
        z = mpmath.mpf(9) / 4
        roots = mpmath.polyroots([-z * 9, 2 * z * 3, 1 - z - 3, 1], maxsteps=500, extraprec=400)
        expected = 3 * max(r.imag for r in roots) / mpmath.pi
        found = JacobianSpectrum(c=3, depth=1).density("3/2", digits=40)
        assert abs(mpmath.mpf(str(found)) / expected - 1) < mpmath.mpf(10) ** -38


def test_digits_of_the_distribution_function_have_the_density_as_slope():
    S, h = JacobianSpectrum(c=5, depth=2), sp.Rational(1, 10**8)
    for s in (sp.Rational(1, 10), sp.Rational(3)):
        slope = (S.cdf(s + h, digits=40) - S.cdf(s - h, digits=40)) / (2 * h)
        assert abs(slope / S.density(s, digits=40) - 1) < 1e-12


def test_digits_outside_and_at_the_edges():
    S = JacobianSpectrum(c="1/8", depth=10)
    assert S.density(2, digits=10) == 0 and S.cdf(2, digits=10) == 1 and S.cdf("1/10", digits=10) == 0
    with pytest.raises(DomainError, match="hard edge"):
        JacobianSpectrum(c=3, depth=1).density(0, digits=10)


@pytest.mark.parametrize(("c", "depth"), CASES)
def test_log_cumulants_are_those_of_the_density(c, depth):
    S = JacobianSpectrum(c=c, depth=depth)
    y, mass = grid_masses(S._arrays, 20_000)
    mean = np.sum(mass * y)
    assert mean == pytest.approx(float(S.log_cumulant(1)), abs=2e-5)
    assert np.sum(mass * (y - mean) ** 2) == pytest.approx(float(S.log_cumulant(2, digits=12)), rel=2e-6)
    assert np.sum(mass * (y - mean) ** 3) == pytest.approx(float(S.log_cumulant(3, digits=12)), rel=1e-4)


def test_the_mean_log_is_the_log_determinant_of_a_disc():
    """E log lambda of one layer is twice the mean of log|1 + x|, x uniform in the disc of radius sqrt(c) (mpmath)."""
    for c in (Fraction(1, 2), Fraction(5, 2)):
        radius2 = mpmath.mpf(c.numerator) / c.denominator
        # the mean over a circle of radius t is max(0, log t)
        expected = mpmath.quad(
            lambda t, r2=radius2: 4 * t / r2 * max(0, mpmath.log(t)), [0, 1, mpmath.sqrt(max(1, radius2))]
        )
        assert float(JacobianSpectrum(c=c, depth=1).log_cumulant(1)) == pytest.approx(float(expected), abs=1e-12)


def test_log_moments_with_a_skip_and_their_limits():
    S = JacobianSpectrum(c="1/2", depth=6, skip=2)
    assert sp.expand_log(S.log_moment(1)) == 12 * sp.log(2)
    shifted = S.log_moment(2, digits=25) - (12 * sp.log(2)).evalf(30) ** 2
    assert abs(shifted - S.log_cumulant(2, digits=25)) < sp.Float("1e-22")
    many = JacobianSpectrum(c="1/8", depth=10**9).log_cumulant(2, digits=20)
    assert abs(many - sp.Rational(49, 192)) < sp.Float("1e-16")
    with pytest.raises(UnsupportedError, match="digits=30"):
        S.log_cumulant(2)
    assert JacobianSpectrum(c=0, depth=6, skip=2).log_cumulant(2) == 0


def test_edges_meet_where_the_gap_closes():
    below, above = (JacobianSpectrum(c=c, depth=4).edges(10) for c in ("3.9999999", 4))
    assert above[0] == 0 < below[0] < 1e-6
    assert abs(below[1] - above[1]) < 1e-6


def test_a_root_of_the_edge_cubic_leaves_the_interval_where_the_lower_edge_is_zero():
    r = sp.Symbol("r")
    cubic = finite_depth.edge_cubic(sp.Integer(2), 3, r)
    assert [root for root in sp.real_roots(cubic) if 0 < root < 1] == []
