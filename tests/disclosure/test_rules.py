from __future__ import annotations

import pytest

from lpact_eval.disclosure.rules import UK, Rules, find_rules
from lpact_eval.errors import WrongUseError


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
    with pytest.raises(WrongUseError, match=r"'french': known are \['uk'\]"):
        find_rules("french")
