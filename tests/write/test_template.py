"""The template writer: what it reads in loglines, and the films that it makes of them."""

import itertools

import pytest

from filmeto_core.errors import ValidationError
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.settings import Settings
from filmeto_core.write.beats import BEATS, plan_beats
from filmeto_core.write.logline_en import clauses, read_english
from filmeto_core.write.logline_zh import read_chinese
from filmeto_core.write.request import read_request
from filmeto_core.write.template import write_from_templates
from filmeto_core.write.writer import write_storyboard

KEEPER = "An old lighthouse keeper finds a letter from his daughter on the night of a great storm."
ZITHER = "小女孩在江南水乡寻找外婆丢失的古琴，却发现了一段被遗忘的往事。"
ROBOT = "火星上最后一个机器人每天给地球写信，直到有一天收到了回信。"
LOGLINES = [
    KEEPER, ZITHER, ROBOT, "War", "猫",
    "Two rival fishermen in a small harbour fall in love with the same boat.",
    "Captain Elias Boone sails into the ice to rescue his brother, but the ship is trapped for the winter.",
    'She said: "Go # away" [now] {x} - & *: ! | > % @ `',
    "The 1945 yes no on off null ~",
    "{seen} {0} [a|b] %s \\n",
]  # fmt: skip


def board(logline: str, shots: int = 8, **asked):
    return write_from_templates(read_request(logline, shots, **asked)).board


def narration(film: dict) -> list[str]:
    return [shot["narration"] for shot in film["shots"] if "narration" in shot]


@pytest.mark.parametrize("logline", LOGLINES)
@pytest.mark.parametrize("shots", [1, 2, 3, 8, 13, 40, 100])
def test_any_logline_becomes_a_valid_film_of_that_many_shots(logline, shots):
    film = load_storyboard(board(logline, shots))
    assert len(film.shots) == shots
    motions = [shot.motion for shot in film.shots]
    assert all(one != two for one, two in itertools.pairwise(motions))
    prompts = [shot.prompt for shot in film.shots]
    assert len(set(prompts)) == shots  # no picture twice
    said = [shot.narration for shot in film.shots if shot.narration]
    assert len(set(said)) == len(said) and said
    assert str(film.ending.kind) == "fade-to-black" and film.music.prompt


@pytest.mark.parametrize("logline", LOGLINES)
def test_the_logline_itself_is_told_in_the_film(logline):
    for shots in (1, 2, 5, 13):
        said = "".join(narration(board(logline, shots))).replace(" ", "").lower()
        words = [w for w in logline.replace("，", " ").replace("。", " ").split() if w.isalnum()]
        assert all(word.lower() in said for word in words)


@pytest.mark.parametrize(
    ("logline", "hero", "called", "other", "place", "thing"),
    [
        (KEEPER, "an old lighthouse keeper", "the keeper", "his daughter", "the lighthouse", "letter"),
        (LOGLINES[5], "two rival fishermen", "the fishermen", None, "the small harbour", "boat"),
        (LOGLINES[6], "a captain", "Captain Elias Boone", "his brother", "the ice", ""),
        ("Mara, a deaf clockmaker, must repair the tower clock of a mountain village.",
         "a deaf clockmaker", "Mara", None, "the mountain village", "clock"),
        ("When her grandmother dies, a shy baker in Paris inherits a secret recipe.",
         "a shy baker", "the baker", "her grandmother", "Paris", "recipe"),
        ("A lonely astronaut aboard a dying space station hears a child singing on the radio.",
         "a lonely astronaut", "the astronaut", "the child", "the dying space station", "radio"),
        ("A broken clock in an empty station begins to run backwards.",
         "a broken clock", "the clock", None, "the empty station", "clock"),
    ],
)  # fmt: skip
def test_people_places_and_things_of_an_english_logline_are_found(
    logline, hero, called, other, place, thing
):
    tale = read_english(logline)
    assert (tale.hero.seen, tale.hero.called, tale.place, tale.thing) == (
        hero,
        called,
        place,
        thing,
    )
    assert (tale.other.called if tale.other else None) == other


@pytest.mark.parametrize(
    ("logline", "hero", "called", "other", "place", "thing"),
    [
        (ZITHER, "一个小女孩", "女孩", "外婆", "江南水乡", "古琴"),
        (ROBOT, "一个机器人", "机器人", None, "火星", "信"),
        ("一位年迈的守塔人在暴风雨之夜收到女儿的来信。", "一位年迈的守塔人", "守塔人", "女儿", "灯塔", "信"),
        ("一个叫阿宝的快递员必须把一个神秘的包裹送到雪山上的古寺。", "一个快递员", "阿宝", None, "雪山上的古寺", "包裹"),
        ("退休的小偷爱上了一位失明的钢琴师。", "一个退休的小偷", "小偷", "钢琴师", "", ""),
    ],
)  # fmt: skip
def test_people_places_and_things_of_a_chinese_logline_are_found(
    logline, hero, called, other, place, thing
):
    tale = read_chinese(logline)
    assert (tale.hero.seen, tale.hero.called, tale.thing) == (hero, called, thing)
    assert tale.found.get("where", "") == place
    assert (tale.other.called if tale.other else None) == other


def test_each_picture_with_the_hero_describes_them_in_the_same_words():
    film = board(KEEPER, 30)
    with_hero = [s["prompt"] for s in film["shots"] if "keeper" in s["prompt"]]
    assert len(with_hero) > 12
    assert all("an old lighthouse keeper" in prompt for prompt in with_hero)


def test_several_heroes_get_their_verbs_in_the_plural():
    told = " ".join(
        s["prompt"] + " " + s.get("narration", "") for s in board(LOGLINES[5], 60)["shots"]
    )
    assert "two rival fishermen walk along" in told
    assert "fishermen walks" not in told and "this is two" not in told


def test_the_language_follows_the_logline_and_so_do_names_and_music():
    film = board(ZITHER, 13)
    assert film["voice"] == {"language": "zh"}
    for shot in film["shots"]:
        assert not any(
            "a" <= c <= "z" for c in shot["id"] + shot["prompt"] + shot.get("narration", "")
        )
    assert "古筝" in film["music"]["prompt"] or "二胡" in film["music"]["prompt"]
    assert board(KEEPER, language="en-GB")["voice"] == {"language": "en-GB"}


@pytest.mark.parametrize(
    ("logline", "language"),
    [(KEEPER, "zh"), (ZITHER, "en"), (KEEPER, "fr"), ("灯台守の手紙を読む娘", None)],
)
def test_what_it_cannot_write_it_refuses_and_says_what_could(logline, language):
    with pytest.raises(ValidationError, match="FILMETO_WRITER_URL"):
        board(logline, language=language)


def test_the_same_request_gives_the_same_text_and_another_seed_another_film():
    def text(seed):
        return write_storyboard(read_request(KEEPER, 13, seed=seed), Settings(), template=True)

    assert text(0) == text(0)
    assert len({text(seed) for seed in range(6)}) > 3


def test_moods_are_heard_in_music_look_and_words():
    dark = board("A detective hunts a killer through the rainy streets of Hong Kong.", 13)
    light = board("A clumsy baker in a village loses a birthday cake.", 13)
    assert "tense" in dark["music"]["prompt"] and "charcoal" in dark["style"]
    assert "playful" in light["music"]["prompt"] and narration(dark)[0] != narration(light)[0]


def test_profile_and_style_are_taken_over():
    film = board(KEEPER, profile="animatic", style="oil painting")
    assert (film["profile"], film["style"]) == ("animatic", "oil painting")


def test_a_long_logline_is_spoken_in_two_parts_at_its_turn():
    assert clauses(LOGLINES[6]) == (
        "Captain Elias Boone sails into the ice to rescue his brother.",
        "But the ship is trapped for the winter.",
    )
    film = board(LOGLINES[6], 8)
    said = {shot["id"]: shot.get("narration") for shot in film["shots"]}
    assert said["storm"] == "But the ship is trapped for the winter."


@pytest.mark.parametrize("shots", [1, 4, 13, 57, 100])
def test_beats_come_in_their_order_and_fill_the_film(shots):
    plan = plan_beats(shots)
    order = [beat.key for beat in BEATS]
    places = [order.index(beat.key) for beat, _ in plan]
    assert places == sorted(places) and sum(count for _, count in plan) == shots
    assert plan[0][0].key == "opening" and (shots == 1 or plan[-1][0].key == "end")


def test_it_is_honest_about_what_it_is_and_what_it_read():
    done = write_from_templates(read_request(KEEPER, 4))
    assert "not by a language model" in done.head[0] and "not by a language model" in done.notes[0]
    assert any("his daughter (shown as a young woman)" in line for line in done.head)
    general = write_from_templates(read_request("Xyzzy quux frobnicate", 4))
    assert any("nobody and nothing" in note for note in general.notes)
    french = write_from_templates(read_request("Un vieux gardien de phare trouve une lettre", 4))
    assert any("read as English" in note for note in french.notes)


@pytest.mark.parametrize("logline", ["", "   ", "…!", "1984", "x" * 2001, "\x00\x07"])
def test_a_logline_that_says_nothing_or_too_much_is_refused(logline):
    with pytest.raises(ValidationError):
        read_request(logline, 8)
