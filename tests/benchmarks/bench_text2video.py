"""How much moves in a drawn shot, whether it is more than a camera over a still, and how long it takes.

For each prompt, told of neighbouring frames a sixth of a second apart: `moving`, the share of the picture that
changes; `by_itself`, the share that still differs after the best zoom and shift of the whole earlier frame
was taken away, of which a camera move over a still leaves little. Beside them a
still of the same prompt under `camera`, as the bar: a drawn shot has at least twice its `by_itself`. Then
the seconds that a second of film takes.

Usage: python tests/benchmarks/bench_text2video.py [--seconds 3] [--size 1280x720]
It calls the plugins in FILMETO_HOME. Exits 1 where a shot is not above the bar.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from filmeto_core.profiles import find_project  # noqa: E402
from filmeto_core.resources.inputs import resource_input  # noqa: E402
from filmeto_core.service import FilmetoService, Reuse  # noqa: E402
from filmeto_core.settings import Settings  # noqa: E402
from filmeto_core.types import FilmetoTask  # noqa: E402

PROMPTS = (
    "a night street in the rain, people with umbrellas walking, neon signs",
    "a fishing boat on a rough sea, gulls, storm",
    "a steam train crosses a bridge, smoke",
    "雪夜，村庄的灯火，月亮，炊烟",
    "江南水乡，小船，柳树，细雨",
    "a lighthouse at night, its beam turns over the sea",
)
BAR = 2.0  # times what a camera over a still leaves
FPS = 24
SMALL = (160, 90)  # pixels at which frames are compared
LEAST = 16.0  # of 255 levels: less is grain, the codec, and what sampling a picture anew leaves


class Maker:
    """Makes clips through the host, always anew."""

    def __init__(self, seconds, size):
        self.service = FilmetoService(Settings(), find_project())
        width, height = (int(length) for length in size.split("x"))
        self.seconds, self.size = seconds, {"width": width, "height": height}

    def make(self, tool, *inputs, **parameters):
        """(the file, the seconds that it took)."""
        task = FilmetoTask(
            tool_name=tool,
            parameters={**parameters, **self.size},
            resources=[resource_input(path) for path in inputs],
        )
        checked, begun = self.service.check(task), time.monotonic()
        done = asyncio.run(self.service.call(checked, lambda _: None, Reuse.NEVER))
        return done.record.outputs[0].path, time.monotonic() - begun

    def clip(self, tool, *inputs, **parameters):
        return self.make(tool, *inputs, duration_s=self.seconds, fps=str(FPS), **parameters)


def frames(path):
    """Every fourth frame: float, (n, height, width, 3), of 0 to 255."""
    with av.open(path) as clip:
        pictures = [frame for i, frame in enumerate(clip.decode(video=0)) if i % (FPS // 6) == 0]
    return np.stack(
        [f.to_image().resize(SMALL, 4).convert("RGB") for f in pictures]  # 4: box
    ).astype(float)


def moved(before, zoom, across, down):
    """A frame, enlarged around its middle and shifted, sampled between its pixels."""
    height, width = before.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x = np.clip((x - width / 2 - across) / zoom + width / 2, 0, width - 1.001)
    y = np.clip((y - height / 2 - down) / zoom + height / 2, 0, height - 1.001)
    i, j = y.astype(int), x.astype(int)
    v, u = (y - i)[..., None], (x - j)[..., None]
    upper = before[i, j] * (1 - u) + before[i, j + 1] * u
    return upper * (1 - v) + (before[i + 1, j] * (1 - u) + before[i + 1, j + 1] * u) * v


def changed(before, after):
    """The share of the picture that differs; its edge is left out, where a move shows what is new."""
    edge = 8
    gap = np.abs(before - after).max(axis=2)[edge:-edge, edge:-edge]
    return float((gap > LEAST).mean())


def left_over(before, after):
    """The share that differs after the best zoom and shift of the whole frame."""
    best, step = (1.0, 0.0, 0.0), (0.02, 2.0, 2.0)
    least = changed(before, after)
    while step[1] > 0.2:
        tries = [
            (best[0] + a * step[0], best[1] + b * step[1], best[2] + c * step[2])
            for a in (-1, 0, 1)
            for b in (-1, 0, 1)
            for c in (-1, 0, 1)
        ]
        shares = [changed(moved(before, *one), after) for one in tries]
        found = int(np.argmin(shares))
        if shares[found] < least:
            least, best = shares[found], tries[found]
        else:
            step = tuple(length / 2 for length in step)
    return least


def motion(path):
    clip = frames(path)
    pairs = list(zip(clip[:-1], clip[1:], strict=True))
    return {
        "moving": round(float(np.mean([changed(*pair) for pair in pairs])), 3),
        "by_itself": round(float(np.mean([left_over(*pair) for pair in pairs])), 3),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--prompts", type=int, default=len(PROMPTS))
    asked = parser.parse_args()
    maker, missed = Maker(asked.seconds, asked.size), 0
    try:
        for prompt in PROMPTS[: asked.prompts]:
            path, took = maker.clip("text2video", prompt=prompt)
            still, _ = maker.make("text2image", prompt=prompt)
            camera, _ = maker.clip("image2video", still, motion="push-in")
            row = {"prompt": prompt, **motion(path), "camera_over_a_still": motion(camera)}
            row["times_real_time"] = round(took / asked.seconds, 2)
            over = row["by_itself"] / max(0.001, row["camera_over_a_still"]["by_itself"])
            row["times_the_still"] = round(over, 1)
            missed += over < BAR
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    finally:
        maker.service.close_sync()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
