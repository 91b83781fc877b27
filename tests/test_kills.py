"""A killed training run never damages the weights file: it is the old one, or the new one."""

import pytest

from benchmarks.killed import kill_at_random
from lenet.network.checkpoint import load_checkpoint, save_checkpoint
from lenet.training.loop import untrained

pytestmark = pytest.mark.slow

# benchmarks/kills.py does the same a hundred times.
KILLS = 10


def test_a_run_killed_at_a_random_moment_leaves_an_undamaged_file(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_checkpoint(untrained(1), {}, path)
    for seed in range(KILLS):
        kill_at_random(path, seed)
        load_checkpoint(path)
