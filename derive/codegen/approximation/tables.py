"""Tables of Gaussian expectations of one activation, built once, measured against balls and kept on disk; float64.

:func:`tables_for` takes the tables of :mod:`derive.codegen.approximation.faces`, or where an activation oscillates
without end those of :mod:`derive.codegen.approximation.closed`.  ``Tables.errors`` states the largest error of each
table found against the proven values of :mod:`derive.expectations.values` on a fixed random sample of the domain and
against float64 sums on a wider one (relative; that of C relative to V).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen import store
from derive.codegen.approximation.closed import closed_tables
from derive.codegen.approximation.faces import face_tables
from derive.codegen.approximation.functions import split
from derive.codegen.approximation.measure import measured
from derive.codegen.approximation.table_set import Tables, load_tables, save_tables
from derive.errors import UnsupportedError

__all__ = ["tables_for"]

VERSION = "10"
_PROMISED = 1e-13  # tables that miss this are refused


@lru_cache(maxsize=32)
def tables_for(phi: Activation, two_inputs: bool) -> Tables:
    """The tables of an activation, from the disk if they have been made before.

    Raises :class:`~derive.errors.UnsupportedError` where no tables can be made, or not to 13 digits.
    """
    name = store.digest(VERSION, sp.srepr(phi.expr), str(two_inputs))
    path = store.folder("tables") / f"{name}.npz"
    loaded = load_tables(path)
    if loaded is None:
        loaded = measured(phi, _build(phi, two_inputs))
        store.put(path, lambda where: save_tables(where, loaded))
    worst = max(loaded.errors, key=lambda name: loaded.errors[name])
    if loaded.errors[worst] > _PROMISED:
        raise UnsupportedError(
            f"the table of {worst} for {phi} misses its proven values by {loaded.errors[worst]:.1e}, so it is not used "
            "(the expectations are not smooth at small variances); use net.trajectory or net.at"
        )
    return loaded


def _build(phi: Activation, two_inputs: bool) -> Tables:
    if any(part.oscillates for part in split(phi)):
        return closed_tables(phi, two_inputs)
    with np.errstate(all="ignore"):  # what overflows is refused by name
        return face_tables(phi, two_inputs)
