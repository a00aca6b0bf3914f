"""Build hook: compiles the native loops where there is a C compiler; without one numba does the work, slower."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("src/vigie/numeric/native")


class NativeLoops(BuildHookInterface):  # type: ignore[type-arg]  # hatchling is untyped where it is not installed
    """Builds the library into the source tree (editable installation) and takes it into a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before hatchling packs."""
        del version
        if self.target_name != "wheel":
            return
        spec = importlib.util.spec_from_file_location("vigie_native_build", Path(self.root) / FOLDER / "build.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(f"{FOLDER / 'build.py'} is missing from the source tree")
        build = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(build)
        library = Path(self.root) / FOLDER / build.LIBRARY
        if trouble := build.build(library):
            library.unlink(missing_ok=True)
            self.app.display_warning(f"vigie: native loops not built, near-duplicate search is slower: {trouble}")
            return
        build_data["artifacts"].append(str(FOLDER / build.LIBRARY))
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"  # no Python API in it: any Python 3 of this platform
