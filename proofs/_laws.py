"""The expansions that ``derive.networks`` derives, cut where a claim cuts them."""

import sympy as sp


def leading_part(architecture: str, quantity: str, l: sp.Symbol) -> sp.Expr:
    """The terms of a tanh residual law that grow with the depth l, without the constant."""
    from derive.networks import FullResidual, ReducedResidual

    network = {"full": FullResidual, "reduced": ReducedResidual}[architecture]("tanh")
    law = network.asymptotics(quantity, terms=3)
    expression = sp.expand(law.expr.subs(law.n, l))
    return sp.Add(*(t for t in sp.Add.make_args(expression) if sp.limit(abs(t.subs(l, l)) / 1, l, sp.oo) == sp.oo))
