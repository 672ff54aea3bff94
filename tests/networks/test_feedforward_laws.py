"""Critical points, expansions, phase diagrams, dropout and layers of feed-forward networks, by independent routes."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.errors import DomainError, InputError, UnsupportedError
from derive.networks import FeedForward


@pytest.mark.parametrize("certified", [False, True], ids=["digits", "balls"])
def test_critical_point_of_erf_is_the_closed_form_at_length_one_half(certified):
    """q = 1/2 has asin(2q/(1+2q)) = pi/6 exactly."""
    weight, bias = sp.sqrt(3) * sp.pi / 4, sp.Rational(1, 2) - sp.sqrt(3) * sp.pi / 12
    assert FeedForward("erf").critical_line("1/2") == (weight, bias)
    (point,) = FeedForward("erf").critical_points(sigma_b2=bias, digits=25, certified=certified)
    if certified:
        assert point.sigma_w2.contains(weight)
        assert point.q.contains(sp.Rational(1, 2))
        assert point.sigma_w2.rad < 1e-24
    else:
        assert abs(point.sigma_w2 - weight.n(40)) < 1e-24
        assert abs(point.q - 0.5) < 1e-24
    assert point.stable


def test_critical_lines_of_sin_and_relu_are_exact():
    q = sp.Symbol("q", positive=True)
    weight, bias = FeedForward("sin").critical_line(q)
    assert sp.simplify((weight - 2 / (1 + sp.exp(-2 * q))).rewrite(sp.exp)) == 0
    assert sp.simplify((bias - q + sp.tanh(q)).rewrite(sp.exp)) == 0
    (point,) = FeedForward("relu").critical_points(sigma_b2=0)
    assert (point.sigma_w2, point.sigma_b2) == (2, 0)
    assert FeedForward("relu").critical_points(sigma_b2=1) == ()


def test_the_edge_of_gelu_lies_on_an_unstable_branch():
    (point,) = FeedForward("gelu").critical_points(sigma_b2="1/20", digits=12)
    assert point.chi_q > 1
    assert point.stable is False


@pytest.mark.parametrize("given", [{}, {"sigma_b2": 1, "sigma_w2": 1}, {"sigma_w2": 0}], ids=["none", "both", "zero"])
def test_critical_points_need_one_positive_variance(given):
    with pytest.raises((InputError, DomainError)):
        FeedForward("tanh").critical_points(**given)


def test_critical_line_of_tanh_starts_with_a_cube_root():
    """The expansion against solved points: the error falls faster than the last term kept."""
    net = FeedForward("tanh")
    corner = net.near_criticality(3)
    errors = []
    for k in (5, 6):
        bias = sp.Rational(1, 10**k)
        with_q = net.critical_points(sigma_b2=bias, digits=15)[-1]
        errors.append(abs(with_q.sigma_w2 - corner.line.subs(corner.sigma_b2_symbol, bias).n(20)) / bias)
    assert errors[1] < 0.6 * errors[0] < 0.6 * 0.2


def test_axis_laws_of_arctan_agree_with_solved_fixed_points():
    net = FeedForward("arctan")
    corner = net.near_criticality(3)
    d = sp.Rational(1, 1000)
    (point,) = net.fixed_points(sigma_w2=1 + d, sigma_b2=0, digits=20)
    for name, tolerance in (("length", 1e-10), ("chi_1", 1e-11), ("chi_q", 1e-9), ("chi_c", 1e-11)):
        solved = point.q if name == "length" else getattr(point, name)
        assert abs(getattr(corner, name).subs(corner.delta_symbol, d).n(20) - solved) < tolerance


@pytest.mark.parametrize("phi", ["sigmoid", "relu", "x**3", "cos(x)"])
def test_activations_without_a_corner_are_refused(phi):
    with pytest.raises(UnsupportedError):
        FeedForward(phi).near_criticality()


@pytest.mark.parametrize("phi", ["hard_tanh", "elu"])
def test_divergence_on_both_sides_of_the_edge(phi):
    """Corners of phi (hard tanh) double the amplitude on the chaotic side; solved points decide."""
    net = FeedForward(phi)
    (law,) = net.divergence(sigma_b2="1/20", digits=12)
    edge = sp.Rational(str(law.critical.sigma_w2))
    step = sp.Rational(1, 10**5)
    below, above = (net.fixed_points(sigma_w2=edge + s * step, sigma_b2="1/20", digits=10)[0] for s in (-1, 1))
    assert abs(below.xi_c * step / law.ordered - 1) < 1e-3
    assert abs(above.xi_c * step / law.chaotic - 1) < 1e-2
    assert abs(above.one_minus_c / (law.gap * step**law.gap_power) - 1) < 1e-2
    assert abs(law.chaotic / law.ordered - (2 if phi == "hard_tanh" else 1)) < 1e-9


def test_dropout_leaves_a_finite_memory_that_follows_its_law():
    (law,) = FeedForward("tanh").divergence(sigma_b2="1/20", digits=12)
    lost = sp.Rational(1, 10**6)
    found = FeedForward("tanh", 1 - lost).longest_memory(sigma_b2="1/20", digits=12)
    assert abs(found.xi_c / (law.dropout_amplitude * lost**-law.dropout_power) - 1) < 5e-3


def test_more_dropout_means_less_correlation():
    """Paper 004, fig. 3 (b)."""
    values = [
        FeedForward("tanh", r).fixed_points(sigma_w2=2, sigma_b2="1/20", digits=10)[0].c for r in ("0.8", "0.9", 1)
    ]
    assert values == sorted(values)


def test_phase_diagram_agrees_with_the_arcsine_map_to_ten_digits():
    diagram = FeedForward("erf").phase_diagram(np.linspace(0.2, 4, 5), np.linspace(0.01, 0.5, 4))
    q, gain, bias = diagram.q, diagram.sigma_w2[:, None], diagram.sigma_b2
    assert np.max(np.abs(gain * 2 / np.pi * np.arcsin(2 * q / (1 + 2 * q)) + bias - q) / q) < 1e-11
    lam = diagram.c * q
    assert np.max(np.abs(gain * 2 / np.pi * np.arcsin(2 * lam / (1 + 2 * q)) + bias - lam)) < 1e-11
    chi = gain * 4 / np.pi / np.sqrt((1 + 2 * q) ** 2 - 4 * lam**2)
    assert np.max(np.abs(diagram.chi_c / chi - 1)) < 1e-10
    assert np.array_equal(diagram.ordered, diagram.c > 1 - 1e-9)


def test_phase_diagram_of_a_kinked_activation_goes_point_by_point():
    diagram = FeedForward("relu").phase_diagram([1, 3], [0.5])
    assert abs(diagram.q[0, 0] - 1) < 1e-10
    assert np.isnan(diagram.q[1, 0])


@pytest.mark.parametrize("axis", [[-1.0], [float("nan")], [[1.0]]], ids=["negative", "nan", "matrix"])
def test_axes_of_a_phase_diagram_are_checked(axis):
    with pytest.raises(InputError):
        FeedForward("tanh").phase_diagram(axis, [0.1])


def test_trajectory_of_unequal_norms_follows_the_arcsine_formula():
    run = FeedForward("erf").trajectory(6, sigma_w2=2, sigma_b2="1/10", q0="1/2", q0b=3, c0="-3/10")
    a, b, ab = 0.5, 3.0, -0.3 * np.sqrt(1.5)
    for layer in range(1, 7):
        ab = 2 * 2 / np.pi * np.arcsin(2 * ab / np.sqrt((1 + 2 * a) * (1 + 2 * b))) + 0.1
        a, b = (2 * 2 / np.pi * np.arcsin(2 * x / (1 + 2 * x)) + 0.1 for x in (a, b))
        assert np.allclose([run.q_a[layer], run.q_b[layer], run.q_ab[layer]], [a, b, ab], rtol=1e-13)


def test_nearly_equal_inputs_keep_their_distance():
    run = FeedForward("tanh").trajectory(3, sigma_w2=2, sigma_b2="1/20", q0=1, c0=1 - sp.Rational(1, 10**18))
    ratios = run.one_minus_c[1:] * run.q[1:] / (run.one_minus_c[:-1] * run.q[:-1])
    assert np.allclose(ratios, run.chi_1[:-1], rtol=1e-12)  # the linear map of a vanishing distance


def test_a_wide_random_network_with_dropout_follows_the_recurrences():
    """Width 2500, 6 layers, tanh, keep probability 0.9: lengths, correlation and gradients within sampling error."""
    rng, n, rho, w, b = np.random.default_rng(5), 2500, 0.9, 2.0, 0.1
    run = FeedForward("tanh", "0.9").trajectory(6, sigma_w2=2, sigma_b2="0.1", q0=1, c0="0.6")
    za = rng.normal(size=n)
    zb = 0.6 * za + 0.8 * rng.normal(size=n)
    steps = []
    for layer in range(1, 7):
        weights, bias = rng.normal(size=(n, n)) * np.sqrt(w / n), rng.normal(size=n) * np.sqrt(b)
        masks = [(rng.random(n) < rho) / rho for _ in range(2)]
        steps.append((weights, masks[0] * (1 - np.tanh(za) ** 2), masks[1] * (1 - np.tanh(zb) ** 2)))
        za, zb = (weights @ (m * np.tanh(z)) + bias for m, z in zip(masks, (za, zb), strict=True))
        assert abs(za @ za / n / run.q[layer] - 1) < 0.12
        assert abs(za @ zb / n - run.q_ab[layer]) < 0.12
    ga = rng.normal(size=n)
    gb = ga.copy()
    for weights, da, db in reversed(steps):
        ga, gb = da * (weights.T @ ga), db * (weights.T @ gb)
    assert abs(ga @ ga / n / run.chi[0] - 1) < 0.25
    assert abs(ga @ gb / n / run.chi_ab[0] - 1) < 0.25


def test_recurrences_without_dropout_have_no_keep_probability():
    rows = FeedForward("tanh").recurrences()
    assert not any(eq.rhs.has(sp.Symbol("rho", positive=True)) for eq in rows.values())
    S = FeedForward("tanh").symbols
    halves = FeedForward("tanh", "1/2").recurrences()["q"].rhs
    assert halves.subs(S.sigma_w2, S.sigma_w2 / 2) == rows["q"].rhs  # one input: only the weights are rescaled


def test_values_at_a_depth_need_what_they_are_about():
    net = FeedForward("tanh")
    with pytest.raises(InputError, match="c0"):
        net.at(3, "c", sigma_w2=1, sigma_b2=0, q0=1)
    with pytest.raises(InputError, match="q0"):
        net.trajectory(3, sigma_w2=1, sigma_b2=0)
    with pytest.raises(InputError, match="unknown quantity"):
        net.at(3, "p", sigma_w2=1, sigma_b2=0, q0=1)


def test_correlation_decays_algebraically_at_the_edge():
    """l^2 (1 - c_l - 2/(chi_2 l)) against the logarithm of the derived law, at layers 500 and 1000 of erf's own map."""
    (law,) = FeedForward("erf").divergence(sigma_b2="1/20", digits=20)
    w, q = mpmath.mpf(str(law.critical.sigma_w2)), mpmath.mpf(str(law.critical.q))
    e, kept = mpmath.mpf("0.2"), {}
    for layer in range(1, 1001):
        e = w / q * 2 / mpmath.pi * (mpmath.asin(2 * q / (1 + 2 * q)) - mpmath.asin(2 * (1 - e) * q / (1 + 2 * q)))
        kept[layer] = e
    amplitude = mpmath.mpf(str(law.decay_amplitude))
    assert abs(kept[1000] * 1000 / amplitude - 1) < 0.05
    assert abs(kept[1000] * 1000 / amplitude - 1) < abs(kept[500] * 500 / amplitude - 1)


@pytest.mark.parametrize(
    "given",
    [{"sigma_w2": 10**5}, {"sigma_w2": "1.0001"}, {"sigma_b2": "1e-9"}],
    ids=["far out", "near the corner", "small bias"],
)
def test_critical_points_far_from_q_of_order_one_are_found(given):
    """tanh, D and V by mpmath.quad: chi_1 = 1 and q = sigma_w2 V + sigma_b2."""
    points = FeedForward("tanh").critical_points(digits=15, **given)
    (point,) = points
    assert points.complete and points.reason == "" and point.stable
    with mpmath.workdps(25):
        w, b, q = (mpmath.mpf(x) for x in (point.sigma_w2, point.sigma_b2, point.q))
        r = mpmath.sqrt(q)
        cuts = sorted({0, 14, *(min(k / r, 14) for k in (1, 2, 4, 8, 16, 32)), 1, 3, 6})
        V = 2 * mpmath.quad(lambda z: mpmath.tanh(r * z) ** 2 * mpmath.npdf(z), cuts)
        D = 2 * mpmath.quad(lambda z: mpmath.sech(r * z) ** 4 * mpmath.npdf(z), cuts)
        assert abs(w * D - 1) < 1e-13
        assert abs(w * V + b - q) < 1e-13 * q


def test_what_was_not_searched_is_said():
    """E cos^2 = (1 + e^(-2q))/2 has no expansion in powers of q."""
    points = FeedForward("sin").critical_points(digits=10, sigma_w2="1.5")
    assert not points.complete and "above 500" in points.reason
    assert abs(points[0].q - sp.log(3) / 2) < 1e-9
