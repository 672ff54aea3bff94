"""The registered activations, and :func:`activation`, the way from a name, text or expression to an activation."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations.activation import VARIABLE, Activation
from derive.activations.values import sign_of
from derive.errors import DomainError, InputError, UnknownNameError
from derive.formula_tokens import shown
from derive.numerics.exact import exact_number
from derive.parsing import parse, parse_call

__all__ = ["activation", "latex_of", "name_of", "registered_activations"]

x = VARIABLE


@dataclass(frozen=True)
class _Family:
    """A registered name: its formula with parameters, their default values (None: must be given), how it is printed.

    ``recover`` reads the parameters off a formula of the family, so that the name belongs to the expression alone.
    """

    formula: Callable[..., sp.Expr]
    latex: str
    parameters: Mapping[str, sp.Expr | None] = field(default_factory=dict)
    recover: Callable[[sp.Expr], dict[str, sp.Expr]] | None = None


def _alpha_relu(alpha: sp.Expr) -> sp.Expr:
    """x**alpha for x > 0, else 0; its mean square is finite for alpha > -1/2 only."""
    if sign_of(alpha + sp.Rational(1, 2)) <= 0:
        raise DomainError(f"alpha = {alpha} makes the mean square of alpha_relu infinite; alpha must exceed -1/2")
    return sp.Piecewise((x**alpha, x > 0), (0, True))


def _elu(alpha: sp.Expr) -> sp.Expr:
    return sp.Piecewise((x, x > 0), (alpha * (sp.exp(x) - 1), True))


def _selu() -> sp.Expr:
    r"""scale * elu(alpha), with the two constants for which mean 0 and variance 1 are kept.

    For a standard normal x, E x_+ = 1/sqrt(2 pi), E x_+^2 = 1/2 and E e^(k x) 1_(x<0) = e^(k^2/2) erfc(k/sqrt 2)/2.
    E selu = 0 and E selu^2 = 1 are then two equations for alpha and scale.
    """
    low = [sp.exp(sp.Rational(k * k, 2)) * sp.erfc(k / sp.sqrt(2)) / 2 for k in range(3)]
    alpha = 1 / sp.sqrt(2 * sp.pi) / (low[0] - low[1])
    scale = 1 / sp.sqrt(sp.Rational(1, 2) + alpha**2 * (low[2] - 2 * low[1] + low[0]))
    return sp.Piecewise((scale * x, x > 0), (scale * alpha * (sp.exp(x) - 1), True))


_FAMILIES: dict[str, _Family] = {
    "tanh": _Family(lambda: sp.tanh(x), r"\tanh"),
    "erf": _Family(lambda: sp.erf(x), r"\operatorname{erf}"),
    "sigmoid": _Family(lambda: 1 / (1 + sp.exp(-x)), r"\operatorname{sigmoid}"),
    "arctan": _Family(lambda: sp.atan(x), r"\arctan"),
    "softsign": _Family(lambda: x / (1 + sp.Abs(x)), r"\operatorname{softsign}"),
    "sin": _Family(lambda: sp.sin(x), r"\sin"),
    "relu": _Family(lambda: sp.Max(0, x), r"\operatorname{ReLU}"),
    "leaky_relu": _Family(
        lambda slope: slope * x + (1 - slope) * sp.Max(0, x),
        r"\operatorname{LReLU}",
        {"slope": sp.Rational(1, 100)},
        lambda e: {"slope": -e.subs(x, -1)} if e.has(sp.Max) else {},
    ),
    "alpha_relu": _Family(
        _alpha_relu,
        r"\psi",
        {"alpha": None},
        lambda e: {"alpha": e.args[0][0].as_base_exp()[1]},
    ),
    "hard_tanh": _Family(lambda: sp.Max(-1, sp.Min(1, x)), r"\operatorname{hardtanh}"),
    "selu": _Family(_selu, r"\operatorname{SELU}"),
    "elu": _Family(
        _elu, r"\operatorname{ELU}", {"alpha": sp.S.One}, lambda e: {"alpha": -e.args[1][0].subs(x, -sp.oo)}
    ),
    "gelu": _Family(lambda: x * (1 + sp.erf(x / sp.sqrt(2))) / 2, r"\operatorname{GELU}"),
    "swish": _Family(lambda: x / (1 + sp.exp(-x)), r"\operatorname{swish}"),
    "softplus": _Family(lambda: sp.log(1 + sp.exp(x)), r"\operatorname{softplus}"),
}


def registered_activations() -> tuple[str, ...]:
    """The registered names, sorted.

    >>> "tanh" in registered_activations()
    True
    """
    return tuple(sorted(_FAMILIES))


def activation(what: Any, **parameters: Any) -> Activation:
    """The activation with a registered name, or given as text, as a SymPy expression, or already made.

    Text is a registered name (``"tanh"``), a name with parameters (``"leaky_relu(slope=1/100)"``), or a formula in one
    variable (``"x*erf(x)"``), in which registered names without parameters are functions too (``"x*sigmoid(x)"``).
    Parameters are exact numbers; a Python float counts as the fraction it stores.

    The formula must be real and locally integrable on the line.  Raises :class:`~derive.errors.UnknownNameError` with
    near matches, :class:`~derive.errors.ParseError` for text that is no formula,
    :class:`~derive.errors.DomainError` or :class:`~derive.errors.InputError` for other unfit input.

    >>> activation("tanh").is_tanh_like
    True
    >>> activation("alpha_relu", alpha="79/100").kink_orders
    (79/100,)
    >>> activation("tahn")
    Traceback (most recent call last):
        ...
    derive.errors.UnknownNameError: no activation is called 'tahn'; did you mean tanh?
    """
    if isinstance(what, str):
        return _from_text(what, parameters)
    if parameters:
        raise InputError(f"parameters ({', '.join(parameters)}) go with a registered name, not with {what}")
    if isinstance(what, Activation):
        return what
    if callable(what) and not isinstance(what, sp.Basic):
        raise InputError(f"{what!r} is a Python function; give a name, text such as 'x*erf(x)', or a SymPy expression")
    return _checked(Activation(what))


def _from_text(text: str, parameters: dict[str, Any]) -> Activation:
    if re.fullmatch(r"\s*[A-Za-z]\w*\s*", text, re.ASCII) and text.strip() not in ("pi", "E"):
        name = text.strip()
        if len(name) > 1 or name in _FAMILIES:
            return _registered(name, parameters)
    bare = re.fullmatch(r"\s*([A-Za-z]\w*)\s*\(\s*\)\s*", text, re.ASCII)
    if bare:
        return _registered(bare[1], parameters)
    if parameters:
        return _registered(*_merged(text, parameters))
    if re.search(r"(?<![<>=!])=(?!=)", text):
        return _registered(*parse_call(text))
    functions = {name: _as_function(name) for name, family in _FAMILIES.items() if not family.parameters}
    return _checked(Activation(parse(text, functions=functions)))


def _merged(text: str, parameters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name, given = parse_call(text)
    twice = sorted(given.keys() & parameters.keys())
    if twice:
        raise InputError(f"the parameter {twice[0]} of {name} is given in the text and beside it")
    return name, given | parameters


def _as_function(name: str) -> Callable[[sp.Expr], sp.Expr]:
    return lambda u: _FAMILIES[name].formula().subs(x, u)


def _registered(name: str, given: Mapping[str, Any]) -> Activation:
    family = _FAMILIES.get(name)
    if family is None:
        near = difflib.get_close_matches(name, _FAMILIES, n=3, cutoff=0.65)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known names: {', '.join(registered_activations())}"
        raise UnknownNameError(f"no activation is called {shown(name)!r}; {hint}")
    unknown = sorted(given.keys() - family.parameters.keys())
    if unknown:
        takes = ", ".join(family.parameters) or "no parameters"
        raise InputError(f"{name} has no parameter {unknown[0]!r}; it takes {takes}")
    values = {}
    for key, default in family.parameters.items():
        if given.get(key, default) is None:
            raise InputError(f"{name} needs its parameter: {name}({key}=...)")
        values[key] = exact_number(given.get(key, default), key)
    return Activation(family.formula(**values))


def _checked(phi: Activation) -> Activation:
    """The activation, unless it is singular somewhere on the line."""
    for at, order in zip(phi.kinks, phi.kink_orders, strict=True):
        if order <= -1:
            raise DomainError(f"{phi} is infinite at x = {at} and not integrable there; an activation is finite")
    return phi


# ----------------------------------------------------------------------------------------- from expression to name


@lru_cache(maxsize=1)
def _plain_names() -> dict[sp.Expr, str]:
    return {family.formula(): name for name, family in _FAMILIES.items() if not family.parameters}


@lru_cache(maxsize=512)
def name_of(expr: sp.Expr) -> str | None:
    """The registered name of an expression in the common variable, with its parameters."""
    name, values = _recognised(expr)
    if name is None or not values:
        return name
    return f"{name}({', '.join(f'{key}={value}' for key, value in values.items())})"


def _recognised(expr: sp.Expr) -> tuple[str | None, dict[str, sp.Expr]]:
    plain = _plain_names().get(expr)
    if plain is not None:
        return plain, {}
    for name, family in _FAMILIES.items():
        if family.recover is None:
            continue
        try:
            values = family.recover(expr)
            if (
                values
                and all(v.is_real and not v.free_symbols for v in values.values())
                and family.formula(**values) == expr
            ):
                return name, values
        except (AttributeError, IndexError, TypeError, DomainError):
            continue  # the expression does not have the shape of this family
    return None, {}


@lru_cache(maxsize=1)
def _primes() -> dict[sp.Expr, str]:
    """The first two derivatives of the smooth registered functions, for printing."""
    smooth = ((e, name) for e, name in _plain_names().items() if not e.has(sp.Abs, sp.Max, sp.Min, sp.Piecewise))
    return {
        sp.diff(e, x, n): rf"{_FAMILIES[name].latex}{chr(39) * n}"
        for e, name in smooth
        if name != "sin"
        for n in (1, 2)
    }


@lru_cache(maxsize=512)
def latex_of(expr: sp.Expr) -> str | None:
    """LaTeX for a registered function or the derivative of one."""
    name, values = _recognised(expr)
    if name is None:
        return _primes().get(expr)
    if not values:
        return _FAMILIES[name].latex
    return rf"{_FAMILIES[name].latex}_{{{', '.join(sp.latex(v) for v in values.values())}}}"
