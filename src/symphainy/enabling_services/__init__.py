"""Enabling services: data in, data out. They read and measure files in child processes and know nothing of sessions.

Names are imported when they are used: a child process needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symphainy.enabling_services.child_process import ProgressCallback
    from symphainy.enabling_services.content.data_quality import DataQuality
    from symphainy.enabling_services.content.format_composer import FormatComposer
    from symphainy.enabling_services.data_analyzer import DataAnalyzer
    from symphainy.enabling_services.errors import ERROR_CODES, ServiceError
    from symphainy.enabling_services.file_metadata import FileMetadata
    from symphainy.enabling_services.file_parser import FileParser
    from symphainy.enabling_services.kinds import FileKind
    from symphainy.enabling_services.limits import Limits
    from symphainy.enabling_services.metadata_extractor import MetadataExtractor
    from symphainy.enabling_services.parsed_file import ParsedFile
    from symphainy.enabling_services.preview import Preview
    from symphainy.enabling_services.preview_builder import PreviewBuilder
    from symphainy.enabling_services.profile import Profile
    from symphainy.enabling_services.sniffing import sniff

__all__ = [
    "ERROR_CODES",
    "DataAnalyzer",
    "DataQuality",
    "FileKind",
    "FileMetadata",
    "FileParser",
    "FormatComposer",
    "Limits",
    "MetadataExtractor",
    "ParsedFile",
    "Preview",
    "PreviewBuilder",
    "Profile",
    "ProgressCallback",
    "ServiceError",
    "sniff",
]

_HOMES = {
    "DataAnalyzer": "data_analyzer",
    "DataQuality": "content.data_quality",
    "ERROR_CODES": "errors",
    "FileKind": "kinds",
    "FileMetadata": "file_metadata",
    "FileParser": "file_parser",
    "FormatComposer": "content.format_composer",
    "Limits": "limits",
    "MetadataExtractor": "metadata_extractor",
    "ParsedFile": "parsed_file",
    "Preview": "preview",
    "PreviewBuilder": "preview_builder",
    "Profile": "profile",
    "ProgressCallback": "child_process",
    "ServiceError": "errors",
    "sniff": "sniffing",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
