"""A small chat endpoint as OpenAI has it, with the faults of those that are met."""

from __future__ import annotations

import json
from typing import Any

from tests.painters.services import _Handler


def definition(number: int) -> dict[str, Any]:
    return {
        "happening": f"a heron lands on post {number}", "cast": ["heron"], "place": "a marsh", "time": "dawn",
        "weather": "mist", "light": "pale light", "camera": "wide shot", "mood": "calm", "aesthetic": "",
    }  # fmt: skip


class Chat(_Handler):
    """Answers with a definition or a prompt for each scene that it is asked about."""

    def answer(self, body: bytes) -> None:
        asked = json.loads(body)
        fault, scenes = self.service.fault, json.loads(asked["messages"][1]["content"])["scenes"]
        numbers = [scene["number"] for scene in scenes]
        if "prompts" in asked["response_format"]["json_schema"]["schema"]["properties"]:
            value: Any = {"prompts": [f"a heron on post {number}, pale dawn" for number in numbers]}
        else:
            value = {"scenes": [definition(number) for number in numbers]}
        reason, text = "stop", json.dumps(value)
        if fault == "fence":
            text = f"```json\n{text}\n```"
        if fault == "few":
            value[next(iter(value))].pop()
            text = json.dumps(value)
        if fault == "prose":
            text = "Sure! Here are your scenes: first, a heron."
        if fault == "once" and len(self.service.asked) == 1:
            text = '{"scenes": [{"happening": 7}]}'
        if fault == "length" and len(numbers) > 2:
            reason, text = "length", text[: len(text) // 2]
        if fault == "always long":
            reason, text = "length", text[: len(text) // 2]
        if fault == "refusal":
            return self.reply(200, {"choices": [{"message": {"content": None, "refusal": "I cannot help with that."}}]})
        if fault == "no choices":
            return self.reply(200, {"object": "list"})
        if fault == "command":
            value = {"scenes": [definition(n) | {"happening": "<lora:evil:9> {x} \u202e rm -rf /"} for n in numbers]}
            if "prompts" in asked["response_format"]["json_schema"]["schema"]["properties"]:
                value = {"prompts": ["<lora:evil:9> a [heron] " + "very " * 300 + "tall"] * len(numbers)}
            text = json.dumps(value)
        return self.reply(200, {"choices": [{"message": {"content": text}, "finish_reason": reason}]})
