r"""Moments of the squared length in residual ReLU nets at finite width: :class:`ResidualReLU`.

Paper 003, section 3.2: :math:`x_\ell = x_{\ell-1} + \eta_\ell N_\ell(x_{\ell-1})`, :math:`M_\ell = \|x_\ell\|^2` (not
divided by the width), every module a random ReLU net without biases.

**Modules ending linearly**, Gaussian weights.  Given the hidden layers, the output of a module is
:math:`\rho\|x\|\xi` with :math:`\xi` standard normal in n dimensions and :math:`\rho` independent of x, so
:math:`\|x_\ell\|^2 = \|x_{\ell-1}\|^2(1 + 2\eta\rho\xi_1 + \eta^2\rho^2\|\xi\|^2)` with independent factors: every
moment is a product over the modules.  The mean is one for every symmetric law.

**Modules ending with ReLU** have a mean output, and :math:`x\cdot N(x)` brings in the sum A of the entries of x: no
product formula.  With the angle of x and the diagonal, and weights of variance v, :math:`E[x\cdot N(x)\mid x] =
A\,\|x\|\sqrt{v/2\pi}` for one layer; :math:`|A| \le \sqrt n\|x\|` gives bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import Any

import sympy as sp

from derive.display import rows_html
from derive.errors import DomainError, InputError, UnsupportedError
from derive.finite_width.initialisers import initialiser
from derive.finite_width.power_sums import Layer, cumulants
from derive.finite_width.weights import even_moments
from derive.numerics.exact import exact_number, positive_integer, variance

__all__ = ["ResidualReLU"]

_WIDEST = 10**6  # the input is written out
_HIGHEST_MOMENT = 1000


class ResidualReLU:
    r"""A residual ReLU net with scales :math:`\eta_1, \dots, \eta_L`; moments of :math:`M_L = \|x_L\|^2`, or bounds.

    ``module`` is "linear" (the last map of a module has no ReLU) or "relu"; ``hidden`` lists the widths of the hidden
    layers of every module: none for a module of one layer.  ``module_depth=m`` is short for m - 1 hidden layers of the
    width of the stream.  ``weights`` is a law or an initialiser as in :class:`ReLUNet`; ``input`` the input (default:
    equal entries of Euclidean norm ``input_norm``).

    >>> ResidualReLU(scales=["1/2", "1/4"], width=5, module="linear", module_depth=2).moment(1)
    27/16
    """

    def __init__(
        self,
        scales: Iterable[Any],
        width: Any,
        module: str = "relu",
        module_depth: Any = None,
        *,
        hidden: Sequence[Any] | None = None,
        weights: Any = "gaussian",
        input: Sequence[Any] | None = None,
        input_norm: Any = 1,
    ) -> None:
        if module not in ("relu", "linear"):
            raise InputError(f"module = {module!r}; it ends with 'relu' or is 'linear' at its end")
        self.module = module
        self.scales = tuple(variance(eta, "scales") for eta in scales)
        self.width = positive_integer(width, "width", _WIDEST)
        if hidden is None:
            hidden = [self.width] * (positive_integer(1 if module_depth is None else module_depth, "module_depth") - 1)
        elif module_depth is not None and positive_integer(module_depth, "module_depth") != len(hidden) + 1:
            raise InputError(
                f"module_depth = {module_depth} does not fit {len(hidden)} hidden layers; give one of the two"
            )
        self.hidden = tuple(positive_integer(n, "hidden") for n in hidden)
        self.initialiser = initialiser(weights)
        self.input = self._input(input, input_norm)

    def _input(self, given: Sequence[Any] | None, norm: Any) -> tuple[sp.Expr, ...]:
        if given is None:
            return (variance(norm, "input_norm") / sp.sqrt(self.width),) * self.width
        if len(given) != self.width:
            raise InputError(f"the input has {len(given)} entries, the stream {self.width}")
        return tuple(exact_number(x, "input") for x in given)

    def __repr__(self) -> str:
        return f"ResidualReLU({len(self.scales)} modules, width {self.width}, {self.module})"

    def _repr_html_(self) -> str:
        rows = {"scales": self.scales, "width": self.width, "module": self.module, "hidden widths": self.hidden}
        return rows_html(rows | {"weights": self.initialiser.name}, repr(self))

    def weight_variance(self, n_in: int, n_out: int) -> sp.Expr:
        """The variance of the weights of a layer of a module."""
        return self.initialiser.variance(n_in, n_out)

    @property
    def squared_input(self) -> sp.Expr:
        """M_0."""
        return sp.expand(sum(x**2 for x in self.input))

    # --- moments

    def module_moment(self, k: int) -> sp.Expr:
        r""":math:`E\|N(x)\|^{2k}/\|x\|^{2k}` of one module, exactly (k = 1 for any law, k > 1 for Gaussian weights)."""
        layers = self._layers(k)
        n = self.width
        inner = _pulled(layers[:-1], k)
        last = layers[-1]
        if self.module == "relu":
            return _symbolic(_pulled(layers, k))
        ratio = inner * last.weight_cumulants[0] ** k
        return _symbolic(ratio * _chi_square(n, k))

    def moment(self, k: Any, modules: int | None = None) -> sp.Expr:
        r""":math:`E M_L^k` after the given number of modules (default all), exactly.

        Modules ending linearly: k = 1 for every symmetric law of the weights, any k for Gaussian ones.  Modules ending
        with ReLU, one layer, Gaussian weights: any k after one module, and after any number of them at width 1 from a
        positive input; elsewhere they have no product formula and raise :class:`~derive.errors.UnsupportedError`
        (:meth:`bounds` encloses).

        >>> ResidualReLU(scales=[1], width=4).moment(1)
        2/sqrt(pi) + 2
        """
        k, count = positive_integer(k, "k", _HIGHEST_MOMENT), self._count(modules)
        if self.module == "relu" and count:
            return self._relu_moment(k, count)
        self._gaussian_only(k)
        product = self.squared_input**k
        for eta in self.scales[:count]:
            product *= self._factor(eta, k)
        return sp.expand(product)

    def _relu_moment(self, k: int, count: int) -> sp.Expr:
        """The cases of :mod:`.relu_modules`."""
        from derive.finite_width.relu_modules import module_factor, one_module_moment

        self._gaussian_only(2)
        v = self.weight_variance(self.width, self.width)
        if not self.hidden and count == 1:
            return one_module_moment(self.input, self.scales[0], v, k)
        if not self.hidden and self.width == 1 and self.input[0].is_nonnegative:
            factors = [module_factor(eta, sp.sqrt(v), 2 * k) for eta in self.scales[:count]]
            return self.squared_input**k * sp.prod(factors)
        raise UnsupportedError(
            "a module ending with ReLU has a mean output, and moments after several are no product over the modules; "
            "bounds(k) encloses them, simulate estimates them, module='linear' has exact ones"
        )

    def empirical_variance(self) -> sp.Expr:
        r"""The mean of the variance of :math:`M_1, \dots, M_L` over the modules, for modules ending linearly.

        :math:`E M_i M_j = E M_i^2\prod_{i<l\le j} E f_l` for i <= j, f the independent factors.
        """
        count = len(self.scales)
        if not count:
            raise DomainError("no modules: there is no variance over the layers")
        firsts = [self._factor(eta, 1) for eta in self.scales]
        squares = [self.moment(2, j) for j in range(1, count + 1)]
        total, tail = sp.Integer(0), sp.Integer(0)
        for j in range(count - 1, -1, -1):
            total += squares[j] * (1 + 2 * tail)
            tail = firsts[j] * (1 + tail)
        return sp.expand(sum(squares) / count - total / count**2)

    def bounds(self, k: Any = 1, modules: int | None = None) -> tuple[sp.Expr, sp.Expr]:
        r"""A lower and an upper bound of :math:`E M_L^k`, proved, for Gaussian weights; exact numbers.

        Upper: :math:`M_0^k\prod(1 + \eta\,r_k)^{2k}` with :math:`r_k^{2k} = E\|N(x)\|^{2k}/\|x\|^{2k}`, by Minkowski's
        inequality; for k = 1 and one-layer modules the sharper :math:`M_0\prod(1 + 2\eta\sqrt{nv/2\pi} + \eta^2nv/2)`.
        Lower, by Jensen's inequality from k = 1; there, for one-layer modules and an input with sum of entries
        :math:`A_0 \ge 0`, the larger of :math:`M_0\prod(1 + \eta^2nv/2)` and of
        :math:`\frac{A_0^2}{n}\prod(1 + \eta\sqrt{nv/2\pi})^2`, the second being exponential in the sum of the scales.
        """
        k = positive_integer(k, "k", _HIGHEST_MOMENT)
        count = self._count(modules)
        if self.module == "linear":
            exact = self.moment(k, count)
            return exact, exact
        self._gaussian_only(2)
        return self._lower(count) ** k, self._upper(k, count)

    def _upper(self, k: int, count: int) -> sp.Expr:
        start, eta = self.squared_input, self.scales[:count]
        if k == 1 and not self.hidden:
            c, m = self._mean_output(), self.module_moment(1)
            return start * sp.prod([1 + 2 * e * c + e**2 * m for e in eta])
        radius = sp.root(self.module_moment(k), 2 * k)
        return start**k * sp.prod([(1 + e * radius) ** (2 * k) for e in eta])

    def _lower(self, count: int) -> sp.Expr:
        total = sp.expand(sum(self.input))
        eta, start = self.scales[:count], self.squared_input
        if self.hidden:
            raise UnsupportedError("a lower bound is known for modules of one layer; bounds of deeper ones are not")
        if total.is_negative:
            raise DomainError(
                f"the entries of the input sum to {total}; the lower bound needs a sum that is not negative"
            )
        c, m = self._mean_output(), self.module_moment(1)
        through_length = start * sp.prod([1 + e**2 * m for e in eta])
        through_sum = total**2 / self.width * sp.prod([(1 + e * c) ** 2 for e in eta])
        return sp.Max(through_length, through_sum)

    def _mean_output(self) -> sp.Expr:
        r"""sqrt(n v/(2 pi)): E N(x)_i = ||x|| sqrt(v/2 pi) for one Gaussian layer."""
        return sp.sqrt(self.width * self.weight_variance(self.width, self.width) / (2 * sp.pi))

    def wide_limit(self, digits: int = 15) -> list[tuple[sp.Expr, sp.Expr]]:
        r"""(m, a) after 0, 1, ... modules as the width grows: :math:`m = \|x\|^2/n`, :math:`a = A/n`.

        :math:`m' = m + 2\eta a\sqrt{v m/2\pi} + \eta^2 v m/2` and :math:`a' = a + \eta\sqrt{v m/2\pi}`, v m the
        variance of a pre-activation: v = 2 for He weights.  For one-layer modules ending with ReLU.  Floats with
        ``digits`` digits; all terms are positive where a is, so nothing cancels.
        """
        if self.module != "relu" or self.hidden:
            raise UnsupportedError("wide_limit is for one-layer modules ending with ReLU; the others have moment()")
        digits, n = positive_integer(digits, "digits"), self.width
        start = (self.squared_input / n, sum(self.input) / n, n * self.weight_variance(n, n))
        m, a, v = (x.evalf(digits + 10) for x in start)
        rows = [(m, a)]
        for eta in self.scales:
            mean, step = sp.sqrt(v * m / (2 * sp.pi)).evalf(digits + 10), eta.evalf(digits + 10)
            m, a = m + 2 * step * a * mean + step**2 * v * m / 2, a + step * mean
            rows.append((m, a))
        return [(m.evalf(digits), a.evalf(digits)) for m, a in rows]

    # --- inside

    def _count(self, modules: int | None) -> int:
        if modules is None:
            return len(self.scales)
        number = exact_number(modules, "modules")
        if not number.is_Integer or not 0 <= number <= len(self.scales):
            raise DomainError(f"modules = {number} is none of 0, ..., {len(self.scales)}")
        return int(number)

    def _gaussian_only(self, k: int) -> None:
        if k > 1 and self.initialiser.law.name != "gaussian":
            raise UnsupportedError(
                f"moments beyond the mean need Gaussian weights in residual nets, not {self.initialiser.law.name}"
            )

    def _layers(self, order: int) -> list[Layer]:
        sizes = (self.width, *self.hidden, self.width)
        self._gaussian_only(order)
        law = cumulants(even_moments(self.initialiser.law, order))
        made = []
        for n_in, n_out in pairwise(sizes):
            v = self.weight_variance(n_in, n_out)
            made.append(Layer(n_out, tuple(_plain(c * v**s) for s, c in enumerate(law, 1)), (0,) * order))
        return made

    def _factor(self, eta: sp.Expr, k: int) -> sp.Expr:
        r"""E (1 + 2 eta rho xi_1 + eta^2 rho^2 |xi|^2)^k over xi and rho.

        Only even powers a of xi_1 count, and E xi_1^a |xi|^(2b) = (a - 1)!! E (chi^2_(n + a))^b.  For k = 1 the first
        term has mean zero for every symmetric law.
        """
        if k == 1:
            return 1 + eta**2 * self.module_moment(1)
        layers, total = self._layers(k), sp.Integer(0)
        v = layers[-1].weight_cumulants[0]
        rho = [_symbolic(_pulled(layers[:-1], j) * v**j if j else 1) for j in range(k + 1)]
        for a in range(0, k + 1, 2):
            for b in range(k - a + 1):
                ways = comb(k, a) * comb(k - a, b) * sp.factorial2(a - 1)
                total += ways * 2**a * eta ** (a + 2 * b) * rho[a // 2 + b] * _chi_square(self.width + a, b)
        return total

    def simulation_design(self) -> Any:
        """What :func:`~derive.finite_width.simulate` runs; ``p`` is M divided by the width."""
        from derive.finite_width.relu_designs import residual_design

        return residual_design(self)


def _pulled(layers: Sequence[Layer], k: int) -> Any:
    """E ||output||^(2k)/||input||^(2k) of a chain of layers without biases."""
    f: dict = {(k,): 1}
    for layer in reversed(layers):
        f = layer.mean(f)
    ((_, coefficient),) = f.items()
    return coefficient


def _chi_square(n: int, k: int) -> int:
    """The k-th moment of a chi-square variable with n degrees of freedom: n (n + 2) ... (n + 2k - 2)."""
    product = 1
    for i in range(k):
        product *= n + 2 * i
    return product


def _plain(x: sp.Expr) -> Any:
    x = sp.sympify(x, strict=True)
    return Fraction(int(x.p), int(x.q)) if x.is_Rational else x


def _symbolic(x: Any) -> sp.Expr:
    return sp.Rational(x.numerator, x.denominator) if isinstance(x, Fraction) else sp.sympify(x, strict=True)
