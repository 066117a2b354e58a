"""Makes the reference pictures and values of the image tests with Pillow (12.3) and NumPy.

Run: python make_golden.py    (in this folder; overwrites the files beside it)

Each case follows Hugging Face's CLIPImageProcessor (the Pillow one): resize, centre crop, rescale by 1/255,
subtract the mean, divide by the deviation. The stored values are the 8-bit pixels after the crop, and a few of
the normalised ones.
"""

import base64
import json

import numpy as np
from PIL import Image

MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


def scene(width: int, height: int) -> np.ndarray:
    """Gradients, a disc with hard edges, stripes and grain: what resizing can get wrong."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = x / width, y / height
    rgb = np.stack([200 * u + 30, 180 * v + 40, 120 + 90 * np.sin(6 * u + 4 * v)], -1)
    disc = (u - 0.4) ** 2 + (v - 0.55) ** 2 < 0.06
    rgb[disc] = [230, 60, 40]
    rgb[(np.floor(x / 3) % 2 == 0) & (v < 0.25)] = [20, 40, 90]
    return np.clip(rgb + rng.normal(0, 6, rgb.shape), 0, 255).round().astype(np.uint8)


def fit(image: Image.Image, size: int, kernel: int, squash: bool) -> np.ndarray:
    width, height = image.size
    if squash:
        return np.asarray(image.resize((size, size), kernel))
    short = min(width, height)
    resized = image.resize((int(size * width / short), int(size * height / short)), kernel)
    left, top = (resized.width - size) // 2, (resized.height - size) // 2
    return np.asarray(resized)[top : top + size, left : left + size]


cases = []
kernels = {"bicubic": Image.BICUBIC, "bilinear": Image.BILINEAR}
for name, width, height, size, kernel, squash in [
    ("shrink", 150, 97, 32, "bicubic", False),
    ("shrink-tall", 71, 160, 28, "bilinear", False),
    ("shrink-far", 150, 97, 7, "bicubic", False),
    ("enlarge", 20, 15, 32, "bicubic", False),
    ("squash", 150, 97, 32, "bicubic", True),
]:
    image = Image.fromarray(scene(width, height))
    file = f"scene-{width}x{height}.png"
    image.save(file, optimize=True)
    pixels = fit(image, size, kernels[kernel], squash)
    chw = ((pixels.astype(np.float32) / np.float32(255) - MEAN) / STD).transpose(2, 0, 1).reshape(-1)
    picks = [0, 1, size, chw.size // 2, chw.size - 1]
    cases.append(
        {
            "name": name,
            "file": file,
            "size": size,
            "kernel": kernel,
            "resize": "squash" if squash else "shortest-edge",
            "pixels": base64.b64encode(pixels.tobytes()).decode(),
            "normalised": {str(i): float(chw[i]) for i in picks},
        }
    )
with open("preprocess.json", "w") as out:
    json.dump(cases, out, indent=1)

# One picture in the forms that files come in: left half red, right half blue, top row green.
flag = np.zeros((16, 24, 3), np.uint8)
flag[:, :12] = [220, 30, 30]
flag[:, 12:] = [30, 40, 210]
flag[:4] = [30, 180, 60]
image = Image.fromarray(flag)
image.save("flag.png")
image.convert("CMYK").save("flag-cmyk.jpg", quality=95, subsampling=0)
image.convert("P", palette=Image.ADAPTIVE).save("flag-palette.png")
image.convert("L").save("flag-grey.png")
grey16 = np.asarray(image.convert("L")).astype(np.uint16) * 257
Image.fromarray(grey16).save("flag-grey16.png")
image.save("flag.webp", lossless=True)
image.save("flag.tif")
image.save("flag.gif", save_all=True, append_images=[Image.new("RGB", (24, 16), (255, 255, 0))], duration=100)
# Stored turned by 90 degrees, with the orientation tag (6) that turns it back.
exif = Image.Exif()
exif[0x0112] = 6
image.rotate(90, expand=True).save("flag-exif6.jpg", quality=95, subsampling=0, exif=exif)
alpha = image.convert("RGBA")
alpha.putalpha(Image.fromarray(np.where(np.arange(16)[:, None] < 8, 255, 0).astype(np.uint8).repeat(24, 1)))
alpha.save("flag-alpha.png")
