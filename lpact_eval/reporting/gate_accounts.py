"""Look at what a written release says of plan and run: is it complete, and is a small base in it?"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.errors import LpactError
from lpact_eval.evaluation.checks import Check
from lpact_eval.evaluation.methods_disclosure import Item, require_complete
from lpact_eval.reporting.differencing import number
from lpact_eval.reporting.differencing_workbook import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.reporting.release_folder import ReleaseFolder

DECIDED: Final = ("decisions.csv", "sizes.csv")
_REGISTERED: Final = "Registration of the plan"
_METHODS: Final = "Items of the disclosure of methods"


def in_decisions(release: ReleaseFolder) -> list[str]:
    """Find bases below the rules' threshold in the csv of decisions and of sizes.

    Parameters
    ----------
    release : ReleaseFolder

    Returns
    -------
    list of str
        Places, which hold no number.
    """
    return [
        f"{name}, line {line}: a base below the threshold is shown"
        for name in DECIDED
        if name in release.files
        for line, row in enumerate(_rows(release.folder / name), 2)
        for heading, text in row.items()
        if heading.startswith(BASE) and 0 < (number(text) or 0) < release.rules.suppress_below
    ]


def accounts_told(release: ReleaseFolder) -> Iterator[Check]:
    """See whether the items of the disclosure of methods are filled in, and what is said of the registration.

    Parameters
    ----------
    release : ReleaseFolder

    Yields
    ------
    Check
        None of the items where the release is of no plan's run.
    """
    items = _items(release)
    if items:
        try:
            require_complete(items)
        except LpactError as error:
            yield Check("fail", _METHODS, str(error))
        else:
            yield Check("ok", _METHODS, "none is blank")
    yield _registration(release.manifest.get("registration"))


def _registration(told: object) -> Check:
    """Judge what release.json says of the registration."""
    if not isinstance(told, dict):
        found = "the release doesn't say whether its plan was registered; run the plan again with this version"
        return Check("warn", _REGISTERED, found)
    known = cast("Mapping[str, object]", told)
    points = cast("Mapping[str, object]", known.get("points") or {})
    if known.get("state") == "never":
        return Check("warn", _REGISTERED, "the plan was never registered, and the release says so")
    if "before" not in points.values():
        return Check("warn", _REGISTERED, "the plan was registered when fieldwork had begun, and the release says so")
    if known.get("state") == "changed":
        return Check("warn", _REGISTERED, "the plan was changed after it was registered, and the release says how")
    return Check("ok", _REGISTERED, "registered before fieldwork, and the plan is now as it was then")


def _items(release: ReleaseFolder) -> list[Item]:
    """Read the items of the disclosure of methods."""
    listed = release.manifest.get("methods")
    if not isinstance(listed, list):
        return []
    found = [cast("Mapping[str, object]", one) for one in cast("Sequence[object]", listed) if isinstance(one, dict)]
    return [
        Item(place, str(one.get("name")), str(one.get("text", "")), "", tuple(map(str, _list(one.get("missing")))))
        for place, one in enumerate(found, 1)
    ]


def _list(value: object) -> Sequence[object]:
    """Read a list that may be absent."""
    return cast("Sequence[object]", value) if isinstance(value, list) else ()


def _rows(file: Path) -> list[dict[str, str]]:
    """Read a csv of the release."""
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
