"""An indicator that fails is told of, and the others are worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lpact_eval as lp
from lpact_eval.errors import EstimationError
from lpact_eval.evaluation import run
from lpact_eval.resources import plan_file

if TYPE_CHECKING:
    from pathlib import Path

    from lpact_eval.evaluation.promises import Indicator
    from lpact_eval.evaluation.rows import Prepared, Row

STARTS = ("5.1", "5.2")


@pytest.fixture
def two(own: Path) -> Path:
    """The plan of one indicator, and the shipped plan's second."""
    text = plan_file().read_text(encoding="utf-8")
    start = text.index('[[indicator]]\nid = "5.2"')
    second = text[start : text.index("[[indicator]]", start + 1)]
    own.write_text(own.read_text(encoding="utf-8") + "\n" + second, encoding="utf-8")
    return own


@pytest.mark.parametrize("failing", STARTS)
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EstimationError("the fit did not converge"), "the fit did not converge"),
        (ValueError("answer 'Jane Doe'"), "it failed (ValueError): report this as a fault of the program"),
    ],
)
def test_whichever_indicator_fails_the_other_is_worked_out(
    two: Path, monkeypatch: pytest.MonkeyPatch, *, failing: str, error: Exception, reason: str
) -> None:
    levels = run.level_rows

    def broken(prepared: Prepared, indicator: Indicator) -> list[Row]:
        if indicator.id == failing:
            raise error
        return levels(prepared, indicator)

    monkeypatch.setattr(run, "level_rows", broken)
    results = lp.run_plan(lp.read_plan(two))
    table = results.indicators.set_index(["id", "analysis"])
    assert table.loc[(failing, "change"), "status"] == "refused"
    assert table.loc[(failing, "change"), "reason"] == reason
    (other,) = {*STARTS} - {failing}
    assert table.loc[(other, "change"), "status"] == "result"

    accounts = lp.publish(results).accounts
    assert accounts is not None
    promised = accounts.promises.set_index("indicator")
    assert reason in str(promised.loc[failing, "reason"])
    assert f"indicator {failing}, change" in set(accounts.departures["what"])
    assert "Jane Doe" not in str(accounts.promises.to_dict()) + str(accounts.departures.to_dict())
