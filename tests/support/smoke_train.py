"""`scripts/train.py`, but with few blanks and strings at the end: all of them take two minutes."""

from digit_model.training import numbers, rejection
from scripts import train

if __name__ == "__main__":
    rejection.BLANK_PHOTOS, numbers.MAX_STRINGS = 8, 20
    train.main()
