"""Write a release whole or not at all: into a folder beside the one asked for, which then takes its place."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.account_words import registration_words
from lpact_eval.reporting.inside import keep_others
from lpact_eval.reporting.outputs import OUTPUTS, NotPossibleError, chosen_outputs
from lpact_eval.reporting.provenance import provenance
from lpact_eval.reporting.whole import put_in_place, recover
from lpact_eval.reporting.wording import exemptions, require_plain_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lpact_eval.disclosure.published import Published

MANIFEST: Final = "release.json"


def write_release(
    published: Published,
    folder: str | Path,
    *,
    formats: Sequence[str] | None = None,
    house: object = None,
    step: Callable[[str], object] | None = None,
    templates: str | Path | None = None,
) -> list[Path]:
    """Write what people read, and a manifest of it.

    Parameters
    ----------
    published : Published
        Cleared rows, the only thing that reports are made of.
    folder : path
        Where the release goes; made if it is not there. An earlier release in it is replaced as a whole, other
        files in such a folder are kept.
    formats : sequence of str, optional
        Of the names of `OUTPUTS`, such as "html", "xlsx" and "csv". Without it all of them are written, and what can't
        be made of this release is left out and named with its reason in release.json, under "left_out".
    house : optional
        What the force puts on its documents, for the outputs that take it.
    step : callable, optional
        Told in words, output by output, what is written next, for a progress bar.
    templates : path, optional
        Folder of the user's own templates, for the outputs that have words; the shipped ones stand where it has none.

    Returns
    -------
    list of Path
        The files of the release, the page first.

    Raises
    ------
    WrongUseError
        If a format is not known, or the folder holds other things than a release.
    LpactError
        If an output would say what these surveys can't support, or one that was asked for can't be made; earlier
        outputs stay as they were.
    """
    chosen = chosen_outputs(formats, tuple(OUTPUTS))
    words = None if templates is None else Path(templates)
    target = Path(folder).resolve()
    recover(target)
    _require_release_or_nothing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-draft-", dir=target.parent))
    try:
        given = {"house": house, "templates": words}
        names, reasons = _write_outputs(published, draft, chosen, given=given, all_of_them=formats is None, step=step)
        _write_manifest(published, draft, names, reasons)
        if target.is_dir():
            keep_others(target, draft, {*_listed(target / MANIFEST), MANIFEST})
        draft.chmod(0o755)
        put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return [target / name for name in (*names, MANIFEST)]


def _write_outputs(
    published: Published,
    folder: Path,
    chosen: Sequence[str],
    *,
    given: Mapping[str, object],
    all_of_them: bool,
    step: Callable[[str], object] | None,
) -> tuple[list[str], dict[str, str]]:
    """Write outputs into a folder; return the names of their files, and why some could not be made."""
    names: list[str] = []
    reasons: dict[str, str] = {}
    for one in chosen:
        if step:
            step(f"writing the {OUTPUTS[one].what}")
        try:
            names += OUTPUTS[one].write(published, folder, given)
        except NotPossibleError as error:
            if not all_of_them:
                raise
            reasons[one] = str(error)
    return names, reasons


def _write_manifest(published: Published, folder: Path, names: Sequence[str], reasons: Mapping[str, str]) -> None:
    """List the files of the release with their hashes, and where the release comes from."""
    manifest = {
        "title": published.facts.title,
        "synthetic": published.synthetic or (published.records is not None and published.records.synthetic),
        "rules": published.rules.name,
        "made": dict(provenance(published).lines()),
        "definitions": dict(published.facts.definitions),
        "allowed_words": dict(published.facts.allow_words),
        **_accounts(published),
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
        **({"left_out": dict(reasons)} if reasons else {}),
    }
    require_plain_words(published.facts.title, MANIFEST, exemptions(published))
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _accounts(published: Published) -> dict[str, object]:
    """Tell machines of the plan's registration, and which items of the disclosure of methods are blank."""
    if published.accounts is None:
        return {}
    registration, methods = published.accounts.registration, published.accounts.methods
    points = registration.points
    return {
        "registration": {"state": registration.state, "points": points, "told": registration_words(published.accounts)},
        "methods": [{"name": item.name, "text": item.text, "missing": item.missing} for item in methods],
    }


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


def left_out(folder: Path) -> dict[str, str]:
    """Read which outputs of a release could not be made, and why.

    Parameters
    ----------
    folder : Path
        Of a release that was just written.

    Returns
    -------
    dict of str to str
    """
    content = cast("Mapping[str, Mapping[str, str]]", json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    return dict(content.get("left_out", {}))


def _listed(manifest: Path) -> set[str]:
    """Read which files belong to an earlier release."""
    if not manifest.is_file():
        return set()
    content = cast("Mapping[str, Mapping[str, str]]", json.loads(manifest.read_text(encoding="utf-8")))
    return set(content.get("files", {}))
