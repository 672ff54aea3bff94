"""What operations of a graph mean in an array library (NumPy, jax.numpy), for the back ends that run arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any

from derive.codegen.graph import Node

__all__ = ["NORMAL", "array_operations", "evaluate_nodes", "horner", "normal", "row_starts"]

NORMAL = 2.0**-1022  # subnormal numbers below have few digits, and are slow on many processors


def array_operations(xp: ModuleType) -> dict[str, Callable]:
    """Functions by the names that :mod:`derive.codegen.graph` lists."""
    return {
        "add": xp.add,
        "sub": xp.subtract,
        "mul": xp.multiply,
        "div": xp.divide,
        "sqrt": xp.sqrt,
        "exp": xp.exp,
        "log": xp.log,
        "asin": xp.arcsin,
        "abs": xp.abs,
        "min": xp.minimum,
        "max": xp.maximum,
        "rsqrt": lambda x: 1.0 / xp.sqrt(x),
        "below": lambda a, b, x, y: xp.where(a < b, x, y),
    }


def evaluate_nodes(
    steps: Sequence[tuple[int, Node]],
    operations: Mapping[str, Callable],
    state: Mapping[str, Any],
    table: Callable[[int, str, list[Any]], Any],
) -> dict[int, Any]:
    """The values of numbered nodes, in order; ``table(group, name, coordinates)`` evaluates a table."""
    values: dict[int, Any] = {}
    for number, node in steps:
        if node.op == "input":
            values[number] = state[node.value]
        elif node.op == "const":
            values[number] = node.value
        elif node.op == "table":
            group, name = node.value
            values[number] = table(group, name, [values[i] for i in node.args])
        else:
            values[number] = operations[node.op](*(values[i] for i in node.args))
    return values


def normal(xp: ModuleType, values: Any) -> Any:
    """The values with subnormal ones made 0."""
    return xp.where(xp.abs(values) < NORMAL, 0.0, values)


def row_starts(pattern: tuple[tuple[int, ...], ...]) -> list[int]:
    """Where in a pattern of two powers the first one changes, and the length of the pattern."""
    return [i for i, p in enumerate(pattern) if i == 0 or p[0] != pattern[i - 1][0]] + [len(pattern)]


def horner(rows: Any, pattern: tuple[tuple[int, ...], ...], local: list[Any]) -> Any:
    """The polynomial: Horner in the last coordinate for each power of the first, then in the first."""
    if len(local) == 1:
        return _line(rows, 0, len(pattern), local[0])
    total = None
    for first, last in reversed(list(pairwise(row_starts(pattern)))):
        inner = _line(rows, first, last, local[1])
        if total is None:
            total = inner
        else:
            total *= local[0]
            total += inner
    return total


def _line(rows: Any, first: int, last: int, x: Any) -> Any:
    total = rows[last - 1].copy()
    for i in range(last - 2, first - 1, -1):
        total *= x
        total += rows[i]
    return total
