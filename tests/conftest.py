"""Property tests draw the same cases in every run; HYPOTHESIS_PROFILE=random draws new ones.

Each test process takes one BLAS thread: several processes with several threads each wait for one another.
"""

import os

import pytest
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported, which happens in the test modules
settings.register_profile("fixed", derandomize=True, database=None)
settings.register_profile("random")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_collection_modifyitems(items):
    """Refuse names of tests that hold an address: processes that share the work would not agree on them."""
    for item in items:
        if " at 0x" in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid} has an address in its name; give the parameters ids")
