import pytest

from filmeto_core.film.language_code import three_letters


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "eng"),
        ("en-GB", "eng"),
        ("zh", "zho"),
        ("zh-Hans-CN", "zho"),
        ("cmn", "zho"),
        ("yue", "yue"),
        ("pt_BR", "por"),
        ("x-klingon", "und"),
        ("灯塔", "und"),
        ("", "und"),
        (None, "und"),
    ],
)
def test_language_tag_becomes_the_three_letters_of_mp4(tag, code):
    assert three_letters(tag) == code
