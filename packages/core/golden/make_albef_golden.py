"""Golden values of ALBEF's contrastive towers, small and randomly initialised.

    pip install torch transformers timm safetensors
    python packages/core/golden/make_albef_golden.py

ALBEF's published code is a timm vision transformer (normalisation epsilon 1e-6) and a BERT of which only the layers
without cross-attention see a text alone, each followed by a linear projection. Here timm's and transformers' own
classes stand for both. Writes albef-tiny/ALBEF.pth (float16, as torch.save writes a training checkpoint, with a
fusion layer that must be left out) and albef-tiny/expected.safetensors.
"""

from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file
from timm.models.vision_transformer import VisionTransformer
from torch import nn
from transformers import BertConfig, BertModel

HERE = Path(__file__).parent / "albef-tiny"


class Towers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.visual_encoder = VisionTransformer(
            img_size=24, patch_size=8, embed_dim=32, depth=2, num_heads=4, mlp_ratio=2.5, qkv_bias=True,
            num_classes=0, global_pool="token", norm_layer=partial(nn.LayerNorm, eps=1e-6),
        )
        self.text_encoder = BertModel(
            BertConfig(
                vocab_size=60, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=64,
                max_position_embeddings=16,
            ),
            add_pooling_layer=False,
        )
        self.vision_proj = nn.Linear(32, 20)
        self.text_proj = nn.Linear(24, 20)


def main() -> None:
    torch.manual_seed(11)
    model = Towers().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            is_scale = "norm" in name.lower() and name.endswith("weight")
            is_matrix = parameter.ndim >= 2 and "embeddings" not in name and "embed" not in name.split(".")[-1]
            is_matrix = is_matrix and not name.endswith("cls_token")
            value = 1 + 0.1 * noise if is_scale else noise * (parameter[0].numel() ** -0.5 if is_matrix else 0.3)
            parameter.copy_(value.half().float())
        pixels = torch.randn(3, 3, 24, 24).half().float()
        rows = [[3, 5, 9, 33, 4], [3, 4], [3, 7, 8, 9, 10, 11, 12, 13, 14, 4]]
        ids = torch.tensor([row + [0] * (10 - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (10 - len(row)) for row in rows])
        images = model.vision_proj(model.visual_encoder.forward_features(pixels)[:, 0])
        texts = model.text_proj(model.text_encoder(ids, attention_mask=mask).last_hidden_state[:, 0])
    HERE.mkdir(exist_ok=True)
    weights = {k: v.half() for k, v in model.state_dict().items() if v.is_floating_point()}
    fusion = {k.replace("layer.1.", "layer.2."): v + 1 for k, v in weights.items() if ".layer.1." in k}
    fusion["text_encoder.encoder.layer.2.crossattention.self.query.weight"] = torch.zeros(24, 32).half()
    torch.save({"model": weights | fusion, "config": {"image_res": 24}, "epoch": 3}, HERE / "ALBEF.pth")
    save_file(
        dict(
            pixels=pixels.half(), ids=ids.int(), lengths=mask.sum(1).int(), images=images.contiguous(),
            texts=texts.contiguous(),
        ),
        HERE / "expected.safetensors",
    )


if __name__ == "__main__":
    main()
