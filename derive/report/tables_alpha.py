"""Table 2 of paper 000, columns of ReLU and alpha-ReLU, and the limits of the cosine distance by alpha."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.report.table import Column, Math, Table

__all__ = ["alpha_dynamics", "cosine_limits"]

_QUANTITIES = (("p", "p"), ("s = p - \\gamma", "s"), (r"\log(\chi_0/\chi_l)", "log_chi_ratio"), ("e = \\gamma/p", "e"))
_ALPHA, _DEPTH, _STRENGTH = (
    sp.Symbol("alpha", positive=True),
    sp.Symbol("l", positive=True),
    sp.Symbol("K", positive=True),
)


def alpha_dynamics() -> Table:
    """Table 2, columns of ReLU and alpha-ReLU, alpha < 1: leading terms in the depth l, from the derived laws."""
    rows = tuple((Math(latex, text), _relu(text), _alpha(text)) for latex, text in _QUANTITIES)
    rows += ((Math(r"\chi_w,\ \chi_v", "chi_w, chi_v"), *_weights()),)
    columns = (Column("quantity"), Column("ReLU, full network"), Column("alpha-ReLU, full network, alpha < 1"))
    notes = (
        "B = 1 + sigma_v2 sigma_w2/2, k = sqrt(2)(B - 1)/(3 pi B), K = sigma_v2 sigma_w2^alpha c_alpha; c and C depend "
        "on the start.  e* solves J_alpha(e) = e, mu = (1 - J_alpha'(e*))/(1 - alpha).  The gradient's law needs alpha "
        "> 1/2; its variance is finite for alpha > 3/4.  The last term of e leads for alpha below 0.26484...  The last "
        "row gives the factor over layers m in a network of L layers.",
    )
    title = "Large-depth behaviour of ReLU and alpha-ReLU residual networks"
    return Table("table2_alpha", title, columns, rows, notes)


def _relu(quantity: str) -> Math:
    from derive.networks import FullResidual

    law = FullResidual("relu").asymptotics(quantity, terms=2)
    terms = law.terms[: 3 if quantity == "e" else 1]
    return _sum([t.subs(law.n, _DEPTH) for t in terms])


def _alpha(quantity: str) -> Math:
    from derive.networks.homogeneous.symbolic import alpha_relu_law, forced_term, strength

    law = alpha_relu_law(quantity, _ALPHA, terms=1)
    terms = law.terms[:1]
    if quantity == "e":
        terms = (*law.terms[:2], forced_term(_ALPHA, _STRENGTH, law.n))
    known = strength(_ALPHA)
    return _sum([t.subs(known, _STRENGTH).subs(law.n, _DEPTH) for t in terms])


def _weights() -> tuple[Any, Any]:
    """The exponent of the weight gradients: that of chi less that of E psi^2 along the stream."""
    from derive.networks.homogeneous.symbolic import gradient_exponent

    exponent = sp.factor(sp.together(gradient_exponent(_ALPHA) - _ALPHA / (1 - _ALPHA)))
    ratio = rf"(L/m)^{{{sp.latex(exponent)}}}"
    return "constant but for a part of order B^-m from the biases", Math(ratio, f"(L/m)**({exponent})")


def _sum(terms: list[sp.Expr]) -> Math:
    latex, text = [sp.latex(t) for t in terms], [str(t) for t in terms]

    def joined(parts: list[str]) -> str:
        return " ".join([parts[0], *(f"- {t[1:].strip()}" if t.startswith("-") else f"+ {t}" for t in parts[1:])])

    return Math(joined(latex), joined(text))


_DEGREES = ("1/20", "1/5", "1/2", "53/100", "16/25", "2/3", "3/4", "79/100", "9/10", "99/100", "999/1000")


def cosine_limits() -> Table:
    """1 - e*, mu, the exponent forced by sigma_a and the gradient's exponent R, for some alpha."""
    from derive.activations import activation
    from derive.networks import FullResidual
    from derive.networks.homogeneous.symbolic import gradient_exponent

    rows = []
    for text in _DEGREES:
        a = sp.Rational(text)
        net = FullResidual(activation("alpha_relu", alpha=a))
        limit = net.cosine_limit(digits=30, sigma_v2=1, sigma_w2=1, sigma_a2=0, sigma_b2=0)
        growth = str(gradient_exponent(a)) if a > sp.Rational(1, 2) else "infinite mean"
        rows.append((text, _number(limit.one_minus_e), _number(limit.rate), str(a / (1 - a)), growth))
    columns = (
        Column(Math(r"\alpha", "alpha"), right=True),
        Column(Math("1 - e^*", "1 - e*")),
        Column(Math(r"\mu", "mu")),
        Column(Math(r"\alpha/(1-\alpha)", "alpha/(1 - alpha)")),
        Column(Math("R", "R")),
    )
    notes = ("All digits are right. mu is the rate of e unless sigma_a > 0 and alpha/(1 - alpha) is smaller.",)
    return Table("alpha_limits", "Limit and rates of alpha-ReLU residual networks", columns, tuple(rows), notes)


def _number(value: sp.Expr) -> str:
    return str(sp.N(value, 20))
