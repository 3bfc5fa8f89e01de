import pytest

from filmeto_core.languages import primary, told_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Every morning he climbed the stairs.", "en"),
        ("清晨的江南水乡", "zh"),
        ("灯台の夜は静かだ", "ja"),
        ("ひらがな", "ja"),
        ("안녕하세요", "ko"),
        ("Доброе утро", "ru"),
        ("Καλημέρα", "el"),
        ("1947, 12:30!", "en"),
        ("", "en"),
        ("BBC 说：今天下雨", "zh"),
    ],
)
def test_the_script_tells_the_language(text, language):
    assert told_language(text) == language


@pytest.mark.parametrize(
    ("tag", "subtag"), [("en", "en"), ("en-GB", "en"), ("ZH-hans-CN", "zh"), ("pt_BR", "pt")]
)
def test_the_primary_subtag_is_what_stands_first(tag, subtag):
    assert primary(tag) == subtag
