"""A proposed definition of a delivered file, every line of it marked for a person to review."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lpact_eval.resources import surveys_folder
from lpact_eval.sample import Kind
from lpact_eval.waves.looking import Looked, LookedColumn, date_order, look_at
from lpact_eval.waves.matching import AnswerMatch, missing_kind, reworded, without_number
from lpact_eval.waves.proposing import Proposal, consent_column, propose, weight_column
from lpact_eval.waves.schema import Schema, read_schema

CROSSWALK_STARTS = "# ---- crosswalk.toml ----"
_DATES = re.compile(r"interview|start|complet|submit|timestamp|date", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A proposed definition.

    Attributes
    ----------
    name : str
        Of the wave, made of the file's.
    looked : Looked
        What the file holds.
    proposals : mapping of str to Proposal
        By harmonised variable.
    wave, crosswalk : str
        Texts of wave.toml and crosswalk.toml.
    schema : Schema
        The harmonised variables that were looked for.
    """

    name: str
    looked: Looked = field(repr=False)
    proposals: Mapping[str, Proposal] = field(repr=False)
    wave: str = field(repr=False)
    crosswalk: str = field(repr=False)
    schema: Schema = field(repr=False)

    def kind(self, variable: str) -> Kind:
        """Tell the kind of a harmonised variable."""
        return self.schema.variables[variable].kind


def draft_wave(path: str | Path, *, preset: str | None = None, surveys: str | Path | None = None) -> str:
    """Propose a wave's definition: wave.toml, a line that says so, and crosswalk.toml.

    Parameters
    ----------
    path : path
        The delivered file, of any format that a wave can have.
    preset : str, optional
        The survey tool; recognised by the header if not given.
    surveys : path, optional
        Folder with the harmonised schema; by default the one shipped.

    Returns
    -------
    str
        TOML with "# review:" wherever a person has to decide. The fieldwork dates are left to be filled in. No
        answer that fewer than ten people gave is in it, unless the file labels it or the schema knows it.

    Raises
    ------
    WrongUseError
        If there is no such file, or it is of no known format or preset.
    HarmonisationError
        If it can't be read.
    """
    drafted = draft_definition(Path(path), preset=preset, surveys=Path(surveys) if surveys is not None else None)
    return f"{drafted.wave}\n{CROSSWALK_STARTS}\n{drafted.crosswalk}"


def draft_definition(
    path: Path, *, preset: str | None = None, surveys: Path | None = None, folder: Path | None = None
) -> Draft:
    """Propose a definition as its two files, for a folder of surveys that they may be written to."""
    schema = read_schema((surveys or surveys_folder()) / "harmonised.toml")
    looked = look_at(path, schema, preset=preset)
    proposals = propose(looked, schema)
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.casefold()).strip("-") or "wave"
    file = _path_from(path, folder / name) if folder is not None else path.resolve().as_posix()
    wave = "\n".join(_wave_lines(name, file, looked, proposals))
    return Draft(name, looked, proposals, f"{wave}\n", "\n".join(_crosswalk_lines(proposals, schema)) + "\n", schema)


def _path_from(path: Path, folder: Path) -> str:
    """Write a path as seen from a folder, or whole where it lies on another drive."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _wave_lines(name: str, file: str, looked: Looked, proposals: Mapping[str, Proposal]) -> Iterator[str]:
    """Write wave.toml."""
    taken = {column.name for proposal in proposals.values() for column in proposal.columns}
    free = [column for column in looked.columns if column.name not in taken]
    yield "# Proposed from the delivered file. Read each line marked review, correct it, and remove the mark."
    yield ""
    yield f"name = {_quoted(name)}  # review: the same as the folder's name"
    yield f"title = {_quoted(name)}  # review: the survey's title, as readers should see it"
    yield '# mode = "interviewer, paper"  # review: how the survey was answered'
    yield ""
    yield "[fieldwork]  # review: fill in both days, without quotes"
    yield "# start = 2022-05-16"
    yield "# end = 2022-07-29"
    yield ""
    yield "[delivered]"
    yield f"format = {_quoted(looked.layout.format)}"
    yield f"file = {_quoted(file)}  # review: where the file lies, seen from this folder; it is never committed"
    yield from _layout_lines(looked)
    used = list(_role_lines(looked, free))
    yield from (line for _, line in used)
    yield from _left_lines(looked, [column for column in free if column.name not in {name for name, _ in used}])
    yield from _design_lines(free, proposals)


def _layout_lines(looked: Looked) -> Iterator[str]:
    """Write how the file is laid out."""
    layout = looked.layout
    if layout.format == "csv":
        yield f"encoding = {_quoted(layout.encoding)}  # review: recognised by the file's bytes"
        yield f"delimiter = {_quoted(layout.delimiter)}"
    if layout.preset:
        yield f"preset = {_quoted(layout.preset)}  # review: the survey tool"


def _role_lines(looked: Looked, free: Sequence[LookedColumn]) -> Iterator[tuple[str, str]]:
    """Write the columns of ids and times, with their names; consent and weight take no line here."""
    ids = [column for column in free if column.type == "id"]
    if ids:
        yield ids[0].name, f"id = {_quoted(ids[0].name)}  # review: tells respondents apart"
    dates = [column for column in looked.columns if column.type == "date"]
    time = next((one for one in dates if _DATES.search(f"{one.name} {one.title}")), dates[0] if dates else None)
    if time:
        yield time.name, f"time = {_quoted(time.name)}  # review: when the respondent answered"
        order = date_order(time.column)
        guess = f"dates = {_quoted(order)}  # review: proved by days after the 12th" if order else ""
        unknown = '# dates = "day-first"  # review: no date proves the order; state day-first or month-first'
        if order != "iso":
            yield time.name, guess or unknown
    for column in (weight_column(free), (consent_column(free) or (None,))[0]):
        if column is not None:
            yield column.name, f"# {_quoted(column.name)} is used below"


def _left_lines(looked: Looked, left: Sequence[LookedColumn]) -> Iterator[str]:
    """List columns of personal data, and those that no harmonised variable is like."""
    personal = [column for column in left if column.type == "personal"]
    notes = [(name, "personal by its name, dropped while reading") for name in looked.personal]
    notes += [(column.name, "its name or answers look personal") for column in personal]
    yield from _listed("personal", notes)
    others = [(column.name, _unmatched(column)) for column in left if column.type != "personal"]
    yield from _listed("ignore_columns", others)
    for name in looked.repeated:
        yield f"# review: several columns are called {_quoted(name)}; rename all but one to use them"


def _unmatched(column: LookedColumn) -> str:
    """Say why a column is left aside."""
    if column.looks_personal:
        return "not matched; some answers look personal, so see whether it belongs in personal"
    return "not matched to a harmonised variable"


def _listed(key: str, notes: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Write a list of names, one a line with its note."""
    if notes:
        yield f"{key} = ["
        for name, note in notes:
            yield f"  {_quoted(name)},  # review: {note}"
        yield "]"


def _design_lines(free: Sequence[LookedColumn], proposals: Mapping[str, Proposal]) -> Iterator[str]:
    """Write weight, sampling unit and consent where there are such columns."""
    weight, site, consent = weight_column(free), proposals.get("recruit_site"), consent_column(free)
    if weight or site:
        yield ""
        yield "[design]"
    if weight:
        yield f"weight = {_quoted(weight.name)}  # review: the delivered weights"
    if site:
        yield f"psu = {_quoted(site.columns[0].name)}  # review: respondents were recruited by site"
    if consent:
        column, codes = consent
        accepted = ", ".join(map(_quoted, codes))
        yield ""
        yield "[quality]"
        yield (
            f"consent = {{ column = {_quoted(column.name)}, accept = [{accepted}] }}"
            "  # review: rows with other answers are set aside"
        )


def _crosswalk_lines(proposals: Mapping[str, Proposal], schema: Schema) -> Iterator[str]:
    """Write crosswalk.toml."""
    yield "# Proposed from the delivered file. Read each line marked review, correct it, and remove the mark."
    for proposal in proposals.values():
        yield ""
        yield from _item_lines(proposal, schema)
    left = [name for name, meaning in schema.variables.items() if not meaning.source and name not in proposals]
    yield ""
    yield "[not_asked]"
    yield from _listed("variables", [(name, "no column is like it") for name in left])
    yield 'reason = "No delivered column was found for it."  # review: why it was not asked'


def _item_lines(proposal: Proposal, schema: Schema) -> Iterator[str]:
    """Write one variable's table."""
    name, column = proposal.variable, proposal.columns[0]
    meaning = schema.variables[name]
    yield f"[{name}]  # review: matched {_percent(proposal.score)}"
    if meaning.kind == "set" and not proposal.separator:
        yield from _option_lines(proposal)
        return
    yield f"column = {_quoted(column.name)}  # review: matched {_percent(proposal.score)}"
    if reworded(column.title, meaning):
        yield f"wording = {_quoted(without_number(column.title))}  # review: asked in other words than the schema's"
    yield from _kind_lines(proposal, schema)
    if proposal.answers:
        yield from _mapping_lines(f"{name}.answers", proposal.answers, column.codes)
        yield from _unmapped_lines(proposal, column)
    yield from _missing_lines(name, column)


def _option_lines(proposal: Proposal) -> Iterator[str]:
    """Write the delivered columns of a set, one an option."""
    yield from _mapping_lines(f"{proposal.variable}.columns", proposal.answers, {})
    for option in proposal.columns:
        if option.name not in proposal.answers:
            yield f"# review: {_quoted(option.name)} is like no answer; add it here, or to ignore_columns"


def _kind_lines(proposal: Proposal, schema: Schema) -> Iterator[str]:
    """Write what only one kind of variable has."""
    name, kind = proposal.variable, schema.variables[proposal.variable].kind
    if proposal.separator:
        yield f"separator = {_quoted(proposal.separator)}  # review: between the options"
    if kind == "number":
        yield from _range_lines(name, schema)
    if kind == "category" and not proposal.answers:
        yield f'lookup = "{name}_lookup.csv"  # review: free text; this file has to say what each text stands for'
    if kind == "scale":
        yield from _comparable_lines(name, proposal, schema)


def _range_lines(name: str, schema: Schema) -> Iterator[str]:
    """Take the range of a number from the bands that are derived of it."""
    limits = [
        limit
        for meaning in schema.variables.values()
        if meaning.source == name
        for band in meaning.bands.values()
        for limit in band
    ]
    if limits:
        yield f"range = [{min(limits):g}, {max(limits):g}]  # review: numbers outside count as blank"


def _comparable_lines(name: str, proposal: Proposal, schema: Schema) -> Iterator[str]:
    """Mark a scale whose answers are not those of the schema, or that runs the other way."""
    answers = schema.answers(name)
    absent = [answer for answer in answers if answer not in {match.answer for match in proposal.answers.values()}]
    if absent:
        reason = f"Asked without the answer {', '.join(absent)}."
        yield 'comparable = "partial"  # review: the scale has other answers; "full" if nobody happened to choose them'
        yield f"reason = {_quoted(reason)}  # review: why it is not fully comparable"
    codes = [(int(code), answers.index(match.answer)) for code, match in proposal.answers.items() if code.isdigit()]
    places = [place for _, place in sorted(codes)]
    if len(places) > 1 and places == sorted(places, reverse=True):
        yield "# review: reversed; the highest code is the schema's first answer"


def _mapping_lines(table: str, answers: Mapping[str, AnswerMatch], labels: Mapping[str, str]) -> Iterator[str]:
    """Write delivered codes and the answers that they seem to be."""
    yield f"[{table}]"
    for code, match in sorted(answers.items(), key=lambda pair: _order(pair[0])):
        label = labels.get(code, code)
        told = f"{_quoted(label)}, " if label != code else ""
        yield f"{_quoted(code)} = {_quoted(match.answer)}  # review: {told}matched {_percent(match.score)}"


def _unmapped_lines(proposal: Proposal, column: LookedColumn) -> Iterator[str]:
    """Say which codes have no answer yet."""
    for code, label in column.codes.items():
        if code not in proposal.answers and missing_kind(label) is None and not proposal.separator:
            told = f" ({_quoted(label)})" if label != code else ""
            yield f"# review: {_quoted(code)}{told} is like no answer; add it here or to missing"
    if column.more:
        yield "# review: there are answers that are not shown here; lpact-eval check counts what is not mapped"


def _missing_lines(name: str, column: LookedColumn) -> Iterator[str]:
    """Write the codes that say why there is no answer."""
    kinds = {code: kind for code, label in column.codes.items() if (kind := missing_kind(label))}
    unlabelled = sorted(column.column.declared_missing - set(column.codes))
    if kinds or unlabelled:
        yield f"[{name}.missing]"
    for code, kind in sorted(kinds.items(), key=lambda pair: _order(pair[0])):
        label = column.codes[code]
        told = f"labelled {_quoted(label)}" if label != code else "by its words"
        yield f"{_quoted(code)} = {_quoted(kind)}  # review: {told}"
    if unlabelled:
        yield "# review: the file declares further codes as missing without saying why; add what lpact-eval check lists"


def _order(code: str) -> tuple[int, str]:
    """Sort codes that are numbers by size, after them texts."""
    return (int(code), "") if re.fullmatch(r"-?\d{1,9}", code) else (10**9, code)


def _percent(score: float) -> str:
    """Write a likeness."""
    return f"{score:.0f} %"


def _quoted(text: str) -> str:
    """Write a TOML string on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
