"""The effective cumulant and its inverse, against an independent recursion, quadrature and simulated networks."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.activations import activation
from derive.errors import DomainError, InputError, UnsupportedError
from derive.networks.scaled_residual import SCALED, MeanSquare, MeanValue, ScaledResidual, scaled_equations
from derive.spectrum import (
    IsometryWarning,
    JacobianSpectrum,
    effective_cumulant,
    isometry_report,
    layer_cumulants,
    tangent_gain,
    weight_variance_for,
)
from derive.spectrum.deep_limit import deep_expansion, resting_length


def gaussian_mean(f, q, cuts=()):
    """E f(sqrt(q) z) by mpmath's quadrature, split at the kinks."""
    scale = mpmath.sqrt(q)
    points = sorted({mpmath.mpf(-16), *(mpmath.mpf(k) / scale for k in cuts), mpmath.mpf(16), mpmath.mpf(0)})
    points = [p for p in points if -16 <= p <= 16]
    return mpmath.quad(lambda z: f(scale * z) * mpmath.npdf(z), points)


def printed_recursion(phi, slope, sigma_w2, sigma_b2, depth, cuts=()):
    """c by (26) and (27) as printed (skip 1, input of mean 0 and mean square 1), nothing shared with the package."""
    w = mpmath.mpf(sigma_w2) / depth
    q, means, total = sigma_b2 + w, [], mpmath.mpf(0)
    for _ in range(depth):
        total += gaussian_mean(lambda h: slope(h) ** 2, q, cuts)
        second, first = gaussian_mean(lambda h: phi(h) ** 2, q, cuts), gaussian_mean(phi, q, cuts)
        q = q + w * second + 2 * w * sum(means) * first
        means.append(first)
    return sigma_w2 * total / depth


def selu_parameters():
    low = [mpmath.exp(mpmath.mpf(k * k) / 2) * mpmath.erfc(k / mpmath.sqrt(2)) / 2 for k in range(3)]
    alpha = 1 / mpmath.sqrt(2 * mpmath.pi) / (low[0] - low[1])
    return 1 / mpmath.sqrt(mpmath.mpf(1) / 2 + alpha**2 * (low[2] - 2 * low[1] + low[0])), alpha


def functions(name):
    if name == "tanh":
        return mpmath.tanh, lambda h: 1 - mpmath.tanh(h) ** 2, ()
    if name == "sigmoid":
        return lambda h: 1 / (1 + mpmath.exp(-h)), lambda h: 1 / (2 + 2 * mpmath.cosh(h)), ()
    if name == "hard_tanh":
        return lambda h: max(-1, min(1, h)), lambda h: mpmath.mpf(abs(h) < 1), (-1, 1)
    scale, alpha = selu_parameters()
    return (
        lambda h: scale * h if h > 0 else scale * alpha * mpmath.expm1(h),
        lambda h: scale if h > 0 else scale * alpha * mpmath.exp(h),
        (0,),
    )


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "hard_tanh", "selu"])
def test_weight_variance_gives_c_by_an_independent_recursion(name):
    with mpmath.workdps(35):
        weight = mpmath.mpf(str(weight_variance_for(name, "1/8", 3, digits=30)))
        phi, slope, cuts = functions(name)
        found = printed_recursion(phi, slope, weight, mpmath.mpf(0), 3, cuts)
        assert abs(found * 8 - 1) < 1e-26


def test_biases_enter_as_in_the_printed_recursion():
    with mpmath.workdps(25):
        found = printed_recursion(*functions("sigmoid")[:2], mpmath.mpf(2), mpmath.mpf(1) / 4, 4)
    assert abs(effective_cumulant("sigmoid", 4, 2, "1/4", digits=20) - sp.Float(mpmath.nstr(found, 22), 22)) < 1e-18


def test_closed_forms_for_relu_and_leaky_relu():
    assert abs(weight_variance_for("relu", "1/8", 50) - sp.Rational(1, 4)) < 1e-29
    slope = sp.Rational(1, 20)
    assert weight_variance_for(activation("leaky_relu", slope=slope), "1/8", 7, digits=40) == sp.N(
        sp.Rational(1, 4) / (1 + slope**2), 40
    )


def test_the_layer_equations_reproduce_equation_27():
    """q of the next layer minus a^2 q: the printed terms with m = sum a^k M, k from 0."""
    S, rows = SCALED, dict(scaled_equations())
    following = rows["q"].rhs.subs(S.p_, rows["p"].rhs)
    eliminated = following.subs(S.p_, sp.solve(sp.Eq(S.q, rows["q"].rhs), S.p_)[0])
    branch, first = MeanSquare(0, S.q), MeanValue(0, S.q)
    printed = S.a**2 * S.q + (1 - S.a**2) * S.sigma_b2 + S.sigma_w2 / S.L * (branch + 2 * S.a * S.m_ * first)
    assert sp.simplify(eliminated - printed) == 0


def simulate(phi, slope, sigma_w2, depth, size, seed, shift=0.0):
    """One random network: (mean over layers of the mean square slope times sigma_w2, final mean square, J)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(size)
    x = (x - x.mean()) / x.std() * np.sqrt(1 - shift**2) + shift
    J, total = np.eye(size), 0.0
    for _ in range(depth):
        W = rng.standard_normal((size, size)) * np.sqrt(sigma_w2 / (size * depth))
        h = W @ x
        d = slope(h)
        total += np.mean(d**2) / depth
        J = J + d[:, None] * (W @ J)
        x = x + phi(h)
    return sigma_w2 * total, np.mean(x**2), J


def relu(h):
    return np.maximum(h, 0)


def relu_slope(h):
    return (h > 0).astype(float)


def test_lengths_with_an_input_mean_agree_with_simulation():
    """ReLU, input of mean 0.8: the printed recursion leaves the term in m_0 out and is off by many standard errors."""
    runs = [simulate(relu, relu_slope, 1.0, 10, 400, seed, shift=0.8)[1] for seed in range(40)]
    mean, error = np.mean(runs), np.std(runs) / np.sqrt(40)
    with_mean = ScaledResidual("relu", depth=10).trajectory(sigma_w2=1, m0="4/5")["p"][-1]
    without = ScaledResidual("relu", depth=10).trajectory(sigma_w2=1)["p"][-1]
    assert abs(mean - with_mean) < 4 * error
    assert abs(mean - without) > 10 * error


def test_deep_limit_is_approached():
    for name, bias in (("tanh", 0), ("tanh", "1/2"), ("gelu", 0)):
        limit = float(effective_cumulant(name, sp.oo, "1/2", bias, digits=10))
        gaps = [float(effective_cumulant(name, d, "1/2", bias, digits=8)) - limit for d in (8, 16, 32)]
        assert abs(gaps[2]) < abs(gaps[1]) < abs(gaps[0]) < 0.2
        assert gaps[1] / gaps[2] == pytest.approx(2, abs=0.5)


def test_deep_expansion_leaves_one_over_depth_squared():
    c, sw2, L, p0 = deep_expansion(activation("tanh"))
    left = []
    for depth in (50, 100):
        main = float(c.subs({sw2: sp.Rational(1, 2), L: depth, p0: 1}))
        left.append(abs(float(effective_cumulant("tanh", depth, "1/2", digits=12)) - main))
    assert left[0] / left[1] == pytest.approx(4, rel=0.2)


def test_selu_rests_at_unit_variance():
    assert abs(resting_length(activation("selu"), digits=25) - 1) < 1e-22
    assert resting_length(activation("sigmoid")) is None


def test_a_shrinking_skip_forgets_the_input():
    limit = float(effective_cumulant("sigmoid", sp.oo, 2, "1/4", skip="1/2", digits=10))
    near = float(effective_cumulant("sigmoid", 400, 2, "1/4", skip="1/2", digits=8))
    assert near == pytest.approx(limit, rel=0.01)


def test_unfit_arguments_are_refused():
    with pytest.raises(DomainError):
        effective_cumulant("tanh", 10, -1)
    with pytest.raises(DomainError, match="m0"):
        effective_cumulant("tanh", 10, 1, p0=1, m0=2)
    with pytest.raises(InputError):
        effective_cumulant("tanh", 10)
    with pytest.raises(DomainError):
        weight_variance_for("tanh", -1, 10)
    with pytest.raises(DomainError, match="no weight variance"):
        weight_variance_for("sigmoid", "1/8")
    with pytest.raises(UnsupportedError, match="skip"):
        effective_cumulant("tanh", sp.oo, 1, skip=2)
    with pytest.raises(DomainError, match="depth"):
        ScaledResidual("tanh")
    with pytest.raises(DomainError):
        weight_variance_for("x*0", "1/8", 5)


def test_tangent_gain_of_the_input_is_the_growth_of_its_length_for_relu():
    """J x = x_L for a positively homogeneous network, so the gain is at least sqrt(p_L/p_0)."""
    run = ScaledResidual("relu", depth=30).trajectory(sigma_w2="1/4")
    assert float(tangent_gain("relu", 30, "1/4")) >= np.sqrt(run["p"][-1])


def test_the_outlier_of_relu_is_there_and_a_warning_says_so():
    report = isometry_report("relu", depth=50, c="1/8")
    _, _, J = simulate(relu, relu_slope, 0.25, 50, 400, 1)
    s = np.linalg.svd(J, compute_uv=False)
    assert s[0] > 0.9 * float(report.gain) > float(report.s_max)
    assert s[1] < 1.03 * float(report.s_max)
    with pytest.warns(IsometryWarning, match="at least one"):
        report.warn()


def test_the_sigmoid_has_no_outlier_though_its_mean_output_is_one_half():
    report = isometry_report("sigmoid", depth=10, c="1/8")
    assert not report.outside
    weight = float(report.sigma_w2)
    _, _, J = simulate(lambda h: 1 / (1 + np.exp(-h)), lambda h: 1 / (2 + 2 * np.cosh(h)), weight, 10, 400, 2)
    assert np.linalg.svd(J, compute_uv=False)[0] < 1.03 * float(report.s_max)


def kolmogorov(J, cdf, drop=0):
    s = np.sort(np.linalg.svd(J, compute_uv=False))
    n = len(s)
    values = cdf(s)
    return max(np.max(values - np.arange(n) / n), np.max(np.arange(1, n + 1) / n - values))


def test_spectrum_of_a_random_tanh_network():
    weight = float(weight_variance_for("tanh", "1/8", 10, digits=12))
    _, _, J = simulate(np.tanh, lambda h: 1 - np.tanh(h) ** 2, weight, 10, 300, 7)
    assert kolmogorov(J, JacobianSpectrum(c="1/8").cdf) < 0.02


def test_the_first_correction_brings_the_law_closer_to_shallow_relu_networks():
    weight, depth = sp.Rational(1, 1), 3
    found = layer_cumulants("relu", depth, weight)
    S = JacobianSpectrum(c=found.c, depth=depth)
    C = S.corrected(fourth=found.fourth, squares=found.squares)
    values = np.sort(
        np.concatenate(
            [np.linalg.svd(simulate(relu, relu_slope, 1.0, depth, 300, seed)[2], compute_uv=False) for seed in range(6)]
        )
    )
    middle = (values > float(S.universal().edges(10)[0]) * 1.3) & (values < float(S.universal().edges(10)[1]) * 0.8)
    empirical = (np.arange(len(values)) + 0.5) / len(values)
    limit = np.max(np.abs(S.universal().cdf(values) - empirical)[middle])
    corrected = np.max(np.abs(C.cdf(values) - empirical)[middle])
    assert corrected < 0.4 * limit


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("depth", [10, 20, 50])
def test_spectrum_against_simulation_at_width_500(name, depth):
    """Kolmogorov distance of one network's singular values from the universal law below 0.015."""
    pair = {
        "tanh": (np.tanh, lambda h: 1 - np.tanh(h) ** 2),
        "relu": (relu, relu_slope),
        "sigmoid": (lambda h: 1 / (1 + np.exp(-h)), lambda h: 1 / (2 + 2 * np.cosh(h))),
    }[name]
    weight = float(weight_variance_for(name, "1/8", depth, digits=12))
    _, _, J = simulate(*pair, weight, depth, 500, 11)
    assert kolmogorov(J, JacobianSpectrum(c="1/8").cdf) < 0.015


@pytest.mark.parametrize("phi", ["x**2", "cos(x)", "alpha_relu(alpha=3/4)"])
def test_limits_that_are_not_known_are_refused_by_name(phi):
    with pytest.raises((UnsupportedError, DomainError), match=r"slope|depth"):
        weight_variance_for(phi, 3)


def test_the_quiet_regime_of_smooth_activations_ends_where_the_riccati_solution_does():
    """x^2: u' = w (1 + u^2) becomes infinite at pi/(2 w); below w = pi/2 all lengths stay of order 1/L and c = 0."""
    assert effective_cumulant("x**2", sp.oo, "3/2", digits=10) == 0
    with pytest.raises(UnsupportedError, match="without bound"):
        effective_cumulant("x**2", sp.oo, "8/5", digits=10)
