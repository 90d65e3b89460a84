"""The kinds of marks that the spotter tells apart."""

DIGIT_KINDS = 10  # The first kinds are the digits 0 to 9.
SIGNS = ("minus", "slash", "point", "plus")  # The next, in this order; a comma is a point.
WRITTEN = ("-", "/", ".", "+")  # How each is written.
OTHER = DIGIT_KINDS + len(SIGNS)  # Any other sign, a letter, a doodle, or a digit struck out.
KINDS = OTHER + 1
UNLIKELY = 1e-4  # The least probability that a network is taken to give to a kind.


def kind_of_sign(name: str) -> int:
    """The kind of a sign; `OTHER` for those that have none of their own."""
    return DIGIT_KINDS + SIGNS.index(name) if name in SIGNS else OTHER
