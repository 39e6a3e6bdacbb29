"""The physics of the simulated radiographs: what tissue takes from the beam, and how a detector records what is left.

Coefficients are total mass attenuation coefficients at 60 keV, with densities, from J. H. Hubbell and S. M. Seltzer,
"Tables of X-Ray Mass Attenuation Coefficients and Mass Energy-Absorption Coefficients", NISTIR 5632, National Institute
of Standards and Technology, 1995 (tables 2 and 4; compositions of ICRU Report 44, 1989). The density of inflated lung
is that of ICRU Report 44. Scatter and the spectrum of the tube are left out: one energy stands for the beam.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Map = NDArray[np.float32]
"""A quantity per pixel, (rows, columns), first row on top."""


@dataclass(frozen=True)
class Material:
    """Attenuation of a material."""

    mass_attenuation_cm2_per_g: float
    density_g_per_cm3: float

    @property
    def attenuation_per_cm(self) -> float:
        """Linear attenuation coefficient, 1/cm."""
        return self.mass_attenuation_cm2_per_g * self.density_g_per_cm3


SOURCE = "Hubbell and Seltzer, NISTIR 5632 (1995); ICRU Report 44 (1989)"
ENERGY_KEV = 60.0
SOFT_TISSUE = Material(0.2048, 1.06)
CORTICAL_BONE = Material(0.3148, 1.92)
LUNG_TISSUE = Material(0.2053, 1.05)
INFLATED_LUNG = Material(0.2053, 0.26)
WATER = Material(0.2059, 1.00)
AIR_SHARE_OF_LUNG = 1 - INFLATED_LUNG.density_g_per_cm3 / LUNG_TISSUE.density_g_per_cm3
"""Share of the inflated lung's volume that is air, whose own attenuation is neglected."""

FIELD_CM = 36.0
"""Side of the square field: a film of 14 inches."""
BLUR_CM = 0.06
"""Standard deviation of the detector's Gaussian point spread; a choice, of the order of clinical detectors."""


def attenuation(soft_cm: Map, lung_cm: Map, bone_cm: Map, fluid_cm: Map) -> Map:
    """Beer and Lambert's exponent: the line integral of the attenuation coefficient.

    Args:
        soft_cm: path through soft tissue.
        lung_cm: path through inflated lung.
        bone_cm: path through cortical bone that stands in place of soft tissue.
        fluid_cm: path through fluid that stands in place of the lung's air.
    """
    exponent: Map = (
        SOFT_TISSUE.attenuation_per_cm * (soft_cm - bone_cm)
        + INFLATED_LUNG.attenuation_per_cm * lung_cm
        + CORTICAL_BONE.attenuation_per_cm * bone_cm
        + WATER.attenuation_per_cm * fluid_cm
    )
    return exponent


def detect(exponent: Map, photons: float, pixel_cm: float, rng: np.random.Generator) -> Map:
    """Return the detector's reading: blurred beam, quantum noise, logarithm (open beam: 0)."""
    beam = gaussian_filter(np.exp(-exponent), BLUR_CM / pixel_cm, mode="nearest")
    counts = rng.poisson(photons * beam)
    # Half a photon where none came: the logarithm of the least that could have been counted.
    reading: Map = np.log(photons / np.maximum(counts, 0.5)).astype(np.float32)
    return reading


def display(reading: Map, black: float, white: float, gamma: float) -> NDArray[np.uint8]:
    """Grey values as on a film: the readings `black` and `white` become 0 and 255, so that air is dark, bone bright."""
    grey = np.clip((reading - black) / (white - black), 0, 1) ** gamma
    levels: NDArray[np.uint8] = np.round(255 * grey).astype(np.uint8)
    return levels
