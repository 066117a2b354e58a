"""Golden PyTorch checkpoints: the zip form, the form before 1.6, and files that must be refused.

    pip install torch safetensors
    python packages/core/golden/make_checkpoint_golden.py

Writes checkpoints/*.pth and checkpoints/expected.safetensors with the same tensors as PyTorch reads them.
`runs-code.pth` would create a file named `was-executed` if anything ran it.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent / "checkpoints"


class RunsCode:
    def __reduce__(self):
        return (open, ("was-executed", "w"))


def state_dict() -> dict:
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
    return {
        "plain": base,
        "transposed": base.t(),
        "window": base[1:3, 2:5],
        "every_second": base[:, ::2],
        "half": (base / 3).half(),
        "bfloat": (base / 3).bfloat16(),
        "double": (base / 3).double(),
        "long": torch.tensor([-3, 2**40]),
        "int": torch.tensor([7, -8], dtype=torch.int32),
        "short": torch.tensor([300], dtype=torch.int16),
        "byte": torch.tensor([255], dtype=torch.uint8),
        "char": torch.tensor([-128], dtype=torch.int8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "row_of_plain": base[2],
    }


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    tensors = state_dict()
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, HERE / "expected.safetensors")
    training = {
        "model": {f"module.{k}": v for k, v in tensors.items()},
        "optimizer": {"state": {0: {"step": 3}}, "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999)}]},
        "config": {"image_res": 384, "note": "déjà vu", "nothing": None, "flags": [True, False], "big": 2**70},
        "epoch": 7,
    }
    torch.save(training, HERE / "zip.pth")
    torch.save(training, HERE / "legacy.pth", _use_new_zipfile_serialization=False)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LayerNorm(3))
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) + i / 4)
    torch.save(model.state_dict(), HERE / "module.pth")
    torch.save({"weights": torch.zeros(1), "extra": RunsCode()}, HERE / "runs-code.pth")
    torch.save(model, HERE / "whole-module.pth")
