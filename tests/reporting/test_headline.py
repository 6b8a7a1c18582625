from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.disclosure.rules import UK
from lpact_eval.reporting.headline import change_title, compare, findings, gap_title, joined, overview
from lpact_eval.reporting.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.rows import Row
    from lpact_eval.reporting.sentences import Sentences

DIRECTION = re.compile(r"\b(rose|fell|increased|improved|declined|dropped|higher among|lower among)\b")


def text(row: Row, rows: list[Row], sentences: Sentences) -> str:
    finding = compare(row, rows, sentences, UK)
    return " ".join([finding.heading, *finding.sentences, *finding.details])


def test_a_clear_rise_says_so_with_both_levels_and_the_interval(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    row = changed(p_adjusted=0.01)
    finding = compare(row, rows_of(published), sentences, UK)
    assert finding.outcome == "rise"
    assert finding.heading == "Confidence in the police in this area: rose among Black respondents, from 41% to 53%"
    assert "a difference of +12 points (95% modelled interval −6 to +29 points)" in finding.sentences[0]  # noqa: RUF001 - a real minus
    assert "adjusted p 0.010" in finding.sentences[1]


def test_a_clear_fall_says_fell(changed: Callable[..., Row], published: Published, sentences: Sentences) -> None:
    row = changed(estimate=-0.2, conf_low=-0.3, conf_high=-0.1, p_adjusted=0.01)
    assert compare(row, rows_of(published), sentences, UK).outcome == "fall"


def test_what_is_not_clear_can_not_be_told_and_names_the_smallest_detectable_change(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    said = text(changed(), rows_of(published), sentences)
    assert "We can't tell whether it rose, fell or stayed the same" in said
    assert "95% modelled interval −6 to +29 points" in said  # noqa: RUF001 - a real minus
    assert "only a change of about 25 points or more" in said
    assert "Among the 134 Black respondents in the re-run (effective base 102)" in said


def test_an_interval_without_zero_that_fails_the_adjusted_test_is_not_clear(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    said = text(changed(conf_low=0.01, conf_high=0.22, p_adjusted=0.08), rows_of(published), sentences)
    assert "does not pass the test after allowing for the number of comparisons (adjusted p 0.080)" in said


def test_without_a_test_nothing_is_said_of_direction(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    said = text(changed(p_adjusted=math.nan), rows_of(published), sentences)
    assert "no test was made" in said


@pytest.mark.parametrize(
    ("values", "outcome", "phrase"),
    [
        ({"tier": "indicative", "mark": "[u]"}, "indicative", "fewer than 50"),
        ({"tier": "withheld", "mark": "[u]", "estimate": math.nan}, "withheld", "fewer than 30"),
        ({"tier": "suppressed", "mark": "[c]", "estimate": math.nan}, "suppressed", "too small to publish"),
        (
            {"tier": "refused", "mark": "[x]", "estimate": math.nan, "note": "The scale changed."},
            "refused",
            "The scale",
        ),
    ],
)
def test_small_and_refused_rows_say_why_there_is_no_finding(  # noqa: PLR0917 - fixtures and cases
    changed: Callable[..., Row],
    published: Published,
    sentences: Sentences,
    values: dict[str, object],
    outcome: str,
    phrase: str,
) -> None:
    row = changed(**values)
    assert compare(row, rows_of(published), sentences, UK).outcome == outcome
    assert phrase in text(row, rows_of(published), sentences)


def test_a_question_asked_differently_says_so(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    said = text(changed(comparable="partial", p_adjusted=0.01), rows_of(published), sentences)
    assert "not asked in quite the same way" in said


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    measure=st.sampled_from(["change", "gap"]),
    tier=st.sampled_from(["suppressed", "withheld", "indicative", "small", "full", "refused"]),
    p_adjusted=st.floats(0, 1) | st.just(math.nan),
    estimate=st.floats(-1, 1) | st.just(math.nan),
    refused=st.sampled_from(["", "composition"]),
)
def test_a_direction_is_named_only_by_a_clear_test(  # noqa: PLR0917 - what a row is made of
    changed: Callable[..., Row],
    published: Published,
    sentences: Sentences,
    measure: str,
    tier: str,
    p_adjusted: float,
    estimate: float,
    refused: str,
) -> None:
    row = changed(
        measure=measure,
        wave="rerun - 2022" if measure == "change" else "rerun",
        tier=tier,
        p_adjusted=p_adjusted,
        estimate=estimate,
        conf_low=estimate - 0.1,
        conf_high=estimate + 0.1,
        refused=refused,
    )
    finding = compare(row, rows_of(published), sentences, UK)
    if not row.clear or not row.shown:
        assert not DIRECTION.search(finding.heading)
    title = (change_title if measure == "change" else gap_title)([row], sentences)
    if not row.clear:
        assert not DIRECTION.search(title)


def test_every_primary_comparison_has_a_finding_and_no_other(published: Published, sentences: Sentences) -> None:
    found = findings(rows_of(published), sentences, published.rules)
    assert [(finding.row.variable, finding.row.measure, finding.row.group) for finding in found] == [
        ("conf_overall", "change", "Black"),
        ("conf_overall", "gap", "Black"),
        ("trust_force", "change", "Black"),
        ("trust_force", "gap", "Black"),
    ]
    assert overview(found, sentences).startswith("The plan put 4 comparisons first. Clear: 2.")


def test_a_primary_question_of_one_survey_is_stated_without_a_test(
    changed: Callable[..., Row], sentences: Sentences
) -> None:
    row = changed(variable="new", measure="level", wave="rerun", estimate=0.4, conf_low=0.3, conf_high=0.5, n=134)
    (finding,) = findings([row], sentences, UK)
    assert "nothing can be said about change" in finding.sentences[0]
    assert finding.heading.endswith("40% of Black respondents in the re-run")


def test_an_attendance_gap_is_an_association(published: Published, sentences: Sentences) -> None:
    rows = rows_of(published)
    gap = next(row for row in rows if (row.variable, row.measure, row.group) == ("trust_force", "gap", "Black"))
    finding = compare(gap, rows, sentences, UK, adjusters=["age group", "sex"])
    assert finding.outcome == "higher"
    assert "It is an association: people chose to attend" in finding.sentences[1]
    assert "after allowing for the differences listed below" in finding.sentences[0]


def test_chart_titles_name_the_groups_whose_change_is_clear(published: Published, sentences: Sentences) -> None:
    rows = rows_of(published)
    trust = [row for row in rows if row.variable == "trust_force"]
    confidence = [row for row in rows if row.variable == "conf_overall"]
    assert change_title(trust, sentences).endswith("rose among Black respondents; not clear for the other groups shown")
    assert "no group shows a clear difference" in change_title(confidence, sentences)


def test_names_are_joined_as_prose() -> None:
    assert joined([]) == ""
    assert joined(["age"]) == "age"
    assert joined(["age", "sex", "area"]) == "age, sex and area"
