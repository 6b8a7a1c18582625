"""The parts of an explanation: each takes the cleared row, and adds only what the release's rules allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.disclosure.explained_counts import group_size, not_shown, wave_counts
from lpact_eval.disclosure.rules import MARKS
from lpact_eval.evaluation.explain import clusters_of, how_asked, who_answered
from lpact_eval.frames import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.evaluation.plan import EvaluationPlan

Value = str | int | float | None
Row = dict[str, object]

_LEVEL: Final = 0.95
ONE_DECIMAL_FROM: Final = 1000  # respondents; the reports round so, too
MEANINGS: Final = {
    "suppressed": "suppressed",
    "withheld": "base published, number withheld",
    "indicative": "for indication only: no test, no chart",
    "small": "published as a small base",
    "full": "published",
    "refused": "there is no number",
}
_ESTIMATORS: Final = {
    "level": "weighted share of those who answered; don't know, prefer not to say and blank are left out",
    "change": "weighted share in the later wave minus that in the earlier",
    "gap": "average predicted share had all attended, minus that had none, from a weighted regression",
}
_WEIGHTS: Final = {
    "Effective size": "n_effective",
    "Design effect": "design_effect",
    "Smallest weight": "smallest",
    "Largest weight": "largest",
    "Largest over mean": "largest_over_mean",
}
_INTERVALS: Final = {
    "level": "Wilson's on the effective base, with Student's t",
    "change": "Newcombe's: from the Wilson limits of both shares, with Student's t",
    "gap": "Student's t on the standard error",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled fact; `text` is what a reader sees where the value alone would not do."""

    label: str
    value: Value
    text: str = ""

    @property
    def shown(self) -> str:
        """Write it for a reader."""
        return self.text or ("not shown" if self.value is None else f"{self.value}")


@dataclass(frozen=True, slots=True)
class Section:
    """Facts of one step of the path."""

    title: str
    facts: tuple[Fact, ...]


def number_of(row: Row, published: Published) -> Section:
    """Say what was published."""
    mark, tier = str(row["mark"]), str(row["tier"])
    facts = [Fact("Answers counted", str(row["answer"])), Fact("Kind of row", str(row["row"]))]
    for label, name in (("Value", "estimate"), ("Interval from", "conf_low"), ("Interval to", "conf_high")):
        facts.append(_share(label, row, name))
    facts.append(_count("Respondents", row["n"], mark))
    facts += [_count(f"Respondents, {label}", row[name], mark) for label, name in _sides(row)]
    facts.append(Fact("Tier", tier, f"{tier}: {MEANINGS[tier]}, under the rules {published.rules.title!r}"))
    facts += [Fact("Mark", mark, f"{mark}: {MARKS[mark]}")] if mark else []
    facts += [Fact(label, str(row[name])) for label, name in (("Note", "note"), ("Flags", "flags")) if row[name]]
    tested = _number(row["p_adjusted"])
    facts += [Fact("Adjusted p", tested, f"{tested:.4f} in the family {row['family']}")] if tested is not None else []
    return Section("The number", tuple(facts))


def question_of(row: Row, plan: EvaluationPlan) -> Iterator[Section]:
    """Say what the question and the group mean, and how each wave asked for them."""
    variable, by = str(row["variable"]), str(row["by"])
    meaning = plan.schema.variables[variable]
    favourable = plan.schema.positive(variable)
    facts = [Fact("Harmonised variable", variable), Fact("Wording", meaning.wording or "none of its own")]
    facts.append(Fact("Answers in order", ", ".join(plan.schema.answers(variable))))
    facts += [Fact("Favourable answers", ", ".join(favourable))] if favourable else []
    facts += [Fact("Group", f"{by}: {row['group']}")] if by else []
    yield Section("Definition (harmonised.toml)", tuple(facts))
    for wave in waves_of(row):
        for name in (variable, by) if by and by != variable else (variable,):
            asked = how_asked(plan, wave, name)
            facts = [
                Fact("Question", asked.question or "none stated"),
                Fact("Delivered column", asked.column or "none"),
            ]
            facts += [Fact("Answers that could be given", asked.scale)] if asked.scale else []
            facts += [Fact(f"{answer} from", codes) for answer, codes in asked.answers]
            facts += [Fact(f"Step {place}", step) for place, step in enumerate(asked.steps, 1)]
            facts.append(Fact("Comparable", asked.comparable))
            facts += [Fact("Why", asked.reason)] if asked.reason else []
            yield Section(f"{name} in {wave}", tuple(facts))


def counts_of(row: Row, plan: EvaluationPlan, published: Published) -> Iterator[Section]:
    """Count rows by reason, and kinds of silence, as far as the rules allow."""
    for wave in waves_of(row):
        ledger = [one for one in records_of(published.ledger) if one["wave"] == wave]
        hidden = not_shown(published.rules)
        facts = [_count(f"Rows {one['reason']}", one["rows"], hidden) for one in ledger if one["rows"] != 0]
        answered = who_answered(plan, wave, str(row["variable"]), str(row["by"]))
        facts += [_count(label, count, hidden) for label, count in wave_counts(row, answered, published)]
        yield Section(f"Rows of {wave}", tuple(facts))


def weights_of(row: Row, plan: EvaluationPlan, published: Published) -> Iterator[Section]:
    """Say what weights are behind the number, as the release tells it."""
    kind = str(row["weights"])
    for wave in waves_of(row):
        facts = [Fact("Kind", kind, f"{kind}: {plan.weighting}")]
        if row["tier"] == "suppressed":
            facts.append(Fact("Weights of the group", None, not_shown(published.rules)))
        else:
            facts += [*_reported(row, wave, published), *_margins(row, wave, published)]
        yield Section(f"Weights in {wave}", tuple(facts))


def estimation_of(row: Row, plan: EvaluationPlan) -> Section:
    """Say how the number, its variance and its interval were made."""
    measure = str(row["measure"])
    facts = [Fact("Estimator", _ESTIMATORS[measure])]
    if measure == "gap" and plan.attendance is not None:
        facts.append(Fact("Adjusted for", ", ".join(plan.attendance.adjust) or "nothing"))
    units = dict.fromkeys(clusters_of(plan, wave) for wave in waves_of(row))
    clusters = " and ".join(f"the sites in {unit}" if unit else "each respondent" for unit in units)
    facts.append(
        Fact("Variance", f"CR2, clusters: {clusters}", f"CR2 (sandwich, bias reduced); its clusters are {clusters}")
    )
    for label, name, form in (
        ("Standard error", "std_error", "{:.4f}"),
        ("Degrees of freedom", "df", "{:.1f}"),
        ("Effective base", "n_effective", "{:.0f}"),
        ("Design effect", "design_effect", "{:.2f}"),
    ):
        value = _number(row[name])
        facts.append(Fact(label, value, "" if value is None else form.format(value)))
    facts.append(Fact("Interval", _INTERVALS[measure]))
    facts.append(Fact("Level", _LEVEL, "95%, modelled: as if respondents were like random draws within the weights"))
    return Section("Estimate", tuple(facts))


def files_of(row: Row, published: Published) -> Section:
    """Name the files behind the number with their hashes."""
    names = waves_of(row)
    facts = [
        Fact(f"Answers of {wave.name}", wave.sha256, f"{wave.file or 'not stated'}, SHA-256 {wave.sha256}")
        for wave in published.waves
        if wave.name in names
    ]
    used = (*(f"{name}/" for name in names), "population/", "shipped/population/", "harmonised.toml")
    plan = published.facts.plan_file
    for name, sha256 in published.facts.definitions:
        if name == plan or name.startswith(used):
            facts.append(Fact(name, sha256, f"SHA-256 {sha256}"))
    return Section("Files", tuple(facts))


def registration_section(plan: EvaluationPlan, path: Path | None) -> Iterator[Section]:
    """Tell of the plan's registration, where its file is known."""
    if path is None:
        return
    from lpact_eval.evaluation.registration import registration_of  # noqa: PLC0415 - only where a file is given

    registration = registration_of(plan, path)
    said = [Fact(f"Sentence {place}", text, text) for place, text in enumerate(registration.sentences, 1)]
    yield Section("Registration of the plan", (Fact("State", registration.state), *said))


def waves_of(row: Mapping[str, object]) -> tuple[str, ...]:
    """Name the waves of a row, the earlier first."""
    return tuple(reversed(str(row["wave"]).split(" - ")))


def _sides(row: Row) -> tuple[tuple[str, str], ...]:
    """Say what the two bases of a comparison are."""
    if row["measure"] == "level":
        return ()
    first, second = ("attended", "did not attend") if row["measure"] == "gap" else waves_of(row)
    return (first, "n_first"), (second, "n_second")


def _reported(row: Row, wave: str, published: Published) -> Iterator[Fact]:
    """Take the weight report of the group; what tells a size that is kept back goes with it."""
    size = group_size(row, wave, published)
    for one in records_of(published.weights):
        if (one["wave"], one["weights"], one["by"], one["group"]) == (wave, row["weights"], row["by"], row["group"]):
            yield _count("Weighted respondents", size, not_shown(published.rules))
            for label, name in _WEIGHTS.items():
                value = None if name == "n_effective" and size is None else _number(one[name])
                yield Fact(label, value, not_shown(published.rules) if value is None else f"{value:.2f}")
            if one["flags"]:
                yield Fact("Flags of the weights", str(one["flags"]))


def _margins(row: Row, wave: str, published: Published) -> Iterator[Fact]:
    """List the margins that were met."""
    for one in records_of(published.margins):
        if (one["wave"], one["weights"], one["by"], one["group"]) == (wave, row["weights"], row["by"], row["group"]):
            target, before = _number(one["target"]), _number(one["before"])
            seen, told = ("not shown" if share is None else f"{share:.0%}" for share in (before, target))
            label = f"Margin {one['title']}, {one['category']}"
            yield Fact(label, target, f"population {told}, respondents {seen}")


def _share(label: str, row: Row, name: str) -> Fact:
    """Write a share in per cent or a difference in points, rounded as published; the mark where there is none."""
    number, bases = _number(row[name]), [_number(row[side]) for _, side in _sides(row)] or [_number(row["n"])]
    if number is None:
        return Fact(label, None, str(row["mark"]) or "[x]")
    decimals = 1 if min(base or 0 for base in bases) >= ONE_DECIMAL_FROM else 0
    unit = "%" if row["measure"] == "level" else " percentage points"
    value = round(number, decimals + 2) + 0.0
    return Fact(label, value, f"{100 * value:.{decimals}f}{unit}")


def _count(label: str, value: object, hidden: str) -> Fact:
    """Write a count, or what stands in its place."""
    number = _number(value)
    return Fact(label, None if number is None else int(number), "" if number is not None else hidden or "not shown")


def _number(value: object) -> float | None:
    """Read a number; a missing one is None."""
    return float(value) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124 - missing is not equal to itself
