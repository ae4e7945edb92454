"""Pictures that were uploaded, made into a small square that tells nothing but the face."""

import struct
from io import BytesIO

from PIL import Image, ImageOps

from practice.domain.refusal import Invalid

KIND = "image/webp"

_SIDE = 320
_MOST_PIXELS = 25_000_000
_MOST_BYTES = 40 * 1024
_QUALITIES = (82, 70, 55, 40, 25, 10)
_SHRINKABLE = {"RGB", "RGBA", "L", "CMYK"}
_PAPER = (251, 247, 242)

# What Pillow raises for files that are broken, cut off, or something else altogether.
_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    SyntaxError,
    EOFError,
    IndexError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def portrait(raw: bytes) -> bytes:
    """Return a JPEG, PNG or WebP as a square WebP of at most 40 kB, without where and when.

    Raises Invalid (field `photo`) for anything else, and for pictures of too many pixels.
    """
    try:
        with Image.open(BytesIO(raw), formats=["JPEG", "PNG", "WEBP"]) as image:
            _check_size(image)
            return _small(_squared(image))
    except _UNREADABLE as fault:
        raise Invalid(
            "We could not read this as a picture. Choose a JPEG, PNG or WebP file.", field="photo"
        ) from fault


def _check_size(image: Image.Image) -> None:
    # The size stands in the head of the file: a bomb is refused before it is unpacked.
    if image.width * image.height > _MOST_PIXELS:
        raise Invalid(
            "This picture has too many pixels. Choose one of at most 5,000 by 5,000.",
            field="photo",
        )


def _squared(image: Image.Image) -> Image.Image:
    if image.mode in _SHRINKABLE:  # before anything else, so that no second large copy is made
        image.thumbnail((_SIDE * 4, _SIDE * 4))
    upright = ImageOps.exif_transpose(image)
    square = ImageOps.fit(upright.convert("RGBA"), (_SIDE, _SIDE))
    # Pasted onto a new picture, so that nothing of the old file comes along but its colours.
    fresh = Image.new("RGB", (_SIDE, _SIDE), _PAPER)
    fresh.paste(square, mask=square)
    return fresh


def _small(image: Image.Image) -> bytes:
    content = b""
    for quality in _QUALITIES:
        buffer = BytesIO()
        image.save(buffer, "WEBP", quality=quality)
        content = buffer.getvalue()
        if len(content) <= _MOST_BYTES:
            break
    return content
