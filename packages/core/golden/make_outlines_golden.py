"""Golden values of the outlines of a picture, by PyTorch's convolutions and pooling.

    pip install torch
    python packages/core/golden/make_outlines_golden.py

Writes eye/outlines.json: of a picture made by a formula (a disc and a slanted bar on a ramp), the histogram of 6 directions
over 8 by 8 cells: halved, blurred (deviation 1.25), Sobel, measured against the mean around (15 by 15), square root.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

S, CELLS, DIRECTIONS, BLUR, AROUND = 160, 8, 6, 1.25, 7
y, x, c = np.meshgrid(np.arange(S), np.arange(S), np.arange(3), indexing="ij")
image = (x + 2 * y) // 3 + 10 * c
image = np.where((x - 50) ** 2 + (y - 60) ** 2 < 900, 200 - 20 * c, image)
image = np.where(abs(2 * x - y - 120) < 12, 30, image)

grey = torch.tensor(image, dtype=torch.float32).mean(2)[None, None] / 255
grey = F.avg_pool2d(grey, 2)
reach = int(3 * BLUR + 0.5)
taps = torch.exp(-(torch.arange(-reach, reach + 1.0) ** 2) / 2 / BLUR**2)
taps /= taps.sum()
grey = F.pad(grey, (reach,) * 4, mode="replicate")
grey = F.conv2d(F.conv2d(grey, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))
sobel = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=torch.float32) / 4
grey = F.pad(grey, (1,) * 4, mode="replicate")
dx = F.conv2d(grey, sobel.view(1, 1, 3, 3))
dy = F.conv2d(grey, sobel.t().contiguous().view(1, 1, 3, 3))
strength = torch.sqrt(dx**2 + dy**2 + 1e-8)
around = F.avg_pool2d(F.pad(strength, (AROUND,) * 4, mode="replicate"), 2 * AROUND + 1, 1)
edges = torch.sqrt(strength / (around + 0.02))
angle = torch.atan2(dy, dx)
sure = (dx**2 + dy**2) / strength**2  # plain ground has no direction
cells = [
    F.adaptive_avg_pool2d(edges * torch.clamp(sure * torch.cos(2 * (angle - math.pi * k / DIRECTIONS)), 0) ** 4, CELLS)
    for k in range(DIRECTIONS)
]
out = torch.cat(cells, 1)[0]
values = {"cells": CELLS, "directions": DIRECTIONS, "values": [round(v, 5) for v in out.flatten().tolist()]}
(Path(__file__).parent / "eye" / "outlines.json").write_text(json.dumps(values) + "\n")
