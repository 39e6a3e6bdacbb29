"""The page in a real browser: no error, no violation of accessibility, nothing too wide, and it answers."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]


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


def open_toolbox(page):
    if page.locator("#toolbox details").get_attribute("open") is None:
        page.locator("#toolbox summary").click()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)])
def test_no_accessibility_violation(browser, address, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, address, width, scheme, bypass_csp=True)
    page.wait_for_selector("#gallery:not([hidden])")
    open_toolbox(page)
    page.locator("[data-highlight]").nth(0).check()
    page.locator("[data-show]").nth(1).uncheck()
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
    page.locator("details", has=page.locator("#tab-scores")).locator("summary").first.click()
    table = page.locator("#tab-scores table")
    table.get_by_role("button", name="AUROC").click()
    cells = table.locator("tbody tr td:nth-child(2)").all_inner_texts()
    shown = [float(text.splitlines()[0]) for text in cells]
    assert shown == sorted(shown)


def test_the_theme_can_be_changed(browser, address):
    page = opened(browser, address)
    page.locator("#theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


BASELINE, LOWER_RATE = "fine_tuning/resnet50-baseline", "fine_tuning/resnet50-lr"


def test_one_condition_s_curves_are_enlarged_by_click_and_by_key(browser, address):
    page = opened(browser, address)
    plot = page.locator("#fig-curves-fine_tuning-resnet50 .plot")
    svg = plot.locator("svg")
    whole = svg.get_attribute("viewBox")
    size = svg.bounding_box()
    svg.click(position={"x": size["width"] * 0.9, "y": size["height"] * 0.4})
    width = float(svg.get_attribute("viewBox").split()[2])
    assert width < float(whole.split()[2]) / 2
    plot.focus()
    page.keyboard.press("Escape")
    assert float(svg.get_attribute("viewBox").split()[2]) == pytest.approx(float(whole.split()[2]), abs=0.01)
    page.keyboard.press("Enter")
    assert float(svg.get_attribute("viewBox").split()[2]) == pytest.approx(width, rel=0.1)
    assert page.messages == []


def visible(page, selector, condition):
    return page.locator(f'{selector} [data-conditions~="{condition}"]:not(.off)').count()


def test_conditions_hide_and_come_back_everywhere(browser, address):
    page = opened(browser, address)
    places = ["#tab-scores", "#tab-table-1", "#fig-curves-fine_tuning-resnet50", "#fig-comparison", "#fig-confusion"]
    before = [visible(page, place, BASELINE) for place in places]
    assert min(before) > 0
    assert page.locator("#toolbox details").get_attribute("open") is not None  # in sight where there is room
    page.locator(f'[data-show="{BASELINE}"]').focus()
    page.keyboard.press("Space")
    assert [visible(page, place, BASELINE) for place in places] == [0] * len(places)
    assert visible(page, "#tab-scores", LOWER_RATE) == 1
    assert page.locator("#toolbox .state").inner_text() == "21 of 22 shown, 0 marked."
    page.locator("#toolbox-reset").click()
    assert [visible(page, place, BASELINE) for place in places] == before
    assert page.locator("#toolbox .state").inner_text() == "All are shown."


def test_marked_conditions_stand_out_and_can_stand_alone(browser, address):
    page = opened(browser, address)
    open_toolbox(page)
    page.locator(f'[data-highlight="{BASELINE}"]').check()
    assert page.locator("#tab-fine_tuning-resnet50 tr.lit").count() == 1
    assert page.locator("#tab-fine_tuning-resnet50 tr.dim").count() == 3
    page.locator("#toolbox-only").click()
    assert page.locator("#tab-fine_tuning-resnet50 tbody tr[data-conditions]:not(.off)").count() == 1
    page.emulate_media(media="print")
    assert page.locator("#toolbox .state").is_visible()
    assert page.locator("#tab-fine_tuning-resnet50 tbody tr[data-conditions]:visible").count() == 1


def test_a_cell_of_a_matrix_opens_its_images(browser, address):
    page = opened(browser, address)
    page.wait_for_selector("#gallery:not([hidden])")
    cells = page.locator("#fig-confusion [data-cell]")
    assert "normal predicted as normal" in cells.first.get_attribute("aria-label")
    cells.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator("#gallery-predicted").input_value() == "1"
    # Ten of the last twenty images are normal, and one run of the first condition takes them for the other class.
    assert page.locator("#gallery-state").inner_text() == "10 of 10 images shown."
    assert page.locator(".thumbs li span").first.inner_text() == "normal, predicted consolidation: 1 / 3"
    assert page.locator(".thumbs canvas").first.get_attribute("aria-label") == "Test image test-180"


def test_images_that_one_condition_gets_right_and_another_wrong(browser, address):
    page = opened(browser, address)
    page.wait_for_selector("#gallery:not([hidden])")
    page.locator("#gallery-view").select_option("differ")
    page.locator("#gallery-correct").select_option(BASELINE)
    page.locator("#gallery-incorrect").select_option(LOWER_RATE)
    assert page.locator("#gallery-state").inner_text() == "20 of 20 images shown."
    page.locator("#gallery-correct").select_option(LOWER_RATE)
    assert page.locator("#gallery-state").inner_text() == "No matching images."
    page.locator("#gallery-view").select_option("hard")
    assert page.locator("#gallery-state").inner_text() == "20 of 20 images shown."
