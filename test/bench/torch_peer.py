"""The image encoder of the bench in PyTorch: convolutional stem, pre-norm transformer, mean pooling, projection.

Started by the bench, never by hand. The first line on stdin is the problem as JSON (sizes, threads, file of the
weights); each further line is a request: {"task": "embed" | "forward" | "step" | "losses"}. Answers are JSON lines.
"""

import json
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        hidden = self.up(self.norm2(x))
        return x + self.down(hidden * torch.sigmoid(1.702 * hidden))


class ImageEncoder(nn.Module):
    def __init__(self, image, embedding):
        super().__init__()
        channels = [3, *image["stem"]]
        self.stem = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(channels, channels[1:])
        )
        grid = image["size"] // 2 ** len(image["stem"])
        self.positions = nn.Parameter(torch.zeros(grid * grid, image["width"]))
        self.blocks = nn.ModuleList(
            Block(image["width"], image["heads"], image["hidden"]) for _ in range(image["layers"])
        )
        self.norm = nn.LayerNorm(image["width"])
        self.projection = nn.Linear(image["width"], embedding, bias=False)

    def forward(self, pixels):
        x = (pixels.permute(0, 3, 1, 2).float() - 127.5) / 127.5
        for index, layer in enumerate(self.stem):
            x = layer(x)
            if index < len(self.stem) - 1:
                x = torch.relu(x)
        x = x.flatten(2).transpose(1, 2) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.projection(self.norm(x).mean(1))


def main():
    problem = json.loads(sys.stdin.readline())
    torch.set_num_threads(problem["threads"])
    data = numpy.fromfile(problem["file"], dtype=numpy.uint8)

    def read(part, dtype):
        flat = data[part["start"] : part["start"] + part["bytes"]].view(dtype)
        return torch.from_numpy(flat.copy()).reshape(part["shape"])

    model = ImageEncoder(problem["image"], problem["embedding"])
    weights = {name: read(part, numpy.float32) for name, part in problem["weights"].items()}
    # Missing, unexpected or misshapen weights stop the bench here.
    model.load_state_dict(weights, strict=True)
    pixels = read(problem["pixels"], numpy.uint8)
    target = F.normalize(read(problem["target"], numpy.float32), dim=-1)
    training = problem["training"]
    optimiser = torch.optim.AdamW(
        model.parameters(),
        lr=training["learningRate"],
        betas=(training["beta1"], training["beta2"]),
        eps=training["epsilon"],
        weight_decay=training["decay"],
    )
    losses = []

    def forward():
        with torch.inference_mode():
            return model(pixels)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = (1 - (F.normalize(model(pixels), dim=-1) * target).sum(-1)).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), training["clipNorm"])
        optimiser.step()
        losses.append(loss.item())

    answer({"torch": torch.__version__})
    for line in sys.stdin:
        task = json.loads(line)["task"]
        if task == "embed":
            answer({"embedding": forward().flatten().tolist()})
        elif task == "losses":
            answer({"losses": losses})
        else:
            started = time.perf_counter()
            forward() if task == "forward" else step()
            answer({"ms": 1000 * (time.perf_counter() - started)})


def answer(record):
    print(json.dumps(record), flush=True)


main()
