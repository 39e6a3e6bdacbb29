import re
import shutil
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.report.conftest import context
from tests.report.study import texts

from transfer_report.errors import UserError
from transfer_report.report.bibliography import read_bibliography
from transfer_report.report.context import Context
from transfer_report.report.html import embedded_json, render_html

ATTACK = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Tags, ids, addresses and `data` elements of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.addresses, self.values = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        self.addresses += [found[name] for name in ("href", "src") if name in found]
        if tag == "data":
            self.values.append((found["data-source"], found["value"]))


class Prose(HTMLParser):
    """What stands in the paragraphs of the sections, outside of `data` elements and links."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, _attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if {"section", "p"} <= set(self.open) and not {"data", "a", "code"} & set(self.open):
            self.texts.append(data)


VOID = {"br", "col", "img", "input", "link", "meta", "path", "use", "line", "rect", "circle", "wbr"}
# Names, and what defines a scale: no results.
NOT_RESULTS = re.compile(
    r"SHA-256 [0-9a-f]{12}|commit [0-9a-f]{12}|ResNet-\d+|MobileNetV2|SHA-256|\(AUROC; 0\.5: no better than chance\)"
    r"|\([A-E]\d+\)|image of 224 pixels|Near 1 the maps|SHA-256 of the prepared images begins with [0-9a-f]{12}"
)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_every_printed_number_is_a_value_of_the_records(page, study):
    assert len(page.values) > 200
    for source, value in page.values:
        expected = study.records.leaves[source]
        assert value == ("" if expected is None else str(expected)), source


def test_no_number_of_the_prose_is_anything_else(html):
    texts = Prose(html).texts
    assert sum(map(len, texts)) > 3000
    assert [text for text in texts if re.search(r"\d", NOT_RESULTS.sub("", text))] == []


def test_nothing_is_fetched(page):
    outside = [address for address in page.addresses if not address.startswith(("#", "data:", "https://", "mailto:"))]
    assert outside == []
    assert not [tag for tag, attrs in page.tags if tag in ("iframe", "object", "embed") or "style" in attrs]
    assert not [
        attrs for tag, attrs in page.tags if tag in ("img", "script") and attrs.get("src", "data:")[:5] != "data:"
    ]


def test_the_policy_names_style_and_script_by_hash(html):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1].replace("&#39;", "'")
    for tag in ("style", "script"):
        content = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(content) == 1
        assert f"{tag}-src 'sha256-{b64encode(sha256(content[0].encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy


def test_ids_are_unique_and_links_lead_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    missing = {address for address in page.addresses if address.startswith("#")} - {f"#{id_}" for id_ in page.ids}
    assert missing == set()


def test_what_was_reported_stands_there_where_nothing_is_compared(study):
    """As in a study, or a draft, of one condition; WeasyPrint stops at a link that leads nowhere."""
    changes = {"comparisons": [], "plans": [], "findings": [], "claims": [], "reported": study.analysis.reported[:1]}
    analysis = study.analysis.model_copy(update=changes)
    figures = [figure for figure in study.figures.figures if figure.id != "comparison"]
    alone = replace(study, analysis=analysis, figures=study.figures.model_copy(update={"figures": figures}), notes={})
    page = Page(render_html(context(alone, "html")))
    assert "tab-reported" in page.ids
    assert {address for address in page.addresses if address.startswith("#")} <= {f"#{id_}" for id_ in page.ids}


def test_size(html):
    assert len(html.encode()) < 3_000_000


def test_homework_tables_keep_their_numbers(html):
    labels = re.findall(r'<b class="label">Table\u00a0(\d+\.)</b>', html)
    assert labels[:4] == ["1.", "2.", "3.", "4."]


def test_what_data_and_author_say_is_inert(study):
    settings = study.settings.model_copy(update={"title": ATTACK, "author": ATTACK, "course": ATTACK})
    data = study.data.model_copy(update={"classes": [ATTACK, '"><img src=x onerror=alert(1)>']})
    notes = {"test": f"{ATTACK} [x](javascript:alert(1)) ![x](file:///etc/passwd) [y](file:///etc/passwd)"}
    page = Page(render_html(context(replace(study, settings=settings, data=data, notes=notes), "html")))
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 3
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert not [address for address in page.addresses if address.startswith(("javascript:", "file:", "x"))]


CLOSING = "</script></style></title></textarea><img src=x onerror=alert(1)>"


def test_file_names_and_classes_are_inert_in_the_gallery_too(study):
    gallery = study.figures.gallery
    images = [image.model_copy(update={"id": f"{CLOSING}/{image.id}"}) for image in gallery.images]
    figures = study.figures.model_copy(update={"gallery": gallery.model_copy(update={"images": images})})
    data = study.data.model_copy(
        update={
            "classes": [CLOSING, "b"],
            "checks": [study.data.checks[1].model_copy(update={"examples": [CLOSING, "../../etc/passwd"]})],
        }
    )
    text = render_html(context(replace(study, figures=figures, data=data), "html"))
    plain = Page(render_html(context(study, "html")))
    page = Page(text)
    assert "<img src=x" not in text
    # Parsed to its end, with no element more or less than without the attack, but for the list of checks.
    assert {tag for tag, _ in page.tags} == {tag for tag, _ in plain.tags}
    assert sum(tag == "script" for tag, _ in page.tags) == 3
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]


@pytest.mark.parametrize(
    "title", ["<b onclick=alert(1)>x</b>", r"\href{javascript:alert(1)}{x}", r"\input{/etc/passwd}", CLOSING]
)
def test_the_bibliography_is_inert(study, title, tmp_path):
    file = tmp_path / "references.bib"
    keys = read_bibliography(Path("report/references.bib")).entries
    entries = [f"@misc{{{key}, title = {{{title}}}, year = {{2000}}}}" for key in keys]
    file.write_text("\n".join(entries), encoding="utf-8")
    page = Page(render_html(Context(study, texts(), read_bibliography(file), "html", "wording")))
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert not [address for address in page.addresses if address.startswith(("javascript:", "x", "file:"))]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("{{ nope }}", "page.html.j2: 'nope' is undefined"),
        ("\n{% if %}", "page.html.j2, line 2: "),
        ("{% include 'nope.html.j2' %}", "nope.html.j2: this template is missing"),
    ],
)
def test_an_edit_that_breaks_the_template_is_told(study, tmp_path, broken, message):
    shutil.copytree("report/templates", tmp_path, dirs_exist_ok=True)
    (tmp_path / "page.html.j2").write_text(broken, encoding="utf-8")
    with pytest.raises(UserError, match=re.escape(message)):
        render_html(context(study, "html"), tmp_path)


def test_json_cannot_end_its_element():
    assert "<" not in embedded_json({"a": "</script><script>"})


def test_notices_stand_where_they_are_due(study, html):
    assert html.count('class="notice"') == 3  # missing weights, one random draw, simulated images
    real = replace(
        study,
        data=study.data.model_copy(update={"simulated": False}),
        weights=[weights.model_copy(update={"source": "imagenet"}) for weights in study.weights],
    )
    assert 'class="notice"' not in render_html(context(real, "html"))


def test_a_study_of_models_without_published_figures_says_so(study):
    unknown = [one.model_copy(update={"architecture": "own_network"}) for one in study.weights]
    html = render_html(context(replace(study, weights=unknown), "html"))
    assert "None of them is a model of this study" in html
    assert 'id="tab-models"' not in html
