"""Propose what free texts mean, for a person to decide: nothing that is proposed is read before it was checked."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz, process

from lpact_eval.errors import HarmonisationError, WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.codelists import code_lists, plain
from lpact_eval.waves.definition import WaveDefinition, read_definition
from lpact_eval.waves.delivered import fold, read_delivered
from lpact_eval.waves.located import nearest, shown_path
from lpact_eval.waves.lookup import CHECK, COLUMNS, folded, guarded, lookup_lines
from lpact_eval.waves.matching import missing_kind
from lpact_eval.waves.perceived import perceived_message
from lpact_eval.waves.reading import delivered_path

ALIKE: Final = 85  # per cent; below it spellings are not alike
_WORDINGS: Final = "census-2021"  # the list whose wordings are known, for a variable that has its groups


def propose_lookup(
    name: str,
    variable: str,
    *,
    surveys: str | Path | None = None,
    answers: str | Path | None = None,
    to: str | Path | None = None,
) -> Path:
    """Add the texts that a look-up file does not list yet, with an answer proposed where one is alike.

    Parameters
    ----------
    name : str
        The wave's folder under `surveys`.
    variable : str
        Harmonised variable with `lookup = "file.csv"` in the wave's crosswalk.toml.
    surveys : path, optional
        Folder of the survey definitions; by default the one shipped.
    answers : path, optional
        The delivered file, as for `read_wave`.
    to : path, optional
        A new file to write instead of the look-up file itself.

    Returns
    -------
    Path
        The csv: delivered, harmonised, note. Lines that were there are kept as they are. Each line that is added has
        the note "check", and the wave is not read until a person has cleared it.

    Raises
    ------
    WrongUseError
        If there is no such wave, variable, look-up or file, or `to` exists.
    DefinitionError
        If the definition or the look-up file is wrong.
    HarmonisationError
        If the delivered file can't be read, or holds officer-perceived ethnicity.

    Notes
    -----
    The file holds what people wrote: it is for the analyst's eyes only, and is kept with the delivered file.
    """
    definition = read_definition(name, Path(surveys) if surveys is not None else surveys_folder())
    file = _lookup_file(variable, definition)
    target = Path(to) if to is not None else file
    if to is not None and target.exists() and not (file.exists() and target.samefile(file)):
        msg = f"{shown_path(target)} exists and is left as it is; choose another name, or move it."
        raise WrongUseError(msg)
    if not target.parent.is_dir():
        msg = f"There is no folder {shown_path(target.parent)}; create it first."
        raise WrongUseError(msg)
    where = definition.crosswalk_file.at(variable, "lookup")
    listed = {folded(text): answer for _, (text, answer, _) in lookup_lines(file, where)} if file.is_file() else {}
    texts = _unlisted(variable, definition, listed, answers)
    known = known_wordings(definition.schema.answers(variable), listed)
    added = [(guarded(text), likely_answer(text, known), CHECK) for text in texts]
    content = _extended(file.read_bytes() if file.is_file() else b"", added)
    draft = target.with_name(f".{target.name}-draft")
    draft.write_bytes(content)
    draft.replace(target)
    return target


def _lookup_file(variable: str, definition: WaveDefinition) -> Path:
    """Find the look-up file of a variable."""
    looked_up = [name for name, item in definition.items.items() if item.lookup]
    if variable not in definition.items:
        msg = f"{definition.name!r} has no variable {variable!r} in its crosswalk.toml; {nearest(variable, looked_up)}"
        raise WrongUseError(msg)
    item = definition.items[variable]
    if not item.lookup:
        where = definition.crosswalk_file.at(variable)
        msg = f'{where}: [{variable}] has no look-up; add lookup = "{variable}_lookup.csv", then ask again.'
        raise WrongUseError(msg)
    return definition.folder / item.lookup


def _unlisted(
    variable: str, definition: WaveDefinition, listed: Mapping[str, str], answers: str | Path | None
) -> list[str]:
    """List the delivered texts that neither the crosswalk nor the look-up file maps, each spelling once."""
    delivered = read_delivered(delivered_path(definition, answers), definition)
    item, file = definition.items[variable], definition.crosswalk_file
    columns = [delivered.column(one, where=file.at(variable, "column")) for one in item.names]
    if officer := perceived_message(variable, columns, item, file.at(variable)):
        raise HarmonisationError(officer)
    mapped = {fold(code) for code in (*item.answers, *item.missing)}
    standard = code_lists()[item.codes].lookup({}) if item.codes else {}
    found: dict[str, str] = {}
    for text in (text for column in columns for text in column.texts):
        if text not in mapped and plain(text) not in standard and folded(text) not in listed:
            found.setdefault(folded(text), text)
    return [found[key] for key in sorted(found)]


def drafted_lookup(texts: Sequence[str], answers: Sequence[str]) -> bytes:
    """Write a first look-up file of the texts of a column, each line marked to be checked."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(folded(text), text)
    known = known_wordings(answers, {})
    return _extended(b"", [(guarded(found[key]), likely_answer(found[key], known), CHECK) for key in sorted(found)])


def has_census_groups(answers: Sequence[str]) -> bool:
    """Tell whether a variable has the groups of the census, whose wordings are known."""
    return all(group.answer in answers for group in code_lists()[_WORDINGS].answers)


def known_wordings(answers: Sequence[str], listed: Mapping[str, str]) -> dict[str, str]:
    """Gather wordings whose answer is known: the schema's, those of the census, and those a person decided on."""
    census = code_lists()[_WORDINGS]
    known: dict[str, str] = {}
    if has_census_groups(answers):
        known |= {text: answer for text, answer in census.lookup({}).items() if answer in answers}
    known |= {plain(answer): answer for answer in answers}
    return known | {plain(text): answer for text, answer in listed.items() if answer}


def likely_answer(text: str, known: Mapping[str, str]) -> str:
    """Propose an answer or a kind of missing; nothing where none is alike, or several are.

    Parameters
    ----------
    text : str
        What was delivered.
    known : mapping of str to str
        Wordings in plain words, with their answers, as `known_wordings` gathers them.
    """
    words = plain(text)
    if kind := missing_kind(text):
        return kind
    alike = process.extractOne(words, list(known), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
    if alike is not None:
        return known[alike[0]]
    inside = [one for one in known if f" {one} " in f" {words} "]
    longest = [one for one in inside if not any(one != other and f" {one} " in f" {other} " for other in inside)]
    meant = {known[one] for one in longest}
    if len(meant) != 1:
        return ""
    answer = meant.pop()
    left = set(words.split()).difference(*(one.split() for one in longest))
    own = {word for one, to in known.items() if to == answer for word in one.split()}
    others = {word for one, to in known.items() if to != answer for word in one.split()}
    return "" if left & (others - own) else answer  # "Black British" holds British, and a word of other groups


def _extended(content: bytes, added: Sequence[tuple[str, str, str]]) -> bytes:
    """Put lines below those of a file, which stay as they are; the header gets its third column."""
    if not content:
        content = "\ufeff".encode() + f"{','.join(COLUMNS)}\n".encode()
    newline = b"\r\n" if b"\r\n" in content else b"\n"
    header, _, rest = content.partition(newline)
    if header.count(b",") == 1:
        header += b",note"
    rest += newline if rest and not rest.endswith(newline) else b""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator=newline.decode()).writerows(added)
    return header + newline + rest + buffer.getvalue().encode()
