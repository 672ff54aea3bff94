"""Finitely many free layers, the first 1/L correction, and the transforms they come from."""

from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.errors import DomainError, UnsupportedError
from derive.spectrum import JacobianSpectrum, correction, finite_depth, transforms
from derive.spectrum.cumulant import free_cumulants
from derive.spectrum.limit_law import KAPPA


def test_one_circular_layer_has_the_moments_of_noise_around_one():
    """E|1 + x|^(2k), x circular of variance e: (1/N)E Tr ((1+X)(1+X*))^2 = 1 + 4e + 2e^2 by counting pairings."""
    e = Fraction(1, 3)
    assert finite_depth.moment(1, [((Fraction(1), (e,)), 1)]) == 1 + e
    assert finite_depth.moment(2, [((Fraction(1), (e,)), 1)]) == 1 + 4 * e + 2 * e**2


def test_a_layer_without_cumulants_is_the_skip():
    assert finite_depth.moment(3, [((Fraction(9), (Fraction(0),)), 2)]) == 9**6


def test_moments_of_different_layers_multiply_in_the_first_order():
    layers = [((Fraction(1), (Fraction(1, 5),)), 2), ((Fraction(4), (Fraction(1, 7), Fraction(1, 50))), 3)]
    assert finite_depth.moment(1, layers) == Fraction(6, 5) ** 2 * Fraction(29, 7) ** 3


def test_moments_agree_with_random_matrices():
    """ReLU-like branches (slope 1 in half of the rows), four layers of width 300; finite width moves by 1/N."""
    rng, size = np.random.default_rng(5), 300
    found = []
    for _ in range(6):
        J = np.eye(size)
        for _ in range(4):
            mask = rng.permutation(size) < size // 2
            J = J + mask[:, None] * (rng.standard_normal((size, size)) / np.sqrt(4 * size) @ J)
        lam = np.linalg.svd(J, compute_uv=False) ** 2
        found.append([np.mean(lam), np.mean(lam**2), np.mean(lam**3)])
    cumulants = [k / Fraction(4) ** n for n, k in enumerate(free_cumulants([Fraction(1, 2)] * 3), start=1)]
    exact = [float(finite_depth.moment(k, [((Fraction(1), cumulants), 4)])) for k in (1, 2, 3)]
    assert np.allclose(np.mean(found, axis=0), exact, rtol=0.015)
    circular = float(finite_depth.moment(3, [((Fraction(1), cumulants[:1]), 4)]))
    assert abs(circular / exact[2] - 1) > 0.03  # the second cumulant alone would not do


def test_moments_tend_to_the_universal_ones_like_one_over_depth():
    limit = float(JacobianSpectrum(c="1/2").moment(3))
    gaps = [float(JacobianSpectrum(c="1/2", depth=d).moment(3)) - limit for d in (50, 100, 200)]
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.05) and gaps[1] / gaps[2] == pytest.approx(2, abs=0.03)


def test_edges_are_stationary_points_to_30_digits():
    """The cubic against mpmath's root of d log(lambda)/dv computed from 1/S itself."""
    S = JacobianSpectrum(c="1/8", depth=10)
    with mpmath.workdps(45):
        eps, depth = mpmath.mpf(1) / 80, 10

        def log_lam(v):
            b = 1 + eps * v
            return mpmath.log((v + 1) / (v - 1)) + depth * mpmath.log(
                (b + mpmath.sqrt(b * b - (v * v - 1) * eps**2)) / 2
            )

        for start, edge in zip((-4.1, 4.1), S.edges(36), strict=True):
            v = mpmath.findroot(lambda t: mpmath.diff(log_lam, t), start)
            assert mpmath.almosteq(mpmath.exp(log_lam(v) / 2), mpmath.mpf(str(edge)), 1e-33)


def test_density_integrates_to_one_and_to_the_moments():
    for depth, c in ((2, "1/8"), (5, "1/2"), (20, "2"), (3, "5/2")):
        S = JacobianSpectrum(c=c, depth=depth)
        law = S._arrays
        t = np.linspace(0, np.pi, 4001)[1:-1]
        half, middle = (law.high - law.low) / 2, (law.high + law.low) / 2
        y = middle - half * np.cos(t)
        weight = law.density(y) * half * np.sin(t) * (np.pi / 4000)
        for k in (0, 1, 2):
            assert np.sum(weight * np.exp(k * y)) == pytest.approx(float(S.moment(k)), rel=1e-7)
        assert np.max(np.abs(np.cumsum(weight) - weight / 2 - law.cdf(y))) < 1e-6


def test_the_lower_edge_reaches_zero_where_the_branch_reaches_the_skip():
    S = JacobianSpectrum(c=4, depth=4)
    assert S.edges(10)[0] == 0 and S.edges(10)[1] > 1
    assert S.condition_number() is sp.oo
    with pytest.raises(DomainError, match="condition number"):
        S.condition_number(certified=True)
    assert S.cdf(0) == 0 and S.cdf(1e-300) < 1e-3  # no atom
    assert JacobianSpectrum(c="3.999999", depth=4).edges(10)[0] > 0


def test_the_upper_edge_of_one_layer_is_that_of_a_shifted_ginibre_matrix():
    """L = 1, c = 1: the support of |1 + X|^2 ends at 27/4 (a cubic with a known root)."""
    high = JacobianSpectrum(c=1, depth=1).edges(30)[1]
    assert abs(high**2 - sp.Rational(27, 4)) < sp.Float("1e-27")


def test_branch_of_the_quadratic_solves_the_equation_and_has_the_limit_one_over_a_squared():
    a, alpha, z, S = (transforms.SYMBOLS[n] for n in ("a", "alpha", "z", "S"))
    root = transforms.layer_s()
    values = {a: 2, alpha: sp.Rational(1, 7), z: sp.Rational(3, 11)}
    assert sp.simplify(transforms.layer_s_quadratic().subs(S, root).subs(values)) == 0
    assert sp.limit(root, alpha, 0) == 1 / a**2


def test_first_correction_matches_exact_finite_depth():
    """Edges, moments and distribution function of the exact law, at two depths: what is left falls like 1/L^2."""
    for quantity in (
        lambda S: float(S.moment(3)),
        lambda S: float(sp.log(S.edges(20)[0])),
        lambda S: float(sp.log(S.edges(20)[1])),
        lambda S: float(S.cdf(1.3)),
    ):
        left = []
        for depth in (40, 80):
            S = JacobianSpectrum(c="1/2", depth=depth)
            left.append(abs(quantity(S) - quantity(S.corrected())))
        assert left[0] / left[1] == pytest.approx(4, rel=0.15)


def test_first_correction_with_a_fourth_cumulant_matches_exact_moments():
    kappa = Fraction(1, 2)
    left = []
    for depth in (40, 80):
        alpha = kappa / depth
        cumulants = [2**k * alpha**k * value for k, value in enumerate(free_cumulants([Fraction(1, 2)] * 4), start=1)]
        exact = finite_depth.moment(4, [((Fraction(1), cumulants), depth)])
        S = JacobianSpectrum(c=kappa, depth=depth).corrected(fourth=kappa**2)
        left.append(abs(float(exact) - float(S.moment(4))))
    assert left[0] / left[1] == pytest.approx(4, rel=0.2)


def test_log_moment_shift_agrees_with_moment_shift():
    """E e^(sy) from both: the coefficients of s^k of the moment shift at small s, through the generating function."""
    # moments at s = 1, 2 from the log moments: sum_k s^k/k! shift_k converges fast for small kappa
    values = {KAPPA: sp.Rational(1, 50), correction.K2: sp.Rational(1, 2500), correction.K4: sp.Rational(1, 3000)}
    total = sum(sp.Integer(2) ** k / sp.factorial(k) * correction.log_moment_shift(k).subs(values) for k in range(22))
    direct = correction.moment_shift(2, *(values[x] for x in (KAPPA, correction.K2, correction.K4)))
    assert abs(sp.N(total / direct - 1, 20)) < 1e-12


def test_edge_balls_at_a_million_layers():
    with flint.ctx.workprec(120):
        low, high = (finite_depth.edge_log(flint.arb(1) / 8_000_000, 1_000_000, upper) for upper in (False, True))
    limit = JacobianSpectrum(c="1/8").edges(20)
    assert float(high.mid()) == pytest.approx(2 * float(sp.log(limit[1])), abs=1e-6)
    assert float(low.mid()) == pytest.approx(2 * float(sp.log(limit[0])), abs=1e-6)


def test_finite_depth_refuses_what_it_cannot_do():
    S = JacobianSpectrum(c=1, depth=5)
    for call in (lambda: S.moment("1/2"), lambda: S.log_cumulant(2), lambda: S.log_moment(2)):
        with pytest.raises(UnsupportedError, match=r"universal|digits"):
            call()
    with pytest.raises(UnsupportedError, match="depth"):
        JacobianSpectrum(c=1).corrected()


@pytest.mark.parametrize("depth", [1000, 10**6, 10**9])
def test_deep_networks_keep_their_digits(depth):
    """Against the first correction, which leaves O(1/L^2), and the quantile against the distribution function."""
    S = JacobianSpectrum(c="1/8", depth=depth)
    s = np.linspace(0.65, 1.55, 9)
    assert np.max(np.abs(S.cdf(s) - S.corrected().cdf(s))) < 0.02 / depth**2 + 1e-14
    assert np.max(np.abs(S.quantile(S.cdf(s)) - s)) < 1e-12


def test_moments_by_digits_agree_with_fractions():
    S = JacobianSpectrum(c="2/3", skip="3/4", depth=50)
    for k in (1, 4):
        assert abs(S.moment(k, digits=30) / S.moment(k) - 1) < sp.Float("1e-28")
    with pytest.raises(UnsupportedError, match="digits=30"):
        JacobianSpectrum(c=1, depth=10**7).moment(2)
    limit = JacobianSpectrum(c=1).moment(2, digits=20)
    assert abs(JacobianSpectrum(c=1, depth=10**7).moment(2, digits=20) / limit - 1) < 1e-6


@pytest.mark.parametrize(
    ("c", "depth"), [("1e-8", 5), ("1/8", 10**6), (25, 1000), (600, 1000), ("6.99999", 7), (7, 7), (50, 20)]
)
def test_arrays_of_finite_depth_agree_with_digits_also_in_the_lower_tail(c, depth):
    """Density and distribution function against balls, where the float64 formula could cancel."""
    S = JacobianSpectrum(c=c, depth=depth)
    s = S.quantile([1e-12, 1e-4, 0.2, 0.5, 0.8, 0.999])
    points = [sp.Rational(float(x)) for x in s]
    cdf = np.array([float(S.cdf(x, digits=18)) for x in points])
    density = np.array([float(S.density(x, digits=18)) for x in points])
    assert np.max(np.abs(S.cdf(s) - cdf)) < 1e-14
    assert np.max(np.abs(S.cdf(s) / cdf - 1)[1:]) < 1e-10
    assert np.max(np.abs(S.density(s) / density - 1)[1:]) < 1e-9
    assert cdf[0] == pytest.approx(1e-12, rel=0.01)


def test_green_outside_float64_is_refused():
    S = JacobianSpectrum(c=1000)
    with pytest.raises(DomainError, match="log_density"):
        S.green(S.quantile(0.9))
    assert np.isfinite(S.green(1.0))


@pytest.mark.parametrize(("c", "depth"), [("1/8", 10), ("1e-8", 5), ("0.999", 1), (4, 2), (2, 2), ("1/2", 10**6)])
def test_moments_of_any_order_by_the_contour_agree_with_lagranges_inversion(c, depth):
    """Two routes that share nothing but the curve: 30 digits at k = 1, 3 (exact fractions, or 30 digits of them)."""
    from derive.spectrum.finite_moments import complex_moment

    S = JacobianSpectrum(c=c, depth=depth)
    for k in (1, 3):
        found = complex_moment(sp.Integer(k), S._epsilon(), depth, 31)
        assert abs(found / S.moment(k, digits=32) - 1) < sp.Float("1e-30")


def test_moments_of_broken_negative_and_complex_order_at_finite_depth():
    """E lam^-2 of one layer |1 + X|^2, by means over quantiles as the others; 16 = (1-e)^-4 for e = 1/2."""
    assert abs(JacobianSpectrum(c="1/2", depth=1).moment(-2, digits=25) - 16) < sp.Float("1e-22")
    u = (np.arange(200_000) + 0.5) / 200_000
    for kw, order in (
        ({"c": "1/8", "depth": 10}, 1 + 2j),
        ({"c": 4, "depth": 2}, "-1/10"),
        ({"c": 5, "depth": 20}, "1/3"),
    ):
        S = JacobianSpectrum(**kw)
        value = complex(order) if isinstance(order, complex) else float(Fraction(order))
        assert complex(S.moment(order, digits=15)) == pytest.approx(np.mean(S.quantile(u) ** (2 * value)), rel=1e-4)
    scaled = JacobianSpectrum(c="1/8", skip="1/2", depth=4)
    assert float(scaled.moment("1/2", digits=12)) == pytest.approx(
        float(JacobianSpectrum(c="1/2", depth=4).moment("1/2", digits=12)) / 16, rel=1e-11
    )


def test_infinite_moments_at_a_hard_edge_and_orders_without_digits_are_refused():
    with pytest.raises(DomainError, match="-1/3"):
        JacobianSpectrum(c=4, depth=2).moment(-1, digits=10)
    with pytest.raises(UnsupportedError, match="digits=30"):
        JacobianSpectrum(c="1/8", depth=2).moment("1/2")
