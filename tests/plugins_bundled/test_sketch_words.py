"""What the sketch plugin understands of a prompt."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "sketch"))

from sketch_words import parse

SAME = [
    ("wide shot: three boats on the sea at night, rain", "远景，夜晚的海上三条船，雨"),
    ("close-up: an old man by the window drinking tea", "特写：老人坐在窗边喝茶"),
    ("a lighthouse on a cliff at dawn", "黎明，悬崖上的灯塔"),
    ("autumn forest, a path, a lonely traveller", "秋天的森林，小路，孤独的旅人"),
    ("a village in snow at night, the moon", "雪夜，村庄，月亮"),
    ("close-up of a letter and an oil lamp", "特写：信和油灯"),
    ("a dog and a cat on the beach at sunset", "日落的沙滩，狗和猫"),
]


def gist(scene):
    people = sorted((s.kind, "old" in s.attrs) for s in scene.subjects)
    return scene.shot, scene.time, scene.weather, scene.season, set(scene.places), people


@pytest.mark.parametrize(("english", "chinese"), SAME)
def test_english_and_chinese_prompts_describe_the_same_scene(english, chinese):
    assert gist(parse(english)) == gist(parse(chinese))


def test_shot_angle_time_weather_and_season_are_read():
    scene = parse("Low angle close-up, a stormy winter night")
    assert (scene.shot, scene.angle, scene.time) == ("close", "low", "night")
    assert (scene.weather, scene.season) == ("storm", "winter")


def test_numbers_count_their_subject():
    assert parse("three boats and a dozen birds").get("boat").count == 3
    assert parse("三条船").get("boat").count == 3
    assert parse("two people rowing").get("person").count == 2
    assert parse("two hundred steps").has("stairs")


def test_a_crowded_place_has_people():
    assert parse("crowded market street").has("person")


def test_actions_go_to_the_people_of_their_clause():
    scene = parse("the boat reaches the harbour, people waving on the pier")
    assert scene.get("person").action == "wave"
    both = parse("the keeper and a child walk along the beach")
    assert {s.action for s in both.people} == {"walk"}


def test_things_held_are_in_somebody_s_hands():
    scene = parse("a little girl holding a red umbrella")
    assert scene.get("girl").holds == ("umbrella",)
    assert scene.get("umbrella").held
    assert scene.get("umbrella").colour == "red"
    assert parse("父亲和孩子放风筝").get("child").holds == ("kite",)
    assert parse("a letter on a table").get("letter").held is False


def test_a_colour_goes_to_the_thing_it_stands_before():
    scene = parse("a blue car, a red house")
    assert (scene.get("car").colour, scene.get("house").colour) == ("blue", "red")


def test_unknown_words_leave_the_scene_as_it_is():
    plain = parse("a lighthouse on a cliff at dawn, gulls")
    assert parse("a zorbulous lighthouse on the quuxy cliff at dawn, gulls frobbing") == plain
    assert parse("a spiral wibbly staircase") == parse("a spiral staircase")


def test_lens_and_format_figures_are_no_counts():
    assert parse("35mm, 16:9 8k 1.85:1 a boat on a lake").get("boat").count == 0


def test_negative_prompt_takes_subjects_out():
    scene = parse("a lighthouse, gulls, a dog, rain", "gulls, rain")
    assert not scene.has("gull")
    assert scene.weather == "clear"
    assert scene.has("lighthouse", "dog")
    assert parse("an old man and a dog", "people").people == []
    assert parse("三只海鸥，灯塔", "海鸥").get("gull") is None


def test_style_is_read_from_the_style_and_from_the_prompt():
    assert parse("a tree", style="watercolor").style == "watercolour"
    assert parse("a tree, ink drawing").style == "ink"
    assert parse("a tree, black and white").tint == "mono"
    assert parse("海边，水墨").style == "ink"


@pytest.mark.parametrize("style", ["ink and watercolour", "watercolour, ink", "水墨淡彩"])
def test_ink_with_watercolour_keeps_its_colours(style):
    assert parse("a tree", style=style).style == "line and wash"


def test_lamps_imply_night_and_tables_a_room():
    scene = parse("the keeper at a table reading a letter by lamp light")
    assert scene.time == "night"
    assert scene.interior
    assert not parse("a boat on a lake").interior


@pytest.mark.parametrize("prompt", ["", "   ", "!!!", "asdf qwer", "的的的", "123", "\U0001f600"])
def test_any_prompt_gives_a_scene(prompt):
    assert parse(prompt).shot == "wide"


KEEPER = "keeper: an old man with a white beard and a dark blue cap"
ANN = "Ann: a young woman with red hair in a yellow raincoat"


@pytest.mark.parametrize(
    ("prompt", "people"),
    [
        (f"the keeper climbs a spiral staircase, {KEEPER}", ["old man"]),
        (f"the keeper and Ann on a spiral staircase, {KEEPER}, {ANN}, ink", ["old man", "woman"]),
        (f"The Keeper looks at the keeper's boat, {KEEPER}", ["old man"]),
        (f"the lamp room of a lighthouse at night, {KEEPER}", ["old man"]),
        (f"{KEEPER}", ["old man"]),
        ("the keeper at sea, keeper: white beard, dark cap", ["keeper"]),
        ("小明在桥上，月光, 小明: 穿红衣的男孩", ["boy"]),
        ("close-up: an old man by the window", ["old man"]),
    ],
)
def test_whom_a_film_describes_after_its_prompt_is_drawn_once(prompt, people):
    assert [person.name for person in parse(prompt).people] == people


def test_the_description_does_what_the_name_did():
    climber = parse(f"the keeper climbs a spiral staircase with a lantern, {KEEPER}").people[0]
    assert (climber.action, climber.holds) == ("climb", ("lantern",))
    assert parse("wide shot: a boat, night: stars").shot == "wide"


def test_colours_of_clothes_and_hair_are_the_person_s_and_no_thing_s():
    for prompt in (
        "a young woman with red hair in a yellow raincoat with an umbrella",
        "红头发的女人，穿黄雨衣，拿着伞",
    ):
        scene = parse(prompt)
        assert scene.people[0].hair == "red" and scene.weather == "clear"
        assert scene.get("umbrella").colour == ""
    worn = parse("a young woman with red hair in a yellow raincoat").people[0]
    assert (worn.wears, worn.hair) == ("yellow", "red")
    man, girl = parse("a man in a blue coat and a girl in a red dress").people
    assert (man.wears, girl.wears) == ("blue", "red")
    assert parse("a girl with a red umbrella").people[0].wears == ""


def test_who_is_on_stairs_carries_the_lantern():
    keeper = parse("the keeper and a girl on a spiral staircase with a lantern").people[0]
    assert keeper.holds == ("lantern",)
