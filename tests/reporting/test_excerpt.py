"""One question of a release on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import WrongUseError
from lpact_eval.reporting.excerpt import excerpt
from lpact_eval.reporting.page import write_page

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.disclosure.published import Published


def test_a_trend_is_the_levels_of_one_question(published: Published) -> None:
    rows = excerpt(published, variable="conf_overall", by="ethnicity").rows
    assert set(rows["variable"]) == {"conf_overall"}
    assert set(rows["measure"]) == {"level"}
    assert {"All respondents", "Black", "White"} <= set(rows["group"])


def test_without_groups_only_all_respondents_are_kept(published: Published) -> None:
    assert set(excerpt(published, variable="conf_overall").rows["group"]) == {"All respondents"}


def test_a_comparison_is_a_change_and_its_two_levels(published: Published) -> None:
    rows = excerpt(published, variable="conf_overall", by="ethnicity", change=("2022", "rerun")).rows
    assert set(rows["measure"]) == {"level", "change"}
    assert set(rows["wave"]) == {"2022", "rerun", "rerun - 2022"}


def test_rows_are_taken_as_they_were_published(published: Published) -> None:
    kept = excerpt(published, variable="conf_overall", by="ethnicity").rows
    whole = published.rows
    same = whole[(whole["variable"] == "conf_overall") & (whole["measure"] == "level")]
    assert kept["mark"].tolist() == same["mark"].tolist()
    assert kept["estimate"].isna().tolist() == same["estimate"].isna().tolist()


def test_a_page_can_be_made_of_it(published: Published, tmp_path: Path) -> None:
    write_page(excerpt(published, variable="conf_overall", by="ethnicity"), tmp_path / "trend.html")
    assert "<svg" in (tmp_path / "trend.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variable": "shoe_size"}, r"no question 'shoe_size'; it has \['conf_overall'"),
        ({"variable": "conf_overall", "by": "sex"}, r"no groups by 'sex'; it has \['ethnicity'\]"),
        (
            {"variable": "conf_overall", "change": ("2022", "2030")},
            r"no change of conf_overall '2030 - 2022'; it has \['rerun - 2022'\]",
        ),
    ],
)
def test_what_a_release_lacks_is_refused(published: Published, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        excerpt(published, **arguments)
