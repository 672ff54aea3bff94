"""The architectures of the papers as layers and starts for the simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from derive.activations import activation as read_activation
from derive.errors import DomainError, InputError
from derive.finite_width.elementwise import array_function, slope_function
from derive.finite_width.operations import Affine, Block, Convolution, Dropout, Nonlinear
from derive.finite_width.starts import covariance_start, gaussian_start, paired_start
from derive.numerics.exact import correlation, exact_number, positive_integer, variance

__all__ = ["DESIGNS", "Design", "nonlinear"]


@dataclass(frozen=True)
class Design:
    """Layers, start and conventions of one network to be simulated."""

    layers: Sequence[Block]
    start: Callable[[Any, int], Any]
    pairs: int
    two: bool
    single: bool
    inputs: Mapping[str, Any]
    positions: bool = False
    preactivations_only: bool = False
    square: bool = True
    law: Any = None
    bias_law: Any = None
    rename: Mapping[str, str] = field(default_factory=dict)


def nonlinear(phi: Any) -> Nonlinear:
    """The operation of an activation."""
    return Nonlinear(array_function(phi), slope_function(phi))


class _Values:
    """Keywords of one network, read once each; what is left over is an error."""

    def __init__(self, values: Mapping[str, Any], accepted: Sequence[str]) -> None:
        for name in values:
            if name not in accepted:
                near = get_close_matches(name, accepted, 1)
                hint = f"did you mean {near[0]}? " if near else ""
                raise InputError(
                    f"unknown keyword {name}={values[name]!r}; {hint}This network takes {', '.join(accepted)}"
                )
        self.given = {n: v for n, v in values.items() if v is not None}
        self.told: dict[str, Any] = {}

    def number(self, name: str, default: Any = None, read: Callable = variance) -> float:
        if name not in self.given and default is None:
            raise InputError(f"missing {name}; give every variance and start as a keyword, e.g. {name}=1")
        number = read(self.given.get(name, default), name)
        self.told[name] = str(number)
        return float(number)

    def starts(self, name: str, read: Callable = variance) -> tuple[list[float], bool] | None:
        """One or more starting values, and whether it was a list."""
        if name not in self.given:
            return None
        value = self.given[name]
        listed = isinstance(value, (list, tuple)) or bool(getattr(value, "shape", ()))
        numbers = [read(v, name) for v in (value if listed else [value])]
        if not numbers:
            raise InputError(f"{name} is an empty list; give at least one start")
        self.told[name] = [str(n) for n in numbers] if listed else str(numbers[0])
        return [float(n) for n in numbers], listed


def _pairs(values: _Values, length: str, angle: str, second: str | None = None) -> tuple[list, list | None, list, bool]:
    """Lengths, correlations (or None), second lengths, and whether there is a single start."""
    first = values.starts(length)
    if first is None:
        raise InputError(f"missing {length}; give every variance and start as a keyword, e.g. {length}=1")
    cos = values.starts(angle, correlation)
    other = values.starts(second) if second else None
    if other and cos is None:
        raise InputError(f"{second} is about a second input; give {angle} as well")
    found = [x for x in (first, cos, other) if x is not None]
    size = max(len(numbers) for numbers, _ in found)
    if any(len(numbers) not in (1, size) for numbers, _ in found):
        raise InputError("the lists of starts differ in length; give lists of equal length, or one number for all")

    def spread(numbers: list) -> list:
        return numbers * (size if len(numbers) == 1 else 1)

    single = not any(listed for _, listed in found)
    lengths = spread(first[0])
    return lengths, spread(cos[0]) if cos else None, spread(other[0]) if other else lengths, single


def _residual(kind: str) -> Callable[..., Design]:
    """The designs of the stream x -> skip x + branch(x)."""

    def design(phi: Any, depth: int, width: int, given: Mapping[str, Any]) -> Design:
        names = [
            "sigma_w2",
            "sigma_b2",
            "p0",
            "e0",
            *{"full": ("sigma_v2", "sigma_a2"), "scaled": ("skip",)}.get(kind, ()),
        ]
        if kind == "scaled":
            given = {n: v for n, v in given.items() if n != "depth"}
        values = _Values(given, names)
        w, b = values.number("sigma_w2"), values.number("sigma_b2")
        step = Affine(("w", "b"), width, width, w / depth if kind == "scaled" else w, b)
        operations: tuple[Any, ...] = (step, nonlinear(read_activation(phi)))
        skip = values.number("skip", 1, exact_number) if kind == "scaled" else 1.0
        if kind == "full":
            outer = Affine(("v", "a"), width, width, values.number("sigma_v2"), values.number("sigma_a2"))
            operations = (*operations, outer)
        lengths, cos, _, single = _pairs(values, "p0", "e0")
        block = Block(operations, skip=skip, preactivation=1)
        told = {"network": f"{kind}_residual", "activation": str(read_activation(phi)), "depth": depth, "width": width}
        start = paired_start(width, lengths, cos)
        return Design((block,) * depth, start, len(lengths), cos is not None, single, told | values.told)

    return design


def _feed_forward(phi: Any, depth: int, width: int, given: Mapping[str, Any]) -> Design:
    values = _Values(given, ["sigma_w2", "sigma_b2", "keep_probability", "q0", "c0", "q0b"])
    keep = values.number("keep_probability", 1, exact_number)
    if not 0 < keep <= 1:
        raise DomainError(f"keep_probability = {keep} is not a probability above 0")
    lengths, cos, second, single = _pairs(values, "q0", "c0", "q0b")
    inputs = len(lengths) * (1 if cos is None else 2)
    step = Affine(("w", "b"), width, width, values.number("sigma_w2"), values.number("sigma_b2"))
    mask = (Dropout(inputs, width, keep),) if keep < 1 else ()
    block = Block((nonlinear(read_activation(phi)), *mask, step))
    told = {"network": "feed_forward", "activation": str(read_activation(phi)), "depth": depth, "width": width}
    return Design(
        (block,) * depth,
        gaussian_start(width, lengths, cos, second),
        len(lengths),
        cos is not None,
        single,
        told | values.told,
        preactivations_only=True,
        rename={"p": "q", "p2": "q2", "gamma": "q_ab"},
    )


def _convolutional(phi: Any, depth: int, width: int, given: Mapping[str, Any]) -> Design:
    values = _Values(given, ["sigma_w2", "sigma_b2", "size", "kernel_variances", "q0", "c0", "sigma0"])
    size = positive_integer(values.given.get("size", 0) or 0, "size")
    taps = tuple(float(variance(v, "kernel_variances")) for v in values.given.get("kernel_variances", ()))
    if not taps:
        raise InputError("kernel_variances is empty; give the variances of the taps, e.g. ['1/3', '1/3', '1/3']")
    step = Convolution(width, taps, values.number("sigma_w2"), values.number("sigma_b2"))
    if "sigma0" in values.given:
        matrix = values.given["sigma0"]
    else:
        q, c = values.number("q0"), values.number("c0", 0, correlation)
        matrix = [[q if i == j else q * c for j in range(size)] for i in range(size)]
    told = {"network": "convolutional", "activation": str(read_activation(phi)), "depth": depth, "width": width}
    return Design(
        (Block((nonlinear(read_activation(phi)), step)),) * depth,
        covariance_start(width, size, matrix),
        1,
        False,
        True,
        told | {"size": size, "kernel_variances": taps} | values.told,
        positions=True,
        preactivations_only=True,
        square=False,
    )


DESIGNS: dict[str, Callable[..., Design]] = {
    "feed_forward": _feed_forward,
    "reduced_residual": _residual("reduced"),
    "full_residual": _residual("full"),
    "scaled_residual": _residual("scaled"),
    "convolutional": _convolutional,
}
