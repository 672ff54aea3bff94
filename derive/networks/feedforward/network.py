r"""The feed-forward network as a user meets it: :class:`FeedForward`.

Conventions (papers 004 and 002): q is the variance of the pre-activations of a layer, layer 0 the first one, so that
``q0`` is :math:`\sigma_w^2 |x|^2/N + \sigma_b^2` of the input; c is the correlation of two inputs there.  The papers'
dropout "rate" rho is the probability that a unit is kept, here ``keep_probability``.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import sympy as sp

from derive.activations import Activation, activation
from derive.networks.feedforward.equations import SYMBOLS, feed_forward_equations
from derive.networks.feedforward.fixed_points import FixedPoints, fixed_points
from derive.networks.feedforward.values import read_keep_probability, read_layer, read_start
from derive.networks.values import read_depth
from derive.numerics.compile import mpf_to_sympy
from derive.numerics.exact import positive_integer

__all__ = ["FeedForward"]


class FeedForward:
    r"""The fully connected network :math:`z' = w\,(p/\rho)\,\varphi(z) + b` with dropout masks p, in the wide limit.

    ``phi`` is a registered name, text, an expression or an Activation; ``keep_probability`` in (0, 1] is the chance
    that a unit is kept (1: no dropout).  Variances: sigma_w2 (over the width), sigma_b2.  Start: q0, and c0 for two
    inputs of equal norm, or q0, q0b, c0.

    >>> net = FeedForward("tanh")
    >>> point = net.fixed_points(sigma_w2="1.3", sigma_b2="0.01", digits=20)[0]
    >>> point.phase, point.q, point.xi_c
    ('ordered', 0.20475688884118890763, 39.882097758543535016)
    """

    def __init__(self, phi: Any, keep_probability: Any = 1) -> None:
        self.activation: Activation = activation(phi)
        self.keep_probability = read_keep_probability(keep_probability)

    def __repr__(self) -> str:
        dropout = "" if self.keep_probability == 1 else f", keep_probability={self.keep_probability}"
        return f"FeedForward({str(self.activation)!r}{dropout})"

    # --- equations

    @property
    def symbols(self) -> SimpleNamespace:
        """The SymPy symbols of the equations (trailing ``_``: layer before)."""
        return SimpleNamespace(**vars(SYMBOLS))

    def recurrences(self) -> dict[str, sp.Eq]:
        """The equations of one layer by name: q, q_ab, c, chi, chi_ab, chi_w, chi_b, derived from the definition.

        q_ab is for inputs of any norms, c for equal ones.  chi is the mean square of the gradient with respect to the
        pre-activations of the layer before, r the width of a layer over that of the layer before.
        """
        keep = {SYMBOLS.rho: self.keep_probability}
        rows = feed_forward_equations(self.activation)
        return {name: eq.func(eq.lhs, eq.rhs.subs(keep), evaluate=False) for name, eq in rows}

    # --- numbers

    def fixed_points(self, digits: int = 30, **variances: Any) -> FixedPoints:
        """Every stable fixed point (q*, c*), as a tuple of :class:`FixedPoint` from small to large q.

        ``variances`` are sigma_w2 and sigma_b2.  Attributes of a point, right to ``digits`` digits: ``.q .c
        .one_minus_c .chi_1 .chi_q .chi_c .xi_q .xi_c .xi_grad .rate_c``, and ``.phase .basin .notes``.  The result's
        ``.complete`` says whether the list was proved to be complete.

        Raises :class:`~derive.errors.DomainError` where lengths have no stable fixed point (ReLU at sigma_w2 >= 2) or
        E phi'^2 diverges, :class:`~derive.errors.UnsupportedError` where every length is fixed,
        :class:`~derive.errors.PrecisionError` where two fixed points merge.
        """
        layer = read_layer(self.keep_probability, variances)
        return fixed_points(self.activation, layer, positive_integer(digits, "digits"))

    def trajectory(self, depth: int, **values: Any) -> Any:
        """Every quantity at layers 0..depth by iteration, as named float64 arrays of length depth + 1.

        ``values``: sigma_w2, sigma_b2, q0, and for two inputs c0 (and q0b for unequal norms).  Names: q, chi_1, chi,
        log_chi; with c0 also q_ab, c, one_minus_c, chi_ab; with q0b q_a, q_b, q_ab, c.  chi is 1 at the last layer.
        """
        from derive.networks.feedforward import trajectory

        layer, start = self._read(values)
        return trajectory.run(self.activation, layer, start, read_depth(depth, most=trajectory.DEEPEST))

    def at(self, depth: int, quantity: str, digits: int = 30, **values: Any) -> sp.Expr:
        """q, q_ab, c or one_minus_c at one depth, to ``digits`` digits, by iteration with guard digits.

        Iteration ends early where the orbit has settled to these digits.  Raises
        :class:`~derive.errors.UnsupportedError` where it does not settle within 5000 layers and ``depth`` is above
        20 000.
        """
        from derive.networks.feedforward import trajectory

        layer, start = self._read(values)
        digits = positive_integer(digits, "digits")
        found = trajectory.value_at(self.activation, layer, start, read_depth(depth), quantity, digits)
        return mpf_to_sympy(found, digits)

    def critical_points(self, digits: int = 30, certified: bool = False, **given: Any) -> Any:
        """Where chi_1 = 1 with a fixed length: all points with the given sigma_b2 or sigma_w2.

        Each has ``.sigma_w2 .sigma_b2 .q .chi_q .stable``.  With ``certified=True`` the numbers are proved balls.  The
        result's ``.complete`` says whether the list was proved to be complete, ``.reason`` what was not searched.
        """
        from derive.networks.feedforward.critical import critical_points

        return critical_points(
            self.activation, self.keep_probability, given, positive_integer(digits, "digits"), certified
        )

    def critical_line(self, q: Any) -> tuple[sp.Expr, sp.Expr]:
        r"""(sigma_w2, sigma_b2) with chi_1 = 1 at length q, in closed form where the expectations have one.

        :math:`\sigma_w^2 = \rho/E\varphi'^2,\ \sigma_b^2 = q - V/E\varphi'^2`.
        """
        from derive.networks.feedforward.critical import critical_line

        return critical_line(self.activation, self.keep_probability, q)

    def phase_diagram(self, sigma_w2: Any, sigma_b2: Any, backend: str = "auto", threads: int = 1) -> Any:
        """q*, c*, chi_1, chi_q, chi_c, xi_q, xi_c on a grid, as float64 arrays of shape (len(sigma_w2), len(sigma_b2)).

        q* is the fixed point reached from large lengths; ``status`` is 0 where there is one.  ``backend`` "c", "numba",
        "numpy" and "jax" use tables (full double accuracy of the expectations, so that an ill-conditioned fixed point
        alone loses digits), "quadrature" sums at every point (about 10 digits); "auto" takes tables for large grids
        where the activation has them.  See :mod:`derive.networks.feedforward.phase_diagram`.
        """
        from derive.networks.feedforward.phase_diagram import phase_diagram

        return phase_diagram(self.activation, self.keep_probability, sigma_w2, sigma_b2, backend, threads)

    def compile(self, backend: str = "auto") -> Any:
        """The network as a compiled float64 function of arrays, for equal norms.

        ``backend`` is "c", "numba", "numpy", "jax" or "auto"; see
        :class:`~derive.networks.feedforward.compiled.CompiledFeedForward`.

        >>> f = FeedForward("tanh").compile("numpy")
        >>> run = f(200, sigma_w2=1.3, sigma_b2=0.01, q0=[0.1, 3.0], c0=0.5)
        >>> run["q"].round(10), run["one_minus_c"].round(6)
        (array([0.20475689, 0.20475689]), array([0.001735, 0.002321]))
        """
        from derive.codegen.compiled import compile_network
        from derive.networks.feedforward.compiled import CompiledFeedForward, feed_forward_system

        decides = ("feed-forward", self.activation, self.keep_probability)
        compiled = compile_network(decides, lambda: (*feed_forward_system(*decides[1:]), {}), backend)
        return CompiledFeedForward(repr(self), compiled)

    # --- laws

    def near_criticality(self, terms: int = 3) -> Any:
        """Expansions around the corner (1/phi'(0)^2, 0) and the critical line, from the Taylor coefficients of phi."""
        from derive.networks.feedforward.corner import near_criticality

        return near_criticality(self.activation, self.keep_probability, terms)

    def divergence(self, digits: int = 20, **given: Any) -> Any:
        """The laws by which xi_c diverges on both sides of a critical point, with amplitudes; see
        ``.critical_points``."""
        from derive.networks.feedforward.divergence import divergence

        return divergence(self.activation, self.keep_probability, given, positive_integer(digits, "digits"))

    def longest_memory(self, digits: int = 20, *, sigma_b2: Any) -> Any:
        """The sigma_w2 at which xi_c is largest for this keep probability: ``.sigma_w2 .xi_c .c .q``."""
        from derive.networks.feedforward.dropout import longest_memory

        return longest_memory(self.activation, self.keep_probability, sigma_b2, positive_integer(digits, "digits"))

    def _read(self, values: dict[str, Any]) -> tuple[Any, Any]:
        variances = {k: v for k, v in values.items() if k not in ("q0", "q0b", "c0")}
        rest = {k: v for k, v in values.items() if k in ("q0", "q0b", "c0")}
        return read_layer(self.keep_probability, variances), read_start(rest)

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(f"{sp.latex(eq.lhs)} &= {sp.latex(eq.rhs)}" for eq in self.recurrences().values())
        return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"
