"""Codes of Problems: a closed list, each with what happened and what the examiner can do about it."""

CODES: dict[str, str] = {
    # the sandbox's verdicts
    "crashed": "The reader died on this input; likely hostile or broken. Look at it only with care, elsewhere.",
    "timeout": "Reading took longer than the deadline. Raise it in case.toml and run again if it matters.",
    "cpu_limit": "Reading used more CPU time than allowed. Raise the limit in case.toml if it matters.",
    "memory_limit": "Reading needed more memory than allowed. Raise the limit in case.toml if it matters.",
    "output_limit": "The reader answered more than its kind of input can. Likely hostile.",
    "forbidden_syscall": "The reader tried something no reader needs: likely an exploit. Preserve and report it.",
    "protocol": "The reader's answer was malformed: likely an exploit. Preserve and report it.",
    "worker_lost": "The sandbox was lost three times on this input. Run again; if it stays, report a bug.",
    # media and files
    "empty": "The file has no bytes.",
    "decode_error": "No decoder could read it, though its type is known. Damaged or cut off.",
    "truncated": "It ends too early.",
    "unrecognised": "Named like a picture, video or container, its bytes are none: damaged, encrypted or disguised.",
    "no_frames": "A video without a picture that could be decoded.",
    "too_large": "More pixels or bytes than the bounds allow. Raise them in case.toml if it matters.",
    "unsupported": "The format is known by name and not read by vigie. Export or convert its content first.",
    "changed": "Its bytes are not those that were taken in. Find out who writes to the evidence.",
    "missing": "It was taken in and is no longer there. Attach the evidence again.",
    "unreadable": "The operating system refused to read it. Check rights and the medium.",
    # folders
    "link": "A symbolic link; recorded, not followed.",
    "special": "A device, socket or pipe; recorded, not opened.",
    # containers
    "encrypted": "Encrypted, and no key given fits. Give one with `vigie run --key-file`.",
    "bad_checksum": "The container's own checksum does not fit the bytes. They are taken as they are.",
    "bomb": "It unfolds to more than the bounds allow. Nothing beyond the bound was read.",
    "too_deep": "Containers inside containers beyond the bound. Not opened further.",
    "traversal": "A member's name leaves the container. It is read; its name is kept as evidence only.",
    "duplicate_name": "Several members share this name. All are read; later ones are numbered.",
    "damaged": "The container's structure is broken here. What could be read was taken.",
    "count_differs": "The container says it holds another number of entries than were met. Look for what is missing.",
    "no_file_system": "A disk image or volume in which no known file system was found.",
    "segment_missing": "A segment of a split image is not there. Nothing of the image was read.",
    "hash_mismatch": "The image's content does not have the digest stored in it. It was changed or damaged.",
    "not_searched": "It may hold pictures, which vigie does not take out. Extract them with another tool and add them.",
    "appended": "An archive follows the picture in the same file and was not opened. Cut it off and add it by itself.",
    # dumps of databases
    "not_executed": "The dump would have done more here than lay rows into tables. It was read past, never executed.",
    "misfit": "Rows that have another number of values than their table has columns. They were left out and counted.",
    "unread": "A statement that writes rows in a way vigie does not read; they are missing. Look at it in the dump.",
    "no_table": "Rows of a table that the dump does not declare before. Look for the part of the dump that does.",
    "beside": "A part of this database lies in a file beside it, not read. How to merge a copy: docs/databases.md.",
    "charset": "Its text is not UTF-8 and was read by another character set; the detail says which.",
    "cut": "Values longer than vigie keeps of one were kept in part. Their rows name the place in the dump.",
    "bad_text": "Bytes that are no text in the dump's character set stand as \\xe9. The dump holds the original.",
    # databases of IP networks
    "bad_ranges": "No database of IP networks that vigie reads. Its forms: docs/countries.md.",
    "overlap": "Ranges of the database overlap. The narrowest holds; ask its maker if there are many.",
    # lists
    "bad_entry": "The entry does not fit its format; it was left out, the others loaded.",
    "no_scheme": "Categories without a declared scheme mean nothing. Give --scheme.",
    "bad_list": "The list cannot be read in this format. Give the right --format, or a --mapping (docs/lists.md).",
    "not_utf8": "Texts in the list are not UTF-8 and were read by a fallback. Hashes are not touched by it.",
    "unusable_hash": "A kind of hash that vigie cannot compute; kept out of the index and counted.",
}
