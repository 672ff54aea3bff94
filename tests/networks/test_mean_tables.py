"""Tables of Gaussian means against the means themselves, and the derivatives against their own integrals."""

import mpmath
import pytest

from derive.activations import activation
from derive.networks import scaled_residual
from derive.networks.mean_tables import MeanTables
from derive.spectrum.outside import _mean


@pytest.mark.parametrize("name", ["gelu", "selu", "hard_tanh"])
def test_values_and_slopes_have_their_digits(name):
    """Against expectations in balls: E phi, E phi^2, E phi'^2, and E phi'h, E phi phi'h, E phi'^2 h^2."""
    phi, tables = activation(name), MeanTables(activation(name), 20)
    x, f, g = phi.variable, phi.expr, phi.diff(1).expr
    with mpmath.workdps(40):
        for q in (mpmath.mpf("0.0031"), mpmath.mpf("7.3")):
            m, v, s = (_mean(e, q, 30) for e in (f, f**2, g**2))
            mh, vh, sh = (_mean(e, q, 30) / q for e in (x * g, x * f * g, x**2 * g**2))
            tiny = mpmath.mpf(10) ** -18
            assert abs(tables.value("M", q) - m) <= tiny * (abs(m) + mpmath.sqrt(v))
            assert abs(tables.value("V", q) - v) <= tiny * v
            assert abs(tables.value("S", q) - s) <= tiny * s
            assert abs(2 * tables.slope("M", q) / q - mh) <= 1000 * tiny * (abs(mh) + mpmath.sqrt(v) / q)
            assert abs(tables.slope("V", q) / q - vh) <= 1000 * tiny * (abs(vh) + v / q)
            assert abs(tables.value("S", q) + 2 * tables.slope("S", q) - sh) <= 1000 * tiny * s


def test_deep_networks_do_not_notice_the_tables(monkeypatch):
    values = scaled_residual.ScaledValues.read(45, 1, "1/4")
    phi = activation("selu")
    with_tables = [row["q"] for row in scaled_residual.iterate_scaled(phi, values, 20)]
    monkeypatch.setattr(scaled_residual, "_MANY", 10**9)
    without = [row["q"] for row in scaled_residual.iterate_scaled(phi, values, 20)]
    assert max(abs(a / b - 1) for a, b in zip(with_tables, without, strict=True)) < mpmath.mpf(10) ** -17
