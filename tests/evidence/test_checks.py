"""Each kind of check: what it accepts, what it refuses, what it leaves unknown."""

from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from derive.errors import InputError
from derive.evidence import covering, decay, digits, enclosure, holds, symbolic
from derive.evidence.check import Check, outside

x = sp.Symbol("x", positive=True)
n = sp.Symbol("n", positive=True)
value = sp.Symbol("value")


def says(rhs):
    return sp.Eq(value, rhs, evaluate=False)


# --- digits


def square_root(point, digits):
    return mpmath.sqrt(mpmath.mpf(point[x].p) / point[x].q)


def test_digits_are_counted_relative_to_the_value_and_rounded_down():
    check = digits("root", square_root, [{x: Fraction(1, 10**40)}, {x: 10**40}], digits=25, method="mpmath")
    assert check.judge(says(sp.sqrt(x))).digits == 25
    off = check.judge(says(sp.sqrt(x) * (1 + sp.Rational(3, 10**13))))
    assert off.false == 2 and off.digits == 12


def test_a_complex_or_infinite_formula_is_false_not_a_crash():
    check = digits("root", square_root, [{x: 4}], method="mpmath")
    for rhs in (sp.sqrt(-x), 1 / (x - 4), sp.log(x - 4)):
        outcome = check.judge(says(rhs))
        assert outcome.refuted and not outcome.crash


def test_a_value_of_zero_needs_absolute_digits():
    zero = lambda point, digits: 0  # noqa: E731
    assert digits("zero", zero, [{x: 1}], method="exact").judge(says(x - 1)).passed
    assert not digits("zero", zero, [{x: 1}], method="exact").judge(says(x - 1 + sp.Rational(1, 10**35))).passed
    tiny = digits("zero", zero, [{x: 1}], method="exact", absolute=True)
    assert tiny.judge(says(x - 1 + sp.Rational(1, 10**35))).passed


def test_a_float_is_no_exact_point():
    with pytest.raises(InputError, match=r"0\.1"):
        digits("root", square_root, [{x: 0.1}], method="mpmath").judge(says(sp.sqrt(x)))


def test_a_partial_check_sees_what_changes_at_its_points():
    check = digits("at one", lambda p, d: 2, [{x: 1}], method="exact", partial=True)
    assert check.in_sight(says(1 + x), says(1 + 2 * x))
    assert not check.in_sight(says(1 + x), says(1 + x**2))


def test_the_precision_of_mpmath_is_left_as_it_was():
    before = mpmath.mp.prec
    check = digits("root", square_root, [{x: 2}, {x: 3}], digits=60, method="mpmath")
    assert all(mpmath.mp.prec == before for _ in check.verdicts(says(sp.sqrt(x))))
    assert mpmath.mp.prec == before


# --- decay


def harmonic(point, digits):
    return mpmath.harmonic(mpmath.mpf(int(point[n])))


VALUES = [2**k for k in range(10, 40, 3)]
MAIN = sp.log(n) + sp.EulerGamma
DECAY = decay("harmonic", harmonic, n, VALUES, error=1 / n, method="mpmath.harmonic")


def test_the_expansion_of_the_harmonic_numbers_settles():
    assert DECAY.judge(says(MAIN)).passed  # H_n = log n + gamma + 1/(2n) + ...


@pytest.mark.parametrize(
    "wrong",
    [
        MAIN + sp.Rational(1, 10**9),
        sp.Rational(65, 64) * sp.log(n) + sp.EulerGamma,
        MAIN + sp.log(n) / (50 * n),
        sp.log(n),
        MAIN + 1 / sp.sqrt(n) / 1000,
    ],
)
def test_a_wrong_term_above_the_error_is_refused_and_in_sight(wrong):
    assert DECAY.judge(says(wrong)).refuted
    assert DECAY.in_sight(says(MAIN), says(wrong))


@pytest.mark.parametrize("other", [MAIN + 7 / n, MAIN + 1 / n**2, MAIN - sp.log(n) / n**2])
def test_what_lies_within_the_error_is_out_of_sight(other):
    assert DECAY.judge(says(other)).passed
    assert not DECAY.in_sight(says(MAIN), says(other))


def test_with_a_limit_the_coefficient_of_the_error_is_fixed():
    limit = decay("h", harmonic, n, VALUES, error=1 / n, method="m", limit=lambda p: sp.Rational(1, 2))
    assert limit.judge(says(MAIN)).passed
    assert limit.judge(says(MAIN + 1 / (64 * n))).refuted
    assert limit.in_sight(says(MAIN), says(MAIN + 1 / (64 * n)))


def second_term(point, digits):
    return -1 / (12 * mpmath.mpf(int(point[n])) ** 2)


def test_known_smaller_terms_sharpen_the_sight():
    few = [2**k for k in range(4, 11)]
    slight = says(MAIN + sp.log(n) / (20_000 * n))
    plain = decay("h", harmonic, n, few, error=1 / n, method="m")
    sharp = decay("h", harmonic, n, few, error=1 / n, method="m", smaller=second_term)
    assert plain.judge(says(MAIN)).passed and sharp.judge(says(MAIN)).passed
    assert not plain.judge(slight).refuted and sharp.judge(slight).refuted


def test_terms_that_are_not_smaller_are_refused():
    def hiding(point, digits):
        return mpmath.log(int(point[n])) / (20_000 * int(point[n]))

    check = decay("h", harmonic, n, VALUES, error=1 / n, method="m", smaller=hiding)
    outcome = check.judge(says(MAIN - sp.log(n) / (20_000 * n)))
    assert not outcome.passed and "not of smaller order" in outcome.crash


def test_decay_needs_enough_doubling_values():
    with pytest.raises(InputError, match="too few"):
        decay("h", harmonic, n, [1, 2, 4], error=1 / n, method="m")
    with pytest.raises(InputError, match="double"):
        decay("h", harmonic, n, [1, 2, 3, 4, 5, 6], error=1 / n, method="m")


# --- balls


def root_two(point, bits):
    from flint import arb

    return arb(2).sqrt()


def test_a_narrow_ball_contains_the_truth_and_excludes_the_rest():
    check = enclosure("root", root_two, radius=Fraction(1, 10**30), method="flint")
    found = check.judge(says(sp.sqrt(2)))
    assert found.passed and found.digits == 30 and found.balls[0][1].startswith("1.41421356237309504880168872421 +/-")
    assert check.judge(says(sp.Rational(1414213562373095, 10**15))).refuted
    assert check.covers


def test_a_wide_ball_is_useless_and_so_unknown():
    def wide(point, bits):
        from flint import arb

        return arb(2).sqrt() + arb(0, 1e-3)

    outcome = enclosure("root", wide, radius=Fraction(1, 10**9), method="flint").judge(says(sp.sqrt(2)))
    assert outcome.unknown == 1 and "wider" in outcome.reasons[0]


def test_a_formula_across_the_edge_of_the_ball_is_unknown():
    def at_the_edge(point, bits):
        from flint import arb

        return arb(1, 1e-9)

    edge = sp.Rational(Fraction(1e-9).numerator, Fraction(1e-9).denominator)
    check = enclosure("edge", at_the_edge, radius=Fraction(1, 10**8), method="flint")
    assert check.judge(says(1 + edge * sp.sqrt(2) / sp.sqrt(2))).points == 1
    assert check.judge(says(1 + sp.Rational(1, 2) * edge)).passed
    assert check.judge(says(1 + 2 * edge)).refuted


def test_rounded_numbers_hold_within_their_tolerance_only():
    check = enclosure("root", root_two, radius=Fraction(1, 10**20), within=Fraction(1, 2000), method="flint")
    assert check.judge(says(sp.Rational(1414, 1000))).passed
    assert check.judge(says(sp.Rational(1413, 1000))).refuted


def test_an_infinite_enclosure_is_unknown():
    def infinite(point, bits):
        from flint import arb

        return 1 / arb(0, 1)

    assert enclosure("e", infinite, radius=Fraction(1, 10), method="flint").judge(says(sp.Integer(1))).unknown == 1


def below(statement, balls):
    """x^2 - x + 3/10 > bound on a box."""
    from derive.numerics import to_arb

    t = balls[x]
    left, bound = t * t - t + to_arb(sp.Rational(3, 10)), to_arb(statement.rhs)
    return True if left > bound else (False if left < bound else None)


def test_an_inequality_is_shown_on_a_whole_interval_by_boxes():
    check = covering("parabola", below, {x: (0, 1)}, method="boxes")
    assert check.judge(says(sp.Rational(4, 100))).passed
    assert check.judge(says(sp.Rational(6, 100))).refuted
    assert check.covers == "0 <= x <= 1"


def test_too_many_boxes_leave_the_answer_unknown():
    # the minimum 1/20 is attained, so no cover decides the strict inequality
    outcome = covering("touching", below, {x: (0, 1)}, method="boxes", most_boxes=500).judge(says(sp.Rational(1, 20)))
    assert outcome.unknown == 1 and "undecided after 500 boxes" in outcome.reasons[0]


def test_the_boxes_cover_two_dimensions():
    y = sp.Symbol("y", positive=True)
    seen = []

    def test(statement, balls):
        small = all(balls[s].rad() < 0.13 for s in (x, y))
        if small:
            seen.append((balls[x], balls[y]))
        return True if small else None

    assert covering("all", test, {x: (0, 1), y: (2, 3)}, method="boxes").judge(says(sp.Integer(0))).passed
    for a in (0, Fraction(1, 3), 1):
        for b in (2, Fraction(5, 2), 3):
            point = [sp.Rational(v.numerator, v.denominator) for v in (Fraction(a), Fraction(b))]
            from derive.numerics import to_arb

            assert any(p.contains(to_arb(point[0])) and q.contains(to_arb(point[1])) for p, q in seen)


def test_an_empty_set_is_refused():
    with pytest.raises(InputError, match="empty"):
        covering("none", below, {x: (1, 1)}, method="boxes")


# --- exact checks


def test_a_symbolic_check_calls_its_route_once():
    calls = []

    def route():
        calls.append(1)
        return x**2

    check = symbolic("route", route, method="m")
    assert check.judge(says(x**2)).passed and check.judge(says(x**3)).refuted and calls == [1]


def test_a_property_is_judged_at_every_point():
    check = holds("even", lambda s, p: s.rhs.subs(p) % 2 == 0, [{x: 2}, {x: 3}, {x: 4}], method="integers")
    outcome = check.judge(says(x))
    assert (outcome.true, outcome.false, outcome.worst) == (2, 1, "x = 3")


def test_an_unknown_kind_of_check_is_refused():
    with pytest.raises(InputError, match="kinds"):
        Check("odd", "guess", "none", lambda s: [])


def test_digits_cannot_exclude_a_print():
    with pytest.raises(InputError, match="exclude a print"):
        outside(digits("root", square_root, [{x: 2}], method="mpmath"))
