"""Free text is proposed for a person to decide, and nothing proposed is read before that."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import lpact_eval as lp
from lpact_eval.errors import DefinitionError, HarmonisationError, WrongUseError
from lpact_eval.waves.perceived import is_perceived

WaveMaker = Callable[..., Path]
OLD = 'column = "eth"\n\n[ethnicity_detail.answers]\n1 = "African"\n2 = "Caribbean"\n3 = "British"\n'
NEW = 'column = "eth"\nlookup = "eth.csv"\n'
HEADER = "delivered,harmonised\n"


def written(make_wave: WaveMaker, texts: list[object], lines: str | None = None, item: str = NEW) -> Path:
    rows = len(texts)
    cells = {"id": list(range(rows)), "q1": [1] * rows, "eth": texts, "age": [30] * rows}
    surveys = make_wave(edit={"crosswalk": (OLD, item)}, cells=cells)
    if lines is not None:
        (surveys / "first" / "eth.csv").write_bytes(lines.encode())
    return surveys


def lines_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines()))


def propose(surveys: Path, **more: object) -> Path:
    return lp.propose_lookup("first", "ethnicity_detail", surveys=surveys, **more)


def test_texts_alike_get_a_proposal_and_others_none(make_wave: WaveMaker) -> None:
    """Alphabetical, each spelling once: one like an answer, one that holds it, one that says why not, one unlike."""
    texts: list[object] = ["Afrcan", "black  african", "BLACK AFRICAN", "Rather not say", "Klingon", None]
    path = propose(written(make_wave, texts))
    assert path.name == "eth.csv"
    assert lines_of(path) == [
        ["delivered", "harmonised", "note"],
        ["Afrcan", "African", "check"],
        ["black african", "African", "check"],
        ["Klingon", "", "check"],
        ["Rather not say", "prefer not to say", "check"],
    ]


def test_a_text_that_holds_several_answers_gets_no_proposal(make_wave: WaveMaker) -> None:
    path = propose(written(make_wave, ["British African", "British and proud"]))
    assert lines_of(path)[1:] == [["British African", "", "check"], ["British and proud", "British", "check"]]


def test_what_a_person_decided_before_is_proposed_for_what_is_alike(make_wave: WaveMaker) -> None:
    path = propose(written(make_wave, ["somali", "Somalia"], HEADER + "Somali,African\n"))
    assert lines_of(path)[1:] == [["Somali", "African"], ["Somalia", "African", "check"]]


def test_proposals_are_not_read_until_they_are_checked(make_wave: WaveMaker) -> None:
    surveys = written(make_wave, ["Brit", "MARKER one", "MARKER two"], HEADER + "brit,British\n")
    path = propose(surveys)
    message = r"eth\.csv:3: 2 lines are still marked 'check', .*clear its cell in the third column"
    with pytest.raises(DefinitionError, match=message) as caught:
        lp.read_wave("first", surveys=surveys)
    assert "MARKER" not in str(caught.value)
    text = path.read_text("utf-8").replace(",,check", ",African,")
    path.write_text(text, "utf-8")
    assert list(lp.read_wave("first", surveys=surveys).answers["ethnicity_detail"]) == ["British", "African", "African"]


def test_one_mark_is_enough(make_wave: WaveMaker) -> None:
    surveys = written(make_wave, ["Brit"], "delivered,harmonised,note\nbrit,British, CHECK \n")
    with pytest.raises(DefinitionError, match=r"eth\.csv:2: 1 line is still marked 'check'"):
        lp.read_wave("first", surveys=surveys)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_that_were_there_stay_as_they_are(make_wave: WaveMaker, newline: str, last: bool) -> None:  # noqa: FBT001 - a case
    kept = newline.join(['  "Brit ",British,  seen by two  ', "", "kenya , African"]) + (newline if last else "")
    surveys = written(make_wave, ["Brit", "Kenya", "French"], "delivered,harmonised,why" + newline + kept)
    content = propose(surveys).read_bytes()
    assert content.startswith(("delivered,harmonised,why" + newline + kept).encode())
    assert content.endswith(f"French,,check{newline}".encode())
    assert propose(surveys).read_bytes() == content


def test_another_file_may_be_written_and_nothing_is_overwritten(make_wave: WaveMaker, tmp_path: Path) -> None:
    surveys = written(make_wave, ["Brit", "French"], HEADER + "brit,British\n")
    before = (surveys / "first" / "eth.csv").read_bytes()
    path = propose(surveys, to=tmp_path / "new.csv")
    assert path == tmp_path / "new.csv"
    assert lines_of(path)[1:] == [["brit", "British"], ["French", "", "check"]]
    assert (surveys / "first" / "eth.csv").read_bytes() == before
    with pytest.raises(WrongUseError, match=r"new\.csv exists and is left as it is"):
        propose(surveys, to=path)
    with pytest.raises(WrongUseError, match="There is no folder"):
        propose(surveys, to=tmp_path / "none" / "new.csv")
    assert propose(surveys, to=surveys / "first" / "eth.csv").read_bytes() == path.read_bytes()


def test_a_text_like_a_formula_is_not_run_and_is_still_found(make_wave: WaveMaker) -> None:
    surveys = written(make_wave, ["=1+1", "@home", "-", "+"])
    path = propose(surveys)
    assert [line[0] for line in lines_of(path)[1:]] == ["'+", "'-", "'=1+1", "'@home"]
    path.write_text(path.read_text("utf-8-sig").replace(",,check", ",British,"), "utf-8")
    assert list(lp.read_wave("first", surveys=surveys).answers["ethnicity_detail"]) == ["British"] * 4


def test_what_the_crosswalk_maps_is_not_proposed(make_wave: WaveMaker) -> None:
    item = NEW + '[ethnicity_detail.missing]\n"NA" = "blank"\n'
    assert lines_of(propose(written(make_wave, ["NA", "French"], item=item)))[1:] == [["French", "", "check"]]


def test_what_an_officer_saw_is_never_proposed(make_wave: WaveMaker) -> None:
    surveys = written(make_wave, ["IC3", "French"])
    with pytest.raises(HarmonisationError, match="officer-perceived ethnicity"):
        propose(surveys)
    assert not (surveys / "first" / "eth.csv").exists()


def test_the_census_wordings_are_known_for_the_19_groups(tmp_path: Path) -> None:
    import shutil  # noqa: PLC0415 - for this test alone

    from lpact_eval.resources import surveys_folder  # noqa: PLC0415 - as above

    surveys = shutil.copytree(surveys_folder(), tmp_path / "surveys")
    file = surveys / "rerun" / "ethnicity_lookup.csv"
    listed = file.read_bytes()
    kept = [line for line in listed.decode().splitlines() if not re.match(r"black british|white british|irish", line)]
    file.write_text("\n".join(kept) + "\n", "utf-8")
    lp.propose_lookup("rerun", "ethnicity_19", surveys=surveys)
    added = {line[0].casefold(): line[1] for line in lines_of(file) if line[2:] == ["check"]}
    assert added["white british"] == "British"
    assert set(added) <= {line.split(",")[0] for line in listed.decode().splitlines()}


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (
            "ethnicty_detail",
            r"has no variable 'ethnicty_detail' in its crosswalk.toml; did you mean 'ethnicity_detail'",
        ),
        ("confidence", r"crosswalk\.toml:2: \[confidence\] has no look-up; add lookup = \"confidence_lookup\.csv\""),
    ],
)
def test_variables_without_a_lookup_are_refused(make_wave: WaveMaker, variable: str, message: str) -> None:
    with pytest.raises(WrongUseError, match=message):
        lp.propose_lookup("first", variable, surveys=written(make_wave, ["Brit"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(
    st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12), min_size=1, max_size=6)
)
def test_whatever_people_write_is_proposed_once_and_read_once_checked(make_wave: WaveMaker, texts: list[str]) -> None:
    assume(not any(is_perceived(" ".join(text.split())) for text in texts))
    surveys = written(make_wave, ["Brit", *texts], HEADER + "brit,British\n")
    path = propose(surveys)
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[row[0], row[1] or "African", ""] for row in rows])
    assert len(lp.read_wave("first", surveys=surveys)) >= 1
    again = path.read_bytes()
    assert propose(surveys).read_bytes() == again
