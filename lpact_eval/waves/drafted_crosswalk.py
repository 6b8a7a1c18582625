"""The crosswalk of a proposed definition, line by line, each marked for a person to review."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lpact_eval.waves.likely_list import beyond_list, other_list
from lpact_eval.waves.looking import LookedColumn
from lpact_eval.waves.matching import AnswerMatch, lacks_degree, missing_kind, reworded, without_number
from lpact_eval.waves.proposing import Proposal, routing
from lpact_eval.waves.schema import Schema

_OTHER_WORDS = 'if they may change answers, add comparable = "partial" and reason = "..."'


def crosswalk_lines(proposals: Mapping[str, Proposal], schema: Schema) -> Iterator[str]:
    """Write crosswalk.toml."""
    yield "# Proposed from the delivered file. Read each line marked review, correct it, and remove the mark."
    unclear = {name: proposal for name, proposal in proposals.items() if _is_open(proposal, schema)}
    for name, proposal in proposals.items():
        if name not in unclear:
            yield ""
            yield from _item_lines(proposal, schema, _asked_lines(name, proposals, schema))
    left = [name for name, meaning in schema.variables.items() if not meaning.source and name not in proposals]
    notes = [(name, "no column is like it") for name in left]
    notes += [(name, "asked, but its answers are not known: see the end of this file") for name in unclear]
    yield ""
    yield "[not_asked]"
    yield from listed("variables", notes)
    yield 'reason = "No delivered column was found for it."  # review: why it was not asked'
    for proposal in unclear.values():
        yield from _open_lines(proposal, schema)


def _open_lines(proposal: Proposal, schema: Schema) -> Iterator[str]:
    """Write the table of a question whose answers a person has to say, without effect until the marks are taken off."""
    name = proposal.variable
    yield ""
    yield f"# review: take the # off these lines, say what each answer means ({', '.join(schema.answers(name))}),"
    yield f"# and take {name} out of [not_asked]. lpact-eval check counts the answers that are not listed yet."
    for line in _item_lines(proposal, schema):
        yield line if line.startswith("#") else f"# {line}"
    yield f"# [{name}.answers]"
    for code, label in proposal.columns[0].codes.items():
        if missing_kind(label) is None:
            yield f'# {quoted(code)} = ""{"" if label == code else f"  # {quoted(label)}"}'


def _asked_lines(name: str, proposals: Mapping[str, Proposal], schema: Schema) -> Iterator[str]:
    """Say who was asked a question with several answers, whose empty cells don't tell."""
    routed = routing(name, proposals) if schema.variables[name].kind == "set" else None
    if routed:
        accept = ", ".join(map(quoted, routed[1]))
        rule = f"{{ column = {quoted(routed[0])}, accept = [{accept}] }}"
        yield f"asked_if = {rule}  # review: nobody else answered; empty cells of others count as not asked"


def _item_lines(proposal: Proposal, schema: Schema, asked: Iterable[str] = ()) -> Iterator[str]:
    """Write one variable's table."""
    name, column = proposal.variable, proposal.columns[0]
    meaning = schema.variables[name]
    yield f"[{name}]  # review: matched {_percent(proposal.score)}"
    yield from asked
    if proposal.asked or (meaning.kind == "set" and not proposal.separator):
        yield from _option_lines(proposal, schema)
        return
    yield f"column = {quoted(column.name)}  # review: matched {_percent(proposal.score)}"
    if reworded(column.title, meaning):
        yield _wording_line(column.title)
    yield from _kind_lines(proposal, schema)
    if proposal.answers:
        yield from _mapping_lines(f"{name}.answers", proposal.answers, column.codes)
    if proposal.answers or proposal.codes:
        yield from _unmapped_lines(proposal, column)
    yield from _missing_lines(name, column)


def _wording_line(title: str) -> str:
    """Write the question where it was asked in other words."""
    return f"wording = {quoted(without_number(title))}  # review: other words than the schema's; {_OTHER_WORDS}"


def _option_lines(proposal: Proposal, schema: Schema) -> Iterator[str]:
    """Write the delivered columns of a question, one an option."""
    if proposal.asked and reworded(proposal.asked, schema.variables[proposal.variable]):
        yield _wording_line(proposal.asked)
    if proposal.asked and schema.variables[proposal.variable].kind == "scale":
        yield from _comparable_lines(proposal.variable, proposal, schema)
    yield from _mapping_lines(f"{proposal.variable}.columns", proposal.answers, {})
    for option in proposal.columns:
        if option.name not in proposal.answers:
            yield f"# review: {quoted(option.name)} is like no answer; add it here, or to ignore_columns"


def _kind_lines(proposal: Proposal, schema: Schema) -> Iterator[str]:
    """Write what only one kind of variable has."""
    name, kind = proposal.variable, schema.variables[proposal.variable].kind
    if proposal.separator:
        yield f"separator = {quoted(proposal.separator)}  # review: between the options"
    if proposal.derive:
        yield f"derive = {quoted(proposal.derive)}  # review: the column itself goes no further"
        yield 'at = "interview"  # review: the day that ages hold for; or "fieldwork start", "fieldwork end"'
    if kind == "number":
        yield from _range_lines(name, schema)
    if proposal.codes:
        yield f"codes = {quoted(proposal.codes)}  # review: {_list_remark(proposal)}"
    if texts_for_lookup(proposal, schema) is not None:
        lookup = quoted(lookup_name(name))
        what = "texts beyond the list" if proposal.codes else "free text"
        yield f"lookup = {lookup}  # review: {what}; look --out writes this file, in which each line is checked"
    if kind == "scale" and proposal.answers:
        yield from _comparable_lines(name, proposal, schema)


def _list_remark(proposal: Proposal) -> str:
    """Say what the cells are written in, and which other list they could be of."""
    said = "nearly all cells are codes or wordings of this standard list"
    other = other_list(proposal.columns[0].column, proposal.codes) if proposal.codes else ""
    return f"{said}; {quoted(other)} if that was the question: nothing here tells them apart" if other else said


def _range_lines(name: str, schema: Schema) -> Iterator[str]:
    """Take the range of a number from the bands that are derived of it."""
    limits = [
        limit
        for meaning in schema.variables.values()
        if meaning.source == name
        for band in meaning.bands.values()
        for limit in band
    ]
    if limits:
        yield f"range = [{min(limits):g}, {max(limits):g}]  # review: numbers outside count as blank"


def _comparable_lines(name: str, proposal: Proposal, schema: Schema) -> Iterator[str]:
    """Mark a scale whose answers are not those of the schema, are worded otherwise, or run the other way."""
    answers = schema.answers(name)
    absent = [answer for answer in answers if answer not in {match.answer for match in proposal.answers.values()}]
    reasons = [f"Asked without the answer {', '.join(absent)}."] if absent else []
    reasons += [f"Worded otherwise: {', '.join(bare)}."] if (bare := list(_bare(proposal))) else []
    if reasons:
        why = "the scale has other answers" if absent else "the answers have other words, which may change them"
        full = '"full" if nobody happened to choose them' if absent else '"full" if you are sure that they do not'
        yield f'comparable = "partial"  # review: {why}; {full}'
        yield f"reason = {quoted(' '.join(reasons))}  # review: why it is not fully comparable"
        yield 'rule = "The other answers were matched by their words."  # review: remove it with the two lines above'
    numeric = all(code.isdigit() for code in proposal.answers)
    codes = [(int(code), answers.index(match.answer)) for code, match in proposal.answers.items() if numeric]
    places = [place for _, place in sorted(codes)]
    if len(places) > 1 and places == sorted(places, reverse=True):
        yield "# review: reversed; the highest code is the schema's first answer"


def _bare(proposal: Proposal) -> Iterator[str]:
    """Name answers without a degree that were matched to one with it: Agree, and tend to agree."""
    for column in proposal.columns:
        labels = {column.name: "".join(column.column.texts[:1])} if proposal.asked else column.codes
        for code, match in proposal.answers.items():
            label = labels.get(code, "")
            if lacks_degree(label, match.answer):
                yield f"{label} for {match.answer}"


def _mapping_lines(table: str, answers: Mapping[str, AnswerMatch], labels: Mapping[str, str]) -> Iterator[str]:
    """Write delivered codes and the answers that they seem to be."""
    yield f"[{table}]"
    for code, match in sorted(answers.items(), key=lambda pair: _order(pair[0])):
        label = labels.get(code, code)
        told = f"{quoted(label)}, " if label != code else ""
        yield f"{quoted(code)} = {quoted(match.answer)}  # review: {told}matched {_percent(match.score)}"


def _unmapped_lines(proposal: Proposal, column: LookedColumn) -> Iterator[str]:
    """Say which codes have no answer yet."""
    beyond = beyond_list(column.column, proposal.codes) if proposal.codes else list(column.codes)
    for code, label in column.codes.items():
        if code in beyond and code not in proposal.answers and missing_kind(label) is None and not proposal.separator:
            told = f" ({quoted(label)})" if label != code else ""
            yield f"# review: {quoted(code)}{told} is like no answer; add it here or to missing"
    if column.more and not proposal.codes:
        yield "# review: there are answers that are not shown here; lpact-eval check counts what is not mapped"


def _missing_lines(name: str, column: LookedColumn) -> Iterator[str]:
    """Write the codes that say why there is no answer."""
    kinds = {code: kind for code, label in column.codes.items() if (kind := missing_kind(label))}
    unlabelled = sorted(column.column.declared_missing - set(column.codes))
    if kinds or unlabelled:
        yield f"[{name}.missing]"
    for code, kind in sorted(kinds.items(), key=lambda pair: _order(pair[0])):
        label = column.codes[code]
        told = f"labelled {quoted(label)}" if label != code else "by its words"
        yield f"{quoted(code)} = {quoted(kind)}  # review: {told}"
    if unlabelled:
        yield "# review: the file declares further codes as missing without saying why; add what lpact-eval check lists"


def _order(code: str) -> tuple[int, str]:
    """Sort codes that are numbers by size, after them texts."""
    return (int(code), "") if re.fullmatch(r"-?\d{1,9}", code) else (10**9, code)


def _percent(score: float) -> str:
    """Write a likeness."""
    return f"{score:.0f} %"


def quoted(text: str) -> str:
    """Write a TOML string on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def listed(key: str, notes: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Write a list of names, one a line with its note."""
    if notes:
        yield f"{key} = ["
        for name, note in notes:
            yield f"  {quoted(name)},  # review: {note}"
        yield "]"


def lookup_name(variable: str) -> str:
    """Name the look-up file of a variable."""
    return f"{variable}_lookup.csv"


def is_free(proposal: Proposal, schema: Schema) -> bool:
    """Tell whether people wrote what the schema wants in categories."""
    free = proposal.columns[0].type == "text" and not (proposal.separator or proposal.answers or proposal.codes)
    return free and schema.variables[proposal.variable].kind == "category"


def texts_for_lookup(proposal: Proposal, schema: Schema) -> list[str] | None:
    """List the texts that a look-up file has to say the meaning of; None where no such file is needed."""
    column = proposal.columns[0]
    if is_free(proposal, schema):
        return [text for text in column.column.texts if text not in column.codes]
    if not proposal.codes or any(column.column.labels.values()):
        return None
    return [text for text in beyond_list(column.column, proposal.codes) if text not in column.codes] or None


def _is_open(proposal: Proposal, schema: Schema) -> bool:
    """Tell whether the column of a closed question is known and none of its answers is."""
    closed = schema.variables[proposal.variable].kind in {"scale", "category", "yes_no"}
    return closed and not (proposal.answers or proposal.codes) and not is_free(proposal, schema)
