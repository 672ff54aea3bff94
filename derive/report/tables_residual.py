"""Tables 1 and 2 of paper 000, made from the derived layer equations and the derived laws."""

from __future__ import annotations

import sympy as sp

from derive.report.table import Column, Math, Table

__all__ = ["main_dynamics", "main_recurrences"]


def _math(expr: sp.Basic) -> Math:
    return Math(sp.latex(expr), str(expr))


def _equation(eq: sp.Eq) -> Math:
    return Math(f"{sp.latex(eq.lhs)} = {sp.latex(eq.rhs)}", f"{eq.lhs} = {eq.rhs}")


def main_recurrences() -> Table:
    """Table 1: the recurrences of reduced (odd activation) and full (any activation) residual networks."""
    from derive.networks.residual import general_equations

    reduced, full = dict(general_equations("reduced")), dict(general_equations("full"))
    rows = tuple(("" if name not in reduced else _equation(reduced[name]), _equation(full[name])) for name in full)
    columns = (Column("odd activation, reduced network"), Column("any activation, full network"))
    note = (
        "Underlined: the layer before. V and W are the Gaussian means of the square and of the product of the activation; "
        "chi with an index is the mean square gradient with respect to that parameter."
    )
    return Table("table1", "Recurrences of one residual layer, derived from its definition", columns, rows, (note,))


def main_dynamics() -> Table:
    """Table 2, tanh columns: how each quantity behaves with the depth l, from the derived expansions."""
    from derive.networks import FullResidual, ReducedResidual

    networks = (ReducedResidual("tanh"), FullResidual("tanh"))
    rows = tuple((_math(symbol), *(_law(net, quantity) for net in networks)) for quantity, symbol in _QUANTITIES)
    columns = (Column("quantity"), Column("tanh, reduced network"), Column("tanh, full network"))
    notes = (
        "Growing terms only; constants depend on the start and are computed from it. "
        "For the cosine distance the limit and the two leading terms; A depends on the start.",
    )
    return Table("table2", "Large-depth behaviour of tanh residual networks", columns, rows, notes)


_QUANTITIES = (
    ("p", sp.Symbol("p")),
    ("s", sp.Symbol("s")),
    ("log_chi_ratio", sp.Symbol(r"\log(\chi_0/\chi_l)")),
    ("e", sp.Symbol("e")),
)


def _law(net, quantity: str) -> Math:
    law = net.asymptotics(quantity, terms=3)
    return _math(sp.expand(law.expr))
