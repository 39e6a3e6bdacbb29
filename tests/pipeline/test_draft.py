"""A draft of half a study: what is finished by DVC's record, and nothing of DVC's touched."""

from pathlib import Path

from ruamel.yaml import YAML


def test_a_draft_holds_what_is_finished_and_leaves_the_study_alone(study):
    # As if one condition still trained and another were left from an earlier plan.
    lock = study.folder / "dvc.lock"
    yaml = YAML()
    tree = yaml.load(lock)
    del tree["stages"]["fine_tune@small-lr-1"]
    for dep in tree["stages"]["train_head@small-lr"]["deps"]:
        if dep["path"].startswith("results/plan"):
            dep["md5"] = "0" * 32
    yaml.dump(tree, lock)
    results = [path for path in sorted((study.folder / "results").rglob("*")) if path.is_file()]
    before = {path: path.read_bytes() for path in [lock, study.folder / "metrics.json", *results]}
    done = study.run("transfer-report", "draft")
    assert done.stdout == "3 of 5 conditions: .cache/draft/report.html\n"
    assert all(path.read_bytes() == content for path, content in before.items())
    html = study.text(".cache/draft/report.html")
    assert "<title>Draft, 3 of 5 conditions: Transfer learning on chest radiographs</title>" in html
    assert "fine_tuning/small-lr" not in html
    pages = study.run("pdftotext", "-layout", ".cache/draft/report.pdf", "-").stdout.split("\f")[:-1]
    assert len(pages) > 3
    assert all("Draft, 3 of 5 conditions" in page for page in pages)
    assert "3 of 5 conditions are finished" in Path(study.folder / ".cache/draft/report.md").read_text(encoding="utf-8")


def test_nothing_finished(study):
    (study.folder / "dvc.lock").unlink()
    done = study.run("transfer-report", "draft", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: no condition is finished yet")
