"""Expansions in files: round trips, and files that are damaged or hostile."""

import json

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.difference import Expansion, Recurrence, SeriesMap
from derive.difference.storage import decode, encode
from derive.errors import DeriveError, InputError, OutputError, ParseError, UnsupportedError

x = sp.Symbol("x", positive=True)
a, b = sp.symbols("a b", positive=True)

leaves = st.one_of(
    st.fractions(-50, 50, max_denominator=30).map(lambda f: sp.Rational(f.numerator, f.denominator)),
    st.sampled_from([x, a, sp.pi, sp.E, sp.Symbol("n", positive=True, integer=True), sp.EulerGamma]),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda t: t[0] + t[1]),
        st.tuples(inner, inner).map(lambda t: t[0] * t[1]),
        inner.map(sp.exp),
        inner.map(lambda e: sp.sqrt(1 + e**2)),
        inner.map(lambda e: sp.atan(e) + sp.erf(e)),
    ),
    max_leaves=6,
)


@given(expressions)
@settings(deadline=None)
def test_encoding_is_undone_by_decoding(expr):
    assert decode(json.loads(json.dumps(encode(expr)))) == expr


def test_an_expansion_survives_the_file(tmp_path):
    path = tmp_path / "law.json"
    law = Recurrence(x, x + a * sp.sqrt(x) + b * sp.log(1 + 1 / x), params={a: "1/3"}).asymptotics(terms=4)
    law.save(path)
    back = Expansion.load(path)
    assert back == law and back.expr == law.expr and back.abel == law.abel
    assert back.at(10**6, 2, params={b: 2}) == law.at(10**6, 2, params={b: 2})
    total = law.sum(1 / x)
    total.save(path)
    assert Expansion.load(path).at(10**4, 2, params={b: 2}) == total.at(10**4, 2, params={b: 2})


def test_a_map_that_cannot_be_written_is_left_out_and_missed_when_it_is_needed(tmp_path):
    path = tmp_path / "law.json"
    law = Recurrence(x, SeriesMap(x, lambda order: x + 1 / x)).asymptotics(terms=3)
    law.save(path)
    back = Expansion.load(path)
    assert back.expr == law.expr
    with pytest.raises(UnsupportedError, match="loaded from a file"):
        back.at(10**6, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "derive expansion", "version": 1}',
        '{"format": "derive expansion", "version": 99}',
        "[" * 10**5,
    ],
)
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ParseError):
        Expansion.load(path)


@pytest.mark.parametrize(
    "data",
    [
        ["os.system", ["Symbol", "x", []]],
        ["Symbol", "__import__('os')", []],
        ["Symbol", "x", ["evil"]],
        ["Integer", "1e9"],
        ["Integer", "1" * 200_000],
        ["eval", "1"],
        "x",
        None,
        [["Add"]],
    ],
    ids=str,
)
def test_only_known_heads_are_built(data):
    with pytest.raises(ParseError):
        decode(data)


def test_an_unwritable_place_leaves_no_file_behind(tmp_path):
    law = Recurrence(x, x + 1).asymptotics(terms=2)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        law.save(tmp_path / "file" / "law.json")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    with pytest.raises(InputError, match="cannot be read"):
        Expansion.load(tmp_path / "law.json")
    assert issubclass(OutputError, DeriveError)
