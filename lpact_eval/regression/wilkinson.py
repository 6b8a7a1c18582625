"""What is used of formulaic, which is imported late and has no types of its own that pyright can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from lpact_eval.regression.columns import Encoded


class Factor(Protocol):
    """One variable or expression of a term."""

    expr: str
    eval_method: object


class Term(Protocol):
    """A product of factors."""

    factors: Sequence[Factor]


class Contrasts(Protocol):
    """How a category is coded."""

    base: object


class State(Protocol):
    """A category's coding and levels."""

    contrasts: Contrasts
    levels: Sequence[object]


class Spec(Protocol):
    """How formulaic remembers to build a model matrix."""

    required_variables: set[str]
    structure: Sequence[Encoded]
    factor_contrasts: Mapping[Factor, State]

    def get_model_matrix(self, data: pd.DataFrame, /) -> object:
        """Build the matrix again for other answers."""
        ...


class Matrix(Protocol):
    """What formulaic returns: a data frame with a memory."""

    columns: Sequence[object]
    model_spec: Spec


class Terms(Protocol):
    """One side of a formula."""

    required_variables: set[object]

    def __iter__(self) -> Iterator[Term]: ...

    def get_model_matrix(self, data: pd.DataFrame, /, *, na_action: str) -> Matrix:
        """Build the matrix for the first time."""
        ...


class Parsed(Protocol):
    """A formula with two sides."""

    lhs: Terms
    rhs: Terms
