r"""The kernel by a Ferrers function of degree -1/2 (a conical function).

.. math:: c_\alpha J_\alpha(c) = \frac{\Gamma(\alpha+1)^2}{2\sqrt{2\pi}}\,(1-c^2)^{(\alpha+1/2)/2}\,
    \mathsf P_{-1/2}^{-\alpha-1/2}(-c),\qquad \alpha > -\tfrac12,\ |c| < 1.

It is the function on the cut -1 < x < 1: Legendre's function of the same name outside the cut has another branch.
"""

import sympy as sp

from derive import J, c_alpha
from derive.claim import Claim
from derive.evidence import digits

from . import _kernel, _kernel_balls, _kernel_steps
from ._kernel import HALF, Ferrers, alpha, c

CLAIM = Claim(
    id="kernel_ferrers",
    title="J_alpha by a conical function",
    statement=sp.Eq(
        c_alpha(alpha) * J(alpha, c),
        sp.gamma(alpha + 1) ** 2
        / (2 * sp.sqrt(2 * sp.pi))
        * (1 - c**2) ** (alpha / 2 + HALF / 2)
        * Ferrers(-HALF, -alpha - HALF, -c),
    ),
    source=_kernel.source("section C.7, kernel identities (Legendre form not printed)"),
    meaning=_kernel.MEANING + "; Ferrers(nu, mu, x) is the Ferrers function of the first kind",
    variables=_kernel.DOMAIN,
    uses=("kernel_hypergeometric",),
)


def derive() -> sp.Expr:
    """The definition ((1-x)/(1+x))^(m/2) 2F1(nu+1, -nu; 1+m; (1-x)/2)/Gamma(1+m) of P_nu^(-m)(x), solved for 2F1."""
    up, down = sp.symbols("p n", positive=True)  # 1 + c, 1 - c
    m = alpha + HALF
    function = Ferrers(-HALF, -m, -c) * sp.gamma(1 + m) * (up / down) ** (-m / 2)  # x = -c: (1-x)/(1+x) = up/down
    kernel = _kernel_steps.hypergeometric_kernel() * _kernel_steps.second_moment()
    (series,) = kernel.atoms(sp.hyper)
    _kernel_steps.same(series.args[2], (1 + c) / 2, "the argument (1 - x)/2 at x = -c")
    moment = kernel.subs(series, 1).subs(c, up - 1) * function
    moment = sp.powsimp(sp.powdenest(sp.simplify(sp.expand_power_base(moment)), force=True))
    return moment.subs({up: 1 + c, down: 1 - c})


def checks():
    yield digits(
        "integral over the angle",
        _kernel.angular_moment,
        _kernel.POINTS,
        digits=50,
        method="mpmath.quad over the angle against mpmath.legenp of type 2",
    )
    yield _kernel_balls.on_box(
        "a box around alpha = 1/2",
        _kernel_balls.moment_on_box,
        _kernel_balls.BOX,
        method="acb.legendre_p of type 2 against the hypergeometric corner values",
    )
