"""The page on which numbers are moved: its table and its start; what it works out is tested in a browser."""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import WrongUseError
from lpact_eval.planning.two_waves import df_of_change
from lpact_eval.reporting.readable import texts_of
from lpact_eval.reporting.size_page import SizeStart, size_page, start_of, write_size_files, write_size_page

if TYPE_CHECKING:
    from types import ModuleType

START = SizeStart(group="Black", wave="2022", baseline=0.36, first=40, df=6.0)


def example() -> ModuleType:
    name = "size_example"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("size_example.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


EXAMPLE = example()


def test_the_table_holds_the_library_s_numbers() -> None:
    texts = texts_of(size_page(START))
    df = df_of_change((40, 200 / 1.25), 6.0)
    waves = {"baseline": 0.36, "n_first": 40, "n_second": 200, "design_effect": (1.0, 1.25), "df": df}
    smallest = lp.detectable_change(**waves)
    gap = lp.gap_size(share=0.36, n=200, attending=0.4, power=0.8, design_effect=1.25)
    place = texts.index("200")
    assert texts[place + 1 : place + 5] == [
        f"{100 * lp.power(**waves, change=0.15).power:.1f}%",
        f"{100 * smallest.change:.1f}",
        f"{-100 * smallest.change_down:.1f}",
        f"{100 * gap.change:.1f}",
    ]


def test_it_starts_from_a_note_as_rounded_there() -> None:
    start = start_of(EXAMPLE.note())
    assert (start.group, start.baseline, start.first, start.df, start.design_effect) == ("Black", 0.36, 40, 6.0, 1.25)


def test_many_degrees_of_freedom_leave_the_input_empty() -> None:
    page = size_page(replace(START, df=math.inf))
    assert 'inputmode="decimal" value=""' in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"change": 0.0}, "change=0"), ({"baseline": 0.95}, "second share"), ({"attending": 1.0}, "attending")],
)
def test_numbers_that_make_no_plan_are_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        size_page(replace(START, **changes))


def test_nobody_in_particular_can_be_planned_for(tmp_path: Path) -> None:
    file = write_size_page(SizeStart(), tmp_path)
    assert file.name == "size.html"
    assert "Synthetic" not in file.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["size.html"]


def test_note_and_page_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    note = EXAMPLE.note()
    files = write_size_files(note, tmp_path / "a", formats=["html", "page"], start=start_of(note))
    assert [file.name for file in files] == ["size-note.html", "size.html"]
    with pytest.raises(WrongUseError):
        write_size_files(note, tmp_path / "b", formats=["html", "page"], start=replace(START, change=0.0))
    assert list((tmp_path / "b").iterdir()) == []
