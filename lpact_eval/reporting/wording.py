"""The gate of words: every text of an output is looked at before it is handed over, every template before its use."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from lpact_eval.errors import DefinitionError, LpactError
from lpact_eval.frames import records_of
from lpact_eval.reporting.grounds import grounds_of
from lpact_eval.reporting.headline import equivalences
from lpact_eval.reporting.lint import Exempt, Hit, folded, hits, holding, rules
from lpact_eval.reporting.readable import texts_of
from lpact_eval.reporting.rows import answer_rows, rows_of, shift_rows, wordings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lpact_eval.disclosure.facts import Facts
    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences

_COMMENT: Final = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
_MARK: Final = re.compile(r"[<>]")  # no word that is looked for goes on beyond one
_WORD: Final = re.compile(r"\S+")
_TABLE: Final = re.compile(r"\s*\[([\w.\s-]+)\]\s*(?:#.*)?$")
_KEY: Final = re.compile(r"\s*([\w-]+)\s*=")


def require_plain_words(texts: str | Iterable[str], output: str, exempt: Exempt | None = None) -> None:
    """Refuse an output with a word that these surveys can't support.

    Parameters
    ----------
    texts : str or iterable of str
        Everything that a reader would read: one text per paragraph, cell or label.
    output : str
        What it is part of, for the message.
    exempt : Exempt, optional
        What may hold such a word; see `exemptions`.

    Raises
    ------
    LpactError
        If such a word is in it: which, where, by which rule, what to say.
    """
    found = hits([texts] if isinstance(texts, str) else texts, exempt)
    if found:
        first, others = found[0], len(found) - 1
        more = f" ({others} more)" if others else ""
        msg = (
            f"Cannot write {output}: it says {first.found!r}{more}, in {_quoted(first)}; {first.rule.advice}. "
            "Change the words in the plan, the definitions or the templates."
        )
        raise LpactError(msg)


def require_plain_page(page: str, output: str, exempt: Exempt | None = None) -> None:
    """Refuse a page with a word that these surveys can't support, tags within and charts' labels notwithstanding."""
    require_plain_words(texts_of(page), output, exempt)


def require_plain_templates(folder: Path, sentences: Sentences) -> None:
    """Refuse templates with a word that these surveys can't support.

    Parameters
    ----------
    folder : Path
        Of the templates; all their html and script is looked at, comments aside.
    sentences : Sentences
        Those of the folder.

    Raises
    ------
    DefinitionError
        File, line and rule. A sentence whose rule looks at the test may say what that rule of words names it for.
    """
    raw = (folder / sentences.file).read_text(encoding="utf-8") if sentences.texts else ""
    suspects = set(holding([folded(text) for text in sentences.texts.values()]))
    for name, text in sentences.texts.items():
        for hit in hits([text]) if folded(text) in suspects else ():
            if name not in hit.rule.unless:
                raise _in_template(sentences.file, _line_of(raw, name), hit, f"the sentence {name!r} says")
    for path in sorted((*folder.glob("*.html"), *folder.glob("*.js"))):
        _require_plain_template(path)


@lru_cache(maxsize=4)
def exemptions(published: Published, sentences: Sentences | None = None) -> Exempt:
    """Gather what the outputs of a release may say all the same.

    Parameters
    ----------
    published : Published
    sentences : Sentences, optional
        For outputs that are worded by them: those whose rule has looked at the test may say what it found.

    Returns
    -------
    Exempt
        Questions, answers, groups and surveys as the definitions word them, the sentences, and the plan's own words.

    Raises
    ------
    DefinitionError
        If the plan allows a word that no rule forbids, or that no plan can allow.
    """
    rows, rules_of_bases = rows_of(published), published.rules
    said = equivalences(rows, sentences, rules_of_bases, grounds_of(published)) if sentences else []
    return Exempt(_quoted_by(published), tuple(said), allowed_words(published.facts))


def allowed_words(facts: Facts) -> frozenset[str]:
    """Read which words the plan allows."""
    known = {rule.word.casefold(): rule for rule in rules()}
    for word, _ in facts.allow_words:
        rule = known.get(word.casefold())
        if rule is None or rule.fixed:
            can = sorted(rule.word for rule in rules() if not rule.fixed)
            why = "no rule forbids it" if rule is None else f"no plan can allow it: {rule.why}"
            msg = f"{facts.plan_file or 'The plan'}: allow_words names {word!r}, and {why}. It may name {can}."
            raise DefinitionError(msg)
    return frozenset(known[word.casefold()].word for word, _ in facts.allow_words)


@lru_cache(maxsize=2)
def _quoted_by(published: Published) -> tuple[str, ...]:
    """Gather once, for all outputs of a release, what definitions word and reports quote."""
    return tuple(dict.fromkeys(_quotations(published)))


def _quotations(published: Published) -> Iterator[str]:
    """Name what definitions word and reports quote."""
    for record in wordings(published):
        yield from (str(record[name]) for name in ("title", "asked_as", "scale") if name in record)
    for row in rows_of(published):
        yield from (row.answer, row.group)
    yield from (row.answer for row in answer_rows(published))
    yield from (shift.row.answer for shift in shift_rows(published))
    for record in records_of(published.margins):
        yield from (str(record[name]) for name in ("title", "category") if name in record)
    yield from (wave.title for wave in published.waves)
    if published.accounts is not None:  # what a plan said once may be told; what it says now is looked at
        earlier = records_of(published.accounts.departures)
        yield from (str(row["promised"]) for row in earlier if row["kind"] == "plan changed")
    if published.records is not None:
        from lpact_eval.reporting.record_rows import quotations  # noqa: PLC0415 - surveys alone never need it

        yield from quotations(published.records)


def _require_plain_template(path: Path) -> None:
    """Refuse one template."""
    raw = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), path.read_text(encoding="utf-8"))
    text = folded(raw)
    if not holding(_MARK.split(text)):
        return
    words = [(folded(word[0]), raw.count("\n", 0, word.start()) + 1) for word in _WORD.finditer(raw)]
    starts = list(accumulate((len(word) + 1 for word, _ in words), initial=0))
    for rule in rules():
        match = rule.pattern.search(text)
        if match:
            line = words[bisect_right(starts, match.start()) - 1][1]
            raise _in_template(path.name, line, Hit(rule, match[0], ""), "it says")


def _in_template(file: str, line: int, hit: Hit, who: str) -> DefinitionError:
    """Word the refusal of a template."""
    return DefinitionError(f"{file}, line {line}: {who} {hit.found!r}; {hit.rule.advice}.")


def _line_of(raw: str, name: str) -> int:
    """Find the line of a sentence by its dotted name; the first line where it is written in another way."""
    table = ""
    for number, line in enumerate(raw.splitlines(), start=1):
        if heading := _TABLE.match(line):
            table = heading[1].strip()
        elif (key := _KEY.match(line)) and f"{table}.{key[1]}".lstrip(".") == name:
            return number
    return 1


def _quoted(hit: Hit) -> str:
    """Quote what stands around a word."""
    return json.dumps(hit.around, ensure_ascii=False)
