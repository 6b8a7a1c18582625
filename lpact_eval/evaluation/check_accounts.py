"""Check what a plan promises beside its numbers: registration, theory, decisions, logs, and what readers are owed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.errors import LpactError
from lpact_eval.evaluation.accounts import logs_folder
from lpact_eval.evaluation.checks import Check
from lpact_eval.evaluation.logs import read_logs
from lpact_eval.evaluation.registration import registration_of
from lpact_eval.evaluation.strength import evidence_strength
from lpact_eval.evaluation.theory import unanswered
from lpact_eval.waves.located import read_toml, shown_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.sample import Sample

_OWED: Final = ("sponsor", "conductor", "recruitment", "geography")
_NO_MARGIN: Final = (
    "it is primary, and nothing says before the data are read which change would matter; add [equivalence] with margin "
    '= 0.10, or decision = { measure = "change", direction = "up", smallest = 0.10, alpha = 0.05 }'
)
_FREEZE: Final = "register it with `lpact-eval plan freeze` before fieldwork begins"


def account_checks(plan: EvaluationPlan) -> Iterator[Check]:
    """Check a plan's registration, theory of change, decisions and logs.

    Parameters
    ----------
    plan : EvaluationPlan

    Yields
    ------
    Check
        What is missing, and where it is filled in.
    """
    if plan.path is not None:
        yield from _tried("registration", partial(_registration, plan, plan.path))
    yield _theory(plan)
    yield from _decisions(plan)
    yield _owed(plan)
    yield Check("ok", "strength of the evidence", f"level {evidence_strength(plan).level} of five, as far as planned")
    if plan.path is not None:
        yield from _tried("logs", partial(_logs, plan.path))


def made_up_checks(plan: EvaluationPlan, samples: Mapping[str, Sample]) -> Iterator[Check]:
    """Say for which surveys made-up answers stand in, and whose mode is not stated.

    Parameters
    ----------
    plan : EvaluationPlan
    samples : mapping of wave to Sample

    Yields
    ------
    Check
    """
    made_up = [wave for wave, sample in samples.items() if sample.synthetic]
    if made_up:
        found = f"no delivered file is named for {' and '.join(made_up)}, and made-up answers stand in"
        yield Check("warn", "delivered files", f"{found}; name them under [files] in {plan.plan_file}")
    silent = [wave.name for sample in samples.values() for wave in sample.waves if not wave.mode.strip()]
    if silent:
        found = f"how people were asked is not stated for {' and '.join(silent)}"
        yield Check("warn", "disclosure of methods", f"{found}; fill in mode in wave.toml")


def _tried(what: str, look: Callable[[], Check]) -> Iterator[Check]:
    """Look; what can't be read is a check that failed."""
    try:
        yield look()
    except LpactError as error:
        yield Check("fail", what, str(error))


def _registration(plan: EvaluationPlan, path: Path) -> Check:
    """Say whether the plan was registered."""
    found = registration_of(plan, path)
    if found.state == "never":
        return Check("warn", "registration", f"the plan was never registered; {_FREEZE}")
    if found.state == "changed":
        places = tuple(change.sentence for change in found.changes)
        return Check(
            "warn", "registration", "the plan has changed since it was registered; every report says so", places
        )
    return Check("ok", "registration", found.sentences[0])


def _theory(plan: EvaluationPlan) -> Check:
    """Say whether there is a theory of change, and an indicator for every outcome."""
    records = plan.records.indicators if plan.records else ()
    absent = unanswered(plan.theory, (*plan.indicators, *records))
    if absent:
        found = f"no indicator belongs to outcome {' or '.join(absent)}; add one to {plan.plan_file}"
        return Check("warn", "intended outcomes", found)
    if plan.theory is None:
        return Check("warn", "theory of change", f"there is none; add [theory] to {plan.plan_file}")
    counts = f"{len(plan.theory.assumptions)} assumptions, {len(plan.theory.risks)} risks"
    return Check("ok", "theory of change", f"five outcomes, each with an indicator; {counts}")


def _decisions(plan: EvaluationPlan) -> Iterator[Check]:
    """Name the primary indicators without a rule in numbers, sizes, or somebody who decides."""
    for indicator in plan.indicators:
        if indicator.role != "primary":
            continue
        if indicator.decision is None and plan.margin is None:
            yield Check("fail", f"decision on {indicator.id}", f"{_where(plan, indicator.id)}: {_NO_MARGIN}")
            continue
        blanks = (
            ("decision, the rule in numbers", indicator.decision is None),
            ("planned_n, the answers planned for", not indicator.planned_n),
            ("who_decides", not indicator.who_decides),
            ("publication", not indicator.publication),
        )
        missing = [name for name, blank in blanks if blank]
        if missing:
            yield Check("warn", f"decision on {indicator.id}", f"not filled in: {'; '.join(missing)}")
        else:
            told = indicator.decision.words if indicator.decision else ""
            yield Check("ok", f"decision on {indicator.id}", f"{told} {indicator.who_decides} decides.")


def _where(plan: EvaluationPlan, name: str) -> str:
    """Name file and line of an indicator; a plan without a file has its name alone."""
    if plan.path is None:
        return plan.plan_file
    located = read_toml(plan.path)
    listed = cast("Sequence[Mapping[str, object]]", located.data["indicator"])
    return located.at("indicator", next(place for place, one in enumerate(listed) if one.get("id") == name), "role")


def _owed(plan: EvaluationPlan) -> Check:
    """Name what the disclosure of methods lacks."""
    blank = [name for name in _OWED if not str(getattr(plan, name)).strip()]
    if blank:
        found = f"blank in {plan.plan_file}: {', '.join(blank)}; nothing is released before they are filled in"
        return Check("warn", "disclosure of methods", found)
    return Check("ok", "disclosure of methods", f"{', '.join(_OWED)} are filled in")


def _logs(plan: Path) -> Check:
    """Name what the logs leave blank."""
    folder = logs_folder(plan)
    blank = read_logs(folder).blank
    if not blank:
        return Check("ok", "logs", f"filled in, in {shown_path(folder)}")
    return Check("warn", "logs", f"to be filled in, in {shown_path(folder)}", blank)
