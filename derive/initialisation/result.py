"""A recommended initialisation as a value: variances, the law behind them, and what to type in a framework."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import sympy as sp

__all__ = ["Family", "Initialisation"]


@dataclass(frozen=True)
class Family:
    r"""One family of parameters: ``variance`` over the fan-in (weights) or as it stands (biases).

    :math:`w_{ij} \sim N(0, \texttt{variance}/\text{fan-in})`, :math:`b_i \sim N(0, \texttt{variance})`.
    """

    name: str
    variance: sp.Expr
    is_bias: bool = False

    @property
    def gain(self) -> float:
        """The standard deviation times the square root of the fan-in (of a bias: the standard deviation)."""
        return float(sp.sqrt(self.variance))

    @property
    def pytorch(self) -> str:
        """What sets it in PyTorch, for a layer with ``fan_in`` inputs."""
        if self.is_bias:
            return (
                f"torch.nn.init.normal_(bias, std={self.gain:.6g})" if self.variance else "torch.nn.init.zeros_(bias)"
            )
        return f"torch.nn.init.normal_(weight, std={self.gain:.6g} / math.sqrt(fan_in))"

    @property
    def jax(self) -> str:
        """The initialiser in JAX (Flax and Haiku take it as it is)."""
        if self.is_bias:
            return f"jax.nn.initializers.normal({self.gain:.6g})" if self.variance else "jax.nn.initializers.zeros"
        scale = float(self.variance)
        return f'jax.nn.initializers.variance_scaling({scale:.6g}, "fan_in", "normal")'


@dataclass(frozen=True)
class Initialisation:
    """Recommended variances for one network.

    ``families`` are the parameters by name, ``law`` says in words which law fixes the free variance, ``facts`` what
    follows from the choice, ``warnings`` what it does not take care of.
    """

    architecture: str
    activation: str
    depth: int
    families: tuple[Family, ...]
    law: str
    facts: tuple[tuple[str, Any], ...]
    warnings: tuple[str, ...] = ()

    @property
    def variances(self) -> dict[str, sp.Expr]:
        """The variances by the names that the network's class takes."""
        return {f.name: f.variance for f in self.families}

    def as_data(self) -> dict[str, Any]:
        """Plain data for a program."""
        families = [
            {"name": f.name, "variance": float(f.variance), "gain": f.gain, "pytorch": f.pytorch, "jax": f.jax}
            for f in self.families
        ]
        return {
            "architecture": self.architecture,
            "activation": self.activation,
            "depth": self.depth,
            "families": families,
            "law": self.law,
            "facts": {name: _shown(value) for name, value in self.facts},
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        lines = [f"{self.architecture}, {self.activation}, depth {self.depth}"]
        for f in self.families:
            lines += [f"  {f.name} = {_shown(f.variance)}", f"    PyTorch  {f.pytorch}", f"    JAX      {f.jax}"]
        lines.append(f"law: {self.law}")
        lines += [f"  {name}: {_shown(value)}" for name, value in self.facts]
        lines += [f"beware: {text}" for text in self.warnings]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{f.name}</td><td>{_shown(f.variance)}</td><td><code>{escape(f.pytorch)}</code></td>"
            f"<td><code>{escape(f.jax)}</code></td></tr>"
            for f in self.families
        )
        head = "<tr><th></th><th>variance</th><th>PyTorch</th><th>JAX</th></tr>"
        notes = "".join(f"<li>{escape(f'{n}: {_shown(v)}')}</li>" for n, v in self.facts)
        notes += "".join(f"<li>beware: {escape(text)}</li>" for text in self.warnings)
        return f"<p>{escape(self.law)}</p><table>{head}{rows}</table><ul>{notes}</ul>"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    number = sp.nsimplify(value) if isinstance(value, int) else sp.Integer(0) + value
    return str(number) if number.is_Integer else f"{float(number):.6g}"
