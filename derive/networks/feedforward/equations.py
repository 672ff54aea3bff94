r"""The feed-forward layer with dropout: its definition, and the recurrences that follow from it.

Papers 004 (Schoenholz et al. 2017) and 002: a layer of width N maps pre-activations z to

.. math:: z_i' = \sum_j w_{ij}\,\frac{p_j}{\rho}\,\varphi(z_j) + b_i, \qquad p_j \sim \text{Bernoulli}(\rho),

weights of variance :math:`\sigma_w^2/N`, biases of variance :math:`\sigma_b^2`, a fresh mask p for each input.  Here
rho is the probability that a unit is *kept*.  q is the variance of z, q_ab the covariance of the pre-activations of two
inputs, c their correlation; chi is the mean square of the gradient with respect to z, chi_ab the covariance of the
gradients of two inputs, chi_w and chi_b the mean squares of the gradients of one weight and one bias.  A trailing
underscore marks the layer before (the layer that the gradient reaches next).  ``width_ratio`` is the width of a layer
over that of the layer before.

The recurrences are computed by :mod:`derive.networks.layer` from this definition; nothing is typed in.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace

import sympy as sp
from sympy.tensor.indexed import Idx

from derive.activations import Activation
from derive.errors import UnsupportedError
from derive.networks import layer
from derive.networks.layer import N, Nonlinearity, Weights
from derive.networks.notation import CrossProduct, MeanProduct, MeanSquare, Quantity, Variance, concrete

__all__ = ["SYMBOLS", "CrossProduct", "feed_forward_equations", "general_feed_forward_equations"]


def _symbols() -> SimpleNamespace:
    made: dict[str, sp.Symbol] = {f"sigma_{k}2": Variance(f"sigma_{k}2", positive=True) for k in "wb"}
    made["rho"] = sp.Symbol("rho", positive=True)
    made["width_ratio"] = sp.Symbol("r", positive=True)
    names = ("q", "q_", "q_a_", "q_b_", "chi", "chi_", "chi_w", "chi_b")
    made |= {name: Quantity(name, positive=True) for name in names}
    made |= {name: Quantity(name, real=True) for name in ("q_ab", "q_ab_", "c", "c_", "chi_ab", "chi_ab_")}
    return SimpleNamespace(**made)


SYMBOLS = _symbols()

_w, _b = sp.IndexedBase("w"), sp.IndexedBase("b")
_z = {"a": sp.IndexedBase("z_a"), "b": sp.IndexedBase("z_b")}
_p = {"a": sp.IndexedBase("p_a"), "b": sp.IndexedBase("p_b")}
_delta = {"a": sp.IndexedBase("d_a"), "b": sp.IndexedBase("d_b")}
_i, _j, _r, _s = (Idx(name, (1, N)) for name in "ijrs")


def _output(which: str) -> sp.Expr:
    """The pre-activation z'_i of the next layer for input a or b."""
    kept = _p[which][_j] / SYMBOLS.rho * Nonlinearity(0, _z[which][_j])
    return sp.Sum(_w[_i, _j] * kept, (_j, 1, N)) + _b[_i]


def _activity(which: str, order: int, index: Idx) -> sp.Expr:
    """What unit ``index`` sends on, or (order 1) how that changes with its pre-activation."""
    return _p[which][index] / SYMBOLS.rho * Nonlinearity(order, _z[which][index])


def _mean(group: sp.Expr) -> sp.Expr:
    """The mean over one index of a product of entries, all families independent of each other."""
    S = SYMBOLS
    value, units, masks = sp.Integer(1), [], set()
    deltas: list[str] = []
    for factor, exponent in group.as_powers_dict().items():
        if isinstance(factor, Nonlinearity):
            units += [factor] * int(exponent)
            continue
        owner = next((k for k in "ab" if factor.base in (_p[k], _delta[k])), None)
        if owner is None:
            raise UnsupportedError(f"{factor} is not an entry of this layer")
        if factor.base == _p[owner]:
            masks.add(owner)  # p^2 = p for a mask of zeros and ones
        else:
            deltas += [owner] * int(exponent)
    value *= S.rho ** len(masks)  # the masks of two inputs are independent
    if deltas:
        value *= S.chi if deltas[0] == deltas[1] else S.chi_ab
    if units:
        value *= _unit_mean(units)
    return value


def _unit_mean(units: list[sp.Expr]) -> sp.Expr:
    S = SYMBOLS
    first, second = units
    if first.args[0] != second.args[0]:
        raise UnsupportedError("a product of derivatives of different order")
    if first == second:
        return MeanSquare(first.args[0], S.q_)
    return CrossProduct(first.args[0], S.q_a_, S.q_b_, S.q_ab_)


@lru_cache(maxsize=1)
def general_feed_forward_equations() -> tuple[tuple[str, sp.Eq], ...]:
    """The rows for an activation not yet chosen, as (name, equation): q, q_ab, c, chi, chi_ab, chi_w, chi_b."""
    S = SYMBOLS
    families = (Weights(_w, S.sigma_w2 / N), Weights(_b, S.sigma_b2))

    def second(left: sp.Expr, right: sp.Expr, weights: tuple[Weights, ...] = families) -> sp.Expr:
        return layer.self_average(layer.pair(left, right, weights), _mean)

    length, overlap = second(_output("a"), _output("a")), second(_output("a"), _output("b"))
    equal = overlap.replace(CrossProduct, lambda n, *_: MeanProduct(n, S.q_, S.c_ * S.q_))
    # on the way back the sum runs over the next layer, of width N; the variance of a weight is over the layer before
    back = (Weights(_w, S.sigma_w2 * S.width_ratio / N),)
    reached = {
        k: sp.Sum(_delta[k][_i] * _w[_i, _j], (_i, 1, N)) * _activity(k, 1, _j)  # dE/dz_j by the chain rule
        for k in "ab"
    }
    entry = _delta["a"][_r] * _activity("a", 0, _s)  # dE/dw_rs
    rows = {
        "q": (S.q, length),
        "q_ab": (S.q_ab, overlap),
        "c": (S.c, equal / length),
        "chi": (S.chi_, second(reached["a"], reached["a"], back)),
        "chi_ab": (S.chi_ab_, second(reached["a"], reached["b"], back)),
        "chi_w": (S.chi_w, layer.self_average(entry * entry, _mean)),
        "chi_b": (S.chi_b, layer.self_average(_delta["a"][_r] ** 2, _mean)),
    }
    return tuple((name, sp.Eq(lhs, rhs, evaluate=False)) for name, (lhs, rhs) in rows.items())


@lru_cache(maxsize=64)
def feed_forward_equations(phi: Activation) -> tuple[tuple[str, sp.Eq], ...]:
    """The rows of :func:`general_feed_forward_equations` for one activation, with V, W and E."""
    return tuple((name, concrete(eq, phi)) for name, eq in general_feed_forward_equations())
