"""Kaldi's binary format: tokens, numbers, vectors, and matrices compressed to one or two bytes per number."""

import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

BINARY_HEADER = b"\0B"

Matrix = NDArray[np.float64]


def token(text: str) -> bytes:
    """A name such as "<Nnet3>"."""
    return text.encode() + b" "


def integer(value: int) -> bytes:
    """A 32-bit integer behind its size."""
    return b"\x04" + struct.pack("<i", value)


def single(value: float) -> bytes:
    """A 32-bit floating-point number behind its size."""
    return b"\x04" + struct.pack("<f", value)


def double(value: float) -> bytes:
    """A 64-bit floating-point number behind its size."""
    return b"\x08" + struct.pack("<d", value)


def integers(values: Iterable[int]) -> bytes:
    """A vector of 32-bit integers."""
    array = np.fromiter(values, "<i4")
    return integer(len(array)) + array.tobytes()


def vector(values: Iterable[float]) -> bytes:
    """A vector of 32-bit floating-point numbers."""
    array = np.fromiter(values, "<f4")
    return token("FV") + integer(len(array)) + array.tobytes()


def matrix_16_bit(matrix: Matrix) -> bytes:
    """A matrix (rows, columns) with 16 bits per number, evenly spaced between the smallest and the largest ("CM2")."""
    smallest, span = _range(matrix)
    return token("CM2") + _header(matrix, smallest, span) + _to_16_bit(matrix, smallest, span).astype("<u2").tobytes()


def matrix_8_bit(matrix: Matrix) -> bytes:
    """A matrix (rows, columns) with 8 bits per number ("CM").

    Each column has its own scale: three linear pieces through its minimum, quartiles and maximum, at the bytes 0, 64,
    192 and 255. Needs at least four rows.
    """
    smallest, span = _range(matrix)
    rows = len(matrix)
    ordered = np.sort(matrix, axis=0)[[0, rows // 4, 3 * (rows // 4), rows - 1]]
    knots = _to_16_bit(ordered, smallest, span).astype(np.int64)
    # The reader divides by the distances between them: they must differ.
    knots[0] = np.minimum(knots[0], 65532)
    for i in (1, 2, 3):
        knots[i] = np.clip(knots[i], knots[i - 1] + 1, 65532 + i)
    low, first, third, high = smallest + span * knots / 65535
    codes = np.where(
        matrix < first,
        np.clip(np.round((matrix - low) / (first - low) * 64), 0, 64),
        np.where(
            matrix < third,
            64 + np.clip(np.round((matrix - first) / (third - first) * 128), 0, 128),
            192 + np.clip(np.round((matrix - third) / (high - third) * 63), 0, 63),
        ),
    ).astype(np.uint8)
    # Column by column, first all scales, then all codes.
    return token("CM") + _header(matrix, smallest, span) + knots.T.astype("<u2").tobytes() + codes.T.tobytes()


def _range(matrix: Matrix) -> tuple[float, float]:
    smallest = float(matrix.min())
    return smallest, max(float(matrix.max()) - smallest, 1e-9)


def _header(matrix: Matrix, smallest: float, span: float) -> bytes:
    return struct.pack("<ffii", smallest, span, *matrix.shape)


def _to_16_bit(matrix: Matrix, smallest: float, span: float) -> Matrix:
    return np.asarray(np.clip(np.round((matrix - smallest) / span * 65535), 0, 65535))
