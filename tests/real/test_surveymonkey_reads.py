"""A real SurveyMonkey export, two header rows, read without loss; the file is never part of the project."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

import lpact_eval as lp
from lpact_eval.waves.draft import draft_wave

SURVEYS = Path(__file__).parent / "surveymonkey"
FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "surveymonkey" / "StarWars.csv"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FILE.is_file(), reason="the SurveyMonkey export is not at ../shared/data/surveymonkey"),
]

FILMS = ["I", "II", "III", "IV", "V", "VI"]
VIEWS = {
    "Very favorably": "very favourably",
    "Somewhat favorably": "somewhat favourably",
    "Neither favorably nor unfavorably (neutral)": "neither",
    "Somewhat unfavorably": "somewhat unfavourably",
    "Very unfavorably": "very unfavourably",
}


@pytest.fixture(scope="module")
def sample() -> lp.Sample:
    return lp.read_wave("star-wars", surveys=SURVEYS, answers=FILE)


@pytest.fixture(scope="module")
def raw() -> list[list[str]]:
    # An independent reading: the csv module, columns by their place.
    with FILE.open(encoding="cp1252", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def cells(raw: list[list[str]]) -> list[list[str]]:
    return raw[2:]


def test_every_row_is_kept_and_nothing_else_is(sample: lp.Sample, cells: list[list[str]]) -> None:
    counts = dict(zip(sample.ledger["reason"], sample.ledger["rows"], strict=True))
    assert counts["delivered"] == counts["kept"] == len(sample) == len(cells)
    assert sum(counts.values()) == 2 * len(cells)


def test_what_the_definition_leaves_out_is_in_the_ledger_by_count(sample: lp.Sample) -> None:
    said = set(sample.ledger["reason"])
    assert "respondent ids: column 'RespondentID', as surveymonkey names it" in said
    assert "delivered columns that the definition doesn't use: 1 (Location (Census Region))" in said
    assert any(note.startswith("no completion times: no column called 'End Date' or") for note in said)


@pytest.mark.parametrize(
    ("variable", "place", "answers"),
    [
        ("seen_any", 1, {"Yes": "yes", "No": "no"}),
        ("fan", 2, {"Yes": "yes", "No": "no"}),
        *((f"view_{name}", place, VIEWS) for name, place in (("han_solo", 15), ("jar_jar_binks", 26), ("yoda", 28))),
        ("shot_first", 29, {"Han": "Han", "Greedo": "Greedo"}),
        ("expanded_fan", 31, {"Yes": "yes", "No": "no"}),
        ("sex", 33, {"Female": "Female", "Male": "Male"}),
        ("age_band", 34, {"18-29": "18-29", "30-44": "30-44", "45-60": "45-60", "> 60": "over 60"}),
    ],
)
def test_answers_are_those_delivered(  # noqa: PLR0917 - one delivered column and its meaning
    sample: lp.Sample, cells: list[list[str]], variable: str, place: int, answers: dict[str, str]
) -> None:
    delivered = [answers.get(row[place]) for row in cells]
    found = sample.answers[variable].astype(object)
    assert found.where(found.notna(), None).tolist() == delivered


@pytest.mark.parametrize("place", range(9, 15))
def test_ranks_are_those_delivered(sample: lp.Sample, cells: list[list[str]], place: int) -> None:
    ranks = sample.answers[f"rank_{FILMS[place - 9].lower()}"]
    assert ranks.fillna(0).astype(int).tolist() == [int(row[place] or 0) for row in cells]


def test_films_seen_are_the_columns_ticked(sample: lp.Sample, cells: list[list[str]]) -> None:
    ticked = ["; ".join(film for film, cell in zip(FILMS, row[3:9], strict=True) if cell) for row in cells]
    assert sample.answers["seen"].fillna("").tolist() == ticked


def test_every_empty_cell_is_blank_or_was_not_asked(sample: lp.Sample, cells: list[list[str]]) -> None:
    asked = [row[1] == "Yes" for row in cells]
    for variable, place in (("view_yoda", 28), ("expanded_known", 30), ("rank_i", 9)):
        empty = Counter(
            "blank" if put else "not asked" for put, row in zip(asked, cells, strict=True) if not row[place]
        )
        missing = Counter(sample.missing[variable].dropna())
        assert (missing["blank"], missing["not asked"]) == (empty["blank"], empty["not asked"])
    unfamiliar = sum(row[28] == "Unfamiliar (N/A)" for row in cells)
    assert Counter(sample.missing["view_yoda"].dropna())["don't know"] == unfamiliar


def test_every_cell_is_answered_missing_or_left_out(sample: lp.Sample, cells: list[list[str]]) -> None:
    # 37 columns without the id; two of them are left out, and six make up one set.
    filled = sum(bool(cell) for row in cells for cell in row[1:])
    left_out = sum(bool(row[36]) + bool(row[37]) for row in cells)
    answers = int(sample.answers.drop(columns="seen").notna().to_numpy().sum())
    ticks = int(sample.answers["seen"].dropna().str.count("; ").sum()) + int(sample.answers["seen"].notna().sum())
    said = int((sample.missing == "don't know").to_numpy().sum())
    assert answers + ticks + said + left_out == filled


def test_a_look_proposes_its_preset_and_both_header_rows(raw: list[list[str]]) -> None:
    proposed = draft_wave(FILE)
    assert 'preset = "surveymonkey"' in proposed
    assert 'encoding = "cp1252"' in proposed
    assert raw[2][0] not in proposed
