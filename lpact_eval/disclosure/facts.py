"""What a release says about the survey beside its numbers: who asked whom, how, and for which plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """Statements from the evaluation plan that the reports repeat; empty where the plan is silent.

    Attributes
    ----------
    title : str
        Title of the release.
    first_event : date or None
        Day of the first community event: what a clean baseline must precede.
    adjusters : tuple of str
        Variables by which attendees and others were made comparable.
    population, geography : str
        Whom the respondents stand for after weighting, and where.
    force, sponsor, conductor, recruitment, weighting : str
        For the disclosure of methods.
    plan_file, plan_sha256 : str
        Name and hash of the plan that was run.
    seed : int or None
    margin : float or None
        Smallest change that matters, fixed before the data were read.
    allow_words : tuple of (str, str)
        Words that reports avoid and the plan allows, each with its reason.
    definitions : tuple of (str, str)
        Name and SHA-256 of every definition file that the numbers rest on.
    """

    title: str = "Confidence in the police and community events"
    first_event: dt.date | None = None
    adjusters: tuple[str, ...] = ()
    population: str = ""
    geography: str = ""
    force: str = ""
    sponsor: str = ""
    conductor: str = ""
    recruitment: str = ""
    weighting: str = ""
    plan_file: str = ""
    plan_sha256: str = ""
    seed: int | None = None
    margin: float | None = None
    allow_words: tuple[tuple[str, str], ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()


def facts_from(*sources: object) -> Facts:
    """Gather the facts that the sources carry as attributes; an earlier source goes first."""
    first_event, seed, margin = (_first(sources, name) for name in ("first_event", "seed", "margin"))
    return Facts(
        title=_text(sources, "title") or Facts().title,
        first_event=first_event if isinstance(first_event, dt.date) else None,
        adjusters=_names(_first(sources, "adjusters")),
        population=_text(sources, "population"),
        geography=_text(sources, "geography"),
        force=_text(sources, "force"),
        sponsor=_text(sources, "sponsor"),
        conductor=_text(sources, "conductor"),
        recruitment=_text(sources, "recruitment"),
        weighting=_text(sources, "weighting"),
        plan_file=_text(sources, "plan_file"),
        plan_sha256=_text(sources, "plan_sha256"),
        seed=seed if isinstance(seed, int) else None,
        margin=margin if isinstance(margin, float) else None,
        allow_words=_pairs(_first(sources, "allow_words")),
        definitions=_pairs(_first(sources, "definitions")),
    )


def _first(sources: tuple[object, ...], name: str) -> object:
    """Return the first source's attribute that is there."""
    return next((value for source in sources if (value := getattr(source, name, None)) is not None), None)


def _text(sources: tuple[object, ...], name: str) -> str:
    """Return the first source's text of this name, else an empty one."""
    value = _first(sources, name)
    return value if isinstance(value, str) else ""


def _names(value: object) -> tuple[str, ...]:
    """Read a sequence of names; a single text is one name."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(name) for name in value) if isinstance(value, Iterable) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - attributes of any object have no known type


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    """Read a sequence of names with their hashes."""
    return tuple((name, sha256) for name, sha256 in map(_names, value)) if isinstance(value, tuple) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - as above
