"""Write a release whole or not at all: into a folder beside the one asked for, which then takes its place."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.provenance import provenance
from lpact_eval.reporting.whole import put_in_place, recover
from lpact_eval.reporting.wording import exemptions, require_plain_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.disclosure.records import PublishedRecords

MANIFEST: Final = "release.json"


def write_release(published: Published, folder: str | Path, *, formats: Sequence[str] | None = None) -> list[Path]:
    """Write what people read: page, workbook, csv, and a manifest of them.

    Parameters
    ----------
    published : Published
        Cleared rows, the only thing that reports are made of.
    folder : path
        Where the release goes; made if it is not there. An earlier release in it is replaced as a whole, other
        files in such a folder are kept.
    formats : sequence of str, optional
        Of "html", "xlsx" and "csv"; all of them without it.

    Returns
    -------
    list of Path
        The files of the release, the page first.

    Raises
    ------
    WrongUseError
        If a format is not known, or the folder holds other things than a release.
    LpactError
        If an output would say what these surveys can't support; earlier outputs stay as they were.
    """
    chosen = _formats(formats)
    target = Path(folder).resolve()
    recover(target)
    _require_release_or_nothing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-draft-", dir=target.parent))
    try:
        names = [name for one in chosen for name in WRITERS[one](published, draft)]
        _write_manifest(published, draft, names)
        _keep_other_files(target, draft)
        draft.chmod(0o755)
        put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return [target / name for name in (*names, MANIFEST)]


def _formats(formats: Sequence[str] | None) -> list[str]:
    """Check the formats asked for; their order is that of the release."""
    asked = list(WRITERS) if formats is None else list(formats)
    unknown = [name for name in asked if name not in WRITERS]
    if unknown or not asked:
        found = f"the formats {unknown}" if unknown else "a release without formats"
        msg = f"Cannot write {found}; there are {list(WRITERS)}. Choose from these."
        raise WrongUseError(msg)
    return [name for name in WRITERS if name in asked]


def _page(published: Published, folder: Path) -> list[str]:
    """Write the page."""
    from lpact_eval.reporting.page import write_page  # noqa: PLC0415 - a csv alone needs no templates

    write_page(published, folder / "report.html")
    return ["report.html"]


def _workbook(published: Published, folder: Path) -> list[str]:
    """Write the workbook."""
    from lpact_eval.reporting.workbook import write_workbook  # noqa: PLC0415 - a page alone needs no workbook library

    write_workbook(published, folder / "tables.xlsx")
    return ["tables.xlsx"]


def _csv(published: Published, folder: Path) -> list[str]:
    """Write the csv and its dictionary."""
    from lpact_eval.reporting.tidy import write_dictionary, write_tidy  # noqa: PLC0415 - as above

    write_tidy(published, folder / "results.csv")
    write_dictionary(folder / "data-dictionary.csv")
    names = ["results.csv", "data-dictionary.csv"]
    return names if published.records is None else [*names, *_record_csv(published, published.records, folder)]


def _record_csv(published: Published, records: PublishedRecords, folder: Path) -> list[str]:
    """Write the csv of the records of events and its dictionary."""
    from lpact_eval.reporting.record_tidy import (  # noqa: PLC0415 - surveys alone never need it
        write_record_dictionary,
        write_record_rows,
    )

    write_record_rows(published, records, folder / "records.csv")
    write_record_dictionary(folder / "records-dictionary.csv")
    return ["records.csv", "records-dictionary.csv"]


WRITERS: Final[Mapping[str, Callable[[Published, Path], list[str]]]] = {
    "html": _page,
    "xlsx": _workbook,
    "csv": _csv,
}


def _write_manifest(published: Published, folder: Path, names: Sequence[str]) -> None:
    """List the files of the release with their hashes, and where the release comes from."""
    manifest = {
        "title": published.facts.title,
        "synthetic": published.synthetic or (published.records is not None and published.records.synthetic),
        "rules": published.rules.name,
        "made": dict(provenance(published).lines()),
        "definitions": dict(published.facts.definitions),
        "allowed_words": dict(published.facts.allow_words),
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
    }
    require_plain_words(published.facts.title, MANIFEST, exemptions(published))
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _require_release_or_nothing(target: Path) -> None:
    """Refuse to replace a folder that holds something else."""
    if target.is_dir() and (target / MANIFEST).is_file():
        return
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        found = "something else in it" if target.is_dir() else "a file of that name"
        msg = (
            f"Cannot write a release to {target.name}: there is {found} and no earlier release. "
            "Choose a new or empty folder."
        )
        raise WrongUseError(msg)


def _keep_other_files(target: Path, draft: Path) -> None:
    """Copy what others put beside an earlier release; its own files are left behind."""
    if not target.is_dir():
        return
    listed = _listed(target / MANIFEST)
    for path in target.iterdir():
        if path.name in {*listed, MANIFEST} or (draft / path.name).exists():
            continue
        if path.is_dir():
            shutil.copytree(path, draft / path.name)
        else:
            shutil.copy2(path, draft / path.name)


def _listed(manifest: Path) -> set[str]:
    """Read which files belong to an earlier release."""
    if not manifest.is_file():
        return set()
    content = cast("Mapping[str, Mapping[str, str]]", json.loads(manifest.read_text(encoding="utf-8")))
    return set(content.get("files", {}))
