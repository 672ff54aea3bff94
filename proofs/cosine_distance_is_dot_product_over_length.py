r"""The cosine of two vectors of equal length is their dot product over the squared length, not the other way round."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

length, product = sp.symbols("length product", positive=True)
cosine = sp.Function("cosine")

CLAIM = Claim(
    id="cosine_distance_is_dot_product_over_length",
    title="the cosine distance from the normalised squared length and dot product",
    statement=sp.Eq(cosine(length, product), product / length),
    source=Source(
        "yang2017", "section 2: the ratio of the squared length and the dot product (section 3 has it right)"
    ),
    meaning="length = |x|^2/N = |y|^2/N, product = x.y/N; the cosine of the angle between x and y, at most 1",
    variables={length: "length > 0", product: "product > 0"},
    printed=Printed(
        text="the cosine distance is the ratio between the normalised squared length and the normalised dot product",
        statement=sp.Eq(cosine(length, product), length / product),
    ),
)


def derive() -> sp.Expr:
    """x.y = |x| |y| cos(angle), for vectors of equal length."""
    N, angle = sp.symbols("N angle", positive=True)
    norm = sp.sqrt(N * length)
    (found,) = sp.solve(sp.Eq(N * product, norm * norm * angle), angle)
    return found


def _vectors():
    def law_of_cosines(statement, point) -> bool:
        """The vectors (1, 2) and (2, 1): |x - y|^2 = |x|^2 + |y|^2 - 2 |x| |y| cos."""
        value = statement.rhs.subs({length: sp.Rational(5, 2), product: sp.Integer(2)})
        return bool(5 + 5 - 2 * 5 * value == 2)

    return holds("the vectors (1, 2) and (2, 1)", law_of_cosines, method="law of cosines, exact")


def checks():
    yield _vectors()


def printed_checks():
    yield _vectors()
