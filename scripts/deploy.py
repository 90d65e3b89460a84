"""Create or update a Hugging Face Space that serves the page with a published model.

    python scripts/deploy.py USER/SPACE --model USER/REPO --revision v1

The files that serving needs are uploaded as one commit, which deletes all other files of the Space.
If the model has a LiteRT file, tensorflow is left out, and the Space builds in a third of the time.
If the command is interrupted, run it again to finish. It needs a token that may write (`hf auth
login`, or HF_TOKEN); the Space itself gets no token. `--out FOLDER` writes the Space's files to a
folder, and uploads nothing.

The tests deploy to a local Hub, then install and start the uploaded files. Only the real Hub can
show that its builder fetches the model (`preload_from_hub`), and that a Space restarts when a
variable changes.
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

from digit_model import DigitModelError, HubError
from digit_model.model import hub
from digit_model.model.artefact import ARTEFACT_FILES, LITERT_FILE
from digit_model.model.classifier import open_classifier
from digit_model.model.hub_errors import explain_task_errors

ROOT = Path(__file__).resolve().parents[1]
SERVED = ("app.py", "LICENSE", "digit_model")
TRAINING = "digit_model/training/"  # The part of the package that serving does not need.
# Without git, only files of the package with these suffixes are uploaded.
SUFFIXES = {
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
    """Fetch and open a model as the Space will, to find errors before anything is changed.

    Raises:
        DigitModelError: if there is no such model or revision, it is broken, or not public.
    """
    open_classifier(hub.pull(model, revision))
    with explain_task_errors(f"describe {model}"):
        info = HfApi().model_info(model, revision=revision, timeout=hub.MAX_ANSWER_SECONDS)
    if info.private or info.gated:
        raise HubError(
            "Expected a model that everybody may pull, as the Space gets no token. "
            f"Received: {model}, which is private or gated. Open it in its settings."
        )
    return info


def list_served() -> list[str]:
    """List the files that serving needs, as paths relative to the root.

    Raises:
        DigitModelError: if git fails.
    """
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--", *SERVED]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if run.returncode:
            raise DigitModelError(f"Expected git to list the files. It says: {run.stderr.strip()}")
        names = run.stdout.split("\0")
    else:
        paths = [path for path in ROOT.glob("digit_model/**/*") if path.suffix in SUFFIXES]
        names = [*SERVED, *(path.relative_to(ROOT).as_posix() for path in paths)]
    return [name for name in names if (ROOT / name).is_file() and not name.startswith(TRAINING)]


def derive_requirements(litert: bool) -> str:
    """Derive the text of a requirements.txt for serving a model with or without LiteRT."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements: list[str] = project["dependencies"]
    if not litert:
        training = project["optional-dependencies"]["train"]
        requirements += [line for line in training if re.split(r"[^\w.-]", line)[0] in KERAS_ONLY]
    return "".join(f"{line}\n" for line in requirements)


def write_space(folder: Path, info: ModelInfo, revision: str) -> None:
    """Write all files of the Space.

    Args:
        folder: a new folder.
        info: the Hub's description of the model at the revision.
        revision: tag, branch or commit of the model.
    """
    for name in list_served():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    published = {file.rfilename for file in info.siblings or ()}
    requirements = derive_requirements(litert=LITERT_FILE in published)
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    card = SpaceCard.load(ROOT / "README.md")
    card.data.models = [info.id]
    # The builder gets a commit, because a tag may be moved later.
    files = ",".join(name for name in ARTEFACT_FILES if name in published)
    card.data.preload_from_hub = [f"{info.id} {files} {info.sha}"]
    card.text = CARD.format(
        title=card.data.title, model=info.id, revision=revision, endpoint=constants.ENDPOINT
    )
    card.save(folder / "README.md")


def upload(folder: Path, space: str, model: str, revision: str) -> str:
    """Create the Space if it is missing, set its variables, and replace its files.

    Returns:
        The Space's address.

    Raises:
        HubError: if the Hub refuses, or does not answer.
    """
    api = HfApi()
    variables = {"DIGIT_MODEL": model, "DIGIT_MODEL_REVISION": revision}
    with explain_task_errors(f"take the Space {space}"):
        url = api.create_repo(space, repo_type="space", space_sdk="gradio", exist_ok=True)
        current = api.get_space_variables(space)
        for key, value in variables.items():
            # Setting a variable restarts the Space.
            if key not in current or current[key].value != value:
                api.add_space_variable(space, key, value)
        # This comes last, because it makes the Hub build the Space.
        api.upload_folder(
            repo_id=space,
            repo_type="space",
            folder_path=folder,
            commit_message=f"Serve {model} at {revision}",
            delete_patterns="*",
        )
    return str(url)


def deploy(space: str, model: str, revision: str, out: Path | None) -> None:
    """Check the arguments and the model, write the Space's files, and upload them."""
    if not re.fullmatch(hub.REPOSITORY_PATTERN, space):
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
    """Deploy; print one sentence about an error in the names, the model or the Hub."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "space", metavar="USER/SPACE", help="the Space; it is created if it is missing"
    )
    parser.add_argument(
        "--model", metavar="USER/REPO", required=True, help="the model that it serves"
    )
    parser.add_argument("--revision", required=True, help="the model's tag, branch or commit")
    parser.add_argument("--out", type=Path, help="write to this new folder, and upload nothing")
    arguments = parser.parse_args()
    try:
        deploy(arguments.space, arguments.model, arguments.revision, arguments.out)
    except DigitModelError as error:
        sys.exit(f"deploy.py: {error}")


if __name__ == "__main__":
    main()
