from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.disclosure.rules import UK
from lpact_eval.reporting.grounds import Grounds
from lpact_eval.reporting.headline import (
    change_title,
    compare,
    equivalences,
    findings,
    gap_title,
    joined,
    overview,
)
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
    assert "In the re-run, 53% of 134 Black respondents, weighted within the group, answered" in said
    assert "effective base 102" in said


def test_an_interval_without_zero_that_fails_the_adjusted_test_is_not_clear(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    said = text(changed(conf_low=0.01, conf_high=0.22, p_adjusted=0.08), rows_of(published), sentences)
    assert "allows for the number of comparisons and is not passed (adjusted p 0.080)" in said


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
        (
            {"tier": "suppressed", "mark": "[c]", "estimate": math.nan},
            "suppressed",
            "Too few people answered to publish",
        ),
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
    assert "made comparable as listed, the share" in finding.sentences[0]
    assert finding.details[-1] == "Made comparable in: age group, sex."
    assert finding.label == ""


def test_chart_titles_name_the_groups_whose_change_is_clear(published: Published, sentences: Sentences) -> None:
    rows = rows_of(published)
    trust = [row for row in rows if row.variable == "trust_force"]
    confidence = [row for row in rows if row.variable == "conf_overall"]
    assert change_title(trust, sentences).endswith("rose among Black respondents; not clear for the other groups shown")
    assert "no group shows a clear difference" in change_title(confidence, sentences)


MODE = "mode changed: collection mode or recruiter changed completely between the surveys"
SENSITIVE = "composition-sensitive: the three rows differ by more than half the interval's half-width"
TEN = Grounds(margin=0.1)


def test_a_clear_fall_says_so_in_its_heading(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    row = changed(estimate=-0.2, conf_low=-0.3, conf_high=-0.1, p_adjusted=0.01)
    assert "fell among Black respondents" in compare(row, rows_of(published), sentences, UK).heading


def test_no_change_is_said_only_where_equivalence_is_passed_and_with_its_margin(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    rows = rows_of(published)
    row = changed(p_adjusted=0.6, equivalent="yes")
    finding = compare(row, rows, sentences, UK, grounds=TEN)
    assert finding.outcome == "equivalent"
    assert finding.heading.endswith("no change larger than 10 points among Black respondents")
    assert "no change larger than 10 points" in finding.sentences[1]
    assert "only a change of about" not in " ".join(finding.details)
    assert finding.heading in equivalences([row], sentences, UK, TEN)
    for other in ("no", "not tested", ""):
        said = compare(changed(p_adjusted=0.6, equivalent=other), rows, sentences, UK, grounds=TEN)
        assert said.outcome == "not_clear"
        assert "no change" not in " ".join([said.heading, *said.sentences, *said.details])


@pytest.mark.parametrize(
    "values",
    [
        {"tier": "indicative", "mark": "[u]"},
        {"flags": MODE},
        {"flags": SENSITIVE},
        {"main": False},
        {"p_adjusted": math.nan},
    ],
)
def test_equivalence_is_not_said_of_rows_without_a_test_or_that_disagree(
    changed: Callable[..., Row], published: Published, sentences: Sentences, values: dict[str, object]
) -> None:
    row = changed(**{"p_adjusted": 0.6, "equivalent": "yes", **values})
    assert compare(row, rows_of(published), sentences, UK, grounds=TEN).outcome != "equivalent"


def test_a_margin_that_can_not_be_ruled_out_is_named(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    finding = compare(changed(equivalent="no"), rows_of(published), sentences, UK, grounds=TEN)
    assert any("A change of 10 points" in text and "can't be ruled out" in text for text in finding.details)


def test_a_clear_change_smaller_than_the_margin_is_called_so(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    row = changed(estimate=0.04, conf_low=0.01, conf_high=0.07, p_adjusted=0.01, equivalent="yes")
    finding = compare(row, rows_of(published), sentences, UK, grounds=TEN)
    assert finding.outcome == "rise"
    assert any("smaller than 10 points" in text for text in finding.details)


def test_a_complete_change_of_mode_forbids_to_say_that_anything_rose(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    row = changed(p_adjusted=0.001, flags=MODE)
    finding = compare(row, rows_of(published), sentences, UK)
    assert finding.outcome == "mode_changed"
    assert "differs among Black respondents, and so does the way they were asked" in finding.heading
    said = " ".join([finding.heading, *finding.sentences, *finding.details])
    assert "can't be told apart" in said
    assert not re.search(r"rose|improved|clear change", said)
    assert row.verdict == "clear difference"
    assert "rose" not in change_title([row], sentences)


def test_rows_that_disagree_are_named_beside_the_finding(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    row = changed(p_adjusted=0.001, flags=SENSITIVE, row="standardised", estimate=0.2)
    three = (changed(row="as collected", main=False, estimate=0.05), row, changed(row="balanced", estimate=0.12))
    finding = compare(row, rows_of(published), sentences, UK, grounds=Grounds(rows=three))
    assert finding.outcome == "rise_sensitive"
    assert finding.heading.endswith("rose among Black respondents, but the ways of comparing disagree")
    assert finding.sentences[-1] == (
        "The ways of comparing the surveys disagree. The difference is +5 points as collected, +20 points weighted to "
        "the population and +12 points with the re-run's respondents made to look like those of 2022."
    )


@pytest.mark.parametrize(
    ("values", "phrase"),
    [
        ({"flags": "don't know went from 5% to 12%"}, "left out of these shares: don't know went from 5% to 12%."),
        ({"flags": "the share of don't knows moved"}, "left out of these shares: the share of don't knows moved."),
        ({"comparable": "partial"}, "not asked in quite the same way"),
        ({"df": 6.0}, "few groups of people who answer alike (6 degrees of freedom)"),
        ({"df": 3.0, "p_adjusted": math.nan}, "too few independent groups of people answered for a test (3 degrees"),
    ],
)
def test_what_a_reader_must_know_of_a_change_is_said(  # noqa: PLR0917 - fixtures and cases
    changed: Callable[..., Row],
    published: Published,
    sentences: Sentences,
    values: dict[str, object],
    phrase: str,
) -> None:
    assert phrase in text(changed(**values), rows_of(published), sentences)


def test_what_does_not_apply_is_not_said(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    said = text(changed(), rows_of(published), sentences)
    for phrase in ("Don't knows", "degrees of freedom", "quite the same", "reached in the same way", "told apart"):
        assert phrase not in said


def test_comparisons_beside_the_plan_are_labelled_exploratory_and_later_families_as_such(
    changed: Callable[..., Row], published: Published, sentences: Sentences
) -> None:
    def label(**values: object) -> str:
        return compare(changed(**values), rows_of(published), sentences, UK).label

    assert label(role="primary", family="primary 1") == ""
    assert label(role="exploratory", family="exploratory").startswith("Exploratory: the plan did not name")
    assert "Test family 2 of the plan: it counts only where" in label(role="primary", family="primary 2")


def test_findings_come_in_the_order_of_the_families(changed: Callable[..., Row], sentences: Sentences) -> None:
    rows = [changed(variable="later", family="primary 2"), changed(variable="first", family="primary 1")]
    assert [finding.row.variable for finding in findings(rows, sentences, UK)] == ["first", "later"]


def test_the_overview_counts_changes_shown_to_be_small(changed: Callable[..., Row], sentences: Sentences) -> None:
    small = changed(p_adjusted=0.6, equivalent="yes")
    one = findings([small], sentences, UK, grounds=TEN)
    assert overview(one, sentences, 0.1).endswith("the test shows it to be smaller than 10 points.")
    two = findings([small, changed(variable="other")], sentences, UK, grounds=TEN)
    assert "Shown to be smaller than 10 points: 1." in overview(two, sentences, 0.1)


WORDS = 25
LONGEST_FILLED = 45


def test_sentences_are_short(sentences: Sentences) -> None:
    asides = re.compile(r"\([^)]*\)")
    for name, template in sentences.texts.items():
        for part in re.split(r"(?<=[.:;])\s", asides.sub("", template)):
            assert len(part.split()) <= WORDS, (name, part)


def test_filled_sentences_stay_readable(published: Published, sentences: Sentences) -> None:
    for finding in findings(rows_of(published), sentences, published.rules, adjusters=["age group"]):
        for said in [*finding.sentences, *finding.details]:
            for part in re.split(r"(?<=[.:])\s", said):
                assert len(part.split()) <= LONGEST_FILLED, part


def test_names_are_joined_as_prose() -> None:
    assert joined([]) == ""
    assert joined(["age"]) == "age"
    assert joined(["age", "sex", "area"]) == "age, sex and area"
