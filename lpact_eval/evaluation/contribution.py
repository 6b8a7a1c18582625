"""Contribution analysis: for each intended outcome a claim, what speaks for and against it, how strong the case is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.evaluation.contribution_file import read_contribution
from lpact_eval.evaluation.contribution_looks import Looked, Tables, record_look, survey_look
from lpact_eval.evaluation.contribution_strength import Strength, above, strength
from lpact_eval.evidence.told import without_personal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lpact_eval.evaluation.contribution_file import Alternative, Asked, Claim, ContributionFile, Rubric
    from lpact_eval.evaluation.run import Results
    from lpact_eval.evidence.records import Evidence

Row = dict[str, object]

CONTRIBUTION_COLUMNS: Final = ("outcome", "title", "part", "text", "detail", "source", "reference", "status")
BLANK: Final = "not filled in by the lead"
FILLED, OPEN, FLAGGED, NO_ANSWER = "filled", "open", "flagged", "no answer"
_PARTS: Final = {
    "for": "evidence for",
    "against": "evidence against",
    "not clear": "not clear",
    "no answer": "no answer",
}
_RULED_OUT: Final = {"yes": "ruled out", "partly": "partly ruled out", "no": "not ruled out"}


def contribution(results: Results | None, evidence: Evidence, path: str | Path | None = None) -> pd.DataFrame:
    """Set out the case for each intended outcome.

    Parameters
    ----------
    results : Results or None
        A run of the evaluation plan; without one, whatever rests on the survey has no answer.
    evidence : Evidence
        The records.
    path : path, optional
        A contribution.toml; by default the shipped one.

    Returns
    -------
    DataFrame
        outcome (1 to 5), title, part ("claim", "evidence for", "evidence against", "not clear", "no answer",
        "alternative explanation", "strength", "lead's judgement"), text, detail (what the rules or the lead say of it),
        source ("survey", "records", "lead", "rubric"), reference (which number it rests on), status ("filled", "open",
        "flagged", "no answer", "not filled in by the lead"). The texts hold no numbers: those are in the tables that
        the references name, and are cleared there.

    Raises
    ------
    DefinitionError
        If the file does not hang together, or names an indicator, analysis or group that the plan does not have.

    Notes
    -----
    What surveys and records say is placed by rules, what only the lead can say is asked, and a box left empty is
    reported as empty. Strength follows the rubric and never goes beyond the design; a judgement of the lead's that does
    is flagged and not taken over.

    References
    ----------
    Mayne (2001), *Canadian Journal of Program Evaluation* 16(1), 1-24; Mayne (2012), *Evaluation* 18(3), 270-280.
    """
    file = read_contribution(path)
    tables = Tables(evidence)
    rows: list[Row] = []
    for claim in file.claims:
        rows += [{"outcome": claim.number, "title": claim.title, **row} for row in _case(claim, file, results, tables)]
    return pd.DataFrame(rows, columns=list(CONTRIBUTION_COLUMNS)).astype({"outcome": int})


def _case(claim: Claim, file: ContributionFile, results: Results | None, tables: Tables) -> list[Row]:
    """Set out one claim."""
    place = file.places[claim.number]
    looked = [
        survey_look(results, look, file.located.at("outcome", place, "survey", position))
        for position, look in enumerate(claim.survey)
    ]
    looked += [record_look(tables, look) for look in claim.records]
    asked = [_asked_row(one, tables.evidence) for one in claim.asked]
    alternatives = [_alternative_row(one, looked, results, tables.evidence) for one in claim.alternative]
    given = [one.side for one in claim.asked if one.answer.strip()]
    found = strength(
        looked,
        lead_for=given.count("for"),
        lead_against=given.count("against"),
        open_alternatives=sum(row["status"] != FILLED for row in alternatives),
        with_survey=bool(claim.survey),
    )
    evidence = sorted([*map(_looked_row, looked), *asked], key=lambda row: [*_PARTS.values()].index(str(row["part"])))
    return [
        _claim_row(claim, tables.evidence),
        *evidence,
        *alternatives,
        _strength_row(found, file.rubric),
        _judgement_row(claim, found, tables.evidence),
    ]


def _row(part: str, text: str, *, detail: str = "", source: str, reference: str = "", status: str = FILLED) -> Row:
    """Lay one box out."""
    return {
        "part": part,
        "text": text,
        "detail": detail,
        "source": source,
        "reference": reference,
        "status": status,
    }


def _claim_row(claim: Claim, evidence: Evidence) -> Row:
    """Give the claim, or say that there is none."""
    text, _ = without_personal(claim.claim, evidence.as_of)
    return _row("claim", text or BLANK, source="lead", status=FILLED if text else BLANK)


def _looked_row(looked: Looked) -> Row:
    """Give what surveys or records say."""
    status = NO_ANSWER if looked.side == "no answer" else FILLED
    return _row(_PARTS[looked.side], looked.text, source=looked.source, reference=looked.reference, status=status)


def _asked_row(asked: Asked, evidence: Evidence) -> Row:
    """Give the lead's answer to a question, or say that there is none."""
    answer, _ = without_personal(asked.answer, evidence.as_of)
    status = FILLED if answer else BLANK
    return _row(_PARTS[asked.side], asked.question, detail=answer or BLANK, source="lead", status=status)


def _alternative_row(one: Alternative, looked: Sequence[Looked], results: Results | None, evidence: Evidence) -> Row:
    """Say whether another explanation is ruled out: by the surveys' own flags and dates first, then by the lead."""
    part, answer = "alternative explanation", without_personal(one.answer, evidence.as_of)[0]
    told = [look.reference for look in looked if any(flag.startswith(one.if_flagged) for flag in look.flags)]
    if one.if_flagged and told:
        claimed = one.ruled_out in {"yes", "partly"}
        detail = "the survey itself speaks for it" + (
            "; the lead rules it out, which is not taken over" if claimed else ""
        )
        status = FLAGGED if claimed else OPEN
        return _row(part, one.explanation, detail=detail, source="survey", reference=", ".join(told), status=status)
    if one.check == "baseline" and results is not None and results.plan.first_event is not None and results.waves:
        clean = results.waves[0].end < results.plan.first_event
        detail = (
            "the first survey ended before the first event"
            if clean
            else "it ended on the day of the first event or later"
        )
        return _row(part, one.explanation, detail=detail, source="survey", status=FILLED if clean else OPEN)
    if not one.ruled_out:
        return _row(part, one.explanation, detail=BLANK, source="lead", status=BLANK)
    status = OPEN if one.ruled_out == "no" else FILLED
    return _row(part, one.explanation, detail=f"{_RULED_OUT[one.ruled_out]}: {answer}", source="lead", status=status)


def _strength_row(found: Strength, rubric: Rubric) -> Row:
    """Give the strength by the rubric, and why it is no higher."""
    words: dict[str, str] = {"none": rubric.none, "weak": rubric.weak, "some": rubric.some, "strong": rubric.strong}
    return _row("strength", found.level, detail="; ".join(found.reasons), source="rubric", reference=words[found.level])


def _judgement_row(claim: Claim, found: Strength, evidence: Evidence) -> Row:
    """Give the lead's own judgement, flagged where it goes beyond the rubric."""
    if not claim.judgement:
        return _row("lead's judgement", BLANK, source="lead", status=BLANK)
    why, _ = without_personal(claim.why, evidence.as_of)
    if above(claim.judgement, found.level):
        detail = f"above what the rubric and the design allow ({found.level}), so not taken over: {why}"
        return _row("lead's judgement", claim.judgement, detail=detail, source="lead", status=FLAGGED)
    return _row("lead's judgement", claim.judgement, detail=why, source="lead")
