"""What `publish` needs to know of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from lpact_eval.sample import Wave


class ResultsLike(Protocol):
    """What `publish` needs to know of results."""

    @property
    def plan(self) -> object:
        """The plan that was run; its statements about the survey are read as attributes."""
        ...

    @property
    def rows(self) -> pd.DataFrame:
        """One row per estimate, in the order of reading."""
        ...

    @property
    def indicators(self) -> pd.DataFrame:
        """One row per indicator: result, refused or not collected."""
        ...

    @property
    def weights(self) -> pd.DataFrame:
        """The weight report per wave and kind of weight."""
        ...

    @property
    def margins(self) -> pd.DataFrame:
        """Margins before and after weighting, with respondents."""
        ...

    @property
    def steps(self) -> pd.DataFrame:
        """Iterations, trimmed mass and notes per wave and kind of weight."""
        ...

    @property
    def sensitivity(self) -> pd.DataFrame:
        """The plan's first comparisons under both policies for respondents who are not known on a margin."""
        ...

    @property
    def ledger(self) -> pd.DataFrame:
        """Rows delivered, set aside and kept."""
        ...

    @property
    def audit(self) -> pd.DataFrame:
        """How each question was asked in each wave."""
        ...

    @property
    def waves(self) -> tuple[Wave, ...]:
        """Where the respondents come from."""
        ...
