"""The embedded data source: simulated chest radiographs, normal or with pneumonia, made from a seed in seconds.

Beer and Lambert's law through an analytic chest (phantom_anatomy, phantom_shapes) onto a noisy detector
(phantom_physics). Any image can be made alone: it depends on the seed, its split and its number, not on how many
there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from transfer_report.data import phantom_physics as physics
from transfer_report.data.phantom_anatomy import draw_patient, draw_pose, project
from transfer_report.data.phantom_shapes import View
from transfer_report.settings import PhantomSettings

PHANTOM_CLASSES = ("normal", "pneumonia")
PhantomSplit = Literal["train", "test"]

DETECTOR_MIN_PX = 128
"""The detector has at least so many rows; smaller images average whole blocks of its pixels."""
CYCLE = 5
"""Of so many consecutive images of a class the first two show one patient, the others one each."""


@dataclass(frozen=True)
class Exposure:
    """One image to be made: which patient, and which of the patient's images."""

    split: PhantomSplit
    label: int
    patient_number: int
    view: int

    @classmethod
    def of(cls, split: PhantomSplit, index: int) -> "Exposure":
        """The image at a place of a split: classes take turns, so any even number of images is balanced."""
        label, number = index % 2, index // 2
        cycle, place = divmod(number, CYCLE)
        patient = (CYCLE - 1) * cycle + max(place - 1, 0)
        return cls(split, label, 2 * patient + label, int(place == 1))

    @property
    def patient(self) -> str:
        """Name of the patient."""
        return f"{self.split}/patient-{self.patient_number:04d}"

    @property
    def id(self) -> str:
        """Name of the image."""
        return f"{self.patient}-{self.view + 1}"

    def generators(self, seed: int) -> tuple[np.random.Generator, np.random.Generator]:
        """Randomness of the patient, the same for all of the patient's images, and of this exposure."""
        patient = [seed, ("train", "test").index(self.split), self.patient_number]
        return np.random.default_rng([*patient, 0]), np.random.default_rng([*patient, 1, self.view])


def exposures(settings: PhantomSettings, split: PhantomSplit) -> Iterator[Exposure]:
    """The images of a split, in order, not yet made."""
    count = settings.train if split == "train" else settings.test
    return (Exposure.of(split, index) for index in range(count))


def radiograph(exposure: Exposure, settings: PhantomSettings, seed: int, side_px: int) -> NDArray[np.uint8]:
    """One image: unsigned bytes, (side_px, side_px, 1)."""
    of_patient, of_exposure = exposure.generators(seed)
    patient = draw_patient(of_patient, ill=PHANTOM_CLASSES[exposure.label] == "pneumonia")
    binning = -(-DETECTOR_MIN_PX // side_px)
    view = View.of(draw_pose(of_exposure), side_px * binning)
    attenuation = project(patient, view, settings.contrast)
    dose = of_exposure.lognormal(0, 0.2)
    window = of_exposure.uniform(size=3)
    reading = physics.detect(attenuation, dose * settings.photons, view.pixel_cm, of_exposure)
    reading = reading.reshape(side_px, binning, side_px, binning).mean((1, 3), dtype=np.float32)
    # As a film reader does: the window follows the image, near but not at its extremes.
    low, high = np.percentile(reading, [6, 97])
    black, white = low - 0.25 + 0.5 * window[0], high + 0.4 * window[1]
    return physics.display(reading, black, white, 0.8 + 0.4 * window[2])[..., None]


def physical_parameters() -> dict[str, str | float]:
    """Return the assumptions of the simulation, with units and source, for the report."""
    materials = {
        "soft tissue": physics.SOFT_TISSUE,
        "cortical bone": physics.CORTICAL_BONE,
        "inflated lung": physics.INFLATED_LUNG,
        "water (fluid of a consolidation)": physics.WATER,
    }
    coefficients: dict[str, str | float] = {
        f"Mass attenuation coefficient of {name}, cm²/g": material.mass_attenuation_cm2_per_g
        for name, material in materials.items()
    }
    densities = {f"Density of {name}, g/cm³": material.density_g_per_cm3 for name, material in materials.items()}
    return {
        "Photon energy, keV": physics.ENERGY_KEV,
        **coefficients,
        **densities,
        "Field of view, cm": physics.FIELD_CM,
        "Detector blur (standard deviation), cm": physics.BLUR_CM,
        "Source of coefficients": physics.SOURCE,
    }
