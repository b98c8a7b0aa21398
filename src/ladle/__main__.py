"""`python -m ladle`: takes and gives what the command `ladle` does."""

from ladle.cli import main

if __name__ == "__main__":
    main(prog_name="ladle")
