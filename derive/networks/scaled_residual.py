r"""Residual networks with branches scaled by depth (paper 001): recurrences, and their iteration for any activation.

A layer of width N in a network of L layers is :math:`h_i = \sum_m w_{im}x_m + b_i`,
:math:`y_i = a\,x_i + \varphi(h_i)`; entries of w have variance :math:`\sigma_w^2/(NL)`, those of b
:math:`\sigma_b^2`.  The branch meets the stream in the same unit, so the square of y contains
:math:`x_i\varphi(h_i)`.  Given x the :math:`h_i` are equally distributed and independent of the index's own
:math:`x_i` (one weight in N), so that

.. math:: \frac1N\sum_i x_i\,\varphi(h_i) \to m\,\mathrm M(q), \qquad m = \frac1N\sum_i x_i,\quad
   \mathrm M(q) = E\varphi(\sqrt q z) .

The mean m of the stream is a state of its own: with the mean square p the recurrences close for every activation,

.. math:: q = \frac{\sigma_w^2}L p_- + \sigma_b^2, \quad p = a^2p_- + 2a\,m_-\mathrm M(q) + \mathrm V(q), \quad
   m = a\,m_- + \mathrm M(q) .

Eliminating p and m gives equation (27) of the paper and, for inputs whose mean is not zero, the term
:math:`\frac{2\sigma_w^2}L a^l m_0\mathrm M(q^l)` that it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import sympy as sp

from derive.activations import Activation, activation
from derive.errors import DomainError
from derive.networks import layer
from derive.networks.layer import N, Nonlinearity
from derive.networks.notation import MeanSquare, MeanValue, Quantity, Variance, concrete
from derive.networks.residual.equations import (
    Layer,
    gradient_rows,
    i,
    inner_families,
    mean_rule,
    moment_rows,
    named,
    preactivation,
    x,
)
from derive.numerics.exact import exact_number, positive_integer, sign_of, variance

__all__ = [
    "SCALED",
    "MeanValue",
    "ScaledResidual",
    "ScaledValues",
    "first_moment",
    "iterate_scaled",
    "scaled_equations",
]

_LAYERS = 10**6  # that are gone through one by one
_MANY, _DIGITS = 40, 30  # layers from which, digits up to which tables are cheaper than the means themselves


def _symbols() -> SimpleNamespace:
    made: dict[str, sp.Symbol] = {name: Variance(name, positive=True) for name in ("sigma_w2", "sigma_b2")}
    made |= {name: Quantity(name, positive=True) for name in ("p", "p_", "q", "chi", "chi_")}
    made |= {name: Quantity(name, real=True) for name in ("gamma", "gamma_", "lam", "m", "m_")}
    made["a"] = sp.Symbol("a", real=True)
    made["L"] = sp.Symbol("L", integer=True, positive=True)
    return SimpleNamespace(**made)


#: variances, quantities (trailing ``_``: the layer before), the skip factor a and the depth L
SCALED = _symbols()


def _layer() -> Layer:
    S = SCALED
    return Layer(
        preactivation(i),
        S.a * x[i] + Nonlinearity(0, preactivation(i)),
        inner_families(S.sigma_w2 / (N * S.L), S.sigma_b2),
        needs_odd=False,
    )


def _lone(factor: sp.Expr) -> sp.Expr:
    """The mean of the stream, or of the activation."""
    return MeanValue(factor.args[0], SCALED.q) if isinstance(factor, Nonlinearity) else SCALED.m_


@lru_cache(maxsize=1)
def scaled_equations() -> tuple[tuple[str, sp.Eq], ...]:
    """q, p, m, lam, gamma (two inputs of equal norm and mean) and chi for an activation not yet chosen."""
    lay, rule = _layer(), mean_rule(SCALED, _lone)
    rows = moment_rows(lay, SCALED, rule) | gradient_rows(lay, SCALED, rule)
    rows["m"] = (SCALED.m, layer.self_average(named(lay.output), rule))
    return tuple((n, sp.Eq(*rows[n], evaluate=False)) for n in ("q", "p", "m", "lam", "gamma", "chi"))


@dataclass(frozen=True)
class ScaledValues:
    """Exact parameters of one run: weight and bias variance, skip, depth, mean square and mean of the input."""

    sigma_w2: sp.Expr
    sigma_b2: sp.Expr
    skip: sp.Expr
    depth: int
    p0: sp.Expr
    m0: sp.Expr

    @classmethod
    def read(cls, depth: Any, skip: Any = 1, sigma_w2: Any = 1, sigma_b2: Any = 0, p0: Any = 1, m0: Any = 0):
        """Check every number; raises DomainError for a negative variance, depth < 1 or m0^2 > p0."""
        values = cls(
            variance(sigma_w2, "sigma_w2"),
            variance(sigma_b2, "sigma_b2"),
            exact_number(skip, "skip"),
            positive_integer(depth, "depth"),
            variance(p0, "p0"),
            exact_number(m0, "m0"),
        )
        if sign_of(values.p0 - values.m0**2) < 0:
            raise DomainError(f"m0 = {values.m0} is impossible with p0 = {values.p0}: m0^2 is at most p0")
        return values


@lru_cache(maxsize=8)
def _step() -> tuple:
    """q, p, m of the next layer as mpmath functions of the state, the expectations and the parameters."""
    S, rows = SCALED, dict(scaled_equations())
    V, M = sp.symbols("V M")
    put = {MeanSquare(0, S.q): V, MeanValue(0, S.q): M}
    q = sp.lambdify((S.p_, S.sigma_w2, S.sigma_b2, S.L), rows["q"].rhs, "mpmath")
    p, mean = (sp.lambdify((S.p_, S.m_, V, M, S.a), rows[n].rhs.subs(put), "mpmath") for n in ("p", "m"))
    return q, p, mean


def iterate_scaled(phi: Activation, values: ScaledValues, digits: int) -> Iterator[dict[str, Any]]:
    """q, V, M and, after the layer, p and m of layers 1, 2, ... L, as mpf with about ``digits`` right digits.

    From 40 layers on and up to 30 digits the means come from tables (:mod:`derive.networks.mean_tables`).
    """
    import mpmath

    from derive.expectations.values import variance_value
    from derive.numerics.compile import to_mpf

    if values.depth > _LAYERS:
        raise DomainError(f"depth = {values.depth} has too many layers to go through; at most {_LAYERS}, or depth=oo")
    q_of, p_of, m_of = _step()
    tables = tables_for(phi, values, digits)
    with mpmath.workdps(digits + 10):
        sw2, sb2, a, p, mean = (
            to_mpf(v) for v in (values.sigma_w2, values.sigma_b2, values.skip, values.p0, values.m0)
        )
    for _ in range(values.depth):
        with mpmath.workdps(digits + 10):
            q = q_of(p, sw2, sb2, values.depth)
            if tables is None or q == 0:
                second, first = variance_value(phi, q, digits), first_moment(phi, q, digits)
            else:
                second, first = tables.value("V", q), tables.value("M", q)
            p, mean = p_of(p, mean, second, first, a), m_of(p, mean, second, first, a)
        yield {"q": q, "V": second, "M": first, "p": p, "m": mean}


def tables_for(phi: Activation, values: ScaledValues, digits: int) -> Any | None:
    """Tables of the means for a network of many layers, None for few layers or many digits."""
    from derive.networks.mean_tables import mean_tables

    return mean_tables(phi, digits) if values.depth >= _MANY and digits <= _DIGITS else None


def first_moment(phi: Activation, q: Any, digits: int) -> Any:
    """E phi, to ``digits`` digits of its own or, where it nearly vanishes, absolutely."""
    import mpmath
    from flint import ctx

    from derive.expectations.balls import expectation_ball
    from derive.numerics.compile import arb_to_mpf, to_arb

    if phi.parity == "odd":
        return mpmath.mpf(0)
    bits = int(3.33 * digits) + 24
    with ctx.workprec(bits + 32):
        return arb_to_mpf(expectation_ball(phi, to_arb(q), bits))


class ScaledResidual:
    r"""The residual network of paper 001: :math:`x \mapsto a\,x + \varphi(w x + b)`, weight variances sigma_w2/(N L).

    Any activation: the mean of the stream is carried along (module docstring).  ``skip`` is a, ``depth`` is L.

    >>> net = ScaledResidual("tanh", depth=10)
    >>> net.recurrences()["q"]
    Eq(q, p_*sigma_w2/L + sigma_b2)
    >>> run = net.trajectory(sigma_w2="1/8")
    >>> round(float(run["q"][1]), 6)
    0.0125
    """

    def __init__(self, phi: Any, skip: Any = 1, depth: Any = None) -> None:
        self.activation: Activation = activation(phi)
        self.skip = exact_number(skip, "skip")
        if depth is None:
            raise DomainError("depth is missing: the weight variances sigma_w2/(N L) of this network depend on it")
        self.depth = positive_integer(depth, "depth")

    def __repr__(self) -> str:
        return f"ScaledResidual({str(self.activation)!r}, skip={self.skip}, depth={self.depth})"

    @property
    def symbols(self) -> SimpleNamespace:
        """The SymPy symbols of the recurrences."""
        return SCALED

    def recurrences(self) -> dict[str, sp.Eq]:
        """The equations of one layer by name, derived from the layer definition, with V, W and E of the activation.

        Keys q, p, m, lam, gamma (second moments of two inputs of equal norm and mean) and chi (mean square gradient,
        from a layer to the one before it, with weights on the way back taken independent).
        """
        return {name: concrete(eq, self.activation) for name, eq in scaled_equations()}

    def values(self, **given: Any) -> ScaledValues:
        """The parameters of a run: sigma_w2, sigma_b2 = 0, p0 = 1, m0 = 0, checked and exact."""
        return ScaledValues.read(self.depth, self.skip, **given)

    def trajectory(self, **given: Any) -> Any:
        """q, p, m and c2 = sigma_w2 E phi'^2 at layers 0..L as named float64 arrays, and chi, 1 at the last layer.

        Keywords: sigma_w2, sigma_b2 = 0, p0 = 1 (mean square of the input), m0 = 0 (its mean).  q and c2 belong to the
        inside of a layer and are NaN at the input.
        """
        import numpy as np

        from derive.expectations.values import variance_value
        from derive.networks.residual.trajectory import Trajectory

        positive_integer(self.depth, "depth", most=_LAYERS)
        values, slope = self.values(**given), self.activation.diff(1)
        table = {n: np.full(self.depth + 1, np.nan) for n in ("q", "p", "m", "c2")}
        table["p"][0], table["m"][0] = float(values.p0), float(values.m0)
        for index, row in enumerate(iterate_scaled(self.activation, values, 20), start=1):
            for name in ("q", "p", "m"):
                table[name][index] = float(row[name])
            table["c2"][index] = float(values.sigma_w2) * float(variance_value(slope, row["q"], 20))
        factor = float(self.skip) ** 2 + table["c2"][:0:-1] / self.depth
        with np.errstate(over="ignore"):
            table["chi"] = np.concatenate([np.cumprod(factor)[::-1], [1.0]])
        return Trajectory(table, {n: str(getattr(values, n)) for n in ("sigma_w2", "sigma_b2", "skip", "p0", "m0")})

    def compile(self, backend: str = "auto") -> Any:
        """The network's L layers as a compiled float64 function of arrays.

        ``backend`` is "c", "numba", "numpy", "jax" or "auto"; see
        :class:`~derive.networks.scaled_compiled.CompiledScaledResidual`.

        >>> f = ScaledResidual("tanh", depth=10).compile("numpy")
        >>> f(sigma_w2=[0.125, 2], sigma_b2=0, p0=1)["p"].round(6)
        array([1.128715, 3.226993])
        """
        from derive.codegen.compiled import compile_network
        from derive.networks.scaled_compiled import CompiledScaledResidual, scaled_system

        decides = ("scaled", self.activation, self.skip, self.depth)
        compiled = compile_network(decides, lambda: scaled_system(self), backend)
        return CompiledScaledResidual(repr(self), self.depth, self.activation, compiled)

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(f"{sp.latex(eq.lhs)} &= {sp.latex(eq.rhs)}" for eq in self.recurrences().values())
        return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"
