"""A proposed definition of a delivered file, every line of it marked for a person to review."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lpact_eval.resources import surveys_folder
from lpact_eval.sample import Kind
from lpact_eval.waves.drafted_crosswalk import crosswalk_lines, listed, lookup_name, quoted, texts_for_lookup
from lpact_eval.waves.looking import Looked, LookedColumn, date_order, look_at
from lpact_eval.waves.lookup_proposals import drafted_lookup
from lpact_eval.waves.presets import PRESETS, DateOrder, PresetName
from lpact_eval.waves.proposing import Proposal, consent_column, propose, response_columns, weight_column
from lpact_eval.waves.schema import Schema, read_schema

CROSSWALK_STARTS = "# ---- crosswalk.toml ----"
_FAST = "take the # off to count who took fewer seconds"
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
    lookups : mapping of str to bytes
        Look-up files by name. They hold what people wrote: for the analyst's eyes only, never printed.
    """

    name: str
    looked: Looked = field(repr=False)
    proposals: Mapping[str, Proposal] = field(repr=False)
    wave: str = field(repr=False)
    crosswalk: str = field(repr=False)
    schema: Schema = field(repr=False)
    lookups: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)

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
    crosswalk = "\n".join(crosswalk_lines(proposals, schema))
    return Draft(name, looked, proposals, f"{wave}\n", f"{crosswalk}\n", schema, _lookups(proposals, schema))


def _lookups(proposals: Mapping[str, Proposal], schema: Schema) -> dict[str, bytes]:
    """Propose what free texts mean, for every variable that takes a look-up file."""
    return {
        lookup_name(name): drafted_lookup(texts, schema.answers(name))
        for name, proposal in proposals.items()
        if (texts := texts_for_lookup(proposal, schema)) is not None
    }


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
    yield f"name = {quoted(name)}  # review: the same as the folder's name"
    yield f"title = {quoted(name)}  # review: the survey's title, as readers should see it"
    yield '# mode = "interviewer, paper"  # review: how the survey was answered'
    yield ""
    yield "[fieldwork]  # review: fill in both days, without quotes"
    yield "# start = 2022-05-16"
    yield "# end = 2022-07-29"
    yield ""
    yield "[delivered]"
    yield f"format = {quoted(looked.layout.format)}"
    yield f"file = {quoted(file)}  # review: where the file lies, seen from this folder; it is never committed"
    yield from _layout_lines(looked)
    used = list(_role_lines(looked, free))
    yield from (line for _, line in used)
    yield from _left_lines(looked, [column for column in free if column.name not in {name for name, _ in used}])
    yield from _design_lines(looked, free, proposals)


def _layout_lines(looked: Looked) -> Iterator[str]:
    """Write how the file is laid out."""
    layout = looked.layout
    if layout.format == "csv":
        yield f"encoding = {quoted(layout.encoding)}  # review: recognised by the file's bytes"
        yield f"delimiter = {quoted(layout.delimiter)}"
    if layout.preset:
        yield f"preset = {quoted(layout.preset)}  # review: the survey tool"
    if layout.header_rows:
        yield f"header_rows = {layout.header_rows}  # review: as the first rows show"


def _role_lines(looked: Looked, free: Sequence[LookedColumn]) -> Iterator[tuple[str, str]]:
    """Write the columns of ids and times, with their names; consent and weight take no line here."""
    ids = [column for column in free if column.type == "id"]
    ids = [column for column in free if column.name == looked.roles.id] or ids
    if ids:
        yield ids[0].name, f"id = {quoted(ids[0].name)}  # review: tells respondents apart"
    dates = [column for column in looked.columns if column.type == "date"]
    usual = next((one for one in looked.columns if one.name == looked.roles.time), None)
    likely = next((one for one in dates if _DATES.search(f"{one.name} {one.title}")), dates[0] if dates else None)
    time = usual or likely
    if time:
        yield time.name, f"time = {quoted(time.name)}  # review: when the respondent answered"
        if line := _order_line(date_order(time.column), looked.layout.preset):
            yield time.name, line
    rules = [one for one, _ in response_columns(free)]
    for column in (weight_column(free), (consent_column(free) or (None,))[0], *rules):
        if column is not None:
            yield column.name, f"# {quoted(column.name)} is used below"


def _order_line(order: DateOrder, preset: PresetName) -> str:
    """Write the order of day and month where it matters."""
    usual = PRESETS[preset].dates
    if order == "iso":
        return ""
    if order:
        return f"dates = {quoted(order)}  # review: proved by days after the 12th"
    if usual:
        return f"dates = {quoted(usual)}  # review: no date proves the order; {preset} writes them so"
    return '# dates = "day-first"  # review: no date proves the order; state day-first or month-first'


def _left_lines(looked: Looked, left: Sequence[LookedColumn]) -> Iterator[str]:
    """List columns of personal data, and those that no harmonised variable is like."""
    personal = [column for column in left if column.type == "personal"]
    notes = [(name, "personal by its name, dropped while reading") for name in looked.personal]
    notes += [(column.name, "its name or answers look personal") for column in personal]
    yield from listed("personal", notes)
    started = looked.roles.started
    others = [
        (column.name, "when the respondent started" if column.name == started else _unmatched(column))
        for column in left
        if column.type != "personal"
    ]
    yield from listed("ignore_columns", others)
    for name in looked.repeated:
        yield f"# review: several columns are called {quoted(name)}; rename all but one to use them"


def _unmatched(column: LookedColumn) -> str:
    """Say why a column is left aside."""
    if column.personal:
        return "not matched; some answers look personal, so see whether it belongs in personal"
    return "not matched to a harmonised variable"


def _design_lines(looked: Looked, free: Sequence[LookedColumn], proposals: Mapping[str, Proposal]) -> Iterator[str]:
    """Write weight, sampling unit and quality rules where there are columns for them."""
    weight, site = weight_column(free), proposals.get("recruit_site")
    if weight or site:
        yield ""
        yield "[design]"
    if weight:
        yield f"weight = {quoted(weight.name)}  # review: the delivered weights"
    if site:
        yield f"psu = {quoted(site.columns[0].name)}  # review: respondents were recruited by site"
    yield from _quality_lines(looked, free)


def _quality_lines(looked: Looked, free: Sequence[LookedColumn]) -> Iterator[str]:
    """Write the rules that set respondents aside."""
    consent, responses = consent_column(free), response_columns(free)
    if consent or responses:
        yield ""
        yield "[quality]"
    if consent:
        yield f"consent = {_rule(*consent)}  # review: rows with other answers are set aside"
    if responses:
        rules = ", ".join(_rule(column, codes) for column, codes in responses)
        yield f"responses = [{rules}]  # review: previews and tests are set aside; add unfinished ones if you wish"
    if looked.roles.started and looked.roles.time:
        if not (consent or responses):
            yield ""
            yield "# [quality]"
        yield f"# speeders = {{ fastest = 60 }}  # review: {_FAST}"


def _rule(column: LookedColumn, codes: Sequence[str]) -> str:
    """Write a column and the codes that are accepted."""
    accepted = ", ".join(map(quoted, codes))
    return f"{{ column = {quoted(column.name)}, accept = [{accepted}] }}"
