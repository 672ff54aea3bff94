r"""ReLU and leaky ReLU: the effective cumulant does not depend on depth, inputs or biases."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

c = sp.Function("c")
slope, sigma_w2 = sp.symbols("slope sigma_w2", positive=True)
q = sp.Symbol("q", positive=True)

CLAIM = Claim(
    id="isometry_leaky_relu_cumulant",
    title="effective cumulant of leaky ReLU networks",
    statement=sp.Eq(c(slope), sigma_w2 * (1 + slope**2) / 2),
    source=Source("tarnowski2019", "equation (26) for (leaky) ReLU; appendix D"),
    meaning="c at every depth for phi(x) = max(x, 0) + slope min(x, 0); ReLU is slope = 0, so sigma_w2 = 2 c there",
    variables={slope: "0 < slope < 1 (slope 0: ReLU)", sigma_w2: "> 0"},
)


def derive() -> sp.Expr:
    """E phi'^2 over a Gaussian of variance q, by SymPy's integration on both sides of the kink."""
    h = sp.Symbol("h", real=True)
    density = sp.exp(-(h**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q)
    right = sp.integrate(density, (h, 0, sp.oo))
    left = sp.integrate(slope**2 * density, (h, -sp.oo, 0))
    return sp.simplify(sigma_w2 * (right + left))


def recursion(point, digits):
    """(26) summed over eight layers of the package's recurrence."""
    from derive.activations import activation
    from derive.networks.scaled_residual import ScaledValues
    from derive.spectrum.cumulant import cumulant_value

    values = ScaledValues.read(8, 1, point[sigma_w2], "1/3", 2, "1/2")
    return mpmath.mpf(cumulant_value(activation("leaky_relu", slope=point[slope]), values, digits))


def checks():
    points = [{slope: sp.Rational(1, 20), sigma_w2: sp.Rational(1, 4)}, {slope: sp.Rational(1, 4), sigma_w2: 3}]
    yield digits(
        "eight layers", recursion, points, digits=25, method="the layer recurrence with biases and a shifted input"
    )
