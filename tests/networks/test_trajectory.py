"""Layer-by-layer iteration against an independent one: Gauss-Hermite sums in NumPy, good at small variances."""

import mpmath
import numpy as np
import pytest

import derive as dv

VALUES = {"sigma_v2": "0.8", "sigma_w2": "0.5", "sigma_a2": "0.1", "sigma_b2": "0.2", "p0": 1, "e0": "0.3"}


def hermite_iteration(depth, f, slope, sv2, sw2, sa2, sb2, p0, e0):
    """p, q, gamma, lam and chi by 200-point Gauss-Hermite quadrature, right to 1e-12 for variances of a few units."""
    z, weight = np.polynomial.hermite_e.hermegauss(200)
    weight = weight / weight.sum()
    p, gamma, rows, factors = p0, e0 * p0, [], []
    for _ in range(depth):
        q, lam = sw2 * p + sb2, sw2 * gamma + sb2
        u1 = np.sqrt(q) * z[:, None]
        u2 = lam / np.sqrt(q) * z[:, None] + np.sqrt(q - lam**2 / q) * z[None, :]
        p = p + sv2 * weight @ f(np.sqrt(q) * z) ** 2 + sa2
        gamma = gamma + sv2 * weight @ (f(u1) * f(u2)) @ weight + sa2
        rows.append((q, p, lam, gamma))
        factors.append((weight @ slope(np.sqrt(q) * z) ** 2, weight @ f(np.sqrt(q) * z) ** 2))
    return np.array(rows), np.array(factors)


def test_full_network_follows_gauss_hermite_iteration():
    depth = 6
    run = dv.FullResidual("tanh").trajectory(depth, **VALUES)
    rows, factors = hermite_iteration(depth, np.tanh, lambda u: np.cosh(u) ** -2.0, 0.8, 0.5, 0.1, 0.2, 1.0, 0.3)
    for k, name in enumerate(("q", "p", "lam", "gamma")):
        assert np.allclose(run[name][1:], rows[:, k], rtol=1e-9, atol=0), name
    chi = np.append(np.cumprod((1 + 0.8 * 0.5 * factors[:, 0])[::-1])[::-1], 1.0)
    assert np.allclose(run.chi, chi, rtol=1e-9)
    assert np.allclose(run.chi_b[1:], 0.8 * chi[1:] * factors[:, 0], rtol=1e-9)
    assert np.allclose(run.chi_v[1:], chi[1:] * factors[:, 1], rtol=1e-9)
    assert np.allclose(run.chi_w[1:], run.chi_b[1:] * run.p[:-1], rtol=1e-12)


def test_arrays_start_at_the_input_and_mark_what_does_not_exist_there():
    run = dv.FullResidual("tanh").trajectory(2, **VALUES)
    assert run.p[0] == 1
    assert run.e[0] == pytest.approx(0.3, rel=1e-15)
    assert np.isnan([run.q[0], run.lam[0], run.chi_b[0]]).all()
    assert run.chi[-1] == 1
    assert all(len(run[name]) == 3 for name in run)


def test_one_input_needs_no_correlation():
    run = dv.ReducedResidual("tanh").trajectory(3, sigma_w2=1, sigma_b2=0, p0=1)
    assert "e" not in run
    branch = mpmath.quad(lambda z: mpmath.tanh(z) ** 2 * mpmath.npdf(z), [-12, -3, 0, 3, 12])
    assert run.p[1] == pytest.approx(1 + float(branch), rel=1e-15)


def test_nearly_equal_inputs_keep_their_distance_to_full_relative_accuracy():
    import sympy as sp

    run = dv.FullResidual("tanh").trajectory(5, **{**VALUES, "e0": 1 - sp.Rational(1, 10**13)})
    wider = dv.FullResidual("tanh").trajectory(5, **{**VALUES, "e0": 1 - sp.Rational(1, 10**12)})
    # s obeys a linear recurrence while it is tiny, so ten times the distance stays ten times
    assert np.allclose(wider.s / run.s, 10, rtol=1e-11)


def test_labelled_dataset():
    xarray = pytest.importorskip("xarray")
    data = dv.FullResidual("tanh").trajectory(2, **VALUES).to_xarray()
    assert isinstance(data, xarray.Dataset)
    assert data.p.dims == ("layer",)
    assert data.attrs["sigma_v2"] == "4/5"


def test_one_input_reaches_any_depth_by_iteration():
    """tanh(x) exp(-x^2/10) + x/5 has no law on the power scale; without e0 there is no second input to carry."""
    net = dv.FullResidual("tanh(x)*exp(-x**2/10)+x/5")
    variances = {"sigma_w2": ".3", "sigma_v2": 1, "sigma_a2": 0, "sigma_b2": 0, "p0": 1}
    f = lambda u: np.tanh(u) * np.exp(-u * u / 10) + u / 5  # noqa: E731
    slope = lambda u: (np.cosh(u) ** -2.0 - u / 5 * np.tanh(u)) * np.exp(-u * u / 10) + 0.2  # noqa: E731
    z = np.linspace(-12, 12, 2401)  # trapezoidal sums: errors like exp(-2 pi d/h), d > 0.5 the distance of the poles
    weight = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    p, log = 1.0, 0.0
    for _ in range(30):
        q = 0.3 * p
        p, log = p + weight @ f(np.sqrt(q) * z) ** 2, log + np.log1p(0.3 * weight @ slope(np.sqrt(q) * z) ** 2)
    for name, expected in (("p", p), ("q", q), ("log_chi_ratio", log)):
        assert float(net.at(30, name, digits=14, **variances)) == pytest.approx(expected, rel=1e-13)
