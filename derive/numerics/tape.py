"""A SymPy expression as a straight-line program, the same for every arithmetic.

The expression tree is walked once; equal subexpressions become one step.  A step is a function and the numbers of the
registers it reads.  What "add", "exp" or a constant mean is said by an :class:`Arithmetic` (balls, mpmath numbers,
power series), so that each arithmetic is one table in a file of its own.

SymPy functions of this package take part through methods named by the arithmetic (``_ball_``, ``_mp_``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import UnsupportedError

__all__ = ["Arithmetic", "Tape"]


@dataclass(frozen=True)
class Arithmetic:
    """The operations of one number type.

    ``leaf`` evaluates SymPy's numbers (2/3, pi); ``functions`` maps SymPy heads to ``f(analytic, *arguments)``;
    ``power`` makes the function x -> x**exponent, ``hook`` is the method by which foreign SymPy functions evaluate
    themselves, ``compare`` gives True, False or None (unknown), and ``piecewise`` gets value, condition, value,
    condition, ...
    ``special`` may give a whole subexpression a better evaluation: a function and the arguments it reads.
    """

    name: str
    leaf: Callable[[sp.Expr], Any]
    functions: Mapping[type, Callable[..., Any]]
    power: Callable[[sp.Expr], Callable[[bool, Any], Any]]
    general_power: Callable[[bool, Any, Any], Any]
    divide: Callable[[bool, Any, Any], Any]
    compare: Mapping[type, Callable[..., bool | None]]
    piecewise: Callable[..., Any]
    hook: str
    precision: Callable[[], int]
    special: Callable[[sp.Basic], tuple[Callable[..., Any], tuple[sp.Expr, ...]] | None] = lambda node: None


Step = tuple[Callable[..., Any], tuple[int, ...]]


class Tape:
    """A compiled expression; call it with values for the symbols, at the arithmetic's current precision.

    ``analytic=True`` asks for a value only where the expression is analytic on the whole argument (a ball); where
    that cannot be seen the result is not finite.
    """

    def __init__(
        self, expr: sp.Expr, symbols: Sequence[sp.Symbol], arithmetic: Arithmetic, *, fold_constants: bool = True
    ) -> None:
        self._fold_constants = fold_constants
        self.arithmetic = arithmetic
        self.expr = expr
        self.symbols = tuple(symbols)
        unknown = expr.free_symbols - set(symbols)
        if unknown:
            names = ", ".join(sorted(s.name for s in unknown))
            raise UnsupportedError(f"cannot evaluate {expr}: no value is given for {names}")
        self._slots: dict[sp.Basic, int] = {s: i for i, s in enumerate(symbols)}
        self._constants: list[tuple[int, Callable[[], Any]]] = []
        self._steps: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = []
        self._size = len(self._slots)
        self._values: dict[int, list[tuple[int, Any]]] = {}
        self._result = self._place(expr)

    def __call__(self, *values: Any, analytic: bool = False) -> Any:
        registers: list[Any] = [None] * self._size
        registers[: len(values)] = values
        for slot, number in self._constant_values():
            registers[slot] = number
        for slot, function, sources in self._steps:
            registers[slot] = function(analytic, *[registers[i] for i in sources])
        return registers[self._result]

    def _constant_values(self) -> list[tuple[int, Any]]:
        bits = self.arithmetic.precision()
        found = self._values.get(bits)
        if found is None:
            found = [(slot, value()) for slot, value in self._constants]
            if len(self._values) > 32:
                self._values.clear()
            self._values[bits] = found
        return found

    # building ------------------------------------------------------------------------------------------------------

    def _place(self, node: sp.Basic) -> int:
        slot = self._slots.get(node)
        if slot is None:
            slot = self._slots[node] = self._build(node)
        return slot

    def _new(self) -> int:
        self._size += 1
        return self._size - 1

    def _step(self, function: Callable[..., Any], *sources: int) -> int:
        slot = self._new()
        self._steps.append((slot, function, sources))
        return slot

    def _build(self, node: sp.Basic) -> int:
        if isinstance(node, (sp.Number, sp.NumberSymbol)):
            return self._constant(lambda: self.arithmetic.leaf(node))
        if self._fold_constants and isinstance(node, sp.Expr) and not node.free_symbols:
            return self._constant(Tape(node, (), self.arithmetic, fold_constants=False))
        special = self.arithmetic.special(node)
        if special is not None:
            return self._step(special[0], *map(self._place, special[1]))
        if isinstance(node, (sp.Add, sp.Mul)):
            return self._chain(node)
        if isinstance(node, sp.Pow):
            return self._power(node)
        if isinstance(node, sp.Piecewise):
            return self._piecewise(node)
        if isinstance(node, sp.logic.boolalg.BooleanAtom):
            truth = bool(node)
            return self._step(lambda analytic: truth)
        function = self.arithmetic.functions.get(type(node)) or self.arithmetic.compare.get(type(node))
        if function is not None:
            return self._step(function, *map(self._place, node.args))
        if hasattr(node, self.arithmetic.hook):
            return self._hooked(node)
        raise UnsupportedError(
            f"{type(node).__name__} in {node} has no evaluation in {self.arithmetic.name}; "
            "rewrite it in elementary, hyperbolic or error functions"
        )

    def _constant(self, value: Callable[[], Any]) -> int:
        slot = self._new()
        self._constants.append((slot, value))
        return slot

    def _chain(self, node: sp.Expr) -> int:
        """Sums and products, folded in pairs; reciprocals are divided by, so that they cost no step of their own."""
        key = self.arithmetic.functions
        if isinstance(node, sp.Add):
            return self._fold(key[sp.Add], [self._place(a) for a in node.args])
        below = [a for a in node.args if isinstance(a, sp.Pow) and a.exp == -1 and self.arithmetic.special(a) is None]
        above = [a for a in node.args if a not in below]
        minus = len(above) > 1 and above[0] is sp.S.NegativeOne  # a change of sign is exact, a product is not
        top = self._fold(key[sp.Mul], [self._place(a) for a in above[minus:]]) if above else self._place(sp.S.One)
        if minus:
            top = self._step(lambda analytic, a: -a, top)
        for factor in below:
            top = self._step(self.arithmetic.divide, top, self._place(factor.base))
        return top

    def _fold(self, function: Callable[..., Any], slots: list[int]) -> int:
        total = slots[0]
        for slot in slots[1:]:
            total = self._step(function, total, slot)
        return total

    def _power(self, node: sp.Pow) -> int:
        base, exponent = node.args
        if base is sp.E:
            return self._step(self.arithmetic.functions[sp.exp], self._place(exponent))
        if exponent.is_number and exponent.is_real:
            return self._step(self.arithmetic.power(exponent), self._place(base))
        return self._step(self.arithmetic.general_power, self._place(base), self._place(exponent))

    def _piecewise(self, node: sp.Piecewise) -> int:
        slots = [self._place(part) for pair in node.args for part in (pair.expr, pair.cond)]
        return self._step(self.arithmetic.piecewise, *slots)

    def _hooked(self, node: sp.Basic) -> int:
        """A function of ours: its method gets the values of those arguments that are numbers, in order."""
        hook = getattr(node, self.arithmetic.hook)
        numeric = [a for a in node.args if isinstance(a, sp.Expr) and not hasattr(a, "kinks")]
        return self._step(lambda analytic, *values: hook(*values), *map(self._place, numeric))
