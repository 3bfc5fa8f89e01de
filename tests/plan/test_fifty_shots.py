"""A film of fifty shots, one word of one narration edited: what the plan says, and what is done."""

import copy

WORDS = "lamp gull rope tide sail mast pier dune buoy crab".split()


def fifty(studio):
    """Fifty shots; every third dissolves in, some are silent."""
    shots = []
    for number in range(50):
        word, other = WORDS[number % 10], WORDS[(number * 7 + 3) % 10]
        shot = {"id": f"shot-{number}", "prompt": f"a {word} and a {other}, hour {number}"}
        if number % 5:
            shot["narration"] = f"He saw the {word} {number}."
        if number and number % 3 == 0:
            shot["transition"] = {"kind": "dissolve", "duration_s": 0.25}
        shots.append(shot)
    return studio.board(shots)


def test_one_word_of_one_narration_costs_its_speech_its_clip_the_score_and_the_assembly(studio):
    board = fifty(studio)
    assert len(studio.make(board)) == 141 and studio.plan(board).totals.reused == 141
    edited = copy.deepcopy(board)
    edited["shots"][11]["narration"] = "He saw the rope eleven."
    plan = studio.plan(edited)
    said = studio.working(plan)
    assert {name: call.certain for name, call in said.items()} == {
        ("shot-11", "text2speak"): True,
        ("shot-11", "image2video"): False,  # only if the length is another
        (None, "text2music"): False,
    }
    assert plan.assembly.action == "compute" and plan.totals.reused == 138
    made = studio.make(edited)
    assert set(made) == set(said)
    key = made["shot-11", "text2speak"].key
    assert key == said["shot-11", "text2speak"].key
    assert studio.plan(edited).totals.reused == 141


def test_a_word_of_the_same_length_costs_its_speech_and_the_assembly_alone(studio):
    board = studio.board(fifty(studio)["shots"][:6])
    studio.make(board)
    edited = copy.deepcopy(board)
    edited["shots"][2]["narration"] = "He saw the lamp 2."
    plan = studio.plan(edited)
    assert {name for name, call in studio.working(plan).items() if call.certain} == {
        ("shot-2", "text2speak")
    }
    assert set(studio.make(edited)) == {("shot-2", "text2speak")}
