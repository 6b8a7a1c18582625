"""How a force wants its reports to look: name, protective marking, contact, and its own templates."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, cast

from lpact_eval.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = "house.toml"
_LONGEST: Final = {"name": 120, "marking": 60, "contact": 200}
_TEMPLATES: Final = {"word_template": (".docx", ".dotx"), "slides_template": (".pptx", ".potx")}
_LINE: Final = re.compile(r"line (\d+)")


@dataclass(frozen=True, slots=True)
class House:
    """Settings of a force; empty where it has none.

    Attributes
    ----------
    name : str
        As reports name the force.
    marking : str
        Protective marking, at the head and foot of every page.
    contact : str
        Whom readers may ask.
    word_template, slides_template : Path or None
        The force's own Word and PowerPoint files, whose look is taken over.
    """

    name: str = ""
    marking: str = ""
    contact: str = ""
    word_template: Path | None = field(default=None)
    slides_template: Path | None = field(default=None)

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that readers would read of it."""
        return tuple(text for text in (self.name, self.marking, self.contact) if text)


def read_house(path: str | Path) -> House:
    """Read the settings of a force.

    Parameters
    ----------
    path : path
        A house.toml; templates are named relative to its folder.

    Returns
    -------
    House

    Raises
    ------
    DefinitionError
        File and line of what is not known, not of its kind, too long or not there.
    """
    file = Path(path)
    text = _text_of(file)
    try:
        parsed = cast("Mapping[str, object]", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = found[1] if found else text.rstrip().count("\n") + 1  # "at end of document" stands for the last one
        msg = f"{file.name}, line {line}: it is not TOML ({error}). Write lines such as marking = 'OFFICIAL'."
        raise DefinitionError(msg) from error
    values = {key: _value(file, text, key, value) for key, value in parsed.items()}
    return House(**values)  # pyright: ignore[reportArgumentType] - every value was checked to be of its field's kind


def house_beside(plan: str | Path | None) -> House:
    """Read the settings that lie beside a plan.

    Parameters
    ----------
    plan : path or None

    Returns
    -------
    House
        Empty where there are none.
    """
    file = Path(plan).parent / FILE if plan else None
    return read_house(file) if file is not None and file.is_file() else House()


def _text_of(file: Path) -> str:
    """Read the file's text."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        msg = f"Cannot read the house settings in {file.name}: {why}. Name a {FILE} that is there, saved as UTF-8."
        raise DefinitionError(msg) from error


def _value(file: Path, text: str, key: str, value: object) -> str | Path | None:
    """Check one setting."""
    known = [one.name for one in fields(House)]
    if key not in known:
        near = get_close_matches(key, known, 1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        _refuse(file, text, key, f"there is no setting {key!r}; there are {known}.{meant}")
    if not isinstance(value, str):
        _refuse(file, text, key, f"{key} is a {type(value).__name__}; write a text in quotation marks.")
    if key in _TEMPLATES:
        return _template(file, text, key, value)
    said = " ".join(value.split())
    if len(said) > _LONGEST[key]:
        _refuse(file, text, key, f"{key} has {len(said)} characters; it may have {_LONGEST[key]}.")
    if not said.isprintable():
        _refuse(file, text, key, f"{key} has characters that can't be printed; take them out.")
    return said


def _template(file: Path, text: str, key: str, value: str) -> Path | None:
    """Check a template: its ending, and that it is there."""
    if not value.strip():
        return None
    path = file.parent / value
    endings = _TEMPLATES[key]
    if path.suffix.casefold() not in endings:
        _refuse(file, text, key, f"{key} names {path.name!r}; it must end in {' or '.join(endings)}.")
    if not path.is_file():
        _refuse(file, text, key, f"{key} names {path.name!r}, which is not there; paths start at {file.name}.")
    return path


def _refuse(file: Path, text: str, key: str, what: str) -> NoReturn:
    """Refuse a setting, with its line."""
    lines = (number for number, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*\W?{re.escape(key)}\b", line))
    msg = f"{file.name}, line {next(lines, 1)}: {what}"
    raise DefinitionError(msg)
