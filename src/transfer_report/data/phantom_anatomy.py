"""The anatomy of the phantom: one patient's chest, drawn at random, as paths of the rays through tissue.

Lengths in cm: x to the patient's left, z upwards from the middle of the field, depth from back to front. Sizes are
those of adults, widened by chance; they are choices, not measurements.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from transfer_report.data.phantom_physics import AIR_SHARE_OF_LUNG, Map, attenuation
from transfer_report.data.phantom_shapes import Ellipsoid, Interval, Pose, View, deposit, hollow_tubes, smooth_field

SIDES = (-1, 1)
"""The patient's right and left."""
VESSEL_GENERATIONS = 5
VESSEL_POINTS = 10
"""Points that stand for one branch."""
BONE_POINTS = 90
"""Points along the centre line of a rib or clavicle."""
BRANCH_SHORTENING = 0.82
"""Length of a branch over its parent's."""
NOISE_OCTAVES = (9, 18, 36)
"""Coefficients per side of the splines that roughen lung and consolidations."""


@dataclass(frozen=True)
class Consolidation:
    """A part of the lung whose air gives way to fluid."""

    body: Ellipsoid
    side: int
    roughness: list[NDArray[np.float64]]
    fissure_z: float | None
    """Where a fissure bounds a lobar consolidation; None: it fades on all sides."""
    above_fissure: bool


@dataclass(frozen=True)
class Patient:
    """Anatomy that a patient keeps from one exposure to the next."""

    chest_half_width: float
    chest_half_depth: float
    lung_half_depth: float
    lung_half_width: float
    apex_z: float
    dome_z: tuple[float, float]
    heart: tuple[Ellipsoid, ...]
    breast: float
    """Depth of the breasts; 0: none to be seen."""
    rib_spacing: float
    rib_drop: float
    bone_wall: float
    vessel_radius: float
    vessels: tuple[list[NDArray[np.float64]], ...]
    """Per generation: points (n, 3) along the branches."""
    texture: list[NDArray[np.float64]]
    gas: Ellipsoid
    consolidations: list[Consolidation]


def draw_patient(rng: np.random.Generator, ill: bool) -> Patient:
    """A patient; an ill one has one to three consolidations. The healthy part is drawn alike for both."""
    width, apex = rng.uniform(11.6, 13.4), rng.uniform(12.6, 14.2)
    right_dome = rng.uniform(-9.0, -5.2)
    heart_scale = rng.uniform(0.85, 1.18)
    return Patient(
        chest_half_width=width + rng.uniform(2.2, 3.8),
        chest_half_depth=rng.uniform(9.8, 12.2),
        lung_half_depth=rng.uniform(7.0, 8.6),
        lung_half_width=width,
        apex_z=apex,
        dome_z=(right_dome, right_dome - rng.uniform(0.2, 1.8)),
        heart=_draw_heart(rng, heart_scale, right_dome),
        breast=rng.uniform(1.0, 4.0) * (rng.random() < 0.5),
        rib_spacing=rng.uniform(2.15, 2.5),
        rib_drop=rng.uniform(6.0, 9.0),
        bone_wall=rng.uniform(0.17, 0.27),
        vessel_radius=rng.uniform(0.42, 0.68),
        vessels=tuple(_draw_vessels(rng, side, width) for side in SIDES),
        texture=[rng.standard_normal((n, n)) for n in NOISE_OCTAVES],
        gas=Ellipsoid((rng.uniform(4.5, 7), right_dome - rng.uniform(3.5, 4.5), 3), (rng.uniform(0.6, 2.4), 1.1, 2)),
        # Last, so that an ill patient's other organs are those that a healthy one would have been drawn.
        consolidations=[
            _draw_consolidation(rng, width, apex, right_dome) for _ in range(int(rng.integers(1, 4)) if ill else 0)
        ],
    )


def draw_pose(rng: np.random.Generator) -> Pose:
    """How the patient happens to stand."""
    return Pose(
        shift_cm=(rng.uniform(-0.8, 0.8), rng.uniform(-0.8, 0.8)),
        tilt=np.radians(rng.uniform(-2, 2)),
        turn=np.radians(rng.uniform(-4, 4)),
        zoom=rng.uniform(0.97, 1.07),
    )


def project(patient: Patient, view: View, contrast: float) -> Map:
    """Attenuation along each ray through the patient, consolidations with `contrast` of their air replaced."""
    chest = _chest(patient, view)
    lungs = [_lung(patient, side, view, chest) for side in SIDES]
    obstacles = [body.interval(view) for body in patient.heart]
    aerated = [_aerated(patient, side, lung, obstacles, view) for side, lung in zip(SIDES, lungs, strict=True)]
    lung_cm = np.clip(sum(aerated), 0, None)
    fluid_cm = np.zeros_like(view.x)
    for consolidation in patient.consolidations:
        lung = aerated[SIDES.index(consolidation.side)]
        fluid_cm = np.maximum(fluid_cm, _consolidated(consolidation, lung, view))
    vessels_cm = _vessels(patient, view) * np.clip(lung_cm / 4, 0, 1)
    texture = 1 + 0.05 * _noise(patient.texture, len(view.x))
    air_cm = _airways(view) + patient.gas.interval(view).length
    soft_cm = np.maximum(chest.length + _breasts(patient, view) - lung_cm - air_cm, 0) + vessels_cm
    return attenuation(
        soft_cm, (lung_cm - vessels_cm) * texture, _bones(patient, view), contrast * AIR_SHARE_OF_LUNG * fluid_cm
    )


def _draw_heart(rng: np.random.Generator, scale: float, dome_z: float) -> tuple[Ellipsoid, ...]:
    bottom = dome_z + 3.2
    return (
        Ellipsoid((2.9 * scale, bottom, 3.0), (6.4 * scale, 4.6 * scale, 4.4), rng.uniform(-0.75, -0.4)),
        Ellipsoid((-1.3, bottom + 0.8, 2.5), (3.3 * scale, 4.2 * scale, 3.6)),
        Ellipsoid((1.7, bottom + 5.6, 1.0), (2.8 * scale, 3.2, 3.0)),
        Ellipsoid((1.6, rng.uniform(5.5, 7.2), -0.5), (rng.uniform(1.6, 2.5), 1.8, 3.2)),
        Ellipsoid((-0.6, 8.0, 0.5), (rng.uniform(2.2, 3.3), 6.5, 3.0)),
    )


def _draw_vessels(rng: np.random.Generator, side: int, width: float) -> list[NDArray[np.float64]]:
    """A tree that forks from the hilum outwards, per generation its points."""
    count = 7
    start = np.column_stack([np.full(count, 3.4), rng.uniform(-1.0, 2.2, count), rng.uniform(-1, 1, count)])
    angle = np.linspace(-1.75, 1.45, count) + rng.normal(0, 0.12, count)
    along = np.linspace(0, 1, VESSEL_POINTS)[None, :, None]
    generations = []
    for generation in range(VESSEL_GENERATIONS):
        length = width * 0.25 * BRANCH_SHORTENING**generation * rng.uniform(0.6, 1.25, len(angle))
        lift = rng.normal(0, 0.5, len(angle))
        step = length[:, None] * np.column_stack([np.cos(angle), np.sin(angle), lift])
        points = start[:, None] + along * step[:, None]
        generations.append((points * (side, 1, 1)).reshape(-1, 3))
        start = np.repeat(start + step, 2, axis=0)
        fork = rng.uniform(0.2, 0.6, len(angle))
        angle = np.column_stack([angle - fork, angle + fork]).ravel() + rng.normal(0, 0.15, 2 * len(fork))
    return generations


def _draw_consolidation(rng: np.random.Generator, width: float, apex: float, dome_z: float) -> Consolidation:
    side = int(rng.choice(SIDES))
    z = rng.uniform(dome_z + 0.5, apex - 5.5)
    x = side * rng.uniform(4.2, width - 3.0)
    radius = rng.uniform(3.4, 5.6)
    lobar = rng.random() < 0.3
    return Consolidation(
        body=Ellipsoid(
            (x, z, rng.uniform(-3, 3)),
            (radius * rng.uniform(0.8, 1.25), radius * rng.uniform(0.8, 1.25), radius),
            rng.uniform(-0.8, 0.8),
        ),
        side=side,
        roughness=[rng.standard_normal((n, n)) for n in NOISE_OCTAVES],
        fissure_z=z + rng.uniform(-0.2, 0.2) * radius if lobar else None,
        above_fissure=bool(rng.random() < 0.5),
    )


def _chest(patient: Patient, view: View) -> Interval:
    """The trunk: an elliptic cylinder with sloping shoulders and a neck."""
    rise = np.clip((view.z - patient.apex_z + 9) / 10, 0, 1)
    widened = patient.chest_half_width + 14 * rise * rise * rise
    # The slope from shoulder to neck; the neck itself has a half-width of 5.5 cm.
    slope = 5.5 + 1.6 * np.logaddexp(0, np.float32(2.0) * (patient.apex_z + 2.6 - view.z))
    u = np.abs(view.x / np.minimum(widened, slope))
    half_depth = patient.chest_half_depth * (1 - 0.35 * rise)
    return Interval(0.0, half_depth * np.sqrt(np.maximum(1 - u * u * np.sqrt(u), 0)))


def _lung(patient: Patient, side: int, view: View, chest: Interval) -> Interval:
    """One lung, heart and diaphragm not yet taken out: at each height an oval between mediastinum and chest wall."""
    base_z, apex_x = -15.0, 5.4
    s = np.clip((view.z - base_z) / (patient.apex_z - base_z), 0, 1)
    s_squared = s * s
    rounding = np.sqrt(1 - s_squared * np.sqrt(s))
    outer = apex_x + (patient.lung_half_width - apex_x) * rounding * (0.95 + 0.05 * s)
    inner = 1.9 + (apex_x - 1.9) * s_squared * s_squared * s_squared
    u = np.abs(2 * side * view.x_at(-0.5) - outer - inner) / np.maximum(outer - inner, 1e-3)
    half = patient.lung_half_depth * np.sqrt((1 - s_squared * s_squared) * np.maximum(1 - u * u * u, 0))
    return Interval(-0.5, np.minimum(half, np.maximum(chest.half - 1.6, 0)))


def _aerated(patient: Patient, side: int, lung: Interval, obstacles: list[Interval], view: View) -> Map:
    """Path through one lung after heart, vessels' trunks and diaphragm have taken their places, cm."""
    top = patient.dome_z[SIDES.index(side)]
    width = patient.lung_half_width
    dome = Ellipsoid((side * 0.56 * width, top - 8, 0.0), (0.64 * width, 8, 10.5)).interval(view)
    # Below the height where the dome meets the chest wall there is no lung.
    dome = Interval(dome.middle, np.where(view.z < top - 7.5, np.float32(20), dome.half))
    taken = np.maximum.reduce([lung.overlap(obstacle) for obstacle in obstacles])
    aerated: Map = np.maximum(lung.length - taken - lung.overlap(dome), 0)
    return aerated


def _consolidated(consolidation: Consolidation, lung_cm: Map, view: View) -> Map:
    """Path through the consolidated part of a lung, with a ragged, soft border, cm."""
    inside = 1 - consolidation.body.radius_squared(view) + 0.45 * _noise(consolidation.roughness, len(view.x))
    depth = 2 * consolidation.body.semi_axes[2] * np.sqrt(np.clip(inside, 0, 1))
    if consolidation.fissure_z is not None:
        beyond = (view.z - consolidation.fissure_z + 0.12 * view.x) * (1 if consolidation.above_fissure else -1)
        depth = depth * np.clip(beyond / 0.4 + 0.5, 0, 1)
    consolidated: Map = np.minimum(depth, lung_cm)
    return consolidated


def _vessels(patient: Patient, view: View) -> Map:
    """Path through the vessels: daughters' radii follow Murray's law, r³ = r₁³ + r₂³ (Proc. Natl. Acad. Sci. 1926)."""
    path = np.zeros_like(view.x)
    for generation in range(VESSEL_GENERATIONS):
        radius = patient.vessel_radius * 2 ** (-generation / 3)
        points = np.concatenate([tree[generation] for tree in patient.vessels])
        step = patient.lung_half_width * 0.25 * BRANCH_SHORTENING**generation / VESSEL_POINTS
        volume = np.full(len(points), np.pi * radius**2 * step)
        path += gaussian_filter(deposit(points, volume, view), 0.6 * radius / view.pixel_cm, truncate=3)
    return path


def _airways(view: View) -> Map:
    """Path through trachea and main bronchi, cm."""
    x = view.x_at(1.0)
    fork_z, radius = 4.5, 0.85
    trachea = np.sqrt(np.maximum(radius**2 - (x + 0.3) ** 2, 0)) * np.clip((view.z - fork_z) / 0.6, 0, 1)
    away = fork_z + 0.6 - view.z
    bronchi = np.sqrt(np.maximum(0.6**2 - (np.abs(x + 0.3) - 0.75 * away) ** 2 / 1.5, 0))
    path: Map = 2 * trachea + 2 * bronchi * np.clip(away / 0.6, 0, 1) * np.clip((3.6 - away) / 1.5, 0, 1)
    return path


def _breasts(patient: Patient, view: View) -> Map:
    """Path through the breasts, cm: caps that end softly."""
    path = np.zeros_like(view.x)
    for side in SIDES:
        outline = Ellipsoid((side * 7.5, -5.0, patient.chest_half_depth), (5.8, 5.2, 1.0))
        path += patient.breast * np.maximum(1 - outline.radius_squared(view), 0)
    return path


def _bones(patient: Patient, view: View) -> Map:
    """Path through cortical bone: ribs, clavicles, shoulder blades and the spine, cm."""
    lines = [line for side in SIDES for line in (_ribs(patient, side), _clavicle(patient, side))]
    points = np.concatenate([(line[:, 1:] + line[:, :-1]) / 2 for line in lines]).reshape(-1, 3)
    steps = np.concatenate([np.linalg.norm(np.diff(line, axis=1), axis=2) for line in lines]).ravel()
    return hollow_tubes(points, steps, 0.6, patient.bone_wall, view) + _spine(view) + _scapulae(patient, view)


def _ribs(patient: Patient, side: int) -> NDArray[np.float64]:
    """Centre lines of ribs 1 to 10 of one side, (ribs, points, 3): half hoops that fall from the spine to the front."""
    rib = np.arange(10)[:, None]
    reach = 5.8 + (patient.lung_half_width - 5.3) * (1 - np.exp(-(rib + 0.15) / 1.7))
    start, end = np.arcsin(2.0 / reach), 2.45 - 0.06 * rib
    angle = start + (end - start) * np.linspace(0, 1, BONE_POINTS)
    drop = patient.rib_drop * (0.6 + 0.05 * rib) * (1 - np.cos(angle)) / 2
    arch = 0.7 * np.maximum(np.sin(2 * angle), 0)
    z = patient.apex_z - 0.6 - patient.rib_spacing * rib - drop + arch
    half_depth = (patient.lung_half_depth + 0.4) * (0.65 + 0.35 * np.minimum(rib, 4) / 4)
    return np.stack([side * reach * np.sin(angle), z, -half_depth * np.cos(angle) - 0.5], axis=-1)


def _clavicle(patient: Patient, side: int) -> NDArray[np.float64]:
    """Centre line of a clavicle, (2, points, 3): twice, since its cortex is twice as thick as a rib's."""
    t = np.linspace(0, 1, BONE_POINTS)
    z = patient.apex_z - 4.4 + 3.4 * t + 0.7 * np.sin(2 * np.pi * t)
    line = np.column_stack([side * (1.8 + 13.5 * t), z, 6.5 - 4.5 * t])
    return np.stack([line, line])


def _spine(view: View) -> Map:
    """Vertebrae, discs and spinous processes."""
    x = view.x_at(-5.5)
    height = np.cos(np.float32(2 * np.pi / 2.5) * view.z)
    vertebra = np.clip(0.95 + 1.1 * height, 0.35, 1)
    outer, inner = np.sqrt(np.maximum(2.0**2 - x * x, 0)), np.sqrt(np.maximum(1.7**2 - x * x, 0))
    process = 0.35 * np.exp(-((x / 0.4) ** 2)) * np.clip(height, 0, 1)
    path: Map = (0.5 * (outer - inner) + 0.3 * inner) * vertebra + process
    return path


def _scapulae(patient: Patient, view: View) -> Map:
    path = np.zeros_like(view.x)
    for side in SIDES:
        x = side * (patient.lung_half_width + 1.2)
        blade = Ellipsoid((x, 6.5, -7.5), (2.6, 6.2, 1.0), side * -0.2).radius_squared(view)
        path += 0.28 * np.clip((1 - blade) * 5, 0, 1) + 0.35 * np.exp(-(((blade - 0.85) / 0.12) ** 2))
    return path


def _noise(octaves: list[NDArray[np.float64]], pixels: int) -> Map:
    """Fractal noise of about unit variance: each octave 0.6 times as strong as the one before."""
    return sum((1.6 * 0.6**i * smooth_field(c, pixels) for i, c in enumerate(octaves)), np.zeros((), np.float32))
