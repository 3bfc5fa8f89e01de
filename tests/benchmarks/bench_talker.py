"""How long the talker takes for a second of its clip, a drawn speaker and a portrait.

Prints one line of JSON for each; the bar is 3 seconds of work for a second of film at 1080p, from the
sound file to the finished clip, the drawing of the speaker and the search for the face included.

Usage: python tests/benchmarks/bench_talker.py [--seconds 8] [--size 1920x1080]
It makes an environment with the plugin's requirements in a temporary folder and runs itself there.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from fractions import Fraction
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "plugins" / "talker"
INSIDE = "FILMETO_BENCH_TALKER_INSIDE"
BAR = 3.0
RATE_HZ = 22_050


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--size", default="1920x1080")
    return parser.parse_args()


def in_environment():
    """Run this file again in an environment that has the plugin's packages."""
    from uv import find_uv_bin

    with tempfile.TemporaryDirectory() as folder:
        uv, python = find_uv_bin(), Path(folder) / "bin" / "python"
        subprocess.run(
            [uv, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True
        )
        wanted = ["-q", "--python", python, "-r", FOLDER / "requirements.txt"]
        subprocess.run([uv, "pip", "install", *wanted], check=True)
        again = [python, __file__, *sys.argv[1:]]
        return subprocess.run(again, env={**os.environ, INSIDE: "1"}).returncode


def voice_file(folder, seconds):
    """Syllables without words: a buzzing voice that opens and closes four times a second."""
    import numpy as np

    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    buzz = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 24))
    loud = np.clip(np.sin(2 * np.pi * 2 * t), 0, 1) * (t % 3 < 2.4)
    path = os.path.join(folder, "voice.wav")
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((0.3 * loud * buzz / np.abs(buzz).max() * 32767).astype("<i2").tobytes())
    return path


def portrait_file(folder):
    """A face: the first drawn speaker, as a picture."""
    import numpy as np
    from PIL import Image
    from talker_drawing import drawn
    from talker_puppet import Puppet

    made = drawn("a woman in a field", "bench", 5, (1920, 1080))
    puppet = Puppet(made.figure, made.face, made.tones, made.ground, made.worn)
    part, box = puppet.part(np.zeros(6, np.float32), 0, 0, (0, 0, 0), 0)
    picture = Image.fromarray(made.ground)
    picture.paste(Image.fromarray(part), box[:2])
    path = os.path.join(folder, "portrait.png")
    picture.save(path)
    return path


def measure(name, portrait, options, folder):
    from talker_clip import Line, speak
    from talker_landmarks import FaceFinder
    from talker_stage import Stage

    width, height = (int(n) for n in options.size.split("x"))
    given = {
        "prompt": "an old keeper with a white beard at the sea",
        "width": width,
        "height": height,
    }
    line = Line(voice_file(folder, options.seconds), Fraction(24))
    finder, clip = FaceFinder(), os.path.join(folder, "clip.mp4")
    begun, used = time.monotonic(), os.times()
    stage = Stage(finder, given, portrait, lambda: None)
    speak(clip, line, stage.puppet, stage.size, lambda *_: None, lambda: None)
    took, ended = time.monotonic() - begun, os.times()
    busy = sum(ended[:4]) - sum(used[:4])
    print(
        json.dumps(
            {
                "speaker": name,
                "size": options.size,
                "film_s": options.seconds,
                "took_s": round(took, 2),
                "times_real_time": round(took / options.seconds, 2),
                "processor_s_a_film_s": round(busy / options.seconds, 2),
                "bar": BAR,
            }
        ),
        flush=True,
    )


def main():
    if INSIDE not in os.environ:
        return in_environment()
    sys.path.insert(0, str(FOLDER))
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        measure("drawn", None, options, folder)
        measure("portrait", portrait_file(folder), options, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
