"""What communities are told: what they said, what was done, what can't be done and why, and what still waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lpact_eval.evidence.action_states import NOT_KNOWN, action_states
from lpact_eval.evidence.theme_paths import paths_of, theme_records
from lpact_eval.frames import records_of
from lpact_eval.waves.contacts import looks_personal
from lpact_eval.waves.personal import KINDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from lpact_eval.evidence.records import Evidence

CANNOT_COLUMNS: Final = (
    *("theme", "workstream", "department", "reason", "raised"),
    *("told", "told_to", "is_told", "days", "withheld"),
)
SAID_COLUMNS: Final = (
    *("workstream", "theme", "said", "done", "cannot", "why", "waiting"),
    *("confirmed", "days_waiting", "withheld"),
)
NO_REASON: Final = "no reason on record"
NO_ACTION: Final = "no action yet"
NO_DEPARTMENT: Final = "department not named"
_YOUNGEST: Final = 10  # years before the records from which a date may be a birthday


def cannot_act_rows(evidence: Evidence) -> pd.DataFrame:
    """List what can't be done, with the reasons and whether people were told.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        theme (title), workstream, department, reason ("no reason on record" where there is none), raised, told (dates;
        missing where not told or on no known day), told_to (audiences), is_told, days (from raised to told, or to the
        day of the record), withheld (texts taken out because they look personal, 0 or 1); in the order in which it was
        raised. It is no tidy table: it is the list itself.
    """
    log = action_states(evidence)
    listed = log[log["is_refused"] | log["is_silent"]].sort_values(["raised", "action"], kind="stable")
    last = listed["told"].where(listed["told"].notna(), pd.Timestamp(evidence.as_of))
    undated = listed["is_told"] & listed["told"].isna()
    days = (last - listed["raised"]).dt.days.astype(float).mask(undated)
    reasons = [without_personal(reason, evidence.as_of) for reason in listed["reason"]]
    found = pd.DataFrame(
        {
            "theme": listed["title"],
            "workstream": listed["workstream"],
            "department": listed["department"].replace(NOT_KNOWN, NO_DEPARTMENT),
            "reason": [text or NO_REASON for text, _ in reasons],
            "raised": listed["raised"],
            "told": listed["told"],
            "told_to": listed["told_to"].map(", ".join),
            "is_told": listed["is_told"],
            "days": days.where(days >= 0),
            "withheld": [count for _, count in reasons],
        },
        columns=list(CANNOT_COLUMNS),
    )
    return found.reset_index(drop=True)


def you_said_rows(evidence: Evidence) -> pd.DataFrame:
    """Lay out: you said, we did, we can't and why.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        A row for each theme that the focus group confirmed, or that somebody acts on and it did not reject, by
        workstream: workstream, theme (title), said (the focus group's wording where it amended, else the title), done
        and cannot (departments), why (reasons), waiting (departments that have neither done it nor said why not;
        "no action yet"), confirmed, days_waiting (of the action that has waited longest; missing where none does),
        withheld (texts taken out because they look personal).
    """
    records, paths = theme_records(evidence), paths_of(evidence)
    wanted = paths[paths["confirmed"] | (paths["has_action"] & (paths["verdict"] != "reject"))]
    wordings = _wordings(records.verdicts)
    actions: dict[str, list[dict[str, object]]] = {}
    for row in records_of(records.actions):
        actions.setdefault(str(row["theme"]), []).append(row)
    rows: list[dict[str, object]] = []
    for theme, title, stream, verdict, confirmed in zip(
        *(wanted[name] for name in ("theme", "title", "workstream", "verdict", "confirmed")), strict=True
    ):
        worded = wordings.get(str(theme), "") if verdict == "amend" else ""
        said, taken_out = without_personal(worded, evidence.as_of)
        row = {"workstream": stream, "theme": title, "said": said or title, "confirmed": bool(confirmed)}
        rows.append(row | _answers(actions.get(str(theme), []), evidence.as_of, taken_out))
    order = list(dict.fromkeys(str(theme.workstream) for theme in evidence.schema.themes.values()))
    found = pd.DataFrame(rows, columns=list(SAID_COLUMNS))
    return found.sort_values("workstream", key=lambda one: one.map(order.index), kind="stable", ignore_index=True)


def without_personal(text: str, as_of: dt.date) -> tuple[str, int]:
    """Replace a text in which something looks personal by a note, and say whether it was.

    Parameters
    ----------
    text : str
    as_of : date
        Day of the records.

    Returns
    -------
    text : str
    withheld : int
        1 where it was replaced, else 0.
    """
    folded = " ".join(text.split())
    kind = looks_personal(folded, latest=as_of.year - _YOUNGEST)
    return (f"[taken out: it holds what looks like {KINDS[kind][0]}]", 1) if kind else (folded, 0)


def _wordings(verdicts: pd.DataFrame) -> Mapping[str, str]:
    """Find the focus group's latest wording of every theme that it amended."""
    worded = verdicts[(verdicts["verdict"] == "amend") & verdicts["reworded"].fillna("").str.strip().ne("")]
    last = worded.sort_values("meeting", kind="stable").drop_duplicates("theme", keep="last")
    return dict(zip(last["theme"].astype(str), last["reworded"].astype(str), strict=True))


def _answers(actions: Sequence[dict[str, object]], as_of: dt.date, taken_out: int) -> dict[str, object]:
    """Say what became of a theme's actions."""
    cannot = [row for row in actions if row["is_refused"] or row["is_silent"]]
    waits = [row for row in actions if not (row["is_done"] or row["is_refused"] or row["is_silent"])]
    reasons = [without_personal(str(one), as_of) for one in dict.fromkeys(row["reason"] for row in cannot)]
    begun = [row["raised"] for row in waits if isinstance(row["raised"], pd.Timestamp)]
    return {
        "done": _departments(row["department"] for row in actions if row["is_done"]),
        "cannot": _departments(row["department"] for row in cannot),
        "why": "; ".join(dict.fromkeys(text or NO_REASON for text, _ in reasons)),
        "waiting": _departments(row["department"] for row in waits) if actions else NO_ACTION,
        "days_waiting": float((pd.Timestamp(as_of) - min(begun)).days) if begun else float("nan"),
        "withheld": taken_out + sum(count for _, count in reasons),
    }


def _departments(names: Iterable[object]) -> str:
    """Name departments once each, in the order of the log."""
    return ", ".join(dict.fromkeys(NO_DEPARTMENT if name == NOT_KNOWN else str(name) for name in names))
