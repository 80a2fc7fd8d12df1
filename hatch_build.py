import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildFrontEnd(BuildHookInterface[Any]):
    """Puts the built front end into wheels and source distributions; an editable install builds it with make."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version != "editable" and not (root / "src/symphainy/web/index.html").exists():
            for command in (["npm", "ci"], ["npm", "run", "build"]):
                subprocess.run(command, cwd=root / "symphainy-frontend", check=True)
