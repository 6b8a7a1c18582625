"""The law of the ledger: rows delivered are rows kept plus rows set aside, with every rule on and any file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.waves.quality import REASONS
from lpact_eval.waves.reading import read_wave

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

HARMONISED = """
[scales.agreement]
answers = ["agree", "neither", "disagree"]
[variables.trust]
kind = "scale"
scale = "agreement"
[variables.respect]
kind = "scale"
scale = "agreement"
[variables.listen]
kind = "scale"
scale = "agreement"
[variables.age]
kind = "number"
"""
WAVE = """
[fieldwork]
start = 2022-05-02
end = 2022-05-04
[delivered]
format = "csv"
encoding = "utf-8"
file = "delivered.csv"
dates = "iso"
id = "id"
time = "finished"
[design]
weight = "weight"
stratum = "stratum"
[quality]
consent = { column = "consent", accept = ["1"] }
[quality.speeders]
started = "started"
finished = "finished"
fastest = 60
action = "set aside"
[quality.same_answer]
items = ["trust", "respect", "listen"]
least = 3
action = "set aside"
"""
ITEM = '[{0}]\ncolumn = "{0}"\n[{0}.answers]\n1 = "agree"\n2 = "neither"\n3 = "disagree"\n'
CROSSWALK = "".join(map(ITEM.format, ["trust", "respect", "listen"])) + '[age]\ncolumn = "age"\nrange = [16, 110]\n'
ANSWER = st.sampled_from(["", "1", "2", "3"])


@dataclass(frozen=True)
class Respondent:
    """One delivered row, its fields the delivered columns."""

    id: str
    consent: str
    started: str
    finished: str
    trust: str
    respect: str
    listen: str
    age: str
    weight: str
    stratum: str

    @property
    def answers(self) -> tuple[str, str, str]:
        """What was answered to the three statements."""
        return self.trust, self.respect, self.listen

    @property
    def usable(self) -> bool:
        """Whether no rule but those on duplicates sets the row aside, worked out from the words of the rules."""
        possible = self.age != "" and 16 <= int(self.age) <= 110
        answered = any(self.answers) or possible
        inside = not self.finished or "2022-05-02" <= self.finished[:10] <= "2022-05-04"
        hasty = bool(self.started and self.finished) and 0 <= self.seconds < 60
        straight = "" not in self.answers and len(set(self.answers)) == 1
        designed = self.weight != "" and self.stratum != ""
        return self.consent == "1" and answered and inside and not hasty and not straight and designed

    @property
    def seconds(self) -> int:
        """How long answering took, all on one day by construction."""
        clock = [int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19]) for text in self.times]
        return clock[1] - clock[0]

    @property
    def times(self) -> tuple[str, str]:
        """Start and finish."""
        return self.started, self.finished


@st.composite
def respondents(draw: st.DrawFn) -> Respondent:
    """Draw a row; start and finish lie on one day, and either may be empty."""
    day = draw(st.sampled_from(["2022-05-01", "2022-05-02", "2022-05-04", "2022-05-05"]))
    moments = [f"{day} 10:{draw(st.integers(0, 2)):02}:{draw(st.integers(0, 59)):02}" for _ in range(2)]
    started, finished = (draw(st.sampled_from([moment, moment, ""])) for moment in moments)
    return Respondent(
        draw(st.sampled_from(["a", "b", "c", ""])),
        draw(st.sampled_from(["1", "1", "1", "0", ""])),
        started,
        finished,
        draw(ANSWER),
        draw(ANSWER),
        draw(ANSWER),
        draw(st.sampled_from(["", "15", "16", "44", "111"])),
        draw(st.sampled_from(["1", "0.5", ""])),
        draw(st.sampled_from(["x", "y", ""])),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a survey whose delivered file each example replaces."""
    wave = tmp_path_factory.mktemp("law") / "surveys" / "first"
    wave.mkdir(parents=True)
    (wave.parent / "harmonised.toml").write_text(HARMONISED, encoding="utf-8")
    (wave / "wave.toml").write_text(WAVE, encoding="utf-8")
    (wave / "crosswalk.toml").write_text(CROSSWALK, encoding="utf-8")
    return wave


def read(folder: Path, rows: Sequence[Respondent]) -> tuple[dict[str, int], int]:
    """Read the rows; return the ledger and the respondents kept."""
    frame = pd.DataFrame([vars(row) for row in rows], columns=list(Respondent.__dataclass_fields__))
    frame.to_csv(folder / "delivered.csv", index=False)
    sample = read_wave("first", surveys=folder.parent)
    return dict(zip(sample.ledger["reason"], sample.ledger["rows"].astype(int), strict=True)), len(sample)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(respondents(), min_size=1, max_size=12))
def test_rows_delivered_are_rows_kept_and_rows_set_aside(folder: Path, rows: list[Respondent]) -> None:
    usable = [row for row in rows if row.usable]
    named = {row.id for row in usable if row.id}
    expected = len(named) + sum(not row.id for row in usable)
    if not expected:
        return
    ledger, kept = read(folder, rows)
    aside = {reason: ledger.get(reason, 0) for reason in REASONS}
    assert ledger["delivered"] == len(rows)
    assert ledger["kept"] == kept == expected
    assert kept + sum(aside.values()) == len(rows)
    assert all(count == 0 for reason, count in ledger.items() if reason not in {"delivered", "kept", *REASONS})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(respondents(), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_count_but_which_copy_is_kept(
    folder: Path, rows: list[Respondent], order: random.Random
) -> None:
    if not any(row.usable for row in rows):
        return
    shuffled = list(rows)
    order.shuffle(shuffled)
    counted = ("delivered", "kept", *REASONS)  # notes speak of the rows kept, which may be another copy now
    first, second = (read(folder, given)[0] for given in (rows, shuffled))
    assert [first.get(name, 0) for name in counted] == [second.get(name, 0) for name in counted]


GOOD = Respondent("a", "1", "2022-05-02 10:00:00", "2022-05-02 10:10:00", "1", "2", "3", "44", "1", "x")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"consent": ""}, 0),
        ({"trust": "", "respect": "", "listen": "", "age": "111"}, 1),
        ({"finished": "2022-05-05 00:00:00", "started": "2022-05-04 23:50:00"}, 2),
        ({}, 3),
        ({"listen": ""}, 4),
        ({"weight": ""}, 5),
        ({"stratum": ""}, 6),
        ({"finished": "2022-05-02 10:00:59"}, 7),
        ({"respect": "1", "listen": "1"}, 8),
    ],
    ids=REASONS[:9],  # the tenth has a test of its own in test_quality.py
)
def test_every_rule_sets_its_row_aside_and_keeps_the_same_respondents_good_one(
    folder: Path, change: dict[str, str], reason: int
) -> None:
    ledger, kept = read(folder, [GOOD, replace(GOOD, **change)])
    assert kept == 1
    assert ledger[REASONS[reason]] == 1
