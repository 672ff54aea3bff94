"""Printed forms: confirmed, conditional, refuted, and the ways to claim one of these wrongly."""

from planted import DERIVE, DIGITS

from derive.evidence.records import check, errata

JUDGE = """
def agrees(points):
    return holds("exact values", lambda s, p: sp.expand(s.rhs.subs(p) - (p[x] + 1)**2) == 0, points, method="integers")
"""


def record(plant, statement, printed_checks, condition=""):
    more = f'printed=Printed("as printed", {statement}, "{condition}")'
    body = JUDGE + "def printed_checks():\n" + "".join(f"    yield {c}\n" for c in printed_checks)
    return check("planted", proofs=plant("planted", DERIVE, DIGITS, body, more=more), use_cache=False)


POINTS = "agrees([{x: 1}, {x: 2}])"


def test_a_print_that_holds_is_confirmed(plant):
    found = record(plant, "sp.Eq(f(x), (x + 1)**2)", [POINTS])
    assert (found.status, found.printed_status) == ("proved", "confirmed")


def test_a_print_excluded_by_an_exact_case_is_refuted(plant):
    found = record(plant, "sp.Eq(f(x), x**2 + 1)", [POINTS])
    assert (found.status, found.printed_status) == ("proved", "refuted")
    assert found.certificate["printed"]["checks"][0]["worst"] == "x = 1"


def test_a_print_excluded_by_digits_only_is_not_refuted(plant):
    by_digits = 'digits("d", lambda p, d: (p[x] + 1)**2, [{x: 1}], method="numbers")'
    found = record(plant, "sp.Eq(f(x), x**2 + 1)", [by_digits])
    assert found.status == "failed" and "is not excluded by 'd'" in found.certificate["faults"][0]


def test_a_check_that_refuses_everything_refutes_nothing(plant):
    found = record(plant, "sp.Eq(f(x), x**2 + 1)", ['holds("no", lambda s, p: False, [{x: 1}], method="none")'])
    assert found.status == "failed" and "does not accept what is true" in found.certificate["faults"][0]


def test_a_check_that_accepts_everything_confirms_nothing(plant):
    found = record(plant, "sp.Eq(f(x), x**2 + 1)", ['holds("yes", lambda s, p: True, [{x: 1}], method="none")'])
    assert found.status == "failed" and "vacuous check 'yes'" in found.certificate["faults"][0]


def test_an_unknown_answer_neither_confirms_nor_refutes(plant):
    found = record(plant, "sp.Eq(f(x), x**2 + 1)", ['holds("?", lambda s, p: None, [{x: 1}], method="none")'])
    assert found.status == "failed"


def test_a_print_without_checks_fails(plant):
    found = record(plant, "sp.Eq(f(x), x**2 + 1)", ["from ()"])
    assert found.status == "failed" and "judged by no check" in found.certificate["faults"][0]


def test_a_sentence_has_to_be_put_as_a_relation(plant):
    found = record(plant, "None", [POINTS])
    assert found.status == "failed" and "put as a relation" in found.certificate["faults"][0]


WITHIN = """under(holds("at one", lambda s, p: s.rhs.subs(p) == 4, [{x: 1}], method="integers",
               sees=lambda s, t: (s.rhs - t.rhs).subs(x, 1) != 0))"""


def test_a_print_that_holds_under_a_condition_is_conditional(plant):
    found = record(plant, "sp.Eq(f(x), sp.Integer(4))", [WITHIN, "outside(agrees([{x: 3}]))"], "x = 1")
    assert (found.status, found.printed_status) == ("proved", "conditional")


def test_a_conditional_print_needs_all_its_parts_seen(plant):
    # at x = 1 nobody can tell 4*x from 4*x**2
    found = record(plant, "sp.Eq(f(x), 4*x)", [WITHIN, "outside(agrees([{x: 3}]))"], "x = 1")
    assert found.status == "failed" and "no check refuses" in found.certificate["faults"][0]


def test_a_condition_needs_checks_on_both_sides(plant):
    found = record(plant, "sp.Eq(f(x), sp.Integer(4))", [WITHIN], "x = 1")
    assert found.status == "failed" and "under it and outside it" in found.certificate["faults"][0]


def test_without_a_condition_there_is_no_outside(plant):
    found = record(plant, "sp.Eq(f(x), sp.Integer(4))", [WITHIN, "outside(agrees([{x: 3}]))"])
    assert found.status == "failed"


def test_a_print_equal_to_the_claim_needs_to_be_told_what_is_true_outside(plant):
    same = "sp.Eq(f(x), (x + 1)**2)"
    inside = "under(agrees([{x: Fraction(1, 2)}, {x: 1}]))"
    beyond = 'holds("three", lambda s, p: s.rhs.subs(x, 3) == 17, [{}], method="integers")'
    found = record(plant, same, [inside, f"outside({beyond})"], "x < 2")
    assert found.status == "failed" and "does not accept what is true there" in found.certificate["faults"][0]
    found = record(plant, same, [inside, f"outside({beyond}, truth=sp.Eq(f(x), sp.Integer(17)))"], "x < 2")
    assert found.printed_status == "conditional", found.certificate["faults"]


def test_errata_are_the_refuted_and_the_conditional_prints(plant, tmp_path):
    from derive.evidence.certificate import write_certificate

    found = record(plant, "sp.Eq(f(x), x**2 + 1)", [POINTS])
    folder = tmp_path / "proofs"
    write_certificate(folder / "certificates", found.certificate)
    plant("other", DERIVE, DIGITS)
    assert [r.id for r in errata(folder)] == ["planted"]
