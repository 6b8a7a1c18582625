"""Run the command line as `python -m lpact_eval`."""

from lpact_eval.cli import main

if __name__ == "__main__":
    main()
