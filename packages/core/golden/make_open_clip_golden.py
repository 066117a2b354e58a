"""Golden values of CLIP from OpenCLIP's own code, small and randomly initialised.

    pip install torch open_clip_torch safetensors
    python packages/core/golden/make_open_clip_golden.py

Writes open-clip-tiny{,-custom}/: open_clip_config.json, the weights (one as safetensors, one as a PyTorch
checkpoint, both float16) and expected.safetensors.
"""

import json
from pathlib import Path

import torch
from open_clip.model import CLIP, CustomTextCLIP
from safetensors.torch import save_file

HERE = Path(__file__).parent
VISION = dict(image_size=24, patch_size=8, width=32, layers=2, head_width=8, mlp_ratio=2.5)
TEXT = dict(context_length=12, vocab_size=60, width=24, heads=4, layers=2)
PREPROCESS = dict(mean=[0.5, 0.4, 0.3], std=[0.2, 0.3, 0.4], interpolation="bicubic", resize_mode="shortest")


def make(name: str, kind: type, quick_gelu: bool, text: dict, seed: int, weights_file: str) -> None:
    torch.manual_seed(seed)
    model = kind(embed_dim=20, vision_cfg=VISION, text_cfg=text, quick_gelu=quick_gelu).eval()
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            is_scale = "ln_" in parameter_name and parameter_name.endswith("weight")
            is_matrix = parameter.ndim >= 2 and "embedding" not in parameter_name
            value = 1 + 0.1 * noise if is_scale else noise * (parameter[0].numel() ** -0.5 if is_matrix else 0.3)
            parameter.copy_(value.half().float())
        pixels = torch.randn(3, 3, 24, 24).half().float()
        rows = [[1, 5, 9, 33, 59], [1, 59], [1, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15, 59]]
        ids = torch.tensor([row + [0] * (12 - len(row)) for row in rows])
        expected = dict(
            pixels=pixels.half(), ids=ids.int(), images=model.encode_image(pixels), texts=model.encode_text(ids),
            image_units=model.encode_image(pixels, normalize=True), text_units=model.encode_text(ids, normalize=True),
        )
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = dict(embed_dim=20, vision_cfg=VISION, text_cfg=text)
    if quick_gelu:
        config["quick_gelu"] = True
    if kind is CustomTextCLIP:
        config["custom_text"] = True
    file = dict(model_cfg=config, preprocess_cfg=PREPROCESS)
    (folder / "open_clip_config.json").write_text(json.dumps(file, indent=1) + "\n")
    weights = {k: v.half().contiguous() for k, v in model.state_dict().items() if v.is_floating_point()}
    if weights_file.endswith(".bin"):
        torch.save(weights, folder / weights_file)
    else:
        save_file(weights, folder / weights_file)
    save_file({k: v.contiguous() for k, v in expected.items()}, folder / "expected.safetensors")


if __name__ == "__main__":
    make("open-clip-tiny", CLIP, False, TEXT, 1, "open_clip_model.safetensors")
    make("open-clip-tiny-custom", CustomTextCLIP, True, TEXT | dict(pool_type="eos", eos_id=59), 2, "open_clip_pytorch_model.bin")
