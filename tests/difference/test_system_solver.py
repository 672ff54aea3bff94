"""Triangular systems: each kind of driven state reaches its solver and agrees with iterating the system."""

import mpmath
import pytest
import sympy as sp

from derive.difference import Expansion, LinearSolution
from derive.errors import InputError, UnsupportedError
from derive.system import RecurrenceSystem

x, q, s, u, chi, e = sp.symbols("x q s u chi e", positive=True)
SYSTEM = RecurrenceSystem(
    [
        (x, x + 1 / x),
        (q, 2 * x + 1),
        (s, s + 1 / x**2),
        (u, u + 1 / q**2),
        (chi, (1 + 1 / x**2) * chi),
        (e, e - e / x**2 + e**2 / x**2 + 1 / x**4),
    ]
)


def iterate(n, start):
    names = list(SYSTEM.states)
    step = sp.lambdify(names, [SYSTEM[v] for v in names], "mpmath")
    values = [mpmath.mpf(start[v]) for v in names]
    for _ in range(n):
        values = step(*values)
    return dict(zip(names, values, strict=True))


def test_each_state_reaches_the_solver_its_update_calls_for():
    assert isinstance(SYSTEM.asymptotics("x", terms=2), Expansion)
    assert isinstance(SYSTEM.asymptotics("q", terms=2), Expansion)
    assert SYSTEM.asymptotics(s, terms=2).constant is not None
    assert SYSTEM.asymptotics("u", terms=2).constant is not None
    assert isinstance(SYSTEM.asymptotics("chi", terms=2), LinearSolution)
    assert type(SYSTEM.asymptotics("e", terms=2)).__name__ == "Transseries"


def test_values_at_depth_agree_with_iterating_the_system():
    with mpmath.mp.workdps(30):
        found = iterate(1000, {x: 2, q: 5, s: 0, u: 0, chi: 1, e: 0})
        for name in ("x", "q", "s"):
            value = SYSTEM.asymptotics(name, terms=3).at(1000, 2, digits=20)
            assert abs(mpmath.mpf(value._mpf_) / found[sp.Symbol(name, positive=True)] - 1) < 1e-18
        value = SYSTEM.asymptotics("chi", terms=3).at(1000, 2, 1, digits=18)
        assert abs(mpmath.mpf(value._mpf_) / found[chi] - 1) < 1e-16


def test_a_state_driven_by_an_output_runs_one_step_late():
    # u_n differs from the sum over the states one step earlier by a constant only
    law = SYSTEM.asymptotics("u", terms=4)
    with mpmath.mp.workdps(30):
        c = law.constant_value(2, digits=25)
        at = lambda n: law.evaluate(n, c, digits=25, params={law.constant: 0})  # noqa: E731
        start = {x: 2, q: 5, s: 0, u: 0, chi: 1, e: 0}
        near, far = (iterate(n, start)[u] - at(n)[0] for n in (500, 2000))
        assert abs(far - near) < 10 * at(500)[1] < 1e-6
        assert abs(far) > 0.1  # the constant that the two have between them


def test_what_the_solvers_do_not_cover_is_named():
    tangled = RecurrenceSystem([(x, x + 1 / x), (s, s + 1 / x), (u, u + s / x)])
    with pytest.raises(UnsupportedError, match="driven by s, x"):
        tangled.asymptotics("u")
    with pytest.raises(InputError, match="no state z"):
        SYSTEM.asymptotics("z")
    n = sp.Symbol("n")
    with pytest.raises(UnsupportedError, match="index"):
        RecurrenceSystem([(x, x + 1 / n)], index=n).asymptotics("x")
    with pytest.raises(InputError, match="triangular"):
        RecurrenceSystem([(x, x + u), (u, u + x)]).asymptotics("x")
