"""`scripts/train.py`, but with few photos of blank paper at the end: all of them take a minute."""

from digit_model.training import honesty
from scripts import train

if __name__ == "__main__":
    honesty.BLANKS = 8
    train.main()
