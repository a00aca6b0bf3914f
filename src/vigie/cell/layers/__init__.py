"""The layers of the sandbox, one file each, put on from the outside in; where the kernel lacks one it says so."""
