"""Golden activations of VGG-19 cut at a layer.

    pip install torch torchvision safetensors
    python packages/core/golden/make_vgg_golden.py [<vgg19-normalised-conv3_1.safetensors>]

Writes vgg-tiny/features.pth: torchvision's first three convolutions with random weights (float16, under its own
names), and vgg-tiny/expected.safetensors: pixels in [0, 1] and the activation of conv2_1 after its ReLU.
With the normalised VGG of style transfer as argument (not part of this repository), also
vgg-tiny/normalised.safetensors: its conv2_2 and conv3_1 on the same pixels, every 7th value.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F
from torchvision.models import vgg19

HERE = Path(__file__).parent / "vgg-tiny"
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def torchvision_part(pixels: torch.Tensor) -> None:
    torch.manual_seed(21)
    # conv1_1, ReLU, conv1_2, ReLU, pooling, conv2_1, ReLU
    features = vgg19(weights=None).features[:7].eval()
    for parameter in features.parameters():
        parameter.data = parameter.data.half().float()
        if parameter.ndim == 1:
            parameter.data = (0.1 * torch.randn_like(parameter)).half().float()
    shape = (1, 3, 1, 1)
    normalised = (pixels - torch.tensor(MEAN).reshape(shape)) / torch.tensor(STD).reshape(shape)
    activation = features(normalised)
    torch.save({f"features.{k}": v.half() for k, v in features.state_dict().items()}, HERE / "features.pth")
    save_file(dict(pixels=pixels.half(), conv2_1=activation.contiguous()), HERE / "expected.safetensors")


def normalised_part(path: str, pixels: torch.Tensor) -> None:
    weights = load_file(path)

    def conv(x: torch.Tensor, name: str) -> torch.Tensor:
        x = F.pad(x, (1, 1, 1, 1), mode="reflect")
        return F.relu(F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"]))

    x = F.conv2d(pixels, weights["preprocess.weight"], weights["preprocess.bias"])
    x = F.max_pool2d(conv(conv(x, "conv1_1"), "conv1_2"), 2)
    second = conv(conv(x, "conv2_1"), "conv2_2")
    third = conv(F.max_pool2d(second, 2), "conv3_1")
    samples = {k: v.flatten()[::7].contiguous() for k, v in dict(conv2_2=second, conv3_1=third).items()}
    save_file(samples, HERE / "normalised.safetensors")


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(5)
    photo = torch.rand(2, 3, 16, 12, generator=generator).half().float()
    with torch.no_grad():
        torchvision_part(photo)
        if len(sys.argv) > 1:
            normalised_part(sys.argv[1], photo)
