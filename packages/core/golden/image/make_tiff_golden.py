"""TIFF files of kinds that scanners, scientific programs and cameras write, from tifffile and Pillow.

    pip install tifffile numpy pillow
    python packages/core/golden/image/make_tiff_golden.py

Each shows the reference flag (flag.png: top row green, left red, right blue), so that its brightness can be checked.
`raw-*.tif` are no pictures: small files with the tags of camera raw formats and a preview of 8 x 6 pixels.
"""

from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

HERE = Path(__file__).parent
FLAG = np.asarray(Image.open(HERE / "flag.png").convert("RGB"))
SMALL = np.asarray(Image.fromarray(FLAG).resize((8, 6)))


def write(name: str, data: np.ndarray, **options) -> None:
    tifffile.imwrite(HERE / name, data, photometric=options.pop("photometric", "rgb"), **options)


write("flag-float.tif", FLAG.astype(np.float32) / 255)
write("flag-double.tif", FLAG.astype(np.float64) / 255)
write("flag-float255.tif", FLAG.astype(np.float32))
write("flag-16bit.tif", FLAG.astype(np.uint16) * 257)
write("flag-32bit.tif", FLAG.astype(np.uint32) * 257)
write("numbers-float.tif", (FLAG.astype(np.float32) - 128) * 1e6)
Image.fromarray(FLAG).convert("P", palette=Image.Palette.ADAPTIVE).save(HERE / "flag-palette.tif")

with tifffile.TiffWriter(HERE / "flag-after-thumbnail.tif") as file:
    file.write(SMALL, photometric="rgb", subfiletype=1)
    file.write(FLAG, photometric="rgb")
with tifffile.TiffWriter(HERE / "flag-below-thumbnail.tif") as file:
    file.write(SMALL, photometric="rgb", subfiletype=1, subifds=1)
    file.write(FLAG, photometric="rgb")
with tifffile.TiffWriter(HERE / "raw-dng.tif") as file:
    file.write(SMALL, photometric="rgb", subfiletype=1, subifds=1, extratags=[(50706, 1, 4, (1, 4, 0, 0), True)])
    file.write(FLAG[..., 0], photometric="minisblack")
with tifffile.TiffWriter(HERE / "raw-nef.tif") as file:
    file.write(SMALL, photometric="rgb", subfiletype=1, subifds=1, extratags=[(271, 2, 0, "NIKON CORPORATION", True)])
    file.write(FLAG[..., 0], photometric=32803, extratags=[(33421, 3, 2, (2, 2), True), (33422, 1, 4, (0, 1, 1, 2), True)])
