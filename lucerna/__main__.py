"""Runs the command as `python -m lucerna`."""

from lucerna.cli import main

if __name__ == "__main__":
    main()
