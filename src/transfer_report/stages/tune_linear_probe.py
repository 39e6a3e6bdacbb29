"""Stage `tune_linear_probe`: tries values of one linear-probe condition's settings by one seed."""

from transfer_report.conditions import ConditionKey
from transfer_report.files import read_record, write_record
from transfer_report.layout import HERE
from transfer_report.models.devices import set_up
from transfer_report.planning import Condition
from transfer_report.records.training import History
from transfer_report.stages.linear_probe import new_head, read_features
from transfer_report.training.checkpoints import checkpoint_of
from transfer_report.training.run import train_only
from transfer_report.training.run_files import read_description
from transfer_report.training.trials import try_values


def main(name: str, seed: int) -> None:
    """Write how the values of the condition of that name validate."""
    key = ConditionKey("linear_probe", name)
    condition = read_record(HERE.given_condition_file(key), Condition)
    computing = set_up(condition.compute)
    description = read_description()
    data = read_features(condition.model, len(description.classes), computing.device)

    def train(tried: Condition) -> History:
        checkpoint = checkpoint_of(tried, seed, description.content_sha256)
        head = new_head(tried, data, seed, computing.device)
        history, _ = train_only(head, data, tried, seed, computing.precision, checkpoint)
        checkpoint.mark_done()
        return history

    write_record(HERE.trials_file(key, seed), try_values(condition, seed, description.content_sha256, train))
