"""Every public entry that takes text, numbers or names, called with values it was not made for.

A call gives a result without NaN or raises a DeriveError; any other exception fails the test.  The wide versions are
marked slow and stop a call that computes longer than five minutes.
"""

from __future__ import annotations

import random
import signal
import sys

import pytest
from hostile import BAD, CHEAP, COSTLY, ENTRIES, SANE, attempt
from hypothesis import given, settings
from hypothesis import strategies as st

SECONDS = 300  # of the processor's time (a busy machine is no hang); the slowest refusal seen took 180


def _one_bad(kinds: tuple[str, ...]) -> st.SearchStrategy[tuple]:
    """The first sane value of every kind, but one argument bad."""
    rows = [
        st.tuples(*(st.sampled_from(BAD[k]) if i == bad else st.just(SANE[k][0]) for i, k in enumerate(kinds)))
        for bad in range(len(kinds))
    ]
    return st.one_of(rows)


def _any(kinds: tuple[str, ...]) -> st.SearchStrategy[tuple]:
    return st.tuples(*(st.sampled_from(SANE[k] + BAD[k]) for k in kinds))


@pytest.mark.parametrize("name", sorted(CHEAP))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_values_give_an_answer_or_a_named_error(name, data):
    """All arguments hostile or sane, independently."""
    attempt(name, data.draw(_any(CHEAP[name][1])))


@pytest.mark.parametrize("name", sorted(COSTLY))
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_one_bad_value_gives_an_answer_or_a_named_error(name, data):
    """One argument bad, the others sane, so that it meets the code behind the first checks."""
    attempt(name, data.draw(_one_bad(COSTLY[name][1])))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.floats(), st.integers(), st.fractions(), st.decimals(), st.complex_numbers(), st.text(max_size=20)))
def test_any_number_is_read_exactly_or_refused(value):
    """Floats of every size, NaN, huge integers, decimals, complex numbers and text."""
    attempt("Ball", (value, 1))
    attempt("activation(parameter)", (value,))


class _Hang(BaseException):
    """Not an Exception, so that nobody swallows it."""


def _stop(*_):
    raise _Hang


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGPROF")
def test_a_hundred_thousand_calls_end_in_an_answer_or_a_named_error():
    """All kinds of entries; the costly ones get a hundredth of the calls."""
    draw, before = random.Random(2024), signal.signal(signal.SIGPROF, _stop)
    try:
        for i in range(100_000):
            name = draw.choice(sorted(COSTLY if i % 100 == 0 else CHEAP))
            kinds = ENTRIES[name][1]
            values = [draw.choice((SANE if draw.random() < 0.6 else BAD)[kind]) for kind in kinds]
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                attempt(name, values)
            except (Exception, _Hang) as error:
                raise AssertionError(f"call {i}: {name}({values!r:.300}): {type(error).__name__} {error}") from error
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
    finally:
        signal.signal(signal.SIGPROF, before)
