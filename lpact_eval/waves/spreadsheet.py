"""A crosswalk as a spreadsheet: written for people who don't write TOML, filled in, and read back exactly."""

import tempfile
from pathlib import Path

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.definition import WaveDefinition, read_definition
from lpact_eval.waves.delivered import Delivered, read_delivered
from lpact_eval.waves.item_checks import read_items
from lpact_eval.waves.located import has_file, read_toml, shown_path
from lpact_eval.waves.reading import delivered_path
from lpact_eval.waves.schema import read_schema
from lpact_eval.waves.spreadsheet_parsing import ParsedSheet, parse_rows, require_same
from lpact_eval.waves.spreadsheet_reading import read_rows
from lpact_eval.waves.spreadsheet_rows import crosswalk_rows
from lpact_eval.waves.spreadsheet_toml import crosswalk_text
from lpact_eval.waves.spreadsheet_writing import write_workbook

CROSSWALK = "crosswalk.toml"


def crosswalk_to_excel(
    name: str,
    path: str | Path,
    *,
    surveys: str | Path | None = None,
    answers: str | Path | None = None,
    replace: bool = False,
) -> Path:
    """Write a wave's crosswalk to a workbook: every delivered code with its label, count and harmonised answer.

    Parameters
    ----------
    name : str
        The wave's folder under `surveys`.
    path : path
        The .xlsx to write.
    surveys : path, optional
        Folder of the survey definitions; by default the one shipped.
    answers : path, optional
        The delivered file, as for `read_wave`. Without any there are no labels, counts and codes still to be mapped.
    replace : bool, default False
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        The workbook.

    Raises
    ------
    WrongUseError
        If there is no such wave, or the file exists.
    DefinitionError
        If the definition is wrong, or a cell can't hold one of its texts.
    HarmonisationError
        If the delivered file can't be read.

    Notes
    -----
    Counts below 10 are written as "fewer than 10". Free text has no counts, and none of it is listed but the entries
    of the definition's own look-up file. The workbook is read back and compared before it is kept.
    """
    target = _free(Path(path), replace=replace)
    if target.suffix.casefold() != ".xlsx":
        msg = f"Cannot write {target.name!r}: a crosswalk is written as .xlsx; give a name that ends so."
        raise WrongUseError(msg)
    definition = read_definition(name, Path(surveys) if surveys is not None else surveys_folder())
    delivered = _delivered(definition, answers)
    rows, hidden = crosswalk_rows(definition, delivered)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-draft-", dir=target.parent) as folder:
        draft = Path(folder, "draft.xlsx")
        write_workbook(draft, definition, rows, hidden, counted=delivered is not None)
        parsed = parse_rows(read_rows(draft), definition.schema, definition.folder, finished=False)
        require_same(parsed, definition.items, definition.not_asked, definition.crosswalk_file)
        draft.replace(target)
    return target


def crosswalk_from_excel(path: str | Path, *, folder: str | Path) -> str:
    """Read a crosswalk that was filled in as a spreadsheet.

    Parameters
    ----------
    path : path
        A workbook from `crosswalk_to_excel`.
    folder : path
        The wave's folder; harmonised.toml lies above it, look-up files in it.

    Returns
    -------
    str
        Text of the wave's crosswalk.toml; notes are comments.

    Raises
    ------
    WrongUseError
        If there is no such file or folder.
    DefinitionError
        If something is wrong: sheet, cell and the nearest right word. Formulas and very large files are refused.
    """
    return _text(Path(path), _read(Path(path), Path(folder)))


def import_crosswalk(path: str | Path, *, folder: str | Path, replace: bool = False) -> Path:
    """Read a crosswalk from a spreadsheet and write it as the wave's crosswalk.toml, whole or not at all.

    Parameters
    ----------
    path, folder : path
        As for `crosswalk_from_excel`.
    replace : bool, default False
        Whether an existing crosswalk.toml may be replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    WrongUseError
        If there is no such file or folder, or crosswalk.toml exists.
    DefinitionError
        As for `crosswalk_from_excel`.
    """
    target = Path(folder, CROSSWALK)
    parsed = _read(Path(path), Path(folder))
    _free(target, replace=replace)
    with tempfile.TemporaryDirectory(prefix=".crosswalk-draft-", dir=target.parent) as place:
        draft = Path(place, CROSSWALK)
        draft.write_text(_text(Path(path), parsed), encoding="utf-8", newline="\n")
        written = read_toml(draft)
        items, not_asked = read_items(written, read_schema(target.parent.parent / "harmonised.toml"))
        require_same(parsed, items, not_asked, written)
        draft.replace(target)
    return target


def _delivered(definition: WaveDefinition, answers: str | Path | None) -> Delivered | None:
    """Read the delivered file; None if none is given and the definition's own is not here."""
    named = definition.delivered.file or definition.delivered.demo
    if answers is None and not (named and has_file(definition.folder / named)):
        return None
    return read_delivered(delivered_path(definition, answers), definition)


def _free(target: Path, *, replace: bool) -> Path:
    """Refuse a place that is taken or is in no folder."""
    if not target.parent.is_dir():
        msg = f"Cannot write {shown_path(target)}: there is no folder {shown_path(target.parent)}; create it first."
        raise WrongUseError(msg)
    if target.is_dir() or (target.exists() and not replace):
        msg = (
            f"{shown_path(target)} exists and is left as it is; choose another name, move it, or ask for it to be "
            "replaced (replace=True, or --replace on the command line)."
        )
        raise WrongUseError(msg)
    return target


def _read(path: Path, folder: Path) -> ParsedSheet:
    """Read and check a workbook."""
    harmonised = folder.parent / "harmonised.toml"
    if not folder.is_dir() or not harmonised.is_file():
        msg = (
            f"{shown_path(folder)} is no wave's folder beside harmonised.toml; give the folder that crosswalk.toml "
            "belongs to."
        )
        raise WrongUseError(msg)
    rows = read_rows(path)
    if not rows:
        msg = f"{shown_path(path)}: the sheet 'Crosswalk' has no rows; fill it in first."
        raise DefinitionError(msg)
    return parse_rows(rows, read_schema(harmonised), folder)


def _text(path: Path, parsed: ParsedSheet) -> str:
    """Write the crosswalk as TOML."""
    title = f"From delivered codes to harmonised answers, filled in as the spreadsheet {path.name}."
    return crosswalk_text(parsed.tables, parsed.notes, title)
