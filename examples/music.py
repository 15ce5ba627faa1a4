"""Notes in MIDI files: melodies with chords, in three keys.

    python examples/music.py out/music --minutes 12
    python examples/music.py out/mine --data FOLDER

Trains on 2,000 pieces of four bars that are made by rule, generates as many as are held out, and prints
the statistics of C-RNN-GAN, and how far distances to held-out pieces overlap with those among these (1
is ideal), beside training pieces, pieces of a first-order Markov chain of notes, and training pieces
whose notes are shuffled. Writes what was generated as MIDI files and as sound, and draws some pieces.
`--data` takes a folder of MIDI files, cut into stretches of 32 notes, every fifth file held out.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

import keras_rgan as kr

STRETCH = 32
"""Into so many notes the pieces of a folder are cut."""

FEWEST = 64
"""So many of these are needed to train on."""

SHOWN = 3
"""So many pieces are drawn, written and rendered."""

Pieces = list[np.ndarray]


def pieces_of(folder: Path | None) -> tuple[Pieces, Pieces]:
    """Return pieces to train on, and pieces that are held out."""
    if folder is None:
        make = kr.datasets.make_melodies
        return make(2000, seed=0), make(500, seed=1)
    files = kr.data.read_midi(folder, step=0.25, on_error="skip")
    stretches = [
        [notes[i : i + STRETCH] for i in range(0, len(notes) - STRETCH + 1, STRETCH)] for notes in files
    ]
    for piece in (notes for some in stretches for notes in some):
        piece[0, 0] = 0.0  # what came before is not part of it
    train = [piece for i, some in enumerate(stretches) if i % 5 for piece in some]
    held_out = [piece for some in stretches[::5] for piece in some]
    if len(train) < FEWEST or len(held_out) < SHOWN:
        raise SystemExit(
            f"{folder} has too few notes: {len(train)} stretches of {STRETCH} to train on and "
            f"{len(held_out)} held out; {FEWEST} and {SHOWN} are needed, of several files."
        )
    return train, held_out


def markov(pieces: Pieces, count: int, seed: int) -> Pieces:
    """Return pieces in which each note follows the one before as some note of the data does."""
    random = np.random.default_rng(seed)
    following = defaultdict(list)
    for notes in pieces:
        rows = [tuple(row) for row in notes.tolist()]
        for before, after in zip([None, *rows], [*rows, None], strict=True):
            following[before].append(after)
    made: Pieces = []
    while len(made) < count:
        rows, state = [], None
        while len(rows) < 2 * STRETCH:
            choices = following[state]
            state = choices[random.integers(len(choices))]
            if state is None:
                break
            rows.append(state)
        made.append(np.array(rows))
    return made


def roll(axis: object, notes: np.ndarray, title: str) -> None:
    """Draw notes as a piano roll."""
    begins = np.cumsum(notes[:, 0])
    colors = ["C0" if velocity < 70 else "C3" for velocity in notes[:, 3]]
    axis.barh(notes[:, 2], notes[:, 1] * 0.95, left=begins, height=0.8, color=colors)  # type: ignore[attr-defined]
    axis.set(xlabel="beats", ylabel="pitch", title=title)  # type: ignore[attr-defined]


def main() -> None:
    """Train, generate, compare, write and draw."""
    parser = argparse.ArgumentParser(description="Notes in MIDI files")
    parser.add_argument("folder", nargs="?", default="out/music", type=Path)
    parser.add_argument("--data", type=Path, help="a folder of MIDI files")
    parser.add_argument("--minutes", default=12.0, type=float, help="training time at the most")
    options = parser.parse_args()
    train, held_out = pieces_of(options.data)
    sequences, values = kr.data.notes_to_sequences(train)
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(seed=0)
    penalties = [kr.penalties.ApproximateR1Penalty(4.0), kr.penalties.ApproximateR2Penalty(4.0)]
    gan.compile(penalties=penalties)
    budget = kr.callbacks.TimeBudget(options.minutes)
    gan.fit(sequences, batch_size=64, verbose=0, callbacks=[budget])
    generated = kr.data.sequences_to_notes(gan.generate(len(held_out), seed=0), values)

    random = np.random.default_rng(0)
    some = [train[i] for i in random.permutation(len(train))[: len(held_out)]]
    sets = {
        "held out": held_out,
        "training": some,
        "generated": generated,
        "Markov": markov(train, len(held_out), 0),
        "shuffled": [notes[random.permutation(len(notes))] for notes in some],
    }
    statistics = {name: kr.metrics.note_statistics(pieces) for name, pieces in sets.items()}
    areas = {
        name: kr.metrics.overlapping_area(statistics["held out"], found)
        for name, found in statistics.items()
    }
    print(f"{len(train)} pieces to train on, {len(held_out)} held out, {len(values['pitch'])} pitches")
    print(f"kept what was best, after {int(gan.optimizer.iterations)} updates")
    for title, table in (("means", statistics), ("overlap with held out", areas)):
        print(f"{title:22}" + "".join(f"{name:>11}" for name in sets))
        for name in statistics["generated"]:
            if title == "means" and statistics["generated"][name].ndim > 1:
                continue
            print(f"{name:22}" + "".join(f"{np.mean(x[name]):11.3f}" for x in table.values()))
    known = {notes.tobytes() for notes in train}
    copies = np.mean([notes.tobytes() in known for notes in generated])
    print(f"copies of training pieces among the generated ones: {copies:.1%}")

    figure = Figure(figsize=(12, 6), layout="constrained")
    axes = figure.subplots(2, SHOWN)
    for i in range(SHOWN):
        roll(axes[0, i], held_out[i], "held out")
        roll(axes[1, i], generated[i], "generated")
        kr.data.write_midi(generated[i], options.folder / f"generated_{i}.mid", tempo=110)
        kr.data.write_wav(generated[i], options.folder / f"generated_{i}.wav", tempo=110)
    figure.savefig(options.folder / "music.png", dpi=80)
    print(f"Pieces are in {options.folder / 'music.png'}, and as .mid and .wav beside it")


if __name__ == "__main__":
    main()
