r"""Moments of the squared length in residual ReLU nets at finite width: :class:`ResidualReLU`.

Paper 003, section 3.2: :math:`x_\ell = x_{\ell-1} + \eta_\ell N_\ell(x_{\ell-1})`, :math:`M_\ell = \|x_\ell\|^2` (not
divided by the width), every module a random ReLU net; the paper leaves the biases out, here they may be given.

**Modules ending linearly**, Gaussian laws.  Given :math:`x_{\ell-1}`, :math:`M_\ell` is a random multiple of a
noncentral chi-square variable, and :math:`E[M_\ell^k \mid x_{\ell-1}]` a polynomial of degree k in
:math:`M_{\ell-1}` (:mod:`.residual_modules`): every moment, and every product of moments at several modules, is exact.
Other symmetric laws see the power sums of the stream (:mod:`.residual_any_law`).

**Modules ending with ReLU** have a mean output, and :math:`x\cdot N(x)` brings in the sum A of the entries of x:
:math:`E[M_\ell \mid x] = M + 2\eta A\,E[s \mid x]/\sqrt{2\pi} + \ldots` with s a multiple of :math:`\sqrt M`, which
no finite set of moments closes.  Exact: all moments after one module, and everything at width 1 from a positive input
(:mod:`.relu_modules`); elsewhere proved bounds (:mod:`.residual_bounds`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import sympy as sp

from derive.display import rows_html
from derive.errors import DomainError, InputError, UnsupportedError
from derive.finite_width.exact_numbers import ExactNumbers
from derive.finite_width.initialisers import initialiser, read_biases, read_list
from derive.finite_width.power_sums import Polynomial, mean_variance_over_layers, value
from derive.finite_width.relu_modules import after_one_module, width_one_operators
from derive.finite_width.residual_any_law import AnyLawModule
from derive.finite_width.residual_bounds import Bounds, Growth, outward
from derive.finite_width.residual_modules import ModuleMoments, half_chi_moment
from derive.finite_width.weights import even_moments, weight_law
from derive.numerics.exact import exact_number, positive_integer, variance

__all__ = ["ResidualReLU"]

_WIDEST = 10**6  # the input is written out
_HIGHEST_MOMENT = 1000
_BITS = 192


class ResidualReLU:
    r"""A residual ReLU net with scales :math:`\eta_1, \dots, \eta_L`; moments of :math:`M_L = \|x_L\|^2`, or bounds.

    ``module`` is "linear" (the last map of a module has no ReLU) or "relu"; ``hidden`` lists the widths of the hidden
    layers of every module: none for a module of one layer.  ``module_depth=m`` is short for m - 1 hidden layers of the
    width of the stream.  ``weights`` is a law or an initialiser as in :class:`ReLUNet`; ``input`` the input (default:
    equal entries of Euclidean norm ``input_norm``).  ``bias_variances`` is one number, or one for each module: the
    variance of the biases of all its layers, whose law is ``bias_law``.

    >>> ResidualReLU(scales=["1/2", "1/4"], width=5, module="linear", module_depth=2).moment(1)
    27/16
    >>> ResidualReLU(scales=["1/2", "1/4"], width=5, module="linear", bias_variances="1/10").moment(2)
    95933/20480
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
        bias_variances: Any = 0,
        bias_law: Any = "gaussian",
        input: Sequence[Any] | None = None,
        input_norm: Any = 1,
    ) -> None:
        if module not in ("relu", "linear"):
            raise InputError(f"module = {module!r}; it ends with 'relu' or is 'linear' at its end")
        self.module = module
        listed = read_list(scales, "scales", "one scale for each module, e.g. scales=['1/2', '1/4']")
        self.scales = tuple(variance(eta, "scales") for eta in listed)
        self.width = positive_integer(width, "width", _WIDEST)
        if hidden is None:
            hidden = [self.width] * (positive_integer(1 if module_depth is None else module_depth, "module_depth") - 1)
        elif module_depth is not None and positive_integer(module_depth, "module_depth") != len(hidden) + 1:
            raise InputError(
                f"module_depth = {module_depth} does not fit {len(hidden)} hidden layers; give one of the two"
            )
        self.hidden = tuple(positive_integer(n, "hidden") for n in hidden)
        self.initialiser = initialiser(weights)
        self.bias_variances = read_biases(bias_variances, len(self.scales), "module")
        self.bias_law = weight_law(bias_law)
        self.input = self._input(input, input_norm)
        self._entries = Counter(self.input)

    def _input(self, given: Sequence[Any] | None, norm: Any) -> tuple[sp.Expr, ...]:
        if given is None:
            return (variance(norm, "input_norm") / sp.sqrt(self.width),) * self.width
        entries = read_list(given, "input", f"its {self.width} entries")
        if len(entries) != self.width:
            raise InputError(f"the input has {len(entries)} entries, the stream {self.width}")
        return tuple(exact_number(x, "input") for x in entries)

    def __repr__(self) -> str:
        return f"ResidualReLU({len(self.scales)} modules, width {self.width}, {self.module})"

    def _repr_html_(self) -> str:
        rows = {"scales": self.scales, "width": self.width, "module": self.module, "hidden widths": self.hidden}
        rows |= {"weights": self.initialiser.name, "bias variances": self.bias_variances}
        return rows_html(rows, repr(self))

    def weight_variance(self, n_in: int, n_out: int) -> sp.Expr:
        """The variance of the weights of a layer of a module."""
        return self.initialiser.variance(n_in, n_out)

    @property
    def squared_input(self) -> sp.Expr:
        """M_0."""
        return self.input_sum(2)

    def input_sum(self, power: int) -> sp.Expr:
        """The sum of the entries of the input to a power."""
        return sp.expand(sum(count * x**power for x, count in self._entries.items()))

    # --- moments

    def module_moment(self, k: int) -> sp.Expr:
        r""":math:`E\|N(x)\|^{2k}/\|x\|^{2k}` of one module without biases, exactly (k > 1 for Gaussian weights)."""
        ((_, ratio),) = self.output_polynomial(positive_integer(k, "k", _HIGHEST_MOMENT), sp.Integer(0)).items()
        return ratio

    def output_polynomial(self, k: int, bias: sp.Expr) -> dict[int, sp.Expr]:
        r""":math:`E[\|N(x)\|^{2k} \mid x]` as a polynomial in M: power -> coefficient."""
        self.gaussian_only(k)
        numbers = ExactNumbers([*self._inputs(k), bias])
        f: Polynomial = {(k,): numbers(sp.Integer(1))}
        found = self._module(k, numbers).output(f, numbers(bias), int(self.module == "linear"))
        return {key[0] if key else 0: numbers.result(c) for key, c in found.items()}

    def moment(self, k: Any, modules: int | None = None) -> sp.Expr:
        r""":math:`E M_L^k` after the given number of modules (default all), exactly.

        Modules ending linearly: any k for named laws, k <= 2 for a law known by its kurtosis.  Modules ending with
        ReLU, Gaussian weights: any k after one module, and after any number of them at width 1 from a positive input;
        elsewhere no finite set of moments closes and :class:`~derive.errors.UnsupportedError` is raised (:meth:`bounds`
        encloses).

        >>> ResidualReLU(scales=[1], width=4).moment(1)
        2/sqrt(pi) + 2
        """
        k, count = positive_integer(k, "k", _HIGHEST_MOMENT), self._count(modules)
        if self.module == "relu" and count == 1:
            return after_one_module(self, k)
        means, numbers, start = self._operators(k, count)
        f: Polynomial = {(k,): numbers(sp.Integer(1))}
        for mean in reversed(means):
            f = mean(f)
        return sp.expand(numbers.result(value(f, start)))

    def empirical_variance(self) -> sp.Expr:
        r"""The mean of the variance of :math:`M_1, \dots, M_L` over the modules, exactly.

        For modules ending linearly, and at width 1 from a positive input without biases; for
        other modules ending with ReLU :meth:`empirical_variance_bounds` encloses it.  Source: section 3.4, Theorem 4.
        """
        count = self._some_modules()
        means, numbers, start = self._operators(2, count)
        one = numbers(sp.Integer(1))
        squares, square = mean_variance_over_layers([lambda k: {(k,): one}] * count, means)
        return sp.expand(
            numbers.result(value(squares, start)) / count - numbers.result(value(square, start)) / count**2
        )

    # --- bounds

    def bounds(self, k: Any = 1, modules: int | None = None) -> Bounds:
        r"""A lower and an upper bound of :math:`E M_L^k`, proved, for Gaussian weights; exact numbers.

        k = 1 and 2: the bounds of :mod:`.residual_bounds`, whose relative distance is of the order of
        :math:`\sum\eta_l^2`.  Above, by Minkowski's inequality, :math:`M_0^k\prod(1 + \eta\,r_k)^{2k}` with
        :math:`r_k^{2k} = E\|N(x)\|^{2k}/\|x\|^{2k}`, and for k = 1 the product of the factors for equal entries.
        Below, from k = 1 and 2 by Jensen's inequality.  With biases the upper one is Minkowski's, the lower one that
        without biases, for an input without negative entries (else :class:`~derive.errors.DomainError`).  Modules
        ending linearly give the exact moment twice.
        """
        from derive.finite_width.simple_bounds import combined_bounds

        k, count = positive_integer(k, "k", _HIGHEST_MOMENT), self._count(modules)
        if self.module == "linear" or not count:
            exact = self.moment(k, count)
            return Bounds(exact, exact)
        self.gaussian_only(2)
        return outward(*combined_bounds(self, self.growth(count), k, count))

    def empirical_variance_bounds(self) -> Bounds:
        r"""Proved bounds of the mean of the variance of :math:`M_1, \dots, M_L` over the modules; exact numbers.

        For Gaussian weights and no biases.

        >>> low, high = ResidualReLU(scales=["1/10"] * 20, width=50).empirical_variance_bounds()
        >>> low.evalf(4), high.evalf(4)
        (6.762, 6.792)
        """
        count = self._some_modules()
        if self.module == "linear":
            exact = self.empirical_variance()
            return Bounds(exact, exact)
        if any(self.bias_variances):
            raise UnsupportedError("bounds of the empirical variance are known without biases; simulate estimates it")
        low, high = self.growth(count).bounds("empirical_variance")
        return outward(max(low, 0 * low), high)

    def growth(self, modules: int | None = None) -> Growth:
        """The modules, without their biases, as operators on bounds; see :mod:`.residual_bounds`."""
        self.gaussian_only(2)
        count = self._count(modules)
        if self.squared_input.is_zero:
            raise DomainError("the input is zero; without biases the stream stays there, and with them use simulate")
        *_, v = self.variances()
        total, deviations = self.input_sum(1), [eta * sp.sqrt(v) for eta in self.scales[:count]]
        least = 1 if self.nonnegative else 0 if total.is_nonnegative else -1
        return Growth(self.width, total, self.squared_input, least, deviations, self.hidden_ratios(8), _BITS)

    @property
    def nonnegative(self) -> bool:
        """Whether no entry of the input is negative."""
        return all(x.is_nonnegative for x in self._entries)

    def hidden_ratios(self, most: int) -> list[sp.Expr]:
        """E of the powers 0, ..., most of the norm of the last hidden layer over that of x, without biases."""
        *inner, _ = self.variances()
        ratios = []
        for r in range(most + 1):
            factors = [sp.sqrt(v) ** r * half_chi_moment(n, r) for n, v in zip(self.hidden, inner, strict=True)]
            ratios.append(sp.expand(sp.prod(factors)))
        return ratios

    def wide_limit(self, digits: int = 15) -> list[tuple[sp.Expr, sp.Expr]]:
        r"""(m, a) after 0, 1, ... modules as the width grows: :math:`m = \|x\|^2/n`, :math:`a = A/n`.

        :math:`m' = m + 2\eta a\sqrt{q/2\pi} + \eta^2 q/2` and :math:`a' = a + \eta\sqrt{q/2\pi}`, :math:`q = v m +
        \beta` the variance of a pre-activation: v = 2 for He weights.  For one-layer modules ending with ReLU.  Floats
        with ``digits`` digits; all terms are positive where a is, so nothing cancels.
        """
        from derive.finite_width.laws import residual_wide_limit

        return residual_wide_limit(self, positive_integer(digits, "digits"))

    # --- inside

    def _count(self, modules: int | None) -> int:
        if modules is None:
            return len(self.scales)
        number = exact_number(modules, "modules")
        if not number.is_Integer or not 0 <= number <= len(self.scales):
            raise DomainError(f"modules = {number} is none of 0, ..., {len(self.scales)}")
        return int(number)

    def _some_modules(self) -> int:
        if not self.scales:
            raise DomainError("no modules: there is no variance over the layers")
        return len(self.scales)

    def gaussian_only(self, k: int) -> None:
        if k > 1 and self.initialiser.law.name != "gaussian":
            raise UnsupportedError(
                f"moments beyond the mean need Gaussian weights in residual nets, not {self.initialiser.law.name}"
            )

    def sizes(self) -> tuple[int, ...]:
        return (self.width, *self.hidden, self.width)

    def variances(self) -> list[sp.Expr]:
        return [self.weight_variance(n_in, n_out) for n_in, n_out in pairwise(self.sizes())]

    def _inputs(self, order: int) -> list[sp.Expr]:
        """Every number that enters the moments."""
        laws = [*even_moments(self.initialiser.law, order), *even_moments(self.bias_law, order)]
        sums = [self.input_sum(2 * r) for r in range(1, order + 1)]
        return [*self.scales, *self.bias_variances, *laws, *self.variances(), *sums]

    def _module(self, order: int, numbers: Any) -> ModuleMoments:
        return ModuleMoments(self.sizes(), self.variances(), self.initialiser.law, order, numbers)

    def _operators(self, k: int, count: int) -> tuple[list[Any], Any, Any]:
        """For each module the mean of a polynomial in power sums given x; the numbers; the power sums of the input."""
        if self.module == "relu" and count:
            return width_one_operators(self, k, count)
        numbers = ExactNumbers(self._inputs(k))
        module = self._any_law(k, numbers) if self._needs_power_sums(k, count) else self._module(k, numbers)
        pairs = [(numbers(eta), numbers(b)) for eta, b in zip(self.scales, self.bias_variances, strict=True)]
        means = [lambda f, eta=eta, b=b: module.mean(f, eta, b) for eta, b in pairs[:count]]
        return means, numbers, [numbers(self.input_sum(2 * r)) for r in range(1, k + 1)]

    def _needs_power_sums(self, k: int, count: int) -> bool:
        """Whether moments of order k see more than the length: not those of Gaussian laws, and not the mean."""
        laws = [self.initialiser.law, *([self.bias_law] if any(self.bias_variances[:count]) else [])]
        return k > 1 and any(law.name != "gaussian" for law in laws)

    def _any_law(self, order: int, numbers: Any) -> AnyLawModule:
        return AnyLawModule(self.sizes(), self.variances(), (self.initialiser.law, self.bias_law), order, numbers)

    def simulation_design(self) -> Any:
        """What :func:`~derive.finite_width.simulate` runs; ``p`` is M divided by the width."""
        from derive.finite_width.relu_designs import residual_design

        return residual_design(self)
