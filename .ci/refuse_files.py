"""Refuse files that must never be committed: respondents' answers, and anything large."""

# ruff: noqa: INP001 - a script beside the package, run by pre-commit and CI

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

LARGEST = 2_000_000  # bytes; the chart library of the page is 1.2 million

# Files that tools for surveys write, and tables that may hold a row per respondent
MICRODATA = (
    "*.sav",
    "*.zsav",
    "*.por",
    "*.dta",
    "*.rds",
    "*.rdata",
    "*.sas7bdat",
    "*.parquet",
    "*.xlsx",
    "*.xls",
    "*.csv",
)

# Synthetic respondents, census counts, look-up tables, and the numbers that tests compare with or simulations found
ALLOWED = (
    "surveys/*/demo/*",
    "surveys/population/*",
    "surveys/*/*lookup*.csv",
    "surveys/benchmarks/*.csv",
    "surveys/events/templates/*",
    "tests/evidence/expected/*",
    "tests/oracles/*",
    "tests/simulations/*.csv",
    "tests/*/fixtures/*",
)


def complaint(path: Path) -> str:
    """Return why a file is refused, or an empty text."""
    name = PurePosixPath(path.as_posix().removeprefix("./"))
    microdata = any(fnmatch(name.name.lower(), pattern) for pattern in MICRODATA)
    if microdata and not any(fnmatch(str(name), pattern) for pattern in ALLOWED):
        return f"{name}: may hold respondents' answers; only these may be committed: {', '.join(ALLOWED)}"
    size = path.stat().st_size if path.is_file() else 0
    if size > LARGEST:
        return f"{name}: {size:,} bytes; at most {LARGEST:,} may be committed"
    return ""


def main(names: list[str]) -> int:
    """Name every refused file."""
    complaints = [text for name in names if (text := complaint(Path(name)))]
    sys.stderr.writelines(f"{text}\n" for text in complaints)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
