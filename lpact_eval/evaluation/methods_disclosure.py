"""The disclosure of methods that surveys owe their readers: eleven items, made from plan, surveys and results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import LpactError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.quality import QaCheck
    from lpact_eval.evaluation.run import Results
    from lpact_eval.sample import Wave

_INTERVAL: Final = (
    "Intervals are 95% modelled intervals: they show the variation expected if respondents were like random draws from "
    "their age, sex, area and ethnic group, and do not cover who chose to answer."
)
_LEDGER: Final = ("delivered", "kept")


@dataclass(frozen=True, slots=True)
class Item:
    """One of the eleven items.

    Attributes
    ----------
    number : int
    name, text : str
    source : str
        Where its statements come from.
    missing : tuple of str
        What is blank, each with the file and key where it is filled in.
    """

    number: int
    name: str
    text: str
    source: str
    missing: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether something is to be filled in."""
        return bool(self.missing) or not self.text.strip()


def methods_disclosure(
    plan: EvaluationPlan, results: Results, *, checks: Sequence[QaCheck] = (), limits: Sequence[str] = ()
) -> tuple[Item, ...]:
    """Write the disclosure of methods.

    Parameters
    ----------
    plan : EvaluationPlan
    results : Results
    checks : sequence of QaCheck, optional
        What was checked, as `qa_checks` gives it.
    limits : sequence of str, optional
        Limits beside those that follow from the design, such as those of the assurance statement.

    Returns
    -------
    tuple of Item
        Eleven, in the order of the code of ethics. Counts of respondents are of whole surveys.

    References
    ----------
    American Association for Public Opinion Research (2021), *Code of Professional Ethics and Practices*, sec. III.
    """
    waves = results.waves
    made = (
        ("Data collection strategy", _strategy(plan, waves), "plan, surveys"),
        ("Who sponsored and who conducted it", _who(plan), "plan"),
        ("Measurement instrument", _instrument(results), "crosswalks of the surveys"),
        ("Population under study", f"{_capital(plan.population)}.", "plan"),
        ("How the sample was generated and recruited", plan.recruitment and f"{plan.recruitment.rstrip('.')}.", "plan"),
        ("Modes of data collection", _each(waves, "mode"), "definitions of the surveys"),
        ("Dates of data collection", " ".join(_dates(waves)), "definitions of the surveys"),
        ("Sample sizes and precision", _sizes(results), "rows delivered, weights"),
        ("Weighting", results.weighting, "plan, weights"),
        ("Processing and quality checks", _processing(results, checks), "rows delivered, checks of the run"),
        ("Limitations", " ".join((*_limits(plan, results), *limits)), "design, results"),
    )
    blanks = _blanks(plan, results)
    return tuple(
        Item(number, name, text, source, tuple(blanks.get(number, ())))
        for number, (name, text, source) in enumerate(made, 1)
    )


def require_complete(items: Sequence[Item]) -> None:
    """Stop while an item of the disclosure of methods is blank.

    Parameters
    ----------
    items : sequence of Item

    Raises
    ------
    LpactError
        Naming every blank item and where it is filled in.
    """
    blank = [item for item in items if item.blank]
    if blank:
        told = "\n".join(
            f"  {item.number}. {item.name}: {'; '.join(item.missing) or 'nothing is known'}" for item in blank
        )
        left = "one item is" if len(blank) == 1 else f"{len(blank)} items are"
        msg = (
            f"Cannot release: of the eleven items that readers are owed about the methods {left} blank. Fill in\n{told}"
        )
        raise LpactError(msg)


def _blanks(plan: EvaluationPlan, results: Results) -> dict[int, list[str]]:
    """List by item what is blank, with the place to fill it in."""
    found: dict[int, list[str]] = {}
    for number, key in ((2, "sponsor"), (2, "conductor"), (5, "recruitment")):
        if not str(getattr(plan, key)).strip():
            found.setdefault(number, []).append(f"{key} in {plan.plan_file}")
    if plan.population_name and not plan.geography:
        found.setdefault(4, []).append(f"geography in {plan.plan_file}")
    unsaid = [f"mode in {wave.name}/wave.toml" for wave in results.waves if not wave.mode.strip()]
    wording = [f"wording of {name} in {wave}/crosswalk.toml" for name, wave in _without_wording(results)]
    return {**found, **({6: unsaid} if unsaid else {}), **({3: wording} if wording else {})}


def _without_wording(results: Results) -> Iterator[tuple[str, str]]:
    """Find the plan's questions of which a survey that asked them does not say how."""
    asked = {indicator.variable for indicator in results.plan.indicators}
    audit = results.audit
    rows = zip(*(audit[name].astype(str) for name in ("variable", "wave", "comparable", "asked_as")), strict=True)
    for variable, wave, comparable, wording in rows:
        if variable in asked and comparable != "not asked" and not wording.strip():
            yield variable, wave


def _strategy(plan: EvaluationPlan, waves: Sequence[Wave]) -> str:
    """Say what was collected."""
    count = "one survey" if len(waves) == 1 else f"{len(waves)} surveys of different people"
    gap = " In one of them, people who attended the events are compared with others." if plan.attendance else ""
    records = " Records of the events, kept by the force, stand beside them." if plan.records else ""
    return f"Answers of volunteers in {count}: {', '.join(_title(wave) for wave in waves)}.{gap}{records}"


def _who(plan: EvaluationPlan) -> str:
    """Name sponsor and conductor."""
    parts = (("Sponsor", plan.sponsor), ("Conducted by", plan.conductor))
    return " ".join(f"{label}: {name.strip().rstrip('.')}." for label, name in parts if name.strip())


def _instrument(results: Results) -> str:
    """Say where the questions stand and which may be compared."""
    asked = {indicator.variable for indicator in results.plan.indicators}
    weak = results.audit[results.audit["comparable"].isin(["partial", "none"]) & results.audit["variable"].isin(asked)]
    titles = list(dict.fromkeys(weak["title"].astype(str)))
    told = f" Asked differently between the surveys: {', '.join(titles)}." if titles else ""
    return f"The wording and the answers of every question, survey by survey, stand in the table of questions.{told}"


def _each(waves: Sequence[Wave], key: str) -> str:
    """Say something of every survey."""
    return " ".join(f"{_title(wave)}: {value}." for wave in waves if (value := str(getattr(wave, key)).strip()))


def _dates(waves: Sequence[Wave]) -> Iterator[str]:
    """Say when every survey was in the field."""
    for wave in waves:
        yield f"{_title(wave)}: {_day(wave.start)} to {_day(wave.end)}."


def _sizes(results: Results) -> str:
    """Say how many answered each survey and what weighting left of them."""
    ledger, weights = results.ledger, results.weights
    kept = dict(
        zip(ledger["wave"][ledger["reason"] == "kept"], ledger["rows"][ledger["reason"] == "kept"], strict=True)
    )
    overall = weights[weights["by"] == ""]
    effects = zip(overall["wave"].astype(str), overall["design_effect"].astype(float), strict=True)
    effect = {wave: found for wave, found in effects if not math.isnan(found)}
    told = [
        f"{_title(wave)}: {int(kept[wave.name])} respondents"
        + (f", design effect {effect[wave.name]:.2f}." if wave.name in effect else ".")
        for wave in results.waves
        if wave.name in kept
    ]
    return " ".join((*told, "Bases by group stand with every number.", _INTERVAL))


def _processing(results: Results, checks: Sequence[QaCheck]) -> str:
    """Say why rows were set aside and how checking ended."""
    ledger = results.ledger
    reasons = dict.fromkeys(ledger["reason"][(ledger["rows"] > 0) & ~ledger["reason"].isin(_LEDGER)].astype(str))
    aside = f"Set aside: {'; '.join(reasons)}." if reasons else "No row was set aside."
    done = [check for check in checks if check.outcome != "not done"]
    failed = [check.what for check in done if check.outcome == "failed"]
    passed = f" Of {len(done)} checks {len(done) - len(failed)} passed." if done else ""
    wrong = f" Not passed: {'; '.join(failed)}." if failed else ""
    return f"Every delivered row and every code is accounted for. {aside}{passed}{wrong}"


def _limits(plan: EvaluationPlan, results: Results) -> Iterator[str]:
    """Say what follows from the design."""
    yield "Respondents volunteered, so that the intervals do not cover who was reached and who chose to answer."
    if len(results.waves) > 1:
        yield "Different people answered each time."
    if len({wave.mode for wave in results.waves}) > 1:
        yield "The surveys were not asked in the same way."
    if plan.first_event and results.waves and results.waves[0].end >= plan.first_event:
        yield "Part of the first survey was answered after the first event, so that the baseline is not clean."
    if plan.attendance:
        yield "People chose to attend, and those who did may differ in what was not asked."
    if any(wave.synthetic for wave in results.waves):
        yield "Respondents are synthetic: nothing here is about real people."


def _day(date: dt.date) -> str:
    """Write a date."""
    return f"{date.day} {date:%B %Y}"


def _title(wave: Wave) -> str:
    """Name a survey."""
    return wave.title or wave.name


def _capital(text: str) -> str:
    """Begin with a capital."""
    return text[:1].upper() + text[1:]
