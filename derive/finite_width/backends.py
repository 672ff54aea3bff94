"""Where the arrays of a simulation live: NumPy, or JAX where it is installed.

Both draw from keys ``(seed, block, layer, family)``.  JAX draws Gaussian weights on its own device with its own
generator, so its nets are others than NumPy's of the same seed; other laws are drawn by NumPy and moved.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from derive.errors import InputError, UnsupportedError
from derive.finite_width.weights import WeightLaw

__all__ = ["JaxBackend", "NumpyBackend", "backend", "is_jax", "roll"]


def is_jax(x: Any) -> bool:
    """Whether an array is one of JAX's."""
    return type(x).__module__.startswith("jax")


def roll(x: Any, shift: int, axis: int) -> Any:
    """A cyclic shift, in the library the array belongs to."""
    if is_jax(x):
        import jax.numpy as library
    else:
        import numpy as library  # type: ignore[no-redef]
    return library.roll(x, shift, axis=axis)


class NumpyBackend:
    """NumPy on the processor."""

    name = "numpy"

    def scope(self) -> AbstractContextManager:
        """What has to be entered around a run."""
        return nullcontext()

    def array(self, x: Any) -> Any:
        """An array of this backend."""
        return x

    def generator(self, seed: int, key: tuple[int, ...]) -> Any:
        """NumPy's generator of a key."""
        import numpy as np

        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key)))

    def sample(self, law: WeightLaw, seed: int, key: tuple[int, ...], shape: tuple[int, ...]) -> Any:
        """Independent draws with variance 1."""
        return law.sample(self.generator(seed, key), shape)

    def singular_values(self, x: Any) -> Any:
        """Of a batch of matrices, as a NumPy array."""
        import numpy as np

        return np.linalg.svd(x, compute_uv=False)


class JaxBackend(NumpyBackend):
    """JAX in double precision, on its default device."""

    name = "jax"

    def scope(self) -> AbstractContextManager:
        import jax

        if hasattr(jax, "enable_x64"):
            return jax.enable_x64(True)
        from jax import experimental  # versions before 0.8

        return getattr(experimental, "enable_x64")(True)  # noqa: B009

    def array(self, x: Any) -> Any:
        import jax.numpy as jnp

        return jnp.asarray(x)

    def sample(self, law: WeightLaw, seed: int, key: tuple[int, ...], shape: tuple[int, ...]) -> Any:
        if law.name != "gaussian":
            return self.array(super().sample(law, seed, key, shape))
        import jax

        folded = jax.random.key(seed % 2**63)
        for part in key:
            folded = jax.random.fold_in(folded, part)
        return jax.random.normal(folded, shape, dtype="float64")

    def singular_values(self, x: Any) -> Any:
        import jax.numpy as jnp
        import numpy as np

        return np.asarray(jnp.linalg.svd(x, compute_uv=False))


def backend(name: Any) -> NumpyBackend:
    """The backend of that name: "numpy", "jax", or "auto" for JAX where it is installed.

    Raises :class:`~derive.errors.UnsupportedError` where JAX was asked for and is missing.
    """
    if name == "numpy":
        return NumpyBackend()
    if name not in ("jax", "auto"):
        raise InputError(f"backend = {name!r}; give 'numpy', 'jax' or 'auto'")
    try:
        import jax  # noqa: F401
    except ImportError as missing:
        if name == "auto":
            return NumpyBackend()
        raise UnsupportedError("backend='jax' needs JAX: pip install 'meanfield-derive[jax]'") from missing
    return JaxBackend()
