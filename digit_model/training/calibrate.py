"""Probabilities that mean what they say."""

import numpy as np
from scipy.optimize import minimize_scalar


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that makes the labels most likely (Guo et al., 2017).

    Args:
        probabilities: float `(n, classes)`, the network's own, of validation data.
        labels: int `(n,)`.

    Returns:
        The temperature; below 1 the network is too timid, above 1 too bold.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-12))

    def negative_log_likelihood(temperature: float) -> float:
        scaled = logits / temperature
        scaled -= np.logaddexp.reduce(scaled, axis=1, keepdims=True)
        return -float(scaled[np.arange(len(labels)), labels].mean())

    return float(minimize_scalar(negative_log_likelihood, bounds=(0.1, 10), method="bounded").x)


def digit_threshold(log_odds: np.ndarray, accepted: float) -> float:
    """The odds from which something is taken for a digit.

    Args:
        log_odds: float `(n,)`, of digits: the logarithm of how much more probable
            the likeliest digit is than that it is none.
        accepted: the share of digits that is not to be refused, 0 to 1.
    """
    return float(np.quantile(log_odds, 1 - accepted))


def sure_threshold(confidence: np.ndarray, right: np.ndarray, precision: float = 0.999) -> float:
    """The lowest confidence from which answers are right often enough to be called sure.

    Args:
        confidence: float `(n,)`, the probability of each answer, 0 to 1.
        right: bool `(n,)`, whether it was right.
        precision: the share of right answers wanted among the sure, 0 to 1.

    Returns:
        A probability between 0.5 and 0.99.
    """
    order = np.argsort(-confidence)
    good = np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision
    lowest = confidence[order][good][-1] if good.any() else 1.0
    return float(np.clip(lowest, 0.5, 0.99))
