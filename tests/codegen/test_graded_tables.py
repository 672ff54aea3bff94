"""Tables of activations with kinks, slow tails, high orders and oscillations, against proven values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import derive as dv
from derive.codegen.approximation.charts import Pentagon, Rectangle
from derive.codegen.approximation.evaluate import evaluate
from derive.codegen.approximation.functions import half_line_pieces
from derive.codegen.approximation.heat import Smoothed, one_input
from derive.codegen.approximation.measure import direct_values, wide_sample
from derive.codegen.approximation.profile import profile_of
from derive.codegen.approximation.tables import tables_for
from derive.codegen.backends.c_backend import compiler
from derive.errors import UnsupportedError
from derive.expectations.values import covariance_value, expectation_value, gap_value, variance_value

# variance and 1 - c, from tiny to large, both signs of c; proven values near c = 1 take seconds where there are kinks
POINTS = ((1e-12, 0.5), (1e-6, 0.3), (0.2, 1.9), (1.0, 2 - 1e-9), (2.0, 1.0), (3e4, 0.3), (1e8, 0.7))
NEAR_ONE = ((1e-6, 1e-9), (1.0, 1e-9), (1e8, 1e-9))

DEFAULT = ["hard_tanh", "elu", "tanh(x)+1"]
LONGER = [
    "arctan",
    "softsign",
    "selu",
    "tanh(x)**3",
    "sin(3*x)+x",
    "x/sqrt(1+x**2)",
    "Max(-1,Min(x,2))",
    "x*exp(-x**2)",
    "asinh(x)",
    "x*sigmoid(2*x)",
    "log(1+exp(x))",
    "sqrt(1+x**2)",
    "x*Min(Max(x+3,0),6)/6",
]
EVERY = [*DEFAULT, *(pytest.param(n, marks=pytest.mark.slow) for n in LONGER)]


def right(phi, q, distance):
    """V, S, D, C from balls; those that no ball method takes are left out."""
    ratio = Fraction(q * distance) / Fraction(q)
    makers = {
        "V": lambda: variance_value(phi, q, 20),
        "S": lambda: expectation_value(phi.derivative_away_from_kinks(1).expr ** 2, q, 20),
        "D": lambda: gap_value(phi, q, ratio, 20),
        "C": lambda: covariance_value(phi, q, one_minus_c=ratio, digits=20),
    }
    found = {}
    for name, make in makers.items():
        try:
            found[name] = float(make())
        except UnsupportedError:
            continue
    return found


@pytest.mark.parametrize("name", EVERY)
def test_tables_reproduce_balls_over_the_whole_domain(name):
    """V, E phi'^2, V - W and W (beside V) within 3e-14, q from 1e-12 to 1e8, c from -1 + 1e-9 to 1 - 1e-9."""
    phi = dv.activation(name)
    points = POINTS if phi.kinks else (*POINTS, *NEAR_ONE)
    q, distance = np.array(points).T
    got = evaluate(phi, tables_for(phi, True), q, q * distance)
    compared = 0
    for i in range(len(q)):
        expected = right(phi, q[i], distance[i])
        compared += len(expected)
        for key, value in expected.items():
            scale = expected["V"] if key == "C" else abs(value)
            assert abs(got[key][i] - value) < 3e-14 * scale, (key, q[i], distance[i])
    assert compared >= 3 * len(q)


@pytest.mark.parametrize("name", EVERY)
def test_tables_reproduce_direct_sums_near_both_ends(name):
    """The same over q from 1e-6 to 1e6 and 1 - |c| down to 1e-10, within 3e-14 of sums without tables."""
    phi = dv.activation(name)
    q, distance = np.array(wide_sample(60, seed=8)).T
    try:
        expected = [direct_values(phi, a, a * d) for a, d in zip(q.tolist(), distance.tolist(), strict=True)]
    except UnsupportedError:
        assert name == "sin(3*x)+x"  # no float64 sums where it oscillates
        return
    got = evaluate(phi, tables_for(phi, True), q, q * distance)
    for key in ("V", "S", "D", "C"):
        values = np.array([e[key] for e in expected])
        scale = np.array([e["V" if key == "C" else key] for e in expected])
        assert np.max(np.abs(got[key] - values) / np.abs(scale)) < 3e-14, key


@pytest.mark.parametrize(
    "name", ["tanh", "gelu", "tanh(5*x)", "arctan", "elu", "softsign", "tanh(x)**3", "Max(-1,Min(x,2))"]
)
def test_direct_sums_reproduce_balls(name):
    """Heat-smoothed sums, which make the tables and measure them, against proven values, within 5e-15."""
    phi = dv.activation(name)
    for q, distance in ((1e-3, 0.4), (0.7, 1.6), (30.0, 0.1), (1e5, 0.8)):
        expected = right(phi, q, distance)
        got = direct_values(phi, q, q * distance)
        assert {"V", "S"} < set(expected)
        for key, value in expected.items():
            assert abs(got[key] - value) < 5e-15 * (expected["V"] if key == "C" else abs(value)), (key, q)


def test_covariance_and_gap_add_up():
    """C + D = A for the even part of the SELU, which has a kink at 0: three independent sums."""
    profile = profile_of(dv.activation("selu"), 1)
    for v in (1e-6, 0.5, 300.0):
        lam = v * np.array([1e-3, 0.2, 5.0, 1e6])
        covariance, gap = Smoothed(profile, v, lam[0], lam[-1]).pair(lam)
        total = [one_input(profile, v + r)[1] for r in lam]
        np.testing.assert_allclose(covariance + gap, total, rtol=3e-15)


def test_profiles_know_kinks_orders_and_tails():
    """Facts that follow from the formulas of the activations."""
    hard, cubed, root = (profile_of(dv.activation(n), -1) for n in ("hard_tanh", "tanh(x)**3", "x/sqrt(1+x**2)"))
    assert hard.kinks == (1.0,) and hard.order == 1 and hard.straight
    assert cubed.kinks == () and cubed.order == 3
    assert root.order == 1 and not root.straight
    even = profile_of(dv.activation("Max(-1,Min(x,2))"), 1)
    assert even.order == 0 and even.kinks == (1.0, 2.0) and even.local
    x = np.array([[1e-9, 0.3, 0.9]])
    np.testing.assert_allclose(cubed.value(x, np.array([0]))[0, :2], np.tanh(x[0, :2]) ** 3, rtol=4e-16)


def test_half_line_pieces_are_the_part():
    """The even part of Max(-1, Min(x, 2)) is 0, then (x - 1)/2, then 1/2."""
    x = dv.activation("tanh").variable
    pieces = half_line_pieces(dv.activation("Max(-1,Min(x,2))"), 1)
    assert [str(low) for low, _, _ in pieces] == ["0", "1", "2"]
    assert [str(e.subs(x, 3) * 2) for _, _, e in pieces] == ["0", "2", "1"]


def test_charts_follow_what_happens_at_zero():
    """A kink at 0 needs the side q = 0, a kink elsewhere does not."""
    assert tables_for(dv.activation("hard_tanh"), True).chart == Rectangle(2.25, rooted=True)
    assert isinstance(tables_for(dv.activation("elu"), True).chart, Pentagon)


def test_ends_of_the_domain_with_kinks():
    """q = 0, lam = q and lam = -q: no division by zero, a gap of exactly 0 for equal inputs."""
    for name in DEFAULT[:2]:
        phi = dv.activation(name)
        got = evaluate(phi, tables_for(phi, True), np.array([0.0, 2.0, 2.0]), np.array([0.0, 0.0, 4.0]))
        assert got["V"][0] == got["D"][0] == got["C"][0] == 0 and got["D"][1] == 0
        assert got["C"][1] == got["V"][1] and np.isfinite(got["D"][2])


@pytest.mark.parametrize("name", EVERY)
def test_networks_follow_the_iteration(name):
    """p, gamma, 1 - e and the gradient after 12 layers against the iteration with 22 digits, in C and in NumPy."""
    net = dv.FullResidual(name)
    start = {"sigma_v2": 1.3, "sigma_w2": 0.8, "sigma_a2": 0.1, "sigma_b2": 0.2, "p0": 0.7, "e0": 0.4}
    run = net.trajectory(12, **start)
    backends = ["numpy", *(["c"] if compiler() is not None else [])]
    for got in (net.compile(b)(12, **start) for b in backends):
        for quantity in ("p", "gamma", "one_minus_e"):
            assert abs(got[quantity] / run[quantity][-1] - 1) < 3e-14, quantity
        assert abs(got["log_chi_ratio"] - run["log_chi"][0]) < 3e-14


@pytest.mark.slow
def test_slow_tails_end_with_a_status():
    """Tables of arctan end at q of about 1e21: beyond, a point is reported and others are not touched."""
    f = dv.ReducedResidual("arctan").compile("numpy")
    got = f(3, sigma_w2=1, sigma_b2=0, p0=[1.0, 1e19, 1e25], e0=0.5)
    assert got["status"].tolist() == [0, 0, 4] and np.isnan(got["p"][2])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("sign(x)+tanh(x)", "jumps at 0"),
        ("sin(x)*tanh(x)", "oscillates"),
        ("x*exp(x)", "grows faster than every power"),
        ("sign(x)*Max(Abs(x)-1,0)", "constant near 0"),
        ("x*sqrt(Abs(x))", "whole power"),
    ],
)
def test_what_has_no_tables_is_refused_by_name(name, why):
    with pytest.raises(UnsupportedError, match=rf"{why}.*net\.trajectory"):
        tables_for(dv.activation(name), True)
