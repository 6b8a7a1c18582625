"""The assurance statement: what was checked and by whom, what was not, and which limits follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lpact_eval.evaluation.quality import AUTOMATIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lpact_eval.evaluation.logs import Logs
    from lpact_eval.evaluation.plan import EvaluationPlan
    from lpact_eval.evaluation.quality import QaCheck
    from lpact_eval.evaluation.registration import Registration
    from lpact_eval.evaluation.run import Results

_SETTLED: Final = ("tested", "closed")


@dataclass(frozen=True, slots=True)
class Assurance:
    """How far the results were assured.

    Attributes
    ----------
    checked : tuple of str
        What was checked, by whom, with what outcome.
    unchecked : tuple of str
        What was not.
    limits : tuple of str
        Limits on the use of the results.
    blank : tuple of str
        What is still to be filled in.
    """

    checked: tuple[str, ...]
    unchecked: tuple[str, ...]
    limits: tuple[str, ...]
    blank: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Write the statement, what is blank included."""
        blank = [f"Blank: {name}." for name in self.blank]
        return (*self.checked, *self.unchecked, *self.limits, *blank)


def assurance_statement(
    results: Results, registration: Registration, checks: Sequence[QaCheck], logs: Logs
) -> Assurance:
    """Make the assurance statement by rules.

    Parameters
    ----------
    results : Results
    registration : Registration
    checks : sequence of QaCheck
        As `qa_checks` gives them.
    logs : Logs

    Returns
    -------
    Assurance

    References
    ----------
    HM Treasury (2015), *The Aqua Book: guidance on producing quality analysis for government*, chs 4 and 5.
    """
    return Assurance(
        tuple(_checked(checks)),
        tuple(_unchecked(results.plan, checks)),
        tuple(_limits(results, registration, checks, logs)),
        logs.blank,
    )


def _checked(checks: Sequence[QaCheck]) -> Iterator[str]:
    """Say what was checked, by whom, with what outcome."""
    done = [check for check in checks if check.outcome != "not done"]
    automatic = [check for check in done if check.by == AUTOMATIC]
    passed = sum(check.outcome == "passed" for check in automatic)
    yield f"Checked by the program: {passed} of {len(automatic)} checks passed."
    for check in done:
        if check.by != AUTOMATIC:
            yield f"Checked by {_who(check)}: {_sentence(check.what)} Outcome: {check.outcome}."


def _unchecked(plan: EvaluationPlan, checks: Sequence[QaCheck]) -> Iterator[str]:
    """Say what was not checked."""
    for check in checks:
        if check.outcome == "not done":
            yield f"Not checked: {_sentence(check.what)}"
    people = {check.by for check in checks if check.by != AUTOMATIC and check.outcome != "not done"}
    if not people:
        yield "Nobody checked anything by hand."
    elif people <= {plan.conductor, "not stated"}:
        yield "Nobody is named who checked the work and did not do it."


def _limits(results: Results, registration: Registration, checks: Sequence[QaCheck], logs: Logs) -> Iterator[str]:
    """Say which limits follow."""
    failed = [check for check in checks if check.outcome == "failed"]
    if failed:
        yield "Checks failed, and what they are about is not to be relied on before it is put right: " + " ".join(
            _sentence(check.what) for check in failed
        )
    if any(wave.synthetic for wave in results.waves):
        yield "Respondents are synthetic: the results may be used to try out the work, and for nothing else."
    if not any(point == "before" for point in registration.points.values()):
        yield "The plan was not registered before fieldwork, so that nothing shows which findings were promised first."
    if registration.all_changes:
        yield "The plan was changed after it was registered; the changes are listed."
    weak = [one for one in logs.assumptions if one.impact == "high" and one.confidence in {"low", ""}]
    yield from (
        f"Rests on an assumption of which little is known: {_sentence(one.text)}"
        for one in weak
        if one.status not in _SETTLED
    )
    yield from (f"Still open in the data: {_sentence(one.text)}" for one in logs.data if one.status == "open")
    yield from (f"Still to be decided: {_sentence(one.text)}" for one in logs.decisions if one.status == "open")


def _who(check: QaCheck) -> str:
    """Name who made a check."""
    return "a person who is not named" if check.by == "not stated" else check.by


def _sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
