"""Draw the favicon: a 3 x 3 attention matrix. Run from the repository root.

python assets/favicon/make_favicon.py
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

SIZE = 64
# Blues of the lab's sequential ramp, from weak to strong.
WEAK, MIDDLE, STRONG = "#94c4e5", "#4a95cc", "#08306b"
CELLS = ((STRONG, WEAK, WEAK), (MIDDLE, STRONG, WEAK), (WEAK, MIDDLE, STRONG))


def draw_favicon() -> Image.Image:
    """Return the favicon as an RGBA picture of 64 x 64 pixels."""
    picture = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    step = SIZE // 3
    for row, colours in enumerate(CELLS):
        for column, colour in enumerate(colours):
            left, top = column * step + 1, row * step + 1
            pen.rounded_rectangle((left, top, left + step - 3, top + step - 3), 4, fill=colour)
    return picture


if __name__ == "__main__":
    draw_favicon().save(Path(__file__).with_name("favicon.png"), optimize=True)
