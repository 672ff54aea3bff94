"""Hostile values and the public entries that must stand them: the material of the fuzz tests.

An entry is a function and the kinds of its arguments.  A kind has sane values, so that calls get past the first check,
and bad ones.  Whatever is drawn, an entry returns something sane or raises a DeriveError (see ``verdict``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

import derive as dv

_TEXT = [
    "__import__('os').system('true')",
    "1e999999999",
    "9**9**9",
    "(" * 80 + "1" + ")" * 80,
    "\u0665",
    "\uff11",
    "",
    " ",
    "nan",
    "inf",
    "-inf",
    "oo",
    "1_000",
    "0x10",
    "1j",
    "x",
    "x.__class__",
    "1/0",
    "0**0",
    "sqrt(-1)",
    "\x00",
    "\ud800",
    "1;2",
    "1,5",
    "None",
    "True",
    "lambda: 1",
    "[1]",
    "{}",
    "a" * 5000,
    "1" * 5000,
    "-" * 500 + "1",
    "e",
    "E",
    "I",
    "zeta(1)",
    "gamma(-1)",
    "tanh(",
    "log(0)",
    "1e-400",
    "1e400",
    "../..",
    "~",
    "\u202e1",
    "-0",
    "-0.0",
    "+1",
    "%s%n",
]
_ODD = [
    None,
    True,
    False,
    np.bool_(True),
    1j,
    complex(1, 0),
    float("nan"),
    float("inf"),
    -float("inf"),
    np.nan,
    np.float64("inf"),
    sp.nan,
    sp.oo,
    -sp.oo,
    sp.zoo,
    sp.I,
    sp.Symbol("z"),
    sp.true,
    sp.Interval(0, 1),
    Decimal("NaN"),
    Decimal("Infinity"),
    [],
    [1],
    (),
    (1, 2),
    {},
    {1},
    b"1",
    object(),
    type,
    np.array([]),
    np.array([1.0, np.nan]),
    np.array("a"),
    np.datetime64("2020"),
    np.ma.masked,
    range(3),
    lambda: 1,
    Ellipsis,
]
_EXTREME = [
    -0.0,
    0,
    0.0,
    1e-320,
    1e308,
    -1e308,
    10**400,
    -(10**400),
    Fraction(1, 10**400),
    Fraction(-1, 3),
    -1,
    2**63,
    2**64,
    10**18,
    Decimal("1e-50"),
    Decimal(10),
    np.float32(0.1),
    np.float16(3),
    np.int8(-5),
    np.uint8(200),
    np.longdouble(1) / 3,
    np.array(0.5),
    np.array([[1, 2], [3, 4]]),
    np.array([0.5]),
    sp.pi,
    sp.sqrt(2) - sp.Rational(141421356, 10**8),
    sp.Float("1e-500", 50),
    sp.exp(-1000),
    sp.sqrt(5 + 2 * sp.sqrt(6)) - sp.sqrt(2) - sp.sqrt(3),
    1 + 2.0**-52,
    5e-324,
    "1e300",
    "1/3",
    "2**900",
    "exp(-100)",
    0.1,
    1e16,
]

SANE: dict[str, list[Any]] = {
    "number": [1, 0.5, "0.77", Fraction(1, 3), 2, 1e-9, sp.Rational(7, 5)],
    "variance": [1, 0.5, "0.77", 2, 0, 1.3],
    "correlation": [0.5, 0, "-1/3", 1, -1, 0.999, "1 - 1e-30"],
    "alpha": ["3/4", 0.6, "0.9", 1, 2],
    "phi": ["tanh", "relu", "erf", "x*erf(x)", "alpha_relu(alpha=3/4)", "leaky_relu", "sin(x)", "x**3", "gelu", "x"],
    "count": [1, 2, 5, 10],
    "depth": [1, 2, 10, 1000, 10**12, "100"],
    "digits": [1, 5, 15, 30],
    "text": ["x + 1", "tanh(x)", "2*x", "x/3", "1/2"],
    "call": ["tanh", "alpha_relu(alpha=3/4)"],
    "quantity": ["p", "q", "e", "gamma", "s", "log_chi_ratio", "lam"],
    "map": [
        "x - x**3",
        "x/2",
        "tanh(x)",
        "x + 1/x",
        "x + 1",
        "x**2",
        "x + sqrt(x)",
        "2*x",
        "x - x**2/(1 + x)",
        "sin(x)",
    ],
    "point": [0, sp.oo, 1, "0"],
    "side": ["+", "-"],
    "claim": ["variance_of_sine", "nothing", "V"],
    "architecture": ["full-residual", "feed-forward", "reduced-residual"],
    "flag": [False],
    "widths": [[2, 3, 2], [1, 1], (4, 4, 4, 1)],
    "weights": ["gaussian", "uniform", "orthogonal"],
    "name": ["x", "n", "tanh", "p"],
    "mode": [0, 1, 2],
    "skip": [1, 0, "1/2"],
}

_NAMES = [
    "nonsense",
    "",
    " ",
    "__init__",
    "../x",
    "p\x00",
    "P",
    "\u03c6",
    "a" * 400,
    None,
    3,
    [],
    {},
    b"p",
    object(),
    1.5,
    ("p",),
]
_FUNCTIONS = [
    "1/x",
    "log(x)",
    "sqrt(x)",
    "x**x",
    "exp(x**2)",
    "exp(exp(x))",
    "0",
    "1",
    "y",
    "x + y",
    "Piecewise((x, x > 0), (y, True))",
    "Heaviside(x)",
    "Max(x, 0)**(1/2)",
    "exp(x)",
    "x**100",
    "1e300*x",
    "1e-300*x",
    "sin(1000000*x)",
    "tan(x)",
    "Abs(x)",
    "sign(x)",
    "Piecewise((1/x, x > 0), (0, True))",
    "alpha_relu(alpha=5)",
    "alpha_relu(alpha=-1)",
    "alpha_relu",
    "tanh(a=1)",
    "leaky_relu(slope=1e400)",
    "leaky_relu(slope=-1)",
    "relu(x)",
    "Tanh",
    "tanhh",
    sp.Symbol("u"),
    sp.tanh,
    np.tanh,
    math.tanh,
    sp.tanh(sp.Symbol("x")),
    sp.sin(sp.Symbol("x", real=True)) + sp.I,
    lambda u: u,
    sp.Integer(3),
    sp.Function("f")(sp.Symbol("x")),
]
_MAPS = [
    "x",
    "0",
    "1",
    "-x",
    "1/x",
    "x**x",
    "log(x)",
    "exp(x)",
    "x + y",
    "x - sqrt(x)",
    "1/0",
    "x + sin(x)",
    "x + exp(-x)",
    "Abs(x)",
    "x - x**(1/3)",
    "Piecewise((x, x > 0), (0, True))",
    "x**1000",
    "x - 1e-300*x**3",
    "x*(1 - x**1001)",
    "x + log(x)",
    "-x + x**2",
    "Heaviside(x)",
    "x - x**7/9 + x**(15/2)",
    "gamma(x)",
    "x/(1 + x**2)",
    "n*x",
    "x + 1/n",
    sp.Symbol("x"),
    sp.nan,
    sp.Symbol("x") ** sp.Symbol("k"),
    sp.I * sp.Symbol("x"),
    lambda u: u,
]

BAD: dict[str, list[Any]] = {
    **dict.fromkeys(("number", "variance", "correlation", "alpha", "depth", "skip", "mode"), _TEXT + _ODD + _EXTREME),
    "digits": [*_ODD, -1, 0, "x", "5", 2.5, 1e308, -(10**400), np.int8(7), "1e999999999"],
    "count": [*_ODD, -1, 0, "x", "5", 2.5, 1e308, 10**400, np.int8(7), -0.0],
    "phi": _FUNCTIONS + _TEXT + _ODD,
    "text": _TEXT + _ODD + _FUNCTIONS,
    "call": _TEXT + _ODD + _FUNCTIONS,
    "map": _MAPS + _TEXT + _ODD,
    "point": [*_TEXT, *_ODD, *_EXTREME, "oo", -sp.oo, "pi"],
    **dict.fromkeys(("quantity", "side", "claim", "architecture", "weights", "name"), _NAMES + _TEXT[:12]),
    "flag": [True, True, False],
    "widths": [
        [],
        [0],
        [1],
        [-1, 2],
        [1.5, 2],
        ["a", 2],
        "ab",
        3,
        None,
        [10**30, 2],
        [True, 2],
        [2, [3]],
        [math.nan, 1],
        b"ab",
    ],
}


class Silent(AssertionError):
    """A result that is no answer."""


def inspect_result(value: Any, deep: int = 4) -> None:
    """Refuse NaN, SymPy's undefined and infinite values anywhere in a result."""
    if isinstance(value, sp.Basic):
        if value.has(sp.nan, sp.zoo):
            raise Silent(f"{value} in the result")
    elif isinstance(value, (float, np.floating)):
        if math.isnan(value):
            raise Silent("nan in the result")
    elif isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and np.isnan(value).any():
            raise Silent("nan in an array of the result")
    elif deep:
        inside: Sequence[Any] = ()
        if isinstance(value, Mapping):
            inside = list(value.values())
        elif isinstance(value, (tuple, list)):
            inside = list(value)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            inside = [getattr(value, f.name) for f in dataclasses.fields(value) if f.repr]
        for part in inside:
            inspect_result(part, deep - 1)


def not_negative(value: Any) -> Any:
    """A variance or another square that came out below zero is no answer."""
    if isinstance(value, sp.Expr) and value.is_number and value.is_comparable and value < 0:
        raise Silent(f"{value} is negative")
    return value


def _digits(expression: sp.Expr) -> sp.Expr:
    return sp.N(expression, 15)


def _network(kind: str, method: str) -> Callable[..., Any]:
    def call(phi: Any, depth: Any, quantity: Any, digits: Any, *values: Any) -> Any:
        names = ("sigma_v2", "sigma_w2", "sigma_a2", "sigma_b2", "p0", "e0")
        chosen = [n for n in names if kind == "FullResidual" or n not in ("sigma_v2", "sigma_a2")]
        given = dict(zip(chosen, values, strict=False))
        net = getattr(dv, kind)(phi)
        if method == "at":
            return net.at(depth, quantity, digits, **given)
        if method == "trajectory":
            return net.trajectory(min(depth, 50) if isinstance(depth, int) else depth, **given)
        given.pop("p0"), given.pop("e0")
        return net.cosine_limit(digits, **given)

    return call


def _feedforward(method: str) -> Callable[..., Any]:
    def call(phi: Any, keep: Any, digits: Any, w: Any, b: Any, q0: Any, c0: Any, depth: Any) -> Any:
        net = dv.FeedForward(phi, keep)
        if method == "at":
            return net.at(depth, "q", digits, sigma_w2=w, sigma_b2=b, q0=q0)
        if method == "trajectory":
            return net.trajectory(
                min(depth, 50) if isinstance(depth, int) else depth, sigma_w2=w, sigma_b2=b, q0=q0, c0=c0
            )
        if method == "critical_points":
            return net.critical_points(digits, sigma_b2=b)
        return getattr(net, method)(digits, sigma_w2=w, sigma_b2=b)

    return call


def _convolutional(method: str) -> Callable[..., Any]:
    def call(phi: Any, size: Any, kernel: Any, digits: Any, w: Any, b: Any, q0: Any) -> Any:
        net = dv.Convolutional(phi, size, [kernel, kernel])
        if method == "step":
            return net.step(q0, digits, sigma_w2=w, sigma_b2=b)
        if method == "eigenvalue":
            return net.eigenvalue(kernel)
        return getattr(net, method)(digits, q0, sigma_w2=w, sigma_b2=b)

    return call


def _scaled(method: str) -> Callable[..., Any]:
    def call(phi: Any, skip: Any, depth: Any, w: Any, b: Any, p0: Any) -> Any:
        return getattr(dv.ScaledResidual(phi, skip, depth), method)(sigma_w2=w, sigma_b2=b, p0=p0)

    return call


def _recurrence(method: str, *kinds: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
    def call(x: Any, F: Any, point: Any, side: Any, *rest: Any) -> Any:
        return getattr(dv.Recurrence(x, F, point=point, side=side), method)(*rest)

    return call, ("name", "map", "point", "side", *kinds)


def _expansion(x: Any, F: Any, point: Any, terms: Any, n: Any, x0: Any, digits: Any) -> Any:
    return dv.Recurrence(x, F, point=point).asymptotics(terms).at(n, x0, digits)


def _widened(method: str, *kinds: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
    def call(widths: Any, weights: Any, bias: Any, norm: Any, *rest: Any) -> Any:
        return getattr(dv.ReLUNet(widths, weights, bias, norm), method)(*rest)

    return call, ("widths", "weights", "variance", "variance", *kinds)


def _convolutional_relu(method: str, *kinds: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
    def call(channels: Any, size: Any, kernel: Any, weights: Any, bias: Any, norm: Any, *rest: Any) -> Any:
        net = dv.ReLUConvNet(channels, size, kernel, weights=weights, bias_variances=bias, input_norm=norm)
        return getattr(net, method)(*rest)

    return call, ("widths", "count", "count", "weights", "variance", "variance", *kinds)


def _biased_residual(method: str, *kinds: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
    def call(scale: Any, width: Any, weights: Any, bias: Any, *rest: Any) -> Any:
        net = dv.ResidualReLU([scale, scale], width, "linear", hidden=[2], weights=weights, bias_variances=bias)
        return getattr(net, method)(*rest)

    return call, ("variance", "count", "weights", "variance", *kinds)


def _residual_relu(method: str, *kinds: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
    def call(scale: Any, width: Any, norm: Any, *rest: Any) -> Any:
        return getattr(dv.ResidualReLU([scale, scale], width, input_norm=norm), method)(*rest)

    return call, ("variance", "count", "variance", *kinds)


def _simulate(phi: Any, depth: Any, width: Any, realisations: Any, seed: Any, w: Any, b: Any, q0: Any) -> Any:
    return dv.simulate(
        dv.FeedForward("tanh"),
        phi if phi is None else None,
        depth=depth,
        width=width,
        realisations=realisations,
        seed=seed,
        sigma_w2=w,
        sigma_b2=b,
        q0=q0,
        progress=False,
    )


#: entries whose calls take microseconds to milliseconds
CHEAP: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "parse": (dv.parse, ("text",)),
    "parse_number": (dv.parse_number, ("text",)),
    "parse_call": (dv.parse_call, ("call",)),
    "activation": (dv.activation, ("phi",)),
    "activation(parameter)": (lambda a: dv.activation("alpha_relu", alpha=a), ("alpha",)),
    "Ball": (dv.Ball, ("number", "number")),
    "Ball.contains": (lambda m, r, n: dv.Ball(m, r).contains(n), ("number", "number", "number")),
    "Ball.to_decimal": (lambda m, r, n: dv.Ball(m, r).to_decimal(n), ("number", "number", "digits")),
    "cite": (dv.cite, ("claim",)),
    "positive_integer": (lambda n: dv.FullResidual("tanh").at(n, "p", 5, sigma_v2=1, sigma_w2=1, p0=1), ("count",)),
}

#: entries whose calls take up to seconds
COSTLY: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "V": (lambda f, q: not_negative(_digits(dv.V(f, q))), ("phi", "variance")),
    "W": (lambda f, q, lam: _digits(dv.W(f, q, lam)), ("phi", "variance", "number")),
    "E": (lambda f, q: _digits(dv.E(f, q)), ("phi", "variance")),
    "E5": (lambda f, g, a, b, c: _digits(dv.E(f, g, a, b, c)), ("phi", "phi", "variance", "variance", "number")),
    "J": (lambda a, c: not_negative(_digits(dv.J(a, c))), ("alpha", "correlation")),
    "one_minus_J": (lambda a, c: not_negative(_digits(dv.one_minus_J(a, c))), ("alpha", "correlation")),
    "BivariateNormal": (
        lambda h, k, r: not_negative(_digits(dv.BivariateNormal(h, k, r))),
        ("number", "number", "correlation"),
    ),
    **{
        f"{kind}.{method}": (
            _network(kind, method),
            ("phi", "depth", "quantity", "digits", *["variance"] * 5, "correlation"),
        )
        for kind in ("FullResidual", "ReducedResidual")
        for method in ("at", "trajectory", "cosine_limit")
    },
    "FullResidual.asymptotics": (lambda f, n, t: dv.FullResidual(f).asymptotics(n, t), ("phi", "quantity", "count")),
    "FullResidual.compile": (
        lambda d, w, p, e: dv.FullResidual("tanh").compile("numpy")(
            d, sigma_v2=1, sigma_w2=w, sigma_a2=0, sigma_b2=0, p0=p, e0=e
        ),
        ("count", "variance", "variance", "correlation"),
    ),
    **{
        f"FeedForward.{m}": (
            _feedforward(m),
            ("phi", "correlation", "digits", "variance", "variance", "variance", "correlation", "depth"),
        )
        for m in ("at", "trajectory", "critical_points", "fixed_points")
    },
    **{
        f"Convolutional.{m}": (
            _convolutional(m),
            ("phi", "count", "variance", "digits", "variance", "variance", "variance"),
        )
        for m in ("step", "eigenvalue", "fixed_point", "spectrum")
    },
    **{
        f"ScaledResidual.{m}": (_scaled(m), ("phi", "skip", "count", "variance", "variance", "variance"))
        for m in ("values", "trajectory")
    },
    "effective_cumulant": (
        lambda f, d, w, b, k: dv.effective_cumulant(f, d, w, b, k),
        ("phi", "depth", "variance", "variance", "digits"),
    ),
    "weight_variance_for": (
        lambda f, c, d, b, k: not_negative(dv.weight_variance_for(f, c, d, b, k)),
        ("phi", "variance", "depth", "variance", "digits"),
    ),
    "ReLUNet.moment": _widened("moment", "count", "count"),
    "ReLUNet.variance": _widened("variance", "count"),
    "ReLUNet.empirical_variance": _widened("empirical_variance"),
    "ResidualReLU.moment": _residual_relu("moment", "count"),
    "ResidualReLU.bounds": _residual_relu("bounds", "count"),
    "ResidualReLU.empirical_variance_bounds": _residual_relu("empirical_variance_bounds"),
    "ResidualReLU.moment with biases": _biased_residual("moment", "count"),
    "ReLUConvNet.moment": _convolutional_relu("moment", "count"),
    "ReLUConvNet.bounds": _convolutional_relu("bounds"),
    "ResidualReLU.empirical_variance": _residual_relu("empirical_variance"),
    "simulate": (_simulate, ("flag", "count", "count", "count", "count", "variance", "variance", "variance")),
    "initial_variances": (dv.initial_variances, ("architecture", "phi", "depth")),
    "Recurrence.classify": _recurrence("classify"),
    "Recurrence.map_value": _recurrence("map_value", "number", "digits"),
    "Recurrence.map_ball": _recurrence("map_ball", "number"),
    "Recurrence.series_coefficients": _recurrence("series_coefficients", "count"),
    "Recurrence.asymptotics": _recurrence("asymptotics", "count"),
    "Expansion.at": (_expansion, ("name", "map", "point", "count", "depth", "number", "digits")),
    "assert_identity": (dv.assert_identity, ("map", "map")),
    "assert_expansion": (dv.assert_expansion, ("map", "map", "point")),
    "assert_enclosed": (lambda v, m, r: dv.assert_enclosed(v, dv.Ball(m, r)), ("number", "number", "number")),
    "check": (lambda c: dv.check(c) if c != "variance_of_sine" else None, ("claim",)),
    "minimal_critical_weight_variance": (dv.minimal_critical_weight_variance, ("phi", "digits")),
    "alpha_relu_law": (lambda q, a, t: dv.alpha_relu_law(q, a, terms=t), ("quantity", "alpha", "count")),
}

#: NaN is documented there: a class without an order, layers where a quantity does not exist
_NAN_MEANS_ABSENT = {
    "Recurrence.classify",
    "ScaledResidual.trajectory",
    "FullResidual.trajectory",
    "ReducedResidual.trajectory",
}
# compiled functions carry a NaN in an array through
_NAN_MEANS_ABSENT |= {"simulate", "FeedForward.trajectory", "FullResidual.compile"}

ENTRIES = {**CHEAP, **COSTLY}


def attempt(name: str, arguments: Sequence[Any]) -> str:
    """Call the entry: "value" or "refused"; everything else is raised."""
    function, _ = ENTRIES[name]
    try:
        result = function(*arguments)
    except dv.DeriveError as error:
        text = str(error)
        if not text.strip() or len(text) > 5000:
            raise Silent(f"the message has {len(text)} characters") from error
        return "refused"
    except AssertionError as error:
        if name.startswith("assert_") and not isinstance(error, Silent):
            return "refused"
        raise
    if name not in _NAN_MEANS_ABSENT:
        inspect_result(result)
    return "value"
