"""Names of the hash-list formats that vigie reads, and what each is: for the command line's help and its checks.

The readers live in ``cell.lists``, which the house never imports; a test holds the two together.
"""

AUTO = "auto"
"""Not a format: the cell looks at the content and says in ``ListHead.format`` which one it took."""

LIST_FORMATS: dict[str, str] = {
    "vics": "VICS 1.x and 2.0 JSON (Project VIC, CAID, exports of forensic tools)",
    "nsrl": "NSRL RDS v3, SQLite (known benign software)",
    "nsrl-v2": "NSRL RDS v2, NSRLFile.txt (known benign software)",
    "threatexchange": "ThreatExchange indicators as CSV, JSON or JSON lines",
    "vpdq": "one video's vPDQ frame hashes, as text lines or the JSON list of python-threatexchange",
    "icse": "INTERPOL ICSE CSV, delimited by semicolons",
    "ncmec": "NCMEC Hash Sharing v2 XML",
    "checksums": "md5sum, sha1sum, sha256sum, BSD --tag lines, hashdeep CSV, or one digest a line",
    "mapped": "any CSV, TSV or JSON lines, read through a mapping file",
}
