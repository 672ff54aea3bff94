r"""Delta initialisation is the only vector of shares for which all modes of the convolution have the eigenvalue 1."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, symbolic

share = sp.Symbol("share")
STATEMENT = sp.Eq(share, sp.Tuple(1, 0, 0, 0, 0))

CLAIM = Claim(
    id="conv_delta_kernel_is_unique",
    title="delta initialisation is unique",
    statement=STATEMENT,
    source=Source("pabari", "section 3.3, last paragraph"),
    meaning=(
        "share = the shares of the taps at the offsets 0..4 of a ring of five positions for which every eigenvalue "
        "of the "
        "convolution is 1.  With |lambda| = 1 instead, exactly the five kernels with one tap remain (shifts of the "
        "delta): the sum of the squared shares is the mean of |lambda|^2, and it is 1 for one tap only"
    ),
    printed=Printed(text="one vector makes all eigenvalues equal to 1", statement=STATEMENT),
)


def derive() -> sp.Tuple:
    """Solve the five linear equations lambda_k = 1 (real and imaginary parts) for the shares."""
    v = sp.symbols("v0:5")
    root = [sp.cos(2 * sp.pi * sp.Rational(j, 5)) for j in range(5)]
    cosines = [sum(v[b] * root[(k * b) % 5] for b in range(5)) - 1 for k in range(3)]
    sines = [sum(v[b] * sp.sin(2 * sp.pi * sp.Rational((k * b) % 5, 5)) for b in range(5)) for k in (1, 2)]
    matrix, right = sp.linear_eq_to_matrix(cosines + sines, v)
    assert sp.simplify(matrix.det()) != 0  # so the solution is the only one
    solution = matrix.LUsolve(right)
    return sp.Tuple(*(sp.nsimplify(sp.simplify(s)) for s in solution))


def inverse_transform():
    """v_b = (1/5) sum_k lambda_k e^(-2 pi i k b/5) with all lambda_k = 1: a geometric sum."""
    entries = []
    for b in range(5):
        total = sum(sp.exp(-2 * sp.pi * sp.I * sp.Rational(k * b, 5)) for k in range(5))
        entries.append(sp.nsimplify(sp.simplify(sp.expand_complex(total))) / 5)
    return sp.Tuple(*entries)


def squares(statement, _point) -> bool:
    """One tap: the shares add up to 1 and so do their squares, and the eigenvalues are exactly 1."""
    from derive.networks import Convolutional

    shares = list(statement.rhs)
    if sum(shares) != 1 or sum(s**2 for s in shares) != 1 or any(s < 0 for s in shares):
        return False
    net = Convolutional("tanh", 5, dict(enumerate(shares)))
    return all(net.eigenvalue(k) == 1 for k in range(5))


def checks():
    yield symbolic("inverse Fourier transform", inverse_transform, method="geometric sums of fifth roots of unity")
    yield holds("one tap", squares, method="sum of shares and of squares, and Convolutional.eigenvalue")


def printed_checks():
    yield holds("one tap", squares, method="sum of shares and of squares, and Convolutional.eigenvalue")
