"""Property tests draw the same cases in every run; HYPOTHESIS_PROFILE=random draws new ones."""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, database=None)
settings.register_profile("random")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
