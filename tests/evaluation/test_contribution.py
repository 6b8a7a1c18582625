"""The case for each outcome: filled by rules, blank where the lead has to, never above what the design allows."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.evaluation.columns import ROW_COLUMNS
from lpact_eval.evaluation.contribution import BLANK, CONTRIBUTION_COLUMNS, FLAGGED, contribution
from lpact_eval.evaluation.contribution_file import LEVELS, contribution_file, read_contribution
from lpact_eval.evaluation.contribution_looks import Looked, Tables, record_look, survey_look
from lpact_eval.evaluation.contribution_strength import HIGHEST, above, strength
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.evaluation.record_measures import TABLES
from lpact_eval.evaluation.run import Results
from lpact_eval.evidence.reading import read_events
from lpact_eval.evidence.record_schema import read_record_schema
from lpact_eval.evidence.records import Evidence, tidy
from lpact_eval.reporting.lint import hits
from lpact_eval.resources import plan_file
from lpact_eval.sample import Wave

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.evaluation.plan import EvaluationPlan

WEIGHED = 'answer = "Weighed with the focus group."\nruled_out = "yes"'


@pytest.fixture(scope="module")
def plan() -> EvaluationPlan:
    return read_plan(plan_file())


@pytest.fixture(scope="module")
def nothing() -> Evidence:
    """Give records in which nothing is on record."""
    schema = read_record_schema()
    tables = {
        name: pd.DataFrame(
            {
                column.name: pd.Series(
                    dtype={"date": "datetime64[ns]", "yes_no": "boolean", "set": object, "category": "category"}.get(
                        column.kind, "str" if column.kind in {"id", "reference", "text"} else float
                    )
                )
                for column in record.columns
            }
        )
        for name, record in schema.records.items()
    }
    return Evidence(tables=tables, schema=schema, as_of=dt.date(2025, 1, 1))


def result_row(indicator: str, measure: str, group: str, **numbers: object) -> dict[str, object]:
    """One clear rise, or a clear gap, of 100 respondents on either side; `numbers` change it."""
    row: dict[str, object] = dict.fromkeys(ROW_COLUMNS, np.nan)
    row |= {"indicator": indicator, "measure": measure, "group": group, "title": f"Title of {indicator}", "main": True}
    row |= {"estimate": 0.2, "p_adjusted": 0.01, "n_first": 100, "n_second": 120, "flags": "", "refused": ""}
    return row | numbers


def run(plan: EvaluationPlan, rows: list[dict[str, object]], first: str = "2022-05-01") -> Results:
    """A run whose rows are given, the first survey over on one day."""
    empty = pd.DataFrame()
    day = dt.date.fromisoformat(first)
    frame = pd.DataFrame(rows, columns=list(ROW_COLUMNS))
    wave = Wave("2022", "2022", day, day)
    needed = {one.name: empty for one in fields(Results) if one.default is MISSING and one.default_factory is MISSING}
    told: dict[str, object] = {"plan": plan, "rows": frame, "waves": (wave,), "weighting": "", "definitions": ()}
    return Results(**(needed | told))  # pyright: ignore[reportArgumentType] - by their names


def every_row(plan: EvaluationPlan, **numbers: object) -> list[dict[str, object]]:
    return [result_row(one.id, analysis, "Black", **numbers) for one in plan.indicators for analysis in one.analyses]


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the shipped file with changes."""
    text = contribution_file().read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "contribution.toml"
    path.write_text(text, encoding="utf-8")
    return path


def only(folder: Path, outcome: str, *, level: str = "") -> Path:
    """Write a file whose outcome 5 is the one given and whose others are bare claims."""
    rubric = 'none = "n"\nweak = "w"\nsome = "s"\nstrong = "x"\n'
    bare = "".join(f'[[outcome]]\nnumber = {i}\ntitle = "Title {i}"\nclaim = "Claim {i}"\n' for i in (1, 2, 3, 4))
    judged = f'judgement = "{level}"\nwhy = "Seen in the room."\n' if level else ""
    last = f'[[outcome]]\nnumber = 5\ntitle = "Trust"\nclaim = "More trust."\n{judged}{outcome}'
    path = folder / "contribution.toml"
    path.write_text(f"[rubric]\n{rubric}{bare}{last}", encoding="utf-8")
    return path


BOTH = (
    '[[outcome.survey]]\nindicator = "5.1"\nanalysis = "change"\ngroup = "Black"\n'
    '[[outcome.survey]]\nindicator = "5.1"\nanalysis = "gap"\ngroup = "Black"\n'
)
ONE_ALTERNATIVE = '[[outcome.alternative]]\nexplanation = "Something else."\n'
BASELINE = '[[outcome.alternative]]\nexplanation = "No clean baseline."\ncheck = "baseline"\n'
ASKED_WELL = (
    '[[outcome.alternative]]\nexplanation = "Asked in another way."\nif_flagged = ["mode changed"]\n' + WEIGHED + "\n"
)


def box(frame: pd.DataFrame, part: str, outcome: int = 5) -> pd.Series:
    found = frame[(frame["part"] == part) & (frame["outcome"] == outcome)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_shipped_file_sets_out_five_outcomes_and_says_what_is_blank(nothing: Evidence) -> None:
    frame = contribution(None, nothing)
    assert tuple(frame.columns) == CONTRIBUTION_COLUMNS
    assert frame["outcome"].unique().tolist() == [1, 2, 3, 4, 5]
    for outcome in range(1, 6):
        assert box(frame, "claim", outcome)["status"] == "filled"
        assert box(frame, "strength", outcome)["text"] == "none"
        assert box(frame, "lead's judgement", outcome)[["text", "status"]].tolist() == [BLANK, BLANK]
        own = frame[(frame["outcome"] == outcome) & (frame["source"] == "lead")]
        assert (own["status"] == BLANK).sum() >= 5  # two questions, two explanations, the judgement
    assert (frame.loc[frame["status"] == BLANK, ["text", "detail"]] == BLANK).any(axis=1).all()
    assert (frame.loc[frame["source"] == "survey", "text"] == "The surveys are no part of this run.").all()


def test_a_clear_survey_without_other_explanations_is_some_and_no_more(
    plan: EvaluationPlan, nothing: Evidence, tmp_path: Path
) -> None:
    path = only(tmp_path, f"{BOTH}{ASKED_WELL}{BASELINE}")
    frame = contribution(run(plan, every_row(plan)), nothing, path)
    texts = frame.loc[frame["part"] == "evidence for", "text"].tolist()
    assert texts == [
        "Title of 5.1, Black: a clear rise between the surveys.",
        "Title of 5.1, Black: attendees gave the favourable answer more often than comparable others.",
    ]
    found = box(frame, "strength")
    assert found["text"] == HIGHEST == "some"
    assert "the design allows no more" in found["detail"]


@pytest.mark.parametrize(
    ("numbers", "part", "level", "reason"),
    [
        ({"estimate": -0.2}, "evidence against", "none", "nothing speaks for the claim"),
        ({"p_adjusted": 0.06}, "not clear", "none", "nothing speaks for the claim"),
        ({"p_adjusted": np.nan}, "not clear", "none", "nothing speaks for the claim"),
        ({"estimate": 0.0}, "not clear", "none", "nothing speaks for the claim"),
        ({"refused": "fewer than 10 attended (Black)"}, "no answer", "none", "nothing speaks for the claim"),
        ({"n_second": 49}, "no answer", "none", "nothing speaks for the claim"),
    ],
)
def test_the_side_follows_from_the_test(
    plan: EvaluationPlan,
    nothing: Evidence,
    tmp_path: Path,
    *,
    numbers: dict[str, object],
    part: str,
    level: str,
    reason: str,
) -> None:
    frame = contribution(run(plan, every_row(plan, **numbers)), nothing, only(tmp_path, BOTH))
    sides = frame.loc[(frame["outcome"] == 5) & (frame["source"] == "survey"), "part"]
    assert sides.tolist() == [part, part]
    assert box(frame, "strength")["text"] == level
    assert reason in box(frame, "strength")["detail"]
    assert "fewer than 10" not in frame.to_csv()  # why a row is refused is for the cleared table


def test_a_change_that_the_way_of_asking_may_explain_is_not_clear(
    plan: EvaluationPlan, nothing: Evidence, tmp_path: Path
) -> None:
    flags = "mode changed: collection mode or recruiter changed completely between the waves"
    path = only(tmp_path, f"{BOTH}{ASKED_WELL}{BASELINE}")
    frame = contribution(run(plan, every_row(plan, flags=flags)), nothing, path)
    assert "may explain" in box(frame, "not clear")["text"]
    assert box(frame, "evidence for")["text"].endswith("more often than comparable others.")
    first = frame[frame["part"] == "alternative explanation"].iloc[0]
    assert first["status"] == FLAGGED
    assert "not taken over" in first["detail"]
    assert box(frame, "strength")["text"] == "weak"
    assert (
        box(frame, "strength")["detail"] == "fewer than two kinds of source speak for it; other explanations are open"
    )


def test_other_explanations_are_settled_by_dates_or_by_the_lead(
    plan: EvaluationPlan, nothing: Evidence, tmp_path: Path
) -> None:
    rows = every_row(plan)
    path = only(tmp_path, f"{BOTH}{ONE_ALTERNATIVE}{BASELINE}")
    clean = contribution(run(plan, rows), nothing, path)
    late = contribution(run(plan, rows, first="2022-07-04"), nothing, path)  # the day of the first event
    without = contribution(None, nothing, path)
    statuses = [
        frame.loc[frame["part"] == "alternative explanation", "status"].tolist() for frame in (clean, late, without)
    ]
    assert statuses == [[BLANK, "filled"], [BLANK, "open"], [BLANK, BLANK]]
    assert box(clean, "strength")["detail"] == "other explanations are open"
    answered = only(tmp_path, f'{BOTH}{ONE_ALTERNATIVE}answer = "It may be."\nruled_out = "no"\n')
    kept = contribution(run(plan, rows), nothing, answered)
    assert box(kept, "alternative explanation")[["detail", "status"]].tolist() == ["not ruled out: It may be.", "open"]


@pytest.mark.parametrize("level", LEVELS)
def test_a_judgement_above_the_rubric_is_flagged_and_not_taken(
    plan: EvaluationPlan, nothing: Evidence, tmp_path: Path, level: str
) -> None:
    path = only(tmp_path, f"{BOTH}{ONE_ALTERNATIVE}", level=level)
    frame = contribution(run(plan, every_row(plan)), nothing, path)
    assert box(frame, "strength")["text"] == "weak"
    judged = box(frame, "lead's judgement")
    assert judged["text"] == level
    assert judged["status"] == (FLAGGED if level in {"some", "strong"} else "filled")
    assert ("so not taken over" in judged["detail"]) == (judged["status"] == FLAGGED)


def test_without_the_survey_a_claim_that_rests_on_it_is_weak_at_most(nothing: Evidence, tmp_path: Path) -> None:
    asked = '[[outcome.asked]]\nside = "for"\nquestion = "What was said?"\nanswer = "Trust grew, people said."\n'
    frame = contribution(None, nothing, only(tmp_path, f"{BOTH}{asked}{ONE_ALTERNATIVE}{WEIGHED}\n"))
    found = box(frame, "strength")
    assert found["text"] == "weak"
    assert "it rests on the survey, which gave no answer" in found["detail"]
    assert box(frame, "evidence for")["detail"] == "Trust grew, people said."


def record(measure: str, line: str) -> str:
    return (
        f'[[outcome.records]]\ntable = "actions"\nmeasure = "{measure}"\nunit = "share"\n{line}\n'
        'holds = "It holds."\nfails = "It fails."\n'
    )


@pytest.mark.parametrize(
    ("numbers", "line", "side"),
    [
        ({"value": 0.5}, "at_least = 0.5", "for"),
        ({"value": 0.49}, "at_least = 0.5", "against"),
        ({"value": 0.5}, "at_most = 0.5", "for"),
        ({"value": 0.51}, "at_most = 0.5", "against"),
        ({"value": 0.6, "low": 0.5, "high": 0.7}, "at_least = 0.5", "for"),
        ({"value": 0.6, "low": 0.4, "high": 0.7}, "at_least = 0.5", "not clear"),
        ({"value": 0.4, "low": 0.3, "high": 0.45}, "at_least = 0.5", "against"),
        ({"value": 0.4, "low": 0.3}, "at_most = 0.5", "not clear"),  # a median whose upper limit is not reached
        ({"value": 0.6, "low": 0.55}, "at_most = 0.5", "against"),
        ({"value": 0.4, "low": 0.3, "high": 0.45}, "at_most = 0.5", "for"),
        ({"value": 0.9, "base": "people", "n": 29.0}, "at_least = 0.5", "no answer"),
        ({"value": 0.9, "base": "people", "n": 30.0}, "at_least = 0.5", "for"),
        ({"refused": "fewer than 10 offers"}, "at_least = 0.5", "no answer"),
        ({"measure": "another"}, "at_least = 0.5", "no answer"),
        ({"by": "community", "group": "Somali", "value": 0.9}, "at_least = 0.5", "no answer"),
    ],
)
def test_records_fall_on_a_side_of_their_line(
    nothing: Evidence,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    numbers: dict[str, object],
    line: str,
    side: str,
) -> None:
    look = read_contribution(only(tmp_path, record("themes told", line))).claims[4].records[0]
    row = {"table": "action", "measure": "themes told", "unit": "share", "n": 20, "base": "themes", **numbers}
    monkeypatch.setitem(TABLES, "actions", lambda *_: tidy([row]))  # pyright: ignore[reportArgumentType] - a dict
    found = record_look(Tables(nothing), look)
    assert found.side == side
    assert found.text == {"for": "It holds.", "against": "It fails."}.get(side, found.text)
    assert not re.search(r"\d", found.text)


def test_two_tables_of_records_make_some_where_no_survey_is_asked(nothing: Evidence) -> None:
    def found(side: str, kind: str) -> Looked:
        return Looked(side, "text", "records", "reference", kind)  # pyright: ignore[reportArgumentType] - of the test

    def level(looked: list[Looked], **counts: int) -> str:
        ours = {"lead_for": 0, "lead_against": 0, "open_alternatives": 0} | counts
        return strength(looked, **ours, with_survey=False).level

    both = [found("for", "records actions"), found("for", "records coverage")]
    assert nothing.as_of == dt.date(2025, 1, 1)
    assert level(both) == "some"
    assert level([both[0], both[0]]) == "weak"
    assert level([both[0]], lead_for=1) == "weak"  # the lead's own word is no second kind of source
    assert level(both, open_alternatives=1) == "weak"
    assert level(both, lead_against=2) == "weak"
    assert level([], lead_for=1) == "weak"
    assert level([found("against", "records actions")]) == "none"


SIDES = st.sampled_from(["for", "against", "not clear", "no answer"])
KINDS = st.sampled_from(["survey change", "survey gap", "records actions", "records summary"])


@given(
    drawn=st.lists(st.tuples(SIDES, KINDS), max_size=8),
    pro=st.integers(0, 3),
    con=st.integers(0, 3),
    unweighed=st.integers(0, 3),
    survey=st.booleans(),
)
def test_strength_never_passes_the_design_nor_grows_with_what_speaks_against(
    drawn: list[tuple[str, str]], *, pro: int, con: int, unweighed: int, survey: bool
) -> None:
    looked = [Looked(side, "", kind.split()[0], "", kind) for side, kind in drawn]  # pyright: ignore[reportArgumentType] - of the test
    ours = {"lead_for": pro, "open_alternatives": unweighed, "with_survey": survey}
    found = strength(looked, lead_against=con, **ours)
    assert not above(found.level, HIGHEST)
    assert found.reasons
    assert not above(strength(looked, lead_against=con + 1, **ours).level, found.level)
    if survey and not any(one.source == "survey" and one.side != "no answer" for one in looked):
        assert not above(found.level, "weak")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('indicator = "5.2"', 'indicator = "5.9"', r"contribution.toml:\d+: the plan has no indicator '5.9'; did you"),
        (
            '"gap"\ngroup = "Black"',
            '"gap"\ngroup = "Blacks"',
            r"indicator '1.1' has no group 'Blacks'; did you mean 'Bl",
        ),
        ('"gap"\ngroup = "Black"', '"gap"', r"indicator '1.1' has no group ''; allowed are 'Black'"),
    ],
)
def test_names_that_the_plan_does_not_have_are_refused(
    plan: EvaluationPlan, nothing: Evidence, tmp_path: Path, *, old: str, new: str, message: str
) -> None:
    with pytest.raises(lp.LpactError, match=message):
        contribution(run(plan, every_row(plan)), nothing, written(tmp_path, (old, new)))


def test_an_analysis_that_the_plan_does_not_have_is_refused(plan: EvaluationPlan, nothing: Evidence) -> None:
    only_levels = replace(plan, indicators=tuple(replace(one, analyses=("level",)) for one in plan.indicators))
    with pytest.raises(lp.LpactError, match="has no analysis 'change' in the plan; allowed are 'level'"):
        contribution(run(only_levels, every_row(plan)), nothing)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("number = 5", "number = 4")], r"outcome 4 is unknown or stands here twice"),
        ([("number = 5", "number = 6")], r"outcome 6 is unknown[\s\S]*missing for 5"),
        ([("at_most = 90", "")], r"give at_least or at_most for 'days to answered'"),
        ([("at_most = 90", "at_most = 90\nat_least = 9")], r"give at_least or at_most for 'days to answered'"),
        ([('holds = "Answers took three months or less as a rule."', 'holds = " "')], "what holds and what fails"),
        ([('table = "waiting"', 'table = "wait"')], r"Input should be 'summary'"),
        ([("at_most = 90", "at_mots = 90")], r"unknown key 'at_mots'.*did you mean 'at_most'"),
        ([('judgement = ""', 'judgement = "weak"')], r"the judgement 'weak' has no why"),
        ([('ruled_out = ""', 'ruled_out = "yes"')], r"ruled_out is 'yes' without an answer"),
        ([('judgement = ""', 'judgement = "proof"')], r"Input should be '', 'none'"),
    ],
)
def test_a_file_that_does_not_hang_together_is_refused(
    tmp_path: Path, changes: list[tuple[str, str]], message: str
) -> None:
    with pytest.raises(lp.LpactError, match=message) as refusal:
        read_contribution(written(tmp_path, *changes))
    assert re.match(r".*contribution\.toml:\d+: ", str(refusal.value))


def test_every_record_that_the_shipped_file_looks_at_is_in_the_made_up_records() -> None:
    tables = Tables(read_events())
    missing = [
        look.measure for claim in read_contribution().claims for look in claim.records if tables.row(look) is None
    ]
    assert missing == []


def test_texts_of_the_lead_are_scanned(nothing: Evidence, tmp_path: Path) -> None:
    asked = '[[outcome.asked]]\nside = "for"\nquestion = "Who?"\nanswer = "Ask amina.k@example.org."\n'
    found = contribution(None, nothing, only(tmp_path, asked)).to_csv()
    assert "amina" not in found
    assert "an e-mail address" in found


def test_no_sentence_holds_a_word_that_reports_avoid(plan: EvaluationPlan, nothing: Evidence) -> None:
    runs = [None, *(run(plan, every_row(plan, estimate=value)) for value in (0.2, -0.2, 0.0))]
    frame = pd.concat([contribution(one, nothing) for one in runs])
    shipped = contribution_file().read_text(encoding="utf-8")
    assert hits([*frame["text"], *frame["detail"], *frame["reference"], *shipped.split("\n\n")]) == []


def test_texts_hold_no_numbers_of_people(plan: EvaluationPlan, nothing: Evidence) -> None:
    rows = [{**row, "title": "Title"} for row in every_row(plan, flags="44 of 454 respondents left out")]
    frame = contribution(run(plan, rows), nothing)
    assert not frame["text"].str.contains(r"\d").any()
    assert not frame["detail"].str.contains(r"\d").any()


def test_the_side_of_a_survey_row_without_a_group_is_everybodys(plan: EvaluationPlan) -> None:
    rows = [result_row("5.1", "change", "All respondents", estimate=-0.1)]
    look = replace(read_contribution().claims[4].survey[0], group="")
    found = survey_look(run(plan, rows), look, "file:1")
    assert (found.side, found.reference) == ("against", "5.1; change")
    assert "All respondents" in found.text
