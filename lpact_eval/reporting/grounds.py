"""What a change rests on beside its own row: its other rows, selection, composition, don't knows, the margin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lpact_eval.frames import records_of
from lpact_eval.reporting.numbers import known, percent, points, signed_range, size
from lpact_eval.reporting.rows import Row, all_rows, as_sentence, number, plain, the_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lpact_eval.disclosure.published import Published
    from lpact_eval.reporting.sentences import Sentences

PARTICIPATION: Final = "participation"
FEWEST_DF: Final = 4  # degrees of freedom under which no p-value is given
SOUND_DF: Final = 8  # under which it is said that the test is rough
_ROWS: Final = {"as collected": "as_collected", "standardised": "standardised", "balanced": "balanced"}
_TWICE: Final = {"2.0": "twice", "3.0": "three times"}
_DONT_KNOW: Final = ("don't know went from", "the share of don't knows moved")
_REACHED: Final = " moved: the share of "


@dataclass(frozen=True, slots=True)
class Grounds:
    """What findings may rest on beside their rows.

    Attributes
    ----------
    rows : tuple of Row
        All rows, those beside the headline ones included.
    selection, composition : tuple of mapping
        Published records; see `Published`.
    margin : float or None
        Smallest change that the plan calls important.
    """

    rows: tuple[Row, ...] = ()
    selection: tuple[Mapping[str, object], ...] = ()
    composition: tuple[Mapping[str, object], ...] = ()
    margin: float | None = None


@lru_cache(maxsize=2)
def grounds_of(published: Published) -> Grounds:
    """Gather what findings may rest on."""
    return Grounds(
        tuple(all_rows(published)),
        tuple(records_of(published.selection)),
        tuple(records_of(published.composition)),
        published.facts.margin,
    )


def margin_words(margin: float | None) -> str:
    """Write the smallest change that matters; empty where the plan names none.

    >>> margin_words(0.1)
    '10 points'
    """
    return "" if margin is None else points(margin, None).lstrip("+")


def rows_in_words(row: Row, grounds: Grounds, sentences: Sentences) -> str:
    """Name what each of a change's three rows says; empty where fewer than two have a number."""
    three = {
        other.row: other
        for other in grounds.rows
        if other.measure == "change" and other.shown and _same(other, row) and other.row in _ROWS
    }
    if len(three) < 2:  # noqa: PLR2004 - one row can't disagree
        return ""
    first, second = (the_wave(wave) for wave in row.waves)
    said = [
        sentences.say(
            f"change.row.{key}",
            {"points": points(three[name].estimate, row.base), "first_wave": first, "second_wave": second},
        )
        for name, key in _ROWS.items()
        if name in three
    ]
    return f"{', '.join(said[:-1])} and {said[-1]}"


def dont_know_words(row: Row) -> str:
    """Take what the flags say of don't knows; empty where nothing."""
    return "; ".join(flag for flag in row.flags.split("; ") if flag.startswith(_DONT_KNOW))


def reached_words(row: Row) -> str:
    """Take what the flags say of how people were reached; empty where nothing.

    Notes
    -----
    "The mode of answering moved: the share of 'online' differs by more than 10 points" becomes "the mode of answering
    differs (the share of 'online' by more than 10 points)".
    """
    parts = [flag.partition(_REACHED) for flag in row.flags.split("; ") if _REACHED in flag]
    told = [
        (kind, rest.replace(" differs by more", " by more").replace(" between the surveys", ""))
        for kind, _, rest in parts
    ]
    return "; ".join(f"{kind} differs (the share of {rest})" for kind, rest in told)


def selection_words(row: Row, grounds: Grounds, sentences: Sentences) -> list[str]:
    """Say what would have to be true of who took part for a clear change to vanish."""
    return [
        said
        for record in grounds.selection
        if record["kind"] == PARTICIPATION and _about(record, row)
        for said in participation_sentences(record, sentences, what="rise" if row.estimate > 0 else "fall")
    ]


def participation_sentences(record: Mapping[str, object], sentences: Sentences, *, what: str) -> list[str]:
    """Say how much more readily some people would have to take part for a difference to vanish.

    Parameters
    ----------
    record : mapping
        A published row of selection of the kind "participation".
    sentences : Sentences
    what : str
        "rise" or "fall" where the test says so, else "difference".

    Returns
    -------
    list of str
        Empty where there is no number; the second is on the interval's end, where that leaves out zero.
    """
    ratio, end = number(record["tipping"]), number(record["tipping_end"])
    if not known(ratio) or ratio <= 0:
        return _refused("selection", _text(record["refused"]), sentences)
    down = ratio < 1
    slots = {"what": what, "first_wave": the_wave(_text(record["minus"])), "times": _times(ratio)}
    said = [sentences.say(f"selection.participation_{'fall' if down else 'rise'}", slots)]
    if known(end) and end > 0 and number(record["change_end"]):
        said.append(sentences.say("selection.participation_end", {"times": _times(end)}))
    return said


def reached_sentences(record: Mapping[str, object], sentences: Sentences, base: int | None) -> list[str]:
    """Say what the way of reaching respondents would have to do to explain a difference, and what it was seen to do.

    Parameters
    ----------
    record : mapping
        A published row of selection of another kind than "participation".
    sentences : Sentences
    base : int or None
        Base of the change, for the decimals.

    Returns
    -------
    list of str
        The reason where there is no number.
    """
    tipping = number(record["tipping"])
    if not known(tipping):
        return _refused("selection", _text(record["refused"]), sentences)
    kind, first, second = _text(record["kind"]), the_wave(_text(record["minus"])), the_wave(_text(record["level"]))
    how = sentences.say(f"selection.how.{kind}", {"answer": _text(record["answer"])})
    slots = {
        "how": how,
        "first": percent(number(record["first"]), base),
        "second": percent(number(record["second"]), base),
        "first_wave": first,
        "second_wave": second,
        "moved": "raised" if tipping > 0 else "lowered",
        "needed": size(tipping, base),
    }
    said = [sentences.say(f"selection.reached{'_beyond' if abs(tipping) > 1 else ''}", slots)]
    observed = number(record["observed"])
    if known(observed):
        low, high = number(record["observed_low"]), number(record["observed_high"])
        higher = "higher" if observed >= 0 else "lower"
        seen = {"observed": size(observed, base), "higher": higher, "range": f"{signed_range(low, high, base)} points"}
        said.append(sentences.say("selection.observed", {"second_wave": second, **seen}))
    return said


def composition_words(row: Row, grounds: Grounds, sentences: Sentences) -> list[str]:
    """Part a change into what answers and what the make-up of respondents did, one sentence for each variable."""
    mine = [record for record in grounds.composition if _about(record, row)]
    return [
        said
        for along in dict.fromkeys(_text(record["along"]) for record in mine)
        for said in [composition_sentence([one for one in mine if one["along"] == along], sentences, row.base)]
        if said
    ]


def composition_sentence(parts: Sequence[Mapping[str, object]], sentences: Sentences, base: int | None) -> str:
    """Put the parts of one change along one variable into words; the reason, or nothing, where there are no numbers."""
    found = {_text(part["part"]): part for part in parts}
    values = {name: number(part["estimate"]) for name, part in found.items()}
    if not {"rate", "composition", "total"} <= {name for name, value in values.items() if known(value)}:
        reason = next((_text(part["refused"]) for part in parts if _text(part["refused"])), "")
        return "".join(_refused("composition", reason, sentences))
    slots = {name: points(value, base) for name, value in values.items()}
    return sentences.say("composition.parts", {**slots, "along": _text(parts[0]["along_title"])})


def _refused(kind: str, reason: str, sentences: Sentences) -> list[str]:
    """Give the reason why there is no number, if there is one."""
    return (
        [sentences.say(f"{kind}.refused", {"reason": as_sentence(plain(reason.replace(": it changed", " changed")))})]
        if reason
        else []
    )


def _same(other: Row, row: Row) -> bool:
    """Whether two rows are of the same change."""
    return (other.indicator, other.question, other.wave, other.by, other.group) == (
        row.indicator,
        row.question,
        row.wave,
        row.by,
        row.group,
    )


def _about(record: Mapping[str, object], row: Row) -> bool:
    """Whether a record speaks of a row's change."""
    key = (row.indicator, row.wave, row.by, row.group)
    return tuple(_text(record[name]) for name in ("indicator", "wave", "by", "group")) == key


def _times(ratio: float) -> str:
    """Write how many times as likely; a ratio under one is turned round, as the sentence is.

    >>> _times(2.0), _times(0.5), _times(1.96)
    ('twice', 'twice', '2.0 times')
    """
    written = f"{max(ratio, 1 / ratio):.1f}"
    exact = abs(max(ratio, 1 / ratio) - float(written)) < 0.005  # noqa: PLR2004 - what is written has one decimal
    return _TWICE[written] if exact and written in _TWICE else f"{written} times"


def _text(value: object) -> str:
    """Read a text that may be missing."""
    return value if isinstance(value, str) else ""
