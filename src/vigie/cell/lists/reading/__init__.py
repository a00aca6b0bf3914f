"""What list formats share: lines, delimited records, JSON objects, digests and text, all bounded."""
