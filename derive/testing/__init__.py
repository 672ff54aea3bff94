"""Assertions for other people's test suites: identities, expansions and enclosures.

Each assertion compares by numbers of high precision and says, when it fails, where the two sides part and by how much.
None of them is a proof; :mod:`derive.evidence` has those.

>>> from derive.testing import assert_identity
>>> assert_identity("sin(2*x)", "2*sin(x)*cos(x)", digits=30)
Agreement(points=8, digits=30)
"""

from __future__ import annotations

from derive.testing.enclosure import assert_enclosed
from derive.testing.expansion import assert_expansion
from derive.testing.identity import assert_identity
from derive.testing.sides import Agreement

__all__ = ["Agreement", "assert_enclosed", "assert_expansion", "assert_identity"]
