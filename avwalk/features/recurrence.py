"""Recurrence embedding: beats as points in few dimensions, close to each other where the music repeats.

Eigenvectors of the normalised Laplacian of a graph whose nodes are beats, linked with those that sound alike
and with their neighbours in time (McFee and Ellis, "Analyzing song structure with spectral clustering",
ISMIR 2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.features.form.units import cell_ranges, extend_marks
from avwalk.features.signals import Grid
from avwalk.features.smoothing import smooth
from avwalk.features.tonal import Tones

Array = NDArray[np.float64]

N_VECTORS = 8
"""Columns of ``Analysis.recurrence``."""

_CELL = 2.0  # seconds of a node where there are no beats
_MOST = 4000  # nodes; longer songs have several beats in a node
_STACK = 4  # nodes compared at once: a bar of beats says more than a beat
_APART = 3  # nodes nearer than that are alike because they are near: no repeat
_FLOOR_DB = 45.0  # what lies further below the song's loudest is silence
_NONE = 1e-6  # of the weight of the path: there are no repeats
_ROWS = 256  # of the distances held at once


def recurrence_basis(
    tones: Tones, beats: Array, duration: float, n_vectors: int = N_VECTORS
) -> tuple[Array, NDArray[np.float32]]:
    """Spectral embedding of the beats: repetitions are close, differing passages far apart.

    Args:
        tones: of the song.
        beats: (n_beats,) float64 seconds, ascending; with fewer than 8, two-second cells are used instead.
        duration: of the song, s.
        n_vectors: how many dimensions.

    Returns:
        Times of the nodes, (n_nodes,) float64 s, ascending, each the middle of its beat (or beats: there are at
        most 4000 nodes); and (n_nodes, n_vectors) float32 in [−1, 1], each column with a largest magnitude of 1
        and a mean cube ≥ 0, slow ones first. Surplus columns of a short song are 0.
    """
    edges = _node_edges(beats, duration)
    rows = _rows(tones, edges)
    basis = np.zeros((len(rows), n_vectors))
    if len(rows) > 2:
        found = _slowest(_links(rows), min(n_vectors, len(rows) - 2))
        basis[:, : found.shape[1]] = found
    return (edges[:-1] + edges[1:]) / 2, basis.astype(np.float32)


def recurrence_on_frames(
    times: Array, basis: NDArray[np.float32], grid: Grid, smoothing_ms: float
) -> NDArray[np.float32]:
    """The embedding on the frame clock, (n_frames, n_vectors) float32, smoothed.

    Args:
        times: of the nodes, seconds.
        basis: (n_nodes, n_vectors).
        grid: of the frames.
        smoothing_ms: full width at half maximum of the zero-phase Gaussian.
    """
    if len(times) == 0:
        return np.zeros((grid.n_frames, basis.shape[1]), np.float32)
    columns = [np.interp(grid.times, times, column).astype(np.float32) for column in basis.T]
    return np.stack([smooth(column, float(grid.fps), smoothing_ms) for column in columns], axis=1)


def _node_edges(beats: Array, duration: float) -> Array:
    """Borders of the nodes from 0 to the end, (n_nodes + 1,)."""
    if len(beats) < 8:
        return np.linspace(0.0, duration, min(_MOST, max(1, round(duration / _CELL))) + 1)
    edges = extend_marks(beats, duration)
    inner = edges[1:-1]
    return np.concatenate([edges[:1], inner[:: len(inner) // _MOST + 1], edges[-1:]])


def _rows(tones: Tones, edges: Array) -> NDArray[np.float32]:
    """Colour and harmony of each node and its neighbours, (n_nodes, d): what differs clearly is 1 apart."""
    start, stop = cell_ranges(edges, tones)
    single = np.empty((len(start), tones.colour.shape[1] + tones.chroma.shape[1]), np.float32)
    for k, (a, b) in enumerate(zip(start, stop, strict=True)):
        single[k, : tones.colour.shape[1]] = tones.colour[a:b].mean(axis=0)
        single[k, tones.colour.shape[1] :] = tones.chroma[a:b].mean(axis=0)
    colour, chroma = np.split(single, [tones.colour.shape[1]], axis=1)
    colour = np.maximum(colour, colour.max() - _FLOOR_DB) / (6.0 * np.sqrt(colour.shape[1]))  # 6 dB in every band
    chroma = chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9)
    both = np.concatenate([colour, chroma], axis=1) / np.sqrt(_STACK)
    padded = np.pad(both, ((_STACK // 2, _STACK - 1 - _STACK // 2), (0, 0)), mode="edge")
    return np.concatenate([padded[k : k + len(both)] for k in range(_STACK)], axis=1).astype(np.float32)


def _links(rows: NDArray[np.float32]) -> Any:
    """The graph: a sparse symmetric (n, n) matrix, float64 ≥ 0."""
    from scipy import sparse  # late: it takes a while

    n = len(rows)
    k = min(n - 1, 1 + int(np.ceil(2 * np.log2(n))))
    near, away = np.zeros((n, k), np.int64), np.zeros((n, k))
    square = (rows**2).sum(axis=1)
    for a in range(0, n, _ROWS):
        d = square[a : a + _ROWS, None] + square - 2 * rows[a : a + _ROWS] @ rows.T
        i = np.arange(len(d))
        for lag in range(1 - _APART, _APART):
            inside = (i + a + lag >= 0) & (i + a + lag < n)
            d[i[inside], i[inside] + a + lag] = np.inf
        near[a : a + _ROWS] = np.argpartition(d, k - 1, axis=1)[:, :k]
        away[a : a + _ROWS] = np.take_along_axis(d, near[a : a + _ROWS], axis=1)
    known = np.isfinite(away)
    scale = max(float(np.median(away[known])), 1e-6) if known.any() else 1.0
    row = np.repeat(np.arange(n), k)[known.ravel()]
    weight = np.exp(-np.maximum(away[known], 0.0) / scale)
    repeats = sparse.csr_matrix((weight, (row, near[known])), (n, n))
    repeats = repeats.minimum(repeats.T)  # only who is among the nearest of the other too
    step = ((rows[1:] - rows[:-1]) ** 2).sum(axis=1).astype(np.float64)
    path = np.exp(-step / max(float(np.median(step)), 1e-6)) + 1e-3  # the graph stays in one piece
    chain = sparse.diags_array([path, path], offsets=[1, -1], format="csr")
    if repeats.sum() < _NONE * chain.sum():
        return chain
    # McFee and Ellis, eq. 8: as likely along the path as across it, on average
    across, along = (np.asarray(m.sum(axis=1)).ravel() for m in (repeats, chain))
    total = across + along
    share = float(along @ total / (total @ total))
    return share * repeats + (1 - share) * chain


def _slowest(links: Any, count: int) -> Array:
    """The ``count`` slowest ways of the graph to vary, but for the constant one, (n, count)."""
    from scipy.sparse.linalg import eigsh

    n = links.shape[0]
    root = 1 / np.sqrt(np.asarray(links.sum(axis=1)).ravel())
    even = links.multiply(root[:, None]).multiply(root).tocsr()
    size = min(n, max(40, 4 * count))
    # largest values of the normalised links = smallest of the Laplacian; a fixed start gives the same answer
    values, vectors = eigsh(even, count + 1, which="LA", v0=1 + np.cos(np.arange(n)), ncv=size, tol=1e-4)
    vectors = vectors[:, np.argsort(-values)][:, 1:] * root[:, None]
    vectors /= np.maximum(np.abs(vectors).max(axis=0), 1e-12)
    return np.asarray(vectors * np.where((vectors**3).sum(axis=0) < 0, -1.0, 1.0))
