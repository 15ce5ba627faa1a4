"""What common factors tell of values that are not observed, by `keras.ops`."""

from __future__ import annotations

from keras import ops

from keras_rgan.utils.types import Tensor


def posterior(
    values: Tensor, observed: Tensor, centres: Tensor, logs: Tensor, loadings: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor]:
    """Return mean and variance of each value, given those that are observed.

    Values are those of one of several centres, and loadings @ z + noise for factors z of variance 1,
    all Gaussian: given those that are observed z is Gaussian too, and how likely each centre is follows
    from how well it goes with them.

    Args:
        values: `(batch, numbers)`, finite wherever they are observed.
        observed: Of the same shape, 1 where a value is observed.
        centres: `(centres, numbers)`.
        logs: The logarithms of the centres' shares, `(centres,)`.
        loadings: `(numbers, factors)`.
        noise: Variances, `(numbers,)`, none of them 0.

    Returns:
        Means and variances, `(batch, numbers)`; of those that are observed too, as if they were not.

    Example:
        >>> import numpy as np
        >>> values, observed = np.array([[[3.0, 0.0]], [[1.0, 0.0]]], "float32")
        >>> law = np.zeros((1, 2)), np.zeros(1), np.ones((2, 1)), np.full(2, 0.5)
        >>> mean, variance = posterior(values, observed, *(x.astype("float32") for x in law))
        >>> round(float(mean[0, 1]), 4), round(float(variance[0, 1]), 4)
        (2.0, 0.8333)

    Reference:
        Ghahramani and Hinton, "The EM Algorithm for Mixtures of Factor Analyzers", 1996; Bishop,
        "Pattern Recognition and Machine Learning", 2006, section 12.2.4.
    """
    numbers, rank = loadings.shape
    count = centres.shape[0]
    # About the centres' middle, which keeps the differences of squares precise.
    middle = ops.mean(centres, axis=0)
    centres = centres - middle
    left = ops.where(observed > 0, values - middle, 0.0)
    shares = ops.where(observed > 0, 1.0 / noise, 0.0)
    pairs = ops.reshape(loadings[:, :, None] * loadings[:, None, :], (numbers, rank * rank))
    of_centres = ops.transpose(centres)[:, :, None] * loadings[:, None, :]
    of_centres = ops.reshape(of_centres, (numbers, count * rank))
    precision = ops.reshape(ops.matmul(shares, pairs), (-1, rank, rank)) + ops.eye(
        rank, dtype=loadings.dtype
    )
    known = ops.matmul(left * shares, loadings)[:, None, :]
    known = known - ops.reshape(ops.matmul(shares, of_centres), (-1, count, rank))
    turned = ops.broadcast_to(ops.transpose(loadings), (ops.shape(values)[0], rank, numbers))
    targets = ops.concatenate([ops.transpose(known, (0, 2, 1)), turned], axis=-1)
    half = ops.linalg.solve_triangular(ops.cholesky(precision), targets, lower=True)
    factors, turned = half[:, :, :count], half[:, :, count:]
    squares = ops.sum(shares * ops.square(left), axis=1, keepdims=True)
    squares = squares - 2.0 * ops.matmul(left * shares, ops.transpose(centres))
    squares = squares + ops.matmul(shares, ops.transpose(ops.square(centres)))
    likely = logs - 0.5 * (squares - ops.sum(ops.square(factors), axis=1))
    likely = ops.exp(likely - ops.logsumexp(likely, axis=-1, keepdims=True))
    each = centres + ops.matmul(ops.transpose(factors, (0, 2, 1)), turned)
    mean = ops.sum(likely[:, :, None] * each, axis=1)
    between = ops.sum(likely[:, :, None] * ops.square(each - mean[:, None]), axis=1)
    return middle + mean, noise + ops.sum(ops.square(turned), axis=1) + between
