"""Stage `tune_fine_tuning`: tries values of one fine-tuning condition's settings by one seed."""

from transfer_report.conditions import ConditionKey
from transfer_report.files import read_record, write_record
from transfer_report.layout import HERE
from transfer_report.planning import Condition
from transfer_report.records.training import History
from transfer_report.stages.fine_tune import train_network
from transfer_report.training.checkpoints import checkpoint_of
from transfer_report.training.run import train_only
from transfer_report.training.run_files import read_description
from transfer_report.training.trials import try_values


def main(name: str, seed: int) -> None:
    """Write how the values of the condition of that name validate."""
    tune(ConditionKey("fine_tuning", name), seed)


def tune(key: ConditionKey, seed: int) -> None:
    """Write how the values of a condition that trains its network validate."""
    condition = read_record(HERE.given_condition_file(key), Condition)
    content = read_description().content_sha256

    def train(tried: Condition) -> History:
        (history, _), _ = train_network(tried, seed, train_only)
        checkpoint_of(tried, seed, content).mark_done()
        return history

    write_record(HERE.trials_file(key, seed), try_values(condition, seed, content, train))
