"""The image encoders of `npm run bench -- gpu` in PyTorch, on the graphics card.

Started by the bench, never by hand: the argument is JSON {"cases": [{model, batch}], "steps", "repeats", "tf32"}.
Prints a JSON line for each case: milliseconds of a forward pass and of a training step (medians), memory at the peak.
Pictures go up as bytes and embeddings come down, as in the bench's own side.
"""

import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

DEVICE = "cuda"


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


class Encoder(nn.Module):
    def __init__(self, shape):
        super().__init__()
        width = shape["width"]
        self.kind = shape["kind"]
        if self.kind == "small":
            channels = [3, *shape["stem"]]
            self.stem = nn.ModuleList(
                nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(channels, channels[1:])
            )
            tokens = (shape["size"] // 2 ** len(shape["stem"])) ** 2
        else:
            self.patch = nn.Conv2d(3, width, shape["patch"], stride=shape["patch"], bias=False)
            self.token = nn.Parameter(torch.zeros(width))
            self.pre = nn.LayerNorm(width)
            tokens = (shape["size"] // shape["patch"]) ** 2 + 1
        self.positions = nn.Parameter(torch.randn(tokens, width) * 0.02)
        self.blocks = nn.ModuleList(
            Block(width, shape["heads"], shape["hidden"]) for _ in range(shape["layers"])
        )
        self.norm = nn.LayerNorm(width)
        self.projection = nn.Linear(width, shape["embedding"], bias=False)

    def forward(self, pixels):
        x = (pixels.permute(0, 3, 1, 2).float() - 127.5) / 127.5
        if self.kind == "small":
            for index, layer in enumerate(self.stem):
                x = layer(x)
                if index < len(self.stem) - 1:
                    x = torch.relu(x)
            x = x.flatten(2).transpose(1, 2) + self.positions
        else:
            x = self.patch(x).flatten(2).transpose(1, 2)
            token = self.token.expand(x.shape[0], 1, -1)
            x = self.pre(torch.cat([token, x], 1) + self.positions)
        for block in self.blocks:
            x = block(x)
        if self.kind == "small":
            return self.projection(self.norm(x).mean(1))
        return self.projection(self.norm(x[:, 0]))


def median_ms(run, repeats, steps):
    run()
    torch.cuda.synchronize()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        for _ in range(steps):
            run()
        torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - started) / steps)
    return statistics.median(times)


def measure(shape, batch, steps, repeats):
    torch.cuda.reset_peak_memory_stats()
    model = Encoder(shape).to(DEVICE)
    pixels = torch.randint(0, 256, (batch, shape["size"], shape["size"], 3), dtype=torch.uint8)
    target = F.normalize(torch.randn(batch, shape["embedding"]), dim=-1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.98), weight_decay=0.05)

    def forward():
        with torch.inference_mode():
            model(pixels.to(DEVICE)).cpu()

    def step():
        optimiser.zero_grad(set_to_none=True)
        made = F.normalize(model(pixels.to(DEVICE)), dim=-1)
        loss = (1 - (made * target.to(DEVICE)).sum(-1)).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return {
        "forward": median_ms(forward, 3 * repeats, 1),
        "step": median_ms(step, repeats, steps),
        "memoryMb": torch.cuda.max_memory_allocated() / 2**20,
    }


def main():
    asked = json.loads(sys.argv[1])
    torch.set_float32_matmul_precision("high" if asked["tf32"] else "highest")
    torch.backends.cudnn.allow_tf32 = asked["tf32"]
    print(json.dumps({"torch": torch.__version__, "card": torch.cuda.get_device_name(0)}), flush=True)
    for case in asked["cases"]:
        shape = case["model"]
        try:
            result = measure(shape, case["batch"], asked["steps"], asked["repeats"])
        except torch.cuda.OutOfMemoryError as error:
            result = {"error": str(error).splitlines()[0]}
        print(json.dumps({**result, "name": case["name"], "batch": case["batch"]}), flush=True)
        torch.cuda.empty_cache()


main()
