"""`python -m keras_rgan generate MODEL FOLDER --num-samples N`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from keras_rgan.data.generate_parquet import generate_parquet, generate_shards


def main(arguments: Sequence[str] | None = None) -> None:
    """Do as the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m keras_rgan")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    every = commands.add_parser(
        "generate",
        help="generated sequences in Parquet files, by several processes",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    share = commands.add_parser("generate-shards")
    for command in (every, share):
        command.add_argument("model", help="a .keras file of a RecurrentGAN")
        command.add_argument("folder", type=Path, help="where the files go")
        command.add_argument("--batch-size", type=int, default=1000, help="samples made at a time")
        command.add_argument("--imports", nargs="+", default=[], help="modules with layers of your own")
    samples = "how many in all; more than last time, to go on"
    every.add_argument("--num-samples", type=int, required=True, help=samples)
    every.add_argument("--workers", type=int, default=1, help="processes")
    every.add_argument("--length", type=int, help="steps of a sequence; by default as in the data")
    every.add_argument("--features", nargs="+", help="names of the features' columns")
    every.add_argument("--seed", type=int, default=0)
    every.add_argument("--shard-size", type=int, default=100_000, help="samples in a file")
    every.set_defaults(run=generate_parquet)
    share.add_argument("--shards", type=int, nargs="+", required=True, help="their numbers, from 0")
    share.add_argument("--parent", type=int, help="the process to stop with")
    share.set_defaults(run=generate_shards)
    given = vars(parser.parse_args(arguments))
    try:
        given.pop("run")(**given)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
