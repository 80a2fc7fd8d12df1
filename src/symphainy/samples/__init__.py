"""Sample data: what the page offers behind "Try with sample data". `LICENSES.md` says where each file comes from."""

from symphainy.samples.catalogue import SAMPLES, Sample, SampleFile, find_sample

__all__ = ["SAMPLES", "Sample", "SampleFile", "find_sample"]
