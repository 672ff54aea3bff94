r"""The first layer acts on the input itself, so the recurrence of q starts at l = 2."""

from itertools import product

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _ff

sigma_w2, sigma_b2, q0 = sp.symbols("sigma_w2 sigma_b2 q_0", positive=True)
q1 = sp.Symbol("q_1", positive=True)
M = sp.Function("M")

CLAIM = Claim(
    id="first_preactivation_is_linear_in_the_input",
    title="variance of the pre-activations of the first layer",
    statement=sp.Eq(q1, sigma_w2 * q0 + sigma_b2),
    source=Source("pabari", "equations (1) and (3) against the initial condition below (3)"),
    meaning=(
        "q_0 = |y^0|^2/N_0, an input and no variance of pre-activations.  The initial condition is right; equation (1) "
        "numbers the layers otherwise (it has z^0 = W^0 y^0, though the first weights are W^1), and equation (3) holds "
        "from l = 2 on"
    ),
    variables={sigma_w2: "sigma_w2 > 0", sigma_b2: "sigma_b2 >= 0", q0: "q_0 > 0"},
    uses=("plain_length_recurrence",),
    printed=Printed(
        text="equation (3) at l = 1: q^1 = sigma_w2 M(q^0) + sigma_b2, M(q) = E phi(sqrt(q) z)^2 (the square put in)",
        statement=sp.Eq(q1, sigma_w2 * M(q0) + sigma_b2),
    ),
)


def derive() -> sp.Expr:
    """Variances of independent terms added, for weights of variance sigma_w2/N."""
    N = sp.Symbol("N", positive=True)
    return sp.expand(N * q0 * sigma_w2 / N + sigma_b2)


def signs(statement, point) -> bool:
    """Weights and bias of either sign for the input (1, 2): the mean of z^2 by enumeration; M for the cube."""
    w, b = sp.sqrt(point[sigma_w2] / 2), sp.sqrt(point[sigma_b2])
    values = [(e * w + 2 * f * w + g * b) ** 2 for e, f, g in product((1, -1), repeat=3)]
    rhs = statement.rhs.replace(M, lambda q: _ff.cube_mean(0, q, q, q)).subs(point)
    return bool(sp.expand(sum(values) / 8 - rhs) == 0)


def _check():
    point = {sigma_w2: sp.Rational(2, 3), sigma_b2: sp.Rational(1, 4), q0: sp.Rational(5, 2)}
    return holds("the input (1, 2)", signs, [point], method="enumeration of signs; cubic activation for M, exact")


def checks():
    yield _check()


def printed_checks():
    yield _check()
