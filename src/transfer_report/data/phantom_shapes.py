"""Geometry of the phantom: where a ray enters and leaves a body, tubes along curves, and smooth random fields."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.signal import oaconvolve

from transfer_report.data.phantom_physics import FIELD_CM, Map


@dataclass(frozen=True)
class Pose:
    """How the patient stands before the detector."""

    shift_cm: tuple[float, float]
    tilt: float
    """Rotation in the plane of the detector, radians."""
    turn: float
    """Rotation about the body's long axis, radians."""
    zoom: float


@dataclass(frozen=True)
class View:
    """The patient's coordinates at each pixel, for parallel rays along the depth axis.

    Lengths in cm: x to the patient's left (right in the image), z upwards, depth from back to front.
    """

    x: Map
    z: Map
    pose: Pose
    pixel_cm: float

    @classmethod
    def of(cls, pose: Pose, pixels: int) -> "View":
        """The view of a square detector with `pixels` rows and columns."""
        pixel_cm = FIELD_CM / pixels
        axis = ((np.arange(pixels) + 0.5) * pixel_cm - FIELD_CM / 2).astype(np.float32)
        right, up = axis[None, :] - pose.shift_cm[0], -axis[:, None] - pose.shift_cm[1]
        cos, sin = np.cos(pose.tilt), np.sin(pose.tilt)
        x, z = (cos * right + sin * up) / pose.zoom, (cos * up - sin * right) / pose.zoom
        return cls(x.astype(np.float32), z.astype(np.float32), pose, pixel_cm)

    def x_at(self, depth: float) -> Map:
        """The patient's x where each ray passes that depth: turning moves the front and the back apart."""
        return self.x - np.float32(depth * np.sin(self.pose.turn))

    def rows_and_columns(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where points (…, 3: x, z, depth) fall on the detector, in pixels."""
        x, z, depth = points[..., 0], points[..., 1], points[..., 2]
        x = x + depth * np.sin(self.pose.turn)
        cos, sin = np.cos(self.pose.tilt), np.sin(self.pose.tilt)
        right = self.pose.zoom * (cos * x - sin * z) + self.pose.shift_cm[0]
        up = self.pose.zoom * (sin * x + cos * z) + self.pose.shift_cm[1]
        return (FIELD_CM / 2 - up) / self.pixel_cm - 0.5, (right + FIELD_CM / 2) / self.pixel_cm - 0.5


@dataclass(frozen=True)
class Interval:
    """The stretch of each ray inside a convex body: its middle and half its length, in cm (0: the ray misses)."""

    middle: Map | float
    half: Map

    @property
    def length(self) -> Map:
        """Length of the stretch, cm."""
        return 2 * self.half

    def overlap(self, other: "Interval") -> Map:
        """Length that two bodies share on each ray, cm."""
        near = np.maximum(self.middle - self.half, other.middle - other.half)
        far = np.minimum(self.middle + self.half, other.middle + other.half)
        shared: Map = np.maximum(far - near, 0)
        return shared


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid with its centre and semi-axes in cm (x, z, depth), tilted in the plane of the detector."""

    centre: tuple[float, float, float]
    semi_axes: tuple[float, float, float]
    tilt: float = 0.0

    def radius_squared(self, view: View) -> Map:
        """Squared distance of each ray from the centre; 1 on the outline."""
        x, z = view.x_at(self.centre[2]) - self.centre[0], view.z - self.centre[1]
        cos, sin = float(np.cos(self.tilt)), float(np.sin(self.tilt))
        across, along = (cos * x + sin * z) / self.semi_axes[0], (cos * z - sin * x) / self.semi_axes[1]
        squared: Map = (across * across + along * along).astype(np.float32)
        return squared

    def interval(self, view: View) -> Interval:
        """Where rays pass through."""
        half = np.float32(self.semi_axes[2]) * np.sqrt(np.maximum(1 - self.radius_squared(view), 0))
        return Interval(self.centre[2], half)


def deposit(points: NDArray[np.float64], volumes_cm3: NDArray[np.float64], view: View) -> Map:
    """Spread volumes at points (n, 3) over the four nearest pixels each, as cm of path."""
    pixels = len(view.x)
    row, column = view.rows_and_columns(points)
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    down, right = row - top, column - left
    path = np.zeros(pixels * pixels)
    for row_step, column_step in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = np.abs(1 - row_step - down) * np.abs(1 - column_step - right)
        i, j = top + row_step, left + column_step
        inside = (i >= 0) & (i < pixels) & (j >= 0) & (j < pixels)
        path += np.bincount((i * pixels + j)[inside], (share * volumes_cm3)[inside], pixels * pixels)
    return (path.reshape(pixels, pixels) / view.pixel_cm**2).astype(np.float32)


def hollow_tubes(
    points: NDArray[np.float64], steps_cm: NDArray[np.float64], radius_cm: float, wall_cm: float, view: View
) -> Map:
    """Path through the walls of round tubes, their centre lines given as points and the length that each stands for.

    A tube is the trace of a hollow ball, so one convolution draws all tubes of a radius, brighter where a ray runs
    along them.
    """
    wall_area = np.pi * (radius_cm**2 - (radius_cm - wall_cm) ** 2)
    scale = view.pose.zoom / view.pixel_cm
    kernel = _hollow_ball(round(radius_cm * scale, 2), round(wall_cm * scale, 2))
    # Deposits lie in the detector's plane, where zoom has stretched all lengths.
    volumes = wall_area * steps_cm * view.pose.zoom**2
    path: Map = np.maximum(oaconvolve(deposit(points, volumes, view), kernel, mode="same"), 0)
    return path


@lru_cache(maxsize=256)
def _hollow_ball(radius_px: float, wall_px: float, fine: int = 5) -> Map:
    """Projection of a hollow ball on pixels, with sum 1."""
    reach = int(np.ceil(radius_px))
    axis = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    squared = axis[:, None] ** 2 + axis[None, :] ** 2
    outer, inner = (np.sqrt(np.maximum(r**2 - squared, 0)) for r in (radius_px, max(radius_px - wall_px, 0)))
    kernel: Map = (outer - inner).reshape(2 * reach + 1, fine, 2 * reach + 1, fine).mean((1, 3)).astype(np.float32)
    kernel /= kernel.sum()
    return kernel


def smooth_field(coefficients: NDArray[np.float64], pixels: int) -> Map:
    """A cubic spline through (n, n) random coefficients, sampled on the detector: the same field at any resolution."""
    basis = _spline_basis(len(coefficients), pixels)
    return basis @ coefficients.astype(np.float32) @ basis.T


@lru_cache(maxsize=64)
def _spline_basis(functions: int, samples: int) -> Map:
    knots = np.arange(functions + 4, dtype=float)
    where = 3 + (np.arange(samples) + 0.5) / samples * (functions - 3)
    basis: Map = BSpline.design_matrix(where, knots, 3).toarray().astype(np.float32)
    return basis
