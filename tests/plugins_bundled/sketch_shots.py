"""Draws moving shots with the sketch plugin's own Python, and saves their frames for the tests.

Run as `python sketch_shots.py jobs.json frames.npz`. A job is a prompt, a size, a seed, the seconds to
draw, the camera's motion, and whether the camera is held quite still (`held`). Saved are `NAME`: RGB,
uint8, (frames, height, width, 3), and `NAME.places`: JSON, kind of element -> its boxes in the first
frame, and "horizon", a row.
"""

import json
import resource
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "sketch"))

import numpy as np
from sketch_film import Film, Shot
from sketch_layers import Layer


def film_of(job):
    shot = Shot(
        job["prompt"],
        size=tuple(job.get("size", (320, 180))),
        duration_s=job["times"][-1],
        motion=job.get("motion", "static"),
        seed=job.get("seed", 7),
    )
    film = Film(shot)
    if job.get("held", True):
        moment = film.moment
        first = moment(0.0)
        film.moment = lambda t: replace(moment(t), view=first.view, rows=first.rows)
    return film


def places_of(film):
    view = film.moment(0.0).view
    found = {"horizon": view.point(0, film.canvas.horizon, 0.06)[1]}
    for item in film.canvas.items:
        if isinstance(item, Layer) and item.element is not None:
            h, w = item.rgba.shape[:2]
            x0, y0 = view.point(item.x, item.y, item.depth)
            x1, y1 = view.point(item.x + w, item.y + h, item.depth)
            found.setdefault(item.element.kind, []).append([x0, y0, x1, y1])
        elif not isinstance(item, Layer) and {"x", "y"} <= set(item.about):
            depth = film.canvas.depth_of(item.parent or item)
            x, y = view.point(item.about["x"], item.about["y"], depth)
            found.setdefault(item.kind, []).append([float(x), float(y)])
    return found


def main(jobs, out):
    saved = {}
    for name, job in json.loads(Path(jobs).read_text()).items():
        film = film_of(job)
        saved[f"{name}.places"] = json.dumps(places_of(film))
        saved[name] = np.stack([film.frame(t) for t in job["times"]])
    film.frame(0.0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for t in range(60):
        film.planes(t * 10.0)
    saved["grown_kib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    np.savez(out, **saved)


if __name__ == "__main__":
    main(*sys.argv[1:])
