"""Expectations of one activation from its tables, at arrays of variances; float64, by the NumPy back end."""

from __future__ import annotations

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen.approximation.table_set import Tables
from derive.codegen.backends.numpy_backend import NumpyRunner
from derive.codegen.graph import Program
from derive.codegen.lower import Lowering

__all__ = ["evaluate", "expectations_program"]


def expectations_program(phi: Activation, tables: Tables | None = None, two_inputs: bool = True) -> Program:
    """A program of one step with inputs q, v (= q - lam) and lam and states V, S and, for two inputs, C and D."""
    symbols = {sp.Symbol(n, real=True): n for n in ("q", "v", "lam")}
    lowering = Lowering(symbols, frozenset({phi}), {} if tables is None else {phi: tables})
    q, v, lam = (lowering.expr(s) for s in symbols)
    states = {
        "V": lowering.second_moment(phi, q),
        "S": lowering.second_moment(phi.derivative_away_from_kinks(1), q),
    }
    if two_inputs:
        states["C"], states["D"] = lowering.covariance_and_gap(phi, q, lam, v)
    return Program(lowering.graph, states, {}, {}, ("q", "v", "lam"))


def evaluate(phi: Activation, tables: Tables | None, q: np.ndarray, v: np.ndarray) -> dict[str, np.ndarray]:
    """V, S = E phi'^2, C = W and D = V - W at variances q and distances v = q - lam."""
    two = tables is None or tables.two is not None or not tables.shapes
    program = expectations_program(phi, tables, two)
    inputs = {"q": q, "v": v, "lam": q - v} | {name: np.zeros_like(q) for name in program.states}
    return NumpyRunner(program).run(1, inputs).final
