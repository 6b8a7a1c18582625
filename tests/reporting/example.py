"""A hand-made set of results in the form of the contract, for tests of publication and reports.

The numbers follow from shares and bases written down here by textbook formulas; nothing comes from the package.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field, replace

import pandas as pd

from lpact_eval.sample import Wave

WAVES = (
    Wave(
        "2022",
        "Public confidence survey 2022",
        dt.date(2022, 5, 16),
        dt.date(2022, 7, 29),
        "interviewer, paper",
        synthetic=True,
        file="2022.sav",
        sha256="a" * 64,
    ),
    Wave(
        "rerun",
        "Public confidence survey, re-run",
        dt.date(2026, 5, 11),
        dt.date(2026, 8, 14),
        "online, paper",
        synthetic=True,
        file="rerun.csv",
        sha256="b" * 64,
    ),
)
GROUPS = ("Asian", "Black", "Mixed", "White", "Other")
FIRST = {"All respondents": 296, "Asian": 58, "Black": 56, "Mixed": 13, "White": 160, "Other": 6}
SECOND = {"All respondents": 441, "Asian": 82, "Black": 134, "Mixed": 31, "White": 176, "Other": 14}
ATTENDED = {"All respondents": 117, "Asian": 12, "Black": 64, "Mixed": 11, "White": 28, "Other": 2}
CONFIDENT = "strongly agree or tend to agree"


@dataclass(frozen=True)
class Item:
    """A question with the share of favourable answers by wave and group."""

    name: str
    title: str
    answer: str
    role: str
    first: dict[str, float] | None
    second: dict[str, float]
    comparable: str = "full"
    gap: dict[str, float] | None = None


def _shares(*values: float) -> dict[str, float]:
    return dict(zip(("All respondents", *GROUPS), values, strict=True))


ITEMS = (
    Item(
        "conf_overall",
        "Confidence in the police in this area",
        CONFIDENT,
        "primary",
        _shares(0.592, 0.613, 0.412, 0.53, 0.641, 0.5),
        _shares(0.618, 0.634, 0.527, 0.56, 0.659, 0.51),
        gap=_shares(0.094, 0.05, 0.121, 0.08, 0.07, 0.06),
    ),
    Item(
        "trust_force",
        "Trust in Leicestershire Police",
        CONFIDENT,
        "primary",
        _shares(0.571, 0.6, 0.312, 0.5, 0.632, 0.45),
        _shares(0.622, 0.61, 0.561, 0.55, 0.651, 0.49),
        gap=_shares(0.131, 0.06, 0.223, 0.09, 0.09, 0.07),
    ),
    Item(
        "good_job",
        "How good a job the police in this area are doing",
        "excellent or good",
        "exploratory",
        _shares(0.51, 0.52, 0.38, 0.46, 0.55, 0.4),
        _shares(0.53, 0.55, 0.44, 0.5, 0.56, 0.45),
        comparable="partial",
    ),
    Item(
        "ss_fair",
        "Confidence that stop and search is used fairly",
        "very or fairly confident",
        "exploratory",
        _shares(0.41, 0.44, 0.22, 0.36, 0.47, 0.35),
        _shares(0.47, 0.49, 0.31, 0.4, 0.52, 0.41),
        comparable="none",
    ),
    Item(
        "know_officer",
        "Knows a local officer to speak to",
        "yes",
        "exploratory",
        None,
        _shares(0.312, 0.28, 0.386, 0.3, 0.27, 0.29),
    ),
)


@dataclass(frozen=True)
class ExamplePlan:
    """What a plan may say of the survey."""

    title: str = "Confidence in the police and LPACT events"
    first_event: dt.date = dt.date(2022, 7, 4)
    adjusters: tuple[str, ...] = ("age_band", "sex", "area", "contact_12m", "stopped_12m")
    population: str = "adults aged 16 and over in the Leicestershire Police force area"
    geography: str = "Leicestershire Police force area"
    force: str = "Leicestershire Police"
    recruitment: str = "Volunteers reached by officers at community groups and venues; later also by an open link."
    plan_file: str = "evaluation-plan.toml"
    plan_sha256: str = "c" * 64
    seed: int = 20260511


@dataclass(frozen=True)
class ExampleResults:
    """Results in the form of the contract."""

    rows: pd.DataFrame
    indicators: pd.DataFrame
    weights: pd.DataFrame
    ledger: pd.DataFrame
    audit: pd.DataFrame
    waves: tuple[Wave, ...] = WAVES
    plan: ExamplePlan = field(default_factory=ExamplePlan)
    margins: pd.DataFrame = field(default_factory=pd.DataFrame)
    steps: pd.DataFrame = field(default_factory=pd.DataFrame)
    sensitivity: pd.DataFrame = field(default_factory=pd.DataFrame)
    composition: pd.DataFrame = field(default_factory=pd.DataFrame)
    selection: pd.DataFrame = field(default_factory=pd.DataFrame)


def results(*, times: int = 1) -> ExampleResults:
    """Make results; with `times` every base is that many times as large."""
    rows = [row for item in ITEMS for row in _item_rows(item, times)]
    made = ExampleResults(pd.DataFrame(rows), _indicators(), _weights(times), _ledger(times), _audit(times))
    beside = {"composition": _composition(made.rows), "selection": _selection(made.rows)}
    return replace(made, margins=_margins(times), steps=_steps(), sensitivity=_sensitivity(made.rows), **beside)


def _item_rows(item: Item, times: int) -> list[dict[str, object]]:
    """Lay an item out: levels by wave, changes, gaps."""
    rows: list[dict[str, object]] = []
    for group in ("All respondents", *GROUPS):
        if item.first is not None:
            rows.append(_level(item, "2022", group, share=item.first[group], n=FIRST[group] * times))
        rows.append(_level(item, "rerun", group, share=item.second[group], n=SECOND[group] * times))
    if item.first is not None:
        rows += [
            row
            for group in ("All respondents", *GROUPS)
            for row in _three_rows(_change(item, group, item.first[group], times))
        ]
    if item.gap is not None:
        rows += [_gap(item, group, item.gap[group], times) for group in ("All respondents", *GROUPS)]
        rows.append(_gap_difference(item, item.gap["Black"] - item.gap["White"], times))
    return rows


def _frame(item: Item, measure: str, wave: str, group: str) -> dict[str, object]:
    everyone = group == "All respondents"
    primary = item.role == "primary" and group == "Black"
    return {
        "indicator": f"{item.name}-{'gap' if measure.startswith('gap') else 'trend'}",
        "outcome": 5,
        "role": "primary" if primary else "exploratory",
        "measure": measure,
        "variable": item.name,
        "title": item.title,
        "answer": item.answer,
        "wave": wave,
        "by": "" if everyone else "ethnicity",
        "group": group,
        "weights": "population" if everyone else "within group",
        "row": "standardised",
        "main": True,
        "family": "primary 1" if primary and measure == "change" else "exploratory",
        "equivalent": "",
    }


def _numbers(estimate: float, error: float, *, shift: float = 0.0) -> dict[str, object]:
    """A textbook interval; the p-value is that of the normal test of zero."""
    p_value = math.erfc(abs(estimate) / error / math.sqrt(2)) if error else math.nan
    return {
        "estimate": estimate,
        "std_error": error,
        "conf_low": estimate - 1.96 * error + shift,
        "conf_high": estimate + 1.96 * error + shift,
        "df": 40.0,
        "p_value": p_value,
        "p_adjusted": min(1.0, 2 * p_value),
    }


def _bases(
    n: int, *, first: int | None = None, second: int | None = None, detectable: float = math.nan
) -> dict[str, object]:
    return {
        "n": n,
        "n_effective": n / 1.31,
        "design_effect": 1.31,
        "n_first": first,
        "n_second": second,
        "detectable": detectable,
    }


def _ends(comparable: str = "full", flags: str = "", refused: str = "") -> dict[str, object]:
    return {"comparable": comparable, "flags": flags, "refused": refused}


def _level(item: Item, wave: str, group: str, *, share: float, n: int) -> dict[str, object]:
    error = math.sqrt(1.31 * share * (1 - share) / n)
    numbers = {**_numbers(share, error), "p_value": math.nan, "p_adjusted": math.nan}
    return {**_frame(item, "level", wave, group), **numbers, **_bases(n), **_ends()}


def _change(item: Item, group: str, first: float, times: int) -> dict[str, object]:
    second, n_first, n_second = item.second[group], FIRST[group] * times, SECOND[group] * times
    error = math.sqrt(1.31 * (first * (1 - first) / n_first + second * (1 - second) / n_second))
    bases = _bases(n_first + n_second, first=n_first, second=n_second, detectable=2.8 * error)
    row = {**_frame(item, "change", "rerun - 2022", group), **_numbers(second - first, error), **bases}
    if item.comparable == "none":
        refused = "The answers changed from four to five, so the two surveys can't be compared."
        return {**row, **_numbers(math.nan, math.nan), **_ends("none", refused=refused)}
    return {**row, **_ends(item.comparable, "mode changed" if item.comparable == "partial" else "")}


def _three_rows(change: dict[str, object]) -> list[dict[str, object]]:
    """Put the other two rows beside a change: a point and two points higher, in no family of tests."""
    beside: list[dict[str, object]] = [
        {
            **change,
            **{name: change[name] + shift for name in ("estimate", "conf_low", "conf_high")},  # pyright: ignore[reportOperatorIssue] - numbers
            "row": row,
            "main": False,
            "role": "exploratory",
            "family": "",
            "p_adjusted": math.nan,
        }
        for row, shift in (("as collected", 0.012), ("balanced", 0.024))
    ]
    return [change, *beside]


def _gap(item: Item, group: str, gap: float, times: int) -> dict[str, object]:
    attended, others = ATTENDED[group] * times, (SECOND[group] - ATTENDED[group]) * times
    error = math.sqrt(1.31 * 0.24 * (1 / attended + 1 / others))
    bases = _bases(attended + others, first=attended, second=others)
    return {**_frame(item, "gap", "rerun", group), **_numbers(gap, error), **bases, **_ends()}


def _gap_difference(item: Item, value: float, times: int) -> dict[str, object]:
    arms = [
        ATTENDED["Black"],
        SECOND["Black"] - ATTENDED["Black"],
        ATTENDED["White"],
        SECOND["White"] - ATTENDED["White"],
    ]
    error = math.sqrt(sum(1.31 * 0.24 / (arm * times) for arm in arms))
    row = {**_frame(item, "gap difference", "rerun", "Black - White"), **_numbers(value, error)}
    return {**row, **_bases(sum(arms) * times), **_ends()}


def _indicators() -> pd.DataFrame:
    rows: list[dict[str, object]] = [
        {
            "id": f"{item.name}-trend",
            "outcome": 5,
            "title": item.title,
            "role": item.role,
            "analysis": "change between waves by ethnicity" if item.first else "level by ethnicity",
            "rule": "A change is clear when the adjusted p-value is below 0.05.",
            "status": "refused" if item.comparable == "none" else "result",
            "reason": "The answers changed." if item.comparable == "none" else "",
        }
        for item in ITEMS
    ]
    rows.append(
        {
            "id": "events-held",
            "outcome": 1,
            "title": "Events held",
            "role": "exploratory",
            "analysis": "count",
            "rule": "",
            "status": "not collected",
            "reason": "There is no event register yet.",
        }
    )
    return pd.DataFrame(rows)


def _weights(times: int) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for wave, sizes in (("2022", FIRST), ("rerun", SECOND)):
        for kind in ("within group", "population"):
            for group, n in sizes.items():
                by = "" if group == "All respondents" else "ethnicity"
                flags = "fewer than 50 respondents" if n * times < 50 else ""
                spread = {"smallest": 0.31, "largest": 3.2, "largest_over_mean": 3.2, "flags": flags}
                size = {"n": n * times, "n_effective": n * times / 1.31, "design_effect": 1.31}
                rows.append({"wave": wave, "weights": kind, "by": by, "group": group, **size, **spread})
    return pd.DataFrame(rows)


def _margins(times: int) -> pd.DataFrame:
    """Ethnic group of all respondents, and sex by group: three in five are women, half of the population."""
    rows: list[dict[str, object]] = []
    for wave, sizes in (("2022", FIRST), ("rerun", SECOND)):
        every = {"wave": wave, "weights": "population", "by": "", "group": "All respondents"}
        total = sum(sizes[group] for group in GROUPS)
        for group in GROUPS:
            shares = {"n": sizes[group] * times, "target": 0.2, "before": sizes[group] / total, "after": 0.2}
            rows.append({**every, "variable": "ethnicity", "title": "Ethnic group", "category": group, **shares})
        for group in GROUPS:
            inside = {"wave": wave, "weights": "within group", "by": "ethnicity", "group": group}
            women = round(0.6 * sizes[group] * times)
            for category, n in (("Female", women), ("Male", sizes[group] * times - women)):
                shares = {"n": n, "target": 0.5, "before": n / (sizes[group] * times), "after": 0.5}
                rows.append({**inside, "variable": "sex", "title": "Sex", "category": category, **shares})
    return pd.DataFrame(rows)


def _steps() -> pd.DataFrame:
    merged = "Other: Age group: 16-24 + 25-34 merged (fewer than 10 respondents in a category)"
    rows = [
        {
            "wave": wave,
            "weights": kind,
            "iterations": 5,
            "trimmed": 0.0,
            "notes": merged if kind != "population" else "",
        }
        for wave in ("2022", "rerun")
        for kind in ("population", "within group")
    ]
    return pd.DataFrame(rows)


def _sensitivity(rows: pd.DataFrame) -> pd.DataFrame:
    """The first question's changes, two points higher without those whose age or sex is not known."""
    chosen = rows[(rows["variable"] == "conf_overall") & (rows["measure"] == "change") & rows["main"]]
    lines: list[dict[str, object]] = []
    for _, row in chosen[chosen["group"].isin(["All respondents", "Black", "Other"])].iterrows():
        named = {name: row[name] for name in ("indicator", "title", "measure", "wave", "group")}
        for policy, more in (("keep", 0.0), ("leave out", 0.02)):
            numbers = {name: row[name] + more for name in ("estimate", "conf_low", "conf_high")}
            lines.append({**named, "policy": policy, "declared": not more, **numbers, "sensitive": False})
    return pd.DataFrame(lines)


def _first_changes(rows: pd.DataFrame) -> list[tuple[dict[str, object], float]]:
    """Name the first question's changes among all, Black and Other respondents, with their estimates."""
    chosen = rows[(rows["variable"] == "conf_overall") & (rows["measure"] == "change") & rows["main"]]
    chosen = chosen[chosen["group"].isin(["All respondents", "Black", "Other"])]
    names = ("indicator", "title", "wave", "by", "group")
    return [({name: row[name] for name in names}, float(row["estimate"])) for row in chosen.to_dict("records")]


def _composition(rows: pd.DataFrame) -> pd.DataFrame:
    """Part changes by sex: a point from the make-up of respondents, the rest from answers."""
    lines: list[dict[str, object]] = []
    for named, change in _first_changes(rows):
        for part, value in (("rate", change - 0.012), ("composition", 0.012), ("total", change)):
            numbers = {"estimate": value, "std_error": 0.04, "conf_low": value - 0.08, "conf_high": value + 0.08}
            lines.append({**named, "along": "sex", "along_title": "Sex", "part": part, **numbers, "refused": ""})
    return pd.DataFrame(lines)


def _selection(rows: pd.DataFrame) -> pd.DataFrame:
    """Tipping points: odds of .412 and .527, and an officer present for 20 and 40 per cent."""
    lines: list[dict[str, object]] = []
    for named, change in _first_changes(rows):
        shared = {**named, "minus": "2022", "level": "rerun", "change": change, "change_end": 0.0, "refused": ""}
        missing = dict.fromkeys(("observed", "observed_low", "observed_high"), math.nan)
        ratio = 0.527 / 0.473 / (0.412 / 0.588)
        taking_part = {"first": 0.412, "second": 0.527, "tipping": ratio, "tipping_end": 1.0, "n_least": 0, **missing}
        present = {"first": 0.2, "second": 0.4, "tipping": change / 0.2, "tipping_end": 0.0, "n_least": 40}
        seen = {"observed": 0.05, "observed_low": -0.08, "observed_high": 0.18}
        lines.append({**shared, "kind": "participation", "answer": "", **taking_part})
        lines.append({**shared, "kind": "interviewer", "answer": "police officer", **present, **seen})
    return pd.DataFrame(lines)


def _ledger(times: int) -> pd.DataFrame:
    rows = [
        ("2022", "delivered", 311 * times),
        ("2022", "blank", 2 * times),
        ("2022", "duplicate", 13 * times),
        ("2022", "kept", 296 * times),
        ("rerun", "delivered", 460 * times),
        ("rerun", "duplicate", 11 * times),
        ("rerun", "no consent", 8 * times),
        ("rerun", "kept", 441 * times),
    ]
    return pd.DataFrame(rows, columns=["wave", "reason", "rows"])


def _audit(times: int) -> pd.DataFrame:
    reasons = {"partial": "Wording shortened in the re-run.", "none": "Four answers in 2022, five in the re-run."}
    titles = {item.name: item.title for item in ITEMS}
    extra = {
        "age_band": "Age group",
        "sex": "Sex",
        "area": "Local authority area",
        "contact_12m": "Contact with the police in the last 12 months",
        "stopped_12m": "Stopped by the police in the last 12 months",
    }
    comparable = {item.name: item.comparable for item in ITEMS}
    rows: list[dict[str, object]] = []
    for name, title in {**titles, **extra}.items():
        for wave, total in (("2022", 296 * times), ("rerun", 441 * times)):
            asked = not (wave == "2022" and name == "know_officer")
            mark = comparable.get(name, "full")
            rows.append(
                {
                    "variable": name,
                    "title": title,
                    "wave": wave,
                    "asked_as": f"Question as asked: {title}" if asked else "",
                    "scale": "5 answers" if asked else "",
                    "comparable": mark if asked else "not asked",
                    "reason": reasons.get(mark, "") if asked and wave == "rerun" else "",
                    "answered": total - 24 * times if asked else 0,
                    "dont_know": 12 * times if asked else 0,
                    "prefer_not": 10 * times if asked else 0,
                    "blank": 2 * times if asked else 0,
                    "not_asked": 0 if asked else total,
                }
            )
    return pd.DataFrame(rows)
