"""The hand-made release with all that may stand beside a comparison of attendees with others, as it is cleared."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from lpact_eval.disclosure.published import Published

EVERYONE = "All respondents"
INDICATOR = "conf_overall-gap"
PLAIN, OVERLAP = "regression", "overlap weights"
UNLIKE = "attendees differ from others in Age group, Sex"
TOO_FEW = "fewer than 5 in the smaller arm for each column of adjusters (Black)"
HOLDS_ZERO = "The interval already holds 0, so chance alone may account for it: no unmeasured reason is needed."
NEEDED = "To explain this away, an unmeasured reason would have to make both attending and that answer likelier."
ANSWERS = (
    ("Age group", "16 to 34", -0.52, 0.03),
    ("Age group", "35 and over", 0.52, -0.03),
    ("Sex", "Female", -0.31, 0.0),
    ("Sex", "Male", 0.31, 0.0),
)


def attended(published: Published) -> Published:
    """Put other methods, balance, scores, unmeasured reasons and numbers of events beside the first question's gap."""
    own = published.rows["indicator"] == INDICATOR
    gaps = published.rows[own & published.rows["measure"].isin(["gap", "gap difference"])]
    rows = [published.rows[~published.rows.index.isin(gaps.index)]]
    for place in range(len(gaps)):
        gap = gaps.iloc[[place]]
        rows += [gap, _beside(gap, "not adjusted", 0.11, UNLIKE), _beside(gap, OVERLAP, 0.01)]
    whole = pd.concat(rows, ignore_index=True)
    refused = (whole["group"] == "Black") & (whole["row"] == OVERLAP)
    whole.loc[refused, ["estimate", "conf_low", "conf_high"]] = math.nan
    whole.loc[refused, ["tier", "mark", "note", "chart"]] = ["refused", "[x]", TOO_FEW, False]
    groups = list(dict.fromkeys(gaps.loc[gaps["measure"] == "gap", "group"]))
    shown = set(gaps.loc[gaps["estimate"].notna(), "group"])
    return replace(
        published,
        rows=whole,
        balance=pd.DataFrame([line for group in groups for line in _balance(group, shown=group in shown)]),
        overlap=pd.DataFrame([line for group in groups for line in _overlap(group, shown=group == EVERYONE)]),
        strength=pd.DataFrame([line for group in groups for line in _strength(group, shown=group in shown)]),
        dose=pd.concat([_dose(gaps, group) for group in groups], ignore_index=True),
    )


def _beside(gap: pd.DataFrame, row: str, more: float, flags: str = "") -> pd.DataFrame:
    """The same gap by another method: so much larger, in no family of tests."""
    shifted = {name: gap[name] + more for name in ("estimate", "conf_low", "conf_high")}
    flagged = "not adjusted for anything; " + flags if flags else ""
    return gap.assign(row=row, main=False, family="", p_value=math.nan, p_adjusted=math.nan, flags=flagged, **shifted)


def _keys(group: str, method: str = OVERLAP) -> dict[str, object]:
    by = "" if group == EVERYONE else "ethnicity"
    return {"indicator": INDICATOR, "wave": "rerun", "by": by, "group": group, "method": method}


def _balance(group: str, *, shown: bool) -> list[dict[str, object]]:
    blank = {"smd_before": math.nan, "rounded_to": math.nan, "smd_after": math.nan, "largest": "", "mark": "[c]"}
    if not shown:
        return [{**_keys(group, method), "covariate": "", "answer": "", **blank} for method in (PLAIN, OVERLAP)]
    return [
        {
            **_keys(group, method),
            "covariate": covariate,
            "answer": answer,
            "smd_before": before,
            "rounded_to": 0.01,
            "smd_after": before if method == PLAIN else after,
            "largest": "" if method == PLAIN else "under 0.10",
            "mark": "",
        }
        for method in (PLAIN, OVERLAP)
        for covariate, answer, before, after in ANSWERS
    ]


def _overlap(group: str, *, shown: bool) -> list[dict[str, object]]:
    keys = {name: value for name, value in _keys(group).items() if name != "method"}
    if not shown:
        return [{**keys, "arm": "", "low": math.nan, "high": math.nan, "share": math.nan, "mark": "[u]"}]
    bins = (("attended", 0.1, 0.4, 0.4), ("attended", 0.4, 0.6, 0.6), ("not attended", 0.0, 0.3, 1.0))
    return [
        {**keys, "arm": arm, "low": low, "high": high, "share": share, "mark": ""} for arm, low, high, share in bins
    ]


def _strength(group: str, *, shown: bool) -> list[dict[str, object]]:
    blank = {"measure": "", "covariate": "", "times": math.nan, "value": math.nan, "reading": "", "approximate": False}
    if not shown:
        return [{**_keys(group, PLAIN), **blank, "mark": "[c]"}]
    whole = "At worst, an unmeasured reason as strong as 'Sex' would take this from +9 points to +4 points."
    lines = (
        ("e-value", "", 1.78, NEEDED),
        ("e-value of the interval", "", 1.0, HOLDS_ZERO if group == EVERYONE else "At 1.2 times it would reach 0."),
        ("robustness value", "", 0.098, "About 10% of both."),
        ("benchmark", "Sex", 0.0451, whole),
        ("benchmark", "Age group", math.nan, ""),
    )
    return [
        {
            **_keys(group, PLAIN),
            "measure": measure,
            "covariate": covariate,
            "times": 1.0 if covariate else math.nan,
            "value": value,
            "reading": reading,
            "approximate": measure in {"robustness value", "benchmark"},
            "mark": "" if reading else "[c]",
        }
        for measure, covariate, value, reading in lines
    ]


def _dose(gaps: pd.DataFrame, group: str) -> pd.DataFrame:
    """A group's gap as rows by number of events; only all respondents' have numbers."""
    gap = gaps[gaps["group"] == group]
    gone = {} if group == EVERYONE else {"mark": "[c]", "tier": "suppressed", "estimate": math.nan}
    gone |= {"conf_low": math.nan, "conf_high": math.nan} if gone else {}
    flags = "3+ events count as 3" if not gone else ""
    made = gap.assign(measure="dose", family="exploratory", flags=flags, **gone)
    return pd.concat([made.assign(step=step) for step in ("per event", "1 - 0", "2+ - 0", "1+ - 0", "trend")])
