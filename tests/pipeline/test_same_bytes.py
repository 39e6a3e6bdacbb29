"""A study run from nothing by several forks at once ends with the bytes of a plain `dvc repro` in another folder."""

from tests.pipeline.clone import small_clone


def results_of(clone):
    files = [clone.folder / "metrics.json", *sorted((clone.folder / "results/runs").rglob("*.*"))]
    return {str(file.relative_to(clone.folder)): file.read_bytes() for file in files}


def test_two_runs_from_scratch_agree(finished_study, tmp_path):
    again = small_clone(tmp_path / "elsewhere" / "again")
    again.repro()
    first, second = results_of(finished_study), results_of(again)
    assert any(name.endswith("test_probabilities.npy") for name in first)
    assert first == second
