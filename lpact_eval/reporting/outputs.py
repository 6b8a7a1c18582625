"""What a release is made of: every output under the name that asks for it; its module is loaded only when it is."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from lpact_eval.errors import LpactError, WrongUseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from lpact_eval.disclosure.published import Published


class NotPossibleError(LpactError):
    """There is nothing in this release of which an output could be made; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a release.

    Attributes
    ----------
    what : str
        In words, for lists of outputs.
    module, function : str
        Where in `lpact_eval.reporting` it is written.
    file : str
        The only file, whose path the function takes. Without it the function takes the release's folder, in which it
        may make a folder of its own, and returns the names of its files, with / between folders.
    housed : bool
        Whether the function takes `house`, what the force puts on its documents.
    worded : bool
        Whether the function takes `templates`, the user's own words and looks.
    """

    what: str
    module: str
    function: str
    file: str = ""
    housed: bool = False
    worded: bool = False

    def write(self, published: Published, folder: Path, given: Mapping[str, object] | None = None) -> list[str]:
        """Write it into a folder.

        Parameters
        ----------
        published : Published
        folder : Path
        given : mapping of str to object, optional
            "house" and "templates", each passed on as it is where the function takes it.

        Returns
        -------
        list of str
            Names of its files.
        """
        module = import_module(f"lpact_eval.reporting.{self.module}")
        write = cast("Callable[..., list[str] | None]", getattr(module, self.function))
        taken = {"house": self.housed, "templates": self.worded}
        options = {name: value for name, value in (given or {}).items() if taken.get(name)}
        names = write(published, folder / self.file if self.file else folder, **options)
        return [self.file] if self.file else list(names or ())


OUTPUTS: Final[Mapping[str, Output]] = {  # in the order in which they are written and listed
    "html": Output("report as a page", "page", "write_page", "report.html", housed=True, worded=True),
    "xlsx": Output(
        "accessible workbook of all tables", "workbook", "write_workbook", "tables.xlsx", housed=True, worded=True
    ),
    "docx": Output("technical report in Word", "word", "write_word", "report.docx", housed=True, worded=True),
    "pptx": Output("slides for chief officers", "slides", "write_slides", "slides.pptx", housed=True, worded=True),
    "community": Output(
        "one page for local communities", "community", "write_community", "community.html", housed=True, worded=True
    ),
    "explorer": Output(
        "page of every question by group", "explorer", "write_explorer", "explorer.html", housed=True, worded=True
    ),
    "csv": Output("tidy tables with their data dictionaries", "tidy", "write_tidy_files"),
    "charts": Output(
        "every chart as svg and png, its numbers as csv, its words as text", "chart_files", "write_charts"
    ),
    "size": Output("note on the sample size of the next survey", "release_size", "write_release_size"),
    "plan": Output("evaluation plan as a table with how each promise ended", "plan_output", "write_plan"),
    "qa": Output("pack for quality assurance: statements, checks, logs, hashes", "qa_pack", "write_qa"),  # the last
}


def chosen_outputs(asked: Iterable[str] | None, known: Sequence[str] = tuple(OUTPUTS)) -> list[str]:
    """Check which outputs are asked for.

    Parameters
    ----------
    asked : iterable of str, optional
        Names; all outputs without it.
    known : sequence of str
        Those that there are.

    Returns
    -------
    list of str
        In the order in which they are written.

    Raises
    ------
    WrongUseError
        If one is not known, with the nearest name, or none is asked for.
    """
    names = list(known if asked is None else asked)
    unknown = [name for name in names if name not in known]
    if unknown:
        near = {name: get_close_matches(name.casefold(), known, n=1) for name in unknown}
        told = ", ".join(f"{name!r}{f' (did you mean {near[name][0]!r}?)' if near[name] else ''}" for name in unknown)
        msg = f"Cannot write {told}; the outputs of a release are {', '.join(known)}. Choose from these."
        raise WrongUseError(msg)
    if not names:
        msg = f"Cannot write a release without outputs; there are {', '.join(known)}. Choose from these."
        raise WrongUseError(msg)
    return [name for name in known if name in names]
