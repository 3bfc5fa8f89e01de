"""A real browser for the tests of the page: Chromium without a window, driven by playwright."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

VENDOR = Path(__file__).with_name("vendor")
WAIT_MS = 15_000  # the browser stands back behind the server it drives, on two cores
FILM_MS = 60_000  # for a whole film: its process imports Prefect first
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def browsing():
    """A browser while this lasts; the test is skipped, with a reason, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not on PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A tab of the page, whose errors and breaches of its policy are kept.

    Args:
        browser: Where it is opened.
        url: The server's.
        options: Of the browser's context: locale, viewport, color_scheme, ...
    """

    def __init__(self, browser, url: str, **options) -> None:
        self.url = url
        self.context = browser.new_context(**{"locale": "en-US", **options})
        self.context.set_default_timeout(WAIT_MS)
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message) -> None:
        if "Content Security Policy" in message.text:
            self.wrong.append(message.text)

    def open(self, place: str = "#/"):
        """Go to a place of the page, and wait until it is there."""
        self.page.goto(f"{self.url}/ui/{place}")
        self.page.wait_for_selector("main h1")
        return self.page

    def state(self, name: str, timeout_ms: float = WAIT_MS) -> None:
        """Wait until the film is in that state."""
        mark = self.page.locator(f'.film-head [data-state="{name}"]')
        mark.wait_for(timeout=timeout_ms)

    def axe(self) -> list[str]:
        """What axe finds wrong: rule and place."""
        self.page.evaluate((VENDOR / "axe.min.js").read_text())
        found = self.page.evaluate("axe.run()")["violations"]
        return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]

    def too_wide(self) -> float:
        """By how many pixels the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")


@contextlib.contextmanager
def tab_of(browser, url: str, **options) -> Iterator[Tab]:
    """A tab while this lasts; at its end nothing may have gone wrong in it."""
    tab = Tab(browser, url, **options)
    try:
        yield tab
        assert tab.wrong == []
    finally:
        tab.context.close()
