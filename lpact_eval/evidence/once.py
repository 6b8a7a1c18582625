"""Work something out once for the same records, however many analyses ask for it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from lpact_eval.evidence.records import Evidence

P = ParamSpec("P")
T = TypeVar("T")

_KEPT: Final[WeakKeyDictionary[Evidence, dict[object, object]]] = WeakKeyDictionary()  # gone with the records


def once(function: Callable[Concatenate[Evidence, P], T]) -> Callable[Concatenate[Evidence, P], T]:
    """Keep what a function finds in some records; whoever takes it must not change it.

    Parameters
    ----------
    function : callable
        Of records, and of further arguments that can be compared.

    Returns
    -------
    callable
        The same, which answers a question asked again with what it found before.
    """

    @wraps(function)
    def kept(evidence: Evidence, *args: P.args, **kwargs: P.kwargs) -> T:
        found = _KEPT.setdefault(evidence, {})
        key = (function, args, tuple(sorted(cast("dict[str, Any]", kwargs).items())))
        if key not in found:
            found[key] = function(evidence, *args, **kwargs)
        return cast("T", found[key])

    return kept
