"""Fill in report templates: those of a user's own folder where it has them, the shipped ones for all others."""

from __future__ import annotations

import shutil
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.reporting.compiled import Compiled
from lpact_eval.reporting.sentences import Sentences, read_sentences
from lpact_eval.reporting.table_lines import explained_lines, table_lines
from lpact_eval.reporting.wording import require_plain_templates
from lpact_eval.resources import templates_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EDITABLE: Final = (".html", ".toml", ".css", ".js")
LINTED: Final = (".html", ".toml", ".js")


def own_folder(folder: Path | None) -> Path:
    """Return the folder of templates to use, the shipped one without one.

    Parameters
    ----------
    folder : Path, optional

    Returns
    -------
    Path

    Raises
    ------
    WrongUseError
        If it is no folder, or holds a file that is none of the templates: a misspelt name would change nothing.
    """
    shipped = templates_folder()
    if folder is None or folder == shipped:
        return shipped
    if not folder.is_dir():
        msg = f"There is no folder of templates {folder}. Make one, and copy into it what you want to change."
        raise WrongUseError(msg)
    known = {path.name for path in shipped.iterdir() if path.suffix in EDITABLE}
    strange = sorted(path.name for path in folder.iterdir() if path.suffix in EDITABLE and path.name not in known)
    if strange:
        msg = f"{folder.name} holds {strange}, and no template has that name. The templates are {sorted(known)}."
        raise WrongUseError(msg)
    return folder


def copy_templates(folder: Path) -> list[Path]:
    """Copy the shipped templates, so that they can be edited.

    Parameters
    ----------
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The copies.

    Raises
    ------
    WrongUseError
        If one of them is there already: edited words are not overwritten.
    """
    shipped = sorted(path for path in templates_folder().iterdir() if path.suffix in EDITABLE)
    there = [path.name for path in shipped if (folder / path.name).exists()]
    if there:
        msg = f"{folder.name} holds {there} already, perhaps with your changes. Choose another folder, or move them."
        raise WrongUseError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copy(path, folder / path.name)) for path in shipped]


def template_file(folder: Path, name: str) -> Path:
    """Find a template: the folder's own, else the shipped one."""
    own = folder / name
    return own if own.is_file() else templates_folder() / name


def plain_sentences(folder: Path) -> Sentences:
    """Read the sentences for a folder, once neither they nor its templates hold a word that surveys can't support.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Sentences
        The shipped ones, with the folder's own in their places.

    Raises
    ------
    DefinitionError
        File, line and rule; or the names of sentences that no rule chooses.
    """
    seen = [(path, path.stat().st_mtime_ns) for path in sorted(folder.iterdir()) if path.suffix in LINTED]
    return _plain(folder, tuple(seen))


@lru_cache(maxsize=2)
def _plain(folder: Path, _: tuple[tuple[Path, int], ...]) -> Sentences:
    """Read and look at templates once for all outputs of a release, and again where a file has changed."""
    shipped = read_sentences(templates_folder())
    if folder == templates_folder():
        require_plain_templates(folder, shipped)
        return shipped
    own = read_sentences(folder) if (folder / shipped.file).is_file() else Sentences(shipped.file, {})
    strange = sorted(set(own.texts) - set(shipped.texts))
    if strange:
        msg = f"{own.file}: no rule chooses the sentences {strange}. Take the names from the shipped file."
        raise DefinitionError(msg)
    require_plain_templates(folder, own)
    return Sentences(shipped.file, {**shipped.texts, **own.texts})


def filled(name: str, folder: Path, context: Mapping[str, object]) -> str:
    """Fill a template in; style and script still stand as marks.

    Parameters
    ----------
    name : str
        Of the template.
    folder : Path
    context : mapping of str to object

    Returns
    -------
    str

    Raises
    ------
    DefinitionError
        If it has a slot that nothing fills, or is no template.
    """
    try:
        return _environment(folder).get_template(name).render(**context)
    except TemplateError as error:
        msg = f"Cannot fill in {name}: {error}. Put the shipped templates back and edit again."
        raise DefinitionError(msg) from error


def with_parts(page: str, folder: Path, parts: Mapping[str, Sequence[str]]) -> str:
    """Put styles and scripts in the places of their marks, so that a page needs no other file."""
    for mark, names in parts.items():
        page = page.replace(mark, "".join(template_file(folder, name).read_text(encoding="utf-8") for name in names), 1)
    return page


@cache
def _environment(folder: Path) -> Environment:
    """Keep the compiled templates of a folder; they are read again where a file has changed."""
    environment = Environment(
        loader=FileSystemLoader([folder, templates_folder()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=Compiled(templates_folder()),
    )
    known = cast("dict[str, object]", environment.globals)
    known |= {"table_lines": table_lines, "explained_lines": explained_lines}
    return environment
