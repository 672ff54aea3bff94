r"""A critical ReLU layer with orthogonal weights: half of the squared singular values are 0, half are 2."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

spread = sp.Symbol("spread", real=True)
STATEMENT = sp.Eq(spread, 1)

CLAIM = Claim(
    id="relu_has_no_dynamical_isometry",
    title="ReLU cannot achieve dynamical isometry",
    statement=STATEMENT,
    source=Source("pabari", "section 3.2"),
    meaning=(
        "spread = variance of the squared singular values of one ReLU layer with orthogonal weights at chi_1 = 1, "
        "where "
        "their mean is 1; it does not depend on q, so no variances make it small"
    ),
    variables={spread: "variance of the squared singular values"},
    printed=Printed(text="ReLU cannot achieve perfect dynamical isometry", statement=sp.Ne(spread, 0)),
)


def derive() -> sp.Expr:
    """E phi'^4/(E phi'^2)^2 - 1 with the Gaussian integral of the step function."""
    z = sp.Symbol("z", real=True)
    half = sp.integrate(sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi), (z, 0, sp.oo))
    return half / half**2 - 1


def two_units(statement, _point) -> bool:
    """Width two, a rotation and all sign patterns of the pre-activations: eigenvalues of J^T J, exactly."""
    c, s = sp.Rational(3, 5), sp.Rational(4, 5)
    rotation = sp.sqrt(2) * sp.Matrix([[c, -s], [s, c]])
    values = []
    for pattern in ((0, 0), (0, 1), (1, 0), (1, 1)):
        J = sp.diag(*pattern) * rotation
        for value, multiplicity in (J.T * J).eigenvals().items():
            values += [value] * multiplicity
    mean = sum(values) / sp.Integer(len(values))
    variance = sum((v - mean) ** 2 for v in values) / sp.Integer(len(values))
    return mean == 1 and statement.subs(spread, variance) == sp.true


def _check():
    return holds("width two", two_units, method="eigenvalues over all activation patterns of two units, exact")


def checks():
    yield _check()


def printed_checks():
    yield _check()
