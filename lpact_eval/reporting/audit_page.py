"""Whether a page can be read by everyone, and by itself: the checklist for the HTML of a release."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import LpactError
from lpact_eval.reporting.page_parts import read_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lpact_eval.reporting.page_parts import PageParts

_ELEMENT: Final = re.compile(r"<(html|head|title|body|main|div|p|table|h[1-6])\b", re.IGNORECASE)
_LANG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


def audit_page(path: Path) -> dict[str, list[str]]:
    """Go through the checklist for a page.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to list of str
        What is asked of a page, and where it falls short; nothing where it does not.

    Raises
    ------
    LpactError
        If the file is no page.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path.name} is no page that can be checked: it is not in UTF-8. Write it again."
        raise LpactError(msg) from error
    if not _ELEMENT.search(text):
        msg = f"{path.name} is no page that can be checked: it is not HTML. Write it again."
        raise LpactError(msg)
    parts = read_page(text)
    return {rule: check(parts) for rule, (check, _) in CHECKS.items()}


def _language(parts: PageParts) -> list[str]:
    """Find a page of no language."""
    return [] if _LANG.fullmatch(parts.lang) else ['html has no lang; write lang="en-GB"']


def _title(parts: PageParts) -> list[str]:
    """Find a page without a title."""
    return [] if parts.title else ["there is no title"]


def _headings(parts: PageParts) -> list[str]:
    """Find empty headings, levels that are left out, and more or less than one first heading."""
    levels = [level for level, _ in parts.headings]
    found = [] if levels.count(1) == 1 else [f"there are {levels.count(1)} headings of the first level, not one"]
    found += [f"heading {place} is empty" for place, (_, text) in enumerate(parts.headings, 1) if not text]
    return found + [
        f"heading {place} is of level {level} after {before}"
        for place, (before, level) in enumerate(pairwise(levels), 2)
        if level > before + 1
    ]


def _tables(parts: PageParts) -> list[str]:
    """Find tables without a caption, headings, or the scope of one."""
    found: list[str] = []
    for place, table in enumerate(parts.tables, 1):
        found += [] if table.caption else [f"table {place} has no caption"]
        found += [] if table.headings and all(table.headings) else [f"table {place} has no headings, or an empty one"]
        found += [] if all(table.scopes) else [f"table {place} has a heading without scope"]
    return found


def _pictures(parts: PageParts) -> list[str]:
    """Find pictures without a text alternative."""
    return [f"{len(parts.unnamed)} pictures have no text alternative"] if parts.unnamed else []


def _alone(parts: PageParts) -> list[str]:
    """Find what the page would ask another place for."""
    found = [f"{tag}: fetches something from outside" for tag in dict.fromkeys(parts.fetched)]
    closed = "default-src 'none'" in parts.policy and "connect-src 'none'" in parts.policy
    return found + ([] if closed else ["its content security policy lets scripts reach other places, or it has none"])


CHECKS: Final[Mapping[str, tuple[Callable[[PageParts], list[str]], str]]] = {
    "It says in which language it is": (_language, 'Write <html lang="en-GB">.'),
    "It has a title": (_title, "Write a <title> in the page's head."),
    "Its headings follow one another": (
        _headings,
        "Give the page one <h1>, leave no level out below it, and remove empty headings.",
    ),
    "Its tables have captions and headings with their scope": (
        _tables,
        'Give each table a <caption>, and each heading <th scope="col"> or <th scope="row">.',
    ),
    "Its pictures have text alternatives": (_pictures, "Write alt or aria-label; an empty alt for what is decoration."),
    "It asks nothing of other places": (
        _alone,
        "Put style, script and pictures into the page, and a policy with default-src 'none' and connect-src 'none'.",
    ),
}
