r"""The edge of chaos near the corner :math:`\sigma_b = 0,\ \sigma_w^2 = \rho/\varphi'(0)^2`, from Taylor coefficients.

With the exact expansions :math:`V = \sum v_k q^k` and :math:`D = E\varphi'^2 = \sum d_k q^k` at small q everything
follows by arithmetic with power series:

* the critical line :math:`\sigma_w^2 = \rho/D,\ \sigma_b^2 = q - V/D`, with q eliminated.  For an odd phi
  :math:`d_1 = v_2`, so that :math:`\sigma_b^2` starts with :math:`q^3` and the line with
  :math:`(\sigma_b^2)^{1/3}`; otherwise with the square root;
* on the axis :math:`\sigma_b = 0`, with :math:`\delta = \sigma_w^2\varphi'(0)^2/\rho - 1`: the length from
  :math:`V/q = \rho/\sigma_w^2`, and :math:`\chi_1, \chi_q` there, and for odd phi (c* = 0)
  :math:`\chi_c = \sigma_w^2(E\varphi')^2`.

The expansions are asymptotic in general.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import UnsupportedError
from derive.networks.feedforward.series import compose, divide, multiply, power, reverted

__all__ = ["Corner", "near_criticality"]


@dataclass(frozen=True)
class Corner:
    """Laws around the corner: SymPy expressions in ``sigma_b2`` and ``delta``, each without its O-term.

    ``sigma_w2`` is the weight variance of the corner; ``line`` the critical line sigma_w2(sigma_b2) and ``line_length``
    q on it; ``length``, ``chi_1``, ``chi_q``, ``chi_c`` belong to the axis sigma_b2 = 0 beyond the corner, delta =
    sigma_w2/corner - 1 > 0 (``chi_c`` is None unless phi is odd); ``xi_c`` is the leading law there.
    """

    sigma_w2: sp.Expr
    line: sp.Expr
    line_length: sp.Expr
    length: sp.Expr
    chi_1: sp.Expr
    chi_q: sp.Expr
    chi_c: sp.Expr | None
    xi_c: sp.Expr | None
    sigma_b2_symbol: sp.Symbol
    delta_symbol: sp.Symbol

    def _repr_latex_(self) -> str:
        rows = {r"\sigma_w^2": self.line, "q^*": self.length, r"\chi_1": self.chi_1, r"\chi_c": self.chi_c}
        body = r" \\ ".join(f"{n} &\\sim {sp.latex(v)}" for n, v in rows.items() if v is not None)
        return rf"$\displaystyle \begin{{aligned}} {body} \end{{aligned}}$"


def _coefficients(f: Activation, n: int) -> list[sp.Expr]:
    from derive.expectations import variance_small_terms

    terms = variance_small_terms(f, n + 1)
    if any(not e.is_Integer for e in terms):
        raise UnsupportedError(f"{f} has a kink at 0: its expansions there are not power series in q")
    return [terms.get(sp.Integer(k), sp.S.Zero) for k in range(n + 1)]


def near_criticality(phi: Activation, rho: sp.Expr, terms: int) -> Corner:
    """The laws with ``terms`` terms each; see the module docstring.

    Raises :class:`~derive.errors.UnsupportedError` where there is no corner: phi(0) not 0, phi'(0) = 0, a kink at 0, or
    phi linear.
    """
    if sp.S.Zero in phi.kinks:
        raise UnsupportedError(f"{phi} has a kink at 0: no expansion in powers of q")
    if sp.simplify(phi(sp.Integer(0))) != 0 or sp.simplify(phi.taylor(1)[1]) == 0:
        raise UnsupportedError(f"{phi} has no corner: it needs phi(0) = 0 and phi'(0) not 0")
    n = terms + 6
    v, d = _coefficients(phi, n), _coefficients(phi.diff(1), n)
    line, line_length, s = _line(v, d, rho, terms)
    delta = sp.Symbol("delta", positive=True)
    ratio = [c / v[1] for c in v[1:]]  # V/(v_1 q)
    growth = divide([sp.S.One], ratio, n - 2)  # 1 + delta as a series in q
    growth[0] = sp.S.Zero
    if all(c == 0 for c in growth):
        raise UnsupportedError(f"{phi} is linear: every length is fixed at the corner")
    lead = next(k for k, c in enumerate(growth) if c != 0)
    if lead != 1:
        raise UnsupportedError(f"V({phi}, q) has no q^2 term: the length leaves 0 like a root of delta")
    length = reverted(growth, terms)
    chi_1 = compose(divide(d, ratio, n - 2)[: terms + 2], length, terms + 1)
    slope = [k * c for k, c in enumerate(v)][1:]
    chi_q = compose(divide(slope, ratio, n - 2)[: terms + 1], length, terms)
    chi_c = xi = None
    if phi.parity == "odd":
        mean = _mean_slope(phi, n - 2)
        chi_c_list = compose(divide(multiply(mean, mean, n - 2), ratio, n - 2)[: terms + 2], length, terms + 1)
        chi_c_list = [c / v[1] for c in chi_c_list]
        chi_c = _expr(chi_c_list, delta)
        k = next((k for k, c in enumerate(chi_c_list) if k and c != 0), None)
        xi = None if k is None else -(delta**-k) / chi_c_list[k]
    chi_1 = [c / v[1] for c in chi_1]
    chi_q = [c / v[1] for c in chi_q]
    return Corner(
        sp.simplify(rho / v[1]), line, line_length, _expr(length, delta), _expr(chi_1, delta), _expr(chi_q, delta),
        chi_c, xi, s, delta,
    )  # fmt: skip


def _line(v: list, d: list, rho: sp.Expr, terms: int) -> tuple[sp.Expr, sp.Expr, sp.Symbol]:
    """sigma_w2 and q as expansions in sigma_b2 along the critical line."""
    s = sp.Symbol("sigma_b2", positive=True)
    n = len(v) - 2
    bias = [-c for c in divide(v, d, n)]
    bias[1] += 1
    lead = next((k for k, c in enumerate(bias) if sp.simplify(c) != 0), None)
    weight = [rho * c for c in divide([sp.S.One], d, n)]
    if lead is None:
        return weight[0], sp.S.Zero, s
    if not sp.simplify(bias[lead]).is_positive:
        return sp.nan, sp.nan, s  # the line leaves the corner towards negative sigma_b2
    m = sp.Integer(lead)
    root = [sp.S.Zero, *power(bias[lead:], 1 / m, min(terms + 1, n - lead))]  # sigma_b2^(1/m) as a series in q
    length = reverted(root, min(terms, len(root) - 1))
    curve = compose(weight[: len(length)], length, len(length) - 1)
    t = s ** (1 / m)
    return _expr(curve, t), _expr(length, t), s


def _mean_slope(phi: Activation, n: int) -> list[sp.Expr]:
    """E phi' as a series in q."""
    from derive.expectations import expectation_small_terms

    terms = expectation_small_terms(phi.diff(1), n + 1)
    return [terms.get(sp.Integer(k), sp.S.Zero) for k in range(n + 1)]


def _expr(coefficients: list, x: Any) -> sp.Expr:
    return sp.Add(*(sp.simplify(c) * x**k for k, c in enumerate(coefficients)))
