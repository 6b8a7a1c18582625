"""A delivered column that is written in a standard list of ethnic groups, and answers that lack a degree."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyreadstat
import pytest

import lpact_eval as lp
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.draft import Draft, draft_definition
from lpact_eval.waves.matching import lacks_degree

if TYPE_CHECKING:
    from pathlib import Path

ASKED = "How would you describe your ethnic group?"
TRUST = "Taking everything into account, I have confidence in the police in this area"
CENSUS = ["Indian", "Pakistani", "White: Irish", "Caribbean", "Any other ethnic group", "Arab"]
POLICE = ["W1", "A1", "B2", "M9", "W9", "NS"]
SCALE = ["Strongly agree", "Agree", "Neither agree nor disagree", "Disagree", "Strongly disagree"]


def drafted(path: Path, groups: list[str], trust: list[str] | None = None) -> Draft:
    rows = len(groups)
    frame = pd.DataFrame({"ID": range(rows), TRUST: [(trust or SCALE)[row % 5] for row in range(rows)], ASKED: groups})
    frame.to_csv(path / "wave.csv", index=False)
    return draft_definition(path / "wave.csv")


def items(draft: Draft) -> dict[str, Any]:
    return tomllib.loads(draft.crosswalk)


def test_census_wordings_lead_to_the_list_of_the_census(tmp_path: Path) -> None:
    found = drafted(tmp_path, [CENSUS[row % 6] for row in range(60)])
    item = items(found)["ethnicity_19"]
    assert item["codes"] == "census-2021"
    assert not {"answers", "lookup"} & set(item)
    assert not found.lookups
    assert '"census-2011" if that was the question' in found.crosswalk


def test_roma_tells_the_census_of_2021_from_that_of_2011(tmp_path: Path) -> None:
    found = drafted(tmp_path, [[*CENSUS, "Roma"][row % 7] for row in range(70)])
    assert items(found)["ethnicity_19"]["codes"] == "census-2021"
    assert "census-2011" not in found.crosswalk


@pytest.mark.parametrize(("code", "expected"), [("W3", "police-18+1"), ("O1", "police-16+1"), ("M1", "police-18+1")])
def test_police_codes_lead_to_the_list_that_has_all_of_them(tmp_path: Path, code: str, expected: str) -> None:
    found = drafted(tmp_path, [[*POLICE, code][row % 7] for row in range(70)])
    assert items(found)["ethnicity_19"]["codes"] == expected


def test_texts_beyond_the_list_go_to_a_look_up_file_and_nowhere_else(tmp_path: Path) -> None:
    found = drafted(tmp_path, [*(CENSUS[row % 6] for row in range(60)), "Zebedeean", "Quixotic"])
    item = items(found)["ethnicity_19"]
    assert (item["codes"], item["lookup"]) == ("census-2021", "ethnicity_19_lookup.csv")
    lines = found.lookups["ethnicity_19_lookup.csv"].decode("utf-8-sig").splitlines()
    assert lines == ["delivered,harmonised,note", "Quixotic,,check", "Zebedeean,,check"]
    assert "Zebedeean" not in found.crosswalk + found.wave


def test_a_text_beyond_the_list_that_many_share_is_left_to_a_person(tmp_path: Path) -> None:
    found = drafted(tmp_path, [*(CENSUS[row % 6] for row in range(180)), *["Martian people"] * 12])
    item = items(found)["ethnicity_19"]
    assert item["codes"] == "census-2021"
    assert "Martian people" not in str(item)
    assert '# review: "Martian people" is like no answer' in found.crosswalk


def test_free_texts_are_no_list_though_some_are_worded_like_one(tmp_path: Path) -> None:
    written = [f"Zebedeean {row}" if row % 3 else CENSUS[row % 6] for row in range(60)]
    item = items(drafted(tmp_path, written))["ethnicity_19"]
    assert "codes" not in item
    assert item["lookup"] == "ethnicity_19_lookup.csv"


@pytest.mark.parametrize(("coded", "expected"), [(POLICE[:5], "police-18+1"), (["1", "2", "3", "4", "5"], None)])
def test_labelled_codes_are_a_list_only_if_they_are_the_polices(
    tmp_path: Path, coded: list[str], expected: str | None
) -> None:
    labels: dict[Any, str] = dict(
        zip(coded, ["White: British", "Indian", "African", "Other Mixed", "Other White"], strict=True)
    )
    frame = pd.DataFrame({"ID": range(50), "ethnic": [coded[row % 5] for row in range(50)]})
    pyreadstat.write_sav(
        frame, tmp_path / "wave.sav", column_labels={"ethnic": ASKED}, variable_value_labels={"ethnic": labels}
    )
    item = items(draft_definition(tmp_path / "wave.sav"))["ethnicity_19"]
    assert item.get("codes") == expected
    assert ("answers" in item) == (expected is None)


def test_what_is_proposed_for_a_list_can_be_read(tmp_path: Path) -> None:
    found = drafted(tmp_path, [POLICE[row % 6] for row in range(60)], SCALE[:1] * 5)
    (tmp_path / "surveys" / "wave").mkdir(parents=True)
    (tmp_path / "surveys" / "harmonised.toml").write_bytes((surveys_folder() / "harmonised.toml").read_bytes())
    dates = {"# start = 2022-05-16": "start = 2022-05-16", "# end = 2022-07-29": "end = 2022-07-29"}
    wave = found.wave
    for old, new in dates.items():
        wave = wave.replace(old, new)
    (tmp_path / "surveys" / "wave" / "wave.toml").write_text(wave, encoding="utf-8")
    (tmp_path / "surveys" / "wave" / "crosswalk.toml").write_text(found.crosswalk, encoding="utf-8")
    counts = lp.read_wave("wave", surveys=tmp_path / "surveys").answers["ethnicity_19"].value_counts()
    assert {name: int(counts[name]) for name in ("British", "Indian", "African", "Other Mixed", "Other White")} == (
        dict.fromkeys(("British", "Indian", "African", "Other Mixed", "Other White"), 10)
    )


def test_agree_for_tend_to_agree_is_comparable_in_part_with_the_words_named(tmp_path: Path) -> None:
    found = drafted(tmp_path, [CENSUS[row % 6] for row in range(60)])
    item = items(found)["conf_overall"]
    assert item["answers"]["Agree"] == "tend to agree"
    assert item["comparable"] == "partial"
    assert item["reason"] == "Worded otherwise: Agree for tend to agree, Disagree for tend to disagree."
    line = next(line for line in found.crosswalk.splitlines() if line.startswith("comparable"))
    assert "# review: the answers have other words" in line


def test_the_schemas_own_words_compare_in_full(tmp_path: Path) -> None:
    own = ["Strongly agree", "Tend to agree", "Neither agree nor disagree", "Tend to disagree", "Strongly disagree"]
    found = drafted(tmp_path, [CENSUS[row % 6] for row in range(60)], own)
    assert "comparable" not in items(found)["conf_overall"]


@pytest.mark.parametrize(
    ("label", "answer", "expected"),
    [
        ("Agree", "tend to agree", True),
        ("Disagree", "tend to disagree", True),
        ("Satisfied", "fairly satisfied", True),
        ("Tend to agree", "tend to agree", False),
        ("Slightly agree", "tend to agree", False),
        ("Agree", "agree", False),
        ("Yes", "yes", False),
    ],
)
def test_a_bare_word_lacks_the_degree_of_the_schemas_answer(label: str, answer: str, *, expected: bool) -> None:
    assert lacks_degree(label, answer) is expected
