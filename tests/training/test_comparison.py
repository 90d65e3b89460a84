"""How ways to read are compared, and the kinds of paper among what they read."""

from pathlib import Path

from digit_model import Reader
from digit_model.training.comparison import compare, comparison_table
from digit_model.training.kinds import read_kinds


def test_every_kind_is_a_row_and_all_together_another(reader: Reader, drawn_dev: Path) -> None:
    """Otherwise nobody sees which kind of paper is read wrong."""
    rows = {result.name: result.row() for result in read_kinds(reader, drawn_dev)}

    assert [*rows] == ["plain", "two lines", "kinds of paper, all"]
    assert [row["n"] for row in rows.values()] == [2, 1, 3]
    assert (
        rows["kinds of paper, all"]["right"] == rows["plain"]["right"] + rows["two lines"]["right"]
    )


def test_spaces_do_not_count_and_lines_do(drawn_dev: Path) -> None:
    """Otherwise a table's columns are an error, or its rows are none."""
    (spaced,) = (
        row["right"]
        for row in compare({"spaced": lambda _: "4 2\n20 3"}, drawn_dev)
        if row["set"] == "kinds of paper, all"
    )

    assert spaced == 1


def test_each_way_reads_every_set_and_stands_beside_the_others(drawn_dev: Path) -> None:
    """Otherwise figures of different pictures are compared."""
    rows = list(compare({"all 42": lambda _: "42", "none": lambda _: ""}, drawn_dev))
    table = comparison_table(rows)

    first, second = (
        [(row["set"], row["n"]) for row in rows if row["way"] == way] for way in ("all 42", "none")
    )
    assert first == second
    assert {"freehand numbers", "cheques", "pages of numbers", "photos"} <= {s for s, _ in first}
    assert [row["right"] for row in rows if row["set"] == "freehand numbers"] == [1, 0]
    assert "| set | n | all 42, % | ms | none, % | ms |" in table
    assert "| freehand numbers | 3 | 33.3 (6 – 79) | " in table
    assert rows[0]["misread"] == [(1, "203", "42"), (2, "42\n203", "42")]
