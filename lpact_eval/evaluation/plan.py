"""The evaluation plan: what was promised, checked against the definitions before anything is computed."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from lpact_eval.comparison.doses import are_counts
from lpact_eval.errors import DefinitionError
from lpact_eval.evaluation.promises import (
    GAP_METHODS,
    AllowedWord,
    AttendancePlan,
    EquivalencePlan,
    Indicator,
    WeightPlan,
    check_families,
)
from lpact_eval.evaluation.record_promises import EventsPlan, PlannedRecords, planned_records
from lpact_eval.evaluation.strength import ClaimPlan, check_claim
from lpact_eval.evaluation.theory import TheoryPlan, check_promises
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.located import Key, Located, nearest, read_toml, validated
from lpact_eval.waves.population import find_population, population_names
from lpact_eval.waves.schema import Schema, read_schema
from lpact_eval.waves.unsure import DONT_KNOW_MOVED

_LARGEST_COLLAPSE = 100  # respondents; a category that has so many can stand alone


@dataclass(frozen=True, slots=True)
class _PlanFile:
    """The keys of a plan file."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    title: str
    waves: tuple[str, ...]
    indicator: tuple[Indicator, ...]
    force: str = ""
    geography: str = ""
    population: str = ""
    first_event: dt.date | None = None
    sponsor: str = ""
    conductor: str = ""
    recruitment: str = ""
    surveys: str = ""
    files: dict[str, str] = field(default_factory=dict[str, str])
    weights: WeightPlan = field(default_factory=WeightPlan)
    attendance: AttendancePlan | None = None
    equivalence: EquivalencePlan | None = None
    events: EventsPlan | None = None
    theory: TheoryPlan | None = None
    claim: ClaimPlan | None = None
    dont_know_moved: Annotated[float, Field(ge=0, le=1)] = DONT_KNOW_MOVED
    allow_words: tuple[AllowedWord, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationPlan:
    """A plan whose names all exist.

    Attributes
    ----------
    title, force, geography, sponsor, conductor, recruitment : str
        What the reports say about the evaluation.
    population_name : str
        Margins of the "all respondents" line; empty for delivered weights.
    population_file, within_file : Path or None
        Definitions of the margins for all respondents and inside each group; None where the plan names none.
    population : str
        Population in words.
    first_event : date or None
        First community event.
    surveys : Path
        Folder of the definitions.
    schema : Schema
        The harmonised variables.
    waves : tuple of str
        In order of time; the last is compared with the first.
    files : mapping of wave to path
        Delivered files that the plan names.
    weights : WeightPlan
    attendance : AttendancePlan or None
    equivalence : EquivalencePlan or None
        None where the plan fixes no margin; then no change is called equivalent to none.
    indicators : tuple of Indicator
        Those of the surveys.
    dont_know_moved : float
        A change beside which the share of don't knows moved by more is flagged.
    allow_words : tuple of (str, str)
        Words that reports avoid and this evaluation uses all the same, each with its reason.
    seed : int or None
    plan_file, plan_sha256 : str
        Name and hash of the file.
    weights_at : str
        File and line that ask for the weights, for messages.
    records : PlannedRecords or None
        What is worked out from the records of events; None where the plan has no [events].
    theory : TheoryPlan or None
    claim : ClaimPlan or None
        The strength of evidence that the plan claims; None where it claims what its design allows.
    path : Path or None
        The file, beside which registration and logs lie; None where the plan was made without one.
    """

    title: str
    force: str
    geography: str
    sponsor: str
    conductor: str
    recruitment: str
    population_name: str
    population_file: Path | None
    within_file: Path | None
    population: str
    first_event: dt.date | None
    surveys: Path
    schema: Schema = field(repr=False)
    waves: tuple[str, ...]
    files: dict[str, Path]
    weights: WeightPlan
    attendance: AttendancePlan | None
    equivalence: EquivalencePlan | None
    indicators: tuple[Indicator, ...]
    dont_know_moved: float
    allow_words: tuple[tuple[str, str], ...]
    seed: int | None
    plan_file: str
    plan_sha256: str
    weights_at: str
    records: PlannedRecords | None = None
    theory: TheoryPlan | None = None
    claim: ClaimPlan | None = None
    path: Path | None = None

    @property
    def adjusters(self) -> tuple[str, ...]:
        """Variables in which attendees and others are made comparable."""
        return self.attendance.adjust if self.attendance else ()

    @property
    def margin(self) -> float | None:
        """Smallest change that matters, as a proportion; None where the plan fixes none."""
        return self.equivalence.margin if self.equivalence else None

    @property
    def weighting(self) -> str:
        """How answers are weighted, in a sentence."""
        if not self.population_name:
            return "The weights that were delivered with the survey files are used."
        within = (
            f" Anything by {self.weights.within} is weighted inside each group, to the age and sex of all adults and "
            "to the group's own spread over areas."
            if self.weights.within
            else ""
        )
        unknown = (
            " Respondents of whom one of these is not known keep the weight that the others give them."
            if self.weights.unknown == "keep"
            else " Respondents of whom one of these is not known are left out."
        )
        overall = f"The line for all respondents is raked to the population of {self.geography or 'the area'}."
        return f"{overall}{within}{unknown}"


def read_plan(path: str | Path) -> EvaluationPlan:
    """Read an evaluation plan and check every name in it.

    Parameters
    ----------
    path : path
        The plan, such as analyses/evaluation-plan.toml; other paths in it are relative to its folder.

    Returns
    -------
    EvaluationPlan

    Raises
    ------
    DefinitionError
        If the file is not a plan, or names a wave, population, variable, answer or group that does not exist: file,
        line and the nearest right name.
    """
    file = Path(path)
    located = read_toml(file)
    found = validated(_PlanFile, located)
    surveys = _surveys(located, file, found.surveys)
    schema = read_schema(surveys / "harmonised.toml")
    _check_waves(located, found, surveys)
    _check_variables(located, found, schema)
    _check_attendance_rate(located, found, schema)
    _check_collapse(located, found.weights.collapse)
    _check_methods(located, found.attendance)
    check_families(located, found.indicator)
    records = planned_records(located, found.events, found.indicator)
    check_promises(located, found.indicator, schema, waves=found.waves, theory=found.theory)
    within = _population_file(located, ("weights", "within_population"), found.weights.within_population, surveys)
    plan = EvaluationPlan(
        title=found.title,
        force=found.force,
        geography=found.geography,
        sponsor=found.sponsor,
        conductor=found.conductor,
        recruitment=found.recruitment,
        population_name=found.population,
        population_file=_population_file(located, ("population",), found.population, surveys),
        within_file=within if found.weights.within else None,
        population=_population_in_words(found),
        first_event=found.first_event,
        surveys=surveys,
        schema=schema,
        waves=found.waves,
        files={wave: file.parent / name for wave, name in found.files.items() if name},
        weights=found.weights,
        attendance=found.attendance,
        equivalence=found.equivalence,
        indicators=tuple(one for one in found.indicator if one.source == "survey"),
        dont_know_moved=found.dont_know_moved,
        allow_words=tuple((allowed.word, allowed.reason) for allowed in found.allow_words),
        seed=found.seed,
        plan_file=file.name,
        plan_sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        weights_at=_weights_at(located),
        records=records,
        theory=found.theory,
        claim=found.claim,
        path=file,
    )
    check_claim(located, plan)
    return plan


def _surveys(located: Located, file: Path, name: str) -> Path:
    """Find the folder of the surveys beside the plan; by default the one shipped."""
    if not name:
        return surveys_folder()
    try:
        return (file.parent / name).resolve()
    except (OSError, ValueError) as error:  # a character that no path may hold, or a loop of links
        msg = (
            f'{located.at("surveys")}: surveys is no folder\'s path ({type(error).__name__}); write it as in "surveys".'
        )
        raise DefinitionError(msg) from None


def _population_in_words(found: _PlanFile) -> str:
    """Say whom the weighted respondents stand for."""
    if not found.population:
        return "the population that the delivered weights stand for"
    return f"people aged 16 and over in {found.geography or 'the area'}, Census 2021"


def _weights_at(located: Located) -> str:
    """Name the file, line and key that ask for weights."""
    key = "weights" if ("weights",) in located.lines else "population"
    return f"{located.at(key)} ({'[weights]' if key == 'weights' else key})"


def _population_file(located: Located, key: Key, name: str, surveys: Path) -> Path | None:
    """Find a population among the surveys' own, then beside the plan, then among the shipped; refuse an unknown one."""
    if not name:
        return None
    own, shipped = surveys / "population", surveys_folder() / "population"
    file = find_population(name, (own, located.path.parent, shipped))
    if file is None:
        _require(located, key, "population", name, allowed=population_names((own, shipped)))
    return file


def _check_collapse(located: Located, collapse: int) -> None:
    """Refuse a smallest category that no survey could have meant."""
    if not 0 <= collapse <= _LARGEST_COLLAPSE:
        msg = (
            f"{located.at('weights', 'collapse')}: collapse is {collapse}; it is the number of respondents under which "
            f"a category is merged, from 0 (none is) to {_LARGEST_COLLAPSE}."
        )
        raise DefinitionError(msg)


def _check_methods(located: Located, attendance: AttendancePlan | None) -> None:
    """Refuse methods that do not exist, are named twice, or do not begin with the one that is reported."""
    methods = attendance.methods if attendance else GAP_METHODS
    for method in methods:
        _require(located, ("attendance", "methods"), "method", method, allowed=GAP_METHODS)
    first, repeated = GAP_METHODS[0], sorted({method for method in methods if methods.count(method) > 1})
    if methods[:1] == (first,) and not repeated:
        return
    wrong = f"names {repeated[0]!r} twice" if repeated else f"does not begin with {first!r}, the method reported first"
    msg = (
        f'{located.at("attendance", "methods")}: methods {wrong}. Write, for example, methods = ["{first}", "overlap"].'
    )
    raise DefinitionError(msg)


def _check_waves(located: Located, found: _PlanFile, surveys: Path) -> None:
    """Refuse waves without a definition, and plans without a wave or an indicator."""
    known = sorted(path.parent.name for path in surveys.glob("*/wave.toml"))
    if not found.waves or not found.indicator:
        missing = "waves" if not found.waves else "[[indicator]]"
        msg = f"{located.at(missing.strip('[]'))}: the plan has no {missing}; it needs at least one."
        raise DefinitionError(msg)
    for wave in (*found.waves, *([found.attendance.wave] if found.attendance else []), *found.files):
        allowed = known if wave in found.waves else list(found.waves)
        _require(located, ("waves",), "wave", wave, allowed=allowed)


def _check_variables(located: Located, found: _PlanFile, schema: Schema) -> None:
    """Refuse variables, answers and groups that the harmonised schema does not have."""
    for position, indicator in enumerate(found.indicator):
        if indicator.source == "survey":
            _check_indicator(located, ("indicator", position), indicator, schema)
    names = [(("weights", "within"), found.weights.within)] if found.weights.within else []
    if found.attendance:
        names.append((("attendance", "attended"), found.attendance.attended))
        names += [(("attendance", "dose"), found.attendance.dose)] if found.attendance.dose else []
        names += [(("attendance", "adjust"), name) for name in found.attendance.adjust]
    for key, name in names:
        _require(located, key, "variable", name, allowed=list(schema.variables))
    dose = found.attendance.dose if found.attendance else ""
    if dose and schema.variables[dose].kind != "number" and not are_counts(schema.answers(dose)):
        where = located.at("attendance", "dose")
        need = 'give a number, or a variable whose answers are as "0", "1", "2+"'
        msg = f"{where}: {dose!r} does not hold a number of events; {need}."
        raise DefinitionError(msg)


def _check_attendance_rate(located: Located, found: _PlanFile, schema: Schema) -> None:
    """Refuse to report attendance itself: respondents may have been found at events, and small counts are hidden."""
    if found.attendance is None:
        return
    attended = found.attendance.attended
    names = {attended, schema.variables[attended].source, found.attendance.dose} - {""}
    for position, indicator in enumerate(found.indicator):
        if indicator.variable in names:
            msg = (
                f"{located.at('indicator', position, 'variable')}: indicator {indicator.id!r} is about "
                f"{indicator.variable!r}, which says who attended. The share of respondents who attended says nothing "
                "of how many people attend events, and isn't reported. Name another variable."
            )
            raise DefinitionError(msg)


def _check_indicator(located: Located, at: tuple[str, int], indicator: Indicator, schema: Schema) -> None:
    """Refuse an indicator whose names do not exist."""
    if not indicator.variable:
        msg = f"{located.at(*at, 'variable')}: 'variable' is missing in [indicator.{at[1]}]; add it."
        raise DefinitionError(msg)
    if indicator.measure:
        msg = (
            f"{located.at(*at, 'measure')}: indicator {indicator.id!r} names a measure, which only the records of "
            'events have. Say source = "events" and remove the variable, or remove the measure.'
        )
        raise DefinitionError(msg)
    for key, name in (("variable", indicator.variable), ("by", indicator.by)):
        if name:
            _require(located, (*at, key), "variable", name, allowed=list(schema.variables))
    for answer in indicator.answers:
        _require(located, (*at, "answers"), "answer", answer, allowed=schema.answers(indicator.variable))
    for group in indicator.groups:
        _require(located, (*at, "groups"), "group", group, allowed=schema.answers(indicator.by) if indicator.by else ())
    _check_favourable(located, at, indicator, schema.positive(indicator.variable))


def _check_favourable(located: Located, at: tuple[str, int], indicator: Indicator, positive: Sequence[str]) -> None:
    """Refuse an indicator without answers to count."""
    if not indicator.answers and not positive:
        msg = (
            f"{located.at(*at)}: indicator {indicator.id!r} names no answers and {indicator.variable!r} has no "
            "favourable ones in harmonised.toml. Add answers = [...]."
        )
        raise DefinitionError(msg)


def _require(located: Located, key: Key, what: str, name: str, *, allowed: Sequence[str]) -> None:
    """Refuse a name that does not exist, with the nearest one."""
    if name not in allowed:
        msg = f"{located.at(*key)}: there is no {what} {name!r}; {nearest(name, allowed)}"
        raise DefinitionError(msg)
