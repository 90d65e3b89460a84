"""Create or update a Hugging Face Space that serves the page with a published model.

    python scripts/deploy.py USER/SPACE --model USER/REPO --revision v1

What serving needs goes up as one commit; whatever else the Space holds is deleted from it. Where
the model has a LiteRT file, tensorflow is left out, and the Space builds in a third of the time.
Killed at any point, the same command finishes it. It wants a token that may write (`hf auth
login`, or HF_TOKEN), which stays here: the Space gets none. `--out FOLDER` writes the Space's
files to a folder, and uploads nothing.

The tests deploy to a Hub on the loopback and install and start what was uploaded. Only the real
Hub can show its own builder: that it fetches the model beforehand (`preload_from_hub`), and starts
the Space again when a variable changes.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from huggingface_hub import HfApi, ModelInfo, SpaceCard, constants, get_token
from huggingface_hub.errors import HfHubHTTPError

from digit_model import DigitModelError, HubError
from digit_model.errors import excerpt
from digit_model.model import hub
from digit_model.model.artefact import ARTEFACT_FILES, LITERT_FILE
from digit_model.model.classifier import open_classifier
from digit_model.model.hub_errors import FAILURES

ROOT = Path(__file__).resolve().parents[1]
SERVED = ("app.py", "LICENSE", "digit_model")
TRAINING = "digit_model/training/"  # The one part of these that serving does without.
# What git does not know stays here; without git, what is of other kinds than these.
KINDS = {
    ".py",
    ".html",
    ".js",
    ".css",
    ".json",
    ".svg",
    ".jpg",
    ".png",
    ".md",
    ".keras",
    ".tflite",
    ".typed",
}
KERAS_ONLY = {"tensorflow", "keras"}  # Serving needs them only where there is no LiteRT file.
CARD = """
# {title}

Draw a digit or a number, or upload a photo of some, and see what is read, by
[{model}]({endpoint}/{model}/tree/{revision}).

All files here are made by `scripts/deploy.py`, and are made anew whenever it runs.
"""


def find_model(model: str, revision: str) -> ModelInfo:
    """Fetch and open a model as the Space will, before anything is changed.

    Raises:
        DigitModelError: if there is no such model or revision, it is broken, or not public.
    """
    open_classifier(hub.pull(model, revision))
    try:
        info = HfApi().model_info(model, revision=revision, timeout=hub.MAX_ANSWER_SECONDS)
    except FAILURES as error:
        raise explain(error, f"describe {model}") from error
    if info.private or info.gated:
        raise HubError(
            "Expected a model that everybody may pull, as the Space gets no token. "
            f"Received: {model}, which is private or gated. Open it in its settings."
        )
    return info


def explain(error: Exception, what: str) -> HubError:
    """Turn the client's error into ours."""
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    advice = "Give a token that may do so" if status in (401, 403) else "Try again"
    return HubError(
        f"Expected the Hub at {constants.ENDPOINT} to {what}. Received: {excerpt(error)}. "
        f"{advice}; the same command goes on from here."
    )


def list_served() -> list[str]:
    """The files that serving needs, relative to the root."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--", *SERVED]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if run.returncode:
            raise DigitModelError(f"Expected git to list the files. It says: {run.stderr.strip()}")
        names = run.stdout.split("\0")
    else:
        paths = [path for path in ROOT.glob("digit_model/**/*") if path.suffix in KINDS]
        names = [*SERVED, *(path.relative_to(ROOT).as_posix() for path in paths)]
    return [name for name in names if (ROOT / name).is_file() and not name.startswith(TRAINING)]


def derive_requirements(litert: bool) -> str:
    """What serving such a model needs, as the text of a requirements.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted: list[str] = project["dependencies"]
    if not litert:
        training = project["optional-dependencies"]["train"]
        wanted += [line for line in training if re.split(r"[^\w.-]", line)[0] in KERAS_ONLY]
    return "".join(f"{line}\n" for line in wanted)


def write_space(folder: Path, info: ModelInfo, revision: str) -> None:
    """Write what the Space holds.

    Args:
        folder: a new one.
        info: of the model that it serves, at the revision.
        revision: its tag, branch or commit.
    """
    for name in list_served():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    there = {file.rfilename for file in info.siblings or ()}
    requirements = derive_requirements(litert=LITERT_FILE in there)
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    card = SpaceCard.load(ROOT / "README.md")
    card.data.models = [info.id]
    # The builder takes a commit, which a tag that is moved later does not change.
    files = ",".join(name for name in ARTEFACT_FILES if name in there)
    card.data.preload_from_hub = [f"{info.id} {files} {info.sha}"]
    card.text = CARD.format(
        title=card.data.title, model=info.id, revision=revision, endpoint=constants.ENDPOINT
    )
    card.save(folder / "README.md")


def upload(folder: Path, space: str, model: str, revision: str) -> str:
    """Make the Space if need be, tell it its model, and replace what it holds.

    Returns:
        Its address.

    Raises:
        HubError: if the Hub refuses, or does not answer.
    """
    api = HfApi()
    variables = {"DIGIT_MODEL": model, "DIGIT_MODEL_REVISION": revision}
    try:
        url = api.create_repo(space, repo_type="space", space_sdk="gradio", exist_ok=True)
        there = api.get_space_variables(space)
        for key, value in variables.items():
            # Each one that is set starts the Space again.
            if key not in there or there[key].value != value:
                api.add_space_variable(space, key, value)
        # Last, as the Space is built from it.
        api.upload_folder(
            repo_id=space,
            repo_type="space",
            folder_path=folder,
            commit_message=f"Serve {model} at {revision}",
            delete_patterns="*",
        )
    except FAILURES as error:
        raise explain(error, f"take the Space {space}") from error
    return str(url)


def deploy(space: str, model: str, revision: str, out: Path | None) -> None:
    """Check, write, upload."""
    if not re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", space):
        raise HubError(f"Expected a Space as USER/SPACE. Received: {space!r}.")
    if not out and not get_token():
        raise HubError(
            f"Expected a token that may write to {space}. Received: none. "
            "Run `hf auth login`, or set HF_TOKEN."
        )
    info = find_model(model, revision)
    if out:
        if out.exists():
            raise DigitModelError(
                f"Expected a new folder. Received: {out}, which exists. Remove it."
            )
        write_space(out, info, revision)
        print(f"Written to {out}; nothing was uploaded.")
        return
    with tempfile.TemporaryDirectory() as folder:
        write_space(Path(folder), info, revision)
        print(f"Deployed: {upload(Path(folder), space, model, revision)}")


def main() -> None:
    """Deploy, and say in one sentence what is wrong with the names, the model or the Hub."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("space", metavar="USER/SPACE", help="the Space; it is made if need be")
    parser.add_argument("--model", metavar="USER/REPO", required=True, help="what it serves")
    parser.add_argument("--revision", required=True, help="the model's tag, branch or commit")
    parser.add_argument("--out", type=Path, help="write to this new folder, and upload nothing")
    arguments = parser.parse_args()
    try:
        deploy(arguments.space, arguments.model, arguments.revision, arguments.out)
    except DigitModelError as error:
        sys.exit(f"deploy.py: {error}")


if __name__ == "__main__":
    main()
