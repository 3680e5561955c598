"""Decoding pictures from strangers: every format and mode, and every way a file can be bad.

All files are made here, by Pillow or byte by byte.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.images import (
    MAX_ASPECT,
    WORKING_SIDE,
    PictureError,
    decode_picture,
    encode_jpeg,
    encode_png,
    fit_to_patches,
    patch_grid,
)

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
ORIENTATION = 0x0112


def encoded(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def from_array(values: np.ndarray, mode: str | None = None) -> Image.Image:
    image = Image.fromarray(values)
    return image if mode is None else image.convert(mode)


def red_above_blue() -> Image.Image:
    image = Image.new("RGB", (24, 16), BLUE)
    image.paste(RED, (0, 0, 24, 8))
    return image


def noise(height: int = 40, width: int = 60) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def png_of_size(width: int, height: int, body: bytes = b"") -> bytes:
    """Write a PNG whose header claims a size; the pixels need not be there."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


class TestFormats:
    @pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF"])
    def test_exact_formats_come_back_exactly(self, file_format: str) -> None:
        picture = noise()
        decoded = decode_picture(encoded(from_array(picture), file_format))
        assert decoded.dtype == np.uint8
        assert decoded.flags.writeable
        np.testing.assert_array_equal(decoded, picture)

    @pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "GIF"])
    def test_lossy_formats_come_back_nearly(self, file_format: str) -> None:
        decoded = decode_picture(encoded(red_above_blue(), file_format))
        assert decoded.shape == (16, 24, 3)
        np.testing.assert_allclose(decoded[3, 12], RED, atol=12)
        np.testing.assert_allclose(decoded[12, 12], BLUE, atol=12)

    def test_the_first_frame_of_an_animation(self) -> None:
        frames = [Image.new("RGB", (9, 9), colour) for colour in (RED, GREEN, BLUE)]
        for file_format in ("GIF", "WEBP", "TIFF", "PNG"):
            data = encoded(frames[0], file_format, save_all=True, append_images=frames[1:])
            np.testing.assert_allclose(decode_picture(data)[4, 4], RED, atol=12)

    def test_a_camera_s_jpeg_with_a_second_picture(self) -> None:
        data = encoded(
            red_above_blue(), "MPO", save_all=True, append_images=[Image.new("RGB", (24, 16))]
        )
        np.testing.assert_allclose(decode_picture(data)[3, 12], RED, atol=12)

    @pytest.mark.parametrize("file_format", ["PPM", "ICO", "PCX", "TGA", "EPS"])
    def test_other_formats_are_refused(self, file_format: str) -> None:
        with pytest.raises(PictureError, match="use PNG, JPEG"):
            decode_picture(encoded(red_above_blue(), file_format))


class TestModes:
    def test_greyscale(self) -> None:
        grey = noise()[..., 0]
        decoded = decode_picture(encoded(from_array(grey)))
        np.testing.assert_array_equal(decoded, np.repeat(grey[..., None], 3, axis=2))

    def test_black_and_white(self) -> None:
        bits = noise()[..., 0] > 127
        decoded = decode_picture(encoded(from_array(bits)))
        np.testing.assert_array_equal(decoded[..., 1], np.where(bits, 255, 0))

    def test_palette(self) -> None:
        image = red_above_blue().quantize(2)
        assert image.mode == "P"
        np.testing.assert_array_equal(decode_picture(encoded(image))[3, 12], RED)

    def test_palette_with_a_transparent_colour(self) -> None:
        image = red_above_blue().quantize(2)
        blue = image.getpixel((12, 12))
        decoded = decode_picture(encoded(image, "PNG", transparency=blue))
        np.testing.assert_array_equal(decoded[12, 12], WHITE)
        np.testing.assert_array_equal(decoded[3, 12], RED)

    def test_a_transparent_colour_without_a_palette(self) -> None:
        decoded = decode_picture(encoded(red_above_blue(), "PNG", transparency=BLUE))
        np.testing.assert_array_equal(decoded[12, 12], WHITE)

    @pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
    def test_alpha_lies_over_white(self, file_format: str) -> None:
        image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
        image.paste((0, 0, 255, 128), (0, 0, 8, 4))
        options = {"lossless": True} if file_format == "WEBP" else {}
        decoded = decode_picture(encoded(image, file_format, **options))
        np.testing.assert_array_equal(decoded[6, 2], WHITE)
        np.testing.assert_allclose(decoded[1, 2], (127, 127, 255), atol=1)

    def test_grey_with_alpha(self) -> None:
        image = Image.new("LA", (4, 4), (0, 51))
        np.testing.assert_allclose(decode_picture(encoded(image))[0, 0], (204, 204, 204), atol=1)

    @pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
    def test_cmyk(self, file_format: str) -> None:
        decoded = decode_picture(encoded(red_above_blue().convert("CMYK"), file_format))
        np.testing.assert_allclose(decoded[3, 12], RED, atol=12)
        np.testing.assert_allclose(decoded[12, 12], BLUE, atol=12)

    def test_lab(self) -> None:
        image = Image.new("LAB", (4, 4), (255, 128, 128))
        np.testing.assert_allclose(decode_picture(encoded(image, "TIFF"))[0, 0], WHITE, atol=3)

    @pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
    def test_sixteen_bits(self, file_format: str) -> None:
        values = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
        decoded = decode_picture(encoded(from_array(values), file_format))
        np.testing.assert_array_equal(decoded[0, :, 0], [0, 1, 128, 255])

    def test_big_endian_sixteen_bits(self) -> None:
        image = Image.frombytes("I;16B", (2, 1), b"\x00\x00\xff\xff")
        np.testing.assert_array_equal(decode_picture(encoded(image, "TIFF"))[0, :, 0], [0, 255])

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([0, 100, 255], [0, 100, 255]),
            ([0, 25700, 65535], [0, 100, 255]),
            ([-1000, 0, 1_000_000], [0, 0, 255]),
            ([7, 7, 7], [7, 7, 7]),
        ],
    )
    def test_thirty_two_bits(self, values: list[int], expected: list[int]) -> None:
        image = from_array(np.array([values], dtype=np.int32))
        assert image.mode == "I"
        decoded = decode_picture(encoded(image, "TIFF"))
        np.testing.assert_allclose(decoded[0, :, 0], expected, atol=1)

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([0.0, 0.5, 1.0], [0, 128, 255]),
            ([0.0, 100.0, 255.0], [0, 100, 255]),
            ([-2.0, 0.0, 2.0], [0, 128, 255]),
            ([np.nan, 0.5, np.inf], [0, 128, 0]),
        ],
    )
    def test_fractions(self, values: list[float], expected: list[int]) -> None:
        image = from_array(np.array([values], dtype=np.float32))
        assert image.mode == "F"
        decoded = decode_picture(encoded(image, "TIFF"))
        np.testing.assert_allclose(decoded[0, :, 0], expected, atol=1)


class TestOrientation:
    @pytest.mark.parametrize(
        ("orientation", "red_side"),
        [(1, "top"), (3, "bottom"), (6, "right"), (8, "left")],
    )
    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
    def test_exif_turns_the_picture(
        self, file_format: str, orientation: int, red_side: str
    ) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        decoded = decode_picture(encoded(red_above_blue(), file_format, exif=exif))
        assert decoded.shape == ((16, 24, 3) if orientation in (1, 3) else (24, 16, 3))
        middle_row, middle_column = decoded.shape[0] // 2, decoded.shape[1] // 2
        edge = {
            "top": decoded[2, middle_column],
            "bottom": decoded[-3, middle_column],
            "left": decoded[middle_row, 2],
            "right": decoded[middle_row, -3],
        }[red_side]
        np.testing.assert_allclose(edge, RED, atol=20)

    def test_damaged_exif_is_passed_over(self) -> None:
        data = encoded(red_above_blue(), "JPEG", exif=b"Exif\x00\x00not a directory at all")
        np.testing.assert_allclose(decode_picture(data)[3, 12], RED, atol=12)


class TestLargePictures:
    @pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
    def test_they_are_scaled_down_and_keep_their_shape(self, file_format: str) -> None:
        image = Image.new("RGB", (4000, 2000), BLUE)
        image.paste(RED, (0, 0, 4000, 1000))
        decoded = decode_picture(encoded(image, file_format))
        assert decoded.shape == (WORKING_SIDE // 2, WORKING_SIDE, 3)
        np.testing.assert_allclose(decoded[100, 100], RED, atol=12)
        np.testing.assert_allclose(decoded[-100, 100], BLUE, atol=12)

    def test_a_scaled_palette_mixes_colours(self) -> None:
        stripes = np.zeros((8, 2 * WORKING_SIDE), dtype=np.uint8)
        stripes[:, ::2] = 255
        image = from_array(stripes).convert("P")
        decoded = decode_picture(encoded(image))
        assert 100 < decoded[:, 10:-10].mean() < 155
        assert decoded[:, 10:-10].std() < 40

    def test_sixteen_bits_and_fractions_are_scaled_down_too(self) -> None:
        values = np.zeros((4, 2 * WORKING_SIDE))
        values[:, WORKING_SIDE:] = 1.0
        for scaled in ((values * 65535).astype(np.uint16), values.astype(np.float32)):
            decoded = decode_picture(encoded(from_array(scaled), "TIFF"))
            assert decoded.shape == (2, WORKING_SIDE, 3)
            assert decoded[:, : WORKING_SIDE // 2 - 2].max() == 0
            assert decoded[:, WORKING_SIDE // 2 + 2 :].min() == 255

    def test_a_line_stays_at_least_one_pixel_high(self) -> None:
        decoded = decode_picture(encoded(Image.new("RGB", (20_000, 1), GREEN)))
        assert decoded.shape == (1, WORKING_SIDE, 3)

    def test_small_pictures_keep_their_size(self) -> None:
        assert decode_picture(encoded(Image.new("RGB", (1, 1), RED))).tolist() == [[[255, 0, 0]]]


class TestBadFiles:
    def test_empty(self) -> None:
        with pytest.raises(PictureError, match="empty"):
            decode_picture(b"")

    @pytest.mark.parametrize(
        "data",
        [
            b"\x00" * 100,
            b"Dear reader, this is a letter.",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7\n",
            b"PK\x03\x04" + b"\x00" * 60,
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0",
            b"GIF89a",
            b"RIFF\x10\x00\x00\x00WEBPVP8 ",
            b"BM",
            b"II*\x00",
        ],
    )
    def test_fake(self, data: bytes) -> None:
        with pytest.raises(PictureError):
            decode_picture(data)

    @pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
    @pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
    def test_cut_short(self, file_format: str, kept: float) -> None:
        data = encoded(from_array(noise(200, 300)), file_format)
        with pytest.raises(PictureError, match="damaged"):
            decode_picture(data[: int(len(data) * kept)])

    def test_too_many_bytes(self) -> None:
        with pytest.raises(PictureError, match=r"has 2\.0 MB; pictures of up to 1 MB"):
            decode_picture(b"\x00" * 2 * 1024**2, max_bytes=1024**2)

    @pytest.mark.parametrize("side", [7_100, 11_000, 15_000, 100_000])
    def test_bombs_are_refused_before_their_pixels(self, side: int) -> None:
        # 50 to 10,000 million pixels in under 100 bytes: below and above Pillow's own limits.
        data = png_of_size(side, side, zlib.compress(b"\x00" * 1000))
        with pytest.raises(PictureError, match="up to 50 million"):
            decode_picture(data)

    def test_pillow_s_own_limit_holds_beside_a_higher_one(self) -> None:
        with pytest.raises(PictureError, match=r"up to 89\.4785 million"):
            decode_picture(png_of_size(11_000, 11_000), max_pixels=10**9)

    def test_a_gif_bomb(self) -> None:
        data = b"GIF89a" + struct.pack("<2H", 65_535, 65_535) + b"\x00\x00\x00"
        data += b"\x2c" + struct.pack("<4H", 0, 0, 65_535, 65_535) + b"\x00\x02\x02\x4c\x01\x00;"
        with pytest.raises(PictureError, match="up to 50 million"):
            decode_picture(data)

    def test_the_limit_can_be_chosen(self) -> None:
        data = encoded(Image.new("L", (100, 100)))
        assert decode_picture(data, max_pixels=10_000).shape == (100, 100, 3)
        with pytest.raises(PictureError, match="too many pixels"):
            decode_picture(data, max_pixels=9_999)

    def test_no_warning_escapes(self) -> None:
        exif = encoded(
            red_above_blue(), "JPEG", exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            decode_picture(exif)
            with pytest.raises(PictureError):
                decode_picture(png_of_size(11_000, 11_000))

    @given(st.binary(max_size=300), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]))
    def test_anything_after_a_right_beginning(self, tail: bytes, file_format: str) -> None:
        data = encoded(red_above_blue(), file_format)[:30] + tail
        try:
            assert decode_picture(data).dtype == np.uint8
        except PictureError as error:
            assert str(error).endswith(".")

    @given(st.integers(0, 10_000), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]))
    def test_single_bytes_changed(self, seed: int, file_format: str) -> None:
        rng = np.random.default_rng(seed)
        data = np.frombuffer(encoded(from_array(noise()), file_format), dtype=np.uint8).copy()
        data[rng.integers(0, data.size, 5)] = rng.integers(0, 256, 5)
        try:
            assert decode_picture(data.tobytes()).ndim == 3
        except PictureError as error:
            assert "\n" not in str(error)

    def test_many_threads_at_once(self) -> None:
        data = encoded(from_array(noise()), "PNG")
        results: list[bool] = []

        def decode_good_and_bad() -> None:
            for _ in range(10):
                good = np.array_equal(decode_picture(data), noise())
                with pytest.raises(PictureError, match="damaged"):
                    decode_picture(data[:-2000])
                results.append(good)

        threads = [threading.Thread(target=decode_good_and_bad) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [True] * 40


class TestFitToPatches:
    @pytest.mark.parametrize(("target", "side"), [(256, 224), (1024, 448), (1, 14), (4, 28)])
    def test_squares_stay_square(self, target: int, side: int) -> None:
        fitted = fit_to_patches(noise(300, 300), n_patches_target=target)
        assert fitted.shape == (side, side, 3)

    @pytest.mark.parametrize(
        ("height", "width", "grid"),
        [(480, 640, (14, 18)), (640, 480, (18, 14)), (360, 640, (12, 21)), (1000, 2000, (11, 22))],
    )
    def test_rectangles_stay_rectangles(
        self, height: int, width: int, grid: tuple[int, int]
    ) -> None:
        fitted = fit_to_patches(np.zeros((height, width, 3), np.uint8), n_patches_target=256)
        assert fitted.shape == (grid[0] * 14, grid[1] * 14, 3)

    @pytest.mark.parametrize(("height", "width"), [(1, 5000), (5000, 1)])
    def test_extreme_shapes_are_squeezed(self, height: int, width: int) -> None:
        fitted = fit_to_patches(np.zeros((height, width, 3), np.uint8), n_patches_target=256)
        rows, columns = fitted.shape[0] / 14, fitted.shape[1] / 14
        assert rows * columns <= 256
        assert max(rows / columns, columns / rows) == pytest.approx(MAX_ASPECT, rel=0.15)

    @given(st.floats(1 / MAX_ASPECT, MAX_ASPECT), st.integers(64, 2000))
    def test_grids_are_near_in_shape_and_size(self, aspect: float, target: int) -> None:
        rows, columns = patch_grid(aspect, target)
        assert target * 0.6 < rows * columns <= target
        # Less than one patch away from the exact grid on either side.
        assert abs(rows - (target / aspect) ** 0.5) < 1
        assert abs(columns - (target * aspect) ** 0.5) < 1

    @given(st.floats(1e-4, 1e4), st.integers(1, 50))
    def test_there_is_always_a_grid(self, aspect: float, target: int) -> None:
        rows, columns = patch_grid(aspect, target)
        assert rows >= 1
        assert columns >= 1
        assert rows * columns <= target

    @given(st.floats(0.1, 10), st.integers(1, 500))
    def test_turning_the_picture_turns_the_grid(self, aspect: float, target: int) -> None:
        rows, columns = patch_grid(aspect, target)
        turned = patch_grid(1 / aspect, target)
        assert rows * columns == turned[0] * turned[1]

    def test_a_picture_on_its_grid_is_copied(self) -> None:
        picture = noise(224, 224)
        fitted = fit_to_patches(picture, n_patches_target=256)
        np.testing.assert_array_equal(fitted, picture)
        assert fitted is not picture
        assert not np.shares_memory(fitted, picture)

    def test_other_patch_sizes(self) -> None:
        fitted = fit_to_patches(noise(300, 300), n_patches_target=196, patch_size=16)
        assert fitted.shape == (224, 224, 3)

    @pytest.mark.parametrize(
        "picture",
        [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)],
    )
    def test_something_else_is_an_error(self, picture: np.ndarray) -> None:
        with pytest.raises(ValueError, match="picture of uint8"):
            fit_to_patches(picture, n_patches_target=256)

    def test_no_patches_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="at least one patch"):
            fit_to_patches(noise(), n_patches_target=0)


class TestEncoding:
    def test_png_is_exact(self) -> None:
        np.testing.assert_array_equal(decode_picture(encode_png(noise())), noise())

    def test_jpeg_is_smaller_the_lower_its_quality(self) -> None:
        smooth = np.linspace(0, 255, 90_000).reshape(150, 200, 3).astype(np.uint8)
        high, low = encode_jpeg(smooth, quality=95), encode_jpeg(smooth, quality=30)
        assert len(low) < len(high) < smooth.size
        np.testing.assert_allclose(decode_picture(high).astype(int), smooth, atol=12)
