import hashlib
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import torch
from safetensors.torch import load

from transfer_report.errors import UserError
from transfer_report.models import initial_weights as module
from transfer_report.models.backbones import build_classifier
from transfer_report.models.pretrained import WeightsFile, current_key
from transfer_report.planning import Model
from transfer_report.settings import WeightsSettings

MODEL = Model(name="small", architecture="squeezenet1_1", weights="imagenet")
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Publish a state dict as an ImageNet file of any network; returns its path. Nothing leaves this machine."""
    monkeypatch.setattr(module, "torch_cache", lambda: tmp_path / "cache")

    def write(state, folder="weights", address=UNREACHABLE):
        path = tmp_path / folder / "small.pth"
        path.parent.mkdir(exist_ok=True)
        torch.save(state, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        path = path.rename(path.with_name(f"small-{digest}.pth"))
        file = WeightsFile("Small.IMAGENET1K_V1", path.name, f"{address}/{path.name}")
        monkeypatch.setattr(module, "imagenet_file", lambda *_: file)
        return path

    return write


@pytest.fixture
def settings(tmp_path):
    values = {"source": "imagenet", "if_unavailable": "random", "download": False, "seed": 3}
    return lambda **changes: WeightsSettings(**values | {"path": str(tmp_path / "weights")} | changes)


@contextmanager
def serving(folder):
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def published_state():
    torch.manual_seed(7)
    return build_classifier("squeezenet1_1").state_dict()


@pytest.mark.parametrize("folder", ["weights", "cache"])
def test_a_file_in_the_folder_or_the_cache_is_loaded(publish, settings, folder):
    state = published_state()
    path = publish(state, folder)
    record, content = module.initial_weights(MODEL, settings())
    weights = load(content)
    assert (record.source, record.reason) == ("imagenet", "")
    assert record.origin == f"Small.IMAGENET1K_V1, {path.name}"
    assert record.sha256 == hashlib.sha256(content).hexdigest()
    assert set(weights) == {name for name in state if not name.startswith("classifier")}
    assert all(torch.equal(weights[name], state[name]) for name in weights)


def test_a_download_goes_into_the_cache_and_not_into_the_watched_folder(publish, settings, tmp_path):
    with serving(tmp_path / "server") as address:
        path = publish(published_state(), "server", address)
        record, _ = module.initial_weights(MODEL, settings(download=True))
    assert record.source == "imagenet"
    assert [file.name for file in (tmp_path / "cache").iterdir()] == [path.name]
    assert not (tmp_path / "weights").exists()


def test_what_is_downloaded_must_have_its_hash(publish, settings, tmp_path):
    with serving(tmp_path / "server") as address:
        publish(published_state(), "server", address).write_bytes(b"another file")
        with pytest.raises(UserError, match="its SHA-256 begins with"):
            module.initial_weights(MODEL, settings(download=True))
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize(("download", "why"), [(True, "its download failed"), (False, "downloads are off")])
def test_where_there_is_none_a_seeded_draw_says_so(publish, settings, download, why):
    publish(published_state()).unlink()
    (first, content), (_, again) = (module.initial_weights(MODEL, settings(download=download)) for _ in range(2))
    assert content == again
    assert (first.requested, first.source) == ("imagenet", "random")
    assert why in first.reason
    assert first.origin == "random initialisation, seed 3"


def test_asking_for_random_weights_needs_no_reason(settings):
    record, content = module.initial_weights(MODEL.model_copy(update={"weights": "random"}), settings())
    assert (record.source, record.reason) == ("random", "")
    backbone, features = module.load_backbone("squeezenet1_1", content)
    assert features == record.feature_count == 512
    assert sum(parameter.numel() for parameter in backbone.parameters()) == record.parameters


def test_fail_names_file_folder_and_address(publish, settings):
    path = publish(published_state())
    path.unlink()
    with pytest.raises(UserError) as error:
        module.initial_weights(MODEL, settings(if_unavailable="fail"))
    assert all(part in str(error.value) for part in (path.name, str(path.parent), UNREACHABLE, "dvc repro"))


def test_a_damaged_file_is_named_with_both_hashes(publish, settings):
    path = publish(published_state())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match=rf"{path.name}: not the file .* expected {path.stem[-8:]}"):
        module.initial_weights(MODEL, settings())


@pytest.mark.parametrize("state", [{"features.0.weight": torch.zeros(2)}, torch.zeros(2), {"a": build_classifier}])
def test_weights_of_other_shapes_or_kinds_are_refused(publish, settings, state):
    path = publish(state)
    with pytest.raises(UserError, match=rf"{path.name}: its weights do not fit the network"):
        module.initial_weights(MODEL, settings())


def test_densenets_old_names_are_understood():
    old = "features.denseblock1.denselayer2.norm.1.weight"
    assert current_key(old) == "features.denseblock1.denselayer2.norm1.weight"
    assert current_key("features.norm5.weight") == "features.norm5.weight"


def test_missing_weights_are_fetched_into_the_watched_folder(publish, settings, tmp_path):
    with serving(tmp_path / "server") as address:
        path = publish(published_state(), "server", address)
        (tmp_path / "weights").mkdir()
        assert module.fetch_missing(MODEL, settings()) == f"{path.name} is now in {tmp_path / 'weights'}"
    assert module.fetch_missing(MODEL, settings()) == f"{path.name} is there"
    assert module.initial_weights(MODEL, settings())[0].source == "imagenet"


def test_weights_that_cannot_be_fetched_are_an_error_that_says_how_else(publish, settings):
    publish(published_state(), "elsewhere")
    with pytest.raises(UserError, match=r"cannot be downloaded; .* into the folder"):
        module.fetch_missing(MODEL, settings())
