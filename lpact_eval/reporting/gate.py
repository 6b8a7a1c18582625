"""One gate before readers: every check of a written release, and a copy of it, whole, where none fails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.evaluation.checks import Check
from lpact_eval.reporting.audits import findings, kind_of
from lpact_eval.reporting.chart_names import FOLDER as CHARTS
from lpact_eval.reporting.differencing import telling
from lpact_eval.reporting.differencing_workbook import telling_workbooks
from lpact_eval.reporting.gate_accounts import DECIDED, accounts_told, in_decisions
from lpact_eval.reporting.gate_confidential import in_page, in_workbook, marks_in_rows, small_in_rows
from lpact_eval.reporting.gate_documents import KINDS, in_file
from lpact_eval.reporting.gate_linked import told_in_rows
from lpact_eval.reporting.gate_records import in_records
from lpact_eval.reporting.handover import RECEIPT, hand_over, require_target
from lpact_eval.reporting.inside import leads_away, others_in
from lpact_eval.reporting.page_parts import read_page
from lpact_eval.reporting.release import MANIFEST
from lpact_eval.reporting.release_folder import RECORDS, TIDY, ReleaseFolder, read_release

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE: Final = "report.html"
WORKBOOK: Final = "tables.xlsx"
ITEMS: Final = 11  # of the disclosure of methods
CONFIDENTIAL: Final = "Confidentiality"
_STOPPED, _FAILED = 3, 2
OTHER_TABLES: Final = "the other tables"
_LISTED: Final = 20  # places of one finding
_UNKNOWN: Final = ("not stated",)  # what the page writes where the plan or a wave is silent

Look = Callable[[], list[str]]


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate found, and what became of the release.

    Attributes
    ----------
    checks : tuple of Check
        In order; those of confidentiality begin with that word.
    copied : tuple of Path
        Files at the target, the receipt last; none where a check failed or no target was given.
    """

    checks: tuple[Check, ...]
    copied: tuple[Path, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 where nothing failed, 3 where confidentiality did, else 2."""
        failed = [check.what for check in self.checks if check.status == "fail"]
        if any(what.startswith(CONFIDENTIAL) for what in failed):
            return _STOPPED
        return _FAILED if failed else 0


def release_gate(folder: str | Path, *, target: str | Path | None = None, earlier: Sequence[str | Path] = ()) -> Gate:
    """Check a written release as a whole, and copy it where none of the checks fails.

    Parameters
    ----------
    folder : path
        What `write_release` wrote.
    target : path, optional
        Where the copy goes, with a receipt. A release there is replaced as a whole, and counts as an earlier one.
    earlier : sequence of path, optional
        Releases that readers have, or may keep.

    Returns
    -------
    Gate

    Raises
    ------
    WrongUseError
        If there is no release in the folder or in an earlier one, or the target holds something else.
    LpactError
        If release.json or results.csv is damaged.
    """
    release = read_release(folder)
    goal = None if target is None else Path(target)
    if goal is not None:
        require_target(release, goal)
    checks = tuple(_checks(release, _before(release, goal, earlier)))
    gate = Gate(checks)
    if goal is None or gate.exit_code:
        return gate
    return Gate(checks, tuple(hand_over(release, goal, checks)))


def _before(release: ReleaseFolder, goal: Path | None, earlier: Sequence[str | Path]) -> list[ReleaseFolder]:
    """Read the releases that readers have: those named, and the one that this would replace."""
    named = [Path(path) for path in earlier]
    if goal is not None and (goal / MANIFEST).is_file():
        named.append(goal)
    unique = {path.resolve(): path for path in named}
    if release.folder.resolve() in unique:
        msg = "A release is no earlier one of itself; name other folders with --earlier."
        raise WrongUseError(msg)
    return [read_release(path) for path in unique.values()]


def _checks(release: ReleaseFolder, earlier: Sequence[ReleaseFolder]) -> Iterator[Check]:
    """Go through all checks; what is damaged is not looked into."""
    whole = _intact(release)
    yield _found("Files", whole, "all there, with the hashes of release.json", "Write the release again.")
    yield _others(release)
    yield _formats(release)
    damaged = {name for name in release.files if any(line.startswith(f"{name}:") for line in whole)}
    yield from _confidential(release, damaged, earlier)
    yield from _accessible(release, damaged)
    if PAGE in release.files and PAGE not in damaged:
        yield from _complete(release)
    yield from accounts_told(release)
    if release.synthetic:
        yield Check("warn", "Respondents", "made up: nothing in the release is about real people")


def _intact(release: ReleaseFolder) -> list[str]:
    """Find files of the manifest that are gone, replaced or changed."""
    found: list[str] = []
    for name, sha256 in release.files.items():
        path = release.folder / name
        if leads_away(release.folder, name):
            found.append(f"{name}: is a link to somewhere else")
        elif not path.is_file():
            found.append(f"{name}: is gone")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            found.append(f"{name}: was changed after it was written")
    return found


def _others(release: ReleaseFolder) -> Check:
    """Name what lies beside the release and is not part of it."""
    known = {*release.files, MANIFEST, RECEIPT}
    others = others_in(release.folder, known)
    if not others:
        return Check("ok", "Other files", "none beside the release")
    what = "1 file or folder is" if len(others) == 1 else f"{len(others)} files or folders are"
    return Check("warn", "Other files", f"{what} not part of the release, not looked at and not copied", tuple(others))


def _formats(release: ReleaseFolder) -> Check:
    """Say which of a release's files there are."""
    absent = [name for name in (PAGE, WORKBOOK, TIDY) if name not in release.files]
    if TIDY in absent:
        found = f"there is no {TIDY}, without which nothing can be checked; run the plan with csv among its formats"
        return Check("fail", "Formats", found)
    if absent:
        return Check("warn", "Formats", f"there is no {' and no '.join(absent)}; readers may need it")
    return Check("ok", "Formats", f"{PAGE}, {WORKBOOK} and {TIDY}")


def _confidential(release: ReleaseFolder, damaged: set[str], earlier: Sequence[ReleaseFolder]) -> Iterator[Check]:
    """Look for what the rules keep back, in every file and beside earlier releases."""
    again = "Don't give it out. Run the plan again with this version; if it comes back, report it as a fault."
    known = release.rules_name == release.rules.name
    title = f"the rules {release.rules.title!r}"
    if not known:
        yield Check("warn", f"{CONFIDENTIAL}: rules", f"they are not known here; checked by {title}")
    looks: list[tuple[str, str, Look]] = [
        (f"bases in {TIDY}", TIDY, lambda: small_in_rows(release)),
        (f"marks in {TIDY}", TIDY, lambda: marks_in_rows(release)),
        (f"what {TIDY} tells of what it hides", TIDY, lambda: told_in_rows(release)),
        (f"bases in {' and '.join(DECIDED)}", DECIDED[0], lambda: in_decisions(release)),
        (f"counts and marks in {RECORDS}", RECORDS, lambda: in_records(release)),
        (f"bases and marks in {WORKBOOK}", WORKBOOK, lambda: in_workbook(release.folder / WORKBOOK, release)),
        (f"bases, marks and charts in {PAGE}", PAGE, lambda: in_page(release.folder / PAGE, release)),
    ]
    looks += list(_of_others(release, {name for _, name, _ in looks} | damaged))
    for what, name, look in looks:
        if name in release.files and name not in damaged:
            yield _looked(f"{CONFIDENTIAL}: {what}", look, f"nothing below {title}", again)
    for other in earlier:
        yield _beside(release, other)


def _of_others(release: ReleaseFolder, known: set[str]) -> Iterator[tuple[str, str, Look]]:
    """Look at every further file that has words: document and slides each by itself, folders as a whole."""
    places: dict[str, list[str]] = {}
    for name in release.files:
        if name not in known and name.endswith(KINDS):
            folder, _, _ = name.rpartition("/")
            places.setdefault(folder or (OTHER_TABLES if name.endswith(".csv") else name), []).append(name)
    for place, names in places.items():

        def look(names: Sequence[str] = names) -> list[str]:
            return [found for name in names for found in in_file(release.folder / name, name, release.rules)]

        yield f"bases and marks in {place}", names[0], look


def _beside(release: ReleaseFolder, other: ReleaseFolder) -> Check:
    """Try to subtract an earlier release from this one."""
    what = f"{CONFIDENTIAL}: beside {other.folder.as_posix()}"
    if other.rows is None or release.rows is None:
        found = f"can't be told: one of them has no {TIDY}. Write it again with csv among its formats."
        return Check("fail", what, found)
    places = [one.sentence for one in telling(other, release)] or told_in_rows(release, [other])
    books = [one.folder / WORKBOOK for one in (other, release)]
    if all(book.is_file() for book in books):
        least = max(one.rules.suppress_below for one in (other, release))
        try:
            places += telling_workbooks(books[0], books[1], least)
        except LpactError as error:
            places.append(str(error))
    advice = "Suppress the same cells in both, keep the answers of the earlier one, or withdraw that."
    return _found(what, places, "together they tell no small number", advice)


def _accessible(release: ReleaseFolder, damaged: set[str]) -> Iterator[Check]:
    """Go through the checklists of the formats that there are."""
    charts = [name for name in release.files if name.startswith(f"{CHARTS}/")]
    paths = [release.folder / name for name in release.files if name not in damaged and kind_of(Path(name)) is not None]
    if charts and not damaged & set(charts) and not leads_away(release.folder, CHARTS):
        paths.append(release.folder / CHARTS)
    others = others_in(release.folder, release.files)
    for one in findings(paths, others={name.removeprefix(f"{CHARTS}/") for name in others}):
        name = Path(one.file).relative_to(release.folder).as_posix()
        yield _found(f"Accessibility of {name}: {one.rule}", one.places, "yes", f"{one.advice} Or run the plan again.")


def _complete(release: ReleaseFolder) -> Iterator[Check]:
    """See whether readers are told how it was done."""
    parts = read_page((release.folder / PAGE).read_text(encoding="utf-8", errors="replace"))
    terms = [(name, text) for heading, name, text in parts.terms if heading == "Disclosure of methods"]
    blank = [f"{name}: is blank" for name, text in terms if not text.strip(" .") or _said_unknown(text)]
    missing = [] if len(terms) >= ITEMS else [f"{len(terms)} of {ITEMS} items are there"]
    advice = "Fill them in, in the plan and in wave.toml, and run the plan again."
    yield _found("Disclosure of methods", [*missing, *blank], f"all {ITEMS} items are told", advice)


def _said_unknown(text: str) -> bool:
    """Whether a text says that something is not known."""
    return any(word in text.casefold() for word in _UNKNOWN)


def _looked(what: str, look: Look, well: str, advice: str) -> Check:
    """Look; a file that can't be read is no release's."""
    try:
        return _found(what, look(), well, advice)
    except (LpactError, ValueError) as error:
        return Check("fail", what, _reason(error, what))


def _reason(error: Exception, what: str) -> str:
    """Say why a file could not be looked at; the message of another library may hold what stands in it."""
    return str(error) if isinstance(error, LpactError) else f"{what} can't be read. Write the release again."


def _found(what: str, places: Sequence[str], well: str, advice: str) -> Check:
    """Make a check of what was found; nothing is well."""
    if not places:
        return Check("ok", what, well)
    shown = list(dict.fromkeys(places))
    more = [f"and {len(shown) - _LISTED} more"] if len(shown) > _LISTED else []
    number = "in one place" if len(shown) == 1 else f"in {len(shown)} places"
    return Check("fail", what, f"{number}. {advice}", (*shown[:_LISTED], *more))
