"""The talker plugin as a host sees it: its own process and environment, and the clips it makes."""

import ast
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.plugins_bundled.talking import (
    RATE_HZ,
    blinks,
    frames_of,
    lag,
    loudness,
    opening,
    part,
    voice,
    vowel,
    write_wav,
)

FOLDER = Path(__file__).resolve().parents[2] / "plugins" / "talker"
SIZE = {"width": 320, "height": 180}
WOMAN = {"prompt": "a pale young woman with short hair, no glasses", "character": "Anna", **SIZE}
BURSTS = (("", 0.5), ("a", 0.3), ("", 0.4), ("a", 0.2), ("", 0.25), ("a", 0.4), ("", 0.6), ("a", 0.3), ("", 0.4))  # fmt: skip


@pytest.fixture(scope="module")
def talker(start_plugin):
    return start_plugin("talker")


@pytest.fixture(scope="module")
def clip(talker):
    """`clip(sound, portrait=None, **parameters)`: a clip that must succeed, (path, metadata)."""

    def made(sound, portrait=None, **parameters):
        inputs = [sound] if portrait is None else [sound, portrait]
        result, _ = talker.call("speak2video", parameters, inputs)
        assert result["status"] == "success", result
        (output,) = result["output_resources"]
        assert output["mime_type"] == "video/mp4"
        return output["path"], output["metadata"]

    return made


@pytest.fixture(scope="module")
def refused(talker):
    """`refused(inputs, **parameters)`: the error of a call that must fail, and its message."""

    def made(inputs, **parameters):
        result, _ = talker.call("speak2video", parameters, inputs)
        assert result["status"] == "error", result
        return result["metadata"]["error"], result["error_message"]

    return made


@pytest.fixture(scope="module")
def bursts(tmp_path_factory):
    """A voice that comes and goes: (path, samples)."""
    samples = voice(*BURSTS)
    return write_wav(tmp_path_factory.mktemp("voice") / "bursts.wav", samples), samples


@pytest.fixture(scope="module")
def spoken(clip, bursts):
    """The drawn woman who speaks the bursts, 0.25 s into the clip: (frames, metadata)."""
    path, about = clip(bursts[0], start_s=0.25, duration_s=4.0, **WOMAN)
    return frames_of(path), about


@pytest.fixture(scope="module")
def portrait(start_plugin, tmp_path_factory):
    """A face that the sketch plugin drew."""
    wanted = {
        "prompt": "close-up of a young woman in a field",
        "seed": 2,
        "width": 480,
        "height": 270,
    }
    result, _ = start_plugin("sketch").call("text2image", wanted)
    return result["output_files"][0]


def test_lips_move_within_two_frames_of_the_sound(spoken, bursts):
    frames, _ = spoken
    shift, likeness = lag(opening(frames), loudness(bursts[1], len(frames), 24, 0.25))
    assert abs(shift) <= 2 and likeness > 0.8


def test_mouth_is_closed_while_nobody_speaks(spoken, bursts):
    frames, _ = spoken
    loud = loudness(bursts[1], len(frames), 24, 0.25)
    around = np.array([loud[max(0, i - 3) : i + 4].max() for i in range(len(loud))])
    opened = opening(frames)
    assert opened[around == 0].max() < 0.035 < 0.08 < np.median(opened[loud > 0.1])


def test_a_room_that_hums_leaves_the_mouth_closed(clip, bursts, tmp_path):
    samples = bursts[1] + 0.009 * np.random.default_rng(1).normal(size=len(bursts[1]))
    frames = frames_of(clip(write_wav(tmp_path / "hum.wav", samples), **WOMAN)[0])
    loud = loudness(bursts[1], len(frames), 24)
    around = np.array([loud[max(0, i - 3) : i + 4].max() for i in range(len(loud))])
    opened = opening(frames)
    assert opened[around == 0].max() < 0.035 < 0.08 < np.median(opened[loud > 0.1])


def test_eyes_blink_now_and_then_and_not_for_long(clip, tmp_path):
    path, _ = clip(write_wav(tmp_path / "hush.wav", voice(("", 9.0))), **WOMAN, seed=4)
    lasted = blinks(frames_of(path))
    assert 2 <= len(lasted) <= 7 and max(lasted) <= 9


def test_head_moves_a_little_and_the_place_behind_it_does_not(spoken):
    frames, _ = spoken
    hair = part(frames, np.s_[0.16:0.30, 0.36:0.64])
    corner = part(frames, np.s_[0.0:0.3, 0.0:0.2])
    assert np.abs(hair - hair[0]).mean(axis=(1, 2, 3)).max() > 1.5
    assert np.abs(corner - corner[0]).max() <= 8


def test_a_sentence_is_spoken_in_time_with_its_words(start_plugin, clip):
    line = {
        "text": "My father climbed the tower every morning, and he was happy.",
        "language": "en",
    }
    made, _ = start_plugin("espeak").call("text2speak", line)
    sound = made["output_resources"][0]
    words = sound["metadata"]["words"]
    path, about = clip(sound["path"], words=words, **line, **WOMAN)
    frames = frames_of(path)
    with av.open(sound["path"]) as file:
        resampler = av.AudioResampler("flt", "mono", RATE_HZ)
        heard = [r for f in file.decode(audio=0) for r in resampler.resample(f)]
    samples = np.concatenate([f.to_ndarray()[0] for f in heard])
    shift, likeness = lag(opening(frames), loudness(samples, len(frames), 24))
    assert about["timing"] == "words"
    assert abs(shift) <= 2 and likeness > 0.6


def test_lips_close_for_the_m_that_phonemes_tell_of(clip, tmp_path):
    sound = write_wav(tmp_path / "ama.wav", voice(("a", 1.5)))
    told = [("a", 0.0, 0.6), ("m", 0.6, 0.85), ("a", 0.85, 1.5)]
    phonemes = [{"phoneme": p, "start_s": a, "end_s": b} for p, a, b in told]
    known, about = clip(sound, phonemes=phonemes, **WOMAN)
    alone, _ = clip(sound, **WOMAN)
    assert about["timing"] == "phonemes"
    opened, heard = opening(frames_of(known)), opening(frames_of(alone))
    at_m, at_a = round(0.725 * 24), round(0.3 * 24)
    assert opened[at_m - 1 : at_m + 2].min() < 0.035 < 0.08 < opened[at_a]
    assert heard[at_m] > 0.08


def test_lips_meet_for_the_m_of_a_chinese_word(clip, tmp_path):
    sound = write_wav(tmp_path / "a_ma.wav", voice(("a", 1.4)))
    words = [
        {"text": "啊", "start_s": 0.0, "end_s": 0.6},
        {"text": "妈", "start_s": 0.6, "end_s": 1.4},
    ]
    path, about = clip(sound, words=words, language="zh", **WOMAN)
    opened = opening(frames_of(path))
    assert about["timing"] == "words"
    assert opened[14:21].min() < 0.6 * min(np.median(opened[5:12]), np.median(opened[24:31]))


def test_letters_count_less_in_a_language_that_is_not_read(clip, tmp_path):
    sound = write_wav(tmp_path / "sasa.wav", voice(("a", 1.2)))
    wanted = {"text": "sasa", "words": [{"word": "sasa", "start_s": 0.0, "end_s": 1.2}], **WOMAN}
    english, other = (
        opening(frames_of(clip(sound, language=tag, **wanted)[0]))[3:26] for tag in ("en", "fi")
    )
    assert np.ptp(english) > 1.2 * np.ptp(other)


def test_round_and_spread_vowels_shape_the_mouth_from_the_sound_alone(clip, tmp_path):
    sound = write_wav(tmp_path / "iu.wav", voice(("i", 0.7), ("", 0.4), ("u", 0.7)))
    frames = frames_of(clip(sound, **WOMAN)[0])
    lips = part(frames, np.s_[0.585:0.665, 0.445:0.555])  # without the chin and what is below

    def width(i):
        luma = lips[i] @ np.array([0.299, 0.587, 0.114])
        return int((luma < 90).any(axis=0).sum())

    assert width(8) > 1.25 * width(35)


def test_other_prompts_and_seeds_draw_other_people_and_one_name_the_same(clip, bursts):
    short = {"duration_s": 0.1, **SIZE}
    prompts = [
        "an old keeper with a white beard",
        "a young woman with long red hair",
        "一个戴眼镜的小男孩",
    ]
    made = [clip(bursts[0], prompt=p, seed=1, **short) for p in prompts]
    looks = [about["look"] for _, about in made]
    assert "old" in looks[0] and "full beard" in looks[0] and "peaked cap" in looks[0]
    assert "woman" in looks[1] and "long red hair" in looks[1]
    assert "boy, child" in looks[2] and "glasses" in looks[2]
    faces = [part(frames_of(path), np.s_[0.2:0.75, 0.35:0.65])[0] for path, _ in made]
    assert min(np.abs(faces[i] - faces[i - 1]).mean() for i in range(3)) > 15
    told = {clip(bursts[0], prompt="a woman", seed=s, **short)[1]["look"] for s in range(4)}
    assert len(told) == 4
    named = {
        clip(bursts[0], prompt="a woman", character="Mei", seed=s, **short)[1]["look"]
        for s in range(2)
    }
    assert len(named) == 1


def test_whom_a_film_names_first_speaks_and_is_the_same_in_every_shot(clip, bursts):
    cast = "Keeper: an old man with a white beard, Mei: a girl with braids and glasses"
    shots = [f"a storm at sea, {cast}", f"Mei laughs in the library, {cast}, watercolour"]
    made = [
        clip(bursts[0], prompt=shot, seed=seed, duration_s=0.1, **SIZE)[1]
        for seed, shot in enumerate(shots)
    ]
    assert made[0]["look"] == made[1]["look"]
    assert "old" in made[0]["look"] and "full beard" in made[0]["look"]
    assert [about["place"] for about in made] == ["sea", "library"]
    still = [
        frames_of(clip(bursts[0], prompt=shots[0], seed=seed, duration_s=0.04, **SIZE)[0])
        for seed in (1, 2)
    ]
    corner = [part(frames, np.s_[0.0:0.3, 0.0:0.2]) for frames in still]
    assert np.abs(corner[0] - corner[1]).max() <= 8


def test_a_portrait_speaks_in_time_and_only_around_its_face(clip, portrait, bursts):
    path, about = clip(bursts[0], portrait, **SIZE, seed=5)
    frames = frames_of(path)
    assert about["face"] == "portrait" and about["faces_found"] == 1
    still = np.asarray(Image.open(portrait).resize((320, 180), Image.LANCZOS)).astype(np.int16)
    changed = np.abs(frames - still).max(axis=(0, 3))
    assert np.percentile(changed[:, :48], 99) <= 12 and np.percentile(changed[:, -32:], 99) <= 12
    moved = np.abs(frames - np.median(frames, axis=0)).mean(axis=(0, 3))
    row, column = np.unravel_index(int(np.argmax(moved[90:150, 90:230])), (60, 140))
    centre = ((row + 90) / 180, (column + 90) / 320)
    mouth = np.s_[centre[0] - 0.08 : centre[0] + 0.08, centre[1] - 0.07 : centre[1] + 0.07]
    closed = np.median(part(frames, mouth)[:8], axis=0)
    open_by = np.abs(part(frames, mouth) - closed).mean(axis=(1, 2, 3))
    shift, likeness = lag(open_by, loudness(bursts[1], len(frames), 24))
    assert abs(shift) <= 2 and likeness > 0.6


def test_the_largest_of_two_faces_speaks_and_the_metadata_say_so(clip, portrait, bursts, tmp_path):
    face = Image.open(portrait).convert("RGB")
    both = Image.new("RGB", (960, 270), "grey")
    both.paste(face, (0, 0))
    both.paste(face.resize((320, 180)), (560, 45))
    both.save(tmp_path / "both.png")
    path, about = clip(bursts[0], tmp_path / "both.png", width=640, height=180)
    frames = frames_of(path)
    assert about["faces_found"] == 2 and "largest" in about["note"]
    moved = np.abs(frames - frames[0]).mean(axis=(0, 1, 3))
    assert moved[:320].max() > 3 * moved[340:].max()


def test_a_picture_without_a_face_is_refused_for_good(refused, bursts, tmp_path):
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "sky.png")
    error, message = refused([bursts[0], tmp_path / "sky.png"], **SIZE)
    assert (error["code"], error["permanent"]) == ("no_face", True)
    assert "no face was found" in message and "drawn character" in message


def test_a_face_that_stands_on_its_head_is_no_face(refused, portrait, bursts, tmp_path):
    Image.open(portrait).rotate(180).save(tmp_path / "turned.png")
    error, _ = refused([bursts[0], tmp_path / "turned.png"], **SIZE)
    assert error["code"] == "no_face"


@pytest.mark.parametrize(
    ("fps", "duration_s", "rate", "frames"),
    [("23.976", 1.5, "24000/1001", 36), ("12.5", 1.2, "25/2", 15), ("30", 0.01, "30", 1)],
)
def test_clip_has_exactly_the_frames_asked_for_and_no_sound(
    clip, bursts, fps, duration_s, rate, frames
):
    path, about = clip(bursts[0], fps=fps, duration_s=duration_s, width=64, height=96)
    assert (about["frames"], about["fps"]) == (frames, rate)
    with av.open(path) as file:
        (stream,) = file.streams
        codec = stream.codec_context
        assert (codec.name, codec.profile, codec.pix_fmt) == ("h264", "High", "yuv420p")
        assert stream.average_rate == Fraction(rate)
        tags = (codec.color_range, codec.color_primaries, codec.color_trc, codec.colorspace)
        assert tags == (1, 1, 1, 1)  # tv, and BT.709 three times
        assert sum(1 for _ in file.decode(stream)) == frames


def test_clips_are_encoded_as_the_cameras_are_so_that_they_join():
    def settings(plugin):
        folder, made = FOLDER.parent / plugin, []
        for module, names in (
            ("encoder", ("encoder_options", "encoder_command")),
            ("rate", ("parse_rate", "frame_count", "timescale", "key_interval")),
        ):
            tree = ast.parse((folder / f"{plugin}_{module}.py").read_text(encoding="utf-8"))
            found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in names]
            assert len(found) == len(names)
            made += [ast.dump(n) for n in found]
        return made

    assert settings("talker") == settings("camera")


def test_without_a_length_the_clip_ends_with_the_sound(clip, bursts):
    _, about = clip(bursts[0], start_s=0.5, text="ah, and ah", width=64, height=64)
    assert about["timing"] == "text"
    assert about["frames"] == round((sum(s for _, s in BURSTS) + 0.5) * 24)


def test_voice_lies_under_the_clip_where_it_is_asked_for(clip, tmp_path):
    sound = write_wav(tmp_path / "a.wav", vowel("a", 0.5))
    wanted = {"with_sound": True, "start_s": 0.5, "duration_s": 1.5, "width": 64, "height": 64}
    path, _ = clip(sound, **wanted)
    with av.open(path) as file:
        heard = np.concatenate([f.to_ndarray()[0] for f in file.decode(audio=0)])
        rate = file.streams.audio[0].rate
    level = [np.abs(heard[int(a * rate) : int(b * rate)]).max() for a, b in ((0, 0.4), (0.6, 0.9), (1.15, 1.4))]  # fmt: skip
    assert level[0] < 0.02 and level[1] > 0.2 and level[2] < 0.02
    assert len(heard) / rate == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize("kind", ["stereo 44.1 kHz wav", "mp3", "opus"])
def test_sounds_of_other_kinds_open_the_mouth_too(clip, tmp_path, kind):
    samples = voice(("", 0.4), ("a", 0.4), ("", 0.4))
    path = tmp_path / {"mp3": "a.mp3", "opus": "a.ogg"}.get(kind, "a.wav")
    if kind in ("mp3", "opus"):
        with av.open(str(path), "w") as file:
            stream = file.add_stream("libmp3lame" if kind == "mp3" else "libopus", rate=48_000)
            frame = av.AudioFrame.from_ndarray(
                (samples * 32767).astype("<i2")[None], format="s16", layout="mono"
            )
            frame.sample_rate = RATE_HZ
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                file.mux(packet)
    else:
        grown = np.interp(np.arange(int(1.2 * 44_100)) / 44_100, np.arange(len(samples)) / RATE_HZ, samples)  # fmt: skip
        write_wav(path, grown, channels=2, rate_hz=44_100)
    opened = opening(frames_of(clip(path, **WOMAN)[0]))
    assert opened[12:18].mean() > 0.07 > 0.035 > opened[:6].mean()


def test_same_call_gives_the_same_bytes(clip, portrait, bursts):
    wanted = {"duration_s": 0.5, "width": 160, "height": 90, "seed": 9}
    made = [Path(clip(bursts[0], portrait, **wanted)[0]).read_bytes() for _ in range(2)]
    assert made[0] == made[1]


def test_cancelled_call_ends_its_ffmpeg_and_leaves_no_file(talker, tmp_path):
    sound = write_wav(tmp_path / "long.wav", np.tile(voice(("a", 0.6), ("", 0.4)), 90))
    request = talker.start_call("speak2video", {**SIZE, "with_sound": True}, [sound])
    while (message := talker.receive(60))["params"].get("percent", 0) < 6:
        assert message["method"] in ("progress", "heartbeat", "log")
    asked = time.monotonic()
    talker.send("cancel", {"task_id": f"task-{request}"})
    result, _ = talker.finish_call(request)
    assert time.monotonic() - asked < 20
    assert result["metadata"]["error"]["code"] == "cancelled"
    pid = talker.process.pid
    children = "".join(p.read_text() for p in Path(f"/proc/{pid}/task").glob("*/children"))
    assert children.split() == []
    left = [p for p in (talker._work / f"call_{request}").iterdir()]
    assert left == []


def test_what_is_no_sound_and_lists_that_are_none_are_refused(refused, bursts, tmp_path):
    (tmp_path / "no.wav").write_text("this is no sound")
    error, message = refused([tmp_path / "no.wav"], **SIZE)
    assert error["code"] == "bad_input" and "cannot read the sound" in message
    error, message = refused([], **SIZE)
    assert error["code"] == "bad_input" and "one sound" in message
    error, message = refused([bursts[0]], words=[{"word": "hello", "start_s": 2, "end_s": 1}])
    assert error["code"] == "bad_input" and "words: item 1" in message
    error, message = refused([bursts[0]], width=321, height=180)
    assert error["code"] == "bad_input" and "even" in message
