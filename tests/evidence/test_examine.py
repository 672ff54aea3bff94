"""The runner itself: what must not pass does not pass, and the status is what ran."""

import pytest
from planted import DERIVE, DIGITS

from derive.errors import UnknownNameError
from derive.evidence.records import check, check_all


def found(plant, *parts, name="planted", **options):
    return check(name, proofs=plant(name, *parts, **options), use_cache=False)


def faults(record):
    return " | ".join(record.certificate.get("faults", []))


def test_a_derivation_and_a_check_that_pass_make_a_proved_claim(plant):
    record = found(plant, DERIVE, DIGITS)
    assert record.status == "proved" and record.digits == 30
    assert record.certificate["control"]["mistakes"] >= 5


def test_checks_without_a_derivation_make_a_checked_claim(plant):
    assert found(plant, DIGITS).status == "checked"


def test_a_ball_around_one_number_makes_an_enclosed_claim(plant):
    ball = """
def checks():
    def ball(point, bits):
        from flint import arb
        return arb(2).sqrt() ** 2 * 2
    yield enclosure("root", ball, radius=Fraction(1, 10**20), method="balls")
"""
    assert found(plant, ball, rhs="sp.Integer(4)").status == "enclosed"


def test_a_claim_with_nothing_to_show_is_open(plant):
    assert found(plant).status == "open"


def test_a_claim_with_a_reason_and_nothing_else_is_quoted(plant):
    record = found(plant, 'QUOTED = "the proof is long"\n')
    assert record.status == "quoted" and record.certificate["quoted"] == "the proof is long"


@pytest.mark.parametrize("rhs", ["x**2 + 2*x + 2", "x**2 + x + 1", "x**3 + 2*x + 1", "-(x + 1)**2"])
def test_a_false_statement_fails(plant, rhs):
    record = found(plant, DERIVE, DIGITS, rhs=rhs)
    assert record.status == "failed" and "'derivation' fails" in faults(record)


def test_a_false_statement_fails_without_a_derivation_too(plant):
    record = found(plant, DIGITS, rhs="x**2 + 2*x + 1 + sp.Rational(1, 10**25)")
    assert record.status == "failed" and "first at x = 1" in faults(record)


def test_a_derivation_that_nothing_else_checks_fails(plant):
    assert "only route" in faults(found(plant, DERIVE))


def test_one_symbolic_check_alone_fails_too(plant):
    lone = 'def checks():\n    yield symbolic("route", lambda: (x + 1)**2, method="typed")\n'
    assert "only route" in faults(found(plant, lone))


def test_a_check_that_does_not_look_at_the_statement_is_vacuous(plant):
    blind = 'def checks():\n    yield holds("blind", lambda s, p: True, [{x: 1}], method="none")\n'
    record = found(plant, DERIVE, blind)
    assert record.status == "failed" and "vacuous check 'blind': it passes" in faults(record)


def test_a_check_with_too_few_digits_to_see_a_mistake_is_vacuous(plant):
    coarse = DIGITS.replace("method=", "digits=1, method=")
    assert "vacuous check 'product'" in faults(found(plant, coarse))


def test_a_check_at_points_where_a_term_vanishes_is_vacuous(plant):
    at_zero = DIGITS.replace("[{x: 1}, {x: 5}]", "[{x: 0}]")
    more = 'x = sp.Symbol("x", real=True)\n'
    folder = plant("planted", at_zero)
    path = folder / "planted.py"
    path.write_text(path.read_text().replace("f = sp.Function", more + "f = sp.Function"))
    assert "vacuous check 'product'" in faults(check("planted", proofs=folder, use_cache=False))


def test_a_check_that_sees_nothing_is_vacuous(plant):
    blind = """
def checks():
    yield holds("blind", lambda s, p: s.rhs.subs(p) == 4, [{x: 1}], method="exact", sees=lambda s, t: False)
"""
    assert "no mistake in the statement concerns it" in faults(found(plant, DERIVE, blind))


def test_every_mistake_has_to_be_refused_by_some_check(plant):
    partial = """
def checks():
    def at_one(s, t):
        return s.rhs.subs(x, 1) != t.rhs.subs(x, 1)
    yield holds("at one", lambda s, p: s.rhs.subs(p) == 2, [{x: 1}], method="exact", sees=at_one)
"""
    record = found(plant, partial, rhs="1 + x**2")  # moving the exponent changes nothing at x = 1
    assert "no check refuses the statement with exponent of x**2 moved" in faults(record)


def test_a_check_without_points_fails(plant):
    empty = DIGITS.replace("[{x: 1}, {x: 5}]", "[]")
    assert "looked at no point" in faults(found(plant, DERIVE, empty))


def test_points_that_contradict_the_assumptions_do_not_count(plant):
    negative = DIGITS.replace("[{x: 1}, {x: 5}]", "[{x: -1}, {x: 0}]")
    assert "looked at no point that satisfies the assumptions" in faults(found(plant, DERIVE, negative))


def test_an_unknown_answer_is_not_a_pass(plant):
    unsure = """
def checks():
    def test(s, p):
        return None if p[x] == 2 else s.rhs.subs(p) == (p[x] + 1)**2
    yield holds("unsure", test, [{x: 1}, {x: 2}], method="exact")
"""
    record = found(plant, DERIVE, unsure)
    assert record.status == "failed" and "1 true, 0 false, 1 unknown, first at x = 2" in faults(record)


def test_overlapping_balls_are_not_a_pass(plant):
    unsure = """
def checks():
    from derive.numerics import Ball
    def test(s, p):
        return Ball(0, 1) < Ball(1, 1)
    yield holds("overlap", test, [{x: 1}], method="balls")
"""
    record = found(plant, DERIVE, unsure)
    assert record.status == "failed" and "1 unknown" in faults(record) and "Undecided" in faults(record)


def test_a_crashing_check_fails(plant):
    crash = 'def checks():\n    yield holds("crash", lambda s, p: 1/0, [{x: 1}], method="none")\n'
    assert "'crash' crashed: ZeroDivisionError" in faults(found(plant, DERIVE, crash))


def test_checks_that_cannot_even_be_listed_fail(plant):
    assert "listing the checks crashed: KeyError" in faults(found(plant, DERIVE, "def checks():\n    yield {}['a']\n"))


def test_a_crashing_derivation_fails(plant):
    record = found(plant, "def derive():\n    raise RuntimeError('no')\n", DIGITS)
    assert "'derivation' crashed: RuntimeError: no" in faults(record)


def test_a_check_that_crashes_on_a_wrong_statement_has_not_refused_it(plant):
    fragile = """
def checks():
    yield holds("fragile", lambda s, p: {4: True}[s.rhs.subs(p)], [{x: 1}], method="lookup")
"""
    assert "vacuous check 'fragile': it crashes with KeyError" in faults(found(plant, DERIVE, fragile))


def test_a_source_outside_the_bibliography_fails(plant):
    folder = plant("planted", DERIVE, DIGITS)
    path = folder / "planted.py"
    path.write_text(path.read_text().replace('Source("derive"', 'Source("hanin2081"'))
    assert "did you mean hanin2018" in faults(check("planted", proofs=folder, use_cache=False))


@pytest.mark.parametrize("text", ["1/0\n", "x = (\n", "CLAIM = 3\n", "import a_module_that_is_not_there\n"])
def test_a_proof_file_that_cannot_be_loaded_is_a_failed_claim(plant, text):
    folder = plant("good", DERIVE, DIGITS)
    (folder / "bad.py").write_text(text)
    status = {r.id: r.status for r in check_all(proofs=folder, use_cache=False)}
    assert status == {"bad": "failed", "good": "proved"}


def test_a_claim_of_another_name_than_its_file_fails(plant):
    folder = plant("one", DERIVE, DIGITS)
    (folder / "one.py").rename(folder / "two.py")
    assert "the two names must be the same" in faults(check("two", proofs=folder, use_cache=False))


def test_an_unknown_claim_names_near_matches(plant):
    with pytest.raises(UnknownNameError, match="did you mean planted"):
        check("plantd", proofs=plant("planted"), use_cache=False)


def test_a_claim_is_no_stronger_than_what_it_uses(plant):
    plant("weak", DIGITS)
    assert check("strong", proofs=plant("strong", DERIVE, DIGITS, more='uses=("weak",)'), use_cache=False).status == (
        "checked"
    )


def test_a_claim_that_uses_a_failed_one_fails(plant):
    plant("wrong", DERIVE, DIGITS, rhs="x")
    record = check("planted", proofs=plant("planted", DERIVE, DIGITS, more='uses=("wrong",)'), use_cache=False)
    assert record.status == "failed" and "uses the claim wrong, which failed" in faults(record)


def test_a_claim_that_uses_an_unknown_one_fails(plant):
    assert "which does not exist" in faults(found(plant, DERIVE, DIGITS, more='uses=("nowhere",)'))


def test_claims_that_use_each_other_fail(plant):
    plant("one", DERIVE, DIGITS, more='uses=("two",)')
    folder = plant("two", DERIVE, DIGITS, more='uses=("one",)')
    records = check_all(proofs=folder, use_cache=False)
    assert [r.status for r in records] == ["failed", "failed"] and "rests on itself" in faults(records[0])


def test_helpers_of_proofs_are_imported_relatively_and_are_no_claims(plant):
    folder = plant("planted", DERIVE, "from ._help import checks\n")
    (folder / "_help.py").write_text(
        "import mpmath, sympy as sp\nfrom derive.evidence import digits\n"
        + DIGITS.replace("def checks():", 'x = sp.Symbol("x", positive=True)\ndef checks():')
    )
    records = check_all(proofs=folder, use_cache=False)
    assert [(r.id, r.status) for r in records] == [("planted", "proved")]
