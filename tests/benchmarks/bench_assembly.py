"""The assembly against bare ffmpeg, which encodes the same frames once and mixes the same sound.

    python tests/benchmarks/bench_assembly.py [SHOTS]

Runs the two in turn and prints their times, their ratio, and this process's memory; exit code 1
if a bar is missed. The clips are in the film's own encoding, half of the shots dissolve; in a
second film no clip is, so that each has to be encoded anew.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "film")]

from film_material import ffmpeg, make_clip, make_speech, make_timeline, make_tone  # noqa: E402

from filmeto_core.film.contact_sheet import draw_contact_sheet  # noqa: E402
from filmeto_core.film.encoder import sound_options, video_options  # noqa: E402
from filmeto_core.film.ffmpeg import ffmpeg_path  # noqa: E402
from filmeto_core.film.film_parts import FilmParts  # noqa: E402
from filmeto_core.film.render import render_film  # noqa: E402

RATE, SIZE = Fraction(24), (1280, 720)
SHOTS, FRAMES, DISSOLVE = 10, 132, 12  # 55 s in all
ROUNDS = 3
BAR = 1.3
MEMORY_BAR_MB = 400.0


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SHOTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timeline, parts = make_parts(folder, count)
        bare, ours = [], []
        for number in range(ROUNDS):
            bare.append(timed(lambda: bare_ffmpeg(folder, parts)))
            ours.append(timed(lambda n=number: assemble(timeline, parts, folder, n)))
        foreign = FilmParts(foreign_clips(folder, parts), parts.voices, score=parts.score)
        encoded = timed(lambda: assemble(timeline, foreign, folder, ROUNDS))
        sheet = timed(lambda: draw_contact_sheet(timeline, parts.clips, folder / "s.png"))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    base = statistics.median(bare)
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    print(f"{timeline.duration_s:.0f} s of {SIZE[0]}x{SIZE[1]} in {count} shots")
    print(f"{'bare ffmpeg, encoding once':42} {base:7.2f} s")
    print(f"{'assembly, clips of our encoding':42} {statistics.median(ours):7.2f} s")
    print(f"{'assembly, every clip encoded anew':42} {encoded:7.2f} s   {encoded / base:.2f} x")
    print(f"{'contact sheet, apart':42} {sheet:7.2f} s")
    rows = [("assembly / bare ffmpeg", ratio, BAR, "x")]
    rows.append(("memory of this process", memory_mb, MEMORY_BAR_MB, "MB"))
    for what, got, bar, unit in rows:
        print(f"{what:42} {got:7.2f} {unit} (bar {bar:g})  {'ok' if got <= bar else 'MISSED'}")
    return int(any(got > bar for _, got, bar, _ in rows))


def make_parts(folder: Path, count: int):
    shots = [(FRAMES, "dissolve" if i % 2 else "cut", DISSOLVE * (i % 2)) for i in range(count)]
    shots[0] = (FRAMES, "fade-from-black", 24)
    timeline = make_timeline(*shots, rate=RATE, ending=36, size=SIZE)
    starts = {c.shot_id: timeline.seconds(c.start_frame) + 0.5 for c in timeline.clips}
    voices = {shot: (start, 4.0) for shot, start in starts.items()}
    timeline = make_timeline(*shots, rate=RATE, ending=36, size=SIZE, voices=voices)
    kinds = [
        make_clip(folder / f"clip-{i}.mp4", 150, RATE, size=SIZE, hue=36 * i) for i in range(10)
    ]
    spoken = make_speech(folder / "voice.wav", 4.0)
    score = make_tone(folder / "score.wav", 220, timeline.duration_s + 5, -12)
    clips = {c.shot_id: kinds[i % len(kinds)] for i, c in enumerate(timeline.clips)}
    return timeline, FilmParts(clips, dict.fromkeys(clips, spoken), score=score)


def foreign_clips(folder: Path, parts: FilmParts) -> dict[str, Path]:
    """The same clips with one key frame each, as another encoder would make them."""
    made: dict[Path, Path] = {}
    for clip in parts.clips.values():
        if clip not in made:
            made[clip] = clip.with_name(f"foreign-{clip.name}")
            ffmpeg("-i", clip, "-c:v", "libx264", "-preset", "ultrafast", made[clip])
    return {shot: made[clip] for shot, clip in parts.clips.items()}


def assemble(timeline, parts: FilmParts, folder: Path, number: int) -> None:
    render_film(timeline, parts, folder / f"film-{number}.mp4", work_dir=folder / "work")


def bare_ffmpeg(folder: Path, parts: FilmParts) -> None:
    """Clips in a row, encoded once; voices in a row and score, ducked and mixed once."""
    rows = {"clips": list(parts.clips.values()), "voices": list(parts.voices.values())}
    for name, files in rows.items():
        (folder / f"{name}.txt").write_text("".join(f"file '{file}'\n" for file in files))
    mix = "[1:a]apad[v];[v]asplit[v1][v2];[2:a][v1]sidechaincompress[m];[m][v2]amix=2[a]"
    seconds = len(parts.clips) * FRAMES / RATE
    command = [ffmpeg_path(), "-v", "error", "-nostdin", "-y"]
    for name in rows:
        command += ["-f", "concat", "-safe", "0", "-i", str(folder / f"{name}.txt")]
    command += ["-i", str(parts.score), "-filter_complex", mix, "-map", "0:v", "-map", "[a]"]
    options = video_options(RATE, 0)  # 0: as many threads as ffmpeg likes
    command += [*options, *sound_options(), "-t", str(float(seconds)), str(folder / "bare.mp4")]
    subprocess.run(command, check=True)


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
