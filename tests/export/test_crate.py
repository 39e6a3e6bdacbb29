"""The crate names its workflow, run, inputs and outputs, and is the same each time."""

import json
from pathlib import Path

from transfer_report.export.crate import PROFILES, CrateFile, StudyRun, crate_metadata

STUDY = StudyRun(
    title="Transfer learning: pneumonia",
    description="A study and its report.",
    author="A. Student",
    affiliation="A University",
    licence="https://spdx.org/licenses/MIT",
    workflow=CrateFile("dvc.yaml", "The pipeline", "application/yaml"),
    inputs=[CrateFile("params.yaml", "Settings", "application/yaml", "ab" * 32)],
    outputs=[
        CrateFile("report.pdf", "Report", "application/pdf"),
        CrateFile("predictions.csv", "Predictions", "text/csv"),
    ],
    software={"python": "3.11.9", "dvc": "3.67.1"},
    commit="1a2b3c",
    date="2026-11-29T06:00:00Z",
)  # fmt: skip


def entities():
    return {one["@id"]: one for one in crate_metadata(STUDY)["@graph"]}


def ids(value):
    return [one["@id"] for one in (value if isinstance(value, list) else [value])]


def test_the_run_has_instrument_objects_and_results():
    found = entities()
    run = found[ids(found["./"]["mentions"])[0]]
    assert run["@type"] == "CreateAction"
    assert ids(run["instrument"]) == ids(found["./"]["mainEntity"]) == ["dvc.yaml"]
    assert ids(run["object"]) == ["params.yaml"]
    assert ids(run["result"]) == ["report.pdf", "predictions.csv"]
    assert run["endTime"] == found["./"]["datePublished"] == "2026-11-29T06:00:00+00:00"


def test_the_root_has_all_files_and_profiles():
    found = entities()
    assert set(ids(found["./"]["hasPart"])) == {"dvc.yaml", "params.yaml", "report.pdf", "predictions.csv"}
    assert set(ids(found["./"]["conformsTo"])) == set(PROFILES)
    described = ids(found["ro-crate-metadata.json"]["conformsTo"])
    assert described == ["https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"]
    assert "ComputationalWorkflow" in found["dvc.yaml"]["@type"]
    assert found["params.yaml"]["sha256"] == "ab" * 32


def test_every_name_that_is_mentioned_is_described():
    found = entities()

    def mentioned(value):
        if isinstance(value, dict):
            yield from (
                [value["@id"]] if set(value) == {"@id"} else [one for part in value.values() for one in mentioned(part)]
            )
        elif isinstance(value, list):
            yield from (one for part in value for one in mentioned(part))

    names = {name for entity in found.values() for name in mentioned(list(entity.values()))}
    assert {name for name in names if not name.startswith("https://w3id.org/ro/crate/")} <= set(found)


def test_the_same_study_gives_the_same_bytes_without_a_path_of_this_machine():
    first, second = (json.dumps(crate_metadata(STUDY), sort_keys=True) for _ in range(2))
    assert first == second
    assert str(Path.cwd()) not in first
    assert "file:" not in first
