r"""A sigmoid network is a tanh network with other variances: q/4, sigma_w2/16, sigma_w2/16 + sigma_b2/4, the same c."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

q, lam = sp.symbols("q lam", positive=True)
w2, b2 = sp.symbols("sigma_w2 sigma_b2", positive=True)
V_tanh, W_tanh = sp.Function("V_tanh"), sp.Function("W_tanh")
STATEMENT = sp.Eq(
    sp.Function("after")(q, lam, w2, b2),
    sp.Tuple(w2 / 16 * V_tanh(q / 4) + w2 / 16 + b2 / 4, w2 / 16 * W_tanh(q / 4, lam / 4) + w2 / 16 + b2 / 4),
)

CLAIM = Claim(
    id="sigmoid_network_is_a_tanh_network",
    title="a sigmoid network is a tanh network",
    statement=STATEMENT,
    source=Source("pabari", "section 4.2: depth scales of sigmoid distinct from those of tanh"),
    meaning=(
        "after = (q'/4, lam'/4), a quarter of the variance and covariance of the pre-activations after one sigmoid "
        "layer; so q/4 and lam/4 follow the recurrences of a tanh network with the weight variance sigma_w2/16 and "
        "the bias variance sigma_w2/16 + sigma_b2/4, with the same correlations and the same chi_1 and depth "
        "scales. Sigmoid networks are the tanh networks whose bias variance is at least the weight variance"
    ),
    variables={q: "q > 0", lam: "0 < lam <= q", w2: "sigma_w2 > 0", b2: "sigma_b2 > 0"},
    uses=("sigmoid_is_a_shifted_tanh",),
)


def derive() -> sp.Tuple:
    """Expand phi(u1) phi(u2) with phi = (1 + tanh(u/2))/2; odd means vanish; u/2 has the variance q/4."""
    t1, t2 = sp.symbols("t1 t2")
    product = sp.expand((1 + t1) * (1 + t2) / 4)

    def mean(same: bool) -> sp.Expr:
        both = V_tanh(q / 4) if same else W_tanh(q / 4, lam / 4)
        return product.coeff(t1, 1).coeff(t2, 1) * both + product.subs({t1: 0, t2: 0})

    return sp.Tuple(*(sp.expand((w2 * mean(same) + b2) / 4) for same in (True, False)))


_known: dict = {}


def trapezoid(f, point, covariance):
    """E f(u1) f(u2) (or E f(u)^2) by a two-dimensional trapezoid in mpmath; the error is far below the digits asked."""
    key = (f.__name__, point[q], point[lam], covariance)
    if key not in _known:
        _known[key] = _trapezoid(f, point, covariance)
    return _known[key]


def sigmoid(u):
    import mpmath

    return 1 / (1 + mpmath.exp(-u))


def _trapezoid(f, point, covariance):
    import mpmath

    root, c = mpmath.sqrt(point[q]), point[lam] / point[q]
    h, n = mpmath.mpf(1) / 5, 45
    nodes = [(k * h, h * mpmath.npdf(k * h)) for k in range(-n, n + 1)]
    if not covariance:
        return mpmath.fsum(w * f(root * z) ** 2 for z, w in nodes)
    rest = mpmath.sqrt(1 - c**2)
    return mpmath.fsum(
        w1 * f(root * z1) * mpmath.fsum(w2_ * f(root * (c * z1 + rest * z2)) for z2, w2_ in nodes) for z1, w1 in nodes
    )


def entry(i):
    def formula(statement, point, _digits):
        """The statement's entry with the tanh means by quadrature at q/4."""
        import mpmath

        numbers = {s: mpmath.mpf(v.p) / v.q for s, v in point.items()}
        quarter = {q: numbers[q] / 4, lam: numbers[lam] / 4}
        V, W = (trapezoid(mpmath.tanh, quarter, both) for both in (False, True))
        expr = statement.rhs[i].replace(V_tanh, lambda _: sp.Symbol("V")).replace(W_tanh, lambda *_: sp.Symbol("W"))
        arguments = [a.args for a in statement.rhs[i].atoms(sp.core.function.AppliedUndef)]
        if any(args != ((q / 4,) if len(args) == 1 else (q / 4, lam / 4)) for args in arguments):
            return mpmath.mpf(0)
        function = sp.lambdify([w2, b2, sp.Symbol("V"), sp.Symbol("W"), q, lam], expr, "mpmath")
        return function(numbers[w2], numbers[b2], V, W, numbers[q], numbers[lam])

    def reference(point, _digits):
        import mpmath

        numbers = {s: mpmath.mpf(v.p) / v.q for s, v in point.items()}
        return (numbers[w2] * trapezoid(sigmoid, numbers, bool(i)) + numbers[b2]) / 4

    return formula, reference


POINTS = [
    {q: 3, lam: 1, w2: 5, b2: Fraction(1, 3)},
    {q: Fraction(1, 2), lam: Fraction(2, 5), w2: 2, b2: Fraction(1, 7)},
]


def checks():
    for i, name in enumerate(("variance", "covariance")):
        formula, reference = entry(i)
        yield digits(
            f"{name} by quadrature",
            reference,
            POINTS,
            digits=12,
            method="trapezoidal sums in mpmath for both activations",
            formula=formula,
            partial=True,
        )
