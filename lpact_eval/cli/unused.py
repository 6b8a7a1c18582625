"""What a command does not load: parts of numpy that scipy asks for by name only."""

from __future__ import annotations

import importlib.util
import sys

# scipy.special copies every name that numpy has, and so loads numpy's wrapper of Fortran, its tools for tests and more:
# a 60th of a run for what no command uses
_PARTS = ("char", "ctypeslib", "f2py", "polynomial", "strings", "testing")


def put_off_unused_parts() -> None:
    """Load these parts of numpy only where something looks into them, as the standard library's lazy loader does.

    For a command alone: who imports this package has numpy as it is.
    """
    import numpy as np  # noqa: PLC0415 - a command that works nothing out loads no numpy

    for part in _PARTS:
        name = f"numpy.{part}"
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            continue
        spec.loader = loader = importlib.util.LazyLoader(spec.loader)
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        setattr(np, part, module)
