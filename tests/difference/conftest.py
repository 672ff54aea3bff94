"""Values at moderate depth are iterated where that is cheap; the tests of this room look at the series instead."""

import pytest

from derive.difference.driven import triangular_numbers


@pytest.fixture(autouse=True)
def series_at_every_depth(monkeypatch):
    """No short cut by iteration beyond the first steps."""
    monkeypatch.setattr(triangular_numbers, "_AT_ONCE", 0.0)
