"""A plan that was frozen shows every later change, and one that never was is said to be so."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lpact_eval.errors import DefinitionError, WrongUseError
from lpact_eval.evaluation.plan import read_plan
from lpact_eval.evaluation.registration import Registration, freeze, frozen_file, registration_of

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = dt.datetime(2022, 5, 1, 9, 30, tzinfo=dt.UTC)  # fieldwork of 2022: 16 May to 29 July 2022
BETWEEN = dt.datetime(2024, 3, 3, 9, 30, tzinfo=dt.UTC)  # of the re-run: 2 September to 29 November 2024
DURING = dt.datetime(2024, 9, 2, 9, 30, tzinfo=dt.UTC)


def status(path: Path) -> Registration:
    return registration_of(read_plan(path), path)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_plan_never_frozen_is_said_to_be_so(own: Path) -> None:
    found = status(own)
    assert found.state == "never"
    assert found.when is None
    assert found.sentences[0].startswith("This plan was not registered before fieldwork")


def test_a_frozen_plan_keeps_date_hashes_version_text_and_who(own: Path) -> None:
    found = freeze(own, by="A. Lead", now=BETWEEN)
    [kept] = found.freezes
    assert found.state == "unchanged"
    assert (found.when, found.by) == (BETWEEN, "A. Lead")
    assert kept.sha256 == hashlib.sha256(own.read_bytes()).hexdigest()
    assert kept.text == own.read_text(encoding="utf-8")
    wave = own.parent / "surveys" / "2022" / "wave.toml"
    assert kept.definitions["2022/wave.toml"] == hashlib.sha256(wave.read_bytes()).hexdigest()
    assert own.name not in kept.definitions
    assert kept.version
    assert found.sentences == (
        (
            "This plan was registered on 3 March 2024 at 09:30 UTC by A. Lead, before fieldwork of rerun began and "
            "after fieldwork of 2022 had ended."
        ),
        "It is now as it was then.",
    )


def test_what_is_read_again_is_what_was_written(own: Path) -> None:
    assert status(own) != freeze(own, by="A", now=BETWEEN)
    assert status(own).freezes == freeze_of(own)
    assert frozen_file(own) == own.with_name("plan.frozen.json")


def freeze_of(own: Path) -> tuple[object, ...]:
    """Read the freezes once more, from a fresh reading of the plan."""
    return status(own).freezes


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.text(max_size=30), st.text(max_size=30).filter(str.strip))
def test_names_and_reasons_of_any_kind_come_back_as_they_were(own: Path, by: str, reason: str) -> None:
    frozen_file(own).unlink(missing_ok=True)
    by, reason = (text.encode("utf-8", "replace").decode() for text in (by, reason))
    freeze(own, by=by, now=BEFORE)
    freeze(own, again=reason, now=BETWEEN)
    assert [(one.by, one.reason) for one in status(own).freezes] == [(by.strip(), ""), ("", reason.strip())]


@pytest.mark.parametrize(
    ("now", "points"),
    [
        (BEFORE, {"2022": "before", "rerun": "before"}),
        (BETWEEN, {"2022": "after", "rerun": "before"}),
        (DURING, {"2022": "after", "rerun": "during"}),
        (dt.datetime(2024, 11, 30, tzinfo=dt.UTC), {"2022": "after", "rerun": "after"}),
        (
            dt.datetime(2022, 5, 16, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=1))),
            {"2022": "before", "rerun": "before"},
        ),
    ],
)
def test_a_freeze_after_fieldwork_began_is_said_so(own: Path, now: dt.datetime, points: dict[str, str]) -> None:
    found = freeze(own, now=now)
    assert found.points == points
    late = "It was not registered before fieldwork." in found.sentences
    assert late == ("before" not in points.values())


def test_answers_that_were_already_there_are_told(own: Path) -> None:
    assert {wave.answers for wave in freeze(own, now=BEFORE).freezes[0].waves} == {"made up"}
    edit(own, "[weights]", '[files]\n2022 = "delivered.sav"\nrerun = "absent.csv"\n\n[weights]')
    (own.parent / "delivered.sav").write_bytes(b"planted")
    found = freeze(own, again="the file came", now=BETWEEN)
    assert {wave.name: wave.answers for wave in found.freezes[1].waves} == {"2022": "yes", "rerun": "no"}
    assert "The answers of 2022 were already there." in " ".join(found.sentences)
    assert "planted" not in frozen_file(own).read_text(encoding="utf-8")


def test_a_file_that_a_definition_names_counts_as_answers_too(own: Path) -> None:
    wave = own.parent / "surveys" / "2022" / "wave.toml"
    edit(wave, 'file = ""', 'file = "demo/2022.sav"')
    assert freeze(own, now=BETWEEN).freezes[0].waves[0].answers == "yes"


def test_a_later_change_is_told_in_plain_sentences(own: Path) -> None:
    freeze(own, now=BEFORE)
    edit(own, 'groups = ["Black"] ', 'groups = ["Black", "Mixed"] ')
    edit(own.parent / "surveys" / "rerun" / "wave.toml", 'mode = "interviewer, tablet"', 'mode = "web"')
    found = status(own)
    assert found.state == "changed"
    assert [change.sentence for change in found.changes] == [
        "indicator 5.1: groups was [Black], is now [Black, Mixed]",
        "definition file rerun/wave.toml was changed",
    ]
    assert found.sentences[-3:] == (
        "It has changed since, in 2 places.",
        "Indicator 5.1: groups was [Black], is now [Black, Mixed].",
        "Definition file rerun/wave.toml was changed.",
    )


def test_a_comment_is_no_change(own: Path) -> None:
    freeze(own, now=BEFORE)
    edit(own, "[weights]", "# a note\n[weights]")
    assert status(own).state == "unchanged"


def test_a_definition_file_that_came_later_is_told(own: Path) -> None:
    crosswalk = own.parent / "surveys" / "rerun" / "crosswalk.toml"
    text = crosswalk.read_text(encoding="utf-8")
    crosswalk.unlink()
    freeze(own, now=BEFORE)
    crosswalk.write_text(text, encoding="utf-8")
    told = [change.sentence for change in status(own).changes]
    assert "definition file rerun/crosswalk.toml was added" in told


def test_what_was_frozen_is_never_replaced_without_a_reason(own: Path) -> None:
    freeze(own, by="A", now=BEFORE)
    kept = frozen_file(own).read_bytes()
    edit(own, "collapse = 20", "collapse = 15")
    with pytest.raises(WrongUseError, match=r"never replaced: give the reason with --again REASON"):
        freeze(own, now=BETWEEN)
    with pytest.raises(WrongUseError, match="never replaced"):
        freeze(own, again="  ", now=BETWEEN)
    assert frozen_file(own).read_bytes() == kept


def test_freezing_again_keeps_what_was_frozen_and_tells_what_changed_between(own: Path) -> None:
    freeze(own, by="A", now=BEFORE)
    edit(own, "collapse = 20", "collapse = 15")
    found = freeze(own, by="B", again="small cells", now=BETWEEN)
    assert (found.state, found.by, found.when) == ("unchanged", "A", BEFORE)
    assert [[change.sentence for change in one] for one in found.amendments] == [
        ["weights: collapse was 20, is now 15"]
    ]
    edit(own, "collapse = 15", "collapse = 25")
    assert [change.sentence for change in status(own).all_changes] == [
        "weights: collapse was 20, is now 15",
        "weights: collapse was 15, is now 25",
    ]
    assert "The reason given: small cells" in " ".join(status(own).sentences)


def test_a_first_freeze_takes_no_reason(own: Path) -> None:
    with pytest.raises(WrongUseError, match="never frozen"):
        freeze(own, again="why not", now=BEFORE)
    assert not frozen_file(own).exists()


def test_a_wrong_plan_is_not_frozen(own: Path) -> None:
    edit(own, 'variable = "conf_overall"', 'variable = "conf_overal"')
    with pytest.raises(DefinitionError, match="conf_overall"):
        freeze(own, now=BEFORE)
    assert not frozen_file(own).exists()


def test_fieldwork_without_days_is_refused(own: Path) -> None:
    wave = own.parent / "surveys" / "rerun" / "wave.toml"
    edit(wave, "start = 2024-09-02", "begin = 2024-09-02")
    with pytest.raises(DefinitionError, match=r"wave.toml:\d+: \[fieldwork\] needs its first and last day"):
        freeze(own, now=BEFORE)


def damage(own: Path, change: str) -> None:
    """Edit the registration as somebody might."""
    target = frozen_file(own)
    content = json.loads(target.read_text(encoding="utf-8"))
    first = content["freezes"][0]
    match change:
        case "text":
            first["text"] = first["text"].replace("collapse = 20", "collapse = 15")
        case "order":
            content["freezes"].append({**first, "when": "2020-01-01T00:00:00Z"})
        case "key":
            first["planted"] = 1
        case "none":
            content["freezes"] = []
        case _:
            target.write_text(change, encoding="utf-8")
            return
    target.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("text", "the plan of 1 May 2022 at 09:30 UTC is not the one whose hash stands beside it"),
        ("order", "do not follow one another in time"),
        ("key", "freezes.0.planted"),
        ("none", "freezes"),
        ("{", "the file"),
    ],
)
def test_a_registration_that_was_edited_is_not_relied_on(own: Path, change: str, said: str) -> None:
    freeze(own, now=BEFORE)
    damage(own, change)
    with pytest.raises(DefinitionError, match=said):
        status(own)


def test_a_byte_order_mark_and_other_line_ends_are_kept(own: Path) -> None:
    content = b"\xef\xbb\xbf" + own.read_bytes().replace(b"\n", b"\r\n")
    own.write_bytes(content)
    found = freeze(own, now=BEFORE)
    assert found.state == "unchanged"
    assert found.freezes[0].text.encode() == content


def test_an_interrupted_write_leaves_what_was_there(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(own, now=BEFORE)
    kept = frozen_file(own).read_bytes()

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(own), "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        freeze(own, again="more", now=BETWEEN)
    assert frozen_file(own).read_bytes() == kept
    assert [path.name for path in own.parent.iterdir() if "draft" in path.name] == []
