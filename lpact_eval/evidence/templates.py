"""Files to fill in: a csv for each record, and one workbook with drop-downs, dates that are checked, and help."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from lpact_eval.errors import WrongUseError
from lpact_eval.evidence.record_files import WORKBOOK
from lpact_eval.evidence.record_schema import read_record_schema
from lpact_eval.evidence.schema_file import SCHEMA_FILE
from lpact_eval.evidence.template_book import workbook_bytes
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.located import shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lpact_eval.evidence.record_schema import RecordSchema

CSV_FOLDER = "csv"


def write_event_templates(
    folder: str | Path, *, definition: str | Path | None = None, replace: bool = False
) -> list[Path]:
    """Write files to fill in with the records of events.

    Parameters
    ----------
    folder : path
        Made if it is not there. Gets records.xlsx, and in its folder csv a file for each record. Fill in the workbook,
        or move the csv files up beside events.toml; not both.
    definition : path, optional
        An events.toml; by default the one in the folder, else the shipped one.
    replace : bool, default False
        Whether to replace such files that are there already.

    Returns
    -------
    list of Path

    Raises
    ------
    WrongUseError
        If a file is there already, for it may have been filled in.
    DefinitionError
        If events.toml is wrong.
    """
    target = Path(folder)
    own = target / SCHEMA_FILE
    schema = read_record_schema(definition if definition is not None else own if own.is_file() else None)
    files = {target / name: content for name, content in _contents(schema).items()}
    there = [path for path in files if path.exists()]
    if there and not replace:
        msg = (
            f"Cannot write {shown_path(there[0])}: it is there already, and may have been filled in. Choose another "
            "folder, or replace it with replace=True (--replace)."
        )
        raise WrongUseError(msg)
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(files)


def write_event_lists(folder: str | Path) -> Path:
    """Write the lists of communities, areas, departments, themes and so on, to be changed before records are kept.

    Parameters
    ----------
    folder : path
        Folder of records; made if it is not there.

    Returns
    -------
    Path
        Its events.toml, which from then on takes the place of the shipped one.

    Raises
    ------
    WrongUseError
        If it is there already, for it may have been changed.
    """
    path = Path(folder) / SCHEMA_FILE
    if path.exists():
        msg = f"Cannot write {shown_path(path)}: it is there already, and may have been changed. Change it as it is."
        raise WrongUseError(msg)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((surveys_folder() / "events" / SCHEMA_FILE).read_bytes())
    return path


def _contents(schema: RecordSchema) -> Mapping[str, bytes]:
    """Make all files."""
    tables = {f"{CSV_FOLDER}/{name}.csv": _csv(schema, name) for name in schema.records}
    return {WORKBOOK: workbook_bytes(schema), **tables}


def _csv(schema: RecordSchema, name: str) -> bytes:
    """Write the headings of a record; the mark at the start tells Excel that it is UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerow(column.name for column in schema.records[name].columns)
    return text.getvalue().encode("utf-8-sig")
