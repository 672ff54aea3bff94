"""Bad input is refused by name at every public entry: NaN, infinities, text, truth values, the wrong kind of thing."""

from __future__ import annotations

import fractions

import pytest
import sympy as sp

from derive.difference import (
    Expansion,
    Recurrence,
    SeriesMap,
    abel,
    linear,
    series_function,
    solve_state,
    solve_system,
    sum_at,
    sum_constant,
    triangular,
)
from derive.errors import DeriveError, DomainError, InputError, ParseError

x, l, a = sp.symbols("x l a", positive=True)
e = sp.Symbol("e")
NOT_NUMBERS = [float("nan"), float("inf"), sp.nan, sp.oo, sp.zoo, "junk(", "", None, True, 1j, [], {}, object(), b"1"]
NOT_COUNTS = [float("nan"), sp.oo, "2", None, True, 1.5, -1, 0, 1j, [], object()]
HALF = sp.Rational(1, 2)

LAWS = {
    "parabolic": lambda: Recurrence(x, x + 1 / x).asymptotics(2),
    "geometric": lambda: Recurrence(x, x / 2 + x**2 / 4, point=0).asymptotics(2),
    "doubly geometric": lambda: Recurrence(x, x**2 + 1).asymptotics(2),
    "indexed": lambda: Recurrence(x, x + (l + 1) / x, index=l).asymptotics(2),
    "indexed linear": lambda: Recurrence(x, x * (1 - 1 / (3 * (l + 1))) + 1 / (l + 1) ** 2, index=l).asymptotics(2),
}


def refused(work, *errors):
    with pytest.raises(errors or DeriveError) as info:
        work()
    assert len(str(info.value)) > 10


@pytest.mark.parametrize("name", list(LAWS))
def test_starts_depths_and_digits(name):
    law = LAWS[name]()
    for bad in NOT_NUMBERS:
        refused(lambda: law.constant_value(bad))  # noqa: B023
        refused(lambda: law.at(5, bad))  # noqa: B023
        refused(lambda: law.at(bad, HALF))  # noqa: B023
    for bad in NOT_COUNTS:
        refused(lambda: law.constant_value(HALF, digits=bad), InputError)  # noqa: B023
        refused(lambda: law.at(5, HALF, digits=bad), InputError)  # noqa: B023
        refused(lambda: law.evaluate(5, 2, digits=bad), InputError)  # noqa: B023


@pytest.mark.parametrize("name", list(LAWS))
def test_parameters_are_numbers_and_never_text_for_sympy(name):
    law = LAWS[name]()
    for bad in ("junk(", "__import__('os')", None, [], object(), float("nan")):
        refused(lambda: law.constant_value(HALF, params={a: bad}))  # noqa: B023
    for bad in (5, "junk(", [1], object()):
        refused(lambda: law.constant_value(HALF, params=bad))  # noqa: B023


@pytest.mark.parametrize("name", ["parabolic", "geometric", "doubly geometric"])
def test_sums(name):
    total = LAWS[name]().sum(1 / x if name == "doubly geometric" else x)
    for bad in NOT_NUMBERS:
        refused(lambda: sum_constant(total, bad))  # noqa: B023
        refused(lambda: sum_at(total, bad, HALF))  # noqa: B023
    for bad in NOT_COUNTS:
        refused(lambda: sum_constant(total, HALF, digits=bad), InputError)  # noqa: B023
    for bad in (float("nan"), sp.zoo, "junk(", None, object()):
        refused(lambda: LAWS[name]().sum(bad))  # noqa: B023
        refused(lambda: sum_constant(bad, 1))  # noqa: B023
    for bad in (0, -1, True, "2", 1.5, 10**9):
        refused(lambda: LAWS[name]().sum(1 / x, bad), InputError)  # noqa: B023


def test_what_makes_a_recurrence():
    for bad in NOT_NUMBERS:
        refused(lambda: Recurrence(x, bad))  # noqa: B023
    for bad in (1, None, "1", sp.oo, x + 1, object()):
        refused(lambda: Recurrence(bad, x + 1 / x), InputError)  # noqa: B023
    for bad in ("left", None, 1, [], True):
        refused(lambda: Recurrence(x, x - x**2, point=0, side=bad), InputError)  # noqa: B023
    for bad in NOT_COUNTS:
        refused(lambda: Recurrence(x, x + 1 / x).asymptotics(bad), InputError)  # noqa: B023
        if bad != 0:
            refused(lambda: Recurrence(x, x + 1 / x).numeric_abel(4, bits=bad))  # noqa: B023
    refused(lambda: Recurrence(x, x + a / x, params=3), InputError)
    refused(lambda: Recurrence(x, x + 1 / x).map_value(0), DomainError)
    refused(lambda: Recurrence(x, x + x**a).asymptotics(2, interval=3), InputError)
    refused(lambda: Recurrence(x, x + x**a).asymptotics(2, interval={a: 3}), InputError)
    refused(lambda: Recurrence(x, x + x**a).asymptotics(2, interval={l: (0, 1)}), InputError)


def test_driven_states():
    driver = Recurrence(x, x + 1)
    for bad in (None, 3, "x", object(), sp.nan):
        refused(lambda: linear(bad, 1 - 1 / x))  # noqa: B023
        refused(lambda: solve_state(bad, e, e - e / (2 * x)))  # noqa: B023
        refused(lambda: solve_state(driver, bad, e - e / (2 * x)))  # noqa: B023
        refused(lambda: triangular(driver, bad))  # noqa: B023
        refused(lambda: solve_system(bad, "s"))  # noqa: B023
    for bad in (0, "2", True, 1.5):
        refused(lambda: linear(driver, 1 - 1 / x, 0, bad), InputError)  # noqa: B023
        refused(lambda: solve_state(driver, e, e - e / (2 * x), terms=bad), InputError)  # noqa: B023
    for bad in (3, {}, (1,), "half"):
        refused(lambda: solve_state(driver, e, e - a * e / x, interval=bad), InputError)  # noqa: B023
    law = linear(driver, 1 - 1 / (3 * x), 1 / x**2)
    refused(lambda: law.amplitude(0, 1), DomainError)  # the maps have a pole at x = 0
    refused(lambda: law.amplitude(-3, 1), DomainError)
    state = solve_state(driver, e, e + (1 - e**2) / (4 * x), limit=1)
    refused(lambda: state.amplitude(0, HALF), DomainError)
    refused(lambda: state.amplitude(3, -1), DomainError)  # the other fixed point


def test_series_maps_and_files(tmp_path):
    for bad in (None, 3, "x"):
        refused(lambda: SeriesMap(bad, lambda n: x), InputError)  # noqa: B023
        refused(lambda: SeriesMap(x, bad), InputError)  # noqa: B023
    for bad in (-1, 1.5, None, "many", True):
        refused(lambda: series_function(sp.sqrt(1 + x), x).terms(bad))  # noqa: B023
    law = LAWS["parabolic"]()
    for bad in (None, 3, [], object()):
        refused(lambda: law.save(bad), InputError)  # noqa: B023
        refused(lambda: Expansion.load(bad), InputError)  # noqa: B023
    (tmp_path / "other.json").write_text("[]")
    refused(lambda: Expansion.load(tmp_path / "other.json"), ParseError)
    refused(lambda: law.affine(sp.oo), DomainError)
    refused(lambda: law.affine(1, sp.nan), DomainError)
    refused(lambda: law.evaluate(0, 1), DomainError)


def test_abel_takes_exact_coefficients():
    third = fractions.Fraction(1, 3)
    assert abel([1, 0, -third], 4).coefficients == abel([1, 0, sp.Rational(-1, 3)], 4).coefficients
    for bad in ([1, 0.5], ["1", "2"], 3, "abc", [2, 1], []):
        refused(lambda: abel(bad, 3), InputError)  # noqa: B023


def test_numbers_beyond_floats_are_no_trouble():
    law = LAWS["parabolic"]()
    far = sp.Integer(10) ** 400
    assert abs(law.constant_value(far, digits=30) / (far**2 / 2) - 1) < sp.Rational(1, 10**25)
    assert abs(law.at(10**400, 1, digits=30) / sp.sqrt(2 * far) - 1) < sp.Rational(1, 10**25)
    refused(lambda: LAWS["doubly geometric"]().at(10**400, 2))
    refused(lambda: LAWS["doubly geometric"]().evaluate(10**5, 2))
