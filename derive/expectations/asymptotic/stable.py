"""exp(x) - 1 and log(1 + x), accurate near x = 0, and the polylogarithm, as SymPy functions with digits and balls."""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["Expm1", "Log1p", "polylog"]


class Expm1(sp.Function):
    """exp(x) - 1."""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.S.Zero if x == 0 else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.exp(self.args[0])

    def _eval_rewrite_as_exp(self, x: sp.Expr, **hints: Any) -> sp.Expr:
        return sp.exp(x) - 1

    def _ball_(self, x: Any) -> Any:
        return x.expm1()

    def _mp_(self, x: Any) -> Any:
        import mpmath

        return mpmath.expm1(x)


class Log1p(sp.Function):
    """log(1 + x) on the principal branch; a complex ball that touches the cut x <= -1 gives nan."""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.S.Zero if x == 0 else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 / (1 + self.args[0])

    def _eval_rewrite_as_log(self, x: sp.Expr, **hints: Any) -> sp.Expr:
        return sp.log(1 + x)

    def _ball_(self, x: Any) -> Any:
        from flint import acb, arb

        if isinstance(x, acb) and x.imag.contains(0) and not x.real > -1:
            return acb(arb("nan"), arb("nan"))
        return x.log1p()

    def _mp_(self, x: Any) -> Any:
        import mpmath

        return mpmath.log1p(x)


class polylog(sp.polylog):
    """The polylogarithm Li_s(z) for real z < 1, with a value in balls."""

    def _ball_(self, s: Any, z: Any) -> Any:
        from flint import acb

        return acb(z).polylog(acb(s)).real

    def _mp_(self, s: Any, z: Any) -> Any:
        import mpmath

        return mpmath.polylog(s, z)
