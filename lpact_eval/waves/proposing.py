"""Which delivered column seems to hold which harmonised variable, and what the others seem to be."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lpact_eval.waves.looking import SHARED, Looked, LookedColumn
from lpact_eval.waves.matching import AnswerMatch, answer_words, match_answers, missing_kind, question_score
from lpact_eval.waves.schema import Schema

THRESHOLD = 68  # per cent; below it nothing is proposed
_BY_ANSWERS = 82.0  # per cent, for answers that only one variable has
_FEW_ANSWERS = 40  # per cent of the answers alike; below it only the very same question is proposed
_SURE = 90
_LISTED = 3  # answers that make a list of its own
_OPTION = re.compile(r"^(.*)(?:\s[-\u2013|]\s)(.*?)$")
_TICKS = frozenset({"1", "yes", "true", "x", "checked", "selected", "0", "no", "false", "not selected", "unchecked"})
_CONSENT = re.compile(r"\b(consent|i agree that|agree to take part|happy to take part)\b", re.IGNORECASE)
_WEIGHT_TITLE = re.compile(
    r"\b(level|survey|final|design|individual|person|case) weight\b|\bweight to be used\b", re.IGNORECASE
)
_WEIGHT = re.compile(r"^(weight|wt|wgt|weighting|final ?weight|w\d?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """One harmonised variable and the delivered columns that seem to hold it.

    Attributes
    ----------
    variable : str
    score : float
        How alike they are, in per cent.
    columns : tuple of LookedColumn
        One, or one an option of a set.
    answers : mapping of str to AnswerMatch
        Delivered code (or name of the option's column) to answer.
    separator : str
        Between the options of a set in one column.
    """

    variable: str
    score: float
    columns: tuple[LookedColumn, ...] = field(repr=False)
    answers: Mapping[str, AnswerMatch] = field(default_factory=dict[str, AnswerMatch], repr=False)
    separator: str = ""


def propose(looked: Looked, schema: Schema) -> dict[str, Proposal]:
    """Propose columns for harmonised variables, the most alike first; each column and each variable once."""
    pairs = [
        *_sets(looked.columns, schema),
        *(
            pair
            for column in looked.columns
            if column.type not in {"id", "date", "personal"}
            for variable in schema.variables
            if (pair := _pair(column, variable, schema)) and pair.score >= THRESHOLD
        ),
    ]
    found: dict[str, Proposal] = {}
    taken: set[str] = set()
    for pair in sorted(pairs, key=lambda pair: (len(pair.columns) == 1, -pair.score)):
        names = {column.name for column in pair.columns}
        if pair.variable not in found and not names & taken:
            found[pair.variable] = pair
            taken |= names
    return {name: found[name] for name in schema.variables if name in found and _needed(name, found, schema)}


def _needed(name: str, found: Mapping[str, Proposal], schema: Schema) -> bool:
    """Leave out what is derived of a variable that is proposed itself."""
    source = schema.variables[name].source
    while source and source not in found:
        source = schema.variables[source].source
    return not source


def consent_column(columns: Sequence[LookedColumn]) -> tuple[LookedColumn, list[str]] | None:
    """Find the question for consent and the codes that give it."""
    for column in columns:
        given = [code for code, label in column.codes.items() if label.casefold() in {"yes", "agree", "i agree"}]
        if given and (_CONSENT.search(column.title) or _CONSENT.search(column.name)):
            return column, given
    return None


def weight_column(columns: Sequence[LookedColumn]) -> LookedColumn | None:
    """Find a column of weights."""
    return next(
        (
            one
            for one in columns
            if one.type == "number" and (_WEIGHT.match(one.name) or _WEIGHT_TITLE.search(one.title))
        ),
        None,
    )


def _pair(column: LookedColumn, variable: str, schema: Schema) -> Proposal | None:
    """Compare one column with one variable by question and answers."""
    meaning = schema.variables[variable]
    question = question_score(column.name, column.title, variable, meaning)
    if meaning.kind == "number":
        return Proposal(variable, question, (column,)) if column.type == "number" else None
    if meaning.kind == "text":
        return Proposal(variable, question, (column,)) if column.type in {"text", "coded"} else None
    if meaning.kind == "set":
        return _set_in_a_cell(column, variable, schema, question)
    if column.type == "text" and not meaning.source and meaning.kind == "category":
        return Proposal(variable, question, (column,))
    return _closed(column, variable, schema, question) if column.type == "coded" else None


def _closed(column: LookedColumn, variable: str, schema: Schema, question: float) -> Proposal | None:
    """Compare a closed question; what its answers are counts for a third."""
    answers = schema.answers(variable)
    labels = {code: label for code, label in column.codes.items() if missing_kind(label) is None}
    matched = match_answers(labels, answers)
    alike = sum(match.score for match in matched.values()) / max(len(labels), 1)
    if not matched or (alike < _FEW_ANSWERS and question < _SURE):
        return None
    score = 0.65 * question + 0.35 * alike
    meaning = schema.variables[variable]
    own = meaning.kind != "yes_no" and not meaning.scale and not (meaning.source and meaning.groups)
    if own and len(matched) == len(labels) >= _LISTED and alike >= _SURE:
        score = max(score, _BY_ANSWERS)
    return Proposal(variable, score, (column,), matched)


def _set_in_a_cell(column: LookedColumn, variable: str, schema: Schema, question: float) -> Proposal | None:
    """Compare a column whose cells list several options."""
    if column.type not in {"text", "coded"} or not any(";" in text for text in column.column.texts):
        return None
    rows: dict[str, int] = {}
    for text, count in zip(column.column.texts, column.column.counts(), strict=True):
        for option in {" ".join(part.split()) for part in text.split(";")} - {""}:
            rows[option] = rows.get(option, 0) + int(count)
    known = {answer_words(answer) for answer in schema.answers(variable)}
    shown = {option: option for option, count in rows.items() if count >= SHARED or answer_words(option) in known}
    matched = match_answers(shown, schema.answers(variable))
    return Proposal(variable, question, (column,), matched, ";") if matched else None


def _sets(columns: Sequence[LookedColumn], schema: Schema) -> list[Proposal]:
    """Find questions with one delivered column an option: "question - option"."""
    groups: dict[str, list[tuple[LookedColumn, str]]] = {}
    for column in columns:
        parts = _OPTION.match(column.title)
        if parts and _ticked(column, parts[2]):
            groups.setdefault(parts[1], []).append((column, parts[2]))
    found: list[Proposal] = []
    for question, options in groups.items():
        labels = {column.name: option for column, option in options}
        for variable, meaning in schema.variables.items():
            score = question_score("", question, variable, meaning) if meaning.kind == "set" else 0.0
            matched = match_answers(labels, schema.answers(variable)) if score >= THRESHOLD else {}
            if matched:
                found.append(Proposal(variable, score, tuple(column for column, _ in options), matched))
    return found


def _ticked(column: LookedColumn, option: str) -> bool:
    """Tell whether a column holds ticks only."""
    return all(text.casefold() in _TICKS | {option.casefold()} for text in column.column.texts)
