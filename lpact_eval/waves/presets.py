"""How each survey tool lays out its export; every part can be stated otherwise in wave.toml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Preset:
    """Layout of one tool's exports.

    Attributes
    ----------
    header_rows : int
        1: names or question text; 2: question text, then option labels; 3: names, question text, internal ids.
    personal : tuple of str
        Columns that name or locate a person, beside those that every tool may have.
    """

    header_rows: int = 1
    personal: tuple[str, ...] = ()


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "": Preset(),
        "smartsurvey": Preset(),
        "ms-forms": Preset(personal=("Name",)),
        "surveymonkey": Preset(header_rows=2, personal=("Custom Data 1",)),
        "qualtrics": Preset(
            header_rows=3,
            personal=("RecipientLastName", "RecipientFirstName", "LocationLatitude", "LocationLongitude"),
        ),
        "google-forms": Preset(personal=("Username",)),
        "snap": Preset(),
        "citizen-space": Preset(),
    }
)

_PERSONAL = frozenset(
    {
        "e-mail",
        "email",
        "email address",
        "e-mail address",
        "recipientemail",
        "ip",
        "ip address",
        "ipaddress",
        "first name",
        "last name",
        "full name",
        "surname",
        "your name",
        "name",
        "phone",
        "phone number",
        "telephone",
        "telephone number",
        "mobile",
        "mobile number",
        "postcode",
        "post code",
        "your postcode",
        "address",
    }
)  # fmt: skip - one word after another reads better than one a line


def is_personal(header: str, declared: Sequence[str], preset: str) -> bool:
    """Tell whether a delivered column is dropped because it names or locates a person."""
    words = header.casefold()
    listed = {name.casefold() for name in (*declared, *PRESETS[preset].personal)}
    return words in listed or words in _PERSONAL


def header_names(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """Make column names and question texts of one, two or three header rows.

    Two rows: the question's text is carried over the blanks to its right, and option labels are added as
    "question | option". Three rows: ids, then question texts; the third is the tool's own.
    """
    first = [name or f"column {place}" for place, name in enumerate(rows[0], 1)]
    if len(rows) == 1:
        return first, first
    if len(rows) > 2:  # noqa: PLR2004 - three header rows, as the docstring says
        return first, list(rows[1])
    names: list[str] = []
    question = ""
    for place, (text, option) in enumerate(zip(rows[0], rows[1], strict=True), 1):
        question = text or question
        plain = option in {"", "Response", "Open-Ended Response"}
        names.append((question if plain else f"{question} | {option}") or f"column {place}")
    return names, names
