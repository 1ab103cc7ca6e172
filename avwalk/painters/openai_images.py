"""An images endpoint as OpenAI has it: ``/images/generations``, and ``/images/edits`` from a picture."""

from __future__ import annotations

from typing import Any

from avwalk.contracts import Frames
from avwalk.errors import OptionError, PainterError
from avwalk.painters.address import PainterAddress
from avwalk.painters.answers import fitted, from_base64, picture_of, png_of
from avwalk.painters.connection import Answer, connect, multipart
from avwalk.painters.contract import Painting
from avwalk.painters.service import Service, check_request, key_of

USUAL = "https://api.openai.com/v1"
SETTINGS = {
    "model": "name of the model",
    "size": "WxH that the service knows; pictures are fitted to the size asked for",
    "quality": "as the service has it",
    "format": "b64_json or url, for services that ask for it",
}


class OpenAIPainter(Service):
    """Paints by an images endpoint; the key comes from ``AVWALK_PAINTER_KEY`` or ``OPENAI_API_KEY``.

    Such services take no seed and no negative prompt: these only tell pictures apart.

    Args:
        address: as named.
    """

    def __init__(self, address: PainterAddress) -> None:
        super().__init__(address, USUAL, SETTINGS, jobs=2)
        self._settings = dict(address.settings)
        text = self._settings.get("size", "")
        if (text and not all(part.isdigit() for part in text.split("x"))) or text.count("x") > 1:
            raise OptionError(f"painter 'openai': size={text} is no size; write 1024x1024")
        own = self.url.startswith("https://api.openai.com")
        key = key_of("AVWALK_PAINTER_KEY", "OPENAI_API_KEY", required=self.url if own else "")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._connection = connect(self.url, headers, timeout=self.timeout, key=key)

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
        asked = self._settings.get("size") or f"{size[0]}x{size[1]}"
        fields = {"prompt": prompt, "n": 1, "size": asked}
        fields |= {name: self._settings[name] for name in ("model", "quality") if self._settings.get(name)}
        if self._settings.get("format"):
            fields["response_format"] = self._settings["format"]
        if init_image is None:
            answer = self._connection.post("images/generations", fields)
        else:
            texts = {name: str(value) for name, value in fields.items()}
            body, kind = multipart(texts, {"image": ("image.png", png_of(init_image))})
            answer = self._connection.request("POST", "images/edits", body, kind)
        notes = ["the service takes no seed: it stands for another try, no more"]
        if negative:
            notes.append("the service takes no negative prompt")
        if init_image is not None:
            notes.append("the service takes no strength")
        used: dict[str, Any] = {"Seed": seed, "Model": self._settings.get("model", ""), "notes": notes}
        return Painting(fitted(picture_of(self._bytes(answer), self.url), size), used)

    def _bytes(self, answer: Answer) -> bytes:
        """The picture's file: in the answer, or at an address that it names."""
        try:
            value = answer.json()
        except ValueError:
            raise PainterError(f"{self.url} answers with what is no JSON; is it an images endpoint?") from None
        data = value.get("data") if isinstance(value, dict) else None
        first = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else {}
        if first.get("b64_json"):
            return from_base64(first["b64_json"], self.url)
        if isinstance(first.get("url"), str) and first["url"].startswith(("https://", "http://")):
            return self._connection.get(first["url"]).body
        raise PainterError(f"{self.url} sent no picture (status {answer.status}), neither b64_json nor url")
