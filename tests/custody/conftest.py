import pytest

from vigie.kernel.custody import Custody


@pytest.fixture
def case(tmp_path):
    """A case folder whose log has 8 entries under 6 checkpoints."""
    folder = tmp_path / "case"
    folder.mkdir()
    log = Custody.create(folder, who="examiner")
    for number in range(4):
        log.append("taken_in", {"sha256": f"{number:064x}", "files": number})
    with log.batch():
        for number in range(3):
            log.append("viewed", {"keys": ["aa", "bb"], "page": number})
    return folder
