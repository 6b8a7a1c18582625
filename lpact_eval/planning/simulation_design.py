"""What a simulation supposes: who took part in the first wave, who will in the next, and what changes meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from lpact_eval.errors import WrongUseError
from lpact_eval.planning.first_file import EVERYBODY, domain_of, first_of
from lpact_eval.planning.made_up import GROUP, made_up_first
from lpact_eval.planning.plan import require_inside, require_number, require_whole
from lpact_eval.planning.wave_sizes import second_waves
from lpact_eval.weighting.rake import rake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lpact_eval.planning.first_file import First
    from lpact_eval.planning.made_up import Reached
    from lpact_eval.planning.wave_sizes import Size
    from lpact_eval.sample import Sample
    from lpact_eval.weighting.margins import Margins

Redraw = Literal["nothing", "answers", "respondents"]

CHANGES = (0.0, 0.05, 0.1, 0.15, 0.2)
COLLAPSE = 10  # as in the evaluation plan
ASSUMED_ICC = 0.05  # intra-cluster correlation of confidence within recruitment sites, where there are any
LARGEST = 5_000  # respondents a group: with more, CR2 and Taylor agree and closed forms answer at once


@dataclass(frozen=True, slots=True, eq=False)
class SimulationDesign:
    """Two waves of different people, of which synthetic ones are to be drawn, weighted and compared.

    Make one with `from_wave` (the actual first wave) or `from_shares` (no file).

    Attributes
    ----------
    first : First
        First wave: its respondents by group, question, cell and weight. No other variable of theirs is kept.
    groups : tuple of str
        Groups whose change is wanted.
    n_second : tuple of mapping of str to int
        People of each group who are asked in the second wave, one mapping per size of wave.
    changes : tuple of float
        True changes of the share, as proportions, the same in every group.
    margins, within, collapse
        What both waves are raked to, as in `rake`; no raking without margins.
    response : tuple of two floats
        Share of those asked who take part: of people who would not give the answer, and of those who would.
    missing : mapping of str to float
        Share of each group's respondents who leave the question out, in either wave alike.
    sites : int or None
        Recruitment sites of each group in the second wave; None for as many respondents a site as in the first.
    icc : float
        Intra-cluster correlation of the answer within recruitment sites.
    redraw : str
        What of the first wave is drawn anew in each repetition: "nothing", "answers" or "respondents".
    level : float
        Level of the interval whose side of 0 is the test.
    """

    first: First = field(repr=False)
    groups: tuple[str, ...]
    n_second: tuple[Mapping[str, int], ...]
    changes: tuple[float, ...]
    margins: Margins | None = field(default=None, repr=False)
    within: str | None = None
    collapse: int = COLLAPSE
    response: tuple[float, float] = (1.0, 1.0)
    missing: Mapping[str, float] = field(default_factory=dict[str, float])
    sites: int | None = None
    icc: float = 0.0
    redraw: Redraw = "answers"
    level: float = 0.95

    @staticmethod
    def from_wave(  # noqa: PLR0913 - each is one thing that a plan has to say
        sample: Sample,
        variable: str,
        answer: str | Sequence[str],
        *,
        n_second: Sequence[Size],
        by: str | None = None,
        group: str | None = None,
        changes: Sequence[float] = CHANGES,
        margins: Margins | None = None,
        within: str | None = None,
        collapse: int = COLLAPSE,
        response: float | tuple[float, float] = 1.0,
        missing: float | None = None,
        sites: int | None = None,
        icc: float | None = None,
        redraw: Redraw = "answers",
        level: float = 0.95,
    ) -> SimulationDesign:
        """Take the actual first wave, with its weights and recruitment sites.

        Parameters
        ----------
        sample : Sample
            First wave. It is raked to the margins unless it was weighted already.
        variable : str
            Harmonised variable that the change is about.
        answer : str or sequence of str
            Answers that count together.
        n_second : sequence of int, or of mapping of str to int
            Sizes of the second wave: people asked of `group`; without a group, in all, shared out as in the first
            wave; or by group.
        by : str, optional
            Variable of the groups; all respondents are one group without it.
        group : str, optional
            The group that is asked about; all groups without it.
        changes : sequence of float
            True changes, as proportions.
        margins : as for `rake`, optional
        within : str, optional
            `by`, to rake inside each group.
        collapse : int, default 10
        response : float or tuple of two floats, default 1
            Share of those asked who take part; two where those who would not and who would give the answer differ.
        missing : float, optional
            Share of respondents who leave the question out; each group's in the first wave if not given.
        sites : int, optional
            Recruitment sites of each group in the second wave; by default as many respondents a site as in the first.
        icc : float, optional
            Intra-cluster correlation within sites; .05 where the first wave recorded sites, else 0.
        redraw : str, default "answers"
            "answers" keeps the first wave's respondents, weights and sites and draws their answers anew, so that
            false alarms and coverage count both waves' chance; "respondents" draws the people anew too, and rakes
            them; "nothing" takes the file as it is and its share as the truth, for power beside this very file:
            false alarms and coverage then have no meaning and are missing.
        level : float, default 0.95

        Returns
        -------
        SimulationDesign

        Raises
        ------
        WrongUseError
            If an argument does not exist or is out of its range.
        EstimationError
            If a variable, an answer or a group does not exist.

        Notes
        -----
        The second wave's people come from the first wave's, with replacement, those with and without the answer in
        proportions that make the weighted share baseline + change: the population nearest to the first wave's, in the
        Kullback-Leibler sense, with the margins and that share. A change is thus one of the odds of meeting a person
        with the answer, and people of all kinds take part as they did in the first wave.
        """
        _check_within(within, by)
        if margins is not None and not sample.design.calibration:
            sample = rake(sample, margins, within=within, collapse=collapse)
        first = first_of(sample, variable, answer, by=by, margins=margins)
        shares = {name: first.missing[name] if missing is None else _share("missing", missing) for name in first.names}
        design = SimulationDesign(
            first,
            _chosen(first, group),
            second_waves(n_second, first.respondents, group),
            tuple(_change(change) for change in changes),
            margins,
            within,
            require_whole("collapse", collapse, 0),
            _response(response),
            shares,
            None if sites is None else require_whole("sites", sites, 2),
            _icc(icc, sites_known=first.clustered),
            redraw,
            require_inside("level", level, 0, 1),
        )
        return _checked(design)

    @staticmethod
    def from_shares(  # noqa: PLR0913 - each is one thing that a plan has to say
        baseline: float | Mapping[str, float],
        *,
        n_first: int | Mapping[str, int],
        n_second: Sequence[Size],
        group: str | None = None,
        changes: Sequence[float] = CHANGES,
        design_effect: float = 1.0,
        reached: Reached | None = None,
        margins: Margins | None = None,
        within: str | None = None,
        collapse: int = COLLAPSE,
        response: float | tuple[float, float] = 1.0,
        missing: float = 0.0,
        sites: tuple[int, int] | None = None,
        icc: float | None = None,
        level: float = 0.95,
    ) -> SimulationDesign:
        """Suppose a first wave, without a file.

        Parameters
        ----------
        baseline : float, or mapping of str to float
            Share in the first wave, of all respondents or of each group.
        n_first : int, or mapping of str to int
            Respondents of the first wave.
        n_second, group, changes, margins, collapse, response, level
            As for `from_wave`.
        design_effect : float, default 1
            Of the weights that respondents bring along (1 + squared coefficient of variation), lognormal.
        reached : mapping of variable to mapping of category to share, optional
            Who takes part, for each variable of the margins; variables are drawn independently.
        within : str, optional
            "group", to rake inside each group.
        missing : float, default 0
        sites : tuple of two ints, optional
            Recruitment sites of each group in the first and the second wave; every respondent alone without.
        icc : float, optional
            .05 where there are sites, else 0.

        Returns
        -------
        SimulationDesign
            With both waves drawn anew in each repetition.

        Raises
        ------
        WrongUseError
            If an argument is out of its range, or groups and categories do not fit each other.
        """
        sizes = dict(n_first) if isinstance(n_first, Mapping) else {EVERYBODY: n_first}
        shares = dict(baseline) if isinstance(baseline, Mapping) else dict.fromkeys(sizes, baseline)
        _check_within(within, GROUP if isinstance(n_first, Mapping) else None)
        first = made_up_first(
            shares,
            sizes,
            design_effect=design_effect,
            reached=reached or {},
            margins=margins,
            within=within,
            sites=None if sites is None else require_whole("sites", sites[0], 2),
        )
        design = SimulationDesign(
            first,
            _chosen(first, group),
            second_waves(n_second, first.respondents, group),
            tuple(_change(change) for change in changes),
            margins,
            within,
            require_whole("collapse", collapse, 0),
            _response(response),
            dict.fromkeys(first.names, _share("missing", missing)),
            None if sites is None else require_whole("sites", sites[1], 2),
            _icc(icc, sites_known=sites is not None),
            "respondents",
            require_inside("level", level, 0, 1),
        )
        return _checked(design)

    def drawn_groups(self) -> tuple[str, ...]:
        """Name the groups that have to be drawn: all of them where they are raked together."""
        together = self.margins is not None and self.within is None
        return self.first.names if together else self.groups

    def redrawing(self, redraw: Redraw) -> SimulationDesign:
        """Return the same design with other parts of the first wave drawn anew."""
        return _checked(replace(self, redraw=redraw))


def _checked(design: SimulationDesign) -> SimulationDesign:
    """Refuse parts that do not fit each other."""
    if design.redraw not in get_args(Redraw):
        msg = f"Cannot simulate with redraw={design.redraw!r}; there are {list(get_args(Redraw))}."
        raise WrongUseError(msg)
    if design.redraw != "respondents" and not design.first.actual:
        msg = f"Cannot simulate with redraw={design.redraw!r}: a made-up first wave has no respondents to keep."
        raise WrongUseError(msg)
    if not design.changes or not design.n_second:
        raise WrongUseError("Cannot simulate: give at least one change and one size of the second wave.")
    if design.icc and not design.first.clustered:
        msg = (
            f"Cannot simulate with icc={design.icc!r}: the first wave has no recruitment sites within which answers "
            "could be alike. Read it with its sites, give sites=, or leave icc out."
        )
        raise WrongUseError(msg)
    most = max(n for sizes in design.n_second for n in sizes.values())
    if most > LARGEST:
        msg = f"Cannot simulate {most:,} respondents of a group: {LARGEST:,} is the most. Use power() for such waves."
        raise WrongUseError(msg)
    return design


def _check_within(within: str | None, by: str | None) -> None:
    """Refuse to rake within anything but the groups."""
    if within is not None and within != by:
        msg = f"Cannot simulate raking within {within!r}: groups are by {by!r}. Rake within the groups, or not within."
        raise WrongUseError(msg)


def _chosen(first: First, group: str | None) -> tuple[str, ...]:
    """Take the group asked about, or all."""
    if group is None:
        return first.names
    domain_of(first.names, group)
    return (group,)


def _change(change: object) -> float:
    """Refuse a change outside -1 to 1."""
    return require_inside("change", change, -1, 1)


def _share(name: str, value: object) -> float:
    """Refuse a share of people left out that leaves nobody."""
    share = require_number(name, value)
    if not 0 <= share < 1:
        msg = f"Cannot simulate with {name}={value!r}: it must be a share of at least 0 and below 1."
        raise WrongUseError(msg)
    return share


def _response(value: float | tuple[float, float]) -> tuple[float, float]:
    """Take one share that takes part, or two."""
    without, having = value if isinstance(value, tuple) else (value, value)
    shares = [1 - _share("1 - response", 1 - require_number("response", share)) for share in (without, having)]
    return shares[0], shares[1]


def _icc(icc: float | None, *, sites_known: bool) -> float:
    """Take the correlation given, or the usual one where there are sites."""
    if icc is None:
        return ASSUMED_ICC if sites_known else 0.0
    share = _share("icc", icc)
    return float(np.round(share, 12))
