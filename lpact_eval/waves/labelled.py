"""SPSS and Stata files: codes stay codes, with the labels and declared missing codes beside them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

import pandas as pd
import pyreadstat  # pyright: ignore[reportMissingTypeStubs] - pyreadstat ships none

from lpact_eval.errors import HarmonisationError
from lpact_eval.waves.definition import DeliveredFile


class Labels(Protocol):
    """What pyreadstat tells about a file."""

    column_names: Sequence[str]
    column_names_to_labels: Mapping[str, str | None]
    variable_value_labels: Mapping[str, Mapping[float | str, str | None]]
    missing_ranges: Mapping[str, Sequence[Mapping[str, float | str]]]
    missing_user_values: Mapping[str, Sequence[str]]


_FAULTS = (
    cast("type[Exception]", pyreadstat.ReadstatError),  # pyright: ignore[reportUnknownMemberType] - no types
    cast("type[Exception]", pyreadstat.PyreadstatError),  # pyright: ignore[reportUnknownMemberType] - no types
)
_Reader = Callable[..., tuple[pd.DataFrame, Labels]]


def read_labelled(
    path: Path, layout: DeliveredFile, where: str, *, keep: Callable[[str], bool]
) -> tuple[pd.DataFrame, Labels, list[str]]:
    """Read an SPSS or Stata file without the columns that are not kept.

    Parameters
    ----------
    path : Path
    layout : DeliveredFile
    where : str
        File and line that declare the format, for messages.
    keep : callable
        Tells by its name whether a column may be read.

    Returns
    -------
    tuple
        The codes, what the file says about them, and the names of the columns left out.

    Raises
    ------
    HarmonisationError
        If the file can't be read; what it holds is never shown.
    """
    _, about = _read(path, layout, where, metadataonly=True)
    kept = [name for name in about.column_names if keep(name)]
    left_out = [name for name in about.column_names if name not in set(kept)]
    frame, about = _read(path, layout, where, **({"usecols": kept} if left_out else {}))
    return frame, about, left_out


def _read(path: Path, layout: DeliveredFile, where: str, **options: object) -> tuple[pd.DataFrame, Labels]:
    """Call the reader of the format; declared missing codes stay in the data."""
    if layout.format == "por":
        reader = cast("_Reader", pyreadstat.read_por)
    else:
        reader = cast("_Reader", pyreadstat.read_dta if layout.format == "dta" else pyreadstat.read_sav)
        options |= {"user_missing": True, "encoding": layout.encoding or None}
    try:
        frame, about = reader(str(path), **options)
    except (*_FAULTS, ValueError, OverflowError, OSError, MemoryError) as error:
        text = str(error).casefold()
        encoded = isinstance(error, UnicodeError) or "convert" in text or "encod" in text
        raise HarmonisationError(_unreadable(path, layout, where, encoded=encoded)) from None
    if None in about.column_names:  # what pyreadstat makes of a name that it can't decode
        raise HarmonisationError(_unreadable(path, layout, where, encoded=False))
    return frame, about


def _unreadable(path: Path, layout: DeliveredFile, where: str, *, encoded: bool) -> str:
    """Say why a file can't be read and what to do."""
    if not encoded:
        return f"{where}: cannot read {path.name}: it is damaged or not a .{layout.format} file; have it saved again."
    taken = f"encoding = {layout.encoding!r} is declared" if layout.encoding else "no encoding is declared"
    return (
        f"{where}: cannot read {path.name}: its texts are in another encoding ({taken}); "
        'state the right one in [delivered], as in encoding = "cp1252" or encoding = "utf-8".'
    )
