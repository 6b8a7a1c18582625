"""What an earlier release told, read back from its results.csv."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from lpact_eval.disclosure.earlier import known_of, read_earlier
from lpact_eval.disclosure.hiding import hidden_in_release
from lpact_eval.disclosure.rules import UK
from lpact_eval.disclosure.suppress import BaseRow
from lpact_eval.errors import DisclosureError, WrongUseError

if TYPE_CHECKING:
    from pathlib import Path

EVERYONE = "All respondents"
COLUMNS = (
    *("statistic", "question", "time", "ethnicity", "sex", "age", "geography", "group", "detail"),
    *("unweighted sample", "sample first", "sample second"),
)
NO_MARGINS = pd.DataFrame(columns=["wave", "weights", "by", "group", "variable", "title", "category", "n", "target"])


def released(folder: Path, bases: dict[str, str], *, columns: tuple[str, ...] = COLUMNS) -> Path:
    """Write shares of one question by ethnic group as a release has them."""
    folder.mkdir(exist_ok=True)
    with (folder / "results.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for group, base in bases.items():
            fixed = {"sex": "All", "age": "All", "geography": "Leicestershire", "group": "", "detail": ""}
            where = {"statistic": "level", "question": "trust", "time": "2022 (1 May to 2 June 2022)"}
            writer.writerow({**fixed, **where, "ethnicity": group, "unweighted sample": base})
    return folder


def levels(**counts: int) -> list[BaseRow]:
    total = BaseRow("level", "trust", "2022", "", EVERYONE, (sum(counts.values()),))
    return [total, *(BaseRow("level", "trust", "2022", "ethnicity", group, (n,)) for group, n in counts.items())]


def hidden(rows: list[BaseRow], *earlier: Path) -> set[int]:
    margins = NO_MARGINS.assign(before=pd.Series(dtype=float), after=pd.Series(dtype=float))
    return set(hidden_in_release(rows, margins, UK, earlier=earlier)[0])


def test_bases_are_found_again_by_place(tmp_path: Path) -> None:
    folder = released(tmp_path / "a", {EVERYONE: "90", "Asian": "40", "Other ethnic group": "[c]"})
    known = known_of(levels(Asian=40, Other=50), read_earlier([folder]), UK)
    assert known.shown == {("trust", "2022", "", "", ""): 90, ("trust", "2022", "ethnicity", "Asian", ""): 40}
    assert known.closed == {("level", "trust", "2022", "ethnicity", "Other")}


def test_what_was_hidden_stays_hidden(tmp_path: Path) -> None:
    """Black 7 then, 12 now: shown, 12 would tell that the 7 were at the most 12."""
    folder = released(tmp_path / "a", {EVERYONE: "97", "Asian": "[c]", "Black": "[c]", "White": "50"})
    rows = levels(Asian=60, Black=12, White=80)
    assert hidden(rows) == set()
    assert {1, 2} <= hidden(rows, folder)


def test_a_group_that_few_joined_since_is_hidden(tmp_path: Path) -> None:
    folder = released(tmp_path / "a", {EVERYONE: "90", "Asian": "40", "White": "50"})
    rows = levels(Asian=43, White=80)
    assert hidden(rows) == set()
    found = hidden(rows, folder)
    assert 1 in found
    assert len(found) == 2


def test_what_two_releases_give_away_stops_the_later_one(tmp_path: Path) -> None:
    folder = released(tmp_path / "a", {EVERYONE: "97", "Asian": "40", "White": "50"})
    with pytest.raises(DisclosureError, match="could be worked out too closely"):
        hidden(levels(Asian=40, Black=7, White=50), folder)


def test_a_folder_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match=r"it has no results\.csv"):
        read_earlier([tmp_path])
    with pytest.raises(WrongUseError, match=r"its rows lack \['geography'\]"):
        read_earlier([released(tmp_path / "a", {}, columns=tuple(name for name in COLUMNS if name != "geography"))])
