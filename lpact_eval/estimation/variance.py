"""The only variance in the package: from linearised variables to covariances and degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from lpact_eval.errors import EstimationError

if TYPE_CHECKING:
    from lpact_eval.sample import BoolArray, Calibration, Design, FloatArray, IntArray

CR2_CLUSTERS = 5_000  # with more in every domain CR2 and Taylor agree to four digits, and Taylor is used
_LARGE = 250_000  # numbers of an influence matrix above which its columns are squared one by one
_EXACT_FIT = 1e-6  # a leverage nearer to 1 than this means residual 0
_ROOT_TOLERANCE = 1e-10  # relative size under which an eigenvalue counts as zero

# Neither a design nor a step ever changes, so what follows from them is worked out once, and forgotten with them.
_INFLATIONS: WeakKeyDictionary[Design, FloatArray] = WeakKeyDictionary()
_INVERSES: WeakKeyDictionary[Calibration, FloatArray] = WeakKeyDictionary()


def calibrated(linearised: FloatArray, design: Design) -> FloatArray:
    """Remove from a linearised variable what each calibration step explained, newest step first.

    Parameters
    ----------
    linearised : ndarray of shape (n, k)
    design : Design

    Returns
    -------
    ndarray of shape (n, k)
        Residuals of the regression on the step's auxiliaries under the weights before the step. What a trimming did to
        a weight counts as part of the variable that the steps before it calibrated, as in R.

    References
    ----------
    Deville & Särndal (1992), *JASA* 87, 376-382, eq. 3.4; Lumley (2010), *Complex Surveys*, sec. 7.2.
    """
    residual = linearised
    trimmed = _trimmed(design)
    for number, step in reversed(list(enumerate(design.calibration))):
        residual = residual * trimmed[number][:, None] if number in trimmed else residual - _fitted(residual, step)
    for ratio in trimmed.values():
        residual = residual / ratio[:, None]
    return residual


def _trimmed(design: Design) -> dict[int, FloatArray]:
    """Ratio of the weight after to the weight before each trimming, shape (n,), by the place of the step."""
    places = [number for number, step in enumerate(design.calibration) if step.distance == "trim"]
    ratios: dict[int, FloatArray] = {}
    after = design.weight
    for number, step in reversed(list(enumerate(design.calibration)) if places else []):
        used = step.weight_before > 0
        if number in places:
            ratios[number] = np.where(used & (after > 0), after, 1.0) / np.where(
                used & (after > 0), step.weight_before, 1.0
            )
        after = np.where(used, step.weight_before, after)
    return ratios


def _fitted(linearised: FloatArray, step: Calibration) -> FloatArray:
    """Regress on the auxiliaries of one step, cell by cell; columns may be collinear."""
    weight = _scaled_weight(step)
    totals = sum_rows(linearised * weight[:, None], step.cell, step.auxiliary.shape[0])
    coefficients = _inverse_cross(step, weight) @ (step.auxiliary.T @ totals)
    return (step.auxiliary @ coefficients)[step.cell]


def calibration_inflation(design: Design) -> FloatArray:
    """Factor 1 / sqrt(1 - h) per respondent, shape (n,), for the degrees of freedom that calibration used up.

    h is the leverage in the regression on each step's auxiliaries; a respondent whom a step fits exactly has
    residual 0 and factor 1.

    References
    ----------
    Valliant (2002), *Survey Methodology* 28, 103-114, eq. 3.3, for the general regression estimator.
    """
    known = _INFLATIONS.get(design)
    if known is None:
        known = np.ones(design.weight.size)
        for step in design.calibration:
            weight = _scaled_weight(step)
            inverse = _inverse_cross(step, weight)
            leverage = weight * np.einsum("cp,cp->c", step.auxiliary @ inverse, step.auxiliary)[step.cell]
            known /= np.sqrt(np.where(leverage < 1 - _EXACT_FIT, 1 - leverage, 1.0))
        known.flags.writeable = False
        _INFLATIONS[design] = known
    return known


def _scaled_weight(step: Calibration) -> FloatArray:
    """Weights before the step over their mean, so that tolerances do not depend on the weights' unit."""
    return step.weight_before / max(float(step.weight_before.mean()), np.finfo(float).tiny)


def _inverse_cross(step: Calibration, weight: FloatArray) -> FloatArray:
    """Pseudo-inverse of the auxiliaries' weighted cross-products, shape (p, p)."""
    known = _INVERSES.get(step)
    if known is None:
        mass = np.bincount(step.cell, weight, minlength=step.auxiliary.shape[0])
        cross = step.auxiliary.T @ (mass[:, None] * step.auxiliary)
        known = np.asarray(np.linalg.pinv(cross, rcond=1e-11, hermitian=True), dtype=np.float64)
        _INVERSES[step] = known
    return known


def sum_rows(values: FloatArray, group: IntArray, groups: int) -> FloatArray:
    """Sum the rows of values, shape (n, k), within groups; shape (groups, k)."""
    if values.shape[0] == groups and np.array_equal(group, np.arange(groups)):
        return values
    sums = np.empty((groups, values.shape[1]))
    for column in range(values.shape[1]):
        sums[:, column] = np.bincount(group, values[:, column], minlength=groups)
    return sums


def within_strata(influence: FloatArray, design: Design) -> FloatArray:
    """Scale deviations of PSUs from their stratum so that cross-products are covariances (Taylor, ultimate cluster).

    Parameters
    ----------
    influence : ndarray of shape (m, k)
        Influence values summed within PSUs; PSUs without domain members are rows of zeros.
    design : Design

    Returns
    -------
    ndarray of shape (m, k)

    Raises
    ------
    EstimationError
        If a stratum has one PSU and is not a census.

    Notes
    -----
    V = sum over strata (1 - f) m / (m - 1) sum over PSUs (t - tbar)(t - tbar)'.

    References
    ----------
    Särndal, Swensson & Wretman (1992), *Model Assisted Survey Sampling*, sec. 4.6; Binder (1983).
    """
    stratum, fraction = design.psu_stratum, design.psu_fraction
    strata = int(stratum.max(initial=-1)) + 1
    counts = np.bincount(stratum, minlength=strata)
    _refuse_lonely(counts, stratum, fraction)
    if strata == 1 and (fraction == fraction[0]).all():
        deviations = influence - influence.mean(axis=0)
        deviations *= np.sqrt((1.0 - fraction[0]) * counts[0] / max(int(counts[0]) - 1, 1))
        return deviations
    means = sum_rows(influence, stratum, strata) / np.maximum(counts, 1)[:, None]
    factor = (1.0 - fraction) * (counts / np.maximum(counts - 1, 1))[stratum]
    return np.sqrt(factor)[:, None] * (influence - means[stratum])


def squares_within_strata(influence: FloatArray, design: Design) -> FloatArray:
    """Variances by `within_strata`, shape (k,); a column after the other where all together would fill the memory."""
    if influence.size <= _LARGE:
        return np.square(within_strata(influence, design)).sum(axis=0)
    columns = (within_strata(influence[:, column, None], design)[:, 0] for column in range(influence.shape[1]))
    return np.array([np.square(column).sum() for column in columns])


def _refuse_lonely(counts: IntArray, stratum: IntArray, fraction: FloatArray) -> None:
    """Refuse strata whose variance cannot be seen."""
    lonely = int(((counts[stratum] == 1) & (fraction < 1.0)).sum())
    if lonely:
        msg = (
            f"Cannot estimate a variance: {lonely} strata have one primary sampling unit each; two or more are needed. "
            "Merge each with a similar stratum, or leave the strata out of the design."
        )
        raise EstimationError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class Leverage:
    """CR2-adjusted weights of a set of disjoint domains and the moments behind Satterthwaite's degrees of freedom.

    Attributes
    ----------
    weight : ndarray of shape (n,)
        Adjusted weights A_j w_j inside the domains; the plain weights outside.
    trace : ndarray of shape (d,)
        tr(G) of each domain.
    product : ndarray of shape (d, d)
        Sum of the elementwise products of G between two domains.
    """

    weight: FloatArray
    trace: FloatArray
    product: FloatArray


def cr2_leverage(design: Design, domain: IntArray, domains: int, *, denominator: FloatArray | None = None) -> Leverage:
    """Adjust weights for the leverage of each cluster on its domain's ratio (CR2 with identity working model).

    Parameters
    ----------
    design : Design
        Clusters are its PSUs; strata and finite population correction are left aside.
    domain : ndarray of shape (n,), int
        Domain of each respondent with an answer; -1 for all others.
    domains : int
        Number of domains, d.
    denominator : ndarray of shape (n,), optional
        x in sum(w y) / sum(w x); 1 for means and shares.

    Returns
    -------
    Leverage

    Notes
    -----
    With F = [x, w] restricted to cluster j, B_j = I + F Omega F' has rank-two structure, so that
    B_j^(-1/2) w_j = F (I + Omega F'F)^(-1/2) e_2 needs 2 x 2 matrices only, all clusters at once.
    G = [p_j' p_k], p_j' = w_j' A_j (I - H)_j / X; df of a contrast c is tr(G_c)^2 / ||G_c||^2 with
    G_c = sum of c_d^2 G_d, domains being disjoint.

    References
    ----------
    Bell & McCaffrey (2002), *Survey Methodology* 28, 169-181; Pustejovsky & Tipton (2018),
    *JBES* 36, 672-683, eq. 5 and 11.
    """
    inside = (domain >= 0) & (design.weight > 0)
    where = np.where(inside, domain, 0)
    w = np.where(inside, design.weight, 0.0)
    x = inside.astype(float) if denominator is None else np.where(inside, denominator, 0.0)
    if design.psu_count == w.size:
        adjusted, trace, norm = _row_leverage(x, w, where, domains)
        return Leverage(np.where(inside, adjusted, design.weight), trace, np.diag(norm))
    cell = design.psu * domains + where
    gram = _cell_gram(x, w, cell, design.psu_count * domains).reshape(3, design.psu_count, domains)
    total = gram[1].sum(axis=0)
    squares = gram[2].sum(axis=0)
    coefficients = inverse_root(gram, total, squares)
    flat = coefficients.reshape(2, -1)
    adjusted = np.where(inside, flat[0][cell] * x + flat[1][cell] * w, design.weight)
    return Leverage(adjusted, *satterthwaite_moments(gram, coefficients, total, squares))


def _row_leverage(
    x: FloatArray, w: FloatArray, where: IntArray, domains: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Adjust weights (n,), with tr(G) (d,) and ||G||^2 (d,), where every respondent is a cluster: B is a scalar."""
    total = np.bincount(where, w * x, minlength=domains)
    safe = np.where(total == 0, 1.0, total)
    sigma = np.bincount(where, w * w, minlength=domains) / safe**2
    spread = 1 - 2 * w * x / safe[where] + x * x * sigma[where]
    adjusted = np.where(spread > _ROOT_TOLERANCE, w / np.sqrt(np.maximum(spread, _ROOT_TOLERANCE)), 0.0)
    diagonal, alpha, beta = adjusted**2, adjusted * x, adjusted * w / safe[where]
    bend = sigma[where] * alpha**2 - 2 * alpha * beta
    parts = (diagonal + bend, diagonal * (diagonal + 2 * bend), alpha * alpha, alpha * beta, beta * beta)
    trace, norm, aa, ab, bb = (np.bincount(where, part, minlength=domains) for part in parts)
    norm = norm + 2 * (aa * bb + ab**2) - 4 * sigma * aa * ab + sigma**2 * aa**2
    return adjusted, trace / safe**2, norm / safe**4


def _cell_gram(x: FloatArray, w: FloatArray, cell: IntArray, cells: int) -> FloatArray:
    """Sum x^2, x w and w^2 per cluster and domain, shape (3, cells)."""
    sums = [np.bincount(cell, product, minlength=cells) for product in (x * x, x * w, w * w)]
    return np.array(sums, dtype=np.float64)


def inverse_root(gram: FloatArray, total: FloatArray, squares: FloatArray) -> FloatArray:
    """Coefficients of A_j w_j on [x, w], shape (2, m, d), by the inverse root of a 2 x 2 matrix."""
    xx, xw, ww = gram
    safe = np.where(total == 0, 1.0, total)
    first, second = squares / safe**2, -1.0 / safe
    m11, m12 = 1 + first * xx + second * xw, first * xw + second * ww
    m21, m22 = second * xx, 1 + second * xw
    half = (m11 + m22) / 2
    spread = np.sqrt(np.maximum(((m11 - m22) / 2) ** 2 + m12 * m21, 0.0))
    large, small = half + spread, half - spread
    large = np.where(large > _ROOT_TOLERANCE, large, 0.0)
    small = np.where(small > _ROOT_TOLERANCE * np.maximum(large, 1.0), small, 0.0)
    slope, level = _root_polynomial(large, small)
    return np.stack([slope * m12, level + slope * m22])


def _root_polynomial(large: FloatArray, small: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slope and level of the line through (mu, mu^(-1/2)) at two eigenvalues; zero stays zero."""
    root_large, root_small = np.sqrt(large), np.sqrt(small)
    with np.errstate(divide="ignore", invalid="ignore"):
        both = -1.0 / (root_large * root_small * (root_large + root_small))
        level = 1.0 / root_large - both * large
        one = 1.0 / (root_large * large)
    regular = small > 0
    slope = np.where(regular, both, np.where(large > 0, one, 0.0))
    return slope, np.where(regular, level, 0.0)


def satterthwaite_moments(
    gram: FloatArray, coefficients: FloatArray, total: FloatArray, squares: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Traces (d,) and elementwise products (d, d) of G, which is diagonal plus rank two in each domain."""
    xx, xw, ww = gram
    on_x, on_w = coefficients
    safe = np.where(total == 0, 1.0, total)
    diagonal = on_x**2 * xx + 2 * on_x * on_w * xw + on_w**2 * ww
    alpha = on_x * xx + on_w * xw
    beta = (on_x * xw + on_w * ww) / safe
    sigma = squares / safe**2
    trace = (diagonal - 2 * alpha * beta).sum(axis=0) + sigma * (alpha**2).sum(axis=0)
    cross = diagonal.T @ (sigma * alpha**2 - 2 * alpha * beta)
    aa, ab, bb = alpha.T @ alpha, alpha.T @ beta, beta.T @ beta
    mixed = aa * ab.T * sigma  # sigma of the column's domain
    product = (
        diagonal.T @ diagonal
        + cross
        + cross.T
        + 2 * (aa * bb + ab * ab.T)
        - 2 * (mixed + mixed.T)
        + np.outer(sigma, sigma) * aa**2
    )
    return trace / safe**2, product / np.outer(safe**2, safe**2)


def satterthwaite_df(weights: FloatArray, trace: FloatArray, product: FloatArray) -> FloatArray:
    """Degrees of freedom tr(G)^2 / ||G||^2 of contrasts whose squared coefficients are given, shape (r, d)."""
    top = (weights @ trace) ** 2
    bottom = np.einsum("rd,de,re->r", weights, product, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, 0.0)


def design_df(reached: BoolArray, stratum: IntArray) -> FloatArray:
    """PSUs minus strata among those that each estimate reaches, shape (k,); reached has shape (m, k)."""
    strata = int(stratum.max(initial=-1)) + 1
    units = reached.sum(axis=0)
    if strata <= 1:
        return (units - (units > 0)).astype(float)
    touched = np.column_stack(
        [np.bincount(stratum, reached[:, column], minlength=strata) > 0 for column in range(reached.shape[1])]
    )
    return (units - touched.sum(axis=0)).astype(float)
