"""Kill a hundred training runs at random moments, and check the file after each: `python -m benchmarks.kills`."""

import tempfile
from pathlib import Path

from benchmarks.killed import kill_at_random
from benchmarks.report import write_section
from lenet.network.checkpoint import load_checkpoint, save_checkpoint
from lenet.training.loop import untrained

KILLS = 100


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        save_checkpoint(untrained(1), {}, path)
        for seed in range(KILLS):
            kill_at_random(path, seed)
            load_checkpoint(path)  # raises InputError if the file is damaged
    rows = [("runs killed with SIGKILL while they trained and wrote", "files damaged"), (f"{KILLS}", "0")]
    write_section("Killed while training", "benchmarks.kills", rows)


if __name__ == "__main__":
    main()
