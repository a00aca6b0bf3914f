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
    "misfit": "Rows that do not fit the columns of their table, or make no sense. They were left out and counted.",
    "unread": "Rows or values written in a way that vigie does not read; they are missing. Look at them in the dump.",
    "no_table": "Rows of a table that the dump does not declare before. Look for the part of the dump that does.",
    "repeated": "A table comes again in one dump; a server would have replaced it. What both have counts once.",
    "beside": "A part of this database lies in a file beside it, not read. How to merge a copy: docs/databases.md.",
    "assumed": "How its rows are written is not told by the bytes alone; the detail says what was taken, and what not.",
    "charset": "Its text is not UTF-8 and was read by another character set; the detail says which.",
    "cut": "Values longer than vigie keeps of one were kept in part. Their rows name the place in the dump.",
    "bad_text": "Bytes that are no text in the dump's character set stand as \\xe9. The detail says what they may be.",
    "bad_value": "Values that are not what their column is read as: number, address, time. Their fields are empty.",
    # databases of IP networks
    "bad_ranges": "No database of IP networks that vigie reads. Its forms: docs/countries.md.",
    "overlap": "Ranges of the database overlap. The narrowest holds; ask its maker if there are many.",
    "multiplied": "Rows name so many others, and are so large, that a rule made none of them. Read them in the dump.",
    "crowded": "One value holds more that looks like an identifier than is looked at. Look at it in the dump.",
    "sealed": "Private keys or seeds were met where no key could seal them; they were left out. Run it in a case.",
<<<<<<< HEAD
    # tags
    "bad_pack": "No file of tags or actors that vigie reads; nothing of it was taken. Its forms: docs/money.md.",
=======
    # the chain
    "no_blocks": "No block was found in it. Another network's, or another key's: give the xor.dat that lies beside it.",
    "bad_block": "The block breaks a rule that every node checks, as the detail says. It was left out.",
    "bad_undo": "The undo record of a block does not fit it. The block was taken without it.",
    "gap": "Bytes in a file of blocks that are no record; a node that was killed leaves such. Read on behind them.",
>>>>>>> fb05cc0dc1fafcdb537dee83dd5fffc316177f52
    # lists
    "bad_entry": "The entry does not fit its format; it was left out, the others loaded.",
    "no_scheme": "Categories without a declared scheme mean nothing. Give --scheme.",
    "bad_list": "The list cannot be read in this format. Give the right --format, or a --mapping (docs/lists.md).",
    "not_utf8": "Texts in the list are not UTF-8 and were read by a fallback. Hashes are not touched by it.",
    "unusable_hash": "A kind of hash that vigie cannot compute; kept out of the index and counted.",
}
