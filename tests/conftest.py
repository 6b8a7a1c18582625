"""Settings that every test shares."""

from __future__ import annotations

import os

from hypothesis import settings

# The first example pays for slow imports, so no deadline; on CI the examples are the same in every run.
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")
