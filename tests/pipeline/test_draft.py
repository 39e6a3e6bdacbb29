"""A draft of half a study: what is finished by DVC's record, and nothing of DVC's touched."""

import pytest
import torch
from ruamel.yaml import YAML

from transfer_report.conditions import ConditionKey
from transfer_report.files import read_record
from transfer_report.layout import HERE
from transfer_report.planning import Condition
from transfer_report.records.data import DataDescription
from transfer_report.training.checkpoints import checkpoint_of

pytestmark = pytest.mark.dvc


def test_a_draft_holds_what_is_finished_and_leaves_the_study_alone(study):
    # As if one condition still trained and another were left from an earlier plan.
    lock = study.folder / "dvc.lock"
    yaml = YAML()
    tree = yaml.load(lock)
    del tree["stages"]["fine_tune@small-lr-1"]
    for dep in tree["stages"]["linear_probe@small-lr"]["deps"]:
        if dep["path"].startswith("results/plan"):
            dep["md5"] = "0" * 32
    yaml.dump(tree, lock)
    begin(study.folder, ConditionKey("fine_tuning", "small-lr"), 1)
    results = [path for path in sorted((study.folder / "results").rglob("*")) if path.is_file()]
    before = {path: path.read_bytes() for path in [lock, study.folder / "metrics.json", *results]}
    done = study.run("transfer-report", "draft")
    assert done.stdout == "3 of 5 conditions: .cache/draft/report.html\n"
    assert all(path.read_bytes() == content for path, content in before.items())
    html = study.text(".cache/draft/report.html")
    assert "<title>Draft, 3 of 5 conditions: Transfer learning on chest radiographs</title>" in html
    assert "Under way: fine_tuning/small-lr, seed 1." in html
    # The commit that made it, though its folder holds other settings: those of what is finished.
    assert f"Commit {study.run('git', 'rev-parse', 'HEAD').stdout[:12]}<" in html
    assert html.count("fine_tuning/small-lr") == 1
    pages = study.run("pdftotext", "-layout", ".cache/draft/report.pdf", "-").stdout.split("\f")[:-1]
    assert len(pages) > 3
    assert all("Draft, 3 of 5 conditions" in page for page in pages)
    text = study.text(".cache/draft/report.md")
    assert "3 of 5 conditions are finished" in text
    assert "Under way: fine_tuning/small-lr, seed 1." in text


def begin(folder, key, seed):
    """As a training that has written a checkpoint, by another number of threads than a draft computes with."""
    condition = read_record(folder / HERE.condition_file(key), Condition)
    data = read_record(folder / HERE.data_description_file(), DataDescription)
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    path = folder / checkpoint_of(condition, seed, data.content_sha256).path
    torch.set_num_threads(threads)
    path.parent.mkdir(parents=True)
    path.touch()


def test_conditions_wait_for_their_baseline_and_no_draft_for_the_timing_of_models(study):
    """`dvc repro` times them after their trainings."""
    (study.folder / "results/latency.json").unlink()
    settings = "{kind: faster, faster: small, slower: other}"
    (study.folder / "report/claims.yaml").write_text(f"claims: [{{id: a, text: Faster., all_of: [{settings}]}}]\n")
    study.edit(models__other={"architecture": "shufflenet_v2_x0_5", "weights": "random"})
    unfinished(study, "fine_tune@small-baseline-0", "fine_tune@small-baseline-1")
    assert "3 of 5 conditions" in study.run("transfer-report", "draft").stdout
    assert "fine_tuning/small-lr" not in study.text(".cache/draft/report.html")


def unfinished(study, *stages):
    lock = study.folder / "dvc.lock"
    yaml = YAML()
    tree = yaml.load(lock)
    for stage in stages:
        del tree["stages"][stage]
    yaml.dump(tree, lock)


def test_nothing_finished(study):
    (study.folder / "dvc.lock").unlink()
    done = study.run("transfer-report", "draft", check=False)
    assert done.returncode == 1
    assert "is finished yet" in done.stderr
