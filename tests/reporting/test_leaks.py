"""What is suppressed must not be in any byte of any output, in whatever form."""

from __future__ import annotations

import base64
import gzip
import html
import io
import re
import struct
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import lpact_eval as lp
from lpact_eval.disclosure.published import publish
from lpact_eval.reporting.release import write_release
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    import pandas as pd

MARKER = 0.2718281828
WORDS = "only 7 marked respondents"
NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "n_effective", "design_effect")
BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
TAG = re.compile(rb"<[^<>]{1,2000}>")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")


def planted(example: ModuleType, *, marker: float, words: str) -> object:
    """Results whose suppressed and withheld rows hold a marker in every number and text that must go."""
    made = example.results()
    cleared = publish(made).rows
    rows: pd.DataFrame = made.rows.copy()
    gone = cleared["tier"].isin(["suppressed", "withheld"]).to_numpy()
    for name in NUMBERS:
        rows.loc[gone, name] = marker
    rows.loc[(cleared["tier"] == "suppressed").to_numpy(), ["flags", "refused"]] = words
    weights = made.weights.copy()
    hidden = publish(made).weights["mark"].eq("[c]").to_numpy()
    for name in ("n_effective", "design_effect", "smallest", "largest", "largest_over_mean"):
        weights.loc[hidden, name] = marker
    margins, once = made.margins.copy(), publish(made)
    margins.loc[once.margins["mark"].eq("[c]").to_numpy(), ["before", "after"]] = marker
    margins.loc[once.margins["before"].isna().to_numpy(), ["before", "after"]] = marker
    sensitivity = made.sensitivity.copy()
    sensitivity.loc[once.sensitivity["estimate"].isna().to_numpy(), ["estimate", "conf_low", "conf_high"]] = marker
    weights.loc[hidden, "flags"] = words
    composition, selection = made.composition.copy(), made.selection.copy()
    parted = once.composition["estimate"].isna().to_numpy()
    composition.loc[parted, ["estimate", "std_error", "conf_low", "conf_high"]] = marker
    composition.loc[parted, "refused"] = words
    tipped = once.selection["change"].isna().to_numpy()
    selection.loc[tipped, ["change", "first", "second", "tipping", "observed", "observed_low"]] = marker
    selection.loc[tipped, "refused"] = words
    assert parted.any()
    assert tipped.any()
    frames = {"margins": margins, "sensitivity": sensitivity, "composition": composition, "selection": selection}
    return replace(made, rows=rows, weights=weights, **frames)


def readable(content: bytes) -> Iterator[bytes]:
    """Everything that bytes may be read as: themselves, their words without marks, and whatever is packed in them."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield packed.comment
            for name in packed.namelist():
                yield name.encode()
                yield from readable(packed.read(name))
    elif content.startswith(b"\x1f\x8b"):
        yield from readable(gzip.decompress(content))
    elif content.startswith(PNG):
        yield from _chunks(content)
    else:
        yield from _words(content)
        for found in BASE64.findall(content):
            if whole := found[: len(found) // 4 * 4]:
                yield from _inside(base64.b64decode(whole, validate=False))


def _inside(content: bytes) -> Iterator[bytes]:
    """What stood in base64; only what has a beginning of its own is taken apart further."""
    if content.startswith((b"PK", b"\x1f\x8b", PNG, b"<", b"{", b"[")):
        yield from readable(content)
    else:
        yield content


def _words(content: bytes) -> Iterator[bytes]:
    """What a reader sees of marked-up or escaped text: words in one piece however they are laid out."""
    if TAG.search(content):
        bare = TAG.sub(b"", content)
        yield bare
        yield html.unescape(bare.decode("utf-8", errors="ignore")).encode()
    if b"\\u" in content:
        plain = ESCAPED.sub(lambda found: chr(int(found[1], 16)), content.decode("utf-8", errors="ignore"))
        yield plain.encode("utf-8", errors="ignore")


def _chunks(picture: bytes) -> Iterator[bytes]:
    """What a picture says in words, packed or not."""
    place = len(PNG)
    while place < len(picture):
        length, kind = struct.unpack(">I4s", picture[place : place + 8])
        chunk = picture[place + 8 : place + 8 + length]
        place += length + 12
        if kind == b"zTXt":
            yield zlib.decompress(chunk.partition(b"\0")[2][1:])
        elif kind == b"iTXt":
            packed, rest = chunk.partition(b"\0")[2][:1], chunk.partition(b"\0")[2][2:]
            text = rest.split(b"\0", 2)[2]
            yield zlib.decompress(text) if packed == b"\1" else text
        elif kind in {b"tEXt", b"eXIf"}:
            yield chunk


def test_nothing_planted_in_a_suppressed_row_is_in_any_output(example: ModuleType, tmp_path: Path) -> None:
    published = publish(planted(example, marker=MARKER, words=WORDS))  # pyright: ignore[reportArgumentType] - the example's results
    digits = [b"271828", b"27.18", WORDS.encode()]
    for path in write_release(published, tmp_path / "out"):
        for content in readable(path.read_bytes()):
            assert not [mark for mark in digits if mark in content], path.name


def test_outputs_are_the_same_to_the_byte_whatever_was_suppressed(example: ModuleType, tmp_path: Path) -> None:
    outputs = [
        {
            path.name: path.read_bytes()
            for path in write_release(
                publish(planted(example, marker=marker, words=words)),  # pyright: ignore[reportArgumentType] - as above
                tmp_path / str(place),
            )
        }
        for place, (marker, words) in enumerate([(MARKER, WORDS), (0.5, "other words")])
    ]
    assert outputs[0].keys() == outputs[1].keys()
    for name, content in outputs[0].items():
        assert content == outputs[1][name], name


def test_a_suppressed_base_can_not_be_had_from_the_rows_of_its_table(example: ModuleType) -> None:
    published = publish(example.results())
    levels = published.rows[(published.rows["measure"] == "level") & (published.rows["wave"] == "2022")]
    for _, table in levels.groupby("variable"):
        groups = table[table["by"] == "ethnicity"]
        assert int(groups["n"].isna().sum()) != 1


def test_the_planted_marker_is_found_where_nothing_is_suppressed(example: ModuleType, tmp_path: Path) -> None:
    made = example.results()
    rows = made.rows.copy()
    rows.loc[rows["group"] == "Black", "refused"] = WORDS
    written = write_release(publish(replace(made, rows=rows)), tmp_path / "out")
    marker = WORDS[1:].encode()  # sentences begin with a capital
    found = {path.name for path in written if any(marker in part for part in readable(path.read_bytes()))}
    assert found >= {"report.html", "tables.xlsx", "results.csv"}


def test_nothing_planted_where_attendance_is_hidden_is_in_any_output(tmp_path: Path) -> None:
    made = lp.run_plan(lp.read_plan(plan_file()))
    once = publish(made)
    rows, dose, balance, strength = (frame.copy() for frame in (made.rows, made.dose, made.balance, made.strength))
    for frame, cleared in ((rows, once.rows), (dose, once.dose)):
        gone = cleared["tier"].isin(["suppressed", "withheld"]).to_numpy() & frame["estimate"].notna().to_numpy()
        assert gone.any()
        frame.loc[gone, list(NUMBERS)] = MARKER
        frame.loc[(cleared["tier"] == "suppressed").to_numpy(), ["flags", "refused"]] = WORDS
    balance.loc[(balance["n_least"] < 10) & (balance["method"] == "regression"), ["smd_before", "smd_after"]] = MARKER
    shown = once.strength[once.strength["measure"].ne("") & once.strength["mark"].ne("[c]")]
    kept = shown.set_index(["group", "method", "measure", "covariate"]).index
    hidden = ~strength.set_index(["group", "method", "measure", "covariate"]).index.isin(kept)
    hidden |= strength["times"].gt(1).to_numpy()
    strength.loc[hidden, "value"] = MARKER
    strength.loc[hidden, "reading"] = WORDS
    arms = made.arms.assign(n=np.where(made.arms["n"] < 10, 7, made.arms["n"]))
    arms.loc[arms["n"] == 7, "share"] = MARKER
    planted = replace(made, rows=rows, dose=dose, balance=balance, strength=strength, arms=arms)
    for path in write_release(publish(planted), tmp_path / "out"):
        for content in readable(path.read_bytes()):
            assert not [mark for mark in (b"271828", b"27.18", WORDS.encode()) if mark in content], path.name
