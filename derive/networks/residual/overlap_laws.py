r"""Expansions of the quantities of two inputs: e, s = p - gamma and gamma, from the correlation c and the length P.

.. math:: s = (1-c)\,P, \qquad \gamma = P - \sigma_b^2/\sigma_w^2 - s, \qquad
          e = 1 - (1-c)\,\frac{P}{P - \sigma_b^2/\sigma_w^2} .

The factors are expansions in powers of :math:`n^{-1/2}` and :math:`C n^{-\delta^*}`; a term of the product counts only
where it lies above everything that either factor omits, for every :math:`\delta^*` in its range.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.difference.driven.transseries import ExponentRange, select_terms
from derive.errors import UnsupportedError
from derive.networks.display import SumOfTerms
from derive.networks.homogeneous.laws import correlation, form_of
from derive.networks.residual.driver import P
from derive.networks.residual.laws import SHIFT, length_recurrence
from derive.networks.residual.overlap import DELTA_RANGE, correlation_law

__all__ = ["OverlapLaw", "overlap_law"]

Key = tuple[int, sp.Rational]  # C**i n**(-(offset + i delta))


@dataclass(frozen=True, repr=False)
class OverlapLaw(SumOfTerms):
    """The large-depth law of a quantity of two inputs.

    ``terms`` lists the leading terms, sorted; ``expr`` is their sum, ``error`` the O-term.  ``C`` is the amplitude
    that the start (both p0 and e0) determines, ``c`` the constant of the length, ``exponent`` is delta*.
    """

    quantity: str
    n: sp.Symbol
    c: sp.Symbol
    C: sp.Symbol
    exponent: sp.Expr
    terms: tuple[sp.Expr, ...]
    powers: tuple[sp.Expr, ...]
    error: sp.Expr


def overlap_law(architecture: str, phi: Activation, quantity: str, terms: int) -> OverlapLaw:
    """The expansion of e, s or gamma with ``terms`` terms, symbolic in the variances."""
    if quantity == "lam":
        raise UnsupportedError("lam has no expansion of its own: lam_l = sigma_w2 gamma_(l-1) + sigma_b2, expand gamma")
    for more in range(1, 12):
        cosine, span = _correlation(architecture, phi, terms + more)
        gap, first_gap = _gap_terms(cosine)
        rows, first_row = _stream_terms(architecture, phi, quantity, terms + more, cosine)
        product = _product(gap, rows)
        limits = [_shifted(first_gap, min(rows, key=lambda k: k[1])), _shifted(first_row, min(gap, key=lambda k: k[1]))]
        table = _image(quantity, product, rows)
        keys = list(table)
        try:
            kept, rest = select_terms([*keys, *limits], span, terms)
        except UnsupportedError:
            if more == 11:
                raise
            continue
        if all(m < len(keys) for m in kept) and len(kept) == terms:
            every = [*keys, *limits]
            return _law(quantity, cosine, [(k, table[k]) for k in (keys[m] for m in kept)], every[rest[0]])
    raise UnsupportedError(f"the order of the first {terms} terms of {quantity} was not settled; ask for fewer terms")


def _correlation(architecture: str, phi: Activation, terms: int) -> tuple[Any, ExponentRange]:
    """The transseries of c and the range of its exponent."""
    if form_of(architecture, phi) is not None:
        return correlation(phi, True, terms)
    forgets = architecture == "reduced"
    cosine = correlation_law(architecture, phi, forgets, terms)
    return cosine, ExponentRange(cosine.exponent, *((cosine.exponent,) * 2 if forgets else DELTA_RANGE))


def _gap_terms(cosine: Any) -> tuple[dict[Key, sp.Expr], Key]:
    """1 - c by powers, and the first power that is not known."""
    *known, last = cosine.terms
    table: dict[Key, sp.Expr] = {(0, sp.Integer(0)): 1 - cosine.limit}
    for t in known:
        table[_key(t, cosine)] = -t.coefficient
    return table, _key(last, cosine)


def _key(term: Any, cosine: Any) -> Key:
    return term.power, sp.nsimplify(sp.expand(term.exponent - term.power * cosine.exponent))


def _stream_terms(
    architecture: str, phi: Activation, quantity: str, terms: int, cosine: Any
) -> tuple[dict[Key, sp.Expr], Key]:
    """P, or P/(P - shift) for e, by powers of n, and the first power that is not known."""
    law = length_recurrence(architecture, phi).asymptotics(terms=terms)
    if quantity == "e":
        law = law.apply(P / (P - SHIFT), terms)
    same = {law.n: cosine.n, law.c: cosine.c}
    table: dict[Key, sp.Expr] = {}
    for row, term in zip(law.rows, law.terms, strict=False):
        offset = sp.Rational(row.exponent, law.frame.k)
        table[0, offset] = sp.expand(term * law.n**offset).xreplace(same)
    last = sp.Rational(law.rows[len(table)].exponent if len(law.rows) > len(table) else law.reach + 1, law.frame.k)
    return table, (0, last)


def _shifted(first: Key, lead: Key) -> Key:
    return first[0] + lead[0], first[1] + lead[1]


def _product(left: Mapping[Key, sp.Expr], right: Mapping[Key, sp.Expr]) -> dict[Key, sp.Expr]:
    table: dict[Key, sp.Expr] = {}
    for (i, s), a in left.items():
        for (j, t), b in right.items():
            table[i + j, s + t] = table.get((i + j, s + t), sp.Integer(0)) + a * b
    return table


def _image(quantity: str, product: Mapping[Key, sp.Expr], rows: Mapping[Key, sp.Expr]) -> dict[Key, sp.Expr]:
    """The coefficients of the quantity itself."""
    zero = (0, sp.Integer(0))
    table = dict(product) if quantity == "s" else {k: -v for k, v in product.items()}
    if quantity == "e":
        table[zero] = table.get(zero, sp.Integer(0)) + 1
    if quantity == "gamma":
        for key, value in rows.items():
            table[key] = table.get(key, sp.Integer(0)) + value
        table[zero] = table.get(zero, sp.Integer(0)) - SHIFT
    simple = {k: sp.factor_terms(sp.expand(v)) for k, v in table.items()}
    return {k: v for k, v in simple.items() if v != 0}


def _law(quantity: str, cosine: Any, rows: list[tuple[Key, sp.Expr]], omitted: Key) -> OverlapLaw:
    delta, n = cosine.exponent, cosine.n
    powers = tuple(-(s + i * delta) for (i, s), _ in rows)
    terms = tuple(v * cosine.C**i * n**p for ((i, _), v), p in zip(rows, powers, strict=True))
    error = sp.Order(n ** (-(omitted[1] + omitted[0] * delta)) * sp.log(n), (n, sp.oo))
    return OverlapLaw(quantity, n, cosine.c, cosine.C, delta, terms, powers, error)
