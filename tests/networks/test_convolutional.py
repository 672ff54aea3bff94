"""Convolutional mean field: the map, its fixed point and the spectrum of its Jacobian, against independent routes."""

import itertools

import mpmath
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError, PrecisionError, UnsupportedError
from derive.networks.convolution.network import Convolutional

VALUES = {"sigma_w2": 2, "sigma_b2": "1/20"}


def quadrature(phi, q1, q2, lam):
    """E phi(u1) phi(u2) by a float64 trapezoid of the package-free kind."""
    import numpy as np

    z = np.linspace(-9, 9, 361)
    w = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    u1 = np.sqrt(q1) * z
    u2 = lam / np.sqrt(q1) * z[:, None] + np.sqrt(max(q2 - lam * lam / q1, 0)) * z[None, :]
    return float(w @ (phi(u2) @ w * phi(u1)))


def test_one_layer_against_quadrature_and_explicit_sums():
    """Three positions, unequal variances, an unsymmetric kernel: sums written out by hand."""
    import numpy as np

    start = [[1.0, 0.25, -0.125], [0.25, 0.5, 0.0625], [-0.125, 0.0625, 2.0]]
    net = Convolutional("tanh", 3, {0: "1/2", 1: "1/3", -1: "1/6"})
    stepped = net.step(start, digits=15, **VALUES)
    for a, b in itertools.product(range(3), repeat=2):
        expected = 0.0
        for offset, v in ((0, 1 / 2), (1, 1 / 3), (2, 1 / 6)):
            c, d = (a + offset) % 3, (b + offset) % 3
            expected += v * (2 * quadrature(np.tanh, start[c][c], start[d][d], start[c][d]) + 0.05)
        assert abs(float(stepped[a, b]) - expected) < 1e-12


def test_recurrences_match_the_step():
    """The derived equation, with numbers put in, is what step computes."""
    start = sp.Matrix([[1, sp.Rational(1, 4)], [sp.Rational(1, 4), sp.Rational(1, 2)]])
    net = Convolutional("tanh", 2, {0: "1/3", 1: "2/3"})
    rows, S = net.recurrences(), net.symbols
    alpha, beta = sp.symbols("alpha beta", integer=True)
    at = rows["sigma"].rhs.subs({alpha: 0, beta: 1, S.sigma_w2: 2, S.sigma_b2: sp.Rational(1, 20)})
    from derive.networks.convolution.equations import Sigma_

    at = at.replace(Sigma_, lambda a, b: start[int(a) % 2, int(b) % 2])
    assert abs(at.evalf(15) - net.step(start, digits=15, **VALUES)[0, 1]) < 1e-13


def test_fixed_point_is_reproduced_by_the_map():
    net = Convolutional("tanh", 3, ["1/4", "1/2", "1/4"])
    point = net.fixed_point(digits=20, **VALUES)
    star = point.covariance(3)
    assert max(abs(x) for x in (net.step(star, digits=20, **VALUES) - star)) < 1e-18


def test_fixed_point_of_erf_in_closed_form():
    """erf: V = (2/pi) asin(2q/(1+2q)); chi_1 = sw2 (4/pi)/sqrt(1+4q), by Gaussian integrals done by hand."""
    point = Convolutional("erf", 3, [1]).fixed_point(digits=25, sigma_w2=2, sigma_b2="1/10")
    with mpmath.workdps(30):
        q, c = mpmath.mpf(point.q), mpmath.mpf(point.c)
        V = lambda lam: 2 / mpmath.pi * mpmath.asin(2 * lam / (1 + 2 * q))  # noqa: E731
        assert abs(2 * V(q) + mpmath.mpf(1) / 10 - q) < 1e-23
        assert abs(2 * V(q * c) + mpmath.mpf(1) / 10 - q * c) < 1e-22
        chi_c = 2 * 4 / mpmath.pi / mpmath.sqrt((1 + 2 * q) ** 2 - 4 * (q * c) ** 2)
        assert abs(chi_c - mpmath.mpf(point.chi_c)) < 1e-22
        assert abs(8 / mpmath.pi / mpmath.sqrt(1 + 4 * q) - mpmath.mpf(point.chi_1)) < 1e-22


def test_relu_fixed_point_exactly():
    """relu with sw2 = 1, sb2 = 1/10: q = 1/5, c = 1, chi = 1/2."""
    point = Convolutional("relu", 4, [1]).fixed_point(digits=20, sigma_w2=1, sigma_b2="1/10")
    assert point.phase == "ordered" and point.c == 1
    half, fifth = sp.Rational(1, 2), sp.Rational(1, 5)
    assert max(abs(point.q - fifth), *(abs(x - half) for x in (point.chi_1, point.chi_q, point.chi_c))) < 1e-19


def test_one_minus_c_keeps_its_digits_close_to_criticality():
    """chi_1 - 1 = 2e-11; to first order sw2 q E phi''^2 e = 2 (chi_1 - 1), by Taylor expansion of V - W."""
    point = Convolutional("tanh", 3, [1]).fixed_point(digits=20, sigma_w2="1.7609546397", sigma_b2="0.05")
    second = dv.V(dv.activation("tanh").diff(2), point.q).evalf(25)  # W'' at lam = q
    predicted = (point.chi_1 - 1) * 2 / (sp.Float("1.7609546397", 25) * point.q * second)
    assert point.phase == "chaotic" and abs(point.one_minus_c / predicted - 1) < 1e-8


def finite_difference_jacobian(net, point, values, digits=30, step="1e-10"):
    """The Jacobian of the map on the entries alpha <= alpha' by central differences at high precision."""
    n = net.positions
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    h, star = sp.Rational(step), point.covariance(n).applyfunc(sp.Rational)
    columns = []
    for a, b in pairs:
        moved = []
        for sign in (1, -1):
            changed = star.as_mutable()
            changed[a, b] += sign * h
            if a != b:
                changed[b, a] += sign * h
            moved.append(net.step(changed, digits=digits, **values))
        columns.append([(moved[0][c, d] - moved[1][c, d]) / (2 * h) for c, d in pairs])
    return sp.Matrix(len(pairs), len(pairs), lambda i, j: columns[j][i])


@pytest.mark.parametrize(
    ("size", "kernel"),
    [(2, ["1/3", "1/3", "1/3"]), (3, ["1/4", "1/2", "1/4"]), (4, {0: "1/2", 1: "1/3", 2: "1/6"})],
    ids=["even, folded", "odd, symmetric", "even, unsymmetric"],
)
def test_spectrum_against_an_explicit_jacobian(size, kernel):
    """Finite differences of the map itself, eigenvalues by mpmath, matched one by one with chi lambda_k."""
    net = Convolutional("erf", size, kernel)
    values = {"sigma_w2": 2, "sigma_b2": "1/10"}
    point = net.fixed_point(digits=30, **values)
    J = finite_difference_jacobian(net, point, values)
    assert max(abs(x) for x in J - net.jacobian(digits=20, **values)) < 1e-15
    with mpmath.workdps(25):
        found = list(mpmath.eig(mpmath.matrix(J.evalf(25).tolist()), left=False, right=False))
    expected = [complex(x) for x in net.spectrum(digits=15, **values).eigenvalues()]
    assert len(expected) == size * (size + 1) // 2 == len(found)
    for value in expected:
        nearest = min(found, key=lambda z: abs(complex(z) - value))
        assert abs(complex(nearest) - value) < 1e-7  # defective clusters split like the root of the difference error
        found.remove(nearest)


@pytest.mark.parametrize(("size", "kernel"), [(5, ["1/3"] * 3), (6, ["1/5"] * 5), ((2, 3), [["1/9"] * 3] * 3)])
def test_modes_are_eigenvalues_of_the_convolution(size, kernel):
    """The trace and the sum of squares of the operator A star on symmetric matrices, built entry by entry."""
    net = Convolutional("tanh", size, kernel)
    places = list(net.kernel.positions())
    pairs = [frozenset((a, b)) for i, a in enumerate(places) for b in places[i:]]
    rows = {p: {} for p in pairs}
    for p in pairs:
        for offset, v in net.kernel.variances:
            image = frozenset(net.kernel.moved(a, offset) for a in p)
            rows[p][image] = rows[p].get(image, 0) + v
    trace = sum(rows[p].get(p, 0) for p in pairs)
    squares = sum(v * rows[r].get(p, 0) for p in pairs for r, v in rows[p].items())
    lam = {k: net.kernel.eigenvalue(k) for k in places}
    count = {k: 1 + net.kernel.off_diagonal_multiplicity(k) for k in places}
    assert sum(count.values()) == len(pairs)
    assert abs(sp.N(sum(count[k] * lam[k] for k in places) - trace, 20)) < 1e-15
    assert abs(sp.N(sum(count[k] * lam[k] ** 2 for k in places) - squares, 20)) < 1e-15


def test_modes_can_vanish_and_be_negative():
    """Three equal taps: lambda = (1 + 2 cos 2 pi k/n)/3 is 0 at k = n/3 and -1/3 at k = n/2, exactly."""
    net = Convolutional("tanh", 6, ["1/3", "1/3", "1/3"])
    assert [net.eigenvalue(k) for k in range(6)] == [1, sp.Rational(2, 3), 0, -sp.Rational(1, 3), 0, sp.Rational(2, 3)]
    scales = net.depth_scales(digits=10, **VALUES)
    assert scales[2] == 0 and scales[0] > scales[1] > scales[3] > 0


@pytest.mark.parametrize("n", range(1, 7))
def test_delta_kernel_has_all_modes_one_and_others_do_not(n):
    delta = Convolutional("tanh", n, [0, 1, 0])
    assert all(delta.eigenvalue(k) == 1 for k in range(n))
    if n > 1:
        other = Convolutional("tanh", n, {0: "99/100", 1: "1/100"})
        assert abs(complex(other.eigenvalue(1))) < 1


def test_depth_scale_of_the_constant_mode_is_that_of_the_correlation():
    net = Convolutional("tanh", 5, ["1/3", "1/3", "1/3"])
    point = net.fixed_point(digits=25, **VALUES)
    assert abs(net.depth_scales(digits=20, **VALUES)[0] + 1 / sp.log(point.chi_c)) < 1e-17


@pytest.mark.parametrize(
    ("size", "kernel", "message"),
    [
        (0, [1], "positive integer"),
        (2.5, [1], "positive integer"),
        (float("nan"), [1], "finite"),
        ("ring", [1], "ring"),
        (4, ["1/2", "1/2"], "middle"),
        (4, ["1/3", "1/3", "1/4"], "add up to"),
        (4, ["-1/3", "1", "1/3"], "negative"),
        (4, [float("nan")], "finite"),
        (4, "uniform", "sequence"),
        (4, {0.5: 1}, "whole number"),
        ((4, 4), ["1/3"] * 3, "nesting"),
        (4, [["1/3"] * 3], "nested deeper"),
        (10**9, [1], "smaller ring"),
    ],
)
def test_bad_sizes_and_kernels_are_refused(size, kernel, message):
    with pytest.raises(InputError, match=message):
        Convolutional("tanh", size, kernel)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sigma_w2": -1, "sigma_b2": 0}, "negative"),
        ({"sigma_w2": 1}, "missing sigma_b2"),
        ({"sigma_w2": 1, "sigma_b2": float("inf")}, "finite"),
        ({"sigma_w2": 1, "sigma_b2": 0, "sigma_v2": 1}, "unknown keyword"),
        ({"sigma_w2": "1; import os", "sigma_b2": 0}, "cannot read"),
        ({"sigma_w2": 3, "sigma_b2": 1}, "no fixed point"),
    ],
)
def test_bad_variances_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        Convolutional("relu", 3, [1]).fixed_point(**values)


def test_critical_and_dying_networks_say_so():
    """The bump exp(-x^2) is critical at sw2 = (3 + 2 sqrt 2)/2, sb2 = 0; relu at sw2 = 2 keeps every length."""
    with pytest.raises(PrecisionError, match="critical line"):
        Convolutional("exp(-x**2)", 3, [1]).fixed_point(sigma_w2=sp.Rational(3, 2) + sp.sqrt(2), sigma_b2=0)
    with pytest.raises(UnsupportedError, match="every length is a fixed point"):
        Convolutional("relu", 3, [1]).fixed_point(sigma_w2=2, sigma_b2=0)
    with pytest.raises(DomainError, match="tends to 0"):
        Convolutional("tanh", 3, [1]).fixed_point(sigma_w2="1/2", sigma_b2=0)


def test_the_start_chooses_between_two_fixed_points():
    """x^2: V = 3 q^2, so q = 3 sw2 q^2 + sb2 has the roots (1 -+ sqrt(1 - 12 sw2 sb2))/(6 sw2)."""
    net = Convolutional("x**2", 3, [1])
    point = net.fixed_point(digits=20, q0="1/10", sigma_w2=1, sigma_b2="1/20")
    low = (1 - sp.sqrt(1 - sp.Rational(12, 20))) / 6
    assert abs(point.q - low) < 1e-18
    with pytest.raises(DomainError, match="grows without bound"):
        net.fixed_point(q0="3/10", sigma_w2=1, sigma_b2="1/20")
    with pytest.raises(PrecisionError, match="unstable"):
        net.fixed_point(q0="1/3", sigma_w2=1, sigma_b2=0)


def test_step_refuses_what_is_no_covariance():
    net = Convolutional("tanh", 2, [1])
    for bad in ([[1, 0]], [[1, 2], [0, 1]], "abcd", [[1, 2], [2, 1]]):
        with pytest.raises(InputError):
            net.step(bad, **VALUES)


def test_text_never_reaches_sympy():
    with pytest.raises(InputError):
        Convolutional("__import__('os').system('true')", 3, [1])
    with pytest.raises(InputError):
        Convolutional("tanh", 3, ["__import__('os')"])
    assert dv.Convolutional is Convolutional
