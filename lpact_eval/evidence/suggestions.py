"""Themes suggested to coders by a dictionary of words, and how far to trust the dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lpact_eval.evidence.dictionary import context, find, fold
from lpact_eval.evidence.records import tidy
from lpact_eval.evidence.units import counted_codes, theme_matrix, theme_names
from lpact_eval.waves.contacts import looks_personal
from lpact_eval.waves.personal import KINDS

if TYPE_CHECKING:
    from lpact_eval.evidence.dictionary import Hits
    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import BoolArray, IntArray

PROMPT: Final = "a prompt for coders, not a result"
SUGGESTED_COLUMNS: Final = (
    "item",
    "event",
    "kind",
    "question",
    "theme",
    "title",
    "before",
    "word",
    "after",
    "status",
)
_AROUND: Final = 50  # characters shown on either side of a word
_YOUNGEST: Final = 10  # years before the records from which a date may be a birthday


def suggest_codes(evidence: Evidence) -> pd.DataFrame:
    """Suggest themes for items that nobody has coded yet, each word shown where it stands in the text.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        item, event, kind, question, theme, title, before, word, after (the text around the first word of the theme's
        dictionary, empty where the text looks personal), status ("a prompt for coders, not a result", and what it looks
        like). A row for each item and theme suggested, in the order of the items. For coders only: it holds what people
        wrote.
    """
    feedback, themes = evidence.tables["feedback"], evidence.schema.themes
    _, coded, _ = counted_codes(feedback, tuple(themes))
    open_items = feedback[~coded & _written(feedback)]
    texts = _texts(open_items)
    folded = fold(texts)
    hits = _first(find(folded, {key: theme.words for key, theme in themes.items()}))
    around = context(folded, hits, around=_AROUND)
    latest = evidence.as_of.year - _YOUNGEST
    personal = {number: looks_personal(texts[number], latest=latest) for number in set(map(int, hits.text))}
    kinds = [personal[int(number)] for number in hits.text]
    rows = open_items.iloc[hits.text]
    keys, titles = list(themes), theme_names(evidence.schema)
    shown = [
        ("", word, "") if kind else (before, word, after)
        for (before, word, after), kind in zip(around, kinds, strict=True)
    ]
    columns: dict[str, object] = {
        name: rows[name].astype(object).to_list() for name in ("item", "event", "kind", "question")
    }
    columns |= {"theme": [keys[entry] for entry in hits.entry], "title": [titles[entry] for entry in hits.entry]}
    columns |= {name: [part[place] for part in shown] for place, name in enumerate(("before", "word", "after"))}
    columns["status"] = [
        f"{PROMPT}; the text holds what looks like {KINDS[kind][0]}" if kind else PROMPT for kind in kinds
    ]
    return pd.DataFrame(columns, columns=list(SUGGESTED_COLUMNS), dtype=object)


def suggestion_rows(evidence: Evidence) -> pd.DataFrame:
    """Say how good the dictionary is, against the first coder, and for how many uncoded items it suggests a theme.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    DataFrame
        Tidy rows of the table "prompts", which no release takes. Over all themes and for each: of the items to which
        the first coder gave the theme the share in which the dictionary finds it (recall), of those in which it finds
        it the share to which the coder gave it (precision), and the uncoded items for which it suggests the theme.
    """
    feedback, schema = evidence.tables["feedback"], evidence.schema
    themes = tuple(schema.themes)
    written = _written(feedback)
    texts = fold(_texts(feedback[written]))
    hits = find(texts, {key: theme.words for key, theme in schema.themes.items()})
    found = np.zeros((len(feedback), len(themes)), dtype=bool)
    found[written] = hits.table(int(written.sum()), len(themes))
    given, read = theme_matrix(feedback["coder_1"], themes)
    _, coded, _ = counted_codes(feedback, themes)
    read, waiting = read & written, ~coded & written
    right, by_coder, by_words = ((table & read[:, None]).sum(axis=0) for table in (found & given, given, found))
    suggested = (found & waiting[:, None]).sum(axis=0)
    # over all themes shares count mentions (a theme in an item), the last row items
    any_theme = int((found.any(axis=1) & waiting).sum())
    rows = _quality(("", ""), (int(right.sum()), int(by_coder.sum()), int(by_words.sum())), "mentions")
    rows.append(_waiting(("", ""), any_theme, int(waiting.sum())))
    for k, name in enumerate(theme_names(schema)):
        rows += _quality(("theme", name), (int(right[k]), int(by_coder[k]), int(by_words[k])), "items")
        rows.append(_waiting(("theme", name), int(suggested[k]), int(waiting.sum())))
    return tidy([{"table": "prompts", **row, "flags": PROMPT} for row in rows])


def _written(feedback: pd.DataFrame) -> BoolArray:
    """Items with a text."""
    return feedback["text"].notna().to_numpy(dtype=bool)


def _texts(feedback: pd.DataFrame) -> list[str]:
    """Texts with white space folded."""
    return [" ".join(text.split()) for text in feedback["text"].astype(str).to_list()]


def _first(hits: Hits) -> Hits:
    """Keep the first word of every theme in every text, in the order of texts."""
    order: IntArray = np.lexsort((hits.start, hits.entry, hits.text))
    text, entry = hits.text[order], hits.entry[order]
    new = np.ones(order.size, dtype=bool)
    new[1:] = (np.diff(text) != 0) | (np.diff(entry) != 0)
    kept = order[new]
    return type(hits)(hits.text[kept], hits.entry[kept], hits.start[kept], hits.end[kept])


def _quality(label: tuple[str, str], counts: tuple[int, int, int], base: str) -> list[dict[str, object]]:
    """Lay out recall and precision."""
    right, by_coder, by_words = counts
    measures = (
        ("found by the dictionary, of what the first coder gave", by_coder, "the first coder gave it to no item"),
        ("given by the first coder, of what the dictionary found", by_words, "the dictionary finds it in no item"),
    )
    return [
        {
            "measure": measure,
            "by": label[0],
            "group": label[1],
            "value": right / n if n else np.nan,
            "unit": "share",
            "numerator": right if n else np.nan,
            "n": n,
            "base": base,
            "refused": "" if n else nothing,
        }
        for measure, n, nothing in measures
    ]


def _waiting(label: tuple[str, str], count: int, n: int) -> dict[str, object]:
    """Count the uncoded items with a suggestion."""
    return {
        "measure": "uncoded items with a suggestion",
        "by": label[0],
        "group": label[1],
        "value": count,
        "unit": "count",
        "numerator": count,
        "n": n,
        "base": "items",
    }
