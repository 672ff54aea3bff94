"""The numba kernel: functions that read a program as numbers and run it on strips of points; float64.

They are compiled at first use and kept beside this file or in numba's cache folder.  Without numba they are plain
Python, which nothing calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.codegen.backends.arrays import NORMAL
from derive.codegen.backends.bytecode import CODES
from derive.codegen.backends.numpy_backend import EDGE

try:
    from numba import njit
except ImportError:
    njit = None  # type: ignore[assignment]

__all__ = ["AVAILABLE", "LANES", "iterate"]

AVAILABLE = njit is not None
LANES = 128
_LARGE, _SMALL = 2.0**500, 2.0**-500  # of products
_ADD, _SUB, _MUL, _DIV, _SQRT, _RSQRT, _EXP, _LOG, _ASIN, _ABS, _MIN, _MAX, _BELOW, _TABLE, _LOOKUP = CODES.values()


def _compiled(function: Callable) -> Callable:
    if njit is None:
        return function
    how: Any = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
    try:
        return njit(cache=True, **how)(function)
    except RuntimeError:  # there is no folder to keep it in
        return njit(**how)(function)


@_compiled
def _arithmetic(code, v, z, x, y, a, b):
    """One operation on a strip; z, x, y, a, b are rows of v."""
    if code == _ADD:
        for i in range(LANES):
            v[z, i] = v[x, i] + v[y, i]
    elif code == _SUB:
        for i in range(LANES):
            v[z, i] = v[x, i] - v[y, i]
    elif code == _MUL:
        for i in range(LANES):
            v[z, i] = v[x, i] * v[y, i]
    elif code == _DIV:
        for i in range(LANES):
            v[z, i] = v[x, i] / v[y, i]
    elif code == _SQRT:
        for i in range(LANES):
            v[z, i] = np.sqrt(v[x, i])
    elif code == _RSQRT:
        for i in range(LANES):
            v[z, i] = 1.0 / np.sqrt(v[x, i])
    elif code == _EXP:
        for i in range(LANES):
            v[z, i] = np.exp(v[x, i])
    elif code == _LOG:
        for i in range(LANES):
            v[z, i] = np.log(v[x, i])
    elif code == _ASIN:
        for i in range(LANES):
            v[z, i] = np.arcsin(v[x, i])
    elif code == _ABS:
        for i in range(LANES):
            v[z, i] = abs(v[x, i])
    elif code == _MIN:
        for i in range(LANES):
            v[z, i] = np.minimum(v[x, i], v[y, i])
    elif code == _MAX:
        for i in range(LANES):
            v[z, i] = np.maximum(v[x, i], v[y, i])
    elif code == _BELOW:
        for i in range(LANES):
            yes, no = v[a, i], v[b, i]
            v[z, i] = yes if v[x, i] < v[y, i] else no


@_compiled
def _find(breaks, first, count, k, x):
    """The tile of x, looked for from tile k on; -1 outside the table."""
    if x < breaks[first] * (1 - 1e-9) or x > breaks[first + count] * (1 + 1e-9):
        return -1
    if k < 0:
        k, high = 0, count
        while high - k > 1:
            middle = (k + high) // 2
            if x < breaks[first + middle]:
                high = middle
            else:
                k = middle
        return k
    while k > 0 and x < breaks[first + k]:
        k -= 1
    while k < count - 1 and x >= breaks[first + k + 1]:
        k += 1
    return k


@_compiled
def _renew(lane, group, axes, tables, breaks, coefficients, place, copies, v):
    """Put the coefficients of the tile of one lane in place."""
    at, middle, inverse, local = place
    first, many, table, count = group
    tile, lost = 0, False
    for a in range(first, first + many):
        row, start, n = axes[a]
        k = _find(breaks, start, n, at[a, lane], v[row, lane])
        if k < 0:
            lost, k = True, 0
        at[a, lane] = k
        low, high = breaks[start + k], breaks[start + k + 1]
        middle[a, lane], inverse[a, lane] = 0.5 * (low + high), 2.0 / (high - low)
        tile = tile * n + k
    for t in range(table, table + count):
        column, width, start = tables[t, 0], tables[t, 1], tables[t, 2] + tile * tables[t, 1]
        for i in range(width):
            copies[column + i, lane] = np.nan if lost else coefficients[start + i]
    for a in range(first, first + many):
        inverse[a, lane] = 0.0 if lost else inverse[a, lane]
        local[a, lane] = (v[axes[a, 0], lane] - middle[a, lane]) * inverse[a, lane]


@_compiled
def _look_up(group, axes, tables, breaks, coefficients, place, copies, v, far):
    """Local coordinates of a strip, lanes that have left their tile renewed."""
    _, middle, inverse, local = place
    first, many = group[0], group[1]
    far[:] = 0.0
    for a in range(first, first + many):
        row = axes[a, 0]
        for i in range(LANES):
            here = (v[row, i] - middle[a, i]) * inverse[a, i]
            local[a, i] = here
            far[i] = far[i] if abs(here) < far[i] else abs(here)
    outside = 0
    for i in range(LANES):
        outside += far[i] > EDGE
    if outside:
        for i in range(LANES):
            if far[i] > EDGE:
                _renew(i, group, axes, tables, breaks, coefficients, place, copies, v)


@_compiled
def _line(v, z, copies, first, count, local, x):
    """Horner's rule for ``count`` columns of the copies from ``first`` on, four at a time, into the row z of v."""
    k = first + count - 1
    rest = (count - 1) % 4
    if rest == 0:
        for i in range(LANES):
            v[z, i] = copies[k, i]
    elif rest == 1:
        for i in range(LANES):
            v[z, i] = copies[k, i] * local[x, i] + copies[k - 1, i]
    elif rest == 2:
        for i in range(LANES):
            v[z, i] = (copies[k, i] * local[x, i] + copies[k - 1, i]) * local[x, i] + copies[k - 2, i]
    else:
        for i in range(LANES):
            s = (copies[k, i] * local[x, i] + copies[k - 1, i]) * local[x, i] + copies[k - 2, i]
            v[z, i] = s * local[x, i] + copies[k - 3, i]
    k -= rest
    while k > first:
        for i in range(LANES):
            s = (v[z, i] * local[x, i] + copies[k - 1, i]) * local[x, i] + copies[k - 2, i]
            v[z, i] = (s * local[x, i] + copies[k - 3, i]) * local[x, i] + copies[k - 4, i]
        k -= 4


@_compiled
def _polynomial(v, z, table, group, ends, local, copies):
    """A table on a strip; two coordinates: Horner's rule in the first over polynomials in the second."""
    column, end, many = table[0], table[3], table[4]
    x, y, inner = group[0], group[0] + group[1] - 1, v.shape[0] - 1
    for s in range(many - 1, -1, -1):
        low, high = (ends[end + s - 1] if s else 0), ends[end + s]
        if s == many - 1:
            _line(v, z, copies, column + low, high - low, local, y)
        else:
            _line(v, inner, copies, column + low, high - low, local, y)
            for i in range(LANES):
                v[z, i] = v[z, i] * local[x, i] + v[inner, i]


@_compiled
def _layer(code, tables_of, place, copies, v, far):
    """One layer: all instructions in order; the last row of v is for what is between."""
    axes, groups, tables, ends, breaks, coefficients = tables_of
    for n in range(code.shape[0]):
        op, row, a, b = code[n, 0], code[n, 1], code[n, 2], code[n, 3]
        if op == _LOOKUP:
            _look_up(groups[a], axes, tables, breaks, coefficients, place, copies, v, far)
        elif op == _TABLE:
            _polynomial(v, row, tables[a], groups[b], ends, place[3], copies)
        else:
            _arithmetic(op, v, row, a, b, code[n, 4], code[n, 5])


@_compiled
def _begin(v, state, given, start, width, constants, inputs):
    """Constants, states and parameters of a strip; lanes beyond its width repeat its first point."""
    for r in range(len(constants)):
        v[r, :] = constants[r]
    for k in range(len(inputs)):
        for i in range(LANES):
            x = given[k, start + (i if i < width else 0)]
            if inputs[k] >= 0:
                v[inputs[k], i] = x
            if k < state.shape[0]:
                state[k, i] = x


@_compiled
def _multiply(product, log, v, factors):
    """Take the factors into the products, whose logarithms are taken out before they overflow."""
    for k in range(len(factors)):
        row, wild = factors[k], 0
        for i in range(LANES):
            size = product[k, i] * v[row, i]
            wild += (size >= _LARGE) | (size <= _SMALL)
        if wild:
            for i in range(LANES):
                size = product[k, i] * v[row, i]
                if size >= _LARGE or size <= _SMALL:
                    log[k, i] += np.log(product[k, i]) + np.log(v[row, i])
                    product[k, i] = 1.0
                else:
                    product[k, i] = size
        else:
            for i in range(LANES):
                product[k, i] *= v[row, i]


@_compiled
def _advance(state, carried, new, v, states, inputs, sums):
    """New states, all at once; increments are added by Kahan's sum."""
    for k in range(len(states)):
        row = states[k]
        for i in range(LANES):
            new[k, i] = v[row, i]
    for k in range(len(states)):
        if sums[k]:
            for i in range(LANES):
                step = new[k, i] - carried[k, i]
                total = state[k, i] + step
                carried[k, i] = (total - state[k, i]) - step
                state[k, i] = total
        else:
            for i in range(LANES):
                state[k, i] = 0.0 if abs(new[k, i]) < NORMAL else new[k, i]


@_compiled
def iterate(first, last, depth, given, out, record, code, constants, tables_of, rows):
    """Points first..last-1 over all layers; ``record`` is empty or [results, depth + 1, points]."""
    inputs, index, states, sums, factors, shown = rows
    n_states, n_factors = len(states), len(factors)
    n_axes, columns = max(len(tables_of[0]), 1), 1 + tables_of[2][:, 1].sum()
    v, copies = np.empty((len(constants) + 1, LANES)), np.zeros((columns, LANES))
    far = np.empty(LANES)
    middle, inverse, local = np.empty((n_axes, LANES)), np.empty((n_axes, LANES)), np.empty((n_axes, LANES))
    at = np.empty((n_axes, LANES), np.int64)
    place = (at, middle, inverse, local)
    state, new, carried = np.empty((n_states, LANES)), np.empty((n_states, LANES)), np.empty((n_states, LANES))
    product, log = np.empty((n_factors, LANES)), np.empty((n_factors, LANES))
    for start in range(first, last, LANES):
        width = min(LANES, last - start)
        stop = start + width
        _begin(v, state, given, start, width, constants, inputs)
        at[:], middle[:], inverse[:] = -1, -1.0, 1e6
        carried[:], product[:], log[:] = 0.0, 1.0, 0.0
        if record.shape[1]:
            record[:n_states, 0, start:stop] = state[:, :width]
        for layer in range(1, depth + 1):
            if index >= 0:
                v[index, :] = float(layer)
            _layer(code, tables_of, place, copies, v, far)
            _multiply(product, log, v, factors)
            _advance(state, carried, new, v, states, inputs, sums)
            if record.shape[1]:
                record[:n_states, layer, start:stop] = state[:, :width]
                for k in range(n_factors):
                    record[n_states + k, layer, start:stop] = v[factors[k], :width]
                for k in range(len(shown)):
                    record[n_states + n_factors + k, layer, start:stop] = v[shown[k], :width]
            if layer == depth:
                for k in range(len(shown)):
                    out[n_states + n_factors + k, start:stop] = v[shown[k], :width]
            for k in range(n_states):
                if inputs[k] >= 0:
                    for i in range(LANES):
                        v[inputs[k], i] = state[k, i]
        out[:n_states, start:stop] = state[:, :width]
        for k in range(n_factors):
            out[n_states + k, start:stop] = log[k, :width] + np.log(product[k, :width])
