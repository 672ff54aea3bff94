r"""Symbols of mean-field equations, and means over an activation that is not yet chosen.

Layer definitions are turned into equations in :class:`MeanSquare`, :class:`MeanProduct`, :class:`MeanValue` and
:class:`CrossProduct`; :func:`concrete` puts an activation in, as V, W and E.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.activations import Activation

__all__ = ["CrossProduct", "MeanProduct", "MeanSquare", "MeanValue", "Quantity", "Variance", "concrete"]


class Variance(sp.Symbol):
    """A variance such as ``sigma_w2``, printed as its square root's square."""

    def _latex(self, printer: Any) -> str:
        return rf"\sigma_{self.name[6]}^2"


class Quantity(sp.Symbol):
    """A mean-field quantity; a trailing underscore marks the layer before, underlined in print as in the paper."""

    def _latex(self, printer: Any) -> str:
        name = self.name.rstrip("_")
        head, _, sub = name.partition("_")
        greek = {"lam": r"\lambda", "gamma": r"\gamma", "chi": r"\chi"}.get(head, head)
        text = f"{greek}_{{{sub}}}" if sub else greek
        return rf"\underline{{{text}}}" if self.name.endswith("_") else text


class _Mean(sp.Function):
    """A mean over the n-th derivative of the activation, n the first argument, printed as ``letter``phi."""

    letter = ""

    def _latex(self, printer: Any) -> str:
        inside = ", ".join(printer._print(a) for a in self.args[1:])
        return rf"\mathrm {self.letter}\varphi{_primes(self.args[0])}({inside})"

    def _sympystr(self, printer: Any) -> str:
        return f"{self.letter}phi{_primes(self.args[0])}({', '.join(printer._print(a) for a in self.args[1:])})"


class MeanSquare(_Mean):
    r"""E f(u)^2 for the n-th derivative f of an activation not yet chosen: arguments n and the variance of u."""

    nargs, letter = 2, "V"


class MeanProduct(_Mean):
    r"""E f(u_1) f(u_2) for the n-th derivative f of an activation not yet chosen: n, common variance, covariance."""

    nargs, letter = 3, "W"


class MeanValue(_Mean):
    r"""E f(u) for the n-th derivative f of an activation not yet chosen: arguments n and the variance of u."""

    nargs, letter = 2, "M"


class CrossProduct(sp.Function):
    r"""E f(u_a) f(u_b) for the n-th derivative f of an activation not yet chosen: n, both variances, covariance."""

    nargs = 4


def _primes(order: sp.Expr) -> str:
    return "'" * int(order) if order.is_Integer and order < 4 else f"^({order})"


def concrete(equation: sp.Eq, phi: Activation) -> sp.Eq:
    """The same equation for one activation, with V, W and E."""
    from derive.expectations import E, V, W

    def f(n: sp.Expr) -> Activation:
        return phi.diff(int(n)) if n else phi

    rhs = equation.rhs.replace(MeanSquare, lambda n, q: V(f(n), q))
    rhs = rhs.replace(MeanProduct, lambda n, q, lam: W(f(n), q, lam))
    rhs = rhs.replace(MeanValue, lambda n, q: E(f(n), q))
    rhs = rhs.replace(CrossProduct, lambda n, qa, qb, lam: E(f(n), f(n), qa, qb, lam))
    return sp.Eq(equation.lhs, rhs, evaluate=False)
