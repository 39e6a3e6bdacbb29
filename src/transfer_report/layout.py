"""Where everything lies: the only module that knows the paths of a study's files."""

from dataclasses import dataclass
from pathlib import Path

from transfer_report.conditions import ConditionKey
from transfer_report.records.base import Split

PARAMS_FILE = Path("params.yaml")


@dataclass(frozen=True)
class Layout:
    """The files of a study, below its root."""

    root: Path = Path()

    @property
    def params(self) -> Path:
        """The settings."""
        return self.root / PARAMS_FILE

    @property
    def metrics(self) -> Path:
        """Metrics that DVC compares: `metrics.json`."""
        return self.root / "metrics.json"

    @property
    def pipeline(self) -> Path:
        """DVC's stages."""
        return self.root / "dvc.yaml"

    @property
    def lock(self) -> Path:
        """DVC's record of what was made from what."""
        return self.root / "dvc.lock"

    @property
    def texts(self) -> Path:
        """Claims, reported numbers, notes, wording and templates."""
        return self.root / "report"

    @property
    def cache(self) -> Path:
        """Downloads and scratch files: neither git nor DVC looks at them, and losing them costs time alone."""
        return self.root / ".cache"

    @property
    def logs(self) -> Path:
        """Output of stages that do not run in the terminal themselves."""
        return self.cache / "logs"

    @property
    def drafts(self) -> Path:
        """Drafts of the report: neither git nor DVC looks there."""
        return self.cache / "draft"

    @property
    def checkpoints(self) -> Path:
        """States of interrupted runs."""
        return self.cache / "checkpoints"

    @property
    def trials(self) -> Path:
        """Scores of runs that tried some values, each by the hash of all that decides it."""
        return self.cache / "trials"

    @property
    def results(self) -> Path:
        """Everything that the stages write, but `metrics.json`."""
        return self.root / "results"

    @property
    def settings(self) -> Path:
        """Settings as they are before tuning, and what was tried."""
        return self.results / "settings"

    @property
    def given(self) -> Path:
        """Resolved settings before tuning."""
        return self.settings / "given"

    @property
    def tried(self) -> Path:
        """Values that were tried, by condition and seed."""
        return self.settings / "tried"

    @property
    def plan(self) -> Path:
        """Resolved settings, the tuned ones as validation chose them."""
        return self.results / "plan"

    @property
    def weights(self) -> Path:
        """Initial weights."""
        return self.results / "weights"

    @property
    def data(self) -> Path:
        """Prepared images."""
        return self.results / "data"

    @property
    def test_labels(self) -> Path:
        """Labels of the test images, which no training stage reads."""
        return self.results / "test_labels.json"

    @property
    def features(self) -> Path:
        """Features of frozen backbones."""
        return self.results / "features"

    @property
    def runs(self) -> Path:
        """Histories and predictions."""
        return self.results / "runs"

    @property
    def models(self) -> Path:
        """Trained networks that are kept."""
        return self.results / "models"

    @property
    def evaluation(self) -> Path:
        """Scores of all runs, and their stacked predictions."""
        return self.results / "evaluation"

    @property
    def curves(self) -> Path:
        """The table behind `dvc plots`."""
        return self.results / "curves.tsv"

    @property
    def latency(self) -> Path:
        """Measured cost of the models."""
        return self.results / "latency.json"

    @property
    def analysis(self) -> Path:
        """Estimates, comparisons, findings and claims."""
        return self.results / "analysis"

    @property
    def attention(self) -> Path:
        """Attention maps."""
        return self.results / "attention"

    @property
    def figures(self) -> Path:
        """Drawings, their data, and the gallery."""
        return self.results / "figures"

    @property
    def report(self) -> Path:
        """The report in all its forms."""
        return self.results / "report"

    @property
    def export(self) -> Path:
        """Exports: tables, drawings, predictions, the recommended network."""
        return self.results / "export"

    def condition_file(self, key: ConditionKey) -> Path:
        """The resolved condition, a JSON file that its training stage depends on."""
        return self.plan / key.strategy / f"{key.name}.json"

    def given_condition_file(self, key: ConditionKey) -> Path:
        """The resolved condition with the values to choose from."""
        return self.given / key.strategy / f"{key.name}.json"

    def trials_folder(self, key: ConditionKey, seed: int) -> Path:
        """Trials of a condition by one seed."""
        return self.tried / key.strategy / key.name / str(seed)

    def trials_file(self, key: ConditionKey, seed: int) -> Path:
        """The record of these trials."""
        return self.trials_folder(key, seed) / "trials.json"

    def trial_file(self, fingerprint: str) -> Path:
        """The record of one trial, for when it is asked for again."""
        return self.trials / f"{fingerprint}.json"

    def tuning_file(self) -> Path:
        """What was tried and chosen; there is none where nothing is tuned."""
        return self.plan / "tuning.json"

    def given_order_file(self) -> Path:
        """In which order the settings name conditions and models."""
        return self.given / "order.json"

    def order_file(self) -> Path:
        """The same, as part of the plan."""
        return self.plan / "order.json"

    def model_plan_file(self, model: str) -> Path:
        """Return the JSON file of settings that decide a model's features, on which the features stage depends."""
        return self.given / "models" / f"{model}.json"

    def weights_file(self, model: str) -> Path:
        """The initial weights of a model, as safetensors, without the head."""
        return self.weights / f"{model}.safetensors"

    def weights_record_file(self, model: str) -> Path:
        """The record of a model's initial weights."""
        return self.weights / f"{model}.json"

    def images_file(self, split: Split) -> Path:
        """Images of a split: unsigned bytes, (images, image_px, image_px, channels)."""
        return self.data / f"{split}.npy"

    def table_file(self, split: Split) -> Path:
        """The table of a split."""
        return self.data / f"{split}.json"

    def data_description_file(self) -> Path:
        """Return the file that describes the data set and the findings of its checks."""
        return self.data / "description.json"

    def test_characteristics_file(self) -> Path:
        """Return the file of the test images' characteristics."""
        return self.data / "test_characteristics.json"

    def features_file(self, model: str, split: Split) -> Path:
        """Features of a split by a frozen backbone: float32, (images, features)."""
        return self.features / model / f"{split}.npy"

    def run_folder(self, key: ConditionKey, seed: int) -> Path:
        """History and predictions of one run."""
        return self.runs / key.strategy / key.name / str(seed)

    def history_file(self, key: ConditionKey, seed: int) -> Path:
        """The history of one run."""
        return history_in(self.run_folder(key, seed))

    def probabilities_file(self, key: ConditionKey, seed: int, split: Split) -> Path:
        """Predicted probabilities of one run: float32, (images, classes)."""
        return probabilities_in(self.run_folder(key, seed), split)

    def fraction_folder(self, key: ConditionKey, fraction: float, seed: int) -> Path:
        """History and predictions of one run on a fraction of the training images."""
        return self.runs / "fractions" / key.strategy / key.name / str(fraction) / str(seed)

    def fold_folder(self, key: ConditionKey, number: int) -> Path:
        """History, predictions and test rows of the run that tests one fold of one repeat."""
        return self.runs / "folds" / key.strategy / key.name / str(number)

    def folds_file(self, key: ConditionKey) -> Path:
        """Predictions of all folds of a condition: float32, (repeats, images, classes)."""
        return self.evaluation / "folds" / key.strategy / f"{key.name}.npy"

    def model_folder(self, key: ConditionKey, seed: int) -> Path:
        """The trained weights of one run, where they are kept."""
        return self.models / key.strategy / key.name / str(seed)

    def kept_model_file(self, key: ConditionKey, seed: int) -> Path:
        """The trained network of one run, as safetensors, where it is kept."""
        return self.model_folder(key, seed) / "model.safetensors"

    def checkpoint_file(self, fingerprint: str) -> Path:
        """The state of an interrupted run, by the hash of everything that decides its result."""
        return self.checkpoints / fingerprint / "state.pt"

    def external_folder(self, name: str) -> Path:
        """Predictions of the kept networks for an external set of images, and its labels, which nothing trains on."""
        return self.runs / "external" / name

    def external_file(self, name: str) -> Path:
        """The record of an external set."""
        return self.external_folder(name) / "set.json"

    def external_predictions_file(self, name: str, key: ConditionKey) -> Path:
        """Probabilities by the kept runs of a condition: float32, (seeds, images, classes)."""
        return self.external_folder(name) / key.strategy / f"{key.name}.npy"

    def evaluation_file(self) -> Path:
        """The record of all runs and their scores."""
        return self.evaluation / "evaluation.json"

    def stacked_probabilities_file(self, key: ConditionKey, split: Split) -> Path:
        """Predicted probabilities of all runs of a condition: float32, (seeds, images, classes)."""
        return self.evaluation / split / key.strategy / f"{key.name}.npy"

    def fraction_probabilities_file(self, key: ConditionKey, fraction: float) -> Path:
        """The same of test images by runs on a fraction of the training images."""
        return self.evaluation / "fractions" / key.strategy / key.name / f"{fraction}.npy"

    def external_probabilities_file(self, name: str, key: ConditionKey) -> Path:
        """The same, where the analysis reads it."""
        return self.evaluation / "external" / name / key.strategy / f"{key.name}.npy"

    def analysis_file(self) -> Path:
        """Return the file of findings with their evidence."""
        return self.analysis / "analysis.json"

    def clinical_file(self) -> Path:
        """Clinical numbers of the conditions that the report shows."""
        return self.analysis / "clinical.json"

    def attention_file(self) -> Path:
        """Whose attention maps there are."""
        return self.attention / "attention.json"

    def attention_maps_file(self) -> Path:
        """Attention maps: float32, (images, 2, cells, cells), for the true class and for the predicted one."""
        return self.attention / "maps.npy"

    def figures_file(self) -> Path:
        """The record of all figures, whose drawings lie next to it."""
        return self.figures / "figures.json"

    def report_file(self, ending: str) -> Path:
        """The report as HTML, PDF, Markdown or JSON."""
        return self.report / f"report.{ending}"


def history_in(folder: Path) -> Path:
    """The history of the run of a folder."""
    return folder / "history.json"


def probabilities_in(folder: Path, split: Split) -> Path:
    """Predicted probabilities of the run of a folder."""
    return folder / f"{split}_probabilities.npy"


def rows_of_fold_in(folder: Path) -> Path:
    """Rows of the images that the run of a fold was tested on."""
    return folder / "tested_rows.npy"


HERE = Layout()
"""The study in the current folder."""
