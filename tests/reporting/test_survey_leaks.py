"""What respondents wrote or are known by must not be in any byte of any output, whatever their survey was delivered in.

Every respondent is given a code, an e-mail address, a place, remarks and, one of them, words of their own with a marker
in it. The plan is run by the command, with every output; then everything that it left is read in every way.
"""

from __future__ import annotations

import base64
import csv
import gzip
import importlib.util
import io
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import openpyxl
import pyreadstat
import pytest
from docx import Document
from PIL import Image, PngImagePlugin
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Emu

from lpact_eval import cli
from lpact_eval.reporting.outputs import OUTPUTS
from lpact_eval.resources import plan_file, surveys_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import pandas as pd

    Run = Callable[[Path, Path], str]

MARKER = "Quillfeather"
COMMUNITY = "20. Which community, if any, do you feel part of?"


def _leaks() -> ModuleType:
    """What reads bytes in every way; tests are not a package, so by path."""
    name = "reporting_test_leaks"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("test_leaks.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def holding(folder: Path, marker: str = MARKER) -> set[str]:
    """Name the files that hold a marker in whatever form; no case is too strange."""
    wanted = marker.lower().encode()
    return {
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(wanted in part.lower() for part in _leaks().readable(path.read_bytes()))
    }


def rerun_planted(folder: Path, kind: str) -> None:
    """Mark every respondent of the re-run, and deliver it as csv or as a workbook."""
    text = (folder / "demo" / "rerun.csv").read_text(encoding="utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text, newline="")))
    place = {name: number for number, name in enumerate(header)}
    for number, row in enumerate(rows):
        row[place["Response ID"]] = f"{MARKER}-{number:04}"
        row[place["Email Address"]] = f"someone.{MARKER}.{number}@example.org"
        row[place["Data"]] = f"{MARKER} made up"
        row[place["Collector"]] = row[place["Collector"]].replace("Synthetic site", f"{MARKER} hall")
        row.append(f"Ask {MARKER} about number {number}")
    rows[5][place[COMMUNITY]] = f"the {MARKER} people"
    header.append("Remarks")
    if kind == "csv":
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([header, *rows])
        (folder / "delivered.csv").write_bytes(buffer.getvalue().encode("utf-8-sig"))
    else:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for row in (header, *rows):
            sheet.append([text or None for text in row])
        book.properties.creator = MARKER
        book.save(folder / "delivered.xlsx")
    wave = folder / "wave.toml"
    told = wave.read_text(encoding="utf-8").replace('file = ""', f'file = "delivered.{kind}"')
    told = told.replace('ignore_columns = ["Ended", "Data"]', 'ignore_columns = ["Ended", "Data", "Remarks"]')
    if kind == "xlsx":
        told = told.replace('format = "csv"', 'format = "xlsx"').replace('encoding = "utf-8-sig"\n', "")
    wave.write_text(told, encoding="utf-8")


def first_planted(folder: Path) -> None:
    """Mark every respondent of 2022, which is delivered as .sav."""
    read, meta = pyreadstat.read_sav(folder / "demo" / "2022.sav", user_missing=True)
    frame = cast("pd.DataFrame", read)  # pyreadstat's types know of other libraries, too
    frame = frame.assign(
        RespID=[f"{MARKER}-{number:04}" for number in range(len(frame))], Synthetic=f"{MARKER} made up"
    )
    dates = {name: str(kind) for name, kind in meta.original_variable_types.items() if str(kind).startswith("DATE")}
    pyreadstat.write_sav(
        frame,  # pyright: ignore[reportArgumentType] - as above
        folder / "delivered.sav",
        column_labels=meta.column_names_to_labels,
        variable_value_labels=meta.variable_value_labels,
        missing_ranges=meta.missing_ranges,
        variable_format=dates,
        file_label=MARKER,
        note=MARKER,
    )
    wave = folder / "wave.toml"
    wave.write_text(wave.read_text(encoding="utf-8").replace('file = ""', 'file = "delivered.sav"'), encoding="utf-8")


def project(folder: Path, kind: str, title: str = "") -> Path:
    """A plan with two indicators, one by the communities that people write in, on surveys with markers."""
    shutil.copytree(surveys_folder(), folder / "surveys")
    shutil.copytree(plan_file().parent / "logs", folder / "logs")
    rerun_planted(folder / "surveys" / "rerun", kind)
    first_planted(folder / "surveys" / "2022")
    text = plan_file().read_text(encoding="utf-8").replace('surveys = ""', 'surveys = "surveys"')
    starts = [place for place in range(len(text)) if text.startswith("[[indicator]]", place)]
    second = text[starts[1] : starts[2]].replace('by = "ethnicity"', 'by = "community"')
    path = folder / "plan.toml"
    path.write_text((text[: starts[1]] + second).replace('title = "', f'title = "{title}', 1), encoding="utf-8")
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a plan by the command; what it said."""

    def made(plan: Path, out: Path) -> str:
        monkeypatch.setattr(sys, "argv", ["lpact-eval", "run", str(plan), "--out", str(out)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        assert stop.value.code in {0, None}, said.err
        return said.out + said.err

    return made


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_respondent_is_in_anything_that_a_run_leaves(run: Run, tmp_path: Path, kind: str) -> None:
    plan = project(tmp_path / "project", kind)
    assert holding(tmp_path / "project")  # the markers are in what was delivered
    out = tmp_path / "reports" / "release"
    said = run(plan, out)
    told = json.loads((out / "release.json").read_text(encoding="utf-8"))
    assert MARKER.lower() not in said.lower()
    assert told.get("left_out", {}) == {}
    files = set(told["files"])
    for name, output in OUTPUTS.items():
        assert any(_is_of(name, output.file, file) for file in files), name
    assert holding(tmp_path / "reports") == set()
    rows = csv.DictReader(io.StringIO((out / "results.csv").read_text(encoding="utf-8-sig"), newline=""))
    groups = {row["group"].rpartition(": ")[2] for row in rows}
    assert {"Other answers", "Caribbean"} <= groups  # words that many wrote are groups, those of few are together


def _is_of(name: str, file: str, found: str) -> bool:
    """Whether a file is one of an output's."""
    beginnings = {
        "csv": "results.csv",
        "charts": "charts/",
        "size": "size-note",
        "plan": "evaluation-plan",
        "qa": "qa/",
    }
    return found.startswith(file or beginnings[name])


def test_a_word_that_a_release_does_hold_is_found_in_every_format(run: Run, tmp_path: Path) -> None:
    """The title of the plan is: whoever looks for markers can read pages, documents, slides and workbooks."""
    plan, out = project(tmp_path / "project", "csv", title=f"{MARKER} "), tmp_path / "release"
    run(plan, out)
    pages = {"report.html", "explorer.html", "evaluation-plan.html", "qa/assurance.html"}
    assert holding(out) >= {*pages, "tables.xlsx", "report.docx", "slides.pptx", "release.json"}


def _picture(text: str, *, packed: bool, wide: bool) -> bytes:
    """A picture with words in it."""
    words = PngImagePlugin.PngInfo()
    (words.add_itxt if wide else words.add_text)("Title", text, zip=packed)
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "PNG", pnginfo=words)
    return buffer.getvalue()


def _document(text: str) -> bytes:
    """A document whose properties have words, in two pieces in one paragraph."""
    document, buffer = Document(), io.BytesIO()
    paragraph = document.add_paragraph()
    for piece in (text[:5], text[5:]):
        paragraph.add_run(piece)
    document.save(buffer)
    return buffer.getvalue()


def _property(text: str) -> bytes:
    """A document with words in its properties."""
    document, buffer = Document(), io.BytesIO()
    document.core_properties.comments = text
    document.save(buffer)
    return buffer.getvalue()


def _deck(text: str) -> bytes:
    """Slides with a chart, in whose workbook the words stand."""
    deck, buffer, data = Presentation(), io.BytesIO(), CategoryChartData()
    data.categories = ["a"]
    data.add_series(text, (1.0,))  # pyright: ignore[reportUnknownMemberType] - python-pptx has no types of it
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    none, some = Emu(0), Emu(99)
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, none, none, some, some, data)  # pyright: ignore[reportArgumentType] - as above
    deck.save(buffer)
    return buffer.getvalue()


def _hidden_forms() -> dict[str, bytes]:
    """A marker in every form that an output may hold words in."""
    plain = MARKER.encode()
    packed = base64.b64encode(gzip.compress(plain * 3))
    picture = base64.b64encode(_picture(MARKER, packed=True, wide=False))
    return {
        "csv": b"\xef\xbb\xbfa,b\r\n1," + plain,
        "json": json.dumps({"a": "".join(f"\\u{ord(one):04x}" for one in MARKER)}).replace("\\\\", "\\").encode(),
        "svg": b'<svg><title>Quill<tspan dx="1">feather</tspan></title></svg>',
        "entities": "".join(f"&#{ord(one)};" for one in MARKER).join(["<p>", "</p>"]).encode(),
        "alternative": b'<img alt="' + plain + b'">',
        "script": b'<script type="application/gzip">' + packed + b"</script>",
        "picture in a page": b'<img src="data:image/png;base64,' + picture + b'">',
        "text chunk": _picture(MARKER, packed=False, wide=False),
        "packed chunk": _picture(MARKER, packed=True, wide=False),
        "wide chunk": _picture(MARKER, packed=True, wide=True),
        "pieces": _document(MARKER),
        "property": _property(MARKER),
        "workbook of a chart": _deck(MARKER),
        "gz": gzip.compress(_property(MARKER)),
    }


@pytest.mark.parametrize("form", _hidden_forms())
def test_a_marker_is_found_in_every_form(tmp_path: Path, form: str) -> None:
    content = _hidden_forms()[form]
    (tmp_path / "file").write_bytes(content)
    assert holding(tmp_path) == {"file"}
