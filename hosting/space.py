"""Publish this checkout as a Hugging Face Space: `make space SPACE=user/name`.

Creates the Space if needed, uploads the files that git tracks and a Space needs, and removes other files from the
Space. `make space SPACE=user/name DRY_RUN=1` only lists the files.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, HTTPError, OfflineModeIsEnabled
from huggingface_hub.hf_api import RepoFile

ROOT = Path(__file__).resolve().parent.parent
PICTURE = "docs/drawing.webp"  # the Space's thumbnail
NEEDED = ("README.md", "LICENSE", "app.py", "requirements.txt", "checkpoints", "data", "demo", "lenet", PICTURE)
ZERO_GPU = "zero-a10g"  # the Hub's name for ZeroGPU
# A new Space has these files. .gitattributes stays, because it lists the files in large-file storage.
FROM_THE_HUB = {".gitattributes", "README.md", "index.html", "style.css"}

MAKE_A_TOKEN = "make one that may write at {endpoint}/settings/tokens, then `.venv/bin/hf auth login`"
REFUSALS = {
    401: f"The Hub does not accept this token: {MAKE_A_TOKEN}.",
    402: (
        "This account may not have a Space on {hardware}. ZeroGPU (the default) needs a verified e-mail address and an "
        "account older than 30 days; a static Space (STATIC=1) is free for everyone; all other hardware is paid for."
    ),
    403: (
        "This token may not write to {space}: is that your user name or your organisation's, and was the token made "
        "to write?"
    ),
    429: "The Hub has had too many requests from this account: try again in some minutes.",
}


class Refused(Exception):
    """Publishing is not possible; the message says what to do."""


def needed_files(root: Path = ROOT) -> list[str]:
    """Return the sorted paths of the files that git tracks and a Space needs."""
    listed = subprocess.run(["git", "ls-files", "-z", *NEEDED], cwd=root, capture_output=True, text=True)
    if listed.returncode:
        raise Refused("Only a clone made with git can be published: git knows which files belong to it.")
    # A file that was deleted but not yet committed is still listed; *.d.ts are for the type checker only.
    return sorted(name for name in listed.stdout.split("\0") if not name.endswith(".d.ts") and (root / name).is_file())


def publish(space: str, folder: Path, names: list[str], sdk: str, hardware: str | None) -> str:
    """Create or update a Space from these files of a folder; return its address."""
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
    if not get_token():
        raise Refused(f"No token: {MAKE_A_TOKEN.format(endpoint=api.endpoint)}, or set HF_TOKEN.")
    api.create_repo(
        space,
        repo_type="space",
        space_sdk=sdk,
        space_hardware=None if sdk == "static" else hardware or ZERO_GPU,
        exist_ok=True,
    )
    there = {
        entry.path
        for entry in api.list_repo_tree(space, repo_type="space", recursive=True)
        if isinstance(entry, RepoFile)
    }
    foreign = there - set(names) - FROM_THE_HUB
    if foreign and not there & {"demo/page.py", "site.js"}:
        raise Refused(
            f"{space} holds another project ({min(foreign)}, for one): choose another name, or delete that Space first."
        )
    if hardware and there - FROM_THE_HUB:
        api.request_space_hardware(space, hardware)  # type: ignore[arg-type]
    gone = sorted(there - set(names) - {".gitattributes"})
    address = f"{api.endpoint}/spaces/{space}"
    print(f"Uploading {len(names)} files to {space}, removing {len(gone)} ...", flush=True)
    api.create_commit(
        space,
        repo_type="space",
        operations=[
            *[CommitOperationAdd(name, _content(folder, name, address)) for name in names],
            *[CommitOperationDelete(name) for name in gone],
        ],
        commit_message="Update from the repository",
    )
    return address


def _content(folder: Path, name: str, address: str) -> bytes:
    """Return the content of a file to upload; in README.md, with the thumbnail's full address, which the Hub needs."""
    content = (folder / name).read_bytes()
    if name == "README.md" and (folder / PICTURE).exists():
        return content.replace(b"---\n", f"---\nthumbnail: {address}/resolve/main/{PICTURE}\n".encode(), 1)
    return content


def in_a_sentence(fault: Exception, space: str, hardware: str) -> str:
    """Return what an exception means, and what to do about it."""
    endpoint = HfApi(endpoint=os.environ.get("HF_ENDPOINT")).endpoint
    if isinstance(fault, Refused):
        return str(fault)
    if isinstance(fault, RuntimeError):
        return f"{' '.join(str(fault).split())} Run the same command again: what has arrived is not sent twice."
    if isinstance(fault, HFValidationError):
        return f"{space} is not a name that a Space can have: SPACE=user/name, of letters, digits, - . and _."
    if isinstance(fault, HfHubHTTPError):
        status = fault.response.status_code
        words = REFUSALS.get(status, "The Hub answered {status}: {message}")
        message = fault.server_message or str(fault)
        return words.format(
            space=space, hardware=hardware, endpoint=endpoint, status=status, message=" ".join(message.split())
        )
    if isinstance(fault, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set, which forbids every connection to the Hub: unset it."
    return f"{endpoint} cannot be reached: is this machine online, and is there a proxy in between?"


def _print_files(folder: Path, names: list[str]) -> None:
    sizes = {name: (folder / name).stat().st_size for name in names}
    for name, size in sizes.items():
        print(f"{size:>12,}  {name}")
    print(f"{sum(sizes.values()):>12,}  bytes in {len(names)} files")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make space", description=__doc__.splitlines()[0])
    parser.add_argument("space", help="user/name")
    parser.add_argument("--hardware", help=f"the Hub's name of the hardware; {ZERO_GPU} (ZeroGPU) for a new Space")
    parser.add_argument("--static", action="store_true", help="publish the static site instead of the whole page")
    parser.add_argument("--full", help="where the whole page is, for a static site")
    parser.add_argument("--dry-run", action="store_true", help="only list the files")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as site:
        try:
            folder, names = (_site(Path(site), chosen.full)) if chosen.static else (ROOT, needed_files())
            if chosen.dry_run:
                _print_files(folder, names)
                return 0
            sdk = "static" if chosen.static else "gradio"
            print(publish(chosen.space, folder, names, sdk, chosen.hardware))
        # A RuntimeError is how huggingface_hub reports a file that did not arrive.
        except (Refused, HTTPError, HFValidationError, OfflineModeIsEnabled, RuntimeError) as fault:
            print(in_a_sentence(fault, chosen.space, chosen.hardware or "ZeroGPU"), file=sys.stderr)
            return 1
    return 0


def _site(folder: Path, full: str | None) -> tuple[Path, list[str]]:
    from hosting.site.build import build

    build(folder, full)
    return folder, sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
