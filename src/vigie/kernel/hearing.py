"""Listening to one child: strict decoding, deadline, cap on what it says, and the verdict at its end."""

from __future__ import annotations

import contextlib
import os
import select
import time
import typing as t

import msgspec

from vigie.kernel import verdict
from vigie.kernel.warden import Warden, ZygoteLost
from vigie.rows import framing, wire
from vigie.rows.control import UNSAFE_EXIT, Ended

if t.TYPE_CHECKING:
    from collections.abc import Generator

SUSPICIOUS: t.Final = frozenset({"crashed", "forbidden_syscall", "output_limit", "protocol"})


class Hearing:
    """The answer to one order, read from the child's pipe. ``replies`` is iterated once."""

    def __init__(
        self,
        warden: Warden,
        serial: int,
        pipe: int,
        *,
        decoder: msgspec.msgpack.Decoder[t.Any],
        wall_s: float,
        output_bytes: int,
        oom_kills: int,
    ) -> None:
        self._warden = warden
        self._serial = serial
        self._pipe = pipe
        self._decoder = decoder
        self._left_s = wall_s
        self._left_bytes = output_bytes
        self._oom_kills = oom_kills
        self._unpacker = framing.Unpacker(wire.MOST_REPLY_BYTES)
        self._ended: Ended | None = None
        self._open = True
        self._said = 0
        self._last: wire.Done | wire.Failed | None = None
        self.suspicious = False
        """Did it end as a hijacked reader would? Then its zygote should fork no more: they share an address layout."""

    def replies(self) -> Generator[wire.Reply, None, None]:
        """Yield what the child says, then one ``Done`` or ``Failed``; kills it when it goes wrong or is given up.

        Raises ``ZygoteLost``.
        """
        try:
            ours = yield from self._talk()
        finally:
            if self._ended is None:
                with contextlib.suppress(ZygoteLost):  # then the cell starts another one
                    self._ended = self._warden.stop(self._serial)
        if ours is None:
            yield self._of_end()
        else:
            self.suspicious = ours.code in SUSPICIOUS
            yield ours

    def _talk(self) -> Generator[wire.Reply, None, wire.Failed | None]:
        """Yield replies until pipe and child have ended, or until we end it, for the reason returned."""
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        poll.register(self._warden, select.POLLIN)
        while self._open or self._ended is None:
            began = time.monotonic()
            ready = poll.poll(max(0.0, self._left_s) * 1000)
            self._left_s -= time.monotonic() - began
            if not ready or self._left_s < 0:
                return wire.Failed(code="timeout", detail="no end before the deadline")
            for fd, _ in ready:
                if fd != self._pipe:
                    self._hear_zygote()
                    continue
                came = os.readv(self._pipe, self._unpacker.room())
                if not came:
                    self._open = False
                    poll.unregister(self._pipe)
                    continue
                self._left_bytes -= came
                if self._left_bytes < 0:
                    return wire.Failed(code="output_limit", detail="more was answered than is allowed")
                try:
                    yield from self._decode(came)
                except (framing.Malformed, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    return wire.Failed(code="protocol", detail=str(error)[:1000])
        return None

    def _decode(self, came: int) -> Generator[wire.Reply, None, None]:
        for body in self._unpacker.took(came):
            reply = self._decoder.decode(body)
            if self._last is not None:
                raise framing.Malformed("a reply after the last one")
            if isinstance(reply, wire.Done | wire.Failed):
                self._last = reply
            else:
                self._said += 1
                yield reply

    def _hear_zygote(self) -> None:
        word = self._warden.hear()
        if isinstance(word, Ended) and word.serial == self._serial:
            self._ended = word

    def _of_end(self) -> wire.Done | wire.Failed:
        if self._ended is None:
            raise ZygoteLost("it did not tell how its child ended")
        status = self._ended.status
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == UNSAFE_EXIT:
            raise ZygoteLost("a layer of the sandbox could not be put on")
        died = os.WIFSIGNALED(status)
        final = verdict.of_end(
            status,
            self._last,
            self._said,
            self._unpacker.unfinished,
            oom_killed=died and verdict.oom_kills() > self._oom_kills,
        )
        self.suspicious = (
            final.code in SUSPICIOUS and final is not self._last if isinstance(final, wire.Failed) else False
        )
        return final
