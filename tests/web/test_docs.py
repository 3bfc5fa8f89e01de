"""The documentation page in a real browser: it works under its policy, and without a network."""

import subprocess
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def page(served):
    """A page of a browser, and what it asked for, complained of and was refused."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1200, "height": 900})
        opened.set_default_timeout(30_000)
        opened.asked, opened.complaints = [], []
        opened.on("request", lambda request: opened.asked.append(request.url))
        opened.on("console", lambda told: opened.complaints.append(told.text))
        opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
        yield opened
        browser.close()


def test_every_operation_is_shown_and_one_is_tried_under_the_policy_from_this_origin_alone(
    served, client, page
):
    page.goto(f"{served.url}/docs")
    page.wait_for_selector(".opblock")
    told = client.get("/openapi.json").json()
    operations = sum(len(methods) for methods in told["paths"].values())
    assert page.locator(".opblock").count() == operations
    page.click("#operations-tasks-list_tasks .opblock-summary-control")
    page.click("#operations-tasks-list_tasks .execute")
    page.wait_for_selector("#operations-tasks-list_tasks .live-responses-table")
    assert '"next_cursor": null' in page.inner_text(".live-responses-table")
    page.click("#operations-tasks-post_task .opblock-summary-control")
    page.wait_for_selector("#operations-tasks-post_task textarea")
    assert "a lighthouse at dawn" in page.input_value("#operations-tasks-post_task textarea")
    asked = '{"tool_name": "text2image", "plugin_name": "quick", "parameters": {"prompt": "a dot"}}'
    page.fill("#operations-tasks-post_task textarea", asked)
    page.click("#operations-tasks-post_task .execute")
    page.wait_for_selector("#operations-tasks-post_task .live-responses-table")
    assert "The task was taken on." in page.inner_text("#operations-tasks-post_task")
    assert page.complaints == []
    elsewhere = [u for u in page.asked if not u.startswith((served.url, "data:", "blob:"))]
    assert elsewhere == []


def test_the_pages_files_are_not_sent_again_while_they_are_the_same(client):
    first = client.get("/docs/swagger-ui.css")
    assert first.headers["content-type"].startswith("text/css")
    headers = {"If-None-Match": first.headers["etag"]}
    again = client.get("/docs/swagger-ui.css", headers=headers)
    assert (again.status_code, again.content) == (304, b"")


def test_the_page_runs_no_script_that_is_not_a_file_of_its_own(client):
    answer = client.get("/docs")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "<script>" not in answer.text and "://" not in answer.text


@pytest.mark.parametrize("name", ["none.js", "..%2fapp.py", "%2e%2e%2fapp.py", "index.html"])
def test_nothing_else_is_served_there(client, name):
    assert client.get(f"/docs/{name}").status_code == 404


def test_what_is_vendored_is_small_and_has_its_licence():
    folder = Path(__file__).resolve().parents[2] / "filmeto_core" / "web" / "docs_ui"
    assert "Apache License" in (folder / "LICENSE.txt").read_text()
    listed = subprocess.run(["du", "-sk", folder], capture_output=True, text=True, check=True)
    assert int(listed.stdout.split()[0]) < 2500
