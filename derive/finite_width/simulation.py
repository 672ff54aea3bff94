r"""Real random nets: :func:`simulate` draws them, runs them, and returns means with standard errors.

The layers are those of the papers, with every weight drawn:

=====================  =====================================================================================
feed_forward           :math:`z' = W\varphi(z) + b`, with dropout (004); layer 0 is Gaussian with q0, c0
reduced_residual       :math:`x' = x + \varphi(W x + b)` (000)
full_residual          :math:`x' = x + V\varphi(W x + b) + a` (000)
scaled_residual        :math:`x' = \varphi(W x + b) + a x`, weights of variance sigma_w2/(width depth) (001)
convolutional          :math:`h'(\alpha) = \sum_\beta W_\beta\varphi(h(\alpha + \beta)) + b`, periodic (002)
=====================  =====================================================================================

and ReLU nets of any widths, :class:`~derive.finite_width.ReLUNet`, :class:`~derive.finite_width.ReLUConvNet` and
:class:`~derive.finite_width.ResidualReLU` (003).
"""

from __future__ import annotations

from typing import Any

from derive.errors import DomainError, InputError, UnsupportedError
from derive.finite_width.backends import backend as read_backend
from derive.finite_width.designs import DESIGNS, Design
from derive.finite_width.engine import Plan, run_plan
from derive.finite_width.results import Estimate, Simulation, combine
from derive.finite_width.weights import weight_law
from derive.names import known_name
from derive.numerics.exact import positive_integer, whole_number

__all__ = ["simulate"]


def simulate(
    network: Any,
    activation: Any = None,
    *,
    depth: int | None = None,
    width: int | None = None,
    realisations: int = 100,
    seed: int = 0,
    weights: Any = "gaussian",
    gradients: bool = True,
    jacobian: bool = False,
    progress: bool | None = None,
    backend: str = "numpy",
    **values: Any,
) -> Simulation:
    r"""Means over random nets of every quantity of the theory, layer by layer, with standard errors.

    ``network`` is an architecture object (``FullResidual("tanh")``) or a name from the table above with an
    ``activation``; ``values`` are its variances and its start, as its ``trajectory`` takes them: p0 and e0 for residual
    nets (layer 0 then has exactly these), q0 and c0 (or q0b, for unequal norms) for feed-forward ones.  Without e0 or
    c0 there is one input.  A start may be a list; all starts then run through the same nets and quantities get a last
    axis.

    Measured: q, lam of the pre-activations; p, gamma, s, e of the stream (feed-forward: q, q_ab, c); ``chi``, the mean
    square of the gradient of a random loss direction, 1 at the last layer, ``chi_ratio`` = chi_0/chi_l, ``log_chi``,
    parameter gradients chi_w, chi_b, chi_v, chi_a as mean squares over the entries; ``chi_ab``, the mean product of the
    gradients at two inputs; with ``jacobian`` the singular values of the input-output Jacobian.  Convolutional nets
    have ``sigma``, the covariance matrix of the positions.

    ``weights`` is a law of :func:`~derive.finite_width.weights.weight_law` or "orthogonal" (square layers).  Numbers
    are reproduced by ``seed``; ``progress`` goes to stderr, by default where that is a terminal.  ``backend`` is
    "numpy", "jax" (which draws other nets from the same seed) or "auto"; float64 throughout.

    Means carry an O(1/width) difference from the mean-field recurrences besides their standard error:
    :meth:`~derive.finite_width.results.Simulation.without_width` takes it out.

    >>> run = simulate("full_residual", "tanh", depth=3, width=20, realisations=10, progress=False,
    ...                sigma_v2=1, sigma_w2=1, sigma_a2=0, sigma_b2=0, p0=1, e0="1/2")
    >>> round(float(run.p.mean[0]), 12), run.p.mean.shape
    (1.0, (4,))
    """
    realisations = positive_integer(realisations, "realisations", most=10**9)
    if realisations < 2:
        raise DomainError("realisations = 1 has no standard error; give at least 2 nets")
    design = _design(network, activation, depth, width, values)
    if jacobian and design.positions:
        raise UnsupportedError("singular values of convolutional nets are not measured; use jacobian=False")
    orthogonal = isinstance(weights, str) and weights == "orthogonal"
    if orthogonal and not design.square:
        raise UnsupportedError("orthogonal weights need square layers without convolutions; use weights='gaussian'")
    plan = Plan(
        layers=design.layers,
        start=design.start,
        law=weight_law("gaussian" if orthogonal else weights if design.law is None else design.law),
        pairs=design.pairs,
        two=design.two,
        gradients=gradients,
        jacobian=jacobian,
        positions=design.positions,
        orthogonal=orthogonal,
        backend=read_backend(backend),
        bias_law=design.bias_law,
    )
    measured = run_plan(plan, realisations, _seed(seed), progress)
    samples = {n: (a[:, :, 0] if design.single else a) for n, a in measured.samples.items()}
    told = {**design.inputs, "realisations": realisations, "seed": _seed(seed)}
    told["weights"] = "orthogonal" if orthogonal else plan.law.name
    return Simulation(_named(samples, design), measured.singular_values, told)


def _seed(seed: Any) -> int:
    return whole_number(seed, "seed")


def _design(network: Any, activation: Any, depth: Any, width: Any, values: dict[str, Any]) -> Design:
    """The layers and the start of a named or given network."""
    if hasattr(network, "simulation_design"):
        if values or activation is not None:
            raise InputError(f"{type(network).__name__} has its layers and start; do not give {', '.join(values)}")
        return network.simulation_design()
    name = network if isinstance(network, str) else _snake(type(network).__name__)
    name = name.replace("-", "_").lower()
    known_name(name, DESIGNS, "network to simulate")
    fixed = getattr(network, "depth", None)
    if fixed is not None and depth is not None and depth != fixed:
        raise InputError(f"{network!r} is made for depth {fixed}, not {depth}")
    depth = fixed if depth is None else depth
    if depth is None or width is None:
        raise InputError("give depth (number of layers) and width (units per layer) as keywords")
    if isinstance(network, str):
        if activation is None:
            raise InputError(f"simulate({network!r}, ...) needs an activation as second argument, e.g. 'tanh'")
    else:
        if activation is not None:
            raise InputError(f"{network!r} has its activation; do not give another")
        activation = network.activation
        own = _own(network)
        twice = [n for n in own if n in values]
        if twice:
            raise InputError(f"{network!r} has its {', '.join(twice)}; do not give it again")
        values = own | values
    depth, width = positive_integer(depth, "depth", 10**7), positive_integer(width, "width", 10**6)
    return DESIGNS[name](activation, depth, width, values)


def _own(network: Any) -> dict[str, Any]:
    """What an architecture object fixes by itself, under the keywords of its design."""
    found = {n: getattr(network, n) for n in ("keep_probability", "skip") if hasattr(network, n)}
    kernel = getattr(network, "kernel", None)
    if kernel is not None:
        if len(network.size) != 1:
            raise UnsupportedError("nets on a torus are not simulated; use one dimension of positions")
        (size,) = network.size
        shares = {(o if 2 * o <= size else o - size): share for (o,), share in kernel.variances}
        reach = max(abs(offset) for offset in shares)
        found["kernel_variances"] = [shares.get(offset, 0) for offset in range(-reach, reach + 1)]
        found["size"] = size
    return found


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def _named(samples: dict[str, Any], design: Design) -> dict[str, Estimate]:
    """Estimates under the names of the papers, and those made from several means."""
    import numpy as np

    found = {name: Estimate(a.mean(axis=0), a) for name, a in samples.items()}
    if design.positions:
        sigma = found.pop("p")
        diagonal = np.diagonal(sigma.samples, axis1=-2, axis2=-1)
        return {"sigma": sigma, "q": Estimate(diagonal.mean(axis=0), diagonal), **_gradients(found)}
    if design.preactivations_only:
        found = {design.rename.get(name, name): e for name, e in found.items()}
        if design.two:
            found["c"] = combine(lambda ab, a, b: ab / np.sqrt(a * b), found["q_ab"], found["q"], found["q2"])
            found |= {"q_a": found["q"], "q_b": found["q2"]}
        return found | _gradients(found)
    if design.two:
        parts = found["gamma"], found["p"], found["p2"]
        found["e"] = combine(lambda ab, a, b: ab / np.sqrt(a * b), *parts)
        found["s"] = combine(lambda ab, a, b: (a + b) / 2 - ab, *parts)
    return found | _gradients(found)


def _gradients(found: dict[str, Estimate]) -> dict[str, Estimate]:
    """What is made from chi."""
    import numpy as np

    if "chi" not in found:
        return found
    chi = found["chi"]
    first = Estimate(
        np.broadcast_to(chi.mean[:1], chi.mean.shape), np.broadcast_to(chi.samples[:, :1], chi.samples.shape)
    )
    return {
        **found,
        "log_chi": combine(np.log, chi),
        "chi_ratio": combine(lambda a, b: a / b, first, chi),
    }
