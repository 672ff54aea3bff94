r"""The singular values of the input-output Jacobian of a residual network: :class:`JacobianSpectrum`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.errors import DomainError, InputError, UnsupportedError
from derive.numerics.exact import _short, exact_number, positive_integer, sign_of, variance
from derive.spectrum import edges, finite_depth, finite_points, limit_law
from derive.spectrum.arguments import exponential, generator, real_array, spectrum_depth

if TYPE_CHECKING:
    import numpy as np

__all__ = ["JacobianSpectrum"]

_EXACT = 20_000  # largest order times depth of an exact fraction
_ORDER, _LOG_ORDER = 1000, 100  # largest integer orders of moments of lam and of log lam
_DEEP_LOG_ORDER = 20  # the same by quadrature at finite depth
_DRAWS = 10**8  # most draws of one sample
_BLOCK = 4096  # arrays of this length stay in the cache


class JacobianSpectrum:
    r"""The law of the singular values s of :math:`J = \prod_{l=1}^L (a + D^lW^l)`, and of lam = s^2.

    ``c`` is the effective cumulant, :math:`c = \frac1L\sum_l c_2^l` with :math:`c_2^l = \sigma_w^2 E\varphi'(h^l)^2`
    and weights of variance :math:`\sigma_w^2/(NL)`; ``skip`` is a.  Width N -> oo always.

    * ``depth=oo``: the universal law (25) of paper 001, of which only :math:`\kappa = c/a^2` and the scale are left.
      For skip 1 these are the singular values of J; for another skip those of :math:`J/|a|^L`.
    * ``depth=L``: L equal free layers, each with the slope of a linear layer (circular branches), exactly; the scale
      :math:`|a|^L` is included.  ``.universal()`` is the universal law at that scale, ``.corrected(fourth=...)`` the
      first 1/L correction for any activation.  Where c/L >= a^2 the branches reach the skip connection: the support
      begins at 0, without an atom there, and the condition number is infinite.

    Arrays are float64 with at most a few units in the last place of the scale of the function (relative to the
    argument's own rounding near an edge); ``digits=n`` gives SymPy Floats with n right digits.  Domain: finite c >=
    0, skip != 0. Raises :class:`~derive.errors.DomainError` for NaN, infinite, complex or negative c and for skip = 0.

    >>> S = JacobianSpectrum(c="1/8")
    >>> S.moment(2)
    5*exp(1/4)/4
    >>> S.edges(10)
    (0.6034086825, 1.657251593)
    >>> float(S.cdf(1.0))
    0.5
    >>> S.log_cumulant(2)
    49/192
    """

    def __init__(self, c: Any, skip: Any = 1, depth: Any = sp.oo) -> None:
        self.c = variance(c, "c")
        self.skip = exact_number(skip, "skip")
        if sign_of(self.skip) == 0:
            raise DomainError("skip = 0 leaves no skip connection; the spectrum is that of a feed-forward network")
        self.depth = spectrum_depth(depth)
        self._free = self.depth is not sp.oo
        self._scale_depth = self.depth if self._free else sp.Integer(0)

    def __repr__(self) -> str:
        kind = "" if self._free or self.depth is sp.oo else ", universal"
        return f"JacobianSpectrum(c={self.c}, skip={self.skip}, depth={self.depth}{kind})"

    def universal(self) -> JacobianSpectrum:
        """The universal law with the scale :math:`|a|^L` of this depth."""
        new = JacobianSpectrum(self.c, self.skip, self.depth)
        new._free = False
        return new

    # exact quantities

    @property
    def kappa(self) -> sp.Expr:
        """c/skip^2."""
        return self.c / self.skip**2

    @property
    def log_scale(self) -> sp.Expr:
        """log a^(2L), what is added to y to give log lambda."""
        return sp.Integer(0) if self.skip in (1, -1) else self._scale_depth * sp.log(self.skip**2)

    def _epsilon(self) -> sp.Expr:
        return self.kappa / self.depth

    def moment(self, k: Any, digits: int | None = None) -> sp.Expr:
        r"""E lam^k: :math:`a^{2Lk}e^{k\kappa}{}_1F_1(1-k;2;-2k\kappa)` for every real or complex k in the universal
        law.

        For integers the result is exact, a polynomial times an exponential.  At finite depth the moments of integer
        order >= 0 are rational for a rational c and skip; the others need ``digits`` (at a hard edge Re k >
        -1/(L+1)).  ``digits`` evaluates to so many right digits.
        """
        order = _order(k)
        most = _ORDER if not self._free else 100
        if order.is_Integer and abs(order) > most:
            raise DomainError(
                f"k = {_short(order)} is too large: moments are summed for orders up to {most}; beyond, "
                "E lam^k grows like the upper edge s_max^(2k) (see edges)"
            )
        if self._free:
            return self._finite_moment(order, digits)
        from derive.activations.values import power

        found = limit_law.moment(order, self.kappa) * power(self.skip**2, self._scale_depth * order)
        return found if digits is None else sp.N(found, positive_integer(digits, "digits"))

    def _finite_moment(self, order: sp.Expr, digits: int | None) -> sp.Expr:
        if order == 0:
            return sp.Integer(1)
        if not (order.is_Integer and order > 0):
            if digits is None:
                raise UnsupportedError(
                    f"the moment of order {order} at depth {self.depth} has no closed form; give digits=30, an integer "
                    ">= 0, or use .universal(), where every complex order has one"
                )
            return self._complex_moment(order, positive_integer(digits, "digits"))
        if digits is not None:
            return finite_depth.moment_digits(int(order), self.skip**2, self.c / self.depth, int(self.depth), digits)
        if int(order) * int(self.depth) > _EXACT or not (self.c.is_Rational and self.skip.is_Rational):
            raise UnsupportedError(
                f"the exact moment of order {order} at depth {self.depth} is a fraction of too many digits, or not "
                f"rational "
                f"(c = {self.c}, skip = {self.skip}); ask for digits=30"
            )
        skip2, c2 = finite_depth.exact(self.skip**2), finite_depth.exact(self.c / self.depth)
        found = finite_depth.moment(int(order), [((skip2, (c2,)), int(self.depth))])
        return sp.Rational(found.numerator, found.denominator)

    def _complex_moment(self, order: sp.Expr, digits: int) -> sp.Expr:
        from derive.spectrum.finite_moments import complex_moment

        if self.c == 0:
            found: sp.Expr = sp.Integer(1)
        else:
            found = complex_moment(order, self._epsilon(), int(self.depth), digits + 2)
        return sp.expand(sp.N(found * sp.N(sp.exp(order * self.log_scale), digits + 10), digits), complex=True)

    def log_moment(self, k: Any, digits: int | None = None) -> sp.Expr:
        """E (log lam)^k: exactly in the universal law, and for k = 1; else at finite depth to ``digits`` digits."""
        k = positive_integer(k, "k", most=_LOG_ORDER if self.c == 0 or not self._free else _DEEP_LOG_ORDER)
        if self._free and self.c != 0:
            if k == 1:
                return self._evaluated(finite_points.mean_log(self._epsilon(), self.depth) + self.log_scale, digits)
            if digits is None:
                raise UnsupportedError(f"log moments at depth {self.depth} have no closed form; give digits=30")
            return finite_points.log_moment(k, self._epsilon(), int(self.depth), digits, self.log_scale)
        y = [sp.Integer(1), *(self._exact_log(limit_law.log_moment(j)) for j in range(1, k + 1))]
        found = sp.expand(sum(sp.binomial(k, j) * y[j] * self.log_scale ** (k - j) for j in range(k + 1)))
        return self._evaluated(found, digits)

    def log_cumulant(self, k: Any, digits: int | None = None) -> sp.Expr:
        r"""The k-th cumulant of log lam.

        In the universal law exactly: 2 kappa + kappa^2/3 for k = 2, 0 for odd k > 1.  At finite depth the first one,
        the mean, is exact (log a^(2L), for epsilon = c/(L a^2) > 1 plus :math:`L(\log\epsilon + 1/\epsilon - 1)`);
        the others need ``digits``.

        >>> JacobianSpectrum(c="1/8", depth=10).log_cumulant(2, digits=15)
        0.255210625629975
        """
        k = positive_integer(k, "k", most=_LOG_ORDER if self.c == 0 or not self._free else _DEEP_LOG_ORDER)
        if self._free and self.c != 0:
            if k == 1:
                return self.log_moment(1, digits)
            if digits is None:
                raise UnsupportedError(f"log cumulants at depth {self.depth} have no closed form; give digits=30")
            return finite_points.log_cumulant(k, self._epsilon(), int(self.depth), digits)
        value = self._exact_log(limit_law.log_cumulant(k))
        return self._evaluated(value + self.log_scale if k == 1 else value, digits)

    @staticmethod
    def _evaluated(value: sp.Expr, digits: int | None) -> sp.Expr:
        return value if digits is None else sp.N(value, positive_integer(digits, "digits"))

    def _exact_log(self, polynomial: sp.Expr) -> sp.Expr:
        return polynomial.subs(limit_law.KAPPA, self.kappa)

    # edges

    def edges(self, digits: int = 30, certified: bool = False) -> tuple[Any, Any]:
        """(s_min, s_max), the ends of the support, as Floats with ``digits`` right digits or as proven Balls.

        In the universal law
        :math:`s_\\pm = a^L e^{\\pm(\\sqrt{\\kappa(\\kappa+2)}+\\operatorname{arcosh}(1+\\kappa))/2}`; at finite depth
        from the roots of a cubic.  The lower end is 0 where c/depth >= skip^2.
        """
        from derive.numerics.ball import Ball
        from derive.numerics.compile import arb_to_sympy

        digits = positive_integer(digits, "digits")
        low, high = edges.settled(lambda: edges.edge_balls(self), digits)
        if certified:
            return Ball.from_arb(low), Ball.from_arb(high)
        return tuple(sp.Integer(0) if s == 0 else arb_to_sympy(s, digits) for s in (low, high))

    def condition_number(self, digits: int = 30, certified: bool = False) -> Any:
        """s_max/s_min; ``oo`` where s_min = 0 (c/depth >= skip^2; no Ball: DomainError with ``certified``)."""
        from derive.numerics.ball import Ball
        from derive.numerics.compile import arb_to_sympy

        digits = positive_integer(digits, "digits")
        if self._hard():
            if certified:
                raise DomainError(
                    f"s_min = 0 for c/depth = {self.c / self.depth} >= skip^2: the condition number is oo"
                )
            return sp.oo
        (ratio,) = edges.settled(lambda: (edges.ratio_ball(self),), digits)
        return Ball.from_arb(ratio) if certified else arb_to_sympy(ratio, digits)

    def _hard(self) -> bool:
        return self._free and sign_of(self.c / self.depth - self.skip**2) >= 0

    # arrays

    @cached_property
    def _arrays(self) -> Any:
        from derive.spectrum.finite_arrays import FiniteArrays
        from derive.spectrum.limit_arrays import LimitArrays

        if self.c == 0:
            raise DomainError("c = 0 puts all singular values at |skip|^depth: there is no density; use cdf or edges")
        if not self._free:
            return LimitArrays(_float(self.kappa))
        low, high = edges.log_edges_float(self)
        return FiniteArrays(_float(self._epsilon()), int(self.depth), low, high)

    def _y(self, s: Any) -> tuple[np.ndarray, np.ndarray]:
        """s as an array, and log(s^2/a^(2L)) (-oo for s <= 0)."""
        import numpy as np

        s = real_array(s, "s")
        y = np.full(s.shape, -np.inf)
        np.log(s, out=y, where=s > 0)
        y *= 2
        if self.log_scale != 0:
            y -= float(self.log_scale)
        return s, y

    def density(self, s: Any, digits: int | None = None) -> Any:
        r"""The density of s, :math:`\sigma(y)/(\pi\kappa s)` in the universal law; 0 outside the support.

        s is a number or an array (float64 result of the same shape).  With ``digits`` s is one exact number and the
        result a Float with so many right digits.

        Where c/depth >= skip^2 the support begins at s = 0, without an atom; there the density of s behaves like
        :math:`s^{2/(L+1)-1}` (:math:`s^{4/(L+2)-1}` for equality), and that limit is the value at s = 0.
        """
        import numpy as np

        if digits is not None:
            return self._point(s, digits)[0]
        s = real_array(s, "s")
        flat, found = s.ravel(), np.zeros(s.size)
        if self._hard():
            found[flat == 0] = self._density_at_zero()
        for start in range(0, s.size, _BLOCK):
            part = slice(start, start + _BLOCK)
            points, y = self._y(flat[part])
            np.divide(2 * self._arrays.density(y), points, out=found[part], where=points > 0)
        return found.reshape(s.shape)[()]

    def _density_at_zero(self) -> float:
        """The limit of the density of s at a hard edge s = 0."""
        import numpy as np

        power = 2 * self._arrays.power - 1
        if power != 0:
            return 0.0 if power > 0 else np.inf
        far = np.array([self._arrays.high - 200.0])
        return float(2 * self._arrays.density(far)[0] * np.exp(-(far[0] + float(self.log_scale)) / 2))

    def log_density(self, y: Any) -> Any:
        """The density of log lam at an array y; the function to use where s itself overflows."""
        import numpy as np

        y = real_array(y, "y")
        return self._arrays.density(np.atleast_1d(y - float(self.log_scale))).reshape(y.shape)[()]

    def cdf(self, s: Any, digits: int | None = None) -> Any:
        """P(S <= s), to 1e-14 absolutely, or with ``digits`` at one exact point."""
        import numpy as np

        if digits is not None:
            return self._point(s, digits)[1]
        s, y = self._y(s)
        if self.c == 0:
            return np.where(y >= 0, 1.0, 0.0)[()]
        return self._arrays.cdf(np.atleast_1d(y)).reshape(y.shape)[()]

    def quantile(self, u: Any) -> Any:
        """The s with cdf(s) = u, 0 <= u <= 1, as float64.  Raises DomainError outside [0, 1] and for NaN."""
        import numpy as np

        from derive.spectrum.quantiles import quantile_logs

        u = real_array(u, "u")
        if not np.all((u >= 0) & (u <= 1)):
            raise DomainError("u contains values outside [0, 1]; quantiles are defined between 0 and 1")
        y = np.zeros(u.shape) if self.c == 0 else quantile_logs(self._arrays, u)
        return exponential((y + float(self.log_scale)) / 2, "the quantile")[()]

    def sample(self, n: int, seed: Any = None) -> np.ndarray:
        """n independent draws of s (not the eigenvalues of one matrix, which repel); ``seed`` as for NumPy."""
        import numpy as np

        n = positive_integer(n, "n", most=_DRAWS)
        return np.atleast_1d(self.quantile(generator(seed).random(n)))

    def green(self, s: Any) -> Any:
        """G(lam + i0) at lam = s^2 inside the support, as complex128: -Im G/pi is the density of lam.

        Raises DomainError outside the support and where lam or G leaves float64.
        """
        import numpy as np

        s, y = self._y(s)
        if not np.all((y > self._arrays.low) & (y < self._arrays.high)):
            raise DomainError("s lies outside the support; green gives the boundary value inside it (see edges)")
        if np.any((s < 1e-150) | (s > 1e150)):
            raise DomainError(
                "lam = s^2 or Green's function leaves float64 outside 1e-150 < s < 1e150; see log_density"
            )
        v = self._arrays.boundary(np.atleast_1d(y)).reshape(y.shape)
        return ((v + 1) / (2 * s * s))[()]

    def corrected(self, fourth: Any = 0, squares: Any = None) -> Any:
        """With the first 1/L correction; see :class:`~derive.spectrum.corrected.CorrectedSpectrum`."""
        from derive.spectrum.corrected import CorrectedSpectrum

        return CorrectedSpectrum(self, fourth, squares)

    def _point(self, s: Any, digits: int) -> tuple[Any, Any]:
        """(density, cdf) at one exact s."""
        from derive.spectrum import points

        density_and_cdf = (finite_points if self._free else points).density_and_cdf
        return density_and_cdf(self, exact_number(s, "s"), positive_integer(digits, "digits"))

    def _repr_latex_(self) -> str:
        low, high = self.edges(6)
        return rf"$c = {sp.latex(self.c)},\ a = {sp.latex(self.skip)}:\quad s \in [{low}, {high}]$"


def _order(k: Any) -> sp.Expr:
    """The order of a moment: an exact real number, or a complex one."""
    if isinstance(k, complex):
        return exact_number(k.real, "k") + sp.I * exact_number(k.imag, "k")
    if isinstance(k, sp.Expr) and k.has(sp.I):
        real, imaginary = k.as_real_imag()
        return exact_number(real, "k") + sp.I * exact_number(imaginary, "k")
    if isinstance(k, bool):
        raise InputError(f"k = {k} is not the order of a moment; give a number")
    return exact_number(k, "k")


def _float(number: sp.Expr) -> float:
    """A positive number as a float, infinite beyond its range."""
    try:
        return float(number)
    except OverflowError:
        return float("inf")
