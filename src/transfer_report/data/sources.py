"""The sources of images by the names that `data.source` knows."""

from collections.abc import Callable
from pathlib import Path

from transfer_report.data import phantom
from transfer_report.data.course import read_course
from transfer_report.data.folder import read_folder
from transfer_report.data.medmnist import read_medmnist
from transfer_report.data.reading import Reading
from transfer_report.data.source import Entries, Entry, Pixels, Source
from transfer_report.data.table import read_table
from transfer_report.errors import UserError
from transfer_report.settings import DataSettings


def simulate_phantoms(settings: DataSettings) -> Source:
    """Simulated radiographs at the side that the study wants, each made when it is asked for; nothing is read."""
    train, test = (list(phantom.exposures(settings.phantom, split)) for split in ("train", "test"))
    exposures = train + test

    def load(index: int) -> Pixels:
        return phantom.radiograph(exposures[index], settings.phantom, settings.seed, settings.image_px)[..., 0]

    return Source(
        phantom.PHANTOM_CLASSES,
        Entries(Entry(exposure.id, exposure.label, exposure.patient, exposure.split) for exposure in exposures),
        load,
        simulated=True,
        notes=dict(phantom.physical_parameters()),
    )


SOURCES: dict[str, Callable[[DataSettings, Path], Source]] = {
    "phantom": lambda settings, _: simulate_phantoms(settings),
    "folder": lambda settings, _: read_folder(
        Path(settings.path), settings.patient_pattern, Reading(settings.window, settings.frame)
    ),
    "course": lambda settings, cache: read_course(Path(settings.path), settings.download, cache),
    "table": lambda settings, _: read_table(
        Path(settings.path), settings.table, settings.patient_pattern, Reading(settings.window, settings.frame)
    ),
    "medmnist": lambda settings, cache: read_medmnist(Path(settings.path), settings.medmnist, settings.download, cache),
}


def open_source(settings: DataSettings, cache: Path) -> Source:
    """The source that the settings name.

    Args:
        settings: which, and where.
        cache: folder for downloads and unpacked files.

    Raises:
        UserError: what should be there is not, or is something else.
    """
    if settings.patient_pattern and settings.source == "table" and settings.table.patient:
        raise UserError("data.patient_pattern: data.table.patient names the patients already; set one of the two to ''")
    if settings.patient_pattern and settings.source not in ("folder", "table"):
        raise UserError(
            f"data.patient_pattern: the images of {settings.source!r} have no file names that could tell the patient; "
            "set it to ''"
        )
    return SOURCES[settings.source](settings, cache)
