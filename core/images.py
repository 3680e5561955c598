"""Decode pictures that strangers chose, and fit them to a grid of patches.

A file from outside is treated as hostile: only six formats are tried, its size is checked before
a pixel is decoded, and whatever goes wrong ends in one sentence for the reader.
"""

from __future__ import annotations

import io
import threading
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_BYTES = 20 * 1024**2
MAX_PIXELS = 50_000_000
# Longest side of a decoded picture: more than any page draws or the model reads.
WORKING_SIDE = 1600
# Beyond 8 to 1 a picture is squeezed to 8 to 1: fewer patches across would show nothing.
MAX_ASPECT = 8.0

_DAMAGED = "This picture is damaged or cut short: save it again or choose another."
# `warnings.catch_warnings` belongs to the whole process, so one picture is decoded at a time.
# That also keeps the memory of many large uploads at that of one.
_DECODING = threading.Lock()


class PictureError(ValueError):
    """A file cannot be used as a picture; the text is one sentence for the reader."""


def decode_picture(
    data: bytes, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES
) -> NDArray[np.uint8]:
    """Decode the bytes of a picture file into red, green and blue.

    The first frame of an animation, upright according to its EXIF orientation, transparency laid
    over white. A picture with a side above `WORKING_SIDE` is scaled down to it (a JPEG already
    while it is decoded).

    Parameters
    ----------
    data : bytes
        A PNG, JPEG, WebP, GIF, BMP or TIFF file in any colour mode. Of grey values outside
        0 to 255, those that fit 0 to 65,535 are read as 16 bits (0 to 1 for fractions), others
        stretched from their least to their greatest.
    max_pixels, max_bytes : int
        Larger pictures and files are refused, the former before they are decoded.

    Returns
    -------
    ndarray of uint8, (height, width, 3)

    Raises
    ------
    PictureError
        If the file is empty, too large, of another kind, or damaged.
    """
    if not data:
        raise PictureError("This file is empty: choose a picture.")
    if len(data) > max_bytes:
        raise PictureError(
            f"This file has {len(data) / 1024**2:.1f} MB; pictures of up to "
            f"{max_bytes / 1024**2:g} MB can be read."
        )
    with _DECODING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(image, max_pixels)
                return np.array(_upright_rgb(image), dtype=np.uint8)
        except PictureError:
            raise
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            # Pillow's own limit, the lower one where a caller has chosen a higher than ours.
            raise _too_many_pixels(min(max_pixels, Image.MAX_IMAGE_PIXELS or max_pixels)) from error
        except UnidentifiedImageError as error:
            raise PictureError(
                "This file is not a picture that can be read here, or it is damaged: use PNG, "
                "JPEG, WebP, GIF, BMP or TIFF."
            ) from error
        except MemoryError as error:
            raise _too_many_pixels(max_pixels) from error
        except Exception as error:  # decoders raise nearly anything on a damaged file
            raise PictureError(_DAMAGED) from error


def fit_to_patches(
    picture: NDArray[np.uint8], *, n_patches_target: int, patch_size: int = 14
) -> NDArray[np.uint8]:
    """Scale a picture so that a whole number of patches covers it, its shape kept.

    Of the grids with at most `n_patches_target` patches and about that many, the one whose ratio
    of sides is nearest the picture's. A square picture becomes 16 x 16 patches for a target of
    256 (224 pixels of patch size 14), 32 x 32 for 1,024. Sides further apart than `MAX_ASPECT`
    to 1 are squeezed to that.

    Parameters
    ----------
    picture : ndarray of uint8, (height, width, 3)
        The picture; left as it is.
    n_patches_target : int
        Most patches to cut it into.
    patch_size : int
        Side of a patch in pixels.

    Returns
    -------
    ndarray of uint8, (rows * patch_size, columns * patch_size, 3)
        Bicubic, smoothed when scaled down.

    Raises
    ------
    ValueError
        If `picture` is not such an array, or a number is below one.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ValueError(
            f"Expected a picture of uint8, (height, width, 3); got {picture.dtype} {picture.shape}."
        )
    if n_patches_target < 1 or patch_size < 1:
        raise ValueError(
            f"Expected at least one patch of one pixel; got {n_patches_target} of {patch_size}."
        )
    height, width = picture.shape[:2]
    rows, columns = patch_grid(width / height, n_patches_target)
    size = (columns * patch_size, rows * patch_size)
    if size == (width, height):
        return picture.copy()
    return np.array(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))


def is_too_long(picture: NDArray[np.uint8]) -> bool:
    """Tell whether `fit_to_patches` squeezes a picture, (height, width, 3), to `MAX_ASPECT`."""
    height, width = picture.shape[:2]
    return bool(max(height, width) > MAX_ASPECT * min(height, width))


def patch_grid(aspect: float, n_patches_target: int) -> tuple[int, int]:
    """Choose rows and columns of patches for a picture ``aspect`` times as wide as high.

    Returns
    -------
    (int, int)
        Rows and columns; their product is at most `n_patches_target`.
    """
    aspect = min(max(aspect, 1 / MAX_ASPECT), MAX_ASPECT)
    # The exact grid has fractional sides; each is rounded down or up.
    exact_sides = ((n_patches_target / aspect) ** 0.5, (n_patches_target * aspect) ** 0.5)
    rows, columns = (int(min(max(side, 1), n_patches_target)) for side in exact_sides)
    candidates = [
        (r, c)
        for r in (rows, rows + 1)
        for c in (columns, columns + 1)
        if r * c <= n_patches_target
    ]
    return min(candidates, key=lambda grid: (abs(np.log(grid[1] / grid[0] / aspect)), -grid[0]))


def encode_jpeg(picture: NDArray[np.uint8], quality: int = 85) -> bytes:
    """Encode a picture, (height, width, 3), as JPEG: small, for showing photos."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return file.getvalue()


def encode_png(picture: NDArray[np.uint8]) -> bytes:
    """Encode a picture, (height, width, 3 or 4) or (height, width), as PNG: exact."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", compress_level=3)
    return file.getvalue()


def _check_size(image: Image.Image, max_pixels: int) -> None:
    if image.width * image.height > max_pixels:
        raise _too_many_pixels(max_pixels)


def _too_many_pixels(max_pixels: int) -> PictureError:
    return PictureError(
        f"This picture has too many pixels: up to {max_pixels / 1e6:g} million can be read."
    )


def _upright_rgb(image: Image.Image) -> Image.Image:
    # Every copy of a picture of 50 million pixels takes up to 200 MB: none is made without need.
    image.draft(None, (WORKING_SIDE, WORKING_SIDE))  # only JPEG has a cheap smaller decoding
    image.load()
    _turn_upright(image)
    if image.has_transparency_data and image.mode not in ("RGBA", "LA"):
        image = image.convert("RGBA")
    elif image.mode in ("1", "P"):
        image = image.convert("RGB")
    elif image.mode.startswith(("I", "F")):
        image = _grey_levels(image)
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def _turn_upright(image: Image.Image) -> None:
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except Exception:  # damaged EXIF says nothing of the pixels: take them as they lie
        return


def _grey_levels(image: Image.Image) -> Image.Image:
    """Map grey values of 16 or 32 bits, or fractions, to 0 to 255."""
    has_16_bits = image.mode.startswith("I;16")
    if has_16_bits:
        image = image.convert("I")
    # Means of boxes stay between the least and the greatest value; bicubic would overshoot.
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if has_16_bits:
        low, high = 0.0, 65535.0
    elif low >= 0 and image.mode == "F" and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 65535:
        low, high = 0.0, 255.0 if high <= 255 else 65535.0
    scaled = (values - low) / max(high - low, 1e-12) * 255
    return Image.fromarray(np.rint(scaled).clip(0, 255).astype(np.uint8))
