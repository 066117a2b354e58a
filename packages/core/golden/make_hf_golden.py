"""Golden values of CLIP and BLIP from Hugging Face's own PyTorch models, small and randomly initialised.

    pip install torch transformers safetensors
    python packages/core/golden/make_hf_golden.py

Writes <name>/config.json, <name>/model.safetensors (float16; the model runs in float32 on the rounded weights)
and <name>/expected.safetensors: inputs (pixels, ids, lengths) and the embeddings before and after normalisation.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BlipConfig, BlipForImageTextRetrieval, CLIPConfig, CLIPModel

HERE = Path(__file__).parent


def randomise(model: torch.nn.Module, seed: int) -> None:
    """Weights large enough that every part matters, and exact in float16."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if "norm" in name.lower() and name.endswith("weight"):
                value = 1 + 0.1 * noise
            elif parameter.ndim >= 2 and "embed" not in name:
                value = noise * parameter[0].numel() ** -0.5
            else:
                value = 0.3 * noise
            parameter.copy_(value.half().float())


def weights_of(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    floats = {k: v for k, v in model.state_dict().items() if v.is_floating_point()}
    return {k: v.half().contiguous() for k, v in floats.items()}


def save(name: str, config: dict, weights: dict, expected: dict) -> None:
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    save_file(weights, folder / "model.safetensors")
    save_file({k: v.contiguous() for k, v in expected.items()}, folder / "expected.safetensors")


def padded(rows: list[list[int]], length: int, pad: int) -> torch.Tensor:
    return torch.tensor([row + [pad] * (length - len(row)) for row in rows])


def make_clip(name: str, activation: str, eos: int, configured_eos: int, pad: int, seed: int) -> None:
    common = dict(hidden_act=activation, num_hidden_layers=2, num_attention_heads=4)
    config = CLIPConfig(
        text_config=dict(
            vocab_size=60, hidden_size=24, intermediate_size=64, max_position_embeddings=12, projection_dim=20,
            bos_token_id=1, eos_token_id=configured_eos, pad_token_id=pad, **common,
        ),
        vision_config=dict(
            hidden_size=32, intermediate_size=80, image_size=24, patch_size=8, projection_dim=20, **common
        ),
        projection_dim=20,
    )
    model = CLIPModel(config).eval()
    randomise(model, seed)
    pixels = torch.randn(3, 3, 24, 24, generator=torch.Generator().manual_seed(seed + 1)).half().float()
    ids = padded([[1, 5, 9, 33, eos], [1, eos], [1, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15, eos]], 12, pad)
    with torch.no_grad():
        images = model.get_image_features(pixel_values=pixels).pooler_output
        texts = model.get_text_features(input_ids=ids).pooler_output
        outputs = model(input_ids=ids, pixel_values=pixels)
    expected = dict(
        pixels=pixels.half(), ids=ids.int(), images=images, texts=texts,
        image_units=outputs.image_embeds, text_units=outputs.text_embeds,
    )
    facts = config.to_dict()
    # Files of early releases say 2 here whatever the tokenizer's end token is, and pool at the largest id.
    facts["text_config"]["eos_token_id"] = configured_eos
    facts["model_type"] = "clip"
    save(name, facts, weights_of(model), expected)


def make_blip() -> None:
    config = BlipConfig(
        text_config=dict(
            vocab_size=60, hidden_size=24, encoder_hidden_size=32, intermediate_size=64, projection_dim=20,
            num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=16, bos_token_id=3, sep_token_id=4,
            pad_token_id=0,
        ),
        vision_config=dict(
            hidden_size=32, intermediate_size=80, image_size=24, patch_size=8, num_hidden_layers=2,
            num_attention_heads=4,
        ),
        image_text_hidden_size=20,
    )
    model = BlipForImageTextRetrieval(config).eval()
    randomise(model, 7)
    pixels = torch.randn(3, 3, 24, 24, generator=torch.Generator().manual_seed(8)).half().float()
    rows = [[3, 5, 9, 33, 4], [3, 4], [3, 7, 8, 9, 10, 11, 12, 13, 14, 4]]
    ids = padded(rows, 10, 0)
    mask = padded([[1] * len(row) for row in rows], 10, 0)
    with torch.no_grad():
        hidden = model.vision_model(pixel_values=pixels).last_hidden_state
        images = model.vision_proj(hidden[:, 0])
        states = model.text_encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        texts = model.text_proj(states[:, 0])
        scores = model(input_ids=ids, pixel_values=pixels, attention_mask=mask, use_itm_head=False).itm_score
    expected = dict(
        pixels=pixels.half(), ids=ids.int(), lengths=torch.tensor([len(row) for row in rows]).int(),
        images=images, texts=texts, scores=scores,
    )
    save("blip-tiny", config.to_dict() | {"model_type": "blip"}, weights_of(model), expected)


if __name__ == "__main__":
    make_clip("clip-tiny-legacy", "quick_gelu", eos=59, configured_eos=2, pad=59, seed=1)
    make_clip("clip-tiny-gelu", "gelu", eos=40, configured_eos=40, pad=50, seed=3)
    make_blip()
