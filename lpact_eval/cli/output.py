"""Where a command writes: looked at before the work starts, and written whole or not at all."""

# ruff: noqa: PLC0415 - a command loads the libraries that it needs; showing help loads none

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lpact_eval.errors import LpactError, WrongUseError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from lpact_eval.disclosure.published import Published

DRAWN = (".svg", ".png")
ENDINGS = (".html", ".csv", *DRAWN)


def formats_asked(text: str) -> list[str] | None:
    """Read which outputs of a release are asked for; none named means all of them."""
    from lpact_eval.reporting.outputs import chosen_outputs

    if not text:
        return None
    names = [name.strip().casefold() for name in text.split(",") if name.strip()]
    if not names:
        msg = f"Cannot write a release with --only {text!r}, which names no output; such as --only html,xlsx."
        raise WrongUseError(msg)
    return chosen_outputs(names)


def require_folder(out: Path) -> None:
    """Refuse a folder that no release can go to before any work is done."""
    from lpact_eval.reporting.release import MANIFEST

    _require_folders_above(out)
    if out.is_file():
        msg = f"Cannot write a release to {out}: there is a file of that name. Choose a new or empty folder."
        raise WrongUseError(msg)
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        msg = (
            f"Cannot write a release to {out}: the folder holds other files and no earlier release. "
            "Choose a new or empty folder."
        )
        raise WrongUseError(msg)


def require_file(out: Path) -> None:
    """Refuse a file that is no page, csv or picture, or that has no place, before any work is done."""
    if out.suffix.casefold() not in ENDINGS:
        msg = f"Cannot write {out.name!r}: a trend or comparison is written as .svg, .png, .html or .csv."
        raise WrongUseError(msg)
    if out.suffix.casefold() == ".png":
        from lpact_eval.reporting.raster import require_matplotlib

        require_matplotlib()
    _require_folders_above(out)
    if out.is_dir():
        msg = f"Cannot write {out}: there is a folder of that name. Choose another name."
        raise WrongUseError(msg)


def _require_folders_above(out: Path) -> None:
    """Refuse a path that leads through a file."""
    for parent in out.absolute().parents:
        if parent.is_dir():
            return
        if parent.exists():
            msg = f"Cannot write {out}: {parent.name} is a file. Choose another folder."
            raise WrongUseError(msg)


def write_excerpt(published: Published, out: Path) -> None:
    """Write published rows as a page or a csv file, by the file's ending, and say so."""
    if out.suffix.casefold() == ".html":
        from lpact_eval.reporting.page import write_page as write
    else:
        from lpact_eval.reporting.tidy import write_tidy as write

    def one(draft: Path) -> None:
        write(published, draft)

    _replace({out: one})


def write_drawn(published: Published, out: Path, kind: str) -> None:
    """Write a chart with its numbers and its words beside it, or its numbers alone where a csv is asked for."""
    from lpact_eval.reporting.static import question_chart, write_chart, write_words
    from lpact_eval.reporting.tidy import write_tidy

    def numbers(draft: Path) -> None:
        write_tidy(published, draft)

    if out.suffix.casefold() not in DRAWN:
        _replace({out: numbers})
        return
    chart = question_chart(published, kind)

    def picture(draft: Path) -> None:
        write_chart(chart, draft)

    def words(draft: Path) -> None:
        write_words(chart, draft)

    _replace({out: picture, out.with_suffix(".csv"): numbers, out.with_suffix(".txt"): words})


def _replace(files: Mapping[Path, Callable[[Path], None]]) -> None:
    """Write every file into a draft, and only then put them in their places; say what was replaced and written."""
    first = next(iter(files))
    with writing(first):
        first.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{first.name}-draft-", dir=first.parent) as folder:
            for out, write in files.items():
                write(Path(folder, out.name))
            replaced = [out for out in files if out.exists()]
            for out in files:
                Path(folder, out.name).replace(out)
    for out in replaced:
        typer.echo(f"Replaced an earlier {out.name}.", err=True)
    for out in files:
        typer.echo(str(out))


@contextmanager
def writing(out: Path) -> Generator[None]:
    """Say what to do where the system refuses to write."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        msg = (
            f"Cannot write {out}: {reason}. Close it where another program has it open, or choose another folder with "
            "--out; earlier outputs are unchanged."
        )
        raise LpactError(msg) from error
