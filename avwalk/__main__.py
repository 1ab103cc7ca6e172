"""``python -m avwalk``."""

from avwalk.cli.main import main

main()
