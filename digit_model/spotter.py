"""A page -> for each pixel of it, what the network says of it."""

from digit_model.kinds import KINDS

CELL = 4  # Pixels, side of what the network says something of.
FINE = 2  # Pixels, side of the parts of a cell that have a centre and an offset of their own.
REACH = 32  # Pixels: the unit of offsets.
# What the network says of each cell, and in how many channels: the ink of each of its pixels, as
# logits; whether each of its fine parts is a mark's centre, as logits; where from the middle of
# each fine part its mark's centre is, x and y, in `REACH`; which way the writing runs, x and y of
# length 1; and what the mark is, as a logit for each of `digit_model.kinds`.
HEADS = {
    "ink": CELL**2,
    "centre": (CELL // FINE) ** 2,
    "offset": 2 * (CELL // FINE) ** 2,
    "direction": 2,
    "kind": KINDS,
}
