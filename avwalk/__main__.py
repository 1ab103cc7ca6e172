"""``avwalk`` and ``python -m avwalk``."""

import signal


def start() -> None:
    """Loads the command line and runs it; a Ctrl-C meanwhile ends the program without words: nothing has begun."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from avwalk.cli.main import main

    signal.signal(signal.SIGINT, usual)
    main()


if __name__ == "__main__":
    start()
