"""The first study of one's own: what `init` finds in folders made like public data sets, and what it writes."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from transfer_report.commands import fitting
from transfer_report.commands.app import app
from transfer_report.commands.proposal import propose
from transfer_report.errors import UserError
from transfer_report.loading import load_params
from transfer_report.records.models import StepTime
from transfer_report.revisions.doctor import checks

ROOT = Path(__file__).parents[2]
RANDOM = np.random.default_rng(0)


def image(path, side=48):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RANDOM.integers(0, 256, (side, side + 16), dtype=np.uint8)).save(path)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A project without history; returns a function that puts images into data/NAME of it."""
    for name in ("params.yaml", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "report", tmp_path / "report")
    monkeypatch.chdir(tmp_path)

    def put(*names):
        for name in names:
            image(Path("data/set") / name)
        return Path("data/set")

    return put


@pytest.fixture(autouse=True)
def steps(monkeypatch):
    """Training steps of 10 ms an image, which are not measured."""
    step = StepTime(image_px=48, batch=16, threads=1, training_milliseconds=10.0, scoring_milliseconds=3.0)
    monkeypatch.setattr(fitting, "measured_steps", lambda params: dict.fromkeys(params.models, step))
    monkeypatch.setattr(fitting, "jobs_here", lambda _: 2)
    return step


KAGGLE_PNEUMONIA = [
    f"chest_xray/{split}/{name}"
    for split in ("train", "test", "val")
    for name in ("NORMAL/IM-0001-0001.jpeg", "NORMAL/IM-0002-0001.jpeg", "PNEUMONIA/person1_bacteria_1.jpeg",
                 "PNEUMONIA/person1_bacteria_2.jpeg", "PNEUMONIA/person2_virus_1.jpeg")
]  # fmt: skip
BRAIN_TUMOURS = [f"{split}/{name}/{number}.jpg" for split in ("Training", "Testing") for name in ("glioma", "notumor")
                 for number in (0, 1)]  # fmt: skip
COVID = [
    f"{name}/{kind}/{number}.png" for name in ("COVID", "Normal") for kind in ("images", "masks") for number in (0, 1)
]
BUSI = [f"{name}/{name} ({n}){mask}.png" for name in ("benign", "malignant") for n in (1, 2) for mask in ("", "_mask")]
CHEXPERT = [f"{name}/patient{number:05}/study1/view{view}.jpg" for number, name in enumerate(("ill", "well") * 2)
            for view in (1, 2)]  # fmt: skip
MALARIA = [f"cell_images/{name}/{number}.png" for name in ("Parasitized", "Uninfected") for number in (0, 1)]


def test_few_validation_images_and_patients_of_both_kinds_are_found(made):
    proposal = propose(made(*KAGGLE_PNEUMONIA))
    assert re.findall(proposal.settings["patient_pattern"], "IM-0001-0002 NORMAL2-IM-0013-0001 person12_virus_3") == [
        "IM-0001", "NORMAL2-IM-0013", "person12"
    ]  # fmt: skip
    assert any(line.startswith("only 2 validation images in a class") for line in proposal.odd)


def test_of_a_train_folder_alone_test_images_are_cut(made):
    proposal = propose(made(*(f"train/{name}" for name in CHEXPERT)))
    assert proposal.settings["path"] == "data/set/train"
    assert any("no test images; they are cut from train" in line for line in proposal.odd)


@pytest.mark.parametrize(
    ("names", "classes", "positive", "pattern", "said"),
    [
        (KAGGLE_PNEUMONIA, "NORMAL (6), PNEUMONIA (9)", "PNEUMONIA", r"(?i)", "found deeper: chest_xray"),
        (BRAIN_TUMOURS, "notumor (4), glioma (4)", "glioma", "", "Training = train"),
        (COVID, "Normal (2), COVID (2)", "COVID", "", "masks left out: COVID/masks"),
        (BUSI, "benign (2), malignant (2)", "malignant", "", "masks left out"),
        (CHEXPERT, "ill (4), well (4)", "well", r"(patient\d+)/", "positive class: well"),
        (MALARIA, "Uninfected (2), Parasitized (2)", "Parasitized", "", "found deeper: cell_images"),
    ],
)
def test_folders_like_public_data_sets(made, names, classes, positive, pattern, said):
    proposal = propose(made(*names))
    assert any(line.endswith(classes) for line in proposal.found), proposal.found
    assert any(line.startswith(f"positive class: {positive} ") for line in proposal.found)
    assert proposal.settings["source"] == "folder"
    assert proposal.settings["patient_pattern"].startswith(pattern)
    assert bool(proposal.settings["patient_pattern"]) == bool(pattern)
    assert any(said in line for line in [*proposal.odd, *proposal.found])


def test_a_table_of_skin_lesions_like_ham10000(made):
    folder = made(*(f"images/ISIC_{number}.jpg" for number in range(6)))
    rows = [
        f"HAM_{number // 2},ISIC_{number},{'mel' if number % 2 else 'nv'},histo,{50 + number},male,back"
        for number in range(6)
    ]
    (folder / "HAM10000_metadata.csv").write_text(
        "lesion_id,image_id,dx,dx_type,age,sex,localization\n" + "\n".join(rows)
    )
    for path in (folder, folder / "HAM10000_metadata.csv"):
        settings = propose(path).settings
        assert settings["table"] == {
            "file": "HAM10000_metadata.csv", "folder": "images", "ending": ".jpg", "image": "image_id", "label": "dx",
            "split": "", "patient": "lesion_id", "characteristics": ["age", "sex", "localization"],
        }  # fmt: skip


def test_a_table_of_retinas_like_aptos(made):
    folder = made(*(f"train_images/{number:04x}.png" for number in range(4)))
    (folder / "train.csv").write_text("id_code,diagnosis\n" + "".join(f"{n:04x},{n % 2}\n" for n in range(4)))
    table = propose(folder).settings["table"]
    assert (table["image"], table["label"]) == ("id_code", "diagnosis")
    assert (table["folder"], table["ending"]) == ("train_images", ".png")


def test_a_table_of_radiographs_like_nih(made):
    folder = made(*(f"images/0000000{number}_000.png" for number in range(4)))
    head = "Image Index;Finding Labels;Patient ID;Patient Age;Patient Gender;View Position;fold_split\n"
    rows = [
        f"0000000{n}_000.png;{'No Finding' if n % 2 else 'Mass'};{n};5{n};M;PA;{'train' if n < 2 else 'test'}"
        for n in range(4)
    ]
    (folder / "Data_Entry.csv").write_text(head.replace("Finding Labels", "finding") + "\n".join(rows))
    table = propose(folder).settings["table"]
    assert (table["image"], table["label"], table["patient"]) == ("Image Index", "finding", "Patient ID")
    assert (table["split"], table["folder"]) == ("fold_split", "images")
    assert table["characteristics"] == ["Patient Age", "Patient Gender", "View Position"]


OCT = [f"OCT2017/{split}/{name}/{name}-10160{n // 2}-{n % 2}.jpeg" for split in ("train", "val", "test")
       for name in ("CNV", "DME", "NORMAL") for n in range(4)]  # fmt: skip
BREAKHIS = [f"histology_slides/breast/{name}/SOB/{kind}/SOB_{kind}_14-22{patient}AB/{zoom}X/"
            f"SOB_{kind}-14-22{patient}AB-{zoom}-001.png" for name, kind in (("benign", "B_A"), ("malignant", "M_DC"))
            for patient in (1, 2) for zoom in (40, 100)]  # fmt: skip
COVID_QU = [f"Infection Segmentation Data/{split}/{name}/{kind}/{n}.png" for split in ("Train", "Val", "Test")
            for name in ("COVID-19", "Non-COVID", "Normal") for kind in ("images", "infection masks", "lung masks")
            for n in range(2)]  # fmt: skip


def test_patients_in_names_of_retinas_and_of_slides(made):
    retinas = propose(made(*OCT))
    assert retinas.settings["patient_pattern"] == r"(?i)((?:CNV|DME|DRUSEN|NORMAL)-\d+)-"
    assert "patients: 6" in retinas.found
    shutil.rmtree("data/set")
    slides = propose(made(*BREAKHIS))
    assert "patients: 4" in slides.found
    assert "8 images in 2 classes: benign (4), malignant (4)" in slides.found


def test_several_kinds_of_masks_are_left_out_and_two_sets_side_by_side_refused(made):
    folder = made(*COVID_QU)
    assert "18 images in 3 classes: COVID-19 (6), Non-COVID (6), Normal (6)" in propose(folder).found
    made(*(name.replace("Infection", "Lung").replace("infection masks", "masks") for name in COVID_QU))
    with pytest.raises(UserError, match="Infection Segmentation Data and Lung Segmentation Data look like data sets"):
        propose(folder)


def test_images_of_a_table_in_numbered_folders(made):
    folder = made(*(f"images_part_{1 + n // 3}/ISIC_{n}.jpg" for n in range(6)))
    (folder / "meta.csv").write_text(
        "image_id,dx\n" + "".join(f"ISIC_{n},{'mel' if n % 2 else 'nv'}\n" for n in range(6))
    )
    proposal = propose(folder)
    assert proposal.settings["table"]["folder"] == "images_part_*"
    assert "6 images in 2 classes: mel (3), nv (3)" in proposal.found


def test_of_several_tables_the_one_with_labels_is_read(made):
    folder = made(*(f"train/{n:04x}.tif" for n in range(4)), *(f"test/{n:04x}.tif" for n in range(8, 10)))
    (folder / "sample_submission.csv").write_text("id,label\n0008,0\n0009,0\n")
    (folder / "train_labels.csv").write_text("id,label\n" + "".join(f"{n:04x},{n % 2}\n" for n in range(4)))
    proposal = propose(folder)
    assert proposal.settings["table"]["file"] == "train_labels.csv"
    assert "not read: sample_submission.csv" in proposal.odd


@pytest.mark.parametrize(
    ("names", "table", "message"),
    [
        (["images/0.png", "images/1.png"], "Image Index,Finding Labels\n0.png,Mass|Effusion\n1.png,Effusion\n",
         r"several labels, such as 'Mass\|Effusion'; .* such as Effusion yes or no \(2 of 2 images\)"),
        (["train/patient1/v.jpg", "train/patient2/v.jpg"],
         "Path,No Finding,Edema,Pneumonia\ntrain/patient1/v.jpg,1.0,,0.0\ntrain/patient2/v.jpg,,-1.0,1.0\n",
         "No Finding, Edema, Pneumonia each say yes or no: .* set data.source to table and data.table.label"),
        (["images/ISIC_0.jpg", "images/ISIC_1.jpg"], "ISIC_0,benign\nISIC_1,malignant\n",
         "the first row lists an image; put a row of names above it"),
        (["images/a.png", "images/b.png"], "patientId,x,y,width,height,Target\na,1,2,3,4,1\na,5,6,7,8,1\nb,,,,,0\n",
         r"images/a\.png: listed twice"),
        (["patches/patient_0_node_4/x.png", "patches/patient_1_node_4/y.png"], "patient,tumor\n0,1\n1,0\n",
         "no column looks like one of the images"),
        (["PAT01/IM1.png", "PAT02/IM1.png"], "", "folders are named like patients .* not like classes"),
        (["images_001/0.png", "images_002/1.png"], "", "folders are named like parts of one set"),
    ],
)  # fmt: skip
def test_what_is_missing_in_sets_like_public_ones_is_said(made, names, table, message):
    folder = made(*names)
    if table:
        (folder / "table.csv").write_text(table)
    with pytest.raises(UserError, match=message):
        propose(folder)


def test_an_array_file_like_medmnist(made):
    made()
    generator = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", 20), ("val", 12), ("test", 8)):
        arrays[f"{split}_images"] = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"{split}_labels"] = np.arange(count, dtype=np.uint8)[:, None] % 2
    np.savez("breastmnist.npz", **arrays)
    proposal = propose(Path("breastmnist.npz"))
    assert proposal.settings == {"source": "medmnist", "path": "breastmnist.npz"}
    assert "positive class: malignant (data.positive_class can change it)" in proposal.found
    assert "splits: train 20, val 12, test 8" in proposal.found


def test_what_is_no_data_set_is_refused(made):
    with pytest.raises(UserError, match="no such folder or file"):
        propose(Path("nowhere"))
    made("a.png")
    with pytest.raises(UserError, match="has no folders"):
        propose(Path("data/set"))
    Path("data/set/t.csv").write_text("number,grade\n1,2\n")
    with pytest.raises(UserError, match=r"no column looks like one of the images; .*\(number, grade\)"):
        propose(Path("data/set"))
    with pytest.raises(UserError, match="a folder, a table"):
        propose(Path("params.yaml"))


def run(*arguments):
    return CliRunner().invoke(app, ["init", *arguments])


def test_splits_are_counted_as_they_will_be_cut():
    data = load_params().data  # a quarter of the rest for validation, a fifth for test
    none = fitting.FoundImages({None: [600, 400]}, 1.0)
    assert none.split(data) == {"train": 600, "val": 200, "test": 200}
    assert none.split(data, limit=100) == {"train": 120, "val": 40, "test": 40}
    given = fitting.FoundImages({"train": [80, 20], "test": [10, 30]}, 1.0)
    assert given.split(data) == {"train": 75, "val": 25, "test": 40}
    assert given.split(data, limit=20) == {"train": 30, "val": 10, "test": 30}


def test_a_long_study_is_offered_shorter_with_what_both_detect(steps):
    params = load_params()
    many = fitting.FoundImages({None: [60_000, 40_000]}, 0.5)
    took, detects, shorter, detects_less, *_ = fitting.fitting(params, many, dict.fromkeys(params.models, steps), 2)
    assert int(re.search(r"about (\d+) hours", took)[1]) > 10 * fitting.LONG_HOURS
    assert "about 2 hours: " in shorter
    assert "data.limit_per_class: " in shorter
    # A fifth is test; patients count, of which there are half as many.
    assert "10,000 test images" in detects
    found = [float(re.search(r"differences of ([\d.]+) points", line)[1]) for line in (detects, detects_less)]
    assert found[0] < found[1]


def test_a_short_study_needs_no_offer(steps):
    params = load_params()
    few = fitting.FoundImages({None: [60, 40]}, 1.0)
    said = list(fitting.fitting(params, few, dict.fromkeys(params.models, steps), 2))
    assert said[0].startswith("takes    about ")
    assert not [line for line in said if line.startswith("shorter")]


def test_a_dry_run_says_all_and_writes_nothing(made):
    made(*BRAIN_TUMOURS)
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    done = run("data/set", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "write    data.path: data/set" in done.output
    assert "run      dvc add data/set" in done.output
    assert "takes    about" in done.output
    assert "detects  By its size alone" in done.output
    assert before == {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_init_writes_settings_puts_other_studies_aside_and_images_under_dvc(made):
    made(*CHEXPERT)
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"]):
        subprocess.run(command, check=True, capture_output=True)
    done = run("data/set", "--yes")
    assert done.exit_code == 0, done.output
    params = load_params()
    assert (params.data.source, params.data.path, params.data.image_px) == ("folder", "data/set", 48)
    assert params.data.patient_pattern == r"(patient\d+)/"
    assert "# phantom, course, folder" in Path("params.yaml").read_text()
    assert Path("report/claims.yaml").read_text().endswith("claims: []\n")
    assert "Homework" in Path("report/reported.example.yaml").read_text()
    assert Path("data/set.dvc").is_file()
    ignored = subprocess.run(["git", "check-ignore", "data/set", "data/set.dvc"], capture_output=True, text=True)
    assert ignored.stdout.split() == ["data/set"]
    assert run("data/set", "--dry-run").output.count("already in git or DVC") == 1


def test_the_doctor_asks_for_images_that_nothing_keeps(made):
    made(*CHEXPERT)
    Path("dvc.yaml").write_text("stages: {}\n")
    subprocess.run(["git", "init", "-q"], check=True)
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(
        text.replace("source: phantom", "source: folder").replace("path: data ", "path: data/set ")
    )
    assert "dvc add data/set" in [check.remedy for check in checks() if not check.well]
    Path("data/set.dvc").touch()
    assert "dvc add data/set" not in [check.remedy for check in checks() if not check.well]


def test_a_table_that_cannot_be_read_leaves_the_settings(made):
    made("a/0.png", "a/1.png")
    before = Path("params.yaml").read_bytes()
    done = run("data/set", "--yes")
    assert done.exit_code == 1
    assert "two or more classes" in str(done.exception)
    assert Path("params.yaml").read_bytes() == before
