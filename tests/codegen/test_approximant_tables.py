"""Tables of expectations against proven values, on points that the builder did not see."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import derive as dv
from derive.codegen.approximation.evaluate import evaluate
from derive.codegen.approximation.measure import sample
from derive.codegen.approximation.tables import tables_for
from derive.errors import UnsupportedError
from derive.expectations.values import covariance_value, expectation_value, gap_value, variance_value


@pytest.mark.parametrize("phi", ["tanh", "erf", "x*erf(x)"])
def test_tables_reproduce_balls(phi):
    """V, E phi'^2, W and V - W on 25 new points of the domain: relative errors below 5e-15."""
    phi = dv.activation(phi)
    tables = tables_for(phi, True)
    q, distance = np.array(sample(25, seed=9)).T
    v = q * distance
    got = evaluate(phi, tables, q, v)
    for i in range(25):
        ratio = Fraction(v[i]) / Fraction(q[i])
        V, S = variance_value(phi, q[i], 20), expectation_value(phi.diff(1).expr ** 2, q[i], 20)
        D, C = gap_value(phi, q[i], ratio, 20), covariance_value(phi, q[i], one_minus_c=ratio, digits=20)
        assert abs(got["V"][i] - V) < 3e-15 * V and abs(got["S"][i] - S) < 3e-15 * S
        assert abs(got["D"][i] - D) < 5e-15 * D and abs(got["C"][i] - C) < 5e-15 * V


def test_tables_of_an_oscillating_activation_agree_with_its_closed_forms():
    """E sin u1 sin u2 = e^-q sinh(lam) for equal variances q; E cos^2 = (1 + e^-2q)/2."""
    q, distance = np.array(sample(200, seed=4)).T
    v = q * distance
    got = evaluate(dv.activation("sin"), tables_for(dv.activation("sin"), True), q, v)
    V, S = -np.expm1(-2 * q) / 2, (1 + np.exp(-2 * q)) / 2
    C = -np.exp(-v) * np.expm1(-2 * (q - v)) / 2
    D = -np.expm1(-v) * (1 + np.exp(v - 2 * q)) / 2
    for name, exact, scale in (("V", V, V), ("S", S, S), ("C", C, V), ("D", D, D)):
        assert np.max(np.abs(got[name] - exact) / scale) < 2e-14, name


def test_stated_errors_are_those_measured():
    """The tables carry the largest errors found, q from 1e-6 to 1e6 and 1 - |c| down to 1e-10: small but not zero."""
    errors = tables_for(dv.activation("tanh"), True).errors
    assert set(errors) == {"V", "S", "D", "C"}
    assert all(0 < e < 1e-14 for e in errors.values())


def test_ends_of_the_domain():
    """q = 0, lam = q, lam = -q, lam = 0 and very large q."""
    phi = dv.activation("tanh")
    q = np.array([0.0, 2.0, 2.0, 2.0, 1e12])
    got = evaluate(phi, tables_for(phi, True), q, np.array([0.0, 0.0, 4.0, 2.0, 0.0]))
    V = got["V"]
    assert V[0] == 0 and got["D"][1] == 0 and got["C"][1] == V[1]
    assert got["C"][2] == -V[2] and got["D"][2] == 2 * V[2]
    assert got["C"][3] == 0 and got["D"][3] == V[3]
    assert abs(V[4] - float(variance_value(phi, 10**12, 20))) < 2e-15


def test_tables_come_back_from_the_disk(monkeypatch, tmp_path):
    """A second process would read what the first one wrote; a broken file is made again."""
    monkeypatch.setenv("DERIVE_CACHE", str(tmp_path))
    phi = dv.activation("erf(2*x)")
    tables_for.cache_clear()
    made = tables_for(phi, False)
    (file,) = (tmp_path / "tables").iterdir()
    tables_for.cache_clear()
    read = tables_for(phi, False)
    assert read is not made and read.errors == made.errors and read.shapes == made.shapes
    np.testing.assert_array_equal(read.one.coefficients["S"], made.one.coefficients["S"])
    file.write_bytes(b"broken")
    tables_for.cache_clear()
    assert tables_for(phi, False).chart == made.chart
    tables_for.cache_clear()


def test_tables_that_miss_their_values_are_refused(monkeypatch):
    """An error beyond the promise, here by setting the promise to less than rounding, is an error with the number."""
    from derive.codegen.approximation import tables

    tables_for.cache_clear()
    monkeypatch.setattr(tables, "_PROMISED", 1e-18)
    with pytest.raises(UnsupportedError, match=r"misses its proven values by \d"):
        tables_for(dv.activation("tanh"), True)
    tables_for.cache_clear()
