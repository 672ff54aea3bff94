"""The expansions that ``derive.networks`` derives, cut where a claim cuts them."""

import sympy as sp


def leading_part(architecture: str, quantity: str, l: sp.Symbol) -> sp.Expr:
    """The terms of a tanh residual law that grow with the depth l, without the constant."""
    from derive.networks import FullResidual, ReducedResidual

    network = {"full": FullResidual, "reduced": ReducedResidual}[architecture]("tanh")
    law = network.asymptotics(quantity, terms=3)
    expression = sp.expand(law.expr.subs(law.n, l))
    return sp.Add(*(t for t in sp.Add.make_args(expression) if t.has(l) and sp.limit(1 / t, l, sp.oo) == 0))


def filtered(values):
    """A combination of f(l), f(4l), f(16l), f(64l) in which a + (b + c log l)/sqrt(l) cancels.

    It is (T - 1)(T - 1/2)^2 f for the scaling T f(l) = f(4l): the first factor removes constants, the others what
    decays like l**(-1/2), with or without a logarithm.  What grows stays.
    """
    one, four, sixteen, sixtyfour = values
    # (T - 1)(T^2 - T + 1/4) = T^3 - 2 T^2 + (5/4) T - 1/4
    return sixtyfour - 2 * sixteen + 5 * four / 4 - one / 4
