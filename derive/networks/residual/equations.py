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

from collections.abc import Callable
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
from derive.networks.notation import MeanProduct, MeanSquare, Quantity, Variance, concrete

__all__ = [
    "SYMBOLS",
    "Layer",
    "MeanProduct",
    "MeanSquare",
    "full_layer",
    "general_equations",
    "gradient_rows",
    "inner_families",
    "layer_equations",
    "mean_rule",
    "moment_rows",
    "preactivation",
    "reduced_layer",
]


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


def preactivation(index: Idx) -> sp.Expr:
    """What unit ``index`` receives."""
    return sp.Sum(_w[index, m] * x[m], (m, 1, N)) + _b[index]


def _inner() -> dict[str, Weights]:
    return inner_families(SYMBOLS.sigma_w2 / N, SYMBOLS.sigma_b2)


def inner_families(weight: sp.Expr, bias: sp.Expr) -> dict[str, Weights]:
    """The entries of w and b, with the variance of one entry of each."""
    return {"w": Weights(_w, weight), "b": Weights(_b, bias)}


def full_layer() -> Layer:
    """The full residual layer, equation of section 3 of paper 000."""
    output = x[i] + sp.Sum(_v[i, k] * Nonlinearity(0, preactivation(k)), (k, 1, N)) + _a[i]
    outer = {"v": Weights(_v, SYMBOLS.sigma_v2 / N), "a": Weights(_a, SYMBOLS.sigma_a2)}
    return Layer(preactivation(k), output, {**_inner(), **outer}, needs_odd=False)


def reduced_layer() -> Layer:
    """The reduced residual layer, equation of section 3 of paper 000."""
    return Layer(preactivation(k), x[i] + Nonlinearity(0, preactivation(i)), _inner(), needs_odd=True)


def named(expr: sp.Expr) -> sp.Expr:
    """Write the argument of every nonlinearity as one pre-activation."""

    def name(order: sp.Expr, argument: sp.Expr) -> sp.Expr:
        (bias,) = (e for e in argument.atoms(sp.Indexed) if e.base == _b)
        return Nonlinearity(order, _h[bias.indices[0]])

    return expr.replace(Nonlinearity, name)


def mean_rule(S: Any, lone: Callable[[sp.Expr], sp.Expr]) -> Callable[[sp.Expr], sp.Expr]:
    """The mean over one index of a product of entries: what each kind of factor tends to in a wide layer.

    Given x, unit i is independent of the stream's own entry x_i (one weight in N), so that the two factorise.
    ``lone`` gives the mean of an entry of the stream, or of a unit, that stands alone beside the other kind.
    """

    def mean(group: sp.Expr) -> sp.Expr:
        value: sp.Expr = sp.Integer(1)
        units: list[sp.Expr] = []
        entries: list[sp.Expr] = []
        for factor, exponent in group.as_powers_dict().items():
            if isinstance(factor, Nonlinearity):
                units += [factor] * int(exponent)
            elif factor.base == _delta and exponent == 2:
                value *= S.chi
            else:
                entries += [factor] * int(exponent)
        if max(len(entries), len(units)) > 2:
            raise UnsupportedError(f"{group} is not a first or second moment of the previous layer")
        for factors, pair in ((units, unit_product), (entries, stream_product)):
            if len(factors) == 2:
                value *= pair(*factors)
            elif factors:
                value *= lone(factors[0])
        return value

    def stream_product(first: sp.Expr, second: sp.Expr) -> sp.Expr:
        return S.p_ if first.base == second.base else S.gamma_

    def unit_product(first: sp.Expr, second: sp.Expr) -> sp.Expr:
        order = first.args[0]
        if order != second.args[0]:
            raise UnsupportedError(f"{first} {second} mixes derivatives of different order")
        same = first.args[1].base == second.args[1].base
        return MeanSquare(order, S.q) if same else MeanProduct(order, S.q, S.lam)

    return mean


def _lone(odd: bool) -> Callable[[sp.Expr], sp.Expr]:
    """E phi = 0 for odd phi; for others the mean of the stream would have to be known."""

    def lone(factor: sp.Expr) -> sp.Expr:
        if not odd:
            raise UnsupportedError("the activation is not odd, so its mean output correlates with the stream")
        return sp.Integer(0)

    return lone


def layer_equations(architecture: str, phi: Activation) -> tuple[tuple[str, sp.Eq], ...]:
    """The recurrences of one layer as ``(name, equation)`` rows, in the order of the paper's Table 1.

    ``architecture`` is ``"full"`` or ``"reduced"``.  Quantities of the layer before carry a trailing underscore.
    """
    return tuple((name, concrete(eq, phi)) for name, eq in general_equations(architecture))


@lru_cache(maxsize=2)
def general_equations(architecture: str) -> tuple[tuple[str, sp.Eq], ...]:
    """The rows of :func:`layer_equations` for an activation not yet chosen (an odd one in a reduced network)."""
    lay = {"full": full_layer, "reduced": reduced_layer}[architecture]()
    rule = mean_rule(SYMBOLS, _lone(odd=lay.needs_odd))
    rows = moment_rows(lay, SYMBOLS, rule) | gradient_rows(lay, SYMBOLS, rule, "bwva")
    return tuple((name, sp.Eq(lhs, rhs, evaluate=False)) for name, (lhs, rhs) in rows.items())


def moment_rows(lay: Layer, S: Any, mean: Callable[[sp.Expr], sp.Expr]) -> dict[str, tuple[sp.Expr, sp.Expr]]:
    """q, p, lam and gamma after the layer, as (symbol, right-hand side)."""
    inner, outer = (tuple(lay.families[f] for f in kind if f in lay.families) for kind in ("wb", "va"))

    def second_moment(left: sp.Expr, right: sp.Expr, weights: tuple[Weights, ...]) -> sp.Expr:
        return layer.self_average(layer.pair(left, right, weights), mean)

    h, y = lay.preactivation, named(lay.output)
    return {
        "q": (S.q, second_moment(h, h, inner)),
        "p": (S.p, second_moment(y, y, outer)),
        "lam": (S.lam, second_moment(h, h.subs({x: xx, _h: _hh}), inner)),
        "gamma": (S.gamma, second_moment(y, _swap(y), outer)),
    }


def gradient_rows(
    lay: Layer, S: Any, mean: Callable[[sp.Expr], sp.Expr], families: str = ""
) -> dict[str, tuple[sp.Expr, sp.Expr]]:
    """chi of the layer before, and the mean square gradients of one entry of each of the layer's ``families``."""
    weights = tuple(lay.families[f] for f in "wbva" if f in lay.families)
    loss = sp.Sum(_delta[i] * lay.output, (i, 1, N))
    entries = {"": x[j], "b": _b[r], "w": _w[r, s], "v": _v[r, s], "a": _a[r]}
    rows = {}
    for letter in ("", *(f for f in families if f in lay.families)):
        gradient = named(layer.jacobian(loss, entries[letter]))
        square = layer.self_average(layer.pair(gradient, gradient, weights), mean)
        name = f"chi_{letter}" if letter else "chi"
        rows[name] = (Quantity(name, positive=True) if letter else S.chi_, sp.collect(square, S.chi))
    return rows


def _swap(y: sp.Expr) -> sp.Expr:
    """The output for the second input."""
    return y.replace(lambda e: isinstance(e, sp.Indexed) and e.base == x, lambda e: xx[e.indices]).replace(
        lambda e: isinstance(e, sp.Indexed) and e.base == _h, lambda e: _hh[e.indices]
    )
