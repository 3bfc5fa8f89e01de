"""From a call's parameters to a finished picture: parse, compose, grade, grain, size."""

import numpy as np
from PIL import Image
from sketch_ink import Canvas
from sketch_palette import STYLES, grade, palette
from sketch_scene import compose
from sketch_words import parse

# The sheet is drawn at between these areas and scaled to the asked size: lines keep their
# weight in small frames, and memory stays bounded in large ones.
LEAST_PX = 400 * 225


MOST_PX = 1080 * 1920


def draw(prompt, negative_prompt="", width=1280, height=720, seed=0, style="", progress=None):
    """Draw a storyboard frame.

    Returns:
        (picture, facts): a PIL RGB image of exactly width x height, and small JSON: width, height,
        seed, subjects, shot, time, weather.
    """
    progress = progress or (lambda percent, message: None)
    progress(3, "reading the prompt")
    scene = parse(prompt, negative_prompt, style)
    w, h = sheet(width, height)
    side = (-1, 1)[np.random.default_rng([seed & 0x7FFFFFFF, 77]).integers(2)]
    pal = palette(scene, side)
    canvas = Canvas(w, h, np.random.default_rng([seed & 0x7FFFFFFF, 5]), pal)
    compose(canvas, scene, seed, progress)
    progress(88, "ink and paper")
    grade(canvas, scene)
    grain = STYLES[scene.style][4]
    picture = canvas.finish(np.random.default_rng([seed & 0x7FFFFFFF, 6]), grain)
    if (w, h) != (width, height):
        picture = picture.resize((width, height), Image.LANCZOS, reducing_gap=3.0)
    return picture, {
        "width": width,
        "height": height,
        "seed": seed,
        "subjects": [s.name for s in scene.subjects],
        "shot": scene.shot,
        "time": scene.time,
        "weather": scene.weather,
    }


def sheet(width, height):
    """The size at which a frame is drawn."""
    area = width * height
    scale = 1.0
    if area < LEAST_PX:
        scale = (LEAST_PX / area) ** 0.5
    elif area > MOST_PX:
        scale = (MOST_PX / area) ** 0.5
    return max(16, round(width * scale)), max(16, round(height * scale))
