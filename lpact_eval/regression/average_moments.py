"""Degrees of freedom of averages of predictions over respondents who count as drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.variance import sum_rows

if TYPE_CHECKING:
    from lpact_eval.regression.leverage import ModelMoments
    from lpact_eval.sample import Design, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class MeanMoments:
    """Working-model moments of the means of d disjoint domains over m sampling units; see `leverage.ModelMoments`.

    Attributes
    ----------
    own, spread, echo : ndarray of shape (m, d)
        Sums over a unit's respondents of a_i^2, a_i and w_i a_i, a_i being the weight corrected for leverage over the
        domain's total weight.
    bread, middle : ndarray of shape (d,)
        1 / W and the sum of w^2 over W^2.
    """

    own: FloatArray
    spread: FloatArray
    echo: FloatArray
    bread: FloatArray
    middle: FloatArray

    @staticmethod
    def of(design: Design, domain: IntArray, domains: int, units: IntArray, *, corrected: FloatArray) -> MeanMoments:
        """Work out the moments for domains of all respondents, shape (n,), -1 outside, and the units asked for.

        `corrected` holds the weights that `cr2_leverage` gives for these domains, shape (n,).
        """
        inside = domain >= 0
        where = np.where(inside, domain, 0)
        weight = np.where(inside, design.weight, 0.0)
        total = np.bincount(where, weight, minlength=domains)
        corrected = np.where(inside, corrected, 0.0) / total[where]
        sums = sum_rows(
            np.column_stack([corrected**2, corrected, weight * corrected]),
            design.psu * domains + where,
            design.psu_count * domains,
        ).reshape(design.psu_count, domains, 3)[units]
        middle = np.bincount(where, weight**2, minlength=domains) / total**2
        return MeanMoments(sums[:, :, 0], sums[:, :, 1], sums[:, :, 2], 1 / total, middle)


@dataclass(frozen=True, slots=True, eq=False)
class AverageMoments:
    """Working-model moments of averages of predictions, over respondents who count as drawn at random.

    A row of coefficients holds those on the b basic estimates of the regression, in units of its residual, and those
    on the f independent deviations of unit variance that make up the predictions within each of d domains.

    Attributes
    ----------
    fitted : ModelMoments
        Of the regression.
    drawn : MeanMoments
        Of the means of the d domains, over the same m units.

    Notes
    -----
    V is the sum of squares of A_j + B_j over the units j, A the coefficients' part and B that of the respondents. Under
    a working model in which residuals and predictions vary independently, both independently between respondents,
    G = G_A + sum over d of tau_d^2 G_d, and df = tr(G)^2 / sum of G_jl^2 holds the products of G_A and G_d too: for
    parts of the same shape df is that of either, and Welch's sum of both only where their G have nothing in common.

    References
    ----------
    Satterthwaite (1946), *Biometrics Bulletin* 2, 110-114; Pustejovsky & Tipton (2018), *JBES* 36, 672-683, eq. 11.
    """

    fitted: ModelMoments
    drawn: MeanMoments

    def df(self, loading: FloatArray) -> FloatArray:
        """Satterthwaite degrees of freedom of rows of coefficients, shape (k,)."""
        fitted, factors = self._split(loading)
        size = np.sqrt((factors**2).sum(axis=2))
        alone = ~size.any(axis=1)
        found = np.zeros(loading.shape[0])
        found[alone] = self.fitted.df(fitted[alone])
        middle = self.fitted.middle
        for place in np.flatnonzero(~alone).tolist():
            found[place] = self._df(fitted[place], size[place], middle)
        return found

    def expectation(self, loading: FloatArray) -> FloatArray:
        """Covariance of rows of coefficients under the working model, shape (r, r)."""
        own, low, core = self._parts(*self._split(loading))
        return own.sum(axis=2) + np.einsum("sja,ab,tjb->st", low, core, low)

    def total_variance(self, loading: FloatArray) -> float:
        """Sum of the variances of the entries of the rows' covariance matrix under the working model.

        Sum over s, t of <G_ss, G_tt> + <G_st, G_ts>, with G_st = diagonal + low_s core low_t'.
        """
        own, low, core = self._parts(*self._split(loading))
        spread = np.einsum("sja,ab,tjb->stj", low, core, low)
        gram = core @ np.einsum("sja,tjb->stab", low, low)
        whole, around = np.einsum("ssj->j", own), np.einsum("ssj->j", spread)
        whole_low = np.einsum("stab,tsba->", gram, gram) + 2 * whole @ around + whole @ whole
        pairs_low = np.einsum("stab,stba->", gram, gram) + 2 * (own * spread).sum() + (own**2).sum()
        return float(whole_low + pairs_low)

    def _df(self, fitted: FloatArray, tau: FloatArray, middle: FloatArray) -> float:
        """Degrees of freedom of one combination; within a domain only the size of its deviations counts."""
        own, u, e = self.fitted.along(fitted)
        drawn, used = self.drawn, tau > 0
        size = tau[used]
        one = own + drawn.own[:, used] @ size**2
        low = np.hstack([u, drawn.spread[:, used] * size, e, drawn.echo[:, used] * size])
        core = _core(middle, drawn.middle[used], self.fitted.bread, drawn.bread[used])
        around = ((low @ core) * low).sum(axis=1)
        turned = core @ (low.T @ low)
        bottom = float((one**2).sum() + 2 * (one @ around) + (turned * turned.T).sum())
        return float((one + around).sum()) ** 2 / bottom if bottom > 0 else 0.0

    def _split(self, loading: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Coefficients on the regression (r, b), and on the deviations within domains (r, d, f)."""
        b, d = self.fitted.bread.shape[0], self.drawn.bread.size
        return loading[:, :b], loading[:, b:].reshape(loading.shape[0], d, -1)

    def _parts(self, fitted: FloatArray, factors: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """G of pairs of rows as a diagonal (r, r, m) and low-rank parts (r, m, c) around a core (c, c)."""
        model, drawn = self.fitted, self.drawn
        own = np.einsum("sa,jab,tb->stj", fitted, model.own, fitted)
        own += np.einsum("sdf,tdf,jd->stj", factors, factors, drawn.own)
        sides = [np.einsum("jab,sb->sja", part, fitted) for part in (model.spread, model.echo)]
        shape = (fitted.shape[0], drawn.own.shape[0], -1)
        sides += [np.einsum("jd,sdf->sjdf", part, factors).reshape(shape) for part in (drawn.spread, drawn.echo)]
        middle, bread = (np.repeat(part, factors.shape[2]) for part in (drawn.middle, drawn.bread))
        low = np.concatenate([sides[0], sides[2], sides[1], sides[3]], axis=2)
        return own, low, _core(model.middle, middle, model.bread, bread)


def _core(middle: FloatArray, more_middle: FloatArray, bread: FloatArray, more_bread: FloatArray) -> FloatArray:
    """Matrix between the low-rank parts: [[M, -B], [-B, 0]], of the regression and, diagonal, of the means."""
    whole, turned = _diagonal(middle, more_middle), -_diagonal(bread, more_bread)
    return np.block([[whole, turned], [turned, np.zeros_like(turned)]])


def _diagonal(first: FloatArray, rest: FloatArray) -> FloatArray:
    """Put a matrix and a diagonal on one diagonal."""
    size = first.shape[0]
    whole = np.zeros((size + rest.size, size + rest.size))
    whole[:size, :size] = first
    whole[range(size, size + rest.size), range(size, size + rest.size)] = rest
    return whole
