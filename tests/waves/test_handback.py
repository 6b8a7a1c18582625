"""What is handed back reads back: the same answers, the same kinds of missing, the same design."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import lpact_eval as lp
from lpact_eval.errors import HarmonisationError, WrongUseError
from lpact_eval.sample import Sample
from lpact_eval.waves import handback
from lpact_eval.waves.codes import MISSING_CODES

WaveMaker = Callable[..., Path]

KINDS = {code: kind for kind, code in MISSING_CODES.items()}


def spss(path: Path) -> tuple[pd.DataFrame, object]:
    return pyreadstat.read_sav(path, user_missing=True)


def from_spss(frame: pd.DataFrame, about: object, sample: Sample, name: str) -> tuple[list[object], list[object]]:
    """Read answers and kinds of missing of one variable back through the file's own labels."""
    variable = sample.codebook[name]
    if variable.kind == "set":
        options = [column for column in frame.columns if column.rpartition("_")[0] == name]
        titles = [about.column_names_to_labels[column].removeprefix(f"{variable.title}: ") for column in options]
        rows = frame[options].to_numpy()
        answers = [
            None if row[0] < 0 else "; ".join(title for title, tick in zip(titles, row, strict=True) if tick == 1)
            for row in rows
        ]
        return answers, [KINDS.get(row[0]) for row in rows]
    values = frame[name].tolist()
    if variable.kind == "text":
        kinds = [
            "blank" if text == "" else KINDS.get(int(text)) if text in {"-7", "-8", "-9"} else None for text in values
        ]
        return [None if kind else text for text, kind in zip(values, kinds, strict=True)], kinds
    kinds = [KINDS.get(value) for value in values]
    labels = about.variable_value_labels[name] if variable.kind != "number" else {}
    return [None if kind else labels.get(value, value) for value, kind in zip(values, kinds, strict=True)], kinds


def plain(column: pd.Series) -> list[object]:
    return [None if pd.isna(value) else value for value in column.tolist()]


@pytest.fixture(scope="module", params=["2022", "rerun"])
def demo(request: pytest.FixtureRequest) -> Sample:
    sample = lp.read_wave(request.param)
    weight = np.random.default_rng(1).gamma(2.0, size=len(sample))
    return sample.with_design(replace(sample.design, weight=weight))


@pytest.fixture(scope="module")
def handed(demo: Sample, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return lp.write_harmonised(demo, tmp_path_factory.mktemp("handed"))


def test_the_demo_waves_read_back_from_spss_as_they_were(demo: Sample, handed: list[Path]) -> None:
    frame, about = spss(handed[0])
    for name in demo.answers.columns:
        answers, kinds = from_spss(frame, about, demo, name)
        assert answers == plain(demo.answers[name]), name
        assert kinds == plain(demo.missing[name]), name
    np.testing.assert_array_equal(frame["weight"], demo.design.weight)
    np.testing.assert_array_equal(frame["psu"], demo.design.psu)
    np.testing.assert_array_equal(frame["stratum"], demo.design.stratum)


def test_spss_takes_every_kind_of_missing_as_missing(demo: Sample, handed: list[Path]) -> None:
    frame, about = pyreadstat.read_sav(handed[0])
    for name, variable in demo.codebook.items():
        if variable.kind not in {"set", "text"}:
            np.testing.assert_array_equal(frame[name].isna(), demo.answers[name].isna(), err_msg=name)
    assert about.variable_value_labels["conf_overall"][-8.0] == "don't know"
    assert about.column_names_to_labels["conf_overall"] == demo.codebook["conf_overall"].title
    assert about.variable_measure["conf_overall"] == "ordinal"
    assert about.file_label == "Synthetic respondents"


def test_the_demo_waves_read_back_from_csv_as_they_were(demo: Sample, handed: list[Path]) -> None:
    assert handed[1].read_bytes().startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(handed[1], dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for name, variable in demo.codebook.items():
        read = [text or None for text in frame[name]]
        if variable.kind == "number":
            read = [None if text is None else float(text) for text in read]
        assert read == plain(demo.answers[name]), name
        assert [text or None for text in frame[f"{name}_missing"]] == plain(demo.missing[name]), name
    np.testing.assert_array_equal(frame["weight"].astype(float), demo.design.weight)


def test_the_dictionary_lists_every_column_answer_and_code(demo: Sample, handed: list[Path]) -> None:
    table = pd.read_csv(handed[-1], dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame, about = spss(handed[0])
    assert list(dict.fromkeys(table["column_in_sav"])) == list(frame.columns)
    for name, variable in demo.codebook.items():
        rows = table[table["variable"] == name]
        assert set(rows["answer"]) - {""} == set(variable.answers)
        assert set(rows["comparable"]) == set(variable.comparable.values())
        assert set(rows["reason"]) == set(variable.reason.values())
        assert set(rows["missing_kinds"]) == {"-9 prefer not to say; -8 don't know; -7 not asked; -6 blank"}
        if variable.kind in {"scale", "category", "yes_no"}:
            for row in rows.itertuples():
                assert about.variable_value_labels[name][float(row.code)] == row.answer
    assert {"weight", "psu", "stratum"} <= set(table["variable"])


def test_the_folder_says_that_it_holds_microdata_and_keeps_it_out_of_git(demo: Sample, handed: list[Path]) -> None:
    folder = handed[0].parent
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert "MICRODATA" in (folder / "README.txt").read_text(encoding="utf-8")
    stem = f"harmonised-{demo.waves[0].name}-synthetic"
    assert [path.name for path in handed] == [f"{stem}.sav", f"{stem}.csv", f"{stem}-dictionary.csv"]
    assert len(list(folder.iterdir())) == 5


def test_kinds_of_missing_numbers_texts_and_sets_are_kept_apart(make_wave: WaveMaker, tmp_path: Path) -> None:
    added = {
        "harmonised": '\n[variables.community]\nkind = "text"\n'
        '[variables.why]\nkind = "set"\nanswers = ["far", "busy"]\n',
        "crosswalk": '\n[community]\ncolumn = "who"\n[community.missing]\n"99" = "don\'t know"\n"98" = "not asked"\n'
        '[why]\ncolumn = "why"\nseparator = ";"\n[why.answers]\nFar = "far"\nBusy = "busy"\n'
        '[why.missing]\n"9" = "prefer not to say"\n',
    }
    cells = {
        "who": ["Zażółć, gęślą", "99", "98", None],
        "why": ["Busy;Far", "Busy", "9", None],
        "age": [1.5e3, 44.5, 999, 80],
    }
    sample = lp.read_wave("first", surveys=make_wave(add=added, cells=cells))
    frame, about = spss(lp.write_harmonised(sample, tmp_path / "out")[0])
    assert frame["community"].tolist() == ["Zażółć, gęślą", "-8", "-7", ""]
    assert frame["why_1"].tolist() == [1, 0, -9, -6]
    assert frame["why_2"].tolist() == [1, 1, -9, -6]
    assert frame["age"].tolist() == [-6, 44.5, -9, 80]
    assert frame["attended"].tolist() == [-7] * 4
    assert frame["confidence"].tolist() == [1, 3, -8, -6]
    assert about.missing_ranges["age"] == [{"lo": -9.0, "hi": -6.0}]
    assert about.file_label == "Microdata: keep confidential"


def test_stacked_waves_and_added_columns_are_handed_back(make_wave: WaveMaker, tmp_path: Path) -> None:
    sample = lp.read_wave("first", surveys=make_wave())
    later = replace(sample, waves=(replace(sample.waves[0], name="second wave"),))
    files = lp.write_harmonised(lp.stack([sample, later], ["one", "two"]), tmp_path / "out")
    assert files[0].name == "harmonised-first-second-wave.sav"
    frame, about = spss(files[0])
    assert frame["wave"].map(about.variable_value_labels["wave"]).tolist() == ["one"] * 4 + ["two"] * 4


def test_a_sample_of_a_frame_has_missing_answers_of_no_known_kind(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.0, None], "g": ["a", None], "h": [0.5, 2.0], "n": [10, 10]})
    sample = Sample.from_frame(frame, weight="h", fpc="n")
    files = lp.write_harmonised(sample, tmp_path / "out")
    read, _ = spss(files[0])
    assert read["x"].isna().tolist() == [False, True]
    assert read["g"].tolist() == ["a", ""]
    assert read["sampling_fraction"].tolist() == [0.2, 0.2]
    assert files[0].name == "harmonised.sav"


def test_what_spss_would_take_for_missing_is_refused_and_never_shown(tmp_path: Path) -> None:
    frame = pd.DataFrame({"debt": [-7.25, 3.0], "said": ["-8", "MARKER" * 6000]})
    with pytest.raises(HarmonisationError, match=r"'debt' to \.sav: 1 answers lie between -9 and -6") as caught:
        lp.write_harmonised(Sample.from_frame(frame), tmp_path / "out")
    assert "'said' to .sav: 1 answers are written like" in str(caught.value)
    assert "'said' to .sav: 1 answers are longer than SPSS holds" in str(caught.value)
    assert "MARKER" not in str(caught.value)
    assert "7.25" not in str(caught.value)
    assert not (tmp_path / "out").exists()
    assert len(lp.write_harmonised(Sample.from_frame(frame), tmp_path / "out", formats=["csv"])) == 2


@pytest.mark.parametrize("name", ["by", "1st", "two words", "_x", "a" * 65, "café", "end."])
def test_names_that_spss_does_not_take_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(HarmonisationError, match=r"to \.sav: an SPSS name has"):
        lp.write_harmonised(Sample.from_frame(pd.DataFrame({name: [1.0]})), tmp_path)


@pytest.mark.parametrize("names", [["x", "x_missing"], ["weight"], ["psu", "stratum"]])
def test_columns_of_one_name_are_refused(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(HarmonisationError, match="two columns of one name"):
        lp.write_harmonised(Sample.from_frame(pd.DataFrame({name: [1.0] for name in names})), tmp_path)


def test_names_that_differ_by_capitals_only_are_one_in_spss(tmp_path: Path) -> None:
    with pytest.raises(HarmonisationError, match=r"\['fair'\] to \.sav"):
        lp.write_harmonised(Sample.from_frame(pd.DataFrame({"fair": [1.0], "Fair": [2.0]})), tmp_path)


@pytest.mark.parametrize("formats", [["xlsx"], [], "csv", ["sav", "SAV"]])
def test_unknown_formats_are_refused_before_anything_is_written(tmp_path: Path, formats: list[str]) -> None:
    with pytest.raises(WrongUseError, match=r"Cannot write .*\['sav', 'csv', 'parquet'\]"):
        lp.write_harmonised(Sample.from_frame(pd.DataFrame({"x": [1.0]})), tmp_path / "out", formats=formats)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    sample = Sample.from_frame(pd.DataFrame({"x": [1.0]}))
    (tmp_path / ".gitignore").write_text("build/\n", encoding="utf-8")
    with pytest.raises(WrongUseError, match="the folder holds other files"):
        lp.write_harmonised(sample, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".gitignore"]
    with pytest.raises(WrongUseError, match="there is a file of that name"):
        lp.write_harmonised(sample, tmp_path / ".gitignore")


def test_writing_again_replaces_and_a_failure_leaves_the_earlier_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Sample.from_frame(pd.DataFrame({"x": [1.0]}))
    files = lp.write_harmonised(first, tmp_path / "out")
    assert lp.write_harmonised(first, tmp_path / "out") == files
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(handback, "_write_text", full)
    with pytest.raises(OSError, match="No space"):
        lp.write_harmonised(Sample.from_frame(pd.DataFrame({"x": [2.0, 3.0]})), tmp_path / "out")
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_failure_of_the_spss_writer_is_said_without_what_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise pyreadstat.ReadstatError("MARKER")

    monkeypatch.setattr(pyreadstat, "write_sav", fail)
    with pytest.raises(HarmonisationError, match=r"Cannot write harmonised\.sav \(ReadstatError\)") as caught:
        lp.write_harmonised(Sample.from_frame(pd.DataFrame({"x": [1.0]})), tmp_path / "out")
    assert "MARKER" not in str(caught.value)


def test_parquet_without_its_library_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(WrongUseError, match=r'pip install "lpact-eval\[parquet\]"'):
        lp.write_harmonised(Sample.from_frame(pd.DataFrame({"x": [1.0]})), tmp_path / "out", formats=["parquet"])
    assert not (tmp_path / "out").exists()


def test_parquet_reads_back_as_it_was(demo: Sample, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    frame = pd.read_parquet(lp.write_harmonised(demo, tmp_path / "out", formats=["parquet"])[0])
    for name in demo.answers.columns:
        assert plain(frame[name]) == plain(demo.answers[name]), name
        assert plain(frame[f"{name}_missing"]) == plain(demo.missing[name]), name
    np.testing.assert_array_equal(frame["weight"], demo.design.weight)


def test_the_folder_can_be_written_again_on_any_system(
    make_wave: WaveMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = lp.read_wave("first", surveys=make_wave())

    # Windows writes a line break as two bytes where nothing is stated, and would not know its own folder again.
    def as_on_windows(path: Path, text: str, encoding: str, *, newline: str = "\r\n") -> int:
        return path.write_bytes(text.replace("\n", newline).encode(encoding))

    monkeypatch.setattr(Path, "write_text", as_on_windows)
    lp.write_harmonised(sample, tmp_path / "out", formats=["csv"])
    assert (tmp_path / "out" / ".gitignore").read_bytes() == b"*\n"
    assert b"\r" not in (tmp_path / "out" / "README.txt").read_bytes()
    assert lp.write_harmonised(sample, tmp_path / "out", formats=["csv"])
