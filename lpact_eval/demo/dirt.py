"""The dirt of real deliveries, planted on purpose and counted, so that tests can ask for every piece of it back."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd
from numpy.random import Generator

# Rows beyond the respondents who are kept, by what is wrong with them.
PLANTED_ROWS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "2022": {"exact copy": 2, "unfinished version": 1, "blank": 1, "outside fieldwork": 1},
        "rerun": {"exact copy": 2, "unfinished version": 2, "blank": 1, "outside fieldwork": 1, "no consent": 3},
    }
)
CONSENT = "I agree that my answers may be used for this evaluation"
# Cells of the 2022 wave: ages that nobody has, and a code that no answer of the question has.
IMPOSSIBLE_AGES = ("999", "4")
MISKEYED = ("q2_good_job", "7", 2)

_BEFORE, _AFTER = -0.5, 0.5  # where a planted row stands beside the row it belongs to
_MARKS_2022 = ("RespID", "Synthetic", "IntDate")
_MARKS_RERUN = ("Response ID", "Started", "Ended", "Email Address", "Data", CONSENT)
_ANSWERED_FIRST = 10  # columns filled in a version that was not finished
_HARD_SPACE = "\u00a0"

Planted = list[tuple[float, pd.DataFrame]]


def plant_2022(kept: pd.DataFrame, others: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """Plant dirt in the 2022 wave.

    Parameters
    ----------
    kept : DataFrame
        The respondents' rows; not changed.
    others : DataFrame
        Answers of people who were drawn beside them, for rows that have to be set aside.
    rng : Generator

    Returns
    -------
    DataFrame
        Copies, an unfinished version, a blank row, a pilot interview, impossible ages and codes.
    """
    kept = kept.copy()
    rows = [int(row) for row in rng.permutation(len(kept))]
    kept.loc[rows[:2], "age"] = IMPOSSIBLE_AGES
    column, code, cells = MISKEYED
    kept.loc[rows[2 : 2 + cells], column] = code
    last = float(len(kept))
    planted: Planted = [
        (rows[10] + _AFTER, kept.loc[[rows[10]]]),
        (last, kept.loc[[rows[11]]]),
        (rows[12] + _BEFORE, _unfinished(kept.loc[[rows[12]]], _MARKS_2022)),
        (last + 1, _blank(kept.loc[[rows[13]]], _MARKS_2022, {"RespID": "SYN-22-9001"})),
        (-1.0, _person(kept.loc[[0]], others.iloc[0], {"RespID": "SYN-22-9002", "IntDate": "2022-05-09"})),
    ]
    return _in_order(kept, planted)


def plant_rerun(kept: pd.DataFrame, others: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """Plant dirt in the re-run.

    Parameters
    ----------
    kept, others, rng
        As for the 2022 wave.

    Returns
    -------
    DataFrame
        Copies, unfinished versions, a blank row, a trial entry, refused consent, spaces and hard spaces.
    """
    rows = [int(row) for row in rng.permutation(len(kept))]
    trial = {"Response ID": "SYN-R-9002", "Started": "28/08/2024 15:02:00", "Ended": "28/08/2024 15:09:00"}
    last = float(len(kept))
    planted: Planted = [
        (rows[10] + _AFTER, kept.loc[[rows[10]]]),
        (last, kept.loc[[rows[11]]]),
        (rows[12] + _BEFORE, _unfinished(kept.loc[[rows[12]]], _MARKS_RERUN)),
        (rows[13] + _BEFORE, _unfinished(kept.loc[[rows[13]]], _MARKS_RERUN)),
        (last + 1, _blank(kept.loc[[rows[14]]], _MARKS_RERUN, {"Response ID": "SYN-R-9001"})),
        (-1.0, _person(kept.loc[[0]], others.iloc[0], trial)),
    ]
    for number, row in enumerate(rows[15:18], 1):
        refused = {"Response ID": f"SYN-R-901{number}", CONSENT: "No"}
        planted.append((row + _AFTER, _person(kept.loc[[row]], others.iloc[number], refused)))
    return _with_spaces(_in_order(kept, planted), rng)


def _unfinished(row: pd.DataFrame, marks: Sequence[str]) -> pd.DataFrame:
    """Keep a row's marks and first answers, as if the respondent had stopped."""
    return row.assign(**dict.fromkeys(row.columns[len(marks) + _ANSWERED_FIRST :], ""))


def _blank(row: pd.DataFrame, marks: Sequence[str], identity: Mapping[str, str]) -> pd.DataFrame:
    """Keep a row's marks under another id, and nothing else."""
    emptied = dict.fromkeys((name for name in row.columns if name not in marks), "")
    return row.assign(**emptied, **identity)


def _person(row: pd.DataFrame, answers: pd.Series, identity: Mapping[str, str]) -> pd.DataFrame:
    """Put another person's answers behind a row's marks."""
    filled = row.copy()
    filled[list(answers.index)] = list(answers)
    return filled.assign(**identity)


def _in_order(kept: pd.DataFrame, planted: Planted) -> pd.DataFrame:
    """Put planted rows where they belong."""
    places = [*map(float, range(len(kept))), *(place for place, _ in planted)]
    rows = pd.concat([kept, *(row for _, row in planted)], ignore_index=True)
    order = sorted(range(len(rows)), key=places.__getitem__)
    return rows.iloc[order].reset_index(drop=True)


def _with_spaces(rows: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """Put spaces behind some answers, and hard spaces into some headers."""
    rows = rows.copy()
    for column in rows.columns[len(_MARKS_RERUN) + 4 :: 3]:
        places = rng.permutation(len(rows))[:4]
        rows.loc[places, column] = [f"{text}  " if text else "" for text in rows.loc[places, column]]
    headers = [
        name.replace(" ", _HARD_SPACE, 2) if place % 6 == 0 and place > len(_MARKS_RERUN) else name
        for place, name in enumerate(rows.columns)
    ]
    return rows.set_axis(headers, axis=1)
