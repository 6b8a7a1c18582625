from collections import Counter
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from lpact_eval.demo.dirt import IMPOSSIBLE_AGES, MISKEYED, PLANTED_ROWS
from lpact_eval.demo.model import WAVES, read_model
from lpact_eval.demo.population import read_population_model
from lpact_eval.demo.waves import Drawn, draw_wave
from lpact_eval.demo.write import SEED, write_demo
from lpact_eval.resources import surveys_folder
from lpact_eval.sample import Sample
from lpact_eval.waves.reading import read_wave

FILES = {"2022": "2022/demo/2022.sav", "rerun": "rerun/demo/rerun.csv"}
LARGEST = 300_000  # bytes that a committed demo file may have
# Ledger reason of each kind of planted row.
REASON = {
    "exact copy": "exact copy",
    "unfinished version": "answered again",
    "blank": "nothing answered",
    "outside fieldwork": "outside the fieldwork dates",
    "no consent": "no consent",
}
# Some answers were overwritten by keying errors; four points can't be read back as five; sites are delivered by name.
NOT_AS_DRAWN = {"good_job", "age", "age_band", "satisfied", "recruit_site"}


def spss(wave: str) -> tuple[pd.DataFrame, Any]:
    """Read an SPSS file with its declared missing codes, and what the file says of itself."""
    frame, meta = pyreadstat.read_sav(str(surveys_folder() / FILES[wave]), user_missing=True)
    return cast("pd.DataFrame", frame), meta


@pytest.fixture(scope="module", params=WAVES)
def wave(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sample(wave: str) -> Sample:
    return read_wave(wave)


@pytest.fixture(scope="module")
def delivered(wave: str) -> pd.DataFrame:
    path = surveys_folder() / FILES[wave]
    if wave == "2022":
        return spss(wave)[0]
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def drawn(wave: str) -> Drawn:
    stream = np.random.default_rng(SEED).spawn(2)[WAVES.index(wave)]
    return draw_wave(read_population_model(), wave, stream)


def test_regenerated_files_equal_the_committed_ones(tmp_path: Path) -> None:
    for path in write_demo(tmp_path):
        committed = surveys_folder() / path.relative_to(tmp_path)
        assert path.read_bytes() == committed.read_bytes(), path.name


def test_files_are_small(wave: str) -> None:
    assert (surveys_folder() / FILES[wave]).stat().st_size < LARGEST


def test_as_many_are_kept_as_the_sites_recruited(wave: str, sample: Sample) -> None:
    recruited = sum(sum(site.respondents) for site in read_model().sites[wave])
    assert len(sample) == recruited
    assert sample.design.psu_count == len(read_model().sites[wave])


@pytest.mark.parametrize("kind", REASON)
def test_the_ledger_accounts_for_every_planted_row(wave: str, sample: Sample, kind: str) -> None:
    found = sample.ledger.loc[sample.ledger["reason"].str.startswith(REASON[kind]), "rows"].sum()
    assert found == PLANTED_ROWS[wave].get(kind, 0)


def test_delivered_rows_are_kept_rows_and_planted_rows(wave: str, sample: Sample, delivered: pd.DataFrame) -> None:
    rows = sample.ledger.set_index("reason")["rows"]
    assert rows["delivered"] == len(delivered)
    assert rows["delivered"] == rows["kept"] + sum(PLANTED_ROWS[wave].values())


def test_impossible_ages_are_counted_and_read_as_blank() -> None:
    sample = read_wave("2022")
    noted = sample.ledger.loc[sample.ledger["reason"].str.contains("impossible numbers"), "reason"]
    assert f"age ({len(IMPOSSIBLE_AGES)} " in noted.item()
    assert sample.answers["age"].max() < 120
    assert (sample.missing["age"] == "blank").sum() >= len(IMPOSSIBLE_AGES)


def test_miskeyed_codes_are_in_the_file_and_read_as_blank() -> None:
    column, code, cells = MISKEYED
    frame = spss("2022")[0]
    assert (frame[column] == float(code)).sum() == cells
    assert (read_wave("2022").missing["good_job"] == "blank").sum() >= cells


def test_every_answer_reads_back_as_it_was_drawn(sample: Sample, drawn: Drawn) -> None:
    for name in set(drawn.answers.columns) - NOT_AS_DRAWN:
        read = Counter(str(value) for value in sample.answers[name].dropna() if str(value))
        made = Counter(str(value) for value in drawn.answers[name].dropna() if str(value))
        assert read == made, name


def test_every_kind_of_missing_reads_back_as_it_was_drawn(sample: Sample, drawn: Drawn) -> None:
    for name in set(drawn.missing.columns) - NOT_AS_DRAWN:
        read = Counter(sample.missing[name].dropna().astype(str))
        made = Counter(kind for kind in drawn.missing[name] if kind)
        assert read == made, name


def test_people_who_attended_were_not_asked_why_not() -> None:
    sample = read_wave("rerun")
    attended = sample.answers["attended"] == "yes"
    assert (sample.missing.loc[attended, "lpact_reason_not"] == "not asked").all()
    assert not (sample.missing.loc[~attended, "lpact_reason_not"] == "not asked").any()


def test_respondents_are_marked_synthetic_everywhere(wave: str, sample: Sample, delivered: pd.DataFrame) -> None:
    assert sample.synthetic
    assert delivered.iloc[:, 0].str.startswith("SYN-").all()
    mark = "Synthetic" if wave == "2022" else "Data"
    assert set(delivered[mark]) == {"synthetic respondent"}


def test_the_spss_file_says_that_it_is_synthetic() -> None:
    meta = spss("2022")[1]
    assert "SYNTHETIC" in meta.file_label
    assert any("SYNTHETIC" in line for line in meta.notes)


def test_the_spss_file_has_labels_and_declared_missing_codes_and_ranges() -> None:
    meta = spss("2022")[1]
    assert meta.variable_value_labels["q1_conf_overall"][98.0] == "Don't know"
    assert {"lo": 98.0, "hi": 99.0} in meta.missing_ranges["q1_conf_overall"]
    assert {"lo": -9.0, "hi": -9.0} in meta.missing_ranges["q1_conf_overall"]


def test_the_export_has_the_marks_of_a_survey_tool(delivered: pd.DataFrame, wave: str) -> None:
    if wave == "rerun":
        content = (surveys_folder() / FILES["rerun"]).read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert any("\u00a0" in column for column in delivered.columns)
        assert any(text.endswith("  ") for column in delivered.columns for text in delivered[column])
        assert delivered["Email Address"].str.endswith("@example.org").all()


def test_no_mail_address_gets_into_the_sample(sample: Sample) -> None:
    for name in sample.answers.columns:
        assert not sample.answers[name].astype(str).str.contains("@").any(), name
    assert not any("mail" in column.casefold() for column in sample.answers.columns)


def test_groups_are_of_the_sizes_that_the_evaluation_expects() -> None:
    first, second = (read_wave(name).answers for name in WAVES)
    assert 50 <= (first["ethnicity"] == "Black").sum() <= 60
    assert 140 <= (second["ethnicity"] == "Black").sum() <= 155
    attendees = second.loc[second["attended"] == "yes", "ethnicity"].value_counts()
    assert 35 <= attendees["Black"] <= 45
    assert attendees["White"] >= 20
