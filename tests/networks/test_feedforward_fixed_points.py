"""Fixed points of feed-forward networks against closed-form maps iterated in mpmath, quadrature and plain iteration."""

import mpmath
import pytest
import sympy as sp

from derive.errors import DomainError, InputError, UnsupportedError
from derive.networks import FeedForward


def close(a, b, digits):
    with mpmath.workdps(60):
        a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
        return abs(a - b) <= max(abs(a), abs(b)) * mpmath.mpf(10) ** -digits


def erf_mean(q, lam):
    """E erf(u1) erf(u2), the arcsine formula of Williams (1997)."""
    return 2 / mpmath.pi * mpmath.asin(2 * lam / (1 + 2 * q))


def erf_point(w, b, rho=1, layers=4000):
    """(q*, 1 - c*) by iterating the closed form with 60 digits, then Newton on 1 - c."""
    with mpmath.workdps(70):
        w, b, rho = (mpmath.mpf(x.numerator) / x.denominator for x in map(sp.Rational, (w, b, rho)))
        q = mpmath.findroot(lambda t: w / rho * erf_mean(t, t) + b - t, (0.3, w + b + 1), solver="anderson", tol=1e-100)
        guess = mpmath.mpf(1)
        f = lambda e: (q - w * erf_mean(q, (1 - e) * q) - b) / q - e  # noqa: E731
        for _ in range(layers):
            guess = guess + f(guess)  # the map of 1 - c itself
            if abs(f(guess)) < mpmath.mpf(10) ** -12 * guess:
                break
        return q, mpmath.findroot(f, (guess * 0.99, guess * 1.01), solver="anderson", tol=1e-100)


@pytest.mark.parametrize(("w", "b"), [("3", "1/20"), ("5", "1/2"), ("7", "1/1000")])
def test_erf_fixed_points_agree_with_the_arcsine_map_to_30_digits(w, b):
    (point,) = FeedForward("erf").fixed_points(sigma_w2=w, sigma_b2=b)
    q, gap = erf_point(w, b)
    assert close(point.q, q, 29)
    assert close(point.one_minus_c, gap, 28)
    assert point.phase == "chaotic"


def test_susceptibilities_are_derivatives_of_the_arcsine_map():
    (point,) = FeedForward("erf").fixed_points(sigma_w2=3, sigma_b2="1/20", digits=25)
    with mpmath.workdps(40):
        q, c = mpmath.mpf(str(point.q)), mpmath.mpf(str(point.c))
        assert close(point.chi_q, mpmath.diff(lambda t: 3 * erf_mean(t, t), q), 20)
        assert close(point.chi_c, mpmath.diff(lambda x: 3 * erf_mean(q, x * q) / q, c), 20)
        assert close(point.chi_1, mpmath.diff(lambda x: 3 * erf_mean(q, x * q) / q, mpmath.mpf(1)), 15)
        assert close(point.xi_c, -1 / mpmath.log(mpmath.mpf(str(point.chi_c))), 20)


def test_digits_survive_at_a_distance_of_1e8_from_the_edge():
    edge = FeedForward("erf").critical_points(sigma_b2="1/20", digits=30)[0]
    weight = sp.Rational(str(edge.sigma_w2)) + sp.Rational(1, 10**8)
    (point,) = FeedForward("erf").fixed_points(sigma_w2=weight, sigma_b2="1/20", digits=25)
    with mpmath.workdps(60):
        w = mpmath.mpf(weight.p) / weight.q
        q = mpmath.findroot(lambda t: w * erf_mean(t, t) + mpmath.mpf(1) / 20 - t, 0.5)
        near = mpmath.mpf(str(point.one_minus_c))
        residue = lambda e: 1 - w * (erf_mean(q, q) - erf_mean(q, (1 - e) * q)) / (q * e)  # noqa: E731
        gap = mpmath.findroot(residue, (near * 0.9, near * 1.1), solver="anderson", tol=1e-60)
        chi = w * 4 / mpmath.pi / mpmath.sqrt((1 + 2 * q) ** 2 - (2 * (1 - gap) * q) ** 2)
        assert close(point.q, q, 24)
        assert close(point.one_minus_c, gap, 24)
        assert close(point.xi_c, -1 / mpmath.log(chi), 24)
    assert 1e-9 < point.one_minus_c < 1e-7


def test_a_correlation_of_one_minus_1e_minus_9_keeps_its_digits_under_dropout():
    rho = sp.Rational(10**10 - 1, 10**10)
    (point,) = FeedForward("erf", rho).fixed_points(sigma_w2=1, sigma_b2="1/20", digits=25)
    _, gap = erf_point("1", "1/20", rho)
    assert close(point.one_minus_c, gap, 22)
    assert 1e-11 < point.one_minus_c < 1e-8


def test_lengths_near_zero_keep_relative_accuracy():
    (point,) = FeedForward("erf").fixed_points(sigma_w2=sp.pi / 4 * (1 + sp.Rational(1, 10**8)), sigma_b2=0, digits=25)
    with mpmath.workdps(60):
        gain = mpmath.pi / 4 * (1 + mpmath.mpf(10) ** -8)
        q = mpmath.findroot(lambda t: gain * erf_mean(t, t) / t - 1, 5e-9)
    assert close(point.q, q, 23)
    assert point.c == 0


@pytest.mark.parametrize("q0", ["1/10", "3"])
def test_plain_iteration_ends_at_the_fixed_point(q0):
    net = FeedForward("arctan")
    (point,) = net.fixed_points(sigma_w2="5/2", sigma_b2="1/10", digits=20)
    assert close(net.at(300, "q", 20, sigma_w2="5/2", sigma_b2="1/10", q0=q0), point.q, 19)


def test_two_stable_lengths_are_both_found_and_the_start_decides():
    net = FeedForward("tanh(x)**3")
    points = net.fixed_points(sigma_w2=9, sigma_b2=0, digits=15)
    assert points.complete
    assert [p.phase for p in points] == ["ordered", "chaotic"]
    (between,) = points.unstable
    for start, limit in ((float(between) * 0.99, 0), (float(between) * 1.01, points[1].q)):
        assert abs(net.at(60, "q", 15, sigma_w2=9, sigma_b2=0, q0=start) - limit) < 1e-12
    assert points[0].basin[1] == between == points[1].basin[0]


@pytest.mark.parametrize(
    ("phi", "w", "b"),
    [
        ("gelu", 3, 0),
        ("swish", "5/2", "1/10"),
        ("x*erf(x)", "3/2", "1/20"),
        ("tanh(x)**3", 9, "1/50"),
        ("elu", 1, "1/9"),
    ],
)
def test_no_fixed_length_is_missed_on_a_fine_grid(phi, w, b):
    import numpy as np

    from derive.activations import activation

    f = activation(phi)
    x = sp.Symbol("x")
    function = sp.lambdify(x, f.expr.xreplace({f.variable: x}), ["scipy", "numpy"])
    z = np.linspace(-12, 12, 6001)
    weight = np.exp(-z * z / 2)
    weight /= weight.sum()
    grid = np.geomspace(1e-3, 50, 400)
    with np.errstate(over="ignore"):
        second = np.array([(function(np.sqrt(q) * z) ** 2) @ weight for q in grid])
    excess = float(sp.Rational(w)) * second + float(sp.Rational(b)) - grid
    crossings = int(np.sum(excess[1:] * excess[:-1] < 0))
    try:
        points = FeedForward(phi).fixed_points(sigma_w2=w, sigma_b2=b, digits=10)
    except DomainError:
        assert crossings == 0
        return
    found = [p.q for p in points if p.q > 1e-3] + [q for q in points.unstable if q > 1e-3]
    assert len(found) == crossings


def test_negative_susceptibility_and_a_correlation_that_follows_the_length():
    net = FeedForward("exp(-x**2)")
    (point,) = net.fixed_points(sigma_w2=9, sigma_b2=0, digits=20)
    with mpmath.workdps(30):
        q = mpmath.mpf(str(point.q))
        assert close(point.chi_q, -18 / (1 + 4 * q) ** mpmath.mpf(1.5), 18)  # V = (1 + 4q)^(-1/2)
    run = net.trajectory(20, sigma_w2=9, sigma_b2=0, q0=1, c0="1/2")
    ratio = (run.c[20] - float(point.c)) / (run.c[18] - float(point.c))
    assert abs(ratio - float(point.rate_c) ** 2) < 0.05
    assert point.rate_c == abs(point.chi_q) > point.chi_c


def test_relu_follows_its_linear_recurrence():
    (point,) = FeedForward("relu").fixed_points(sigma_w2=1, sigma_b2="1/20", digits=20)
    assert close(point.q, "0.1", 19)
    assert point.c == 1
    assert all(close(x, 0.5, 19) for x in (point.chi_1, point.chi_q, point.chi_c))


def test_relu_with_dropout_solves_the_arc_cosine_equation():
    (point,) = FeedForward("relu", "9/10").fixed_points(sigma_w2=1, sigma_b2=1, digits=20)
    with mpmath.workdps(40):
        q = 1 / (1 - mpmath.mpf(10) / 18)

        def residue(t):  # c = cos t; E relu relu = q (sin t + (pi - t) cos t)/(2 pi), Cho and Saul
            return q * (mpmath.sin(t) + (mpmath.pi - t) * mpmath.cos(t)) / (2 * mpmath.pi) + 1 - q * mpmath.cos(t)

        gap = 1 - mpmath.cos(mpmath.findroot(residue, 0.4))
    assert close(point.one_minus_c, gap, 18)


def test_softsign_agrees_with_quadrature():
    (point,) = FeedForward("softsign").fixed_points(sigma_w2=4, sigma_b2="1/20", digits=20)
    with mpmath.workdps(25):
        q = mpmath.mpf(str(point.q))
        mean = 2 * mpmath.quad(
            lambda z: (mpmath.sqrt(q) * z / (1 + mpmath.sqrt(q) * z)) ** 2 * mpmath.npdf(z), [0, 1, 2, 4, 8, 16]
        )
        assert close(4 * mean + mpmath.mpf(1) / 20, q, 18)


def test_without_biases_the_ordered_phase_keeps_a_memory_of_the_start():
    net = FeedForward("tanh")
    (point,) = net.fixed_points(sigma_w2="1/2", sigma_b2=0)
    assert point.q == 0
    assert point.c is sp.nan
    ends = [net.at(80, "c", 15, sigma_w2="1/2", sigma_b2=0, q0=1, c0=c) for c in ("1/4", "3/4")]
    assert ends[1] - ends[0] > 0.4


@pytest.mark.parametrize(
    ("phi", "expected"), [("x**2", (sp.Rational(1, 2), sp.Rational(2, 3))), ("relu", (1, 1))], ids=["square", "relu"]
)
def test_silent_networks_follow_the_leading_power(phi, expected):
    """x^2: c' = (1 + 2 c^2)/3 with the stable point 1/2; ReLU: slope 1 at c = 1."""
    point = FeedForward(phi).fixed_points(sigma_w2=1, sigma_b2=0, digits=15)[0]
    assert point.q == 0
    assert abs(point.c - expected[0]) < 1e-14
    assert abs(point.chi_c - expected[1]) < 1e-14


@pytest.mark.parametrize(
    ("phi", "values", "error", "word"),
    [
        ("tanh", {"sigma_w2": -1, "sigma_b2": 0}, DomainError, "sigma_w2"),
        ("tanh", {"sigma_w2": 1}, InputError, "sigma_b2"),
        ("tanh", {"sigma_w": 1, "sigma_b2": 0}, InputError, "sigma_w2"),
        ("tanh", {"sigma_w2": float("nan"), "sigma_b2": 0}, DomainError, "finite"),
        ("relu", {"sigma_w2": 3, "sigma_b2": 1}, DomainError, "below 2"),
        ("relu", {"sigma_w2": 2, "sigma_b2": 0}, UnsupportedError, "every length"),
        ("sign(x)", {"sigma_w2": 1, "sigma_b2": 1}, DomainError, "infinite"),
        ("alpha_relu(alpha=1/2)", {"sigma_w2": 1, "sigma_b2": 1}, DomainError, "infinite"),
        ("exp(x**2)", {"sigma_w2": 1, "sigma_b2": 1}, DomainError, "infinite"),
        ("exp(x)", {"sigma_w2": 1, "sigma_b2": 1}, DomainError, "no fixed point"),
    ],
    ids=lambda v: str(v)[:24] if isinstance(v, str) else "",
)
def test_bad_input_is_named(phi, values, error, word):
    with pytest.raises(error, match=word):
        FeedForward(phi).fixed_points(**values)


@pytest.mark.parametrize("rho", [0, "-1/2", 2, float("nan")])
def test_keep_probability_is_checked(rho):
    with pytest.raises(DomainError, match="keep_probability"):
        FeedForward("tanh", rho)


def test_without_weights_every_layer_is_the_bias():
    (point,) = FeedForward("tanh").fixed_points(sigma_w2=0, sigma_b2="3/7", digits=20)
    assert close(point.q, sp.Rational(3, 7).n(25), 19)
    assert point.chi_1 == point.chi_q == 0
    assert point.c == 1
