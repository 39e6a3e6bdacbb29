import subprocess
import sys

import pytest

START = "from transfer_report.models import vision; import sys, torch; "
TRAIN = """
from transfer_report.models.devices import make_deterministic
make_deterministic()
assert torch.are_deterministic_algorithms_enabled() and torch.is_deterministic_algorithms_warn_only_enabled()
layer = torch.nn.Linear(2, 2)
optimizer = torch.optim.Adam(layer.parameters(), fused=True)
layer(torch.ones(1, 2)).sum().backward()
optimizer.step()
optimizer.zero_grad()
assert "sympy" not in sys.modules
"""


@pytest.mark.parametrize(
    "code",
    [
        TRAIN,
        "assert torch.compile(lambda x: x + 1, backend='eager')(torch.ones(1)).item() == 2",
        "from torch._dynamo.backends.registry import list_backends; assert 'inductor' in list_backends()",
        "import torch._dynamo.config; torch._dynamo.config.verbose = False; torch._dynamo.reset()",
        "from torch._dynamo.utils import is_compile_supported; assert is_compile_supported('cpu') in (True, False)",
    ],
    ids=["training does without", "compile", "a submodule", "an attribute", "the question itself"],
)
def test_the_compiler_comes_when_it_is_asked_for(code):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
