"""Which back end is taken, and what happens where one is missing."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import sympy as sp

import derive as dv
from derive.codegen import store, system
from derive.codegen.backends import c_backend, jax_backend, numba_backend
from derive.codegen.backends.arrays import array_operations
from derive.codegen.backends.bytecode import CODES
from derive.codegen.backends.c_source import FORMS
from derive.codegen.compiled import BACKENDS, compile_system
from derive.errors import UnsupportedError

X, Y = sp.symbols("x y", real=True)


def every_operation():
    """A system that uses all elementary operations, two states that swap, a sum, an index and an unused parameter."""
    n, c = sp.Symbol("n", positive=True), sp.Symbol("c", real=True)
    value = sp.exp(-(X**2)) + sp.log(2 + Y**2) + sp.asin(X / 9) / sp.sqrt(1 + Y**2) + sp.Abs(X - Y) ** sp.Rational(1, 2)
    value = sp.Min(value, c) + sp.Max(X / 4, -1) / (3 + n)
    total = sp.Symbol("total", real=True)
    return dv.RecurrenceSystem([(X, Y), (Y, value), (total, total + X / 10)], index=n)


def by_hand(depth, x, y, c):
    total = 0.0
    for n in range(1, depth + 1):
        value = np.exp(-(x**2)) + np.log(2 + y**2) + np.arcsin(x / 9) / np.sqrt(1 + y**2) + np.sqrt(abs(x - y))
        x, y, total = y, min(value, c) + max(x / 4, -1.0) / (3 + n), total + x / 10
    return x, y, total


def test_every_operation_means_the_same(backend):
    """Against a loop in Python, for points in several strips, one of them NaN."""
    f = compile_system(every_operation(), backend)
    x = np.linspace(-3, 3, 150)
    x[7] = np.nan
    got = f(9, x=x, y=0.5, total=0.0, c=1.5)
    for i in (0, 6, 8, 64, 149):
        for name, value in zip(("x", "y", "total"), by_hand(9, x[i], 0.5, 1.5), strict=True):
            assert got[name][i] == pytest.approx(value, rel=1e-14)
    assert np.isnan(got["total"]).tolist() == [i == 7 for i in range(150)]


def test_products_beyond_the_range_of_floats_have_logarithms(backend):
    """500 factors of 1e300 or 1e-300; a factor of 0 gives -inf."""
    f = compile_system(dv.RecurrenceSystem([(X, X)]), backend, {"size": X})
    got = f(500, x=[1e300, 1e-300, 0.0, 1.0])["size"]
    np.testing.assert_allclose(got, [500 * np.log(1e300), 500 * np.log(1e-300), -np.inf, 0.0], rtol=1e-13)


def test_no_points_and_no_layers(backend):
    f = compile_system(dv.RecurrenceSystem([(X, X / 2)]), backend, {"size": X}, {"square": X**2})
    none = f(3, trajectory=True, x=np.zeros(0))
    assert none["x"].shape == (4, 0) and f(3, x=np.zeros(0))["x"].shape == (0,)
    start = f(0, x=[2.0])
    assert start["x"] == 2 and start["size"] == 0 and np.isnan(start["square"])


def test_compiled_systems_travel_to_other_processes(backend):
    f = pickle.loads(pickle.dumps(compile_system(dv.RecurrenceSystem([(X, X**2)]), backend)))
    assert f.backend == backend and f(3, x=3.0)["x"] == 6561


def test_every_back_end_knows_every_operation():
    arithmetic = set(array_operations(np))
    assert arithmetic == set(FORMS) == set(CODES) - {"table", "lookup"}


def test_auto_takes_what_is_there(monkeypatch):
    squares = dv.RecurrenceSystem([(X, X**2)])
    monkeypatch.setattr(c_backend, "compiler", lambda: None)
    monkeypatch.setattr(numba_backend, "AVAILABLE", True)
    assert compile_system(squares).backend == "numba"
    monkeypatch.setattr(numba_backend, "AVAILABLE", False)
    assert compile_system(squares).backend == "numpy"
    monkeypatch.setattr(jax_backend, "find_spec", lambda name: None)
    for name, needs in (("c", "compiler"), ("numba", r"\[fast\]"), ("jax", r"\[jax\]")):
        assert name in BACKENDS
        with pytest.raises(UnsupportedError, match=needs):
            compile_system(squares, name)


def test_jax_leaves_the_precision_of_others_alone():
    jax = pytest.importorskip("jax")
    before = jax.numpy.ones(1).dtype
    assert compile_system(dv.RecurrenceSystem([(X, X / 3)]), "jax")(1, x=1.0)["x"] == 1 / 3
    assert jax.numpy.ones(1).dtype == before


def test_programs_are_made_once_and_then_read(monkeypatch):
    """The same graph, tables included, comes back from the disk; another system, or a broken file, is made anew."""
    q, w = sp.Symbol("q", positive=True), sp.Symbol("w", positive=True)
    value, made = w * dv.V("tanh", q), []
    make = system._made
    monkeypatch.setattr(system, "_made", lambda *a: made.append(a) or make(*a))
    first, again = (system.program_for(dv.RecurrenceSystem([(q, value + w / 3)]), {"f": q / 7}) for _ in range(2))
    assert len(made) == 1
    assert again.graph.nodes == first.graph.nodes and again.factors == first.factors
    assert again.parameters == first.parameters and again.sums == first.sums
    for one, two in zip(first.table_data(), again.table_data(), strict=True):
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)
    system.program_for(dv.RecurrenceSystem([(q, value + w / 3)]), {"f": q / 9})
    assert len(made) == 2
    for path in store.folder("programs").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    system.program_for(dv.RecurrenceSystem([(q, value + w / 3)]), {"f": q / 7})
    assert len(made) == 3
