"""Numbers of PyTorch's AdamW and gradient clipping, for the tests of ours.

Made with torch 2.13.0 (CPU): python make-golden.py   (writes golden.json beside this file)
"""

import json
import pathlib

import torch

torch.manual_seed(7)
shapes = {"matrix": [3, 4], "vector": [5]}
groups = {"matrix": {"lr": 1e-2, "weight_decay": 0.1}, "vector": {"lr": 5e-3, "weight_decay": 0.0}}
STEPS = 4


def flat(tensor):
    return [float(x) for x in tensor.detach().reshape(-1)]


parameters = {name: torch.nn.Parameter(torch.randn(shape)) for name, shape in shapes.items()}
start = {name: flat(p) for name, p in parameters.items()}
optimiser = torch.optim.AdamW(
    [{"params": [p], **groups[name]} for name, p in parameters.items()], betas=(0.9, 0.98), eps=1e-6
)
steps = []
for step in range(STEPS):
    gradients = {name: torch.randn(shape) * 10.0 ** (step - 2) for name, shape in shapes.items()}
    gradients["vector"][1] = 0.0
    for name, p in parameters.items():
        p.grad = gradients[name].clone()
    optimiser.step()
    steps.append(
        {
            "gradients": {name: flat(g) for name, g in gradients.items()},
            "parameters": {name: flat(p) for name, p in parameters.items()},
            "first": {name: flat(optimiser.state[p]["exp_avg"]) for name, p in parameters.items()},
            "second": {name: flat(optimiser.state[p]["exp_avg_sq"]) for name, p in parameters.items()},
        }
    )

clips = []
for limit in (0.5, 100.0):
    for name, p in parameters.items():
        p.grad = torch.randn(shapes[name]) * 3
    before = {name: flat(p.grad) for name, p in parameters.items()}
    norm = torch.nn.utils.clip_grad_norm_(list(parameters.values()), limit)
    clips.append(
        {"limit": limit, "norm": float(norm), "before": before, "after": {n: flat(p.grad) for n, p in parameters.items()}}
    )

golden = {
    "torch": torch.__version__.split("+")[0],
    "options": {"beta1": 0.9, "beta2": 0.98, "epsilon": 1e-6},
    "groups": groups,
    "shapes": shapes,
    "start": start,
    "steps": steps,
    "clips": clips,
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
