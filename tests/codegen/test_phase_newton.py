"""Phase diagrams by compiled Newton steps against fixed points of 18 digits, which use none of their tables."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import derive as dv
from derive.codegen.backends.numpy_backend import NumpyRunner
from derive.codegen.graph import Graph, Program
from derive.codegen.phase_derivative import derivative
from derive.errors import InputError, UnsupportedError


def test_derivatives_of_operations_are_those_of_sympy():
    """The chain rule on a graph with every operation that has one, against SymPy's derivative."""
    x = sp.Symbol("x", real=True)
    g = Graph()
    node, one = g.add("input", value="x"), g.const(1.5)
    root = g.add("rsqrt", g.add("add", node, one))
    total, expr = g.add("mul", node, g.add("mul", root, root)), x / (x + sp.Rational(3, 2))
    for op, f in (("exp", sp.exp), ("log", sp.log), ("sqrt", sp.sqrt), ("asin", sp.asin)):
        total = g.add("add", total, g.add("div", g.add(op, node), g.add("sub", one, node)))
        expr += f(x) / (sp.Rational(3, 2) - x)
    total = g.add("add", total, g.add("abs", g.add("min", node, g.add("below", one, node, one, root))))
    expr += sp.Min(x, (x + sp.Rational(3, 2)) ** sp.Rational(-1, 2))
    points = np.array([0.1, 0.35, 0.9])
    program = Program(g, {"f": derivative(g, total, node)}, {}, {}, ("x",))
    got = NumpyRunner(program).run(1, {"x": points, "f": points}).final["f"]
    exact = [float(sp.diff(expr, x).subs(x, sp.Rational(p)).evalf(20)) for p in points]
    np.testing.assert_allclose(got, exact, rtol=1e-14)


@pytest.mark.parametrize(
    ("phi", "keep"),
    [("tanh", 1), ("tanh", "9/10"), *(pytest.param(name, 1, marks=pytest.mark.slow) for name in ("gelu", "sin"))],
)
def test_points_agree_with_fixed_points(phi, keep, quick_backend):
    """Ordered and chaotic points, with and without bias; gelu is neither odd nor bounded, the V of sin not monotone."""
    net = dv.FeedForward(phi, keep)
    weights, biases = [0.7, 1.3, 1.9], [0.02, 0.3]
    got = net.phase_diagram(weights, biases, backend=quick_backend)
    assert (got.status == 0).all()
    for i, w in enumerate(weights):
        for j, b in enumerate(biases):
            point = net.fixed_points(sigma_w2=w, sigma_b2=b, digits=18)[-1]
            bend = abs(1 - float(point.chi_q))  # rounding moves a fixed point by as much over this
            assert abs(got.q[i, j] / float(point.q) - 1) < 1e-15 / bend + 5e-16
            assert abs(got.one_minus_c[i, j] - float(point.one_minus_c)) < 1e-13
            for name in ("chi_1", "chi_q", "chi_c"):
                assert abs(got[name][i, j] - float(getattr(point, name))) < 2e-13, name


def test_without_bias_small_weights_are_silent(backend):
    """tanh and sigma_b2 = 0: q* = 0 up to sigma_w2 = 1, and beyond it close to (sigma_w2 - 1)/2."""
    got = dv.FeedForward("tanh").phase_diagram([0, 0.5, 1, 1 + 2.0**-20], [0.0], backend=backend)
    assert got.q[:2, 0].tolist() == [0, 0] and got.q[2, 0] < 1e-14  # at 1 rounding decides
    assert abs(got.q[3, 0] / 2.0**-21 - 1) < 1e-5
    np.testing.assert_allclose(got.chi_1[:3, 0], [0, 0.5, 1], rtol=1e-15)


def test_lengths_without_end_have_a_status():
    """The gelu tends to a ReLU: beyond sigma_w2 = 2 lengths grow, except from small starts without bias."""
    got = dv.FeedForward("gelu").phase_diagram([1, 3], [0.5, 0.0], backend="numpy")
    assert got.status.tolist() == [[0, 0], [1, 0]]
    assert np.isnan(got.q[1, 0])
    assert got.q[:, 1].tolist() == [0, 0]


def test_tiny_biases_are_resolved():
    """q* = b/(1 - sigma_w2) where q is far below any curvature of tanh."""
    got = dv.FeedForward("tanh").phase_diagram([0.25, 0.5], [1e-30, 1e-12], backend="numpy")
    np.testing.assert_allclose(got.q, np.array([[4 / 3], [2.0]]) * [1e-30, 1e-12], rtol=1e-11)
    np.testing.assert_allclose(got.q[:, 0], np.array([4 / 3, 2.0]) * 1e-30, rtol=2e-15)


def test_large_grids_take_the_tables_by_themselves():
    """Both routes agree to the digits of the slower one; so do the shapes."""
    net = dv.FeedForward("tanh")
    w, b = np.linspace(0.5, 3, 20), np.linspace(0.01, 0.3, 16)
    auto, slow = net.phase_diagram(w, b), net.phase_diagram(w, b, backend="quadrature")
    tables = net.phase_diagram(w, b, backend="numpy")
    np.testing.assert_allclose(auto.q, tables.q, rtol=4e-15)
    for name in slow:
        if not name.startswith("xi"):
            np.testing.assert_allclose(auto[name], slow[name], rtol=1e-9, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("order", ["rising", "shuffled"])
@pytest.mark.parametrize(("phi", "keep"), [("tanh", 1), ("tanh", "9/10")])
def test_rows_started_from_other_rows_are_the_same(phi, keep, order):
    """Interpolated starts and brackets change a large grid by rounding alone, whatever the order of the biases."""
    weights, biases = np.geomspace(0.05, 8, 12), np.geomspace(1e-12, 10, 150)
    if order == "shuffled":
        np.random.default_rng(3).shuffle(biases)
    net = dv.FeedForward(phi, keep)
    whole = net.phase_diagram(weights, biases, threads=2)
    assert (whole.status == 0).all()
    for some in np.array_split(np.arange(len(biases)), 5):  # too few rows for guesses
        part = net.phase_diagram(weights, biases[some])
        error = np.abs(whole.q[:, some] / part.q - 1) * np.abs(1 - part.chi_q)
        assert error.max() < 2e-15
        error = np.abs(whole.one_minus_c[:, some] - part.one_minus_c) * np.abs(1 - part.chi_c)
        assert error.max() < 1e-14


def test_threads_give_the_same_numbers():
    net, axes = dv.FeedForward("tanh"), (np.linspace(0.5, 4, 300), np.linspace(0.001, 0.3, 120))
    one, more = (net.phase_diagram(*axes, threads=t) for t in (1, 3))
    for name in one:
        np.testing.assert_array_equal(one[name], more[name], err_msg=name)


def test_back_ends_are_checked():
    net = dv.FeedForward("hard_tanh")
    with pytest.raises(UnsupportedError, match="kinks"):
        net.phase_diagram([1], [0.1], backend="numpy")
    with pytest.raises(InputError, match="no back end"):
        net.phase_diagram([1], [0.1], backend="gpu")
