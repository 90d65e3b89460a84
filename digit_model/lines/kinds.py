"""The kinds of marks that the spotter tells apart."""

DIGIT_KINDS = 10  # The first kinds are the digits 0 to 9.
SIGNS = ("minus", "slash", "point", "plus")  # The kinds after the digits; a comma is a point.
SIGN_TEXTS = ("-", "/", ".", "+")  # How each of `SIGNS` is written.
OTHER = DIGIT_KINDS + len(SIGNS)  # Any other sign, a letter, a doodle, or a digit struck out.
KINDS = OTHER + 1
MIN_KIND = 1e-4  # Probability: lower ones of a kind count as this.


def kind_of_sign(name: str) -> int:
    """Return the kind of a sign by its name; `OTHER` for a name that is not in `SIGNS`."""
    return DIGIT_KINDS + SIGNS.index(name) if name in SIGNS else OTHER
