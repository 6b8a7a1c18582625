"""CR2 for regressions: residuals corrected for their cluster's pull on the fit, and what degrees of freedom need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lpact_eval.estimation.variance import sum_rows

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, FloatArray, IntArray

_ROOT_TOLERANCE = 1e-10  # relative size under which an eigenvalue counts as zero


@dataclass(frozen=True, slots=True, eq=False)
class Equations:
    """Estimating equations of a weighted regression at its solution; n respondents, p coefficients.

    Attributes
    ----------
    model : ndarray of shape (n, p)
        Model matrix X on the response scale: its rows times the slope of the inverse link.
    score : ndarray of shape (n, p)
        S, the rows of the unscaled model matrix times the survey weight; sum of S_i e_i is 0.
    working : ndarray of shape (n,)
        Working variances phi of the residuals: 1 in least squares, the family's variance else.
    bread : ndarray of shape (p, p)
        B = (S'X)^-1.
    """

    model: FloatArray
    score: FloatArray
    working: FloatArray
    bread: FloatArray

    @property
    def middle(self) -> FloatArray:
        """M = B S' phi S B, the working covariance of the coefficients."""
        return self.bread @ (self.score.T @ (self.working[:, None] * self.score)) @ self.bread


@dataclass(frozen=True, slots=True, eq=False)
class ModelMoments:
    """Working-model moments behind Satterthwaite's degrees of freedom of any combination c of the coefficients.

    Attributes
    ----------
    own : ndarray of shape (m, p, p)
        a_j' phi_j a_j of each cluster, with a_j = A_j S_j B c.
    spread : ndarray of shape (m, p, p)
        X_j' a_j.
    echo : ndarray of shape (m, p, p)
        S_j' phi_j a_j.
    bread, middle : ndarray of shape (p, p)
        B and M; see `Equations`.

    Notes
    -----
    G_jl = p_j' p_l = [j = l] a_j' phi_j a_j - u_j' B e_l - e_j' B u_l + u_j' M u_l with u = `spread` c, e = `echo` c,
    which is diagonal plus low rank: no n x n matrix is made. df = tr(G)^2 / sum of G_jl^2.

    References
    ----------
    Bell & McCaffrey (2002), *Survey Methodology* 28, 169-181; Pustejovsky & Tipton (2018), *JBES* 36, 672-683, eq. 11.
    """

    own: FloatArray
    spread: FloatArray
    echo: FloatArray
    bread: FloatArray
    middle: FloatArray

    def df(self, loading: FloatArray) -> FloatArray:
        """Satterthwaite degrees of freedom of rows of coefficients, shape (k,)."""
        return np.array([self._df(row) for row in loading])

    def _df(self, c: FloatArray) -> float:
        """Degrees of freedom of one combination of the coefficients."""
        own = np.einsum("a,jab,b->j", c, self.own, c)
        u, e = self.spread @ c, self.echo @ c
        diagonal = ((u @ self.middle) * u).sum(axis=1) - 2 * ((u @ self.bread) * e).sum(axis=1)
        bottom = float((own**2).sum() + 2 * (own * diagonal).sum() + self._low_rank(u, e))
        top = float((own + diagonal).sum()) ** 2
        return top / bottom if bottom > 0 else 0.0

    def expectation(self, loading: FloatArray) -> FloatArray:
        """Covariance of rows of coefficients under the working model, shape (r, r)."""
        low = self._low(loading)
        return self._diagonal(loading).sum(axis=2) + np.einsum("sja,ab,tjb->st", low, self._core, low)

    def total_variance(self, loading: FloatArray) -> float:
        """Sum of the variances of the entries of the rows' covariance matrix under the working model.

        Sum over s, t of <G_ss, G_tt> + <G_st, G_ts>, with G_st = diagonal + low_s core low_t'.
        """
        own, low, core = self._diagonal(loading), self._low(loading), self._core
        spread = np.einsum("sja,ab,tjb->stj", low, core, low)
        gram = core @ np.einsum("sja,tjb->stab", low, low)
        whole, around = np.einsum("ssj->j", own), np.einsum("ssj->j", spread)
        whole_low = np.einsum("stab,tsba->", gram, gram) + 2 * whole @ around + whole @ whole
        pairs_low = np.einsum("stab,stba->", gram, gram) + 2 * (own * spread).sum() + (own**2).sum()
        return float(whole_low + pairs_low)

    @property
    def _core(self) -> FloatArray:
        """Matrix between the low-rank parts: [[M, -B], [-B, 0]]."""
        return np.block([[self.middle, -self.bread], [-self.bread, np.zeros_like(self.bread)]])

    def _low(self, loading: FloatArray) -> FloatArray:
        """Low-rank parts [u, e] of the rows, shape (r, m, 2p)."""
        parts = [np.einsum("jab,sb->sja", part, loading) for part in (self.spread, self.echo)]
        return np.concatenate(parts, axis=2)

    def _diagonal(self, loading: FloatArray) -> FloatArray:
        """Diagonal parts a_sj' phi_j a_tj of pairs of rows, shape (r, r, m)."""
        return np.einsum("sa,jab,tb->stj", loading, self.own, loading)

    def _low_rank(self, u: FloatArray, e: FloatArray) -> float:
        """Sum of squares of the low-rank part of G, by p x p matrices."""
        bread, middle = self.bread, self.middle
        uu, eu, ee = u.T @ u, e.T @ u, e.T @ e
        crossed = np.trace(bread @ eu @ bread @ eu) + np.trace(bread @ ee @ bread @ uu)
        mixed = np.trace(bread @ eu @ middle @ uu)
        return float(2 * crossed - 4 * mixed + np.trace(middle @ uu @ middle @ uu))


@dataclass(frozen=True, slots=True, eq=False)
class FixedMoments:
    """Degrees of freedom that every combination of the coefficients shares: PSUs - strata + 1 - p."""

    value: float

    def df(self, loading: FloatArray) -> FloatArray:
        """Return the same degrees of freedom for every row, shape (k,)."""
        return np.repeat(np.array([self.value]), loading.shape[0])


def corrected_scores(equations: Equations, cluster: IntArray) -> FloatArray:
    """Multiply each cluster's scores by A_j, so that row i holds A_j S_j B of its cluster j; shape (n, p).

    Parameters
    ----------
    equations : Equations
    cluster : ndarray of shape (n,), int
        Codes 0 to m-1, every one present.

    Notes
    -----
    B_j = phi^1/2 [(I - H) phi (I - H)']_jj phi^1/2 and A_j = phi^1/2 B_j^(+1/2) phi^1/2, the pseudo-inverse symmetric
    root, on the response scale as in clubSandwich; the root is not invariant to that scale.

    References
    ----------
    Pustejovsky & Tipton (2018), *JBES* 36, 672-683, eq. 5; Bell & McCaffrey (2002).
    """
    target = equations.score @ equations.bread
    sizes = np.bincount(cluster)
    alone = sizes[cluster] == 1
    corrected = np.empty_like(target)
    corrected[alone] = _alone(equations, alone)[:, None] * target[alone]
    order = np.argsort(cluster, kind="stable")
    ends = np.cumsum(sizes)
    for code in np.flatnonzero(sizes > 1):
        rows = order[ends[code] - sizes[code] : ends[code]]
        corrected[rows] = _root(equations, rows) @ target[rows]
    return corrected


def _alone(equations: Equations, rows: BoolArray) -> FloatArray:
    """A_j of clusters of one respondent (HC2)."""
    model, working = equations.model[rows], equations.working[rows]
    leverage = ((model @ equations.bread) * equations.score[rows]).sum(axis=1)
    covered = ((model @ equations.middle) * model).sum(axis=1)
    inner = working**2 * (1 - 2 * leverage) + working * covered
    seen = inner > _ROOT_TOLERANCE * working**2
    return np.where(seen, working / np.sqrt(np.where(seen, inner, 1.0)), 0.0)


def _root(equations: Equations, rows: IntArray) -> FloatArray:
    """A_j of one cluster, shape (n_j, n_j)."""
    model, working = equations.model[rows], equations.working[rows]
    hat = (model @ equations.bread @ equations.score[rows].T) * working
    inner = np.diag(working) - hat - hat.T + model @ equations.middle @ model.T
    half = np.sqrt(working)
    values, vectors = np.linalg.eigh(half[:, None] * inner * half)
    seen = values > _ROOT_TOLERANCE * max(float(values.max()), float(working.max()) ** 2)
    powers = np.where(seen, 1 / np.sqrt(np.where(seen, values, 1.0)), 0.0)
    return half[:, None] * ((vectors * powers) @ vectors.T) * half


def moments(equations: Equations, corrected: FloatArray, cluster: IntArray) -> ModelMoments:
    """Sum over each cluster what degrees of freedom need; see `ModelMoments`."""
    working = equations.working[:, None]
    return ModelMoments(
        _by_cluster(working * corrected, corrected, cluster),
        _by_cluster(equations.model, corrected, cluster),
        _by_cluster(working * equations.score, corrected, cluster),
        equations.bread,
        equations.middle,
    )


def _by_cluster(left: FloatArray, right: FloatArray, cluster: IntArray) -> FloatArray:
    """Sum the outer products of rows within clusters, shape (m, p, p)."""
    count, p = int(cluster.max()) + 1, right.shape[1]
    products = np.einsum("ia,ib->iab", left, right).reshape(-1, p * p)
    return sum_rows(products, cluster, count).reshape(count, p, p)
