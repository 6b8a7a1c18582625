"""Words that tend to stand together in texts, as prompts for coders who draw up or mend themes; never a result."""

from __future__ import annotations

import importlib.util
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

import numpy as np
import pandas as pd

from lpact_eval.errors import EstimationError, WrongUseError
from lpact_eval.evidence.dictionary import fold
from lpact_eval.evidence.suggestions import PROMPT
from lpact_eval.waves.contacts import looks_personal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.evidence.records import Evidence
    from lpact_eval.sample import FloatArray

PROMPT_COLUMNS: Final = ("prompt", "word", "strength", "items", "examples", "status")
_WORD: Final = r"(?u)\b[^\W\d_]{3,}\b"  # letters only: no numbers, no addresses
_FEWEST_TEXTS: Final = 3  # in which a word has to stand, so that no single text can be read from the words
_COMMONEST: Final = 0.5  # share of texts above which a word tells nothing
_EXAMPLES: Final = 5
_ROUNDS: Final = 1000


class _Table(Protocol):
    """A sparse table of numbers."""

    shape: tuple[int, int]


class _Vectoriser(Protocol):
    """Counts words."""

    def fit_transform(self, texts: Sequence[str]) -> _Table: ...

    def get_feature_names_out(self) -> Sequence[str]: ...


class _Factorisation(Protocol):
    """Splits a table into parts."""

    components_: FloatArray

    def fit_transform(self, table: _Table) -> FloatArray: ...


class _Text(Protocol):
    """What is used of scikit-learn's texts; it has no types, and is an extra."""

    def TfidfVectorizer(self, **settings: object) -> _Vectoriser: ...  # noqa: N802 - scikit-learn's name


class _Parts(Protocol):
    """What is used of scikit-learn's decompositions."""

    def NMF(self, **settings: object) -> _Factorisation: ...  # noqa: N802 - scikit-learn's name


def word_prompts(evidence: Evidence, *, prompts: int = 8, words: int = 8, seed: int = 1) -> pd.DataFrame:
    """Group words that stand together in the texts, as prompts for coders.

    Parameters
    ----------
    evidence : Evidence
    prompts : int, default 8
        Groups of words.
    words : int, default 8
        Words shown of each.
    seed : int, default 1

    Returns
    -------
    DataFrame
        prompt (number, the strongest first), word, strength (of the word in its group, 1 for the strongest), items
        (texts that lean to this group most), examples (ids of the items that lean to it most), status ("a prompt for
        coders, not a result"). It holds no text; read the examples before making anything of the words. Texts that
        look personal are left out.

    Raises
    ------
    WrongUseError
        If scikit-learn is not installed, or a number is impossible.
    EstimationError
        If there are fewer texts than the schema's `smallest_text_prompt`, or too few words that several share.

    Notes
    -----
    Term frequencies weighted by inverse document frequency, factorised into non-negative parts (coordinate descent from
    a singular value decomposition); English words without meaning of their own are left out.

    References
    ----------
    Lee & Seung (1999), *Nature* 401, 788-791; Boutsidis & Gallopoulos (2008), *Pattern Recognition* 41, 1350-1362.
    """
    _require(prompts, words)
    items, texts = _texts(evidence)
    smallest = evidence.schema.smallest_text_prompt
    if len(texts) < smallest:
        msg = (
            f"Cannot group words: there are {len(texts)} texts, and it takes {smallest} (smallest_text_prompt in "
            "events.toml). Read them instead; suggest_codes needs no such number."
        )
        raise EstimationError(msg)
    names, leaning, strength = _factorised(texts, prompts, seed)
    return _laid_out(names, leaning, strength, items=items, words=words)


def _require(prompts: int, words: int) -> None:
    """Refuse where the library is absent, or nothing is asked for."""
    if importlib.util.find_spec("sklearn") is None:
        msg = (
            'Cannot group words: it needs scikit-learn, which is not installed. Run pip install "lpact-eval[text]"; '
            "suggest_codes needs nothing more."
        )
        raise WrongUseError(msg)
    if prompts < 1 or words < 1:
        msg = f"Cannot make {prompts} groups of {words} words; both are 1 or more, as in prompts=8, words=8."
        raise WrongUseError(msg)


def _texts(evidence: Evidence) -> tuple[list[str], list[str]]:
    """Give ids and folded texts of the items, in the order of the ids, without those that look personal."""
    feedback = evidence.tables["feedback"]
    written = feedback[feedback["text"].notna()].sort_values("item", kind="stable")
    latest = evidence.as_of.year - 10
    pairs = [
        (str(item), " ".join(str(text).split())) for item, text in zip(written["item"], written["text"], strict=True)
    ]
    plain = [(item, text) for item, text in pairs if text and not looks_personal(text, latest=latest)]
    return [item for item, _ in plain], [fold([text]).folded for _, text in plain]


def _factorised(texts: list[str], prompts: int, seed: int) -> tuple[list[str], FloatArray, FloatArray]:
    """Factorise the texts: words, how far texts lean to groups (n, k), how strong words are in groups (k, w)."""
    library = cast("_Text", import_module("sklearn.feature_extraction.text"))
    counted = library.TfidfVectorizer(
        stop_words="english", token_pattern=_WORD, min_df=_FEWEST_TEXTS, max_df=_COMMONEST, sublinear_tf=True
    )
    try:
        table = counted.fit_transform(texts)
    except ValueError:  # scikit-learn's words for an empty vocabulary
        table = None
    if table is None or min(table.shape) < prompts:
        found = 0 if table is None else table.shape[1]
        msg = (
            f"Cannot make {prompts} groups of words: {found} words stand in {_FEWEST_TEXTS} texts or more and in no "
            f"more than {_COMMONEST:.0%}. Ask for fewer groups, or read the texts."
        )
        raise EstimationError(msg)
    parts = cast("_Parts", import_module("sklearn.decomposition"))
    model = parts.NMF(n_components=prompts, init="nndsvda", random_state=seed, max_iter=_ROUNDS)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # scikit-learn warns where it did not settle
        try:
            leaning = np.asarray(model.fit_transform(table), dtype=float)
        except UserWarning:
            msg = f"Cannot make {prompts} groups of words: they did not settle in {_ROUNDS} rounds. Ask for fewer."
            raise EstimationError(msg) from None
    return [str(name) for name in counted.get_feature_names_out()], leaning, np.asarray(model.components_, dtype=float)


def _laid_out(
    names: list[str], leaning: FloatArray, strength: FloatArray, *, items: list[str], words: int
) -> pd.DataFrame:
    """List the strongest words of every group, the group that most texts lean to first."""
    home = np.where(leaning.max(axis=1) > 0, leaning.argmax(axis=1), -1)
    texts = np.array([(home == group).sum() for group in range(strength.shape[0])])
    rows: list[dict[str, object]] = []
    for number, group in enumerate(np.argsort(-texts, kind="stable"), start=1):
        first = np.argsort(-leaning[:, group], kind="stable")[:_EXAMPLES]
        examples = "; ".join(items[int(place)] for place in first if leaning[place, group] > 0)
        top = [place for place in np.argsort(-strength[group], kind="stable")[:words] if strength[group, place] > 0]
        shared: dict[str, object] = {"items": int(texts[group]), "examples": examples, "status": PROMPT}
        for place in top:
            share = float(strength[group, place] / strength[group].max())
            rows.append({"prompt": number, "word": names[int(place)], "strength": share, **shared})
    return pd.DataFrame(rows, columns=list(PROMPT_COLUMNS))
