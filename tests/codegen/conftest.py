"""Tables and libraries made by these tests go to a folder of their own, so that building them is tested too."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DERIVE_CACHE", str(tmp_path_factory.getbasetemp() / "codegen"))
        yield
