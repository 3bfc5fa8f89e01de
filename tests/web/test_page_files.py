"""What the page consists of: its files as they are served, and its texts in each language."""

import re
from pathlib import Path

import orjson

from filmeto_core.web.routes_page import FOLDER

LANGUAGES = ("en", "zh")
# Keys that code puts together: t(`settings.${name}`), word("motion", ...).
GROUPS = ("state.", "tool.", "part.", "motion.", "transition.", "action.", "theme.", "nav.")
GROUPS += ("settings.", "plan.")


def words(language: str) -> dict:
    return orjson.loads((FOLDER / "words" / f"{language}.json").read_bytes())


def forms(text) -> list[str]:
    return list(text.values()) if isinstance(text, dict) else [text]


def placeholders(text) -> set[str]:
    return {name for form in forms(text) for name in re.findall(r"\{(\w+)\}", form)}


def code() -> str:
    return "\n".join(path.read_text() for path in sorted(FOLDER.glob("js/*.js")))


def test_both_languages_have_the_same_keys_and_fill_in_the_same_names():
    english, chinese = map(words, LANGUAGES)
    assert list(english) == list(chinese)
    for key, text in english.items():
        assert placeholders(text) == placeholders(chinese[key]), key
        assert all(forms(text)) and all(forms(chinese[key])), key


def test_each_text_that_the_code_asks_for_is_there_and_each_that_is_there_is_asked_for():
    asked = set(re.findall(r'\bt\(\s*"([^"]+)"', code()))
    named = {name for name in re.findall(r'"([a-z_.\-0-9]+)"', code(), re.I)}
    known = set(words("en"))
    assert asked <= known
    assert {key for key in known - named if not key.startswith(GROUPS)} == set()


def test_the_page_is_served_under_a_policy_without_inline_code_and_asked_for_again(client):
    answer = client.get("/ui/")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy and answer.headers["cache-control"] == "no-cache"
    assert not re.search(r"<script>|<style|\son\w+=|\sstyle=", answer.text)
    again = client.get("/ui/", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/ui/js/main.js").status_code == 200


def test_a_name_of_no_file_is_the_page_and_no_other_file_is_ever_served(client):
    assert client.get("/ui/films").text == client.get("/ui/").text
    assert client.get("/ui/js/gone.js").status_code == 404
    for path in ("../app.py", "%2e%2e/app.py", "..%2f..%2fsettings.py", "/etc/passwd.js"):
        answer = client.get(f"/ui/{path}")
        assert answer.status_code in (404, 307) or answer.text == client.get("/ui/").text


def test_each_file_that_a_module_or_the_page_names_is_there():
    for path in FOLDER.glob("js/*.js"):
        for name in re.findall(r'from "\./([^"]+)"', path.read_text()):
            assert (FOLDER / "js" / name).is_file(), (path.name, name)
    for name in re.findall(r'"/ui/([^"]+)"', (FOLDER / "index.html").read_text()):
        assert (FOLDER / name).is_file(), name


def test_nothing_of_the_page_comes_from_elsewhere():
    for path in FOLDER.rglob("*.*"):
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text and "https://" not in text, path.name


def test_plugins_are_told_with_their_state_and_what_they_lack(client, monkeypatch):
    told = client.get("/api/v1/plugins/states").json()
    by_name = {plugin["name"]: plugin for plugin in told["plugins"]}
    assert by_name["flaky"]["state"] == "stopped" and by_name["flaky"]["lacks"] == []
    needy = [plugin for plugin in told["plugins"] if plugin["lacks"]]
    for lack in (lack for plugin in needy for lack in plugin["lacks"]):
        assert lack["what"] and lack["advice"]
    assert str(Path(__file__).parents[2]) not in client.get("/api/v1/plugins/states").text
