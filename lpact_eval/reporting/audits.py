"""The checklists of everything that readers get: which belongs to which file, and what each found."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting import audit_charts, audit_page, audit_slides, audit_word, audit_workbook
from lpact_eval.reporting.chart_names import INDEX, INDEX_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    Advice = Mapping[str, tuple[object, str]]

OPENS: Final = "It can be opened"
_AGAIN: Final = "Write it again, or ask whoever made it for a sound one."


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of output.

    Attributes
    ----------
    what : str
    endings : tuple of str
        Of its files, in small letters; none for a folder of charts.
    audit : callable
        Goes through its checklist.
    checks : mapping of str to tuple
        Its rules, and with each what to do.
    """

    what: str
    endings: tuple[str, ...]
    audit: Callable[[Path], Mapping[str, list[str]]]
    checks: Advice


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one rule.

    Attributes
    ----------
    file, kind, rule : str
    places : tuple of str
        Where the file falls short; none where it does not.
    advice : str
        What to do about it.
    """

    file: str
    kind: str
    rule: str
    places: tuple[str, ...]
    advice: str

    @property
    def status(self) -> str:
        """Whether the rule is kept: "ok" or "fail"."""
        return "fail" if self.places else "ok"


CHARTS: Final = Kind("folder of charts", (), audit_charts.audit_charts, audit_charts.CHECKS)
KINDS: Final = (
    Kind("page", (".html", ".htm"), audit_page.audit_page, audit_page.CHECKS),
    Kind("workbook", (".xlsx",), audit_workbook.audit_workbook, audit_workbook.CHECKS),
    Kind("Word document", (".docx",), audit_word.audit_word, audit_word.CHECKS),
    Kind("file of slides", (".pptx",), audit_slides.audit_slides, audit_slides.CHECKS),
)


def kind_of(path: Path) -> Kind | None:
    """Tell which checklist a file has.

    Parameters
    ----------
    path : Path
        A file, by its ending; or a folder with a list of charts.

    Returns
    -------
    Kind or None
        None where there is no checklist.
    """
    if path.is_dir():
        return CHARTS if _holds_charts(path) else None
    return next((kind for kind in KINDS if path.suffix.casefold() in kind.endings), None)


def to_be_checked(paths: Sequence[Path]) -> list[Path]:
    """Find every output at some places.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders that are searched down to the last.

    Returns
    -------
    list of Path
        Files and folders of charts, each once.

    Raises
    ------
    WrongUseError
        If one is not there, has no checklist, or holds nothing that has one.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            msg = f"There is no file or folder {path}. Give what is to be checked, such as the folder of a release."
            raise WrongUseError(msg)
        here = list(_within(path)) if path.is_dir() else [path] if kind_of(path) else []
        if not here:
            endings = ", ".join(ending for kind in KINDS for ending in kind.endings)
            what = "holds nothing that can be checked" if path.is_dir() else "can't be checked"
            msg = f"{path} {what}: there are checklists for {endings} and for folders of charts. Give one of these."
            raise WrongUseError(msg)
        found |= dict.fromkeys(here)
    return list(found)


def findings(paths: Sequence[Path], *, others: Collection[str] = ()) -> Iterator[Finding]:
    """Go through the checklists of some outputs.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders of charts that have a checklist.
    others : collection of str
        What lies in a folder of charts and is known to belong to somebody else.

    Yields
    ------
    Finding
        One a rule; one alone for a file that can't be read.
    """
    for path in paths:
        kind = kind_of(path)
        if kind is None:
            continue
        try:
            kept = audit_charts.audit_charts(path, others) if kind is CHARTS else kind.audit(path)
        except LpactError as error:
            yield Finding(str(path), kind.what, OPENS, (str(error),), _AGAIN)
            continue
        except Exception as error:  # noqa: BLE001 - whatever a damaged file makes a checklist stumble over
            why = f"{path.name} is no {kind.what} that can be checked: it is damaged ({type(error).__name__})."
            yield Finding(str(path), kind.what, OPENS, (why,), _AGAIN)
            continue
        for rule, places in kept.items():
            yield Finding(str(path), kind.what, rule, tuple(places), kind.checks[rule][1])


def _within(folder: Path) -> Iterator[Path]:
    """Search a folder; what a program keeps there for itself is left aside, and a folder of charts is one output."""
    if _holds_charts(folder):
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _within(path)
        elif path.is_file() and kind_of(path) is not None:
            yield path


def _holds_charts(folder: Path) -> bool:
    """Whether a folder has a list of charts."""
    try:
        with (folder / INDEX).open(encoding="utf-8-sig", newline="") as file:
            return INDEX_COLUMNS[-1] in next(csv.reader(file), list[str]())
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
