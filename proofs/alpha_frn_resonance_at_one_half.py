r"""alpha = 1/2 is resonant: the bias brings a logarithm into the length."""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits

K, a = sp.symbols("K a", positive=True)
coefficient = sp.Function("coefficient")

CLAIM = Claim(
    id="alpha_frn_resonance_at_one_half",
    title="the logarithm in the length at alpha = 1/2",
    statement=sp.Eq(coefficient(K, a), sp.Rational(1, 4) - a / K**2),
    source=Source("derive", "difference: symbolic exponents; paper 000 has the leading power only"),
    meaning=(
        "2 sqrt(P_n)/K + coefficient log P_n - n tends to a constant for P' = P + K sqrt(P) + a, a = sigma_a2.  For "
        "other alpha the coefficient is alpha/2 and a comes in at its own power P^(1 - 2 alpha), with a pole at 1/2.  "
        "The resonant alpha are 1/2, 1/3, 1/4, ...: there the term P^(1 - j alpha) of Abel's function turns into log P"
    ),
    variables={K: "K > 0", a: "a >= 0"},
    uses=("alpha_frn_length_growth",),
)


def derive() -> sp.Expr:
    """The logarithm of Abel's function at alpha = 1/2."""
    from derive.difference import Recurrence

    x = sp.Symbol("x", positive=True)
    law = Recurrence(x, x + K * sp.sqrt(x) + a).asymptotics(terms=2)
    return sp.expand(sp.expand(law.abel).coeff(sp.log(x)))


def iteration(point, digits):
    """From plain iteration: the drift of n - 2 sqrt(P)/K per unit of log P, extrapolated in powers of P^(-1/2)."""
    k, b = (mpmath.mpf(sp.Rational(point[s]).p) / sp.Rational(point[s]).q for s in (K, a))
    p, rows = mpmath.mpf(1), []
    for n in range(1, 2**14 + 1):
        p += k * mpmath.sqrt(p) + b
        if n & (n - 1) == 0 and n >= 2**8:
            rows.append((n - 2 * mpmath.sqrt(p) / k, mpmath.log(p), 1 / mpmath.sqrt(p)))
    # f = c + coefficient L + sum_j s^j (polynomials in L drop out: the state itself is the variable)
    size = len(rows)
    matrix = mpmath.matrix(size, size)
    right = mpmath.matrix(size, 1)
    for i, (f, log, s) in enumerate(rows):
        right[i] = f
        matrix[i, 0], matrix[i, 1] = 1, log
        for j in range(2, size):
            matrix[i, j] = s ** (j - 1)
    return mpmath.lu_solve(matrix, right)[1]


def checks():
    points = [{K: sp.Rational(3, 2), a: sp.Rational(1, 3)}, {K: sp.Integer(2), a: sp.Rational(5, 2)}]
    yield digits("direct iteration", iteration, points, digits=8, method="16384 layers in mpmath, fitted in the state")
