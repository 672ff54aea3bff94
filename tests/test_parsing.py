"""Text becomes an exact formula, or a ParseError that says where and what to do: nothing else can happen."""

from __future__ import annotations

import sys
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive.errors import InputError, ParseError
from derive.formula_limits import MAX_BITS
from derive.parsing import parse, parse_call, parse_number
from derive.vocabulary import FUNCTIONS, ROUGH

x, y = sp.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.37", Fraction(37, 100)),
        ("1e-9", Fraction(1, 10**9)),
        (".5", Fraction(1, 2)),
        ("2.", Fraction(2)),
        ("1.25E+2", Fraction(125)),
        ("-7/3", Fraction(-7, 3)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("123456789012345678901234567890.5", Fraction(246913578024691357802469135781, 2)),
        ("1 - 1e-30", 1 - Fraction(1, 10**30)),
    ],
)
def test_decimal_numbers_are_exact(text, value):
    """A decimal literal is the fraction it spells, whatever a float would make of it."""
    number = parse_number(text)
    assert number.is_Rational
    assert Fraction(int(number.p), int(number.q)) == value


@given(st.integers(-(10**12), 10**12), st.integers(0, 40))
def test_any_decimal_is_read_as_python_decimal_reads_it(units, places):
    """Digits with an exponent agree with the fractions module, which reads decimals on its own."""
    text = f"{units}e-{places}"
    number = parse_number(text)
    assert Fraction(int(number.p), int(number.q)) == Fraction(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x*erf(0.5*x)", x * sp.erf(x / 2)),
        ("(1 - exp(-2*x))/(1 + exp(-2*x))", (1 - sp.exp(-2 * x)) / (1 + sp.exp(-2 * x))),
        ("arctan(x)/pi + E", sp.atan(x) / sp.pi + sp.E),
        ("-x**2", -(x**2)),
        ("2**-x", 2 ** (-x)),
        ("x - y - 3", x - y - 3),
        ("x/y/2", x / y / 2),
        ("+x", x),
        ("max(0, x) + min(x, y) + abs(x)", sp.Max(0, x) + sp.Min(x, y) + sp.Abs(x)),
        ("Piecewise((x, x > 0), (exp(x) - 1, True))", sp.Piecewise((x, x > 0), (sp.exp(x) - 1, True))),
        ("Heaviside(x) + Heaviside(x, 1)", sp.Heaviside(x) + sp.Heaviside(x, 1)),
        ("ln(x**2 + 1)*sqrt(2)", sp.log(x**2 + 1) * sp.sqrt(2)),
        ("  x\n + 1\t", x + 1),
        ("sqrt(x**2)", sp.Abs(x)),
    ],
)
def test_formulas_are_what_sympy_would_build(text, expected):
    """The expression equals the one written in Python with SymPy."""
    assert parse(text) == expected


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_of_the_vocabulary_agrees_with_its_rough_value(name):
    """SymPy's constructor and mpmath's counterpart of each table row are the same function (mpmath is the source)."""
    arguments = ["0.3", "0.4"] if FUNCTIONS[name].arguments[0] <= 2 <= FUNCTIONS[name].arguments[1] else ["0.3"]
    if name in ("acosh", "arccosh", "acoth", "arcoth"):
        arguments = ["1.7"]
    value = parse_number(f"{name}({', '.join(arguments)})")
    rough = FUNCTIONS[name].rough(*(ROUGH.mpf(a) for a in arguments))
    assert abs(ROUGH.mpf(value.evalf(40)._mpf_) - rough) < ROUGH.mpf(10) ** -38


def test_symbols_are_real_and_plain_by_default():
    """Without a table of names an identifier is a real symbol."""
    assert parse("sigma_w2*q").free_symbols == {sp.Symbol("sigma_w2", real=True), sp.Symbol("q", real=True)}


def test_a_table_of_names_decides_what_a_name_means():
    """Names map to the caller's symbols, even where a function has the same name; other names are refused."""
    gamma, q = sp.Symbol("gamma", positive=True), sp.Symbol("q", positive=True)
    assert parse("gamma + gamma(5)*q", names={"gamma": gamma, "q": q}) == gamma + 24 * q
    with pytest.raises(ParseError, match=r"'p' is not known here; known names: gamma, q"):
        parse("p + q", names={"gamma": gamma, "q": q})


def test_more_functions_can_be_allowed():
    """The caller may add functions of one argument."""
    assert parse("twice(x)**2", functions={"twice": lambda u: 2 * u}) == 4 * x**2


HOSTILE = {
    "import": "__import__('os').system('true')",
    "attribute": "x.__class__",
    "method": "x.subs(x, 1)",
    "subscript": "x[0]",
    "string": "'x'",
    "double-quoted": '"x"',
    "f-string": "f'{x}'",
    "bytes": "b'x'",
    "lambda": "lambda: 1",
    "lambda-call": "(lambda x: x)(1)",
    "comprehension": "[x for x in y]",
    "generator": "Max(*(x for x in y))",
    "walrus": "(x := 3)",
    "assignment": "x = 3",
    "keyword argument": "exp(x=1)",
    "star": "Max(*x)",
    "dict": "{1: 2}",
    "tuple": "(x, y)",
    "conditional": "x if x else y",
    "boolean": "x and y",
    "not": "not x",
    "comparison": "x < 3",
    "complex literal": "1j",
    "imaginary unit": "I*x",
    "infinity": "oo",
    "nan": "nan + 1",
    "true": "True",
    "none": "None",
    "ellipsis": "...",
    "dunder": "__builtins__",
    "underscore": "_x",
    "python keyword": "class + 1",
    "await": "await x",
    "statement": "import os",
    "two statements": "x; y",
    "comment": "x # y",
    "null byte": "x\0",
    "newline tricks": "x\\\n+y",
    "unicode minus": "x \N{MINUS SIGN} 1",
    "cyrillic x": "\N{CYRILLIC SMALL LETTER HA} + 1",
    "fullwidth": "\N{FULLWIDTH LATIN SMALL LETTER X}",
    "unicode digit": "\N{ARABIC-INDIC DIGIT FIVE}",
    "math italic": "\N{MATHEMATICAL ITALIC SMALL X}",
    "right-to-left": "x\N{RIGHT-TO-LEFT OVERRIDE}",
    "unknown function": "system(x)",
    "sympify": "sympify(x)",
    "eval": "eval(x)",
    "function as a symbol": "sin + 1",
    "call of a symbol": "x(y)",
    "call of a number": "2(x)",
    "matrix product": "x @ y",
    "remainder": "x % 2",
    "floor division": "x // 2",
    "shift": "x << 2",
    "bits": "~x",
    "factorial sign": "x!",
    "empty": "",
    "blank": "   ",
    "unbalanced": "(x",
    "closing": "x)",
    "crossed": ")x(",
    "empty brackets": "()",
    "missing operand": "x +",
    "hexadecimal": "0x10",
    "octal": "007",
    "underscored number": "1_000",
    "implicit product": "2x",
    "decimal comma": "1,5",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_that_is_no_formula_is_refused(text):
    """Code, foreign characters and broken formulas are refused, in every entrance."""
    for entrance in (parse, parse_number):
        with pytest.raises(ParseError):
            entrance(text)


BOMBS = {
    "power tower": "10**10**10",
    "four nines": "9**9**9**9",
    "negative tower": "2**-10**10",
    "squared powers": "((2*x)**1000)**1000",
    "symbol tower": "x**x**x**x**x",
    "exponentials": "exp(exp(exp(1000)))",
    "exponentials of a symbol": "exp(exp(exp(x)))",
    "factorial": "gamma(10**9)",
    "hyperbolic": "sinh(10**9)",
    "sine of a huge number": "sin(exp(9999))",
    "million brackets": "(" * 10**6 + ")" * 10**6,
    "ten thousand brackets": "(" * 4000 + "x" + ")" * 4000,
    "hundred brackets": "(" * 100 + "x" + ")" * 100,
    "function nest": "Abs(" * 100 + "x" + ")" * 100,
    "signs": "-" * 5000 + "x",
    "alternating signs": "x" + "**-x" * 700,
    "long": "x+" * 10**6 + "x",
    "many terms": "+".join(["x"] * 3000),
    "many maxima": "Max(" + ",".join(["x"] * 10**5) + ")",
    "nested maxima": "Max(x," * 40 + "x" + ")" * 40,
    "many branches": "Piecewise(" + "(x, x > 1)," * 100 + "(x, True))",
    "digits": "1" * 5000,
    "decimal digits": "0." + "1" * 5000,
    "decimal exponent": "1e999999999",
    "decimal exponent digits": "1e" + "9" * 5000,
    "long name": "a" * 5000,
    "fine root": "135**0.790001",
    "fine root as exponential": "exp(0.790001*log(135))",
    "fine root of a product": "(135*x)**0.723456789",
    "merging roots": "12**(996/997)*12**(990/991)*12**(982/983)",
    "nested roots": "((12*x)**(996/997))**(990/991)",
    "vanishing radicals": "1/(sqrt(5 + 2*sqrt(6)) - sqrt(2) - sqrt(3))",
    "equal radicals": "Max(sqrt(5 + 2*sqrt(6)), sqrt(2) + sqrt(3))",
    "equal radicals in a condition": "Piecewise((x, sqrt(5 + 2*sqrt(6)) < sqrt(2) + sqrt(3)), (1, True))",
    "case distinction in a condition": "Piecewise((x, Piecewise((1, x > 0), (2, True)) < x), (1, True))",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_text_that_would_exhaust_time_or_memory_is_refused(text):
    """Short text for huge numbers, and huge text, end in a short ParseError."""
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x^2", "write ** for a power"),
        ("2x + 1", "2*x"),
        ("foo(x)", "'foo' is not a known function"),
        ("1/(x - x)", "division by zero"),
        ("sqrt(-1)", "not a real number"),
        ("(-8)**(1/3)", "not a real number"),
        ("log(0)", "not a finite number"),
        ("gamma(-3)", "not a finite number"),
        ("asin(2)", "not a real number"),
        ("0**0", "not a finite number"),
        ("tan(pi/2)", "not a finite number"),
        ("Max()", "takes 1 to 16 arguments, not 0"),
        ("exp(x, y)", "takes 1 argument, not 2"),
        ("exp", "needs its argument"),
        ("Piecewise((x, x > 0))", "last condition of a Piecewise must be True"),
        ("Piecewise((x, True), (1, x > 0), (2, True))", "is not a single comparison"),
        ("Piecewise((x, 0 < x < 1), (2, True))", "is not a single comparison"),
        ("Piecewise(x, True)", "is not a branch"),
        ("x \N{GREEK SMALL LETTER PI}", "GREEK SMALL LETTER PI"),
        (3, "a formula is text, not int"),
        (None, "a formula is text, not NoneType"),
        (b"x", "a formula is text, not bytes"),
    ],
)
def test_the_message_says_what_is_wrong(text, words):
    """The message names the piece and the remedy."""
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert words in str(caught.value)


def test_the_message_gives_the_position():
    """Positions count characters from 1."""
    with pytest.raises(ParseError, match="at position 5"):
        parse("1 + $")
    with pytest.raises(ParseError, match="at position 8"):
        parse("x + (1/0)")


def test_a_parse_error_is_an_input_error_and_a_value_error():
    """Callers may catch the package's input errors or Python's ValueError."""
    with pytest.raises(InputError):
        parse("x +")
    with pytest.raises(ValueError, match="cannot read"):
        parse("x +")


def test_numbers_may_be_closed_forms_but_hold_no_symbols():
    """parse_number keeps sqrt(2)/3 exact and refuses a name."""
    assert parse_number("sqrt(2)/3") == sp.sqrt(2) / 3
    assert parse_number("pi/2") == sp.pi / 2
    with pytest.raises(ParseError, match="this must be a number"):
        parse_number("x/2")


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("tanh", "tanh", {}),
        (" relu() ", "relu", {}),
        ("alpha_relu(alpha=79/100)", "alpha_relu", {"alpha": sp.Rational(79, 100)}),
        ("f(a=(1 + 2)*3, b=.5)", "f", {"a": sp.Integer(9), "b": sp.Rational(1, 2)}),
        ("f(a=Max(1, 2))", "f", {"a": sp.Integer(2)}),
    ],
)
def test_a_call_is_a_name_with_exact_numbers(text, name, values):
    """Named arguments are numbers, exact; commas inside brackets belong to the number."""
    assert parse_call(text) == (name, values)


@pytest.mark.parametrize(
    "text",
    [
        "f(1)",
        "f(a=1, a=2)",
        "f(a=x)",
        "f(a=1)(b=2)",
        "f(a=)",
        "f(,)",
        "f a=1",
        "3",
        "f(a==1)",
        "f(a='1')",
        "f(a=1",
        "__f(a=1)",
    ],
)
def test_a_broken_call_is_refused(text):
    """Positional, repeated, symbolic and nested arguments are refused."""
    with pytest.raises(ParseError):
        parse_call(text)


def test_limits_leave_room_for_honest_formulas():
    """A sum of 400 products and a number of 1000 digits are read."""
    assert parse("+".join(f"x**{k}*y" for k in range(400))).subs({x: 1, y: 1}) == 400
    assert parse_number("7" * 1000) == int("7" * 1000)


def test_numbers_formed_on_the_way_can_be_printed():
    """The largest number the parser builds stays below Python's limit on printing integers."""
    assert sys.int_info.default_max_str_digits > MAX_BITS * 0.30103
    assert str(parse("2**999*3**900"))


_LEAVES = st.sampled_from(["x", "y", "0", "1", "2", "-1", "0.5", "10", "7/3", "1000", "1e-9", "1e300", "pi", "E"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operation = st.builds(
        "({})".format, st.builds("{}{}{}".format, inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner)
    )
    single = [name for name, entry in FUNCTIONS.items() if entry.arguments[0] == 1]
    call = st.builds("{}({})".format, st.sampled_from(single), inner)
    extreme = st.builds("{}({},{})".format, st.sampled_from(["Max", "Min", "Heaviside"]), inner, inner)
    cases = st.builds(
        "Piecewise(({},{}{}{}),({},True))".format, inner, inner, st.sampled_from(["<", ">", "<=", ">="]), inner, inner
    )
    return st.one_of(operation, operation, call, extreme, cases)


def _read(text: str) -> sp.Expr | None:
    try:
        found = parse(text)
    except ParseError as error:
        assert str(error)
        return None
    assert isinstance(found, sp.Expr)
    assert not found.has(sp.nan, sp.zoo, sp.oo)
    return found


@settings(max_examples=300, deadline=None)
@given(st.recursive(_LEAVES, _grown, max_leaves=14))
@example("((7/3)+(1e-9))**(1e-9)")
@example("csc(erfi(1000))")
@example("Abs(Max(1000+asin(Piecewise((-1,0.5>=1000),(1e300,True)))))")
def test_grammatical_text_gives_an_expression_or_a_parse_error(text):
    """Whatever the grammar allows is built or refused; no other error, no infinite or undefined value gets out."""
    _read(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
@example("\ud800")
@example("x" + "\x00" * 5)
def test_any_text_gives_an_expression_or_a_parse_error(text):
    """Arbitrary Unicode, surrogates included."""
    _read(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_give_an_expression_or_a_parse_error(data):
    """Random bytes read as Latin-1."""
    _read(data.decode("latin-1"))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="xyE019.+-*/(),<>= eMaxPiecwsTru", max_size=40))
def test_text_of_the_right_letters_gives_an_expression_or_a_parse_error(text):
    """Text made of the language's own letters comes closest to its gaps."""
    _read(text)


@settings(max_examples=150, deadline=None)
@given(st.recursive(_LEAVES, _grown, max_leaves=8))
def test_printed_expressions_are_read_back(text):
    """str of an expression is a formula again, with the same value at a point (SymPy may order terms differently)."""
    found = _read(text)
    if found is None or found.has(sp.Piecewise, sp.I):
        return
    again = _read(str(found))
    if again is not None and again != found:
        point = {x: sp.Rational(3, 7), y: sp.Rational(5, 11)}
        assert abs((again - found).subs(point).evalf(20)) <= 1e-15 * (1 + abs(found.subs(point).evalf(20)))
