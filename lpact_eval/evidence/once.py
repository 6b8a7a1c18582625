"""Work something out once for the same records, or their results, however many analyses ask for it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
P = ParamSpec("P")
T = TypeVar("T")

_KEPT: Final[WeakKeyDictionary[object, dict[object, object]]] = WeakKeyDictionary()  # gone with the records


def once(function: Callable[Concatenate[K, P], T]) -> Callable[Concatenate[K, P], T]:
    """Keep what a function finds in some records; whoever takes it must not change it.

    Parameters
    ----------
    function : callable
        Of records or their results, and of further arguments that can be compared.

    Returns
    -------
    callable
        The same, which answers a question asked again with what it found before.
    """

    @wraps(function)
    def kept(of: K, *args: P.args, **kwargs: P.kwargs) -> T:
        found = _KEPT.setdefault(of, {})
        key = (function, args, tuple(sorted(cast("dict[str, Any]", kwargs).items())))
        if key not in found:
            found[key] = function(of, *args, **kwargs)
        return cast("T", found[key])

    return kept
