"""What V, W and E share: reading arguments, digits, balls, series, printing and the way into generated code.

SymPy's own ``Function.__new__`` evaluates text; here every argument is read by :func:`read_function` or
:func:`read_number` before SymPy sees it, and text goes through the package's parser.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.activations import Activation, activation
from derive.errors import DomainError, InputError, PrecisionError

__all__ = ["GaussianMean", "read_function", "read_number", "read_variance"]


def read_function(value: Any) -> Activation:
    """Return an activation from an activation, a name, text or an expression in one symbol."""
    return value if isinstance(value, Activation) else activation(value)


def read_number(value: Any, name: str) -> sp.Expr:
    """Return an argument that is a number or an expression; text goes through the parser, floats become exact."""
    from derive.numerics.exact import exact_number

    if isinstance(value, str):
        from derive.parsing import parse

        return parse(value)
    if isinstance(value, Activation) or (isinstance(value, sp.Basic) and not isinstance(value, sp.Expr)):
        raise InputError(f"{name} is {value}, which is a function; give a number or an expression")
    if not isinstance(value, sp.Expr) or value.is_Float:
        return exact_number(value, name)
    if value.is_extended_real is False or value is sp.nan or value.is_infinite:
        raise DomainError(f"{name} = {value} is not a finite real number")
    return value


def read_variance(value: Any, name: str) -> sp.Expr:
    """Return a number or expression that is not certainly negative."""
    number = read_number(value, name)
    if number.is_negative:
        raise DomainError(f"{name} = {number} is not a variance; give a finite number that is at least 0")
    return number


class GaussianMean(sp.Function):
    """A mean over a Gaussian: activations first, then variances and covariances."""

    is_commutative = True
    is_real = True
    signature = ""

    def __new__(cls, *args: Any, evaluate: bool = True, **options: Any) -> sp.Expr:
        if len(args) not in cls.nargs:
            raise InputError(f"{cls.__name__} takes {cls.signature}, not {len(args)} arguments")
        args = cls._read(*args)
        if evaluate:
            found = cls._simple(*args)
            if found is not None:
                return found
        return sp.Expr.__new__(cls, *args)

    @classmethod
    def _read(cls, *args: Any) -> tuple[sp.Basic, ...]:
        raise NotImplementedError

    @classmethod
    def _simple(cls, *args: Any) -> sp.Expr | None:
        """An obvious value (variance 0, constant functions, parity), else None."""
        raise NotImplementedError

    @property
    def functions(self) -> tuple[Activation, ...]:
        """The arguments that are activations."""
        return tuple(a for a in self.args if isinstance(a, Activation))

    @property
    def numbers(self) -> tuple[sp.Expr, ...]:
        """The arguments that are numbers: variances and covariances."""
        return tuple(a for a in self.args if not isinstance(a, Activation))

    @property
    def free_symbols(self) -> set:
        """The symbols in the variances and covariances."""
        return set().union(*(a.free_symbols for a in self.numbers))

    # values

    def _value(self, *numbers: Any, digits: int) -> Any:
        """The value at exact numbers or mpf, as an mpf."""
        raise NotImplementedError

    def _ball_(self, *numbers: Any) -> Any:
        """The value on balls, at the current flint precision."""
        raise NotImplementedError

    def _mp_(self, *numbers: Any) -> Any:
        import mpmath

        return self._value(*numbers, digits=mpmath.mp.dps)

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if self.free_symbols:
            return None
        digits = int(prec / 3.3219280948873626) + 1
        numbers = [a.evalf(digits + 15) if a.atoms(GaussianMean) else a for a in self.numbers]
        value = self._value(*numbers, digits=digits)
        return sp.Float._new(value._mpf_, prec)

    def ball(self, digits: int = 30) -> Any:
        """Return a :class:`~derive.numerics.ball.Ball` around the value, of relative radius below 10**-digits.

        Raises :class:`~derive.errors.PrecisionError` when the enclosure stays wider (the value may be zero).
        """
        import flint

        from derive.numerics.ball import Ball
        from derive.numerics.compile import compile_ball
        from derive.numerics.exact import positive_integer

        digits = positive_integer(digits, "digits")
        if self.free_symbols:
            names = ", ".join(sorted(s.name for s in self.free_symbols))
            raise InputError(f"a ball needs numbers; {self} still holds {names}")
        need = int(3.33 * digits) + 4
        for bits in (need + 30, 2 * need + 100, 4 * need + 400):
            with flint.ctx.workprec(bits):
                value = self._ball_(*(compile_ball(a, [])() for a in self.numbers))
                if value.rel_accuracy_bits() >= need or value == 0:
                    return Ball.from_arb(value)
        raise PrecisionError(f"{self} was enclosed in {value.str(10)} only, not to {digits} digits; it may be zero")

    # calculus

    def _eval_subs(self, old: sp.Basic, new: sp.Basic) -> sp.Expr | None:
        """Infinite arguments, which SymPy's own series code puts in to test a limit, give nan instead of an error."""
        numbers = [a._subs(old, new) for a in self.numbers]
        return sp.nan if any(a is sp.nan or a.is_infinite for a in numbers) else None

    def _eval_derivative(self, s: sp.Expr) -> sp.Expr:
        terms = []
        for position, a in enumerate(self.args, start=1):
            if not isinstance(a, Activation) and a.has(s):
                terms.append(self.fdiff(position) * a.diff(s))
        return sp.Add(*terms)

    def _eval_nseries(self, x: sp.Symbol, n: int, logx: Any, cdir: int = 0) -> sp.Expr:
        from derive.expectations.nseries import mean_series

        return mean_series(self, x, n)

    def _eval_aseries(self, n: int, args0: Any, x: sp.Symbol, logx: Any) -> sp.Expr:
        from derive.expectations.nseries import mean_series

        return mean_series(self, x, n)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: int = 0) -> sp.Expr:
        from derive.expectations.nseries import leading_term

        return leading_term(self, x)

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the closed form where one can be derived, else the mean itself."""
        numbers = self.numbers
        if hints.get("deep", True):
            numbers = tuple(a.doit(**hints) for a in numbers)
        made = self.func(*self.functions, *numbers)
        return made._eval_rewrite_as_closed() if isinstance(made, GaussianMean) else made

    def _eval_rewrite_as_closed(self, *args: Any, **hints: Any) -> sp.Expr:
        from derive.expectations.closed import closed_form

        found = closed_form(self)
        return self if found is None else found

    # printing

    def _mpmathcode(self, printer: Any) -> str:
        return _callable_code(printer, self, "mpmath")

    def _numpycode(self, printer: Any) -> str:
        return _callable_code(printer, self, "numpy")

    _scipycode = _numpycode
    _pythoncode = _numpycode

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(printer._print(a) for a in self.args)})"

    def _latex_call(self, printer: Any, name: str, exp: Any) -> str:
        numbers = ", ".join(printer._print(a) for a in self.numbers)
        text = rf"{name}\left({numbers}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


def _callable_code(printer: Any, node: GaussianMean, target: str) -> str:
    """Code that calls back into this room: a name bound to the mean's values."""
    from derive.expectations.callables import register

    name = register(node, target, printer)
    return f"{name}({', '.join(printer._print(a) for a in node.numbers)})"
