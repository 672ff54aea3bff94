"""The orbit of a driver and of the state it drives, in mpmath with guard digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.errors import DomainError

__all__ = ["DrivenOrbit"]


class DrivenOrbit:
    """The iterates of both states, kept wherever they were asked for."""

    def __init__(
        self,
        name: str,
        step: Callable[[Any, Any, int], tuple[Any, Any]],
        to_w: Callable[[Any], Any],
        x0: Any,
        eta0: Any,
        digits: int,
    ) -> None:
        import mpmath

        from derive.numerics import to_mpf

        self.name, self.step, self.to_w, self.digits = name, step, to_w, digits
        self.start = (x0, eta0)
        with mpmath.workdps(digits):
            self._begin = (0, to_mpf(x0), to_mpf(eta0))
        self._kept = {0: self._begin}

    def relative_rounding(self, steps: int) -> Any:
        """A generous estimate of the accumulated rounding."""
        from flint import arb

        return arb(10) ** (6 - self.digits) * (steps + 1)

    def at(self, steps: int) -> tuple[Any, Any]:
        """Balls of w and of the state after ``steps`` steps (of the rounded iterates)."""
        from derive.numerics import to_arb

        _, x, eta = self.states(steps)
        return self.to_w(to_arb(x)), to_arb(eta)

    def states(self, steps: int) -> tuple[int, Any, Any]:
        """Both states as mpmath numbers."""
        import mpmath

        m, x, eta = self._kept[max(m for m in self._kept if m <= steps)]
        with mpmath.workdps(self.digits):
            edge = 10**40 * (1 + abs(eta))
            for i in range(m, steps):
                try:
                    x, eta = self.step(x, eta, self.digits)
                except ZeroDivisionError:
                    raise DomainError(
                        f"{self.name} is not defined at x_{i} = {mpmath.nstr(x, 8)} of the start {self.start}; choose "
                        "another start"
                    ) from None
                if not isinstance(eta, mpmath.mpf) or not abs(eta) < edge:
                    raise DomainError(
                        f"{self.name} does not tend to its limit from the start {self.start}: the deviation is "
                        f"{mpmath.nstr(eta, 5)} after {i + 1} steps; choose another start"
                    )
        self._kept[steps] = (steps, x, eta)
        return self._kept[steps]
