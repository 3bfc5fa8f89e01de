import math
import threading
import wave
from array import array
from pathlib import Path

import pytest
from film_material import ffmpeg, loudness_of, make_clip, make_speech, make_timeline, make_tone

from filmeto_core.errors import AssemblyError
from filmeto_core.film.encoder import SAMPLE_RATE_HZ
from filmeto_core.film.film_parts import FilmParts, SoundEffect
from filmeto_core.film.sound import make_sound

MUSIC_HZ = 220


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", 24)


def sound_of(timeline, parts: FilmParts, folder: Path) -> Path:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    out = folder / "sound.m4a"
    make_sound(
        timeline,
        parts,
        work,
        out,
        workers=2,
        cancelled=threading.Event(),
        progress=lambda _done, _message: None,
    )
    return out


def heard(path: Path, filters: str = "anull") -> array:
    """The left channel's samples."""
    return array(
        "f",
        ffmpeg("-i", path, "-map", "0:a:0", "-af", filters + ",pan=mono|c0=c0", "-f", "f32le", "-"),
    )


def level_db(samples: array, start_s: float, end_s: float) -> float:
    part = samples[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
    power = sum(x * x for x in part[::3]) / len(part[::3])
    return 10 * math.log10(power + 1e-12)


def music(path: Path, duration_s: float = 12, level: float = -12) -> Path:
    return make_tone(path, MUSIC_HZ, duration_s, level)


def film_of(seconds: int, clip: Path, ending: int = 0, **voices):
    timeline = make_timeline((seconds * 24, "cut", 0), ending=ending, voices=voices or None)
    return timeline, {"a": clip}


MIXES = {
    "voice and music": {"voices": 2.5, "score": True},
    "voice alone": {"voices": 2.5},
    "music alone": {"score": True},
    "quiet music": {"score": True, "score_level": -50},
    "loud music": {"score": True, "score_level": 0},
    "effects alone": {"effect": True},
    "everything": {"voices": 2.5, "score": True, "effect": True},
}


@pytest.mark.parametrize("seconds", [3, 8])
@pytest.mark.parametrize("mix", MIXES)
def test_programme_has_its_loudness_and_no_peak_above_the_limit(tmp_path, clip, mix, seconds):
    wanted = MIXES[mix]
    timeline, clips = film_of(seconds, clip, ending=12, a=(0.3, 2.5))
    parts = FilmParts(clips)
    if "voices" in wanted:
        parts = FilmParts(clips, {"a": make_speech(tmp_path / "v.wav", 2.5)})
    score = wanted.get("score") and music(tmp_path / "m.wav", 9, wanted.get("score_level", -12))
    door = "anoisesrc=c=white:a=0.9:seed=3,aeval='val(0)*exp(-9*t)':c=same"
    effect = tmp_path / "door.wav"
    ffmpeg("-f", "lavfi", "-i", door, "-t", "1", effect)
    sounds = {"a": SoundEffect(effect, 1.0)} if "effect" in wanted else {}
    film = sound_of(timeline, FilmParts(clips, parts.voices, sounds, score or None), tmp_path)
    integrated, peak = loudness_of(film)
    assert abs(integrated + 16) <= 1
    assert peak < -1
    assert abs(len(heard(film)) / SAMPLE_RATE_HZ - timeline.duration_s) < 1 / 24


def test_silent_film_has_a_silent_track_as_long_as_its_picture(tmp_path, clip):
    timeline, clips = film_of(3, clip)
    samples = heard(sound_of(timeline, FilmParts(clips), tmp_path))
    assert len(samples) == 3 * SAMPLE_RATE_HZ
    assert max(map(abs, samples)) < 1e-4


def test_nearly_silent_film_is_not_raised(tmp_path, clip):
    timeline, clips = film_of(3, clip)
    hiss = tmp_path / "hiss.wav"
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=a=0.001:seed=1", "-t", "3", hiss)
    film = sound_of(timeline, FilmParts(clips, sounds={"a": SoundEffect(hiss)}), tmp_path)
    assert loudness_of(film)[0] < -60


def test_music_gives_way_to_the_voice_and_breathes_after_it(tmp_path, clip):
    timeline, clips = film_of(12, clip, a=(3.0, 3.0))
    voice = make_speech(tmp_path / "v.wav", 3.0)
    film = sound_of(
        timeline, FilmParts(clips, {"a": voice}, score=music(tmp_path / "m.wav")), tmp_path
    )
    samples = heard(film, f"bandpass=f={MUSIC_HZ}:width_type=h:w=10")
    before, under, after = (level_db(samples, start, start + 0.5) for start in (1.5, 4.5, 8.5))
    assert 10 <= before - under <= 14
    assert abs(before - after) < 1
    # It is down by the voice's first word, not after it.
    assert before - level_db(samples, 3.0, 3.2) > 8


def test_voice_is_well_above_the_music(tmp_path, clip):
    timeline, clips = film_of(6, clip, a=(2.0, 3.0))
    quiet = make_speech(tmp_path / "v.wav", 3.0, level_lufs=-40)
    film = sound_of(
        timeline, FilmParts(clips, {"a": quiet}, score=music(tmp_path / "m.wav", 7, -3)), tmp_path
    )
    voice = heard(film, "highpass=f=500,highpass=f=500")
    under = heard(film, f"bandpass=f={MUSIC_HZ}:width_type=h:w=10")
    assert level_db(voice, 2.5, 4.5) - level_db(under, 2.5, 4.5) > 10


def test_music_is_gone_when_the_film_ends(tmp_path, clip):
    timeline, clips = film_of(6, clip, ending=36)
    samples = heard(sound_of(timeline, FilmParts(clips, score=music(tmp_path / "m.wav")), tmp_path))
    assert level_db(samples, 2, 3) > -25
    assert level_db(samples, 5.95, 6.0) < -50


def test_sound_is_heard_when_it_should_be(tmp_path, clip):
    timeline = make_timeline((48, "cut", 0), (48, "cut", 0))
    beep = make_tone(tmp_path / "beep.wav", 1000, 0.5, -6)
    parts = FilmParts({"a": clip, "b": clip}, sounds={"b": SoundEffect(beep, 0.75)})
    samples = heard(sound_of(timeline, parts, tmp_path))
    loud = [i for i, x in enumerate(samples) if abs(x) > 0.05]
    assert abs(loud[0] / SAMPLE_RATE_HZ - 2.75) < 0.012
    assert abs(loud[-1] / SAMPLE_RATE_HZ - 3.25) < 0.012


def test_clips_own_sound_is_heard_only_where_no_voice_speaks(tmp_path, clip):
    loud = tmp_path / "loud.mp4"
    ffmpeg("-i", clip, "-f", "lavfi", "-i", "sine=f=1000:r=44100:d=1", "-shortest", loud)
    timeline = make_timeline((24, "cut", 0), (24, "cut", 0), voices={"b": (1.2, 0.6)})
    voice = make_tone(tmp_path / "v.wav", 300, 0.6, -12)
    clips = {"a": loud, "b": loud}
    parts = FilmParts(clips, {"b": voice})
    samples = heard(sound_of(timeline, parts, tmp_path), "bandpass=f=1000:width_type=h:w=50")
    assert level_db(samples, 0.3, 0.7) > -35
    assert level_db(samples, 1.3, 1.7) < level_db(samples, 0.3, 0.7) - 15
    asked = FilmParts(clips, {"b": voice}, own_sound=frozenset({"b"}))
    samples = heard(sound_of(timeline, asked, tmp_path), "bandpass=f=1000:width_type=h:w=50")
    assert abs(level_db(samples, 1.3, 1.7) - level_db(samples, 0.3, 0.7)) < 4


def test_voices_of_different_loudness_are_heard_alike(tmp_path, clip):
    timeline = make_timeline(
        (72, "cut", 0), (72, "cut", 0), voices={"a": (0.3, 2.0), "b": (3.3, 2.0)}
    )
    voices = {
        "a": make_speech(tmp_path / "a.wav", 2.0, level_lufs=-15),
        "b": make_speech(tmp_path / "b.wav", 2.0, level_lufs=-40),
    }
    samples = heard(sound_of(timeline, FilmParts({"a": clip, "b": clip}, voices), tmp_path))
    assert abs(level_db(samples, 0.5, 2.0) - level_db(samples, 3.5, 5.0)) < 1.5


def test_file_that_is_no_sound_is_named_with_its_shot(tmp_path, clip):
    timeline, clips = film_of(2, clip)
    with pytest.raises(AssemblyError, match=r"a: the voice .*a\.mp4 holds no sound"):
        sound_of(timeline, FilmParts(clips, {"a": clip}), tmp_path)
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"not a sound at all")
    with pytest.raises(AssemblyError, match=r"a: the file .*broken\.wav cannot be read"):
        sound_of(timeline, FilmParts(clips, {"a": broken}), tmp_path)


def test_file_names_with_every_special_character_work(tmp_path, clip):
    folder = tmp_path / "a, b; [c] 'd' = \"e\" %d \\ 灯塔: f"
    folder.mkdir()
    timeline, clips = film_of(3, clip, a=(0.3, 2.0))
    voice = make_speech(folder / "v o'x.wav", 2.0)
    assert abs(loudness_of(sound_of(timeline, FilmParts(clips, {"a": voice}), folder))[0] + 16) <= 1


def test_a_voice_whose_samples_look_like_another_format_is_read_as_what_it_is(tmp_path, clip):
    """A 0x47 every 188 bytes is how MPEG-TS is told; by chance or on purpose it stands in a WAV."""
    with wave.open(str(tmp_path / "voice.wav"), "wb") as file:
        file.setparams((1, 2, 24000, 0, "NONE", "not compressed"))
        data = bytearray(24000 * 2)
        for at in range(-44 % 188, len(data), 188):
            data[at] = 0x47
        file.writeframes(bytes(data))
    timeline, clips = film_of(2, clip, a=(0.0, 1.0))
    parts = FilmParts(clips=clips, voices={"a": tmp_path / "voice.wav"})
    samples = heard(sound_of(timeline, parts, tmp_path))
    assert len(samples) == pytest.approx(2 * SAMPLE_RATE_HZ, abs=2048)
