"""Find the shipped definitions, plan and templates, in a wheel or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def surveys_folder() -> Path:
    """Return the folder of the shipped survey definitions, demo surveys and population counts."""
    return _shipped("surveys", checkout="surveys")


def templates_folder() -> Path:
    """Return the folder of the report templates."""
    return _shipped("templates", checkout="reports/templates")


def plan_file() -> Path:
    """Return the shipped evaluation plan, which runs on the demo surveys."""
    return _shipped("evaluation-plan.toml", checkout="analyses/evaluation-plan.toml")


def ordinary(path: Path) -> Path:
    """Return a path that can be read to its end.

    Raises
    ------
    OSError
        If it is a device or a pipe, which a definition may name by mistake and which never ends.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        msg = "not an ordinary file"
        raise OSError(msg)
    return path


def _shipped(name: str, *, checkout: str) -> Path:
    """Prefer the wheel's copy; in a checkout it lies beside the package."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.exists() else _PACKAGE.parent / checkout
