"""Which version is served: what is tested before, what is recorded, what is undone."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import HfApi

from digit_model import HubError
from digit_model.model.artefact import version_of
from digit_model.model.hub import pull, push
from digit_model.training.promotion import find_served, find_version, promote
from scripts import evaluate, publish
from scripts import promote as script
from tests.support.artefacts import edit_config
from tests.support.folders import contents
from tests.support.hub_repository import Answer
from tests.support.hub_server import HubServer

Run = Callable[..., None]

CARD = "---\nlicense: mit\n---\n"
WORSE = {"side": 28, "box": 4}  # Digits that are a fifth as large as the network knows them.


@pytest.fixture
def versions(hub: HubServer, folder: Path, repository: str) -> str:
    """A repository with v1, v2, which reads alike, and v3, which reads worse."""
    for tag in ("v1", "v2", "v3"):
        (folder / "README.md").write_text(CARD + tag, encoding="utf-8")
        if tag == "v3":
            edit_config(folder, frame=WORSE)
            (folder / "errors.png").unlink()
        push(folder, repository, tag=tag)
    assert hub.repositories[repository].tags.keys() == {"v1", "v2", "v3"}
    return repository


@pytest.fixture
def few_digits(drawn_mnist: Path, tmp_path: Path) -> Path:
    """Forty digits of drawn MNIST's test part."""
    path = tmp_path / "few.npz"
    with np.load(drawn_mnist) as arrays:
        np.savez(path, **{name: arrays[name][:40] for name in arrays})
    return path


@pytest.fixture
def run(few_digits: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs scripts/promote.py."""

    def run(*arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", ["promote.py", *arguments, "--data", str(few_digits)])
        script.main()

    return run


def promotions(hub: HubServer, repository: str) -> list[str]:
    """Titles and texts of the promotions so far, the newest first."""
    there = hub.repositories[repository]
    messages = [there.messages[sha] for sha in there.history("serving")]
    return [message for message in messages if message.startswith("Serve ")]


def test_versions_are_promoted_refused_forced_and_rolled_back(
    hub: HubServer, versions: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise a worse model is served, or a bad one stays, and nobody knows why."""
    run(versions, "v1")
    first = pull(versions, "serving")
    assert version_of(first) == "v1"
    assert contents(first).items() >= contents(pull(versions, "v1")).items()
    assert version_of(pull(versions, "v1")) is None

    run(versions, "v2")
    assert promotions(hub, versions)[0].startswith(
        "Serve v2: no worse than v1, beyond noise.\n\n| set"
    )
    assert version_of(pull(versions, "serving")) == "v2"

    with pytest.raises(SystemExit, match="worse on MNIST test"):
        run(versions, "v3")
    assert version_of(pull(versions, "serving")) == "v2"

    run(versions, "v3", "--force", "v2 is not ours.")
    forced = pull(versions, "serving")
    assert not (forced / "errors.png").exists()  # Of v2, which v3 does not have.
    said = json.loads((forced / "promotion.json").read_text(encoding="utf-8"))
    assert said["version"] == "v3"
    assert said["commit"] == hub.repositories[versions].tags["v3"]
    assert said["previous"] == "v2"
    assert said["decision"].endswith("Forced: v2 is not ours.")
    assert said["results"][0]["lost"] > said["results"][0]["won"]
    assert "Forced: v2 is not ours." in promotions(hub, versions)[0]

    run(versions, "v1")
    assert version_of(pull(versions, "serving")) == "v1"
    assert [message.split(":")[0] for message in promotions(hub, versions)] == [
        *("Serve v1", "Serve v3", "Serve v2", "Serve v1")
    ]
    commits = len(hub.repositories[versions].commits)
    capsys.readouterr()
    run(versions, "v1")
    assert "already" in capsys.readouterr().out
    assert len(hub.repositories[versions].commits) == commits


@pytest.mark.parametrize("step", ["/branch/", "/commit/serving"])
def test_an_interrupted_promotion_is_finished_by_the_same_command(
    hub: HubServer, versions: str, run: Run, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise what is served is half a version, or none can be any more."""
    with monkeypatch.context() as patch:
        patch.setattr(hub, "faulty", step)
        patch.setattr(hub, "fault", Answer(b"", 403))
        with pytest.raises(SystemExit, match=r"promote\.py: Expected"):
            run(versions, "v1")

    run(versions, "v1")

    assert version_of(pull(versions, "serving")) == "v1"
    assert len(promotions(hub, versions)) == 1


def test_a_hub_that_does_not_say_what_is_served_is_no_leave_to_serve_anything(
    hub: HubServer, versions: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a worse version is served, untested, when the connection is bad."""
    run(versions, "v1")
    monkeypatch.setattr(hub, "faulty", r"promotion\.json")
    monkeypatch.setattr(hub, "fault", Answer(b"", 403))

    with pytest.raises(SystemExit, match="Check the connection"):
        run(versions, "v3")
    assert len(promotions(hub, versions)) == 1


def test_a_promotion_that_came_between_is_not_undone(
    hub: HubServer, versions: str, run: Run
) -> None:
    """Otherwise a version is served that was compared with another than it replaces."""
    run(versions, "v1")
    served = find_served(versions)
    run(versions, "v2")

    with pytest.raises(HubError, match="since"):
        promote(versions, "v3", find_version(versions, "v3"), served, "better.", [])
    assert version_of(pull(versions, "serving")) == "v2"
    assert len(promotions(hub, versions)) == 2


def test_a_version_that_was_never_published_is_refused(versions: str, run: Run) -> None:
    """Otherwise a typing error serves the newest commit, or ends in a traceback."""
    with pytest.raises(SystemExit, match=r"'v9'; it has v1, v2, v3\. Publish it"):
        run(versions, "v9")
    with pytest.raises(SystemExit, match="hf auth login"):
        run(f"{versions}-other", "v1")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        '{"version": "v1"}',
        '{"version": 1, "commit": ""}',
        '{"version": "<b>", "commit": ""}',
        json.dumps({"version": "v1", "commit": "", "decision": "x" * 100_000}),
    ],
    ids=lambda said: said[:30],
)
def test_what_a_stranger_says_of_a_version_is_not_repeated(folder: Path, said: str) -> None:
    """Otherwise a damaged note stops a good model, or a page shows what anybody wrote."""
    (folder / "promotion.json").write_text(said, encoding="utf-8")

    assert version_of(folder) is None


def test_a_promotion_is_not_pushed_with_a_folder(versions: str, run: Run, repository: str) -> None:
    """Otherwise a copy of what is served says of itself that it was promoted."""
    run(versions, "v1")

    push(pull(versions, "serving"), f"{repository}-copy")

    assert "promotion.json" not in HfApi().list_repo_files(f"{repository}-copy")


@pytest.mark.usefixtures("hub")
def test_what_was_trained_before_is_published_and_compared(
    folder: Path,
    repository: str,
    few_digits: Path,
    drawn_dev: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Otherwise nobody can say by how much a training was better than the last."""
    monkeypatch.setattr(sys, "argv", ["publish.py", str(folder), repository, "--tag", "v1"])
    publish.main()
    edit_config(folder, frame=WORSE)
    rows = folder.parent / "rows.json"
    sets = ["--data", str(few_digits), "--dev", str(drawn_dev), "--json", str(rows)]
    monkeypatch.setattr(sys, "argv", ["evaluate.py", f"{repository}@v1", str(folder), *sets])

    evaluate.main()

    printed = capsys.readouterr().out
    assert f"| set | n | {repository}@v1, % | {folder}, % | difference, points |" in printed
    mnist, *others = json.loads(rows.read_text())
    assert mnist["n"] == 40
    assert mnist["low"] < mnist["difference"] < mnist["high"] < 0
    assert mnist["p"] < 0.001
    assert len(others) == 9
