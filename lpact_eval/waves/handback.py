"""Hand a harmonised sample back: .sav that opens right in SPSS, .parquet, tidy .csv, and their data dictionary."""

import importlib.util
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from lpact_eval.errors import HarmonisationError, WrongUseError
from lpact_eval.sample import Sample
from lpact_eval.waves.codes import (
    Handed,
    described,
    dictionary,
    tidy,
)
from lpact_eval.waves.spss import require_spss, write_spss

IGNORED = "*\n"
WARNING = """THESE FILES HOLD MICRODATA: one row is what one person answered.

They are personal data of a special category (ethnicity, religion, health), also without names.
- Keep them where only those who analyse the survey can read them. Do not e-mail, publish or commit them.
- Nothing here was suppressed or rounded. Numbers for readers come from a release, never from these files.
- Delete them when the analysis is done, as the retention schedule says.

The .sav file holds codes with labels; -9 prefer not to say, -8 don't know, -7 not asked and -6 blank are declared as
missing. The .csv file (UTF-8) holds the answers in words; a column that ends in _missing says why an answer is missing.
Import the .csv file with its columns as text: opened by a double click, a spreadsheet may run what people wrote as
formulas. The dictionary lists every variable, answer and code, and how far waves may be compared.
A file whose name ends in "synthetic" holds made-up respondents.
"""


def write_harmonised(sample: Sample, folder: str | Path, *, formats: Sequence[str] = ("sav", "csv")) -> list[Path]:
    """Write the harmonised answers, kinds of missing and design of a sample, with a data dictionary.

    Parameters
    ----------
    sample : Sample
        One wave as `read_wave` returns it, weighted or not, or several stacked.
    folder : path
        New, empty, or one that was written here before; it gets a warning that it holds microdata, and a .gitignore
        that keeps all of it out of a repository.
    formats : sequence of str, default ("sav", "csv")
        Any of "sav", "csv" and "parquet"; the last needs pyarrow.

    Returns
    -------
    list of Path
        The files of data and their dictionary.

    Raises
    ------
    WrongUseError
        If a format is unknown or lacks its library, or the folder holds other files.
    HarmonisationError
        If answers or names can't be written in the format.

    Notes
    -----
    All files are written aside and then put in place, so that no file is ever half written. In .sav, don't know is -8,
    prefer not to say -9, not asked -7 and blank -6, declared as user-missing; a set is one column of 0 and 1 an option.
    """
    _require_formats(formats)
    out = Path(folder)
    _require_folder(out)
    handed = described(sample)
    frame = tidy(sample, handed)
    if "sav" in formats:
        require_spss(sample, handed)
    stem = _stem(sample)
    out.mkdir(parents=True, exist_ok=True)
    (out / ".gitignore").write_bytes(IGNORED.encode())  # the same bytes on every system: they are compared above
    (out / "README.txt").write_text(WARNING, encoding="utf-8", newline="\n")
    names = [*(f"{stem}.{one}" for one in dict.fromkeys(formats)), f"{stem}-dictionary.csv"]
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=out) as drafts:
        for name in names[:-1]:
            _WRITERS[name.rpartition(".")[2]](sample, handed, frame, Path(drafts, name))
        _write_text(dictionary(handed), Path(drafts, names[-1]))
        return [Path(drafts, name).replace(out / name) for name in names]


def _require_formats(formats: Sequence[str]) -> None:
    """Refuse formats that can't be written, before anything is."""
    unknown = [one for one in formats if one not in _WRITERS]
    if unknown or not formats or isinstance(formats, str):
        found = f"the formats {unknown}" if unknown else "without a list of formats"
        msg = f"Cannot write {found}; there are {list(_WRITERS)}, as in formats=['sav', 'csv']."
        raise WrongUseError(msg)
    if "parquet" in formats and importlib.util.find_spec("pyarrow") is None:
        msg = 'Writing .parquet needs pyarrow: pip install "lpact-eval[parquet]"; or choose from sav and csv.'
        raise WrongUseError(msg)


def _require_folder(out: Path) -> None:
    """Refuse a folder with other files: its .gitignore would hide them, or be overwritten."""
    if out.exists() and not out.is_dir():
        msg = f"Cannot write to {out}: there is a file of that name. Choose a new or empty folder."
        raise WrongUseError(msg)
    ignore = out / ".gitignore"
    ours = ignore.is_file() and ignore.read_bytes() == IGNORED.encode()
    if out.is_dir() and any(out.iterdir()) and not ours:
        msg = f"Cannot write microdata to {out}: the folder holds other files. Choose a new or empty folder."
        raise WrongUseError(msg)


def _stem(sample: Sample) -> str:
    """Name the files by their waves, and mark made-up respondents."""
    waves = [re.sub(r"[^\w.-]+", "-", wave.name) for wave in sample.waves]
    return "-".join(["harmonised", *waves, *(["synthetic"] if sample.synthetic else [])])


def _write_text(frame: pd.DataFrame, path: Path) -> None:
    """Write csv in UTF-8 with a byte order mark, by which Excel knows it; numbers in full."""
    path.write_bytes(frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))


def _sav(sample: Sample, handed: Sequence[Handed], _: pd.DataFrame, path: Path) -> None:
    """Write codes with their labels."""
    write_spss(sample, handed, path)


def _csv(_: Sample, __: Sequence[Handed], frame: pd.DataFrame, path: Path) -> None:
    """Write answers in words."""
    _write_text(frame, path)


def _parquet(_: Sample, __: Sequence[Handed], frame: pd.DataFrame, path: Path) -> None:
    """Write answers in words, closed questions as categories."""
    try:
        frame.to_parquet(path, engine="pyarrow", index=False)
    except (ValueError, TypeError) as error:
        msg = f"Cannot write {path.name}: {type(error).__name__}; a column mixes numbers and texts. Write sav or csv."
        raise HarmonisationError(msg) from None


_WRITERS: Mapping[str, Callable[[Sample, Sequence[Handed], pd.DataFrame, Path], None]] = MappingProxyType(
    {"sav": _sav, "csv": _csv, "parquet": _parquet}
)
