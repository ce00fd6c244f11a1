"""Development script: writes digits.npz from scikit-learn's copy of the UCI digits. Run it by hand; see README.md."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits


def main() -> None:
    """Grey levels 0 … 16 as uint8 `(1797, 64)`, labels as uint8 `(1797,)`, in the source's order."""
    digits = load_digits()
    target = Path(__file__).parent / "digits.npz"
    np.savez_compressed(target, images=digits.data.astype(np.uint8), labels=digits.target.astype(np.uint8))
    print(f"{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
