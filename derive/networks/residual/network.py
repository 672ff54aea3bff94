r"""Residual networks as a user meets them: :class:`FullResidual` and :class:`ReducedResidual`.

Conventions (paper 000): layer 0 is the input; p, gamma, s, e are mean-normalised and belong to the stream x after a
layer; q and lam belong to the pre-activations inside it; chi is the mean square of the gradient with respect to x,
normalised to 1 at the last layer.  Parameters are variances; :math:`\gamma_0 = e_0 p_0`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar

import sympy as sp

from derive.activations import Activation, activation
from derive.errors import UnsupportedError
from derive.names import known_name
from derive.networks.residual.cosine import CosineLimit, cosine_limit
from derive.networks.residual.equations import SYMBOLS, layer_equations
from derive.networks.values import VARIANCES, read_depth, read_values, read_variances
from derive.numerics.exact import positive_integer
from derive.system import RecurrenceSystem

__all__ = ["FullResidual", "ReducedResidual", "ResidualNetwork"]

QUANTITIES = ("p", "q", "s", "gamma", "lam", "e", "log_chi_ratio")


class ResidualNetwork(ABC):
    """What the two residual architectures share.  ``activation`` may be a name, text, expression or Activation."""

    _architecture: ClassVar[str]
    _fixed: ClassVar[Mapping[str, int]] = {}

    @abstractmethod
    def __init__(self, phi: Any) -> None:
        self.activation: Activation = activation(phi)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.activation)!r})"

    # --- equations

    @property
    def symbols(self) -> SimpleNamespace:
        """The SymPy symbols: the network's variances and its quantities (trailing ``_``: layer before)."""
        names = [n for n in vars(SYMBOLS) if n not in self._fixed]
        return SimpleNamespace(**{n: getattr(SYMBOLS, n) for n in names})

    def recurrences(self) -> dict[str, sp.Eq]:
        """The equations of one layer by name, as in Table 1 of paper 000, derived from the layer definition.

        Keys: q, p, lam, gamma, chi, chi_b, chi_w and, for a full network, chi_v, chi_a.  Symbols with a trailing
        underscore belong to the layer before (for chi: the layer before in the forward direction, which the gradient
        reaches next).
        """
        return dict(layer_equations(self._architecture, self.activation))

    def system(self) -> RecurrenceSystem:
        """The recurrences of p and gamma from one layer to the next, q and lam eliminated."""
        S, rows = SYMBOLS, self.recurrences()
        inner = {S.q: rows["q"].rhs, S.lam: rows["lam"].rhs}
        now = {S.p_: S.p, S.gamma_: S.gamma}
        return RecurrenceSystem([(getattr(S, n), rows[n].rhs.subs(inner).subs(now)) for n in ("p", "gamma")])

    # --- laws

    def asymptotics(self, quantity: str, terms: int = 8) -> Any:
        """The large-depth expansion of a quantity, symbolic in the variances.

        ``quantity`` is one of p, q, s, gamma, lam, e, log_chi_ratio (= log chi_0/chi_l).  The result is an
        :class:`~derive.difference.Expansion` in the layer number n; its free constant is determined by the start.
        Raises UnsupportedError where the activation has no such law on the power scale.
        """
        from derive.networks.residual import laws

        return laws.asymptotics(self._architecture, self.activation, _known(quantity), positive_integer(terms, "terms"))

    def exponents(self) -> dict[str, sp.Expr]:
        """The leading power of the depth of each quantity; for e that of its distance from the limit, -delta*.

        Raises UnsupportedError where one of the laws is not on the power scale.
        """
        from derive.networks.residual import laws

        return laws.exponents(self._architecture, self.activation)

    def cosine_limit(self, digits: int = 30, certified: bool = False, **variances: Any) -> CosineLimit:
        """The limit of e, with 1 - e and the exponent of the approach; see :mod:`derive.networks.residual.cosine`.

        Every start with e0 < 1 reaches it, up to the exceptions listed in ``conditions``.
        """
        values = read_variances(self._fixed, variances)
        return cosine_limit(self.activation, values, positive_integer(digits, "digits"), certified)

    # --- numbers

    def at(self, depth: int, quantity: str, digits: int = 30, certified: bool = False, **values: Any) -> Any:
        """One quantity at one depth, however large, as a SymPy Float with ``digits`` right digits.

        ``values`` are the variances, ``p0``, and ``e0`` for quantities of two inputs.  With ``certified=True`` the
        result is a :class:`~derive.numerics.ball.Ball` proved to contain the value (p and q only).
        """
        from derive.networks.residual import depths

        depth = read_depth(depth)
        two = _known(quantity) in ("s", "gamma", "lam", "e")
        run = read_values(self._fixed, values, needs=("p0", "e0") if two else ("p0",))
        digits = positive_integer(digits, "digits")
        return depths.at(self._architecture, self.activation, run, quantity, depth, digits, certified)

    def trajectory(self, depth: int, progress: Callable[[int], None] | None = None, **values: Any) -> Any:
        """Every quantity at layers 0..depth by iteration, as named float64 arrays of length depth + 1.

        ``values`` are the variances, ``p0`` and, for two inputs, ``e0``.  chi is 1 at the last layer; ``log_chi`` is
        its logarithm, finite where chi overflows.  Entries are right to a few units in the last place, at some
        milliseconds a layer, and tens of milliseconds with two inputs; ``.compile()`` takes microseconds a layer, for
        about 14 digits.
        """
        from derive.networks.residual import trajectory

        depth = read_depth(depth, most=10**7)
        run = read_values(self._fixed, values)
        return trajectory.run(self._architecture, self.activation, run, depth, progress)

    def compile(self, backend: str = "auto") -> Any:
        """The network as a compiled float64 function of arrays; see
        :class:`~derive.networks.residual.compiled.CompiledNetwork`.

        ``backend`` is "c" (generated C, needs a compiler), "numba" (without one), "numpy" (always works), "jax" (and
        on a GPU), or "auto", the first of c, numba and numpy that works here.  Raises
        :class:`~derive.errors.UnsupportedError` for an activation without tables or closed forms.

        >>> f = FullResidual("tanh").compile("numpy")
        >>> run = f(100, sigma_v2=1, sigma_w2=1, sigma_a2=0, sigma_b2=0, p0=[1, 2], e0=0.5)
        >>> run["p"].round(8)
        array([84.44947899, 86.55852816])
        """
        from derive.codegen.compiled import compile_network
        from derive.codegen.deep import Deep
        from derive.networks.residual.compiled import CompiledNetwork, layer_system

        source = partial(layer_system, self._architecture, self.activation)
        fixed = tuple((n, float(v)) for n, v in self._fixed.items())
        free = tuple(n for n in VARIANCES if n not in self._fixed)
        compiled = compile_network((self._architecture, self.activation), source, backend)
        return CompiledNetwork(repr(self), free, fixed, compiled, Deep(source, backend))

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(f"{sp.latex(eq.lhs)} &= {sp.latex(eq.rhs)}" for eq in self.recurrences().values())
        return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"


class FullResidual(ResidualNetwork):
    r"""The full residual network (FRN): :math:`x \mapsto x + v\,\varphi(w x + b) + a`.

    Variances: sigma_v2, sigma_w2 (over the width), sigma_a2, sigma_b2.

    >>> net = FullResidual("tanh")
    >>> sorted(net.recurrences())
    ['chi', 'chi_a', 'chi_b', 'chi_v', 'chi_w', 'gamma', 'lam', 'p', 'q']
    """

    _architecture = "full"

    def __init__(self, phi: Any) -> None:
        super().__init__(phi)


class ReducedResidual(ResidualNetwork):
    r"""The reduced residual network (RRN): :math:`x \mapsto x + \varphi(w x + b)`, for odd phi.

    Variances: sigma_w2 (over the width), sigma_b2.  Raises :class:`~derive.errors.UnsupportedError` for an activation
    that is not odd: its mean output would be correlated with the stream, and the recurrences would not close.
    """

    _architecture = "reduced"
    _fixed: ClassVar[Mapping[str, int]] = {"sigma_v2": 1, "sigma_a2": 0}

    def __init__(self, phi: Any) -> None:
        super().__init__(phi)
        if self.activation.parity != "odd":
            raise UnsupportedError(
                f"{self.activation} is not odd, so the recurrences of a reduced residual network do not close; "
                "use FullResidual, which takes any activation"
            )


def _known(quantity: str) -> str:
    return known_name(quantity, QUANTITIES, "quantity")
