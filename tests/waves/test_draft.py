"""A proposed definition: most of it right, all of it marked, none of it what a person wrote."""

from __future__ import annotations

import shutil
import tomllib
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyreadstat
import pytest

import lpact_eval as lp
from lpact_eval.errors import HarmonisationError, WrongUseError
from lpact_eval.resources import surveys_folder
from lpact_eval.waves.definition import read_definition
from lpact_eval.waves.delivered import fold
from lpact_eval.waves.draft import CROSSWALK_STARTS, Draft, draft_definition
from lpact_eval.waves.looking import HIDDEN, look_at, safe_counts, safe_range
from lpact_eval.waves.matching import match_answers, missing_kind
from lpact_eval.waves.schema import read_schema

if TYPE_CHECKING:
    from pathlib import Path

SURVEYS = surveys_folder()
DEMO = {"2022": SURVEYS / "2022" / "demo" / "2022.sav", "rerun": SURVEYS / "rerun" / "demo" / "rerun.csv"}
DATES = {"# start = 2022-05-16": "start = 2022-01-01", "# end = 2022-07-29": "end = 2024-12-31"}
QUESTION = "Taking everything into account, I have confidence in the police in this area"
SCALE = ["Strongly agree", "Tend to agree", "Neither agree nor disagree", "Tend to disagree", "Strongly disagree"]
MARKER = "Zebedee Quixote"


def written(drafted: Draft, surveys: Path) -> Path:
    """Write a draft with its fieldwork dates filled in."""
    folder = surveys / drafted.name
    folder.mkdir(parents=True)
    shutil.copy(SURVEYS / "harmonised.toml", surveys)
    wave = drafted.wave
    for left_open, filled in DATES.items():
        wave = wave.replace(left_open, filled)
    folder.joinpath("wave.toml").write_text(wave, encoding="utf-8")
    folder.joinpath("crosswalk.toml").write_text(drafted.crosswalk, encoding="utf-8")
    return surveys


def shipped_items(wave: str) -> dict[str, Any]:
    """Read the items of a shipped crosswalk."""
    items = tomllib.loads(SURVEYS.joinpath(wave, "crosswalk.toml").read_text(encoding="utf-8"))
    return {name: item for name, item in items.items() if name != "not_asked"}


def is_right(proposed: dict[str, Any], shipped: dict[str, Any]) -> bool:
    """Tell whether an item has the right column, and no answer but the right ones."""
    same_column = fold(proposed.get("column", "")) == fold(shipped.get("column", ""))
    tables = ("answers", "columns")
    return same_column and all(
        set(proposed.get(table, {}).items()) <= set(shipped.get(table, {}).items()) for table in tables
    )


def survey(rows: int = 40, **columns: list[str]) -> pd.DataFrame:
    """Make a survey with one question of the schema."""
    answers = {QUESTION: [SCALE[place % 5] for place in range(rows)]}
    return pd.DataFrame({"Response ID": [f"R{place:04}" for place in range(rows)], **answers, **columns})


@pytest.mark.parametrize(("wave", "share"), [("2022", 0.95), ("rerun", 0.88)])
def test_most_items_of_the_demo_are_proposed_as_they_were_shipped(wave: str, share: float, tmp_path: Path) -> None:
    drafted = draft_definition(DEMO[wave])
    definition = read_definition(drafted.name, written(drafted, tmp_path / "surveys"))
    proposed, shipped = tomllib.loads(drafted.crosswalk), shipped_items(wave)
    right = [name for name, item in shipped.items() if name in proposed and is_right(proposed[name], item)]
    assert "conf_overall" in right
    assert len(right) >= share * len(shipped)
    assert set(definition.items) <= set(shipped)
    assert proposed["conf_overall"]["answers"] == shipped["conf_overall"]["answers"]
    assert proposed["conf_overall"]["missing"] == shipped["conf_overall"]["missing"]


def test_the_proposed_layout_of_the_demo_is_the_shipped_one() -> None:
    delivered = tomllib.loads(draft_definition(DEMO["rerun"]).wave)
    assert delivered["delivered"]["id"] == "Response ID"
    assert delivered["delivered"]["time"] == "Ended"
    assert delivered["delivered"]["dates"] == "day-first"
    assert delivered["delivered"]["encoding"] == "utf-8-sig"
    assert delivered["delivered"]["personal"] == ["Email Address"]
    assert {"Started", "Data"} <= set(delivered["delivered"]["ignore_columns"])
    assert delivered["quality"]["consent"]["accept"] == ["Yes"]
    assert tomllib.loads(draft_definition(DEMO["2022"]).wave)["design"] == {"psu": "site_no"}


def test_a_draft_can_be_read_once_its_typing_error_is_mapped(tmp_path: Path) -> None:
    drafted = draft_definition(DEMO["2022"])
    surveys = written(drafted, tmp_path / "surveys")
    file = surveys / "2022" / "crosswalk.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[good_job.missing]", '[good_job.missing]\n"7" = "blank"'), encoding="utf-8")
    sample, shipped = lp.read_wave("2022", surveys=surveys), lp.read_wave("2022")
    counts = [one.answers["trust_force"].value_counts(sort=False).to_dict() for one in (sample, shipped)]
    assert counts[0].keys() == counts[1].keys()
    assert (
        sample.answers["trust_force"].cat.categories.tolist() == shipped.answers["trust_force"].cat.categories.tolist()
    )


def test_the_draft_is_one_text_of_two_files_with_every_proposal_marked() -> None:
    text = lp.draft_wave(DEMO["2022"])
    assert {"delivered", "conf_overall", "not_asked"} <= set(tomllib.loads(text))
    crosswalk = text.split(CROSSWALK_STARTS)[1]
    proposals = [line for line in crosswalk.splitlines() if " = " in line and not line.endswith("= [")]
    assert proposals
    assert all("# review: " in line for line in proposals)
    assert "matched 100 %" in crosswalk


def test_fieldwork_dates_are_never_guessed(tmp_path: Path) -> None:
    drafted = draft_definition(DEMO["2022"])
    surveys = written(drafted, tmp_path / "surveys")
    surveys.joinpath("2022", "wave.toml").write_text(drafted.wave, encoding="utf-8")
    with pytest.raises(lp.LpactError, match="fieldwork"):
        read_definition("2022", surveys)


def test_a_reversed_scale_is_mapped_by_its_labels_and_said() -> None:
    text = draft_definition(DEMO["2022"]).crosswalk
    table = text.split("[trust_force]")[1].split("\n\n")[0]
    assert '"5" = "strongly agree"' in table
    assert "reversed" in table
    assert "reversed" not in text.split("[conf_overall]")[1].split("\n\n")[0]


def test_a_scale_without_one_answer_is_not_fully_comparable() -> None:
    item = tomllib.loads(draft_definition(DEMO["rerun"]).crosswalk)["satisfied"]
    assert item["comparable"] == "partial"
    assert "neither" in item["reason"]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "sav", "dta"])
def test_every_format_gives_the_same_proposal(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"wave.{ending}"
    codes = pd.DataFrame({"q1": [float(place % 5 + 1) for place in range(40)]})
    labels = {"q1": dict(enumerate(SCALE, 1))}
    if ending == "csv":
        survey().to_csv(path, index=False, encoding="cp1252")
    elif ending == "xlsx":
        survey().to_excel(path, index=False)
    elif ending == "sav":
        pyreadstat.write_sav(codes, str(path), column_labels=[QUESTION], variable_value_labels=labels)
    else:
        pyreadstat.write_dta(codes, str(path), column_labels=[QUESTION], variable_value_labels=labels)
    drafted = draft_definition(path)
    item = read_definition("wave", written(drafted, tmp_path / "surveys")).items["conf_overall"]
    schema = read_schema(SURVEYS / "harmonised.toml")
    assert set(item.answers.values()) == set(schema.answers("conf_overall"))


def test_a_semicolon_and_an_old_encoding_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    frame = survey(**{"Caf\u00e9 visited": ["Yes", "No"] * 20})
    frame.to_csv(path, index=False, sep=";", encoding="cp1252")
    layout = tomllib.loads(draft_definition(path).wave)["delivered"]
    assert (layout["delimiter"], layout["encoding"]) == (";", "cp1252")
    assert layout["ignore_columns"] == ["Caf\u00e9 visited"]


def test_a_date_whose_order_nothing_proves_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    survey(Submitted=["01/02/2024", "03/04/2024"] * 20).to_csv(path, index=False)
    text = draft_definition(path).wave
    assert "dates" not in tomllib.loads(text)["delivered"]
    assert "no date proves the order" in text


def test_options_in_one_cell_become_a_set(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    why = "Why have you not attended an LPACT event? Tick all that apply"
    cells = ["Not interested;Had not heard of it;", f"Not interested;{MARKER} put me off;"] + ["Not interested;"] * 38
    survey(**{why: cells}).to_csv(path, index=False)
    drafted = draft_definition(path)
    item = read_definition("wave", written(drafted, tmp_path / "surveys")).items["lpact_reason_not"]
    assert item.separator == ";"
    assert set(item.answers) == {"Not interested", "Had not heard of it"}
    assert MARKER not in drafted.crosswalk


def test_nothing_that_a_person_wrote_is_in_a_draft_or_a_message(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    one = [MARKER] + ["Yes"] * 39
    texts = [f"{MARKER} {place}" for place in range(40)]
    survey(
        **{
            "Do you know a local officer you could speak to?": one,
            "Anything else?": texts,
            "Which community, if any, do you feel part of?": [MARKER] * 40,
            "What is your ethnic group?": texts,
            "How can we reach you?": [f"zebedee{place}@example.org" for place in range(40)],
            "How old were you on your last birthday?": ["103", *(str(20 + place) for place in range(39))],
            "Interviewed on": ["1999-12-31", *(f"2024-05-{place % 28 + 1:02}" for place in range(39))],
            "Your name": texts,
        }
    ).to_csv(path, index=False)
    text = lp.draft_wave(path)
    for planted in (MARKER, "zebedee", "103", "1999", "R0001"):
        assert planted not in text
    wave = tomllib.loads(text)
    assert set(wave["delivered"]["personal"]) == {"How can we reach you?", "Your name"}
    assert wave["ethnicity_19"]["lookup"] == "ethnicity_19_lookup.csv"
    assert wave["community"]["column"] == "Which community, if any, do you feel part of?"
    assert wave["age"]["range"] == [16, 120]


def test_a_table_without_a_header_is_refused_without_repeating_it(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    path.write_text("zebedee@example.org,Yes\nother@example.org,No\n", encoding="utf-8")
    with pytest.raises(HarmonisationError, match="column 1 of its first row") as caught:
        lp.draft_wave(path)
    assert "zebedee" not in str(caught.value)


def test_wrong_files_and_presets_say_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match=r"There is no file absent\.csv"):
        lp.draft_wave(tmp_path / "absent.csv")
    tmp_path.joinpath("notes.docx").write_bytes(b"")
    with pytest.raises(WrongUseError, match=r"one of sav, zsav"):
        lp.draft_wave(tmp_path / "notes.docx")
    survey().to_csv(tmp_path / "wave.csv", index=False)
    with pytest.raises(WrongUseError, match="ms-forms"):
        lp.draft_wave(tmp_path / "wave.csv", preset="msforms")
    tmp_path.joinpath("broken.sav").write_bytes(b"nothing")
    with pytest.raises(HarmonisationError, match=r"broken\.sav"):
        lp.draft_wave(tmp_path / "broken.sav")


def test_the_survey_tool_is_recognised_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "wave.xlsx"
    frame = survey()
    frame.insert(0, "ID", range(40))
    frame.insert(1, "Start time", "2024-05-02 10:00")
    frame.insert(2, "Completion time", "2024-05-02 10:05")
    frame.to_excel(path, index=False)
    assert tomllib.loads(lp.draft_wave(path))["delivered"]["preset"] == "ms-forms"
    assert "preset" not in tomllib.loads(lp.draft_wave(path, preset=""))["delivered"]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Don\u2019t know", "don't know"),
        ("Not sure", "don't know"),
        ("Prefer not to say", "prefer not to say"),
        ("Refused", "prefer not to say"),
        ("Not asked", "not asked"),
        ("Not applicable", "not asked"),
        ("No reply", "blank"),
        ("-9. Not answered", "blank"),
        ("I have not heard of it", None),
        ("Not very confident", None),
        ("No", None),
    ],
)
def test_missing_answers_are_recognised_by_their_words(label: str, kind: str | None) -> None:
    assert missing_kind(label) == kind


@pytest.mark.parametrize(
    ("labels", "answers", "expected"),
    [
        (["Agree", "Disagree"], ["tend to agree", "tend to disagree"], ["tend to agree", "tend to disagree"]),
        (["Dissatisfied"], ["fairly satisfied"], [None]),
        (["Not confident"], ["very confident", "fairly confident"], [None]),
        (["16 to 24", "65 or over"], ["16-24", "65+"], ["16-24", "65+"]),
        (["None", "3 or more"], ["3+", "0"], ["0", "3+"]),
        (["White: Irish", "White: English or British"], ["British", "Irish"], ["Irish", "British"]),
        (["Quite likely"], ["very likely", "fairly likely"], ["fairly likely"]),
    ],
)
def test_answers_are_matched_by_meaning_and_never_across_a_no(
    labels: list[str], answers: list[str], expected: list[str | None]
) -> None:
    found = match_answers({label: label for label in labels}, answers)
    assert [found[label].answer if label in found else None for label in labels] == expected


def test_a_small_count_cannot_be_worked_out_from_the_others(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    answers = ["Strongly agree"] * 60 + ["Tend to agree"] * 30 + ["Tend to disagree"] * 3
    pd.DataFrame({"ID": range(93), QUESTION: answers}).to_csv(path, index=False)
    columns = look_at(path, read_schema(SURVEYS / "harmonised.toml")).columns
    column = next(one for one in columns if one.title == QUESTION)
    counts = safe_counts(column)
    assert counts["Strongly agree"] == "60"
    assert counts["Tend to disagree"] == HIDDEN
    assert counts["Tend to agree"] == "not shown"


def test_a_range_of_numbers_is_never_one_persons(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    pd.DataFrame({"age": [*range(20, 60), 103]}).to_csv(path, index=False)
    (column,) = look_at(path, read_schema(SURVEYS / "harmonised.toml")).columns
    assert safe_range(column) == (29, 51)
    pd.DataFrame({"age": range(20, 35)}).to_csv(path, index=False)
    (column,) = look_at(path, read_schema(SURVEYS / "harmonised.toml")).columns
    assert safe_range(column) is None


def test_a_column_of_weights_is_proposed_and_no_decimal_is_a_telephone_number(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    survey(**{"Individual-level weight (mean=1)": [f"0.{1234567890 + place}" for place in range(40)]}).to_csv(
        path, index=False
    )
    drafted = draft_definition(path)
    assert tomllib.loads(drafted.wave)["design"]["weight"] == "Individual-level weight (mean=1)"
    assert not any(column.personal for column in drafted.looked.columns)


def test_two_header_rows_are_recognised_and_are_no_answers(tmp_path: Path) -> None:
    path = tmp_path / "wave.csv"
    frame = survey()
    frame.loc[-1] = ["", "Response"]
    frame.sort_index().to_csv(path, index=False)
    drafted = draft_definition(path)
    assert tomllib.loads(drafted.wave)["delivered"]["preset"] == "surveymonkey"
    assert drafted.looked.rows == 40
    assert "conf_overall" in read_definition("wave", written(drafted, tmp_path / "surveys")).items


def test_answers_in_the_place_of_names_are_refused_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    rows = [("Agree", "Yes", f"Stopped, says {MARKER}"), ("Agree", "No", ""), ("Disagree", "Yes", "Nothing")]
    pd.DataFrame(rows).to_csv(path, index=False, header=False)
    with pytest.raises(HarmonisationError, match="2 of its 3 columns hold their own name as an answer") as caught:
        lp.draft_wave(path)
    assert MARKER not in str(caught.value)


def test_options_called_after_themselves_are_no_answers_in_the_place_of_names(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    frame = pd.DataFrame({"Q": SCALE, "Food": ["Food", "", "Food", "", ""], "Music": ["", "Music", "", "", "Music"]})
    frame.to_csv(path, index=False)
    assert lp.draft_wave(path)
