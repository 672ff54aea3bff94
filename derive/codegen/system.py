"""From a recurrence system to a program; float64 code below, plain data above."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from derive.activations import Activation
from derive.codegen.graph import Program
from derive.codegen.heads import CovarianceAt, GapAt
from derive.codegen.lower import Lowering
from derive.codegen.programs import kept, name_of_system
from derive.errors import InputError
from derive.expectations.functions import W
from derive.system import RecurrenceSystem

__all__ = ["program_for"]


def program_for(
    system: RecurrenceSystem,
    factors: Mapping[str, sp.Expr] | None = None,
    shown: Mapping[str, sp.Expr] | None = None,
) -> Program:
    """The layer step of a system as a program.

    Updates are SymPy expressions in the states, parameters and the index, with V(phi, q), W(phi, q, lam), and
    CovarianceAt and GapAt where q - lam is followed as a state of its own.  ``factors`` are expressions multiplied up
    over the layers (the result is the logarithm of the product), ``shown`` ones that a trajectory records beside the
    states.  All of them are functions of the states before the layer.

    Raises :class:`~derive.errors.UnsupportedError` for functions without generated code.
    """
    products, extra = dict(factors or {}), dict(shown or {})
    return kept(name_of_system(system, products, extra), lambda: _made(system, products, extra))


def _made(system: RecurrenceSystem, factors: Mapping[str, sp.Expr], shown: Mapping[str, sp.Expr]) -> Program:
    values = [u.value for u in system.updates] + [*factors.values(), *shown.values()]
    symbols = set().union(*(v.free_symbols for v in values)) | set(system.states)
    names = {s: s.name for s in symbols}
    if len(set(names.values())) < len(names):
        raise InputError(f"two symbols of this system have one name: {sorted(names.values())}")
    covaried = frozenset(
        head.args[0] for v in values for head in v.atoms(W, CovarianceAt, GapAt) if isinstance(head.args[0], Activation)
    )
    lowering = Lowering(names, covaried)
    sums = frozenset(u.state.name for u in system.updates if u.value.is_Add and u.state in u.value.args)
    states = {
        u.state.name: lowering.expr(u.value - u.state if u.state.name in sums else u.value) for u in system.updates
    }
    products = {n: lowering.expr(e) for n, e in factors.items()}
    extra = {n: lowering.expr(e) for n, e in shown.items()}
    index = system.index.name if system.index is not None and system.index in symbols else None
    parameters = tuple(sorted(n for n in names.values() if n not in states and n != index))
    return Program(lowering.graph, states, products, extra, parameters, index, sums)
