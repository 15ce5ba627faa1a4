"""A generator in a file, and a process that makes samples of it without this package or Keras.

Trains briefly on sines, exports the generator as ONNX, and runs it with onnxruntime alone:

    pip install '.[export]'
    python examples/export.py [folder]
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

import keras_rgan as kr

LENGTH = 24

SERVE = """
import sys
import numpy as np
import onnxruntime

path, out = sys.argv[1:]
session = onnxruntime.InferenceSession(path)
print({i.name: i.shape for i in session.get_inputs()})
rng = np.random.default_rng(0)
noise = {
    i.name: rng.standard_normal([500, 24, i.shape[-1]][:: 4 - len(i.shape)], dtype="float32")
    for i in session.get_inputs()
}
np.save(out, session.run(None, noise)[0])
assert "keras" not in sys.modules and "keras_rgan" not in sys.modules
"""


def main(folder: Path) -> None:
    """Train, export, and compare samples of the file with the data."""
    folder.mkdir(parents=True, exist_ok=True)
    sines = 20.0 + 5.0 * kr.datasets.make_sines(2000, length=LENGTH, num_features=2)
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    gan.fit(sines, batch_size=64, epochs=4, verbose=2)

    gan.export_generator(folder / "generator.onnx", format="onnx")
    arguments = [str(folder / name) for name in ("generator.onnx", "samples.npy")]
    subprocess.run([sys.executable, "-c", SERVE, *arguments], check=True)

    samples = np.load(folder / "samples.npy")
    for name, values in (("data", sines), ("file", samples)):
        print(f"{name}: mean {values.mean():.2f}, deviation {values.std():.2f}, shape {values.shape}")
    print(f"Wrote generator.onnx and samples.npy to {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/export"))
