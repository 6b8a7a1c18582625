"""Whether the first survey came before the first event: four cases, each said in its own sentence."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lpact_eval.reporting.content import baseline, baseline_case
from lpact_eval.reporting.page import write_page
from lpact_eval.reporting.readable import texts_of

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (dt.date(2022, 7, 30), "before the first event on 30 July 2022: answers in 2022 come from before any event"),
        (dt.date(2022, 7, 29), "during the fieldwork of the 2022 survey (16 May 2022 to 29 July 2022)"),
        (dt.date(2022, 5, 17), "2022 is not a clean starting point"),
        (dt.date(2022, 5, 16), "The first event was on 16 May 2022, during the fieldwork"),
        (dt.date(2022, 5, 15), "began on 16 May 2022, after the first event on 15 May 2022"),
        (dt.date(2020, 1, 1), "there is no starting point from before the events"),
        (None, "it is not known whether the first survey came before it"),
    ],
)
def test_the_report_says_whether_fieldwork_preceded_the_first_event(
    published: Published, sentences: Sentences, event: dt.date | None, said: str
) -> None:
    """The example's first fieldwork ran from 16 May to 29 July 2022."""
    told = replace(published, facts=replace(published.facts, first_event=event))
    assert said in baseline(told, sentences)


def test_the_earliest_survey_is_the_baseline_in_whatever_order_the_surveys_stand(
    published: Published, sentences: Sentences
) -> None:
    turned = replace(published, waves=tuple(reversed(published.waves)))
    assert baseline(turned, sentences) == baseline(published, sentences)


@pytest.mark.parametrize(
    ("event", "case"),
    [
        (dt.date(2022, 7, 30), "clean"),
        (dt.date(2022, 7, 4), "overlap"),
        (dt.date(2022, 5, 1), "late"),
        (None, "unknown"),
    ],
)
def test_the_page_says_it_once_and_beside_the_findings_unless_the_start_is_clean(  # noqa: PLR0917 - fixtures and cases
    published: Published, sentences: Sentences, tmp_path: Path, event: dt.date | None, case: str
) -> None:
    told = replace(published, facts=replace(published.facts, first_event=event))
    assert baseline_case(told) == case
    write_page(told, tmp_path / "report.html")
    texts = texts_of((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert texts.count(baseline(told, sentences)) == 1
    before_who = texts.index(baseline(told, sentences)) < texts.index("Who was asked, when and how")
    assert before_who
    in_limits = texts[texts.index("What this can't show") :].index(baseline(told, sentences)) < 5
    assert in_limits is (case != "clean")
