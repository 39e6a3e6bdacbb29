"""`compare` and `experiments` on revisions whose difference is known by construction; git and DVC are the real ones."""

import re
import shutil
import subprocess

import pytest
from tests.revisions.made import IMAGES, made_study
from typer.testing import CliRunner

from transfer_report.commands.app import app
from transfer_report.errors import UserError
from transfer_report.report.terminal import TERMINAL_WIDTH

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# DVC's own, of a library of its own.
pytestmark = [pytest.mark.dvc, pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Commits, each with its tag, and three experiments of the last one."""
    made = made_study(tmp_path_factory.mktemp("made") / "checkout")
    made.tag("bare")
    made.commit("first")
    made.shift = {"fine_tuning/lr": -2.0}
    made.claim = "contradicted"
    made.edit(conditions__fine_tuning__lr__lr=0.5)
    made.commit("worse")
    made.shift, made.claim = {}, "holds"
    made.seeds = [10, 11, 12, 13, 14]
    made.edit(conditions__fine_tuning__lr__lr=None)
    made.commit("other-seeds")
    made.seeds = [0, 1, 2, 3, 4]
    made.image_seeds = list(range(50, IMAGES + 50))
    made.edit(data__seed=1)
    made.commit("some-other-images")
    made.image_seeds = list(range(1000, 1000 + IMAGES))
    made.edit(data__seed=2)
    made.commit("other-images")
    made.image_seeds = [seed + 2000 * (seed % 2) for seed in range(IMAGES)]
    made.edit(data__seed=3)
    made.commit("other-pneumonias")
    made.image_seeds = list(range(IMAGES))
    made.edit(data__seed=2023)
    made.commit("again")
    made.shift = {"fine_tuning/dropout": 2.5}
    made.edit(conditions__fine_tuning__dropout__dropout=0.3)
    made.experiment("good")
    made.shift = {}
    made.edit(lr=1.0e-3)
    made.experiment("nothing-new")
    made.edit(conditions__fine_tuning__extra={"model": "resnet50", "dropout": 0.7})
    made.experiment("one-more")
    # An edit that the experiment before left in the workspace, and one of its own.
    lower = dict.fromkeys(("fine_tuning/baseline", "fine_tuning/lr", "linear_probe/baseline"), -2.0)
    made.shift = lower | {"fine_tuning/dropout": 0.5}
    made.edit(lr=5.0e-4, conditions__fine_tuning__dropout__dropout=0.3)
    made.experiment("stacked")
    made.shift = {}
    return made


@pytest.fixture
def typed(study, monkeypatch):
    """Type a command in the checkout; what it printed."""
    monkeypatch.chdir(study.folder)

    def type_(*words):
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return type_


def row(text, condition):
    """The cells of a condition's first row of a Markdown table."""
    found = re.search(rf"^\| +{re.escape(condition)}(?: |<br>).*$", text, re.MULTILINE)
    return [cell.strip() for cell in found[0].strip("|").split("|")] if found else None


def test_a_condition_made_worse_is_found_and_nothing_else(typed):
    text = typed("compare", "first", "worse", "--markdown", "-")
    assert "test accuracy at worse against first: 1 worse, 3 identical." in text
    condition, before, after, difference, _, p_value, flips, verdict = row(text, "fine_tuning/lr")
    assert float(after) - float(before) < -15
    assert (condition, p_value, verdict) == ("fine_tuning/lr", "< 0.001", "worse")
    assert difference.startswith("−")
    gained, lost = map(int, flips.split(" / "))
    assert lost > 10 > gained
    assert row(text, "fine_tuning/baseline") is None
    assert "Identical, byte for byte, and so not listed: fine_tuning/baseline, fine_tuning/dropout" in text
    assert row(text, "lr") == ["lr", "0.001", "0.5", "fine_tuning/lr"]
    assert row(text, "c1") == ["c1", "Dropout helps.", "holds", "contradicted"]


def test_a_terminal_has_it_in_tables_of_its_width(typed):
    text = typed("compare", "first", "worse")
    line = next(line for line in text.splitlines() if line.startswith("fine_tuning/lr "))
    assert line.endswith(" worse")
    assert max(map(len, text.splitlines())) <= 100


def test_the_other_way_round_it_is_better(typed):
    assert row(typed("compare", "worse", "main", "--markdown", "-"), "fine_tuning/lr")[-1] == "better"


def test_the_same_study_with_other_seeds_is_never_better(typed):
    text = typed("compare", "first", "other-seeds", "--markdown", "-")
    verdicts = re.findall(r"\| (better|worse|equivalent|inconclusive|identical) +\|$", text, re.MULTILINE)
    assert len(verdicts) == 8
    assert set(verdicts) <= {"inconclusive", "equivalent"}
    assert row(text, "seeds") == ["seeds", "0, 1, 2, 3, 4", "10, 11, 12, 13, 14", "all"]


def test_identical_predictions_are_said_to_be_identical(typed):
    text = typed("compare", "first", "again")
    assert "All predictions are identical, byte for byte" in text
    assert "Test accuracy" not in text


def test_shared_images_are_paired_and_counted(typed):
    text = typed("compare", "first", "some-other-images", "--markdown", "-")
    assert (
        f"The test images are not the same: {IMAGES - 50} are in both revisions, {IMAGES} are scored at first" in text
    )
    assert f"over the {IMAGES - 50} shared ones, image by image" in text
    assert "Gained / lost" in text
    assert row(text, "data.seed") == ["data.seed", "2023", "1"]


def test_other_images_are_compared_unpaired_and_said_so(typed):
    text = typed("compare", "first", "other-images", "--markdown", "-")
    assert "0 are in both revisions" in text
    assert "Differences are therefore unpaired" in text
    assert "Gained / lost" not in text
    assert row(text, "fine_tuning/lr")[-1] in ("inconclusive", "equivalent")


def test_shared_images_of_one_class_alone_are_not_paired(typed):
    """Nothing would be left to tell them from."""
    text = typed("compare", "first", "other-pneumonias", "--markdown", "-")
    assert f"{IMAGES // 2} are in both revisions" in text
    assert "Differences are therefore unpaired" in text


def test_the_page_is_one_safe_file_with_thumbnails_and_curves(typed, study, tmp_path):
    typed("compare", "first", "worse", "--html", str(tmp_path / "page.html"))
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in html.replace("&#39;", "'")
    assert 8 <= html.count("data:image/png;base64,") <= 16
    assert 'id="curves-fine_tuning-lr"' in html
    assert "fine_tuning/lr: validation by epoch" in html
    assert not re.findall(r'(?:src|href)="(?!#|data:)', html)
    assert str(study.folder) not in html


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
def test_the_pages_are_accessible_and_raise_no_error(typed, tmp_path):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    typed("compare", "first", "worse", "--html", str(tmp_path / "compare.html"))
    typed("experiments", "--html", str(tmp_path / "experiments.html"))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, scheme in (("compare", "dark"), ("compare", "light"), ("experiments", "light")):
            page = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme).new_page()
            messages = []
            page.on("console", lambda message, heard=messages: heard.append(message.text))
            page.goto((tmp_path / f"{name}.html").as_uri())
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            assert messages == []
        browser.close()


def test_the_same_page_twice_has_the_same_bytes(typed, tmp_path):
    for name in ("a.html", "b.html"):
        typed("compare", "first", "worse", "--html", str(tmp_path / name))
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_experiments_are_judged_together_against_their_commit(typed, study):
    study.run("git", "branch", "--force", "another-name")
    text = typed("experiments", "--markdown", "-")
    assert "4 experiments tried, 6 changed conditions compared" in text
    assert "Holm’s method for 6 comparisons" in text
    good = row(text, "good")
    assert good[:2] == ["good<br>from main<br>dropout = 0.3", "fine_tuning/dropout"]
    assert good[-1] == "better"
    assert (
        "Better than what they are compared with: good in fine_tuning/dropout, stacked in fine_tuning/dropout." in text
    )
    unchanged = row(text, "nothing-new")
    assert unchanged[:2] == ["nothing-new<br>from main<br>no setting of training or images", "every condition"]
    assert unchanged[-1] == "identical"
    new = row(text, "one-more")
    assert new[0].endswith("<br>new: fine_tuning/extra")
    assert new[1] == "fine_tuning/extra (against fine_tuning/baseline of the same experiment)"
    assert new[-1] != "better"


def test_what_an_experiment_inherited_is_named_and_in_both_sides_of_its_comparison(typed):
    by_condition = {
        cells[1]: cells
        for line in typed("experiments", "--markdown", "-").splitlines()
        if line.startswith("| stacked")
        for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
    }
    own = by_condition["fine_tuning/dropout (against fine_tuning/baseline of the same experiment)"]
    assert own[0] == (
        "stacked<br>from main<br>dropout = 0.3<br>lr = 0.0005 (in its baseline, too)<br>includes all changes of good"
    )
    assert own[-1] == "better"
    # What only inherits is that change itself, and stands against the commit.
    assert by_condition["fine_tuning/lr"][-1] == "worse"
    assert "(in its baseline, too)" not in by_condition["fine_tuning/lr"][0]
    asked = typed("experiments", "--against", "commit", "--markdown", "-")
    assert "of the same experiment)" not in asked


def test_experiments_fit_into_a_terminal(typed):
    lines = typed("experiments").splitlines()
    assert any("fine_tuning/dropout" in line for line in lines)
    assert max(map(len, lines)) <= TERMINAL_WIDTH


def test_an_experiment_is_a_revision_like_any_other(typed):
    text = typed("compare", "HEAD", "one-more", "--markdown", "-")
    assert "Only at one-more, and so not compared: fine_tuning/extra." in text
    extra = row(text, "fine_tuning/extra")
    assert (extra[1], extra[-1]) == ("–", "not compared")
    assert 50 < float(extra[2]) < 100
    turned = row(typed("compare", "one-more", "HEAD", "--markdown", "-"), "fine_tuning/extra")
    assert turned[1:3] == [extra[2], "–"]
    assert "In the conditions that both have, no setting of training changed." in text
    assert "All predictions" not in text
    assert row(typed("compare", "other-seeds", "good", "--markdown", "-"), "fine_tuning/dropout")[-1] == "better"


def test_a_study_of_another_version_is_still_read(typed, study):
    """Which then had a setting less, or more."""
    study.write()
    for file in (study.folder / "results/plan").rglob("*.json"):
        file.write_text(file.read_text().replace('"model"', '"later_setting": 1,\n "model"'))
    text = typed("compare", "again", "--markdown", "-")
    assert "All predictions are identical" in text
    assert row(text, "later_setting") == ["later_setting", "–", "1", "all"]


def test_settings_that_were_planned_and_not_run_are_no_result(study, monkeypatch):
    """As `dvc exp run -S … plan` leaves them."""
    study.write()
    plan = study.folder / "results/plan/fine_tuning/lr.json"
    plan.write_text(plan.read_text().replace("Adam", "SGD"))
    study.run("dvc", "commit", "--force", "plan")
    monkeypatch.chdir(study.folder)
    with pytest.raises(UserError, match="was not run to the end; `dvc repro`"):
        CliRunner().invoke(app, ["compare", "again"], catch_exceptions=False)
    study.write()


def test_an_edit_that_was_not_run_is_said(typed, study):
    study.write()
    assert "after the results were made" not in typed("compare", "again", "--markdown", "-")
    study.edit(lr=0.3)
    text = typed("compare", "again", "--markdown", "-")
    assert "At workspace, params.yaml was edited after the results were made" in text
    study.edit(lr=1.0e-3)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wors", r"wors: no commit, branch, tag or experiment of this name; did you mean 'worse'"),
        ("bare", r"bare \(\w{7}\): dvc\.lock was not committed.*`git checkout bare`, `dvc repro`"),
    ],
)
def test_a_revision_without_results(study, monkeypatch, name, message):
    monkeypatch.chdir(study.folder)
    with pytest.raises(UserError, match=message):
        CliRunner().invoke(app, ["compare", name], catch_exceptions=False)


def test_without_git_or_a_commit_it_says_how_to_begin(tmp_path, study, monkeypatch):
    for name in (".dvc/config", "dvc.yaml", "params.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy2(study.folder / name, tmp_path / name)
    shutil.copytree(study.folder / "report", tmp_path / "report")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"no git repository here; `git init && git add --all && git commit"):
        CliRunner().invoke(app, ["compare", "HEAD"], catch_exceptions=False)
    subprocess.run(["git", "init", "--quiet"], check=True)
    with pytest.raises(UserError, match=r"git has no commit yet; `git add --all && git commit"):
        CliRunner().invoke(app, ["experiments"], catch_exceptions=False)


def test_a_workspace_without_all_results_is_told(typed, study):
    study.write()
    shutil.rmtree(study.folder / "results/plan")
    with pytest.raises(UserError, match=r"the workspace has no results/plan; `dvc checkout`"):
        typed("compare", "again")


def test_a_file_that_cannot_be_written_is_told(typed, tmp_path):
    with pytest.raises(UserError, match=r"cannot be written: Is a directory; name another file"):
        typed("compare", "first", "again", "--html", str(tmp_path))


def test_objects_come_from_the_remote_and_are_missed_by_name(study, monkeypatch, tmp_path):
    monkeypatch.chdir(study.folder)
    study.run("dvc", "remote", "add", "--default", "--local", "store", str(tmp_path / "store"))
    study.write()
    study.run("dvc", "push", "--quiet")
    cache = study.folder / ".dvc/cache"
    cache.rename(tmp_path / "cache")
    try:
        done = CliRunner().invoke(app, ["compare", "again"], catch_exceptions=False)
        assert "All predictions are identical" in done.output
        with pytest.raises(
            UserError, match=r"results/evaluation is neither in DVC's cache nor on a remote.*`git checkout worse"
        ):
            CliRunner().invoke(app, ["compare", "worse"], catch_exceptions=False)
        listed = CliRunner().invoke(app, ["experiments"], catch_exceptions=False).output
        assert "! good is left out: results/evaluation is neither" in listed
        with pytest.raises(UserError, match=r"`dvc exp push origin good`.*`dvc exp apply good && dvc repro`"):
            CliRunner().invoke(app, ["compare", "good"], catch_exceptions=False)
    finally:
        for file in (tmp_path / "cache").rglob("*"):
            target = cache / file.relative_to(tmp_path / "cache")
            if file.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                file.rename(target)
