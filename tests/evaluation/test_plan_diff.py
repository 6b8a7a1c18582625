"""Two versions of a plan differ where they say something else, and nowhere else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpact_eval.evaluation.plan_diff import changes_between, written
from lpact_eval.resources import plan_file

PLAN = """
title = "A"
waves = ["2022", "rerun"]
seed = 7
[weights]
collapse = 10
[files]
rerun = "C:/Users/planted/rerun.csv"
[[indicator]]
id = "5.1"
groups = ["Black"]
[[indicator]]
id = "5.2"
groups = []
"""


def sentences(old: str, new: str) -> list[str]:
    return [change.sentence for change in changes_between(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'groups = ["Black"]',
            'groups = ["Black", "Mixed"]',
            "indicator 5.1: groups was [Black], is now [Black, Mixed]",
        ),
        ("collapse = 10", "collapse = 15", "weights: collapse was 10, is now 15"),
        ("seed = 7\n", "", "seed was removed; it was 7"),
        ("seed = 7\n", "seed = 7\nfirst_event = 2022-07-04\n", "first_event was added: 2022-07-04"),
        ("seed = 7\n", 'seed = 7\nforce = ""\n', 'force was added: ""'),
        ("[weights]\ncollapse = 10\n", "", "weights: collapse was removed; it was 10"),
        ("[weights]", "[equivalence]\n[weights]", "equivalence was added: (empty)"),
        ("seed = 7", "seed = true", "seed was 7, is now yes"),
        ('id = "5.2"\ngroups = []', 'id = "5.2"\ngroups = ["a, b"]', 'indicator 5.2: groups was [], is now ["a, b"]'),
    ],
)
def test_one_edit_is_one_plain_sentence(old: str, new: str, said: str) -> None:
    assert old in PLAN
    assert sentences(PLAN, PLAN.replace(old, new)) == [said]


def test_indicators_are_told_apart_by_their_id_and_not_by_their_place() -> None:
    head, first, second = PLAN.split("[[indicator]]")
    third = '\nid = "5.3"\n'
    assert sentences(PLAN, f"{head}[[indicator]]{third}[[indicator]]{first}[[indicator]]{second}") == [
        'indicator 5.3 was added: id = "5.3"'
    ]
    assert sentences(PLAN, f"{head}[[indicator]]{first}") == [
        'indicator 5.2 was removed; it was id = "5.2", groups = []'
    ]
    assert sentences(PLAN, f"{head}[[indicator]]{second}[[indicator]]{first}") == [
        'order of indicator was ["5.1", "5.2"], is now ["5.2", "5.1"]'
    ]


def test_a_folder_of_a_machine_is_never_told() -> None:
    other = PLAN.replace("planted/rerun", "planted/other")
    assert sentences(PLAN, other) == ["files: rerun was changed"]
    added = PLAN + '[events]\nfolder = "C:/Users/planted"\nquotes = ["f1"]\n'
    assert sentences(PLAN, added) == ["events: folder was added", "events: quotes was added: [f1]"]
    for one, two in ((PLAN, other), (PLAN, added), (added, PLAN), (other, PLAN.replace("[files]", "[other]"))):
        told = [said for said in sentences(one, two) if "other: rerun" not in said]
        assert "planted" not in " ".join(told)


def test_comments_layout_and_the_order_of_keys_are_no_change() -> None:
    same = PLAN.replace("seed = 7\n", "").replace('title = "A"', "seed = 7 # why\n\n title  =  'A'")
    assert changes_between(PLAN, same) == ()


def test_lists_of_tables_without_names_are_told_by_place() -> None:
    old, new = ("[[allow_words]]\nword = 'a'\n[[allow_words]]\nword = 'a'\nreason = '%s'" % one for one in "xy")  # noqa: UP031 - braces are TOML's
    assert sentences(old, new) == ["allow_words 2: reason was x, is now y"]


VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=True) | st.text("ab ,[]{}\"'=\n", max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
TABLES = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)
PLANS = st.builds(lambda top, table: {**top, "table": table}, TABLES, TABLES)


def toml(value: object) -> str:
    """Write TOML for the law below."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        return json.dumps(value)
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


def as_plan(content: dict[str, object]) -> str:
    table = content["table"]
    assert isinstance(table, dict)
    top = "".join(f"{key} = {toml(value)}\n" for key, value in content.items() if key != "table")
    return top + "[table]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in table.items())


@given(PLANS)
def test_a_plan_does_not_differ_from_itself(content: dict[str, object]) -> None:
    assert changes_between(as_plan(content), as_plan(content)) == ()


@given(PLANS, PLANS)
def test_two_plans_differ_in_one_place_a_key_and_alike_both_ways(
    one: dict[str, object], two: dict[str, object]
) -> None:
    there, back = changes_between(as_plan(one), as_plan(two)), changes_between(as_plan(two), as_plan(one))
    assert {change.where for change in there} == {change.where for change in back}
    assert len({change.where for change in there}) == len(there)
    assert (repr(one) == repr(two)) <= (not there)


@given(VALUES, VALUES)
def test_values_that_differ_are_written_differently(one: object, two: object) -> None:
    """A reader of the sentence sees the difference."""
    if repr(one) != repr(two):
        assert written(one) != written(two)


def test_the_shipped_plan_does_not_differ_from_itself() -> None:
    text = plan_file().read_text(encoding="utf-8")
    assert changes_between(text, text) == ()
    assert changes_between(text, text.replace("collapse = 20", "collapse = 19"))
