"""Tasks run by any joblib backend: each result is given as soon as it is there."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from lpact_eval.errors import WrongUseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

_Made = TypeVar("_Made")


class _Joblib(Protocol):
    """What is used of joblib, which has no types."""

    def parallel_config(self, *, backend: str, n_jobs: int) -> AbstractContextManager[object]:
        """Choose a backend."""
        ...

    def delayed(self, function: Callable[..., _Made]) -> Callable[..., tuple[_Made]]:
        """Turn a call into a task."""
        ...

    def Parallel(self, *, return_as: str = "list") -> Callable[[Iterable[tuple[_Made]]], Iterable[_Made]]:  # noqa: N802 - joblib's name
        """Run tasks."""
        ...

    def effective_n_jobs(self) -> int:
        """Workers at once."""
        ...


class _Backend(Protocol):
    """A joblib backend."""

    supports_return_generator: bool


class _Internals(Protocol):
    """The module of joblib that knows which backend is chosen."""

    def get_active_backend(self) -> tuple[_Backend, object]:
        """Find the backend in use."""
        ...


def results_of(
    function: Callable[..., _Made], calls: Sequence[tuple[object, ...]], *, backend: str, workers: int | None
) -> Iterator[_Made]:
    """Call a function many times, and give what each call makes in the order in which they finish.

    Parameters
    ----------
    function : function of a module, so that other processes find it
    calls : sequence of tuple
        Arguments of each call.
    backend : str
        Name of a joblib backend.
    workers : int or None
        Workers at once; None for all that there are.

    Yields
    ------
    what `function` returns

    Raises
    ------
    WrongUseError
        If the backend does not exist or is not running.
    """
    if not calls:
        return
    joblib = cast("_Joblib", import_module("joblib"))
    internals = cast("_Internals", import_module("joblib.parallel"))
    try:
        settings = joblib.parallel_config(backend=backend, n_jobs=workers or -1)
    except (ValueError, ImportError, TypeError, KeyError) as error:
        msg = (
            f"Cannot simulate by the backend {backend!r}: {error}. Use 'loky', 'threading', 'sequential', or 'dask' "
            "with dask.distributed installed and a Client open."
        )
        raise WrongUseError(msg) from error
    with settings:
        tasks = [joblib.delayed(function)(*arguments) for arguments in calls]
        if internals.get_active_backend()[0].supports_return_generator:
            yield from joblib.Parallel(return_as="generator_unordered")(tasks)
            return
        step = max(1, joblib.effective_n_jobs())
        for at in range(0, len(tasks), step):
            yield from joblib.Parallel()(tasks[at : at + step])
