"""SPSS and Stata files: codes stay codes, with the labels and declared missing codes beside them."""

import struct
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

import pandas as pd
import pyreadstat  # pyright: ignore[reportMissingTypeStubs] - pyreadstat ships none

from lpact_eval.errors import HarmonisationError
from lpact_eval.waves.definition import DeliveredFile
from lpact_eval.waves.spss_structure import DamagedError, check_spss


class Labels(Protocol):
    """What pyreadstat tells about a file."""

    column_names: Sequence[str]
    column_names_to_labels: Mapping[str, str | None]
    variable_value_labels: Mapping[str, Mapping[float | str, str | None]]
    missing_ranges: Mapping[str, Sequence[Mapping[str, float | str]]]
    missing_user_values: Mapping[str, Sequence[str]]
    readstat_variable_types: Mapping[str, str]
    file_encoding: str | None


class Keep(Protocol):
    """Tells whether a column may be read."""

    def __call__(self, name: str, title: str, *, written: bool) -> bool:
        """Decide by its name, its title, and whether it holds texts."""
        ...


_FAULTS = (
    cast("type[Exception]", pyreadstat.ReadstatError),  # pyright: ignore[reportUnknownMemberType] - no types
    cast("type[Exception]", pyreadstat.PyreadstatError),  # pyright: ignore[reportUnknownMemberType] - no types
)
_STATE = 'State encoding = "utf-8" in [delivered].'
_REMEDY = {"por": "A portable file states no encoding; have it saved as .sav."}
_Reader = Callable[..., tuple[pd.DataFrame, Labels]]


def read_labelled(
    path: Path, layout: DeliveredFile, where: str, *, keep: Keep
) -> tuple[pd.DataFrame, Labels, list[str]]:
    """Read an SPSS or Stata file without the columns that are not kept.

    Parameters
    ----------
    path : Path
    layout : DeliveredFile
    where : str
        File and line that declare the format, for messages.
    keep : callable
        Tells whether a column may be read: by its name, its title, and whether it holds texts.

    Returns
    -------
    tuple
        The codes, what the file says about them, and the names of the columns left out.

    Raises
    ------
    HarmonisationError
        If the file can't be read; what it holds is never shown.
    """
    _require_sound(path, layout, where)
    _, about = _read(path, layout, where, metadataonly=True)
    titles, types = about.column_names_to_labels, about.readstat_variable_types
    kept = [name for name in about.column_names if keep(name, titles.get(name) or "", written=types[name] == "string")]
    left_out = [name for name in about.column_names if name not in set(kept)]
    if not kept:
        msg = f"{where}: {path.name} has no column but those of personal data, which are not read."
        raise HarmonisationError(msg)
    frame, about = _read(path, layout, where, **({"usecols": kept} if left_out else {}))
    _refuse_garbled(frame, about, path, layout, where=where)
    return frame, about, left_out


def _require_sound(path: Path, layout: DeliveredFile, where: str) -> None:
    """Refuse a file whose parts contradict each other: reading it could crash or take all memory."""
    if layout.encoding.casefold().startswith(("utf-16", "utf16", "utf-32", "utf32")):
        raise HarmonisationError(_unreadable(path, layout, where, encoded=True))
    if layout.format == "por":
        return
    try:
        _check(layout.format, path.read_bytes())
    except (DamagedError, struct.error) as error:
        raise HarmonisationError(_unreadable(path, layout, where, why=str(error))) from None


def _check(file_format: str, content: bytes) -> None:
    """Check how a file is built."""
    if file_format == "dta":
        from lpact_eval.waves.stata_structure import check_stata  # noqa: PLC0415 - few surveys come from Stata

        check_stata(content)
    else:
        check_spss(content)


def _read(path: Path, layout: DeliveredFile, where: str, **options: object) -> tuple[pd.DataFrame, Labels]:
    """Call the reader of the format; declared missing codes stay in the data."""
    if layout.format == "por":
        reader = cast("_Reader", pyreadstat.read_por)
    else:
        reader = cast("_Reader", pyreadstat.read_dta if layout.format == "dta" else pyreadstat.read_sav)
        options |= {"user_missing": True, "encoding": layout.encoding or None}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # two columns of one name
            frame, about = reader(str(path), **options)
    except (*_FAULTS, ValueError, LookupError, TypeError, OverflowError, OSError, MemoryError, UserWarning) as error:
        text = str(error).casefold()
        encoded = isinstance(error, UnicodeError) or any(word in text for word in ("convert", "encod", "character set"))
        raise HarmonisationError(_unreadable(path, layout, where, encoded=encoded)) from None
    if None in about.column_names:  # what pyreadstat makes of a name that it can't decode
        raise HarmonisationError(_unreadable(path, layout, where))
    return frame, about


def _refuse_garbled(frame: pd.DataFrame, about: Labels, path: Path, layout: DeliveredFile, *, where: str) -> None:
    """Refuse texts in UTF-8 that were read as another encoding: every accent would be two wrong letters.

    Texts that are garbled in a file read as UTF-8 were so before, and no encoding mends them.
    """
    if (layout.encoding or about.file_encoding or "").casefold().startswith("utf"):
        return
    labels = [*about.column_names_to_labels.values(), *_values_of(about.variable_value_labels)]
    texts = [
        text
        for place in range(len(frame.columns))
        if not pd.api.types.is_numeric_dtype(frame.dtypes.iloc[place])
        for text in frame.iloc[:, place].unique()
    ]
    found = [sum(isinstance(one, str) and is_garbled(one) for one in some) for some in (labels, texts)]
    if any(found):
        taken = layout.encoding or about.file_encoding or "the format's own encoding"
        msg = (
            f"{where}: {path.name}: {found[0]} labels and {found[1]} texts are UTF-8 and would be garbled, read as "
            f"{taken}. {_REMEDY.get(layout.format, _STATE)}"
        )
        raise HarmonisationError(msg)


def _values_of(labels: Mapping[str, Mapping[float | str, str | None]]) -> list[str | None]:
    """List all labels of values."""
    return [label for known in labels.values() for label in known.values()]


def is_garbled(text: str) -> bool:
    """Tell whether a text's letters, as bytes, are valid UTF-8: two wrong letters where one was meant."""
    if text.isascii():
        return False
    for encoding in ("cp1252", "latin-1"):
        try:
            text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False


def _unreadable(path: Path, layout: DeliveredFile, where: str, *, encoded: bool = False, why: str = "") -> str:
    """Say why a file can't be read and what to do."""
    if not encoded:
        found = f" ({why})" if why else ""
        return (
            f"{where}: cannot read {path.name}: it is damaged or not a .{layout.format} file{found}; have it saved "
            "again."
        )
    taken = f"encoding = {layout.encoding!r} is declared" if layout.encoding else "no encoding is declared"
    return (
        f"{where}: cannot read {path.name}: its texts are in another encoding ({taken}); "
        'state the right one in [delivered], as in encoding = "cp1252" or encoding = "utf-8".'
    )
