"""Deploying to a Space, on a Hub on the loopback."""

import re
import secrets
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
import yaml
from huggingface_hub import HfApi

from digit_model import HubError
from digit_model.model.hub import push
from digit_model.reader import EMBEDDED_WEIGHTS
from scripts.app_server import ROOT
from scripts.deploy import deploy, find_model, upload, write_space
from tests.support.hub_actions import TOKEN
from tests.support.hub_repository import Answer
from tests.support.hub_server import HubServer

MODEL = "tester/digits-to-deploy"
SPACE = "tester/reader"
KEPT = f"spaces/{SPACE}"  # Where the Hub keeps it.
SECRET = "hf_never_to_be_seen"
WORKFLOW = ROOT / ".github" / "workflows" / "test-and-deploy.yml"


@pytest.fixture(scope="module", autouse=True)
def model(hub: HubServer) -> str:
    """A model on the Hub, with two tags; the hash of its commit."""
    push(EMBEDDED_WEIGHTS, MODEL, tag="v1")
    push(EMBEDDED_WEIGHTS, MODEL, tag="v2")
    return hub.repositories[MODEL].tags["v1"]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of what is here, in which secrets lie about, and from which is deployed."""
    clone = tmp_path / "clone"
    for part in ("digit_model", "docs", "scripts"):
        shutil.copytree(ROOT / part, clone / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("app.py", "LICENSE", "README.md", "pyproject.toml", ".gitignore"):
        shutil.copy(ROOT / part, clone)
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=clone, check=True)
    for path in (".env", "digit_model/.env", "digit_model/token.json"):
        (clone / path).write_text(SECRET)
    monkeypatch.setattr("scripts.deploy.ROOT", clone)
    return clone


def newest(hub: HubServer) -> dict[str, bytes]:
    """What the Space holds."""
    space = hub.repositories[KEPT]
    return space.commits[space.branches["main"]]


def names_in(folder: Path) -> set[str]:
    """The files of a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_space_gets_what_serving_needs_and_nothing_else(
    hub: HubServer, checkout: Path, model: str
) -> None:
    """Otherwise it builds for ten minutes, does not start, or tells the world a secret."""
    command = [sys.executable, "scripts/deploy.py", SPACE, "--model", MODEL, "--revision", "v1"]
    run = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert run.stdout == f"Deployed: {hub.url}/{KEPT}\n", run.stderr

    files = newest(hub)
    assert {
        "app.py",
        "LICENSE",
        "digit_model/page/page.css",
        "digit_model/weights/model.tflite",
    } <= (set(files))
    assert {name.split("/")[0] for name in files} == {
        *("app.py", "LICENSE", "README.md", "requirements.txt", "digit_model", ".gitattributes")
    }
    assert not [name for name in files if "training/" in name or "token" in name or ".env" in name]
    assert not [name for name, content in files.items() if SECRET.encode() in content]
    assert not [name for name, content in files.items() if TOKEN.encode() in content]
    assert hub.repositories[KEPT].variables == {
        "DIGIT_MODEL": MODEL,
        "DIGIT_MODEL_REVISION": "v1",
    }
    ours = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---")[1])
    front_matter = yaml.safe_load(files["README.md"].decode().split("---")[1])
    (preloaded,) = front_matter.pop("preload_from_hub")
    assert front_matter == ours | {"models": [MODEL]}
    name, names, commit = preloaded.split(" ")
    assert (name, commit) == (MODEL, model)
    assert set(names.split(",")) == names_in(EMBEDDED_WEIGHTS)


def test_the_next_deployment_brings_the_space_up_to_date(hub: HubServer, checkout: Path) -> None:
    """Otherwise old files stay, and a change is never seen."""
    deploy(SPACE, MODEL, "v1", None)
    commits = len(hub.repositories[KEPT].messages)
    (checkout / "app.py").write_text("new")
    (checkout / "digit_model" / "explain" / "advice.py").unlink()
    deploy(SPACE, MODEL, "v2", None)

    assert newest(hub)["app.py"] == b"new"
    assert "digit_model/explain/advice.py" not in newest(hub)
    assert hub.repositories[KEPT].variables["DIGIT_MODEL_REVISION"] == "v2"
    assert len(hub.repositories[KEPT].messages) == commits + 1


def test_without_git_the_same_is_served(checkout: Path) -> None:
    """Otherwise whoever downloaded the code as an archive uploads what lies beside it."""
    deploy(SPACE, MODEL, "v1", checkout / "with")
    shutil.rmtree(checkout / ".git")
    (checkout / "digit_model" / "token.json").unlink()
    deploy(SPACE, MODEL, "v1", checkout / "without")

    assert names_in(checkout / "without") == names_in(checkout / "with")


def test_cut_off_at_any_request_the_same_command_finishes(hub: HubServer, tmp_path: Path) -> None:
    """Otherwise a lost connection leaves half a Space that somebody must repair by hand."""
    for name in ("README.md", "app.py", "model.tflite"):
        (tmp_path / name).write_bytes(secrets.token_bytes() if name[0] == "m" else b"text")
    for allowed in count():
        hub.repositories.pop(KEPT, None)
        try:
            with hub.cut_off(allowed):
                upload(tmp_path, SPACE, MODEL, "v1")
            break
        except HubError:
            upload(tmp_path, SPACE, MODEL, "v1")
        assert set(newest(hub)) == names_in(tmp_path) | {".gitattributes"}
        assert len(hub.repositories[KEPT].variables) == 2
    assert allowed > 5


def test_a_model_without_a_litert_file_keeps_tensorflow(tmp_path: Path) -> None:
    """Otherwise the Space of a plain Keras model does not start."""
    repository = "tester/plain"
    HfApi().create_repo(repository)
    HfApi().upload_file(
        path_or_fileobj=EMBEDDED_WEIGHTS / "model.keras",
        path_in_repo="model.keras",
        repo_id=repository,
    )
    write_space(tmp_path, HfApi().model_info(repository), "main")

    assert "tensorflow" in (tmp_path / "requirements.txt").read_text()
    assert f"{repository} model.keras " in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize(
    ("space", "model", "revision", "sentence"),
    [
        ("reader", MODEL, "v1", "USER/SPACE"),
        ("tester/new", "tester/nothing", "v1", "hf auth login"),
        ("tester/new", MODEL, "v9", "'v9', which it does not have"),
        ("tester/new", "tester/private", "main", "everybody may pull"),
    ],
)
def test_what_cannot_be_deployed_is_told_before_anything_is_changed(
    hub: HubServer, space: str, model: str, revision: str, sentence: str
) -> None:
    """Otherwise a typing error takes down a Space that served."""
    if model == "tester/private":
        push(EMBEDDED_WEIGHTS, model, private=True)

    with pytest.raises(HubError, match=sentence):
        deploy(space, model, revision, None)
    assert "spaces/tester/new" not in hub.repositories


def test_without_a_token_it_says_how_to_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the first deployment of every beginner ends in a traceback."""
    monkeypatch.delenv("HF_TOKEN")

    with pytest.raises(HubError, match="hf auth login"):
        deploy(SPACE, MODEL, "v1", None)


def test_a_token_that_may_not_write_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a workflow with an old token fails without a reason."""
    monkeypatch.setenv("HF_TOKEN", "hf_old")

    with pytest.raises(HubError, match="Give a token that may do so"):
        deploy("tester/new", MODEL, "v1", None)


def test_a_hub_that_is_down_is_named(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a model that is cached hides that the Hub is out of reach, until a traceback."""
    find_model(MODEL, "v1")
    monkeypatch.setattr(hub, "fault", Answer(b"", 503))

    with pytest.raises(HubError, match="Try again"):
        deploy(SPACE, MODEL, "v1", None)


def test_every_push_is_tested_and_what_is_pushed_to_main_deployed() -> None:
    """Otherwise the Space falls behind the code, or gets code that fails its tests."""
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (job,) = workflow["jobs"].values()
    *_, test, deployment = job["steps"]

    assert workflow[True] == {"push": {"branches": ["main"]}, "pull_request": None}  # "on".
    assert re.search(rf"^{test['run']} ", readme, re.MULTILINE)
    assert deployment["if"] == "github.ref == 'refs/heads/main' && vars.SPACE != ''"
    assert "scripts/deploy.py" in deployment["run"]
    assert [step for step in job["steps"] if "secrets." in str(step)] == [deployment]
