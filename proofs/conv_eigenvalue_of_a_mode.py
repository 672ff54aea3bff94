r"""The eigenvalues of the convolution by equal taps: a Dirichlet kernel, not the eigenvalues of I/(2K+1) as printed."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds

theta = sp.Symbol("theta", positive=True)
K = sp.Symbol("K", integer=True, nonnegative=True)
eigenvalue = sp.Function("eigenvalue")

CLAIM = Claim(
    id="conv_eigenvalue_of_a_mode",
    title="eigenvalues of the convolution by equal taps",
    statement=sp.Eq(eigenvalue(theta, K), sp.sin((2 * K + 1) * theta / 2) / ((2 * K + 1) * sp.sin(theta / 2))),
    source=Source("pabari", "equation (15), and below (21): lambda are the eigenvalues of A"),
    meaning=(
        "eigenvalue of B -> A * B, (A * B)(a, b) = sum over |beta| <= K of B(a + beta, b + beta)/(2K + 1), on a "
        "ring of "
        "n positions, for the mode k, theta = 2 pi k/n (k = 0 has the eigenvalue 1)"
    ),
    variables={theta: "0 < theta < 2 pi", K: "K >= 0"},
    printed=Printed(
        text="A = I/(2K + 1), and lambda are its eigenvalues",
        statement=sp.Eq(eigenvalue(theta, K), 1 / (2 * K + 1)),
    ),
)


def derive() -> sp.Expr:
    """The geometric sum of r^beta, r = e^(i theta), |beta| <= K, by Euler's formula a quotient of sines."""

    def sine(multiple):
        """(w^m - w^-m)/(2i) with w = e^(i theta/2)."""
        wave = sp.exp(sp.I * multiple * theta / 2)
        return sp.simplify(sp.expand_complex((wave - 1 / wave) / (2 * sp.I)))

    return sine(2 * K + 1) / ((2 * K + 1) * sine(sp.Integer(1)))


def explicit(statement, point) -> bool:
    """The sum over the taps with exact cosines."""
    angle, reach = point[theta], int(point[K])
    direct = sum(sp.cos(angle * beta) for beta in range(-reach, reach + 1)) / (2 * reach + 1)
    return bool(sp.simplify(direct - statement.rhs.subs(point)) == 0)


def by_matrix(point, digits):
    """The action of the circulant matrix of the taps on the mode, at one position of a ring of 30."""
    import mpmath

    reach, size = int(point[K]), 30
    mode = int(point[theta] * size / (2 * sp.pi))
    taps = [0] * size
    for beta in range(-reach, reach + 1):
        taps[beta % size] += mpmath.mpf(1) / (2 * reach + 1)
    wave = [mpmath.expjpi(mpmath.mpf(2 * mode * a) / size) for a in range(size)]
    return mpmath.re(mpmath.fsum(taps[b] * wave[b] for b in range(size)))


POINTS = [{theta: 2 * sp.pi * sp.Rational(*k), K: r} for k, r in (((1, 3), 1), ((1, 2), 1), ((1, 6), 2), ((2, 5), 3))]


def _exact():
    return holds("cosines of the ring", explicit, POINTS[:3], method="the sum over the taps, exact cosines")


def checks():
    yield _exact()
    yield digits("action on the mode", by_matrix, POINTS, digits=30, method="circulant matrix in mpmath", absolute=True)


def printed_checks():
    yield _exact()
