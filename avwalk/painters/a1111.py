"""AUTOMATIC1111's web UI, Forge and SD.Next, by their common API ``/sdapi/v1``."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import OptionError, PainterError
from avwalk.files.infotext import parsed
from avwalk.painters.address import PainterAddress
from avwalk.painters.answers import fitted, from_base64, picture_of, png_of
from avwalk.painters.connection import connect
from avwalk.painters.contract import Painting
from avwalk.painters.service import Service, check_request, key_of, worked_in

USUAL = "http://127.0.0.1:7860"
SETTINGS = {
    "model": "checkpoint, as the web UI names it",
    "steps": "denoising steps",
    "cfg": "guidance scale",
    "sampler": "sampler, as the web UI names it",
    "scheduler": "schedule of the noise",
}
MAX_SEED = 2**32 - 1  # torch's in the web UI


class A1111Painter(Service):
    """Paints by ``txt2img`` and ``img2img``; a login ``user:password`` comes from ``AVWALK_A1111_AUTH``.

    Args:
        address: as named.
    """

    def __init__(self, address: PainterAddress) -> None:
        super().__init__(address, USUAL, SETTINGS)
        self._steps = int(address.number("steps", 20, 1, 1000))
        self._cfg = address.number("cfg", 7.0, 0, 50)
        self._settings = dict(address.settings)
        login = key_of("AVWALK_A1111_AUTH")
        if login and ":" not in login:
            raise OptionError("AVWALK_A1111_AUTH must be user:password, as --api-auth of the web UI has it")
        headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()} if login else {}
        self._connection = connect(self.url, headers, timeout=self.timeout, key=login)

    def paint(
        self,
        prompt: str,
        negative: str = "",
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        init_image: Frames | None = None,
        strength: float = 0.5,
    ) -> Painting:
        """See `avwalk.painters.contract.Painter`."""
        check_request(size, strength)
        body = self._body(prompt, negative, seed, size)
        path = "sdapi/v1/txt2img"
        if init_image is not None:
            path = "sdapi/v1/img2img"
            body |= {"init_images": [_base64(init_image, body)], "denoising_strength": float(strength)}
        return self._painted(path, body, size)

    def inpaint(
        self, prompt: str, negative: str, seed: int, picture: Frames, mask: Frames, strength: float = 0.75
    ) -> Painting:
        """See `avwalk.painters.contract.Inpainter`."""
        size = picture.shape[1], picture.shape[0]
        check_request(size, strength)
        body = self._body(prompt, negative, seed, size)
        white = np.repeat(np.asarray(mask, np.float32)[..., None], 3, axis=2)
        body |= {
            "init_images": [_base64(picture, body)],
            "mask": _base64(white, body),
            "denoising_strength": float(strength),
            "inpainting_fill": 1,  # begin with what is there
            "inpainting_mask_invert": 0,
            "inpaint_full_res": False,
            "mask_blur": 4,
        }
        return self._painted("sdapi/v1/img2img", body, size)

    def _body(self, prompt: str, negative: str, seed: int, size: tuple[int, int]) -> dict[str, Any]:
        """What every request says."""
        width, height = worked_in(size)
        body: dict[str, Any] = {
            "prompt": prompt,
            "negative_prompt": negative,
            "seed": seed % (MAX_SEED + 1),
            "steps": self._steps,
            "cfg_scale": self._cfg,
            "width": width,
            "height": height,
            "batch_size": 1,
            "n_iter": 1,
            "send_images": True,
            "save_images": False,
        }
        for name, key in (("sampler", "sampler_name"), ("scheduler", "scheduler")):
            if self._settings.get(name):
                body[key] = self._settings[name]
        if model := self._settings.get("model"):
            body["override_settings"] = {"sd_model_checkpoint": model}
        return body

    def _painted(self, path: str, body: dict[str, Any], size: tuple[int, int]) -> Painting:
        """The picture that a request gives."""
        answer = self._connection.post(path, body)
        try:
            value = answer.json()
        except ValueError:
            raise PainterError(f"{self.url} answers with what is no JSON; is it started with --api?") from None
        images = value.get("images") if isinstance(value, dict) else None
        if not isinstance(images, list) or not images:
            raise PainterError(f"{self.url} sent no picture (status {answer.status}); see its log")
        picture_made = picture_of(from_base64(images[0], self.url), self.url)
        return Painting(fitted(picture_made, size), _used(value, body))


def _base64(picture: Frames, body: dict[str, Any]) -> str:
    """A picture in the size in which a request is drawn, as a PNG in base64."""
    return base64.b64encode(png_of(fitted(picture, (body["width"], body["height"])))).decode()


def _used(value: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """What the service says that it used: ``info`` is JSON in a string."""
    used: dict[str, Any] = {
        "Steps": body["steps"],
        "Sampler": body.get("sampler_name"),
        "CFG scale": float(body["cfg_scale"]),
        "Seed": body["seed"],
        "Model": body.get("override_settings", {}).get("sd_model_checkpoint"),
    }
    try:
        info = json.loads(value.get("info") or "{}")
    except (TypeError, ValueError):
        info = {}
    if isinstance(info, dict):
        texts = info.get("infotexts")
        if isinstance(texts, list) and texts and isinstance(texts[0], str):
            said = parsed(texts[0])
            used |= {name: said[name] for name in ("Sampler", "Schedule type", "Model", "Model hash") if name in said}
        if isinstance(info.get("seed"), int):
            used["Seed"] = info["seed"]
    return {name: found for name, found in used.items() if found is not None}
