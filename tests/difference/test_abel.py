"""Abel's equation: exact conjugates, published coefficients, and the defect of random maps."""

import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference import LogSeries, Recurrence, abel
from derive.difference.formal.abel import defect, telescope
from derive.difference.series import powerseries as ps
from derive.errors import InputError

x = sp.Symbol("x", positive=True)
a, b = sp.symbols("a b", positive=True)
rationals = st.builds(fmpq, st.integers(-6, 6), st.integers(1, 6))


def maps(k):
    """M = 1 - m w^k + ... with random rational coefficients."""
    lead = st.builds(lambda p, q: fmpq(-p, q), st.integers(1, 6), st.integers(1, 6))
    return st.tuples(lead, st.lists(rationals, min_size=14, max_size=14)).map(
        lambda t: [fmpq(1), *[fmpq(0)] * (k - 1), t[0], *t[1]]
    )


@given(st.integers(1, 3).flatmap(maps))
@settings(max_examples=40, deadline=None)
def test_the_abel_series_of_a_random_map_satisfies_its_equation(m):
    k = next(i for i in range(1, len(m)) if m[i])
    order = len(m) - 1 - 2 * k
    found = abel(m, order)
    assert defect(m, found, order + k + 1) == [1] + [0] * (order + k)
    assert found.coefficient(0) == 0 and found.coefficient(-k) == -1 / (k * m[k])


@given(maps(2), st.lists(rationals, min_size=6, max_size=6), st.integers(-1, 3))
@settings(max_examples=40, deadline=None)
def test_the_telescoped_series_has_the_increment_asked_for(m, g, start):
    found = telescope(m, g, start, start + 5 - 2)
    assert defect(m, found, 6) == ps.truncate(g, 6)


@given(st.lists(rationals, min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_conjugate_of_the_moebius_map_has_the_conjugate_abel_function(tail):
    # u -> u/(1+u) has A = 1/u; in w with u = P(w) = w + ... it is 1/P(w), less its constant, and without a logarithm
    n = 12
    p = ps.truncate([fmpq(0), fmpq(1), *tail], n)
    moebius = [fmpq(0)] + [fmpq((-1) ** i) for i in range(n - 1)]
    conjugate = ps.compose(ps.revert(p, n), ps.compose(moebius, p, n), n)
    found = abel(conjugate[1:], n - 4)
    exact = ps.inverse(p[1:], n)
    expected = [0 if i == 1 else c for i, c in enumerate(exact[: n - 2])]
    assert found.log == 0 and list(found.coefficients) == expected


def test_the_iterated_sine_has_its_classical_abel_function():
    # de Bruijn, Asymptotic Methods in Analysis, section 8.6: 3/x^2 + (6/5) log x + 79 x^2/1050 + 29 x^4/2625 + ...
    law = Recurrence(x, sp.sin(x), point=0).asymptotics(terms=4)
    assert sp.expand(law.abel - (3 / x**2 + sp.Rational(6, 5) * sp.log(x) + 79 * x**2 / 1050 + 29 * x**4 / 2625)) == 0


def test_the_logistic_map_at_its_critical_parameter():
    # x(1-x): 1/x' = 1/x + 1 + x + x^2 + ..., so A = 1/x + log x + x/2 + ... (check by substitution)
    law = Recurrence(x, x * (1 - x), point=0).asymptotics(terms=4)
    residual = law.abel.subs(x, x * (1 - x)) - law.abel - 1
    leading = sp.series(residual, x, 0, 4).removeO()
    assert sp.expand(leading).coeff(x, 1) == 0 and sp.expand(leading).coeff(x, 2) == 0


@pytest.mark.parametrize(
    ("F", "point", "closed"),
    [
        (x + 1, sp.oo, x),
        (x / (1 + a * x), 0, 1 / (a * x)),
        (sp.sqrt(x**2 + b), sp.oo, x**2 / b),
        (x / sp.sqrt(1 + 2 * a * x**2), 0, 1 / (2 * a * x**2)),
        ((sp.sqrt(x) + a) ** 2, sp.oo, sp.sqrt(x) / a),
        (x / (1 + sp.sqrt(x)) ** 2, 0, 1 / sp.sqrt(x)),
    ],
    ids=str,
)
def test_maps_with_a_closed_abel_function(F, point, closed):
    law = Recurrence(x, F, point).asymptotics(terms=6)
    assert sp.simplify(law.abel - closed) == 0


def test_symbolic_and_numeric_coefficients_agree():
    law = Recurrence(x, x + a + b / sp.sqrt(x))
    exact = law.local_map()
    rows = exact.multiplier(14)
    symbolic = abel(rows.coefficients, 8)
    point = {a: sp.Rational(3, 4), b: sp.Rational(5, 7)}
    numeric = law.numeric_abel(8, point)
    from flint import ctx

    with ctx.workprec(128):
        values = exact.table.values(point)
        for u, v in zip(symbolic.coefficients, numeric.coefficients, strict=True):
            known = arb(u) if isinstance(u, int) else exact.table.number(u, values)
            assert known.overlaps(arb(v)) and known.rad() < 1e-25


def test_value_and_derivative_are_those_of_the_sum():
    series = LogSeries(-2, (fmpq(3), 0, fmpq(1, 2), fmpq(-1)), fmpq(6, 5))
    w = arb(1) / 3
    assert series.value(w).overlaps(3 / w**2 + arb(1) / 2 - w + arb(6) / 5 * w.log())
    assert series.derivative(w).overlaps(-6 / w**3 - 1 + arb(6) / 5 / w)
    assert series.value(w, order=0).overlaps(3 / w**2 + arb(1) / 2 + arb(6) / 5 * w.log())
    assert series.order == 1 and series.truncate(-1).coefficients == (3, 0)
    with pytest.raises(InputError, match="was not computed"):
        series.coefficient(2)


def test_the_identity_has_no_abel_function():
    with pytest.raises(InputError, match="identity"):
        abel([fmpq(1), 0, 0, 0], 2)
