"""``avwalk score PICTURES``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from avwalk.cli.terminal import echo, json_text

if TYPE_CHECKING:
    from avwalk.metrics.picture_scores import Scores

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def score(
    pictures: list[str] = typer.Argument(..., metavar="PICTURES", help="Files, or folders of pictures, in order."),
    prompts: str = typer.Option(
        None,
        "--prompts",
        metavar="FILE",
        help="a prompt a line; .csv with columns picture and prompt; or .json; default: as the pictures say",
    ),
    model: str = typer.Option(
        None, "--model", metavar="FOLDER", help="a CLIP model of yours, as transformers saves it"
    ),
    clip: bool = typer.Option(True, "--clip/--no-clip", help="--no-clip: SSIM alone"),
    as_json: bool = typer.Option(False, "--json", help="one JSON object"),
) -> None:
    """Measure how well pictures fit their prompts (CLIP score, 100·cosine) and how alike neighbours are (SSIM)."""
    from pathlib import Path

    from avwalk.cli.progress import say
    from avwalk.errors import OptionError
    from avwalk.metrics.picture_scores import picture_files, picture_scores, prompts_from, stored_prompt

    files = picture_files(pictures)
    said = prompts_from(Path(prompts), files) if prompts else [stored_prompt(file) for file in files]
    if model and not clip:
        raise OptionError("--model and --no-clip contradict each other; give one")
    if model and not any(said):
        raise OptionError("none of these pictures says its prompt; give them with --prompts FILE")
    found = picture_scores(files, said, Path(model) if model else None)
    if as_json:
        echo(json_text(found.as_json()))
    else:
        _tell(found)
    if clip and not model:
        say(
            "note: no CLIP score, as there is no model; name the folder of one of yours, such as "
            "clip-vit-base-patch32: --model FOLDER"
        )


def _tell(found: Scores) -> None:
    for each in found.pictures:
        clip = "" if each.clip is None else f"CLIP {each.clip:6.2f}  "
        following = "" if each.ssim_next is None else f"SSIM with the next {each.ssim_next:.3f}"
        echo(f"{each.file}  {clip}{following}".rstrip())
    values = found.as_json()
    clip_score, alike = values["clip_score"], values["ssim_of_neighbours"]
    if clip_score["n"]:
        spread = "" if clip_score["sd"] is None else f" ± {clip_score['sd']:.2f}"
        echo(f"CLIP score {clip_score['mean']:.2f}{spread} (100·cosine, {clip_score['model']}, n = {clip_score['n']})")
    if clip_score["n_prompts_cut"]:
        echo(f"{clip_score['n_prompts_cut']} prompts were longer than the model reads; their beginnings count")
    if alike["n"]:
        echo(f"SSIM of neighbours {alike['mean']:.3f} (n = {alike['n']})")
