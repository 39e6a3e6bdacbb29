"""A backbone cut in two where training begins: what is frozen, and the rest.

The cut lies between the network's own blocks, as far back as nothing trains and nothing is drawn at random. Source of
the graph that it is found in: Reed et al., "torch.fx: Practical Program Capture and Transformation for Deep Learning in
Python", MLSys 2022.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from torch import fx, nn

from transfer_report.models.blocks import blocks

DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)


class CutBackbone(NamedTuple):
    """The two parts of a backbone; they share its modules, and so its weights and modes."""

    frozen: nn.Module
    """Images → one tensor, (batch, …), the same in training and in evaluation."""
    rest: nn.Module
    """This tensor → features."""


def split(backbone: nn.Module) -> CutBackbone | None:
    """Cut a backbone behind what is frozen of it.

    Args:
        backbone: in training mode, but for its frozen modules.

    Returns:
        None where nothing is frozen, where more than one tensor leads from the frozen part to the rest, or where the
        way from block to block depends on numbers or on the mode.
    """
    whole = nn.Sequential(backbone)  # takes images alone, whatever else the backbone's own `forward` may take
    graph = _outline(whole, backbone)
    if graph is None:
        return None
    fixed: set[fx.Node] = set()
    for node in graph.nodes:
        if node.op != "output" and fixed.issuperset(node.all_input_nodes) and _stays(node, whole):
            fixed.add(node)
    leading = {node for node in fixed if not fixed.issuperset(node.users)}
    ends = [node for node in leading if not _is_anywhere(node)]
    if len(ends) != 1 or ends[0].op == "placeholder":
        return None
    before, behind = fx.Graph(), fx.Graph()
    copies = _copy(graph, before, {}, lambda node: node in fixed)
    before.output(copies[ends[0]])
    inputs = behind.placeholder("inputs")
    given = dict.fromkeys((*graph.find_nodes(op="placeholder"), ends[0]), inputs)  # of images, for their number
    _copy(graph, behind, given, lambda node: node not in fixed or (node in leading and _is_anywhere(node)))
    return CutBackbone(fx.GraphModule(whole, before), fx.GraphModule(whole, behind))


class _Outliner(fx.Tracer):
    """Follows a network from block to block, without a look inside of them."""

    def __init__(self, containers: Collection[nn.Module]) -> None:
        super().__init__()
        self.containers = containers

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:  # noqa: ARG002  # PyTorch's signature
        """Return whether a module is one step, as it is unless it holds blocks."""
        return m not in self.containers


def _outline(whole: nn.Module, backbone: nn.Module) -> fx.Graph | None:
    """The steps of a network; None where they are not the same in training and in evaluation, or cannot be followed."""
    parts = {module for block in blocks(backbone) for module in block.modules}
    containers = {module for module in whole.modules() if module not in parts and parts & set(module.modules())}
    modes = {module: module.training for module in backbone.modules()}
    try:
        trained = _Outliner(containers).trace(whole)
        scored = _Outliner(containers).trace(whole.eval())
    except Exception:  # what a network's own code does with stand-ins for tensors is not foreseeable
        return None
    finally:
        for module, mode in modes.items():
            module.training = mode
    return trained if str(trained) == str(scored) else None


def _stays(node: fx.Node, whole: nn.Module) -> bool:
    """Return whether a step gives the same for the same inputs in every epoch."""
    if node.op == "get_attr":
        owner, _, name = str(node.target).rpartition(".")
        return not getattr(whole.get_submodule(owner), name).requires_grad
    if node.op != "call_module":
        return True
    module = whole.get_submodule(str(node.target))
    draws = any(isinstance(part, DROPOUTS) and part.p > 0 and part.training for part in module.modules())
    return not draws and not any(parameter.requires_grad for parameter in module.parameters())


def _is_anywhere(node: fx.Node) -> bool:
    """Return whether a step serves both parts alike: a parameter by itself, the number of images of a batch."""
    return node.op == "get_attr" or (node.op == "call_method" and node.target == "size" and node.args[1:] == (0,))


def _copy(
    graph: fx.Graph, into: fx.Graph, copies: dict[fx.Node, fx.Node], wanted: Callable[[fx.Node], bool]
) -> dict[fx.Node, fx.Node]:
    """Copy some steps of a graph into another; returns the copies, with those that there were."""
    for node in graph.nodes:
        if node not in copies and wanted(node):
            copies[node] = into.node_copy(node, copies.__getitem__)
    return copies
