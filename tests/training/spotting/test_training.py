"""The training of the spotter, from pages to a LiteRT file."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from digit_model.errors import ArtefactError
from digit_model.lines.spotter import CELL, HEADS
from digit_model.training.spotting import export, targets, trainer
from digit_model.training.spotting.models import Models
from digit_model.training.spotting.network import build_spotter
from digit_model.training.spotting.pages import Page, compose
from digit_model.training.trainer import HISTORY_FILE
from tests.support.oracle import knowing_maps

MOST_PARAMETERS = 900_000


@pytest.fixture(scope="module")
def some_pages(models: Models) -> list[Page]:
    """A few pages."""
    random = np.random.default_rng(3)
    return [compose(models, random) for _ in range(4)]


def test_the_network_is_small_and_takes_pages_of_any_size() -> None:
    """Otherwise it is too slow to serve, or wants every picture stretched."""
    network = build_spotter()

    assert network.count_params() <= MOST_PARAMETERS
    for height, width in ((32, 64), (96, 32)):
        maps = network(np.zeros((1, height // CELL, width // CELL, CELL**2), np.float32))
        assert maps.shape == (1, height // CELL, width // CELL, sum(HEADS.values()))


def test_who_knows_all_loses_least(some_pages: list[Page]) -> None:
    """Otherwise the network is taught something else than it is asked."""
    wanted = np.stack([targets.tell_targets(page) for page in some_pages])
    knowing = np.stack(
        [
            knowing_maps(one, page.picture).cells
            for one, page in zip(wanted, some_pages, strict=True)
        ]
    )
    # The direction of a mark that is no digit is not asked for, but nothing is lost by it.
    least = {
        name: float(getattr(trainer, f"{name}_loss")(wanted, knowing))
        for name in ("ink", "centre", "offset", "direction", "kind")
    }
    swapped = float(trainer.loss(wanted, knowing[::-1]))

    assert least["offset"] == pytest.approx(0, abs=1e-6)
    assert least["direction"] == pytest.approx(0, abs=1e-6)
    assert least["kind"] < 0.01
    assert least["centre"] < 0.05
    assert least["ink"] < 0.1  # Half of full ink is never certain.
    assert swapped > 20 * float(trainer.loss(wanted, knowing))


def test_crops_are_the_same_again_and_others_in_the_next_epoch(some_pages: list[Page]) -> None:
    """Otherwise a run cannot be repeated, or each epoch is like the last."""
    first, again = (targets.Crops(some_pages, 2, 3, seed=5) for _ in range(2))

    for known, other in zip(first[1], again[1], strict=True):
        assert (known == other).all()
    again.on_epoch_end()
    assert not (first[1][0] == again[1][0]).all()
    assert not (first[1][0] == first[2][0]).all()
    fixed = targets.Crops(some_pages, 2, 3, seed=5, vary=False)
    before = fixed[0][0]
    fixed.on_epoch_end()
    assert (fixed[0][0] == before).all()


def test_a_run_goes_on_where_it_was_and_ends_in_a_litert_file(
    some_pages: list[Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise an hour of training is lost, or serves nobody."""
    monkeypatch.setattr(trainer, "STEPS_PER_EPOCH", 2)
    monkeypatch.setattr(trainer, "BATCH", 2)
    monkeypatch.setattr(trainer, "VALIDATION_BATCHES", 1)
    trainer.fit(some_pages, some_pages, 2, 0, tmp_path)
    saved = keras.saving.load_model(tmp_path / trainer.NETWORK_FILE, compile=False)

    network = trainer.fit(some_pages, some_pages, 4, 0, tmp_path)

    history = (tmp_path / HISTORY_FILE).read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in history] == ["epoch", "0", "1"]
    changed = [
        not np.allclose(old, new)
        for old, new in zip(saved.get_weights(), network.get_weights(), strict=True)
    ]
    assert any(changed)

    folder = tmp_path / "artefact"
    spotter = export.export_spotter(network, folder, some_pages[0].picture)
    export.write_config(folder, {"steps": 4})
    config = json.loads((folder / export.CONFIG_FILE).read_text(encoding="utf-8"))
    assert config["training"] == {"steps": 4}
    assert sorted(config["sha256"]) == ["spotter.keras", "spotter.tflite"]
    for shape in ((50, 31), (120, 200)):
        maps = spotter(np.full(shape, 200, np.uint8))
        height, width = maps.ink().shape
        assert height - shape[0] in range(16, 48)
        assert width - shape[1] in range(16, 48)
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    with pytest.raises(ArtefactError, match="agree"):
        export.export_spotter(network, folder, some_pages[0].picture)
