"""Where a delivered file keeps ids and times, once wave.toml, the preset and the file's own header are put together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lpact_eval.waves.definition import DeliveredFile, Speeders
from lpact_eval.waves.presets import PRESETS

_COPIES = "only exact copies that share their completion time count as the same respondent"


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a delivered file that are no answers; empty where there is none.

    Attributes
    ----------
    id : str
        Tells respondents apart.
    started, time : str
        When they started and completed.
    notes : tuple of str
        What was taken from the preset, and what the preset expects and the file lacks, for the ledger.
    """

    id: str = ""
    started: str = ""
    time: str = ""
    notes: tuple[str, ...] = ()


def resolve_layout(declared: DeliveredFile, names: Sequence[str], titles: Sequence[str]) -> Layout:
    """Find the columns of ids and times.

    Parameters
    ----------
    declared : DeliveredFile
        What wave.toml states stands, an empty text included: it turns the column off. Where it states nothing, a
        column that the preset names applies if the file has it once.
    names, titles : sequence of str
        Columns of the file, those of personal data left out.
    """
    preset = PRESETS[declared.preset]
    ids = _column(declared.id, preset.id, names, titles)
    started = _column(declared.started, preset.started, names, titles)
    time = _column(declared.time, preset.time, names, titles)
    notes = _notes(declared, ids, time) if declared.preset else ()
    return Layout(ids, started, time, tuple(notes))


def _column(stated: str | None, usual: Sequence[str], names: Sequence[str], titles: Sequence[str]) -> str:
    """Take the column stated, else the first usual one that the file has."""
    if stated is not None:
        return stated
    for wanted in usual:
        for known in (names, titles):
            places = [place for place, name in enumerate(known) if name.casefold() == wanted.casefold()]
            if len(places) == 1:
                return names[places[0]]
    return ""


def _notes(declared: DeliveredFile, ids: str, time: str) -> Iterator[str]:
    """Say which columns the preset supplied and which are absent."""
    tool, preset = declared.preset, PRESETS[declared.preset]
    if declared.id is None:
        alike = _COPIES if time else "no row counts as a copy of another"
        usual = f"no column called {_either(preset.id)}" if preset.id else f"{tool} adds none"
        yield f"respondent ids: column {ids!r}, as {tool} names it" if ids else f"no respondent ids: {usual}; {alike}"
    if declared.time is None and (preset.time or time):
        absent = f"no completion times: no column called {_either(preset.time)}; no row is outside the fieldwork dates"
        yield f"completion times: column {time!r}, as {tool} names it" if time else absent
    if declared.dates is None and preset.dates and time:
        yield f"dates that don't start with the year are read {preset.dates}, as {tool} writes them"


def _either(names: Sequence[str]) -> str:
    """List names of which one would do."""
    return " or ".join(repr(name) for name in names)


def start_and_finish(rule: Speeders, layout: Layout) -> tuple[str, str]:
    """Name the two columns between whose times respondents are timed: the rule's own, else the file's."""
    return rule.started or layout.started, rule.finished or layout.time
