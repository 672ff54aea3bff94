"""float64 arrays of the kernel against proven balls, at random points and at the ends of the domain."""

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

from derive import J, c_alpha, one_minus_J
from derive.errors import DomainError
from derive.kernels import arrays
from derive.kernels.balls import kernel_ball
from derive.kernels.gap import gap_ball

HARD = [-0.499999, -0.3, 0, 0.1, 0.5, 0.5 + 1e-9, 0.5 - 1e-15, 0.79, 0.999, 1, 1.5 - 1e-12, 1.5, 2, 7.3, 19.5, 20, 35]
C = np.concatenate([np.linspace(-0.9999, 0.9999, 41), [-1 + 1e-8, 1 - 1e-15, 1 - 1e-8]])
D = np.concatenate([10.0 ** -np.arange(0, 300, 13.0), np.linspace(0.01, 1.99, 25)])


def worst(values, exact):
    with ctx.workprec(120):
        return max(abs(float((arb(float(v)) / exact(arb(float(t))) - 1).mid())) for t, v in values)


@pytest.mark.parametrize("alpha", HARD)
def test_arrays_are_right_to_float64(alpha):
    with ctx.workprec(120):
        order = arb(alpha)
        assert worst(zip(C, arrays.J(alpha, C), strict=True), lambda t: kernel_ball(order, t)) < 2e-15
        assert worst(zip(D, arrays.one_minus_J(alpha, D), strict=True), lambda t: gap_ball(order, t)) < 2e-15


def test_ends_are_exact_and_shapes_broadcast():
    assert arrays.J(0.7, np.array([-1.0, 1.0])).tolist() == [0, 1]
    assert arrays.one_minus_J(0.7, np.array([0.0, 2.0])).tolist() == [0, 1]
    grid = arrays.J(np.array([[0.3], [0.5]]), np.array([0.0, 0.5, 1.0]))
    assert grid.shape == (2, 3) and isinstance(arrays.J(0.3, 0.1), float)


def test_lambdify_to_numpy_and_mpmath():
    import mpmath

    a, c = sp.symbols("a c")
    f = sp.lambdify([a, c], J(a, c) + c_alpha(a) * one_minus_J(a, 1 - c), "numpy")
    values = f(0.5, np.array([0.25, 0.75]))
    expected = [float(J("1/2", t) + c_alpha("1/2") * (1 - J("1/2", t))) for t in ("1/4", "3/4")]
    assert np.allclose(values, expected, rtol=1e-14, atol=0)
    g = sp.lambdify(c, J(sp.Rational(3, 10), c), "mpmath")
    with mpmath.mp.workdps(40):
        assert abs(g(mpmath.mpf(1) / 4) - mpmath.mpf(str(J("0.3", "1/4").evalf(45)))) < mpmath.mpf("1e-38")


@pytest.mark.parametrize(("alpha", "c"), [(-0.5, 0.0), (np.nan, 0.0), (1.0, 1.5), (1.0, np.nan), (1e6, 0.5)])
def test_entries_outside_are_refused(alpha, c):
    with pytest.raises(DomainError):
        arrays.J(alpha, np.array([0.0, c]))
    with pytest.raises(DomainError):
        arrays.one_minus_J(np.array([alpha, 1.0]), 3.0)
