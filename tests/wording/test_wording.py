import pytest
from tests.analysis.evidence import drop

from transfer_report.errors import UserError
from transfer_report.records.addresses import Records, with_addresses
from transfer_report.wording.printer import Printer
from transfer_report.wording.wording import Wording, check_complete, load_texts, wording_file

TREE = {"a": {"sum": "{{ x }} < {{ y }} & more", "plural": '{{ n }} {{ n | plural("image", "images") }}'}}


def test_gaps_and_literal_text_are_escaped_in_html_only():
    gaps = {"x": "<b>", "y": with_addresses(2, "s")}
    assert Wording(TREE, Printer()).text("a.sum", **gaps) == "<b> < 2 & more"
    marked = Wording(TREE, Printer(), markup=True).text("a.sum", **gaps)
    assert marked == '&lt;b&gt; &lt; <data value="2" data-source="s">2</data> &amp; more'


def test_words_follow_numbers():
    texts = [Wording(TREE, Printer()).text("a.plural", n=n) for n in (1, 2)]
    assert texts == ["1 image", "2 images"]


def test_a_sentence_begins_with_a_capital():
    wording = Wording({"a": "{{ x }} helps."}, Printer(), markup=True)
    assert wording.sentence("a", x=with_addresses("rate", "s")).endswith(">Rate</data> helps.")


def test_texts_reach_into_the_records_and_say_how_their_numbers_are_printed():
    records = Records({"drops": [drop("a")], "seen": 1234, "share": 0.5})
    tree = {
        "page": {"interval": "{{ low }} to {{ high }}"},
        "phrases": {"ci": "{{ it.confidence | percent_exact }} CI {{ ends }}"},
        "a": "{{ drops[0].difference | points }} ({{ drops[0].difference | ci('points') }}) of {{ seen }}",
        "turned": "{{ drops[0].difference | points(true) }}, {{ drops[0].difference | ends('points', true) }}",
        "bare": "{{ share }}", "whole": "{{ drops[0] }}", "typed": "{{ drops[0].differance | points }}",
    }  # fmt: skip
    wording = Wording(tree, Printer(), file="en.yaml", records=records)
    assert wording.text("a") == "5.0 (95 % CI 1.0 to 9.0) of 1,234"
    assert wording.text("turned") == "−5.0, −9.0 to −1.0"
    marked = Wording(tree, Printer(), markup=True, records=records).text("a")
    assert marked.startswith('<data value="0.05" data-source="drops.a.difference.value">5.0</data>')
    for key, message in (("bare", "needs a format"), ("whole", "needs a format"), ("typed", "differance")):
        with pytest.raises(UserError, match=rf"en\.yaml: {key}: .*{message}"):
            wording.text(key)


@pytest.mark.parametrize(
    ("key", "message"), [("a.summ", "did you mean 'sum'"), ("a", "a text is expected"), ("a.sum", "'x' is undefined")]
)
def test_what_is_missing_is_named(key, message):
    with pytest.raises(UserError, match=message):
        Wording(TREE, Printer(), file="en.yaml").text(key)


def test_an_unknown_language_is_an_error():
    with pytest.raises(UserError, match=r"report\.language.*known: .*en"):
        load_texts(wording_file("xx"))


def test_files_of_a_language_beside_the_first_go_on_where_it_ends(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "en.yaml").write_text("a: {b: one}\n", encoding="utf-8")
    (tmp_path / "more" / "en.yaml").write_text("a: {c: two}\nd: three\n", encoding="utf-8")
    assert load_texts(tmp_path / "en.yaml") == {"a": {"b": "one", "c": "two"}, "d": "three"}
    (tmp_path / "more" / "en.yaml").write_text("a: {b: two}\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"more/en.yaml: a\.b: another wording file has this text already"):
        load_texts(tmp_path / "en.yaml")


def test_every_key_is_a_name_and_no_word_that_yaml_reads_otherwise():
    def keys(tree):
        for key, branch in tree.items():
            yield key
            yield from keys(branch) if isinstance(branch, dict) else ()

    assert [key for key in keys(load_texts(wording_file("en"))) if not isinstance(key, str)] == []


def test_a_language_that_lacks_texts_is_named_with_some_of_them(tmp_path):
    (tmp_path / "more").mkdir()
    for name, text in (("en", "a: {b: x, c: x}"), ("de", "a: {b: x}"), ("more/en", "d: x"), ("more/de", "d: x")):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"report.language: de lacks 1 texts that en has, such as a\.c; they belong"):
        check_complete("de", tmp_path)
    (tmp_path / "de.yaml").write_text("a: {b: '{{ x | pointz }}', c: x}", encoding="utf-8")
    with pytest.raises(UserError, match=r"de\.yaml: a\.b: No filter named 'pointz'"):
        check_complete("de", tmp_path)
    (tmp_path / "de.yaml").write_text("a: {b: x, c: x}", encoding="utf-8")
    check_complete("de", tmp_path)
