"""speak2video: a drawn face speaks the sound, or a given portrait moves to it."""

import random
import subprocess
from array import array

import imageio_ffmpeg
from clip_file import ClipFile, even
from filmeto_plugin import Output, PluginError
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

RATE_HZ = 16000  # enough to tell how loud it is
OPENS, CLOSES = 0.7, 0.35  # how fast the mouth follows, of the way a frame


def speak2video(call):
    """Film the first sound among the inputs, and the first picture, if there is one."""
    wanted = call.parameters
    sound = next((i for i in call.inputs if i.type in ("audio", "video")), None)
    portrait = next((i for i in call.inputs if i.type == "image"), None)
    if sound is None:
        raise PluginError("there is no sound; give one as an input", code="no_sound")
    width, height, fps = even(wanted["width"]), even(wanted["height"]), wanted["fps"]
    levels = loudness(decoded(sound.path), fps)
    call.progress(10, "heard the sound")
    head = Portrait(portrait.path, width, height) if portrait else Face(wanted["prompt"])
    path = call.output("clip.mp4")
    with ClipFile(path, width, height, fps, sound.path) as clip:
        for i, level in enumerate(levels):
            call.check_cancelled()  # ends the call, and ffmpeg with it, if its caller gave up
            clip.add(head.frame(level, width, height).tobytes())
            call.progress(10 + 88 * (i + 1) / len(levels), f"frame {i + 1} of {len(levels)}")
    about = {"width": width, "height": height, "fps": fps, "frames": len(levels)}
    return Output(path, "video/mp4", about)


def decoded(path):
    """The sound as numbers, mono, RATE_HZ a second."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-i", path]
    command += ["-f", "s16le", "-ac", "1", "-ar", str(RATE_HZ), "pipe:1"]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if done.returncode != 0 or not done.stdout:
        raise PluginError("the sound cannot be read", code="bad_sound")
    return array("h", done.stdout[: len(done.stdout) // 2 * 2])


def loudness(samples, fps):
    """How loud each frame is, 0 to 1, smoothed so that the mouth does not flutter."""
    step = RATE_HZ / fps
    count = max(1, -(-len(samples) // int(step)))
    peaks = []
    for i in range(count):
        piece = samples[int(i * step) : int((i + 1) * step)]
        peaks.append(max(map(abs, piece), default=0))
    loudest = max(peaks) or 1
    levels, now = [], 0.0
    for peak in peaks:
        wanted = peak / loudest
        now += (wanted - now) * (OPENS if wanted > now else CLOSES)
        levels.append(now)
    return levels


class Face:
    """A drawn head, its colours told from the prompt."""

    def __init__(self, prompt):
        chance = random.Random(prompt)
        self.back = tuple(chance.randint(40, 110) for _ in range(3))
        self.skin = tuple(base + chance.randint(-30, 20) for base in (225, 180, 150))
        self.hair = tuple(chance.randint(20, 110) for _ in range(3))

    def frame(self, level, width, height):
        """The head with its mouth as open as the sound is loud."""
        picture = Image.new("RGB", (width, height), self.back)
        draw, unit = ImageDraw.Draw(picture), min(width, height) / 10
        x, y = width / 2, height / 2 - level * unit * 0.12

        def oval(across, down, wide, high, colour):
            box = (
                across - wide * unit,
                down - high * unit,
                across + wide * unit,
                down + high * unit,
            )
            draw.ellipse(box, colour)

        oval(x, y - 0.4 * unit, 3.1, 3.8, self.hair)
        oval(x, y + 0.4 * unit, 2.6, 3.3, self.skin)
        for side in (-1, 1):
            oval(x + side * unit, y - 0.3 * unit, 0.42, 0.3, (250, 250, 248))
            oval(x + side * unit, y - 0.3 * unit, 0.2, 0.22, (40, 34, 30))
        oval(x, y + 1.9 * unit, 0.9 - 0.2 * level, 0.1 + 0.65 * level, (120, 40, 46))
        return picture


class Portrait:
    """A given picture that comes closer as the sound grows louder."""

    def __init__(self, path, width, height):
        try:
            with Image.open(path) as file:
                upright = ImageOps.exif_transpose(file).convert("RGB")
        except (UnidentifiedImageError, OSError) as error:
            raise PluginError(
                f"the portrait cannot be read: {error}", code="bad_picture"
            ) from error
        self.picture = ImageOps.fit(upright, (width, height))

    def frame(self, level, width, height):
        """The portrait, closer by a twentieth at the loudest."""
        margin_x, margin_y = width * 0.025 * (1 + level), height * 0.025 * (1 + level)
        box = (margin_x, margin_y, width - margin_x, height - margin_y)
        return self.picture.resize((width, height), Image.Resampling.BICUBIC, box=box)
