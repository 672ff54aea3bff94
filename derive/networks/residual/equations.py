r"""Residual networks: the layer definitions, and the recurrences that follow from them.

Paper 000 (Yang, Schoenholz 2017) studies two architectures of width N, with layer 0 the input:

* reduced (RRN): :math:`h_k = \sum_m w_{km} x_m + b_k`, :math:`y_k = x_k + \varphi(h_k)`;
* full (FRN): :math:`y_i = x_i + \sum_k v_{ik}\,\varphi(h_k) + a_i` with the same :math:`h`.

Entries of w and v have variance :math:`\sigma_w^2/N`, :math:`\sigma_v^2/N`; biases b and a have :math:`\sigma_b^2`,
:math:`\sigma_a^2`.  Mean-normalised quantities: p of x, q of h (same input), gamma of x and lam of h (two inputs of
equal
norm), chi of the gradient with respect to x, chi_v, chi_a, chi_w, chi_b of those with respect to the parameters.
The recurrences are computed by :mod:`derive.networks.layer`, never typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import sympy as sp
from sympy.tensor.indexed import Idx

from derive.activations import Activation
from derive.errors import UnsupportedError
from derive.networks import layer
from derive.networks.layer import N, Nonlinearity, Weights

__all__ = [
    "SYMBOLS",
    "MeanProduct",
    "MeanSquare",
    "full_layer",
    "general_equations",
    "layer_equations",
    "reduced_layer",
]


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


def _symbols() -> SimpleNamespace:
    """The symbols of a residual network: variances, quantities at a layer, and at the layer before (trailing ``_``)."""
    made: dict[str, sp.Symbol] = {f"sigma_{k}2": Variance(f"sigma_{k}2", positive=True) for k in "vwab"}
    made |= {name: Quantity(name, positive=True) for name in ("p", "p_", "q", "chi", "chi_")}
    made |= {name: Quantity(name, real=True) for name in ("gamma", "gamma_", "lam")}
    return SimpleNamespace(**made)


SYMBOLS = _symbols()


@dataclass(frozen=True)
class Layer:
    """One residual layer: the pre-activation ``h[k]``, the output ``y[i]``, and its weight families by letter."""

    preactivation: sp.Expr
    output: sp.Expr
    families: dict[str, Weights]
    needs_odd: bool


x, xx = sp.IndexedBase("x"), sp.IndexedBase("xx")
_h, _hh, _delta = sp.IndexedBase("h"), sp.IndexedBase("hh"), sp.IndexedBase("delta")
i, j, k, m, r, s = (Idx(name, (1, N)) for name in "ijkmrs")
_w, _b, _v, _a = (sp.IndexedBase(name) for name in "wbva")


def _h_of(index: Idx) -> sp.Expr:
    return sp.Sum(_w[index, m] * x[m], (m, 1, N)) + _b[index]


def _inner() -> dict[str, Weights]:
    return {"w": Weights(_w, SYMBOLS.sigma_w2 / N), "b": Weights(_b, SYMBOLS.sigma_b2)}


def full_layer() -> Layer:
    """The full residual layer, equation of section 3 of paper 000."""
    output = x[i] + sp.Sum(_v[i, k] * Nonlinearity(0, _h_of(k)), (k, 1, N)) + _a[i]
    outer = {"v": Weights(_v, SYMBOLS.sigma_v2 / N), "a": Weights(_a, SYMBOLS.sigma_a2)}
    return Layer(_h_of(k), output, {**_inner(), **outer}, needs_odd=False)


def reduced_layer() -> Layer:
    """The reduced residual layer, equation of section 3 of paper 000."""
    return Layer(_h_of(k), x[i] + Nonlinearity(0, _h_of(i)), _inner(), needs_odd=True)


def _named(expr: sp.Expr, array: sp.IndexedBase) -> sp.Expr:
    """Write the argument of every nonlinearity as one pre-activation of ``array``."""

    def name(order: sp.Expr, argument: sp.Expr) -> sp.Expr:
        (bias,) = (e for e in argument.atoms(sp.Indexed) if e.base == _b)
        return Nonlinearity(order, array[bias.indices[0]])

    return expr.replace(Nonlinearity, name)


class MeanSquare(sp.Function):
    r"""E f(u)^2 for the n-th derivative f of an activation not yet chosen: arguments n and the variance of u."""

    nargs = 2

    def _latex(self, printer: Any) -> str:
        return rf"\mathrm V{_derivative(self.args[0])}({printer._print(self.args[1])})"

    def _sympystr(self, printer: Any) -> str:
        return f"Vphi{_primes(self.args[0])}({printer._print(self.args[1])})"


class MeanProduct(sp.Function):
    r"""E f(u_1) f(u_2) for the n-th derivative f of an activation not yet chosen: n, common variance, covariance."""

    nargs = 3

    def _latex(self, printer: Any) -> str:
        inside = ", ".join(printer._print(a) for a in self.args[1:])
        return rf"\mathrm W{_derivative(self.args[0])}({inside})"

    def _sympystr(self, printer: Any) -> str:
        return f"Wphi{_primes(self.args[0])}({', '.join(printer._print(a) for a in self.args[1:])})"


def _derivative(order: sp.Expr) -> str:
    return r"\varphi" + _primes(order)


def _primes(order: sp.Expr) -> str:
    return "'" * int(order) if order.is_Integer and order < 4 else f"^({order})"


def _rules(odd: bool):
    """The mean over one index of a product of entries: what each kind of factor tends to in a wide layer."""
    S = SYMBOLS

    def mean(group: sp.Expr) -> sp.Expr:
        powers = group.as_powers_dict()
        value, activations, entries = sp.Integer(1), [], []
        for factor, exponent in powers.items():
            if isinstance(factor, Nonlinearity):
                activations += [factor] * int(exponent)
            elif factor.base == _delta and exponent == 2:
                value *= S.chi
            else:
                entries += [factor] * int(exponent)
        if entries and activations and odd:
            return sp.Integer(0)  # given x, E phi(h_i) = 0 for odd phi and h_i independent of the entry x_i
        if entries and activations:
            raise UnsupportedError("the activation is not odd, so its mean output correlates with the stream")
        if entries:
            if len(entries) != 2:
                raise UnsupportedError(f"{group} is not a second moment of the previous layer")
            value *= S.p_ if entries[0].base == entries[1].base else S.gamma_
        if activations:
            first, second = activations
            orders = {int(f.args[0]) for f in activations}
            if len(orders) != 1:
                raise UnsupportedError(f"{group} mixes derivatives of different order")
            same = first.args[1].base == second.args[1].base
            value *= MeanSquare(*orders, S.q) if same else MeanProduct(*orders, S.q, S.lam)
        return value

    return mean


def layer_equations(architecture: str, phi: Activation) -> tuple[tuple[str, sp.Eq], ...]:
    """The recurrences of one layer as ``(name, equation)`` rows, in the order of the paper's Table 1.

    ``architecture`` is ``"full"`` or ``"reduced"``.  Quantities of the layer before carry a trailing underscore.
    """
    from derive.expectations import V, W

    def concrete(rhs: sp.Expr) -> sp.Expr:
        rhs = rhs.replace(MeanSquare, lambda n, q: V(phi.diff(int(n)) if n else phi, q))
        return rhs.replace(MeanProduct, lambda n, q, lam: W(phi.diff(int(n)) if n else phi, q, lam))

    return tuple(
        (name, sp.Eq(eq.lhs, concrete(eq.rhs), evaluate=False)) for name, eq in general_equations(architecture)
    )


@lru_cache(maxsize=2)
def general_equations(architecture: str) -> tuple[tuple[str, sp.Eq], ...]:
    """The rows of :func:`layer_equations` for an activation not yet chosen (an odd one in a reduced network)."""
    S = SYMBOLS
    lay = {"full": full_layer, "reduced": reduced_layer}[architecture]()
    families = lay.families
    inner = tuple(families[f] for f in "wb")
    outer = tuple(families[f] for f in "va" if f in families)
    mean = _rules(odd=lay.needs_odd)

    def second_moment(left: sp.Expr, right: sp.Expr, weights: tuple[Weights, ...]) -> sp.Expr:
        return layer.self_average(layer.pair(left, right, weights), mean)

    other = {x: xx, _h: _hh}
    h, y = lay.preactivation, _named(lay.output, _h)
    rows = [
        ("q", S.q, second_moment(h, h, inner)),
        ("p", S.p, second_moment(y, y, outer)),
        ("lam", S.lam, second_moment(h, h.subs(other), inner)),
        ("gamma", S.gamma, second_moment(y, _swap(y), outer)),
    ]
    loss = sp.Sum(_delta[i] * lay.output, (i, 1, N))
    everything = inner + outer
    entries = {"": x[j], "b": _b[r], "w": _w[r, s], "v": _v[r, s], "a": _a[r]}
    for letter, entry in entries.items():
        if letter and letter not in families:
            continue
        gradient = _named(layer.jacobian(loss, entry), _h)
        name = f"chi_{letter}" if letter else "chi"
        symbol = Quantity(name, positive=True) if letter else S.chi_
        rows.append((name, symbol, second_moment(gradient, gradient, everything)))
    return tuple((name, sp.Eq(lhs, _tidy(rhs), evaluate=False)) for name, lhs, rhs in rows)


def _swap(y: sp.Expr) -> sp.Expr:
    """The output for the second input."""
    return y.replace(lambda e: isinstance(e, sp.Indexed) and e.base == x, lambda e: xx[e.indices]).replace(
        lambda e: isinstance(e, sp.Indexed) and e.base == _h, lambda e: _hh[e.indices]
    )


def _tidy(rhs: sp.Expr) -> sp.Expr:
    """Gradients as multiples of chi."""
    return sp.collect(rhs, SYMBOLS.chi)
