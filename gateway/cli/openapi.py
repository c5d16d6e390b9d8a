import sys
from pathlib import Path

import rich_click as click

from gateway.cli.failure import CommandFailed


@click.command("openapi")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file, not to stdout.")
def command(output: Path | None) -> None:
    """Print the OpenAPI 3.1 document.

    Needs no store and no setting. Example: `coursegate openapi -o openapi.json`
    """
    import msgspec

    from gateway.app import openapi_document

    text = msgspec.json.format(msgspec.json.encode(openapi_document()), indent=2).decode() + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{output} can't be written: {error.strerror}") from error
