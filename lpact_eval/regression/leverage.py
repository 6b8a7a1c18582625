"""CR2 for regressions: residuals corrected for their cluster's pull on the fit, and what degrees of freedom need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lpact_eval.sample import BoolArray, FloatArray, IntArray

_TOGETHER = 500_000  # numbers of the matrices whose roots are taken at once
_ROOT_TOLERANCE = 1e-10  # relative size under which an eigenvalue counts as zero
_SQUARE = 64  # respondents in a cluster up to which a square matrix is no slower


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
    equations : Equations
    corrected : ndarray of shape (n, p)
        A_j S_j B of each respondent's cluster j; see `corrected_scores`.
    cluster : ndarray of shape (n,), int
        Codes 0 to m-1.
    alone : bool
        Whether every respondent is a cluster and the codes are their places.
    products : callable
        Makes the three arrays below when somebody asks for them.

    Notes
    -----
    G_jl = p_j' p_l = [j = l] a_j' phi_j a_j - u_j' B e_l - e_j' B u_l + u_j' M u_l with u = `spread` c, e = `echo` c,
    which is diagonal plus low rank: no n x n matrix is made. df = tr(G)^2 / sum of G_jl^2.

    References
    ----------
    Bell & McCaffrey (2002), *Survey Methodology* 28, 169-181; Pustejovsky & Tipton (2018), *JBES* 36, 672-683, eq. 11.
    """

    equations: Equations
    corrected: FloatArray
    cluster: IntArray
    alone: bool
    products: Callable[[], tuple[FloatArray, FloatArray, FloatArray]]

    @property
    def own(self) -> FloatArray:
        """a_j' phi_j a_j of each cluster, with a_j = A_j S_j B c; shape (m, p, p)."""
        return self.products()[0]

    @property
    def spread(self) -> FloatArray:
        """X_j' a_j, shape (m, p, p)."""
        return self.products()[1]

    @property
    def echo(self) -> FloatArray:
        """S_j' phi_j a_j, shape (m, p, p)."""
        return self.products()[2]

    @property
    def bread(self) -> FloatArray:
        """B; see `Equations`."""
        return self.equations.bread

    @property
    def middle(self) -> FloatArray:
        """M; see `Equations`."""
        return self.equations.middle

    def df(self, loading: FloatArray) -> FloatArray:
        """Satterthwaite degrees of freedom of rows of coefficients, shape (k,)."""
        middle = self.middle
        return np.array([self._df(row, middle) for row in loading])

    def _df(self, c: FloatArray, middle: FloatArray) -> float:
        """Degrees of freedom of one combination of the coefficients."""
        own, u, e = self.along(c)
        diagonal = ((u @ middle) * u).sum(axis=1) - 2 * ((u @ self.bread) * e).sum(axis=1)
        bottom = float((own**2).sum() + 2 * (own * diagonal).sum() + self._low_rank(u, e, middle))
        top = float((own + diagonal).sum()) ** 2
        return top / bottom if bottom > 0 else 0.0

    def along(self, c: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Own parts (m,), u and e (m, p) of one combination; of single respondents by products of two numbers."""
        if not self.alone:
            return np.einsum("a,jab,b->j", c, self.own, c), self.spread @ c, self.echo @ c
        pull = self.corrected @ c
        weighed = self.equations.working * pull
        return weighed * pull, pull[:, None] * self.equations.model, weighed[:, None] * self.equations.score

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
        if self.alone:
            return np.stack([np.hstack(self.along(row)[1:]) for row in loading])
        parts = [np.einsum("jab,sb->sja", part, loading) for part in (self.spread, self.echo)]
        return np.concatenate(parts, axis=2)

    def _diagonal(self, loading: FloatArray) -> FloatArray:
        """Diagonal parts a_sj' phi_j a_tj of pairs of rows, shape (r, r, m)."""
        if self.alone:
            pull = loading @ self.corrected.T
            return pull[:, None, :] * (self.equations.working * pull)
        return np.einsum("sa,jab,tb->stj", loading, self.own, loading)

    def _low_rank(self, u: FloatArray, e: FloatArray, middle: FloatArray) -> float:
        """Sum of squares of the low-rank part of G, by p x p matrices."""
        bread = self.bread
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
    target, middle = equations.score @ equations.bread, equations.middle
    sizes = np.bincount(cluster)
    alone = sizes[cluster] == 1
    if alone.all():
        return _alone(equations, slice(None), middle)[:, None] * target
    corrected = np.empty_like(target)
    corrected[alone] = _alone(equations, alone, middle)[:, None] * target[alone]
    padded = Equations(
        np.vstack([equations.model, np.zeros_like(target[:1])]),
        np.vstack([equations.score, np.zeros_like(target[:1])]),
        np.append(equations.working, 0.0),
        equations.bread,
    )
    most = max(_SQUARE, 2 * target.shape[1]) if (equations.working == 1).all() else cluster.size
    members = _rows_of(cluster)
    for rows in members:
        if rows.size > most:
            corrected[rows] = _large(equations, rows, target[rows], middle)
    target = np.vstack([target, np.zeros_like(target[:1])])
    for rows in _batches([rows for rows in members if 1 < rows.size <= most], cluster.size):
        shared = rows < cluster.size
        corrected[rows[shared]] = (_roots(padded, rows, middle) @ target[rows])[shared]
    return corrected


def _large(equations: Equations, rows: IntArray, target: FloatArray, middle: FloatArray) -> FloatArray:
    """A_j of a large cluster in least squares times its rows, shape (n_j, p), without a square matrix.

    With F = [X, S] of the cluster, B_j = I + F [[M, -B], [-B, 0]] F', which is I outside the 2p columns of F.
    """
    basis, triangle = np.linalg.qr(np.hstack([equations.model[rows], equations.score[rows]]))
    core = np.block([[middle, -equations.bread], [-equations.bread, np.zeros_like(middle)]])
    values, vectors = np.linalg.eigh(np.eye(triangle.shape[0]) + triangle @ core @ triangle.T)
    seen = values > _ROOT_TOLERANCE * max(float(values.max()), 1.0)
    powers = np.where(seen, 1 / np.sqrt(np.where(seen, values, 1.0)), 0.0)
    return target + basis @ ((vectors * (powers - 1)) @ (vectors.T @ (basis.T @ target)))


def _batches(members: Sequence[IntArray], n: int) -> Iterator[IntArray]:
    """Clusters whose sizes are alike, as places of respondents, shape (c, s), filled up with n."""
    sizes: IntArray = np.array([len(rows) for rows in members], dtype=np.intp)
    grain = np.maximum(np.exp2(np.floor(np.log2(np.maximum(sizes, 1))) - 2).astype(np.intp), 1)
    widths = -(-sizes // grain) * grain  # filled up by a quarter at most
    for width in np.unique(widths).tolist():
        alike = np.flatnonzero(widths == width)
        together = max(1, _TOGETHER // width**2)
        for start in range(0, alike.size, together):
            chosen: list[int] = alike[start : start + together].tolist()
            rows = np.full((len(chosen), width), n, dtype=np.intp)
            for line, place in zip(rows, chosen, strict=True):
                line[: len(members[place])] = members[place]
            yield rows


def _alone(equations: Equations, rows: BoolArray | slice, middle: FloatArray) -> FloatArray:
    """A_j of clusters of one respondent (HC2)."""
    model, working = equations.model[rows], equations.working[rows]
    leverage = ((model @ equations.bread) * equations.score[rows]).sum(axis=1)
    covered = ((model @ middle) * model).sum(axis=1)
    inner = working**2 * (1 - 2 * leverage) + working * covered
    seen = inner > _ROOT_TOLERANCE * working**2
    return np.where(seen, working / np.sqrt(np.where(seen, inner, 1.0)), 0.0)


def _roots(equations: Equations, rows: IntArray, middle: FloatArray) -> FloatArray:
    """A_j of clusters, shape (c, s, s), 0 for what fills them up."""
    model, working = equations.model[rows], equations.working[rows]
    turned = np.swapaxes(model, 1, 2)
    hat = (model @ equations.bread) @ np.swapaxes(equations.score[rows], 1, 2) * working[:, None, :]
    inner = (model @ middle) @ turned - hat - np.swapaxes(hat, 1, 2)
    np.einsum("css->cs", inner)[...] += working  # the diagonals
    half = np.sqrt(working)
    values, vectors = np.linalg.eigh(half[:, :, None] * inner * half[:, None, :])
    largest = np.maximum(values.max(axis=1), np.square(working.max(axis=1)))
    seen = values > _ROOT_TOLERANCE * largest[:, None]
    powers = np.where(seen, 1 / np.sqrt(np.where(seen, values, 1.0)), 0.0)
    root = (vectors * powers[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    return half[:, :, None] * root * half[:, None, :]


def moments(equations: Equations, corrected: FloatArray, cluster: IntArray) -> ModelMoments:
    """Set out what degrees of freedom need; see `ModelMoments` and, for what it takes, `corrected_scores`."""
    alone = np.array_equal(cluster, np.arange(cluster.size))
    return ModelMoments(equations, corrected, cluster, alone, cache(lambda: _products(equations, corrected, cluster)))


def _products(
    equations: Equations, corrected: FloatArray, cluster: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sum within clusters the outer products that `ModelMoments` is made of, shape (m, p, p) each."""
    order, ends = _in_clusters(cluster)
    working, p = equations.working[:, None], corrected.shape[1]
    left = np.hstack([working * corrected, equations.model, working * equations.score])[order]
    right = corrected[order]
    found = np.empty((len(ends) - 1, 3 * p, p))
    for code, (start, end) in enumerate(pairwise(ends)):
        found[code] = left[start:end].T @ right[start:end]
    return found[:, :p], found[:, p : 2 * p], found[:, 2 * p :]


def _rows_of(cluster: IntArray) -> list[IntArray]:
    """Places of each cluster's respondents."""
    order, ends = _in_clusters(cluster)
    return [order[start:end] for start, end in pairwise(ends)]


def _in_clusters(cluster: IntArray) -> tuple[IntArray, list[int]]:
    """Places of all respondents, cluster by cluster, and where in them each cluster begins and the last one ends."""
    ends: list[int] = np.cumsum(np.bincount(cluster)).tolist()
    return np.argsort(cluster, kind="stable"), [0, *ends]
