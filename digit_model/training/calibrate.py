"""Calibration: the temperature, and the thresholds of the verdicts."""

import numpy as np
from scipy.optimize import minimize_scalar


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Find the temperature that makes the labels most likely (Guo et al., 2017).

    Args:
        probabilities: float `(n, classes)`, the uncalibrated output for validation data.
        labels: int `(n,)`, classes.

    Returns:
        The temperature, 0.1 to 10. The network is underconfident below 1, overconfident above.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-12))

    def negative_log_likelihood(temperature: float) -> float:
        scaled = logits / temperature
        scaled -= np.logaddexp.reduce(scaled, axis=1, keepdims=True)
        return -float(scaled[np.arange(len(labels)), labels].mean())

    return float(minimize_scalar(negative_log_likelihood, bounds=(0.1, 10), method="bounded").x)


def digit_threshold(log_odds: np.ndarray, accepted: float) -> float:
    """Find the log-odds from which a picture counts as a digit.

    Args:
        log_odds: float `(n,)`, for pictures of digits: the log-odds of the most probable digit
            against "not a digit".
        accepted: the share of these pictures that must not be refused, 0 to 1.
    """
    return float(np.quantile(log_odds, 1 - accepted))


def sure_threshold(confidence: np.ndarray, right: np.ndarray, precision: float = 0.999) -> float:
    """Find the lowest confidence from which answers are right often enough to be called sure.

    Args:
        confidence: float `(n,)`, the probability of each answer, 0 to 1.
        right: bool `(n,)`, whether the answer was right.
        precision: the required share of right answers among the sure ones, 0 to 1.

    Returns:
        A probability between 0.5 and 0.99.
    """
    order = np.argsort(-confidence)
    is_precise = np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision
    lowest = confidence[order][is_precise][-1] if is_precise.any() else 1.0
    return float(np.clip(lowest, 0.5, 0.99))
