import numpy as np
import pytest

from avwalk.effects.fit import FITS, Fit
from avwalk.effects.upscale import Upscale
from avwalk.errors import OptionError


def pictures(side=64, n=2):
    """Bodies with soft edges on a slope, not symmetric, (n, side, side, 3)."""
    y, x = (np.indices((side, side)) + 0.5) / side
    rng, out = np.random.default_rng(0), []
    for _ in range(n):
        picture = np.stack([0.3 + 0.4 * x, 0.2 + 0.5 * y, 0.6 - 0.3 * x * y], -1)
        for _ in range(6):
            cx, cy, r = rng.random(3)
            near = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (0.02 + 0.03 * r))[..., None]
            picture = picture + near * (rng.random(3) - picture)
        out.append(picture)
    return np.array(out, np.float32)


SIZES = [(1280, 720), (405, 720), (200, 200), (640, 137), (101, 640), (48, 27), (64, 64)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fit", FITS)
def test_every_fit_fills_every_frame(fit, size):
    frames = Fit(size, fit=fit).apply(pictures())
    assert frames.shape == (2, size[1], size[0], 3) and frames.dtype == np.float32
    assert frames.min() >= 0 and frames.max() <= 1 and np.isfinite(frames).all()
    assert frames.std((1, 2)).min() > 0.02
    np.testing.assert_array_equal(frames[1:], Fit(size, fit=fit).apply(pictures()[1:]))


def test_crop_shows_the_middle_over_the_whole_frame():
    whole = Upscale((320, 320)).apply(pictures())
    np.testing.assert_array_equal(Fit((320, 180)).apply(pictures()), whole[:, 70:250])
    np.testing.assert_array_equal(Fit((180, 320)).apply(pictures()), whole[:, :, 70:250])


def test_mirror_shows_the_whole_picture_and_its_mirror_images():
    whole = Upscale((180, 180)).apply(pictures())
    wide = Fit((320, 180), fit="mirror").apply(pictures())
    np.testing.assert_array_equal(wide[:, :, 70:250], whole)
    np.testing.assert_array_equal(wide[:, :, :70], whole[:, :, 70:0:-1])
    np.testing.assert_array_equal(wide[:, :, 250:], whole[:, :, 178:108:-1])
    far = Fit((1000, 90), fit="mirror").apply(pictures())  # beyond the first mirror images come more
    np.testing.assert_array_equal(far[:, :, 455 + 178 : 455 + 178 + 90], far[:, :, 455:545])


def test_blur_keeps_the_middle_and_softens_and_dims_the_sides():
    weave = 0.1 * np.sin(np.arange(64) * 1.3)[:, None].astype(np.float32)
    woven = np.clip(pictures() + weave, 0, 1)
    whole = Upscale((360, 360)).apply(woven)
    wide = Fit((640, 360), fit="blur").apply(woven)
    left, melt = 140, int(0.13 * 360)
    np.testing.assert_array_equal(wide[:, :, left + melt : left + 360 - melt], whole[:, :, melt : 360 - melt])
    mirrored = Fit((640, 360), fit="mirror").apply(woven)

    def fineness(frames):
        return np.abs(np.diff(frames, 2, axis=2)).mean()

    assert fineness(wide[:, :, :left]) < 0.1 * fineness(mirrored[:, :, :left])
    share = wide[:, :, 0].mean() / mirrored[:, :, 0].mean()
    assert 0.5 < share < 0.7


@pytest.mark.parametrize("fit", ["mirror", "blur"])
@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
def test_no_seam_is_seen_where_the_picture_ends(fit, size):
    frames = Fit(size, fit=fit).apply(pictures(128))
    steps = np.abs(np.diff(frames, axis=2 if size[0] > size[1] else 1)).max((0, 3))
    steps = (steps if size[0] > size[1] else steps.T).max(0)  # of every column or row to the next
    edges = [*range(136, 144), *range(496, 504)]
    assert steps[edges].max() <= np.delete(steps, edges).max()


def test_tall_is_wide_lying_on_its_side():
    lying = pictures().swapaxes(1, 2)
    for fit in FITS:
        tall = Fit((180, 320), fit=fit).apply(pictures())
        wide = Fit((320, 180), fit=fit).apply(np.ascontiguousarray(lying))
        np.testing.assert_allclose(tall, wide.swapaxes(1, 2), atol=2e-6)


def test_a_fit_that_there_is_not():
    with pytest.raises(OptionError, match="fit 'stretch' is unknown; use crop, mirror or blur"):
        Fit((320, 180), fit="stretch")
