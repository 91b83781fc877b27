"""Training runs train a copy, yield records, and can be stopped at any time; and the command."""

import copy
import shlex
import signal
import subprocess
import sys

import pytest
import torch

from lenet import mnist
from lenet.errors import InputError
from lenet.mnist import Digits
from lenet.network.checkpoint import load_checkpoint, save_checkpoint
from lenet.network.lenet5 import LeNet5
from lenet.network.original import LeNet5Of1998
from lenet.reading.preparation import frame
from lenet.train import main
from lenet.training.distillation import SEEDS
from lenet.training.loop import Progress, from_scratch, train, untrained
from lenet.training.recipe import Recipe, default_recipe, thorough_recipe
from tests.conftest import ROOT

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(few_digits) -> tuple[Digits, Digits]:
    images, labels = few_digits
    return Digits(images[:384], labels[:384]), Digits(images[384:], labels[384:])


@pytest.fixture
def small_mnist(data, monkeypatch):
    """Few digits for the command."""
    monkeypatch.setattr(mnist, "training_and_validation", lambda: data)
    monkeypatch.setattr(mnist, "final_test", lambda: data[1])


def run(data, recipe=None, model=None) -> list[Progress]:
    recipe = recipe or Recipe(epochs=2, batch_size=32, hardest=1.0)
    return list(train(model or from_scratch(recipe.seed), *data, recipe, CPU))


def same(one: LeNet5, other: LeNet5) -> bool:
    return all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


def test_the_same_seed_gives_the_same_network(data):
    assert same(from_scratch(7), from_scratch(7))
    assert not same(from_scratch(7), from_scratch(8))


@pytest.mark.parametrize("augmentation", [0.0, 1.0])
def test_the_same_recipe_gives_the_same_weights(data, augmentation):
    recipe = Recipe(epochs=1, batch_size=64, augmentation=augmentation)
    assert same(run(data, recipe)[-1].model, run(data, recipe)[-1].model)


def test_another_seed_gives_other_weights(data):
    model = from_scratch(1)
    runs = [run(data, Recipe(epochs=1, batch_size=64, seed=seed), model) for seed in (1, 2)]
    assert not same(runs[0][-1].model, runs[1][-1].model)


def test_torchs_global_seed_is_not_changed():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    from_scratch(7)
    assert torch.equal(torch.rand(1), expected)


def test_the_given_model_is_not_changed(data):
    model = from_scratch(1).eval()
    before = copy.deepcopy(model)
    records = run(data, model=model)
    assert same(model, before)
    assert not same(model, records[-1].model)
    assert not model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_run_starts_from_the_given_weights(data):
    trained = run(data, Recipe(epochs=4, batch_size=16))[-1].model
    first = run(data, Recipe(epochs=1, batch_size=16, learning_rate=1e-6), trained)[0]
    assert first.loss < 1 < run(data)[0].loss


def test_training_improves_accuracy(data):
    records = run(data, Recipe(epochs=6, batch_size=16, hardest=1.0))
    assert records[-1].loss < records[0].loss / 3
    assert records[-1].accuracy > 0.7


def test_only_the_last_record_has_the_model(data):
    *others, last = run(data)
    assert all(record.model is None for record in others)
    assert isinstance(last.model, LeNet5)
    assert not last.model.training


def test_every_record_has_a_copy_of_the_weights_so_far(data):
    first, *_, last = run(data)
    assert not same(first.now, last.now)
    assert same(last.now, last.model)


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_both_optimisers_improve_accuracy(data, optimiser):
    rate = {"adamw": 0.005, "sgd": 0.05}[optimiser]
    recipe = Recipe(epochs=6, batch_size=16, hardest=1.0, optimiser=optimiser, learning_rate=rate)
    assert run(data, recipe)[-1].accuracy > 0.6


def test_a_fraction_of_the_digits_makes_a_shorter_epoch(data):
    assert run(data, Recipe(epochs=1, batch_size=32, fraction=0.25))[-1].steps == 3


def test_the_command_of_a_recipe_has_only_changed_settings():
    assert Recipe().command() == "python -m lenet.train"
    recipe = Recipe(epochs=7, optimiser="sgd", learning_rate=0.05)
    assert recipe.command() == "python -m lenet.train --epochs 7 --learning-rate 0.05 --optimiser sgd"
    assert recipe.command("my own.safetensors").endswith(" --start 'my own.safetensors'")


def test_the_accuracy_is_measured_regularly_and_at_the_end(data):
    measured = [record.step for record in run(data) if record.accuracy is not None]
    assert measured == [4, 8, 12, 16, 20, 24]


def test_the_records_have_the_state_of_the_run(data):
    records = run(data)
    steps = [record.step for record in records]
    assert steps == sorted(set(steps))
    assert steps[-1] == records[-1].steps == 24
    assert all(record.epoch == record.step / 12 for record in records)
    assert all(record.seconds_left >= 0 for record in records)
    assert records[-1].seconds_left == 0
    assert [record.seconds for record in records] == sorted(record.seconds for record in records)


def test_the_loss_is_the_mean_since_the_last_record(data):
    """Without learning it stays at the loss of guessing, about ln 10."""
    records = run(data, Recipe(epochs=1, batch_size=8, learning_rate=1e-6), untrained(1))
    assert [record.loss for record in records] == pytest.approx([2.3] * len(records), abs=0.2)


def test_a_last_batch_may_be_smaller(data):
    assert run(data, Recipe(epochs=1, batch_size=250))[-1].steps == 2


def test_a_run_may_have_a_single_step(data):
    assert run(data, Recipe(epochs=1, batch_size=4_096))[-1].steps == 1


def test_a_run_can_be_stopped_after_any_record(data):
    model = from_scratch(1)
    before = copy.deepcopy(model)
    records = train(model, *data, Recipe(), CPU)
    next(records)
    records.close()
    assert list(records) == []
    assert same(model, before)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"epochs": 0}, "epochs must be a whole number from 1 to 1000, not 0."),
        ({"epochs": 1.5}, "epochs must be a whole number from 1 to 1000, not 1.5."),
        ({"epochs": True}, "epochs must be a whole number from 1 to 1000, not True."),
        ({"batch_size": 4}, "batch size must be a whole number from 8 to 4096, not 4."),
        ({"learning_rate": 2}, "learning rate must be a number from 1e-06 to 1.0, not 2."),
        ({"learning_rate": float("nan")}, "learning rate must be a number from 1e-06 to 1.0, not nan."),
        ({"learning_rate": "fast"}, "learning rate must be a number from 1e-06 to 1.0, not 'fast'."),
        ({"seed": -1}, "seed must be a whole number from 0 to 2147483647, not -1."),
        ({"seed": None}, "seed must be a whole number from 0 to 2147483647, not None."),
        ({"augmentation": 3.0}, "augmentation must be a number from 0.0 to 2.0, not 3.0."),
        ({"fraction": 0.0}, "fraction must be a number from 0.001 to 1.0, not 0.0."),
        ({"optimiser": "adam"}, "optimiser must be adamw or sgd, not 'adam'."),
    ],
)
def test_a_recipe_out_of_bounds_is_refused(settings, sentence):
    with pytest.raises(InputError) as fault:
        Recipe(**settings)
    assert str(fault.value) == sentence


def test_the_command_writes_weights_with_the_metadata_of_their_training(small_mnist, tmp_path, capsys):
    path = tmp_path / "weights.safetensors"
    arguments = ["--epochs", "1", "--batch-size", "64", "--seed", "5", "--device", "cpu", "--output", str(path)]
    assert main(arguments) == 0
    _, metadata = load_checkpoint(path)
    assert metadata["command"] == f"python -m lenet.train {' '.join(arguments)}"
    assert (metadata["epochs"], metadata["batch_size"], metadata["seed"]) == ("1", "64", "5")
    assert metadata["validation_accuracy"] == metadata["test_accuracy"]  # here both sets have the same digits
    output, progress = capsys.readouterr()
    assert output.startswith("validation ")
    assert output.endswith(f" on this CPU: {path}\n")
    assert "loss" in progress
    assert "s left" in progress


def test_the_command_of_a_recipe_trains_by_it_from_given_weights(small_mnist, tmp_path):
    start, path = tmp_path / "start.safetensors", tmp_path / "weights.safetensors"
    save_checkpoint(untrained(3), {}, start)
    recipe = Recipe(epochs=1, batch_size=64, learning_rate=1e-6, optimiser="sgd", fraction=0.5)
    arguments = shlex.split(recipe.command(str(start)))[3:]
    assert main([*arguments, "--device", "cpu", "--output", str(path)]) == 0
    model, metadata = load_checkpoint(path)
    assert torch.allclose(model.conv1.weight, untrained(3).conv1.weight, atol=1e-4)
    assert (metadata["optimiser"], metadata["fraction"]) == ("sgd", "0.5")


def test_the_trained_network_of_1998_answers_as_its_weights_do_when_they_are_loaded(data, tmp_path):
    # Its table of connections is a buffer of indices, which an average would round down.
    recipe = Recipe(epochs=2, batch_size=32, learning_rate=0.003, optimiser="sgd", hardest=1.0)
    trained = run(data, recipe, from_scratch(1, LeNet5Of1998))[-1].model
    save_checkpoint(trained, {}, tmp_path / "weights.safetensors")
    loaded, _ = load_checkpoint(tmp_path / "weights.safetensors")
    pictures = frame(data[1].images).float()
    assert torch.equal(trained.C3.pairs, loaded.C3.pairs)
    assert torch.allclose(trained.read(pictures), loaded.read(pictures), atol=1e-3)


def test_the_command_distils_if_teacher_epochs_are_given(small_mnist, tmp_path, capsys):
    path = tmp_path / "weights.safetensors"
    options = {"epochs": 1, "teacher-epochs": 1, "copies": 1, "device": "cpu", "output": path}
    assert main([text for name, value in options.items() for text in (f"--{name}", str(value))]) == 0
    model, metadata = load_checkpoint(path)
    assert model.parameter_count() == 61_706
    assert (metadata["teacher_epochs"], metadata["copies"]) == ("1", "1")
    progress = capsys.readouterr().err
    assert all(f"Teacher {number} of {len(SEEDS)}: " in progress for number in range(1, len(SEEDS) + 1))


def test_the_command_uses_the_devices_recipe_and_prints_it(small_mnist, tmp_path, capsys, monkeypatch):
    device_recipe = Recipe(epochs=2, batch_size=96)
    monkeypatch.setattr("lenet.train.default_recipe", lambda device: device_recipe)
    path = tmp_path / "weights.safetensors"
    assert main(["--epochs", "1", "--device", "cpu", "--output", str(path)]) == 0
    assert "On this CPU: epochs 1, batch size 96, learning rate 0.005, seed 1" in capsys.readouterr().err
    assert load_checkpoint(path)[1]["batch_size"] == "96"


def test_a_gpu_has_larger_batches_with_all_digits_and_a_thorough_recipe():
    cuda, mps = torch.device("cuda"), torch.device("mps")
    assert default_recipe(CPU) == default_recipe(mps) == Recipe()
    assert default_recipe(cuda).batch_size > Recipe.batch_size
    assert default_recipe(cuda).hardest == 1.0
    assert thorough_recipe(CPU) is thorough_recipe(mps) is None
    assert thorough_recipe(cuda).teacher_epochs > 0


def test_the_command_reports_invalid_weights_to_start_from(tmp_path, capsys):
    assert main(["--start", str(tmp_path / "none"), "--output", str(tmp_path / "weights.safetensors")]) == 1
    assert capsys.readouterr().err == f"There is no weights file {tmp_path / 'none'}.\n"


def test_the_command_reports_invalid_settings(tmp_path, capsys):
    assert main(["--epochs", "0", "--output", str(tmp_path / "weights.safetensors")]) == 1
    assert capsys.readouterr().err == "epochs must be a whole number from 1 to 1000, not 0.\n"
    assert list(tmp_path.iterdir()) == []


def test_the_command_reports_an_unwritable_file_before_training(tmp_path, capsys):
    assert main(["--device", "cpu", "--output", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path} is a folder; name a file for the weights.\n"
    file = tmp_path / "file"
    file.touch()
    assert main(["--device", "cpu", "--output", str(file / "weights.safetensors")]) == 1
    assert capsys.readouterr().err == f"{file / 'weights.safetensors'} can't be written: File exists.\n"


def test_the_command_reports_damaged_data(tmp_path, capsys, monkeypatch):
    def damaged():
        raise InputError("MNIST is damaged.")

    monkeypatch.setattr(mnist, "training_and_validation", damaged)
    assert main(["--device", "cpu", "--output", str(tmp_path / "weights.safetensors")]) == 1
    assert capsys.readouterr().err == "MNIST is damaged.\n"


@pytest.mark.slow
def test_ctrl_c_does_not_change_the_old_file(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"old weights")
    command = [sys.executable, "-m", "lenet.train", "--epochs", "1000", "--device", "cpu", "--output", str(path)]

    # Tests that run in the background ignore SIGINT, and the programs that they start inherit that.
    def restore_sigint() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, preexec_fn=restore_sigint) as process:
        progress = b""
        while b"loss" not in progress:
            output = process.stderr.read1()
            assert output, f"The run ended by itself: {progress.decode()}"
            progress += output
        process.send_signal(signal.SIGINT)
        progress += process.stderr.read()
    assert process.returncode == 130
    assert progress.decode().endswith(f"\nStopped; {path} is unchanged.\n")
    assert path.read_bytes() == b"old weights"
    assert list(tmp_path.iterdir()) == [path]
