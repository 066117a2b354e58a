"""Values and gradients of contrastive and triplet losses from PyTorch, for the tests of ours.

Made with torch 2.13.0 (CPU, float64): python make-golden.py   (writes golden.json beside this file)
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
COUNT, WIDTH, MARGIN = 6, 5, 0.25
BLOCKED = [(0, 3), (3, 0), (1, 4)]

# Rounded to float32, so that ours starts from the very same numbers.
raw = {name: torch.randn(COUNT, WIDTH).float().double() for name in ("a", "b", "c")}
scale = torch.tensor(1.5)


def flat(tensor):
    return [float(x) for x in tensor.detach().reshape(-1)]


def case(build, names):
    leaves = {name: raw[name].clone().requires_grad_() for name in names}
    log_scale = scale.clone().requires_grad_()
    unit = [F.normalize(leaves[name], dim=-1) for name in names]
    loss = build(*unit, log_scale)
    loss.backward()
    gradients = {name: flat(leaf.grad) for name, leaf in leaves.items()}
    if log_scale.grad is not None:
        gradients["scale"] = [float(log_scale.grad)]
    return {"loss": float(loss), "gradients": gradients}


def info_nce(a, b, log_scale, symmetric=True, blocked=False):
    logits = log_scale.exp() * a @ b.T
    mask = torch.zeros(COUNT, COUNT)
    if blocked:
        for row, column in BLOCKED:
            mask[row, column] = -30000.0
    target = torch.arange(COUNT)
    forward = F.cross_entropy(logits + mask, target)
    return (forward + F.cross_entropy(logits.T + mask, target)) / 2 if symmetric else forward


def triplet(a, b, c, _scale):
    distance = lambda x, y: 1 - F.cosine_similarity(x, y)
    return F.triplet_margin_with_distance_loss(a, b, c, distance_function=distance, margin=MARGIN)


golden = {
    "torch": torch.__version__.split("+")[0],
    "shape": [COUNT, WIDTH],
    "scale": float(scale),
    "margin": MARGIN,
    "blocked": BLOCKED,
    "inputs": {name: flat(x) for name, x in raw.items()},
    "cases": {
        "symmetric": case(info_nce, ["a", "b"]),
        "oneWay": case(lambda a, b, s: info_nce(a, b, s, symmetric=False), ["a", "b"]),
        "blocked": case(lambda a, b, s: info_nce(a, b, s, blocked=True), ["a", "b"]),
        "triplet": case(triplet, ["a", "b", "c"]),
        "cosine": case(lambda a, b, _s: (1 - F.cosine_similarity(a, b)).mean(), ["a", "b"]),
    },
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
