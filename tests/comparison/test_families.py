from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

import lpact_eval as lp
from lpact_eval.comparison.families import NOBODY
from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.reporting.lint import hits

ITEMS = ["fair", "listens", "trust"]
SCALE = ("agree", "neither", "disagree")


def sample(seed: int = 3, n: int = 300, *, effect: float = 0.0) -> lp.Sample:
    """Three items of one scale, half of the respondents attended."""
    rng = np.random.default_rng(seed)
    went = rng.permutation(n) % 2 == 0
    frame = pd.DataFrame(
        {
            "weight": rng.uniform(0.5, 2, n),
            "ethnicity": rng.permutation(np.resize(["Black", "White"], n)),
            "sex": rng.permutation(np.resize(["Female", "Male"], n)),
            "went": np.where(went, "yes", "no"),
        }
    )
    for item in ITEMS:
        latent = effect * went + rng.normal(0, 1, n)
        answers = np.select([latent > 0.5, latent > -0.5], SCALE[:2], SCALE[2])
        frame[item] = pd.Categorical(answers, categories=list(SCALE), ordered=True)
    book = {name: lp.Variable(name, name.title(), kind="scale", answers=SCALE, positive=("agree",)) for name in ITEMS}
    return replace(lp.Sample.from_frame(frame, weight="weight"), codebook=MappingProxyType(book))


def compared(at: lp.Sample, **changes: object) -> lp.AttendanceItems:
    arguments: dict[str, object] = {"items": ITEMS, "attended": "went", "adjust": "sex"}
    return lp.attendance_items(at, **(arguments | changes))


def without(at: lp.Sample, item: str) -> lp.Sample:
    """Take all answers to an item away."""
    return replace(at, answers=at.answers.assign(**{item: at.answers[item].where([False] * len(at))}))


@pytest.mark.parametrize("method", ["regression", "overlap"])
def test_every_item_keeps_the_comparison_that_it_has_alone(method: str) -> None:
    at = sample()
    got = compared(at, method=method, index=ITEMS)
    assert list(got.gaps) == [*ITEMS, "index"]
    indexed = lp.add_index(at, "index", ITEMS)
    for item in got.gaps:
        alone = lp.attendance_gap(indexed, item, attended="went", adjust="sex", method=method)
        rows = got.frame[got.frame["item"] == item]
        np.testing.assert_array_equal(rows["estimate"], alone.estimate.value)
        np.testing.assert_array_equal(rows["conf_low"], alone.estimate.to_frame()["conf_low"])
        np.testing.assert_array_equal(rows["p_value"], alone.test["p_value"])
        assert tuple(rows["flags"]) == alone.flags
        assert list(rows["ethnicity"]) == ["All respondents", "Black", "White", "White - Black"] or (
            list(rows["ethnicity"]) == ["All respondents", "Black", "White", "Black - White"]
        )


def test_without_a_declared_family_everything_is_exploratory() -> None:
    got = compared(sample())
    assert set(got.frame["family"]) == {"exploratory"}
    np.testing.assert_allclose(got.frame["p_adjusted"], lp.adjust(got.frame["p_value"].to_numpy(), method="BH"))
    assert got.families.startswith("No family was declared")


def test_primary_items_are_holms_over_their_domains_and_the_rest_is_apart() -> None:
    got = compared(sample(), primary=["fair", "trust"]).frame
    primary = got["family"] == "primary"
    assert set(zip(got["item"][primary], got["ethnicity"][primary], strict=True)) == {
        (item, group) for item in ("fair", "trust") for group in ("Black", "White")
    }
    p_value = got["p_value"].to_numpy()
    np.testing.assert_allclose(got["p_adjusted"][primary], lp.adjust(p_value[primary], method="holm"))
    np.testing.assert_allclose(got["p_adjusted"][~primary], lp.adjust(p_value[~primary], method="BH"))


def test_families_in_series_open_one_after_the_other() -> None:
    got = compared(sample(effect=1.0), primary=[["fair"], ["listens", "trust"]], among="Black").frame
    first, second = (got[got["family"] == name] for name in ("primary 1", "primary 2"))
    assert list(first["item"]) == ["fair"]
    assert list(second["item"]) == ["listens", "trust"]
    own = lp.adjust(second["p_value"].to_numpy(), method="holm")
    np.testing.assert_allclose(second["p_adjusted"], np.maximum(own, first["p_value"].iloc[0]))


def test_an_item_that_nobody_answered_is_refused_and_closes_the_gate() -> None:
    got = compared(without(sample(effect=1.0), "fair"), primary=[["fair"], ["listens", "trust"]], among="Black")
    row = got.frame[got.frame["item"] == "fair"].iloc[0]
    assert row["refused"] == NOBODY
    assert row["family"] == "primary 1"
    assert "fair" not in got.gaps
    assert (got.frame["p_adjusted"][got.frame["family"] == "primary 2"] == 1).all()


def test_an_item_that_can_not_be_compared_is_a_row_with_its_reason_and_the_others_stand() -> None:
    at = sample()
    at = replace(at, answers=at.answers.assign(colour=np.resize(["red", "blue"], 300)))
    got = compared(at, items=["colour", "fair"], primary=["colour", "fair"])
    row = got.frame[got.frame["item"] == "colour"].iloc[0]
    assert row["refused"].startswith("Cannot average 'colour'")
    assert row["family"] == "primary"
    assert list(got.gaps) == ["fair"]
    with pytest.raises(EstimationError, match="Cannot average 'colour'"):
        compared(at, items=["colour"])


def test_what_is_wrong_for_every_item_raises() -> None:
    with pytest.raises(EstimationError, match=r"there is no variable \['shoes'\]"):
        compared(sample(), adjust="shoes")


def test_refused_groups_are_not_counted_in_their_family() -> None:
    at = sample()
    black = np.flatnonzero(at.answers["ethnicity"] == "Black")
    went = at.answers["went"].to_numpy(dtype=object).copy()
    went[black] = "no"
    went[black[:9]] = "yes"
    got = compared(replace(at, answers=at.answers.assign(went=went)), primary=["fair", "trust"]).frame
    primary = got[(got["family"] == "primary") & (got["ethnicity"] == "White")]
    np.testing.assert_allclose(primary["p_adjusted"], lp.adjust(primary["p_value"].to_numpy()))
    assert got["p_adjusted"][got["ethnicity"] == "Black"].isna().all()
    assert (got["refused"][got["ethnicity"] == "Black"] == "fewer than 10 attended (Black)").all()


def test_without_domains_the_primary_family_is_about_all_respondents() -> None:
    got = compared(sample(), by=(), primary=["index"], index=ITEMS)
    assert list(got.frame["family"]) == ["exploratory"] * 3 + ["primary"]
    assert got.among == ("All respondents",)
    assert got.primary == (("index",),)


def test_other_answers_may_count() -> None:
    at = sample()
    got = compared(at, answers={"fair": ["agree", "neither"]})
    alone = lp.attendance_gap(at, "fair", ["agree", "neither"], attended="went", adjust="sex")
    np.testing.assert_array_equal(got.frame["estimate"][:4], alone.estimate.value)


def test_the_declaration_is_printed_and_keeps_to_the_rules_of_reports() -> None:
    texts: list[str] = []
    for primary in (None, ["fair"], [["fair"], ["trust", "index"]]):
        got = compared(sample(), primary=primary, index=ITEMS)
        assert got.families in repr(got)
        assert "Intervals are not adjusted" in got.families
        texts += [got.families, got.not_shown]
    assert not hits(texts)
    assert "Declared as primary: fair; then trust, index, among Black, White" in texts[-2]


def test_wrong_families_and_items_raise() -> None:
    at = sample()
    with pytest.raises(WrongUseError, match=r"\['fair'\] stand twice"):
        compared(at, items=["fair", "fair"])
    with pytest.raises(WrongUseError, match="there are none"):
        compared(at, items=[])
    with pytest.raises(EstimationError, match=r"there is no variable \['shoes'\]"):
        compared(at, items=["shoes"])
    with pytest.raises(WrongUseError, match=r"Cannot test \['index'\] in a primary family: they are none of the items"):
        compared(at, primary=["index"])
    with pytest.raises(WrongUseError, match=r"Cannot test \['fair'\] in two primary families"):
        compared(at, primary=[["fair"], ["fair", "trust"]])
    with pytest.raises(WrongUseError, match=r"Cannot make primary families among \['Green'\]: there are"):
        compared(at, primary=["fair"], among="Green")
