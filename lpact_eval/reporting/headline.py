"""Findings made from tests: no sentence says that something rose, fell or differs unless its test says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.numbers import (
    count,
    known,
    percent,
    percent_range,
    points,
    probability,
    signed_range,
    size,
)
from lpact_eval.reporting.rows import Row, as_sentence, counted, level_of, people, the_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.reporting.sentences import Sentences

COMPARED: Final = ("change", "gap")
_WEIGHTED: Final = {"within group": ", weighted within the group", "population": ", weighted to the population"}
_WORDS: Final = {"change": ("rise", "fall"), "gap": ("higher", "lower")}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one test allows to be said.

    Attributes
    ----------
    row : Row
        The row that it is about.
    outcome : str
        Name of the rule that applied: "rise", "fall", "higher", "lower", "not_clear", "indicative", "withheld",
        "suppressed", "refused" or "shown".
    heading : str
    sentences, details : tuple of str
        What was found, and what it rests on.
    """

    row: Row
    outcome: str
    heading: str
    sentences: tuple[str, ...]
    details: tuple[str, ...] = ()


def findings(rows: Sequence[Row], sentences: Sentences, rules: Rules, adjusters: Sequence[str] = ()) -> list[Finding]:
    """Make a finding of every primary change, attendance gap and level asked only once, and of the gap beside a change.

    Parameters
    ----------
    rows : sequence of Row
        All published rows.
    sentences : Sentences
    rules : Rules
        Whose thresholds the sentences name.
    adjusters : sequence of str, optional
        Titles of what attendees and others were made comparable on.

    Returns
    -------
    list of Finding
        In the order of the rows.
    """
    compared = {row.variable for row in rows if row.measure == "change"}
    first = {(row.variable, row.group) for row in rows if row.role == "primary"}
    made: list[Finding] = []
    for row in rows:
        if row.role != "primary" and (row.measure != "gap" or (row.variable, row.group) not in first):
            continue
        if row.measure in COMPARED:
            made.append(compare(row, rows, sentences, rules, adjusters=adjusters))
        elif row.measure == "level" and row.variable not in compared:
            made.append(_state(row, sentences))
    return made


def compare(
    row: Row, rows: Sequence[Row], sentences: Sentences, rules: Rules, *, adjusters: Sequence[str] = ()
) -> Finding:
    """Say what the test of a change or an attendance gap allows."""
    slots = _slots(row, rows, rules, adjusters)
    outcome = outcome_of(row)
    heading = sentences.say(f"{row.measure}.heading.{outcome}", slots)

    def said(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(sentences.say(f"{row.measure}.text.{name}", slots) for name in names)

    if outcome in {"suppressed", "withheld", "refused"}:
        return Finding(row, outcome, heading, said([outcome]))
    has_levels = bool(slots["first"] and slots["second"]) and row.measure == "change"
    difference = "difference_of_levels" if has_levels else "difference"
    found = said([difference, _test_sentence(row, outcome)])
    return Finding(row, outcome, heading, found, said(_detail_names(row, slots, has_levels=has_levels)))


def outcome_of(row: Row) -> str:
    """Name what may be said of a change or a gap."""
    if row.mark == "[c]":
        return "suppressed"
    if not row.shown:
        return "refused" if row.tier == "refused" else "withheld"
    if row.clear:
        return _WORDS[row.measure][row.estimate < 0]
    return "indicative" if row.tier == "indicative" else "not_clear"


def joined(adjusters: Sequence[str]) -> str:
    """Join names as prose: "age, sex and area"."""
    if len(adjusters) < 2:  # noqa: PLR2004 - one name needs no joining
        return "".join(adjusters)
    return f"{', '.join(adjusters[:-1])} and {adjusters[-1]}"


def _detail_names(row: Row, slots: Mapping[str, str], *, has_levels: bool) -> list[str]:
    """Choose the sentences on what a change rests on; a gap says all in its finding."""
    if row.measure != "change":
        return []
    names = ["levels"] if has_levels else []
    names += ["detectable"] if slots["detectable"] and not row.clear else []
    return [*names, "partial"] if row.comparable == "partial" else names


def _test_sentence(row: Row, outcome: str) -> str:
    """Choose the sentence that says what the test found."""
    if row.clear:
        return "clear"
    if outcome == "indicative":
        return "indicative"
    if not row.tested:
        return "untested"
    straddles = row.conf_low <= 0 <= row.conf_high
    return "not_clear" if straddles else "not_clear_adjusted"


def _state(row: Row, sentences: Sentences) -> Finding:
    """State a level that was asked in one wave only."""
    outcome = "shown" if row.shown else "withheld"
    slots = {
        "title": row.title,
        "people": people(row.group),
        "counted": counted(row.group),
        "answer": row.answer,
        "second": percent(row.estimate, row.n) if row.shown else "",
        "second_range": percent_range(row.conf_low, row.conf_high, row.n) if row.shown else "",
        "second_wave": the_wave(row.wave),
        "n_second": count(row.n),
        "eff_second": count(row.n_effective),
        "reason": as_sentence(row.note),
    }
    text = sentences.say(f"level.text.{outcome}", slots)
    return Finding(row, outcome, sentences.say(f"level.heading.{outcome}", slots), (text,))


def _slots(row: Row, rows: Sequence[Row], rules: Rules, adjusters: Sequence[str]) -> dict[str, str]:
    """Gather everything that a sentence on a change or a gap may name."""
    earlier, later = row.waves if row.measure == "change" else (row.wave, row.wave)
    first, second = level_of(rows, row, earlier), level_of(rows, row, later)
    return {
        "title": row.title,
        "people": people(row.group),
        "counted": counted(row.group),
        "answer": row.answer,
        "weighted": _WEIGHTED.get(row.weights, ""),
        "first_wave": the_wave(earlier),
        "second_wave": the_wave(later),
        **_level_slots("first", first, row.base),
        **_level_slots("second", second, row.base),
        "n_first": count(row.n_first),
        "n_second": count(row.n_second),
        "change": points(row.estimate, row.base) if row.shown else "",
        "size": size(row.estimate, row.base) if row.shown else "",
        "range": f"{signed_range(row.conf_low, row.conf_high, row.base)} points" if row.shown else "",
        "detectable": size(row.detectable, row.base) if known(row.detectable) else "",
        "p": probability(row.p_adjusted) if known(row.p_adjusted) else "",
        "reason": as_sentence(row.note),
        "adjusters": ", after allowing for the differences listed below" if adjusters else "",
        "indicative_below": str(rules.indicative_below),
        "withhold_below": str(rules.withhold_below),
    }


def _level_slots(name: str, level: Row | None, base: int | None) -> dict[str, str]:
    """Write a level's share, interval and effective base; empty where there is none to be read."""
    if level is None or not level.shown:
        return {name: "", f"{name}_range": "", f"eff_{name}": ""}
    return {
        name: percent(level.estimate, base),
        f"{name}_range": percent_range(level.conf_low, level.conf_high, base),
        f"eff_{name}": count(level.n_effective),
    }


def overview(found: Sequence[Finding], sentences: Sentences) -> str:
    """Count what is clear among the comparisons that the plan put first; empty where it put none."""
    compared = [row for row in (finding.row for finding in found) if row.measure in COMPARED and row.role == "primary"]
    clear = sum(row.clear for row in compared)
    if len(compared) > 1:
        slots = {"all": str(len(compared)), "clear": str(clear), "open": str(len(compared) - clear)}
        return sentences.say("overview.several", slots)
    return sentences.say(f"overview.one_{'clear' if clear else 'open'}") if compared else ""


def change_title(rows: Sequence[Row], sentences: Sentences) -> str:
    """Title the charts of a question's change with what the tests say.

    Parameters
    ----------
    rows : sequence of Row
        The question's rows.
    sentences : Sentences

    Returns
    -------
    str
    """
    changes = [row for row in rows if row.measure == "change"]
    if not changes:
        last = [row for row in rows if row.measure == "level"][-1]
        return sentences.say("chart.title.level", {"title": last.title, "second_wave": the_wave(last.wave)})
    earlier, later = changes[0].waves
    slots = {"title": changes[0].title, "first_wave": the_wave(earlier), "second_wave": the_wave(later)}
    clear = [row for row in changes if row.clear]
    if not any(row.tested for row in changes):
        refused = all(row.tier in {"refused", "suppressed"} for row in changes)
        return sentences.say(f"chart.title.{'not_comparable' if refused else 'nothing_to_test'}", slots)
    if not clear:
        return sentences.say("chart.title.no_clear_change", slots)
    name = "only_clear_change" if len(clear) == sum(row.shown for row in changes) else "clear_change"
    return sentences.say(f"chart.title.{name}", {**slots, "clear": _directions(clear)})


def gap_title(rows: Sequence[Row], sentences: Sentences) -> str:
    """Title the chart of attendees and others with what the tests say."""
    gaps = [row for row in rows if row.measure == "gap"]
    slots = {"title": gaps[0].title}
    if not any(row.tested for row in gaps):
        return sentences.say("chart.title.nothing_to_test", slots)
    clear = [people(row.group) for row in gaps if row.clear]
    if not clear:
        return sentences.say("chart.title.no_clear_gap", slots)
    return sentences.say("chart.title.clear_gap", {**slots, "groups": joined(clear)})


def _directions(clear: Sequence[Row]) -> str:
    """Say among whom it rose and among whom it fell."""
    rose = [people(row.group) for row in clear if row.estimate > 0]
    fell = [people(row.group) for row in clear if row.estimate < 0]
    parts = [f"rose among {joined(rose)}" if rose else "", f"fell among {joined(fell)}" if fell else ""]
    return "; ".join(part for part in parts if part)
