from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lpact_eval.disclosure.rules import UK, Dominance, Rules, find_rules
from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("base", "tier"),
    [
        (1, "suppressed"),
        (9, "suppressed"),
        (10, "withheld"),
        (29, "withheld"),
        (30, "indicative"),
        (49, "indicative"),
        (50, "small"),
        (99, "small"),
        (100, "full"),
    ],
)
def test_each_base_has_its_tier_under_the_uk_rules(base: int, tier: str) -> None:
    assert UK.tier(base) == tier


def test_rules_are_found_by_name_or_used_as_given() -> None:
    own = Rules("own", "Our own", 5, 20, 40, 80, 40)
    assert find_rules("uk") is UK
    assert find_rules(own) is own


def test_unknown_rules_are_wrong_use_and_the_message_names_the_known_ones() -> None:
    with pytest.raises(WrongUseError, match=r"'french': known are \['nchs', 'uk'\]"):
        find_rules("french")


def test_the_shipped_sets_hold_what_their_sources_say() -> None:
    nchs = find_rules("nchs")
    assert nchs.proportions is not None
    assert (nchs.withhold_below, nchs.proportions.effective_below, nchs.proportions.few_df) == (30, 30, 8)
    assert (nchs.proportions.widest, nchs.proportions.narrow, nchs.proportions.widest_relative) == (0.30, 0.05, 1.30)
    assert UK.proportions is None
    assert [nchs.tier(base) for base in (9, 10, 29, 30)] == ["suppressed", "withheld", "withheld", "full"]


OWN = """title = "Our own"
suppress_below = 5
withhold_below = 20
indicative_below = 40
small_below = 80
uniform_below = 40
"""


def test_rules_of_ones_own_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(OWN, encoding="utf-8")
    assert find_rules(str(file)) == Rules("ours", "Our own", 5, 20, 40, 80, 40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (OWN + "supress_below = 3\n", r"'supress_below'\] are not known; .* Did you mean 'suppress_below'\?"),
        (OWN.replace("small_below = 80\n", ""), r"\['small_below'\] are not there"),
        (OWN.replace("= 80", '= "80"'), "small_below must be a whole number above 0"),
        (OWN.replace("= 80", "= true"), "small_below must be a whole number above 0"),
        (OWN.replace("= 80", "= 30"), r"\[5, 20, 40, 30\]; they must not fall"),
        (OWN.replace("below = 5\n", "below = 2\n"), "the first is 3 or more"),
        (
            OWN + "[proportions]\nwidest = 0.3\n",
            r"\['effective_below', 'narrow', 'widest_relative', 'few_df'\] are not",
        ),
        (OWN + "proportions = 3\n", r"\['proportions'\] are not known"),
        (OWN + "[dominance]\nlargest = 1\n", r"\['share'\] are not there"),
        (OWN + "[dominance]\nshare = 1.5\n", r"share and within of \[dominance\] lie between 0 and 1"),
        (OWN + "[dominance]\nshare = 0.5\nwithin = 2\n", "share and within"),
        (OWN + '[dominance]\nshare = 0.5\naction = "drop"\n', "action must be one of flag, hide"),
        (OWN + "[dominance]\nshare = 0.5\nlargest = 1.5\n", "largest must be a whole number above 0"),
        (OWN + "[dominance]\nshare = 0.5\nwithn = 0.1\n", "Did you mean 'within'"),
        ("title = ", "it is no TOML"),
    ],
)
def test_rules_that_cannot_be_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongUseError, match=message):
        find_rules(str(file))


@pytest.mark.parametrize("asked", ["[rounding]\nbase = 5\n", "rounding = 5\n", "rounding = true\n", "[rounding]\n"])
def test_rounded_counts_are_refused_and_never_left_unrounded_in_silence(tmp_path: Path, asked: str) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(OWN + asked, encoding="utf-8")
    with pytest.raises(WrongUseError, match=r"Cannot publish with rounded counts.*would tell what was rounded"):
        find_rules(str(file))


def test_rules_on_dominance_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(OWN + '[dominance]\nshare = 0.6\nlargest = 2\nwithin = 0.1\naction = "hide"\n', encoding="utf-8")
    assert find_rules(str(file)).dominance == Dominance(0.6, 2, 0.1, "hide")
    assert UK.dominance == Dominance(0.75)
    assert find_rules("nchs").dominance is None


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="it can't be read"):
        find_rules(str(tmp_path / "none.toml"))
