import typing

import pytest

from transfer_report.data.sources import SOURCES, open_source
from transfer_report.errors import UserError
from transfer_report.settings import DataSettings, ExternalSettings


def test_every_source_of_the_settings_has_a_reader():
    assert set(SOURCES) == set(typing.get_args(DataSettings.model_fields["source"].annotation))
    elsewhere = typing.get_args(ExternalSettings.model_fields["source"].annotation)
    assert set(SOURCES) - {"phantom"} == set(elsewhere)


def test_phantoms_are_made_when_asked_for(settings, tmp_path):
    few = settings().phantom.model_copy(update={"train": 4, "test": 2})
    source = open_source(settings(phantom=few), tmp_path)
    assert [entry.split for entry in source.entries] == ["train"] * 4 + ["test"] * 2
    assert source.simulated
    assert source.load(5).shape == (8, 8)


def test_a_pattern_for_arrays_is_refused(settings, tmp_path):
    with pytest.raises(UserError, match=r"data\.patient_pattern: the images of 'course' have no file names"):
        open_source(settings(source="course", patient_pattern="(a)"), tmp_path)
