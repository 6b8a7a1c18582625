"""Codes beside the file's value labels: labels that contradict a mapping, and codes that don't run along the scale."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from lpact_eval.waves.codelists import plain
from lpact_eval.waves.delivered import Column, as_number, fold
from lpact_eval.waves.items import Item
from lpact_eval.waves.lookup import folded
from lpact_eval.waves.points import says
from lpact_eval.waves.schema import Schema

_CLOSED = frozenset({"scale", "category", "yes_no"})
_NO_ANSWER = frozenset(
    {"don t know", "dont know", "do not know", "refused", "prefer not to say", "not asked", "not applicable"}
    | {"no answer", "not answered", "not stated", "no reply", "missing"}
)


def order_message(name: str, item: Item, column: Column, schema: Schema, *, where: str) -> str:
    """Refuse labels that contradict the mapping, and numeric codes that don't run along the scale; else say nothing.

    Parameters
    ----------
    name : str
        Harmonised variable.
    item : Item
    column : Column
        Delivered, with the file's labels.
    schema : Schema
    where : str
        File and line of the variable's table.
    """
    meaning = schema.variables[name]
    if meaning.kind not in _CLOSED or item.by == "label":
        return ""
    contradicted = [] if item.labels == "wrong" else list(_contradicted(item, column.labels, schema.answers(name)))
    if contradicted:
        return (
            f"{where}: {name!r}, column {column.name!r}: the file's labels contradict the mapping: "
            f"{'; '.join(contradicted)}. Correct [{name}.answers] and [{name}.missing], or say "
            'labels = "wrong" if it is the file that is wrong.'
        )
    return _unordered(name, item, column, schema.answers(name), where=where) if meaning.kind == "scale" else ""


def _contradicted(item: Item, labels: Mapping[str, str], answers: Sequence[str]) -> Iterator[str]:
    """Find codes whose label plainly says another answer, or a kind of missing, than they are mapped to."""
    for code, answer in item.answers.items():
        label = labels.get(fold(code), "")
        said = _said(label, answers)
        if said and said != answer and not says(label, answer):
            yield f"code {code!r}, label {label!r}, is mapped to {answer!r}"
        elif plain(label) in _NO_ANSWER and not said:
            yield f"code {code!r}, label {label!r}, is mapped to the answer {answer!r}"
    for code, kind in item.missing.items():
        label = labels.get(fold(code), "")
        if _said(label, answers):
            yield f"code {code!r}, label {label!r}, is mapped to {kind!r}"


def _unordered(name: str, item: Item, column: Column, answers: Sequence[str], *, where: str) -> str:
    """Refuse numeric codes that rise where the scale turns back, unless the labels confirm each of them."""
    places = {answer: place for place, answer in enumerate(answers)}
    coded = sorted(
        (number, code, answer)
        for code, answer in item.answers.items()
        if answer in places and (number := as_number(fold(code))) is not None
    )
    order = [places[answer] for _, _, answer in coded]
    steps = [later - earlier for earlier, later in itertools.pairwise(order)]
    confirmed = item.labels != "wrong" and all(
        says(column.labels.get(fold(code), ""), answer) for _, code, answer in coded
    )
    if item.order or confirmed or all(step >= 0 for step in steps) or all(step <= 0 for step in steps):
        return ""
    listed = ", ".join(f"{code} = {answer!r}" for _, code, answer in coded)
    return (
        f"{where}: {name!r}, column {column.name!r}: the codes don't run along the scale, and no labels in the file "
        f'confirm them: {listed}. Correct [{name}.answers], or say order = "as mapped" if the codes are right.'
    )


def _said(label: str, answers: Sequence[str]) -> str:
    """Name the one answer that a label plainly says; empty if it says none, or several."""
    same = [answer for answer in answers if plain(label) and plain(label) == plain(answer)]
    alike = same or [answer for answer in answers if len(plain(label).split()) > 1 and says(label, answer)]
    return alike[0] if len(alike) == 1 else ""


def label_of(text: str, column: Column, item: Item) -> str:
    """Return what a delivered code is looked up by: its label where the definition maps labels, else the code."""
    return folded(column.labels.get(text) or text) if item.by == "label" else text
