"""The product's job for stills on a machine where the native library is not built: loaded into a zygote of its own."""

from vigie.numeric import native

native.NATIVE = None  # before anything chooses its loops

from vigie.cell.jobs.decode import JOB  # noqa: E402, F401 - the zygote reads it; the line above must come first
