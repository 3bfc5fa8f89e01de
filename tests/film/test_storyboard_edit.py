"""Edits of a storyboard's text: they say what was meant, and leave the rest as it was laid out."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmeto_core.errors import ConflictError, NotFoundError, StoryboardError, ValidationError
from filmeto_core.film.storyboard_edit import (
    add_shot,
    order_shots,
    read_fields,
    remove_shot,
    set_film,
    set_shot,
    shot_ids,
)
from filmeto_core.film.storyboard_layout import column_of
from filmeto_core.film.storyboard_writing import as_written, dumped, inline
from filmeto_core.film.storyboard_yaml import parse_yaml

BOARD = """\
# The lighthouse, third version
title: The Last Lighthouse  # working title
size: 1280x720

# quick for now
profile: quick
shots:
  # we open wide
  - id: quay
    prompt: >
      a quay at dawn,
      fog over the water
    narration: "Once: upon a time"  # slowly
    motion: pan-left

  # then close
  - id: lamp
    prompt: a lamp
    transition: {kind: dissolve, duration_s: 0.5}  # soft
    pinned:
      text2image: sha256:aaaaaaaaaaaa  # the good one
  - prompt: the sea   # no id
    # breathe
    duration_s: 4

# notes at the end
style: oil on canvas
"""


def data(text):
    """What a storyboard's text says, read anew."""
    parsed = parse_yaml(text.encode())
    assert not parsed.problems
    return parsed.data


# --- what edits look like -------------------------------------------------------------------------


def test_a_value_is_replaced_where_it_stands():
    edited = set_shot(BOARD, "quay", {"motion": "static", "narration": "Long ago"})

    assert edited == BOARD.replace("pan-left", "static").replace('"Once: upon a time"', "Long ago")


def test_a_block_of_text_and_a_nested_value_are_replaced_whole():
    edited = set_shot(BOARD, "quay", {"prompt": "a quay"})
    edited = set_shot(edited, "lamp", {"pinned": {"text2speak": "sha256:bbbbbbbbbbbb"}})

    assert "    prompt: a quay\n    narration:" in edited
    assert (
        "    pinned: {text2speak: sha256:bbbbbbbbbbbb}  # the good one\n  - prompt: the" in edited
    )


def test_a_new_field_comes_last_and_a_removed_one_takes_its_line_along():
    edited = set_shot(BOARD, "lamp", {"take": 2, "transition": None})

    assert edited == BOARD.replace(
        "    transition: {kind: dissolve, duration_s: 0.5}  # soft\n", ""
    ).replace("# the good one\n", "# the good one\n    take: 2\n")


def test_the_first_field_of_a_shot_can_be_removed():
    assert "  - # breathe" not in (edited := set_shot(BOARD, "shot-3", {"prompt": None}))
    assert data(edited)["shots"][2] == {"duration_s": "4"}
    assert "# we open wide" in edited


def test_fields_of_the_film_stand_before_its_shots():
    edited = set_film(BOARD, {"title": "Dawn", "music": "slow piano", "style": None})

    assert edited == BOARD.replace("The Last Lighthouse", "Dawn").replace(
        "profile: quick\n", "profile: quick\nmusic: slow piano\n"
    ).replace("style: oil on canvas\n", "")


def test_a_shot_is_added_with_the_others_spacing():
    edited, name = add_shot(BOARD, {"prompt": "a gull", "take": None}, after="quay")

    assert name == "shot-4"
    assert (
        "    motion: pan-left\n\n  - id: shot-4\n    prompt: a gull\n\n  # then close\n" in edited
    )
    assert "  - id: shot-3\n    prompt: the sea   # no id" in edited  # it stays what it was called


def test_a_shot_added_at_the_end_leaves_the_others_alone():
    edited, _ = add_shot(BOARD, {"id": "end", "prompt": "dark"})

    assert edited == BOARD.replace(
        "    duration_s: 4\n", "    duration_s: 4\n\n  - id: end\n    prompt: dark\n"
    )


def test_a_removed_shot_takes_its_comments_along():
    edited = remove_shot(BOARD, "quay")

    assert "we open wide" not in edited
    assert "shots:\n  # then close\n  - id: lamp\n" in edited


def test_shots_move_with_the_comments_above_them():
    edited = order_shots(BOARD, ["shot-3", "lamp", "quay"])

    assert shot_ids(data(edited)) == ["shot-3", "lamp", "quay"]
    assert edited.index("# breathe") < edited.index("# then close") < edited.index("# we open wide")
    assert edited.endswith("motion: pan-left\n\n# notes at the end\nstyle: oil on canvas\n")


@pytest.mark.parametrize(
    "text", ["", "title: Dawn\n", "shots:\ntitle: Dawn\n", "shots: []  # none yet\ntitle: Dawn\n"]
)
def test_the_first_shot_is_added_to_a_film_without_any(text):
    edited, name = add_shot(text, {"prompt": "a quay"})

    assert name == "shot-1"
    assert data(edited)["shots"] == [{"id": "shot-1", "prompt": "a quay"}]


def test_the_last_shot_that_goes_leaves_an_empty_list():
    edited = remove_shot("title: Dawn\nshots:\n  - id: a\n    prompt: x\n# end\n", "a")

    assert edited == "title: Dawn\nshots: []\n# end\n"


def test_a_flow_shot_is_written_anew_and_its_neighbours_stay():
    text = "shots:\n  # a\n  - {id: a, prompt: x}\n  # b\n  - id: b  # bee\n    prompt: y\n"

    edited = set_shot(text, "a", {"take": 3})

    assert edited == text.replace("{id: a, prompt: x}", "id: a\n    prompt: x\n    take: 3")


def test_fields_of_an_anchor_are_written_out_where_one_of_them_goes():
    text = (
        "x-all: &all {motion: static, prompt: p}\nshots:\n  - id: a\n    <<: *all\n"
        "  # bee\n  - id: b\n    <<: *all\n"
    )

    edited = set_shot(text, "a", {"motion": None})

    assert data(edited)["shots"] == [
        {"id": "a", "prompt": "p"},
        {"id": "b", "motion": "static", "prompt": "p"},
    ]
    assert "# bee" in edited


def test_an_anchor_that_others_need_is_not_lost_with_its_shot():
    text = "shots:\n  - &one\n    id: a\n    prompt: p\n  - <<: *one\n    id: b\n"

    edited = remove_shot(text, "a")

    assert data(edited)["shots"] == [{"id": "b", "prompt": "p"}]


def test_a_film_in_json_is_written_anew():
    edited = set_film('{"title": "A", "shots": [{"id": "a", "prompt": "x"}]}', {"title": "B"})

    assert edited == "title: B\nshots:\n  - id: a\n    prompt: x\n"


def test_line_ends_of_windows_stay():
    text = BOARD.replace("\n", "\r\n")

    edited = set_shot(text, "quay", {"motion": "static", "take": 2})

    assert edited == text.replace("pan-left", "static\r\n    take: 2")


@pytest.mark.parametrize(
    "value", ["yes", "null", "~", "", " a ", "a: b", "a #b", "- a", "灯塔", "a\nb", "\x85 ", "'", "1e3",
              "\0", "a\\b", "*a", "!x", "%", "@", "`", "-", "?", "{a", "a:", "‮", "\U0001f600"]
)  # fmt: skip
def test_any_text_comes_back_as_it_was_sent(value):
    assert data(set_shot(BOARD, "lamp", {"prompt": value}))["shots"][1]["prompt"] == value
    assert data(set_shot(BOARD, "lamp", {"voice": {"voice": value}}))["shots"][1]["voice"] == {
        "voice": value
    }


# --- what is refused ------------------------------------------------------------------------------


def test_a_shot_that_is_not_there_is_not_found():
    for edit in (lambda: set_shot(BOARD, "sea", {}), lambda: remove_shot(BOARD, "shot-1")):
        with pytest.raises(NotFoundError):
            edit()
    with pytest.raises(NotFoundError):
        add_shot(BOARD, {"prompt": "x"}, after="sea")


def test_an_id_that_is_taken_is_a_conflict():
    with pytest.raises(ConflictError, match='a shot "lamp" already'):
        add_shot(BOARD, {"id": "lamp"})
    with pytest.raises(ConflictError):
        set_shot(BOARD, "quay", {"id": "shot-3"})


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["quay", "lamp"], '"shot-3" is missing'),
        (["quay", "lamp", "shot-3", "lamp"], "named twice"),
        (["quay", "lmap", "shot-3"], 'Did you mean "lamp"'),
    ],
)
def test_an_order_names_each_shot_once(ids, said):
    with pytest.raises(ValidationError, match=said):
        order_shots(BOARD, ids)


@pytest.mark.parametrize(
    "text", ["a: [", "- a\n- b\n", "title: a\ntitle: b\n", "a: !!python/x y\n"]
)
def test_a_text_that_cannot_be_read_is_not_edited(text):
    with pytest.raises(StoryboardError):
        set_film(text, {"title": "x"})


def test_half_a_character_is_refused():
    with pytest.raises(ValidationError, match=r"voice\.voice"):
        set_film(BOARD, {"voice": {"voice": "\ud800"}})


# --- every edit of every layout -------------------------------------------------------------------

words = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=12
)
plain = st.sampled_from(["a quay", "fog over the sea", "灯塔", "x: y", "# no comment", "null", "7"])


def block(value, style, indent):
    """One of the ways to write a text behind its key."""
    lines = [f"{indent}  {word}" for word in value.split(" ")]
    if style in ("|", ">") and value.strip() == value and "\n" not in value:
        return f"{style}-\n" + "\n".join(lines if style == ">" else [f"{indent}  {value}"])
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    return inline(value)


@st.composite
def boards(draw):
    """A storyboard's text in block style, with a comment above each shot and one within it."""
    nl, column = (
        draw(st.sampled_from(["\n", "\n", "\r\n"])),
        draw(st.sampled_from(["", "  ", "    "])),
    )
    lines = ["# head", "title: T  # named", ""] if draw(st.booleans()) else ["title: T"]
    lines.append("shots:  # all")
    for number in range(draw(st.integers(1, 5))):
        lines.append(f"{column}# lead-{number}")
        keys = draw(st.permutations(["id", "prompt", "narration", "voice"]))
        keys = keys[: draw(st.integers(1, 4))]
        first = True
        for key in keys:
            style = draw(st.sampled_from(["", "", "'", "|", ">"]))
            indent = f"{column}  "
            value = {"id": f"n{number}"}.get(key) or draw(plain)
            if key == "voice":
                told = f"\n{indent}  language: en\n{indent}  # deep-{number}\n{indent}  speed: 1.5"
            else:
                told = " " + block(value, style if key != "id" else "", indent)
            lines += f"{column}{'- ' if first else '  '}{key}:{told}".split("\n")
            first = False
        if draw(st.booleans()):
            lines[-1:] = [lines[-1], f"{column}  # trail-{number}"]
        lines += [""] * draw(st.integers(0, 2))
    if draw(st.booleans()):
        lines += ["", "# tail", "style: oil"]
    return nl.join(lines) + draw(st.sampled_from([nl, ""]))


def comments(text, numbers):
    """The comments of these shots that a text has."""
    names = [f"{kind}-{n}" for n in numbers for kind in ("lead", "deep", "trail")]
    return [name for name in names if f"# {name}" in text]


fields = st.fixed_dictionaries(
    {},
    optional={
        "prompt": st.none() | words,
        "narration": st.none() | words,
        "voice": st.none() | st.dictionaries(st.sampled_from(["language", "speed"]), words),
        "take": st.none() | st.integers(1, 99),
        "duration_s": st.floats(0.1, 600),
    },
)


def with_fields(before, given):
    changed = {**before, **given}
    return {k: as_written(v) for k, v in changed.items() if v is not None}


@settings(max_examples=100, deadline=None)
@given(boards(), st.data())
def test_an_edited_shot_says_what_was_meant_and_the_others_keep_their_comments(text, drawn):
    before = data(text)
    ids = shot_ids(before)
    place, given_fields = drawn.draw(st.integers(0, len(ids) - 1)), drawn.draw(fields)

    edited = set_shot(text, ids[place], given_fields)

    wanted = [dict(shot) for shot in before["shots"]]
    wanted[place] = with_fields(wanted[place], given_fields)
    assert data(edited) == {**before, "shots": wanted}
    others = [n for n in range(len(ids)) if n != place]
    assert comments(edited, others) == comments(text, others)
    assert ("# head" in edited) == ("# head" in text)
    assert ("# tail" in edited) == ("# tail" in text)


@settings(max_examples=60, deadline=None)
@given(boards(), st.data())
def test_shots_in_another_order_are_the_same_shots_with_their_comments(text, drawn):
    before = data(text)
    ids = shot_ids(before)
    order = drawn.draw(st.permutations(ids))

    edited = order_shots(text, order)

    named = {name: {"id": name, **shot} for name, shot in zip(ids, before["shots"], strict=True)}
    assert [{"id": n, **s} for n, s in zip(order, data(edited)["shots"], strict=True)] == [
        named[name] for name in order
    ]
    assert shot_ids(data(edited)) == list(order)
    assert comments(edited, range(len(ids))) == comments(text, range(len(ids)))


@settings(max_examples=60, deadline=None)
@given(boards(), st.data())
def test_a_shot_that_comes_or_goes_leaves_the_others_as_they_were(text, drawn):
    before = data(text)
    ids = shot_ids(before)
    place = drawn.draw(st.integers(0, len(ids) - 1))
    added, name = add_shot(text, {"prompt": drawn.draw(words)}, after=ids[place])
    removed = remove_shot(text, ids[place])

    left = [n for n in range(len(ids)) if n != place]
    assert shot_ids(data(added)) == [*ids[: place + 1], name, *ids[place + 1 :]]
    assert shot_ids(data(removed)) == [ids[n] for n in left]
    assert comments(added, range(len(ids))) == comments(text, range(len(ids)))
    assert comments(removed, left) == comments(text, left)
    assert not comments(removed, [place])
    assert (
        remove_shot(added, name) in (text, added) or data(remove_shot(added, name))["title"] == "T"
    )


@settings(max_examples=60, deadline=None)
@given(
    boards(),
    st.dictionaries(st.sampled_from(["title", "style", "music", "x-note"]), st.none() | words),
)
def test_edited_fields_of_the_film_leave_the_shots_alone(text, given_fields):
    before = data(text)

    edited = set_film(text, given_fields)

    assert data(edited) == with_fields(before, given_fields)
    count = range(len(before["shots"]))
    assert comments(edited, count) == comments(text, count)


values = st.recursive(
    words, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=8
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(words, values), st.lists(st.dictionaries(words, values) | words))
def test_what_is_written_anew_is_read_back_as_it_was(film, shots):
    told = {**film, "shots": shots}

    assert read_fields(dumped(told)) == told


def test_a_column_is_that_of_the_nearest_thing_that_stands_there():
    assert column_of(BOARD, ("shots", 0, "motion")) == 5
    assert column_of(BOARD, ("shots", 1, "transition", "kind")) == 18
    assert column_of(BOARD, ("shots", 2, "motion")) == 5
    assert column_of(BOARD, ("title",)) == 1
    assert column_of(BOARD, ()) is None
    assert column_of("a: [", ("a",)) is None


def test_the_examples_keep_their_comments_through_edits():
    for path in sorted(Path("examples").rglob("*.y*ml")) or []:
        text = path.read_text()
        if "shots:" not in text:
            continue
        before = data(text)
        edited = set_shot(text, shot_ids(before)[0], {"take": 2})
        lines = [line for line in text.splitlines() if line.strip().startswith("#")]
        assert [line for line in edited.splitlines() if line.strip().startswith("#")] == lines
