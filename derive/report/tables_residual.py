"""Tables 1 and 2 of paper 000, made from the derived layer equations and the derived laws."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.networks.residual.overlap import DELTA, DELTA_RANGE
from derive.report.table import Column, Math, Table

__all__ = ["main_dynamics", "main_recurrences"]


def _equation(eq: sp.Eq) -> Math:
    return Math(f"{sp.latex(eq.lhs)} = {sp.latex(eq.rhs)}", f"{eq.lhs} = {eq.rhs}")


def main_recurrences() -> Table:
    """Table 1: the recurrences of reduced (odd activation) and full (any activation) residual networks."""
    from derive.networks.residual.equations import general_equations

    reduced, full = dict(general_equations("reduced")), dict(general_equations("full"))
    rows = tuple(("" if name not in reduced else _equation(reduced[name]), _equation(full[name])) for name in full)
    columns = (Column("odd activation, reduced network"), Column("any activation, full network"))
    note = (
        "Underlined: the layer before. V and W are the Gaussian means of the square and of the product of the "
        "activation; chi with an index is the mean square gradient with respect to that parameter."
    )
    return Table("table1", "Recurrences of one residual layer, derived from its definition", columns, rows, (note,))


def main_dynamics() -> Table:
    """Table 2, tanh columns: how each quantity behaves with the depth l, from the derived expansions."""
    from derive.networks import FullResidual, ReducedResidual

    networks = (ReducedResidual("tanh"), FullResidual("tanh"))
    rows = tuple((Math(latex, text), *(_law(net, text) for net in networks)) for latex, text in _QUANTITIES)
    columns = (Column("quantity"), Column("tanh, reduced network"), Column("tanh, full network"))
    notes = (
        "Growing terms of p, s and the gradient; for e the limit and the two leading terms. B is the sum of the "
        "variances of v and a; C depends on the start; e* and delta* are limit and exponent of the cosine distance "
        "(for the reduced network 0 and 1 - 2/pi). Constants and further terms: net.asymptotics.",
    )
    return Table("table2", "Large-depth behaviour of tanh residual networks", columns, rows, notes)


_QUANTITIES = (("p", "p"), ("s = p - \\gamma", "s"), (r"\log(\chi_0/\chi_l)", "log_chi_ratio"), ("e = \\gamma/p", "e"))
_DEPTH, _GROWTH = sp.Symbol("l", positive=True), sp.Symbol("B", positive=True)


def _law(net: Any, quantity: str) -> Math:
    """The leading terms, largest first."""
    law = net.asymptotics(quantity, terms=3)
    terms = law.terms if quantity == "e" else _growing(law)
    total = net.symbols.sigma_v2 + net.symbols.sigma_a2 if hasattr(net.symbols, "sigma_a2") else sp.Symbol("none")
    terms = [sp.powsimp(sp.factor_terms(t.subs(total, _GROWTH))).subs(law.n, _DEPTH) for t in terms]
    return Math(_joined([sp.latex(t) for t in terms]), _joined([str(t) for t in terms]))


def _growing(law: Any) -> list[sp.Expr]:
    """The terms of a law that grow with the depth, largest first, logarithms split from constants."""
    heads = [getattr(law, "head", sp.Integer(0))]
    merged: dict[sp.Expr, sp.Expr] = {}
    for summand in (*law.terms, *heads):
        for t in sp.Add.make_args(sp.expand_mul(summand)):
            rest, growth = t.as_independent(law.n)
            merged[growth] = merged.get(growth, sp.Integer(0)) + rest

    def size(growth: sp.Expr) -> float:
        """The logarithm of the power at a depth where the order of powers and logarithms shows."""
        return float(sp.N(sp.log(growth.subs({DELTA: sum(DELTA_RANGE) / 2, law.n: sp.Integer(10) ** 200}))))

    grows = [g for g in merged if g.has(law.n) and size(g) > 0]
    return [sp.factor(merged[g]) * g for g in sorted(grows, key=size, reverse=True)]


def _joined(terms: list[str]) -> str:
    """A sum in the order given."""
    return " ".join([terms[0], *(f"- {t[1:].strip()}" if t.startswith("-") else f"+ {t}" for t in terms[1:])])
