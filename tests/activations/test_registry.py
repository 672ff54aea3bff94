"""Names, parameters and text: the ways into an activation."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from derive.activations import Activation, activation, registered_activations
from derive.errors import DomainError, InputError, ParseError, UnknownNameError

x = sp.Symbol("x", real=True)
R = sp.Rational

# The functions as their authors define them, in mpmath: an independent transcription.
DEFINITIONS = {
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "arctan": mpmath.atan,
    "softsign": lambda u: u / (1 + abs(u)),
    "sin": mpmath.sin,
    "relu": lambda u: u if u > 0 else mpmath.mpf(0),
    "leaky_relu": lambda u: u if u > 0 else u / 100,
    "hard_tanh": lambda u: -1 if u < -1 else 1 if u > 1 else u,
    # Klambauer et al., Self-Normalizing Neural Networks (2017), equation (14) and the digits printed there.
    "selu": lambda u: (
        mpmath.mpf("1.0507009873554804934193349852946")
        * (u if u > 0 else mpmath.mpf("1.6732632423543772848170429916717") * mpmath.expm1(u))
    ),
    "elu": lambda u: u if u > 0 else mpmath.expm1(u),
    "gelu": lambda u: u * mpmath.ncdf(u),
    "swish": lambda u: u / (1 + mpmath.exp(-u)),
    "softplus": lambda u: mpmath.log1p(mpmath.exp(u)),
}


def test_the_registry_holds_the_promised_names():
    """The fifteen names of the design."""
    assert set(registered_activations()) == set(DEFINITIONS) | {"alpha_relu"}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_registered_functions_are_the_known_ones(name):
    """Values against the definitions above."""
    with mpmath.workdps(30):
        f = activation(name).mp()
        for at in ("-3.7", "-1", "-0.25", "0.6", "1", "2.9"):
            assert abs(f(mpmath.mpf(at)) - DEFINITIONS[name](mpmath.mpf(at))) < 1e-25


def test_selu_keeps_mean_and_variance():
    """Its two constants make E selu = 0 and E selu^2 = 1 under a standard normal (mpmath.quad), to 30 digits."""
    with mpmath.workdps(50):
        f = activation("selu").mp()
        density = lambda u: mpmath.npdf(u)  # noqa: E731
        cuts = [-mpmath.inf, -8, -3, 0, 3, 8, mpmath.inf]
        mean = mpmath.quad(lambda u: f(u) * density(u), cuts)
        square = mpmath.quad(lambda u: f(u) ** 2 * density(u), cuts)
        assert abs(mean) < mpmath.mpf(10) ** -30
        assert abs(square - 1) < mpmath.mpf(10) ** -30


@pytest.mark.parametrize("slope", [0, 1, R(1, 7), -2, 3, "sqrt(2)/3", 0.25, Fraction(2, 9)])
def test_leaky_relu_has_its_slope_on_the_left(slope):
    """Any real slope, also above 1 where Max(x, slope*x) would be another function."""
    phi = activation("leaky_relu", slope=slope)
    exact = sp.sqrt(2) / 3 if slope == "sqrt(2)/3" else sp.nsimplify(slope, rational=True)
    assert sp.simplify(phi(-3) + 3 * exact) == 0
    assert phi(5) == 5


def test_alpha_relu_is_a_power_on_the_right():
    """psi(x) = x^alpha for x > 0, else 0 (paper 000)."""
    phi = activation("alpha_relu", alpha=R(79, 100))
    assert phi(-2) == 0
    assert phi(0) == 0
    assert phi(4) == 4 ** R(79, 100)


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("leaky_relu(slope=1/7)", {"slope": "1/7"}),
        ("leaky_relu", {}),
        ("leaky_relu()", {}),
        ("alpha_relu(alpha=0.79)", {"alpha": R(79, 100)}),
        ("elu(alpha=sqrt(2))", {"alpha": sp.sqrt(2)}),
    ],
)
def test_text_and_keywords_are_the_same(text, keywords):
    """name(parameter=value) as text is name with keywords."""
    assert activation(text) == activation(text.split("(")[0], **keywords)


@pytest.mark.parametrize(
    "name",
    [
        *DEFINITIONS,
        "alpha_relu(alpha=79/100)",
        "leaky_relu(slope=1/7)",
        "leaky_relu(slope=-3)",
        "elu(alpha=sqrt(2))",
        "elu(alpha=1/3)",
    ],
)
def test_the_name_belongs_to_the_expression(name):
    """The display name is read off the expression, so equal activations print alike; str reads back."""
    phi = activation(name)
    shown = {"leaky_relu": "leaky_relu(slope=1/100)", "elu": "elu(alpha=1)"}.get(name, name)
    assert phi.name == shown
    assert str(phi) == shown
    assert activation(str(phi)) == phi
    assert Activation(phi.expr).name == shown


@pytest.mark.parametrize(
    "text", ["x*erf(x)", "x", "x**2 - 1", "Max(x, x**2)", "sin(3*x)/x", "Piecewise((x, x > 1), (1, True))", "5"]
)
def test_unregistered_functions_have_no_name_and_print_their_formula(text):
    """The formula is printed in x and reads back."""
    phi = activation(text)
    assert phi.name is None
    assert activation(str(phi)) == phi


@pytest.mark.parametrize("name", registered_activations())
def test_derivatives_print_and_read_back(name):
    """The text of a first derivative is a formula for the same function."""
    phi = activation(name, alpha="3/4") if name == "alpha_relu" else activation(name)
    again = activation(str(phi.diff()))
    assert sp.simplify(again.expr - phi.diff().expr) == 0


def test_registered_names_are_functions_in_formulas():
    """x*sigmoid(x) is swish; nesting works; families with parameters are not functions."""
    assert activation("x*sigmoid(x)") == activation("swish")
    assert activation("relu(x)") == activation("relu")
    assert activation("softplus(softplus(x))")(0) == sp.log(1 + 2)
    with pytest.raises(ParseError, match="'leaky_relu' is not a known function"):
        activation("leaky_relu(x)")


def test_any_variable_name_will_do():
    """The variable may have any name."""
    for text in ("tanh(z)", "tanh(u1)", "tanh(h)"):
        assert activation(text) == activation("tanh")
    assert activation("z") == activation("x")


@pytest.mark.parametrize(
    ("wrong", "right"), [("tahn", "tanh"), ("Relu", "relu"), ("sigmiod", "sigmoid"), ("hardtanh", "hard_tanh")]
)
def test_near_matches_are_listed(wrong, right):
    """A misspelt name says what was meant."""
    with pytest.raises(UnknownNameError, match=rf"'{wrong}'; did you mean .*{right}"):
        activation(wrong)


def test_a_name_like_no_other_lists_all():
    """Without a near match the message lists the names."""
    with pytest.raises(UnknownNameError, match="alpha_relu, arctan, elu"):
        activation("zzzzzz")


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "words"),
    [
        (("tanh",), {"slope": 1}, InputError, "tanh has no parameter 'slope'; it takes no parameters"),
        (("leaky_relu",), {"alpha": 1}, InputError, "it takes slope"),
        (("alpha_relu",), {}, InputError, "needs its parameter: alpha_relu\\(alpha=...\\)"),
        (("alpha_relu",), {"alpha": float("nan")}, DomainError, "alpha = nan"),
        (("alpha_relu",), {"alpha": True}, DomainError, "alpha = True"),
        (("alpha_relu",), {"alpha": sp.Symbol("a")}, DomainError, "alpha = a"),
        (("alpha_relu",), {"alpha": "-1/2"}, DomainError, "alpha must exceed -1/2"),
        (("leaky_relu",), {"slope": 1j}, DomainError, "slope = 1j"),
        (("leaky_relu",), {"slope": [1]}, InputError, "slope"),
        (("leaky_relu(slope=1)",), {"slope": 2}, InputError, "given in the text and beside it"),
        ((sp.tanh(x),), {"slope": 2}, InputError, "go with a registered name"),
        ((mpmath.tanh,), {}, InputError, "is a Python function"),
        ((None,), {}, InputError, "not a number"),
        (([1],), {}, InputError, "not a number"),
        ((float("nan"),), {}, DomainError, "not finite"),
        (("x*y",), {}, InputError, "has x, y"),
        (("leaky_relu(1/100)",), {}, ParseError, "'leaky_relu' is not a known function"),
        (("nothing(a=1)",), {}, UnknownNameError, "no activation is called 'nothing'"),
    ],
)
def test_unfit_input_is_refused_with_the_value_and_the_remedy(arguments, keywords, error, words):
    """One clear message for each kind of mistake."""
    with pytest.raises(error, match=words):
        activation(*arguments, **keywords)
