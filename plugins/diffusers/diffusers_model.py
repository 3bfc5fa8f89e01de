"""From what `model` says to a folder on this disk, and to what tells this model from any other.

Nothing is fetched: models are gigabytes, and a call is no moment to begin on them.
"""

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from filmeto_plugin import PluginError

os.environ["HF_HUB_OFFLINE"] = "1"  # before the hub's package is imported, which reads it then

INDEX = "model_index.json"  # Source: diffusers, "Load pipelines", layout of a pipeline's folder
SINGLE = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
SAMPLES, SAMPLE_BYTES = 16, 4096  # of each file: other weights differ nearly everywhere
SMALL_BYTES = 1 << 20  # files up to this size are read whole
_HUB_NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")


@dataclass(frozen=True)
class Model:
    """A model on this disk.

    Args:
        name: As it was asked for.
        folder: Holds its model_index.json.
        revision: The hub's commit, or a digest of what lies in the folder.
        stamp: Changes whenever one of its files is written.
    """

    name: str
    folder: Path
    revision: str
    stamp: int


def find_model(name, revision, variable):
    """The model that a call asks for.

    Args:
        name: A folder's full path, or a name on the hub.
        revision: A branch, tag or commit of the hub, or the digest of a folder; "" for any.
        variable: Where the user may name one for all calls.

    Raises:
        PluginError: It is not there, or is none; says what to do.
    """
    name = name.strip()
    if not name:
        told = f"no model is named: give `model` (a folder's full path, or org/name), or set {variable}"
        raise PluginError(told, code="no_model")
    path = Path(name).expanduser()
    if path.is_absolute():
        return _in_folder(name, path, revision)
    if not _HUB_NAME.fullmatch(name):
        told = f"model: expected a folder's full path or a hub's org/name, got {name!r}"
        raise PluginError(told, code="no_model", details={"field": "model", "value": name})
    folder = _cached(name, revision)
    _check_layout(name, folder)
    return Model(name, folder, folder.name, _stamp(_files(folder)))


def _in_folder(name, path, revision):
    if path.is_file():
        raise _single_file(path)
    if not path.is_dir():
        raise PluginError(f"model: there is no folder {path}", code="model_missing")
    _check_layout(name, path)
    files = _files(path)
    found = content_digest(files)
    if revision and not found.startswith(revision):
        told = f"model: {path} holds revision {found}, and the call asks for {revision}; "
        told += "bring that one back, or ask for this one"
        raise PluginError(told, code="wrong_revision", details={"revision": found})
    return Model(name, path.resolve(), found, _stamp(files))


def _cached(name, revision):
    """The folder of a hub's model in the hub's cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        found = snapshot_download(name, revision=revision or None, local_files_only=True)
        return Path(found)
    except (LocalEntryNotFoundError, HFValidationError, OSError) as error:
        command = f"{Path(sys.executable).with_name('hf')} download {name}"
        command += f" --revision {revision}" if revision else ""
        which = f"{name} (revision {revision})" if revision else name
        told = f"model: {which} is neither a folder nor in the hub's cache on this machine. "
        told += f"Fetch it once with: {command}"
        raise PluginError(told, code="model_missing", details={"command": command}) from error


def _check_layout(name, folder):
    if (folder / INDEX).is_file():
        return
    there = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
    single = next((n for n in there if n.endswith((".safetensors", ".ckpt"))), None)
    told = f"model: {folder} has no {INDEX}, and so is no folder in diffusers' layout; "
    told += f"it holds {', '.join(there[:6]) or 'nothing'}"
    if len(there) > 6:
        told += f" and {len(there) - 6} more"
    if single:
        told += f". {_conversion(folder / single)}"
    raise PluginError(told, code="not_a_model", details={"model": name})


def _single_file(path):
    if path.suffix.lower() not in SINGLE:
        told = f"model: {path} is a file; expected a folder with a {INDEX}"
        return PluginError(told, code="not_a_model")
    told = f"model: {path} is a single file; expected a folder in diffusers' layout. "
    return PluginError(told + _conversion(path), code="not_a_model")


def _conversion(path):
    """How a single file becomes a folder; diffusers fetches the rest of it from the hub."""
    code = "from diffusers import StableDiffusionXLPipeline as P; "
    code += f"P.from_single_file({str(path)!r}).save_pretrained({str(path.with_suffix(''))!r})"
    return (
        "Write it as one with its pipeline's class (of SD 1.5 StableDiffusionPipeline): "
        f'{sys.executable} -c "{code}"'
    )


def _files(folder):
    """(relative name, path, os.stat_result) of all that a model consists of, in order."""
    found = []
    for under, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            path = os.path.join(under, name)
            if not name.startswith(".") and os.path.isfile(path):
                found.append((os.path.relpath(path, folder), path, os.stat(path)))
    return found


def _stamp(files):
    told = [(name, stat.st_size, stat.st_mtime_ns) for name, _, stat in files]
    return hash(tuple(told))


def content_digest(files):
    """24 hex digits: of small files all, of weights their sizes and samples throughout.

    The same on every machine that holds the same files, at the cost of milliseconds.
    """
    digest = hashlib.sha256()
    for name, path, stat in files:
        if os.path.splitext(name)[1].lower() in (".md", ".txt", ".png", ".jpg", ".jpeg", ".webp"):
            if os.path.basename(name) not in ("merges.txt", "vocab.txt"):
                continue  # of no part in what it draws
        digest.update(f"{name}\0{stat.st_size}\0".encode("utf-8", "surrogateescape"))
        with open(path, "rb") as file:
            for at, size in _samples(stat.st_size):
                file.seek(at)
                digest.update(file.read(size))
    return digest.hexdigest()[:24]


def _samples(size):
    if size <= SMALL_BYTES:
        return [(0, size)]
    last = size - SAMPLE_BYTES
    return [(last * i // (SAMPLES - 1), SAMPLE_BYTES) for i in range(SAMPLES)]
