"""Findings made from tests: no sentence says that something rose, fell or differs unless its test says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.reporting.grounds import (
    FEWEST_DF,
    SOUND_DF,
    Grounds,
    composition_words,
    dont_know_words,
    margin_words,
    reached_words,
    rows_in_words,
    selection_words,
)
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
from lpact_eval.reporting.rows import EVERYONE, Row, as_sentence, counted, level_of, people, the_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.rules import Rules
    from lpact_eval.reporting.sentences import Sentences

COMPARED: Final = ("change", "gap")
_NOTHING_BESIDE: Final = Grounds()
_LATER: Final = 2  # from the second family of tests on, the order is part of the finding
_WEIGHTED: Final = {"within group": ", weighted within the group,", "population": ", weighted to the population,"}
_WORDS: Final = {"change": ("rise", "fall"), "gap": ("higher", "lower")}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one test allows to be said.

    Attributes
    ----------
    row : Row
        The row that it is about.
    outcome : str
        Name of the rule that applied: "rise", "fall", either with "_sensitive" where its three rows disagree,
        "mode_changed", "equivalent", "higher", "lower", "not_clear", "indicative", "withheld", "suppressed", "refused"
        or "shown".
    heading : str
    sentences, details : tuple of str
        What was found, and what it rests on.
    label : str
        Which place the plan gave the comparison, where that is not the first.
    """

    row: Row
    outcome: str
    heading: str
    sentences: tuple[str, ...]
    details: tuple[str, ...] = ()
    label: str = ""


def findings(
    rows: Sequence[Row],
    sentences: Sentences,
    rules: Rules,
    *,
    adjusters: Sequence[str] = (),
    grounds: Grounds = _NOTHING_BESIDE,
) -> list[Finding]:
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
    grounds : Grounds, optional
        What is known beside the rows.

    Returns
    -------
    list of Finding
        In the order of the plan's families of tests, and of the rows within.
    """
    compared = {row.variable for row in rows if row.measure == "change"}
    first = {(row.variable, row.group): _family(row) for row in reversed(rows) if row.role == "primary"}
    made: list[Finding] = []
    for row in sorted(rows, key=lambda row: first.get((row.variable, row.group), 0)):
        if row.role != "primary" and (row.measure != "gap" or (row.variable, row.group) not in first):
            continue
        if row.measure in COMPARED:
            made.append(compare(row, rows, sentences, rules, adjusters=adjusters, grounds=grounds))
        elif row.measure == "level" and row.variable not in compared:
            made.append(_state(row, sentences))
    return made


def compare(
    row: Row,
    rows: Sequence[Row],
    sentences: Sentences,
    rules: Rules,
    *,
    adjusters: Sequence[str] = (),
    grounds: Grounds = _NOTHING_BESIDE,
) -> Finding:
    """Say what the test of a change or an attendance gap allows."""
    slots = _slots(row, rows, rules, adjusters) | _beside_slots(row, grounds, sentences)
    outcome = outcome_of(row)
    heading = sentences.say(f"{row.measure}.heading.{outcome}", slots)

    def said(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(sentences.say(f"{row.measure}.text.{name}", slots) for name in names)

    label = _label(row, sentences)
    if outcome in {"suppressed", "withheld", "refused"}:
        return Finding(row, outcome, heading, said([outcome]), label=label)
    details = said(_detail_names(row, slots))
    if row.measure == "change":
        parted = composition_words(row, grounds, sentences) if row.sensitive else []
        tipped = selection_words(row, grounds, sentences) if outcome.startswith(("rise", "fall")) else []
        details = (*details, *parted, *tipped)
    return Finding(row, outcome, heading, said(_found_names(row, slots)), details, label)


def outcome_of(row: Row) -> str:
    """Name what may be said of a change or a gap."""
    if row.mark == "[c]":
        return "suppressed"
    if not row.shown:
        return "refused" if row.tier == "refused" else "withheld"
    if row.clear and row.measure == "change":
        direction = _WORDS["change"][row.estimate < 0]
        return "mode_changed" if row.mode_changed else f"{direction}_sensitive" if row.sensitive else direction
    if row.clear:
        return _WORDS[row.measure][row.estimate < 0]
    if row.small:
        return "equivalent"
    return "indicative" if row.tier == "indicative" else "not_clear"


def equivalences(rows: Sequence[Row], sentences: Sentences, rules: Rules, grounds: Grounds) -> list[str]:
    """List every sentence that may say "no change larger than": those whose test of equivalence is passed."""
    found = [
        compare(row, rows, sentences, rules, grounds=grounds)
        for row in rows
        if row.measure == "change" and outcome_of(row) == "equivalent"
    ]
    return [text for finding in found for text in (finding.heading, *finding.sentences)]


def joined(adjusters: Sequence[str]) -> str:
    """Join names as prose: "age, sex and area"."""
    if len(adjusters) < 2:  # noqa: PLR2004 - one name needs no joining
        return "".join(adjusters)
    return f"{', '.join(adjusters[:-1])} and {adjusters[-1]}"


def _label(row: Row, sentences: Sentences) -> str:
    """Say which place the plan gave a comparison."""
    if row.role != "primary":
        return sentences.say("label.exploratory")
    family = _family(row)
    return sentences.say("label.later", {"family": str(family)}) if family >= _LATER else ""


def _family(row: Row) -> int:
    """Read the number of a row's family of tests; 1 for a level, which is in none."""
    number = row.family.rpartition(" ")[2]
    return int(number) if number.isdigit() else 1


def _found_names(row: Row, slots: Mapping[str, str]) -> list[str]:
    """Choose the sentences on what was found."""
    if row.measure != "change":
        return ["difference", _test_sentence(row)]
    has_levels = bool(slots["first"] and slots["second"])
    names = ["difference_of_levels" if has_levels else "difference", _test_sentence(row)]
    names += ["mode_changed"] if row.mode_changed else []
    return [*names, "sensitive"] if row.sensitive and slots["rows"] else names


def _detail_names(row: Row, slots: Mapping[str, str]) -> list[str]:
    """Choose the sentences on what a finding rests on."""
    rough = ["few_df"] if row.tested and FEWEST_DF <= row.df < SOUND_DF else []
    if row.measure != "change":
        open_gap = row.shown and not row.clear and bool(slots["detectable"])
        return [*(["detectable"] if open_gap else []), *rough, *(["adjusters"] if slots["listed"] else [])]
    open_still = row.tested and not row.clear
    chosen = {
        "levels": bool(slots["first"] and slots["second"]),
        "small": row.clear and row.small and bool(slots["margin"]),
        "margin_open": open_still and row.equivalent == "no" and bool(slots["margin"]),
        "detectable": bool(slots["detectable"]) and not row.clear and not row.small,
        "dont_know": bool(slots["dont_know"]),
        "reached": bool(slots["reached"]),
        "partial": row.comparable == "partial",
    }
    return [*(name for name, applies in chosen.items() if applies), *rough]


def _test_sentence(row: Row) -> str:
    """Choose the sentence that says what the test found."""
    if row.clear:
        return "clear_mode_changed" if row.measure == "change" and row.mode_changed else "clear"
    if row.small:
        return "equivalent"
    if row.tier == "indicative":
        return "indicative"
    if not row.tested:
        return "few_df_untested" if row.df < FEWEST_DF else "untested"
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
        "adjusters": ", made comparable as listed" if adjusters else "",
        "listed": ", ".join(adjusters),
        "indicative_below": str(rules.indicative_below),
        "withhold_below": str(rules.withhold_below),
    }


def _beside_slots(row: Row, grounds: Grounds, sentences: Sentences) -> dict[str, str]:
    """Gather what a sentence may say of what stands beside a row."""
    change = row.measure == "change"
    return {
        "margin": margin_words(grounds.margin),
        "rows": rows_in_words(row, grounds, sentences) if change else "",
        "dont_know": dont_know_words(row),
        "reached": reached_words(row),
        "df": f"{row.df:.0f}" if known(row.df) else "",
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


def overview(found: Sequence[Finding], sentences: Sentences, margin: float | None = None) -> str:
    """Count what is clear among the comparisons that the plan put first; empty where it put none."""
    compared = [one for one in found if one.row.measure in COMPARED and one.row.role == "primary"]
    clear = sum(one.row.clear for one in compared)
    equivalent = sum(one.outcome == "equivalent" for one in compared)
    if len(compared) > 1:
        slots = {
            "all": str(len(compared)),
            "clear": str(clear),
            "equivalent": str(equivalent),
            "margin": margin_words(margin),
            "open": str(len(compared) - clear - equivalent),
        }
        return sentences.say(f"overview.several{'_equivalent' if equivalent else ''}", slots)
    outcome = "clear" if clear else "equivalent" if equivalent else "open"
    return sentences.say(f"overview.one_{outcome}", {"margin": margin_words(margin)}) if compared else ""


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
    if clear and any(row.mode_changed for row in clear):
        groups = joined([people(row.group) for row in clear])
        return sentences.say("chart.title.mode_changed", {**slots, "groups": groups})
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
    alone = "_overall" if {row.group for row in gaps if row.tested} == {EVERYONE} and len(gaps) > 1 else ""
    if alone or not clear:
        return sentences.say(f"chart.title.{'clear_gap' if clear else 'no_clear_gap'}{alone}", slots)
    return sentences.say("chart.title.clear_gap", {**slots, "groups": joined(clear)})


def gap_summary(rows: Sequence[Row], sentences: Sentences) -> str:
    """Name the groups whose attendees differ clearly from others, and by how much; empty where none does."""
    told = [row for row in rows if row.measure == "gap" and row.clear]
    clear = [f"{people(row.group)} ({points(row.estimate, row.base)})" for row in told]
    return sentences.say("gap.summary.clear", {"groups": joined(clear)}) if clear else ""


def _directions(clear: Sequence[Row]) -> str:
    """Say among whom it rose and among whom it fell."""
    rose = [people(row.group) for row in clear if row.estimate > 0]
    fell = [people(row.group) for row in clear if row.estimate < 0]
    parts = [f"rose among {joined(rose)}" if rose else "", f"fell among {joined(fell)}" if fell else ""]
    return "; ".join(part for part in parts if part)
