"""A chat endpoint as OpenAI has it: asked for JSON by a schema, its answers checked, retried once, and kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ValidationError

from avwalk.errors import OptionError, PainterError, clipped, did_you_mean
from avwalk.files.bounded import parse_json
from avwalk.files.byte_cache import ByteCache
from avwalk.painters.connection import connect
from avwalk.painters.service import key_of

LIMIT = 256 << 20  # bytes of answers that are kept
SETTINGS = ("model", "timeout")
TIMEOUT = 120.0
OPENAI = "api.openai.com"
_CACHE = ByteCache("screenplays", LIMIT, "what is asked is asked again next time")
_FENCE = re.compile(r"^\s*```(?:json)?\s*|\s*```\s*$")

Answered = TypeVar("Answered", bound=BaseModel)


class ChatError(Exception):
    """An endpoint gave no answer that can be used; in one line, why.

    Attributes:
        lasting: it will not answer the next question either.
        too_long: the answer was cut off at the limit of tokens.
    """

    def __init__(self, text: str, *, lasting: bool = False, too_long: bool = False) -> None:
        super().__init__(text)
        self.lasting, self.too_long = lasting, too_long


class ChatEndpoint:
    """An endpoint ``{base}/chat/completions``.

    The key comes from ``AVWALK_CHAT_KEY``, for OpenAI's own also from ``OPENAI_API_KEY``; it goes over TLS, or stays on
    this machine.

    Args:
        address: ``http://127.0.0.1:8080/v1?model=NAME``; ``timeout`` in seconds.
        fresh: ask anew what is kept.

    Raises:
        OptionError: it is no such address.
        PainterError: OpenAI's endpoint without a key.
    """

    def __init__(self, address: str, *, fresh: bool = False) -> None:
        base, _, query = address.partition("?")
        settings = dict(parse_qsl(query, keep_blank_values=True))
        for name in settings:
            if name not in SETTINGS:
                near = did_you_mean(name, SETTINGS)
                raise OptionError(f"--chat has no setting '{clipped(name)}'{near}; it has {', '.join(SETTINGS)}")
        try:
            timeout = float(settings.get("timeout", TIMEOUT))
        except ValueError:
            timeout = 0.0
        if not 1 <= timeout <= 3600:
            raise OptionError(f"--chat: timeout={clipped(settings['timeout'])} is out of range; give 1 to 3600 seconds")
        own = urlsplit(base).hostname == OPENAI
        names = ("AVWALK_CHAT_KEY", *(["OPENAI_API_KEY"] if own else []))
        key = key_of(*names, required=base if own else "")
        base = base.rstrip("/").removesuffix("/chat/completions")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.url, self.model, self._fresh = base, settings.get("model", ""), fresh
        self._connection = connect(base, headers, timeout=timeout, key=key)

    def ask(
        self,
        system: str,
        data: Any,
        schema: type[Answered],
        check: Callable[[Answered], str],
        *,
        temperature: float,
        tokens: int,
    ) -> Answered:
        """Asks, once more if the answer cannot be used; what was answered before is not asked again.

        Args:
            system: what is wanted.
            data: JSON value that it is wanted of.
            schema: of the answer.
            check: what is wrong with an answer that fits the schema; empty: nothing.
            temperature: of the sampler.
            tokens: of the answer, at most.

        Raises:
            ChatError: there is no answer that can be used.
        """
        request: dict[str, Any] = {
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
            ],
            "temperature": temperature,
            "max_tokens": tokens,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": schema.__name__.lower(), "schema": schema.model_json_schema()},
            },
        }
        if self.model:
            request["model"] = self.model
        name = hashlib.sha256(json.dumps([self.url, request], sort_keys=True).encode()).hexdigest()
        if not self._fresh and (kept := _CACHE.find(name)):
            try:
                return _usable(kept.decode("utf-8", "replace"), schema, check)
            except ChatError:
                pass  # by other rules than today's
        error = ChatError("nothing was asked")
        for _ in range(2):
            try:
                text = self._answer(request)
                found = _usable(text, schema, check)
            except ChatError as wrong:
                error = wrong
                if wrong.lasting or wrong.too_long:
                    break
            else:
                _CACHE.store(name, text.encode())
                _CACHE.trim()
                return found
        raise ChatError(f"{self.url}: {error}", lasting=error.lasting, too_long=error.too_long) from None

    def _answer(self, request: dict[str, Any]) -> str:
        """The text that is answered.

        Raises:
            ChatError: there is none.
        """
        try:
            answer = self._connection.post("chat/completions", request)
        except PainterError as error:
            said = str(error).removeprefix(f"{self.url}/chat/completions").lstrip(": ")
            raise ChatError(said, lasting=True) from None
        try:
            tree = parse_json(answer.body)
        except ValueError:
            raise ChatError("it answers with what is no JSON; is it a chat endpoint?", lasting=True) from None
        choices = tree.get("choices") if isinstance(tree, dict) else None
        first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        message = first.get("message")
        text = message.get("content") if isinstance(message, dict) else None
        if first.get("finish_reason") == "length":
            raise ChatError("its answer was cut off at the limit of tokens", too_long=True)
        if not isinstance(text, str) or not text.strip():
            refusal = message.get("refusal") if isinstance(message, dict) else None
            raise ChatError(f"it refuses: {clipped(refusal, 120)}" if refusal else "its answer is empty")
        return text


def _usable(text: str, schema: type[Answered], check: Callable[[Answered], str]) -> Answered:
    """An answer by its schema.

    Raises:
        ChatError: it does not fit.
    """
    try:
        found = schema.model_validate(parse_json(_FENCE.sub("", text)))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ChatError(f"its answer does not fit: {place}: {first['msg']}") from None
    except ValueError as error:
        raise ChatError(f"its answer is no JSON ({clipped(error, 60)})") from None
    if wrong := check(found):
        raise ChatError(f"its answer does not fit: {wrong}")
    return found
