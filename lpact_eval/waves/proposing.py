"""Which delivered column seems to hold which harmonised variable, and what the others seem to be."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lpact_eval.sample import BoolArray
from lpact_eval.waves.codelists import plain
from lpact_eval.waves.contacts import asks_for_birth
from lpact_eval.waves.items import CodeListName, Derivation
from lpact_eval.waves.likely_list import beyond_list, likely_list
from lpact_eval.waves.looking import SHARED, Looked, LookedColumn
from lpact_eval.waves.lookup_proposals import has_census_groups, known_wordings, likely_answer
from lpact_eval.waves.matching import AnswerMatch, answer_words, match_answers, missing_kind, question_score
from lpact_eval.waves.schema import Meaning, Schema

THRESHOLD = 68  # per cent; below it nothing is proposed
_AGE = "age"  # the variable that dates of birth lead to
_BY_ANSWERS = 82.0  # per cent, for answers that only one variable has
_FEW_ANSWERS = 40  # per cent of the answers alike; below it only the very same question is proposed
_SURE = 90
_LISTED = 3  # answers that make a list of its own
_OPTION = re.compile(r"^(.*?)(?:\s\|\s)(.*)$|^(.*)(?:\s[-\u2013]\s)(.*?)$")
_COMMA = re.compile(r", (?![a-z])")  # what follows a comma in small letters goes on with the option
_ONE_CHOICE = 0.98  # of the rows with a tick have one only, at least
_TICKS = frozenset({"1", "yes", "true", "x", "checked", "selected", "0", "no", "false", "not selected", "unchecked"})
_CONSENT = re.compile(r"\b(consent|i agree that|agree to take part|happy to take part)\b", re.IGNORECASE)
_PREVIEW = re.compile(r"\b(preview|test|spam)\b", re.IGNORECASE)
_NO_RESPONSE = frozenset({"1", "2", "8", "9", "12", "17", "40"})  # in Qualtrics: previews, tests, spam
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
    derive : str
        What a number is worked out from, where the column holds a date or year of birth.
    asked : str
        The question, where each of its options is a column.
    codes : str
        Standard list of ethnic groups that the column is written in; `answers` has what is beyond it.

    A closed question without any answer is one whose column is known and whose answers are not.
    """

    variable: str
    score: float
    columns: tuple[LookedColumn, ...] = field(repr=False)
    answers: Mapping[str, AnswerMatch] = field(default_factory=dict[str, AnswerMatch], repr=False)
    separator: str = ""
    derive: Derivation = ""
    asked: str = ""
    codes: CodeListName = ""


def propose(looked: Looked, schema: Schema) -> dict[str, Proposal]:
    """Propose columns for harmonised variables, the most alike first; each column and each variable once."""
    groups = _option_groups(looked.columns)
    options = {column for group in groups.values() if _own_texts(group) for column, _ in group}
    pairs = [
        *_sets(groups, schema),
        *_choices(groups, schema),
        *(
            pair
            for column in looked.columns
            if column not in options
            for variable in schema.variables
            if column.type not in {"id", "date", "personal"} or (variable == _AGE and column.type == "date")
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


def response_columns(columns: Sequence[LookedColumn]) -> list[tuple[LookedColumn, list[str]]]:
    """Find what the tool says of each row, where some are previews or tests, and the codes of the others."""
    found: list[tuple[LookedColumn, list[str]]] = []
    for column in columns:
        if column.name == "Status" and column.title == "Response Type":  # as Qualtrics writes them
            texts = column.column.texts
            kept = [text for text in texts if text not in _NO_RESPONSE and not _PREVIEW.search(text)]
            if kept and len(kept) < len(texts):
                found.append((column, kept))
    return found


def routing(name: str, found: Mapping[str, Proposal]) -> tuple[str, list[str]] | None:
    """Find the closed question some of whose answers lead past a set: its column, and the codes that lead there."""
    answered = np.any([column.column.codes >= 0 for column in found[name].columns], axis=0)
    for other in (one for one in found.values() if one.variable != name and one.answers and not one.separator):
        for column in other.columns:
            asked, past = _led(column, answered, list(other.columns if other.asked else ()))
            if asked and past >= SHARED:
                return column.name, asked
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


def _led(column: LookedColumn, answered: BoolArray, options: Sequence[LookedColumn]) -> tuple[list[str], int]:
    """List the codes of which many answered a set, and count the rows with other codes, of which nobody did."""
    rows = {code: column.column.codes == place for place, code in enumerate(column.column.texts)}
    asked = [code for code, here in rows.items() if 2 * int((here & answered).sum()) > int(here.sum())]
    others = np.any([one.column.codes >= 0 for one in options], axis=0) if options else column.column.codes >= 0
    past = others & ~np.any([here for code, here in rows.items() if code in asked], axis=0)
    fits = bool(asked) and set(asked) <= set(column.codes) and not (past & answered).any()
    return (asked, int(past.sum())) if fits else ([], 0)


def _pair(column: LookedColumn, variable: str, schema: Schema) -> Proposal | None:
    """Compare one column with one variable by question and answers."""
    meaning = schema.variables[variable]
    question = question_score(column.name, column.title, variable, meaning)
    if meaning.kind == "number":
        return _number(column, variable, question)
    if meaning.kind == "text":
        numbered = meaning.paradata and column.type == "number"  # sites may be numbered
        return Proposal(variable, question, (column,)) if numbered or column.type in {"text", "coded"} else None
    if meaning.kind == "set":
        return _set_in_a_cell(column, variable, schema, question)
    written = column.type in {"text", "coded"} and meaning.kind == "category"
    if written and (codes := likely_list(column.column, schema.answers(variable))):
        beyond = _beyond(column, codes, schema.answers(variable))
        return Proposal(variable, max(0.65 * question + 35, _BY_ANSWERS), (column,), beyond, codes=codes)
    if column.type == "text" and not meaning.source and meaning.kind == "category":
        return Proposal(variable, question, (column,))
    return _closed(column, variable, schema, question) if column.type == "coded" else None


def _beyond(column: LookedColumn, codes: CodeListName, answers: Sequence[str]) -> dict[str, AnswerMatch]:
    """Match the codes beyond a standard list, where they may be shown."""
    shown = {code: column.codes[code] for code in beyond_list(column.column, codes) if code in column.codes}
    return _matched({code: label for code, label in shown.items() if missing_kind(label) is None}, answers)


def _number(column: LookedColumn, variable: str, question: float) -> Proposal | None:
    """Compare a column of numbers; a date or year of birth holds an age."""
    if variable == _AGE and asks_for_birth(f"{column.name} {column.title}"):
        derive = "age from date of birth" if column.type == "date" else "age from year of birth"
        return Proposal(variable, _BY_ANSWERS, (column,), derive=derive) if column.type in {"date", "number"} else None
    return Proposal(variable, question, (column,)) if column.type == "number" else None


def _closed(column: LookedColumn, variable: str, schema: Schema, question: float) -> Proposal | None:
    """Compare a closed question; what its answers are counts for a third."""
    answers = schema.answers(variable)
    labels = {code: label for code, label in column.codes.items() if missing_kind(label) is None}
    matched = _matched(labels, answers)
    score = _closed_score(question, len(labels), matched, schema.variables[variable])
    return Proposal(variable, score, (column,), matched) if score else None


def _closed_score(question: float, options: int, matched: Mapping[str, AnswerMatch], meaning: Meaning) -> float:
    """Weigh question and answers; 0 where neither is alike."""
    alike = sum(match.score for match in matched.values()) / max(options, 1)
    if question < _SURE and (not matched or alike < _FEW_ANSWERS):
        return 0.0
    score = max(0.65 * question + 0.35 * alike, THRESHOLD if question >= _SURE else 0.0)
    own = meaning.kind != "yes_no" and not meaning.scale and not (meaning.source and meaning.groups)
    if own and len(matched) == options >= _LISTED and alike >= _SURE:
        score = max(score, _BY_ANSWERS)
    return score


def _matched(labels: Mapping[str, str], answers: Sequence[str]) -> dict[str, AnswerMatch]:
    """Match answers; ethnic groups by the census's wordings alone, since labels of unlike groups share most words."""
    if not has_census_groups(answers):
        return match_answers(labels, answers)
    known = known_wordings(answers, {})
    found = {code: likely_answer(label, known) for code, label in labels.items()}
    return {
        code: AnswerMatch(answer, 100.0 if plain(labels[code]) in known else float(_SURE))
        for code, answer in found.items()
        if answer in answers
    }


def _set_in_a_cell(column: LookedColumn, variable: str, schema: Schema, question: float) -> Proposal | None:
    """Compare a column whose cells list several options."""
    texts = column.column.texts
    separator = next((one for one in (";", ", ") if any(one in text for text in texts)), "")
    if column.type not in {"text", "coded"} or not separator or question < THRESHOLD:
        return None
    rows: dict[str, int] = {}
    for text, count in zip(column.column.texts, column.column.counts(), strict=True):
        for option in {" ".join(part.split()) for part in _parts(text, separator)} - {""}:
            rows[option] = rows.get(option, 0) + int(count)
    known = {answer_words(answer) for answer in schema.answers(variable)}
    shown = {option: option for option, count in rows.items() if count >= SHARED or answer_words(option) in known}
    matched = match_answers(shown, schema.answers(variable), options=True)
    return Proposal(variable, question, (column,), matched, separator) if matched else None


def _parts(text: str, separator: str) -> list[str]:
    """Split a cell into options."""
    return text.split(separator) if separator == ";" else _COMMA.split(text)


def _option_groups(columns: Sequence[LookedColumn]) -> dict[str, list[tuple[LookedColumn, str]]]:
    """Find questions with one delivered column an option: "question - option"."""
    groups: dict[str, list[tuple[LookedColumn, str]]] = {}
    for column in columns:
        parts = _OPTION.match(column.title)
        question, option = (parts[1] or parts[3], parts[2] or parts[4]) if parts else ("", "")
        if question and option and _ticked(column, option):
            groups.setdefault(question, []).append((column, option))
    return groups


def _own_texts(group: Sequence[tuple[LookedColumn, str]]) -> bool:
    """Tell whether several columns hold nothing but the option that each is called after."""
    texts = [text.casefold() == option.casefold() for column, option in group for text in column.column.texts]
    return len(group) > 1 and bool(texts) and all(texts)


def _choices(groups: Mapping[str, Sequence[tuple[LookedColumn, str]]], schema: Schema) -> Iterator[Proposal]:
    """Find questions with a single answer and one delivered column an option."""
    for asked, group in groups.items():
        if not _own_texts(group) or not _one_a_row(group):
            continue
        columns = tuple(column for column, _ in group)
        kinds = {column.name: kind for column, option in group if (kind := missing_kind(option))}
        labels = {column.name: option for column, option in group if column.name not in kinds}
        for variable, meaning in schema.variables.items():
            if meaning.kind not in {"scale", "category", "yes_no"}:
                continue
            matched = _matched(labels, schema.answers(variable))
            score = _closed_score(question_score("", asked, variable, meaning), len(labels), matched, meaning)
            if matched and score >= THRESHOLD:
                absent = {name: AnswerMatch(kind, 100.0) for name, kind in kinds.items()}
                yield Proposal(variable, score, columns, {**matched, **absent}, asked=asked)


def _one_a_row(group: Sequence[tuple[LookedColumn, str]]) -> bool:
    """Tell whether hardly anybody ticked two options."""
    ticks = np.sum([column.column.codes >= 0 for column, _ in group], axis=0)
    return bool((ticks == 1).sum() >= _ONE_CHOICE * (ticks > 0).sum())


def _sets(groups: Mapping[str, Sequence[tuple[LookedColumn, str]]], schema: Schema) -> list[Proposal]:
    """Match questions with several answers and one delivered column an option."""
    found: list[Proposal] = []
    for question, options in groups.items():
        labels = {column.name: option for column, option in options}
        for variable, meaning in schema.variables.items():
            score = question_score("", question, variable, meaning) if meaning.kind == "set" else 0.0
            matched = match_answers(labels, schema.answers(variable), options=True) if score >= THRESHOLD else {}
            if matched:
                found.append(Proposal(variable, score, tuple(column for column, _ in options), matched))
    return found


def _ticked(column: LookedColumn, option: str) -> bool:
    """Tell whether a column holds ticks only."""
    return all(text.casefold() in _TICKS | {option.casefold()} for text in column.column.texts)
