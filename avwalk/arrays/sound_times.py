"""Where the sound of a file lies in time: what its time stamps say, without their jitter."""

from __future__ import annotations

_SECONDS = 0.1  # gaps shorter than that are jitter of the time stamps, as for FFmpeg's resampler
_MOST = 3600.0  # a longer gap is no silence: the file's clock has begun anew


class SoundTimes:
    """Places pieces of sound one after the other; what is missing between two of them stays open.

    Players, too, go on without a gap where the times of two pieces do not quite meet, and where a file's clock jumps
    back, as after two recordings were strung together.

    Args:
        sample_rate: samples per second.
        begin: where the first piece lies, whatever its time; None: where its time says.
    """

    def __init__(self, sample_rate: int, begin: int | None = None) -> None:
        self.next = begin
        """The sample after the last piece; None: there was none."""
        self._least, self._most = round(_SECONDS * sample_rate), round(_MOST * sample_rate)
        self._shift: int | None = None

    def place(self, at: int | None, n: int) -> int:
        """The first sample of a piece.

        Args:
            at: what its time stamp says, in samples; None: nothing.
            n: its samples.
        """
        if self.next is None:
            self.next = at or 0
        if at is not None:
            if self._shift is None:
                self._shift = self.next - at
            gap = at + self._shift - self.next
            if self._least < gap <= self._most:
                self.next += gap
            elif abs(gap) > self._least:
                self._shift -= gap
        begin, self.next = self.next, self.next + n
        return begin
