"""The page in a real browser: a film is made, directed, watched, and survives what happens to it."""

import re
import zipfile
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest
from browsing import FILM_MS, browsing, tab_of
from filming import PROFILES, wait_until, write_film
from serving import PLUGINS, serving

from filmeto_core.settings import Settings
from filmeto_core.web.keys import KeyFile

WORDS = Path(__file__).parents[2] / "filmeto_core" / "web" / "page" / "words"
BOARD = {
    "title": "Quick",
    "size": "64x64",
    "fps": 8,
    "profile": "quick",
    "shots": [
        {"id": "dawn", "prompt": "a lamp", "narration": "The lamp is lit.", "duration_s": 1},
        {"id": "night", "prompt": "a boat", "duration_s": 1},
    ],
}


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests of this module; each has a context of its own."""
    with browsing() as made:
        yield made


@pytest.fixture
def served(home, monkeypatch, prefect_api):
    """A server with the quick plugins."""
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    Path("filmeto.yaml").write_text(PROFILES)
    with serving() as made:
        yield made


@pytest.fixture
def tab(browser, served):
    """A tab of the page; `tab(locale=..., ...)` opens one."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(tab_of(browser, served.url, **options))


@pytest.fixture
def film(home):
    """Writes a film of two shots; its id. Fields that are given replace the second shot's."""

    def write(**second) -> str:
        dawn, night = BOARD["shots"]
        return write_film(home, {**BOARD, "shots": [dawn, {**night, **second}]})

    return write


def made(tab, film_id):
    """The film, made through the page."""
    page = tab.open(f"#/films/{film_id}")
    page.get_by_role("button", name="Make the film").click()
    tab.state("done", FILM_MS)
    return page


def test_a_film_goes_from_an_empty_storyboard_to_a_played_one(tab):
    tab = tab()
    page = tab.open()
    page.get_by_role("button", name="New film").first.click()
    page.get_by_label("Title", exact=True).fill("First light")
    page.get_by_label("What the first shot shows").fill("a lamp on a cliff")
    page.get_by_label("What is said").fill("It is lit.")
    page.get_by_role("button", name="Create film").click()
    page.get_by_role("heading", name="First light").wait_for()
    page.get_by_role("button", name="Film settings").click()
    for name, value in (("Size", "64x64"), ("Frames a second", "8"), ("Profile", "quick")):
        page.get_by_role("dialog").get_by_label(name).fill(value)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_text("64x64 · 8 fps · quick").wait_for()
    page.get_by_role("button", name="Add a shot").click()
    page.get_by_label("Picture").fill("a boat at night")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("5 calls to compute").wait_for()  # two stills, two clips, a voice
    page.get_by_role("button", name="Make the film").click()
    tab.state("done", FILM_MS)
    assert page.locator(".shot img").count() == 2
    page.get_by_role("button", name="Play from").first.click()
    video = "document.querySelector('.player video')"
    wait_until(lambda: page.evaluate(f"{video}.currentTime > 0.2"), FILM_MS / 1000)
    assert page.evaluate(f"{video}.error") is None
    assert page.evaluate(f"{video}.textTracks[0].cues.length") == 1


def test_an_edited_line_tells_what_it_costs_and_a_conflict_loses_nothing(tab, film, served):
    tab, film_id = tab(), film()
    page = made(tab, film_id)
    page.get_by_text("Nothing to compute").first.wait_for()
    page.get_by_role("button", name="Shot 2, night: open").click()
    page.get_by_label("Picture").fill("a ship")
    page.keyboard.press("Control+s")
    plan = page.locator(".shot-plan")
    plan.get_by_text("compute").first.wait_for()
    page.get_by_role("button", name="Details").click()
    dialog = page.get_by_role("dialog")
    assert "a boat → a ship" in dialog.inner_text()
    dialog.get_by_role("button", name="Close").click()
    page.get_by_label("Narration").fill("Mine")
    with served.client() as other:
        answer = other.patch(f"/api/v1/films/{film_id}/shots/night", json={"motion": "static"})
        assert answer.status_code == 200
    page.keyboard.press("Control+s")
    page.get_by_text("was changed elsewhere").wait_for()
    page.get_by_role("button", name="Save mine").click()
    page.get_by_text("was changed elsewhere").wait_for(state="hidden")
    with served.client() as other:
        shot = other.get(f"/api/v1/films/{film_id}").json()["shot_list"][1]
    assert (shot["narration"], shot["motion"], shot["prompt"]) == ("Mine", "static", "a ship")


def test_another_take_is_compared_and_the_first_is_picked_again(tab, film, served):
    tab, film_id = tab(), film()
    page = made(tab, film_id)
    page.get_by_role("button", name="Shot 2, night: open").click()
    page.get_by_role("button", name="Another take", exact=True).click()
    page.get_by_role("button", name="Take 2, in use").wait_for(timeout=FILM_MS)
    page.locator(".during").wait_for(state="hidden", timeout=FILM_MS)
    page.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog")
    assert dialog.locator("figure").count() == 2
    dialog.get_by_role("button", name="Use take 1").click()
    page.get_by_role("button", name="Take 1, in use").wait_for()
    with served.client() as other:
        assert other.get(f"/api/v1/films/{film_id}").json()["shot_list"][1]["take"] == 1


def test_a_failure_is_told_at_its_shot_and_the_film_goes_on_from_there(tab, film):
    tab, film_id = tab(), film(prompt="an unspeakable boat")
    page = tab.open(f"#/films/{film_id}")
    page.get_by_role("button", name="Make the film").click()
    tab.state("failed", FILM_MS)
    shot = page.locator('.shot[data-shot="night"]')
    shot.get_by_text("nobody may draw this").first.wait_for()
    shot.get_by_role("button", name="Log").click()
    page.get_by_role("dialog").get_by_text("nobody may draw this").first.wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Shot 2, night: open").click()
    page.get_by_label("Picture").fill("a boat")
    page.get_by_role("button", name="Save").click()
    page.locator(".run-bar").get_by_text("to compute").wait_for()
    page.locator(".run-bar").get_by_role("button", name="Continue").click()
    tab.state("done", FILM_MS)


def test_a_cut_connection_and_a_reload_in_mid_run_lose_nothing(tab, film, tmp_path):
    gate = tmp_path / "gate"
    tab, film_id = tab(), film(prompt=f"a boat gate:{gate} at night")
    page = tab.open(f"#/films/{film_id}")
    page.get_by_role("button", name="Make the film").click()
    waiting = page.locator('.shot[data-shot="night"]').get_by_text("waiting at the gate")
    waiting.wait_for(timeout=FILM_MS)
    page.locator('.shot[data-shot="dawn"] [data-state="done"]').wait_for()
    page.reload()
    waiting.wait_for()
    page.locator('.shot[data-shot="dawn"] [data-state="done"]').wait_for()
    tab.context.set_offline(True)
    page.get_by_text("The connection is lost").wait_for()
    gate.touch()
    tab.context.set_offline(False)
    page.get_by_text("The connection is lost").wait_for(state="hidden", timeout=FILM_MS)
    tab.state("done", FILM_MS)
    assert page.locator('.shot [data-state="done"]').count() == 2


def test_a_run_is_cancelled_and_gone_on_with(tab, film, tmp_path):
    gate = tmp_path / "gate"
    tab, film_id = tab(), film(prompt=f"a boat gate:{gate} at night")
    page = tab.open(f"#/films/{film_id}")
    page.get_by_role("button", name="Make the film").click()
    page.get_by_text("waiting at the gate").first.wait_for(timeout=FILM_MS)
    page.get_by_role("button", name="Cancel").click()
    tab.state("cancelled", FILM_MS)
    gate.touch()
    page.get_by_role("button", name="Continue").click()
    tab.state("done", FILM_MS)


def test_the_storyboards_errors_stand_at_their_lines_as_one_types(tab, film):
    tab, film_id = tab(), film()
    page = tab.open(f"#/films/{film_id}/storyboard")
    text = page.get_by_label("Storyboard, YAML")
    text.fill(text.input_value().replace("id: night", "id: night\n  motion: zoom"))
    page.get_by_text("1 problem in the storyboard").wait_for()
    wrong = page.locator(".numbers .wrong").inner_text()
    page.get_by_role("button", name=f"Line {wrong}").click()
    text.fill(text.input_value().replace("zoom", "static"))
    page.get_by_text("No problems").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("link", name="To the film").click()
    page.get_by_text("1 s · static").wait_for()


def test_a_film_is_made_and_directed_by_keys_alone(tab, film, served):
    tab, film_id = tab(), film()
    page = tab.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.film-card a')"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Make the film").wait_for()
    page.keyboard.press("j")
    page.get_by_role("heading", name="1 · dawn").wait_for()
    page.keyboard.press("Shift+ArrowRight")
    page.locator('.shot:nth-child(2)[data-shot="dawn"]').wait_for()
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("a candle")
    page.keyboard.press("Control+s")
    page.get_by_text("Saved.").wait_for()
    page.keyboard.press("?")  # a letter of the field, not a shortcut
    assert page.get_by_label("Picture").input_value() == "a candle?"
    page.keyboard.press("Tab")
    with served.client() as other:
        shots = other.get(f"/api/v1/films/{film_id}").json()["shot_list"]
    assert [shot["id"] for shot in shots] == ["night", "dawn"]
    assert shots[1]["prompt"] == "a candle"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_has_an_accessibility_error(tab, film, scheme):
    tab, film_id = tab(color_scheme=scheme), film()
    made(tab, film_id)
    places = ("#/", "#/plugins", f"#/films/{film_id}/storyboard", f"#/films/{film_id}/night")
    for place in places:
        tab.open(place)
        assert tab.axe() == [], place
    tab.page.keyboard.press("?")
    tab.page.get_by_role("dialog").wait_for()
    assert tab.axe() == []
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("button", name="Details").click()
    assert tab.axe() == []


def test_nothing_is_wider_than_a_phone(tab, film):
    tab, film_id = tab(viewport={"width": 360, "height": 740}), film(narration="旁白" * 60)
    place = f"#/films/{film_id}"
    for view in ("#/", "#/plugins", f"{place}/storyboard", place, f"{place}/night"):
        tab.open(view)
        assert tab.too_wide() <= 0, view


def test_the_browsers_language_is_used_and_another_is_remembered(tab, film):
    film_id = film()
    tab = tab(locale="zh-CN")
    page = tab.open(f"#/films/{film_id}")
    page.get_by_role("button", name="制作影片").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.get_by_label("语言").select_option("en")
    page.get_by_role("button", name="Make the film").wait_for()
    page.reload()
    page.get_by_role("button", name="Make the film").wait_for()


TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    if (!walker.currentNode.parentElement.closest('noscript'))
      found.push(walker.currentNode.textContent);
  for (const one of document.querySelectorAll('*')) {
    if (one.closest('noscript')) continue;
    for (const name of ['title', 'aria-label', 'alt', 'placeholder'])
      if (one.hasAttribute(name)) found.push(one.getAttribute(name));
  }
  return found;
}"""
DATA = (
    "filmeto",
    "English",
    "中文",
    "dawn",
    "night",
    "a lamp",
    "a boat",
    "The lamp is lit.",
    "Quick",
    "quick",
    "64x64",
)


def unmarked(text: str) -> str:
    """What stands outside all marks, also where one text lies in another."""
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = less
    return text


def test_no_text_of_the_page_is_hard_coded(tab, film, served):
    """Each text of the dictionary is marked; a text without a mark must be data of the film."""
    tab, film_id = tab(), film()

    def mark(route):
        words = orjson.loads((WORDS / "en.json").read_bytes())
        marked = {
            key: {form: f"⟦{text}⟧" for form, text in value.items()}
            if isinstance(value, dict)
            else f"⟦{value}⟧"
            for key, value in words.items()
        }
        route.fulfill(body=orjson.dumps(marked), content_type="application/json")

    tab.page.route("**/words/en.json", mark)
    for place in ("#/", f"#/films/{film_id}/dawn", f"#/films/{film_id}/storyboard"):
        tab.open(place)
        if "dawn" in place:
            tab.page.locator(".shot-plan li").first.wait_for()
        for text in tab.page.evaluate(TEXTS):
            left = unmarked(text)
            for data in DATA:
                left = left.replace(data, "")
            assert not re.search(r"[A-Za-z]{2,}", left), (place, text)


def test_a_server_that_is_started_anew_is_found_again_and_what_changed_is_shown(
    browser, served, film
):
    film_id, port = film(), int(served.url.rsplit(":", 1)[1])
    with tab_of(browser, served.url) as tab:
        page = tab.open(f"#/films/{film_id}")
        served.stop()
        page.get_by_text("The connection is lost").wait_for()
        with serving(port=port) as again:
            with again.client() as other:
                other.patch(f"/api/v1/films/{film_id}", json={"title": "Another"})
            page.get_by_role("heading", name="Another").wait_for()
            page.get_by_text("The connection is lost").wait_for(state="hidden")


def test_where_keys_are_needed_the_page_asks_for_one_and_can_be_left(browser, home, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    _, secret = KeyFile(Settings().serve_dir).add("ada", "acme", ("run",))
    with serving(require_keys=True) as served, tab_of(browser, served.url) as tab:
        page = tab.open()
        page.get_by_label("Key", exact=True).fill("fk_wrong")
        page.get_by_role("button", name="Enter").click()
        page.get_by_text("it is unknown or was revoked").wait_for()
        assert tab.axe() == []
        page.get_by_label("Key", exact=True).fill(secret)
        page.get_by_role("button", name="Enter").click()
        page.get_by_role("button", name="New film").first.click()
        page.get_by_label("Title", exact=True).fill("Mine")
        page.get_by_role("button", name="Create film").click()
        page.get_by_role("heading", name="Mine").wait_for()
        assert secret not in page.content() + page.evaluate("JSON.stringify(localStorage)")
        page.get_by_role("button", name="Leave").click()
        page.get_by_role("heading", name="A key is needed").wait_for()


def test_a_shot_is_dragged_its_voice_is_seen_and_heard_and_all_is_downloaded(tab, film, served):
    tab, film_id = tab(), film(narration="It is dark. " * 20)
    page = made(tab, film_id)
    drawn = """() => {
      const canvas = document.querySelector('.shot[data-shot="dawn"] canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value) => value > 0);
    }"""
    wait_until(lambda: page.evaluate(drawn))
    page.get_by_role("button", name="Play the voice").last.click()
    page.get_by_role("button", name="Stop the voice").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="All files").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert any(name.endswith("film.mp4") for name in archive.namelist())
    night = page.locator('.shot[data-shot="night"] .frame')
    before_dawn = {"x": 5, "y": 60}
    night.drag_to(page.locator('.shot[data-shot="dawn"]'), target_position=before_dawn)
    page.locator('.shot:nth-child(1)[data-shot="night"]').wait_for()
    page.get_by_text("changed since made").wait_for()
    with served.client() as other:
        shots = other.get(f"/api/v1/films/{film_id}").json()["shot_list"]
    assert [shot["id"] for shot in shots] == ["night", "dawn"]
