"""What a simulation returns: means over random nets with standard errors, and their distance from a theory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.display import ShownAsTable
from derive.errors import DomainError, InputError

__all__ = ["Estimate", "Simulation", "combine"]


@dataclass(frozen=True)
class Estimate(ShownAsTable):
    """A mean over independent random nets: ``mean`` and its standard ``error``, arrays over the layers.

    ``samples`` holds one value per net (linearised around the mean for ratios), the first axis being the net.
    """

    mean: Any
    samples: Any

    @property
    def error(self) -> Any:
        """The standard error of the mean, from the scatter over nets."""
        import numpy as np

        return np.sqrt(self.samples.var(axis=0, ddof=1) / len(self.samples))

    @property
    def variance(self) -> Any:
        """The variance from net to net."""
        return self.samples.var(axis=0, ddof=1)

    def z_score(self, theory: Any) -> Any:
        """(mean - theory)/error; 0 where both agree to rounding and nothing is random, NaN where either is missing."""
        import numpy as np

        theory = np.asarray(theory, dtype=float)
        distance = self.mean - theory
        fixed = self.error <= 1e-12 * np.abs(self.mean)
        same = np.abs(distance) <= 1e-9 * np.abs(theory)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where(fixed, np.sign(distance) * np.inf, distance / self.error)
        return np.where(fixed & same, 0.0, score)


def combine(function: Any, *parts: Estimate) -> Estimate:
    """A smooth function of means; its error is that of the linearisation (the delta method).

    The derivatives are central differences of the function at the means.
    """
    import numpy as np

    means = [part.mean for part in parts]
    with np.errstate(all="ignore"):
        value = function(*means)
        samples = np.zeros_like(parts[0].samples) + value
        for k, part in enumerate(parts):
            step = 1e-5 * np.maximum(np.abs(means[k]), 1e-300)
            up, down = (function(*means[:k], means[k] + sign * step, *means[k + 1 :]) for sign in (1, -1))
            samples = samples + (up - down) / (2 * step) * (part.samples - part.mean)
    return Estimate(value, samples)


@dataclass(frozen=True)
class Simulation(Mapping):
    """Means over random nets by name, each an :class:`Estimate` over the layers 0..depth; also by attribute.

    ``singular_values`` holds those of the input-output Jacobian, one row per net, where they were asked for;
    ``inputs`` says what was simulated.
    """

    estimates: Mapping[str, Estimate]
    singular_values: Any = None
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.estimates)

    def __len__(self) -> int:
        return len(self.estimates)

    def __getattr__(self, name: str) -> Estimate:
        known = object.__getattribute__(self, "__dict__").get("estimates", {})
        if name in known:
            return known[name]
        raise AttributeError(f"nothing called {name} was measured; this simulation has {', '.join(known)}")

    def __repr__(self) -> str:
        told = ", ".join(f"{k}={v}" for k, v in self.inputs.items())
        return f"Simulation({told}; {', '.join(self.estimates)})"

    def _repr_html_(self) -> str:
        """Every quantity at the last layer that has it, for notebooks."""
        from html import escape

        import numpy as np

        rows = []
        for name, estimate in self.estimates.items():
            mean, error = (a.reshape(len(a), -1)[:, 0] for a in (estimate.mean, estimate.error))
            (there,) = np.nonzero(~np.isnan(mean))
            if len(there):
                layer = there[-1]
                rows.append(f"<tr><td>{name}</td><td>{layer}</td><td>{mean[layer]:.6g} ± {error[layer]:.2g}</td></tr>")
        told = escape(", ".join(f"{k}={v}" for k, v in self.inputs.items()))
        head = "<tr><th>quantity</th><th>layer</th><th>mean ± standard error</th></tr>"
        return f"<table><caption>{told}</caption>{head}{''.join(rows)}</table>"

    def z_score(self, theory: Mapping[str, Any]) -> dict[str, Any]:
        """(mean - theory)/error for every quantity both have: ``theory`` maps names to arrays over the layers.

        A :class:`~derive.networks.Trajectory` is such a mapping.  Layers where the theory has no value are NaN.
        Raises :class:`~derive.errors.InputError` where nothing can be compared or the layers differ in number.
        """
        import numpy as np

        shared = [name for name in theory if name in self.estimates]
        if not shared:
            raise InputError(f"the theory has {', '.join(theory)}; this simulation has {', '.join(self.estimates)}")
        found = {}
        for name in shared:
            values = np.asarray(theory[name], dtype=float)
            mean = self.estimates[name].mean
            if values.ndim and values.shape != mean.shape and values.shape != mean.shape[:1]:
                raise InputError(f"{name} has shape {values.shape} in the theory, {mean.shape} in the simulation")
            if values.ndim and values.shape != mean.shape:
                values = values.reshape(-1, *(1,) * (mean.ndim - 1))
            found[name] = self.estimates[name].z_score(values)
        return found

    def worst(self, theory: Mapping[str, Any]) -> dict[str, float]:
        """The largest \\|z\\| over the layers, by name."""
        import numpy as np

        return {n: float(np.nanmax(np.abs(z))) for n, z in self.z_score(theory).items() if not np.isnan(z).all()}

    def without_width(self, narrow: Simulation) -> Simulation:
        """The same means with their 1/width term taken out, by a simulation of narrower nets of the same kind.

        With mean m(N) = m + k/N + O(1/N^2), (N m(N) - N' m(N'))/(N - N') is m + O(1/(N N')).  Both must have the same
        number of nets and different seeds.
        """
        wide_n, narrow_n = (s.inputs.get("width") for s in (self, narrow))
        if not isinstance(wide_n, int) or not isinstance(narrow_n, int) or wide_n <= narrow_n:
            raise DomainError(f"widths {wide_n} and {narrow_n}: give a simulation of narrower nets")
        if self.inputs.get("seed") == narrow.inputs.get("seed"):
            raise DomainError("both simulations have the same seed, so they are not independent; give another seed")
        a, b = wide_n / (wide_n - narrow_n), -narrow_n / (wide_n - narrow_n)
        shared = {n: self[n] for n in self if n in narrow and self[n].samples.shape == narrow[n].samples.shape}
        made = {
            n: Estimate(a * e.mean + b * narrow[n].mean, a * e.samples + b * narrow[n].samples)
            for n, e in shared.items()
        }
        return Simulation(made, None, {**self.inputs, "width": "extrapolated"})
