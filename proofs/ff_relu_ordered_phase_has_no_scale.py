r"""ReLU without biases: chi_1 < 1, yet the correlation map has slope 1 at c = 1, so c has no depth scale."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

slope = sp.Symbol("slope")

CLAIM = Claim(
    id="ff_relu_ordered_phase_has_no_scale",
    title="ReLU without biases: the correlation relaxes algebraically in the ordered phase",
    statement=sp.Eq(slope, 1),
    source=Source("schoenholz2017", "below eq. 9: 1/xi_c = -log chi_1 in the ordered phase"),
    meaning=(
        "slope at c = 1 of c -> W(q, cq)/V(q), the correlation map of ReLU at sigma_b2 = 0, any sigma_w2 (lengths fall "
        "to 0 for sigma_w2 < 2): 1 - c decays like a power of l although chi_1 = sigma_w2/2 < 1.  "
        "Section 6 leaves unbounded activations out; the expansion behind the formula takes a smooth phi"
    ),
    variables={slope: "the slope"},
    printed=Printed(
        text="in the ordered phase 1/xi_c = -log chi_1 (read for ReLU at sigma_w2 = 1, where chi_1 = 1/2)",
        statement=sp.Eq(slope, sp.Rational(1, 2)),
    ),
)


def derive() -> sp.Expr:
    """The slope of W/V at c = 1, from the closed form of W."""
    from derive.expectations import V, W

    q, c = sp.Symbol("q", positive=True), sp.Symbol("c", positive=True)
    image = W("relu", q, c * q).doit() / V("relu", q).doit()
    return sp.simplify(sp.limit(sp.simplify(image.diff(c)), c, 1, "-"))


def squeeze(statement, _point) -> bool:
    """(1 - C(c))/(1 - c) from the angle between two half-planes, in balls at c = cos(t), t small: 1 - O(t)."""
    from flint import arb, ctx

    with ctx.workprec(600):
        for k in (20, 40):
            t = arb(10) ** -k
            kernel = (t.sin() + (arb.pi() - t) * t.cos()) / arb.pi()  # E relu relu / E relu^2 (Cho and Saul)
            ratio = (1 - kernel) / (1 - t.cos())
            if not abs(ratio - arb(int(statement.rhs.p)) / int(statement.rhs.q)) < t:
                return False
    return True


def _check():
    return holds("difference quotient in balls", squeeze, method="arc-cosine kernel at angles 1e-20 and 1e-40")


def checks():
    yield _check()


def printed_checks():
    yield _check()
