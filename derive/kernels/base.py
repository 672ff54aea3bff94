"""What J, 1 - J and c_alpha share as SymPy functions: arguments, digits, balls, generated code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import sympy as sp

from derive.errors import InputError, PrecisionError

__all__ = ["KernelFunction"]

_BITS_PER_DIGIT = 3.3219280948873626


class KernelFunction(sp.Function):
    """A function of alpha (and c or d) whose arguments are read by the package and never by SymPy."""

    is_commutative = True
    is_real = True
    signature = ""
    readers: ClassVar[tuple[Callable[[Any], sp.Expr], ...]] = ()
    array_function = ""

    def __new__(cls, *args: Any, evaluate: bool = True, **options: Any) -> sp.Expr:
        if len(args) != len(cls.readers):
            raise InputError(f"{cls.__name__} takes {cls.signature}, not {len(args)} arguments")
        numbers = tuple(read(a) for read, a in zip(cls.readers, args, strict=True))
        found = cls._simple(*numbers) if evaluate else None
        return sp.Expr.__new__(cls, *numbers) if found is None else found

    @classmethod
    def _simple(cls, *args: sp.Expr) -> sp.Expr | None:
        """An obvious value, else None."""
        raise NotImplementedError

    # values

    def _ball_(self, *numbers: Any) -> Any:
        """The value on balls, at the current flint precision."""
        raise NotImplementedError

    def _mp_(self, *numbers: Any) -> Any:
        """The value at mpmath numbers, right to mpmath's current precision."""
        import mpmath
        from flint import ctx

        from derive.numerics.compile import arb_to_mpf, to_arb

        bits = mpmath.mp.prec
        for more in (10, 64 + bits, 400 + 4 * bits):
            with ctx.workprec(bits + more):
                value = self._ball_(*(to_arb(n) for n in numbers))
            if value.is_exact() or value.rel_accuracy_bits() >= bits + 2:
                return +arb_to_mpf(value)
        raise PrecisionError(f"{type(self).__name__} at {numbers} was enclosed in {value.str(10)} only")

    def _enclose(self, bits: int) -> Any:
        """A ball around the value with a relative accuracy of ``bits`` bits."""
        from flint import ctx

        from derive.numerics.compile import compile_ball

        if self.free_symbols:
            names = ", ".join(sorted(s.name for s in self.free_symbols))
            raise InputError(f"a value needs numbers; {self} still holds {names}")
        tapes, more = [compile_ball(a, []) for a in self.args], 32
        while more < 64 * bits + 100_000:
            with ctx.workprec(bits + more):
                value = self._ball_(*(tape() for tape in tapes))
            if value.is_exact() or value.rel_accuracy_bits() >= bits:
                return value
            more = 3 * more + bits // 2
        raise PrecisionError(f"{self} was enclosed in {value.str(10)} only; its arguments may lie on the domain's edge")

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if self.free_symbols:
            return None
        from derive.numerics.compile import arb_to_mpf

        return sp.Float._new(arb_to_mpf(self._enclose(prec + 2))._mpf_, prec)

    def ball(self, digits: int = 30) -> Any:
        """Return a :class:`~derive.numerics.ball.Ball` around the value, of relative radius below 10**-digits.

        Raises :class:`~derive.errors.PrecisionError` when the enclosure stays wider, and
        :class:`~derive.errors.InputError` when an argument still holds symbols.
        """
        from derive.numerics.ball import Ball
        from derive.numerics.exact import positive_integer

        return Ball.from_arb(self._enclose(int(_BITS_PER_DIGIT * positive_integer(digits, "digits")) + 4))

    # calculus and printing

    def _eval_subs(self, old: sp.Basic, new: sp.Basic) -> sp.Expr | None:
        """Infinite arguments, which SymPy's own code puts in to test a limit, give nan instead of an error."""
        numbers = [a._subs(old, new) for a in self.args]
        return sp.nan if any(a is sp.nan or a.is_infinite for a in numbers) else None

    def _numpycode(self, printer: Any) -> str:
        name = printer._module_format(f"derive.kernels.arrays.{self.array_function}")
        return f"{name}({', '.join(printer._print(a) for a in self.args)})"

    _scipycode = _numpycode
    _pythoncode = _numpycode

    def _mpmathcode(self, printer: Any) -> str:
        name = printer._module_format(f"derive.kernels.base.{self.array_function}_mp")
        return f"{name}({', '.join(printer._print(a) for a in self.args)})"

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(printer._print(a) for a in self.args)})"


def _caller(name: str) -> Callable[..., Any]:
    """The values of one of the functions at mpmath numbers, for generated code."""

    def value(*numbers: Any) -> Any:
        from derive.kernels import functions

        head = getattr(functions, name)
        checked = [read(n) for read, n in zip(head.readers, numbers, strict=True)]
        made = head(*checked)
        return made._mp_(*numbers) if isinstance(made, head) else sp.N(made, _digits())._to_mpmath(_bits())

    return value


def _bits() -> int:
    import mpmath

    return int(mpmath.mp.prec)


def _digits() -> int:
    import mpmath

    return int(mpmath.mp.dps) + 5


J_mp, c_alpha_mp, one_minus_J_mp = _caller("J"), _caller("c_alpha"), _caller("one_minus_J")
