"""The page in a real browser: no error, no violation of accessibility, nothing too wide, and it answers."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(html, tmp_path_factory):
    path = tmp_path_factory.mktemp("html") / "report.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


def opened(browser, address, width=1440, scheme="light", **options):
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options).new_page()
    page.messages = []
    page.on("console", lambda message: page.messages.append(message.text))
    page.on("pageerror", lambda error: page.messages.append(str(error)))
    page.goto(address)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violation(browser, address, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, address, scheme=scheme, bypass_csp=True)
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], found["nodes"][0]["html"][:200]) for found in violations] == []


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_is_wider_than_the_window_and_nothing_complains(browser, address, width):
    page = opened(browser, address, width)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.messages == []


def test_curves_answer_keys_and_pointer(browser, address):
    page = opened(browser, address)
    plot = page.locator("#fig-curves-fine_tuning-resnet50 .plot")
    plot.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "Epoch 2" in plot.locator(".readout").inner_text()
    page.keyboard.press("Escape")
    assert plot.locator(".readout").is_hidden()
    plot.hover(position={"x": 120, "y": 60})
    assert "validation" in plot.locator(".readout").inner_text()


def test_tables_sort(browser, address):
    page = opened(browser, address)
    table = page.locator("#tab-scores table")
    table.get_by_role("button", name="Test (%)").click()
    shown = [float(text) for text in table.locator("tbody tr td:nth-child(3)").all_inner_texts()]
    assert shown == sorted(shown)


def test_the_theme_can_be_changed(browser, address):
    page = opened(browser, address)
    page.locator("#theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
