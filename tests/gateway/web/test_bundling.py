"""The player's modules become one script: each runs once, after those it imports from, and an unknown form is refused."""

import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.web import player_assets
from gateway.web.bundling import Unbundlable, bundle

MODULES = {
    "main.js": (
        '/** Boot. */\nimport { twice, Box as Case } from "./kinds/twice.js";\nimport {\n  base,\n} from "./base.js";\n'
        "// begins\nconst text = `\n  kept // here\n`;\nconsole.log(twice(base), new Case().value, text.trim());\n"
    ),
    "kinds/twice.js": (
        'import { base } from "../base.js";\n\nexport function twice(number) {\n  return 2 * number;\n}\n\n'
        "export class Box {\n  value = base;\n}\n"
    ),
    "base.js": "export const base = 21;\nconsole.log('once');\n",
    "unused.js": "export const unused = 1;\n",
}


def test_what_is_put_together_does_what_the_modules_do(tmp_path: Path) -> None:
    """Run by Node, it says what the modules say, and what two of them import is run once."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node to run it")
    script = tmp_path / "all.mjs"
    script.write_text(bundle(MODULES, "main.js"), encoding="utf-8")
    said = subprocess.run([node, str(script)], capture_output=True, text=True, check=True).stdout
    assert said == "once\n42 21 kept // here\n"


def test_comments_of_whole_lines_and_unused_modules_are_left_out() -> None:
    """What nobody runs is not sent."""
    made = bundle(MODULES, "main.js")
    assert "Boot" not in made
    assert "begins" not in made
    assert "unused" not in made


@pytest.mark.parametrize(
    "text",
    [
        'import everything from "./base.js";',
        'import * as base from "./base.js";',
        "export default 1;",
        "export let changing = 1;",
        'export { base } from "./base.js";',
        'const later = await import("./base.js");',
        'import { gone } from "./gone.js";',
        'import { itself } from "./main.js";',
    ],
)
def test_a_form_that_is_not_known_is_refused(text: str) -> None:
    """At the start of a process, and before that here: never in a browser."""
    with pytest.raises(Unbundlable):
        bundle(MODULES | {"main.js": f"{text}\n"}, "main.js")


def test_the_player_is_put_together_and_small(tmp_path: Path) -> None:
    """Script, styles and words are at most 55 KiB compressed, which leaves room for the page and its questions."""
    assets = player_assets.load()
    sizes = [len(assets.by_path[path].compressed) for path in ("main.js", "styles.css", "texts/en.json")]
    assert sum(sizes) <= 55 * 1024
    node = shutil.which("node")
    if node is not None:
        script = tmp_path / "player.mjs"
        script.write_bytes(assets.by_path["main.js"].plain)
        subprocess.run([node, "--check", str(script)], check=True)
