"""What moved between two releases and why, and what both together would tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lpact_eval.errors import LpactError, WrongUseError
from lpact_eval.reporting.release_diff import NOT_TOLD, compare_releases
from lpact_eval.reporting.release_folder import read_release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Variant = Callable[..., Path]
    Call = Callable[..., tuple[int, str, str]]
    Lines = list[dict[str, str]]


def share(rows: Lines, group: str = "Black", wave: str = "2022") -> dict[str, str]:
    """The line of a group's share of the first question."""
    return next(
        row
        for row in rows
        if row["question"] == "conf_overall"
        and row["statistic"] == "level"
        and row["ethnicity"] == group
        and row["time"].startswith(wave)
    )


def moved_by_two(rows: Lines) -> None:
    share(rows)["value"] = str(int(share(rows)["value"]) + 2)


def another_hash(release: Path, label: str) -> dict[str, str]:
    """The line on where something comes from, with another hash."""
    text = read_release(release).made[label]
    return {label: text[:-64] + "0" * 64}


def test_a_release_equals_itself(demo_release: Path) -> None:
    found = compare_releases(demo_release, demo_release)
    assert found.same
    assert found.causes == found.telling == found.limits == ()


def test_what_moved_is_told_with_its_difference_and_rounding(demo_release: Path, variant: Variant) -> None:
    def edit(rows: Lines) -> None:
        moved_by_two(rows)
        line = share(rows, "White")
        line["value"] = str(int(line["value"]) + 1)

    found = compare_releases(demo_release, variant("later", edit))
    assert [(one.field, one.difference, one.beyond_rounding) for one in found.moved] == [
        ("value", 2, True),
        ("value", 1, False),  # 36.4 and 36.6 are written as 36 and 37
    ]
    assert {one.why for one in found.moved} == {NOT_TOLD}
    assert found.telling == ()


@pytest.mark.parametrize(
    ("label", "why"),
    [("2022", "data"), ("Re-run", NOT_TOLD), ("Versions", "code"), ("Commit", "code")],
)
def test_a_move_is_attributed_to_what_differs_and_can_reach_it(
    demo_release: Path, variant: Variant, label: str, why: str
) -> None:
    later = variant("later", moved_by_two, made=another_hash(demo_release, label))
    assert [one.why for one in compare_releases(demo_release, later).moved] == [why]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("2022/crosswalk.toml", "definitions"),
        ("harmonised.toml", "definitions"),
        ("rerun/crosswalk.toml", NOT_TOLD),
        ("benchmarks/csew.csv", NOT_TOLD),
        ("analyses/contribution.toml", NOT_TOLD),
        ("population/leicestershire-2021/sex.csv", "weights"),
        ("evaluation-plan.toml", "plan"),
    ],
)
def test_a_definition_reaches_the_waves_that_it_defines(
    demo_release: Path, variant: Variant, name: str, why: str
) -> None:
    later = variant("later", moved_by_two)
    manifest = json.loads((later / "release.json").read_text(encoding="utf-8"))
    assert name in manifest["definitions"]
    manifest["definitions"][name] = "0" * 64
    (later / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert [one.why for one in compare_releases(demo_release, later).moved] == [why]


def test_an_edited_contribution_analysis_is_named(call: Call, demo_release: Path, variant: Variant) -> None:
    later = variant("later")
    manifest = json.loads((later / "release.json").read_text(encoding="utf-8"))
    manifest["definitions"]["analyses/contribution.toml"] = "0" * 64
    (later / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    code, said, _ = call("diff", demo_release, later)
    assert code == 0
    assert "definitions: analyses/contribution.toml differs" in said


def test_what_changed_together_is_not_told_apart(demo_release: Path, variant: Variant) -> None:
    made = another_hash(demo_release, "2022") | {"Commit": "b" * 40}
    (one,) = compare_releases(demo_release, variant("later", moved_by_two, made=made)).moved
    assert one.why.startswith("data or code: they changed together")


def test_new_and_gone_rows_and_marks_are_named(demo_release: Path, variant: Variant) -> None:
    def edit(rows: Lines) -> None:
        rows.remove(share(rows, "White"))
        share(rows, "Asian")["shorthand"] = ""

    found = compare_releases(demo_release, variant("later", edit))
    assert [place for place in found.gone if "White, 2022" in place] == list(found.gone)
    assert found.new == ()
    assert [one.what for one in found.marks] == ["[u] before, shown now"]
    back = compare_releases(variant("other", edit), demo_release)
    assert (back.new, back.gone) == (found.gone, ())


@pytest.mark.parametrize("added", [1, 9, -1])
def test_bases_that_differ_by_a_few_are_told_without_a_count(
    call: Call, demo_release: Path, variant: Variant, added: int
) -> None:
    def edit(rows: Lines) -> None:
        moved_by_two(rows)
        share(rows)["unweighted sample"] = str(50 + added)

    assert share(list(read_release(demo_release).rows or ()))["unweighted sample"] == "50"
    later = variant("later", edit)
    code, out, err = call("diff", demo_release, later)
    assert code == 3
    assert "the bases differ by fewer respondents than the rules allow" in out
    assert "let a reader subtract to a small number" in err
    assert str(50 + added) not in out + err
    assert " 50 " not in out


def test_a_base_that_differs_by_ten_is_no_attack(call: Call, demo_release: Path, variant: Variant) -> None:
    def edit(rows: Lines) -> None:
        share(rows)["unweighted sample"] = "60"

    assert call("diff", demo_release, variant("later", edit))[0] == 0


@pytest.mark.parametrize("first", [True, False], ids=["suppressed first", "suppressed later"])
def test_a_cell_suppressed_in_one_release_and_shown_in_the_other_is_told(
    demo_release: Path, variant: Variant, *, first: bool
) -> None:
    def edit(rows: Lines) -> None:
        for name in ("value", "sample", "unweighted sample", "lower bound", "upper bound", "shorthand"):
            share(rows)[name] = "[c]"

    later = variant("later", edit)
    pair = (later, demo_release) if first else (demo_release, later)
    found = compare_releases(*pair)
    assert {one.what for one in found.telling} == {"shown in one"}
    assert all("Black, 2022" in one.place for one in found.telling)
    assert [one.what for one in found.marks] == ["suppressed no longer" if first else "newly suppressed"]
    assert not any("50" in one.sentence for one in found.telling)


def test_the_same_base_under_other_answers_or_weights_is_the_same_cell(demo_release: Path, variant: Variant) -> None:
    def edit(rows: Lines) -> None:
        line = share(rows)
        line["answers"] = "strongly agree"
        line["weights"] = "population"
        line["unweighted sample"] = "51"

    assert [one.what for one in compare_releases(demo_release, variant("later", edit)).telling] == ["bases near"]


def test_what_suppressed_groups_hold_together_is_compared(variant: Variant) -> None:
    """Everybody and the groups shown grow by 20 and 17: three were added to those that are suppressed."""

    def hidden(rows: Lines) -> None:
        for group in ("Mixed", "Other ethnic group"):
            for name in ("value", "sample", "unweighted sample", "lower bound", "upper bound", "shorthand"):
                share(rows, group)[name] = "[c]"

    def later(rows: Lines) -> None:
        hidden(rows)
        for group, added in (("All respondents", 20), ("White", 17)):
            line = share(rows, group)
            line["unweighted sample"] = str(int(line["unweighted sample"]) + added)

    found = compare_releases(variant("earlier", hidden), variant("later", later))
    assert "rest near" in {one.what for one in found.telling}


def test_a_release_without_rows_is_compared_by_its_files(call: Call, demo_release: Path, variant: Variant) -> None:
    later = variant("later", made=another_hash(demo_release, "2022"))
    manifest = json.loads((later / "release.json").read_text(encoding="utf-8"))
    del manifest["files"]["results.csv"]
    (later / "results.csv").unlink()
    (later / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    code, shown, _ = call("diff", demo_release, later)
    assert code == 0
    assert "has no results.csv: its numbers can't be compared" in shown
    assert "data: 2022: 2022.sav differs" in shown
    assert "No number moved" not in shown


def test_json_holds_everything_also_where_it_stops(call: Call, demo_release: Path, variant: Variant) -> None:
    def edit(rows: Lines) -> None:
        share(rows)["unweighted sample"] = "51"

    code, text, _ = call("diff", demo_release, variant("later", edit), "--json")
    found = json.loads(text)
    assert code == 3
    assert [one["what"] for one in found["telling"]] == ["bases near"]
    assert found["moved"] == []
    assert found["same"] is False


def test_no_release_is_refused(tmp_path: Path, demo_release: Path) -> None:
    with pytest.raises(WrongUseError, match=r"no folder of that name"):
        compare_releases(tmp_path / "nothing", demo_release)
    with pytest.raises(WrongUseError, match=r"no release\.json in it"):
        compare_releases(demo_release, tmp_path)


MARKER = "a planted answer 31415"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (("release.json", "{" + MARKER), "it is not JSON"),
        (("release.json", "[]"), "no table of keys"),
        (("release.json", "[" * 100_000), "it is not JSON"),
        (("release.json", '{"title": "x"}'), "no text 'rules'"),
        (
            ("release.json", '{"title": "x", "rules": "uk", "made": {}, "definitions": {}, "files": {}}'),
            "lists no file",
        ),
        (
            (
                "release.json",
                '{"title": "x", "rules": "uk", "made": {}, "definitions": {}, "files": {"../planted 31415": "0"}}',
            ),
            "file 1 of its list has a name that is no file's",
        ),
        (
            (
                "release.json",
                '{"title": "x", "rules": "uk", "made": {}, "definitions": {}, "files": {"a.csv": "planted 31415"}}',
            ),
            "file 1 of its list has no SHA-256",
        ),
        (("release.json", '{"title": "x", "rules": "uk", "made": {"a": 31415}}'), "holds something else than texts"),
        (("results.csv", f"{MARKER},b\n1,2\n"), "its headings lack"),
        (("results.csv", f'"{MARKER}'), "not csv"),
        (("results.csv", b"\xff\xfe\x00" + MARKER.encode()), "not csv in UTF-8"),
        (("results.csv", ""), "its headings lack"),
    ],
)
def test_a_damaged_release_is_refused_and_nothing_of_it_is_said(
    demo_release: Path, variant: Variant, damage: tuple[str, str | bytes], message: str
) -> None:
    later, (file, content) = variant("later"), damage
    (later / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(LpactError, match=message) as caught:
        compare_releases(demo_release, later)
    assert caught.value.exit_code == 2
    assert "31415" not in str(caught.value)
    assert file in str(caught.value)


def test_a_line_that_is_too_short_is_refused_by_its_number(demo_release: Path, variant: Variant) -> None:
    later = variant("later")
    with (later / "results.csv").open("a", encoding="utf-8") as file:
        file.write(f"{MARKER},\n")
    with pytest.raises(LpactError, match=r"line \d+ does not have as many cells") as caught:
        compare_releases(demo_release, later)
    assert "31415" not in str(caught.value)
