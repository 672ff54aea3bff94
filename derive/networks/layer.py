r"""Mean-field equations of a wide layer, computed from its definition by Gaussian moments.

A layer is written down once, with indices: :math:`y_i = x_i + \sum_k v_{ik}\,\varphi(h_k) + a_i`,
:math:`h_k = \sum_m w_{km} x_m + b_k`.  Three facts turn it into recurrences for second moments as the width N grows:

* weights of different families, and different entries of one family, are independent with mean zero, so that the
  expectation of a product pairs them off (Isserlis' theorem); a pairing identifies the indices of the two entries;
* given the previous layer the pre-activations :math:`h_k` are Gaussian, independent over k, with the covariance the
  first step gives, so that :math:`\frac1N\sum_k f(h_k) g(\tilde h_k) \to E\,f(u_1) g(u_2)`;
* an index sum over N equal contributions, divided by N, is the mean-normalised quantity itself.

The gradient equations come from differentiating the same definition; following the paper, the weights met on the way
back are taken independent of those on the way forward (its "gradient independence" axiom).

Everything here is a computation on SymPy expressions: :func:`pair` is Isserlis' theorem for two factors,
:func:`self_average` the law of large numbers, :func:`jacobian` the chain rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

import sympy as sp
from sympy.tensor.indexed import Idx

from derive.errors import UnsupportedError

__all__ = ["Nonlinearity", "Weights", "jacobian", "pair", "self_average"]

N = sp.Symbol("N", integer=True, positive=True)


class Nonlinearity(sp.Function):
    """The activation inside a layer definition: an undetermined function whose n-th derivative is one as well."""

    @classmethod
    def eval(cls, order, argument):
        return None

    def fdiff(self, argindex=2):
        return Nonlinearity(self.args[0] + 1, self.args[1])


@dataclass(frozen=True)
class Weights:
    """A family of independent centred Gaussian entries: its array and the variance of one entry."""

    array: sp.IndexedBase
    variance: sp.Expr


def _sums(expr: sp.Expr) -> Iterator[tuple[sp.Expr, tuple[Idx, ...]]]:
    """The terms of ``expr`` as (summand, summed indices)."""
    for term in sp.Add.make_args(sp.expand(expr)):
        coefficient, dummies = sp.Integer(1), ()
        for factor in sp.Mul.make_args(term):
            while isinstance(factor, sp.Sum):
                dummies += tuple(limit[0] for limit in factor.limits)
                factor = factor.function
            coefficient *= factor
        coefficient = sp.expand(coefficient)
        if any(isinstance(f, sp.Sum | sp.Add) for f in sp.Mul.make_args(coefficient)):
            for body, more in _sums(coefficient):
                yield body, dummies + more
        else:
            yield coefficient, dummies


def _sum(body: sp.Expr, dummies: tuple) -> sp.Expr:
    return sp.Sum(body, *[(d, 1, N) for d in dummies]) if dummies else body


def _collapse(body: sp.Expr, dummies: tuple) -> tuple[sp.Expr, tuple]:
    """Carry out the sums over Kronecker deltas."""
    for delta in body.atoms(sp.KroneckerDelta):
        for dummy, other in (delta.args, delta.args[::-1]):
            if dummy in dummies:
                rest = body.subs(delta, 1).subs(dummy, other)
                return _collapse(rest, tuple(d for d in dummies if d != dummy))
    return body, dummies


def jacobian(outputs: sp.Expr, entry: sp.Indexed) -> sp.Expr:
    """The derivative of a layer's outputs by one entry, index sums over Kronecker deltas carried out."""
    total = sp.Integer(0)
    for body, dummies in _sums(outputs):
        for inner, more in _sums(_chain(body, entry)):
            total += _sum(*_collapse(inner, dummies + more))
    return total


def _chain(body: sp.Expr, entry: sp.Indexed) -> sp.Expr:
    """The derivative of a summand, by the product and chain rules (SymPy's own does not enter functions of sums)."""
    if isinstance(body, sp.Mul):
        return sp.Add(*[_chain(f, entry) * sp.Mul(*[g for g in body.args if g is not f]) for f in body.args])
    if isinstance(body, Nonlinearity):
        return body.fdiff() * jacobian(body.args[1], entry)
    if isinstance(body, sp.Indexed):
        if body.base != entry.base:
            return sp.Integer(0)
        return sp.Mul(*[sp.KroneckerDelta(a, b) for a, b in zip(body.indices, entry.indices, strict=True)])
    if not body.has(sp.Indexed):
        return sp.Integer(0)
    raise UnsupportedError(f"a layer definition cannot contain {body}; use products of entries and the nonlinearity")


_fresh = count()


def pair(left: sp.Expr, right: sp.Expr, weights: tuple[Weights, ...]) -> sp.Expr:
    """The expectation of ``left * right`` over the weights, everything else held fixed (Isserlis' theorem).

    Entries that stand inside the nonlinearity are not averaged here: they make the pre-activations Gaussian.
    """
    variances: Mapping = {w.array: w.variance for w in weights}
    total = sp.Integer(0)
    for a, da in _sums(left):
        for b, db in _sums(right):
            renamed = {d: Idx(f"{d.name}_{next(_fresh)}", (1, N)) for d in db}
            total += _pair_terms(a, da, b.xreplace(renamed), tuple(renamed.values()), variances)
    return sp.expand(total)


def _split(body: sp.Expr, variances: Mapping) -> tuple[dict, sp.Expr]:
    """The weight entries of a summand, by family, and what remains."""
    entries: dict = {}
    rest = sp.Integer(1)
    for factor in sp.Mul.make_args(body):
        if isinstance(factor, sp.Indexed) and factor.base in variances:
            if factor.base in entries:
                raise UnsupportedError(f"two entries of {factor.base} in one product; this layer is not linear in them")
            entries[factor.base] = factor
        else:
            rest *= factor
    return entries, rest


def _pair_terms(a, da, b, db, variances) -> sp.Expr:
    in_a, rest_a = _split(a, variances)
    in_b, rest_b = _split(b, variances)
    if set(in_a) != set(in_b):
        return sp.Integer(0)  # an entry left alone has mean zero
    body = rest_a * rest_b
    for base, entry in in_a.items():
        body *= variances[base]
        for i, j in zip(entry.indices, in_b[base].indices, strict=True):
            body *= sp.KroneckerDelta(i, j)
    return _sum(*_collapse(body, da + db))


def self_average(expr: sp.Expr, rules: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """Replace each index sum by N times the limit that ``rules`` gives for its summand; the width must cancel.

    ``rules`` maps a product of factors that share one index to its mean over that index.
    """
    total = sp.Integer(0)
    for body, dummies in _sums(expr):
        constants, factors = sp.Integer(1), list(sp.Mul.make_args(body))
        groups: dict = {}
        for factor in factors:
            indices = factor.atoms(Idx)
            if not indices:
                constants *= factor
                continue
            if len(indices) > 1:
                raise UnsupportedError(f"{factor} couples two indices; it is not an average over one layer")
            (index,) = indices
            groups[index] = groups.get(index, sp.Integer(1)) * factor
        constants *= N ** len(dummies)
        total += constants * sp.Mul(*[rules(group) for group in groups.values()])
    total = sp.expand(total)
    if total.has(N):
        raise UnsupportedError(f"{total} depends on the width: the layer is not normalised by its width")
    return total
