"""Files and folders that appear whole, also when Ctrl-C comes in between."""

import signal
from pathlib import Path

import pytest

from imagery.files import filled, replaced, uninterrupted


def listed(folder: Path) -> dict[str, str]:
    return {
        str(one.relative_to(folder)): one.read_text("utf-8")
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


def fill(folder: Path, text: str, stop: bool) -> None:
    with filled(folder) as part:
        (part / "a").mkdir()
        (part / "a" / "one.txt").write_text(text, encoding="utf-8")
        (part / "two.txt").write_text(text, encoding="utf-8")
        if stop:
            raise KeyboardInterrupt


def test_a_filled_folder_has_all_or_what_it_had(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with pytest.raises(KeyboardInterrupt):
        fill(folder, "first", stop=True)
    assert not folder.exists()
    fill(folder, "first", stop=False)
    (folder / "other.txt").write_text("kept", encoding="utf-8")
    (folder / "a" / "old.txt").write_text("of the first", encoding="utf-8")
    held = listed(folder)
    with pytest.raises(KeyboardInterrupt):
        fill(folder, "second", stop=True)
    assert listed(folder) == held
    fill(folder, "second", stop=False)
    assert listed(folder) == {
        "a/one.txt": "second", "other.txt": "kept", "two.txt": "second",
    }  # fmt: skip
    assert sorted(one.name for one in folder.iterdir()) == ["a", "other.txt", "two.txt"]


def test_ctrl_c_waits_for_the_end_of_a_block() -> None:
    done: list[str] = []

    def steps() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("second step")
        done.append("after the block")

    with pytest.raises(KeyboardInterrupt):
        steps()
    assert done == ["second step"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_replaced_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")

    def write(text: str) -> None:
        with replaced(path) as part:
            part.write_text(text, encoding="utf-8")
            if text == "stopped":
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write("stopped")
    assert listed(tmp_path) == {"a.txt": "old"}
    write("new")
    assert listed(tmp_path) == {"a.txt": "new"}
