"""Points of a scale: a wave's own scale may lack some of the harmonised ones, or merge several of its own."""

import re
from collections.abc import Iterator, Sequence

from lpact_eval.sample import MISSING_KINDS
from lpact_eval.waves.codelists import plain
from lpact_eval.waves.items import Item
from lpact_eval.waves.located import Located
from lpact_eval.waves.matching import answer_words
from lpact_eval.waves.schema import Schema

_NUMBER = re.compile(r"^[+-]?\d{1,9}(\.\d*)?$", re.ASCII)


def point_problems(name: str, item: Item, schema: Schema, located: Located) -> Iterator[str]:
    """Find a scale of other points than the harmonised one that no rule explains, and rules without consequence."""
    meaning = schema.variables[name]
    if item.rule.strip() and item.comparable == "full":
        yield (
            f"{located.at(name, 'rule')}: {name!r} matches the points of another scale by a rule, so its answers are "
            'not fully comparable: state comparable = "partial" or "none".'
        )
    if meaning.kind != "scale" or meaning.paradata or item.lookup or item.rule.strip():
        return
    answers = schema.answers(name)
    mapped = set((item.columns or item.answers).values())
    unreached = [answer for answer in answers if answer not in mapped]
    said = [f"nothing maps to {_listed(unreached)}"] if unreached and mapped else []
    said += [] if meaning.bands or item.variants else list(_merged(item))
    if said:
        yield (
            f"{located.at(name)}: {name!r} has {len(answers)} answers, but {'; '.join(said)}. A scale of other points "
            'is harmonised only by a stated rule: add rule = "how its points were matched" and comparable = "partial" '
            f'or "none", or correct [{name}.answers]. {_variants_hint(said)}'.rstrip()
        )


def _merged(item: Item) -> Iterator[str]:
    """Say which delivered points lead to one answer; spellings of one point, and a code beside its text, don't."""
    points = item.columns or item.answers  # beside columns the answers are only what a tick looks like
    for answer in (one for one in dict.fromkeys(points.values()) if one not in MISSING_KINDS):
        codes = [code for code, to in points.items() if to == answer]
        coded = [code for code in codes if item.by != "label" and _NUMBER.match(code.strip())]
        numbers = {float(code): code for code in coded}
        texts = {_point(code, answer): code for code in codes if code not in coded}
        for several in (list(numbers.values()), list(texts.values())):
            if len(several) > 1:
                yield f"{_listed(several)} lead to the same answer {answer!r}"


def _point(text: str, answer: str) -> tuple[str, ...]:
    """Write a text so that spellings of one point are equal, and equal to the answer where it says just that."""
    return tuple(sorted(answer_words(answer if says(text, answer) else text)))


def _variants_hint(said: Sequence[str]) -> str:
    """Say how to declare that several texts are one point."""
    if not any("lead to the same" in text for text in said):
        return ""
    return "If they are one point in other words or another language, say variants = true."


def says(label: str, answer: str) -> bool:
    """Tell whether a label says an answer: the same words, whatever their case, order and punctuation, or synonyms."""
    if not plain(label):
        return False
    return plain(label) == plain(answer) or sorted(answer_words(label)) == sorted(answer_words(answer))


def _listed(words: Sequence[str]) -> str:
    """List texts in quotes."""
    return ", ".join(map(repr, words))
