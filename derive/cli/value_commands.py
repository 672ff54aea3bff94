"""Commands that give numbers: a formula, or a quantity of a network at a depth."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import sympy as sp

from derive.cli.output import emit, print_json
from derive.errors import InputError, ParseError, PrecisionError
from derive.names import known_name

__all__ = ["NETWORKS", "at_depth", "evaluate_text", "settings_of"]

#: name on the command line -> public name of the class
NETWORKS = {"full-residual": "FullResidual", "reduced-residual": "ReducedResidual"}
_MOST_DIGITS = 100_000


def _digits(options: Namespace) -> int:
    if not 1 <= options.digits <= _MOST_DIGITS:
        raise InputError(f"--digits {options.digits} is out of range; give 1 to {_MOST_DIGITS}")
    return options.digits


def _print_value(options: Namespace, value: Any, **about: Any) -> int:
    """A number, or a ball as outward-rounded decimals."""
    text = value.to_decimal(options.digits) if hasattr(value, "to_decimal") else str(value)
    if options.json:
        print_json({"value": text, "digits": options.digits, "certified": options.certified, **about})
    else:
        emit(text)
    return 0


def _enclosed(expression: sp.Expr, digits: int) -> Any:
    """A ball of relative radius below 10^-digits around a closed expression."""
    from flint import ctx

    from derive.numerics import Ball, compile_ball

    bits = 4 * digits + 64
    for _ in range(5):
        with ctx.workprec(bits):
            found = compile_ball(expression, ())()
        if found.is_finite() and found.rel_accuracy_bits() >= 3.33 * digits + 1:
            return Ball.from_arb(found)
        bits *= 2
    raise PrecisionError(f"no ball of {digits} digits around {expression} at {bits // 2} bits; ask for fewer digits")


def _number(expression: sp.Expr, digits: int) -> sp.Expr:
    value = expression.evalf(digits)
    if not (value.is_Float or value.is_Rational):
        raise PrecisionError(f"{expression} has no real value that could be computed; the result was {value}")
    return sp.Float(value, digits)


def evaluate_text(options: Namespace) -> int:
    """``derive eval EXPR``."""
    from derive.cli.formula import closed_formula

    digits = _digits(options)
    expression = closed_formula(options.expression)
    value = _enclosed(expression, digits) if options.certified else _number(expression, digits)
    return _print_value(options, value, expression=str(expression))


def network(name: str, phi: str) -> Any:
    """The network of that name with an activation."""
    import derive

    return getattr(derive, NETWORKS[known_name(name, NETWORKS, "network")])(phi)


def settings_of(pairs: list[str]) -> dict[str, sp.Expr]:
    """``NAME=VALUE`` as exact numbers; the network itself judges names and ranges."""
    from derive.parsing import parse_number

    found: dict[str, sp.Expr] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise ParseError(f"{pair[:60]!r} is not a setting; write NAME=VALUE, such as sigma_w2=0.77")
        if name in found:
            raise InputError(f"{name} is set twice")
        found[name] = parse_number(value)
    return found


def at_depth(options: Namespace) -> int:
    """``derive at --network N --activation PHI --quantity Q --depth L NAME=VALUE..``."""
    from derive.parsing import parse_number

    digits, depth = _digits(options), parse_number(options.depth)
    if not depth.is_Integer or depth < 0:
        raise InputError(f"--depth {options.depth} is not a number of layers; give an integer that is 0 or more")
    settings = settings_of(options.settings)
    net = network(options.network, options.activation)
    value = net.at(int(depth), options.quantity, digits=digits, certified=options.certified, **settings)
    about = {"network": options.network, "activation": options.activation, "quantity": options.quantity}
    exact = {name: str(number) for name, number in settings.items()}
    return _print_value(options, value, depth=int(depth), settings=exact, **about)
