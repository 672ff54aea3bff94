r"""Large-depth laws for positively homogeneous activations, symbolic in the variances.

Degree a in (0, 1): p, q and log chi come from the general solver (:mod:`derive.networks.residual.laws`); the
correlation is the transseries of :math:`\eta = c - e^*` with exact coefficients
(:mod:`derive.networks.homogeneous.cosine` has the notation)

.. math:: m_0 F = \sigma_a^2 (1 - e^*), \quad m_1 F = P + (1 - (1-a)\mu) K P^a, \quad
          m_j F = \kappa_j K P^a, \quad F = P + K P^a + \sigma_a^2,

:math:`\kappa_j = \kappa^{(j)}(e^*)/j!`.  e*, mu and the kappa_j are numbers of the activation alone; they stay symbols
(:func:`kernel_numbers` has their values), and the order of terms is decided at their values.

Degree 1 has closed forms: :mod:`derive.networks.homogeneous.linear_growth`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import UnsupportedError
from derive.expectations.homogeneous import Homogeneous, homogeneous, known_form, moment
from derive.networks.homogeneous.linear_growth import degree_one_law
from derive.networks.residual.driver import P
from derive.networks.residual.equations import SYMBOLS

__all__ = ["correlation", "form_of", "homogeneous_exponents", "homogeneous_law", "kernel_numbers"]


class _Named(sp.Symbol):
    def _latex(self, printer: Any) -> str:
        head, _, tail = self.name.partition("_")
        return {"e_star": "e^*", "mu": r"\mu"}.get(self.name, rf"\{head}_{{{tail}}}")


LIMIT, MU = _Named("e_star", positive=True), _Named("mu", positive=True)


def kappa(j: int) -> sp.Symbol:
    """The symbol of the j-th Taylor coefficient of the kernel at e*."""
    return _Named(f"kappa_{j}", real=True)


def form_of(architecture: str, phi: Activation, lowest: sp.Expr = sp.S.Zero) -> Homogeneous | None:
    """The form of an activation that is homogeneous of a degree above ``lowest``, in a full network; else None."""
    form = homogeneous(phi) if architecture == "full" and phi.expr.has(phi.variable) else None
    return form if form is not None and (form.degree - lowest).is_positive else None


def kernel_numbers(phi: Activation, digits: int = 30, terms: int = 4) -> dict[sp.Symbol, sp.Expr]:
    """The values of e*, mu and kappa_2, ... that stand as symbols in the laws of e, s and gamma."""
    from flint import ctx

    from derive.kernels.slope import taylor_balls
    from derive.networks.homogeneous.cosine import kernel_limit
    from derive.numerics.compile import arb_to_sympy, to_arb

    form = known_form(phi)
    found = kernel_limit(form, digits + 10)
    with ctx.workprec(found.bits + 64):
        a, c = to_arb(form.degree), 1 - found.gap
        rows = taylor_balls(a, c, terms + 1)
        if form.mixed != 0:
            other = taylor_balls(a, -c, terms + 1)
            rows = [x + to_arb(form.mixed) * (-1) ** j * y for j, (x, y) in enumerate(zip(rows, other, strict=True))]
        values = {LIMIT: arb_to_sympy(c, digits), MU: arb_to_sympy(found.contraction / (1 - a), digits)}
        return values | {kappa(j): arb_to_sympy(rows[j], digits) for j in range(2, terms + 1)}


def strength(form: Homogeneous) -> sp.Expr:
    """K of P' = P + K P^a + sigma_a^2."""
    return SYMBOLS.sigma_v2 * SYMBOLS.sigma_w2**form.degree * form.square * moment(2 * form.degree)


# degree below 1 ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def correlation(phi: Activation, biased: bool, terms: int) -> tuple[Any, Any]:
    """The transseries of c, and the range of its exponent mu; ``biased``: sigma_a > 0."""
    from derive.difference.driven.transseries import ExponentRange
    from derive.difference.driven.triangular import triangular
    from derive.networks.residual.laws import length_recurrence

    form = known_form(phi)
    if form.mixed == -1:
        raise UnsupportedError("for an odd homogeneous activation the limit of e is 0; no expansion of e is made there")
    K, a = strength(form), form.degree
    F = P + K * P**a + (SYMBOLS.sigma_a2 if biased else 0)
    value = sp.Rational(str(kernel_numbers(phi, 20)[MU]))
    near = value - sp.Rational(1, 10**15), value + sp.Rational(1, 10**15)

    def coefficient(j: int) -> sp.Expr:
        if j == 0:
            return SYMBOLS.sigma_a2 * (1 - LIMIT) / F if biased else sp.S.Zero
        return (P + (1 - (1 - a) * MU) * K * P**a if j == 1 else kappa(j) * K * P**a) / F

    driver = length_recurrence("full", phi)
    law = triangular(driver, coefficient, terms=terms, interval=near, state=sp.Symbol("c", real=True), limit=LIMIT)
    return law, ExponentRange(law.exponent, *near)


# dispatch ------------------------------------------------------------------------------------------------------------


def homogeneous_law(phi: Activation, form: Homogeneous, quantity: str, terms: int) -> Any | None:
    """The law of one quantity, or None where the general solver has it."""
    if form.degree == 1:
        return degree_one_law(form, quantity, terms)
    if form.degree > 1:
        raise UnsupportedError(
            f"with an activation of degree {form.degree} p grows like exp(C {form.degree}**n), outside the scale of "
            "powers; net.at gives values as far as they can be written, net.cosine_limit the limit of e"
        )
    if quantity == "log_chi_ratio" and not (2 * form.degree - 1).is_positive:
        from derive.networks.homogeneous.map import refuse_gradient

        refuse_gradient(form.degree)
    return None


def homogeneous_exponents(form: Homogeneous) -> Mapping[str, sp.Expr]:
    """The leading powers of the depth for a degree in (0, 1); for e the distance to the limit, sigma_a = 0."""
    a = form.degree
    if not a < 1:
        raise UnsupportedError(f"with an activation of degree {a} p grows exponentially or faster, not like a power")
    power = 1 / (1 - a)
    return {"p": power, "q": power, "log_chi_ratio": sp.S.Zero, "s": power, "gamma": power, "e": -MU}
